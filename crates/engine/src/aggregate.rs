//! Aggregations: groups are found once, then each step is combined over the columns of a group.

mod columns;
mod limit;
mod select;

use crate::eval::Evaluator;
use crate::functions::histogram::go_g;
use crate::kahan::{Mean, Sum, quantile};
use crate::keys::Keys;
use crate::limits::EvalError;
use crate::value::{Column, GAP, is_metadata};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use model::{Labels, LabelsBuilder, METRIC_NAME, is_legacy_label_name, is_stale, number};
use promql::ast::{Aggregate, Expr};
use promql::functions::Aggregation;

mod histogram;

pub(crate) fn eval(evaluator: &mut Evaluator<'_>, aggregate: &Aggregate) -> Result<Vec<Column>, EvalError> {
    let params = match &aggregate.param {
        Some(param) if aggregate.op != Aggregation::CountValues => evaluator.scalar(param)?,
        _ => Vec::new(),
    };
    let columns = evaluator.vector(&aggregate.expr)?;
    evaluator.count(columns.len() * evaluator.grid.len, aggregate.span)?;
    if aggregate.op == Aggregation::CountValues {
        return count_values(evaluator, aggregate, &columns);
    }
    check_params(evaluator, aggregate, &params)?;
    let groups = group(aggregate, &columns);
    evaluator.check_size(groups.len(), aggregate.span)?;
    let n_steps = evaluator.grid.len;
    let mut out = Vec::with_capacity(groups.len());
    match aggregate.op {
        Aggregation::Limitk | Aggregation::LimitRatio => {
            out = limit::limit(aggregate.op, &columns, &groups, &params, n_steps);
        }
        Aggregation::Topk | Aggregation::Bottomk => {
            for group in groups {
                let members = columns_of(&columns, &group.members);
                let is_looked_at = |step_idx: usize| params.get(step_idx).is_some_and(|&k| k >= 1.0);
                if members.iter().any(|c| c.hs.iter().any(|(step_idx, _)| is_looked_at(step_idx))) {
                    histogram::ignored(aggregate, &mut evaluator.annotations);
                }
                select::select(aggregate.op, &members, &params, n_steps, &mut out);
            }
        }
        _ => {
            let mut scratch = Vec::new();
            for group in groups {
                if group.members.iter().any(|&m| !columns[m].hs.is_none()) {
                    let members = columns_of(&columns, &group.members);
                    let mut column = Column::blank(group.labels, group.drop_name, n_steps);
                    for step_idx in 0..n_steps {
                        let param = params.get(step_idx).copied().unwrap_or(f64::NAN);
                        let annotations = &mut evaluator.annotations;
                        let of_floats = |floats: &mut [f64]| combine(aggregate.op, param, floats);
                        let point =
                            histogram::combine(aggregate, annotations, &members, step_idx, &mut scratch, of_floats);
                        if let Some(point) = point {
                            column.set(step_idx, point);
                        }
                    }
                    out.push(column);
                    continue;
                }
                if let Some(vs) = columns::combine(aggregate.op, &columns_of(&columns, &group.members), n_steps) {
                    out.push(Column::floats(group.labels, group.drop_name, vs));
                    continue;
                }
                let mut vs = Vec::with_capacity(n_steps);
                for step_idx in 0..n_steps {
                    scratch.clear();
                    scratch.extend(group.members.iter().map(|&m| columns[m].vs[step_idx]).filter(|v| !is_stale(*v)));
                    let param = params.get(step_idx).copied().unwrap_or(f64::NAN);
                    vs.push(if scratch.is_empty() { GAP } else { combine(aggregate.op, param, &mut scratch) });
                }
                out.push(Column::floats(group.labels, group.drop_name, vs));
            }
        }
    }
    Ok(out)
}

/// One value of the values of a group at a step; there is at least one.
fn combine(op: Aggregation, param: f64, values: &mut [f64]) -> f64 {
    match op {
        Aggregation::Sum => {
            let mut sum = Sum::new(values[0]);
            values[1..].iter().for_each(|&v| sum.add(v));
            sum.value()
        }
        Aggregation::Avg => {
            let mut mean = Mean::new(values[0]);
            values[1..].iter().for_each(|&v| mean.add(v));
            mean.value()
        }
        Aggregation::Count => values.len() as f64,
        Aggregation::Group => 1.0,
        Aggregation::Min => values[1..].iter().fold(values[0], |min, &v| if v < min || min.is_nan() { v } else { min }),
        Aggregation::Max => values[1..].iter().fold(values[0], |max, &v| if v > max || max.is_nan() { v } else { max }),
        Aggregation::Stddev | Aggregation::Stdvar => {
            let variance = variance(values);
            if op == Aggregation::Stddev { variance.sqrt() } else { variance }
        }
        Aggregation::Quantile => quantile(param, values),
        // These do not give one value a group and are dealt with before.
        Aggregation::Topk
        | Aggregation::Bottomk
        | Aggregation::Limitk
        | Aggregation::LimitRatio
        | Aggregation::CountValues => f64::NAN,
    }
}

/// Welford's variance, without the compensation that `stdvar_over_time` has: as Prometheus, to the last digit.
fn variance(values: &[f64]) -> f64 {
    let mut mean = values[0];
    let mut sum = if mean.is_finite() { 0.0 } else { f64::NAN };
    for (idx, &v) in values.iter().enumerate().skip(1) {
        let delta = v - mean;
        mean += delta / (idx + 1) as f64;
        sum += delta * (v - mean);
    }
    sum / values.len() as f64
}

struct Group {
    labels: Labels,
    drop_name: bool,
    /// Indices of columns, in their order.
    members: Vec<usize>,
}

/// The groups in the order of their first members.
fn group(aggregate: &Aggregate, columns: &[Column]) -> Vec<Group> {
    let mut keys = Keys::default();
    let mut members: Vec<Vec<usize>> = Vec::new();
    // Names, types and units may be about to go: whoever groups by them gets the old ones, as in Prometheus.
    let by_name = aggregate.without || aggregate.grouping.iter().any(|l| is_metadata(l));
    for (idx, column) in columns.iter().enumerate() {
        let number = keys.number(&column.labels, |name| is_grouped(aggregate, name));
        if number == members.len() {
            members.push(Vec::new());
        }
        members[number].push(idx);
    }
    let groups = keys.into_labels().into_iter().zip(members);
    groups
        .map(|(labels, members)| {
            let drop_name = by_name && drops_name(columns, &members);
            Group { labels, drop_name, members }
        })
        .collect()
}

/// Whether the name of a group goes: if that of a member goes that is there at the group's last step, as in Prometheus.
fn drops_name(columns: &[Column], members: &[usize]) -> bool {
    let n_dropped = members.iter().filter(|&&m| columns[m].drop_name).count();
    if n_dropped == 0 || n_dropped == members.len() {
        return n_dropped > 0;
    }
    let n_steps = columns[members[0]].vs.len();
    let present = |step_idx: usize| members.iter().map(|&m| &columns[m]).filter(move |c| c.has(step_idx));
    let last = (0..n_steps).rev().find(|&step_idx| present(step_idx).next().is_some());
    last.is_some_and(|step_idx| present(step_idx).any(|c| c.drop_name))
}

/// Whether series with different values of a label belong to different groups. `without` never tells names apart, but
/// types and units, as in Prometheus.
fn is_grouped(aggregate: &Aggregate, name: &str) -> bool {
    let is_listed = aggregate.grouping.iter().any(|l| l == name);
    if aggregate.without { !is_listed && name != METRIC_NAME } else { is_listed }
}

fn columns_of<'a>(columns: &'a [Column], members: &[usize]) -> Vec<&'a Column> {
    members.iter().map(|&idx| &columns[idx]).collect()
}

fn count_values(
    evaluator: &mut Evaluator<'_>,
    aggregate: &Aggregate,
    columns: &[Column],
) -> Result<Vec<Column>, EvalError> {
    let label = match aggregate.param.as_ref().map(Expr::unwrap_parens) {
        Some(param) => evaluator.string(param)?,
        None => return Err(EvalError::invalid(aggregate.span, "count_values needs the name of a label")),
    };
    if !is_legacy_label_name(&label) && label.is_empty() {
        let message = format!("invalid label name {}", model::quote(&label));
        return Err(EvalError::invalid(aggregate.span, message));
    }
    let n_steps = evaluator.grid.len;
    let mut out: Vec<Column> = Vec::new();
    let mut by_labels: HashMap<Labels, usize, FixedState> = HashMap::default();
    // The value is set before the labels of `without` go, and may be one of them.
    let goes = aggregate.without && (aggregate.grouping.contains(&label) || label == METRIC_NAME);
    let with_value = |base: &Labels, value: &str| {
        if goes { base.clone() } else { LabelsBuilder::from_labels(base).set(&label, value).labels() }
    };
    for column in columns {
        let base = column.labels.only(|name| is_grouped(aggregate, name));
        let mut last: Option<(u64, usize)> = None;
        for (step_idx, &v) in column.vs.iter().enumerate() {
            if is_stale(v) {
                continue;
            }
            // Runs of one value are common; they need no new labels.
            let idx = match last {
                Some((bits, idx)) if bits == v.to_bits() => idx,
                _ => {
                    let labels = with_value(&base, &number::format(v));
                    *by_labels.entry(labels).or_insert_with_key(|labels| {
                        out.push(Column::blank(labels.clone(), false, n_steps));
                        out.len() - 1
                    })
                }
            };
            last = Some((v.to_bits(), idx));
            let slot = &mut out[idx].vs[step_idx];
            *slot = if is_stale(*slot) { 1.0 } else { *slot + 1.0 };
        }
        for (step_idx, h) in column.hs.iter() {
            let labels = with_value(&base, &h.to_string());
            let idx = *by_labels.entry(labels).or_insert_with_key(|labels| {
                out.push(Column::blank(labels.clone(), false, n_steps));
                out.len() - 1
            });
            let slot = &mut out[idx].vs[step_idx];
            *slot = if is_stale(*slot) { 1.0 } else { *slot + 1.0 };
        }
        evaluator.check_size(out.len(), aggregate.span)?;
    }
    Ok(out)
}

/// Parameters that Prometheus refuses or remarks on. It looks at their extremes over all steps.
fn check_params(evaluator: &mut Evaluator<'_>, aggregate: &Aggregate, params: &[f64]) -> Result<(), EvalError> {
    let span = aggregate.param.as_ref().map_or(aggregate.span, Expr::span);
    let has_nan = params.iter().any(|p| p.is_nan());
    let max = params.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let min = params.iter().copied().fold(f64::INFINITY, f64::min);
    let refused = |message: String| Err(EvalError::invalid(span, message));
    let mut warn = |message: String| evaluator.annotations.warn(span, message);
    match aggregate.op {
        Aggregation::Topk | Aggregation::Bottomk | Aggregation::Limitk => {
            if has_nan {
                return refused("Parameter value is NaN".to_owned());
            }
            // Nothing is chosen anyway.
            if max < 1.0 {
                return Ok(());
            }
            // The bounds are those of Prometheus; the upper one is the greatest float below 2^63.
            if min <= -9_223_372_036_854_775_808.0 {
                return refused(format!("Scalar value {} underflows int64", go_g(min)));
            }
            if max >= 9_223_372_036_854_774_784.0 {
                return refused(format!("Scalar value {} overflows int64", go_g(max)));
            }
        }
        Aggregation::LimitRatio => {
            if has_nan {
                return refused("Ratio value is NaN".to_owned());
            }
            for (ratio, bound) in [(max, 1.0), (min, -1.0)] {
                if ratio * bound > 1.0 {
                    let got = go_g(ratio);
                    warn(format!("ratio value should be between -1 and 1, got {got}, capping to {bound}"));
                }
            }
        }
        Aggregation::Quantile => {
            let odd =
                if has_nan { [Some(f64::NAN), None] } else { [(max > 1.0).then_some(max), (min < 0.0).then_some(min)] };
            for q in odd.into_iter().flatten() {
                warn(format!("quantile value should be between 0 and 1, got {}", go_g(q)));
            }
        }
        _ => {}
    }
    Ok(())
}
