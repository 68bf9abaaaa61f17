//! A picture as the text of an SVG file, drawn by the same code as on the page.

mod reckoned;

use crate::draw::draw_written;
use crate::layout::css;
use crate::options::Options;
use crate::raster::UNITS_PER_PX;
use crate::theme::Rgb;
use frame::Frame;
use plotters::backend::SVGBackend;
use plotters_backend::{BackendColor, DrawingBackend};
use reckoned::Reckoned;

/// Plotters takes this part of a font's size off in an SVG.
const FONT_FACTOR: f64 = 1.24;

/// Nobody knows with which font the file will be shown; the widest that are usual are so much wider than plotters
/// reckons.
const WIDEN: f64 = 1.15;

/// Sides longer than this are cut, CSS pixels: coordinates are whole numbers of 32 bits.
const MAX_SIDE: u32 = 100_000;

/// An SVG document of a size in CSS pixels, on the background of the theme. `title` is what a screen reader says, and
/// what browsers show where the pointer rests. The scale of `options` does not count.
#[must_use]
pub fn svg(frame: &Frame, options: &Options<'_>, size: (u32, u32), title: &str) -> String {
    let (width, height) = (size.0.min(MAX_SIDE), size.1.min(MAX_SIDE));
    // Plotters draws at whole numbers: so fine that nobody sees it.
    let (fine_width, fine_height) = (width * UNITS_PER_PX, height * UNITS_PER_PX);
    let options = Options { scale: f64::from(UNITS_PER_PX), ..*options };
    let mut text = String::new();
    {
        let mut backend = Reckoned(SVGBackend::with_string(&mut text, (fine_width, fine_height)));
        let Rgb(r, g, b) = options.theme.background;
        let ground = BackendColor { alpha: 1.0, rgb: (r, g, b) };
        // A string takes all that is written to it, so neither can fail.
        let corner = (fine_width as i32, fine_height as i32);
        let _ = backend.draw_rect((0, 0), corner, &ground, true);
        let _ = draw_written(frame, &options, css::FONT * FONT_FACTOR, WIDEN, backend);
    }
    let fine = format!("width=\"{fine_width}\" height=\"{fine_height}\"");
    let shown = format!("width=\"{width}\" height=\"{height}\" role=\"img\"");
    text = text.replacen(&fine, &shown, 1);
    if let Some(end) = text.find('>') {
        text.insert_str(end + 1, &format!("\n<title>{}</title>", escaped(title)));
    }
    text
}

/// A text between tags. What XML cannot hold at all is replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
