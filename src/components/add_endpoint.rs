//! One field for whatever has metrics: an address, several, metrics text, a file. It says at once what comes
//! next, and offers a first graph once there is something to see.

pub mod golden;
mod outcome;
pub mod recognise;

use crate::browser::folder;
use crate::components::import_report::ImportReport;
use crate::components::rows::{Key, Rows};
use crate::components::target_form::TargetForm;
use crate::live::{effect, handler, view};
use crate::state::additions::Additions;
use crate::texts::{adding as texts, files};
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::{Input, Textarea};
use leptos::prelude::*;
use outcome::AdditionView;
use protocol::TargetId;

/// The field grows with its text up to so many lines.
const MAX_ROWS: usize = 8;

/// The field, examples, and what became of what was added.
#[component]
pub fn AddEndpoint(
    /// Wide and focused, with examples: the first thing a newcomer sees.
    #[prop(into)]
    prominent: Signal<bool>,
    /// A query that somebody wants to see as a graph.
    on_graph: Callback<String>,
) -> impl IntoView {
    let additions = expect_context::<Additions>();
    let edited = RwSignal::new(None::<TargetId>);
    view! {
        <section class="add-endpoint" class:is-prominent=prominent aria-label=texts::ADD>
            {move || prominent.get().then(|| view! { <h2>{texts::INVITATION}</h2> })}
            <AddForm prominent/>
            {move || prominent.get().then(|| view! { <Examples/> })}
            <ul class="additions" role="list" aria-label=texts::ADDED>
                <Rows each=move || additions.entries.get() key=|entry| Key::Number(entry.key.into()) let(entry)>
                    <AdditionView entry on_graph edited/>
                </Rows>
            </ul>
            <ImportReport/>
            <TargetForm edited/>
        </section>
    }
}

#[component]
fn AddForm(prominent: Signal<bool>) -> impl IntoView {
    let additions = expect_context::<Additions>();
    let draft = additions.draft;
    let field = NodeRef::<Textarea>::new();
    effect(move || {
        if let Some(field) = field.get()
            && prominent.get_untracked()
        {
            // It throws nothing; a field that is hidden stays without focus.
            let _ = field.focus();
        }
    });
    let submit = move || additions.submit(&draft.get_untracked());
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            submit();
        }
    };
    let rows = move || draft.read().split('\n').count().clamp(1, MAX_ROWS).to_string();
    view! {
        <form
            class="add-form"
            on:submit=handler(move |event: SubmitEvent| {
                event.prevent_default();
                submit();
            })
        >
            <textarea
                aria-label=texts::FIELD
                placeholder=texts::PLACEHOLDER
                rows=rows
                spellcheck="false"
                autocapitalize="off"
                autocomplete="off"
                node_ref=field
                prop:value=draft
                on:input=handler(move |event| draft.set(event_target_value(&event)))
                on:keydown=handler(on_key)
            ></textarea>
            <button type="submit" class="primary">{texts::ADD}</button>
            <FileChooser is_folder=false/>
            <FileChooser is_folder=true/>
        </form>
    }
}

#[component]
fn FileChooser(is_folder: bool) -> impl IntoView {
    let additions = expect_context::<Additions>();
    let input = NodeRef::<Input>::new();
    effect(move || {
        if let Some(input) = input.get().filter(|_| is_folder) {
            // It throws only for names that are none.
            let _ = input.set_attribute("webkitdirectory", "");
        }
    });
    let on_change = move |_| {
        let Some(input) = input.get_untracked() else { return };
        let chosen = input.files().map(|list| folder::chosen(&list)).unwrap_or_default();
        additions.add_files(chosen, is_folder);
        // The same file may be chosen again, after it was changed.
        input.set_value("");
    };
    view! {
        <label class="button file-chooser">
            <input
                class="visually-hidden"
                type="file"
                multiple=true
                title=files::IMPORT_HINT
                node_ref=input
                on:change=handler(on_change)
            />
            <span>{if is_folder { files::OPEN_FOLDER } else { texts::OPEN_FILE }}</span>
        </label>
    }
}

/// Addresses to click, for those who want to see something first.
#[component]
fn Examples() -> impl IntoView {
    let additions = expect_context::<Additions>();
    let origin = window().location().origin().unwrap_or_default();
    let examples = texts::examples(&origin).map(|(name, address)| {
        let add = {
            let address = address.clone();
            move |_| {
                additions.draft.set(address.clone());
                additions.submit(&address);
            }
        };
        view! { <li><button type="button" class="link" on:click=handler(add)>{name} " " <code>{address}</code></button></li> }
    });
    view! {
        <div class="examples">
            <span id="examples-title">{texts::EXAMPLES}":"</span>
            <ul role="list" aria-labelledby="examples-title">{examples.collect_view()}</ul>
        </div>
    }
}
