//! The same question asked in other ways, whose answers must be the same: an instant query pinned to its time by `@`, or
//! taken from the middle of a range query.

use model::{Millis, Timestamp};
use promql::ast::{At, Expr};
use promql::functions::FunctionId as F;

/// An expression with `@ at` on every selector outside of subqueries, and every subquery, that has no `@` yet; `None` if its value depends on the time
/// of the evaluation in other ways too.
pub(crate) fn pinned(expr: &Expr, at: Timestamp) -> Option<Expr> {
    let mut out = expr.clone();
    pin(&mut out, at).then_some(out)
}

/// Times of evaluation at which a pinned query must give the same answer.
pub(crate) fn other_times(at: Timestamp) -> Vec<Timestamp> {
    let t = at.0;
    let times = if t == 0 { vec![-1_000, 0, 1_000] } else { vec![-10 * t, 0, t / 5, t, 10 * t] };
    times.into_iter().map(Timestamp).collect()
}

/// The range query whose middle point is the instant query's answer: start, end and step.
pub(crate) fn around(at: Timestamp) -> (Timestamp, Timestamp, Millis) {
    const STEP: Millis = Millis::from_secs(60);
    (at - STEP, at + STEP, STEP)
}

/// Whether a query asks for the bounds of its range, so that another range gives another answer.
pub(crate) fn names_its_range(query: &str) -> bool {
    ["start()", "end()", "step()", "range()"].iter().any(|call| query.contains(call))
}

/// Pins an expression; whether that settles its value.
fn pin(expr: &mut Expr, at: Timestamp) -> bool {
    match expr {
        Expr::Number(_) | Expr::String(_) | Expr::Missing(_) => true,
        Expr::Vector(selector) => {
            selector.at.get_or_insert(At::Time(at));
            true
        }
        Expr::Matrix(matrix) => {
            matrix.selector.at.get_or_insert(At::Time(at));
            true
        }
        Expr::Subquery(subquery) => {
            // Its steps are what the selectors inside it go by.
            subquery.at.get_or_insert(At::Time(at));
            true
        }
        Expr::Paren(paren) => pin(&mut paren.expr, at),
        Expr::Unary(unary) => pin(&mut unary.expr, at),
        Expr::Binary(binary) => pin(&mut binary.lhs, at) && pin(&mut binary.rhs, at),
        Expr::Aggregate(aggregate) => {
            pin(&mut aggregate.expr, at) && aggregate.param.as_mut().is_none_or(|param| pin(param, at))
        }
        Expr::Call(call) => {
            let by_time = call.func.is_none_or(|func| {
                matches!(
                    func.id,
                    F::Timestamp
                        | F::Time
                        | F::PredictLinear
                        | F::Start
                        | F::End
                        | F::Step
                        | F::Range
                        | F::DayOfMonth
                        | F::DayOfWeek
                        | F::DayOfYear
                        | F::DaysInMonth
                        | F::Hour
                        | F::Minute
                        | F::Month
                        | F::Year
                )
            });
            !by_time && call.args.iter_mut().all(|arg| pin(arg, at))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_selector_is_pinned_unless_the_clock_is_asked() {
        let pinned = |query: &str| pinned(&promql::parse(query).expr, Timestamp(5_000)).map(|e| e.to_string());
        assert_eq!(pinned("a + b @ 1").as_deref(), Some("a @ 5.000 + b @ 1.000"));
        assert_eq!(
            pinned("rate(a[5m:1m] offset 1m) or sum(rate(b[1m]))").as_deref(),
            Some("rate(a[5m:1m] @ 5.000 offset 1m) or sum(rate(b[1m] @ 5.000))")
        );
        assert_eq!(pinned("a + hour()"), None);
        assert_eq!(other_times(Timestamp(50)), [-500, 0, 10, 50, 500].map(Timestamp));
    }
}
