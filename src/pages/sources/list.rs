//! One source in the list: how it is, and what can be done with it.

use super::form::Edited;
use super::view::Shown;
use crate::app::page::Page;
use crate::browser::clock;
use crate::browser::location::Location;
use crate::components::doctor::DoctorOfSource;
use crate::components::page_link::{PageLink, go};
use crate::components::show::Show;
use crate::live::{handler, live, memo, view};
use crate::state::sources::{MAX_SKEW_MS, Sources};
use crate::state::url::{PanelState, QueryState};
use crate::texts::{adding, sources as texts, units};
use leptos::prelude::*;
use protocol::{Health, SourceId, SourceStatus};

/// A panel of a source follows its data.
const REFRESH_MS: u32 = 15_000;

/// The entry.
#[component]
pub(super) fn SourceRow(id: SourceId, edited: RwSignal<Option<Edited>>) -> impl IntoView {
    let sources = expect_context::<Sources>();
    let location = expect_context::<Location>();
    let status = sources.status(id);
    let name = memo(move |_| sources.name(id));
    let lacks = memo(move |_| sources.get(id).is_some_and(|source| source.lacks_secrets));
    let is_open = memo(move |_| Shown::decode(&location.query.read()).source == name.get());
    let details = Signal::derive(move || Shown::of(name.get()).encode());
    let explore = Signal::derive(move || {
        let panel =
            PanelState { expr: adding::FIRST_OF_SOURCE.to_owned(), source: name.get(), ..PanelState::default() };
        QueryState { panels: vec![panel], refresh_ms: Some(REFRESH_MS) }.encode()
    });
    let metrics = Signal::derive(move || Shown::of(name.get()).encode());
    view! {
        <li class="source" class:is-open=is_open>
            <div class="source-head">
                <Badge status/>
                <h2 class="source-name">{name}</h2>
                <Figures status/>
            </div>
            <Problems status lacks/>
                <DoctorOfSource id/>
            <div class="target-buttons">
                <PageLink page=Page::Sources query=details class="button">{texts::SHOW}</PageLink>
                <PageLink page=Page::Query query=explore class="button">{texts::EXPLORE}</PageLink>
                <PageLink page=Page::Metrics query=metrics class="button">{texts::METRICS}</PageLink>
                <button type="button" on:click=handler(move |_| sources.check(id))>{texts::CHECK}</button>
                <button type="button" on:click=handler(move |_| edited.set(Some(Edited::Old(id))))>{texts::EDIT}</button>
                <button
                    type="button"
                    on:click=handler(move |_| {
                        sources.remove(id);
                        if is_open.get_untracked() {
                            go(location, Page::Sources, "");
                        }
                    })
                >
                    {texts::REMOVE}
                </button>
            </div>
        </li>
    }
}

type Status = Memo<Option<SourceStatus>>;

#[component]
fn Badge(status: Status) -> impl IntoView {
    let health = memo(move |_| status.with(|status| status.as_ref().map_or(Health::Unknown, |status| status.health)));
    view! {
        <span class="badge" class:is-up=move || health.get() == Health::Up class:is-down=move || health.get() == Health::Down>
            {move || texts::state(health.get())}
        </span>
    }
}

#[component]
fn Figures(status: Status) -> impl IntoView {
    let now = clock::every_second();
    let address = move || {
        status.with(|status| status.as_ref().map(|status| status.url.clone())).filter(|url| !url.is_empty()).map(|url| {
            view! {
                <a class="mono" href=url.clone() target="_blank" rel="noopener noreferrer" title=texts::NEW_TAB>{url.clone()}</a>
            }
        })
    };
    let facts = memo(move |_| {
        status.with(|status| {
            let Some(status) = status else { return Vec::new() };
            let all = [
                texts::server(status.kind.as_deref(), status.version.as_deref()),
                texts::way(status.via).to_owned(),
                status.latency_ms.map(units::took).unwrap_or_default(),
                texts::clock_fact(status.skew_ms),
            ];
            all.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>()
        })
    });
    let checked_ms = memo(move |_| status.with(|status| status.as_ref().and_then(|status| status.checked_ms)));
    let checked = move || checked_ms.get().map(|at| texts::checked(&units::ago(at, now.get().max(at))));
    view! {
        {live(address)}
        <span class="source-facts muted">{move || facts.read().join(" · ")}</span>
        <span class="source-age muted">{live(checked)}</span>
    }
}

#[component]
fn Problems(status: Status, lacks: Memo<bool>) -> impl IntoView {
    let problem = memo(move |_| status.with(|status| status.as_ref().and_then(|status| status.problem.clone())));
    let skew = memo(move |_| {
        status.with(|status| {
            let status = status.as_ref()?;
            let skew = status.skew_ms.filter(|skew| skew.abs() > MAX_SKEW_MS)?;
            Some(texts::skew(&status.spec.name, skew))
        })
    });
    view! {
        {move || problem.get().map(|problem| view! {
            <div class="notice is-error" role="alert">
                <p>{problem.message}</p>
                {(!problem.hint.is_empty()).then(|| view! { <p>{problem.hint}</p> })}
            </div>
        })}
        {move || skew.get().map(|text| view! { <p class="notice is-warning" role="note">{text}</p> })}
        <Show when=move || lacks.get()><p class="notice is-warning" role="note">{texts::LACKS_SECRETS}</p></Show>
    }
}
