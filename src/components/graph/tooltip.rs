//! The box beside the cursor: when, how much, and every label of the series that is pointed at; or all series with their
//! values at that time.

use super::names::{full_name, own_name};
use super::picture::Picture;
use super::pins::Pins;
use super::samples::{Sample, in_picture, listed};
use crate::browser::zone::Zone;
use crate::live::{live, view};
use crate::texts::hands as texts;
use crate::texts::shell::short;
use chart::{Hit, format};
use leptos::html::Div;
use leptos::prelude::*;
use model::{Labels, METRIC_NAME};
use std::sync::Arc;
use web_sys::HtmlElement;

/// The distance of the box from the sample, CSS pixels.
const DISTANCE: f64 = 14.0;

/// More labels than this are counted.
const MAX_LABELS: usize = 30;

/// A longer value or name is cut off; it is copied whole.
pub(super) const MAX_CHARS: usize = 240;

/// In a list of series each has a line or two.
const MAX_NAME_CHARS: usize = 120;

/// What the box is about.
#[derive(Clone, Copy)]
pub struct Subject {
    /// What is drawn.
    pub picture: RwSignal<Option<Arc<Picture>>>,
    /// The sample at the cursor.
    pub hit: RwSignal<Option<Hit>>,
    /// Whether all series are listed.
    pub lists_all: RwSignal<bool>,
    /// What all series of the answer share.
    pub common: Memo<Labels>,
    /// The boxes that are kept.
    pub pins: Pins,
}

/// The box. It is placed by [`place`] once its size is known.
#[component]
pub fn Tooltip(subject: Subject, #[prop(into)] zone: Signal<Zone>, node: NodeRef<Div>) -> impl IntoView {
    let Subject { picture, hit, lists_all, common, pins } = subject;
    // What is kept needs no second box.
    let is_hidden = move || {
        let is_kept = |hit: &Hit| picture.with(|p| p.as_ref().is_some_and(|p| pins.has(p, hit)));
        hit.with(|hit| hit.as_ref().is_none_or(|hit| !lists_all.get() && is_kept(hit)))
    };
    let content = move || {
        let (picture, hit) = (picture.get()?, hit.get()?);
        let time = zone.with(|zone| zone.format(hit.t as i64));
        let body = if lists_all.get() {
            common.with(|common| all_series(&picture, &hit, common))
        } else {
            Facts::of(&picture, &hit)?.view()
        };
        Some(view! {
            <p class="tooltip-time">{time}</p>
            {body}
        })
    };
    // The same is spoken when the arrow keys move the cursor.
    view! { <div class="graph-tooltip" node_ref=node aria-hidden="true" hidden=live(is_hidden)>{live(content)}</div> }
}

/// What there is to say of a sample of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The value, exact and short.
    pub value: String,
    /// The colour of the series, as CSS has it.
    pub colour: String,
    /// The metric, or the expression.
    pub name: String,
    /// The labels without the metric's name.
    pub labels: Vec<(String, String)>,
}

impl Facts {
    /// Of a hit in a picture.
    pub fn of(picture: &Picture, hit: &Hit) -> Option<Self> {
        let series = picture.answer.frame.series.get(hit.series_idx)?;
        let labels = series.labels.iter().filter(|(name, _)| *name != METRIC_NAME);
        let expr = picture.answer.expr_of(series.source.query_idx);
        Some(Facts {
            value: value(picture, hit),
            colour: picture.drawing.styles.get(hit.series_idx)?.colour.css(),
            name: series.labels.metric_name().unwrap_or(expr).to_owned(),
            labels: labels.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        })
    }

    /// How many labels are only counted.
    #[must_use]
    pub fn n_left_out(&self) -> usize {
        self.labels.len().saturating_sub(MAX_LABELS)
    }

    /// The labels that are shown.
    #[must_use]
    pub fn shown_labels(&self) -> &[(String, String)] {
        &self.labels[..self.labels.len().min(MAX_LABELS)]
    }

    fn view(&self) -> AnyView {
        let labels = self.shown_labels().iter().map(|(name, value)| {
            view! { <div><dt><bdi>{short(name, MAX_CHARS)}</bdi></dt> <dd><bdi>{short(value, MAX_CHARS)}</bdi></dd></div> }
        });
        let n_left_out = self.n_left_out();
        view! {
            <p class="tooltip-value">
                <span class="swatch" style:background-color=self.colour.clone()></span>
                <strong>{self.value.clone()}</strong>
            </p>
            <p class="tooltip-name"><bdi>{short(&self.name, MAX_CHARS)}</bdi></p>
            <dl>{labels.collect::<Vec<_>>()}</dl>
            {(n_left_out > 0).then(|| view! { <p class="muted">{texts::more_labels(n_left_out)}</p> })}
        }
    }
}

fn all_series(picture: &Picture, hit: &Hit, common: &Labels) -> AnyView {
    let (list, n_left_out) = listed(in_picture(picture, hit.t), Some(hit.series_idx));
    let rows = list.iter().filter_map(|sample| {
        let series = picture.answer.frame.series.get(sample.series_idx)?;
        let name = own_name(&series.labels, common, picture.answer.expr_of(series.source.query_idx));
        let colour = picture.drawing.styles.get(sample.series_idx)?.colour.css();
        let is_nearest = sample.series_idx == hit.series_idx;
        Some(view! {
            <li class:is-nearest=is_nearest>
                <span class="swatch" style:background-color=colour></span>
                <bdi class="tooltip-series">{short(&name, MAX_NAME_CHARS)}</bdi>
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
pub(super) fn short_value(picture: &Picture, sample: &Sample) -> String {
    format::short(picture.unit(sample.series_idx), sample.v)
}

/// The value as it came, and in its unit where that reads differently.
fn value(picture: &Picture, hit: &Hit) -> String {
    let exact = model::number::format_short(hit.v);
    let short = format::short(picture.unit(hit.series_idx), hit.v);
    if short == exact { exact } else { format!("{exact} ({short})") }
}

/// What is spoken of a sample.
#[must_use]
pub fn spoken(picture: &Picture, hit: &Hit, zone: &Zone) -> String {
    let Some(series) = picture.answer.frame.series.get(hit.series_idx) else {
        return String::new();
    };
    let name = full_name(&series.labels, picture.answer.expr_of(series.source.query_idx));
    crate::texts::graph::spoken(&name, &value(picture, hit), &zone.format(hit.t as i64))
}

/// Puts the box right of the sample, or left of it where there is no room, within the plot element.
pub fn place(node: &HtmlElement, hit: &Hit, picture: &Picture) {
    let (left, top) = place_of(node, hit, picture);
    let _ = node.style().set_property("transform", &format!("translate({left}px, {top}px)"));
}

/// Where the box goes: left and top in CSS pixels.
pub(super) fn place_of(node: &HtmlElement, hit: &Hit, picture: &Picture) -> (f64, f64) {
    let size = (f64::from(node.offset_width()), f64::from(node.offset_height()));
    let room = (picture.size.width, picture.size.height);
    position((picture.to_css(hit.x), picture.to_css(hit.y)), size, room)
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
