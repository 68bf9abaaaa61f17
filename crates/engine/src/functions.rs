//! Function calls: one arm for each function, in the order of the table in `promql::functions`.

pub(crate) mod extended;
pub(crate) mod extended_histogram;
pub(crate) mod histogram;
mod info;
mod label;
mod math;
mod mixed;
mod over_time;
mod rate;
mod rate_histogram;
pub(crate) mod start_time;
mod time;

use crate::eval::Evaluator;
use crate::limits::EvalError;
use crate::read::Detail;
use crate::value::{Column, Eval, GAP, seconds};
use crate::window::map_windows;
use model::{Histogram, Labels, is_stale};
use promql::ast::{Call, Expr};
use promql::functions::FunctionId as F;

pub(crate) fn eval(evaluator: &mut Evaluator<'_>, call: &Call) -> Result<Eval, EvalError> {
    let Some(func) = call.func else {
        return Err(EvalError::invalid(call.name_span, format!("there is no function `{}`", call.name)));
    };
    let args = &call.args;
    extended::check(call, func.name)?;
    let grid = evaluator.grid;
    let vector = |columns| Ok(Eval::Vector(columns));
    match func.id {
        F::Abs => math::each(evaluator, &args[0], f64::abs),
        F::Absent => absent(evaluator, &args[0]),
        F::AbsentOverTime => mixed::absent(evaluator, &args[0]),
        F::Acos => math::each(evaluator, &args[0], libm::acos),
        F::Acosh => math::each(evaluator, &args[0], libm::acosh),
        F::Asin => math::each(evaluator, &args[0], libm::asin),
        F::Asinh => math::each(evaluator, &args[0], libm::asinh),
        F::Atan => math::each(evaluator, &args[0], libm::atan),
        F::Atanh => math::each(evaluator, &args[0], libm::atanh),
        F::AvgOverTime => mixed::avg(evaluator, &args[0]),
        F::Ceil => math::each(evaluator, &args[0], f64::ceil),
        F::Changes => mixed::count_pairs(evaluator, &args[0], mixed::Pairs::Changes),
        F::Clamp => math::clamp(evaluator, &args[0], Some(&args[1]), Some(&args[2])),
        F::ClampMax => math::clamp(evaluator, &args[0], None, Some(&args[1])),
        F::ClampMin => math::clamp(evaluator, &args[0], Some(&args[1]), None),
        F::Cos => math::each(evaluator, &args[0], libm::cos),
        F::Cosh => math::each(evaluator, &args[0], libm::cosh),
        F::CountOverTime => mixed::number(evaluator, &args[0], |w| (w.ts.len() + w.hts.len()) as f64),
        F::DayOfMonth => time::date(evaluator, args.first(), time::day_of_month),
        F::DayOfWeek => time::date(evaluator, args.first(), time::day_of_week),
        F::DayOfYear => time::date(evaluator, args.first(), time::day_of_year),
        F::DaysInMonth => time::date(evaluator, args.first(), time::days_in_month),
        F::Deg => math::each(evaluator, &args[0], f64::to_degrees_as_go),
        F::Delta => rate::extrapolated(evaluator, call, rate::Kind::Delta),
        F::Deriv => vector(map_windows(evaluator, &args[0], false, |_, w| rate::deriv(&w))?),
        F::DoubleExponentialSmoothing => over_time::smoothing(evaluator, call),
        F::End => Ok(Eval::Scalar(vec![evaluator.whole.end.as_secs_f64(); grid.len])),
        F::Exp => math::each(evaluator, &args[0], libm::exp),
        F::FirstOverTime => mixed::first(evaluator, &args[0]),
        F::Floor => math::each(evaluator, &args[0], f64::floor),
        F::HistogramAvg => histogram::number(evaluator, &args[0], Detail::Stats, Histogram::mean),
        F::HistogramCount => histogram::number(evaluator, &args[0], Detail::Stats, |h| h.count),
        F::HistogramFraction => histogram::fraction(evaluator, call),
        F::HistogramQuantile => histogram::quantile(evaluator, call),
        F::HistogramQuantiles => histogram::quantiles(evaluator, call),
        F::HistogramStddev => histogram::number(evaluator, &args[0], Detail::Whole, Histogram::stddev),
        F::HistogramStdvar => histogram::number(evaluator, &args[0], Detail::Whole, Histogram::stdvar),
        F::HistogramSum => histogram::number(evaluator, &args[0], Detail::Stats, |h| h.sum),
        F::Hour => time::date(evaluator, args.first(), time::hour),
        F::Idelta => rate::instant(evaluator, call, false),
        F::Increase => rate::extrapolated(evaluator, call, rate::Kind::Increase),
        F::Info => info::eval(evaluator, call),
        F::Irate => rate::instant(evaluator, call, true),
        F::LabelJoin => label::join(evaluator, call),
        F::LabelReplace => label::replace(evaluator, call),
        F::LastOverTime => mixed::last(evaluator, &args[0]),
        F::Ln => math::each(evaluator, &args[0], libm::log),
        F::Log10 => math::each(evaluator, &args[0], libm::log10),
        F::Log2 => math::each(evaluator, &args[0], libm::log2),
        F::MadOverTime => {
            let mut scratch = Vec::new();
            vector(map_windows(evaluator, &args[0], false, |_, w| over_time::mad(&w, &mut scratch))?)
        }
        F::MaxOf => math::scalars(evaluator, args, math::go_max),
        F::MaxOverTime => over_time::extreme(evaluator, &args[0], |v, best| v > best),
        F::MinOf => math::scalars(evaluator, args, math::go_min),
        F::MinOverTime => over_time::extreme(evaluator, &args[0], |v, best| v < best),
        F::Minute => time::date(evaluator, args.first(), time::minute),
        F::Month => time::date(evaluator, args.first(), time::month),
        F::Pi => Ok(Eval::Scalar(vec![std::f64::consts::PI; grid.len])),
        F::PredictLinear => {
            let ahead = evaluator.scalar(&args[1])?;
            vector(map_windows(evaluator, &args[0], false, |step, w| rate::predict_linear(&w, ahead[step]))?)
        }
        F::PresentOverTime => mixed::number(evaluator, &args[0], |_| 1.0),
        F::QuantileOverTime => over_time::quantile_over_time(evaluator, call),
        F::Rad => math::each(evaluator, &args[0], f64::to_radians_as_go),
        F::Range => {
            let range = (evaluator.whole.end - evaluator.whole.start).as_secs_f64();
            Ok(Eval::Scalar(vec![range; grid.len]))
        }
        F::Rate => rate::extrapolated(evaluator, call, rate::Kind::Rate),
        F::Resets => mixed::count_pairs(evaluator, &args[0], mixed::Pairs::Resets),
        F::Round => math::round(evaluator, &args[0], args.get(1)),
        F::ScalarFn => scalar(evaluator, &args[0]),
        F::Sgn => math::each(evaluator, &args[0], |v| {
            if v < 0.0 {
                -1.0
            } else if v > 0.0 {
                1.0
            } else {
                v
            }
        }),
        F::Sin => math::each(evaluator, &args[0], libm::sin),
        F::Sinh => math::each(evaluator, &args[0], libm::sinh),
        F::Sort => label::sort(evaluator, call, false),
        F::SortByLabel => label::sort_by_label(evaluator, call, false),
        F::SortByLabelDesc => label::sort_by_label(evaluator, call, true),
        F::SortDesc => label::sort(evaluator, call, true),
        F::Sqrt => math::each(evaluator, &args[0], f64::sqrt),
        F::Start => Ok(Eval::Scalar(vec![evaluator.whole.start.as_secs_f64(); grid.len])),
        F::StartTimestamp => time::start_timestamp(evaluator, &args[0]),
        F::StddevOverTime => {
            vector(map_windows(evaluator, &args[0], false, |_, w| Some(over_time::variance(&w).sqrt()))?)
        }
        F::StdvarOverTime => vector(map_windows(evaluator, &args[0], false, |_, w| Some(over_time::variance(&w)))?),
        F::Step => Ok(Eval::Scalar(vec![evaluator.step_seconds(); grid.len])),
        F::SumOverTime => mixed::sum(evaluator, &args[0]),
        F::Tan => math::each(evaluator, &args[0], libm::tan),
        F::Tanh => math::each(evaluator, &args[0], libm::tanh),
        F::Time => Ok(Eval::Scalar((0..grid.len).map(|idx| seconds(&grid, idx)).collect())),
        F::Timestamp => time::timestamp(evaluator, &args[0]),
        F::TsOfFirstOverTime => mixed::number(evaluator, &args[0], mixed::first_time),
        F::TsOfLastOverTime => mixed::number(evaluator, &args[0], mixed::last_time),
        F::TsOfMaxOverTime => vector(map_windows(evaluator, &args[0], false, |_, w| over_time::time_of_max(&w))?),
        F::TsOfMinOverTime => vector(map_windows(evaluator, &args[0], false, |_, w| over_time::time_of_min(&w))?),
        F::VectorFn => {
            let vs = evaluator.scalar(&args[0])?;
            vector(vec![Column::floats(Labels::empty(), false, vs)])
        }
        F::Year => time::date(evaluator, args.first(), time::year),
    }
}

/// Degrees and radians by Go's formulas, so that the last bit agrees.
trait Angles {
    fn to_degrees_as_go(self) -> f64;
    fn to_radians_as_go(self) -> f64;
}

impl Angles for f64 {
    fn to_degrees_as_go(self) -> f64 {
        self * 180.0 / std::f64::consts::PI
    }

    fn to_radians_as_go(self) -> f64 {
        self * std::f64::consts::PI / 180.0
    }
}

/// 1 at steps at which no series has a value.
fn absent(evaluator: &mut Evaluator<'_>, arg: &Expr) -> Result<Eval, EvalError> {
    let columns = evaluator.vector(arg)?;
    let vs = (0..evaluator.grid.len)
        .map(|step_idx| if columns.iter().any(|c| c.has(step_idx)) { GAP } else { 1.0 })
        .collect();
    Ok(Eval::Vector(vec![Column::floats(label::of_absent(arg), false, vs)]))
}

/// The float of the only series that has one; NaN where there is not exactly one.
fn scalar(evaluator: &mut Evaluator<'_>, arg: &Expr) -> Result<Eval, EvalError> {
    let columns = evaluator.vector(arg)?;
    let vs = (0..evaluator.grid.len)
        .map(|step_idx| {
            let mut present = columns.iter().map(|c| c.vs[step_idx]).filter(|v| !is_stale(*v));
            match (present.next(), present.next()) {
                (Some(v), None) => v,
                _ => f64::NAN,
            }
        })
        .collect();
    Ok(Eval::Scalar(vs))
}
