//! The unit of a query's values: read from metadata and names of its metrics, and carried through everything that
//! the query does to them. Where nothing is certain it is plain numbers: no unit rather than a wrong one.

mod metric;
mod quantity;

#[cfg(test)]
mod tests;

use chart::Unit;
use promql::ast::{Binary, BinaryOp, Call};
use promql::functions::{Aggregation, FunctionId};
use promql::{Expr, Span};
use protocol::FamilyInfo;
use quantity::{Mixed, Quantity};

/// What is known of a query's values.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Inferred {
    /// The unit of its values; [`Unit::None`] where nothing is certain.
    pub unit: Unit,
    /// What it adds or compares although the units differ; the first such place.
    pub mismatch: Option<Mismatch>,
}

/// An operator whose sides have units that do not go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The operator.
    pub op: BinaryOp,
    /// The unit of its left side.
    pub left: Unit,
    /// The unit of its right side.
    pub right: Unit,
    /// Where the operator and its sides stand.
    pub span: Span,
}

/// What is known of a query's values. `families` are sorted by name, as the session has them.
#[must_use]
pub fn of_query(expr: &str, families: &[FamilyInfo]) -> Inferred {
    let mut inference = Inference { families, mismatch: None };
    let quantity = inference.of_expr(&promql::parse(expr).expr);
    Inferred { unit: quantity.unit(), mismatch: inference.mismatch }
}

/// The unit of what a query's histograms observed: that of the bounds of their buckets.
#[must_use]
pub fn of_buckets(expr: &str, families: &[FamilyInfo]) -> Unit {
    Inference { families, mismatch: None }.observed(&promql::parse(expr).expr).unit()
}

/// A walk over an expression.
struct Inference<'a> {
    families: &'a [FamilyInfo],
    mismatch: Option<Mismatch>,
}

impl Inference<'_> {
    fn of_expr(&mut self, expr: &Expr) -> Quantity {
        match expr {
            Expr::Number(number) => Quantity::Constant(Some(number.value)),
            Expr::Vector(selector) => {
                metric::name(selector).map_or(Quantity::VAGUE, |name| metric::of(name, self.families))
            }
            Expr::Matrix(matrix) => {
                metric::name(&matrix.selector).map_or(Quantity::VAGUE, |name| metric::of(name, self.families))
            }
            Expr::Subquery(subquery) => self.of_expr(&subquery.expr),
            Expr::Paren(paren) => self.of_expr(&paren.expr),
            Expr::Unary(unary) => match self.of_expr(&unary.expr) {
                Quantity::Constant(Some(v)) if unary.negative => Quantity::Constant(Some(-v)),
                quantity => quantity,
            },
            Expr::Aggregate(aggregate) => {
                let quantity = self.of_expr(&aggregate.expr);
                match aggregate.op {
                    Aggregation::Count | Aggregation::CountValues | Aggregation::Group => Quantity::Number,
                    Aggregation::Stdvar => Quantity::VAGUE,
                    Aggregation::Sum if quantity == Quantity::Instant => Quantity::VAGUE,
                    Aggregation::Stddev if quantity == Quantity::Instant => Quantity::Of(Unit::Seconds),
                    _ => quantity,
                }
            }
            Expr::Call(call) => self.of_call(call),
            Expr::Binary(binary) => self.of_binary(binary),
            Expr::String(_) | Expr::Missing(_) => Quantity::VAGUE,
        }
    }

    fn of_arg(&mut self, call: &Call, idx: usize) -> Quantity {
        call.args.get(idx).map_or(Quantity::VAGUE, |arg| self.of_expr(arg))
    }

    fn of_call(&mut self, call: &Call) -> Quantity {
        use FunctionId as F;
        let Some(function) = call.func else {
            return Quantity::VAGUE;
        };
        match function.id {
            F::Rate | F::Irate | F::Deriv => self.of_arg(call, 0).per_second(),
            F::Increase | F::Delta | F::Idelta => match self.of_arg(call, 0) {
                Quantity::Instant => Quantity::Of(Unit::Seconds),
                quantity => quantity,
            },
            F::Abs
            | F::Ceil
            | F::Floor
            | F::Round
            | F::Clamp
            | F::ClampMax
            | F::ClampMin
            | F::Sort
            | F::SortDesc
            | F::SortByLabel
            | F::SortByLabelDesc
            | F::LabelReplace
            | F::LabelJoin
            | F::Info
            | F::ScalarFn
            | F::VectorFn
            | F::AvgOverTime
            | F::MinOverTime
            | F::MaxOverTime
            | F::LastOverTime
            | F::FirstOverTime
            | F::PredictLinear
            | F::DoubleExponentialSmoothing => self.of_arg(call, 0),
            F::SumOverTime => match self.of_arg(call, 0) {
                Quantity::Instant => Quantity::VAGUE,
                quantity => quantity,
            },
            F::StddevOverTime | F::MadOverTime => match self.of_arg(call, 0) {
                Quantity::Instant => Quantity::Of(Unit::Seconds),
                quantity => quantity,
            },
            F::QuantileOverTime => self.of_arg(call, 1),
            F::MaxOf | F::MinOf => {
                let (a, b) = (self.of_arg(call, 0), self.of_arg(call, 1));
                a.beside(b).unwrap_or(Quantity::VAGUE)
            }
            F::HistogramQuantile => call.args.get(1).map_or(Quantity::VAGUE, |arg| self.observed(arg)),
            F::HistogramAvg | F::HistogramStddev | F::HistogramQuantiles => {
                call.args.first().map_or(Quantity::VAGUE, |arg| self.observed(arg))
            }
            F::HistogramSum => {
                let observed = call.args.first().map_or(Quantity::VAGUE, |arg| self.observed(arg));
                if self.of_arg(call, 0).is_per_second() { observed.per_second() } else { observed }
            }
            F::HistogramCount => match self.of_arg(call, 0).is_per_second() {
                true => Quantity::Of(Unit::PerSecond),
                false => Quantity::Of(Unit::None),
            },
            F::HistogramFraction => Quantity::Of(Unit::Ratio),
            F::CountOverTime
            | F::Changes
            | F::Resets
            | F::PresentOverTime
            | F::Absent
            | F::AbsentOverTime
            | F::DaysInMonth => Quantity::Number,
            F::Time
            | F::Timestamp
            | F::StartTimestamp
            | F::Start
            | F::End
            | F::TsOfFirstOverTime
            | F::TsOfLastOverTime
            | F::TsOfMaxOverTime
            | F::TsOfMinOverTime => Quantity::Instant,
            F::Step | F::Range => Quantity::Of(Unit::Seconds),
            F::Pi => Quantity::Constant(Some(std::f64::consts::PI)),
            F::HistogramStdvar
            | F::StdvarOverTime
            | F::Sgn
            | F::Exp
            | F::Ln
            | F::Log2
            | F::Log10
            | F::Sqrt
            | F::Acos
            | F::Acosh
            | F::Asin
            | F::Asinh
            | F::Atan
            | F::Atanh
            | F::Cos
            | F::Cosh
            | F::Sin
            | F::Sinh
            | F::Tan
            | F::Tanh
            | F::Deg
            | F::Rad
            | F::DayOfMonth
            | F::DayOfWeek
            | F::DayOfYear
            | F::Hour
            | F::Minute
            | F::Month
            | F::Year => Quantity::VAGUE,
        }
    }

    /// What the histograms of an expression observed. Nothing that is done to histograms changes that.
    fn observed(&self, expr: &Expr) -> Quantity {
        fn metric_of(expr: &Expr) -> Option<&str> {
            match expr {
                Expr::Vector(selector) => metric::name(selector),
                Expr::Matrix(matrix) => metric::name(&matrix.selector),
                Expr::Aggregate(aggregate) => metric_of(&aggregate.expr),
                other => other.children().into_iter().find_map(metric_of),
            }
        }
        metric_of(expr).map_or(Quantity::VAGUE, |name| metric::observed(name, self.families))
    }

    fn of_binary(&mut self, binary: &Binary) -> Quantity {
        let (lhs, rhs) = (self.of_expr(&binary.lhs), self.of_expr(&binary.rhs));
        let together = match binary.op {
            BinaryOp::Add => lhs.plus(rhs),
            BinaryOp::Sub => lhs.minus(rhs),
            BinaryOp::Or => lhs.beside(rhs),
            BinaryOp::Mul => Ok(lhs.or_duration(&binary.lhs).times(rhs.or_duration(&binary.rhs))),
            BinaryOp::Div => Ok(lhs.over(rhs.or_duration(&binary.rhs))),
            BinaryOp::Mod => Ok(lhs.modulo(rhs)),
            BinaryOp::Pow => Ok(lhs.power(rhs)),
            BinaryOp::Atan2 => Ok(Quantity::VAGUE),
            BinaryOp::And | BinaryOp::Unless | BinaryOp::TrimUpper | BinaryOp::TrimLower => return lhs,
            // A comparison keeps the values of its left side, or of the vector beside a number.
            _ => lhs.beside(rhs).map(|_| match lhs {
                Quantity::Constant(_) => rhs,
                lhs => lhs,
            }),
        };
        let is_comparison = binary.op.is_comparison();
        match together {
            _ if binary.return_bool && together.is_ok() => Quantity::Number,
            Ok(quantity) => quantity,
            Err(Mixed { left, right }) => {
                let found = Mismatch { op: binary.op, left, right, span: binary.span };
                self.mismatch.get_or_insert(found);
                match (binary.return_bool, is_comparison) {
                    (true, _) => Quantity::Number,
                    (false, true) => lhs,
                    (false, false) => Quantity::VAGUE,
                }
            }
        }
    }
}
