//! A plotters backend that draws lines and dots into RGBA pixels, with smooth edges; no text.
//!
//! A browser's canvas takes about 100 ns for each segment of a line, without a graphics card. Here a
//! segment adds what it covers of each pixel column to that column's coverage, and a column is mixed into
//! the picture once the line has passed it. So the points of a line may lie as close as they like, and
//! where a line crosses or touches itself it is not drawn twice.

use crate::pen::{Fill, Pen, Stroke};
use crate::theme::Rgb;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};
use std::convert::Infallible;

/// How many units of the backend's whole coordinates make a pixel: lines lie between pixels, too.
pub const UNITS_PER_PX: u32 = 4;

/// A picture of transparent pixels to draw on.
#[derive(Clone, Debug, Default)]
pub struct Raster {
    width: usize,
    height: usize,
    /// Row by row, four bytes a pixel: red, green, blue, alpha; not multiplied by alpha.
    pixels: Vec<u8>,
    columns: Columns,
    is_coarse: bool,
}

impl Raster {
    /// A transparent picture of so many pixels.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let mut raster = Raster::default();
        raster.clear(width, height);
        raster
    }

    /// Begins anew in the same memory.
    pub fn clear(&mut self, width: u32, height: u32) {
        (self.width, self.height) = (width as usize, height as usize);
        self.pixels.clear();
        self.pixels.resize(self.width * self.height * 4, 0);
    }

    /// Draws lines coarsely, about three times as fast in a browser: each as one bar in each pixel column, smooth at its
    /// upper and lower end only. Among hundreds of lines nobody sees the difference.
    pub fn set_coarse(&mut self, is_coarse: bool) {
        self.is_coarse = is_coarse;
    }

    /// Width and height in pixels.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.width as u32, self.height as u32)
    }

    /// The pixels, row by row: red, green, blue, alpha; as a browser's `ImageData` has them.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Draws a line through points, `width` pixels wide. Coordinates are in pixels. The points should
    /// go from left to right; a line that turns back is drawn in parts.
    pub fn stroke(&mut self, points: impl IntoIterator<Item = (f32, f32)>, width: f32, colour: Rgb) {
        let mut points = points.into_iter();
        let Some(mut from) = points.next() else {
            return;
        };
        let width = width.clamp(0.5, MAX_STROKE);
        let mut ink = Ink { pixels: &mut self.pixels, width: self.width, height: self.height, colour };
        let segments = points
            .map(|to| (std::mem::replace(&mut from, to), to))
            .filter(|(from, to)| from.0.is_finite() && from.1.is_finite() && to.0.is_finite() && to.1.is_finite());
        if self.is_coarse {
            let mut bar = Bar::default();
            segments.for_each(|(from, to)| bar.follow(&mut ink, from, to, width * 0.5));
            bar.draw(&mut ink, width * 0.5);
        } else {
            self.columns.begin(self.height, width);
            segments.for_each(|(from, to)| segment(&mut self.columns, &mut ink, from, to, width));
            self.columns.flush(&mut ink);
        }
    }

    /// Draws a filled circle.
    pub fn dot(&mut self, (x, y): (f32, f32), radius: f32, colour: Rgb) {
        let (left, right) = ((x - radius).floor() as i32, (x + radius).ceil() as i32);
        let (top, bottom) = ((y - radius).floor() as i32, (y + radius).ceil() as i32);
        let mut ink = Ink { pixels: &mut self.pixels, width: self.width, height: self.height, colour };
        for row in top.max(0)..bottom.min(ink.height as i32) {
            for column in left.max(0)..right.min(ink.width as i32) {
                let distance = (column as f32 + 0.5 - x).hypot(row as f32 + 0.5 - y);
                ink.mix(column as usize, row as usize, (radius + 0.5 - distance).clamp(0.0, 1.0));
            }
        }
    }
}

/// No line is wider, in pixels.
const MAX_STROKE: f32 = 32.0;

/// How much of each pixel the line covers, for the columns that it has not passed yet.
#[derive(Clone, Debug, Default)]
struct Columns {
    height: usize,
    /// A power of two: column `c` lies at `c & (n - 1)`.
    n: usize,
    coverage: Vec<f32>,
    /// The rows that are touched, from and to (outside), of each column.
    rows: Vec<(usize, usize)>,
    /// The first column that is not mixed into the picture yet, and the one after the last touched.
    live: (usize, usize),
}

impl Columns {
    fn begin(&mut self, height: usize, width: f32) {
        self.height = height;
        self.n = (4.0 * width + 8.0) as usize;
        self.n = self.n.next_power_of_two();
        // What was mixed in is zero again, so only the size may have to change.
        if self.coverage.len() != self.n * height {
            self.coverage.clear();
            self.coverage.resize(self.n * height, 0.0);
            self.rows.clear();
            self.rows.resize(self.n, (usize::MAX, 0));
        }
        self.live = (0, 0);
    }

    /// The coverage of some rows of a column, to add to.
    fn touch(&mut self, ink: &mut Ink<'_>, column: usize, rows: (usize, usize)) -> &mut [f32] {
        if self.live.0 == self.live.1 {
            self.live = (column, column);
        }
        if column < self.live.0 {
            // The line has turned back.
            self.flush(ink);
            self.live = (column, column);
        }
        while column >= self.live.0 + self.n {
            self.mix(ink, self.live.0);
            self.live.0 += 1;
            if self.live.0 > self.live.1 {
                self.live = (column, column);
            }
        }
        self.live.1 = self.live.1.max(column + 1);
        let slot = column & (self.n - 1);
        let touched = &mut self.rows[slot];
        *touched = (touched.0.min(rows.0), touched.1.max(rows.1));
        let base = slot * self.height;
        &mut self.coverage[base + rows.0..base + rows.1]
    }

    fn flush(&mut self, ink: &mut Ink<'_>) {
        for column in self.live.0..self.live.1 {
            self.mix(ink, column);
        }
        self.live = (0, 0);
    }

    /// Mixes a column into the picture and forgets it.
    fn mix(&mut self, ink: &mut Ink<'_>, column: usize) {
        let slot = column & (self.n - 1);
        let (from, to) = std::mem::replace(&mut self.rows[slot], (usize::MAX, 0));
        if from < to {
            let base = slot * self.height;
            for (row, coverage) in (from..to).zip(&mut self.coverage[base + from..base + to]) {
                ink.mix(column, row, std::mem::take(coverage));
            }
        }
    }
}

/// Where a line goes and in what colour.
struct Ink<'a> {
    pixels: &'a mut [u8],
    width: usize,
    height: usize,
    colour: Rgb,
}

impl Ink<'_> {
    /// Covers some pixels of a column wholly.
    fn fill(&mut self, column: usize, rows: std::ops::Range<usize>) {
        let Rgb(r, g, b) = self.colour;
        let first = (rows.start * self.width + column) * 4;
        let Some(pixels) = self.pixels.get_mut(first..) else {
            return;
        };
        for row in pixels.chunks_mut(self.width * 4).take(rows.len()) {
            if let Some(pixel) = row.first_chunk_mut::<4>() {
                *pixel = [r, g, b, 255];
            }
        }
    }

    /// Lays the colour over a pixel of which it covers a part.
    #[inline]
    fn mix(&mut self, column: usize, row: usize, coverage: f32) {
        let offset = (row * self.width + column) * 4;
        if let Some(Ok(pixel)) = self.pixels.get_mut(offset..offset + 4).map(<&mut [u8; 4]>::try_from) {
            let over = (lesser(coverage, 1.0) * 255.0 + 0.5) as i32 as u32;
            let Rgb(r, g, b) = self.colour;
            *pixel = match (over, u32::from(pixel[3])) {
                (0, _) => return,
                (255.., _) => [r, g, b, 255],
                (_, 0) => [r, g, b, over as u8],
                (_, 255) => {
                    let kept = 255 - over;
                    // A division by 255 that is exact for all that can come.
                    let channel = |new: u8, old: u8| {
                        let sum = u32::from(new) * over + u32::from(old) * kept + 127;
                        ((sum + 1 + (sum >> 8)) >> 8) as u8
                    };
                    [channel(r, pixel[0]), channel(g, pixel[1]), channel(b, pixel[2]), 255]
                }
                (_, under) => {
                    let kept = under * (255 - over) / 255;
                    let alpha = over + kept;
                    let channel = |new: u8, old: u8| ((u32::from(new) * over + u32::from(old) * kept) / alpha) as u8;
                    [channel(r, pixel[0]), channel(g, pixel[1]), channel(b, pixel[2]), alpha as u8]
                }
            };
        }
    }
}

/// Where a line runs within one pixel column.
#[derive(Clone, Copy, Debug, Default)]
struct Bar {
    column: usize,
    top: f32,
    bottom: f32,
    is_begun: bool,
}

impl Bar {
    /// Follows a segment; draws each column that it leaves.
    fn follow(&mut self, ink: &mut Ink<'_>, from: (f32, f32), to: (f32, f32), half: f32) {
        let (from, to) = if from.0 <= to.0 { (from, to) } else { (to, from) };
        if to.0 < 0.0 || from.0 >= ink.width as f32 {
            return;
        }
        let (first, last) = (from.0 as usize, (to.0 as usize).min(ink.width - 1));
        let slope = if from.0 < to.0 { (to.1 - from.1) / (to.0 - from.0) } else { 0.0 };
        let mut y = if from.0 < 0.0 { from.1 - from.0 * slope } else { from.1 };
        for column in first..last {
            let next = from.1 + ((column + 1) as f32 - from.0) * slope;
            self.extend(ink, column, y, next, half);
            y = next;
        }
        let end = if to.0 < ink.width as f32 { to.1 } else { from.1 + (ink.width as f32 - from.0) * slope };
        self.extend(ink, last, y, end, half);
    }

    #[inline]
    fn extend(&mut self, ink: &mut Ink<'_>, column: usize, a: f32, b: f32, half: f32) {
        let (top, bottom) = (lesser(a, b), greater(a, b));
        if self.is_begun && self.column == column {
            self.top = lesser(self.top, top);
            self.bottom = greater(self.bottom, bottom);
        } else {
            self.draw(ink, half);
            *self = Bar { column, top, bottom, is_begun: true };
        }
    }

    fn draw(&self, ink: &mut Ink<'_>, half: f32) {
        if !self.is_begun {
            return;
        }
        let (top, bottom) = (self.top - half, self.bottom + half);
        let rows = clipped(top, bottom, ink.height);
        let along = |row: usize| lesser(row as f32 + 1.0, bottom) - greater(row as f32, top);
        if rows.len() < 3 {
            rows.for_each(|row| ink.mix(self.column, row, along(row)));
            return;
        }
        let (first, last) = (rows.start, rows.end - 1);
        ink.mix(self.column, first, along(first));
        ink.fill(self.column, first + 1..last);
        ink.mix(self.column, last, along(last));
    }
}

/// The lesser of two numbers. One instruction, where `f32::min` takes care of NaN with several.
#[inline]
fn lesser(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// The greater of two numbers.
#[inline]
fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// Adds a segment to the coverage of the columns that it touches.
fn segment(columns: &mut Columns, ink: &mut Ink<'_>, from: (f32, f32), to: (f32, f32), width: f32) {
    let (from, to) = if from.0 <= to.0 { (from, to) } else { (to, from) };
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    if dx >= dy.abs() {
        flat(columns, ink, from, to, width);
    } else {
        steep(columns, ink, from, to, width);
    }
}

/// The columns (or rows) of the picture from one place to another.
#[inline]
fn clipped(from: f32, to: f32, end: usize) -> std::ops::Range<usize> {
    // Casts cut fractions off and stay in range; for what lies left of the picture, zero is right anyway.
    let end = end as i32;
    let start = (from as i32).clamp(0, end);
    let whole = to as i32;
    let stop = whole.saturating_add(i32::from(to > whole as f32)).clamp(start, end);
    start as usize..stop as usize
}

/// A segment wider than high: in each column a piece of a band, as high as the line is wide across it.
fn flat(columns: &mut Columns, ink: &mut Ink<'_>, from: (f32, f32), to: (f32, f32), width: f32) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    if dx <= 0.0 {
        return;
    }
    let slope = dy / dx;
    let half = width * 0.5 * (1.0 + slope * slope).sqrt();
    for column in clipped(from.0, to.0, ink.width) {
        let (left, right) = ((column as f32).max(from.0), (column as f32 + 1.0).min(to.0));
        let middle = from.1 + ((left + right) * 0.5 - from.0) * slope;
        let (top, bottom) = (middle - half, middle + half);
        let rows = clipped(top, bottom, ink.height);
        if rows.is_empty() {
            continue;
        }
        let part = right - left;
        let first = rows.start as f32;
        let coverage = columns.touch(ink, column, (rows.start, rows.end));
        for (idx, coverage) in (0i32..).zip(coverage) {
            let row = first + idx as f32;
            *coverage += (lesser(row + 1.0, bottom) - greater(row, top)) * part;
        }
    }
}

/// A segment higher than wide: in each row a piece of a band, as wide as the line is across it.
fn steep(columns: &mut Columns, ink: &mut Ink<'_>, from: (f32, f32), to: (f32, f32), width: f32) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let slope = dx / dy;
    let length = (1.0 + slope * slope).sqrt();
    let half = width * 0.5 * length;
    // A bit longer at both ends, so that corners are filled.
    let longer = width * 0.3 / length;
    let (top, bottom) = (from.1.min(to.1) - longer, from.1.max(to.1) + longer);
    let from_x = |y: f32| from.0 + (y - from.1) * slope;
    let (left, right) = (from_x(top).min(from_x(bottom)) - half, from_x(top).max(from_x(bottom)) + half);
    let is_upright = slope.abs() < 1e-4;
    let rise = 1.0 / slope;
    for column in clipped(left, right, ink.width) {
        let (column_left, column_right) = (column as f32, column as f32 + 1.0);
        // The rows in which the band touches the column.
        let (high, low) = if is_upright {
            (top, bottom)
        } else {
            let enters = from.1 + (column_left - half - from.0) * rise;
            let leaves = from.1 + (column_right + half - from.0) * rise;
            (enters.min(leaves).max(top), enters.max(leaves).min(bottom))
        };
        let rows = clipped(high, low, ink.height);
        if rows.is_empty() {
            continue;
        }
        let coverage = columns.touch(ink, column, (rows.start, rows.end));
        let across = |row: f32| {
            let x = from.0 + (row + 0.5 - from.1) * slope;
            greater(lesser(x + half, column_right) - greater(x - half, column_left), 0.0)
        };
        let along = |row: f32| greater(lesser(row + 1.0, bottom) - greater(row, top), 0.0);
        // Only the first and the last row may be covered in part; the loop between has no branches.
        let first = rows.start as f32;
        if let [only] = coverage {
            *only += across(first) * along(first);
        } else if let [start, middle @ .., end] = coverage {
            *start += across(first) * along(first);
            for (idx, coverage) in (1i32..).zip(middle) {
                *coverage += across(first + idx as f32);
            }
            let last = (rows.end - 1) as f32;
            *end += across(last) * along(last);
        }
    }
}

/// The axes of a bench are measured and drawn on it too; it has no texts. Coordinates and widths are in units of a
/// [`UNITS_PER_PX`]th of a pixel.
impl DrawingBackend for &mut Raster {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.width as u32 * UNITS_PER_PX, self.height as u32 * UNITS_PER_PX)
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Result<(), DrawingErrorKind<Infallible>> {
        let units = UNITS_PER_PX as i32;
        if let (Ok(column), Ok(row)) = (usize::try_from(x.div_euclid(units)), usize::try_from(y.div_euclid(units)))
            && column < self.width
            && row < self.height
        {
            let (width, height) = (self.width, self.height);
            let mut ink = Ink { pixels: &mut self.pixels, width, height, colour: rgb(colour) };
            ink.mix(column, row, colour.alpha as f32 / (UNITS_PER_PX * UNITS_PER_PX) as f32);
        }
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.draw_path([from, to], style)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        if style.color().alpha > 0.0 {
            let width = style.stroke_width() as f32 / UNITS_PER_PX as f32;
            self.stroke(path.into_iter().map(px), width, rgb(style.color()));
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        _fill: bool,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.dot(px(center), radius as f32 / UNITS_PER_PX as f32, rgb(style.color()));
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        _text: &str,
        _style: &S,
        _at: BackendCoord,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }
}

/// Units to pixels.
fn px((x, y): BackendCoord) -> (f32, f32) {
    (x as f32 / UNITS_PER_PX as f32, y as f32 / UNITS_PER_PX as f32)
}

fn rgb(colour: BackendColor) -> Rgb {
    Rgb(colour.rgb.0, colour.rgb.1, colour.rgb.2)
}

/// Coordinates and widths are in units of a [`UNITS_PER_PX`]th of a pixel.
impl Pen for Raster {
    type Error = Infallible;

    fn line(&mut self, points: &[(f32, f32)], stroke: &Stroke) -> Result<(), Infallible> {
        let width = stroke.width / UNITS_PER_PX as f32;
        self.stroke(points.iter().map(|&at| fraction(at)), width, stroke.fill.colour);
        Ok(())
    }

    fn area(&mut self, outline: &[(f32, f32)], fill: Fill) -> Result<(), Infallible> {
        let Some(last) = outline.last() else {
            return Ok(());
        };
        let (width, height) = (self.width, self.height);
        let mut ink = Ink { pixels: &mut self.pixels, width, height, colour: fill.colour };
        for row in 0..height {
            let y = row as f32 + 0.5;
            let mut from = fraction(*last);
            let mut crossings = Vec::new();
            for to in outline.iter().map(|&at| fraction(at)) {
                if (from.1 <= y) != (to.1 <= y) {
                    crossings.push(from.0 + (y - from.1) / (to.1 - from.1) * (to.0 - from.0));
                }
                from = to;
            }
            crossings.sort_unstable_by(f32::total_cmp);
            for pair in crossings.chunks_exact(2) {
                for column in clipped(pair[0], pair[1], width) {
                    let part = lesser(pair[1], column as f32 + 1.0) - greater(pair[0], column as f32);
                    ink.mix(column, row, part * fill.alpha);
                }
            }
        }
        Ok(())
    }

    fn rect(&mut self, from: (f32, f32), to: (f32, f32), fill: Fill) -> Result<(), Infallible> {
        self.area(&[from, (to.0, from.1), to, (from.0, to.1)], fill)
    }

    fn dot(&mut self, centre: (f32, f32), radius: f32, fill: Fill) -> Result<(), Infallible> {
        Raster::dot(self, fraction(centre), radius / UNITS_PER_PX as f32, fill.colour);
        Ok(())
    }
}

/// Units to pixels.
fn fraction((x, y): (f32, f32)) -> (f32, f32) {
    (x / UNITS_PER_PX as f32, y / UNITS_PER_PX as f32)
}

#[cfg(test)]
mod tests;
