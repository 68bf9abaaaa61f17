//! One thing that was added: what became of it, and what to do next.

use super::golden::{Suggestion, suggestions};
use crate::app::page::Page;
use crate::browser::location::Location;
use crate::components::doctor::DoctorOfTarget;
use crate::components::page_link::go;
use crate::live::{handler, live, memo, view};
use crate::pages::targets::filter::Filter;
use crate::state::additions::{Addition, Additions, Outcome, What};
use crate::state::session::Session;
use crate::texts::adding as texts;
use crate::texts::targets::with_place;
use leptos::prelude::*;
use protocol::{Problem, TargetId};

/// The entry.
#[component]
pub(super) fn AdditionView(
    entry: Addition,
    on_graph: Callback<String>,
    edited: RwSignal<Option<TargetId>>,
) -> impl IntoView {
    let additions = expect_context::<Additions>();
    let key = entry.key;
    let entry = StoredValue::new(entry);
    let outcome = memo(move |_| entry.with_value(|entry| additions.outcome(entry)));
    // The region is there before its text: only what changes within one is read out.
    let said = move || entry.with_value(|entry| status_text(entry, &outcome.read()));
    let problem = memo(move |_| match outcome.get() {
        Outcome::Failed { problem, is_target } => Some((problem, is_target)),
        _ => None,
    });
    let secret = move || {
        entry
            .with_value(|entry| matches!(entry.what, What::Target { has_secret: true, .. }))
            .then(|| view! { <p class="muted">{texts::SECRET}</p> })
    };
    // Its own region, so that what is found out is not read as a part of the alert.
    let is_failing = memo(move |_| matches!(outcome.get(), Outcome::Failed { is_target: true, .. }));
    let doctor = move || {
        let id = entry.with_value(|entry| entry.what.id()).filter(|_| is_failing.get())?;
        Some(view! { <DoctorOfTarget id/> })
    };
    view! {
        <li class="addition" class:is-failed=move || problem.read().is_some()>
            <p role="status">{live(said)}</p>
            {move || problem.get().map(|(problem, is_target)| view! { <ProblemView problem is_target entry/> })}
            {live(doctor)}
            {live(secret)}
            <div class="addition-buttons">
                <NextSteps entry outcome on_graph edited/>
                <button type="button" class="quiet" on:click=handler(move |_| additions.dismiss(key))>{texts::DISMISS}</button>
            </div>
        </li>
    }
}

fn status_text(entry: &Addition, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Waiting if matches!(entry.what, What::Snapshot { .. }) => texts::reading(&entry.name),
        Outcome::Waiting => texts::scraping(&entry.name),
        Outcome::Found { n_metrics, n_series, interval_ms } => {
            texts::found(&entry.name, *n_metrics, *n_series, *interval_ms)
        }
        Outcome::Known => texts::known(&entry.name),
        Outcome::Failed { .. } => String::new(),
    }
}

#[component]
fn ProblemView(problem: Problem, is_target: bool, entry: StoredValue<Addition>) -> impl IntoView {
    let session = expect_context::<Session>();
    let id = entry.with_value(|entry| entry.what.id()).filter(|_| is_target);
    let interval = move || {
        let id = id?;
        session.targets.with(|targets| targets.iter().find(|target| target.id == id).map(|t| t.spec.interval_ms))
    };
    // Only the interval, not each scrape: an alert that changes is read out again.
    let interval = memo(move |_| interval());
    let name = entry.with_value(|entry| entry.name.clone());
    let name = (!name.is_empty() && !problem.message.contains(&name)).then(|| view! { <p class="mono">{name}</p> });
    view! {
        <div role="alert">
            {name}
            <p>{with_place(&problem.message, problem.at)}</p>
            {(!problem.hint.is_empty()).then(|| view! { <p>{problem.hint}</p> })}
            {move || interval.get().map(|ms| view! { <p>{texts::tried_again(ms)}</p> })}
        </div>
    }
}

#[component]
fn NextSteps(
    entry: StoredValue<Addition>,
    outcome: Memo<Outcome>,
    on_graph: Callback<String>,
    edited: RwSignal<Option<TargetId>>,
) -> impl IntoView {
    let additions = expect_context::<Additions>();
    let location = expect_context::<Location>();
    let id = entry.with_value(|entry| entry.what.id());
    let is_snapshot = entry.with_value(|entry| matches!(entry.what, What::Snapshot { .. }));
    // Counts change with each scrape; the buttons only when something else is to be done.
    let step = memo(move |_| Step::after(&outcome.read()));
    let undo = move || {
        view! {
            <button type="button" on:click=handler(move |_| additions.undo(&entry.get_value()))>{texts::UNDO}</button>
        }
    };
    let settings = move || {
        (!is_snapshot).then(|| {
            view! { <button type="button" on:click=handler(move |_| edited.set(id))>{texts::SETTINGS}</button> }
        })
    };
    let retry = move || {
        view! {
            <button type="button" on:click=handler(move |_| additions.retry(&entry.get_value()))>{texts::TRY_AGAIN}</button>
        }
    };
    let go_to = move |_| {
        let known = entry.with_value(|entry| match entry.what {
            What::Known { id } => Some(id),
            _ => entry.what.id(),
        });
        if let Some(id) = known {
            go(location, Page::Targets, &Filter::only(additions.address_of(id)).encode());
        }
    };
    live(move || match step.get() {
        Step::Wait => undo().into_any(),
        Step::Graph => view! {
            <Graphs id on_graph/>
            {settings()}
            {undo()}
        },
        Step::GoThere => {
            view! { <button type="button" on:click=handler(go_to)>{texts::GO_TO_TARGET}</button> }
        }
        Step::Mend => view! {
            {retry()}
            {settings()}
            <button type="button" on:click=handler(go_to)>{texts::GO_TO_TARGET}</button>
            {undo()}
        },
        Step::TryAgain => retry().into_any(),
    })
}

/// What there is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Wait,
    Graph,
    GoThere,
    /// The target is there: it is tried again by itself, and may need other settings.
    Mend,
    TryAgain,
}

impl Step {
    fn after(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Waiting => Step::Wait,
            Outcome::Found { .. } => Step::Graph,
            Outcome::Known => Step::GoThere,
            Outcome::Failed { is_target: true, .. } => Step::Mend,
            Outcome::Failed { is_target: false, .. } => Step::TryAgain,
        }
    }
}

/// A button for each query worth a look.
#[component]
fn Graphs(id: Option<TargetId>, on_graph: Callback<String>) -> impl IntoView {
    let session = expect_context::<Session>();
    let found = memo(move |_| id.map(|id| suggestions_for(session, id)).unwrap_or_default());
    let button = move |(idx, suggestion): (usize, Suggestion)| {
        let Suggestion { name, expr } = suggestion;
        let title = expr.clone();
        view! {
            <button type="button" class:primary=idx == 0 title=title on:click=handler(move |_| on_graph.run(expr.clone()))>
                {texts::graph(&name)}
            </button>
        }
    };
    live(move || found.get().into_iter().enumerate().map(button).collect_view())
}

fn suggestions_for(session: Session, id: TargetId) -> Vec<Suggestion> {
    let interval_ms = session
        .targets
        .with(|targets| targets.iter().find(|target| target.id == id).map(|target| target.spec.interval_ms));
    let families = session.families.read();
    let of_target: Vec<_> = families.iter().filter(|family| family.targets.contains(&id)).collect();
    suggestions(&of_target, interval_ms.unwrap_or_default())
}
