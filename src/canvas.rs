//! Plotters on a canvas: a drawing backend over a two-dimensional context, in device pixels.
//!
//! Plotters counts in whole numbers, so the backend counts in quarters of a device pixel
//! ([`UNITS_PER_PX`]): texts and slopes lie where they belong. Lines that are level or upright are
//! moved onto whole pixels, which keeps axes and grid sharp. A path is one stroke, however many points
//! it has.

pub use chart::raster::UNITS_PER_PX;

use chart::Rgb;
use chart::raster::GroundBar;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;
use web_sys::CanvasRenderingContext2d;

/// A canvas as plotters draws on it.
pub struct CanvasBackend {
    context: CanvasRenderingContext2d,
    width_px: u32,
    height_px: u32,
    /// What the context was told last.
    told: RefCell<Told>,
    /// The upright and level lines that were drawn.
    bars: Rc<RefCell<Vec<GroundBar>>>,
}

/// Settings of a context: to tell it the same again takes longer than a text takes to be drawn.
#[derive(Default)]
struct Told {
    font: String,
    fill: Option<BackendColor>,
    anchor: Option<(&'static str, &'static str)>,
}

thread_local! {
    /// How wide texts are, in device pixels, by their font and themselves: a graph that moves writes the same again and
    /// again.
    static MEASURED: RefCell<VecDeque<(String, String, f64)>> = const { RefCell::new(VecDeque::new()) };
}

/// So many texts are remembered: those of a few graphs.
const MAX_MEASURED: usize = 100;

/// What a browser has refused: to write or to measure a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CanvasError(&'static str);

impl fmt::Display for CanvasError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the browser's canvas could not {}", self.0)
    }
}

impl std::error::Error for CanvasError {}

type Result<T = ()> = std::result::Result<T, DrawingErrorKind<CanvasError>>;

impl CanvasBackend {
    /// Draws on a context whose canvas has so many device pixels.
    #[must_use]
    pub fn new(context: CanvasRenderingContext2d, width_px: u32, height_px: u32) -> Self {
        CanvasBackend { context, width_px, height_px, told: RefCell::default(), bars: Rc::default() }
    }

    /// Where the upright and level lines will be found that were drawn, as pixels.
    #[must_use]
    pub fn bars(&self) -> Rc<RefCell<Vec<GroundBar>>> {
        Rc::clone(&self.bars)
    }

    fn bar(&self, (left, top): (f64, f64), (width, height): (f64, f64), colour: BackendColor) {
        self.fill_with(colour);
        self.context.fill_rect(left, top, width, height);
        let (r, g, b) = colour.rgb;
        self.bars.borrow_mut().push(GroundBar {
            left: left as i32,
            top: top as i32,
            right: (left + width) as i32,
            bottom: (top + height) as i32,
            colour: Rgb(r, g, b),
        });
    }

    fn fill_with(&self, colour: BackendColor) {
        let told = self.told.borrow_mut().fill.replace(colour);
        if told.is_none_or(|told| told.rgb != colour.rgb || told.alpha != colour.alpha) {
            self.context.set_fill_style_str(&css(colour));
        }
    }

    fn stroke_with<S: BackendStyle>(&self, style: &S) {
        self.context.set_stroke_style_str(&css(style.color()));
        self.context.set_line_width(to_px(style.stroke_width() as i32));
    }

    fn trace(&self, points: impl IntoIterator<Item = BackendCoord>) {
        self.context.begin_path();
        for (idx, (x, y)) in points.into_iter().enumerate() {
            if idx == 0 {
                self.context.move_to(to_px(x), to_px(y));
            } else {
                self.context.line_to(to_px(x), to_px(y));
            }
        }
    }

    fn set_font(&self, font: String) {
        let mut told = self.told.borrow_mut();
        if told.font != font {
            self.context.set_font(&font);
            told.font = font;
        }
    }

    fn set_anchor(&self, align: &'static str, baseline: &'static str) {
        if self.told.borrow_mut().anchor.replace((align, baseline)) != Some((align, baseline)) {
            self.context.set_text_align(align);
            self.context.set_text_baseline(baseline);
        }
    }
}

fn font_of<S: BackendTextStyle>(style: &S) -> String {
    format!("{}px {}", style.size() / f64::from(UNITS_PER_PX), style.family().as_str())
}

impl DrawingBackend for CanvasBackend {
    type ErrorType = CanvasError;

    fn get_size(&self) -> (u32, u32) {
        (self.width_px * UNITS_PER_PX, self.height_px * UNITS_PER_PX)
    }

    fn ensure_prepared(&mut self) -> Result {
        Ok(())
    }

    fn present(&mut self) -> Result {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Result {
        self.fill_with(colour);
        self.context.fill_rect(to_px(x).floor(), to_px(y).floor(), 1.0, 1.0);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Result {
        let colour = style.color();
        if colour.alpha == 0.0 {
            return Ok(());
        }
        if from.0 != to.0 && from.1 != to.1 {
            self.stroke_with(style);
            self.trace([from, to]);
            self.context.stroke();
            return Ok(());
        }
        // A bar of whole pixels, sharp at every ratio of device to CSS pixels.
        let thick = to_px(style.stroke_width() as i32).round().max(1.0);
        let bar = |a: i32, b: i32| (to_px(a.min(b)).round(), (to_px(a.max(b)).round() - to_px(a.min(b)).round()));
        // A quarter more, so that an axis and the grid line on it become one.
        let at = |v: i32| (to_px(v) - thick / 2.0 + 0.25).floor();
        if from.0 == to.0 {
            let (top, length) = bar(from.1, to.1);
            self.bar((at(from.0), top), (thick, length), colour);
        } else {
            let (left, length) = bar(from.0, to.0);
            self.bar((left, at(from.1)), (length, thick), colour);
        }
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Result {
        let (left, top) = (to_px(from.0), to_px(from.1));
        let (width, height) = (to_px(to.0) - left, to_px(to.1) - top);
        if fill {
            self.fill_with(style.color());
            self.context.fill_rect(left, top, width, height);
        } else {
            self.stroke_with(style);
            self.context.stroke_rect(left, top, width, height);
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Result {
        let mut path = path.into_iter().peekable();
        let (Some(first), Some(second)) = (path.next(), path.next()) else {
            return Ok(());
        };
        if path.peek().is_none() {
            return self.draw_line(first, second, style);
        }
        if style.color().alpha > 0.0 {
            self.stroke_with(style);
            self.context.set_line_join("round");
            self.trace([first, second].into_iter().chain(path));
            self.context.stroke();
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, centre: BackendCoord, radius: u32, style: &S, fill: bool) -> Result {
        self.context.begin_path();
        let whole = std::f64::consts::TAU;
        self.context
            .arc(to_px(centre.0), to_px(centre.1), to_px(radius as i32), 0.0, whole)
            .map_err(|_| DrawingErrorKind::DrawingError(CanvasError("draw a circle")))?;
        if fill {
            self.fill_with(style.color());
            self.context.fill();
        } else {
            self.stroke_with(style);
            self.context.stroke();
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Result {
        self.fill_with(style.color());
        self.trace(path);
        self.context.fill();
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Result {
        if text.is_empty() || style.color().alpha == 0.0 {
            return Ok(());
        }
        self.set_font(font_of(style));
        self.fill_with(style.color());
        let align = match style.anchor().h_pos {
            HPos::Left => "left",
            HPos::Right => "right",
            HPos::Center => "center",
        };
        let baseline = match style.anchor().v_pos {
            VPos::Top => "top",
            VPos::Center => "middle",
            VPos::Bottom => "bottom",
        };
        self.set_anchor(align, baseline);
        self.context
            .fill_text(text, to_px(x).round(), to_px(y).round())
            .map_err(|_| DrawingErrorKind::DrawingError(CanvasError("write a text")))
    }

    /// Plotters' own measuring would put a styled element on the page, which the page's policy forbids.
    fn estimate_text_size<S: BackendTextStyle>(&self, text: &str, style: &S) -> Result<(u32, u32)> {
        let height = style.size().ceil() as u32;
        let font = font_of(style);
        let known = MEASURED.with_borrow(|known| {
            let same = |(of, what, _): &&(String, String, f64)| of == &font && what == text;
            known.iter().find(same).map(|(_, _, width)| *width)
        });
        let width = match known {
            Some(width) => width,
            None => {
                self.set_font(font.clone());
                let measured = self
                    .context
                    .measure_text(text)
                    .map_err(|_| DrawingErrorKind::DrawingError(CanvasError("measure a text")))?;
                MEASURED.with_borrow_mut(|known| {
                    if known.len() >= MAX_MEASURED {
                        known.pop_front();
                    }
                    known.push_back((font, text.to_owned(), measured.width()));
                });
                measured.width()
            }
        };
        Ok(((width * f64::from(UNITS_PER_PX)).ceil() as u32, height))
    }
}

/// Units of the backend to device pixels.
fn to_px(units: i32) -> f64 {
    f64::from(units) / f64::from(UNITS_PER_PX)
}

fn css(colour: BackendColor) -> String {
    let (r, g, b) = colour.rgb;
    format!("rgb({r} {g} {b} / {})", colour.alpha)
}
