//! The last scrapes of a target in a dialog: three small lines, what went wrong, and a table that says all of it.

use super::Opened;
use super::address::View;
use super::spark;
use crate::browser::dialog;
use crate::browser::location::Location;
use crate::client::Client;
use crate::components::rows::{Key, Rows};
use crate::components::series_table::rows::{grouped, series_text};
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::pages::metrics::open_graph;
use crate::state::session::Session;
use crate::state::settings::Settings;
use crate::texts::{scrapes as texts, targets, units};
use leptos::html::Dialog;
use leptos::prelude::*;
use protocol::{Request, ScrapeErrors, ScrapeRecord, TargetHistory, TargetId};
use std::sync::Arc;

/// Width and height of a line, in units of its own: it is as wide as there is room.
const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 40.0;

type History = Memo<Option<Arc<TargetHistory>>>;

/// The dialog; it is open while a target's scrapes are shown, and follows them.
#[component]
pub(super) fn HistoryDialog(shown: Memo<Option<TargetId>>, opened: Opened) -> impl IntoView {
    let session = expect_context::<Session>();
    let client = expect_context::<Client>();
    let node = NodeRef::<Dialog>::new();
    dialog::follow(node, move || shown.get().is_some());
    effect(move || {
        let Some(id) = shown.get() else { return };
        // Each scrape of it is news; one of another target is not.
        if session.scraped.with(|scraped| scraped.is_none_or(|(of, _)| of == id)) || untrack(|| !is_of(session, id)) {
            client.send(Request::History { id });
        }
    });
    let history = memo(move |_| session.history.get().filter(|history| Some(history.id) == shown.get()));
    let name = memo(move |_| texts::history_title(&name_of(session, shown.get())));
    view! {
        <dialog
            class="raw-dialog"
            aria-labelledby="history-title"
            node_ref=node
            on:close=handler(move |_| close(shown, opened))
            on:mousedown=handler(move |event| dialog::close_on_backdrop(node, &event))
        >
            <Show when=move || shown.get().is_some()>
                <div class="dialog-body">
                    <div class="dialog-head">
                        <h2 id="history-title">{name}</h2>
                        <button type="button" on:click=handler(move |_| opened.close())>{targets::CLOSE}</button>
                    </div>
                    <Links shown opened/>
                    <Lines history/>
                    <Errors history/>
                    <Scrapes history/>
                </div>
            </Show>
        </dialog>
    }
}

fn is_of(session: Session, id: TargetId) -> bool {
    session.history.with_untracked(|history| history.as_ref().is_some_and(|history| history.id == id))
}

/// The browser closed it; where something else is open now, that stays.
fn close(shown: Memo<Option<TargetId>>, opened: Opened) {
    if shown.get_untracked().is_some() {
        opened.close();
    }
}

/// What a target is called.
pub(super) fn name_of(session: Session, id: Option<TargetId>) -> String {
    let name = |all: &Vec<protocol::TargetStatus>| all.iter().find(|target| Some(target.id) == id).map(targets::name);
    session.targets.with(name).unwrap_or_default()
}

/// The same in graphs, as the store has it for longer.
#[component]
fn Links(shown: Memo<Option<TargetId>>, opened: Opened) -> impl IntoView {
    let (session, location) = (expect_context::<Session>(), expect_context::<Location>());
    let graph = move |metric: &'static str| {
        let selector = session.targets.with_untracked(|all| {
            let target = all.iter().find(|target| Some(target.id) == shown.get_untracked());
            target.map(|target| series_text(&target.labels)).unwrap_or_default()
        });
        open_graph(location, session, format!("{metric}{selector}"));
    };
    let to_raw = move |_| {
        if let Some(id) = shown.get_untracked() {
            opened.replace(Some(View::Raw(id)));
        }
    };
    let links = texts::GRAPHS.map(|(metric, name)| {
        view! { <button type="button" on:click=handler(move |_| graph(metric))>{name}</button> }
    });
    view! {
        <div class="dialog-buttons">
            {links.collect_view()}
            <button type="button" on:click=handler(to_raw)>{targets::RAW_BODY}</button>
        </div>
    }
}

#[component]
fn Lines(history: History) -> impl IntoView {
    let facts = move || {
        history.with(|history| match history {
            None => texts::LOADING.to_owned(),
            Some(history) => {
                let n_failed = history.scrapes.iter().filter(|scrape| scrape.is_failed).count();
                texts::history_facts(history.scrapes.len(), n_failed, history.max_scrapes)
            }
        })
    };
    let took = |scrape: &ScrapeRecord| scrape.duration_ms;
    // A bad scrape has no samples; the line has a gap there.
    let samples = |scrape: &ScrapeRecord| if scrape.is_failed { f64::NAN } else { f64::from(scrape.n_samples) };
    let size = |scrape: &ScrapeRecord| if scrape.body_bytes == 0 { f64::NAN } else { scrape.body_bytes as f64 };
    view! {
        <p class="muted">{live(facts)}</p>
        <div class="sparks">
            <Spark history name=texts::TOOK get=took show=units::took/>
            <Spark history name=texts::SAMPLES get=samples show=|v| grouped(v as u64)/>
            <Spark history name=texts::SIZE get=size show=|v| units::bytes(v as u64)/>
        </div>
    }
}

#[component]
fn Spark(
    history: History,
    name: &'static str,
    get: fn(&ScrapeRecord) -> f64,
    show: fn(f64) -> String,
) -> impl IntoView {
    let values = memo(move |_| {
        history.with(|history| {
            history.iter().flat_map(|history| &history.scrapes).map(get).map(Bits::of).collect::<Vec<_>>()
        })
    });
    let numbers = move || values.with(|values| values.iter().map(|bits| f64::from_bits(bits.0)).collect::<Vec<_>>());
    let failed = move || {
        let flags = history.with(|history| {
            history.iter().flat_map(|history| &history.scrapes).map(|scrape| scrape.is_failed).collect::<Vec<_>>()
        });
        spark::strokes(&flags, WIDTH, HEIGHT)
    };
    let text = move || {
        let good: Vec<f64> = numbers().into_iter().filter(|v| v.is_finite()).collect();
        let (min, max) = (good.iter().copied().fold(f64::MAX, f64::min), good.iter().copied().fold(f64::MIN, f64::max));
        good.last().map_or(String::new(), |last| texts::spark(&show(*last), &show(min), &show(max)))
    };
    let path = move || spark::line(&numbers(), WIDTH, HEIGHT);
    view! {
        <figure class="spark">
            <figcaption><b>{name}</b> " " <span class="muted">{live(text)}</span></figcaption>
            <svg viewBox="0 -2 240 44" preserveAspectRatio="none" aria-hidden="true">
                <path class="spark-failed" d=live(failed)></path>
                <path class="spark-line" d=live(path)></path>
            </svg>
        </figure>
    }
}

/// A number that equals itself, be it one or not.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Bits(u64);

impl Bits {
    fn of(v: f64) -> Self {
        Bits(v.to_bits())
    }
}

#[component]
fn Errors(history: History) -> impl IntoView {
    let zone = expect_context::<Settings>().zone;
    let errors = memo(move |_| history.with(|history| history.as_ref().map(|h| h.errors.clone()).unwrap_or_default()));
    let row = move |error: &ScrapeErrors| {
        let (first, last) = zone.with(|zone| (zone.format(error.first_ms), zone.format(error.last_ms)));
        view! { <li><p>{error.message.clone()}</p><p class="muted">{texts::error_times(error.count, &first, &last)}</p></li> }
    };
    // The newest first.
    let rows = move || errors.with(|errors| errors.iter().rev().map(row).collect_view());
    view! {
        <Show when=move || !errors.read().is_empty()>
            <section aria-labelledby="history-errors">
                <h3 id="history-errors">{texts::ERRORS}</h3>
                <ul class="scrape-errors" role="list">{live(rows)}</ul>
            </section>
        </Show>
    }
}

#[component]
fn Scrapes(history: History) -> impl IntoView {
    let zone = expect_context::<Settings>().zone;
    // The newest first.
    let scrapes = move || {
        history.with(|history| {
            history.iter().flat_map(|history| history.scrapes.iter().rev().cloned()).collect::<Vec<_>>()
        })
    };
    let row = move |scrape: ScrapeRecord| {
        let at_ms = scrape.at_ms;
        let when = move || zone.with(|zone| zone.format(at_ms));
        let [time, took, samples, added, size, way, result] = texts::HISTORY_COLUMNS;
        let n = |n: u32| if scrape.is_failed { String::new() } else { grouped(n.into()) };
        let bytes = if scrape.body_bytes == 0 { String::new() } else { units::bytes(scrape.body_bytes) };
        view! {
            <tr class:is-failed=scrape.is_failed>
                <th scope="row" data-name=time>{live(when)}</th>
                <td class="number" data-name=took>{units::took(scrape.duration_ms)}</td>
                <td class="number" data-name=samples>{n(scrape.n_samples)}</td>
                <td class="number" data-name=added>{n(scrape.n_series_added)}</td>
                <td class="number" data-name=size>{bytes}</td>
                <td data-name=way>{targets::way(Some(scrape.via))}</td>
                <td data-name=result>{if scrape.is_failed { texts::FAILED } else { texts::GOOD }}</td>
            </tr>
        }
    };
    let is_number = |name: &str| ["Took", "Samples", "New series", "Size"].contains(&name);
    let heads = texts::HISTORY_COLUMNS.map(|name| view! { <th scope="col" class:number=is_number(name)>{name}</th> });
    view! {
        <div class="scrape-list" tabindex="0" role="region" aria-label=texts::HISTORY_TABLE>
            <table aria-label=texts::HISTORY_TABLE>
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>
                    <Rows each=scrapes key=|scrape: &ScrapeRecord| Key::Number(scrape.at_ms as u64) let(scrape)>{row(scrape)}</Rows>
                </tbody>
            </table>
        </div>
    }
}
