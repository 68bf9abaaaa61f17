//! What a request comes to: at which times its expressions are evaluated.

use model::{Millis, StepGrid, Timestamp};
use protocol::{Extras, Generation, PanelId, QueryKind, QueryRequest, SourceChoice};

/// A request with its steps.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) panel: PanelId,
    pub(super) generation: Generation,
    pub(super) expr: String,
    pub(super) source: SourceChoice,
    /// The time of an instant query, if one was asked for.
    pub(super) at_ms: Option<i64>,
    /// All steps; one for an instant query.
    pub(super) grid: StepGrid,
    /// Device pixels of the plot.
    pub(super) width_px: u32,
    /// Series of an expression that the page gets.
    pub(super) max_series: usize,
    pub(super) extras: Extras,
}

impl Asked {
    /// What is asked for at a time.
    pub(super) fn of(request: QueryRequest, now: Timestamp) -> Self {
        let QueryRequest { panel, generation, expr, source, kind } = request;
        match kind {
            QueryKind::Instant { at_ms } => {
                let grid = StepGrid { start: at_ms.map_or(now, Timestamp), step: Millis(1), len: 1 };
                Asked {
                    panel,
                    generation,
                    expr,
                    source,
                    at_ms,
                    grid,
                    width_px: 1,
                    max_series: 0,
                    extras: Extras::default(),
                }
            }
            QueryKind::Range { end_ms, range_ms, step, width_px, max_series, extras } => {
                let range_ms = range_ms.max(0);
                let mut step = step.step_ms(range_ms);
                if extras.is_aligned || extras.heat {
                    step = at_least_a_pixel(step, range_ms, width_px);
                }
                // A refresh moves the grid by whole steps, so that points do not change their places, and both ends are
                // multiples of the step. The last one is less than a step ahead: what was scraped a moment ago is in it.
                let end = end_ms.unwrap_or_else(|| now.0.saturating_add(step - 1).div_euclid(step) * step);
                let span = range_ms / step * step;
                let grid = StepGrid::new(Timestamp(end.saturating_sub(span)), Timestamp(end), Millis(step));
                let max_series = max_series as usize;
                Asked { panel, generation, expr, source, at_ms: None, grid, width_px, max_series, extras }
            }
        }
    }

    /// The same steps as long ago as the period before is; `None` if that is not asked for, or before all times.
    pub(super) fn previous(&self) -> Option<StepGrid> {
        let shift = self.extras.previous_ms.filter(|shift| *shift > 0)?;
        let start = self.grid.start.0.checked_sub(shift)?;
        Some(StepGrid { start: Timestamp(start), ..self.grid })
    }

    /// The expressions with their numbers; blank ones are left out.
    pub(super) fn expressions(&self) -> impl Iterator<Item = (u16, &str)> {
        let all = std::iter::once(&self.expr).chain(&self.extras.also);
        (0..).zip(all.map(String::as_str)).filter(|(_, text)| !text.trim().is_empty())
    }
}

/// A step that gives at most one step a pixel column; of whole seconds if it was.
fn at_least_a_pixel(step: i64, range_ms: i64, width_px: u32) -> i64 {
    let columns = i64::from(width_px.max(1));
    if range_ms / step < columns {
        return step;
    }
    let least = (range_ms / columns).saturating_add(1);
    let unit = if step % 1_000 == 0 { 1_000 } else { 1 };
    least.saturating_add(unit - 1) / unit * unit
}

#[cfg(test)]
mod tests {
    //! Steps for ranges and widths, the absurd among them.
    use super::*;
    use protocol::{Density, StepChoice};

    fn grid(range_ms: i64, step_ms: i64, width_px: u32, is_aligned: bool) -> StepGrid {
        let extras = Extras { is_aligned, ..Extras::default() };
        let step = if step_ms == 0 { StepChoice::Auto(Density::Medium) } else { StepChoice::Fixed { step_ms } };
        let kind = QueryKind::Range { end_ms: None, range_ms, step, width_px, max_series: 1, extras };
        let request = QueryRequest {
            panel: PanelId(1),
            generation: 1,
            expr: String::new(),
            source: protocol::SourceChoice::Local,
            kind,
        };
        Asked::of(request, Timestamp(1_700_000_000_123)).grid
    }

    #[test]
    fn aligned_steps_are_at_least_a_pixel_wide() {
        for (range_ms, step_ms, width_px, want) in [
            (3_600_000, 15_000, 800, (15_000, 241)),
            (3_600_000, 15_000, 241, (15_000, 241)),
            (3_600_000, 15_000, 240, (16_000, 226)),
            (3_600_000, 1_000, 800, (5_000, 721)),
            (1_000, 1, 800, (2, 501)),
            (10, 1, 0, (11, 1)),
            (0, 1_000, 800, (1_000, 1)),
            (-5, 1_000, 800, (1_000, 1)),
            (315_360_000_000, 0, 800, (1_261_440_000, 251)),
            (315_360_000_000, 0, 100, (3_153_601_000, 100)),
            (i64::MAX, 1_000, 800, (11_529_215_046_069_000, 800)),
        ] {
            let grid = grid(range_ms, step_ms, width_px, true);
            assert_eq!((grid.step.0, grid.len), want, "{range_ms} by {step_ms} on {width_px}");
        }
    }

    #[test]
    fn a_grid_that_follows_now_begins_and_ends_at_multiples_of_its_step() {
        for (range_ms, step_ms) in [(3_600_000, 0), (3_600_000, 7_000), (1_000, 0), (10, 0), (5_000, 60_000), (999, 7)]
        {
            let grid = grid(range_ms, step_ms, 800, false);
            assert_eq!((grid.start.0 % grid.step.0, grid.end().0 % grid.step.0), (0, 0), "{range_ms} by {step_ms}");
            assert!(grid.end().0 >= 1_700_000_000_123 && grid.end().0 - grid.step.0 < 1_700_000_000_123);
        }
    }
}
