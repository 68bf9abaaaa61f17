//! A field whose text is taken with Enter or on leaving it; what cannot be read stays in the field, beside a sentence that
//! says what is expected, and the old value stays in use.

use crate::components::prose::prose;
use crate::live::{effect, handler, view};
use crate::texts::explore as texts;
use leptos::{ev, prelude::*};

/// A field for one value. `take` gets what was typed, or says what was expected instead.
#[component]
pub fn CheckedField(
    /// Of the field.
    class: &'static str,
    /// What it is called.
    name: &'static str,
    /// In it while it is empty.
    placeholder: &'static str,
    /// The value in use.
    #[prop(into)]
    shown: Signal<String>,
    /// Takes what was typed, or says what was expected.
    take: Callback<String, Result<(), String>>,
) -> impl IntoView {
    let draft = RwSignal::new(shown.get_untracked());
    let problem = RwSignal::new(None::<String>);
    let revert = move || {
        draft.set(shown.get_untracked());
        problem.set(None);
    };
    effect(move || {
        draft.set(shown.get());
        problem.set(None);
    });
    let commit = move || {
        let text = draft.get_untracked();
        if text == shown.get_untracked() {
            problem.set(None);
            return;
        }
        match take.run(text) {
            // The value may be the old one, written in another way.
            Ok(()) => revert(),
            Err(expected) => problem.set(Some(expected)),
        }
    };
    let on_keydown = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "Enter" => commit(),
        "Escape" => revert(),
        _ => {}
    };
    let kept = move || {
        let kept = shown.get();
        if kept.is_empty() { placeholder.to_lowercase() } else { kept }
    };
    view! {
        <span class="checked-field">
            <input
                class=class
                type="text"
                aria-label=name
                title=name
                placeholder=placeholder
                autocomplete="off"
                spellcheck="false"
                aria-invalid=move || problem.with(Option::is_some).to_string()
                prop:value=draft
                on:input:target=move |event| draft.set(event.target().value())
                on:keydown=handler(on_keydown)
                on:blur=handler(move |_| commit())
            />
            {move || {
                problem.get().map(|expected| {
                    view! { <span class="range-problem" role="alert">{prose(&texts::not_taken(&expected, &kept()))}</span> }
                })
            }}
        </span>
    }
}
