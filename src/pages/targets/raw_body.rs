//! The body of a target's last scrape as numbered lines, coloured and searched, with the line that was refused in sight.

mod listing;
mod search;

use super::Opened;
use super::check::{CheckResult, Place};
use super::history::name_of;
use super::lines::Lines;
use crate::browser::{clipboard, dialog, download};
use crate::client::Client;
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::state::session::{RawBody, Session};
use crate::state::settings::Settings;
use crate::texts::{check, targets as texts};
use leptos::html::Dialog;
use leptos::prelude::*;
use listing::{Listing, View};
use protocol::{Request, TargetId};
use search::SearchTools;
use std::sync::Arc;

/// The dialog; it is open while a target's body is shown.
#[component]
pub(super) fn RawBodyDialog(shown: Memo<Option<TargetId>>, opened: Opened) -> impl IntoView {
    let session = expect_context::<Session>();
    let client = expect_context::<Client>();
    let node = NodeRef::<Dialog>::new();
    dialog::follow(node, move || shown.get().is_some());
    let name = memo(move |_| texts::raw_title(&name_of(session, shown.get())));
    // Stays while the body is fetched anew for the check.
    let checks = RwSignal::new(false);
    effect(move || {
        checks.set(false);
        if let Some(id) = shown.get() {
            session.raw_body.set(None);
            client.send(Request::RawBody { id });
        }
    });
    // After a reload there is no body before the first scrape; and who asked before this tab had the store asked nobody.
    effect(move || {
        let Some((id, _)) = session.scraped.get() else { return };
        let has_none = session.raw_body.with_untracked(|body| body.as_ref().is_none_or(|body| body.at_ms.is_none()));
        if shown.get_untracked() == Some(id) && has_none {
            client.send(Request::RawBody { id });
        }
    });
    let body = move || session.raw_body.get().filter(|body| Some(body.id) == shown.get());
    let content = move || match body() {
        None => view! { <p class="muted" role="status">{texts::RAW_LOADING}</p> },
        Some(body) if body.at_ms.is_none() => view! { <p class="muted">{texts::RAW_NONE}</p> },
        Some(body) => view! { <Body body checks/> },
    };
    let close = move |_| {
        if shown.get_untracked().is_some() {
            opened.close();
        }
    };
    view! {
        <dialog
            class="raw-dialog"
            aria-labelledby="raw-title"
            node_ref=node
            on:close=handler(close)
            on:mousedown=handler(move |event| dialog::close_on_backdrop(node, &event))
        >
            <Show when=move || shown.get().is_some()>
                <div class="dialog-body">
                    <div class="dialog-head">
                        <h2 id="raw-title">{name}</h2>
                        <button type="button" on:click=handler(move |_| opened.close())>{texts::CLOSE}</button>
                    </div>
                    {live(content)}
                </div>
            </Show>
        </dialog>
    }
}

#[component]
fn Body(body: Arc<RawBody>, checks: RwSignal<bool>) -> impl IntoView {
    let session = expect_context::<Session>();
    let (id, at_ms) = (body.id, body.at_ms);
    // Where the last scrape failed; the body is that of the last scrape too.
    let bad = session.targets.with_untracked(|targets| {
        targets.iter().find(|target| target.id == body.id).and_then(|target| target.problem.as_ref()?.at)
    });
    let lines = Arc::new(Lines::of(&body.body));
    let is_empty = lines.is_empty();
    // In protobuf a place is a byte, which is nowhere in the text.
    let view = View::new(lines.clone(), bad.filter(|_| !body.is_decoded));
    let go_to = Callback::new(move |place: Place| view.mark(place));
    view! {
        <Facts body lines=lines.clone()/>
        <div class="raw-tools">
            <SearchTools view/>
            <CheckButton id checks/>
            <CopyButton lines=lines.clone()/>
            <SaveButton id lines/>
        </div>
        <Show when=move || checks.get()><CheckResult id at_ms on_place=go_to/></Show>
        {is_empty.then(|| view! { <p class="muted">{texts::RAW_EMPTY}</p> })}
        <Listing view/>
    }
}

#[component]
fn Facts(body: Arc<RawBody>, lines: Arc<Lines>) -> impl IntoView {
    let zone = expect_context::<Settings>().zone;
    let client = expect_context::<Client>();
    let (id, is_lossy, is_decoded) = (body.id, lines.is_lossy, body.is_decoded);
    let held = body.body.len() as u64;
    let cut = (!is_decoded && body.body_bytes > held).then(|| texts::raw_cut(held, body.body_bytes));
    let facts = move || {
        let when = body.at_ms.map(|at| zone.with(|zone| zone.format(at))).unwrap_or_default();
        texts::raw_facts(body.content_type.as_deref(), &when, body.body_bytes, lines.len())
    };
    let again = move |_| client.send(Request::RawBody { id });
    view! {
        <p class="muted">{live(facts)} " " <button type="button" class="link" on:click=handler(again)>{texts::RAW_AGAIN}</button></p>
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

/// Keeps the text as a file.
#[component]
fn SaveButton(id: TargetId, lines: Arc<Lines>) -> impl IntoView {
    let session = expect_context::<Session>();
    let save = move |_| {
        let mut parts = download::Parts::default();
        parts.add(lines.text.as_bytes());
        let name = texts::raw_file(&untrack(|| name_of(session, Some(id))));
        download::save(parts, name, "text/plain", false, |_| {});
    };
    view! { <button type="button" on:click=handler(save)>{texts::RAW_SAVE}</button> }
}
