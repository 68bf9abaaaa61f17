//! Draws a frame: axes and their texts by plotters, then the series above the grid, then what happened beside them.

use crate::area_pen::AreaPen;
use crate::axes;
use crate::clip::ClipPen;
use crate::drawing::Drawing;
use crate::layout::css;
use crate::lines;
use crate::marks::draw_marks;
use crate::options::{Form, Options};
use crate::pale::PalePen;
use crate::pen::Pen;
use crate::raster::Raster;
use crate::theme::Rgb;
use crate::{bars, heatmap, points, previous, stacked, states, steps};
use frame::Frame;
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::style::{FontFamily, IntoFont, TextStyle};
use plotters_backend::{BackendColor, DrawingBackend};

/// Why a picture could not be drawn: the backend refused.
pub type DrawError<B> = DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>;

/// Draws a frame with its marks and says what lies where. A frame without series still gets its axes.
///
/// # Errors
/// If the backend cannot draw.
pub fn draw<B: DrawingBackend>(frame: &Frame, options: &Options<'_>, backend: B) -> Result<Drawing, DrawError<B>> {
    draw_written(frame, options, css::FONT, 1.0, backend)
}

/// The same with texts of a size of CSS pixels that are `widen` times as wide as the backend reckons.
pub(crate) fn draw_written<B: DrawingBackend>(
    frame: &Frame,
    options: &Options<'_>,
    font_css: f64,
    widen: f64,
    backend: B,
) -> Result<Drawing, DrawError<B>> {
    let area = backend.into_drawing_area();
    let layout = axes::draw(&area, frame, options, &text_style(options, font_css), widen)?;
    let drawing = Drawing::new(frame, options, layout);
    let mut pen = AreaPen(&area);
    draw_series(frame, options, &drawing, &mut pen)?;
    draw_marks(frame, options, &drawing, &mut pen)?;
    area.present()?;
    Ok(drawing)
}

/// Draws the axes, the grid and their texts only, and says what lies where.
///
/// # Errors
/// If the backend cannot draw.
pub fn draw_axes<B: DrawingBackend>(frame: &Frame, options: &Options<'_>, backend: B) -> Result<Drawing, DrawError<B>> {
    let area = backend.into_drawing_area();
    let layout = axes::draw(&area, frame, options, &text_style(options, css::FONT), 1.0)?;
    area.present()?;
    Ok(Drawing::new(frame, options, layout))
}

fn text_style<'a>(options: &Options<'a>, font_css: f64) -> TextStyle<'a> {
    let Rgb(r, g, b) = options.theme.text;
    let font = (FontFamily::from(options.font), font_css * options.scale).into_font();
    TextStyle { color: BackendColor { alpha: 1.0, rgb: (r, g, b) }, ..TextStyle::from(font) }
}

/// Draws the series only, where a drawing has their axes.
///
/// # Errors
/// If the pen cannot draw.
pub fn draw_series<P: Pen>(
    frame: &Frame,
    options: &Options<'_>,
    drawing: &Drawing,
    pen: &mut P,
) -> Result<(), P::Error> {
    if previous::is_for(drawing.form) {
        previous::draw(frame, drawing, &mut ClipPen::new(pen, drawing.layout.plot))?;
    }
    if drawing.form == Form::Lines && (!drawing.is_clipped || pen.clips()) {
        return all_lines(frame, options, drawing, pen);
    }
    let mut clip = ClipPen::new(pen, drawing.layout.plot);
    let mut pen: &mut dyn Pen<Error = P::Error> = &mut clip;
    match drawing.form {
        Form::Lines => all_lines(frame, options, drawing, &mut pen),
        Form::Stacked => stacked::draw(frame, options, drawing, pen),
        Form::Bars => bars::draw(frame, options, drawing, pen),
        Form::Points => points::draw(frame, options, drawing, pen),
        Form::Steps => steps::draw(frame, options, drawing, pen),
        Form::Heatmap => heatmap::draw(frame, options, drawing, pen),
        Form::States => states::draw(frame, options, drawing, pen),
    }
}

/// Draws the series and the marks of a frame, and those of another, into pixels: what [`draw_series`] and
/// [`draw_marks`] do, compiled with the settings of this crate (for speed) and not with the caller's.
pub fn draw_pixels(frame: &Frame, options: &Options<'_>, drawing: &Drawing, notes: &Frame, raster: &mut Raster) {
    raster.set_clip(drawing.layout.plot);
    let Ok(()) = draw_series(frame, options, drawing, raster);
    let Ok(()) = draw_marks(frame, options, drawing, raster);
    let Ok(()) = draw_marks(notes, options, drawing, raster);
}

/// The lines of the period before first, palely, so that those of today lie upon them.
fn all_lines<P: Pen>(frame: &Frame, options: &Options<'_>, drawing: &Drawing, pen: &mut P) -> Result<(), P::Error> {
    if !drawing.styles.iter().any(|style| style.is_pale) {
        return lines::draw(frame, options, drawing, pen);
    }
    let only = |pale: bool| {
        let mut part = drawing.clone();
        part.styles.iter_mut().for_each(|style| style.is_shown &= style.is_pale == pale);
        part
    };
    lines::draw(frame, options, &only(true), &mut PalePen(pen))?;
    lines::draw(frame, options, &only(false), pen)
}
