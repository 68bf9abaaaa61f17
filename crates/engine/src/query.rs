//! A whole query: from expression and grid to the answer with its final labels.

use crate::annotations::Annotations;
use crate::eval::Evaluator;
use crate::limits::{EvalError, EvalErrorKind, Options};
use crate::value::{Column, Eval, Matrix, MatrixSeries, Point, RawSeries, Value, merge_equal};
use model::{Labels, StepGrid, TimeRange};
use promql::Span;
use promql::ast::{BinaryOp, Expr, ValueType};
use promql::functions::{Aggregation, FunctionId};
use tsdb::{Head, HistogramBuf, SampleBuf};

/// What an evaluation cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Samples read and values computed.
    pub n_samples: u64,
}

/// The answer to a query with what there is to say about it.
#[derive(Clone, Debug)]
pub struct QueryOutput {
    /// The answer: [`Value::Matrix`] for a grid of several steps or if `as_range` was asked for.
    pub value: Value,
    /// Warnings and infos.
    pub annotations: Annotations,
    /// The cost.
    pub stats: Stats,
}

/// Evaluates an expression at the times of a grid.
///
/// `whole` is the range of the query for `@ start()`, `step()` and the like: that of the grid, unless
/// the caller evaluates a long grid in parts. `as_range`: a range query, whose answer is a matrix.
///
/// # Errors
/// If the expression cannot be evaluated on this data, is not supported, or meets a limit.
pub fn evaluate(
    head: &Head,
    expr: &Expr,
    grid: StepGrid,
    whole: TimeRange,
    as_range: bool,
    options: &Options<'_>,
) -> Result<QueryOutput, EvalError> {
    if grid.len > options.limits.max_steps {
        let kind = EvalErrorKind::TooManySteps { found: grid.len, max: options.limits.max_steps };
        return Err(EvalError { kind, span: expr.span() });
    }
    let mut evaluator = Evaluator::new(head, grid, whole, as_range, options);
    let value =
        if as_range { Value::Matrix(range_value(&mut evaluator, expr)?) } else { instant_value(&mut evaluator, expr)? };
    let stats = Stats { n_samples: evaluator.n_samples() };
    Ok(QueryOutput { value, annotations: evaluator.annotations, stats })
}

fn range_value(evaluator: &mut Evaluator<'_>, expr: &Expr) -> Result<Matrix, EvalError> {
    let grid = evaluator.grid;
    if matches!(expr.value_type(), ValueType::Matrix | ValueType::String) {
        let message = format!(
            "invalid expression type {:?} for range query, must be Scalar or instant Vector",
            expr.value_type().as_str()
        );
        return Err(EvalError::invalid(expr.span(), message));
    }
    let columns = match evaluator.eval(expr)? {
        Eval::Scalar(vs) => vec![Column::floats(Labels::empty(), false, vs)],
        Eval::String(_) => Vec::new(),
        Eval::Vector(columns) => columns,
    };
    let mut series = finish(columns, expr.span())?;
    model::sort::by(&mut series, |a, b| a.labels.cmp(&b.labels));
    let series = series
        .into_iter()
        .map(|column| MatrixSeries { labels: column.labels, values: column.vs, histograms: column.hs })
        .collect();
    Ok(Matrix { grid, series })
}

fn instant_value(evaluator: &mut Evaluator<'_>, expr: &Expr) -> Result<Value, EvalError> {
    if expr.value_type() == ValueType::Matrix {
        let series = evaluator.raw_samples(expr.unwrap_parens())?;
        let series = series.into_iter().map(|(labels, samples)| RawSeries { labels, samples }).collect();
        return Ok(Value::Samples(series));
    }
    Ok(match evaluator.eval(expr)? {
        Eval::Scalar(vs) => Value::Scalar { v: vs.first().copied().unwrap_or(f64::NAN) },
        Eval::String(text) => Value::String(text),
        Eval::Vector(columns) => {
            let mut rows: Vec<(Labels, Point)> = finish(columns, expr.span())?
                .into_iter()
                .filter_map(|column| Some((column.labels.clone(), column.point(0)?)))
                .collect();
            if !keeps_order(expr) {
                model::sort::by(&mut rows, |a, b| a.0.cmp(&b.0));
            }
            Value::Vector(rows)
        }
    })
}

/// Whether the order of the result means something: it was sorted, and what was done to it since then keeps the order.
fn keeps_order(expr: &Expr) -> bool {
    use FunctionId as F;
    match expr.unwrap_parens() {
        Expr::Unary(unary) => keeps_order(&unary.expr),
        Expr::Aggregate(aggregate) => matches!(aggregate.op, Aggregation::Topk | Aggregation::Bottomk),
        Expr::Binary(binary) => match (binary.lhs.value_type(), binary.rhs.value_type()) {
            (ValueType::Scalar, _) => keeps_order(&binary.rhs),
            (_, ValueType::Scalar) => keeps_order(&binary.lhs),
            _ => matches!(binary.op, BinaryOp::And | BinaryOp::Unless) && keeps_order(&binary.lhs),
        },
        Expr::Call(call) => match call.func.map(|func| func.id) {
            Some(F::Sort | F::SortDesc | F::SortByLabel | F::SortByLabelDesc) => true,
            None | Some(F::HistogramQuantiles | F::Info) => false,
            // A vector that comes first is changed series by series.
            Some(_) => call.args.first().is_some_and(|arg| arg.value_type() == ValueType::Vector && keeps_order(arg)),
        },
        _ => false,
    }
}

/// Drops names that are to be dropped, then columns without values. Series that become equal are
/// merged where they do not overlap in time.
fn finish(mut columns: Vec<Column>, span: Span) -> Result<Vec<Column>, EvalError> {
    columns.retain_mut(|column| {
        if column.drop_name {
            column.labels = column.final_labels();
        }
        !column.is_blank()
    });
    merge_equal(columns, span)
}

/// Makes one of raw samples with equal labels, which come sorted by labels.
pub(crate) fn merge_equal_samples(
    series: Vec<(Labels, SampleBuf)>,
    span: Span,
) -> Result<Vec<(Labels, SampleBuf)>, EvalError> {
    let mut out: Vec<(Labels, SampleBuf)> = Vec::with_capacity(series.len());
    for (labels, samples) in series {
        match out.last_mut() {
            Some((known, all)) if *known == labels => {
                let HistogramBuf { ts, hs, .. } = &mut all.histograms;
                merge_by_time(&mut all.ts, &mut all.vs, samples.ts, samples.vs, span)?;
                merge_by_time(ts, hs, samples.histograms.ts, samples.histograms.hs, span)?;
            }
            _ => out.push((labels, samples)),
        }
    }
    Ok(out)
}

fn merge_by_time<T>(
    ts: &mut Vec<i64>,
    vs: &mut Vec<T>,
    more_ts: Vec<i64>,
    more_vs: Vec<T>,
    span: Span,
) -> Result<(), EvalError> {
    let mut all: Vec<(i64, T)> = ts.drain(..).zip(vs.drain(..)).chain(more_ts.into_iter().zip(more_vs)).collect();
    model::sort::by_key(&mut all, |(t, _)| *t);
    if all.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err(EvalError::invalid(span, "vector cannot contain metrics with the same labelset"));
    }
    (*ts, *vs) = all.into_iter().unzip();
    Ok(())
}
