//! `info`: adds to series the labels of the info metrics (`target_info` and the like) of the same instance and job.
//!
//! Which info series are there may change from step to step; a series then goes on under other labels. As everything else
//! here the values stay in columns: each series asks once for each combination of info series that it meets.

use crate::binary::braces;
use crate::eval::{Evaluator, left_open, reference_span};
use crate::limits::EvalError;
use crate::selector::{Part, newest, newest_histograms};
use crate::value::{Column, Eval, GAP, Reference};
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use model::{INSTANCE, JOB, Labels, LabelsBuilder, METRIC_NAME, MatchOp, Matcher, Millis, TimeRange, is_stale};
use promql::Span;
use promql::ast::{Call, Expr, MatrixSelector, ValueType};
use promql::functions::FunctionId;
use std::collections::BTreeMap;
use tsdb::{CompiledMatcher, SampleBuf};

/// What a series and its info series have in common.
const IDENTIFYING: [&str; 2] = [INSTANCE, JOB];

pub(super) fn eval(evaluator: &mut Evaluator<'_>, call: &Call) -> Result<Eval, EvalError> {
    let base = evaluator.vector(&call.args[0])?;
    let wanted = Wanted::new(call.args.get(1), call.span)?;
    let is_info: Vec<bool> = base.iter().map(|column| wanted.is_info(&column.labels)).collect();
    let info = info_series(evaluator, call, &base, &is_info, &wanted)?;
    let infos = group(&base, info, evaluator.grid.len, call.span)?;
    let mut joined =
        Joined { span: call.span, n_steps: evaluator.grid.len, out: Vec::new(), by_labels: HashMap::default() };
    for (column, is_info) in base.iter().zip(is_info) {
        if is_info {
            joined.add(column, |_| Ok(Some(column.labels.clone())), |_, chosen| chosen.clear())?;
            continue;
        }
        let own = infos.get(&identity(&column.labels));
        let labels = |chosen: &[usize]| wanted.labels_with(column, own, chosen, call.span);
        joined.add(column, labels, |step_idx, chosen| {
            chosen.clear();
            chosen.extend(own.into_iter().flat_map(|own| own.iter()).map(|metric| metric.newest[step_idx]));
        })?;
    }
    evaluator.check_size(joined.out.len(), call.span)?;
    Ok(Eval::Vector(joined.out))
}

/// What the second argument asks for.
struct Wanted {
    /// Which metrics are info metrics.
    names: Vec<Matcher>,
    /// Conditions on their labels; only labels that are named here are added, if any is.
    data: Vec<Matcher>,
    compiled_names: Vec<CompiledMatcher>,
    /// Series without an info series have nothing that a condition asks for.
    demands_info: bool,
}

impl Wanted {
    fn new(arg: Option<&Expr>, span: Span) -> Result<Wanted, EvalError> {
        let matchers = match arg {
            Some(Expr::Vector(selector)) => selector.matchers.as_slice(),
            _ => &[],
        };
        let (mut names, data): (Vec<_>, Vec<_>) = matchers.iter().cloned().partition(|m| m.name == METRIC_NAME);
        // Conditions that only exclude would leave every other metric.
        if !names.iter().any(|m| matches!(m.op, MatchOp::Equal | MatchOp::Regex)) {
            names.push(if names.is_empty() {
                Matcher::new(METRIC_NAME, MatchOp::Equal, "target_info")
            } else {
                Matcher::new(METRIC_NAME, MatchOp::Regex, ".+_info")
            });
        }
        let compile = |matchers: &[Matcher]| {
            let compiled = matchers.iter().map(CompiledMatcher::new).collect::<Result<Vec<_>, _>>();
            compiled.map_err(|error| EvalError::invalid(span, error.to_string()))
        };
        let compiled_names = compile(&names)?;
        let demands_info = compile(&data)?.iter().any(|m| !m.matches(""));
        Ok(Wanted { names, data, compiled_names, demands_info })
    }

    /// Whether a series is itself of an info metric, which nothing is added to.
    fn is_info(&self, labels: &Labels) -> bool {
        let name = labels.metric_name().unwrap_or("");
        self.compiled_names.iter().all(|m| m.matches(name))
    }

    /// The labels of a series with those of its info series, one a metric; `None` if the series is to be dropped.
    fn labels_with(
        &self,
        column: &Column,
        infos: Option<&Vec<InfoMetric>>,
        chosen: &[usize],
        span: Span,
    ) -> Result<Option<Labels>, EvalError> {
        let mut added: BTreeMap<&str, &str> = BTreeMap::new();
        let mut is_alone = true;
        for (metric, &idx) in infos.into_iter().flatten().zip(chosen) {
            let Some(labels) = metric.series.get(idx) else { continue };
            is_alone = false;
            for (name, value) in labels {
                let is_wanted = self.data.is_empty() || self.data.iter().any(|m| m.name == name);
                if name == METRIC_NAME || !is_wanted || column.labels.get(name).is_some() {
                    continue;
                }
                if added.insert(name, value).is_some_and(|other| other != value) {
                    return Err(EvalError::invalid(span, format!("conflicting label: {name}")));
                }
            }
        }
        if is_alone && self.demands_info {
            return Ok(None);
        }
        let mut builder = LabelsBuilder::from_labels(&column.labels);
        for (name, value) in added {
            builder.set(name, value);
        }
        Ok(Some(builder.labels()))
    }
}

/// An info series with the time of its sample, in seconds, at each step.
struct InfoSeries {
    labels: Labels,
    times: Vec<f64>,
}

/// The info series of those of the base series that are not info series.
fn info_series(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    base: &[Column],
    is_info: &[bool],
    wanted: &Wanted,
) -> Result<Vec<InfoSeries>, EvalError> {
    // Values of identifying labels, for each of the ways to have some of them.
    let mut values: HashMap<[bool; 2], [HashSet<&str, FixedState>; 2], FixedState> = HashMap::default();
    for (column, _) in base.iter().zip(is_info).filter(|(_, is_info)| !**is_info) {
        let own = IDENTIFYING.map(|label| column.labels.get(label));
        let sets = values.entry(own.map(|value| value.is_some())).or_default();
        for (set, value) in sets.iter_mut().zip(own) {
            set.extend(value);
        }
    }
    values.remove(&[false; 2]);
    if values.is_empty() || evaluator.grid.len == 0 {
        return Ok(Vec::new());
    }
    let reference = reference(evaluator, &call.args[0])?;
    let lookback = evaluator.options.lookback_delta.0;
    let (first, last) = reference_span(&reference, &evaluator.grid);
    let range: TimeRange = left_open(first.saturating_sub(lookback), last);
    let matchers: Vec<Matcher> = wanted.names.iter().chain(&wanted.data).cloned().collect();
    let found = evaluator.head.select(&matchers, range);
    let found = found.map_err(|error| EvalError::invalid(call.span, error.to_string()))?;
    let mut out = Vec::new();
    let mut buf = SampleBuf::default();
    for series in found {
        let labels = evaluator.head.labels(series).cloned().unwrap_or_default();
        let own = IDENTIFYING.map(|label| labels.get(label));
        let fits = |sets: &[HashSet<&str, FixedState>; 2]| {
            sets.iter().zip(own).all(|(set, value)| set.is_empty() || value.is_some_and(|value| set.contains(value)))
        };
        if !values.values().any(fits) {
            continue;
        }
        buf.clear();
        evaluator.head.read(series, range, &mut buf);
        evaluator.count(buf.len() + evaluator.grid.len, call.span)?;
        let mut column = Column::floats(Labels::empty(), false, Vec::with_capacity(evaluator.grid.len));
        newest(&buf, &evaluator.grid, &reference, lookback, Part::Time, &mut column.vs);
        if !buf.histograms.is_empty() {
            let mut histograms = Column::blank(Labels::empty(), false, evaluator.grid.len);
            newest_histograms(&buf, &evaluator.grid, &reference, lookback, Part::Time, &mut histograms);
            if !histograms.is_blank() {
                let message = format!("this should be an info metric, with float samples: {}", braces(&labels));
                return Err(EvalError::invalid(call.span, message));
            }
        }
        out.push(InfoSeries { labels, times: column.vs });
    }
    Ok(out)
}

/// When info series are looked at: when all selectors of the argument are, be it in a subquery. If they do not agree, or
/// some series come from no selector, it is the time of the step.
fn reference(evaluator: &Evaluator<'_>, arg: &Expr) -> Result<Reference, EvalError> {
    let step = Reference { fixed: None, offset_ms: 0 };
    let mut found = None;
    let agree = collect_references(evaluator, arg, step, &mut found)?;
    Ok(found.filter(|_| agree).unwrap_or(step))
}

/// Looks at all that the series of an expression come from; `around` is when the subqueries around it look. Whether they
/// agree on one time, which goes to `found`.
fn collect_references(
    evaluator: &Evaluator<'_>,
    expr: &Expr,
    around: Reference,
    found: &mut Option<Reference>,
) -> Result<bool, EvalError> {
    // Numbers and texts bring no series.
    if !matches!(expr.value_type(), ValueType::Vector | ValueType::Matrix) {
        return Ok(true);
    }
    let within = |own: Reference| match own.fixed {
        Some(_) => own,
        None => Reference { fixed: around.fixed, offset_ms: around.offset_ms.saturating_add(own.offset_ms) },
    };
    let leaf = match expr {
        Expr::Vector(selector) => within(evaluator.reference(selector.at, selector.offset.as_ref())?),
        Expr::Matrix(MatrixSelector { selector, .. }) => {
            within(evaluator.reference(selector.at, selector.offset.as_ref())?)
        }
        Expr::Subquery(subquery) => {
            let around = within(evaluator.reference(subquery.at, subquery.offset.as_ref())?);
            return collect_references(evaluator, &subquery.expr, around, found);
        }
        other => {
            let mut children = other.children();
            if matches!(other, Expr::Call(Call { func: Some(func), .. }) if func.id == FunctionId::Info) {
                children.truncate(1);
            }
            children.retain(|child| matches!(child.value_type(), ValueType::Vector | ValueType::Matrix));
            if children.is_empty() {
                around
            } else {
                for child in children {
                    if !collect_references(evaluator, child, around, found)? {
                        return Ok(false);
                    }
                }
                return Ok(true);
            }
        }
    };
    // `@ 180 offset 1m` is `@ 120`.
    let leaf = match leaf.fixed {
        Some(at) => Reference { fixed: Some(at - Millis(leaf.offset_ms)), offset_ms: 0 },
        None => leaf,
    };
    let first = *found.get_or_insert(leaf);
    Ok(first.fixed == leaf.fixed && first.offset_ms == leaf.offset_ms)
}

/// The values of the identifying labels.
type Identity = [Option<String>; 2];

fn identity(labels: &Labels) -> Identity {
    IDENTIFYING.map(|label| labels.get(label).map(str::to_owned))
}

/// The info series of one metric for one identity.
struct InfoMetric {
    series: Vec<Labels>,
    /// Which of the series has the newest sample at a step; [`usize::MAX`] if none has any.
    newest: Vec<usize>,
}

/// Info series by identity, one entry a metric. Two that are as new as each other are an error, at steps at which there is
/// something to add them to.
fn group(
    base: &[Column],
    info: Vec<InfoSeries>,
    n_steps: usize,
    span: Span,
) -> Result<HashMap<Identity, Vec<InfoMetric>, FixedState>, EvalError> {
    let mut by_name: BTreeMap<(String, Identity), Vec<InfoSeries>> = BTreeMap::new();
    for series in info {
        let name = series.labels.metric_name().unwrap_or("").to_owned();
        by_name.entry((name, identity(&series.labels))).or_default().push(series);
    }
    let is_used: Vec<bool> = (0..n_steps).map(|step_idx| base.iter().any(|c| c.has(step_idx))).collect();
    let mut groups: HashMap<_, Vec<InfoMetric>, FixedState> = HashMap::default();
    for ((_, identity), list) in by_name {
        let mut newest = vec![usize::MAX; n_steps];
        for step_idx in (0..n_steps).filter(|&step_idx| is_used[step_idx]) {
            let mut best = GAP;
            for (idx, series) in list.iter().enumerate() {
                let time = series.times[step_idx];
                if is_stale(time) {
                    continue;
                }
                if !is_stale(best) && time == best {
                    let (existing, new) = (&list[newest[step_idx]].labels, &series.labels);
                    let (existing, new, ms) = (braces(existing), braces(new), (time * 1000.0).round());
                    let message =
                        format!("found duplicate series for info metric: existing {existing} @ {ms}, new {new} @ {ms}");
                    return Err(EvalError::invalid(span, message));
                }
                if is_stale(best) || time > best {
                    best = time;
                    newest[step_idx] = idx;
                }
            }
        }
        let series = list.into_iter().map(|series| series.labels).collect();
        groups.entry(identity).or_default().push(InfoMetric { series, newest });
    }
    Ok(groups)
}

/// The result: a column for each set of labels.
struct Joined {
    span: Span,
    n_steps: usize,
    out: Vec<Column>,
    by_labels: HashMap<Labels, usize, FixedState>,
}

impl Joined {
    /// Distributes the values of a series over the labels that it has with the info series chosen for a step.
    fn add(
        &mut self,
        column: &Column,
        labels: impl Fn(&[usize]) -> Result<Option<Labels>, EvalError>,
        choose: impl Fn(usize, &mut Vec<usize>),
    ) -> Result<(), EvalError> {
        let mut known: HashMap<Vec<usize>, Option<usize>, FixedState> = HashMap::default();
        let mut chosen = Vec::new();
        for step_idx in 0..self.n_steps {
            let Some(point) = column.point(step_idx) else { continue };
            choose(step_idx, &mut chosen);
            let target = match known.get(&chosen) {
                Some(target) => *target,
                None => {
                    let target = labels(&chosen)?.map(|labels| self.column_of(labels, column.drop_name));
                    known.insert(chosen.clone(), target);
                    target
                }
            };
            let Some(target) = target else { continue };
            if self.out[target].has(step_idx) {
                return Err(EvalError::invalid(self.span, "vector cannot contain metrics with the same labelset"));
            }
            self.out[target].set(step_idx, point);
        }
        Ok(())
    }

    fn column_of(&mut self, labels: Labels, drop_name: bool) -> usize {
        *self.by_labels.entry(labels).or_insert_with_key(|labels| {
            self.out.push(Column::blank(labels.clone(), drop_name, self.n_steps));
            self.out.len() - 1
        })
    }
}
