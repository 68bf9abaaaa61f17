//! The metrics page: all families, searched and grouped; a click opens the query that fits.

mod family;

use crate::app::page::Page;
use crate::browser::location::Location;
use crate::browser::now_ms;
use crate::components::metric_list::MetricList;
use crate::components::page_link::go;
use crate::live::{effect, view};
use crate::pages::targets::filter::Filter;
use crate::state::session::Session;
use crate::state::url::{PanelState, QueryState, Tab};
use crate::texts::metrics as texts;
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
    let on_pick = Callback::new(move |expr| open_graph(location, session, expr));
    let shown = RwSignal::new(None::<String>);
    let on_details = Callback::new(move |name| shown.set(Some(name)));
    // The search stands in the address; what is typed letter by letter is no step in the history.
    let search = RwSignal::new(Filter::decode(&location.query.get_untracked()).search);
    effect(move || {
        let query = Filter::only(search.get()).encode();
        location.replace(&location.path.get_untracked(), &query);
    });
    view! {
        <div class="page">
            <h1>{texts::TITLE}</h1>
            <p class="muted">{texts::INTRO}</p>
            <MetricList on_pick search on_details/>
            <FamilyDialog shown/>
        </div>
    }
}

/// Goes to the query page with one graph of an expression.
pub fn open_graph(location: Location, session: Session, expr: String) {
    let oldest_ms = session.store.with_untracked(|store| store.oldest_ms);
    let range_ms = fitting_range(oldest_ms, now_ms());
    let panel = PanelState { expr, tab: Tab::Graph, range_ms, ..PanelState::default() };
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
