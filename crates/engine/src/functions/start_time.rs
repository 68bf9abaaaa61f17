//! When a counter began to count: what a known start says about resets between two samples.
//!
//! Starts are ms since the epoch; 0 says that it is not known.

use crate::eval::Evaluator;
use crate::limits::EvalError;
use crate::window::{Source, Window};
use model::quote;
use promql::ast::Expr;
use tsdb::SampleBuf;

/// Whether the counter began anew between a sample and the one before it.
pub(crate) fn is_reset(before_start: i64, before: i64, start: i64, now: i64) -> bool {
    // A start that is not before its own sample says nothing: it is wrong, or how OpenTelemetry says "unknown".
    if start == 0 || start >= now || start < before {
        return false;
    }
    if start > before {
        return true;
    }
    // It begins at the sample before: so do the samples of a series of deltas, whose starts are all known, and the second
    // sample of a counter whose start is not.
    before_start != 0 && before_start < before
}

/// Whether a sample claims to count since before the sample before it, but not since when that one began.
fn overlaps(before_start: i64, before: i64, start: i64) -> bool {
    start != 0 && start < before && start != before_start
}

/// Whether some float of a window overlaps with the one before it.
pub(crate) fn has_overlap(w: &Window<'_>) -> bool {
    any_overlap(w.ts, w.starts)
}

/// Whether some sample overlaps with the one before it.
pub(crate) fn any_overlap(ts: &[i64], starts: &[i64]) -> bool {
    starts.windows(2).zip(ts).any(|(pair, &before)| overlaps(pair[0], before, pair[1]))
}

/// Warns about the series that have overlaps. A pass of its own, for those who know that there is one.
pub(crate) fn warn_of_overlaps(evaluator: &mut Evaluator<'_>, arg: &Expr) -> Result<(), EvalError> {
    let source = Source::open(evaluator, arg)?;
    let mut buf = SampleBuf::default();
    for idx in 0..source.len() {
        buf.clear();
        source.load(evaluator, idx, &mut buf)?;
        let mut is_odd = false;
        source.slide(&evaluator.grid, &buf, |_, w| {
            is_odd |= w.hts.is_empty() && has_overlap(&w) || w.ts.is_empty() && any_overlap(w.hts, w.hstarts);
        });
        if is_odd {
            let (labels, _) = source.labels(evaluator, idx);
            let name = quote(labels.metric_name().unwrap_or(""));
            let text = format!("sample has start time that overlaps with previous sample timestamp for metric {name}");
            evaluator.annotations.warn(arg.span(), text);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_tell_resets() {
        // The start of the sample before, its time, the start, the time; whether that is a reset.
        for (case, wanted) in [
            ((0, 60, 0, 120), false),
            ((0, 60, 120, 120), false),
            ((0, 60, 121, 120), false),
            ((0, 60, 30, 120), false),
            ((0, 60, 61, 120), true),
            ((0, 60, 119, 120), true),
            // At the time of the sample before.
            ((0, 60, 60, 120), false),
            ((1, 60, 60, 120), true),
            ((60, 60, 60, 120), false),
            ((61, 60, 60, 120), false),
        ] {
            let (before_start, before, start, now) = case;
            assert_eq!(is_reset(before_start, before, start, now), wanted, "{case:?}");
        }
    }
}
