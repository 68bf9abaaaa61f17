//! Draws an answer on the canvas of a graph: axes with plotters, then lines as pixels, with what of the grid is seen beside
//! and through them. Two canvases, one above the other, took 4 ms more for the first picture.

use super::view::View;
use crate::browser::zone::Zone;
use crate::canvas::{CanvasBackend, UNITS_PER_PX};
use chart::raster::{Ground, Raster};
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

/// Draws an answer on a canvas. `None` if the browser gives no context or refuses to draw.
pub fn draw(answer: &Arc<GraphAnswer>, look: Look<'_>, canvas: &HtmlCanvasElement) -> Option<Picture> {
    let (width, height) = look.size.device();
    let context = sized_context(canvas, width, height)?;
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
    let backend = CanvasBackend::new(context.clone(), width, height);
    let bars = backend.bars();
    let drawing = chart::draw_axes(&answer.frame, &options, backend).ok()?;
    let ground = Ground { colour: look.theme.background, bars: &bars.borrow() };
    RASTER.with_borrow_mut(|raster| {
        raster.clear(width, height);
        chart::draw_pixels(&answer.frame, &options, &drawing, &look.notes, raster);
        raster.take_strips_on(&ground, |strip| {
            // The array is the module's own memory: the browser copies it to the canvas, and nothing else does.
            let bytes = Clamped(strip.bytes);
            let image = ImageData::new_with_u8_clamped_array_and_sh(bytes, strip.width, strip.height).ok()?;
            context.put_image_data(&image, f64::from(strip.left), f64::from(strip.top)).ok()
        })
    })?;
    let (axes, size, notes) = (look.axes, look.size, look.notes);
    Some(Picture { answer: Arc::clone(answer), drawing, axes, size, notes })
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
