//! The targets of now as files, in a dialog: to copy, or to download.

use crate::browser::download::{Parts, save};
use crate::browser::{clipboard, dialog};
use crate::components::prose::prose;
use crate::components::show::Show;
use crate::live::{handler, live, memo, view};
use crate::state::config::Exported;
use crate::state::session::Session;
use crate::texts::config as texts;
use leptos::html::Dialog;
use leptos::prelude::*;
use std::sync::Arc;

/// The dialog; it is open while an export is shown.
#[component]
pub(super) fn ExportView(exported: RwSignal<Option<u32>>) -> impl IntoView {
    let config = expect_context::<Session>().config;
    let node = NodeRef::<Dialog>::new();
    let files = memo(move |_| {
        let id = exported.get()?;
        config.exported.with(|files| files.as_ref().filter(|(of, _)| *of == id).map(|(_, files)| files.clone()))
    });
    dialog::follow(node, move || files.read().is_some());
    let body = move || files.get().map(|files| view! { <Files files/> });
    view! {
        <dialog
            class="config-dialog"
            aria-labelledby="config-export-title"
            node_ref=node
            on:close=handler(move |_| exported.set(None))
            on:mousedown=handler(move |event| dialog::close_on_backdrop(node, &event))
        >
            <Show when=move || files.read().is_some()>
                <div class="dialog-body config-export">
                    <h2 id="config-export-title">{texts::EXPORT_TITLE}</h2>
                    <p>{prose(texts::EXPORT_HELP)}</p>
                    {live(body)}
                    <div class="dialog-buttons">
                        <button type="button" on:click=handler(move |_| exported.set(None))>{texts::CLOSE}</button>
                    </div>
                </div>
            </Show>
        </dialog>
    }
}

#[component]
fn Files(files: Arc<Exported>) -> impl IntoView {
    let secrets = texts::secrets_to_fill_in(files.n_secrets).map(|text| {
        view! { <p class="notice">{prose(&text)}</p> }
    });
    view! {
        {secrets}
        <FileView name=texts::PROMETHEUS_FILE text=files.prometheus_yml.clone()/>
        <FileView name=texts::COMPOSE_FILE text=files.compose_yml.clone()/>
    }
}

#[component]
fn FileView(name: &'static str, text: String) -> impl IntoView {
    let said = RwSignal::new("");
    let text = StoredValue::new(text);
    let copy = move |_| {
        text.with_value(|text| {
            clipboard::copy(text, move |worked| said.set(if worked { texts::COPIED } else { texts::NOT_COPIED }));
        });
    };
    let download = move |_| {
        let mut parts = Parts::default();
        text.with_value(|text| parts.add(text.as_bytes()));
        save(parts, name.to_owned(), "text/yaml", false, |_| {});
    };
    view! {
        <div class="config-file">
            <div class="config-file-head">
                <h3 class="mono">{name}</h3>
                <button type="button" on:click=handler(copy)>{texts::COPY}</button>
                <button type="button" on:click=handler(download)>{texts::DOWNLOAD}</button>
                <span class="muted" role="status">{live(move || said.get())}</span>
            </div>
            <pre class="config-text" tabindex="0" role="region" aria-label=name>{text.get_value()}</pre>
        </div>
    }
}
