//! The frame around the pages: provides what all of them use, and picks one by the address.

mod drop_zone;
mod help;
pub mod page;
mod shortcuts;
pub mod storage_notice;
mod top_bar;
mod worker_notice;

use crate::browser::location::Location;
use crate::client::Client;
use crate::components::export_dialog::ExportDialog;
use crate::components::notes::NoteDialog;
use crate::components::page_link::PageLink;
use crate::live::{effect, handler, memo, view};
use crate::pages::discovery::DiscoveryPage;
use crate::pages::metrics::MetricsPage;
use crate::pages::query::QueryPage;
use crate::pages::sources::SourcesPage;
use crate::pages::status::StatusPage;
use crate::pages::targets::TargetsPage;
use crate::state::additions::Additions;
use crate::state::notes::Notes;
use crate::state::session::Session;
use crate::state::settings::Settings;
use crate::state::sources::Sources;
use crate::state::url::QueryState;
use crate::texts::shell as texts;
use drop_zone::DropZone;
use help::Help;
use leptos::html::Main;
use leptos::{ev::MouseEvent, prelude::*};
use page::Page;
use shortcuts::Shortcuts;
use storage_notice::StorageNotice;
use top_bar::TopBar;
use worker_notice::WorkerNotice;

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let session = Session::new();
    let settings = Settings::load();
    let location = Location::listen();
    let client = Client::start(session, settings);
    provide_context(session);
    provide_context(settings);
    provide_context(location);
    provide_context(client);
    provide_context(Notes::load());
    let sources = Sources::load(client, session);
    provide_context(sources);
    provide_context(Additions::new(client, session, sources));
    let page = memo(move |_| location.path.with(|path| Page::of(path)));
    let last_query = remember_query(location, page);
    let help_open = RwSignal::new(false);
    let main = NodeRef::<Main>::new();
    keep_title(location, page);
    focus_on_arrival(page, main);
    view! {
        <a class="skip" href="#main" on:click=handler(move |event: MouseEvent| {
            // The address belongs to the state of the page: only the focus moves.
            event.prevent_default();
            focus(main);
        })>{texts::SKIP}</a>
        <TopBar last_query help_open/>
        <WorkerNotice/>
        <StorageNotice/>
        <main id="main" tabindex="-1" node_ref=main>
            {move || match page.get() {
                Page::Query => view! { <QueryPage/> },
                Page::Metrics => view! { <MetricsPage/> },
                Page::Targets => view! { <TargetsPage/> },
                Page::Discovery => view! { <DiscoveryPage/> },
                Page::Sources => view! { <SourcesPage/> },
                Page::Status => view! { <StatusPage/> },
                Page::Unknown => view! { <NothingHere/> },
            }}
        </main>
        <Help is_open=help_open/>
        <Shortcuts help_open last_query/>
        <ExportDialog query=last_query/>
        <NoteDialog/>
        <DropZone/>
    }
}

/// The part of the query page's address behind the `?`, also while another page is shown: its link goes
/// back to where one was.
fn remember_query(location: Location, page: Memo<Page>) -> Signal<String> {
    let last = RwSignal::new(String::new());
    effect(move || {
        let query = location.query.get();
        if page.get() == Page::Query {
            last.set(query);
        }
    });
    last.into()
}

fn keep_title(location: Location, page: Memo<Page>) {
    effect(move || {
        let query = location.query.read();
        let first = QueryState::decode(&query).panels.into_iter().next();
        document().set_title(&texts::window_title(page.get(), &first.map(|panel| panel.expr).unwrap_or_default()));
    });
}

/// A screen reader goes on at the new page, and the next Tab is its first link. The first page keeps the
/// focus where the browser, or a field of the page, put it.
fn focus_on_arrival(page: Memo<Page>, main: NodeRef<Main>) {
    Effect::new(move |before: Option<Page>| {
        let now = page.get();
        if before.is_some_and(|before| before != now) {
            focus(main);
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
        now
    });
}

fn focus(main: NodeRef<Main>) {
    if let Some(main) = main.get_untracked() {
        // It throws nothing; an element that cannot be focused stays without focus.
        let _ = main.focus();
    }
}

#[component]
fn NothingHere() -> impl IntoView {
    let location = expect_context::<Location>();
    view! {
        <div class="page">
            <h1>{texts::page_name(Page::Unknown)}</h1>
            <p>{move || texts::nothing_here(&location.path.read())} " " {texts::NOTHING_HERE_HINT}</p>
            <p><PageLink page=Page::Query>{texts::GO_HOME}</PageLink></p>
        </div>
    }
}
