//! All that exporters say of one family besides its samples: type, unit, help, exemplars, and since when it counts.

use crate::browser::{clock, dialog};
use crate::client::Client;
use crate::components::series_table::rows::grouped;
use crate::components::series_table::samples::series_name;
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::state::session::Session;
use crate::state::settings::Settings;
use crate::texts::{family as texts, targets, units};
use leptos::html::Dialog;
use leptos::prelude::*;
use protocol::{FamilyDetails, FamilyExemplar, FamilyInfo, FamilyStart, Request, Starts};
use std::sync::Arc;

/// The dialog; it is open while a family's name is shown.
#[component]
pub(super) fn FamilyDialog(shown: RwSignal<Option<String>>) -> impl IntoView {
    let session = expect_context::<Session>();
    let client = expect_context::<Client>();
    let node = NodeRef::<Dialog>::new();
    dialog::follow(node, move || shown.with(Option::is_some));
    effect(move || {
        if let Some(name) = shown.get() {
            client.send(Request::Family { name });
        }
    });
    let family = memo(move |_| {
        let name = shown.get()?;
        session.families.with(|families| families.iter().find(|family| family.name == name).cloned())
    });
    let details = memo(move |_| {
        let name = shown.get()?;
        session.family.get().filter(|details| details.name == name)
    });
    let rest = move || match details.get() {
        None => view! { <p class="muted" role="status">{texts::LOADING}</p> },
        Some(details) => view! { <Exemplars details=details.clone()/> <Since starts=details.starts.clone()/> },
    };
    view! {
        <dialog
            class="family-dialog"
            aria-labelledby="family-title"
            node_ref=node
            on:close=handler(move |_| shown.set(None))
            on:mousedown=handler(move |event| dialog::close_on_backdrop(node, &event))
        >
            <Show when=move || shown.with(Option::is_some)>
                <div class="dialog-body">
                    <div class="dialog-head">
                        <h2 id="family-title" class="mono">{move || shown.get().unwrap_or_default()}</h2>
                        <button type="button" on:click=handler(move |_| shown.set(None))>{texts::CLOSE}</button>
                    </div>
                    {move || family.get().map(|family| view! { <Facts family/> })}
                    {live(rest)}
                </div>
            </Show>
        </dialog>
    }
}

#[component]
fn Facts(family: FamilyInfo) -> impl IntoView {
    let all = expect_context::<Session>().targets;
    let of = family.targets.clone();
    let names = memo(move |_| {
        let names =
            all.with(|all| all.iter().filter(|target| of.contains(&target.id)).map(targets::name).collect::<Vec<_>>());
        if names.is_empty() { texts::NO_TARGET.to_owned() } else { names.join(", ") }
    });
    let or = |text: &str, none: &str| if text.is_empty() { none.to_owned() } else { text.to_owned() };
    let fact = |name: &'static str, value: AnyView| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
    view! {
        <dl class="facts">
            {fact(texts::TYPE, texts::kind(&family.kind).into_any())}
            {fact(texts::UNIT, or(&family.unit, texts::NO_UNIT).into_any())}
            {fact(texts::HELP, or(&family.help, texts::NO_HELP).into_any())}
            {fact(texts::SERIES, grouped(u64::from(family.n_series)).into_any())}
            {fact(texts::METRICS, view! { <span class="mono">{family.metrics.join(", ")}</span> })}
            {fact(texts::TARGETS, view! { <span>{names}</span> })}
        </dl>
    }
}

#[component]
fn Exemplars(details: Arc<FamilyDetails>) -> impl IntoView {
    let zone = expect_context::<Settings>().zone;
    let n = details.exemplars.len();
    if n == 0 {
        return view! { <section><h3>{texts::EXEMPLARS}</h3><p class="muted">{texts::NO_EXEMPLARS}</p></section> };
    }
    let row = |exemplar: &FamilyExemplar| {
        let at = exemplar.t_ms;
        let time = move || at.map_or(texts::NO_TIME.to_owned(), |at| zone.with(|zone| zone.format(at)));
        view! {
            <tr>
                <td class="series">{series_name(&exemplar.labels)}</td>
                <td class="number">{exemplar.value.clone()}</td>
                <td>{live(time)}</td>
                <td class="series">{series_name(&exemplar.series)}</td>
            </tr>
        }
    };
    let heads = texts::EXEMPLAR_COLUMNS.map(|name| {
        view! { <th scope="col" class:number=name == texts::EXEMPLAR_COLUMNS[1]>{name}</th> }
    });
    view! {
        <section>
            <h3>{texts::EXEMPLARS}</h3>
            <p class="muted">{texts::exemplars(n, details.n_exemplars as usize)}</p>
            <div class="family-frame" tabindex="0" role="region" aria-label=texts::EXEMPLARS>
                <table class="result" aria-label=texts::EXEMPLARS>
                    <thead><tr>{heads.collect_view()}</tr></thead>
                    <tbody>{details.exemplars.iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
}

/// Since when the series count.
#[component]
fn Since(starts: Option<Starts>) -> impl IntoView {
    let zone = expect_context::<Settings>().zone;
    let now = clock::every_second();
    let Some(Starts { n_series, oldest_ms, newest_ms, series }) = starts else {
        return view! { <section><h3>{texts::SINCE}</h3><p class="muted">{texts::NO_STARTS}</p></section> };
    };
    let time = move |at: i64| format!("{} ({})", zone.with(|zone| zone.format(at)), units::ago(at, now.get().max(at)));
    let row = move |start: FamilyStart| {
        let FamilyStart { series, start_ms } = start;
        view! { <tr><td class="series">{series_name(&series)}</td><td>{move || time(start_ms)}</td></tr> }
    };
    let heads = texts::SINCE_COLUMNS.map(|name| view! { <th scope="col">{name}</th> });
    view! {
        <section>
            <h3>{texts::SINCE}</h3>
            <p>{move || texts::since(n_series, &time(oldest_ms), (newest_ms != oldest_ms).then(|| time(newest_ms)))}</p>
            <div class="family-frame" tabindex="0" role="region" aria-label=texts::SINCE>
                <table class="result" aria-label=texts::SINCE>
                    <thead><tr>{heads.collect_view()}</tr></thead>
                    <tbody>{series.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
}
