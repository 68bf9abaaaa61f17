//! The service discovery page: what each pool found to scrape, what its rules made of it, and what they dropped.

mod by_hand;
pub mod filter;
mod target;

use crate::browser::location::Location;
use crate::client::Client;
use crate::components::rows::{Key, Rows};
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::pages::targets::PageTabs;
use crate::pages::targets::filter::PoolChoice;
use crate::state::session::Session;
use crate::state::settings::Settings;
use crate::texts::{discovery as texts, targets};
use filter::{Found, Kind};
use leptos::prelude::*;
use protocol::{ConfigRequest, DiscoveredTarget, DiscoveryStatus, PoolStatus, PoolTargets, Request};
use std::sync::Arc;
use target::target_item;

/// So many targets of a pool are put into the page at first: more make a phone stutter.
const MAX_SHOWN: usize = 100;

/// The page.
#[component]
pub fn DiscoveryPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let location = expect_context::<Location>();
    let found = memo(move |_| Found::decode(&location.query.read()));
    // Those of the configuration in their order, then those that only have targets added by hand.
    let all = memo(move |_| {
        let status = session.config.status.get();
        let loaded = status.as_ref().and_then(|status| status.loaded.as_ref());
        let mut names: Vec<String> =
            loaded.map(|loaded| loaded.pools.iter().map(|pool| pool.pool.clone()).collect()).unwrap_or_default();
        let mut by_hand: Vec<String> = session.targets.with(|all| {
            all.iter()
                .filter(|target| by_hand::discovered(target).is_some())
                .map(|target| target.pool.clone())
                .collect()
        });
        model::sort::by(&mut by_hand, Ord::cmp);
        by_hand.dedup();
        names.extend(
            by_hand.into_iter().filter(|name| loaded.is_none_or(|l| l.pools.iter().all(|pool| pool.pool != *name))),
        );
        names
    });
    let shown = memo(move |_| {
        let found = found.read();
        all.with(|all| all.iter().filter(|name| found.shows_pool(name)).cloned().collect::<Vec<_>>())
    });
    view! {
        <div class="page discovery-page">
            <PageTabs is_discovery=true/>
            <p class="muted">{texts::INTRO}</p>
            <Show when=move || all.read().is_empty()><p class="muted">{texts::NONE_YET}</p></Show>
            <Show when=move || !all.read().is_empty()><Tools found all/></Show>
            <Rows each=move || shown.get() key=|name| Key::Text(name.clone()) let(name)>
                <Pool name found/>
            </Rows>
        </div>
    }
}

#[component]
fn Tools(found: Memo<Found>, all: Memo<Vec<String>>) -> impl IntoView {
    let location = expect_context::<Location>();
    let put = move |change: &dyn Fn(&mut Found)| {
        let mut found = found.get_untracked();
        change(&mut found);
        location.replace(&location.path.get_untracked(), &found.encode());
    };
    let on_pool = move |event| {
        let name = event_target_value(&event);
        put(&|found| found.pool = if name.is_empty() { PoolChoice::Automatic } else { PoolChoice::One(name.clone()) });
    };
    let on_fate = move |event| {
        let name = event_target_value(&event);
        put(&|found| found.fate = Kind::ALL.into_iter().find(|kind| kind.name() == name));
    };
    let on_search = move |event| {
        let text = event_target_value(&event);
        put(&|found| found.search = text.clone());
    };
    let pool = move |name: String| {
        let (own, value) = (name.clone(), name.clone());
        let selected = move || found.with(|found| found.pool == PoolChoice::One(own.clone()));
        view! { <option value=value selected=selected>{name}</option> }
    };
    let pools = move || all.get().into_iter().map(pool).collect_view();
    let fates = Kind::ALL.map(|kind| {
        let selected = move || found.read().fate == Some(kind);
        view! { <option value=kind.name() selected=selected>{texts::kind(kind)}</option> }
    });
    view! {
        <div class="targets-tools">
            <input
                type="search"
                aria-label=texts::SEARCH
                placeholder=texts::SEARCH_HINT
                prop:value=move || found.read().search.clone()
                on:input=handler(on_search)
            />
            <select class="pool-select" aria-label=targets::FILTER_POOL on:change=handler(on_pool)>
                <option value="" selected=move || !matches!(found.read().pool, PoolChoice::One(_))>{targets::ALL_POOLS}</option>
                {live(pools)}
            </select>
            <select aria-label=texts::FATE on:change=handler(on_fate)>
                <option value="" selected=move || found.read().fate.is_none()>{texts::ALL_FATES}</option>
                {fates.collect_view()}
            </select>
        </div>
    }
}

/// A pool: where it looks, and what it found.
#[component]
fn Pool(name: String, found: Memo<Found>) -> impl IntoView {
    let session = expect_context::<Session>();
    let client = expect_context::<Client>();
    let own = name.clone();
    let status = memo(move |_| {
        let status = session.config.status.get()?;
        status.loaded.as_ref()?.pools.iter().find(|pool| pool.pool == own).cloned()
    });
    // Asked again when something of it changed.
    let version = memo(move |_| status.with(|status| status.as_ref().map(|status| status.version)));
    let own = name.clone();
    effect(move || {
        if version.get().is_some() {
            client.send(Request::Config(ConfigRequest::Discovered { pool: own.clone() }));
        }
    });
    let own = name.clone();
    let configured = memo(move |_| session.config.discovered.with(|all| all.get(&own).cloned()));
    let own = name.clone();
    let by_hand = memo(move |_| {
        session.targets.with(|all| {
            all.iter().filter(|target| target.pool == own).filter_map(by_hand::discovered).collect::<Vec<_>>()
        })
    });
    let own = StoredValue::new(name.clone());
    let again = move |_| client.send(Request::Config(ConfigRequest::Refresh { pool: Some(own.get_value()) }));
    let n_by_hand = memo(move |_| by_hand.read().len());
    let summary = move || match status.get() {
        Some(status) => texts::pool(&status),
        None => format!("{}, {}", targets::count(n_by_hand.get(), n_by_hand.get()), texts::BY_HAND),
    };
    view! {
        <details class="pool" open=true>
            <summary><h2>{name}</h2> <span class="muted">{live(summary)}</span></summary>
            <Show when=move || status.read().is_some()>
                <Sources status/>
                <p><button type="button" on:click=handler(again)>{texts::DISCOVER_AGAIN}</button></p>
                <Show when=move || configured.read().is_none()><p class="muted" role="status">{texts::LOADING}</p></Show>
            </Show>
            <Targets configured by_hand found/>
        </details>
    }
}

/// Where the pool looks for targets, and why it may have none.
#[component]
fn Sources(status: Memo<Option<PoolStatus>>) -> impl IntoView {
    let zone = expect_context::<Settings>().zone;
    let problem = |problem: &protocol::Problem| {
        view! { <div class="notice is-error"><p>{problem.message.clone()}</p><p>{problem.hint.clone()}</p></div> }
    };
    let source = move |source: &DiscoveryStatus| {
        let time = |at: Option<i64>| at.map(|at| zone.with(|zone| zone.format(at)));
        let text = texts::source(source, time(source.last_ms).as_deref(), time(source.next_ms).as_deref());
        view! { <li>{text} {source.problem.as_ref().map(problem)}</li> }
    };
    let list = move || {
        status.with(|status| {
            let status = status.as_ref()?;
            let sources = status.discoveries.iter().map(source).collect_view();
            let problem = status.problem.as_ref().map(problem);
            Some(view! { {problem}<ul class="sources muted" aria-label=texts::SOURCES role="list">{sources}</ul> })
        })
    };
    live(list)
}

#[component]
fn Targets(
    configured: Memo<Option<Arc<PoolTargets>>>,
    by_hand: Memo<Vec<DiscoveredTarget>>,
    found: Memo<Found>,
) -> impl IntoView {
    let max_shown = RwSignal::new(MAX_SHOWN);
    let picked = memo(move |_| {
        let (found, by_hand) = (found.read(), by_hand.read());
        let configured = configured.get();
        let all = configured.iter().flat_map(|pool| &pool.targets).chain(&*by_hand);
        all.filter(|target| found.shows(target)).cloned().collect::<Vec<_>>()
    });
    let n_all = memo(move |_| picked.read().len());
    let rules = memo(move |_| configured.get().map(|pool| pool.rules.clone()).unwrap_or_default());
    let list = move || {
        let (rules, max) = (Arc::new(rules.get()), max_shown.get());
        let item = |target: DiscoveredTarget| target_item(&Arc::new(target), &rules);
        picked.get().into_iter().take(max).map(item).collect_view()
    };
    let more = move || {
        configured.with(|pool| {
            let pool = pool.as_ref()?;
            (pool.targets.len() < pool.n_targets as usize).then(|| texts::more(pool.targets.len(), pool.n_targets))
        })
    };
    view! {
        <Show when=move || n_all.get() == 0><p class="muted">{texts::NONE_MATCH}</p></Show>
        <ul class="found-targets" role="list">{live(list)}</ul>
        <p class="muted">{live(more)}</p>
        <Show when=move || { n_all.get() > max_shown.get() }>
            <p>
                {move || texts::cut(max_shown.get(), n_all.get())} " "
                <button type="button" class="link" on:click=handler(move |_| max_shown.set(usize::MAX))>{texts::SHOW_ALL}</button>
            </p>
        </Show>
    }
}
