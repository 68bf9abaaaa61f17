//! Results that are kept, so that a panel that follows now has only its new steps evaluated.
//!
//! Invariant: each step of a kept result is what an evaluation of it would give now. It is about samples up to its own time
//! (`stable` lets nothing else in), so it holds until a sample of that time or an earlier one is stored, or samples are
//! dropped: [`Kept::changed`] is told of both before any result is used. Whatever was stored late, by a slow target, an
//! import or another tab, takes the steps behind it away.

use super::part::{Part, steps_before};
use super::stable::{Stability, stability};
use crate::limits::{MAX_KEPT_BYTES, MAX_KEPT_RESULTS};
use engine::{Annotations, Matrix};
use frame::Source;
use model::StepGrid;
use protocol::PanelId;
use std::collections::VecDeque;
use tsdb::Changes;

/// A list of remarks that is full may lack one.
const MAX_REMARKS: usize = 9;

/// At one step alone the engine answers as to an instant query: so many are evaluated at least, if any.
const MIN_NEW_STEPS: usize = 2;

/// The results of all panels, the longest unused first.
#[derive(Debug, Default)]
pub(super) struct Kept {
    entries: VecDeque<Entry>,
}

#[derive(Debug)]
struct Entry {
    panel: PanelId,
    source: Source,
    text: String,
    /// Only for ranges of this length, ms.
    span_ms: Option<i64>,
    matrix: Matrix,
    annotations: Annotations,
    /// The remarks are on steps that are no longer there, too.
    is_cut: bool,
    bytes: usize,
}

impl Kept {
    /// Keeps what a part evaluated, if it may be used again.
    pub(super) fn put(&mut self, panel: PanelId, part: Part) {
        let (source, grid) = (part.source, part.grid);
        let span_ms = grid.end().0.saturating_sub(grid.start.0);
        let stability = stability(&part.expr, grid.step.as_secs_f64(), span_ms as f64 / 1_000.0);
        let text = part.text.clone();
        let (matrix, annotations) = part.into_kept();
        let is_full = annotations.warnings.len().max(annotations.infos.len()) > MAX_REMARKS;
        let bytes = matrix.bytes() + text.len();
        if stability == Stability::Never || is_full || matrix.grid.len < MIN_NEW_STEPS || bytes > MAX_KEPT_BYTES {
            return;
        }
        let span_ms = (stability == Stability::SameSpan).then_some(span_ms);
        let is_cut = matrix.grid.len < grid.len;
        self.entries.push_back(Entry { panel, source, text, span_ms, matrix, annotations, is_cut, bytes });
        let mut total: usize = self.entries.iter().map(|entry| entry.bytes).sum();
        while total > MAX_KEPT_BYTES || self.entries.len() > MAX_KEPT_RESULTS {
            let Some(oldest) = self.entries.pop_front() else { break };
            total -= oldest.bytes;
        }
    }

    /// Lets a part go on where an evaluation of the same expression ended, if there is one that reaches into its steps.
    pub(super) fn use_for(&mut self, panel: PanelId, part: &mut Part) {
        let is_it = |entry: &Entry| entry.panel == panel && entry.source == part.source && entry.text == part.text;
        let Some(mut entry) = self.entries.iter().position(is_it).and_then(|at| self.entries.remove(at)) else {
            return;
        };
        let grid = part.grid;
        let span_ms = grid.end().0.saturating_sub(grid.start.0);
        if entry.span_ms.is_some_and(|own| own != span_ms) {
            return;
        }
        let Some(mut steps) = common_steps(&entry.matrix.grid, &grid) else { return };
        // What was remarked on other steps is not to be said: either all of it is about these, or the new ones say the same.
        let is_whole = steps.len() == grid.len && steps.len() == entry.matrix.grid.len && !entry.is_cut;
        let is_silent = entry.annotations == Annotations::default();
        let is_all = steps.len() == grid.len && (is_whole || is_silent);
        if !is_all {
            steps.end = steps.end.min(steps.start + grid.len.saturating_sub(MIN_NEW_STEPS));
        }
        if steps.is_empty() {
            return;
        }
        entry.matrix.keep_steps(steps);
        part.reuse(entry.matrix, entry.annotations);
    }

    /// What was stored and dropped since the last call.
    pub(super) fn changed(&mut self, changes: &Changes) {
        if changes.has_dropped {
            self.entries.clear();
        }
        let Some(oldest) = changes.oldest_written else { return };
        for entry in &mut self.entries {
            let n = steps_before(&entry.matrix.grid, oldest);
            if n < entry.matrix.grid.len {
                entry.matrix.keep_steps(0..n);
                entry.is_cut = true;
            }
        }
        self.entries.retain(|entry| entry.matrix.grid.len > 0);
    }

    /// Forgets what a panel had.
    pub(super) fn forget(&mut self, panel: PanelId) {
        self.entries.retain(|entry| entry.panel != panel);
    }
}

/// Which steps of a kept grid are the first ones of another.
fn common_steps(kept: &StepGrid, wanted: &StepGrid) -> Option<std::ops::Range<usize>> {
    let moved = wanted.start.0.checked_sub(kept.start.0)?;
    if kept.step != wanted.step || moved < 0 || moved % kept.step.0.max(1) != 0 {
        return None;
    }
    let from = usize::try_from(moved / kept.step.0.max(1)).ok()?;
    (from < kept.len).then(|| from..kept.len.min(from + wanted.len))
}

#[cfg(test)]
mod tests {
    //! Grids that go on where another ended, and others.
    use super::*;
    use model::{Millis, Timestamp};

    #[test]
    fn only_grids_that_begin_at_a_step_go_on() {
        let grid = |start, step, len| StepGrid { start: Timestamp(start), step: Millis(step), len };
        let kept = grid(1_000, 10, 5);
        for (wanted, want) in [
            (grid(1_000, 10, 5), Some(0..5)),
            (grid(1_020, 10, 5), Some(2..5)),
            (grid(1_020, 10, 2), Some(2..4)),
            (grid(1_040, 10, 5), Some(4..5)),
            (grid(1_050, 10, 5), None),
            (grid(990, 10, 5), None),
            (grid(1_005, 10, 5), None),
            (grid(1_000, 20, 5), None),
            (grid(i64::MIN, 10, 5), None),
        ] {
            assert_eq!(common_steps(&kept, &wanted), want, "{wanted:?}");
        }
        for (time, want) in [(i64::MIN, 0), (1_000, 0), (1_001, 1), (1_010, 1), (1_011, 2), (1_040, 4), (i64::MAX, 5)] {
            assert_eq!(steps_before(&kept, Timestamp(time)), want, "{time}");
        }
    }
}
