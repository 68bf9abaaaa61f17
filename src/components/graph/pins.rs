//! Boxes that stay: a click on a sample, a cell, an exemplar or an event keeps what the box at the cursor says. They are dragged, closed, and their labels
//! copied, with mouse or keys.

use super::facts::{Facts, Thing};
use super::picture::Picture;
use super::tooltip::{MAX_CHARS, head, more, place_of};
use crate::browser::clipboard;
use crate::browser::zone::Zone;
use crate::components::rows::{Key, Rows};
use crate::live::{effect, handler, live, view};
use crate::texts::explore::NOT_COPIED;
use crate::texts::hands as texts;
use crate::texts::shell::short;
use chart::{Rgb, hit};
use frame::Source;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;
use model::Labels;
use std::sync::Arc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// More boxes would hide the graph.
pub const MAX_PINS: usize = 5;

/// How long it is told what was copied.
const NOTICE: Duration = Duration::from_secs(4);

/// The arrow keys move a box by so many CSS pixels.
const NUDGE: f64 = 16.0;

/// A box that stays.
#[derive(Clone)]
struct Pin {
    id: u64,
    /// Of a sample: its series, and when it is.
    series: Option<(Source, Labels, f64)>,
    thing: Thing,
    facts: Facts,
    /// Left and top, CSS pixels; `None` until its size is known.
    place: RwSignal<Option<(f64, f64)>>,
}

impl Pin {
    fn new(picture: &Picture, thing: &Thing) -> Option<Self> {
        let series = match thing {
            Thing::Sample(hit) => {
                let series = picture.answer.frame.series.get(hit.series_idx)?;
                Some((series.source, series.labels.clone(), hit.t))
            }
            _ => None,
        };
        let facts = Facts::of(picture, thing)?;
        Some(Pin { id: 0, series, thing: *thing, facts, place: RwSignal::new(None) })
    }
}

/// Whether a box is about this thing of a picture. A sample is known by its series and time, whatever comes and goes
/// beside it; anything else by what there is to say of it.
fn is_about(pin: &Pin, picture: &Picture, thing: &Thing, facts: Option<&Facts>) -> bool {
    match (thing, &pin.series) {
        (Thing::Sample(hit), Some((source, labels, t))) => {
            let series = picture.answer.frame.series.get(hit.series_idx);
            let is_it = series.is_some_and(|series| series.source == *source && series.labels == *labels);
            is_it && t.total_cmp(&hit.t).is_eq()
        }
        (Thing::Sample(_), None) | (_, Some(_)) => false,
        (_, None) => facts == Some(&pin.facts),
    }
}

/// A sample that has a box, and where it lies in the present picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PinMark {
    /// CSS pixels.
    pub x: f64,
    /// CSS pixels.
    pub y: f64,
    /// Of its series.
    pub colour: Rgb,
}

/// The boxes of a graph.
#[derive(Clone, Copy)]
pub struct Pins {
    all: RwSignal<Vec<Pin>>,
    notice: RwSignal<Option<String>>,
    last_id: StoredValue<u64>,
}

impl Pins {
    /// None yet.
    pub fn new() -> Self {
        Pins { all: RwSignal::new(Vec::new()), notice: RwSignal::new(None), last_id: StoredValue::new(0) }
    }

    /// Keeps what there is to say of a thing, or lets go of it.
    pub fn toggle(&self, picture: &Picture, thing: &Thing) {
        let Some(pin) = Pin::new(picture, thing) else {
            return;
        };
        let is_it = |other: &Pin| is_about(other, picture, thing, Some(&pin.facts));
        if self.all.with_untracked(|all| all.iter().any(is_it)) {
            self.all.update(|all| all.retain(|pin| !is_it(pin)));
            return;
        }
        if self.all.with_untracked(Vec::len) >= MAX_PINS {
            self.say(texts::too_many_pins(MAX_PINS));
            return;
        }
        let id = self.last_id.get_value() + 1;
        self.last_id.set_value(id);
        self.all.update(|all| all.push(Pin { id, ..pin }));
        self.say(texts::PINNED.to_owned());
    }

    /// Hears of every box that comes or goes.
    pub fn track(&self) {
        self.all.track();
    }

    /// Whether a thing has a box.
    pub fn has(&self, picture: &Picture, thing: &Thing) -> bool {
        self.all.with(|all| {
            let facts = if all.is_empty() { None } else { Facts::of(picture, thing) };
            all.iter().any(|pin| is_about(pin, picture, thing, facts.as_ref()))
        })
    }

    /// The samples that have a box and are in a picture.
    pub fn marks(&self, picture: &Picture) -> Vec<PinMark> {
        self.all.with(|all| all.iter().filter_map(|pin| mark(pin, picture)).collect())
    }

    fn close(&self, id: u64) {
        self.all.update(|all| all.retain(|pin| pin.id != id));
    }

    /// Tells something for a while.
    pub fn say(&self, text: String) {
        let notice = self.notice;
        notice.set(Some(text.clone()));
        set_timeout(
            move || {
                // Something newer is told its own time.
                if notice.try_with_untracked(|now| now.as_ref() == Some(&text)) == Some(true) {
                    notice.set(None);
                }
            },
            NOTICE,
        );
    }

    fn copy(&self, text: &str) {
        let pins = *self;
        let told = texts::copied(&short(text, MAX_CHARS));
        clipboard::copy(text, move |is_done| {
            pins.say(if is_done { told } else { NOT_COPIED.to_owned() });
        });
    }
}

/// Where a box's sample lies now: the series may stand elsewhere, and have other steps.
fn mark(pin: &Pin, picture: &Picture) -> Option<PinMark> {
    let (frame, drawing) = (&picture.answer.frame, &picture.drawing);
    let (source, labels, t) = pin.series.as_ref()?;
    let is_it = |series: &frame::FrameSeries| series.source == *source && series.labels == *labels;
    let series_idx = frame.series.iter().position(is_it).filter(|&idx| drawing.shows(idx))?;
    if !(drawing.layout.time.start..=drawing.layout.time.end).contains(t) {
        return None;
    }
    let now = hit::at_time(frame, drawing, series_idx, *t)?;
    // The sample itself, or another of a grid that does not have it.
    let is_near = (drawing.layout.time.to_px(*t) - now.x).abs() <= drawing.layout.scale;
    let colour = drawing.styles.get(series_idx)?.colour;
    is_near.then(|| PinMark { x: picture.to_css(now.x), y: picture.to_css(now.y), colour })
}

/// `job="node"`, as a matcher in PromQL.
fn pair(name: &str, value: &str) -> String {
    let braced = Labels::from_pairs([(name, value)]).to_string();
    let bare = braced.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    bare.map_or(braced.clone(), str::to_owned)
}

/// The boxes and what is told about them.
#[component]
pub fn PinBoxes(
    pins: Pins,
    picture: RwSignal<Option<Arc<Picture>>>,
    #[prop(into)] zone: Signal<Zone>,
    /// The focus goes back there from a box that is closed.
    plot: NodeRef<Div>,
) -> impl IntoView {
    let notice = pins.notice;
    view! {
        <Rows each=move || pins.all.get() key=|pin: &Pin| Key::Number(pin.id) let:pin>
            <PinBox pins pin picture zone plot/>
        </Rows>
        <p class="graph-notice" role="status" class:is-empty=move || notice.with(Option::is_none)>
            {move || notice.get()}
        </p>
    }
}

#[component]
fn PinBox(
    pins: Pins,
    pin: Pin,
    picture: RwSignal<Option<Arc<Picture>>>,
    zone: Signal<Zone>,
    plot: NodeRef<Div>,
) -> impl IntoView {
    let Pin { id, series, thing, facts, place } = pin;
    let node = NodeRef::<Div>::new();
    // Beside its sample as soon as it is known how large it is.
    effect(move || {
        if let (Some(node), Some(picture), None) = (node.get(), picture.get_untracked(), place.get_untracked()) {
            place.set(Some(place_of(&node, &thing, &picture).unwrap_or_default()));
        }
    });
    let close = move || {
        pins.close(id);
        if let Some(plot) = plot.get_untracked() {
            let _ = plot.focus();
        }
    };
    let move_to = move |(left, top): (f64, f64)| {
        let room = picture.with_untracked(|picture| picture.as_ref().map(|p| (p.size.width, p.size.height)));
        let (Some((width, height)), Some(node)) = (room, node.get_untracked()) else {
            return;
        };
        // Half of it may hang over an edge, the handle never.
        let right = (width - f64::from(node.offset_width()) / 2.0).max(0.0);
        place.set(Some((left.clamp(0.0, right), top.clamp(0.0, (height - NUDGE).max(0.0)))));
    };
    // From the pointer to the corner of the box.
    let grip = StoredValue::new(None::<(f64, f64)>);
    let at = |event: &PointerEvent| (f64::from(event.client_x()), f64::from(event.client_y()));
    let on_down = move |event: PointerEvent| {
        let ((x, y), Some((left, top))) = (at(&event), place.get_untracked()) else {
            return;
        };
        grip.set_value(Some((left - x, top - y)));
        if let Some(handle) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
            let _ = handle.set_pointer_capture(event.pointer_id());
        }
    };
    let on_move = move |event: PointerEvent| {
        if let Some((left, top)) = grip.get_value() {
            let (x, y) = at(&event);
            move_to((left + x, top + y));
        }
    };
    let on_arrow = move |event: KeyboardEvent| {
        let (right, down) = match event.key().as_str() {
            "ArrowLeft" => (-NUDGE, 0.0),
            "ArrowRight" => (NUDGE, 0.0),
            "ArrowUp" => (0.0, -NUDGE),
            "ArrowDown" => (0.0, NUDGE),
            _ => return,
        };
        event.prevent_default();
        if let Some((left, top)) = place.get_untracked() {
            move_to((left + right, top + down));
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            close();
        }
    };
    let when = facts.clone();
    let time = move || zone.with(|zone| when.when(|at_ms| zone.format(at_ms)));
    let name = short(&facts.name, MAX_CHARS);
    let pairs = facts.shown_labels().iter().cloned().map(|(name, value)| {
        let shown = (short(&name, MAX_CHARS), short(&value, MAX_CHARS));
        let title = texts::copy(&short(&pair(&name, &value), MAX_CHARS));
        view! {
            <li>
                <button
                    type="button"
                    class="quiet pin-pair"
                    aria-label=title.clone()
                    title=title
                    on:click=handler(move |_| pins.copy(&pair(&name, &value)))
                >
                    <bdi class="pin-label">{shown.0}</bdi> "=" <bdi>{shown.1}</bdi>
                </button>
            </li>
        }
    });
    let whole = match series {
        Some((_, labels, _)) if !labels.is_empty() => labels.to_string(),
        _ => facts.name.clone(),
    };
    let group = texts::pin_name(&name, &facts.value);
    let copy_series = texts::copy(&name);
    let named = (!name.is_empty()).then(|| {
        view! {
            <button
                type="button"
                class="quiet pin-pair tooltip-name"
                aria-label=copy_series.clone()
                title=copy_series
                on:click=handler(move |_| pins.copy(&whole))
            >
                <bdi>{name}</bdi>
            </button>
        }
    });
    view! {
        <div
            class="graph-tooltip graph-pin"
            role="group"
            aria-label=group
            node_ref=node
            style:visibility=move || place.get().is_none().then_some("hidden")
            style:transform=move || place.get().map(|(left, top)| format!("translate({left}px, {top}px)"))
            on:keydown=handler(on_key)
        >
            <div class="pin-head">
                <button
                    type="button"
                    class="quiet pin-handle"
                    title=texts::MOVE_PIN
                    on:pointerdown=handler(on_down)
                    on:pointermove=handler(on_move)
                    on:pointerup=handler(move |_| grip.set_value(None))
                    on:pointercancel=handler(move |_| grip.set_value(None))
                    on:keydown=handler(on_arrow)
                >
                    <span class="tooltip-time">{live(time)}</span>
                    <span class="visually-hidden">{texts::MOVE_PIN}</span>
                </button>
                <button
                    type="button"
                    class="quiet icon"
                    aria-label=texts::CLOSE_PIN
                    title=texts::CLOSE_PIN
                    on:click=handler(move |_| close())
                >
                    "✕"
                </button>
            </div>
            {head(&facts)}
            {named}
            <ul class="pin-pairs">{pairs.collect::<Vec<_>>()}</ul>
            {more(&facts)}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_written_as_promql_has_it() {
        for (name, value, want) in [
            ("job", "node", r#"job="node""#),
            ("path", "a\"b\\c\n}", r#"path="a\"b\\c\n}""#),
            ("na me", "x", r#""na me"="x""#),
            ("le", "<b>1</b>", r#"le="<b>1</b>""#),
            ("{", "}", r#""{"="}""#),
        ] {
            assert_eq!(pair(name, value), want);
        }
    }
}
