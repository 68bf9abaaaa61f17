//! Smoothed selectors: at each step the value on the line between the samples before and after it.

use super::select;
use crate::eval::{Evaluator, left_open, reference_span};
use crate::functions::extended::interpolate;
use crate::functions::extended_histogram::{self, Notes};
use crate::limits::EvalError;
use crate::value::{Column, Point};
use crate::window::drop_markers;
use model::TimeRange;
use promql::ast::VectorSelector;
use tsdb::SampleBuf;

pub(super) fn eval(evaluator: &mut Evaluator<'_>, selector: &VectorSelector) -> Result<Vec<Column>, EvalError> {
    let grid = evaluator.grid;
    let reference = evaluator.reference(selector.at, selector.offset.as_ref())?;
    let lookback = evaluator.options.lookback_delta.0;
    let (first, last) = reference_span(&reference, &grid);
    let TimeRange { start, end } = left_open(first.saturating_sub(lookback), last.saturating_add(lookback));
    let range = TimeRange { start, end };
    let found = select(evaluator, selector, range)?;
    evaluator.check_size(found.len(), selector.span)?;
    let mut columns = Vec::with_capacity(found.len());
    let mut buf = SampleBuf::default();
    for series in found {
        buf.clear();
        evaluator.read(series, range, &mut buf);
        drop_markers(&mut buf);
        evaluator.count(buf.len() + grid.len, selector.span)?;
        let labels = evaluator.head.labels(series).cloned().unwrap_or_default();
        let mut column = Column::blank(labels, false, grid.len);
        let name = column.labels.metric_name().unwrap_or("").to_owned();
        let notes = &mut Notes { annotations: &mut evaluator.annotations, name: &name, span: selector.span };
        let histograms = &buf.histograms;
        for step_idx in 0..grid.len {
            let time = reference.time(&grid, step_idx);
            let (oldest, newest) = (time.saturating_sub(lookback), time.saturating_add(lookback));
            let near = |ts: &[i64]| ts.partition_point(|&t| t <= oldest)..ts.partition_point(|&t| t <= newest);
            let (floats, hists) = (near(&buf.ts), near(&histograms.ts));
            if hists.is_empty() {
                if let Some(v) = value_at(&buf.ts[floats.clone()], &buf.vs[floats], time) {
                    column.vs[step_idx] = v;
                }
            } else if !floats.is_empty() {
                notes.mixed_types();
            } else if let Some(h) =
                extended_histogram::value_at(&histograms.ts[hists.clone()], &histograms.hs[hists], time, notes)
            {
                column.set(step_idx, Point::Histogram(h));
            }
        }
        if !column.is_blank() {
            columns.push(column);
        }
    }
    Ok(columns)
}

/// The value at a time: between two samples, or that of the last one. Before the first one there is none.
fn value_at(ts: &[i64], vs: &[f64], time: i64) -> Option<f64> {
    let after = ts.partition_point(|&t| t < time);
    if ts.get(after) == Some(&time) {
        return vs.get(after).copied();
    }
    let before = after.checked_sub(1)?;
    let Some(&next) = ts.get(after) else { return vs.get(before).copied() };
    Some(interpolate((ts[before], vs[before]), (next, vs[after]), time, false))
}
