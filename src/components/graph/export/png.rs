//! A graph as a picture in pixels: drawn anew as on the page, on the page's ground, with a title above and a legend below.

use crate::browser::download::save_blob;
use crate::browser::zone::Zone;
use crate::components::graph::names::Names;
use crate::components::graph::picture::{self, Look, Picture};
use crate::components::graph::view::View;
use crate::components::legend::visibility::{SeriesKey, Visibility};
use chart::{Dash, SeriesStyle, Theme, Unit, format};
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::JsValue;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement};

/// So many series are listed below a picture.
const MAX_LISTED: usize = 24;

/// Sizes in CSS pixels.
const MARGIN: f64 = 12.0;
const LINE: f64 = 20.0;
const FONT: f64 = 12.0;
const SWATCH: f64 = 16.0;

/// The fonts of a page without its own (`--font-mono`, `--font-ui`).
const MONO: &str = "ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace";
const UI: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif";

/// A series as it is listed below a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    name: String,
    value: String,
    style: SeriesStyle,
}

/// The legend of what is shown in a picture, and how many series it leaves out.
#[must_use]
pub fn legend(picture: &Picture, visibility: &Visibility, names: &Names, units: &[Unit]) -> (Vec<Listed>, usize) {
    let answer = &picture.answer;
    let visibility = visibility.fitted(answer.frame.series.iter().map(SeriesKey::of));
    let shown = answer.frame.series.iter().zip(&picture.drawing.styles);
    let mut listed: Vec<Listed> = shown
        .filter(|(series, _)| visibility.shows(&SeriesKey::of(series)))
        .map(|(series, style)| {
            let unit = units.get(usize::from(series.source.query_idx)).or(units.last()).copied().unwrap_or_default();
            Listed { name: names.own(answer, series), value: format::short(unit, series.stats.last), style: *style }
        })
        .collect();
    let n_more = listed.len().saturating_sub(MAX_LISTED);
    listed.truncate(MAX_LISTED);
    (listed, n_more)
}

/// Draws the picture and gives it to the browser to keep.
pub fn save(
    picture: &Picture,
    legend: &(Vec<Listed>, usize),
    is_dark: bool,
    zone: &Zone,
    name: String,
    done: impl FnOnce(Option<u64>) + 'static,
) {
    let Some(canvas) = composed(picture, legend, Theme::of(is_dark), zone) else {
        return done(None);
    };
    let on_blob = Closure::once_into_js(move |blob: JsValue| {
        done(blob.dyn_into::<Blob>().ok().and_then(|blob| save_blob(&blob, &name)));
    });
    // Without a type it is a PNG. It throws only for a canvas with pixels of other origins.
    let _ = canvas.to_blob(on_blob.unchecked_ref());
}

fn composed(
    picture: &Picture,
    (listed, n_more): &(Vec<Listed>, usize),
    theme: Theme,
    zone: &Zone,
) -> Option<HtmlCanvasElement> {
    let (axes, lines, whole) = (canvas()?, canvas()?, canvas()?);
    let look = Look {
        notes: picture.notes.clone(),
        styles: picture.drawing.styles.clone(),
        form: picture.drawing.form,
        axes: picture.axes.clone(),
        theme,
        zone,
        size: picture.size,
        view: View {
            start_ms: picture.drawing.layout.time.start as i64,
            end_ms: picture.drawing.layout.time.end as i64,
        },
    };
    picture::draw(&picture.answer, look, &axes, &lines)?;
    let size = picture.size;
    let n_lines = listed.len() + usize::from(*n_more > 0);
    let (title, foot) = (LINE + 2.0 * MARGIN, n_lines as f64 * LINE + 2.0 * MARGIN);
    let (width, height) = size.device();
    let total = height + ((title + foot) * size.dpr).round() as u32;
    let context = picture::sized_context(&whole, width, total)?;
    context.set_fill_style_str(&theme.background.css());
    context.fill_rect(0.0, 0.0, f64::from(width), f64::from(total));
    let top = (title * size.dpr).round();
    for part in [&axes, &lines] {
        context.draw_image_with_html_canvas_element(part, 0.0, top).ok()?;
    }
    context.scale(size.dpr, size.dpr).ok()?;
    context.set_text_baseline("middle");
    let pen = TextPen { context: &context, theme, width: size.width };
    let answer = &picture.answer;
    let also = answer.extras.also.iter().map(String::as_str).filter(|expr| !expr.is_empty());
    let exprs = std::iter::once(answer.expr.as_str()).chain(also).collect::<Vec<_>>().join("  ·  ");
    context.set_font(&format!("600 {FONT}px {MONO}"));
    pen.fit(&exprs, MARGIN, MARGIN + LINE / 2.0, size.width - 2.0 * MARGIN);
    let mut y = top / size.dpr + size.height + MARGIN + LINE / 2.0;
    for one in listed {
        pen.line(one, y);
        y += LINE;
    }
    if *n_more > 0 {
        context.set_font(&format!("{FONT}px {UI}"));
        pen.fit(&crate::texts::legend::more_series(*n_more), MARGIN, y, size.width - 2.0 * MARGIN);
    }
    Some(whole)
}

fn canvas() -> Option<HtmlCanvasElement> {
    document().create_element("canvas").ok()?.dyn_into().ok()
}

/// Writes lines of a picture, from here on in CSS pixels.
struct TextPen<'a> {
    context: &'a CanvasRenderingContext2d,
    theme: Theme,
    width: f64,
}

impl TextPen<'_> {
    /// A line of the legend: a stroke as the series has it, its name, its last value.
    fn line(&self, one: &Listed, y: f64) {
        let context = self.context;
        context.set_fill_style_str(&one.style.colour.css());
        for (from, to) in parts_of(one.style.dash) {
            context.fill_rect(MARGIN + from, y - 1.5, to - from, 3.0);
        }
        context.set_font(&format!("{FONT}px {UI}"));
        let value = context.measure_text(&one.value).map(|measured| measured.width()).unwrap_or_default();
        let left = MARGIN + SWATCH + 8.0;
        context.set_font(&format!("{FONT}px {MONO}"));
        let end = self.fit(&one.name, left, y, self.width - left - value - 2.0 * MARGIN);
        context.set_font(&format!("{FONT}px {UI}"));
        self.fit(&one.value, end + MARGIN, y, value + 1.0);
    }

    /// Writes a text, its middle left out where it is too long; returns where it ends.
    fn fit(&self, text: &str, x: f64, y: f64, room: f64) -> f64 {
        let width = |text: &str| self.context.measure_text(text).map(|measured| measured.width()).unwrap_or_default();
        let text = shortened(text, &|text| width(text) <= room);
        self.context.set_fill_style_str(&self.theme.text.css());
        let _ = self.context.fill_text(&text, x, y);
        x + width(&text)
    }
}

/// The stretches of a stroke that are drawn, CSS pixels.
fn parts_of(dash: Dash) -> Vec<(f64, f64)> {
    match dash {
        Dash::Solid => vec![(0.0, SWATCH)],
        Dash::Dashed => vec![(0.0, 7.0), (9.0, SWATCH)],
        Dash::Dotted => vec![(0.0, 3.0), (4.5, 7.5), (9.0, 12.0), (13.5, SWATCH)],
        Dash::DashDotted => vec![(0.0, 8.0), (10.0, 12.0), (14.0, SWATCH)],
    }
}

/// A text that fits, with its middle left out if it has to be. `fits` holds for the shorter of two texts if for the longer.
fn shortened(text: &str, fits: &dyn Fn(&str) -> bool) -> String {
    // Longer than any picture is wide.
    const MAX_CHARS: usize = 1_000;
    let chars: Vec<char> = text.chars().collect();
    let cut = |n: usize| -> String {
        let (head, tail) = (n.div_ceil(2), n / 2);
        chars[..head].iter().chain(['…'].iter()).chain(&chars[chars.len() - tail..]).collect()
    };
    if chars.len() <= MAX_CHARS && fits(text) {
        return text.to_owned();
    }
    let (mut least, mut most) = (0, chars.len().min(MAX_CHARS));
    while least < most {
        let middle = (least + most).div_ceil(2);
        if fits(&cut(middle)) {
            least = middle;
        } else {
            most = middle - 1;
        }
    }
    cut(least)
}

#[cfg(test)]
mod tests {
    //! Names that are too long for a picture.
    use super::*;

    #[test]
    fn a_long_text_loses_its_middle() {
        let fits = |n: usize| move |text: &str| text.chars().count() <= n;
        assert_eq!(shortened("abcdefghij", &fits(10)), "abcdefghij");
        assert_eq!(shortened("abcdefghij", &fits(6)), "abc…ij");
        assert_eq!(shortened("abcdefghij", &fits(0)), "…");
        assert_eq!(shortened("", &fits(0)), "");
        assert_eq!(shortened(&"ä".repeat(10_000), &fits(5_000)).chars().count(), 1_001);
    }
}
