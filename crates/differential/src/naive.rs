//! A second evaluator, as simple as can be: step by step, series by series, each window collected anew from the samples.
//!
//! It shares nothing with the engine but the parser and the labels. What it does with [`Rules::CURRENT`] is what the
//! engine has to do to the last bit; other rules say how older versions of Prometheus differ. Native histograms are not in it.
//!
//! Sums depend on their order. Both evaluators keep this one: series of a selector by labels, groups and matches as they
//! first occur, the left side of `or` before the right.

mod aggregate;
mod binary;
mod call;
mod date;
mod extended;
mod histogram;
mod label;
mod range;
mod sum;

use crate::data::Series;
use crate::rules::Rules;
use conformance::Answer;
use model::{Labels, LabelsBuilder, METRIC_NAME, StepGrid, Timestamp, is_stale};
use promql::ast::{At, DurationExpr, Expr, Extension, ValueType, VectorSelector};
use std::collections::{BTreeMap, HashMap, HashSet};
use tsdb::CompiledMatcher;

/// How long a sample counts, ms.
const LOOKBACK: i64 = 300_000;
/// The step of a subquery that names none, ms.
const DEFAULT_STEP: i64 = 60_000;

/// A value of one series at one step.
#[derive(Clone, Debug)]
struct Element {
    labels: Labels,
    /// The name goes at the end of the query.
    drop_name: bool,
    v: f64,
}

/// Series at each step.
#[derive(Clone, Debug, Default)]
struct Vectors {
    /// The series that occur, in their order.
    order: Vec<Labels>,
    /// The values of each step, in that order.
    steps: Vec<Vec<Element>>,
}

/// What an expression gives.
#[derive(Clone, Debug)]
enum Value {
    Scalar(Vec<f64>),
    Text(String),
    Vectors(Vectors),
}

/// What a range selector or a subquery gives: series with all samples that may be asked for.
struct Ranges {
    /// Labels, whether the name goes at the end of the query, and samples.
    series: Vec<RangeSeries>,
    /// For each step the end of its range.
    ends: Vec<i64>,
    /// The length of the range, ms.
    length: i64,
    extension: Option<Extension>,
}

type RangeSeries = (Labels, bool, Vec<(i64, f64)>);

/// An evaluation of one query.
struct Naive<'a> {
    series: &'a [Series],
    rules: Rules,
    whole: (i64, i64),
    step_seconds: f64,
}

type Fallible<T> = Result<T, String>;

/// Answers a query.
///
/// # Errors
/// Why there is no answer; the text is for people.
pub fn evaluate(
    series: &[Series],
    expr: &Expr,
    grid: StepGrid,
    as_range: bool,
    rules: Rules,
) -> Result<Answer, String> {
    let times: Vec<i64> = grid.times().map(|t| t.0).collect();
    let whole = (grid.start.0, grid.end().0);
    let step_seconds = if as_range { grid.step.as_secs_f64() } else { 0.0 };
    let naive = Naive { series, rules, whole, step_seconds };
    if expr.value_type() == ValueType::Matrix {
        if as_range {
            return Err("a range vector has no place in a range query".to_owned());
        }
        let ranges = naive.ranges(expr, &times)?;
        let mut out = Vec::new();
        for (labels, drop_name, samples) in &ranges.series {
            let window = naive.window(samples, ranges.ends[0], ranges.length);
            if !window.is_empty() {
                let labels = if *drop_name { without_name(labels) } else { labels.clone() };
                out.push((labels, window.into_iter().map(|(t, v)| (Timestamp(t), v)).collect()));
            }
        }
        return Ok(Answer::Series(out));
    }
    match naive.eval(expr, &times)? {
        Value::Text(_) if as_range => Err("a text has no place in a range query".to_owned()),
        Value::Text(text) => Ok(Answer::String(text)),
        Value::Scalar(vs) if as_range => {
            let points = times.iter().zip(vs).map(|(t, v)| (Timestamp(*t), v)).collect();
            Ok(Answer::Series(vec![(Labels::empty(), points)]))
        }
        Value::Scalar(vs) => Ok(Answer::Scalar(vs[0])),
        Value::Vectors(vectors) => answer_of(&vectors, &times),
    }
}

/// Drops the names that are to be dropped; series that become equal are one where they do not overlap.
fn answer_of(vectors: &Vectors, times: &[i64]) -> Fallible<Answer> {
    let mut order: Vec<Labels> = Vec::new();
    let mut points: HashMap<Labels, BTreeMap<Timestamp, f64>> = HashMap::new();
    for (step, time) in vectors.steps.iter().zip(times) {
        for element in step {
            let labels = if element.drop_name { without_name(&element.labels) } else { element.labels.clone() };
            if !order.contains(&labels) {
                order.push(labels.clone());
            }
            if points.entry(labels).or_default().insert(Timestamp(*time), element.v).is_some() {
                return Err("vector cannot contain metrics with the same labelset".to_owned());
            }
        }
    }
    let take =
        |labels: Labels| (labels.clone(), points.get(&labels).into_iter().flatten().map(|(t, v)| (*t, *v)).collect());
    Ok(Answer::Series(order.into_iter().map(take).collect()))
}

impl Naive<'_> {
    fn eval(&self, expr: &Expr, times: &[i64]) -> Fallible<Value> {
        match expr {
            Expr::Number(number) => Ok(Value::Scalar(vec![number.value; times.len()])),
            Expr::String(text) => Ok(Value::Text(text.value.clone())),
            Expr::Paren(paren) => self.eval(&paren.expr, times),
            Expr::Vector(selector) => self.select(selector, times, |_, v| v).map(Value::Vectors),
            Expr::Unary(unary) if !unary.negative => self.eval(&unary.expr, times),
            Expr::Unary(unary) => match self.eval(&unary.expr, times)? {
                Value::Scalar(vs) => Ok(Value::Scalar(vs.into_iter().map(|v| -v).collect())),
                Value::Vectors(vectors) => self.without_names(vectors, |_, v| Some(-v), true).map(Value::Vectors),
                Value::Text(_) => Err("a text has no sign".to_owned()),
            },
            Expr::Binary(binary) => self.binary(binary, times),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate, times).map(Value::Vectors),
            Expr::Call(call) => self.call(call, times),
            Expr::Matrix(_) | Expr::Subquery(_) | Expr::Missing(_) => Err("no value".to_owned()),
        }
    }

    fn vectors(&self, expr: &Expr, times: &[i64]) -> Fallible<Vectors> {
        match self.eval(expr, times)? {
            Value::Vectors(vectors) => Ok(vectors),
            _ => Err("expected series".to_owned()),
        }
    }

    fn scalar(&self, expr: &Expr, times: &[i64]) -> Fallible<Vec<f64>> {
        match self.eval(expr, times)? {
            Value::Scalar(vs) => Ok(vs),
            _ => Err("expected a number".to_owned()),
        }
    }

    fn text(&self, expr: &Expr) -> Fallible<String> {
        match self.eval(expr, &[0])? {
            Value::Text(text) => Ok(text),
            _ => Err("expected a text".to_owned()),
        }
    }

    /// At each time the newest sample that is not too old, unless it says that the series ended.
    fn select(&self, selector: &VectorSelector, times: &[i64], part: impl Fn(i64, f64) -> f64) -> Fallible<Vectors> {
        if selector.extension == Some(Extension::Smoothed) {
            return self.select_smoothed(selector, times);
        }
        let mut steps = vec![Vec::new(); times.len()];
        for series in self.matching(selector)? {
            for (step, time) in steps.iter_mut().zip(times) {
                let end = self.reference(*time, selector.at, selector.offset.as_ref())?;
                let newest = series.samples.iter().rfind(|(t, _)| *t <= end);
                if let Some(&(t, v)) = newest
                    && self.is_inside(t, end - LOOKBACK)
                    && !is_stale(v)
                {
                    step.push(Element { labels: series.labels.clone(), drop_name: false, v: part(t, v) });
                }
            }
        }
        let order = self.series.iter().map(|s| s.labels.clone()).collect();
        self.assemble(order, steps)
    }

    /// The series of a selector, by labels.
    fn matching(&self, selector: &VectorSelector) -> Fallible<Vec<&Series>> {
        let mut out: Vec<&Series> = self.series.iter().collect();
        for matcher in &selector.matchers {
            let compiled = CompiledMatcher::new(matcher).map_err(|e| e.to_string())?;
            out.retain(|s| compiled.matches(s.labels.get(&matcher.name).unwrap_or("")));
        }
        out.sort_by(|a, b| a.labels.cmp(&b.labels));
        Ok(out)
    }

    /// Whether a time is behind the left end of a range.
    fn is_inside(&self, t: i64, left: i64) -> bool {
        if self.rules.closed_left { t >= left } else { t > left }
    }

    /// The samples of a range, without markers.
    fn window(&self, samples: &[(i64, f64)], end: i64, length: i64) -> Vec<(i64, f64)> {
        let inside = |(t, v): &&(i64, f64)| self.is_inside(*t, end - length) && *t <= end && !is_stale(*v);
        samples.iter().filter(inside).copied().collect()
    }

    /// Where samples are looked for at a step.
    fn reference(&self, time: i64, at: Option<At>, offset: Option<&DurationExpr>) -> Fallible<i64> {
        let fixed = match at {
            None => time,
            Some(At::Time(t)) => t.0,
            Some(At::Start) => self.whole.0,
            Some(At::End) => self.whole.1,
        };
        Ok(fixed - offset.map_or(Ok(0), |offset| self.millis(offset))?)
    }

    fn millis(&self, duration: &DurationExpr) -> Fallible<i64> {
        let range = (self.whole.1 - self.whole.0) as f64 / 1000.0;
        let seconds = duration.eval(self.step_seconds, range).ok_or("this duration has no value")?;
        Ok((seconds * 1000.0).round() as i64)
    }

    fn ranges(&self, expr: &Expr, times: &[i64]) -> Fallible<Ranges> {
        match expr.unwrap_parens() {
            Expr::Matrix(matrix) => {
                let length = self.millis(&matrix.range)?;
                let ends =
                    times.iter().map(|t| self.reference(*t, matrix.selector.at, matrix.selector.offset.as_ref()));
                let series = self.matching(&matrix.selector)?;
                let series = series.into_iter().map(|s| (s.labels.clone(), false, s.samples.clone())).collect();
                Ok(Ranges {
                    series,
                    ends: ends.collect::<Fallible<_>>()?,
                    length,
                    extension: matrix.selector.extension,
                })
            }
            Expr::Subquery(subquery) => {
                let length = self.millis(&subquery.range)?;
                let step = subquery.step.as_ref().map_or(Ok(DEFAULT_STEP), |step| self.millis(step))?;
                let ends = times.iter().map(|t| self.reference(*t, subquery.at, subquery.offset.as_ref()));
                let ends: Vec<i64> = ends.collect::<Fallible<_>>()?;
                // The inner steps are multiples of the step that lie in some range, and those between.
                let mut inner = Vec::new();
                if let (Some(first), Some(last)) = (ends.first(), ends.last()) {
                    let first = first - length;
                    inner.extend((first.div_euclid(step)..=last.div_euclid(step)).map(|n| n * step));
                    inner.retain(|t| self.is_inside(*t, first));
                }
                let vectors = self.vectors(&subquery.expr, &inner)?;
                let mut series: Vec<RangeSeries> =
                    vectors.order.iter().map(|labels| (labels.clone(), false, Vec::new())).collect();
                for (t, elements) in inner.iter().zip(&vectors.steps) {
                    for element in elements {
                        if let Some(found) = series.iter_mut().find(|s| s.0 == element.labels) {
                            found.1 = element.drop_name;
                            found.2.push((*t, element.v));
                        }
                    }
                }
                Ok(Ranges { series, ends, length, extension: None })
            }
            _ => Err("expected a range vector".to_owned()),
        }
    }

    /// Applies a function to each value and drops the names; `None` leaves the value out. `all`: series that become equal
    /// are refused even if they do not overlap, where names go at once.
    fn without_names(&self, vectors: Vectors, f: impl Fn(usize, f64) -> Option<f64>, all: bool) -> Fallible<Vectors> {
        let order = vectors.order.iter().map(|labels| self.nameless(labels)).collect::<Vec<_>>();
        if all && self.rules.names_at_once && order.iter().collect::<HashSet<_>>().len() < order.len() {
            return Err("vector cannot contain metrics with the same labelset".to_owned());
        }
        let step = |(idx, elements): (usize, Vec<Element>)| {
            let each =
                |e: Element| Some(Element { labels: self.nameless(&e.labels), drop_name: true, v: f(idx, e.v)? });
            elements.into_iter().filter_map(each).collect()
        };
        self.assemble(order, vectors.steps.into_iter().enumerate().map(step).collect())
    }

    /// The labels of a result whose name goes: at once or at the end.
    fn nameless(&self, labels: &Labels) -> Labels {
        if self.rules.names_at_once { without_name(labels) } else { labels.clone() }
    }

    /// Puts the values of each step into the given order of series. A series is known by its labels: two values of
    /// one at the same step are an error; whether its name goes is said by the first.
    fn assemble(&self, order: Vec<Labels>, mut steps: Vec<Vec<Element>>) -> Fallible<Vectors> {
        let mut drops: HashMap<Labels, bool> = HashMap::new();
        for elements in &mut steps {
            let mut seen = HashSet::new();
            for element in elements.iter_mut() {
                if !seen.insert(element.labels.clone()) {
                    return Err("vector cannot contain metrics with the same labelset".to_owned());
                }
                element.drop_name = *drops.entry(element.labels.clone()).or_insert(element.drop_name);
            }
        }
        let mut places: HashMap<Labels, usize> = HashMap::new();
        let mut kept = Vec::new();
        for labels in order {
            if drops.contains_key(&labels) && !places.contains_key(&labels) {
                places.insert(labels.clone(), kept.len());
                kept.push(labels);
            }
        }
        for elements in &mut steps {
            elements.sort_by_key(|e| places.get(&e.labels).copied());
        }
        Ok(Vectors { order: kept, steps })
    }
}

/// The labels without the name.
fn without_name(labels: &Labels) -> Labels {
    LabelsBuilder::from_labels(labels).remove(METRIC_NAME).labels()
}
