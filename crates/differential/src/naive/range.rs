//! Functions of the samples of a range. A window has at least one sample.

use super::{Element, Fallible, LOOKBACK, Naive, Vectors, sum};
use model::Labels;
use promql::ast::{Call, Expr, Extension};
use promql::functions::FunctionId as F;

/// The samples of a range and where it lies, ms.
pub(super) struct Window<'a> {
    pub(super) samples: &'a [(i64, f64)],
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) now: i64,
}

impl Naive<'_> {
    /// A function of a range and, for some, of numbers.
    pub(super) fn range_call(&self, id: F, call: &Call, times: &[i64]) -> Fallible<Vectors> {
        let (range_arg, numbers): (&Expr, Vec<&Expr>) = match (id, call.args.as_slice()) {
            (F::QuantileOverTime, [q, range]) => (range, vec![q]),
            (_, [range, numbers @ ..]) => (range, numbers.iter().collect()),
            _ => return Err("arguments are missing".to_owned()),
        };
        let numbers: Vec<Vec<f64>> = numbers.into_iter().map(|e| self.scalar(e, times)).collect::<Fallible<_>>()?;
        let ranges = self.ranges(range_arg, times)?;
        let keeps_name = matches!(id, F::LastOverTime | F::FirstOverTime);
        let mut steps: Vec<Vec<Element>> = vec![Vec::new(); times.len()];
        let mut order: Vec<Labels> = Vec::new();
        for (labels, drop_name, samples) in &ranges.series {
            let labels = if keeps_name { labels.clone() } else { self.nameless(labels) };
            let mut occurs = false;
            for (idx, (step, now)) in steps.iter_mut().zip(times).enumerate() {
                let (end, length) = (ranges.ends[idx], ranges.length);
                let (before, after) = match ranges.extension {
                    None => (0, 0),
                    Some(Extension::Anchored) => (LOOKBACK, 0),
                    Some(Extension::Smoothed) => (LOOKBACK, LOOKBACK),
                };
                let samples = self.window(samples, end + after, before + length + after);
                let parameters: Vec<f64> = numbers.iter().map(|vs| vs[idx]).collect();
                let window = Window { samples: &samples, start: end - length, end, now: *now };
                // A factor is refused where there is something to smooth.
                let is_smoothed = id == F::DoubleExponentialSmoothing && !samples.is_empty();
                if is_smoothed && parameters.iter().any(|f| *f <= 0.0 || *f >= 1.0) {
                    return Err("invalid factor".to_owned());
                }
                let v = match ranges.extension {
                    Some(extension) => self.of_extended(id, extension, &window)?,
                    None => self.of_window(id, &window, &parameters),
                };
                if !samples.is_empty()
                    && let Some(v) = v
                {
                    let drop_name = *drop_name || !keeps_name;
                    step.push(Element { labels: labels.clone(), drop_name, v });
                    occurs = true;
                }
            }
            if occurs && self.rules.names_at_once && order.contains(&labels) {
                return Err("vector cannot contain metrics with the same labelset".to_owned());
            }
            if occurs {
                order.push(labels);
            }
        }
        self.assemble(order, steps)
    }

    /// Whether some series has a sample in the range of each step.
    pub(super) fn is_present(&self, expr: &Expr, times: &[i64]) -> Fallible<Vec<bool>> {
        let ranges = self.ranges(expr, times)?;
        let present = |end: &i64| ranges.series.iter().any(|s| !self.window(&s.2, *end, ranges.length).is_empty());
        Ok(ranges.ends.iter().map(present).collect())
    }

    pub(super) fn of_window(&self, id: F, w: &Window<'_>, parameters: &[f64]) -> Option<f64> {
        let vs: Vec<f64> = w.samples.iter().map(|s| s.1).collect();
        let n = vs.len();
        if n == 0 {
            return None;
        }
        let pairs = || vs.windows(2).map(|p| (p[0], p[1]));
        let time = |idx: usize| w.samples[idx].0 as f64 / 1000.0;
        let best = |better: fn(f64, f64) -> bool| {
            (1..n).fold(0, |best, idx| if better(vs[idx], vs[best]) || vs[best].is_nan() { idx } else { best })
        };
        match id {
            F::AvgOverTime if self.rules.running_mean => Some(sum::running_mean(&vs)),
            F::AvgOverTime => Some(sum::mean(&vs)),
            F::Changes => Some(pairs().filter(|(a, b)| a != b && !(a.is_nan() && b.is_nan())).count() as f64),
            F::CountOverTime => Some(n as f64),
            F::Delta => self.growth(w, false, false),
            F::Deriv => (n >= 2).then(|| self.regression(w, w.samples[0].0).0),
            F::DoubleExponentialSmoothing => smoothed(&vs, parameters[0], parameters[1]),
            F::FirstOverTime => Some(vs[0]),
            F::Idelta => last_two(w, false).map(|(change, _)| change),
            F::Increase => self.growth(w, true, false),
            F::Irate => last_two(w, true).map(|(change, ms)| change / (ms as f64 / 1000.0)),
            F::LastOverTime => Some(vs[n - 1]),
            F::MadOverTime if vs.iter().any(|v| v.is_nan()) => Some(f64::NAN),
            F::MadOverTime => {
                let median = sum::quantile(0.5, &vs);
                Some(sum::quantile(0.5, &vs.iter().map(|v| (v - median).abs()).collect::<Vec<_>>()))
            }
            F::MaxOverTime => Some(vs[best(|a, b| a > b)]),
            F::MinOverTime => Some(vs[best(|a, b| a < b)]),
            F::PredictLinear => (n >= 2).then(|| {
                let (slope, intercept) = self.regression(w, w.now);
                slope * parameters[0] + intercept
            }),
            F::PresentOverTime => Some(1.0),
            F::QuantileOverTime => Some(sum::quantile(parameters[0], &vs)),
            F::Rate => self.growth(w, true, true),
            F::Resets => Some(pairs().filter(|(a, b)| b < a).count() as f64),
            F::StddevOverTime => Some(sum::variance(&vs).sqrt()),
            F::StdvarOverTime => Some(sum::variance(&vs)),
            F::SumOverTime => Some(sum::sum(0.0, &vs)),
            F::TsOfFirstOverTime => Some(time(0)),
            F::TsOfLastOverTime => Some(time(n - 1)),
            F::TsOfMaxOverTime => Some(time(best(|a, b| a >= b))),
            F::TsOfMinOverTime => Some(time(best(|a, b| a <= b))),
            _ => None,
        }
    }

    /// How much a series grew, extrapolated to the whole range where its samples come close to the ends.
    fn growth(&self, w: &Window<'_>, is_counter: bool, per_second: bool) -> Option<f64> {
        let [(first_t, first), .., (last_t, last)] = *w.samples else { return None };
        let mut change = last - first;
        if is_counter {
            let resets = w.samples.windows(2).filter(|p| p[1].1 < p[0].1);
            change = resets.fold(change, |change, p| change + p[0].1);
        }
        let seconds = |ms: i64| ms as f64 / 1000.0;
        let (mut before, mut after) = (seconds(first_t - w.start), seconds(w.end - last_t));
        let sampled = seconds(last_t - first_t);
        let average = sampled / (w.samples.len() - 1) as f64;
        // A counter was not below zero: it began where the line through its samples meets zero.
        let to_zero = if is_counter && change > 0.0 && first >= 0.0 { sampled * (first / change) } else { f64::NAN };
        if self.rules.zero_first && to_zero < before {
            before = to_zero;
        }
        if before >= average * 1.1 {
            before = average / 2.0;
        }
        if after >= average * 1.1 {
            after = average / 2.0;
        }
        if !self.rules.zero_first && to_zero < before {
            before = to_zero;
        }
        let factor = (sampled + before + after) / sampled;
        Some(change * if per_second { factor / seconds(w.end - w.start) } else { factor })
    }

    /// Slope per second and value at a time of the line through the samples.
    fn regression(&self, w: &Window<'_>, at: i64) -> (f64, f64) {
        let first = w.samples[0].1;
        if w.samples.iter().all(|s| s.1 == first) {
            return if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) };
        }
        let n = w.samples.len() as f64;
        let total = |f: fn(f64, f64) -> f64| {
            let terms = w.samples.iter().map(|&(t, y)| f((t - at) as f64 / 1000.0, y));
            let (sum, c) = terms.fold((0.0, 0.0), |state, v| sum::add(v, state));
            if sum.is_infinite() && self.rules.nan_regression { f64::NAN } else { sum + c }
        };
        let (x, y, xy, x2) = (total(|x, _| x), total(|_, y| y), total(|x, y| x * y), total(|x, _| x * x));
        let slope = (xy - x * y / n) / (x2 - x * x / n);
        (slope, y / n - slope * x / n)
    }
}

/// The difference of the last two samples (after a counter's reset the last one itself) and their distance in ms.
fn last_two(w: &Window<'_>, is_counter: bool) -> Option<(f64, i64)> {
    let [.., (t0, v0), (t1, v1)] = *w.samples else { return None };
    Some((if is_counter && v1 < v0 { v1 } else { v1 - v0 }, t1 - t0))
}

/// Holt's double exponential smoothing.
fn smoothed(vs: &[f64], smoothing: f64, trend: f64) -> Option<f64> {
    let [first, second, ..] = *vs else { return None };
    let (mut before, mut now, mut slope) = (0.0, first, second - first);
    for (idx, v) in vs.iter().enumerate().skip(1) {
        if idx > 1 {
            slope = trend * (now - before) + (1.0 - trend) * slope;
        }
        let next = smoothing * v + (1.0 - smoothing) * (now + slope);
        (before, now) = (now, next);
    }
    Some(now)
}
