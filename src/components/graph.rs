//! The graph of a range query: axes and lines on canvases, a cross-hair with the nearest sample, zoom
//! by dragging, walking by arrow keys, and the legend below.
//!
//! Data is drawn at most once a frame, and only when it, its size or its look changes; the pointer
//! moves on a canvas of its own.

pub mod axes;
pub mod colours;
mod export;
mod foot;
pub mod names;
pub mod overlay;
pub mod picture;
mod pointer;
mod shown;
mod summary;
pub mod tooltip;
pub mod unit;
mod values_table;
mod watch;

use crate::components::legend::visibility::{SeriesKey, Visibility};
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::state::session::Session;
use crate::state::settings::Settings;
use crate::state::url::graph::GraphState;
use crate::texts::graph as texts;
use axes::Axes;
use chart::{SeriesStyle, Theme};
use colours::Colours;
use foot::Foot;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use overlay::Overlay;
use picture::{Look, Picture};
use pointer::Cursor;
use protocol::GraphAnswer;
use std::sync::Arc;
use tooltip::Tooltip;

/// A graph with its legend. The old picture stays until there is a new answer.
#[component]
pub fn Graph(
    /// What to draw.
    #[prop(into)]
    answer: Signal<Option<Arc<GraphAnswer>>>,
    /// How it looks.
    #[prop(into)]
    state: Signal<GraphState>,
    /// Whether a new answer is on its way.
    #[prop(into)]
    loading: Signal<bool>,
    /// The user has dragged over a range: first and last time, ms since the epoch.
    on_zoom: Callback<(i64, i64)>,
    /// How wide the plot is, in device pixels; on mount and when it changes.
    on_width: Callback<u32>,
) -> impl IntoView {
    let settings = expect_context::<Settings>();
    let (axes, lines, above) = (NodeRef::<Canvas>::new(), NodeRef::<Canvas>::new(), NodeRef::<Canvas>::new());
    let (plot, box_node) = (NodeRef::<Div>::new(), NodeRef::<Div>::new());
    let visibility = RwSignal::new(Visibility::All);
    let picture = RwSignal::new(None::<Arc<Picture>>);
    let cursor = Cursor::new(picture, on_zoom);
    let emphasised = RwSignal::new(None::<usize>);
    let size = watch::size_of(plot);
    watch::report_width(size, on_width);

    let colours = Memo::new_with_compare(
        move |before: Option<&Option<Arc<Colours>>>| {
            answer.with(|answer| {
                let answer = answer.as_ref()?;
                let series: Vec<SeriesKey> = answer.frame.series.iter().map(SeriesKey::of).collect();
                Some(Arc::new(Colours::next(before.and_then(|b| b.as_deref()), &answer.expr, &series)))
            })
        },
        |before, after| before != after,
    );
    let families = expect_context::<Session>().families;
    let value_axes = memo(move |_| {
        let of = |answer: &Arc<GraphAnswer>| families.with(|all| state.with(|state| axes::of(answer, all, state)));
        answer.with(|answer| answer.as_ref().map(of).unwrap_or_default())
    });
    let units = memo(move |_| value_axes.with(Axes::units));
    let styles = move |answer: &GraphAnswer, theme: &Theme| -> Vec<SeriesStyle> {
        let series = || answer.frame.series.iter();
        let visibility = visibility.with_untracked(|visibility| visibility.fitted(series().map(SeriesKey::of)));
        let places = colours.get_untracked().map(|colours| colours.of_series.clone()).unwrap_or_default();
        series()
            .enumerate()
            .map(|(idx, series)| {
                let place = places.get(idx).copied().unwrap_or(idx);
                SeriesStyle {
                    is_shown: visibility.shows(&SeriesKey::of(series)),
                    axis: value_axes.with_untracked(|axes| axes.axis(series.source.query_idx)),
                    dash: colours::dash_of(place),
                    is_pale: series.source.is_previous,
                    ..SeriesStyle::plain(theme.series(place))
                }
            })
            .collect()
    };

    let paint_above = move || {
        let (Some(canvas), Some(picture)) = (above.get_untracked(), picture.get_untracked()) else {
            return;
        };
        let hit = cursor.hit.get_untracked();
        let overlay = Overlay { hit, emphasised: emphasised.get_untracked(), drag: cursor.drag.get_untracked() };
        overlay::draw(&overlay, &picture, &Theme::of(settings.is_dark.get_untracked()), &canvas);
        if let (Some(node), Some(hit)) = (box_node.get_untracked(), hit) {
            tooltip::place(&node, &hit, &picture);
        }
    };
    let draw = watch::once_a_frame(move || {
        let (Some(axes), Some(lines)) = (axes.get_untracked(), lines.get_untracked()) else {
            return;
        };
        let (Some(answer), size) = (answer.get_untracked(), size.get_untracked()) else {
            return;
        };
        if size.width < 1.0 || size.height < 1.0 {
            return;
        }
        let theme = Theme::of(settings.is_dark.get_untracked());
        let zone = settings.zone.get_untracked();
        let look = Look {
            styles: styles(&answer, &theme),
            form: state.with_untracked(|state| state.form),
            axes: value_axes.with_untracked(|axes| axes.axes.clone()),
            theme,
            zone: &zone,
            size,
            start_ms: answer.start_ms,
            end_ms: answer.end_ms,
        };
        if let Some(drawn) = picture::draw(&answer, look, &axes, &lines) {
            picture.set(Some(Arc::new(drawn)));
            cursor.follow();
            // In the same frame, or the overlay would lie askew for one.
            paint_above();
        }
    });
    effect(move || {
        answer.track();
        state.track();
        visibility.track();
        colours.track();
        value_axes.track();
        size.track();
        settings.is_dark.track();
        settings.zone.track();
        draw();
    });

    let draw_above = watch::once_a_frame(paint_above);
    effect(move || {
        cursor.hit.track();
        cursor.drag.track();
        emphasised.track();
        draw_above();
    });

    let is_emphasising = move || {
        let shown = |idx| picture.with(|picture| picture.as_ref().is_some_and(|picture| picture.drawing.shows(idx)));
        emphasised.get().is_some_and(shown)
    };
    let name = move || answer.with(|answer| answer.as_ref().map(|answer| texts::name(&answer.expr)));
    let summary = move || {
        answer.with(|answer| {
            let answer = answer.as_ref()?;
            Some(settings.zone.with(|zone| units.with(|units| summary::summary(answer, units, zone))))
        })
    };
    let note = move || {
        picture.with(|picture| {
            let picture = picture.as_ref()?;
            let series = &picture.answer.frame.series;
            if series.is_empty() {
                return Some(texts::EMPTY);
            }
            series.iter().all(|series| series.stats.min.is_nan()).then_some(texts::NOTHING_FINITE)
        })
    };
    let spoken = move || {
        let hit = cursor.spoken.get()?;
        let picture = picture.get_untracked()?;
        Some(settings.zone.with_untracked(|zone| tooltip::spoken(&picture, &hit, zone)))
    };
    view! {
        <div class="graph" class:is-loading=move || loading.get() aria-busy=move || loading.get().to_string()>
            <figure class="graph-figure" aria-label=live(name)>
                <div
                    class="graph-plot"
                    class:is-emphasising=live(is_emphasising)
                    node_ref=plot
                    tabindex="0"
                    role="application"
                    aria-roledescription=texts::ROLE
                    aria-label=texts::KEYS
                    on:pointerdown=handler(move |event| cursor.pointer_down(&event))
                    on:pointermove=handler(move |event| cursor.pointer_move(&event))
                    on:pointerup=handler(move |event| cursor.pointer_up(&event))
                    on:pointercancel=handler(move |_| cursor.cancel())
                    on:pointerleave=handler(move |event| cursor.pointer_leave(&event))
                    on:keydown=handler(move |event| cursor.key(&event))
                    on:blur=handler(move |_| cursor.cancel())
                >
                    <canvas node_ref=axes aria-hidden="true"></canvas>
                    <canvas class="graph-lines" node_ref=lines aria-hidden="true"></canvas>
                    <canvas node_ref=above aria-hidden="true"></canvas>
                    <Show when=move || note().is_some()>
                        <p class="graph-note">{live(note)}</p>
                    </Show>
                    <Tooltip picture=picture hit=cursor.hit zone=settings.zone node=box_node/>
                </div>
                <figcaption class="visually-hidden">{live(summary)}</figcaption>
                <p class="visually-hidden" aria-live="polite">{live(spoken)}</p>
            </figure>
            <Foot answer state picture colours units visibility emphasised/>
        </div>
    }
}
