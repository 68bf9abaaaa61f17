//! The box beside the cursor: when, how much, and every label of the series that is pointed at; or all series with their
//! values at that time.

use super::facts::{Facts, Thing};
use super::names::{Names, whole_name};
use super::picture::Picture;
use super::pins::Pins;
use super::samples::{in_picture, listed};
use crate::browser::zone::Zone;
use crate::live::{live, view};
use crate::texts::hands as texts;
use crate::texts::marks;
use crate::texts::shell::short;
use chart::{Hit, format};
use leptos::html::Div;
use leptos::prelude::*;
use std::sync::Arc;
use web_sys::HtmlElement;

/// The distance of the box from what it is about, CSS pixels.
const DISTANCE: f64 = 14.0;

/// A longer value or name is cut off; it is copied whole.
pub(super) const MAX_CHARS: usize = 240;

/// In a list of series each has a line.
const MAX_NAME_CHARS: usize = 120;

/// What the box is about.
#[derive(Clone, Copy)]
pub struct Subject {
    /// What is drawn.
    pub picture: RwSignal<Option<Arc<Picture>>>,
    /// What is at the cursor.
    pub thing: RwSignal<Option<Thing>>,
    /// Whether all series are listed.
    pub lists_all: RwSignal<bool>,
    /// What the series are called beside each other.
    pub names: Memo<Names>,
    /// The boxes that are kept.
    pub pins: Pins,
}

/// The box. It is placed by [`place`] once its size is known.
#[component]
pub fn Tooltip(
    /// What it is about.
    subject: Subject,
    /// Whose clocks.
    #[prop(into)]
    zone: Signal<Zone>,
    /// Its element.
    node: NodeRef<Div>,
) -> impl IntoView {
    let Subject { picture, thing, lists_all, names, pins } = subject;
    let lists = move |thing: &Thing| matches!(thing, Thing::Sample(_)) && lists_all.get();
    // What is kept needs no second box.
    let is_hidden = move || {
        let is_kept = |thing: &Thing| picture.with(|p| p.as_ref().is_some_and(|p| pins.has(p, thing)));
        thing.with(|thing| thing.as_ref().is_none_or(|thing| !lists(thing) && is_kept(thing)))
    };
    let content = move || {
        let (picture, thing) = (picture.get()?, thing.get()?);
        let facts = Facts::of(&picture, &thing)?;
        let time = zone.with(|zone| facts.when(|at_ms| zone.format(at_ms)));
        let body = match thing {
            Thing::Sample(hit) if lists_all.get() => names.with(|names| all_series(&picture, &hit, names)),
            _ => body(&facts),
        };
        Some(view! {
            <p class="tooltip-time">{time}</p>
            {body}
        })
    };
    // The same is spoken when the arrow keys move the cursor.
    view! { <div class="graph-tooltip" node_ref=node aria-hidden="true" hidden=live(is_hidden)>{live(content)}</div> }
}

fn body(facts: &Facts) -> AnyView {
    let labels = facts.shown_labels().iter().map(|(name, value)| {
        view! { <div><dt><bdi>{short(name, MAX_CHARS)}</bdi></dt> <dd><bdi>{short(value, MAX_CHARS)}</bdi></dd></div> }
    });
    view! {
        {head(facts)}
        <p class="tooltip-name"><bdi>{short(&facts.name, MAX_CHARS)}</bdi></p>
        <dl>{labels.collect::<Vec<_>>()}</dl>
        {more(facts)}
    }
}

/// The value beside the colour of its series.
pub(super) fn head(facts: &Facts) -> AnyView {
    let swatch =
        facts.colour.clone().map(|colour| view! { <span class="swatch" style:background-color=colour></span> });
    view! { <p class="tooltip-value">{swatch} <strong>{facts.value.clone()}</strong></p> }
}

/// What comes after the labels.
pub(super) fn more(facts: &Facts) -> AnyView {
    let n_left_out = facts.n_left_out();
    let left_out = (n_left_out > 0).then(|| texts::more_labels(n_left_out));
    let lines = left_out.into_iter().chain(facts.more.iter().map(|line| short(line, MAX_CHARS)));
    lines.map(|line| view! { <p class="muted"><bdi>{line}</bdi></p> }).collect::<Vec<_>>().into_any()
}

fn all_series(picture: &Picture, hit: &Hit, names: &Names) -> AnyView {
    let (list, n_left_out) = listed(in_picture(picture, hit.t), Some(hit.series_idx));
    let rows = list.iter().filter_map(|sample| {
        let series = picture.answer.frame.series.get(sample.series_idx)?;
        let colour = picture.drawing.styles.get(sample.series_idx)?.colour.css();
        let is_nearest = sample.series_idx == hit.series_idx;
        Some(view! {
            <li class:is-nearest=is_nearest>
                <span class="swatch" style:background-color=colour></span>
                <bdi class="tooltip-series">{short(&names.own(&picture.answer, series), MAX_NAME_CHARS)}</bdi>
                <span class="tooltip-number">{short_value(picture, sample)}</span>
            </li>
        })
    });
    view! {
        <ul class="tooltip-list">{rows.collect::<Vec<_>>()}</ul>
        {(n_left_out > 0).then(|| view! { <p class="muted">{texts::more_values(n_left_out)}</p> })}
    }
}

/// The value in a few characters, with its unit.
pub(super) fn short_value(picture: &Picture, sample: &Hit) -> String {
    format::short(picture.unit(sample.series_idx), sample.v)
}

/// What is spoken of what the keys have reached.
#[must_use]
pub fn spoken(picture: &Picture, thing: &Thing, zone: &Zone) -> Option<String> {
    if let Some(mark) = thing.mark(picture) {
        return Some(short(&marks::sentence(mark, |at_ms| zone.format(at_ms)), MAX_CHARS));
    }
    let facts = Facts::of(picture, thing)?;
    let name = match thing {
        Thing::Sample(hit) => whole_name(&picture.answer, picture.answer.frame.series.get(hit.series_idx)?),
        _ => facts.name.clone(),
    };
    let when = facts.when(|at_ms| zone.format(at_ms));
    Some(crate::texts::graph::spoken(&short(&name, MAX_CHARS), &facts.value, &when))
}

/// Puts the box right of what it is about, or left of it where there is no room, within the plot element.
pub fn place(node: &HtmlElement, thing: &Thing, picture: &Picture) {
    if let Some((left, top)) = place_of(node, thing, picture) {
        let _ = node.style().set_property("transform", &format!("translate({left}px, {top}px)"));
    }
}

/// Where the box goes: left and top in CSS pixels.
pub(super) fn place_of(node: &HtmlElement, thing: &Thing, picture: &Picture) -> Option<(f64, f64)> {
    let size = (f64::from(node.offset_width()), f64::from(node.offset_height()));
    Some(position(thing.place(picture)?, size, (picture.size.width, picture.size.height)))
}

fn position((x, y): (f64, f64), (width, height): (f64, f64), (room_x, room_y): (f64, f64)) -> (f64, f64) {
    let right = x + DISTANCE;
    let left = if right + width <= room_x {
        right
    } else if x - DISTANCE - width >= 0.0 {
        x - DISTANCE - width
    } else {
        // Room on neither side: as far to the left as it takes, above or below the sample.
        (room_x - width).max(0.0)
    };
    let beside = left >= right || left + width <= x;
    let top = if beside {
        (y - height / 2.0).min(room_y - height).max(0.0)
    } else if y + DISTANCE + height <= room_y {
        y + DISTANCE
    } else if y - DISTANCE - height >= 0.0 {
        y - DISTANCE - height
    } else {
        // It would hide the lines: below them, over the legend.
        room_y
    };
    (left.round(), top.round())
}

#[cfg(test)]
mod tests {
    use super::position;

    #[test]
    fn the_box_flips_at_edges_and_stays_inside() {
        let room = (800.0, 400.0);
        assert_eq!(position((100.0, 200.0), (200.0, 100.0), room), (114.0, 150.0));
        assert_eq!(position((700.0, 200.0), (200.0, 100.0), room), (486.0, 150.0));
        assert_eq!(position((100.0, 10.0), (200.0, 100.0), room), (114.0, 0.0));
        assert_eq!(position((100.0, 395.0), (200.0, 100.0), room), (114.0, 300.0));
        assert_eq!(position((150.0, 100.0), (280.0, 120.0), (320.0, 300.0)), (40.0, 114.0), "a phone: below");
        assert_eq!(position((150.0, 250.0), (280.0, 120.0), (320.0, 300.0)), (40.0, 116.0), "a phone: above");
        assert_eq!(position((150.0, 150.0), (280.0, 200.0), (320.0, 300.0)), (40.0, 300.0), "a phone: long labels");
        assert_eq!(position((100.0, 200.0), (200.0, 900.0), room), (114.0, 0.0));
    }
}
