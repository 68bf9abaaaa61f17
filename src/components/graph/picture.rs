//! Draws an answer on the two canvases of a graph: axes with plotters, lines as pixels.

use super::view::View;
use crate::browser::zone::Zone;
use crate::canvas::{CanvasBackend, UNITS_PER_PX};
use chart::raster::Raster;
use chart::{AxisOptions, Drawing, Form, Options, SeriesStyle, Theme, Unit};
use frame::Frame;
use protocol::GraphAnswer;
use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// The size of a graph's plot element.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// In CSS pixels.
    pub width: f64,
    /// In CSS pixels.
    pub height: f64,
    /// Device pixels in a CSS pixel.
    pub dpr: f64,
}

impl Size {
    /// In device pixels.
    #[must_use]
    pub fn device(&self) -> (u32, u32) {
        ((self.width * self.dpr).round() as u32, (self.height * self.dpr).round() as u32)
    }

    /// Units of the drawing backends in a CSS pixel.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.dpr * f64::from(UNITS_PER_PX)
    }
}

/// An answer as it was drawn.
#[derive(Clone, Debug)]
pub struct Picture {
    /// What was drawn.
    pub answer: Arc<GraphAnswer>,
    /// Where what lies, in units of the drawing backends.
    pub drawing: Drawing,
    /// The value axes.
    pub axes: Vec<AxisOptions>,
    /// On how large a canvas.
    pub size: Size,
    /// The notes of the user that were drawn with it.
    pub notes: Arc<Frame>,
    /// The part of the lines' canvas that was drawn on.
    pub inked: Part,
}

/// A part of a canvas, device pixels; `right` and `bottom` lie outside. Nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
}

impl Part {
    fn is_empty(self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }

    /// The least part that holds both.
    fn with(self, other: Part) -> Part {
        if self.is_empty() {
            return other;
        }
        Part {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// What of this lies outside of another: above, below, on the left, on the right of it.
    fn without(self, other: Part) -> [Part; 4] {
        if self.is_empty() || other.is_empty() {
            return [self, Part::default(), Part::default(), Part::default()];
        }
        let top = other.top.clamp(self.top, self.bottom);
        let bottom = other.bottom.clamp(top, self.bottom);
        [
            Part { bottom: top, ..self },
            Part { top: bottom, ..self },
            Part { top, bottom, right: self.right.min(other.left), ..self },
            Part { top, bottom, left: self.left.max(other.right), ..self },
        ]
    }

    fn wipe(self, context: &CanvasRenderingContext2d) {
        if !self.is_empty() {
            let (left, top) = (f64::from(self.left), f64::from(self.top));
            context.clear_rect(left, top, f64::from(self.right - self.left), f64::from(self.bottom - self.top));
        }
    }
}

impl Picture {
    /// The unit of a series.
    #[must_use]
    pub fn unit(&self, series_idx: usize) -> Unit {
        let axis = self.drawing.styles.get(series_idx).map_or(0, |style| usize::from(style.axis));
        self.axes.get(axis).or(self.axes.last()).map(|axis| axis.unit).unwrap_or_default()
    }

    /// What was drawn with the notes among its events, for those who draw it once more as a whole.
    #[must_use]
    pub fn with_notes(&self) -> Cow<'_, Frame> {
        let frame = &self.answer.frame;
        if self.notes.marks.is_empty() {
            return Cow::Borrowed(frame);
        }
        let marks = frame.marks.iter().chain(&self.notes.marks).cloned().collect();
        Cow::Owned(Frame { marks, ..frame.clone() })
    }

    /// CSS pixels of the plot element to units of the backend.
    #[must_use]
    pub fn to_units(&self, css: f64) -> f64 {
        css * self.drawing.layout.scale
    }

    /// Units of the backend to CSS pixels of the plot element.
    #[must_use]
    pub fn to_css(&self, units: f64) -> f64 {
        units / self.drawing.layout.scale
    }
}

/// What decides how an answer looks.
pub struct Look<'a> {
    /// Which series is drawn how.
    pub styles: Vec<SeriesStyle>,
    /// What the series are called, for forms that write it beside the plot; where a name is missing, labels stand.
    pub names: Vec<String>,
    /// What stands for a series.
    pub form: Form,
    /// The value axes.
    pub axes: Vec<AxisOptions>,
    /// The notes of the user: a frame of nothing but marks.
    pub notes: Arc<Frame>,
    /// Colours.
    pub theme: Theme,
    /// Whose clocks.
    pub zone: &'a Zone,
    /// How large.
    pub size: Size,
    /// The times at the edges: those of the answer, or others while hands move them.
    pub view: View,
}

/// Fonts of the axes: those of the page (`--font-ui`).
const FONT: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif";

thread_local! {
    /// One for all graphs: it is a few megabytes, and used within one call.
    static RASTER: RefCell<Raster> = RefCell::new(Raster::default());
}

/// Draws an answer on two canvases, on which nothing but `before` was drawn, if that is given. `None` if the browser gives
/// no context or refuses to draw.
pub fn draw(
    answer: &Arc<GraphAnswer>,
    look: Look<'_>,
    axes: &HtmlCanvasElement,
    lines: &HtmlCanvasElement,
    before: Option<&Picture>,
) -> Option<Picture> {
    let (width, height) = look.size.device();
    let axes = sized_context(axes, width, height)?;
    // Where lines are drawn upon those of before, nothing has to be wiped: a third of the time that the browser takes to
    // show them (0.7 ms rather than 1.1 ms).
    let before = before.filter(|_| (lines.width(), lines.height()) == (width, height));
    let lines = if before.is_some() { context_of(lines)? } else { sized_context(lines, width, height)? };
    let offset = |at_ms: i64| look.zone.offset_ms(at_ms);
    let options = Options {
        start_ms: look.view.start_ms,
        end_ms: look.view.end_ms,
        form: look.form,
        axes: &look.axes,
        theme: look.theme,
        series: &look.styles,
        names: &look.names,
        offset: &offset,
        scale: look.size.scale(),
        font: FONT,
    };
    let drawing = chart::draw_axes(&answer.frame, &options, CanvasBackend::new(axes, width, height)).ok()?;
    let mut inked = Part::default();
    let shown = RASTER.with_borrow_mut(|raster| {
        raster.clear(width, height);
        chart::draw_pixels(&answer.frame, &options, &drawing, &look.notes, raster);
        raster.take_strips(|strip| {
            // The array is the module's own memory: the browser copies it to the canvas, and nothing else does.
            let bytes = Clamped(strip.bytes);
            let image = ImageData::new_with_u8_clamped_array_and_sh(bytes, strip.width, strip.height).ok()?;
            let (right, bottom) = (strip.left + strip.width, strip.top + strip.height);
            inked = inked.with(Part { left: strip.left, top: strip.top, right, bottom });
            lines.put_image_data(&image, f64::from(strip.left), f64::from(strip.top)).ok()
        })
    });
    if shown.is_none() {
        // The one before is no longer whole either.
        lines.clear_rect(0.0, 0.0, f64::from(width), f64::from(height));
        return None;
    }
    if let Some(before) = before {
        before.inked.without(inked).iter().for_each(|part| part.wipe(&lines));
    }
    let (axes, size, notes) = (look.axes, look.size, look.notes);
    Some(Picture { answer: Arc::clone(answer), drawing, axes, size, notes, inked })
}

fn context_of(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// The context of a canvas of so many pixels, empty.
#[must_use]
pub fn sized_context(canvas: &HtmlCanvasElement, width: u32, height: u32) -> Option<CanvasRenderingContext2d> {
    let context = context_of(canvas)?;
    if canvas.width() != width || canvas.height() != height {
        // Setting a size empties the canvas and costs its memory, so only when it is another.
        canvas.set_width(width);
        canvas.set_height(height);
    } else {
        context.clear_rect(0.0, 0.0, f64::from(width), f64::from(height));
    }
    Some(context)
}

#[cfg(test)]
mod tests {
    //! Parts of a canvas against a look at each pixel.
    use super::Part;
    use proptest::prelude::*;

    fn part() -> impl Strategy<Value = Part> {
        (0u32..6, 0u32..6, 0u32..6, 0u32..6).prop_map(|(left, top, right, bottom)| Part { left, top, right, bottom })
    }

    fn holds(part: Part, (x, y): (u32, u32)) -> bool {
        (part.left..part.right).contains(&x) && (part.top..part.bottom).contains(&y)
    }

    proptest! {
        #[test]
        fn what_is_wiped_is_what_nothing_was_drawn_upon(before in part(), now in part()) {
            let wiped = before.without(now);
            for at in (0..6).flat_map(|x| (0..6).map(move |y| (x, y))) {
                let want = holds(before, at) && !holds(now, at);
                prop_assert_eq!(wiped.iter().any(|part| holds(*part, at)), want, "{:?}", at);
            }
        }
    }
}
