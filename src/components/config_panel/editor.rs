//! The text of the configuration in a dialog, checked while it is typed.

use super::report::Report;
use crate::browser::dialog;
use crate::client::Client;
use crate::components::prose::prose;
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::state::session::Session;
use crate::texts::config as texts;
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::Dialog;
use leptos::prelude::*;
use protocol::{ConfigOrigin, ConfigReport, ConfigRequest, ConfigText, Secret};
use std::time::Duration;

/// The text is checked so long after the last key.
const PAUSE: Duration = Duration::from_millis(300);

/// The dialog; it is open while there is a text to edit.
#[component]
pub(super) fn Editor(edited: RwSignal<Option<String>>) -> impl IntoView {
    let node = NodeRef::<Dialog>::new();
    let is_open = memo(move |_| edited.with(Option::is_some));
    dialog::follow(node, move || is_open.get());
    view! {
        <dialog
            class="config-dialog"
            aria-labelledby="config-editor-title"
            node_ref=node
            on:close=handler(move |_| edited.set(None))
        >
            <Show when=move || is_open.get()><Form edited/></Show>
        </dialog>
    }
}

#[component]
fn Form(edited: RwSignal<Option<String>>) -> impl IntoView {
    let client = expect_context::<Client>();
    let config = expect_context::<Session>().config;
    let draft = RwSignal::new(edited.get_untracked().unwrap_or_default());
    let asked = RwSignal::new(0_u32);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let check = move || {
        let id = config.next_id();
        asked.set(id);
        client.config(ConfigRequest::Check { id, text: Secret(draft.get_untracked()) });
    };
    effect(move || {
        draft.track();
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        timer.set_value(set_timeout_with_handle(check, PAUSE).ok());
    });
    on_cleanup(move || {
        if let Some(timer) = timer.try_get_value().flatten() {
            timer.clear();
        }
    });
    // An older answer stays until the next is there.
    let report = memo(move |last: Option<&Option<ConfigReport>>| {
        let newest = config.checked.with(|checked| {
            checked.as_ref().filter(|(id, _)| *id == asked.get()).map(|(_, report)| (**report).clone())
        });
        newest.or_else(|| last.cloned().flatten())
    });
    let said = move || report.with(|report| report.as_ref().map(texts::checked)).unwrap_or_default();
    let load = move || {
        let (origin, files) = config.status.with_untracked(|status| {
            let loaded = status.as_ref().and_then(|status| status.loaded.as_ref());
            let files = loaded.map(|loaded| loaded.files.clone()).unwrap_or_default();
            // What is changed here is no longer what it was fetched from.
            let origin = loaded.map(|loaded| loaded.origin.clone()).filter(|o| matches!(o, ConfigOrigin::File(_)));
            (origin.unwrap_or_default(), files)
        });
        client.config(ConfigRequest::Load(ConfigText { text: draft.get_untracked(), origin, files }));
        edited.set(None);
    };
    let has_errors = memo(move |_| report.with(|report| report.as_ref().is_some_and(|r| !r.errors.is_empty())));
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !has_errors.get_untracked() {
            load();
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) && !has_errors.get_untracked() {
            event.prevent_default();
            load();
        }
    };
    let shown = Signal::derive(move || report.get().unwrap_or_default());
    view! {
        <form class="dialog-body config-editor" on:submit=handler(on_submit)>
            <h2 id="config-editor-title">{texts::EDITOR_TITLE}</h2>
            <textarea
                class="mono"
                aria-label=texts::EDITOR_FIELD
                aria-describedby="config-editor-help"
                aria-invalid=live(move || has_errors.get().then_some("true"))
                rows="20"
                spellcheck="false"
                autocapitalize="off"
                autocomplete="off"
                prop:value=draft
                on:input=handler(move |event| draft.set(event_target_value(&event)))
                on:keydown=handler(on_key)
            ></textarea>
            <p id="config-editor-help" class="muted">{prose(texts::EDITOR_HELP)}</p>
            <p role="status">{live(said)}</p>
            <Report report=shown/>
            <div class="dialog-buttons">
                <button type="submit" class="primary" disabled=move || has_errors.get()>{texts::LOAD}</button>
                <button type="button" on:click=handler(move |_| edited.set(None))>{texts::CANCEL}</button>
            </div>
        </form>
    }
}
