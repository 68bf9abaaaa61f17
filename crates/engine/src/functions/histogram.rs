//! Quantiles and fractions of histograms: native ones, and classic ones, which are series that differ only in `le`.
//!
//! At a step at which a metric has both, it is not clear which to take: none is.

mod classic;

use crate::annotations::Annotations;
use crate::eval::Evaluator;
use crate::keys::Keys;
use crate::limits::EvalError;
use crate::read::Detail;
use crate::value::{Column, Eval, GAP, merge_equal};
use classic::{Bucket, Forced, bucket_fraction, bucket_quantile};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use model::histogram::Estimate;
use model::{Histogram, LE, Labels, LabelsBuilder, is_stale, number, quote};
use promql::Span;
use promql::ast::{Call, Expr};

const FORCED: &str = "input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)";

pub(crate) fn quantile(evaluator: &mut Evaluator<'_>, call: &Call) -> Result<Eval, EvalError> {
    let qs = evaluator.scalar(&call.args[0])?;
    remark_on_quantiles(&mut evaluator.annotations, call.args[0].span(), &qs);
    let input = Input::new(evaluator, &call.args[1])?;
    input.quantiles(evaluator, &qs).map(Eval::Vector)
}

/// `histogram_quantiles(v, label, q…)`: one series for each quantile.
pub(crate) fn quantiles(evaluator: &mut Evaluator<'_>, call: &Call) -> Result<Eval, EvalError> {
    let label = evaluator.string(&call.args[1])?;
    let mut quantiles = Vec::with_capacity(call.args.len());
    for arg in &call.args[2..] {
        let qs = evaluator.scalar(arg)?;
        remark_on_quantiles(&mut evaluator.annotations, arg.span(), &qs);
        quantiles.push(qs);
    }
    let input = Input::new(evaluator, &call.args[0])?;
    let mut out = Vec::new();
    for qs in quantiles {
        let columns = input.quantiles(evaluator, &qs)?;
        // The quantile is in the label: where it changes from step to step, so does the series.
        for q in distinct(&qs) {
            let value = open_metrics(q);
            for column in &columns {
                let vs = column.vs.iter().zip(&qs).map(|(v, at)| if same(*at, q) { *v } else { GAP });
                let labels = LabelsBuilder::from_labels(&column.labels).set(&label, &value).labels();
                out.push(Column::floats(labels, column.drop_name, vs.collect()));
            }
            evaluator.check_size(out.len(), call.span)?;
        }
    }
    merge_equal(out, call.span).map(Eval::Vector)
}

pub(crate) fn fraction(evaluator: &mut Evaluator<'_>, call: &Call) -> Result<Eval, EvalError> {
    let lower = evaluator.scalar(&call.args[0])?;
    let upper = evaluator.scalar(&call.args[1])?;
    let input = Input::new(evaluator, &call.args[2])?;
    let native = |step_idx: usize, h: &Histogram| h.fraction(lower[step_idx], upper[step_idx]);
    let classic =
        |step_idx: usize, buckets: &mut Vec<Bucket>| (bucket_fraction(lower[step_idx], upper[step_idx], buckets), None);
    input.each(evaluator, &native, &classic).map(Eval::Vector)
}

/// A number of each native histogram; floats are left out. `detail`: what the function looks at.
pub(crate) fn number(
    evaluator: &mut Evaluator<'_>,
    arg: &Expr,
    detail: Detail,
    f: fn(&Histogram) -> f64,
) -> Result<Eval, EvalError> {
    let mut columns = evaluator.with_detail(detail, |evaluator| evaluator.vector(arg))?;
    columns.retain(|column| !column.hs.is_empty());
    for column in &mut columns {
        column.drop_name = true;
        column.vs.fill(GAP);
        for (step_idx, h) in column.hs.iter() {
            column.vs[step_idx] = f(h);
        }
        column.drop_histograms();
    }
    Ok(Eval::Vector(columns))
}

/// The histograms of a vector.
struct Input {
    columns: Vec<Column>,
    /// Indices of columns with native histograms, and of the classic histogram with the same labels.
    native: Vec<(usize, Option<usize>)>,
    classic: Vec<Classic>,
    span: Span,
}

/// A classic histogram.
struct Classic {
    /// Without `le`.
    labels: Labels,
    /// Upper bounds and the columns with the counts, sorted by bound.
    buckets: Vec<(f64, usize)>,
    /// The column of native histograms with the same labels.
    native: Option<usize>,
}

/// A value of a classic histogram at a step, and what was wrong with its buckets.
type ClassicEstimate<'a> = dyn Fn(usize, &mut Vec<Bucket>) -> (f64, Option<Forced>) + 'a;

impl Input {
    fn new(evaluator: &mut Evaluator<'_>, arg: &Expr) -> Result<Input, EvalError> {
        let columns = evaluator.with_detail(Detail::Buckets, |evaluator| evaluator.vector(arg))?;
        evaluator.count(columns.len() * evaluator.grid.len, arg.span())?;
        let mut input = Input { columns, native: Vec::new(), classic: Vec::new(), span: arg.span() };
        let by_labels = input.find_classic(&mut evaluator.annotations);
        for idx in 0..input.columns.len() {
            let column = &input.columns[idx];
            if column.hs.is_empty() {
                continue;
            }
            let classic = by_labels.get(&column.labels).copied();
            if let Some(classic) = classic {
                input.classic[classic].native = Some(idx);
                if column.hs.iter().any(|(step_idx, _)| input.has_buckets(classic, step_idx)) {
                    let message = "vector contains a mix of classic and native histograms";
                    evaluator.annotations.warn(input.span, with_name(message, &column.labels));
                }
            }
            input.native.push((idx, classic));
        }
        Ok(input)
    }

    /// Groups the series of floats by their labels without `le`.
    fn find_classic(&mut self, annotations: &mut Annotations) -> HashMap<Labels, usize, FixedState> {
        let mut keys = Keys::default();
        for (idx, column) in self.columns.iter().enumerate() {
            if column.vs.iter().all(|&v| is_stale(v)) {
                continue;
            }
            let le = column.labels.get(LE).unwrap_or("");
            let Some(upper) = number::parse(le) else {
                let message =
                    format!("bucket label {} is missing or has a malformed value of {}", quote(LE), quote(le));
                annotations.warn(self.span, with_name(&message, &column.labels));
                continue;
            };
            let classic = keys.number(&column.labels, |name| name != LE);
            if classic == self.classic.len() {
                let labels = column.labels.only(|name| name != LE);
                self.classic.push(Classic { labels, buckets: Vec::new(), native: None });
            }
            self.classic[classic].buckets.push((upper, idx));
        }
        for classic in &mut self.classic {
            model::sort::by(&mut classic.buckets, |a, b| a.0.total_cmp(&b.0));
        }
        keys.into_labels().into_iter().enumerate().map(|(number, labels)| (labels, number)).collect()
    }

    fn has_buckets(&self, classic: usize, step_idx: usize) -> bool {
        self.classic[classic].buckets.iter().any(|&(_, column)| !is_stale(self.columns[column].vs[step_idx]))
    }

    fn quantiles(&self, evaluator: &mut Evaluator<'_>, qs: &[f64]) -> Result<Vec<Column>, EvalError> {
        let native = |step_idx: usize, h: &Histogram| h.quantile(qs[step_idx]);
        let classic = |step_idx: usize, buckets: &mut Vec<Bucket>| bucket_quantile(qs[step_idx], buckets);
        self.each(evaluator, &native, &classic)
    }

    /// Asks for a value of each histogram at each step, and passes on what there is to say about it.
    fn each(
        &self,
        evaluator: &mut Evaluator<'_>,
        native: &dyn Fn(usize, &Histogram) -> Estimate,
        classic: &ClassicEstimate<'_>,
    ) -> Result<Vec<Column>, EvalError> {
        let n_steps = evaluator.grid.len;
        let mut out = Vec::with_capacity(self.native.len() + self.classic.len());
        for &(idx, classic) in &self.native {
            let column = &self.columns[idx];
            let mut result = Column::blank(column.labels.clone(), true, n_steps);
            let mut n_buckets = 0;
            for (step_idx, h) in column.hs.iter() {
                if classic.is_some_and(|classic| self.has_buckets(classic, step_idx)) {
                    continue;
                }
                let estimate = native(step_idx, h);
                if let Some(nan) = estimate.nan {
                    evaluator.annotations.info(self.span, with_name(nan.message(), &column.labels));
                }
                result.vs[step_idx] = estimate.value;
                n_buckets += h.positive.len() + h.negative.len();
            }
            evaluator.work(n_buckets, self.span)?;
            out.push(result);
        }
        let mut buckets = Vec::new();
        let mut forced: Vec<(String, Forced)> = Vec::new();
        for histogram in &self.classic {
            let mut result = Column::blank(histogram.labels.clone(), true, n_steps);
            for step_idx in 0..n_steps {
                if histogram.native.is_some_and(|native| self.columns[native].hs.get(step_idx).is_some()) {
                    continue;
                }
                buckets.clear();
                let counts =
                    histogram.buckets.iter().map(|&(upper, column)| (upper, self.columns[column].vs[step_idx]));
                buckets.extend(
                    counts.filter(|(_, count)| !is_stale(*count)).map(|(upper, count)| Bucket { upper, count }),
                );
                if buckets.is_empty() {
                    continue;
                }
                let (v, new) = classic(step_idx, &mut buckets);
                result.vs[step_idx] = v;
                if let Some(new) = new {
                    let message = with_name(FORCED, &histogram.labels);
                    let known = forced.iter().position(|(known, _)| *known == message).unwrap_or_else(|| {
                        forced.push((message, Forced::default()));
                        forced.len() - 1
                    });
                    forced[known].1.add(&new, evaluator.grid.time(step_idx));
                }
            }
            out.push(result);
        }
        for (message, forced) in forced {
            evaluator.annotations.info(self.span, format!("{message}, {forced}"));
        }
        // A series may be of native histograms at some steps and of classic ones at others.
        merge_equal(out, self.span)
    }
}

fn with_name(message: &str, labels: &Labels) -> String {
    match labels.metric_name() {
        Some(name) => format!("{message} for metric name {}", quote(name)),
        None => message.to_owned(),
    }
}

/// Remarks on each quantile that is none.
pub(crate) fn remark_on_quantiles(annotations: &mut Annotations, span: Span, qs: &[f64]) {
    for q in distinct(qs).into_iter().filter(|q| !(0.0..=1.0).contains(q)) {
        annotations.warn(span, format!("quantile value should be between 0 and 1, got {}", go_g(q)));
    }
}

fn distinct(values: &[f64]) -> Vec<f64> {
    let mut out: Vec<f64> = Vec::new();
    for &v in values {
        // Most often all are the same.
        if !out.iter().rev().any(|&known| same(known, v)) {
            out.push(v);
        }
    }
    out
}

fn same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

/// A number as Go's `%g` writes it.
pub(crate) fn go_g(v: f64) -> String {
    number::format_compact(v)
}

/// A number as a label of OpenMetrics: it looks like a float.
fn open_metrics(v: f64) -> String {
    // Zero has no sign there.
    let text = go_g(if v == 0.0 { 0.0 } else { v });
    if v.is_finite() && !text.contains(['.', 'e']) { text + ".0" } else { text }
}
