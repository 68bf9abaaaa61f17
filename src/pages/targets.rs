//! The targets page: what is scraped, pool by pool, how it goes, and what can be done about it.

pub mod address;
mod check;
mod diff;
pub mod filter;
pub mod highlight;
mod history;
pub mod lines;
mod pool;
pub mod pools;
mod raw_body;
mod row;
pub mod spark;
mod tools;

use crate::app::page::Page;
use crate::browser::location::Location;
use crate::client::Client;
use crate::components::add_endpoint::AddEndpoint;
use crate::components::config_panel::ConfigPanel;
use crate::components::page_link::{PageLink, go};
use crate::components::rows::{Key, Rows};
use crate::components::show::Show;
use crate::components::target_form::TargetForm;
use crate::live::{handler, live, memo, view};
use crate::pages::metrics::open_graph;
use crate::state::session::Session;
use crate::texts::shell::page_name;
use crate::texts::targets as texts;
use address::{Address, View};
use diff::DiffDialog;
use history::HistoryDialog;
use leptos::prelude::*;
use pool::{Collapsed, PoolSection};
use pools::Pools;
use protocol::{DiffRequest, TargetId};
use raw_body::RawBodyDialog;
use tools::Tools;

/// What the buttons of the rows open, and where it is said what they did.
#[derive(Clone, Copy)]
struct Opened {
    location: Location,
    edited: RwSignal<Option<TargetId>>,
    said: RwSignal<String>,
}

impl Opened {
    /// Opens something of a target; "back" closes it.
    fn open(self, view: View) {
        let address = Address { view: Some(view), ..self.address() };
        self.location.push(&self.location.path.get_untracked(), &address.encode());
    }

    /// Shows something else in place of what is open.
    fn replace(self, view: Option<View>) {
        let address = Address { view, ..self.address() };
        self.location.replace(&self.location.path.get_untracked(), &address.encode());
    }

    fn close(self) {
        self.replace(None);
    }

    fn address(self) -> Address {
        Address::decode(&self.location.query.read_untracked())
    }
}

/// The page.
#[component]
pub fn TargetsPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let client = expect_context::<Client>();
    let location = expect_context::<Location>();
    let opened = Opened { location, edited: RwSignal::new(None), said: RwSignal::new(String::new()) };
    let address = memo(move |_| Address::decode(&location.query.read()));
    let filter = memo(move |_| address.with(|address| address.filter.clone()));
    // A pool of the configuration may have found nothing yet.
    let names = memo(move |_| {
        let status = session.config.status.get();
        let loaded = status.as_ref().and_then(|status| status.loaded.as_ref());
        loaded.map(|loaded| loaded.pools.iter().map(|pool| pool.pool.clone()).collect::<Vec<_>>()).unwrap_or_default()
    });
    let pools = memo(move |_| {
        let hidden = client.hidden();
        session.targets.with(|targets| Pools::of(targets, &names.read(), hidden, &filter.read()))
    });
    let view = memo(move |_| address.with(|address| address.view));
    let raw = memo(move |_| match view.get() {
        Some(View::Raw(id)) => Some(id),
        _ => None,
    });
    let history = memo(move |_| match view.get() {
        Some(View::History(id)) => Some(id),
        _ => None,
    });
    let compared = memo(move |_| match view.get() {
        Some(View::Diff(request)) => Some(request),
        _ => None::<DiffRequest>,
    });
    // Before the worker has said what it scrapes, nothing is said about that here.
    let is_bare = memo(move |_| pools.read().n_all == 0 && !client.expects_targets());
    let has_targets = memo(move |_| pools.read().n_all > 0);
    let shows_none = memo(move |_| has_targets.get() && pools.with(Pools::n_shown) == 0);
    let on_graph = Callback::new(move |expr| open_graph(location, session, expr));
    view! {
        <div class="page targets-page">
            <PageTabs/>
            <AddEndpoint prominent=is_bare on_graph/>
            <ConfigPanel/>
            <Show when=move || is_bare.get()><p class="muted">{texts::NONE_YET}</p></Show>
            <Show when=move || has_targets.get()><Tools filter pools/></Show>
            <RemovedNotice/>
            <p class="said" role="status">{opened.said}</p>
            <PoolList pools opened/>
            <Show when=move || shows_none.get()>
                <p>
                    {texts::NONE_MATCH} " "
                    <button type="button" class="link" on:click=handler(move |_| go(location, Page::Targets, "pool="))>
                        {texts::CLEAR_FILTER}
                    </button>
                </p>
            </Show>
            <TargetForm edited=opened.edited/>
            <RawBodyDialog shown=raw opened/>
            <HistoryDialog shown=history opened/>
            <DiffDialog shown=compared opened/>
        </div>
    }
}

/// The title, and the way between what is scraped and what was found to scrape.
#[component]
pub fn PageTabs(
    /// The page is the one of what was found.
    #[prop(optional)]
    is_discovery: bool,
) -> impl IntoView {
    let title = if is_discovery { page_name(Page::Discovery) } else { texts::TITLE };
    view! {
        <div class="page-head">
            <h1>{title}</h1>
            <nav class="page-tabs" aria-label=texts::TABS>
                <PageLink page=Page::Targets marks_current=true>{page_name(Page::Targets)}</PageLink>
                <PageLink page=Page::Discovery marks_current=true>{page_name(Page::Discovery)}</PageLink>
            </nav>
        </div>
    }
}

#[component]
fn PoolList(pools: Memo<Pools>, opened: Opened) -> impl IntoView {
    let collapsed = Collapsed::load();
    let now = crate::browser::clock::every_second();
    let shows_empty = RwSignal::new(false);
    let names = move || {
        let shows_empty = shows_empty.get();
        pools.with(|pools| {
            let shown = pools.pools.iter().filter(|pool| shows_empty || !pool.shown.is_empty());
            shown.map(|pool| pool.name.clone()).collect::<Vec<_>>()
        })
    };
    let names = memo(move |_| names());
    let n_empty = memo(move |_| pools.with(Pools::n_empty));
    let toggle = move || if shows_empty.get() { texts::HIDE_EMPTY } else { texts::SHOW_EMPTY };
    view! {
        <Rows each=move || names.get() key=|name| Key::Text(name.clone()) let(name)>
            <PoolSection name pools collapsed opened now/>
        </Rows>
        <Show when=move || { n_empty.get() > 0 }>
            <p class="muted">
                {move || texts::empty_pools(n_empty.get(), shows_empty.get())} " "
                <button type="button" class="link" on:click=handler(move |_| shows_empty.update(|shows| *shows = !*shows))>
                    {live(toggle)}
                </button>
            </p>
        </Show>
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
