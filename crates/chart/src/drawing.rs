//! A picture that was drawn: where its axes are, and where each sample of its frame lies.

use crate::layout::Layout;
use crate::options::{Form, Options, SeriesStyle};
use frame::Frame;

/// What was drawn where. It belongs to one frame; all questions are asked with that frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// Where the plot and its axes are.
    pub layout: Layout,
    /// What stands for a series.
    pub form: Form,
    /// How each series was drawn, in the order of the frame.
    pub styles: Vec<SeriesStyle>,
}

impl Drawing {
    /// The drawing of a frame whose axes lie so.
    #[must_use]
    pub fn new(frame: &Frame, options: &Options<'_>, layout: Layout) -> Self {
        let styles = (0..frame.series.len()).map(|idx| options.style(idx)).collect();
        Drawing { layout, form: options.form, styles }
    }

    /// Whether a series is drawn.
    #[must_use]
    pub fn shows(&self, series_idx: usize) -> bool {
        self.styles.get(series_idx).is_some_and(|style| style.is_shown)
    }

    /// Where a sample lies, in pixels of the backend; `None` for what is not drawn: a gap, NaN, an infinity.
    #[must_use]
    pub fn place(&self, frame: &Frame, series_idx: usize, point_idx: usize) -> Option<(f64, f64)> {
        let (t, v) = frame.series.get(series_idx)?.points.get(&frame.grid, point_idx)?;
        let axis = self.styles.get(series_idx)?.axis;
        let y = self.layout.value(axis).to_px(v);
        (v.is_finite() && y.is_finite()).then(|| (self.layout.time.to_px(t), y))
    }
}
