//! The body of a target's last scrape as numbered lines, with the line that was refused in sight.

use super::check::{CheckResult, Place};
use super::lines::{LINES_A_PART, Line, Lines, split_at_column};
use crate::browser::{clipboard, dialog};
use crate::client::Client;
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::state::session::{RawBody, Session};
use crate::state::settings::Settings;
use crate::texts::{check, targets as texts};
use leptos::html::{Dialog, Li};
use leptos::prelude::*;
use protocol::{Request, TargetId};
use std::ops::Range;
use std::sync::Arc;

/// The dialog; it is open while a target's body is shown.
#[component]
pub(super) fn RawBodyDialog(shown: RwSignal<Option<TargetId>>) -> impl IntoView {
    let session = expect_context::<Session>();
    let node = NodeRef::<Dialog>::new();
    dialog::follow(node, move || shown.get().is_some());
    let name = move || {
        let id = shown.get();
        let target =
            session.targets.with(|targets| targets.iter().find(|target| Some(target.id) == id).map(texts::name));
        texts::raw_title(&target.unwrap_or_default())
    };
    let name = memo(move |_| name());
    // Stays while the body is fetched anew for the check.
    let checks = RwSignal::new(false);
    effect(move || {
        shown.track();
        checks.set(false);
    });
    let body = move || session.raw_body.get().filter(|body| Some(body.id) == shown.get());
    let content = move || match body() {
        None => view! { <p class="muted" role="status">{texts::RAW_LOADING}</p> },
        Some(body) if body.at_ms.is_none() => view! { <p class="muted">{texts::RAW_NONE}</p> },
        Some(body) => view! { <Body body checks/> },
    };
    view! {
        <dialog
            class="raw-dialog"
            aria-labelledby="raw-title"
            node_ref=node
            on:close=handler(move |_| shown.set(None))
            on:mousedown=handler(move |event| dialog::close_on_backdrop(node, &event))
        >
            <Show when=move || shown.get().is_some()>
                <div class="dialog-body">
                    <div class="dialog-head">
                        <h2 id="raw-title">{name}</h2>
                        <button type="button" on:click=handler(move |_| shown.set(None))>{texts::CLOSE}</button>
                    </div>
                    {live(content)}
                </div>
            </Show>
        </dialog>
    }
}

/// The lines that are on the page, by index.
#[derive(Clone, Debug, PartialEq)]
enum Shown {
    Part(Range<usize>),
    Hits(Vec<usize>, usize),
}

#[component]
fn Body(body: Arc<RawBody>, checks: RwSignal<bool>) -> impl IntoView {
    let session = expect_context::<Session>();
    let (id, at_ms) = (body.id, body.at_ms);
    // Where the last scrape failed; the body is that of the last scrape too.
    let bad = session.targets.with_untracked(|targets| {
        targets.iter().find(|target| target.id == body.id).and_then(|target| target.problem.as_ref()?.at)
    });
    // In protobuf a place is a byte, which is nowhere in the text.
    let marked = RwSignal::new(bad.filter(|_| !body.is_decoded));
    let lines = Arc::new(Lines::of(&body.body));
    let n_lines = lines.len();
    let part = RwSignal::new(lines.around(marked.get_untracked().map(|(line, _)| line)));
    let search = RwSignal::new(String::new());
    let searched = lines.clone();
    let shown = memo(move |_| match search.read().trim() {
        "" => Shown::Part(part.get()),
        needle => {
            let (hits, n_hits) = searched.search(needle);
            Shown::Hits(hits, n_hits)
        }
    });
    let bad_line = NodeRef::<Li>::new();
    scroll_to(bad_line);
    let (text, around) = (lines.clone(), lines.clone());
    let go_to = Callback::new(move |place: Place| {
        search.set(String::new());
        part.set(around.around(Some(place.0)));
        marked.set(Some(place));
    });
    let list = move || {
        let indices: Vec<usize> = match shown.get() {
            Shown::Part(range) => range.collect(),
            Shown::Hits(hits, _) => hits,
        };
        let bad = marked.get();
        let rows = indices.into_iter().filter_map(|idx| text.line(idx)).map(|line| row(line, bad, bad_line));
        view! { <ol class="raw-lines mono" aria-label=texts::RAW_LINES tabindex="0">{rows.collect_view()}</ol> }
    };
    let hits = move || match shown.get() {
        Shown::Hits(hits, n_hits) => Some(texts::raw_hits(n_hits, hits.len())),
        Shown::Part(_) => None,
    };
    let earlier = move || matches!(shown.get(), Shown::Part(range) if range.start > 0);
    let later = move || matches!(shown.get(), Shown::Part(range) if range.end < n_lines);
    let show_earlier = move |_| part.update(|part| part.start = part.start.saturating_sub(LINES_A_PART));
    let show_later = move |_| part.update(|part| part.end = (part.end + LINES_A_PART).min(n_lines));
    view! {
        <Facts body lines=lines.clone()/>
        <div class="raw-tools">
            <input
                type="search"
                aria-label=texts::RAW_SEARCH
                placeholder=texts::RAW_SEARCH
                prop:value=search
                on:input=handler(move |event| search.set(event_target_value(&event)))
            />
            <CheckButton id checks/>
            <CopyButton lines/>
            <span class="muted" role="status">{live(hits)}</span>
        </div>
        <Show when=move || checks.get()><CheckResult id at_ms on_place=go_to/></Show>
        {(n_lines == 0).then(|| view! { <p class="muted">{texts::RAW_EMPTY}</p> })}
        <Show when=earlier><button type="button" on:click=handler(show_earlier)>{texts::RAW_EARLIER}</button></Show>
        {live(list)}
        <Show when=later><button type="button" on:click=handler(show_later)>{texts::RAW_LATER}</button></Show>
    }
}

fn row(line: Line, bad: Option<(u32, u32)>, bad_line: NodeRef<Li>) -> AnyView {
    let more = (line.n_more > 0).then(|| view! { <span class="muted">{texts::raw_more(line.n_more)}</span> });
    match bad {
        Some((number, column)) if number as usize == line.number => {
            let (before, character, after) = split_at_column(&line.text, column);
            // An error at the end of a line is marked all the same.
            let character = if character.is_empty() { "\u{23ce}" } else { character };
            view! {
                <li class="is-bad" aria-current="true" value=line.number.to_string() node_ref=bad_line>
                    {before.to_owned()}<mark>{character.to_owned()}</mark>{after.to_owned()}{more}
                </li>
            }
        }
        _ => view! { <li value=line.number.to_string()>{line.text}{more}</li> },
    }
}

#[component]
fn Facts(body: Arc<RawBody>, lines: Arc<Lines>) -> impl IntoView {
    let zone = expect_context::<Settings>().zone;
    let (is_lossy, is_decoded) = (lines.is_lossy, body.is_decoded);
    let held = body.body.len() as u64;
    let cut = (!is_decoded && body.body_bytes > held).then(|| texts::raw_cut(held, body.body_bytes));
    let facts = move || {
        let when = body.at_ms.map(|at| zone.with(|zone| zone.format(at))).unwrap_or_default();
        texts::raw_facts(body.content_type.as_deref(), &when, body.body_bytes, lines.len())
    };
    view! {
        <p class="muted">{live(facts)}</p>
        {cut.map(|cut| view! { <p class="notice">{cut}</p> })}
        {is_decoded.then(|| view! { <p class="notice">{texts::RAW_DECODED}</p> })}
        {is_lossy.then(|| view! { <p class="notice is-warning">{texts::RAW_LOSSY}</p> })}
    }
}

/// Asks for the body and its check, both of the last scrape.
#[component]
fn CheckButton(id: TargetId, checks: RwSignal<bool>) -> impl IntoView {
    let client = expect_context::<Client>();
    let ask = move |_| {
        checks.set(true);
        client.send(Request::Lint { id });
    };
    let label = move || if checks.get() { check::CHECK_AGAIN } else { check::CHECK };
    view! { <button type="button" on:click=handler(ask)>{live(label)}</button> }
}

#[component]
fn CopyButton(lines: Arc<Lines>) -> impl IntoView {
    let said = RwSignal::new("");
    let copy = move |_| {
        clipboard::copy(&lines.text, move |worked| {
            said.try_set(if worked { texts::RAW_COPIED } else { texts::RAW_NOT_COPIED });
        });
    };
    view! {
        <button type="button" on:click=handler(copy)>{texts::RAW_COPY}</button>
        <span class="muted" role="status">{said}</span>
    }
}

/// Brings the bad line into the middle once it is there, in the frame after it is laid out.
fn scroll_to(bad_line: NodeRef<Li>) {
    effect(move || {
        if let Some(line) = bad_line.get() {
            request_animation_frame(move || {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Center);
                line.scroll_into_view_with_scroll_into_view_options(&options);
            });
        }
    });
}
