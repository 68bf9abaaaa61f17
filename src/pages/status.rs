//! The status page: how full the store is, where the relay is, which build this is, what the browser allows.

mod kept;
mod missing;

use crate::browser::{clipboard, clock, dialog, storage};
use crate::client::Client;
use crate::components::series_table::rows::grouped;
use crate::components::show::Show;
use crate::live::{handler, live, memo, view};
use crate::state::exports::Asked;
use crate::state::session::Session;
use crate::state::settings::{RETENTIONS_MS, Settings};
use crate::texts::status as texts;
use crate::texts::units;
use kept::Kept;
use leptos::html::Dialog;
use leptos::prelude::*;
use missing::{BytesChoice, Evictions, Missing};
use protocol::Request;

/// The page.
#[component]
pub fn StatusPage() -> impl IntoView {
    view! {
        <div class="page status-page">
            <h1>{texts::TITLE}</h1>
            <Store/>
            <Kept/>
            <Missing/>
            <Relay/>
            <ThisPage/>
        </div>
    }
}

#[component]
fn Fact(name: &'static str, children: Children) -> impl IntoView {
    view! { <div><dt>{name}</dt><dd>{children()}</dd></div> }
}

#[component]
fn Store() -> impl IntoView {
    let store = expect_context::<Session>().store;
    let zone = expect_context::<Settings>().zone;
    let now = clock::every_second();
    let exports = expect_context::<Session>().exports;
    let asks = RwSignal::new(false);
    let time = move |at: Option<i64>| match at {
        None => texts::NONE.to_owned(),
        Some(at) => format!("{} ({})", zone.with(|zone| zone.format(at)), units::ago(at, now.get().max(at))),
    };
    view! {
        <section aria-labelledby="store-title">
            <h2 id="store-title">{texts::STORE}</h2>
            <dl class="facts">
                <Fact name=texts::SERIES>{move || texts::series(store.read().n_series, store.read().max_series)}</Fact>
                <Fact name=texts::SAMPLES>{move || grouped(store.read().n_samples)}</Fact>
                <Fact name=texts::SIZE>{move || texts::size(store.read().bytes, store.read().n_samples)}</Fact>
                <Fact name=texts::OLDEST>{move || time(store.read().oldest_ms)}</Fact>
                <Fact name=texts::NEWEST>{move || time(store.read().newest_ms)}</Fact>
                <Fact name=texts::MEMORY>{move || units::bytes(store.read().memory_bytes)}</Fact>
                <Fact name=texts::RETENTION><RetentionChoice/></Fact>
                <Fact name=crate::texts::losses::MAX_BYTES><BytesChoice/></Fact>
            </dl>
            <Evictions/>
            <button type="button" on:click=handler(move |_| exports.ask(Asked::default()))>{crate::texts::files::EXPORT_ALL}</button>
            <button
                type="button"
                class="danger"
                disabled=move || store.read().n_samples == 0
                on:click=handler(move |_| asks.set(true))
            >
                {texts::DELETE}
            </button>
            <DeleteDialog is_open=asks/>
        </section>
    }
}

#[component]
fn RetentionChoice() -> impl IntoView {
    let retention = expect_context::<Settings>().retention_ms;
    let on_change = move |event| {
        if let Ok(ms) = event_target_value(&event).parse() {
            retention.set(ms);
        }
    };
    let options = RETENTIONS_MS.map(|ms| {
        view! { <option value=ms.to_string() selected=move || retention.get() == ms>{texts::retention(ms)}</option> }
    });
    view! { <select aria-label=texts::RETENTION on:change=handler(on_change)>{options.collect_view()}</select> }
}

/// It cannot be undone, so it is confirmed with the count.
#[component]
fn DeleteDialog(is_open: RwSignal<bool>) -> impl IntoView {
    let client = expect_context::<Client>();
    let store = expect_context::<Session>().store;
    let node = NodeRef::<Dialog>::new();
    dialog::follow(node, move || is_open.get());
    // The count that is confirmed is the one that was read, not one that changes under the pointer.
    let counts = memo(move |before: Option<&(u64, u64)>| match (is_open.get(), before) {
        (false, Some(before)) => *before,
        _ => store.with_untracked(|store| (store.n_samples, store.n_series)),
    });
    let delete = move |_| {
        client.send(Request::ClearStore);
        is_open.set(false);
    };
    view! {
        <dialog
            class="small-dialog"
            aria-labelledby="delete-title"
            node_ref=node
            on:close=handler(move |_| is_open.set(false))
            on:mousedown=handler(move |event| dialog::close_on_backdrop(node, &event))
        >
            <Show when=move || is_open.get()>
                <div class="dialog-body">
                    <h2 id="delete-title">{move || texts::delete_title(counts.get().0, counts.get().1)}</h2>
                    <p>{texts::DELETE_HINT}</p>
                    <div class="dialog-buttons">
                        <button type="button" class="danger" on:click=handler(delete)>{move || texts::delete(counts.get().0)}</button>
                        <button type="button" autofocus=true on:click=handler(move |_| is_open.set(false))>{texts::CANCEL}</button>
                    </div>
                </div>
            </Show>
        </dialog>
    }
}

#[component]
fn Relay() -> impl IntoView {
    let relay = expect_context::<Session>().relay;
    let state = move || match relay.get() {
        None => texts::RELAY_LOOKING.to_owned(),
        Some(relay) if relay.available => texts::relay_answers(&relay.version.unwrap_or_default()),
        Some(_) => texts::RELAY_NONE.to_owned(),
    };
    view! {
        <section aria-labelledby="relay-title">
            <h2 id="relay-title">{texts::RELAY}</h2>
            <p class="muted">{texts::RELAY_HINT}</p>
            <dl class="facts"><Fact name=texts::RELAY_STATE>{live(state)}</Fact></dl>
        </section>
    }
}

#[component]
fn ThisPage() -> impl IntoView {
    let agent = window().navigator().user_agent().unwrap_or_default();
    let is_https = window().location().protocol().is_ok_and(|protocol| protocol == "https:");
    let stores = if storage::works() { texts::STORAGE_YES } else { texts::STORAGE_NO };
    let copies = if clipboard::is_there() { texts::CLIPBOARD_YES } else { texts::CLIPBOARD_NO };
    view! {
        <section aria-labelledby="page-title">
            <h2 id="page-title">{texts::PAGE}</h2>
            <dl class="facts">
                <Fact name=texts::VERSION>{env!("CARGO_PKG_VERSION")}</Fact>
                <Fact name=texts::BUILD><code>{protocol::BUILD_ID}</code></Fact>
                <Fact name=texts::CONTENT>{if is_https { texts::CONTENT_HTTPS } else { texts::CONTENT_HTTP }}</Fact>
                <Fact name=texts::STORAGE>{stores}</Fact>
                <Fact name=texts::CLIPBOARD>{copies}</Fact>
                <Fact name=texts::BROWSER>{agent}</Fact>
            </dl>
        </section>
    }
}
