//! Turns a [`Frame`](frame::Frame) into a picture on any plotters backend, and a place in the picture
//! back into a series, a time and a value.
//!
//! [`draw`] is the whole of it: it measures the axis texts ([`layout`]), fits the scales ([`scale`]), picks ticks
//! ([`ticks`]) and their texts ([`format`]), and draws axes, series and [`marks`] with the colours of a [`theme`].
//! What stands for a series is its [`Form`]; each has a file of its own (`stacked`, `bars`, `points`, `steps`,
//! [`heatmap`], [`states`]; [`lines`]) and draws with a [`pen`]. The [`Drawing`] it returns answers what lies under the
//! pointer ([`hit`]). [`raster`] is a pen that draws into pixels, faster than a browser's canvas does.
//!
//! The crate knows no clock, no zone and no browser: the zone comes in as a function.
#![forbid(unsafe_code)]

mod area_pen;
mod axes;
mod bars;
pub mod clip;
mod common;
mod draw;
mod drawing;
pub mod format;
pub mod heatmap;
pub mod hit;
pub mod layout;
pub mod lines;
pub mod marks;
pub mod options;
mod pale;
pub mod pen;
mod points;
mod previous;
pub mod raster;
pub mod scale;
mod stacked;
pub mod states;
mod steps;
#[cfg(feature = "svg")]
mod svg;
pub mod theme;
pub mod ticks;

pub use draw::{DrawError, draw, draw_axes, draw_pixels, draw_series};
pub use drawing::Drawing;
pub use format::Unit;
pub use hit::Hit;
pub use layout::Layout;
pub use marks::draw_marks;
pub use options::{AxisOptions, AxisRange, Dash, Form, MAX_AXES, Options, ScaleKind, SeriesStyle};
pub use pen::{Fill, Pen, Stroke};
#[cfg(feature = "svg")]
pub use svg::svg;
pub use theme::{Rgb, Theme};
