//! Plotters' axes on pixels: a bench draws them there too. Texts are left out. Coordinates and widths are in units of a
//! [`UNITS_PER_PX`]th of a pixel.

use super::{Raster, UNITS_PER_PX};
use crate::options::Dash;
use crate::pen::{Fill, Pen, Stroke};
use crate::theme::Rgb;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};
use std::convert::Infallible;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for &mut Raster {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        let (width, height) = self.size();
        (width * UNITS_PER_PX, height * UNITS_PER_PX)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, colour: BackendColor) -> Drawn {
        let (x, y) = place(at);
        done(self.rect((x, y), (x + 1.0, y + 1.0), fill(colour)))
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let points: Vec<(f32, f32)> = path.into_iter().map(place).collect();
        let width = style.stroke_width() as f32;
        done(self.line(&points, &Stroke { fill: fill(style.color()), width, dash: Dash::Solid, is_dense: false }))
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        is_filled: bool,
    ) -> Drawn {
        if is_filled {
            return done(self.rect(place(from), place(to), fill(style.color())));
        }
        self.draw_path([from, (to.0, from.1), to, (from.0, to.1), from], style)
    }

    fn draw_circle<S: BackendStyle>(&mut self, centre: BackendCoord, radius: u32, style: &S, _fill: bool) -> Drawn {
        done(self.dot(place(centre), radius as f32, fill(style.color())))
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let outline: Vec<(f32, f32)> = path.into_iter().map(place).collect();
        done(self.area(&outline, fill(style.color())))
    }

    fn draw_text<S: BackendTextStyle>(&mut self, _text: &str, _style: &S, _at: BackendCoord) -> Drawn {
        Ok(())
    }
}

fn done(drawn: Result<(), Infallible>) -> Drawn {
    drawn.map_err(DrawingErrorKind::DrawingError)
}

fn place((x, y): BackendCoord) -> (f32, f32) {
    (x as f32, y as f32)
}

fn fill(colour: BackendColor) -> Fill {
    let (r, g, b) = colour.rgb;
    Fill { colour: Rgb(r, g, b), alpha: colour.alpha as f32 }
}
