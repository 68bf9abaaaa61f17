//! One thing that was added: what became of it, and what to do next.

use super::golden::{Suggestion, suggestions};
use crate::app::page::Page;
use crate::browser::location::Location;
use crate::components::config_panel::report::LoadReport;
use crate::components::doctor::{DoctorOfSource, DoctorOfTarget};
use crate::components::page_link::go;
use crate::live::{handler, live, memo, view};
use crate::pages::targets::filter::Filter;
use crate::state::additions::{Addition, Additions, Outcome, What};
use crate::state::explore::{Explore, ExploreState};
use crate::state::session::Session;
use crate::state::sources::Sources;
use crate::texts::targets::with_place;
use crate::texts::{adding as texts, config as config_texts, sources as source_texts};
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
    let outcome = memo(move |_| {
        // What an address turns out to be is known a little later.
        let now = additions.entries.with(|entries| entries.iter().find(|entry| entry.key == key).cloned());
        if let Some(now) = now {
            entry.set_value(now);
        }
        entry.with_value(|entry| additions.outcome(entry))
    });
    // The region is there before its text: only what changes within one is read out.
    let said = move || entry.with_value(|entry| status_text(entry, &outcome.read()));
    let problem = memo(move |_| match outcome.get() {
        Outcome::Failed { problem, is_target } => Some((problem, is_target)),
        Outcome::BadConfig(problem) => Some((problem, false)),
        _ => None,
    });
    let is_config = entry.with_value(|entry| matches!(entry.what, What::Config { .. }));
    let secret = move || {
        entry
            .with_value(|entry| matches!(entry.what, What::Target { has_secret: true, .. }))
            .then(|| view! { <p class="muted">{texts::SECRET}</p> })
    };
    // Its own region, so that what is found out is not read as a part of the alert.
    let is_failing = memo(move |_| matches!(outcome.get(), Outcome::Failed { .. }));
    let doctor = move || {
        // What it is becomes known with how it went.
        if !is_failing.get() {
            return None;
        }
        entry.with_value(|entry| match entry.what {
            What::Target { id, .. } => Some(view! { <DoctorOfTarget id/> }),
            What::Source { id, .. } => Some(view! { <DoctorOfSource id/> }),
            _ => None,
        })
    };
    view! {
        <li class="addition" class:is-failed=move || problem.read().is_some()>
            <p role="status">{live(said)}</p>
            {move || problem.get().map(|(problem, is_target)| view! { <ProblemView problem is_target entry/> })}
            {live(doctor)}
            {live(secret)}
            {move || is_config.then(|| view! { <LoadReport outcome/> })}
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
        Outcome::Waiting if matches!(entry.what, What::Config { .. }) => config_texts::reading(),
        Outcome::Config { runs } => runs.clone(),
        Outcome::Waiting if matches!(entry.what, What::Looking | What::Source { .. }) => texts::looking(&entry.name),
        Outcome::Waiting => texts::scraping(&entry.name),
        Outcome::Found { n_metrics, n_series, interval_ms } => {
            texts::found(&entry.name, *n_metrics, *n_series, *interval_ms)
        }
        Outcome::Source { kind } => texts::found_source(&entry.name, kind),
        Outcome::Known => texts::known(&entry.name),
        Outcome::Failed { .. } | Outcome::BadConfig(_) => String::new(),
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
    let id = move || entry.with_value(|entry| entry.what.id());
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
            view! { <button type="button" on:click=handler(move |_| edited.set(id()))>{texts::SETTINGS}</button> }
        })
    };
    let retry = move || {
        view! {
            <button type="button" on:click=handler(move |_| additions.retry(&entry.get_value()))>{texts::TRY_AGAIN}</button>
        }
    };
    let sources = move || {
        view! {
            <button type="button" on:click=handler(move |_| go(location, Page::Sources, ""))>{source_texts::GO_TO_SOURCES}</button>
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
        Step::Source => view! {
            <SourceGraph entry/>
            {sources()}
            {undo()}
        },
        Step::Graph => view! {
            <Graphs id=id() on_graph/>
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
        // It is one of the sources, where credentials are set.
        Step::TryAgain if entry.with_value(|entry| matches!(entry.what, What::Source { .. })) => view! {
            {retry()}
            {sources()}
            {undo()}
        },
        Step::TryAgain => retry().into_any(),
        Step::Config => view! {
            <button type="button" class="primary" on:click=handler(move |_| go(location, Page::Targets, ""))>
                {config_texts::SHOW}
            </button>
            {undo()}
        },
        // What is to be mended stands in the field, or in the file.
        Step::Nothing => ().into_any(),
    })
}

/// What there is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Wait,
    Graph,
    /// A server was found.
    Source,
    GoThere,
    /// The target is there: it is tried again by itself, and may need other settings.
    Mend,
    TryAgain,
    /// A configuration runs.
    Config,
    Nothing,
}

impl Step {
    fn after(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Waiting => Step::Wait,
            Outcome::Found { .. } => Step::Graph,
            Outcome::Source { .. } => Step::Source,
            Outcome::Known => Step::GoThere,
            Outcome::Config { .. } => Step::Config,
            Outcome::BadConfig(_) => Step::Nothing,
            Outcome::Failed { is_target: true, .. } => Step::Mend,
            Outcome::Failed { is_target: false, .. } => Step::TryAgain,
        }
    }
}

/// A first graph of a server: that of the pasted address, or what it scrapes. On the first visit it is there at once.
#[component]
fn SourceGraph(entry: StoredValue<Addition>) -> impl IntoView {
    let location = expect_context::<Location>();
    let sources = expect_context::<Sources>();
    let (id, expr) = entry.with_value(|entry| match &entry.what {
        What::Source { id, expr, .. } => (Some(*id), expr.clone()),
        _ => (None, None),
    });
    let is_pasted = expr.is_some();
    let expr = StoredValue::new(expr.unwrap_or_else(|| texts::FIRST_OF_SOURCE.to_owned()));
    let open = move || {
        let name = id.map(|id| untrack(|| sources.name(id))).unwrap_or_default();
        Explore::follow(location).graph_of(&expr.get_value(), &name);
    };
    let is_query = location.path.with_untracked(|path| Page::of(path) == Page::Query);
    let is_first =
        location.query.with_untracked(|query| ExploreState::read(query, None, &mut || protocol::PanelId(0)).is_first);
    if is_query && (is_first || is_pasted) {
        open();
    }
    let title = expr.get_value();
    view! {
        <button type="button" class="primary" title=title.clone() on:click=handler(move |_| open_on_query(location, &open))>
            {texts::graph(&title)}
        </button>
    }
}

/// The query page may have to be opened first.
fn open_on_query(location: Location, open: &dyn Fn()) {
    if location.path.with_untracked(|path| Page::of(path) != Page::Query) {
        go(location, Page::Query, "");
    }
    open();
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
