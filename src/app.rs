//! The frame around the pages: provides what all of them use, and picks one by the address.

use crate::browser::location::Location;
use crate::client::Client;
use crate::pages::query::QueryPage;
use crate::state::session::{Session, WorkerState};
use crate::state::settings::{Settings, Theme};
use leptos::prelude::*;
use protocol::Health;

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let session = Session::new();
    let settings = Settings::load();
    provide_context(session);
    provide_context(settings);
    provide_context(Location::listen());
    provide_context(Client::start(session));
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <TopBar/>
        <WorkerNotice/>
        <main id="main" tabindex="-1">
            <QueryPage/>
        </main>
    }
}

#[component]
fn TopBar() -> impl IntoView {
    let session = expect_context::<Session>();
    let settings = expect_context::<Settings>();
    let status = move || {
        let targets = session.targets.read();
        let n_up = targets.iter().filter(|t| t.health == Health::Up).count();
        let n_series = session.store.read().n_series;
        format!("{n_up}/{} up · {n_series} series", targets.len())
    };
    let all_up = move || session.targets.read().iter().all(|t| t.health != Health::Down);
    let next_theme = move |_| {
        settings.theme.update(|theme| {
            *theme = match theme {
                Theme::System => Theme::Light,
                Theme::Light => Theme::Dark,
                Theme::Dark => Theme::System,
            }
        });
    };
    view! {
        <header class="topbar">
            <span class="brand">"Promenade"</span>
            <span class="status" class:is-bad=move || !all_up()>
                <span class="dot" aria-hidden="true"></span>
                {status}
            </span>
            <button type="button" class="quiet" on:click=next_theme>
                {move || format!("Theme: {}", settings.theme.get().name())}
            </button>
        </header>
    }
}

#[component]
fn WorkerNotice() -> impl IntoView {
    let session = expect_context::<Session>();
    move || match session.worker.get() {
        WorkerState::Failed(message) => Some(view! { <p class="notice is-error" role="alert">{message}</p> }),
        _ => None,
    }
}
