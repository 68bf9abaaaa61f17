//! What is kept on this device: where, how much, how safely, and what the last start found.

use super::Fact;
use crate::app::storage_notice::TakeOver;
use crate::browser::persistence;
use crate::client::Client;
use crate::components::show::Show;
use crate::live::{handler, live, view};
use crate::state::session::Session;
use crate::state::settings::Settings;
use crate::texts::storage as texts;
use leptos::prelude::*;
use protocol::{Request, StoragePlace, StorageRole};

/// The section.
#[component]
pub(super) fn Kept() -> impl IntoView {
    let storage = expect_context::<Session>().storage;
    let zone = expect_context::<Settings>().zone;
    let time = move |at| zone.with(|zone| zone.format(at));
    let is_on_disk = move || storage.read().place != StoragePlace::Memory;
    let is_reader = move || matches!(storage.read().role, StorageRole::Reader { .. });
    let needs_care = move || is_on_disk() && !storage.read().has_locks;
    let restored = move || storage.with(|status| status.restored.as_ref().map(texts::restored));
    let damaged = move || {
        let names = storage.with(|status| status.restored.as_ref().map(|restored| restored.damaged.clone()));
        names.filter(|names| !names.is_empty()).map(|names| {
            let names = names.into_iter().map(|name| view! { <li>{name}</li> }).collect_view();
            view! { <Fact name=texts::DAMAGED><ul class="plain-list">{names}</ul></Fact> }
        })
    };
    view! {
        <section aria-labelledby="kept-title">
            <h2 id="kept-title">{texts::TITLE}</h2>
            <Show when=is_on_disk><p class="muted">{texts::HINT}</p></Show>
            <dl class="facts">
                <Fact name=texts::TAB>
                    {move || storage.with(texts::role)} " "
                    <Show when=is_reader><TakeOver/></Show>
                </Fact>
                <Fact name=texts::PLACE>{move || storage.with(texts::place)}</Fact>
                <Show when=is_on_disk>
                    <Fact name=texts::FILES>{move || storage.with(texts::files)}</Fact>
                    <Fact name=texts::ROOM>{move || storage.with(texts::room)}</Fact>
                    <Fact name=texts::PERSISTED><Persistence/></Fact>
                    <Fact name=texts::RESTORED>{live(restored)}</Fact>
                    {live(damaged)}
                    <Fact name=texts::TROUBLE>{move || storage.with(|status| texts::trouble(status, &time))}</Fact>
                </Show>
            </dl>
            <Show when=needs_care><p class="muted">{texts::NO_LOCKS}</p></Show>
        </section>
    }
}

/// Whether the browser may delete the store, and a button to ask it not to.
#[component]
fn Persistence() -> impl IntoView {
    let client = expect_context::<Client>();
    let storage = expect_context::<Session>().storage;
    let is_refused = RwSignal::new(false);
    let is_granted = move || storage.read().is_persisted == Some(true);
    let may_ask = move || !is_granted() && persistence::can_ask();
    let ask = move |_| {
        persistence::ask(move |is_granted| {
            is_refused.set(!is_granted);
            client.send(Request::LookAtStorage);
        });
    };
    view! {
        {move || if is_granted() { texts::PERSISTED_YES } else { texts::PERSISTED_NO }} " "
        <Show when=may_ask>
            <button type="button" on:click=handler(ask)>{texts::PERSIST}</button>
        </Show>
        <Show when=move || is_refused.get()><p role="status">{texts::PERSIST_REFUSED}</p></Show>
    }
}
