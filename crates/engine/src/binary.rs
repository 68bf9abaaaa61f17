//! Operators with two operands: numbers, series with a number, series with series.
//!
//! Series of both sides find each other by a signature (the labels of `on`, or all but those of
//! `ignoring`). The table of who meets whom is made once; steps then run over slices.

mod fill;
mod histogram;

use crate::eval::Evaluator;
use crate::keys::Keys;
use crate::limits::EvalError;
use crate::value::{Column, Eval, GAP, Point, is_metadata, merge_equal};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use histogram::{Outcome, Remarks};
use model::{Labels, LabelsBuilder, METRIC_NAME, is_stale};
use promql::Span;
use promql::ast::{Binary, BinaryOp, Cardinality, VectorMatching};

pub(crate) fn eval(evaluator: &mut Evaluator<'_>, binary: &Binary) -> Result<Eval, EvalError> {
    let lhs = evaluator.eval(&binary.lhs)?;
    let rhs = evaluator.eval(&binary.rhs)?;
    Ok(match (lhs, rhs) {
        (Eval::Scalar(mut a), Eval::Scalar(b)) => {
            for (a, b) in a.iter_mut().zip(b) {
                *a = if binary.op.is_comparison() {
                    f64::from(compare(binary.op, *a, b))
                } else {
                    arithmetic(binary.op, *a, b)
                };
            }
            Eval::Scalar(a)
        }
        (Eval::Vector(columns), Eval::Scalar(b)) => Eval::Vector(with_scalar(evaluator, binary, columns, &b, false)),
        (Eval::Scalar(a), Eval::Vector(columns)) => Eval::Vector(with_scalar(evaluator, binary, columns, &a, true)),
        (Eval::Vector(mut lhs), Eval::Vector(mut rhs)) => {
            if binary.matching.fill_left.is_some() || binary.matching.fill_right.is_some() {
                fill::fill(binary.op, &binary.matching, &mut lhs, &mut rhs);
                evaluator.check_size(lhs.len() + rhs.len(), binary.span)?;
            }
            evaluator.count((lhs.len() + rhs.len()) * evaluator.grid.len, binary.span)?;
            Eval::Vector(match binary.op {
                BinaryOp::And => set_and(lhs, &rhs, &binary.matching, true),
                BinaryOp::Unless => set_and(lhs, &rhs, &binary.matching, false),
                BinaryOp::Or => set_or(lhs, rhs, &binary.matching),
                _ => join(evaluator, binary, &lhs, &rhs)?,
            })
        }
        _ => return Err(EvalError::invalid(binary.span, "a text is no operand")),
    })
}

/// Whether the result is another metric than the operand: not what a comparison lets pass, nor a histogram that is cut.
fn changes_metric(op: BinaryOp) -> bool {
    !op.is_comparison() && !op.is_trim()
}

#[inline]
fn arithmetic(op: BinaryOp, a: f64, b: f64) -> f64 {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::Mod => a % b,
        BinaryOp::Pow => libm::pow(a, b),
        BinaryOp::Atan2 => libm::atan2(a, b),
        // Comparisons and set operators do not come here.
        _ => f64::NAN,
    }
}

#[inline]
fn compare(op: BinaryOp, a: f64, b: f64) -> bool {
    match op {
        BinaryOp::Eq => a == b,
        BinaryOp::Ne => a != b,
        BinaryOp::Lt => a < b,
        BinaryOp::Le => a <= b,
        BinaryOp::Gt => a > b,
        BinaryOp::Ge => a >= b,
        _ => false,
    }
}

/// The value of a pair; `kept` is what a comparison without `bool` keeps.
#[inline]
fn pair(op: BinaryOp, return_bool: bool, a: f64, b: f64, kept: f64) -> f64 {
    if !op.is_comparison() {
        return arithmetic(op, a, b);
    }
    let holds = compare(op, a, b);
    if return_bool {
        f64::from(holds)
    } else if holds {
        kept
    } else {
        GAP
    }
}

fn with_scalar(
    evaluator: &mut Evaluator<'_>,
    binary: &Binary,
    mut columns: Vec<Column>,
    scalar: &[f64],
    swapped: bool,
) -> Vec<Column> {
    let Binary { op, return_bool, .. } = *binary;
    let mut remarks = Remarks::default();
    for (column_idx, column) in columns.iter_mut().enumerate() {
        column.drop_name |= changes_metric(op) || return_bool;
        if column.hs.is_none() && !op.is_trim() {
            for (v, &s) in column.vs.iter_mut().zip(scalar) {
                if !is_stale(*v) {
                    *v = if swapped { pair(op, return_bool, s, *v, *v) } else { pair(op, return_bool, *v, s, *v) };
                }
            }
            continue;
        }
        for (step_idx, &s) in scalar.iter().enumerate() {
            let Some(point) = column.point(step_idx) else { continue };
            column.unset(step_idx);
            let number = Point::Float(s);
            let (a, b) = if swapped { (&number, &point) } else { (&point, &number) };
            let (outcome, remark) = histogram::pair(op, a, b);
            remarks.put(step_idx, column_idx, remark);
            let result = match outcome {
                Some(Outcome::Value(result)) => Some(result),
                Some(Outcome::Holds(holds)) if return_bool => Some(Point::Float(f64::from(holds))),
                // A comparison keeps the series' value, on whichever side it stands.
                Some(Outcome::Holds(true)) => Some(point),
                _ => None,
            };
            if let Some(result) = result {
                column.set(step_idx, result);
            }
        }
    }
    remarks.say(&mut evaluator.annotations, binary);
    columns.retain(|c| !c.is_blank());
    columns
}

/// Whether a label is part of what series are matched by. Type and unit are, unlike the name: as in Prometheus.
fn is_matched(matching: &VectorMatching, name: &str) -> bool {
    let is_listed = matching.labels.iter().any(|l| l == name);
    if matching.on { is_listed } else { !is_listed && name != METRIC_NAME }
}

/// Series of both sides by signature.
#[derive(Default)]
struct Pairing {
    lhs: Vec<usize>,
    rhs: Vec<usize>,
}

/// The groups of series that meet, in the order in which they first occur.
fn pairings(lhs: &[Column], rhs: &[Column], matching: &VectorMatching) -> Vec<(Labels, Pairing)> {
    let mut keys = Keys::default();
    let mut groups: Vec<Pairing> = Vec::new();
    for (side, columns) in [(0, lhs), (1, rhs)] {
        for (idx, column) in columns.iter().enumerate() {
            let number = keys.number(&column.labels, |name| is_matched(matching, name));
            if number == groups.len() {
                groups.push(Pairing::default());
            }
            let pairing = &mut groups[number];
            if side == 0 { pairing.lhs.push(idx) } else { pairing.rhs.push(idx) }
        }
    }
    keys.into_labels().into_iter().zip(groups).collect()
}

/// `and` and `unless`: the left side's values at steps where the right side has (or has not) a match.
fn set_and(mut lhs: Vec<Column>, rhs: &[Column], matching: &VectorMatching, wanted: bool) -> Vec<Column> {
    for (_, pairing) in pairings(&lhs, rhs, matching) {
        for &l in &pairing.lhs {
            for step_idx in 0..lhs[l].vs.len() {
                let matched = pairing.rhs.iter().any(|&r| rhs[r].has(step_idx));
                if matched != wanted {
                    lhs[l].unset(step_idx);
                }
            }
        }
    }
    lhs.retain(|c| !c.is_blank());
    lhs
}

/// `or`: the left side, and of the right side what has no match on the left at that step.
fn set_or(mut lhs: Vec<Column>, mut rhs: Vec<Column>, matching: &VectorMatching) -> Vec<Column> {
    for (_, pairing) in pairings(&lhs, &rhs, matching) {
        for &r in &pairing.rhs {
            for step_idx in 0..rhs[r].vs.len() {
                if pairing.lhs.iter().any(|&l| lhs[l].has(step_idx)) {
                    rhs[r].unset(step_idx);
                }
            }
        }
    }
    // The same series may stand on both sides, at different steps.
    let by_labels: HashMap<Labels, usize, FixedState> =
        lhs.iter().enumerate().map(|(idx, c)| (c.labels.clone(), idx)).collect();
    for column in rhs {
        if column.is_blank() {
            continue;
        }
        match by_labels.get(&column.labels) {
            Some(&idx) if (0..column.vs.len()).all(|step_idx| !lhs[idx].has(step_idx) || !column.has(step_idx)) => {
                // Whether the name goes is said by what is there first.
                let first = |c: &Column| (0..c.vs.len()).find(|&step_idx| c.has(step_idx)).unwrap_or(usize::MAX);
                if first(&column) < first(&lhs[idx]) {
                    lhs[idx].drop_name = column.drop_name;
                }
                for step_idx in 0..column.vs.len() {
                    if let Some(point) = column.point(step_idx) {
                        lhs[idx].set(step_idx, point);
                    }
                }
            }
            _ => lhs.push(column),
        }
    }
    lhs
}

/// Arithmetic and comparison between series.
fn join(
    evaluator: &mut Evaluator<'_>,
    binary: &Binary,
    lhs: &[Column],
    rhs: &[Column],
) -> Result<Vec<Column>, EvalError> {
    let matching = &binary.matching;
    // "Many" is the side that may have several series for one of the other.
    let many_is_right = matching.cardinality == Cardinality::OneToMany;
    let n_steps = lhs.first().or(rhs.first()).map_or(0, |c| c.vs.len());
    let n_many = if many_is_right { rhs.len() } else { lhs.len() };
    let by_labels = HashMap::default();
    let (out, met) = (Vec::with_capacity(n_many), Vec::new());
    let mut joined = Joined { binary, remarks: Remarks::default(), out, by_labels, met, n_steps };
    let mut n_groups = 0;
    let groups = pairings(lhs, rhs, matching);
    let (many_columns, one_columns) = if many_is_right { (rhs, lhs) } else { (lhs, rhs) };
    for (key, pairing) in &groups {
        // The "one" side must not be ambiguous at any step, even where this group of the other side has nothing to
        // match; only if that side is empty as a whole, nobody looks.
        let one = if many_is_right { &pairing.lhs } else { &pairing.rhs };
        if one.len() > 1
            && let Some((a, b)) = overlap(one_columns, one, many_columns)
        {
            let (a, b) = if b.labels < a.labels { (b, a) } else { (a, b) };
            let side = if many_is_right { "left" } else { "right" };
            let message = format!(
                "found duplicate series for the match group {key} on the {side} hand-side of the operation: [{}, {}];many-to-many matching not allowed: matching labels must be unique on one side",
                braces(&a.labels),
                braces(&b.labels),
                key = braces(key),
            );
            return Err(EvalError::invalid(binary.op_span, message));
        }
    }
    for (_, pairing) in &groups {
        let (many, one) = if many_is_right { (&pairing.rhs, &pairing.lhs) } else { (&pairing.lhs, &pairing.rhs) };
        // One to one means so at every step, also where a comparison drops one of the two.
        if matching.cardinality == Cardinality::OneToOne
            && many.len() > 1
            && one.iter().any(|&o| ambiguous(binary.op, many_columns, many, &one_columns[o]))
        {
            return Err(duplicate_result(binary, binary.op_span));
        }
        if many.is_empty() || one.is_empty() {
            continue;
        }
        n_groups += 1;
        joined.met.clear();
        joined.by_labels.clear();
        for &m in many {
            for &o in one {
                joined.add(m, &many_columns[m], &one_columns[o], many_is_right)?;
            }
        }
    }
    joined.remarks.say(&mut evaluator.annotations, binary);
    joined.out.retain(|c| !c.is_blank());
    // Results of different groups may be equal if the name was all that told them apart. In an instant query that is
    // no matter until the end.
    if n_groups > 1 && evaluator.grid.len > 1 { merge_equal(joined.out, binary.span) } else { Ok(joined.out) }
}

/// Two of the columns that both have a value at some step at which the other side has one too.
fn overlap<'a>(columns: &'a [Column], members: &[usize], others: &[Column]) -> Option<(&'a Column, &'a Column)> {
    let n_steps = members.first().map_or(0, |&m| columns[m].vs.len());
    for step_idx in 0..n_steps {
        let mut present = members.iter().map(|&m| &columns[m]).filter(|c| c.has(step_idx));
        if let (Some(a), Some(b)) = (present.next(), present.next())
            && others.iter().any(|c| c.has(step_idx))
        {
            return Some((a, b));
        }
    }
    None
}

/// Whether two of the columns meet the other one at a step.
fn ambiguous(op: BinaryOp, columns: &[Column], members: &[usize], other: &Column) -> bool {
    (0..other.vs.len()).any(|step_idx| {
        other.has(step_idx) && members.iter().filter(|&&m| meet(op, &columns[m], other, step_idx)).nth(1).is_some()
    })
}

/// Whether two series match at a step: both have a value there, of kinds that the operator knows.
#[inline]
fn meet(op: BinaryOp, a: &Column, b: &Column, step_idx: usize) -> bool {
    let both_floats = !is_stale(a.vs[step_idx]) && !is_stale(b.vs[step_idx]);
    if both_floats {
        return !op.is_trim();
    }
    a.has(step_idx) && b.has(step_idx) && histogram::is_known(op, is_stale(a.vs[step_idx]), is_stale(b.vs[step_idx]))
}

struct Joined<'a> {
    binary: &'a Binary,
    remarks: Remarks,
    out: Vec<Column>,
    /// Results of the current group.
    by_labels: HashMap<Labels, usize, FixedState>,
    /// Pairs of the current group that a comparison filters, with the index of their result.
    met: Vec<(usize, &'a Column, &'a Column)>,
    n_steps: usize,
}

impl<'a> Joined<'a> {
    /// Combines two series that match, at the steps at which both have a value.
    fn add(&mut self, place: usize, many: &'a Column, one: &'a Column, swapped: bool) -> Result<(), EvalError> {
        let Binary { op, return_bool, op_span, .. } = *self.binary;
        let both = |step_idx: usize| many.has(step_idx) && one.has(step_idx);
        if !(0..self.n_steps).any(both) {
            return Ok(());
        }
        let (labels, drop_name) = self.result_labels(many, one);
        let n_before = self.out.len();
        let idx = *self.by_labels.entry(labels).or_insert_with_key(|labels| {
            self.out.push(Column::blank(labels.clone(), drop_name, self.n_steps));
            self.out.len() - 1
        });
        if op.is_comparison() && !return_bool {
            // A result must be unique even where the comparison drops all but one of its pairs.
            let both_before = |step_idx: usize, (_, m, o): &(usize, &Column, &Column)| {
                meet(op, many, one, step_idx) && meet(op, m, o, step_idx)
            };
            let mut same = self.met.iter().filter(|(other, _, _)| *other == idx);
            let is_new = idx == n_before;
            if !is_new && same.any(|pair| (0..self.n_steps).any(|step_idx| both_before(step_idx, pair))) {
                return Err(duplicate_result(self.binary, op_span));
            }
            self.met.push((idx, many, one));
        }
        if !many.hs.is_none() || !one.hs.is_none() || op.is_trim() {
            return self.add_points((place, idx), many, one, swapped);
        }
        for (step_idx, slot) in self.out[idx].vs.iter_mut().enumerate() {
            if !both(step_idx) {
                continue;
            }
            let (m, o) = (many.vs[step_idx], one.vs[step_idx]);
            let v = if swapped { pair(op, return_bool, o, m, o) } else { pair(op, return_bool, m, o, m) };
            if is_stale(v) {
                continue;
            }
            if !is_stale(*slot) {
                return Err(duplicate_result(self.binary, op_span));
            }
            *slot = v;
        }
        Ok(())
    }

    /// The same for series with native histograms.
    fn add_points(
        &mut self,
        (place, idx): (usize, usize),
        many: &Column,
        one: &Column,
        swapped: bool,
    ) -> Result<(), EvalError> {
        let Binary { op, return_bool, op_span, .. } = *self.binary;
        for step_idx in 0..self.n_steps {
            let (Some(m), Some(o)) = (many.point(step_idx), one.point(step_idx)) else { continue };
            let (a, b) = if swapped { (o, m) } else { (m, o) };
            let (outcome, remark) = histogram::pair(op, &a, &b);
            self.remarks.put(step_idx, place, remark);
            let result = match outcome {
                Some(Outcome::Value(result)) => result,
                Some(Outcome::Holds(holds)) if return_bool => Point::Float(f64::from(holds)),
                Some(Outcome::Holds(true)) => a,
                _ => continue,
            };
            if self.out[idx].has(step_idx) {
                return Err(duplicate_result(self.binary, op_span));
            }
            self.out[idx].set(step_idx, result);
        }
        Ok(())
    }

    /// The labels of the result: those of the "many" side, or the matching ones; plus those a group clause
    /// takes from the "one" side. Whether its name goes has nothing to do with the operands: what a comparison lets pass
    /// keeps a name that was about to go, as in Prometheus.
    fn result_labels(&self, many: &Column, one: &Column) -> (Labels, bool) {
        let matching = &self.binary.matching;
        let drop_name = self.binary.return_bool;
        // A sum is another metric: its name is gone at once, unlike that of a function's result.
        let is_other_metric = changes_metric(self.binary.op);
        let own = many.labels.only(|name| {
            let is_listed = matching.labels.iter().any(|l| l == name);
            let is_kept = matching.cardinality != Cardinality::OneToOne || is_listed == matching.on;
            is_kept && !(is_other_metric && is_metadata(name))
        });
        if matching.include.is_empty() {
            return (own, drop_name);
        }
        let mut builder = LabelsBuilder::from_labels(&own);
        for name in &matching.include {
            builder.set(name, one.labels.get(name).unwrap_or(""));
        }
        (builder.labels(), drop_name)
    }
}

fn duplicate_result(binary: &Binary, span: Span) -> EvalError {
    let message = if binary.matching.cardinality == Cardinality::OneToOne {
        "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
    } else {
        "multiple matches for labels: grouping labels must ensure unique matches"
    };
    EvalError::invalid(span, message)
}

/// All labels in braces, the name as a label: as Prometheus writes series in these messages.
pub(crate) fn braces(labels: &Labels) -> String {
    let pairs: Vec<String> = labels.iter().map(|(n, v)| format!("{n}={}", model::quote(v))).collect();
    format!("{{{}}}", pairs.join(", "))
}
