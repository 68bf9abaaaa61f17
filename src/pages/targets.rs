//! The targets page: what is scraped, how it goes, and what can be done about it.

mod check;
pub mod filter;
pub mod lines;
mod raw_body;
mod row;

use crate::app::page::Page;
use crate::browser::clock;
use crate::browser::location::Location;
use crate::client::Client;
use crate::components::add_endpoint::AddEndpoint;
use crate::components::config_panel::ConfigPanel;
use crate::components::page_link::go;
use crate::components::rows::{Key, Rows};
use crate::components::show::Show;
use crate::components::target_form::TargetForm;
use crate::live::{handler, live, memo, view};
use crate::pages::metrics::open_graph;
use crate::state::session::Session;
use crate::texts::targets as texts;
use filter::{Filter, State};
use leptos::prelude::*;
use protocol::TargetId;
use raw_body::RawBodyDialog;
use row::TargetRow;

/// What the buttons of the rows open.
#[derive(Clone, Copy)]
struct Opened {
    edited: RwSignal<Option<TargetId>>,
    raw: RwSignal<Option<TargetId>>,
}

/// The page.
#[component]
pub fn TargetsPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let client = expect_context::<Client>();
    let location = expect_context::<Location>();
    let opened = Opened { edited: RwSignal::new(None), raw: RwSignal::new(None) };
    let filter = memo(move |_| Filter::decode(&location.query.read()));
    // In the order of their numbers: a target that comes back after "Undo" comes back to its place.
    let all = memo(move |_| {
        let hidden = client.hidden();
        let ids = session.targets.with(|targets| targets.iter().map(|target| target.id).collect::<Vec<_>>());
        let mut ids: Vec<TargetId> = ids.into_iter().filter(|id| Some(*id) != hidden).collect();
        model::sort::by(&mut ids, Ord::cmp);
        ids
    });
    let shown = memo(move |_| {
        let filter = filter.read();
        session.targets.with(|targets| {
            let shows = |id: &TargetId| targets.iter().any(|target| target.id == *id && filter.shows(target));
            all.get().into_iter().filter(shows).collect::<Vec<_>>()
        })
    });
    // Before the worker has said what it scrapes, nothing is said about that here.
    let is_bare = memo(move |_| all.read().is_empty() && !client.expects_targets());
    let on_graph = Callback::new(move |expr| open_graph(location, session, expr));
    view! {
        <div class="page targets-page">
            <h1>{texts::TITLE}</h1>
            <AddEndpoint prominent=is_bare on_graph/>
            <ConfigPanel/>
            <Show when=move || is_bare.get()><p class="muted">{texts::NONE_YET}</p></Show>
            <Show when=move || !all.read().is_empty()><FilterBar filter all shown/></Show>
            <RemovedNotice/>
            <Show when=move || !shown.read().is_empty()>
                <Table shown opened/>
            </Show>
            <Show when=move || shown.read().is_empty() && !all.read().is_empty()>
                <p>
                    {texts::NONE_MATCH} " "
                    <button type="button" class="link" on:click=handler(move |_| go(location, Page::Targets, ""))>
                        {texts::CLEAR_FILTER}
                    </button>
                </p>
            </Show>
            <TargetForm edited=opened.edited/>
            <RawBodyDialog shown=opened.raw/>
        </div>
    }
}

#[component]
fn FilterBar(filter: Memo<Filter>, all: Memo<Vec<TargetId>>, shown: Memo<Vec<TargetId>>) -> impl IntoView {
    let location = expect_context::<Location>();
    // What is typed letter by letter is no step in the history.
    let put = move |filter: Filter| {
        let path = location.path.get_untracked();
        location.replace(&path, &filter.encode());
    };
    let on_state = move |event| {
        let name = event_target_value(&event);
        let state = State::ALL.into_iter().find(|state| state.name() == name);
        put(Filter { state, ..filter.get_untracked() });
    };
    let on_search = move |event| put(Filter { search: event_target_value(&event), ..filter.get_untracked() });
    let options = State::ALL.map(|state| {
        let selected = move || filter.read().state == Some(state);
        view! { <option value=state.name() selected=live(selected)>{state.name()}</option> }
    });
    view! {
        <div class="targets-tools">
            <input
                type="search"
                aria-label=texts::FILTER_TEXT
                placeholder=texts::FILTER_HINT
                prop:value=move || filter.read().search.clone()
                on:input=handler(on_search)
            />
            <select aria-label=texts::FILTER_STATE on:change=handler(on_state)>
                <option value="" selected=move || filter.read().state.is_none()>{texts::ALL_STATES}</option>
                {options.collect_view()}
            </select>
            <span class="muted" role="status">{move || texts::count(shown.read().len(), all.read().len())}</span>
        </div>
    }
}

#[component]
fn Table(shown: Memo<Vec<TargetId>>, opened: Opened) -> impl IntoView {
    let now = clock::every_second();
    let is_number = |name: &str| !["State", "Endpoint", "Way"].contains(&name);
    let heads = texts::COLUMNS.map(|name| view! { <th scope="col" class:number=is_number(name)>{name}</th> });
    view! {
        <table class="targets" aria-label=texts::TABLE>
            <thead><tr>{heads.collect_view()}</tr></thead>
            <Rows each=move || shown.get() key=|id| Key::Number(id.0.into()) let(id)>
                <TargetRow id now opened/>
            </Rows>
        </table>
    }
}

/// The target that was removed last can come back.
#[component]
fn RemovedNotice() -> impl IntoView {
    let client = expect_context::<Client>();
    let text = move || {
        client.removed.with(|removed| match removed {
            Some(removed) if removed.spec.is_some() => texts::removed(&removed.name),
            Some(removed) => texts::removed_snapshot(&removed.name),
            None => String::new(),
        })
    };
    view! {
        <div class="removed" class:notice=move || client.removed.read().is_some() role="status">
            <span>{live(text)}</span>
            {move || client.removed.read().is_some().then(|| view! {
                <button type="button" on:click=handler(move |_| client.undo_remove())>{texts::UNDO}</button>
                <button type="button" class="quiet" on:click=handler(move |_| client.forget_removed())>{texts::DISMISS}</button>
            })}
        </div>
    }
}
