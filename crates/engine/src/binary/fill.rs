//! `fill`, `fill_left`, `fill_right`: series that stand in where one side has no match for the other.

use super::{meet, pairings};
use crate::value::Column;
use model::Labels;
use promql::ast::{BinaryOp, Cardinality, VectorMatching};

/// Adds series of the fill values to both sides, so that the join after it finds a partner at every step that is to be
/// filled. Such a series has the labels that are matched by, and no name.
pub(super) fn fill(op: BinaryOp, matching: &VectorMatching, lhs: &mut Vec<Column>, rhs: &mut Vec<Column>) {
    // As in Prometheus, `fill_left` goes to the side that may have several series and `fill_right` to the other one, also
    // where `group_right` swaps them.
    let many_is_right = matching.cardinality == Cardinality::OneToMany;
    let groups = pairings(lhs, rhs, matching);
    let (many_side, one_side) = if many_is_right { (rhs, lhs) } else { (lhs, rhs) };
    for (labels, pairing) in groups {
        let (many, one) = if many_is_right { (pairing.rhs, pairing.lhs) } else { (pairing.lhs, pairing.rhs) };
        let is_there = |_: &Column, partner: &Column, step_idx: usize| partner.has(step_idx);
        // A partner of a kind that the operator does not know is none, but on this side only: as in Prometheus.
        let is_match = |one: &Column, many: &Column, step_idx: usize| {
            if many_is_right { meet(op, one, many, step_idx) } else { meet(op, many, one, step_idx) }
        };
        let for_one =
            matching.fill_right.and_then(|v| stand_in(&labels, v, (many_side, &many), (one_side, &one), is_there));
        let for_many =
            matching.fill_left.and_then(|v| stand_in(&labels, v, (one_side, &one), (many_side, &many), is_match));
        one_side.extend(for_one);
        many_side.extend(for_many);
    }
}

/// A series of the value at steps at which some series of the one side has no partner on the other.
fn stand_in(
    labels: &Labels,
    value: f64,
    (present, members): (&[Column], &[usize]),
    (missing, partners): (&[Column], &[usize]),
    is_partner: impl Fn(&Column, &Column, usize) -> bool,
) -> Option<Column> {
    let n_steps = present[*members.first()?].vs.len();
    let mut column = Column::blank(labels.clone(), false, n_steps);
    for step_idx in 0..n_steps {
        let mut there = members.iter().map(|&m| &present[m]).filter(|c| c.has(step_idx)).peekable();
        let is_alone = |c: &Column| !partners.iter().any(|&p| is_partner(c, &missing[p], step_idx));
        if there.peek().is_some() && there.all(is_alone) {
            column.vs[step_idx] = value;
        }
    }
    (!column.is_blank()).then_some(column)
}
