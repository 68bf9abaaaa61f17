//! Whose samples a panel shows: the choice, what is wrong with it, and where two evaluations differ.

use super::run::Run;
use crate::app::page::Page;
use crate::components::page_link::PageLink;
use crate::components::prose::prose;
use crate::components::series_table::samples::series_name;
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::state::explore::Explore;
use crate::state::session::Session;
use crate::state::settings::Settings;
use crate::state::sources::{ALL, MAX_SKEW_MS, Sources};
use crate::state::url::{PanelState, Tab};
use crate::texts::sources as texts;
use leptos::prelude::*;
use protocol::{Comparison, Health, PanelId, SourceChoice, SourceId};

/// So many differing points are listed at first.
const FIRST_DIFFERENCES: usize = 20;

/// The choice, there as soon as there is something to choose.
#[component]
pub(super) fn SourceSelect(id: PanelId, state: Memo<PanelState>, run: Run) -> impl IntoView {
    let explore = expect_context::<Explore>();
    let sources = expect_context::<Sources>();
    let chosen = memo(move |_| state.with(|state| state.source.clone()));
    let is_needed = memo(move |_| sources.are_there() || !chosen.read().is_empty());
    let names = memo(move |_| {
        let mut names = vec![(String::new(), texts::THIS_TAB.to_owned())];
        sources.list.with(|list| names.extend(list.iter().map(|one| (one.spec.name.clone(), one.spec.name.clone()))));
        names.push((ALL.to_owned(), texts::ALL_SOURCES.to_owned()));
        let chosen = chosen.get();
        // What an address asks for is shown, also if it is not there.
        if run.source.get().is_none() {
            names.push((chosen.clone(), texts::missing_name(&chosen)));
        }
        names
    });
    let is_compared = memo(move |_| state.with(|state| state.is_compared));
    let can_compare =
        memo(move |_| matches!(run.source.get(), Some(SourceChoice::Remote(_) | SourceChoice::Compare(_))));
    let options = move || {
        let options = names.get().into_iter().map(|(value, name)| {
            let of = value.clone();
            let selected = move || chosen.with(|chosen| *chosen == of);
            view! { <option value=value selected=live(selected)>{name}</option> }
        });
        options.collect_view()
    };
    let choose = move |event| {
        let source = event_target_value(&event);
        explore.edit_panel(id, |panel| panel.source = source);
    };
    let compare = move |event| {
        let is_compared = event_target_checked(&event);
        explore.edit_panel(id, |panel| panel.is_compared = is_compared);
    };
    view! {
        <Show when=move || is_needed.get()>
            <div class="panel-source">
                <label>
                    {texts::SOURCE} " "
                    <select prop:value=chosen on:change=handler(choose)>{live(options)}</select>
                </label>
                <Show when=move || can_compare.get()>
                    <label class="check" title=texts::COMPARE_HINT>
                        <input type="checkbox" prop:checked=is_compared on:change=handler(compare)/>
                        {texts::COMPARE}
                    </label>
                </Show>
                <SourceNotes run chosen/>
            </div>
        </Show>
    }
}

/// What is wrong with the source, and what to do.
#[component]
fn SourceNotes(run: Run, chosen: Memo<String>) -> impl IntoView {
    let sources = expect_context::<Sources>();
    let session = expect_context::<Session>();
    let ids = memo(move |_| match run.source.get() {
        Some(SourceChoice::Remote(id) | SourceChoice::Compare(id)) => vec![id],
        Some(SourceChoice::All) => sources.list.with(|list| list.iter().map(|one| one.id).collect()),
        _ => Vec::new(),
    });
    let notes = memo(move |_| {
        let ids = ids.get();
        session.sources.with(|all| {
            let of = |id: &SourceId| all.iter().find(|one| one.id == *id);
            let notes = ids.iter().filter_map(of).filter_map(|one| {
                let name = &one.spec.name;
                match (&one.problem, one.skew_ms) {
                    (Some(problem), _) => Some(texts::down(name, problem)),
                    (None, Some(skew)) if skew.abs() > MAX_SKEW_MS => Some(texts::skew(name, skew)),
                    _ => None,
                }
            });
            notes.collect::<Vec<String>>()
        })
    });
    // A server that is back is asked again, without waiting for the next refresh.
    let are_up = memo(move |_| {
        let ids = ids.get();
        session.sources.with(|all| {
            let up = all.iter().filter(|one| ids.contains(&one.id) && one.health == Health::Up);
            up.map(|one| one.id).collect::<Vec<_>>()
        })
    });
    Effect::new(move |before: Option<Vec<SourceId>>| {
        let now = are_up.get();
        let is_back = before.is_some_and(|before| now.iter().any(|id| !before.contains(id)));
        if is_back && run.problem.with_untracked(Option::is_some) {
            run.again();
        }
        now
    });
    // Another address or other credentials are another question, though it looks the same.
    let specs = memo(move |_| {
        let ids = ids.get();
        sources.list.with(|list| {
            list.iter().filter(|one| ids.contains(&one.id)).map(|one| one.spec.clone()).collect::<Vec<_>>()
        })
    });
    Effect::watch(
        move || specs.get(),
        move |now, before, _: Option<()>| {
            let is_other = before.is_some_and(|before| before.len() == now.len() && before != now);
            if is_other {
                run.again();
            }
        },
        false,
    );
    let unknown = move || {
        run.source.get().is_none().then(|| {
            view! {
                <p class="notice is-warning" role="alert">
                    {prose(&texts::unknown_name(&chosen.read()))} " "
                    <PageLink page=Page::Sources>{texts::GO_TO_SOURCES}</PageLink>
                </p>
            }
        })
    };
    let rest = move || {
        let notes = notes.get().into_iter().map(|note| {
            view! {
                <p class="notice is-warning" role="note">
                    {note} " " <PageLink page=Page::Sources>{texts::GO_TO_SOURCES}</PageLink>
                </p>
            }
        });
        notes.collect_view()
    };
    view! {
        {live(unknown)}
        {live(rest)}
    }
}

/// Where the evaluation here and that of the server differ.
#[component]
pub(super) fn Differences(state: Memo<PanelState>, run: Run) -> impl IntoView {
    let found = memo(move |_| {
        if !matches!(run.source.get(), Some(SourceChoice::Compare(_))) {
            return None;
        }
        match state.with(|state| state.tab) {
            Tab::Graph => run.graph.with(|graph| graph.as_ref().and_then(|graph| graph.comparison.clone())),
            Tab::Table => {
                run.table.with(|table| table.as_ref().and_then(|table| table.comparison.clone().map(Box::new)))
            }
        }
    });
    let shows_all = RwSignal::new(false);
    effect(move || {
        found.track();
        shows_all.set(false);
    });
    live(move || {
        found.get().map(|comparison| view! { <section class="differences" aria-label=texts::DIFFERENCES>{listed(&comparison, shows_all)}</section> })
    })
}

fn listed(comparison: &Comparison, shows_all: RwSignal<bool>) -> AnyView {
    let zone = expect_context::<Settings>().zone;
    let n_listed = comparison.points.len();
    let summary = texts::differing(comparison);
    if n_listed == 0 {
        return view! { <p role="status">{summary}</p> };
    }
    let points = StoredValue::new(comparison.points.clone());
    let rows = move || {
        let n = if shows_all.get() { n_listed } else { FIRST_DIFFERENCES };
        let rows =
            points.with_value(|points| points.iter().take(n).cloned().collect::<Vec<_>>()).into_iter().map(|point| {
                let or_none = |value: Option<String>| value.unwrap_or_else(|| texts::NO_VALUE.to_owned());
                let at_ms = point.at_ms;
                view! {
                    <tr>
                        <td>{move || zone.with(|zone| zone.format(at_ms))}</td>
                        <td class="series">{series_name(&point.labels)}</td>
                        <td class="number">{or_none(point.here)}</td>
                        <td class="number">{or_none(point.there)}</td>
                    </tr>
                }
            });
        rows.collect_view()
    };
    let heads = texts::DIFFERENCE_COLUMNS.into_iter().enumerate().map(|(idx, name)| {
        view! { <th scope="col" class:number={idx >= 2}>{name}</th> }
    });
    let more = move || {
        (!shows_all.get() && n_listed > FIRST_DIFFERENCES).then(|| {
        view! { <button type="button" on:click=handler(move |_| shows_all.set(true))>{texts::show_differences(n_listed)}</button> }
    })
    };
    view! {
        <p role="status">{summary}</p>
        <div class="family-frame" tabindex="0" role="region" aria-label=texts::DIFFERENCES_TABLE>
            <table class="result" aria-label=texts::DIFFERENCES_TABLE>
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{live(rows)}</tbody>
            </table>
        </div>
        {live(more)}
    }
}
