//! What moved between two scrapes, in a dialog: which two, then families and series, each with by how much.

mod arranged;
mod sides;
mod table;

use super::Opened;
use super::address::View;
use crate::browser::dialog;
use crate::client::Client;
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::state::session::Session;
use crate::texts::{scrapes as texts, targets};
use arranged::{KINDS, Order, Shown};
use leptos::html::Dialog;
use leptos::prelude::*;
use protocol::{ChangeCounts, ChangeKind, DiffAnswer, DiffRequest, Moment, Request};
use sides::SideFields;
use std::sync::Arc;
use table::ChangeTable;

/// The answer to what is asked for, once it is there.
type Answer = Memo<Option<Arc<DiffAnswer>>>;

/// The dialog; it is open while two scrapes are compared.
#[component]
pub(super) fn DiffDialog(shown: Memo<Option<DiffRequest>>, opened: Opened) -> impl IntoView {
    let session = expect_context::<Session>();
    let client = expect_context::<Client>();
    let node = NodeRef::<Dialog>::new();
    dialog::follow(node, move || shown.get().is_some());
    let follows = RwSignal::new(false);
    let ask = move || {
        if let Some(request) = shown.get_untracked() {
            client.send(Request::Diff(request));
        }
    };
    effect(move || {
        shown.track();
        ask();
    });
    effect(move || {
        let of = session.scraped.get().map(|(id, _)| id);
        let is_ours = |request: DiffRequest| of == Some(request.from.id) || of == Some(request.to.id);
        // After a reload there is nothing to compare before the first scrapes.
        let waits = session.diff.with_untracked(|diff| diff.as_ref().is_none_or(|diff| diff.problem.is_some()));
        if shown.get_untracked().is_some_and(is_ours) && (follows.get_untracked() || waits) {
            ask();
        }
    });
    // The old answer stays until the new one is there: nothing jumps.
    let answer = memo(move |_| session.diff.get().filter(|diff| Some(diff.request) == shown.get()));
    let close = move |_| {
        if shown.get_untracked().is_some() {
            opened.close();
        }
    };
    view! {
        <dialog
            class="raw-dialog"
            aria-labelledby="diff-title"
            node_ref=node
            on:close=handler(close)
            on:mousedown=handler(move |event| dialog::close_on_backdrop(node, &event))
        >
            <Show when=move || shown.get().is_some()>
                <div class="dialog-body">
                    <div class="dialog-head">
                        <h2 id="diff-title">{texts::DIFF_TITLE}</h2>
                        <button type="button" on:click=handler(move |_| opened.close())>{targets::CLOSE}</button>
                    </div>
                    <Choice shown opened follows ask=Callback::new(move |()| ask())/>
                    <Outcome answer/>
                </div>
            </Show>
        </dialog>
    }
}

/// Which two scrapes, and what can be done about them.
#[component]
fn Choice(
    shown: Memo<Option<DiffRequest>>,
    opened: Opened,
    follows: RwSignal<bool>,
    ask: Callback<()>,
) -> impl IntoView {
    let client = expect_context::<Client>();
    let put = move |request| opened.replace(Some(View::Diff(request)));
    let swap = move |_| {
        if let Some(DiffRequest { from, to }) = shown.get_untracked() {
            put(DiffRequest { from: to, to: from });
        }
    };
    // From now on it is compared with this moment.
    let mark = move |_| {
        if let Some(DiffRequest { mut from, to }) = shown.get_untracked() {
            client.send(Request::Mark { id: from.id });
            from.moment = Moment::Marked;
            let request = DiffRequest { from, to };
            if shown.get_untracked() == Some(request) { ask.run(()) } else { put(request) }
        }
    };
    view! {
        <div class="diff-sides">
            <SideFields idx=0 shown put=Callback::new(put)/>
            <SideFields idx=1 shown put=Callback::new(put)/>
        </div>
        <div class="dialog-buttons">
            <button type="button" on:click=handler(swap)>{texts::SWAP}</button>
            <button type="button" on:click=handler(mark)>{texts::MARK}</button>
            <button type="button" on:click=handler(move |_| ask.run(()))>{texts::COMPARE_AGAIN}</button>
            <label class="check">
                <input type="checkbox" prop:checked=follows on:change=handler(move |event| follows.set(event_target_checked(&event)))/>
                <span>{texts::FOLLOW}</span>
            </label>
        </div>
    }
}

#[component]
fn Outcome(answer: Answer) -> impl IntoView {
    let problem = memo(move |_| answer.with(|answer| answer.as_ref().and_then(|answer| answer.problem.clone())));
    let is_there = memo(move |_| answer.with(|answer| answer.as_ref().is_some_and(|answer| answer.problem.is_none())));
    let facts = move || {
        answer.with(|answer| match answer {
            None => texts::LOADING.to_owned(),
            Some(answer) if answer.problem.is_some() => String::new(),
            Some(answer) => texts::diff_facts(answer),
        })
    };
    let notices = move || {
        let notices = answer.with(|answer| answer.as_ref().map(|answer| answer.notices.clone()).unwrap_or_default());
        notices.into_iter().map(|text| view! { <p class="notice is-info">{text}</p> }).collect_view()
    };
    let show = |problem: protocol::Problem| {
        view! {
            <div class="notice is-error">
                <p>{targets::with_place(&problem.message, problem.at)}</p>
                {(!problem.hint.is_empty()).then(|| view! { <p>{problem.hint}</p> })}
            </div>
        }
    };
    view! {
        <p class="muted" role="status">{live(facts)}</p>
        {move || problem.get().map(show)}
        {live(notices)}
        <Show when=move || is_there.get()><Changes answer/></Show>
    }
}

#[component]
fn Changes(answer: Answer) -> impl IntoView {
    let shown = RwSignal::new(Shown::default());
    let counts = memo(move |_| answer.with(|answer| answer.as_ref().map(|answer| answer.counts).unwrap_or_default()));
    let kind_box = move |kind: ChangeKind| {
        let is_on = move || shown.with(|shown| shown.kinds.contains(&kind));
        let toggle = move |event| {
            let on = event_target_checked(&event);
            shown.update(|shown| {
                shown.kinds.retain(|other| *other != kind);
                if on {
                    shown.kinds.push(kind);
                }
            });
        };
        let label = move || texts::kind_box(kind, count_of(counts.get(), kind));
        view! {
            <label class="check">
                <input type="checkbox" prop:checked=is_on on:change=handler(toggle)/>
                <span>{live(label)}</span>
            </label>
        }
    };
    let on_order = move |event| {
        let value = event_target_value(&event);
        if let Some((order, _)) = Order::ALL.into_iter().find(|(_, name)| *name == value) {
            shown.update(|shown| shown.order = order);
        }
    };
    let options = Order::ALL.map(|(order, name)| {
        view! { <option value=name selected=move || shown.with(|shown| shown.order == order)>{name}</option> }
    });
    view! {
        <div class="raw-tools">
            <input
                type="search"
                aria-label=texts::DIFF_SEARCH
                placeholder=texts::DIFF_SEARCH
                prop:value=move || shown.with(|shown| shown.search.clone())
                on:input=handler(move |event| shown.update(|shown| shown.search = event_target_value(&event)))
            />
            <select aria-label=texts::DIFF_ORDER on:change=handler(on_order)>{options.collect_view()}</select>
            {KINDS.map(kind_box).collect_view()}
        </div>
        <ChangeTable answer shown/>
    }
}

fn count_of(counts: ChangeCounts, kind: ChangeKind) -> u32 {
    match kind {
        ChangeKind::New => counts.n_new,
        ChangeKind::Gone => counts.n_gone,
        ChangeKind::Moved => counts.n_moved,
        ChangeKind::Reset => counts.n_reset,
    }
}
