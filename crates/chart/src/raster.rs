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
use crate::theme::Rgb;
use area::Area;
use bars::Bars;
use fine::Fine;
use ink::{Clip, Ink, Surface};
use std::convert::Infallible;
use std::ops::Range;

/// How many units of the backend's whole coordinates make a pixel: lines lie between pixels, too.
pub const UNITS_PER_PX: u32 = 4;

/// So many rows are handed out at once: a strip of them stays in the cache of a processor.
const STRIP: usize = 64;

/// So many columns are turned into rows together: half a line of the processor's cache.
const BLOCK: usize = 8;

/// No line is wider, in pixels.
const MAX_STROKE: f32 = 64.0;

/// No place lies farther away, in pixels: what is beyond would lose its fractions.
const MAX_PLACE: f32 = 1e6;

/// Rows of a picture as a browser's `ImageData` has them.
#[derive(Clone, Copy, Debug)]
pub struct Strip<'a> {
    /// Where it begins, pixels.
    pub left: u32,
    /// Where it begins, pixels.
    pub top: u32,
    /// How wide it is, pixels.
    pub width: u32,
    /// How many rows it has.
    pub height: u32,
    /// Row by row: red, green, blue, alpha.
    pub bytes: &'a [u8],
}

/// What a picture is shown on: a colour, and bars upon it, the later above the earlier, such as the lines of a grid.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The colour.
    pub colour: Rgb,
    /// The bars.
    pub bars: &'a [GroundBar],
}

/// Some pixels of one colour; `right` and `bottom` lie outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroundBar {
    /// Pixels.
    pub left: i32,
    /// Pixels.
    pub top: i32,
    /// Pixels.
    pub right: i32,
    /// Pixels.
    pub bottom: i32,
    /// The colour.
    pub colour: Rgb,
}

impl Ground<'_> {
    /// Fills the part of it that lies within a strip of pixels, row by row.
    fn fill(&self, area: &Clip, strip: &mut [[u8; 4]]) {
        let opaque = |Rgb(r, g, b): Rgb| [r, g, b, 255];
        strip.fill(opaque(self.colour));
        let width = (area.right - area.left).max(1) as usize;
        for &GroundBar { left, top, right, bottom, colour } in self.bars {
            let part = Clip { left, top, right, bottom }.within(*area);
            let columns = (part.left - area.left) as usize..(part.right - area.left) as usize;
            let rows = strip.chunks_exact_mut(width).skip((part.top - area.top) as usize);
            for row in rows.take((part.bottom - part.top) as usize) {
                if let Some(pixels) = row.get_mut(columns.clone()) {
                    pixels.fill(opaque(colour));
                }
            }
        }
    }
}

/// A picture of transparent pixels to draw on.
#[derive(Clone, Debug, Default)]
pub struct Raster {
    width: usize,
    height: usize,
    /// Column by column, multiplied by alpha; a few more at the end, so that bars can be drawn four rows at once.
    pixels: Vec<[u8; 4]>,
    /// The rows that were drawn on, from and to (outside), of each column.
    touched: Vec<(i32, i32)>,
    clip: Clip,
    /// What is drawn lies under what is there.
    is_under: bool,
    /// A strip of the picture as it is shown, row by row.
    shown: Vec<[u8; 4]>,
    /// Points in pixels, and other scratch, kept for their memory.
    points: Vec<(f32, f32)>,
    fine: Fine,
    bars: Bars,
    area: Area,
}

/// No row of a column was drawn on.
const UNTOUCHED: (i32, i32) = (i32::MAX, 0);

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
            for (column, touched) in self.touched.iter_mut().enumerate() {
                let (from, to) = std::mem::replace(touched, UNTOUCHED);
                let start = column * height;
                if let Some(rows) = self.pixels.get_mut(start + from.min(to) as usize..start + to as usize) {
                    rows.fill([0; 4]);
                }
            }
        } else {
            (self.width, self.height) = (width, height);
            self.pixels.clear();
            self.pixels.resize(width * height + 4, [0; 4]);
            self.touched.clear();
            self.touched.resize(width, UNTOUCHED);
        }
        self.bars.clear();
        self.is_under = false;
        self.clip = self.all();
    }

    fn all(&self) -> Clip {
        Clip { left: 0, top: 0, right: self.width as i32, bottom: self.height as i32 }
    }

    fn ink(&self, fill: Fill) -> Ink {
        let mut ink = Ink::new(fill);
        ink.is_under = self.is_under;
        ink
    }

    fn surface(&mut self, clip: Clip) -> Surface<'_> {
        Surface { pixels: &mut self.pixels, height: self.height, clip, touched: &mut self.touched }
    }

    /// Nothing is drawn outside of this from now on; coordinates as [`Pen`] has them. Dots whose centre lies within are
    /// drawn whole, and lines along the upper or lower edge in their whole width.
    pub fn set_clip(&mut self, clip: Rect) {
        let whole = |units: i32| (units as f32 / UNITS_PER_PX as f32).round() as i32;
        let clip =
            Clip { left: whole(clip.left), top: whole(clip.top), right: whole(clip.right), bottom: whole(clip.bottom) };
        self.clip = clip.within(self.all());
    }

    /// Width and height in pixels.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.width as u32, self.height as u32)
    }

    /// The pixels, row by row: red, green, blue, alpha; as a browser's `ImageData` has them. The picture is empty then.
    #[must_use]
    pub fn take_pixels(&mut self) -> Vec<u8> {
        let mut all = vec![0; self.width * self.height * 4];
        let width = self.width * 4;
        self.take_strips(|strip| {
            let Strip { left, top, width: part, bytes, .. } = strip;
            for (row, bytes) in (top as usize..).zip(bytes.chunks_exact(part as usize * 4)) {
                let start = row * width + left as usize * 4;
                all[start..start + bytes.len()].copy_from_slice(bytes);
            }
            Some(())
        });
        all
    }

    /// Hands out the part that was drawn on in strips of some rows, from top to bottom, until `show` gives `None`. All
    /// other pixels are transparent, and so is what was handed out.
    pub fn take_strips(&mut self, show: impl FnMut(Strip<'_>) -> Option<()>) -> Option<()> {
        self.take(None, show)
    }

    /// The same as it is seen on a ground: all pixels are opaque.
    pub fn take_strips_on(&mut self, ground: &Ground<'_>, show: impl FnMut(Strip<'_>) -> Option<()>) -> Option<()> {
        self.take(Some(ground), show)
    }

    fn take(&mut self, ground: Option<&Ground<'_>>, mut show: impl FnMut(Strip<'_>) -> Option<()>) -> Option<()> {
        self.flush();
        let Some(Clip { left, top, right, bottom }) = self.inked() else {
            return Some(());
        };
        let mut shown = std::mem::take(&mut self.shown);
        let width = (right - left) as usize;
        for from in (top..bottom).step_by(STRIP) {
            let rows = from..bottom.min(from + STRIP as i32);
            shown.resize(width * rows.len(), [0; 4]);
            match ground {
                Some(ground) => ground.fill(&Clip { left, top: rows.start, right, bottom: rows.end }, &mut shown),
                None => shown.fill([0; 4]),
            }
            for column in (left..right).step_by(BLOCK) {
                let columns = column..right.min(column + BLOCK as i32);
                let to = Rows { place: (column - left) as usize, width, is_ground: ground.is_some() };
                self.turn(columns, &rows, to, &mut shown);
            }
            let (left, top) = (left as u32, from as u32);
            let bytes = shown.as_flattened();
            show(Strip { left, top, width: width as u32, height: rows.len() as u32, bytes })?;
        }
        self.shown = shown;
        self.touched.fill(UNTOUCHED);
        self.bars.clear();
        Some(())
    }

    /// Writes columns side by side as parts of rows, and takes them off the picture while they are at hand: to do that later
    /// takes as long again.
    fn turn(&mut self, columns: Range<i32>, rows: &Range<i32>, to: Rows, shown: &mut [[u8; 4]]) {
        let touched = self.touched.get(columns.start as usize..columns.end as usize).unwrap_or_default();
        let (top, bottom) = touched.iter().fold(UNTOUCHED, |all, one| (all.0.min(one.0), all.1.max(one.1)));
        let (top, bottom) = (top.max(rows.start), bottom.min(rows.end));
        if top >= bottom {
            return;
        }
        let n = (bottom - top) as usize;
        let start = columns.start as usize * self.height + top as usize;
        let Some(pixels) = self.pixels.get_mut(start..start + (touched.len() - 1) * self.height + n) else { return };
        let column = |idx: usize| pixels.get(idx * self.height..idx * self.height + n).unwrap_or_default();
        let shown = shown.chunks_exact_mut(to.width).skip((top - rows.start) as usize);
        if touched.len() == BLOCK {
            to.write_block(std::array::from_fn(column), shown);
        } else {
            for (idx, row) in (0..n).zip(shown) {
                for (column, pixel) in (0..touched.len()).map(column).zip(row.iter_mut().skip(to.place)) {
                    if let Some(one) = column.get(idx) {
                        *pixel = if to.is_ground { ink::upon(*one, *pixel) } else { ink::straight(*one) };
                    }
                }
            }
        }
        pixels.chunks_mut(self.height).for_each(|column| {
            let n = n.min(column.len());
            column[..n].fill([0; 4]);
        });
    }

    /// The least part that holds all columns and rows that were drawn on.
    fn inked(&self) -> Option<Clip> {
        let is_touched = |(from, to): &(i32, i32)| from < to;
        let left = self.touched.iter().position(is_touched)? as i32;
        let right = self.touched.iter().rposition(is_touched)? as i32 + 1;
        let (top, bottom) = self.touched.iter().fold(UNTOUCHED, |all, one| (all.0.min(one.0), all.1.max(one.1)));
        Some(Clip { left, top, right, bottom })
    }

    /// Draws a line through points from left to right, coordinates and width in pixels. A line that turns back is drawn
    /// in parts; points that are not finite are left out with the segments at them.
    pub fn stroke(&mut self, points: &[(f32, f32)], width: f32, fill: Fill, is_dense: bool) {
        if is_finite(points) {
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
        let ink = self.ink(fill);
        if clip.is_empty() || ink.is_clear() {
            return;
        }
        if is_dense {
            let mut bars = std::mem::take(&mut self.bars);
            bars.stroke(&mut self.surface(clip), points, width, ink);
            self.bars = bars;
        } else {
            self.flush();
            let mut fine = std::mem::take(&mut self.fine);
            fine.stroke(&mut self.surface(clip), points, width, ink);
            self.fine = fine;
        }
    }

    /// Draws the bars that wait, before anything is laid over them or looked at.
    fn flush(&mut self) {
        if !self.bars.is_empty() {
            let mut bars = std::mem::take(&mut self.bars);
            bars.flush(&mut self.surface(self.clip));
            self.bars = bars;
        }
    }

    /// Draws a filled circle; coordinates and radius in pixels.
    pub fn disc(&mut self, (x, y): (f32, f32), radius: f32, fill: Fill) {
        // A dot that lies on the edge belongs to the picture.
        let Clip { left, top, right, bottom } = self.clip;
        let is_within = x >= left as f32 && x <= right as f32 && y >= top as f32 - 0.5 && y <= bottom as f32 + 0.5;
        let ink = self.ink(fill);
        if !is_within || self.clip.is_empty() || ink.is_clear() {
            return;
        }
        let reach = radius.clamp(0.0, MAX_STROKE) + 0.5;
        let area = Clip {
            left: (x - reach).floor() as i32,
            top: (y - reach).floor() as i32,
            right: (x + reach).ceil() as i32,
            bottom: (y + reach).ceil() as i32,
        };
        let area = area.within(self.all());
        self.flush();
        let mut surface = self.surface(area);
        for column in area.left..area.right {
            let dx = column as f32 + 0.5 - x;
            for (row, pixel) in (area.top..).zip(surface.column(column, area.top, area.bottom)) {
                let dy = row as f32 + 0.5 - y;
                ink.cover(pixel, reach - (dx * dx + dy * dy).sqrt());
            }
        }
    }
}

/// Coordinates and widths are in units of a [`UNITS_PER_PX`]th of a pixel.
impl Pen for Raster {
    type Error = Infallible;

    fn units_per_px(&self) -> f64 {
        f64::from(UNITS_PER_PX)
    }

    fn clips(&self) -> bool {
        self.clip != self.all()
    }

    /// Possible as long as there is nothing that was to lie below.
    fn draw_under(&mut self, is_under: bool) -> bool {
        self.flush();
        self.is_under = is_under && self.inked().is_none();
        self.is_under
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
        self.flush();
        let mut area = std::mem::take(&mut self.area);
        let ink = self.ink(fill);
        area.fill(&mut self.surface(self.clip), outline.iter().map(|&at| px(at)), ink);
        self.area = area;
        Ok(())
    }

    fn rect(&mut self, from: (f32, f32), to: (f32, f32), fill: Fill) -> Result<(), Infallible> {
        self.flush();
        let ink = self.ink(fill);
        area::rect(&mut self.surface(self.clip), px(from), px(to), ink);
        Ok(())
    }

    fn dot(&mut self, centre: (f32, f32), radius: f32, fill: Fill) -> Result<(), Infallible> {
        self.disc(px(centre), radius / UNITS_PER_PX as f32, fill);
        Ok(())
    }
}

/// Where columns go.
#[derive(Clone, Copy, Debug)]
struct Rows {
    /// Where the first of the columns lies in each row.
    place: usize,
    /// Pixels of a row.
    width: usize,
    /// There is a ground, on which they are laid.
    is_ground: bool,
}

impl Rows {
    /// Writes as many columns as lie together as parts of rows.
    fn write_block<'a>(self, all: [&[[u8; 4]]; BLOCK], shown: impl Iterator<Item = &'a mut [[u8; 4]]>) {
        let n = all[0].len();
        if all.iter().any(|column| column.len() != n) {
            return;
        }
        for (idx, row) in (0..n).zip(shown) {
            let Some(pixels) = row.get_mut(self.place..).and_then(|row| row.first_chunk_mut::<BLOCK>()) else {
                return;
            };
            let new = all.map(|column| column[idx]);
            *pixels = if self.is_ground {
                std::array::from_fn(|lane| ink::upon(new[lane], pixels[lane]))
            } else {
                new.map(ink::straight)
            };
        }
    }
}

/// Whether all places are finite. A sum of zeros is cheaper than a look at each of them.
fn is_finite(points: &[(f32, f32)]) -> bool {
    let (fours, rest) = points.as_chunks::<4>();
    let mut odd = [0.0; 4];
    for four in fours {
        for lane in 0..4 {
            odd[lane] += (four[lane].0 + four[lane].1) * 0.0;
        }
    }
    odd.iter().sum::<f32>() == 0.0 && rest.iter().all(|(x, y)| (x + y).is_finite())
}

/// Units to pixels. Only what is finite gets a limit.
#[inline]
fn px((x, y): (f32, f32)) -> (f32, f32) {
    const PX: f32 = 1.0 / UNITS_PER_PX as f32;
    ((x * PX).clamp(-MAX_PLACE, MAX_PLACE), (y * PX).clamp(-MAX_PLACE, MAX_PLACE))
}

#[cfg(test)]
mod tests;
