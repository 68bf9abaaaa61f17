//! Notes of the user: the form in which one is written, and the list of all of them.

use crate::browser::{dialog, now_ms};
use crate::components::prose::prose;
use crate::components::rows::{Key, Rows};
use crate::components::show::Show;
use crate::components::time_range::ladder::MAX_RANGE_MS;
use crate::live::{handler, live, memo, view};
use crate::state::explore::Explore;
use crate::state::notes::draft::{Field, NoteDraft};
use crate::state::notes::{MAX_CHARS, MAX_NOTES, Note, Notes, mark};
use crate::state::settings::Settings;
use crate::state::url::PanelState;
use crate::texts::marks as texts;
use crate::texts::shell::short;
use leptos::ev::{self, SubmitEvent};
use leptos::html::Dialog;
use leptos::prelude::*;

/// So much of a note stands in the names of its buttons, in characters.
const MAX_NAME: usize = 40;

/// The form; it is open while a note is being written.
#[component]
pub fn NoteDialog() -> impl IntoView {
    let notes = expect_context::<Notes>();
    let node = NodeRef::<Dialog>::new();
    let is_open = memo(move |_| notes.draft.with(Option::is_some));
    dialog::follow(node, move || is_open.get());
    view! {
        <dialog
            class="small-dialog"
            aria-labelledby="note-title"
            node_ref=node
            on:close=handler(move |_| notes.draft.set(None))
        >
            <Show when=move || is_open.get()>
                <Form notes/>
            </Show>
        </dialog>
    }
}

#[component]
fn Form(notes: Notes) -> impl IntoView {
    let zone = expect_context::<Settings>().zone;
    let draft = RwSignal::new(notes.draft.get_untracked().unwrap_or_default());
    // Nothing is called wrong before somebody has finished.
    let was_submitted = RwSignal::new(false);
    let is_full = RwSignal::new(false);
    let check = move |draft: &NoteDraft| zone.with_untracked(|zone| draft.check(now_ms(), |civil| zone.to_utc(civil)));
    let problems = memo(move |_| match draft.with(check) {
        Err(problems) if was_submitted.get() => problems,
        _ => Vec::new(),
    });
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        was_submitted.set(true);
        if let Ok((at_ms, end_ms)) = draft.with_untracked(check) {
            let kept = draft.with_untracked(|draft| notes.keep(draft.id, at_ms, end_ms, &draft.text));
            match kept {
                Ok(()) => notes.draft.set(None),
                Err(_) => is_full.set(true),
            }
        }
    };
    let is_new = draft.with_untracked(|draft| draft.id.is_none());
    let at = move || {
        draft.with(|draft| match &draft.at {
            Some(text) => text.clone(),
            None => zone.with(|zone| zone.civil(draft.at_ms).to_string()),
        })
    };
    let problem =
        move |of: Field| problems.with(|all| all.iter().find(|(field, _)| *field == of).map(|(_, text)| text.clone()));
    let field = move |field: Field, id: &'static str, label: &'static str, help: &'static str, input: AnyView| {
        view! {
            <div class="field">
                <label for=id>{label}</label>
                {input}
                <small id=format!("{id}-help") class="muted">
                    {move || problem(field).map(|problem| view! {
                        <span class="field-problem" role="alert">{problem}</span> " "
                    })}
                    {help}
                </small>
            </div>
        }
    };
    let invalid = move |of: Field| move || problem(of).is_some().then_some("true");
    let text = view! {
        <textarea
            id="note-text"
            rows="3"
            maxlength=MAX_CHARS.to_string()
            autofocus=true
            dir="auto"
            aria-describedby="note-text-help"
            aria-invalid=live(invalid(Field::Text))
            prop:value=move || draft.with(|draft| draft.text.clone())
            on:input:target=move |event| draft.update(|draft| draft.text = event.target().value())
            on:keydown=handler(move |event: ev::KeyboardEvent| {
                // A note is one line: Enter keeps it, as it runs an expression.
                if event.key() == "Enter" && !event.is_composing() {
                    event.prevent_default();
                    let form = event_target::<web_sys::HtmlTextAreaElement>(&event).form();
                    if let Some(form) = form {
                        // It throws nothing here: the form has no rules of the browser's own.
                        let _ = form.request_submit();
                    }
                }
            })
        ></textarea>
    };
    let at = view! {
        <input
            id="note-at"
            type="text"
            class="mono"
            autocomplete="off"
            spellcheck="false"
            aria-describedby="note-at-help"
            aria-invalid=live(invalid(Field::At))
            prop:value=live(at)
            on:input:target=move |event| draft.update(|draft| draft.at = Some(event.target().value()))
        />
    };
    let lasts = view! {
        <input
            id="note-lasts"
            type="text"
            class="mono"
            autocomplete="off"
            spellcheck="false"
            aria-describedby="note-lasts-help"
            aria-invalid=live(invalid(Field::Lasts))
            prop:value=move || draft.with(|draft| draft.lasts.clone())
            on:input:target=move |event| draft.update(|draft| draft.lasts = event.target().value())
        />
    };
    view! {
        <form class="dialog-body" novalidate=true on:submit=handler(on_submit)>
            <h2 id="note-title">{if is_new { texts::NEW_NOTE } else { texts::EDIT_NOTE }}</h2>
            {field(Field::Text, "note-text", texts::NOTE_TEXT, texts::NOTE_TEXT_HELP, text)}
            <div class="field-pair">
                {field(Field::At, "note-at", texts::NOTE_AT, texts::NOTE_AT_HELP, at)}
                {field(Field::Lasts, "note-lasts", texts::NOTE_LASTS, texts::NOTE_LASTS_HELP, lasts)}
            </div>
            <Show when=move || is_full.get()>
                <p class="field-problem" role="alert">{texts::full(MAX_NOTES)}</p>
            </Show>
            <div class="dialog-buttons">
                <button type="submit" class="primary">{texts::SAVE}</button>
                <button type="button" on:click=handler(move |_| notes.draft.set(None))>{texts::CANCEL}</button>
            </div>
        </form>
    }
}

/// All notes behind a line that opens, and the way back of one that was deleted.
#[component]
pub fn NoteList(
    /// The panels, which are moved to a note.
    explore: Explore,
) -> impl IntoView {
    let notes = expect_context::<Notes>();
    let all = move || notes.all.with(|all| all.iter().rev().cloned().collect::<Vec<_>>());
    let n_notes = move || notes.all.with(|all| all.len());
    view! {
        <details class="notes">
            <summary>{move || texts::notes(n_notes())}</summary>
            <p class="muted">
                {prose(texts::NOTES_HINT)} " "
                <button type="button" on:click=handler(move |_| {
                    let now = now_ms();
                    notes.begin(now, now);
                })>{texts::ADD_NOTE}</button>
            </p>
            <ul class="notes-list" role="list">
                <Rows each=all key=|note| Key::Text(format!("{} {} {} {}", note.id, note.at_ms, note.end_ms, note.text)) let:note>
                    <NoteRow note notes explore/>
                </Rows>
            </ul>
        </details>
        <div role="status">
            <Show when=move || notes.deleted.with(Option::is_some)>
                <p class="toast">
                    {texts::DELETED} " "
                    <button type="button" on:click=handler(move |_| notes.undo())>{texts::UNDO}</button>
                    <button
                        type="button"
                        class="quiet icon"
                        aria-label=texts::DISMISS
                        on:click=handler(move |_| notes.deleted.set(None))
                    >
                        "✕"
                    </button>
                </p>
            </Show>
        </div>
    }
}

#[component]
fn NoteRow(note: Note, notes: Notes, explore: Explore) -> impl IntoView {
    let zone = expect_context::<Settings>().zone;
    let Note { id, at_ms, end_ms, text } = note;
    let mark = mark(&Note { id, at_ms, end_ms, text: text.clone() });
    let when = move || zone.with(|zone| texts::when(&mark, |ms| zone.format(ms)));
    let name = short(&text, MAX_NAME);
    let button = move |verb: &'static str, act: Box<dyn Fn() + Send + Sync>| {
        view! {
            <button type="button" class="quiet" aria-label=texts::of_note(verb, &name) on:click=handler(move |_| act())>
                {verb}
            </button>
        }
    };
    let show = move || {
        explore.edit(|state| state.panels.iter_mut().for_each(|panel| show_around(panel, at_ms, end_ms)));
    };
    view! {
        <li>
            <span class="note-when">{live(when)}</span>
            <bdi class="note-text">{text}</bdi>
            <span class="note-tools">
                {button(texts::GO, Box::new(show))}
                {button(texts::EDIT, Box::new(move || notes.edit(id)))}
                {button(texts::DELETE, Box::new(move || notes.delete(id)))}
            </span>
        </li>
    }
}

/// Moves the range of a panel so that a note lies in the middle of it; it is stretched if the note is longer.
fn show_around(panel: &mut PanelState, at_ms: i64, end_ms: i64) {
    let lasts_ms = end_ms.saturating_sub(at_ms).max(0);
    panel.range_ms = panel.range_ms.max(lasts_ms.saturating_add(lasts_ms / 2)).min(MAX_RANGE_MS);
    let middle_ms = at_ms.saturating_add(lasts_ms / 2);
    // The address tells ends to the second.
    let end_ms = middle_ms.saturating_add(panel.range_ms / 2);
    panel.end_ms = Some(end_ms.div_euclid(1_000).saturating_mul(1_000));
}

#[cfg(test)]
mod tests {
    //! Ranges around notes.
    use super::*;

    #[test]
    fn a_note_lies_in_the_middle_of_what_is_shown() {
        let around = |range_ms, at_ms, end_ms| {
            let mut panel = PanelState { range_ms, ..PanelState::default() };
            show_around(&mut panel, at_ms, end_ms);
            (panel.range_ms, panel.end_ms)
        };
        assert_eq!(around(60_000, 100_000, 100_000), (60_000, Some(130_000)));
        assert_eq!(around(60_000, 100_000, 110_000), (60_000, Some(135_000)));
        assert_eq!(around(60_000, 0, 100_000), (150_000, Some(125_000)));
        assert_eq!(around(60_000, i64::MIN, i64::MAX).0, MAX_RANGE_MS);
    }
}
