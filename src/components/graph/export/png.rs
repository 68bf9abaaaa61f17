//! A graph as a picture in pixels: drawn anew as on the page, on the page's ground, with a title above and a legend below.

use super::listed::{FONT, LINE, Legend, Listed, MARGIN, MONO, SWATCH, UI, parts_of, shortened, title};
use crate::browser::download::save_blob;
use crate::browser::zone::Zone;
use crate::components::graph::picture::{self, Look, Picture};
use crate::components::graph::view::View;
use chart::Theme;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::JsValue;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement};

/// Draws the picture and gives it to the browser to keep.
pub fn save(
    picture: &Picture,
    legend: &Legend,
    theme: Theme,
    zone: &Zone,
    name: String,
    done: impl FnOnce(Option<u64>) + 'static,
) {
    let Some(canvas) = composed(picture, legend, theme, zone) else {
        return done(None);
    };
    let on_blob = Closure::once_into_js(move |blob: JsValue| {
        done(blob.dyn_into::<Blob>().ok().and_then(|blob| save_blob(&blob, &name)));
    });
    // Without a type it is a PNG. It throws only for a canvas with pixels of other origins.
    let _ = canvas.to_blob(on_blob.unchecked_ref());
}

fn composed(picture: &Picture, legend: &Legend, theme: Theme, zone: &Zone) -> Option<HtmlCanvasElement> {
    let (graph, whole) = (canvas()?, canvas()?);
    let look = Look {
        notes: picture.notes.clone(),
        styles: picture.drawing.styles.clone(),
        names: legend.names.clone(),
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
    picture::draw(&picture.answer, look, &graph)?;
    let size = picture.size;
    let (head, foot) = (LINE + 2.0 * MARGIN, legend.n_lines() as f64 * LINE + 2.0 * MARGIN);
    let (width, height) = size.device();
    let total = height + ((head + foot) * size.dpr).round() as u32;
    let context = picture::sized_context(&whole, width, total)?;
    context.set_fill_style_str(&theme.background.css());
    context.fill_rect(0.0, 0.0, f64::from(width), f64::from(total));
    let top = (head * size.dpr).round();
    context.draw_image_with_html_canvas_element(&graph, 0.0, top).ok()?;
    context.scale(size.dpr, size.dpr).ok()?;
    context.set_text_baseline("middle");
    let pen = TextPen { context: &context, theme, width: size.width };
    context.set_font(&format!("600 {FONT}px {MONO}"));
    pen.fit(&title(&picture.answer), MARGIN, MARGIN + LINE / 2.0, size.width - 2.0 * MARGIN);
    let mut y = top / size.dpr + size.height + MARGIN + LINE / 2.0;
    for one in &legend.listed {
        pen.line(one, y);
        y += LINE;
    }
    if legend.n_more > 0 {
        context.set_font(&format!("{FONT}px {UI}"));
        pen.fit(&crate::texts::legend::more_series(legend.n_more), MARGIN, y, size.width - 2.0 * MARGIN);
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
