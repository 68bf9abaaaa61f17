//! The graph of a range query: axes and lines on a canvas, a cross-hair with the nearest sample and those of the other
//! graphs, zoom and movement by mouse, fingers and keys, boxes that stay, and the legend below.
//!
//! Data is drawn at most once a frame, and only when it, its size or its look changes; the pointer
//! moves on a canvas of its own.

pub mod axes;
pub mod colours;
mod export;
pub mod facts;
mod foot;
pub mod hairs;
mod hands;
mod heat_key;
mod keys;
pub mod linked;
pub mod names;
pub mod overlay;
pub mod picture;
mod pins;
mod pointer;
mod samples;
mod shown;
mod summary;
pub mod tooltip;
pub mod unit;
mod values_table;
pub mod view;
mod walk;
mod watch;

pub use hands::Wish;
pub use watch::PlotWidth;

use crate::browser::keys::{is_for_page, is_single};
use crate::components::legend::visibility::{SeriesKey, Visibility};
use crate::components::show::Show;
use crate::components::time_range::ladder::format_range;
use crate::live::{effect, handler, live, memo, view};
use crate::state::notes::Notes;
use crate::state::session::Session;
use crate::state::settings::Settings;
use crate::state::url::graph::GraphState;
use crate::texts::{graph as texts, hands as hand_texts};
use axes::Axes;
use chart::{Form, SeriesStyle, Theme};
use colours::Colours;
use foot::Foot;
use frame::FrameSeries;
use hands::Hands;
use leptos::ev;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use linked::{GraphId, LinkedCursor};
use names::Names;
use overlay::{Above, Overlay};
use picture::{Look, Picture};
use pins::{PinBoxes, Pins};
use pointer::Cursor;
use protocol::GraphAnswer;
use std::sync::Arc;
use tooltip::{Subject, Tooltip};
use view::Shown;

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
    /// The range the panel is to show; the answer to it may not be there yet.
    shown: Signal<Shown>,
    /// Hands want another range; it answers which one the panel takes.
    on_wish: Callback<Wish, Shown>,
    /// How wide the plot is, on mount and when it changes.
    on_width: Callback<PlotWidth>,
) -> impl IntoView {
    let settings = expect_context::<Settings>();
    let notes = expect_context::<Notes>();
    let (canvas, above) = (NodeRef::<Canvas>::new(), NodeRef::<Canvas>::new());
    let (plot, box_node, hairs) = (NodeRef::<Div>::new(), NodeRef::<Div>::new(), NodeRef::<Div>::new());
    let visibility = RwSignal::new(Visibility::All);
    let picture = RwSignal::new(None::<Arc<Picture>>);
    let (hands, pins) = (Hands::new(picture, shown, on_wish), Pins::new());
    let cursor = Cursor::new(picture, hands, pins, notes, settings.lists_all);
    let emphasised = RwSignal::new(None::<usize>);
    let watched = watch::size_of(plot);
    let size = watched.size;
    watch::report_width(watched, picture, on_width);
    let linked = link(cursor);
    let thing = cursor.thing;

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
    // Not in each frame: while hands move, a thousand series are drawn sixty times a second and look the same.
    let styles = memo(move |_| {
        let Some(answer) = answer.get() else {
            return Vec::new();
        };
        let theme = Theme::of(settings.is_dark.get());
        let series = || answer.frame.series.iter();
        let visibility = visibility.with(|visibility| visibility.fitted(series().map(SeriesKey::of)));
        let places = colours.get().map(|colours| colours.of_series.clone()).unwrap_or_default();
        let style = |(idx, series): (usize, &FrameSeries)| {
            let place = places.get(idx).copied().unwrap_or(idx);
            SeriesStyle {
                is_shown: visibility.shows(&SeriesKey::of(series)),
                axis: value_axes.with(|axes| axes.axis(series.source.query_idx)),
                dash: colours::dash_of(place),
                is_pale: series.source.is_previous,
                ..SeriesStyle::plain(theme.series(place))
            }
        };
        series().enumerate().map(style).collect()
    });

    let over_lines = StoredValue::new_local(None::<Above>);
    let paint_above = move || {
        let (Some(canvas), Some(hairs)) = (above.get_untracked(), hairs.get_untracked()) else {
            return;
        };
        let Some(picture) = picture.get_untracked() else {
            return;
        };
        let thing = thing.get_untracked();
        let overlay = Overlay {
            thing,
            emphasised: emphasised.get_untracked(),
            drag: cursor.drag.get_untracked(),
            linked: linked.get_untracked(),
            pins: untrack(|| pins.marks(&picture)),
        };
        let theme = Theme::of(settings.is_dark.get_untracked());
        over_lines.try_update_value(|slot| {
            *slot = slot.take().or_else(|| Above::new(canvas, hairs.into()));
            if let Some(above) = slot {
                overlay::draw(&overlay, &picture, &theme, above);
            }
        });
        if let (Some(node), Some(thing)) = (box_node.get_untracked(), thing) {
            tooltip::place(&node, &thing, &picture);
        }
    };
    let draw = watch::once_a_frame(move || {
        let (Some(canvas), Some(answer)) = (canvas.get_untracked(), answer.get_untracked()) else {
            return;
        };
        let size = size.get_untracked();
        if size.width < 1.0 || size.height < 1.0 || !watched.is_there.get_untracked() {
            return;
        }
        let theme = Theme::of(settings.is_dark.get_untracked());
        let zone = settings.zone.get_untracked();
        let view = hands.axis(&answer);
        let look = Look {
            styles: styles.get_untracked(),
            names: state.with_untracked(|state| names::beside_plot(&answer, state)),
            form: state.with_untracked(|state| state.form),
            axes: value_axes.with_untracked(|axes| axes.axes.clone()),
            notes: notes.frame(view.start_ms, view.end_ms),
            theme,
            zone: &zone,
            size,
            view,
        };
        if let Some(drawn) = picture::draw(&answer, look, &canvas) {
            picture.set(Some(Arc::new(drawn)));
            cursor.follow();
            // In the same frame, or the overlay would lie askew for one.
            paint_above();
        }
    });
    effect(move || {
        answer.track();
        state.track();
        styles.track();
        value_axes.track();
        notes.all.track();
        size.track();
        hands.view.track();
        settings.is_dark.track();
        settings.zone.track();
        // What is hidden is drawn once when it is seen again.
        if watched.is_there.get() {
            draw();
        }
    });

    let draw_above = watch::once_a_frame(paint_above);
    effect(move || {
        thing.track();
        cursor.drag.track();
        emphasised.track();
        linked.track();
        pins.track();
        draw_above();
    });
    let hovered = keys_under_mouse(cursor, settings);

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
            let frame = &picture.answer.frame;
            if !frame.heat.is_empty() {
                return None;
            }
            if frame.series.is_empty() {
                return Some(texts::EMPTY);
            }
            // States may be infinite or NaN.
            let has_none = frame.series.iter().all(|series| series.stats.min.is_nan());
            (has_none && picture.drawing.form != Form::States).then_some(texts::NOTHING_FINITE)
        })
    };
    let spoken = move || {
        let thing = cursor.spoken.get()?;
        let picture = picture.get_untracked()?;
        settings.zone.with_untracked(|zone| tooltip::spoken(&picture, &thing, zone))
    };
    // Who moves by keys hears where they have come to.
    let at_first = shown.get_untracked();
    let moved_to = memo(move |before: Option<&Option<String>>| {
        let now = shown.get();
        let has_moved = now != at_first || before.is_some_and(Option::is_some);
        let range = || match now.end_ms {
            None => hand_texts::showing_last(&format_range(now.range_ms)),
            Some(end_ms) => settings.zone.with(|zone| {
                hand_texts::showing(&zone.format(end_ms.saturating_sub(now.range_ms)), &zone.format(end_ms))
            }),
        };
        has_moved.then(range)
    });
    let names = memo(move |_| {
        let of = |answer: &Arc<GraphAnswer>| state.with(|state| Names::of(answer, &state.legend));
        answer.with(|answer| answer.as_ref().map(of).unwrap_or_default())
    });
    let subject = Subject { picture, thing, lists_all: settings.lists_all, names, pins };
    view! {
        <div
            class="graph"
            class:is-loading=move || loading.get()
            aria-busy=move || loading.get().to_string()
            on:pointerenter=handler(move |_| hovered.set_value(true))
            on:pointerleave=handler(move |_| hovered.set_value(false))
        >
            <figure class="graph-figure" aria-label=live(name)>
              <div class="graph-area">
                <div
                    class="graph-plot"
                    class:is-panning=move || cursor.is_panning.get()
                    node_ref=plot
                    tabindex="0"
                    role="application"
                    aria-roledescription=texts::ROLE
                    aria-label=texts::KEYS
                    on:pointerdown=handler(move |event| cursor.pointer_down(&event))
                    on:pointermove=handler(move |event| cursor.pointer_move(&event))
                    on:pointerup=handler(move |event| cursor.pointer_up(&event))
                    on:pointercancel=handler(move |event| cursor.pointer_cancel(&event))
                    on:pointerleave=handler(move |event| cursor.pointer_leave(&event))
                    on:mousedown=handler(move |event: ev::MouseEvent| {
                        // The middle button would scroll the page.
                        if event.button() == 1 {
                            event.prevent_default();
                        }
                    })
                    on:click=handler(move |event| cursor.click(&event))
                    on:dblclick=handler(move |_| cursor.double_click())
                    on:wheel=handler(move |event| cursor.wheel(&event))
                    on:keydown=handler(move |event| {
                        cursor.key(&event);
                    })
                    on:blur=handler(move |_| cursor.cancel())
                >
                    <canvas class="graph-picture" node_ref=canvas aria-hidden="true"></canvas>
                    <canvas node_ref=above aria-hidden="true"></canvas>
                    <div class="graph-hairs" node_ref=hairs aria-hidden="true" hidden>
                        <div></div>
                        <div></div>
                        <div class="graph-dot"></div>
                    </div>
                    <Show when=move || note().is_some()>
                        <p class="graph-note">{live(note)}</p>
                    </Show>
                    <Tooltip subject zone=settings.zone node=box_node/>
                </div>
                <Show when=move || hands.n_undo.get() != 0>
                    <div class="graph-zoom" role="group" aria-label=hand_texts::ZOOM>
                        <button
                            type="button"
                            title=hand_texts::UNDO_ZOOM_TITLE
                            on:click=handler(move |_| hands.undo())
                        >
                            {hand_texts::UNDO_ZOOM}
                        </button>
                        <button
                            type="button"
                            title=hand_texts::RESET_ZOOM_TITLE
                            on:click=handler(move |_| hands.reset())
                        >
                            {hand_texts::RESET_ZOOM}
                        </button>
                    </div>
                </Show>
                <PinBoxes pins picture zone=settings.zone plot/>
              </div>
                <figcaption class="visually-hidden">{live(summary)}</figcaption>
                <p class="visually-hidden" aria-live="polite">{live(spoken)}</p>
                <p class="visually-hidden" aria-live="polite">{move || moved_to.get()}</p>
            </figure>
            <Foot answer state picture colours units visibility emphasised/>
        </div>
    }
}

/// Tells the page's other graphs the time at the cursor, and hears theirs.
fn link(cursor: Cursor) -> Memo<Option<f64>> {
    let Some(linked) = use_context::<LinkedCursor>() else {
        return memo(|_| None);
    };
    let id = GraphId::fresh();
    effect(move || linked.put(id, cursor.time.get()));
    on_cleanup(move || linked.put(id, None));
    memo(move |_| linked.elsewhere(id))
}

/// Keys that are pressed while the mouse is over the graph go to it, if they are for nothing else. Whether it is there.
fn keys_under_mouse(cursor: Cursor, settings: Settings) -> StoredValue<bool> {
    let hovered = StoredValue::new(false);
    let handle = window_event_listener(ev::keydown, move |event| {
        let may = settings.single_keys.get_untracked() || !is_single(&event);
        if hovered.get_value() && may && is_for_page(&event) {
            cursor.key_from_afar(&event);
        }
    });
    on_cleanup(move || handle.remove());
    hovered
}
