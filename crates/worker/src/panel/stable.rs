//! Which expressions give at a step the same value, whatever other steps are asked for with it.
//!
//! Most do: a step sees the samples up to its own time, and the engine's answer to a range query is that to its instants.
//! What does not is listed here, and so is what depends on the order of intermediate series: an aggregation adds up, and
//! breaks ties, in the order in which series come. Those of a selector come sorted. Groups come in the order of their first
//! members, which may be other ones at later steps.

use promql::ast::{DurationExpr, Expr, ValueType, VectorSelector};
use promql::functions::{Aggregation, FunctionId};

/// For which other requests a value of a step holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stability {
    /// All with the same step.
    AnyRange,
    /// Those whose range is as long.
    SameSpan,
    /// None.
    Never,
}

/// How stable an expression is in a query with a step and a range in seconds.
pub(super) fn stability(expr: &Expr, step: f64, range: f64) -> Stability {
    let mut check = Check { step, range, needs_span: false };
    match check.is_stable(expr) {
        false => Stability::Never,
        true if check.needs_span => Stability::SameSpan,
        true => Stability::AnyRange,
    }
}

struct Check {
    step: f64,
    range: f64,
    needs_span: bool,
}

impl Check {
    fn is_stable(&mut self, expr: &Expr) -> bool {
        let own = match expr {
            Expr::Vector(selector) => self.selector(selector),
            Expr::Matrix(matrix) => {
                self.duration(&matrix.range);
                self.selector(&matrix.selector)
            }
            Expr::Subquery(subquery) => {
                self.duration(&subquery.range);
                subquery.step.iter().for_each(|step| self.duration(step));
                subquery.at.is_none() && self.looks_back(subquery.offset.as_ref())
            }
            // Its answer depends on the series of all steps.
            Expr::Call(call) => !matches!(
                call.func.map(|func| func.id),
                None | Some(FunctionId::Start | FunctionId::End | FunctionId::Range | FunctionId::Info)
            ),
            Expr::Aggregate(aggregate) => aggregate.op == Aggregation::Group || comes_sorted(&aggregate.expr),
            Expr::Missing(_) => false,
            Expr::Number(_) | Expr::String(_) | Expr::Paren(_) | Expr::Unary(_) | Expr::Binary(_) => true,
        };
        own && expr.children().into_iter().all(|child| self.is_stable(child))
    }

    /// Samples before the step are looked at, and none after it.
    fn selector(&mut self, selector: &VectorSelector) -> bool {
        selector.at.is_none() && selector.extension.is_none() && self.looks_back(selector.offset.as_ref())
    }

    fn looks_back(&mut self, offset: Option<&DurationExpr>) -> bool {
        let Some(offset) = offset else { return true };
        self.duration(offset);
        offset.eval(self.step, self.range).is_some_and(|seconds| seconds >= 0.0)
    }

    fn duration(&mut self, duration: &DurationExpr) {
        // `step()` is the same for the same step; whether it is that or `range()` need not be told apart.
        self.needs_span |= duration.depends_on_query();
    }
}

/// Whether the series of an expression come in the order of the store's, whichever of them have values.
fn comes_sorted(expr: &Expr) -> bool {
    match expr {
        Expr::Vector(_) | Expr::Matrix(_) => true,
        Expr::Number(_) | Expr::String(_) => true,
        Expr::Subquery(subquery) => comes_sorted(&subquery.expr),
        Expr::Paren(paren) => comes_sorted(&paren.expr),
        Expr::Unary(unary) => comes_sorted(&unary.expr),
        Expr::Binary(binary) => match (binary.lhs.value_type(), binary.rhs.value_type()) {
            (ValueType::Scalar, ValueType::Scalar) => true,
            (ValueType::Scalar, _) => comes_sorted(&binary.rhs),
            (_, ValueType::Scalar) => comes_sorted(&binary.lhs),
            _ => false,
        },
        Expr::Call(call) => {
            use FunctionId as F;
            let keeps_order = !matches!(
                call.func.map(|func| func.id),
                None | Some(
                    F::HistogramQuantile
                        | F::HistogramQuantiles
                        | F::HistogramFraction
                        | F::Info
                        | F::Sort
                        | F::SortDesc
                        | F::SortByLabel
                        | F::SortByLabelDesc
                )
            );
            // Functions go through one vector series by series; what is beside it are numbers and texts.
            keeps_order
                && call
                    .args
                    .iter()
                    .all(|arg| !matches!(arg.value_type(), ValueType::Vector | ValueType::Matrix) || comes_sorted(arg))
        }
        Expr::Aggregate(_) | Expr::Missing(_) => false,
    }
}

#[cfg(test)]
mod tests {
    //! Expressions and whether their values hold.
    use super::*;

    #[test]
    fn what_sees_only_its_own_past_is_stable() {
        for (text, want) in [
            ("x", Stability::AnyRange),
            ("rate(x[5m] offset 1m)", Stability::AnyRange),
            ("sum by (a) (rate(x[5m])) / sum by (a) (y)", Stability::AnyRange),
            ("histogram_quantile(0.9, sum by (le) (rate(x[5m])))", Stability::AnyRange),
            ("topk(3, max_over_time(rate(x[1m])[5m:10s]))", Stability::AnyRange),
            ("time() - x > 3", Stability::AnyRange),
            ("x and on () vector(1)", Stability::AnyRange),
            ("rate(x[max_of(step(), 1m)])", Stability::SameSpan),
            ("rate(x[range()])", Stability::SameSpan),
            ("x @ end()", Stability::Never),
            ("x @ 5", Stability::Never),
            ("max_over_time(x[5m:1m] @ start())", Stability::Never),
            ("x offset -1m", Stability::Never),
            ("rate(x[5m] offset -(step()))", Stability::Never),
            ("rate(x[5m] smoothed)", Stability::Never),
            ("end() - x", Stability::Never),
            ("info(x)", Stability::Never),
            ("topk(3, sum by (a) (x))", Stability::Never),
            ("sum(a / b)", Stability::Never),
            ("sum(x) + sum(sum by (a) (x))", Stability::Never),
        ] {
            let expr = promql::parse_strict(text, &tsdb::validate_regex).expect(text);
            assert_eq!(stability(&expr, 15.0, 3_600.0), want, "{text}");
        }
    }
}
