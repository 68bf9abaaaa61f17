//! Why an older Prometheus answers otherwise: the naive evaluator, told to do as that version does, gives its answer.

use crate::compare::{Closeness, Outcome, differences};
use crate::data::Dataset;
use crate::naive;
use crate::queries::Question;
use crate::rules::{Difference, Rules, SINCE_2_42};
use promql::ast::Expr;

/// The differences between versions without which `theirs` would be our answer; `None` if they do not explain it.
///
/// One that explains it alone is preferred; else as few as are needed together.
#[must_use]
pub fn explain(
    data: &Dataset,
    expr: &Expr,
    question: &Question,
    theirs: &Outcome,
    closeness: Closeness,
) -> Option<Vec<&'static Difference>> {
    let explains = |chosen: &[&'static Difference]| {
        let mut rules = Rules::CURRENT;
        chosen.iter().for_each(|difference| (difference.apply)(&mut rules));
        let naive = naive::evaluate(&data.series, expr, question.grid, question.as_range, rules);
        differences(theirs, &naive, closeness).is_empty()
    };
    if let Some(one) = SINCE_2_42.iter().find(|one| explains(&[one])) {
        return Some(vec![one]);
    }
    let mut chosen: Vec<&'static Difference> = SINCE_2_42.iter().collect();
    if !explains(&chosen) {
        return None;
    }
    for one in SINCE_2_42 {
        let fewer: Vec<_> = chosen.iter().copied().filter(|other| other.name != one.name).collect();
        if explains(&fewer) {
            chosen = fewer;
        }
    }
    Some(chosen)
}
