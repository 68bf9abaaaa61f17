//! The expression field: a text field over a coloured copy of its text, with completion and history.

pub mod history;
pub mod pairs;
pub mod remarks;
pub mod segments;

use crate::components::completion_list::completer::{Completer, KeyEffect};
use crate::components::completion_list::{CompletionList, option_id};
use crate::live::{handler, live, view};
use crate::texts::explore as texts;
use history::Walk;
use leptos::{ev, html, prelude::*};
use promql::complete::Item;
use remarks::Remark;
use segments::{byte_of_utf16, segments, utf16_of_byte};
use wasm_bindgen::JsCast;

/// The field. It grows with its lines; the copy behind it gives it its height.
#[component]
pub fn ExpressionInput(
    /// Tells the ids of this field from those of others on the page.
    id: u32,
    /// Its name, for those who listen.
    #[prop(into)]
    label: Signal<String>,
    /// The text.
    draft: RwSignal<String>,
    /// The cursor in it, in bytes.
    cursor: RwSignal<usize>,
    /// What is underlined.
    #[prop(into)]
    underlined: Signal<Vec<Remark>>,
    /// The text cannot be evaluated as it is.
    #[prop(into)]
    is_invalid: Signal<bool>,
    /// The id of the element that says what is wrong.
    #[prop(into)]
    described_by: String,
    /// The field itself, for those who want to focus it.
    field: NodeRef<html::Textarea>,
    /// Enter was pressed.
    on_run: Callback<()>,
) -> impl IntoView {
    let frame = NodeRef::<html::Div>::new();
    let completer = Completer::new(draft, cursor);
    let walk = StoredValue::new(Walk::default());
    let list_id = format!("completions-{id}");

    let read_cursor = move || {
        if let Some(field) = field.get_untracked() {
            let units = field.selection_start().ok().flatten().unwrap_or(0) as usize;
            cursor.set(byte_of_utf16(&field.value(), units));
        }
    };
    let on_input = move |_| {
        if let Some(field) = field.get_untracked() {
            draft.set(field.value());
            read_cursor();
            completer.typed();
        }
    };
    let take = Callback::new(move |item: Item| {
        if let Some((replaced, text, at)) = completer.taken(&item) {
            replace(field, draft, (replaced.start, replaced.end), &text, Some(at));
            read_cursor();
            completer.continued();
        }
    });
    let step_history = move |older: bool| {
        let entries = history::stored();
        let shown = draft.get_untracked();
        let entry = walk.try_update_value(|walk| match older {
            true => walk.older(&entries, &shown),
            false => walk.newer(&entries),
        });
        if let Some(Some(text)) = entry {
            replace(field, draft, (0, shown.len()), &text, None);
            read_cursor();
        }
        completer.close();
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        if event.is_composing() {
            return;
        }
        let key = event.key();
        let with_command = event.ctrl_key() || event.meta_key();
        if steps_over_next(field, draft, &key) {
            read_cursor();
            completer.typed();
            event.prevent_default();
            return;
        }
        let effect = match key.as_str() {
            " " if event.ctrl_key() => {
                completer.ask();
                KeyEffect::Done
            }
            "ArrowUp" | "ArrowDown" if with_command => {
                step_history(key == "ArrowUp");
                KeyEffect::Done
            }
            "Tab" | "Enter" if event.shift_key() => KeyEffect::Pass,
            "Enter" if with_command => KeyEffect::Pass,
            key => completer.key(key),
        };
        match (effect, key.as_str()) {
            (KeyEffect::Take(item), _) => take.run(item),
            (KeyEffect::Done, _) => {}
            (KeyEffect::Pass, "Enter") if !event.shift_key() => {
                completer.close();
                walk.set_value(Walk::default());
                on_run.run(());
            }
            (KeyEffect::Pass, "Escape") => {
                if let Some(field) = field.get_untracked() {
                    let _ = field.blur();
                }
            }
            (KeyEffect::Pass, "ArrowLeft" | "ArrowRight" | "Home" | "End") => {
                completer.close();
                return;
            }
            (KeyEffect::Pass, _) => return,
        }
        event.prevent_default();
    };
    let active_option = {
        let list_id = list_id.clone();
        move || completer.is_shown().then(|| option_id(&list_id, completer.active.get()))
    };
    view! {
        <div class="expression" node_ref=frame class:is-invalid=is_invalid>
            <ColouredCopy draft underlined completer/>
            <textarea
                class="expression-field"
                node_ref=field
                rows="1"
                aria-label=label
                aria-autocomplete="list"
                aria-haspopup="listbox"
                aria-controls=list_id.clone()
                aria-activedescendant=active_option
                aria-invalid=move || is_invalid.get().to_string()
                aria-describedby=described_by
                placeholder=texts::EXPRESSION_PLACEHOLDER
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                prop:value=draft
                on:input=handler(on_input)
                on:keydown=handler(on_keydown)
                on:keyup=handler(move |_| read_cursor())
                on:click=handler(move |_| {
                    completer.close();
                    read_cursor();
                })
                on:blur=handler(move |_| completer.close())
            ></textarea>
            <CompletionList completer id=list_id anchor=frame on_take=take/>
        </div>
    }
}

/// The text again, in colours; `.cut` marks where the word at the cursor begins.
#[component]
fn ColouredCopy(draft: RwSignal<String>, underlined: Signal<Vec<Remark>>, completer: Completer) -> impl IntoView {
    let pieces = move || {
        let diagnostics: Vec<_> = underlined.with(|remarks| remarks.iter().filter_map(Remark::diagnostic).collect());
        let cut = completer.completion.with(|completion| completion.as_ref().map(|c| c.replace.start));
        let marker = || view! { <span class="cut"></span> };
        draft.with(|src| {
            let pieces = segments(src, &diagnostics, cut).into_iter().map(|piece| {
                let text = src.get(piece.start..piece.end).unwrap_or("").to_owned();
                let marker = (cut == Some(piece.start)).then(marker);
                view! { {marker}<span class=piece.class>{text}</span> }
            });
            let pieces = pieces.collect_view();
            let at_end = (cut == Some(src.len())).then(marker);
            // The last line has a height also when nothing stands in it.
            view! { {pieces}{at_end}"\u{200b}" }
        })
    };
    view! { <div class="expression-copy" aria-hidden="true">{live(pieces)}</div> }
}

/// Moves the cursor over a bracket or quote that was typed and stands there already.
fn steps_over_next(field: NodeRef<html::Textarea>, draft: RwSignal<String>, key: &str) -> bool {
    let mut chars = key.chars();
    let (Some(typed), None, Some(field)) = (chars.next(), chars.next(), field.get_untracked()) else {
        return false;
    };
    let place = |at: Result<Option<u32>, _>| at.ok().flatten().unwrap_or(0);
    let (start, end) = (place(field.selection_start()), place(field.selection_end()));
    let is_there =
        draft.with_untracked(|src| pairs::steps_over(src, byte_of_utf16(src, start as usize), typed)) && start == end;
    if is_there {
        let _ = field.set_selection_range(start + 1, start + 1);
    }
    is_there
}

/// Puts a text in the place of some bytes, as if it had been typed, so that the browser's own undo knows it.
pub fn replace(
    field: NodeRef<html::Textarea>,
    draft: RwSignal<String>,
    (start, end): (usize, usize),
    text: &str,
    cursor: Option<usize>,
) {
    let Some(field) = field.get_untracked() else {
        return;
    };
    let old = draft.get_untracked();
    let head = old.get(..start).unwrap_or(&old);
    let new = format!("{head}{text}{}", old.get(end..).unwrap_or(""));
    let units = |src: &str, byte| utf16_of_byte(src, byte) as u32;
    let _ = field.focus();
    let _ = field.set_selection_range(units(&old, start), units(&old, end));
    let command = if text.is_empty() { "delete" } else { "insertText" };
    if new != old {
        let page = document().unchecked_into::<web_sys::HtmlDocument>();
        let is_done = page.exec_command_with_show_ui_and_value(command, false, text).unwrap_or(false);
        if !is_done || field.value() != new {
            field.set_value(&new);
        }
    }
    let at = units(&new, cursor.unwrap_or(start + text.len()));
    let _ = field.set_selection_range(at, at);
    draft.set(new);
}
