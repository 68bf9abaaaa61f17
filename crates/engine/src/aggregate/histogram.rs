//! Aggregations of groups that hold native histograms: sums and means of them, and what other aggregations do with them.

use crate::annotations::Annotations;
use crate::value::{Column, Point};
use model::histogram::{Combined, HistogramError, HistogramMean, KahanHistogram};
use model::{CounterResetHint, Histogram, quote};
use promql::ast::Aggregate;
use promql::functions::Aggregation;
use std::sync::Arc;

/// The value of a group at a step at which at least one member may be a histogram. `floats` is scratch space.
pub(super) fn combine(
    aggregate: &Aggregate,
    annotations: &mut Annotations,
    members: &[&Column],
    step_idx: usize,
    floats: &mut Vec<f64>,
    of_floats: impl FnOnce(&mut [f64]) -> f64,
) -> Option<Point> {
    floats.clear();
    match aggregate.op {
        Aggregation::Count | Aggregation::Group => {
            let n = members.iter().filter(|c| c.has(step_idx)).count();
            let v = if aggregate.op == Aggregation::Count { n as f64 } else { 1.0 };
            (n > 0).then_some(Point::Float(v))
        }
        Aggregation::Sum | Aggregation::Avg => {
            let mut sum = Running { aggregate, annotations, mean: aggregate.op == Aggregation::Avg, state: None };
            let (mut reset, mut no_reset, mut has_histogram, mut compatible) = (false, false, false, true);
            for column in members {
                match column.point(step_idx) {
                    None => {}
                    Some(Point::Float(v)) => floats.push(v),
                    Some(Point::Histogram(h)) => {
                        let is_first = !std::mem::replace(&mut has_histogram, true);
                        if is_first && !floats.is_empty() {
                            continue;
                        }
                        reset |= h.counter_reset_hint == CounterResetHint::Reset;
                        no_reset |= h.counter_reset_hint == CounterResetHint::NotReset;
                        // Once two cannot be added, nothing that follows is looked at.
                        compatible = sum.add(&h, column);
                        if !compatible {
                            break;
                        }
                    }
                }
            }
            if !has_histogram {
                return (!floats.is_empty()).then(|| Point::Float(of_floats(floats)));
            }
            if !floats.is_empty() {
                annotations.warn(aggregate.expr.span(), "encountered a mix of histograms and floats for aggregation");
                return None;
            }
            if !compatible {
                return None;
            }
            let result = sum.value()?;
            if reset && no_reset {
                annotations.warn(aggregate.expr.span(), "conflicting counter resets during histogram aggregation");
            }
            Some(Point::Histogram(Arc::new(result)))
        }
        _ => {
            for column in members {
                match column.point(step_idx) {
                    None => {}
                    Some(Point::Float(v)) => floats.push(v),
                    Some(Point::Histogram(_)) => ignored(aggregate, annotations),
                }
            }
            (!floats.is_empty()).then(|| Point::Float(of_floats(floats)))
        }
    }
}

/// Says that an aggregation leaves histograms out.
pub(super) fn ignored(aggregate: &Aggregate, annotations: &mut Annotations) {
    let name = aggregate.op.info().name;
    let selects = matches!(aggregate.op, Aggregation::Topk | Aggregation::Bottomk);
    let span = if selects { aggregate.span } else { aggregate.expr.span() };
    annotations.info(span, format!("ignored histogram in {name} aggregation"));
}

enum State {
    Sum(KahanHistogram),
    Mean(HistogramMean),
}

/// A sum or mean that says what goes wrong on the way.
struct Running<'a> {
    aggregate: &'a Aggregate,
    annotations: &'a mut Annotations,
    mean: bool,
    state: Option<State>,
}

impl Running<'_> {
    /// Whether they can be combined: if not, there will be no result.
    fn add(&mut self, h: &Histogram, column: &Column) -> bool {
        let combined = match &mut self.state {
            None => {
                let first = h.clone();
                self.state = Some(if self.mean {
                    State::Mean(HistogramMean::new(first))
                } else {
                    State::Sum(KahanHistogram::new(first))
                });
                return true;
            }
            Some(State::Sum(sum)) => sum.add(h),
            Some(State::Mean(mean)) => mean.add(h),
        };
        self.remark(combined, column)
    }

    fn remark(&mut self, combined: Result<Combined, HistogramError>, column: &Column) -> bool {
        let span = self.aggregate.expr.span();
        let Ok(combined) = combined else {
            let name = quote(column.labels.metric_name().unwrap_or(""));
            let message = format!(
                "vector contains a mix of histograms with exponential and custom buckets schemas for metric name {name}"
            );
            self.annotations.warn(span, message);
            return false;
        };
        if combined.bounds_reconciled {
            self.annotations.info(span, "mismatched custom buckets were reconciled during aggregation");
        }
        true
    }

    fn value(self) -> Option<Histogram> {
        let mut h = match self.state? {
            State::Sum(sum) => sum.value(),
            State::Mean(mean) => mean.value(),
        };
        h.compact();
        Some(h)
    }
}
