//! Function calls: what each function does to a value, or which file does it.

use super::{Element, Fallible, Naive, Value, Vectors, date, label};
use model::Labels;
use promql::ast::{Call, Expr, VectorSelector};
use promql::functions::FunctionId as F;
use std::f64::consts::PI;

impl Naive<'_> {
    pub(super) fn call(&self, call: &Call, times: &[i64]) -> Fallible<Value> {
        let id = call.func.ok_or("there is no such function")?.id;
        let args = &call.args;
        let seconds = |t: &i64| *t as f64 / 1000.0;
        let constant = |v: f64| Ok(Value::Scalar(vec![v; times.len()]));
        match id {
            F::Time => Ok(Value::Scalar(times.iter().map(seconds).collect())),
            F::Pi => constant(PI),
            F::Start => constant(seconds(&self.whole.0)),
            F::End => constant(seconds(&self.whole.1)),
            F::Step => constant(self.step_seconds),
            F::MaxOf | F::MinOf => {
                let (a, b) = (self.scalar(&args[0], times)?, self.scalar(&args[1], times)?);
                let f = |(a, b): (f64, f64)| if id == F::MaxOf { greater(a, b) } else { -greater(-a, -b) };
                Ok(Value::Scalar(a.into_iter().zip(b).map(f).collect()))
            }
            F::Range => constant((self.whole.1 - self.whole.0) as f64 / 1000.0),
            F::ScalarFn => {
                let vectors = self.vectors(&args[0], times)?;
                let only = |elements: &Vec<Element>| if elements.len() == 1 { elements[0].v } else { f64::NAN };
                Ok(Value::Scalar(vectors.steps.iter().map(only).collect()))
            }
            _ => self.vector_call(id, call, times).map(Value::Vectors),
        }
    }

    fn vector_call(&self, id: F, call: &Call, times: &[i64]) -> Fallible<Vectors> {
        let args = &call.args;
        match id {
            F::VectorFn => Ok(nameless_series(&Labels::empty(), self.scalar(&args[0], times)?.into_iter().map(Some))),
            F::Absent => {
                let vectors = self.vectors(&args[0], times)?;
                let vs = vectors.steps.iter().map(|elements| elements.is_empty().then_some(1.0));
                Ok(nameless_series(&label::of_absent(&args[0]), vs))
            }
            F::AbsentOverTime => {
                let vs = self.is_present(&args[0], times)?.into_iter().map(|present| (!present).then_some(1.0));
                Ok(nameless_series(&label::of_absent(&args[0]), vs))
            }
            F::LabelReplace => self.label_replace(call, times),
            F::LabelJoin => self.label_join(call, times),
            F::Sort => self.sort(&args[0], times, false),
            F::SortDesc => self.sort(&args[0], times, true),
            F::HistogramQuantile => self.histogram_quantile(call, times),
            F::Timestamp => self.timestamp(&args[0], times),
            F::Clamp => self.clamp(&args[0], Some(&args[1]), Some(&args[2]), times),
            F::ClampMin => self.clamp(&args[0], Some(&args[1]), None, times),
            F::ClampMax => self.clamp(&args[0], None, Some(&args[1]), times),
            F::Round => {
                let to = args.get(1).map_or(Ok(vec![1.0; times.len()]), |to| self.scalar(to, times))?;
                let round = |idx: usize, v: f64| {
                    let inverse = 1.0 / to[idx];
                    Some((v * inverse + 0.5).floor() / inverse)
                };
                self.without_names(self.vectors(&args[0], times)?, round, false)
            }
            F::Minute | F::Hour | F::DayOfWeek | F::DayOfMonth | F::DayOfYear | F::DaysInMonth | F::Month | F::Year => {
                let vectors = match args.first() {
                    Some(arg) => self.vectors(arg, times)?,
                    None => nameless_series(&Labels::empty(), times.iter().map(|t| Some(*t as f64 / 1000.0))),
                };
                self.without_names(vectors, |_, v| date::part(id, v), false)
            }
            _ => match each(id) {
                Some(f) => self.without_names(self.vectors(&args[0], times)?, |_, v| Some(f(v)), false),
                None => self.range_call(id, call, times),
            },
        }
    }

    /// The time of each sample; of other expressions that of the step.
    fn timestamp(&self, arg: &Expr, times: &[i64]) -> Fallible<Vectors> {
        let vectors = match arg.unwrap_parens() {
            Expr::Vector(selector) => {
                // A sample that was measured has a time, a smoothed one has not.
                let selector = VectorSelector { extension: None, ..selector.clone() };
                self.select(&selector, times, |t, _| t as f64 / 1000.0)?
            }
            _ => {
                let mut vectors = self.vectors(arg, times)?;
                for (elements, t) in vectors.steps.iter_mut().zip(times) {
                    elements.iter_mut().for_each(|e| e.v = *t as f64 / 1000.0);
                }
                vectors
            }
        };
        self.without_names(vectors, |_, v| Some(v), false)
    }

    fn clamp(&self, arg: &Expr, min: Option<&Expr>, max: Option<&Expr>, times: &[i64]) -> Fallible<Vectors> {
        let min = min.map_or(Ok(vec![f64::NEG_INFINITY; times.len()]), |e| self.scalar(e, times))?;
        let max = max.map_or(Ok(vec![f64::INFINITY; times.len()]), |e| self.scalar(e, times))?;
        let vectors = self.vectors(arg, times)?;
        let clamp = |idx: usize, v: f64| {
            let (min, max) = (min[idx], max[idx]);
            // Not the same as `max >= min` where one is NaN.
            let is_empty = max < min;
            (!is_empty).then(|| greater(min, -greater(-max, -v)))
        };
        self.without_names(vectors, clamp, false)
    }
}

/// The greater of two numbers. Infinity is greater than NaN, and 0 than -0; with NaN and another number it is NaN.
fn greater(a: f64, b: f64) -> f64 {
    if [a, b].contains(&f64::INFINITY) {
        f64::INFINITY
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a > b || (a == b && b.is_sign_negative()) {
        a
    } else {
        b
    }
}

/// A series of its own, with a value at some steps.
fn nameless_series(labels: &Labels, vs: impl Iterator<Item = Option<f64>>) -> Vectors {
    let element = |v: f64| Element { labels: labels.clone(), drop_name: false, v };
    let steps = vs.map(|v| v.map(element).into_iter().collect()).collect();
    Vectors { order: vec![labels.clone()], steps }
}

/// What functions of single values do.
fn each(id: F) -> Option<fn(f64) -> f64> {
    Some(match id {
        F::Abs => f64::abs,
        F::Ceil => f64::ceil,
        F::Floor => f64::floor,
        F::Sqrt => f64::sqrt,
        F::Exp => libm::exp,
        F::Ln => libm::log,
        F::Log2 => libm::log2,
        F::Log10 => libm::log10,
        F::Sin => libm::sin,
        F::Cos => libm::cos,
        F::Tan => libm::tan,
        F::Asin => libm::asin,
        F::Acos => libm::acos,
        F::Atan => libm::atan,
        F::Sinh => libm::sinh,
        F::Cosh => libm::cosh,
        F::Tanh => libm::tanh,
        F::Asinh => libm::asinh,
        F::Acosh => libm::acosh,
        F::Atanh => libm::atanh,
        F::Deg => |v| v * 180.0 / PI,
        F::Rad => |v| v * PI / 180.0,
        F::Sgn => |v| {
            if v > 0.0 {
                1.0
            } else if v < 0.0 {
                -1.0
            } else {
                v
            }
        },
        _ => return None,
    })
}
