//! A drawing area of plotters as a pen: whole coordinates, and dashes drawn piece by piece.

use crate::draw::DrawError;
use crate::pen::{Fill, Pen, Stroke};
use crate::raster::dash::dashes;
use crate::theme::Rgb;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::{RGBAColor, ShapeStyle};
use plotters_backend::DrawingBackend;

/// A drawing area of plotters as a pen.
pub(crate) struct AreaPen<'a, B: DrawingBackend>(pub(crate) &'a DrawingArea<B, Shift>);

impl<B: DrawingBackend> AreaPen<'_, B> {
    fn path(&self, points: &[(f32, f32)], stroke: &Stroke) -> Result<(), DrawError<B>> {
        let style = ShapeStyle { stroke_width: stroke.width.round().max(1.0) as u32, ..shape(stroke.fill) };
        self.0.draw(&PathElement::new(rounded(points), style))
    }
}

impl<B: DrawingBackend> Pen for AreaPen<'_, B> {
    type Error = DrawError<B>;

    fn line(&mut self, points: &[(f32, f32)], stroke: &Stroke) -> Result<(), Self::Error> {
        let mut drawn = Ok(());
        dashes(points, stroke.dash, stroke.width, |piece| {
            if drawn.is_ok() {
                drawn = self.path(piece, stroke);
            }
        });
        drawn
    }

    fn area(&mut self, outline: &[(f32, f32)], fill: Fill) -> Result<(), Self::Error> {
        self.0.draw(&Polygon::new(rounded(outline), shape(fill)))
    }

    fn rect(&mut self, from: (f32, f32), to: (f32, f32), fill: Fill) -> Result<(), Self::Error> {
        self.0.draw(&Rectangle::new([whole(from), whole(to)], shape(fill)))
    }

    fn dot(&mut self, centre: (f32, f32), radius: f32, fill: Fill) -> Result<(), Self::Error> {
        self.0.draw(&Circle::new(whole(centre), radius.round().max(1.0) as i32, shape(fill)))
    }
}

fn shape(fill: Fill) -> ShapeStyle {
    let Rgb(r, g, b) = fill.colour;
    // Not `f64::from`: 0.45 is to be written so, not as what is nearest to it in 32 bits.
    let alpha = libm::round(f64::from(fill.alpha) * 1e4) / 1e4;
    ShapeStyle { color: RGBAColor(r, g, b, alpha), filled: true, stroke_width: 1 }
}

fn whole((x, y): (f32, f32)) -> (i32, i32) {
    (x.round() as i32, y.round() as i32)
}

fn rounded(points: &[(f32, f32)]) -> Vec<(i32, i32)> {
    points.iter().copied().map(whole).collect()
}
