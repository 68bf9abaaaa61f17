//! The cross-hair at the cursor: two hairs and a dot. They are elements that are moved, because a browser without a
//! graphics card takes half the time for that in which it wipes and fills a canvas (0.17 ms rather than 0.34 ms).

use super::picture::Picture;
use chart::{Hit, Rgb, Theme};
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Half of the dot, CSS pixels, without its rim: as wide as `style/graph.css` makes it.
const DOT: f64 = 3.5;

/// The elements of a cross-hair.
pub struct Hairs {
    all: HtmlElement,
    upright: HtmlElement,
    level: HtmlElement,
    dot: HtmlElement,
    told: Cell<Option<Told>>,
}

/// What changes less often than the place: to tell an element the same again takes longer than moving it.
#[derive(Clone, Copy, PartialEq)]
struct Told {
    /// Width and height of the plot, and how thick hairs are, CSS pixels.
    plot: (f64, f64),
    thick: f64,
    axis: Rgb,
    colour: Rgb,
    is_crossed: bool,
}

impl Hairs {
    /// Of an element with three others in it: the upright hair, the level one, the dot. `None` if it has others.
    #[must_use]
    pub fn new(all: HtmlElement) -> Option<Self> {
        let part = |idx: u32| all.children().item(idx)?.dyn_into::<HtmlElement>().ok();
        let (upright, level, dot) = (part(0)?, part(1)?, part(2)?);
        Some(Hairs { all, upright, level, dot, told: Cell::new(None) })
    }

    /// Moves them to a sample, or hides them.
    pub fn show(&self, hit: Option<&Hit>, picture: &Picture, theme: &Theme) {
        let Some(hit) = hit else {
            if self.told.take().is_some() {
                self.all.set_hidden(true);
            }
            return;
        };
        let plot = &picture.drawing.layout.plot;
        let css = |units: i32| picture.to_css(f64::from(units));
        let (left, top) = (css(plot.left), css(plot.top));
        let (x, y) = (picture.to_css(hit.x), picture.to_css(hit.y));
        let ((thick, x_hair), (_, y_hair)) = (snapped(x, picture), snapped(y, picture));
        let told = Told {
            plot: (css(plot.right) - left, css(plot.bottom) - top),
            thick,
            axis: theme.axis,
            colour: picture.drawing.styles.get(hit.series_idx).map_or(theme.text, |style| style.colour),
            // Else the value is beyond those that are shown.
            is_crossed: hit.y >= f64::from(plot.top) && hit.y <= f64::from(plot.bottom),
        };
        let before = self.told.replace(Some(told));
        if before != Some(told) {
            self.tell(&told);
        }
        if before.is_none() {
            self.all.set_hidden(false);
        }
        move_to(&self.upright, x_hair, top);
        if told.is_crossed {
            move_to(&self.level, left, y_hair);
            move_to(&self.dot, x - DOT, y - DOT);
        }
    }

    fn tell(&self, told: &Told) {
        let size = |of: &HtmlElement, width: f64, height: f64| {
            let _ = of.style().set_property("width", &format!("{width}px"));
            let _ = of.style().set_property("height", &format!("{height}px"));
        };
        let colour = |of: &HtmlElement, colour: Rgb| {
            let _ = of.style().set_property("background-color", &colour.css());
        };
        size(&self.upright, told.thick, told.plot.1);
        size(&self.level, told.plot.0, told.thick);
        colour(&self.upright, told.axis);
        colour(&self.level, told.axis);
        colour(&self.dot, told.colour);
        self.level.set_hidden(!told.is_crossed);
        self.dot.set_hidden(!told.is_crossed);
    }
}

/// How thick a hair is, and where it begins: on whole device pixels, so that it is sharp.
pub(super) fn snapped(at: f64, picture: &Picture) -> (f64, f64) {
    let dpr = picture.size.dpr;
    let hair = dpr.round().max(1.0) / dpr;
    (hair, ((at - hair / 2.0) * dpr).round() / dpr)
}

fn move_to(element: &HtmlElement, x: f64, y: f64) {
    let _ = element.style().set_property("transform", &format!("translate({x}px, {y}px)"));
}
