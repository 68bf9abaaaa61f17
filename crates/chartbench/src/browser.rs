//! What `web/page.js` calls: the same functions by which the page draws a graph, in the same order, without waiting for
//! the browser's next frame.

use chart::{AxisOptions, Form, SeriesStyle, Theme, hit};
use frame::{Frame, FrameSeries, Points, SeriesStats, Source, StepGrid};
use model::{Labels, Millis, Timestamp};
use promenade::browser::zone::Zone;
use promenade::components::graph::facts::Thing;
use promenade::components::graph::overlay::{self, Above, Overlay};
use promenade::components::graph::picture::{self, Look, Picture, Size};
use promenade::components::graph::view::View;
use protocol::{Extras, GraphAnswer, PanelId, QueryStats};
use std::sync::Arc;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, HtmlCanvasElement, HtmlElement};

/// The canvases of a graph, what lies above them, and a box beside the cursor as the page has one.
struct Canvases {
    picture: HtmlCanvasElement,
    above: Above,
    tooltip: HtmlElement,
}

/// A graph.
#[wasm_bindgen]
pub struct Bench {
    answer: Arc<GraphAnswer>,
    canvases: Option<Canvases>,
    picture: Option<Picture>,
}

#[wasm_bindgen]
impl Bench {
    /// An answer without series: times are those of its `len` steps, ms since the epoch.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(start_ms: f64, step_ms: f64, len: usize) -> Bench {
        console_error_panic_hook::set_once();
        let grid = StepGrid { start: Timestamp(start_ms as i64), step: Millis(step_ms as i64), len };
        let answer = GraphAnswer {
            source: protocol::SourceChoice::Local,
            comparison: None,
            panel: PanelId(0),
            generation: 0,
            expr: "bench".to_owned(),
            extras: Extras::default(),
            failed: Vec::new(),
            start_ms: grid.start.0,
            end_ms: grid.end().0,
            step_ms: grid.step.0,
            frame: Frame { grid, ..Frame::default() },
            warnings: Vec::new(),
            infos: Vec::new(),
            stats: QueryStats::default(),
        };
        Bench { answer: Arc::new(answer), canvases: None, picture: None }
    }

    /// Adds a series: a value a step. What the worker tells of it is computed here.
    ///
    /// # Errors
    /// If a picture was drawn already.
    pub fn push(&mut self, column: Vec<f64>) -> Result<(), String> {
        let frame = &mut Arc::get_mut(&mut self.answer).ok_or("the answer is in use")?.frame;
        let labels = Labels::from_pairs([("series", frame.series.len().to_string())]);
        let stats = SeriesStats::of(&column);
        frame.series.push(FrameSeries { source: Source::default(), labels, points: Points::Dense(column), stats });
        frame.n_series_total += 1;
        Ok(())
    }

    /// Puts canvases into an element and draws all of the range.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn create(&mut self, host: &HtmlElement, width: f64, height: f64) -> Result<(), JsValue> {
        let document = web_sys::window().and_then(|window| window.document()).ok_or("no document")?;
        let add = |name: &str| -> Result<HtmlElement, JsValue> { add(&document, host, name) };
        let canvas = || -> Result<HtmlCanvasElement, JsValue> { Ok(add("canvas")?.dyn_into()?) };
        let all = [canvas()?, canvas()?];
        for canvas in &all {
            canvas.style().set_property("width", &format!("{width}px"))?;
            canvas.style().set_property("height", &format!("{height}px"))?;
        }
        let hairs = add("div")?;
        hairs.set_class_name("graph-hairs");
        hairs.set_hidden(true);
        for name in ["", "", "graph-dot"] {
            let part = document.create_element("div")?;
            part.set_class_name(name);
            hairs.append_child(&part)?;
        }
        let [picture, above] = all;
        let above = Above::new(above, hairs).ok_or("no cross-hair")?;
        self.canvases = Some(Canvases { picture, above, tooltip: add("div")? });
        self.draw(width, height, (self.answer.start_ms, self.answer.end_ms))
    }

    /// Draws from one time to another, ms since the epoch.
    ///
    /// # Errors
    /// If nothing was created, or the browser refuses.
    pub fn zoom(&mut self, start_ms: f64, end_ms: f64) -> Result<(), JsValue> {
        let size = self.picture.as_ref().ok_or("no picture")?.size;
        self.draw(size.width, size.height, (start_ms as i64, end_ms as i64))
    }

    /// Moves the pointer to a place, CSS pixels.
    ///
    /// # Errors
    /// If nothing was created.
    pub fn hover(&self, x: f64, y: f64) -> Result<(), JsValue> {
        let (picture, canvases) = self.picture.as_ref().zip(self.canvases.as_ref()).ok_or("no picture")?;
        let found = hit::nearest(&self.answer.frame, &picture.drawing, picture.to_units(x), picture.to_units(y));
        let overlay = Overlay { thing: found.map(Thing::Sample), ..Overlay::default() };
        overlay::draw(&overlay, picture, &Theme::LIGHT, &canvases.above);
        if let Some(found) = &found {
            let value = chart::format::short(picture.unit(found.series_idx), found.v);
            let text = format!("{} {value}", Zone::Utc.format(found.t as i64));
            canvases.tooltip.set_text_content(Some(&text));
            let (left, top) = (picture.to_css(found.x), picture.to_css(found.y));
            canvases.tooltip.style().set_property("transform", &format!("translate({left}px, {top}px)"))?;
        }
        Ok(())
    }

    /// Lets go of what was created; the page empties the element.
    pub fn destroy(&mut self) {
        (self.picture, self.canvases) = (None, None);
    }

    fn draw(&mut self, width: f64, height: f64, (start_ms, end_ms): (i64, i64)) -> Result<(), JsValue> {
        let canvases = self.canvases.as_ref().ok_or("no canvases")?;
        let dpr = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio());
        let theme = Theme::LIGHT;
        let look = Look {
            notes: Arc::default(),
            styles: (0..self.answer.frame.series.len()).map(|idx| SeriesStyle::plain(theme.series(idx))).collect(),
            names: Vec::new(),
            form: Form::Lines,
            axes: vec![AxisOptions::default()],
            theme,
            zone: &Zone::Utc,
            size: Size { width, height, dpr },
            view: View { start_ms, end_ms },
        };
        let drawn = picture::draw(&self.answer, look, &canvases.picture);
        self.picture = Some(drawn.ok_or("the browser did not draw")?);
        Ok(())
    }
}

fn add(document: &Document, host: &HtmlElement, name: &str) -> Result<HtmlElement, JsValue> {
    let element: HtmlElement = document.create_element(name)?.dyn_into()?;
    element.style().set_property("position", "absolute")?;
    element.style().set_property("left", "0")?;
    element.style().set_property("top", "0")?;
    host.append_child(&element)?;
    Ok(element)
}
