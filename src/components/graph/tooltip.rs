//! The box beside the cursor: when, how much, and every label of the series that is pointed at.

use super::picture::Picture;
use crate::browser::zone::Zone;
use crate::live::{live, view};
use crate::texts::graph as texts;
use chart::{Hit, format};
use leptos::html::Div;
use leptos::prelude::*;
use model::METRIC_NAME;
use std::sync::Arc;
use web_sys::HtmlElement;

/// The distance of the box from the sample, CSS pixels.
const DISTANCE: f64 = 14.0;

/// The box. It is placed by [`place`] once its size is known.
#[component]
pub fn Tooltip(
    #[prop(into)] picture: Signal<Option<Arc<Picture>>>,
    #[prop(into)] hit: Signal<Option<Hit>>,
    #[prop(into)] zone: Signal<Zone>,
    node: NodeRef<Div>,
) -> impl IntoView {
    let content = move || {
        let (picture, hit) = (picture.get()?, hit.get()?);
        let series = picture.answer.frame.series.get(hit.series_idx)?;
        let colour = picture.drawing.styles.get(hit.series_idx)?.colour.css();
        let name = series.labels.metric_name().unwrap_or(&picture.answer.expr).to_owned();
        let labels: Vec<_> = series
            .labels
            .iter()
            .filter(|(name, _)| *name != METRIC_NAME)
            .map(|(name, value)| {
                view! { <div><dt>{name.to_owned()}</dt> <dd>{value.to_owned()}</dd></div> }
            })
            .collect();
        let time = zone.with(|zone| zone.format(hit.t as i64));
        Some(view! {
            <p class="tooltip-time">{time}</p>
            <p class="tooltip-value">
                <span class="swatch" style:background-color=colour></span>
                <strong>{value(&picture, &hit)}</strong>
            </p>
            <p class="tooltip-name">{name}</p>
            <dl>{labels}</dl>
        })
    };
    // The same is spoken when the arrow keys move the cursor.
    view! { <div class="graph-tooltip" node_ref=node aria-hidden="true" hidden=move || hit.with(Option::is_none)>{live(content)}</div> }
}

/// The value as it came, and in its unit where that reads differently.
fn value(picture: &Picture, hit: &Hit) -> String {
    let exact = model::number::format_short(hit.v);
    let unit = picture.unit(hit.series_idx);
    let short = format::short(unit, hit.v);
    if unit == chart::Unit::None || short == exact { exact } else { format!("{exact} ({short})") }
}

/// What is spoken of a sample.
#[must_use]
pub fn spoken(picture: &Picture, hit: &Hit, zone: &Zone) -> String {
    let Some(series) = picture.answer.frame.series.get(hit.series_idx) else {
        return String::new();
    };
    let name = super::names::full_name(&series.labels, &picture.answer.expr);
    texts::spoken(&name, &value(picture, hit), &zone.format(hit.t as i64))
}

/// Puts the box right of the sample, or left of it where there is no room, within the plot element.
pub fn place(node: &HtmlElement, hit: &Hit, picture: &Picture) {
    let (width, height) = (f64::from(node.offset_width()), f64::from(node.offset_height()));
    let (left, top) = position(
        (picture.to_css(hit.x), picture.to_css(hit.y)),
        (width, height),
        (picture.size.width, picture.size.height),
    );
    let style = node.style();
    let _ = style.set_property("transform", &format!("translate({left}px, {top}px)"));
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
