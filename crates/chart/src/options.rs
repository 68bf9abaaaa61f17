//! What a picture is to look like: its form, its axes, and how each series is drawn.

use crate::format::Unit;
use crate::layout::css;
use crate::pen::{Fill, Stroke};
use crate::theme::{Rgb, Theme};
use crate::ticks::Offset;

/// How much a pale line covers, and how thick it is, as parts of what others do.
pub(crate) const PALE_ALPHA: f32 = 0.45;
pub(crate) const PALE_WIDTH: f64 = 0.67;

/// No picture has more value axes: two on each side. What is beyond shares the last.
pub const MAX_AXES: usize = 4;

/// What is not in the frame itself.
pub struct Options<'a> {
    /// The time at the left edge, ms since the epoch.
    pub start_ms: i64,
    /// The time at the right edge.
    pub end_ms: i64,
    /// What stands for a series.
    pub form: Form,
    /// The value axes, one to [`MAX_AXES`]: left, right, left of the first, right of the second.
    pub axes: &'a [AxisOptions],
    /// Colours of the axes.
    pub theme: Theme,
    /// How each series is drawn, in the order of the frame; what is missing is shown in its turn's colour.
    pub series: &'a [SeriesStyle],
    /// What each series is called, in the order of the frame, for forms that write it beside the plot
    /// ([`Form::States`]); where a name is missing, its labels stand.
    pub names: &'a [String],
    /// The zone: how far its clocks are ahead of UTC at a time, both in ms.
    pub offset: Offset<'a>,
    /// Pixels of the backend in a CSS pixel.
    pub scale: f64,
    /// The family of fonts, as CSS has it.
    pub font: &'a str,
}

/// What stands for a series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Form {
    /// A line from sample to sample.
    #[default]
    Lines,
    /// Areas, each upon the one before. A series without a sample at a step adds nothing there.
    Stacked,
    /// Bars from zero, side by side at each step.
    Bars,
    /// A dot a sample.
    Points,
    /// A line that stays level until the next sample.
    Steps,
    /// Histograms: a column a step, a row a bucket, the colour says how many.
    Heatmap,
    /// A row a series; each of its values is a coloured stretch of time.
    States,
}

/// A value axis.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AxisOptions {
    /// The unit of its values.
    pub unit: Unit,
    /// How values are spread over it.
    pub kind: ScaleKind,
    /// Which values it shows.
    pub range: AxisRange,
}

/// How values are spread over an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ScaleKind {
    /// Evenly.
    #[default]
    Linear,
    /// By their logarithm; zero and less have no place and are gaps.
    Log,
    /// By their logarithm on both sides of zero, evenly close to it.
    SymLog,
}

/// Which values an axis shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum AxisRange {
    /// Those of its series.
    #[default]
    Fit,
    /// Those of its series, and zero.
    FromZero,
    /// From and to fixed values; a side that is `None` fits.
    Fixed {
        /// The lower end.
        min: Option<f64>,
        /// The upper end.
        max: Option<f64>,
    },
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesStyle {
    /// The colour of its line.
    pub colour: Rgb,
    /// Whether it is drawn, and counts for its axis.
    pub is_shown: bool,
    /// Which of [`Options::axes`] it belongs to.
    pub axis: u8,
    /// How its line is broken.
    pub dash: Dash,
    /// Drawn thin and pale: the period before.
    pub is_pale: bool,
}

impl SeriesStyle {
    /// Shown as a whole line on the first axis.
    #[must_use]
    pub fn plain(colour: Rgb) -> Self {
        SeriesStyle { colour, is_shown: true, axis: 0, dash: Dash::Solid, is_pale: false }
    }
}

/// How a line is broken. Colours and dashes together tell series apart, also without colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dash {
    /// Not at all.
    #[default]
    Solid,
    /// Long parts.
    Dashed,
    /// Dots.
    Dotted,
    /// Long parts and dots.
    DashDotted,
}

impl Options<'_> {
    /// How a series is drawn.
    #[must_use]
    pub fn style(&self, series_idx: usize) -> SeriesStyle {
        self.series.get(series_idx).copied().unwrap_or_else(|| SeriesStyle::plain(self.theme.series(series_idx)))
    }

    /// An axis; the last one for what is beyond.
    #[must_use]
    pub fn axis(&self, axis: u8) -> AxisOptions {
        self.axes.get(usize::from(axis)).or(self.axes.last()).copied().unwrap_or_default()
    }

    /// Which axis a series stands on that asks for `axis`.
    #[must_use]
    pub fn axis_idx(&self, axis: u8) -> u8 {
        axis.min(self.axes.len().clamp(1, MAX_AXES) as u8 - 1)
    }

    /// How the line of a series is drawn: whole and strong, or thin and pale.
    #[must_use]
    pub fn stroke(&self, style: &SeriesStyle) -> Stroke {
        let (alpha, part) = if style.is_pale { (PALE_ALPHA, PALE_WIDTH) } else { (1.0, 1.0) };
        let fill = Fill { colour: style.colour, alpha };
        Stroke { fill, width: (self.stroke_px() * part) as f32, dash: style.dash, is_dense: false }
    }

    /// The width of a line of a series, pixels of the backend.
    #[must_use]
    pub fn stroke_px(&self) -> f64 {
        css::STROKE * self.scale
    }

    /// The radius of the dot of a sample without neighbours, pixels of the backend.
    #[must_use]
    pub fn dot_px(&self) -> f64 {
        css::DOT * self.scale
    }
}
