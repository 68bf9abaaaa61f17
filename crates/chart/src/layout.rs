//! Where the parts of the picture lie: the plot area within its margins, and the scales of both axes.

use crate::options::MAX_AXES;
use crate::raster::UNITS_PER_PX;
use crate::scale::{TimeScale, ValueScale};

/// A rectangle in pixels of the backend; `right` and `bottom` belong to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    /// Left edge.
    pub left: i32,
    /// Upper edge.
    pub top: i32,
    /// Right edge.
    pub right: i32,
    /// Lower edge.
    pub bottom: i32,
}

impl Rect {
    /// How wide.
    #[must_use]
    pub fn width(&self) -> i32 {
        self.right - self.left
    }

    /// How high.
    #[must_use]
    pub fn height(&self) -> i32 {
        self.bottom - self.top
    }

    /// Whether a place lies within.
    #[must_use]
    pub fn contains(&self, x: f64, y: f64) -> bool {
        let within = |v: f64, from: i32, to: i32| v >= f64::from(from) && v <= f64::from(to);
        within(x, self.left, self.right) && within(y, self.top, self.bottom)
    }
}

/// What was drawn where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// Where the lines are, without axis texts.
    pub plot: Rect,
    /// The horizontal axis.
    pub time: TimeScale,
    /// The vertical axes; only the first [`Layout::n_axes`] are drawn, the others are as the last of them.
    pub values: [ValueScale; MAX_AXES],
    /// How many vertical axes there are, 1 or more.
    pub n_axes: usize,
    /// Backend pixels in a CSS pixel.
    pub scale: f64,
}

impl Layout {
    /// A vertical axis.
    #[must_use]
    pub fn value(&self, axis: u8) -> &ValueScale {
        &self.values[usize::from(axis).min(MAX_AXES - 1)]
    }

    /// A pixel of the device in pixels of the backend. Backends that are finer than pixels say so by their scale.
    #[must_use]
    pub fn pixel(&self) -> f64 {
        let units = f64::from(UNITS_PER_PX);
        if self.scale >= units { units } else { 1.0 }
    }

    /// The nearest whole pixel: edges that meet there have no seam.
    #[must_use]
    pub fn snap(&self, px: f64) -> f64 {
        (px / self.pixel()).round() * self.pixel()
    }
}

/// Sizes in CSS pixels.
pub(crate) mod css {
    /// Texts of the axes.
    pub(crate) const FONT: f64 = 12.0;
    /// From one line of text to the next.
    pub(crate) const LINE: f64 = 16.0;
    /// The marks at the ticks; texts keep twice the distance.
    pub(crate) const TICK: f64 = 4.0;
    /// Above the plot: half a text of the value axis.
    pub(crate) const TOP: f64 = 8.0;
    /// Right of the plot.
    pub(crate) const RIGHT: f64 = 16.0;
    /// The value axis' texts take steps of so much, so that the plot stays where it is while they
    /// change a little.
    pub(crate) const TEXT_STEP: f64 = 16.0;
    /// The least distance of two texts of the time axis.
    pub(crate) const TIME_SPACING: f64 = 80.0;
    /// The least distance of two texts of the value axis.
    pub(crate) const VALUE_SPACING: f64 = 28.0;
    /// A plot that would be smaller takes the room of the axes' texts.
    pub(crate) const LEAST_PLOT: f64 = 24.0;
    /// The least height of a row of states: that of its name.
    pub(crate) const LEAST_ROW: f64 = 14.0;
    /// A line of a series.
    pub(crate) const STROKE: f64 = 1.5;
    /// Radius of the dot for a sample without neighbours.
    pub(crate) const DOT: f64 = 2.0;
}

/// The width of the value axis (texts and marks) for texts at most `text_px` wide, backend pixels.
pub(crate) fn value_axis_width(text_px: u32, scale: f64) -> i32 {
    let step = css::TEXT_STEP * scale;
    let texts = (f64::from(text_px) / step).ceil().max(2.0) * step;
    (texts + 3.0 * css::TICK * scale).round() as i32
}

/// The height of the time axis (two lines of text and marks).
pub(crate) fn time_axis_height(scale: f64) -> i32 {
    ((2.0 * css::LINE + 2.0 * css::TICK + 2.0) * scale).round() as i32
}

/// How wide the plot usually is on an element so wide, both in CSS pixels. The texts of the value axis
/// may make it a little narrower.
#[must_use]
pub fn usual_plot_width(css_width: f64) -> f64 {
    (css_width - f64::from(value_axis_width(0, 1.0)) - css::RIGHT).max(1.0)
}
