//! One target: a row of figures, and below it labels, what is wrong, and buttons.

use super::Opened;
use super::address::View;
use super::filter::State;
use crate::browser::clipboard;
use crate::client::Client;
use crate::components::doctor::DoctorOfTarget;
use crate::components::series_table::rows::{grouped, series_text};
use crate::components::show::Show;
use crate::live::{handler, live, memo, view};
use crate::state::session::Session;
use crate::state::settings::Settings;
use crate::texts::explore::NOT_COPIED;
use crate::texts::targets as texts;
use crate::texts::{hands, losses, units};
use leptos::prelude::*;
use protocol::{DiffRequest, DiffSide, Moment, Problem, TargetId, TargetStatus};

/// The rows of a target.
#[component]
pub(super) fn TargetRow(id: TargetId, now: Signal<i64>, opened: Opened) -> impl IntoView {
    let target = expect_context::<Session>().target(id);
    let has_details = memo(move |_| {
        target.with(|target| {
            target.as_ref().is_some_and(|t| t.problem.is_some() || !t.notices.is_empty() || t.dropped_last.total() > 0)
        })
    });
    view! {
        <tbody class="target" class:has-details=has_details>
            <Figures target now/>
            <tr class="target-more">
                <td></td>
                <td colspan=(texts::COLUMNS.len() - 1).to_string()>
                    <div class="target-bottom">
                        <Labels target opened/>
                        <Buttons id target opened/>
                    </div>
                    <Details id target/>
                </td>
            </tr>
        </tbody>
    }
}

type Target = Memo<Option<TargetStatus>>;

/// A part of a target that is drawn again only when it changes.
fn part<T: PartialEq + Clone + Send + Sync + Default + 'static>(
    target: Target,
    get: fn(&TargetStatus) -> T,
) -> Memo<T> {
    memo(move |_| target.with(|target| target.as_ref().map(get).unwrap_or_default()))
}

#[component]
fn Figures(target: Target, now: Signal<i64>) -> impl IntoView {
    let settings = expect_context::<Settings>();
    let last = part(target, |t| (t.last_scrape_ms, t.scraping));
    let ago = move || match last.get() {
        (Some(at), _) => units::ago(at, now.get().max(at)),
        (None, true) => texts::SCRAPING.to_owned(),
        (None, false) => texts::NOT_YET.to_owned(),
    };
    let exact = move || last.get().0.map(|at| settings.zone.with(|zone| zone.format(at)));
    let took = part(target, |t| t.duration_ms.map(units::took).unwrap_or_default());
    let every = part(target, |t| if t.spec.url.is_empty() { String::new() } else { texts::every(&t.spec) });
    let size = part(target, |t| if t.body_bytes == 0 { String::new() } else { units::bytes(t.body_bytes) });
    let exact_size = part(target, |t| format!("{} B", grouped(t.body_bytes)));
    let samples = part(target, |t| if t.n_scrapes == 0 { String::new() } else { grouped(u64::from(t.n_samples)) });
    let added = part(target, |t| if t.n_scrapes == 0 { String::new() } else { grouped(u64::from(t.n_series_added)) });
    let way = part(target, |t| texts::way(t.via));
    let [_, _, last_name, took_name, every_name, samples_name, added_name, size_name, way_name] = texts::COLUMNS;
    view! {
        <tr class="target-figures">
            <td class="target-state"><Badge target/></td>
            <th scope="row" class="target-endpoint"><EndpointLink target/></th>
            <td class="number" data-name=last_name title=live(exact)>{live(ago)}</td>
            <td class="number" data-name=took_name>{took}</td>
            <td class="number" data-name=every_name>{every}</td>
            <td class="number" data-name=samples_name>{samples}</td>
            <td class="number" data-name=added_name>{added}</td>
            <td class="number" data-name=size_name title=exact_size>{size}</td>
            <td data-name=way_name>{way}</td>
        </tr>
    }
}

#[component]
fn Badge(target: Target) -> impl IntoView {
    let state = memo(move |_| target.with(|target| target.as_ref().map_or(State::Waiting, State::of)));
    view! {
        <span
            class="badge"
            class:is-up=move || state.get() == State::Up
            class:is-down=move || state.get() == State::Down
        >
            {move || state.get().name()}
        </span>
    }
}

#[component]
fn EndpointLink(target: Target) -> impl IntoView {
    let url = part(target, texts::name);
    let is_address = part(target, |t| t.url.starts_with("http://") || t.url.starts_with("https://"));
    live(move || {
        let text = url.get();
        if is_address.get() {
            view! {
                <a class="mono" href=text.clone() target="_blank" rel="noopener noreferrer" title=texts::NEW_TAB>{text.clone()}</a>
            }
        } else {
            view! { <span class="mono">{text}</span> }
        }
    })
}

/// Each label is copied by a double click, all of them by the button of the row.
#[component]
fn Labels(target: Target, opened: Opened) -> impl IntoView {
    let labels = part(target, |t| t.labels.clone());
    let label = move |(name, value): (String, String)| {
        let text = format!("{name}={}", model::quote(&value));
        let on_double = move |_| copy(opened, &text);
        view! {
            <li title=texts::COPY_LABEL on:dblclick=handler(on_double)>
                <code>{name}"="<span class="tok-string">{model::quote(&value)}</span></code>
            </li>
        }
    };
    view! { <ul class="labels" role="list">{move || labels.get().into_iter().map(label).collect_view()}</ul> }
}

#[component]
fn Buttons(id: TargetId, target: Target, opened: Opened) -> impl IntoView {
    let client = expect_context::<Client>();
    let is_scraped = part(target, |t| !t.spec.url.is_empty());
    // It changes and goes with the configuration that gives it.
    let is_own = part(target, |t| !t.is_configured);
    let paused = part(target, |t| t.spec.paused);
    let side = move |moment| DiffSide { id, moment };
    let compare = move |_| {
        opened.open(View::Diff(DiffRequest { from: side(Moment::Before), to: side(Moment::Last) }));
    };
    let scraped = move || {
        is_scraped.get().then(|| {
            view! {
                <button type="button" on:click=handler(move |_| client.scrape_now(id))>{texts::SCRAPE_NOW}</button>
                <button type="button" on:click=handler(move |_| client.pause(id, !paused.get_untracked()))>
                    {move || if paused.get() { texts::RESUME } else { texts::PAUSE }}
                </button>
                <Show when=move || is_own.get()>
                    <button type="button" on:click=handler(move |_| opened.edited.set(Some(id)))>{texts::EDIT}</button>
                </Show>
                <button type="button" on:click=handler(move |_| opened.open(View::History(id)))>{texts::HISTORY}</button>
                <button type="button" on:click=handler(compare)>{texts::COMPARE}</button>
            }
        })
    };
    // A selector of PromQL: what one copies labels for.
    let copy_all =
        move |_| copy(opened, &target.with_untracked(|t| t.as_ref().map_or(String::new(), |t| series_text(&t.labels))));
    view! {
        <div class="target-buttons">
            {live(scraped)}
            <button type="button" on:click=handler(move |_| opened.open(View::Raw(id)))>{texts::RAW_BODY}</button>
            <button type="button" on:click=handler(copy_all)>{texts::COPY_LABELS}</button>
            <Show when=move || is_own.get()>
                <button type="button" on:click=handler(move |_| client.remove_target(id))>{texts::REMOVE}</button>
            </Show>
        </div>
    }
}

/// Copies a text and says so at the top of the page, where a screen reader hears it.
fn copy(opened: Opened, text: &str) {
    let told = hands::copied(text);
    clipboard::copy(text, move |is_done| {
        opened.said.try_set(if is_done { told } else { NOT_COPIED.to_owned() });
    });
}

/// What is wrong, and what is worth knowing.
#[component]
fn Details(id: TargetId, target: Target) -> impl IntoView {
    let session = expect_context::<Session>();
    let problem = part(target, |t| t.problem.clone());
    let refused = memo(move |_| session.refused.with(|refused| refused.get(&id).cloned()));
    let notices = part(target, |t| t.notices.clone());
    let lost = part(target, losses::of_target);
    let show = |problem: Problem| {
        view! {
            <div class="notice is-error">
                <p>{texts::with_place(&problem.message, problem.at)}</p>
                {(!problem.hint.is_empty()).then(|| view! { <p>{problem.hint}</p> })}
            </div>
        }
    };
    let show_refused = move |problem: Problem| {
        view! { <div role="alert">{show(problem)}<p>{texts::REFUSED}</p></div> }
    };
    view! {
        {move || problem.get().map(show)}
        <DoctorOfTarget id/>
        {move || refused.get().map(show_refused)}
        {move || lost.get().into_iter().map(show_loss).collect_view()}
        {move || notices.get().into_iter().map(|text| view! { <p class="target-notice muted">{text}</p> }).collect_view()}
    }
}

fn show_loss(loss: losses::Loss) -> AnyView {
    let losses::Loss { text, reasons, is_now } = loss;
    let reasons = reasons.into_iter().map(|reason| view! { <li>{reason}</li> }).collect_view();
    let reasons = view! { <ul class="loss-reasons">{reasons}</ul> };
    if is_now {
        view! { <div class="notice is-warning"><p>{text}</p>{reasons}</div> }
    } else {
        view! { <div class="target-notice muted"><p>{text}</p>{reasons}</div> }
    }
}
