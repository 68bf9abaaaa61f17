//! What the forms of a chart draw with: few strokes, which pixels and plotters' backends can both do.
//!
//! All places are in pixels of the backend (of which [`crate::raster::UNITS_PER_PX`] make a device pixel on the page),
//! all sizes too.

use crate::options::Dash;
use crate::theme::Rgb;

/// A colour and how much of what lies below it covers, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fill {
    /// The colour.
    pub colour: Rgb,
    /// 1 covers all.
    pub alpha: f32,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Its colour.
    pub fill: Fill,
    /// How thick it is.
    pub width: f32,
    /// How it is broken.
    pub dash: Dash,
    /// Its points lie closer than pixels: draw it as one bar in each pixel column. Then what M4 keeps of a line gives
    /// the pixels of the whole line.
    pub is_dense: bool,
}

/// A surface for lines and areas.
pub trait Pen {
    /// Why the surface refused.
    type Error;

    /// How many of its units make a pixel: dense lines are reduced to what its pixel columns show.
    fn units_per_px(&self) -> f64 {
        1.0
    }

    /// Whether it leaves out by itself what lies beyond the plot.
    fn clips(&self) -> bool {
        false
    }

    /// Begins or ends to draw under what was drawn since; `false` if it cannot. Of many lines most of what lies below is
    /// hidden, and need not be drawn then.
    fn draw_under(&mut self, _is_under: bool) -> bool {
        false
    }

    /// Draws a line through points that go from left to right.
    ///
    /// # Errors
    /// If the surface cannot draw.
    fn line(&mut self, points: &[(f32, f32)], stroke: &Stroke) -> Result<(), Self::Error>;

    /// Fills a polygon; its last point is joined to its first.
    ///
    /// # Errors
    /// If the surface cannot draw.
    fn area(&mut self, outline: &[(f32, f32)], fill: Fill) -> Result<(), Self::Error>;

    /// Fills a rectangle, from left top to right bottom.
    ///
    /// # Errors
    /// If the surface cannot draw.
    fn rect(&mut self, from: (f32, f32), to: (f32, f32), fill: Fill) -> Result<(), Self::Error>;

    /// Fills a circle.
    ///
    /// # Errors
    /// If the surface cannot draw.
    fn dot(&mut self, centre: (f32, f32), radius: f32, fill: Fill) -> Result<(), Self::Error>;
}

/// A pen of any kind, so that a form is compiled once for all of them.
impl<E> Pen for &mut (dyn Pen<Error = E> + '_) {
    type Error = E;

    fn units_per_px(&self) -> f64 {
        (**self).units_per_px()
    }

    fn line(&mut self, points: &[(f32, f32)], stroke: &Stroke) -> Result<(), E> {
        (**self).line(points, stroke)
    }

    fn area(&mut self, outline: &[(f32, f32)], fill: Fill) -> Result<(), E> {
        (**self).area(outline, fill)
    }

    fn rect(&mut self, from: (f32, f32), to: (f32, f32), fill: Fill) -> Result<(), E> {
        (**self).rect(from, to, fill)
    }

    fn dot(&mut self, centre: (f32, f32), radius: f32, fill: Fill) -> Result<(), E> {
        (**self).dot(centre, radius, fill)
    }
}
