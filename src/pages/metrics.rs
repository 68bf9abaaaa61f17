//! The metrics page: all families, searched and grouped; a click opens the query that fits.

mod family;

use crate::app::page::Page;
use crate::browser::location::Location;
use crate::browser::now_ms;
use crate::components::metric_list::MetricList;
use crate::components::page_link::go;
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::pages::sources::view::Shown;
use crate::state::session::Session;
use crate::state::sources::Sources;
use crate::state::url::{PanelState, QueryState, Tab};
use crate::texts::{metrics as texts, sources as server};
use family::FamilyDialog;
use leptos::prelude::*;

/// Ranges of a first graph, in milliseconds.
const RANGES_MS: [i64; 4] = [5 * 60_000, 15 * 60_000, 30 * 60_000, 3_600_000];

/// A graph that was asked for by a click follows the data.
const REFRESH_MS: u32 = 5_000;

/// The page.
#[component]
pub fn MetricsPage() -> impl IntoView {
    let location = expect_context::<Location>();
    let session = expect_context::<Session>();
    let sources = expect_context::<Sources>();
    let source_name = RwSignal::new(Shown::decode(&location.query.get_untracked()).source);
    let source = Signal::derive(move || sources.choice(&source_name.read(), false).unwrap_or_default());
    let on_pick = Callback::new(move |expr| open_graph_of(location, session, expr, source_name.get_untracked()));
    let shown = RwSignal::new(None::<String>);
    let on_details = Callback::new(move |name| shown.set(Some(name)));
    // The search stands in the address; what is typed letter by letter is no step in the history.
    let search = RwSignal::new(Shown::decode(&location.query.get_untracked()).search);
    effect(move || {
        let query = Shown { search: search.get(), ..Shown::of(source_name.get()) }.encode();
        location.replace(&location.path.get_untracked(), &query);
    });
    view! {
        <div class="page">
            <h1>{texts::TITLE}</h1>
            <p class="muted">{texts::INTRO}</p>
            <SourceChoiceMenu source_name/>
            <MetricList on_pick search on_details source/>
            <FamilyDialog shown/>
        </div>
    }
}

/// Whose metrics are listed, where there is a choice.
#[component]
fn SourceChoiceMenu(source_name: RwSignal<String>) -> impl IntoView {
    let sources = expect_context::<Sources>();
    let names =
        memo(move |_| sources.list.with(|list| list.iter().map(|one| one.spec.name.clone()).collect::<Vec<_>>()));
    let options = move || {
        let options = names.get().into_iter().map(|name| {
            let (one, value) = (name.clone(), name.clone());
            view! { <option value=value selected=move || *source_name.read() == one>{name}</option> }
        });
        options.collect_view()
    };
    view! {
        <Show when=move || sources.are_there()>
            <label class="panel-source">
                {server::SOURCE}
                <select prop:value=source_name on:change=handler(move |event| source_name.set(event_target_value(&event)))>
                    <option value="" selected=move || source_name.read().is_empty()>{server::THIS_TAB}</option>
                    {live(options)}
                </select>
            </label>
        </Show>
    }
}

/// Goes to the query page with one graph of an expression, on what this tab scraped.
pub fn open_graph(location: Location, session: Session, expr: String) {
    open_graph_of(location, session, expr, String::new());
}

/// The same, on a source by its name.
fn open_graph_of(location: Location, session: Session, expr: String, source: String) {
    let oldest_ms = session.store.with_untracked(|store| store.oldest_ms);
    // How far back a server's samples reach is not known.
    let [.., longest] = RANGES_MS;
    let range_ms = if source.is_empty() { fitting_range(oldest_ms, now_ms()) } else { longest };
    let panel = PanelState { expr, tab: Tab::Graph, range_ms, source, ..PanelState::default() };
    let state = QueryState { panels: vec![panel], refresh_ms: Some(REFRESH_MS) };
    go(location, Page::Query, &state.encode());
}

/// The shortest range that shows everything there is: an hour of which a minute has data looks empty.
fn fitting_range(oldest_ms: Option<i64>, now_ms: i64) -> i64 {
    let span = now_ms - oldest_ms.unwrap_or(now_ms);
    let [.., longest] = RANGES_MS;
    RANGES_MS.into_iter().find(|range| *range >= span).unwrap_or(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_graph_is_as_long_as_there_is_data() {
        let now = 1_700_000_000_000;
        let minutes = |ago: i64| fitting_range(Some(now - ago * 60_000), now) / 60_000;
        assert_eq!([0, 5, 6, 29, 60, 600].map(minutes), [5, 5, 15, 30, 60, 60]);
        assert_eq!(fitting_range(None, now), 5 * 60_000);
    }
}
