//! All windows of a series at once, for functions that need not look at each sample of each window.
//!
//! Where the windows lie depends on the times of the samples only, and those are the same for all series of a
//! target. So series are visited target by target, and the windows of the last one are kept: with what functions derive
//! from them, `sum(rate(…))` of 200 series at 1,000 steps takes 2.4 ms instead of 6.9 ms.

use super::{Kind, Source, Window, advance};
use crate::eval::Evaluator;
use model::StepGrid;
use tsdb::{SampleBuf, Scratch};

/// The windows of all steps over the floats of one series, which has no native histograms and no known starts.
pub(crate) struct Batch<'a> {
    source: &'a Source,
    grid: StepGrid,
    /// Times, ms.
    pub(crate) ts: &'a [i64],
    /// Values, as many.
    pub(crate) vs: &'a [f64],
    /// First and last (which is not in it) sample of each step's window.
    pub(crate) spans: &'a [(u32, u32)],
    /// A float may be less than the one before it.
    pub(crate) may_fall: bool,
    /// Times and windows are those of the series before.
    pub(crate) is_known: bool,
}

impl<'a> Batch<'a> {
    /// One window by itself.
    pub(crate) fn window(&self, step_idx: usize) -> Window<'a> {
        let (from, to) = self.spans.get(step_idx).map_or((0, 0), |&(from, to)| (from as usize, to as usize));
        let (start, end) = self.source.limits(&self.grid, step_idx);
        Window {
            ts: &self.ts[from..to],
            vs: &self.vs[from..to],
            starts: &[],
            hts: &[],
            hs: &[],
            hstarts: &[],
            start,
            end,
            now: self.grid.time(step_idx).0,
        }
    }
}

/// The windows of the last series.
#[derive(Default)]
pub(super) struct Spans {
    ts: Vec<i64>,
    spans: Vec<(u32, u32)>,
    is_filled: bool,
    scratch: Scratch,
}

impl Spans {
    /// The batch of a series, unless it needs to be looked at window by window.
    pub(super) fn batch<'a>(
        &'a mut self,
        source: &'a Source,
        evaluator: &Evaluator<'_>,
        idx: usize,
        buf: &'a SampleBuf,
    ) -> Option<Batch<'a>> {
        let grid = evaluator.grid;
        // One window is looked at as it is: so the steps of a range query can be compared with instant queries.
        let is_plain = source.reach == (0, 0) && !source.anchored && grid.len > 1;
        if !is_plain || !buf.starts.is_empty() || !buf.histograms.is_empty() || u32::try_from(buf.ts.len()).is_err() {
            return None;
        }
        let is_known = self.is_filled && self.ts == buf.ts;
        if !is_known {
            self.fill(source, &grid, &buf.ts);
        }
        let may_fall = may_fall(source, evaluator, idx);
        Some(Batch { source, grid, may_fall, ts: &buf.ts, vs: &buf.vs, spans: &self.spans, is_known })
    }

    /// Reads the floats of a series if their times are those of the series before: then the times need no copy, and half of
    /// what is read is only compared. What is in `vs` is of no use if they are not.
    pub(super) fn read_known(
        &mut self,
        source: &Source,
        evaluator: &Evaluator<'_>,
        idx: usize,
        vs: &mut Vec<f64>,
    ) -> bool {
        let Kind::Selector { series, range } = &source.kind else { return false };
        let (head, series) = (evaluator.head, series[idx]);
        let shape = head.shape(series);
        if !self.is_filled || shape.has_markers || shape.has_starts || head.has_histograms(series) {
            return false;
        }
        let mut is_known = true;
        let known = &self.ts;
        let n = head.visit_floats(series, *range, &mut self.scratch, |ts, more| {
            is_known = is_known && known.get(vs.len()..vs.len() + ts.len()) == Some(ts);
            vs.extend_from_slice(more);
        });
        is_known && n == self.ts.len()
    }

    /// The batch of a series that `read_known` has read.
    pub(super) fn known<'a>(
        &'a self,
        source: &'a Source,
        evaluator: &Evaluator<'_>,
        idx: usize,
        vs: &'a [f64],
    ) -> Batch<'a> {
        let may_fall = may_fall(source, evaluator, idx);
        Batch { source, grid: evaluator.grid, may_fall, ts: &self.ts, vs, spans: &self.spans, is_known: true }
    }

    fn fill(&mut self, source: &Source, grid: &StepGrid, ts: &[i64]) {
        self.is_filled = true;
        self.ts.clear();
        self.ts.extend_from_slice(ts);
        self.spans.clear();
        let (mut from, mut to) = (0, 0);
        self.spans.extend((0..grid.len).map(|step_idx| {
            let (start, end) = source.limits(grid, step_idx);
            advance(ts, start, end, &mut from, &mut to);
            (from as u32, to as u32)
        }));
    }
}

fn may_fall(source: &Source, evaluator: &Evaluator<'_>, idx: usize) -> bool {
    match &source.kind {
        Kind::Selector { series, .. } => evaluator.head.shape(series[idx]).has_falls,
        Kind::Subquery { .. } => true,
    }
}

/// The order in which series are visited: those of a target, which began at the same time, one after the other.
pub(super) fn visits(source: &Source, evaluator: &Evaluator<'_>) -> Vec<usize> {
    let mut visits: Vec<usize> = (0..source.len()).collect();
    // A single window is found faster than its neighbour.
    if let Kind::Selector { series, .. } = &source.kind
        && evaluator.grid.len > 8
    {
        model::sort::by_key(&mut visits, |&idx| evaluator.head.oldest(series[idx]));
    }
    visits
}
