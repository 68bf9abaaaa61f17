//! `anchored` and `smoothed`: ranges that know the samples beyond their ends.

use super::range::Window;
use super::{Element, Fallible, LOOKBACK, Naive, Vectors};
use promql::ast::{Extension, VectorSelector};
use promql::functions::FunctionId as F;

type Sample = (i64, f64);

impl Naive<'_> {
    /// At each time the value on the line between the samples before and after it, or the last one.
    pub(super) fn select_smoothed(&self, selector: &VectorSelector, times: &[i64]) -> Fallible<Vectors> {
        let mut steps = vec![Vec::new(); times.len()];
        for series in self.matching(selector)? {
            for (step, time) in steps.iter_mut().zip(times) {
                let t = self.reference(*time, selector.at, selector.offset.as_ref())?;
                let near = self.window(&series.samples, t + LOOKBACK, 2 * LOOKBACK);
                let before = near.iter().rfind(|s| s.0 <= t);
                let after = near.iter().find(|s| s.0 >= t);
                let v = match (before, after) {
                    (Some(a), Some(b)) if a.0 < b.0 => between(*a, *b, t, false),
                    (Some(a), _) => a.1,
                    (None, _) => continue,
                };
                step.push(Element { labels: series.labels.clone(), drop_name: false, v });
            }
        }
        let order = self.series.iter().map(|s| s.labels.clone()).collect();
        self.assemble(order, steps)
    }

    /// What a function makes of an extended range; its window reaches as far as the range does.
    pub(super) fn of_extended(&self, id: F, extension: Extension, w: &Window<'_>) -> Fallible<Option<f64>> {
        let is_smoothed = extension == Extension::Smoothed;
        if is_smoothed && matches!(id, F::Changes | F::Resets) {
            return Err("this function takes no smoothed range".to_owned());
        }
        let is_inside = |s: &&Sample| s.0 > w.start && (s.0 <= w.end);
        let anchor = w.samples.iter().rfind(|s| s.0 <= w.start);
        let beyond = w.samples.iter().find(|s| s.0 >= w.end);
        let inside: Vec<Sample> = w.samples.iter().filter(is_inside).copied().collect();
        match id {
            F::Changes | F::Resets => {
                if inside.is_empty() {
                    return Ok(None);
                }
                let samples: Vec<Sample> = anchor.into_iter().copied().chain(inside).collect();
                let window = Window { samples: &samples, start: w.start, end: w.end, now: w.now };
                Ok(self.of_window(id, &window, &[]))
            }
            F::Rate | F::Increase | F::Delta => {
                let is_counter = id != F::Delta;
                // Nothing after the start, or (without interpolation) nothing up to the end.
                let first = anchor.or(w.samples.first());
                let last = if is_smoothed { beyond.or(w.samples.last()) } else { inside.last() };
                let (Some(first), Some(last)) = (first, last) else { return Ok(None) };
                if last.0 <= w.start || first.0 > w.end {
                    return Ok(None);
                }
                let follows = |s: &Sample| w.samples.iter().find(|o| o.0 > s.0).copied();
                let precedes = |s: &Sample| w.samples.iter().rfind(|o| o.0 < s.0).copied();
                let left = match follows(first) {
                    Some(next) if is_smoothed && first.0 < w.start => between(*first, next, w.start, is_counter),
                    _ => first.1,
                };
                let right = match precedes(last) {
                    Some(before) if is_smoothed && last.0 > w.end => between(before, *last, w.end, is_counter),
                    _ => last.1,
                };
                let mut change = right - left;
                if is_counter {
                    let within = w.samples.iter().filter(|s| s.0 > w.start && s.0 < w.end).map(|s| s.1);
                    let values: Vec<f64> = [left].into_iter().chain(within).chain([right]).collect();
                    change += values.windows(2).filter(|p| p[1] < p[0]).fold(0.0, |lost, p| lost + p[0]);
                }
                Ok(Some(if id == F::Rate { change / ((w.end - w.start) as f64 / 1000.0) } else { change }))
            }
            _ => Err("this function takes no extended range".to_owned()),
        }
    }
}

/// The value at a time on the line between two samples. A counter that was reset between them began with 0.
fn between(a: Sample, b: Sample, t: i64, is_counter: bool) -> f64 {
    let from = if is_counter && b.1 < a.1 { 0.0 } else { a.1 };
    from + (b.1 - from) * (t - a.0) as f64 / (b.0 - a.0) as f64
}
