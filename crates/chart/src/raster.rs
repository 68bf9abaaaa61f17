//! Draws lines, areas and dots into RGBA pixels, with smooth edges; no text.
//!
//! A browser's canvas takes about 100 ns for each segment of a line, without a graphics card. Here a
//! line is drawn in one of two ways:
//!
//! - finely: a segment adds what it covers of each pixel column to that column's coverage, and a column is mixed into
//!   the picture once the line has passed it, so where a line crosses itself it is not drawn twice;
//! - densely, where points lie closer than pixels or lines are many: one bar in each pixel column, from the highest to
//!   the lowest place of the line in it. M4 keeps just these, so a decimated line has the pixels of the whole line.

mod area;
mod backend;
mod bars;
pub(crate) mod dash;
mod fine;
mod ink;

pub use dash::dashes;

use crate::layout::Rect;
use crate::options::Dash;
use crate::pen::{Fill, Pen, Stroke};
use area::Area;
use bars::Bars;
use fine::Fine;
use ink::{Clip, Ink, Surface};
use std::convert::Infallible;

/// How many units of the backend's whole coordinates make a pixel: lines lie between pixels, too.
pub const UNITS_PER_PX: u32 = 4;

/// No line is wider, in pixels.
const MAX_STROKE: f32 = 64.0;

/// No place lies farther away, in pixels: what is beyond would lose its fractions.
const MAX_PLACE: f32 = 1e6;

/// A picture of transparent pixels to draw on.
#[derive(Clone, Debug, Default)]
pub struct Raster {
    width: usize,
    height: usize,
    /// Row by row; not multiplied by alpha.
    pixels: Vec<[u8; 4]>,
    clip: Clip,
    /// What may have been drawn on.
    inked: Option<Clip>,
    /// Points in pixels, and other scratch, kept for their memory.
    points: Vec<(f32, f32)>,
    fine: Fine,
    bars: Bars,
    area: Area,
}

impl Raster {
    /// A transparent picture of so many pixels.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let mut raster = Raster::default();
        raster.clear(width, height);
        raster
    }

    /// Begins anew in the same memory, without a clip.
    pub fn clear(&mut self, width: u32, height: u32) {
        let (width, height) = (width as usize, height as usize);
        if (self.width, self.height) == (width, height) {
            if let Some(Clip { top, bottom, .. }) = self.inked {
                self.pixels[top as usize * width..bottom as usize * width].fill([0; 4]);
            }
        } else {
            (self.width, self.height) = (width, height);
            self.pixels.clear();
            self.pixels.resize(width * height, [0; 4]);
        }
        self.inked = None;
        self.clip = Clip { left: 0, top: 0, right: width as i32, bottom: height as i32 };
    }

    /// Nothing is drawn outside of this from now on; coordinates as [`Pen`] has them. Dots whose centre lies within are
    /// drawn whole, and lines along the upper or lower edge in their whole width.
    pub fn set_clip(&mut self, clip: Rect) {
        let whole = |units: i32| (units as f32 / UNITS_PER_PX as f32).round() as i32;
        let all = Clip { left: 0, top: 0, right: self.width as i32, bottom: self.height as i32 };
        let clip =
            Clip { left: whole(clip.left), top: whole(clip.top), right: whole(clip.right), bottom: whole(clip.bottom) };
        self.clip = clip.within(all);
    }

    /// Width and height in pixels.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.width as u32, self.height as u32)
    }

    /// The pixels, row by row: red, green, blue, alpha; as a browser's `ImageData` has them.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        self.pixels.as_flattened()
    }

    /// The part outside of which all pixels are transparent: left, top, width and height in pixels. `None` if nothing
    /// was drawn.
    #[must_use]
    pub fn inked(&self) -> Option<(u32, u32, u32, u32)> {
        let Clip { left, top, right, bottom } = self.inked?;
        Some((left as u32, top as u32, (right - left) as u32, (bottom - top) as u32))
    }

    /// Draws a line through points from left to right, coordinates and width in pixels. A line that turns back is drawn
    /// in parts; points that are not finite are left out with the segments at them.
    pub fn stroke(&mut self, points: &[(f32, f32)], width: f32, fill: Fill, is_dense: bool) {
        // A sum is cheaper than a look at each of them.
        let odd = points.iter().fold(0.0, |odd, (x, y)| odd + (x + y) * 0.0);
        if odd == 0.0 {
            self.stroke_finite(points, width, fill, is_dense);
        } else {
            for part in points.split(|(x, y)| !((x + y).is_finite())) {
                self.stroke_finite(part, width, fill, is_dense);
            }
        }
    }

    fn stroke_finite(&mut self, points: &[(f32, f32)], width: f32, fill: Fill, is_dense: bool) {
        if points.len() < 2 {
            return;
        }
        let width = width.clamp(0.5, MAX_STROKE);
        let all = self.height as i32;
        let half = (width * 0.5).ceil() as i32;
        let clip = Clip { top: (self.clip.top - half).max(0), bottom: (self.clip.bottom + half).min(all), ..self.clip };
        let ink = Ink::new(fill);
        if clip.is_empty() || ink.is_clear() {
            return;
        }
        let mut surface = Surface { pixels: &mut self.pixels, width: self.width, clip };
        let inked = if is_dense {
            self.bars.stroke(&mut surface, points, width, ink)
        } else {
            self.fine.stroke(&mut surface, points, width, ink)
        };
        self.touch(inked);
    }

    /// Draws a filled circle; coordinates and radius in pixels.
    pub fn disc(&mut self, (x, y): (f32, f32), radius: f32, fill: Fill) {
        let all = Clip { left: 0, top: 0, right: self.width as i32, bottom: self.height as i32 };
        // A dot that lies on the edge belongs to the picture.
        let Clip { left, top, right, bottom } = self.clip;
        let is_within = x >= left as f32 && x <= right as f32 && y >= top as f32 - 0.5 && y <= bottom as f32 + 0.5;
        let ink = Ink::new(fill);
        if !is_within || self.clip.is_empty() || ink.is_clear() {
            return;
        }
        let radius = radius.clamp(0.0, MAX_STROKE);
        let reach = radius + 0.5;
        let area = Clip {
            left: (x - reach).floor() as i32,
            top: (y - reach).floor() as i32,
            right: (x + reach).ceil() as i32,
            bottom: (y + reach).ceil() as i32,
        };
        let area = area.within(all);
        let mut surface = Surface { pixels: &mut self.pixels, width: self.width, clip: area };
        for row in area.top..area.bottom {
            let dy = row as f32 + 0.5 - y;
            for (column, pixel) in (area.left..).zip(surface.row(row, area.left, area.right)) {
                let dx = column as f32 + 0.5 - x;
                ink.cover(pixel, reach - (dx * dx + dy * dy).sqrt());
            }
        }
        self.touch(area);
    }

    /// Fills a rectangle, from left top to right bottom, coordinates in pixels.
    fn fill_rect(&mut self, from: (f32, f32), to: (f32, f32), fill: Fill) {
        let ink = Ink::new(fill);
        let mut surface = Surface { pixels: &mut self.pixels, width: self.width, clip: self.clip };
        let inked = area::rect(&mut surface, from, to, ink);
        self.touch(inked);
    }

    fn touch(&mut self, area: Clip) {
        if !area.is_empty() {
            self.inked = Some(self.inked.map_or(area, |inked| inked.joined(area)));
        }
    }
}

/// Coordinates and widths are in units of a [`UNITS_PER_PX`]th of a pixel.
impl Pen for Raster {
    type Error = Infallible;

    fn units_per_px(&self) -> f64 {
        f64::from(UNITS_PER_PX)
    }

    fn line(&mut self, points: &[(f32, f32)], stroke: &Stroke) -> Result<(), Infallible> {
        let width = stroke.width / UNITS_PER_PX as f32;
        let mut scratch = std::mem::take(&mut self.points);
        scratch.clear();
        scratch.extend(points.iter().map(|&at| px(at)));
        if stroke.dash == Dash::Solid || stroke.is_dense {
            self.stroke(&scratch, width, stroke.fill, stroke.is_dense);
        } else {
            dashes(&scratch, stroke.dash, width, |part| self.stroke(part, width, stroke.fill, false));
        }
        self.points = scratch;
        Ok(())
    }

    fn area(&mut self, outline: &[(f32, f32)], fill: Fill) -> Result<(), Infallible> {
        let mut surface = Surface { pixels: &mut self.pixels, width: self.width, clip: self.clip };
        let inked = self.area.fill(&mut surface, outline.iter().map(|&at| px(at)), Ink::new(fill));
        self.touch(inked);
        Ok(())
    }

    fn rect(&mut self, from: (f32, f32), to: (f32, f32), fill: Fill) -> Result<(), Infallible> {
        self.fill_rect(px(from), px(to), fill);
        Ok(())
    }

    fn dot(&mut self, centre: (f32, f32), radius: f32, fill: Fill) -> Result<(), Infallible> {
        self.disc(px(centre), radius / UNITS_PER_PX as f32, fill);
        Ok(())
    }
}

/// Units to pixels. Only what is finite gets a limit.
#[inline]
fn px((x, y): (f32, f32)) -> (f32, f32) {
    const PX: f32 = 1.0 / UNITS_PER_PX as f32;
    ((x * PX).clamp(-MAX_PLACE, MAX_PLACE), (y * PX).clamp(-MAX_PLACE, MAX_PLACE))
}

#[cfg(test)]
mod tests;
