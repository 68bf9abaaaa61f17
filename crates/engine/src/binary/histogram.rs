//! Operators where a native histogram stands on one side or on both.

use super::{arithmetic, compare};
use crate::annotations::Annotations;
use crate::value::Point;
use model::histogram::{Combined, HistogramError};
use model::{CounterResetHint, Histogram};
use promql::ast::{Binary, BinaryOp};
use std::sync::Arc;

/// What an operator gives for two values that it can be applied to.
pub(super) enum Outcome {
    /// A value.
    Value(Point),
    /// Whether a comparison holds.
    Holds(bool),
}

/// What there is to say about a pair.
#[derive(Clone, Copy, Debug)]
pub(super) enum Remark {
    /// The operator has no meaning for these kinds of values; whether each is a histogram.
    Types(bool, bool),
    /// Buckets that cannot be brought together.
    Layout,
    /// One counter was reset and the other was not.
    Collision,
    /// Custom bounds were brought together.
    Reconciled,
}

/// What is said at each step: only what is said about the last series there, as in Prometheus.
#[derive(Default)]
pub(super) struct Remarks(Vec<Option<(usize, Remark)>>);

impl Remarks {
    /// Notes a remark about the series at a place.
    pub(super) fn put(&mut self, step_idx: usize, place: usize, remark: Option<Remark>) {
        let Some(remark) = remark else { return };
        if self.0.len() <= step_idx {
            self.0.resize(step_idx + 1, None);
        }
        let slot = &mut self.0[step_idx];
        if slot.is_none_or(|(other, _)| other <= place) {
            *slot = Some((place, remark));
        }
    }

    /// Says what was noted.
    pub(super) fn say(&self, annotations: &mut Annotations, binary: &Binary) {
        let (op, span) = (binary.op.as_str(), binary.span);
        let what = if binary.op == BinaryOp::Add { "addition" } else { "subtraction" };
        for (_, remark) in self.0.iter().flatten() {
            match *remark {
                Remark::Types(lhs, rhs) => {
                    let kind = |is_histogram| if is_histogram { "histogram" } else { "float" };
                    let (lhs, rhs) = (kind(lhs), kind(rhs));
                    let message =
                        format!("incompatible sample types encountered for binary operator {op:?}: {lhs} {op} {rhs}");
                    annotations.info(span, message);
                }
                Remark::Layout => {
                    annotations.warn(span, format!("incompatible bucket layout encountered for binary operator {op}"));
                }
                Remark::Collision => {
                    annotations.warn(span, format!("conflicting counter resets during histogram {what}"));
                }
                Remark::Reconciled => {
                    annotations.info(span, format!("mismatched custom buckets were reconciled during {what}"));
                }
            }
        }
    }
}

/// Whether an operator has a meaning for these kinds of values.
pub(super) fn is_known(op: BinaryOp, lhs_is_histogram: bool, rhs_is_histogram: bool) -> bool {
    use BinaryOp as B;
    match (lhs_is_histogram, rhs_is_histogram) {
        (true, true) => matches!(op, B::Add | B::Sub | B::Eq | B::Ne),
        (true, false) => matches!(op, B::Mul | B::Div | B::TrimLower | B::TrimUpper),
        (false, true) => op == B::Mul,
        (false, false) => !op.is_trim(),
    }
}

/// Applies an operator; no outcome, but a remark, where it has no meaning for these kinds of values.
pub(super) fn pair(op: BinaryOp, a: &Point, b: &Point) -> (Option<Outcome>, Option<Remark>) {
    use BinaryOp as B;
    let outcome = match (a, b) {
        (Point::Float(a), Point::Float(b)) => match op {
            B::TrimLower | B::TrimUpper => return (None, Some(Remark::Types(false, false))),
            _ if op.is_comparison() => Outcome::Holds(compare(op, *a, *b)),
            _ => Outcome::Value(Point::Float(arithmetic(op, *a, *b))),
        },
        (Point::Float(a), Point::Histogram(h)) => match op {
            B::Mul => changed(h, |h| h.mul(*a)),
            _ => return (None, Some(Remark::Types(false, true))),
        },
        (Point::Histogram(h), Point::Float(b)) => match op {
            B::Mul => changed(h, |h| h.mul(*b)),
            B::Div => changed(h, |h| h.div(*b)),
            B::TrimUpper => changed(h, |h| *h = h.trim_upper(*b)),
            B::TrimLower => changed(h, |h| *h = h.trim_lower(*b)),
            _ => return (None, Some(Remark::Types(true, false))),
        },
        (Point::Histogram(a), Point::Histogram(b)) => match op {
            B::Add => return sum(a, b, Histogram::add),
            B::Sub => {
                return sum(a, b, |a, b| {
                    let combined = a.sub(b)?;
                    a.counter_reset_hint = CounterResetHint::Gauge;
                    Ok(combined)
                });
            }
            B::Eq => Outcome::Holds(a.equals(b)),
            B::Ne => Outcome::Holds(!a.equals(b)),
            _ => return (None, Some(Remark::Types(true, true))),
        },
    };
    (Some(outcome), None)
}

fn changed(h: &Histogram, change: impl FnOnce(&mut Histogram)) -> Outcome {
    let mut h = h.clone();
    change(&mut h);
    h.compact();
    Outcome::Value(Point::Histogram(Arc::new(h)))
}

fn sum(
    a: &Histogram,
    b: &Histogram,
    combine: impl FnOnce(&mut Histogram, &Histogram) -> Result<Combined, HistogramError>,
) -> (Option<Outcome>, Option<Remark>) {
    let mut out = a.clone();
    let Ok(combined) = combine(&mut out, b) else { return (None, Some(Remark::Layout)) };
    // Prometheus warns of the contradiction and then leaves the pair out.
    if combined.counter_reset_collision {
        return (None, Some(Remark::Collision));
    }
    out.compact();
    let remark = combined.bounds_reconciled.then_some(Remark::Reconciled);
    (Some(Outcome::Value(Point::Histogram(Arc::new(out)))), remark)
}
