//! A backend that reckons how wide texts are instead of asking for it: in a browser, plotters would put a styled element
//! on the page to measure it, which the policy of a strict page forbids, and which would tell of one font of many.

use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

/// The backend that draws.
pub(super) struct Reckoned<B>(pub(super) B);

type Result<B, T = ()> = std::result::Result<T, DrawingErrorKind<<B as DrawingBackend>::ErrorType>>;

/// The height of a capital letter, as a part of the size of a font, and the usual width of a letter as a part of that.
const EM: f64 = 1.0 / (1.24 * 1.24);
const LETTER: f64 = 0.7;
/// What reaches below the line, as a part of [`EM`].
const BELOW: f64 = 0.24;

impl<B: DrawingBackend> DrawingBackend for Reckoned<B> {
    type ErrorType = B::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.0.get_size()
    }

    fn ensure_prepared(&mut self) -> Result<B> {
        self.0.ensure_prepared()
    }

    fn present(&mut self) -> Result<B> {
        self.0.present()
    }

    fn draw_pixel(&mut self, at: BackendCoord, colour: BackendColor) -> Result<B> {
        self.0.draw_pixel(at, colour)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Result<B> {
        self.0.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Result<B> {
        self.0.draw_rect(from, to, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Result<B> {
        self.0.draw_path(path, style)
    }

    fn draw_circle<S: BackendStyle>(&mut self, centre: BackendCoord, radius: u32, style: &S, fill: bool) -> Result<B> {
        self.0.draw_circle(centre, radius, style, fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Result<B> {
        self.0.fill_polygon(path, style)
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Result<B> {
        self.0.draw_text(text, style, at)
    }

    fn estimate_text_size<S: BackendTextStyle>(&self, text: &str, style: &S) -> Result<B, (u32, u32)> {
        let em = style.size() * EM;
        let width = em * LETTER * text.chars().count() as f64;
        Ok((libm::round(width) as u32, (libm::round(em) + libm::round(em * BELOW)) as u32))
    }
}
