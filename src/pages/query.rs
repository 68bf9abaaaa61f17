//! The query page: panels, each an expression with its table or graph; the metric list beside them; the
//! field for endpoints above.

mod also;
mod answer;
mod drafts;
mod empty;
mod notes;
mod pace;
mod panel;

mod run;
mod source;
mod width;

use crate::browser::location::Location;
use crate::components::add_endpoint::AddEndpoint;
use crate::components::graph::linked::LinkedCursor;
use crate::components::metric_list::MetricList;
use crate::components::notes::NoteList;
use crate::components::rows::{Key, Rows};
use crate::components::show::Show;
use crate::components::time_range::ladder::format_range;
use crate::live::{effect, handler, live, memo, view};
use crate::state::explore::{Explore, ExploreState};
use crate::state::session::Session;
use crate::state::sources::Sources;
use crate::state::url::{MAX_PANELS, REFRESH_MS};
use crate::texts::explore as texts;
use leptos::{ev, prelude::*};
use panel::Panel;
use std::time::Duration;

/// How finely the panels' clocks go while the page refreshes by itself.
const TICK: Duration = Duration::from_millis(250);

/// The page.
#[component]
pub fn QueryPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let explore = Explore::follow(expect_context::<Location>());
    provide_context(explore);
    provide_context(LinkedCursor::default());
    let clock = page_clock(explore);
    let ids = move || explore.state.with(|state| state.panels.iter().map(|p| p.id).collect::<Vec<_>>());
    // Until somebody adds an endpoint or changes the query there is only the page's own relay to look at.
    let is_first = memo(move |_| explore.state.with(|s| s.is_first) && session.targets.with(|t| t.len() <= 1));
    let is_open = RwSignal::new(false);
    let on_graph = Callback::new(move |expr: String| explore.graph(&expr));
    view! {
        <div class="explore">
            <MetricSheet explore is_open/>
            <div class="explore-main">
                <h1 class="visually-hidden">{texts::EXPLORE}</h1>
                <AddEndpoint prominent=is_first on_graph/>
                <Head explore is_open/>
                <Rows each=ids key=|id| Key::Number(id.0.into()) let:id>
                    <Panel id clock/>
                </Rows>
                <NoteList explore/>
                <RemovedNotice explore/>
            </div>
        </div>
    }
}

/// Ticks while the page refreshes by itself and is looked at.
fn page_clock(explore: Explore) -> RwSignal<u64> {
    let clock = RwSignal::new(0);
    let refreshes = memo(move |_| explore.state.with(|state| state.refresh_ms.is_some()));
    let tick = move || {
        clock.try_update(|ticks| *ticks += 1);
    };
    effect(move || {
        if refreshes.get()
            && let Ok(handle) = set_interval_with_handle(tick, TICK)
        {
            on_cleanup(move || handle.clear());
        }
    });
    // Browsers slow the timers of a hidden page; what is due is asked as soon as it is seen again.
    let handle = window_event_listener(ev::visibilitychange, move |_| tick());
    on_cleanup(move || handle.remove());
    clock
}

/// What is about all panels.
#[component]
fn Head(explore: Explore, is_open: RwSignal<bool>) -> impl IntoView {
    view! {
        <div class="explore-head">
            <button
                type="button"
                class="sheet-opener"
                aria-controls="explore-side"
                aria-expanded=move || is_open.get().to_string()
                on:click=handler(move |_| is_open.set(true))
            >
                {texts::OPEN_METRICS}
            </button>
            <button type="button" disabled=move || explore.is_full() on:click=handler(move |_| explore.add())>
                {texts::ADD_PANEL}
            </button>
            <Show when=move || explore.is_full()>
                <span class="muted">{texts::full(MAX_PANELS)}</span>
            </Show>
            <RefreshSelect explore/>
        </div>
    }
}

/// The metric list: beside the panels where there is room, else a sheet behind a button.
#[component]
fn MetricSheet(explore: Explore, is_open: RwSignal<bool>) -> impl IntoView {
    let sources = expect_context::<Sources>();
    let on_pick = Callback::new(move |expr: String| {
        is_open.set(false);
        explore.pick(&expr);
    });
    // The metrics that the panel that was used last can show.
    let source = Signal::derive(move || {
        let active = explore.active.get();
        explore.state.with(|state| {
            let panel = state.panels.iter().find(|panel| Some(panel.id) == active).or(state.panels.first());
            panel.and_then(|panel| sources.choice(&panel.state.source, panel.state.is_compared)).unwrap_or_default()
        })
    });
    view! {
        <div class="sheet-backdrop" class:is-open=is_open aria-hidden="true" on:click=handler(move |_| is_open.set(false))></div>
        <aside
            class="explore-side"
            id="explore-side"
            class:is-open=is_open
            on:keydown=handler(move |event: ev::KeyboardEvent| {
                if event.key() == "Escape" {
                    is_open.set(false);
                }
            })
        >
            <button
                type="button"
                class="sheet-closer quiet"
                aria-label=texts::CLOSE_METRICS
                on:click=handler(move |_| is_open.set(false))
            >
                "✕"
            </button>
            <MetricList on_pick source/>
        </aside>
    }
}

/// How often all panels ask again.
#[component]
fn RefreshSelect(explore: Explore) -> impl IntoView {
    let refresh_ms = memo(move |_| explore.state.with(|state: &ExploreState| state.refresh_ms));
    let value = move || refresh_ms.get().map_or_else(String::new, |ms| ms.to_string());
    // A link may ask for an interval that the menu does not have.
    let options = move || {
        let mut all: Vec<u32> = REFRESH_MS.into_iter().chain(refresh_ms.get()).collect();
        model::sort::by(&mut all, Ord::cmp);
        all.dedup();
        let options = all.into_iter().map(|ms| {
            let is_selected = move || refresh_ms.get() == Some(ms);
            view! { <option value=ms.to_string() selected=live(is_selected)>{format_range(i64::from(ms))}</option> }
        });
        options.collect_view()
    };
    let on_change = move |text: String| explore.edit(|state| state.refresh_ms = text.parse().ok());
    view! {
        <label class="refresh">
            {texts::REFRESH}
            <select prop:value=live(value) on:change:target=move |event| on_change(event.target().value())>
                <option value="" selected=move || refresh_ms.get().is_none()>{texts::REFRESH_OFF}</option>
                {live(options)}
            </select>
        </label>
    }
}

/// A panel was removed; it can be brought back.
#[component]
fn RemovedNotice(explore: Explore) -> impl IntoView {
    view! {
        <div class="removed" role="status">
            {move || {
                explore.removed.get().map(|removed| {
                    view! {
                        <p class="toast">
                            {texts::removed(removed.position + 1)} " "
                            <button type="button" on:click=handler(move |_| explore.undo_removal())>{texts::UNDO}</button>
                            <button
                                type="button"
                                class="quiet icon"
                                aria-label=texts::DISMISS
                                on:click=handler(move |_| explore.removed.set(None))
                            >
                                "✕"
                            </button>
                        </p>
                    }
                })
            }}
        </div>
    }
}
