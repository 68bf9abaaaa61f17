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

/// Where an operator says what it could not do.
pub(super) struct Remarks<'a> {
    annotations: &'a mut Annotations,
    binary: &'a Binary,
    /// Both sides are series: a number beside a series gets fewer remarks, as in Prometheus.
    between_series: bool,
}

impl<'a> Remarks<'a> {
    pub(super) fn new(annotations: &'a mut Annotations, binary: &'a Binary, between_series: bool) -> Self {
        Remarks { annotations, binary, between_series }
    }

    fn incompatible_types(&mut self, op: BinaryOp, lhs: &str, rhs: &str) {
        let op = op.as_str();
        let message = format!("incompatible sample types encountered for binary operator {op:?}: {lhs} {op} {rhs}");
        self.annotations.info(self.binary.span, message);
    }

    fn incompatible_buckets(&mut self, op: BinaryOp) {
        let message = format!("incompatible bucket layout encountered for binary operator {}", op.as_str());
        self.annotations.warn(self.binary.span, message);
    }

    fn combined(&mut self, combined: Combined, what: &str) {
        if !self.between_series {
            return;
        }
        if combined.counter_reset_collision {
            let message = format!("conflicting counter resets during histogram {what}");
            self.annotations.warn(self.binary.span, message);
        }
        if combined.bounds_reconciled {
            let message = format!("mismatched custom buckets were reconciled during {what}");
            self.annotations.info(self.binary.span, message);
        }
    }
}

/// Applies an operator; `None`, with a remark, where it has no meaning for these kinds of values.
pub(super) fn pair(op: BinaryOp, a: &Point, b: &Point, remarks: &mut Remarks<'_>) -> Option<Outcome> {
    use BinaryOp as B;
    match (a, b) {
        (Point::Float(a), Point::Float(b)) => match op {
            B::TrimLower | B::TrimUpper => {
                remarks.incompatible_types(op, "float", "float");
                None
            }
            _ if op.is_comparison() => Some(Outcome::Holds(compare(op, *a, *b))),
            _ => Some(Outcome::Value(Point::Float(arithmetic(op, *a, *b)))),
        },
        (Point::Float(a), Point::Histogram(h)) => match op {
            B::Mul => changed(h, |h| h.mul(*a)),
            _ => {
                remarks.incompatible_types(op, "float", "histogram");
                None
            }
        },
        (Point::Histogram(h), Point::Float(b)) => match op {
            B::Mul => changed(h, |h| h.mul(*b)),
            B::Div => changed(h, |h| h.div(*b)),
            B::TrimUpper => changed(h, |h| *h = h.trim_upper(*b)),
            B::TrimLower => changed(h, |h| *h = h.trim_lower(*b)),
            _ => {
                remarks.incompatible_types(op, "histogram", "float");
                None
            }
        },
        (Point::Histogram(a), Point::Histogram(b)) => match op {
            B::Add => sum(a, b, op, remarks, "addition", Histogram::add),
            B::Sub => sum(a, b, op, remarks, "subtraction", |a, b| {
                let combined = a.sub(b)?;
                a.counter_reset_hint = CounterResetHint::Gauge;
                Ok(combined)
            }),
            B::Eq => Some(Outcome::Holds(a.equals(b))),
            B::Ne => Some(Outcome::Holds(!a.equals(b))),
            _ => {
                remarks.incompatible_types(op, "histogram", "histogram");
                None
            }
        },
    }
}

fn changed(h: &Histogram, change: impl FnOnce(&mut Histogram)) -> Option<Outcome> {
    let mut h = h.clone();
    change(&mut h);
    h.compact();
    Some(Outcome::Value(Point::Histogram(Arc::new(h))))
}

fn sum(
    a: &Histogram,
    b: &Histogram,
    op: BinaryOp,
    remarks: &mut Remarks<'_>,
    what: &str,
    combine: impl FnOnce(&mut Histogram, &Histogram) -> Result<Combined, HistogramError>,
) -> Option<Outcome> {
    let mut out = a.clone();
    match combine(&mut out, b) {
        Ok(combined) => {
            remarks.combined(combined, what);
            out.compact();
            Some(Outcome::Value(Point::Histogram(Arc::new(out))))
        }
        Err(_) => {
            remarks.incompatible_buckets(op);
            None
        }
    }
}
