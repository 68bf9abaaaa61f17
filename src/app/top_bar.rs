//! The bar on top: pages, state of the scraping, time zone, theme, help.

mod zone_choice;

use super::page::Page;
use crate::components::page_link::PageLink;
use crate::live::{handler, live, memo, view};
use crate::state::session::Session;
use crate::state::settings::{Settings, Theme};
use crate::texts::shell as texts;
use leptos::prelude::*;
use protocol::{Health, TargetStatus, Via};
use zone_choice::ZoneChoice;

/// The bar.
#[component]
pub(super) fn TopBar(last_query: Signal<String>, help_open: RwSignal<bool>) -> impl IntoView {
    let settings = expect_context::<Settings>();
    let theme = settings.theme;
    view! {
        <header class="topbar">
            <PageLink page=Page::Query class="brand" query=last_query>
                <svg class="brand-mark" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                    <path d="M1 15 15 1v14z" fill="currentColor"></path>
                </svg>
                {texts::BRAND}
            </PageLink>
            <nav class="pages" aria-label=texts::PAGES>
                {Page::ALL
                    .map(|page| {
                        let query = Signal::derive(move || {
                            if page == Page::Query { last_query.get() } else { String::new() }
                        });
                        view! { <PageLink page query marks_current=true marks_section=true>{texts::page_name(page)}</PageLink> }
                    })
                    .collect_view()}
            </nav>
            <StatusLine/>
            <div class="topbar-tools">
                <ZoneChoice/>
                <button type="button" class="quiet theme" on:click=handler(move |_| theme.update(|theme| *theme = theme.next()))>
                    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                        {move || view! { <path d=theme_icon(theme.get()) fill="currentColor"></path> }}
                    </svg>
                    <span class="theme-name">{move || texts::theme(theme.get())}</span>
                </button>
                <button
                    type="button"
                    class="quiet"
                    aria-label=texts::HELP
                    title=texts::HELP
                    on:click=handler(move |_| help_open.set(true))
                >
                    "?"
                </button>
            </div>
        </header>
    }
}

/// Half a disc, a disc with rays, a moon.
fn theme_icon(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 1.5v11a5.5 5.5 0 0 1 0-11z",
        Theme::Light => {
            "M8 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM7.3.5h1.4v2.4H7.3zM7.3 13.1h1.4v2.4H7.3zM.5 7.3h2.4v1.4H.5z\
             M13.1 7.3h2.4v1.4h-2.4zM2.2 3.2l1-1 1.7 1.7-1 1zM11.1 12.1l1-1 1.7 1.7-1 1zM2.2 12.8l1.7-1.7 1 1-1.7 1.7z\
             M11.1 3.9l1.7-1.7 1 1-1.7 1.7z"
        }
        Theme::Dark => "M6.2 1.2a7 7 0 1 0 8.6 8.6A5.6 5.6 0 0 1 6.2 1.2z",
    }
}

/// How many targets are up, and how many series there are; a link to the targets.
#[component]
fn StatusLine() -> impl IntoView {
    let session = expect_context::<Session>();
    let counts = memo(move |_| session.targets.with(|targets| count(targets)));
    let text = memo(move |_| {
        let (n_up, _, n_all) = counts.get();
        texts::status(n_up, n_all, session.store.read().n_series)
    });
    let query = Signal::derive(move || if counts.get().1 > 0 { "health=down".to_owned() } else { String::new() });
    let is_bad = move || counts.get().1 > 0;
    let is_up = move || counts.get().0 > 0;
    view! {
        <span class="status" class:is-bad=live(is_bad) class:is-up=live(is_up)>
            <span class="dot" aria-hidden="true"></span>
            <PageLink page=Page::Targets query>{text}</PageLink>
        </span>
    }
}

/// Targets that are up, that are down, and that are scraped at all: a snapshot is not.
fn count(targets: &[TargetStatus]) -> (usize, usize, usize) {
    let scraped = || targets.iter().filter(|target| target.via != Some(Via::Pasted));
    let with = |health: Health| scraped().filter(|target| target.health == health).count();
    (with(Health::Up), with(Health::Down), scraped().count())
}
