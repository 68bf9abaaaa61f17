//! What a server says of itself: a tab for each report, each with its age and a button that asks again.

use super::facts::BuildView;
use super::rules::{AlertsView, RulesView};
use super::targets::TargetsView;
use super::view::{Shown, TABS};
use crate::app::page::Page;
use crate::browser::clock;
use crate::browser::location::Location;
use crate::components::page_link::{PageLink, go};
use crate::live::{effect, handler, live, memo, view};
use crate::state::session::Session;
use crate::state::sources::Sources;
use crate::texts::{sources as texts, units};
use leptos::prelude::*;
use protocol::{Report, ReportAnswer, ReportFailure, ReportKind, SourceId};
use std::sync::Arc;

/// All reports of a source.
#[component]
pub(super) fn Reports(id: SourceId, shown: Memo<Shown>) -> impl IntoView {
    let sources = expect_context::<Sources>();
    let report = memo(move |_| shown.with(|shown| shown.report));
    let tabs = TABS.map(|one| {
        let query = Signal::derive(move || {
            shown.with(|shown| Shown { report: one, ..Shown::of(shown.source.clone()) }.encode())
        });
        view! {
            <li class:is-current=move || report.get() == one>
                <PageLink page=Page::Sources query>{texts::report(one)}</PageLink>
            </li>
        }
    });
    view! {
        <section class="source-reports" aria-label=texts::REPORTS>
            <h2>{move || sources.name(id)}</h2>
            <nav aria-label=texts::REPORTS><ul class="report-tabs" role="list">{tabs.collect_view()}</ul></nav>
            {move || {
                let what = report.get();
                let more = (what == ReportKind::Build).then(|| view! { <ReportView id what=ReportKind::Runtime shown/> });
                view! { <ReportView id what shown/> {more} }
            }}
        </section>
    }
}

/// One report.
#[component]
fn ReportView(id: SourceId, what: ReportKind, shown: Memo<Shown>) -> impl IntoView {
    let sources = expect_context::<Sources>();
    let session = expect_context::<Session>();
    let now = clock::every_second();
    let answer = memo(move |_| session.reports.with(|reports| reports.get(&(id, what)).cloned()));
    let is_asked = memo(move |_| session.asked_reports.with(|asked| asked.contains(&(id, what))));
    // Asked when it is first looked at, and again as soon as the server is there.
    let is_known = memo(move |_| session.sources.with(|all| all.iter().any(|one| one.id == id && one.kind.is_some())));
    effect(move || {
        if is_known.get() && answer.with_untracked(Option::is_none) {
            sources.ask(id, what);
        }
    });
    let at_ms = memo(move |_| answer.with(|answer| answer.as_ref().map(|answer| answer.at_ms)));
    let age = move || at_ms.get().map(|at| texts::age(&units::ago(at, now.get().max(at))));
    let content = move || match answer.get() {
        None => view! { <p class="muted" role="status">{texts::ASKING}</p> },
        Some(answer) => content_of(&answer, shown),
    };
    view! {
        <section class="report" aria-label=texts::report(what)>
            <div class="report-head">
                <h3>{texts::report(what)}</h3>
                <span class="muted">{live(age)}</span>
                <button type="button" disabled=is_asked on:click=handler(move |_| sources.ask(id, what))>{texts::REFRESH}</button>
            </div>
            {live(content)}
        </section>
    }
}

fn content_of(answer: &ReportAnswer, shown: Memo<Shown>) -> AnyView {
    match &answer.report {
        Err(failure @ (ReportFailure::NotOffered | ReportFailure::Empty)) => {
            view! { <p class="muted">{texts::failure(failure)}</p> }
        }
        Err(failure) => view! { <p class="notice is-error" role="alert">{texts::failure(failure)}</p> },
        Ok(Report::Build(info)) => view! { <BuildView info=(**info).clone()/> },
        Ok(Report::Runtime(info)) => super::facts::runtime(info),
        Ok(Report::Cardinality(status)) => super::facts::cardinality(status),
        Ok(Report::Targets(targets)) => view! { <TargetsView targets=Arc::new(targets.clone()) shown/> },
        Ok(Report::Rules(rules)) => view! { <RulesView rules=Arc::new(rules.clone()) shown/> },
        Ok(Report::Alerts(alerts)) => view! { <AlertsView alerts=Arc::new(alerts.alerts.clone()) shown/> },
        Ok(Report::Metrics(_)) => ().into_any(),
    }
}

/// The field that filters a report; what is typed letter by letter is no step in the history.
#[component]
pub(super) fn FilterField(shown: Memo<Shown>) -> impl IntoView {
    let location = expect_context::<Location>();
    let put = move |event| {
        let shown = Shown { search: event_target_value(&event), ..shown.get_untracked() };
        location.replace(&location.path.get_untracked(), &shown.encode());
    };
    view! {
        <input
            type="search"
            aria-label=texts::FILTER
            placeholder=texts::FILTER
            prop:value=move || shown.with(|shown| shown.search.clone())
            on:input=handler(put)
        />
    }
}

/// A menu of a filter: the empty value is all.
#[component]
pub(super) fn FilterMenu(
    /// What it is called.
    name: &'static str,
    /// What stands for no filter.
    all: &'static str,
    /// Values with their texts.
    options: Vec<(String, String)>,
    /// The value in use.
    get: fn(&mut Shown) -> &mut String,
    shown: Memo<Shown>,
) -> impl IntoView {
    let location = expect_context::<Location>();
    let value = memo(move |_| get(&mut shown.get()).clone());
    let put = move |event| {
        let mut changed = shown.get_untracked();
        *get(&mut changed) = event_target_value(&event);
        go(location, Page::Sources, &changed.encode());
    };
    let options = options.into_iter().map(|(of, text)| {
        let one = of.clone();
        let selected = move || value.with(|value| *value == one);
        view! { <option value=of selected=live(selected)>{text}</option> }
    });
    view! {
        <select aria-label=name prop:value=value on:change=handler(put)>
            <option value="">{all}</option>
            {options.collect_view()}
        </select>
    }
}

/// Labels as they stand in rows.
pub(super) fn labels<'a>(pairs: impl IntoIterator<Item = (&'a String, &'a String)>) -> AnyView {
    let label = |(name, value): (&String, &String)| {
        view! { <li><code>{name.clone()}"="<span class="tok-string">"\""{value.clone()}"\""</span></code></li> }
    };
    view! { <ul class="labels" role="list">{pairs.into_iter().map(label).collect_view()}</ul> }
}
