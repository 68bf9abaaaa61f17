//! A picture that was drawn: where its axes are, and where each sample of its frame lies.

use crate::bars::{self, Group};
use crate::heatmap;
use crate::layout::Layout;
use crate::lines;
use crate::options::{AxisRange, Form, Options, ScaleKind, SeriesStyle};
use crate::scale::TimeScale;
use crate::theme::Rgb;
use crate::{stacked, states, steps};
use frame::{Frame, is_gap};

/// So many points are drawn with smooth edges.
const MAX_FINE_POINTS: usize = 40_000;

/// What was drawn where. It belongs to one frame; all questions are asked with that frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// Where the plot and its axes are.
    pub layout: Layout,
    /// What stands for a series.
    pub form: Form,
    /// How each series was drawn, in the order of the frame.
    pub styles: Vec<SeriesStyle>,
    /// Which heat map of the frame is drawn, if the form is [`Form::Heatmap`]: the first that is shown.
    pub heat_idx: Option<usize>,
    /// The series that have rows, from the highest down, if the form is [`Form::States`].
    pub rows: Vec<usize>,
    /// How many series are shown but have no row, for lack of room.
    pub n_left_out: usize,
    /// Something may lie beyond the plot, and is cut off at its edges.
    pub is_clipped: bool,
}

impl Drawing {
    /// The drawing of a frame whose axes lie so.
    #[must_use]
    pub fn new(frame: &Frame, options: &Options<'_>, layout: Layout) -> Self {
        let styles = (0..frame.series.len()).map(|idx| options.style(idx)).collect();
        let heat_idx = (options.form == Form::Heatmap).then(|| heatmap::first_shown(frame, options)).flatten();
        let (rows, n_left_out) = match options.form {
            Form::States => states::rows(frame, options, f64::from(layout.plot.height())),
            _ => (Vec::new(), 0),
        };
        let may_exceed =
            |axis: &crate::AxisOptions| matches!(axis.range, AxisRange::Fixed { .. }) || axis.kind == ScaleKind::Log;
        let is_clipped = options.axes.iter().any(may_exceed);
        Drawing { layout, form: options.form, styles, heat_idx, rows, n_left_out, is_clipped }
    }

    /// The same picture with another range of times in the same plot: while the view is dragged, the old frame is drawn
    /// at its new place. Values keep theirs.
    #[must_use]
    pub fn with_range(&self, start_ms: i64, end_ms: i64) -> Self {
        let TimeScale { left, right, .. } = self.layout.time;
        let layout = Layout { time: TimeScale::new(start_ms, end_ms, left, right), ..self.layout };
        Drawing { layout, is_clipped: true, ..self.clone() }
    }

    /// Whether there are so many points that lines are drawn as a bar in each pixel column: more than two in a column,
    /// or more in all than smooth edges take a few milliseconds for.
    pub(crate) fn is_dense(&self, frame: &Frame) -> bool {
        let n_shown = self.styles.iter().filter(|style| style.is_shown).count();
        let n_columns = f64::from(self.layout.plot.width()) / self.layout.pixel();
        frame.grid.len as f64 > 2.0 * n_columns || frame.grid.len.saturating_mul(n_shown) > MAX_FINE_POINTS
    }

    /// Whether a series is drawn.
    #[must_use]
    pub fn shows(&self, series_idx: usize) -> bool {
        self.styles.get(series_idx).is_some_and(|style| style.is_shown)
    }

    /// How a series is drawn; hidden if the frame has no such series.
    #[must_use]
    pub fn style(&self, series_idx: usize) -> SeriesStyle {
        let hidden = SeriesStyle { is_shown: false, ..SeriesStyle::plain(Rgb(0, 0, 0)) };
        self.styles.get(series_idx).copied().unwrap_or(hidden)
    }

    /// Where a sample lies, in pixels of the backend; `None` for what is not drawn: a gap, NaN, an infinity. That is on
    /// its line, on top of its area or bar, or in the middle of its row.
    #[must_use]
    pub fn place(&self, frame: &Frame, series_idx: usize, point_idx: usize) -> Option<(f64, f64)> {
        let (t, v) = frame.series.get(series_idx)?.points.get(&frame.grid, point_idx)?;
        let axis = self.styles.get(series_idx)?.axis;
        let x = self.layout.time.to_px(t);
        let scale = self.layout.value(axis);
        let (x, y) = match self.form {
            Form::States => {
                let nth = self.rows.iter().position(|&row| row == series_idx)?;
                let (top, bottom) = states::row_edges(self, nth);
                return (!is_gap(v)).then_some((x, (top + bottom) / 2.0));
            }
            Form::Heatmap => return None,
            _ if !v.is_finite() => return None,
            Form::Stacked => (x, scale.to_px(stacked::bounds_at(frame, self, series_idx, t)?.1)),
            Form::Bars => (Group::of(frame, self).middle(self, series_idx, x), scale.to_px(v)),
            Form::Lines | Form::Steps | Form::Points => (x, scale.to_px(v)),
        };
        y.is_finite().then_some((x, y))
    }

    /// Calls `each` with the line of a series as it is drawn, part by part, in pixels of the backend: from sample to
    /// sample, in steps, along the top of its area, across the end of each bar, or dot by dot. A part has one point or
    /// more. Heat maps and states have none.
    pub fn each_run(&self, frame: &Frame, series_idx: usize, mut each: impl FnMut(&[(f32, f32)])) {
        let (Some(series), style) = (frame.series.get(series_idx), self.style(series_idx)) else {
            return;
        };
        match self.form {
            Form::Heatmap | Form::States => {}
            Form::Stacked => stacked::each_top(frame, self, series_idx, &mut each),
            Form::Steps => steps::each_run(&series.points, &frame.grid, &self.layout, style.axis, &mut each),
            Form::Bars => bars::each_end(frame, self, series_idx, &mut each),
            Form::Points => {
                for point_idx in 0..series.points.len() {
                    if let Some((x, y)) = self.place(frame, series_idx, point_idx) {
                        each(&[(x as f32, y as f32)]);
                    }
                }
            }
            Form::Lines => {
                lines::each_run(&series.points, &frame.grid, &self.layout, style.axis, |run| {
                    // Zero on a logarithmic axis has no place.
                    run.split(|(_, y)| !y.is_finite()).filter(|part| !part.is_empty()).for_each(&mut each);
                });
            }
        }
    }
}
