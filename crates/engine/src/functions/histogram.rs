//! Quantiles and fractions of classic histograms: series that differ only in `le`.

use crate::eval::Evaluator;
use crate::limits::EvalError;
use crate::value::{Column, Eval, GAP};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use model::{LE, Labels, LabelsBuilder, is_stale, number};
use promql::Span;
use promql::ast::{Call, Expr};

/// Counts of neighbouring buckets that differ by less than this share are taken to be equal: sums of rates
/// are not exact.
const SMALL_DELTA: f64 = 1e-12;

pub(crate) fn quantile(evaluator: &mut Evaluator<'_>, call: &Call) -> Result<Eval, EvalError> {
    let qs = evaluator.scalar(&call.args[0])?;
    remark_on_quantiles(evaluator, &call.args[0], &qs);
    let span = call.args[1].span();
    over_buckets(evaluator, &call.args[1], |evaluator, histogram, step_idx, buckets| {
        let (v, forced) = bucket_quantile(qs[step_idx], buckets);
        if forced {
            remark_on_monotonicity(evaluator, span, histogram);
        }
        v
    })
}

/// `histogram_quantiles(v, label, q…)`: one series for each quantile.
pub(crate) fn quantiles(evaluator: &mut Evaluator<'_>, call: &Call) -> Result<Eval, EvalError> {
    let label = evaluator.string(&call.args[1])?;
    let span = call.args[0].span();
    let mut out = Vec::new();
    for arg in &call.args[2..] {
        let qs = evaluator.scalar(arg)?;
        remark_on_quantiles(evaluator, arg, &qs);
        let value = number::format(qs.first().copied().unwrap_or(f64::NAN));
        let result = over_buckets(evaluator, &call.args[0], |evaluator, histogram, step_idx, buckets| {
            let (v, forced) = bucket_quantile(qs[step_idx], buckets);
            if forced {
                remark_on_monotonicity(evaluator, span, histogram);
            }
            v
        })?;
        if let Eval::Vector(columns) = result {
            out.extend(columns.into_iter().map(|mut column| {
                column.labels = LabelsBuilder::from_labels(&column.labels).set(&label, &value).labels();
                column
            }));
        }
    }
    Ok(Eval::Vector(out))
}

pub(crate) fn fraction(evaluator: &mut Evaluator<'_>, call: &Call) -> Result<Eval, EvalError> {
    let lower = evaluator.scalar(&call.args[0])?;
    let upper = evaluator.scalar(&call.args[1])?;
    over_buckets(evaluator, &call.args[2], |_, _, step_idx, buckets| {
        bucket_fraction(lower[step_idx], upper[step_idx], buckets)
    })
}

/// A cumulative bucket.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    upper: f64,
    count: f64,
}

/// The buckets of one histogram: upper bounds and the columns with the counts.
struct Histogram {
    labels: Labels,
    drop_name: bool,
    name: String,
    buckets: Vec<(f64, usize)>,
}

/// Calls `f` for each histogram at each step with its buckets, sorted by bound.
fn over_buckets(
    evaluator: &mut Evaluator<'_>,
    arg: &Expr,
    mut f: impl FnMut(&mut Evaluator<'_>, &str, usize, &mut Vec<Bucket>) -> f64,
) -> Result<Eval, EvalError> {
    let columns = evaluator.vector(arg)?;
    let histograms = find_histograms(evaluator, arg.span(), &columns);
    let n_steps = evaluator.grid.len;
    evaluator.count(columns.len() * n_steps, arg.span())?;
    let mut buckets = Vec::new();
    let mut out = Vec::with_capacity(histograms.len());
    for histogram in histograms {
        let mut vs = Vec::with_capacity(n_steps);
        for step_idx in 0..n_steps {
            buckets.clear();
            buckets.extend(
                histogram
                    .buckets
                    .iter()
                    .map(|&(upper, column)| Bucket { upper, count: columns[column].vs[step_idx] })
                    .filter(|bucket| !is_stale(bucket.count)),
            );
            vs.push(if buckets.is_empty() { GAP } else { f(evaluator, &histogram.name, step_idx, &mut buckets) });
        }
        out.push(Column::floats(histogram.labels, histogram.drop_name, vs));
    }
    Ok(Eval::Vector(out))
}

fn find_histograms(evaluator: &mut Evaluator<'_>, span: Span, columns: &[Column]) -> Vec<Histogram> {
    let mut histograms: Vec<Histogram> = Vec::new();
    let mut by_labels: HashMap<Labels, usize, FixedState> = HashMap::default();
    for (idx, column) in columns.iter().enumerate() {
        let name = column.labels.metric_name().unwrap_or("").to_owned();
        let Some(upper) = column.labels.get(LE).and_then(number::parse) else {
            let le = column.labels.get(LE).unwrap_or("");
            let message = format!(
                "bucket label {} is missing or has a malformed value of {}",
                model::quote(LE),
                model::quote(le)
            );
            let of = if name.is_empty() { String::new() } else { format!(" for metric name {}", model::quote(&name)) };
            evaluator.annotations.warn(span, message + &of);
            continue;
        };
        let mut builder = LabelsBuilder::from_labels(&column.labels);
        let labels = builder.remove(LE).labels();
        let histogram_idx = *by_labels.entry(labels).or_insert_with_key(|labels| {
            let labels = labels.clone();
            histograms.push(Histogram { labels, drop_name: true, name: name.clone(), buckets: Vec::new() });
            histograms.len() - 1
        });
        histograms[histogram_idx].buckets.push((upper, idx));
    }
    for histogram in &mut histograms {
        histogram.buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    histograms
}

/// The quantile, interpolated linearly within its bucket, and whether counts had to be made monotonic.
fn bucket_quantile(q: f64, buckets: &mut Vec<Bucket>) -> (f64, bool) {
    if q.is_nan() {
        return (f64::NAN, false);
    }
    if q < 0.0 {
        return (f64::NEG_INFINITY, false);
    }
    if q > 1.0 {
        return (f64::INFINITY, false);
    }
    if buckets.last().is_none_or(|b| b.upper != f64::INFINITY) {
        return (f64::NAN, false);
    }
    coalesce(buckets);
    let forced = ensure_monotonic(buckets);
    let n = buckets.len();
    if n < 2 {
        return (f64::NAN, false);
    }
    let observations = buckets[n - 1].count;
    if observations == 0.0 {
        return (f64::NAN, false);
    }
    let mut rank = q * observations;
    // A count that is NaN reaches no rank.
    let idx = buckets[..n - 1].iter().position(|b| b.count >= rank).unwrap_or(n - 1);
    if idx == n - 1 {
        return (buckets[n - 2].upper, forced);
    }
    if idx == 0 && buckets[0].upper <= 0.0 {
        return (buckets[0].upper, forced);
    }
    let (mut start, end, mut count) = (0.0, buckets[idx].upper, buckets[idx].count);
    if idx > 0 {
        start = buckets[idx - 1].upper;
        count -= buckets[idx - 1].count;
        rank -= buckets[idx - 1].count;
    }
    (start + (end - start) * (rank / count), forced)
}

/// The share of observations between two values, interpolated linearly within buckets.
fn bucket_fraction(lower: f64, upper: f64, buckets: &mut Vec<Bucket>) -> f64 {
    if buckets.last().is_none_or(|b| b.upper != f64::INFINITY) {
        return f64::NAN;
    }
    coalesce(buckets);
    ensure_monotonic(buckets);
    let n = buckets.len();
    if n < 2 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    let total = buckets[n - 1].count;
    if total == 0.0 || total.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    // How many observations are at most `v`.
    let rank_of = |v: f64| {
        let idx = buckets.partition_point(|b| b.upper <= v);
        if idx == 0 {
            let first = buckets[0];
            // The first bucket begins at zero, unless it lies below.
            return if v <= 0.0 || first.upper <= 0.0 { 0.0 } else { first.count * (v / first.upper) };
        }
        let below = buckets[idx - 1];
        match buckets.get(idx) {
            Some(bucket) if bucket.upper.is_finite() => {
                below.count + (bucket.count - below.count) * (v - below.upper) / (bucket.upper - below.upper)
            }
            Some(_) => below.count,
            None => total,
        }
    };
    (rank_of(upper) - rank_of(lower)) / total
}

/// Adds up buckets with equal bounds (`le="1"` and `le="1.0"`).
fn coalesce(buckets: &mut Vec<Bucket>) {
    buckets.dedup_by(|next, kept| {
        let same = next.upper == kept.upper;
        if same {
            kept.count += next.count;
        }
        same
    });
}

/// Makes cumulative counts monotonic. Whether that changed more than rounding would.
fn ensure_monotonic(buckets: &mut [Bucket]) -> bool {
    let mut forced = false;
    let Some(first) = buckets.first() else { return false };
    let mut before = first.count;
    for bucket in &mut buckets[1..] {
        let current = bucket.count;
        if current == before {
            continue;
        }
        let sum = current.abs() + before.abs();
        let diff = (current - before).abs();
        if diff / sum.min(f64::MAX) < SMALL_DELTA {
            bucket.count = before;
        } else if current < before {
            bucket.count = before;
            forced = true;
        } else {
            before = current;
        }
    }
    forced
}

pub(crate) fn remark_on_quantiles(evaluator: &mut Evaluator<'_>, arg: &Expr, qs: &[f64]) {
    if let Some(&q) = qs.iter().find(|q| !(0.0..=1.0).contains(*q)) {
        let message = format!("quantile value should be between 0 and 1, got {}", go_g(q));
        evaluator.annotations.warn(arg.span(), message);
    }
}

fn remark_on_monotonicity(evaluator: &mut Evaluator<'_>, span: Span, name: &str) {
    let of = if name.is_empty() { String::new() } else { format!(" for metric name {}", model::quote(name)) };
    let message = format!(
        "input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile){of}"
    );
    evaluator.annotations.info(span, message);
}

/// A number as Go's `%g` writes it.
pub(crate) fn go_g(v: f64) -> String {
    number::format_short(v)
}
