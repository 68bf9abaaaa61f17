//! A pen that draws thinner and paler with another pen: the period before.

use crate::options::{PALE_ALPHA, PALE_WIDTH};
use crate::pen::{Fill, Pen, Stroke};

/// Draws all that it is told to thin and pale.
pub(crate) struct PalePen<'a, P: Pen>(pub(crate) &'a mut P);

impl<P: Pen> Pen for PalePen<'_, P> {
    type Error = P::Error;

    fn units_per_px(&self) -> f64 {
        self.0.units_per_px()
    }

    fn line(&mut self, points: &[(f32, f32)], stroke: &Stroke) -> Result<(), P::Error> {
        let stroke = Stroke { fill: pale(stroke.fill), width: stroke.width * PALE_WIDTH as f32, ..*stroke };
        self.0.line(points, &stroke)
    }

    fn area(&mut self, outline: &[(f32, f32)], fill: Fill) -> Result<(), P::Error> {
        self.0.area(outline, pale(fill))
    }

    fn rect(&mut self, from: (f32, f32), to: (f32, f32), fill: Fill) -> Result<(), P::Error> {
        self.0.rect(from, to, pale(fill))
    }

    fn dot(&mut self, centre: (f32, f32), radius: f32, fill: Fill) -> Result<(), P::Error> {
        self.0.dot(centre, radius, pale(fill))
    }
}

fn pale(fill: Fill) -> Fill {
    Fill { alpha: fill.alpha * PALE_ALPHA, ..fill }
}
