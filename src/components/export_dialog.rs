//! The dialog that writes samples into a file: form, times, how much it is; then how far it is.

use crate::browser::{dialog, now_ms};
use crate::client::Client;
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::state::exports::{Asked, Exports, Stage};
use crate::state::page_file::PageFile;
use crate::state::session::Session;
use crate::state::settings::{Settings, targets as stored};
use crate::texts::files as texts;
use leptos::html::Dialog;
use leptos::prelude::*;
use protocol::{ExportRequest, ExportWhat, FileForm, Request};

const FORMS: [FileForm; 4] = [FileForm::OpenMetrics, FileForm::Csv, FileForm::Json, FileForm::Bundle];
/// Times that are offered besides all: the last so many hours.
const HOURS: [i64; 3] = [1, 6, 24];

/// Which times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    Shown,
    Hours(i64),
    All,
}

/// The dialog; it opens when something asks for it.
#[component]
pub fn ExportDialog(
    /// The part of the query page's address that a bundle keeps.
    query: Signal<String>,
) -> impl IntoView {
    let exports = expect_context::<Session>().exports;
    let client = expect_context::<Client>();
    let node = NodeRef::<Dialog>::new();
    dialog::follow(node, move || exports.asked.read().is_some());
    let close = move || {
        if exports.stage.with_untracked(|stage| matches!(stage, Stage::Running { .. })) {
            client.send(Request::Export(ExportRequest::Cancel { id: exports.id() }));
        }
        // What still comes is dropped.
        exports.next_id();
        exports.asked.set(None);
    };
    let is_choosing = memo(move |_| exports.stage.with(|stage| matches!(stage, Stage::Choosing)));
    view! {
        <dialog
            class="small-dialog export-dialog"
            aria-labelledby="export-title"
            node_ref=node
            on:close=handler(move |_| close())
            on:mousedown=handler(move |event| dialog::close_on_backdrop(node, &event))
        >
            <Show when=move || exports.asked.read().is_some()>
                <div class="dialog-body">
                    <h2 id="export-title">{texts::EXPORT_TITLE}</h2>
                    <p class="muted export-what">
                        {move || exports.asked.with(|asked| asked.as_ref().map(|asked| texts::export_of(&asked.expr)))}
                    </p>
                    <Show when=move || is_choosing.get()><Choice query/></Show>
                    <Show when=move || !is_choosing.get()><Outcome/></Show>
                </div>
            </Show>
        </dialog>
    }
}

#[component]
fn Choice(query: Signal<String>) -> impl IntoView {
    let exports = expect_context::<Session>().exports;
    let client = expect_context::<Client>();
    let zone = expect_context::<Settings>().zone;
    let asked = exports.asked.get_untracked().unwrap_or_default();
    let has_range = asked.shown_ms.is_some();
    let form = RwSignal::new(FileForm::default());
    let times = RwSignal::new(if has_range { Times::Shown } else { Times::All });
    let compresses = RwSignal::new(false);
    let what = StoredValue::new(asked);
    let chosen = move || what.with_value(|asked| chosen(asked, times.get()));
    effect(move || {
        let what = chosen();
        exports.size.set(None);
        client.send(Request::Export(ExportRequest::Measure { id: exports.next_id(), what }));
    });
    let size = move || match exports.size.get() {
        None => texts::COUNTING.to_owned(),
        Some(Ok((n_series, n_samples))) => texts::size(n_series, n_samples),
        Some(Err(problem)) => format!("{} {}", problem.message, problem.hint),
    };
    let is_empty = move || !matches!(*exports.size.read(), Some(Ok((1.., _)))) && form.get() != FileForm::Bundle;
    let begin = move |_| {
        let form = form.get_untracked();
        let zip = if compresses.get_untracked() { ".gz" } else { "" };
        let stamp = zone.with_untracked(|zone| file_stamp(&zone.civil(now_ms()).to_string()));
        let name = format!("promenade-{stamp}.{}{zip}", texts::ending(form));
        let page = PageFile::of(stored::load().unwrap_or_default(), &query.read_untracked()).write();
        let id = exports.next_id();
        exports.begin(name, media_type(form), compresses.get_untracked());
        client.send(Request::Export(ExportRequest::Begin { id, what: untrack(chosen), form, page }));
    };
    let forms = FORMS.into_iter().enumerate().map(|(idx, one)| {
        view! { <option value=idx.to_string() selected=move || form.get() == one>{texts::form(one).0}</option> }
    });
    let on_form = move |event| {
        let idx: usize = event_target_value(&event).parse().unwrap_or(0);
        form.set(FORMS.get(idx).copied().unwrap_or_default());
    };
    let all_times: Vec<Times> =
        has_range.then_some(Times::Shown).into_iter().chain([Times::All]).chain(HOURS.map(Times::Hours)).collect();
    let on_times = {
        let all_times = all_times.clone();
        move |event| {
            let idx: usize = event_target_value(&event).parse().unwrap_or(0);
            times.set(all_times.get(idx).copied().unwrap_or(Times::All));
        }
    };
    let options = all_times.into_iter().enumerate().map(|(idx, one)| {
        let text = match one {
            Times::Shown => texts::SHOWN_RANGE.to_owned(),
            Times::All => texts::ALL_TIMES.to_owned(),
            Times::Hours(hours) => texts::last_hours(hours),
        };
        view! { <option value=idx.to_string() selected=move || times.get() == one>{text}</option> }
    });
    view! {
        <div class="field">
            <label for="export-form">{texts::FORM}</label>
            <select id="export-form" aria-describedby="export-hint" on:change=handler(on_form)>{forms.collect_view()}</select>
            <p id="export-hint" class="muted">{move || texts::form(form.get()).1}</p>
        </div>
        <div class="field">
            <label for="export-times">{texts::RANGE}</label>
            <select id="export-times" on:change=handler(on_times)>{options.collect_view()}</select>
        </div>
        <label class="check">
            <input
                type="checkbox"
                prop:checked=compresses
                on:change=handler(move |event| compresses.set(event_target_checked(&event)))
            />
            <span>{texts::COMPRESS}</span>
        </label>
        <p role="status">{live(size)}</p>
        <div class="dialog-buttons">
            <button type="button" class="primary" disabled=live(is_empty) on:click=handler(begin)>{texts::SAVE}</button>
            <button type="button" on:click=handler(move |_| exports.asked.set(None))>{texts::CANCEL}</button>
        </div>
    }
}

#[component]
fn Outcome() -> impl IntoView {
    let exports = expect_context::<Session>().exports;
    let is_running = memo(move |_| exports.stage.with(|stage| matches!(stage, Stage::Running { .. })));
    let said = move || {
        exports.stage.with(|stage| match stage {
            Stage::Running { n_done, n_series, bytes } => texts::writing(*n_done, *n_series, *bytes),
            Stage::Saved { name, bytes, n_samples, .. } => texts::saved(name, *bytes, *n_samples),
            Stage::Choosing | Stage::Failed(_) => String::new(),
        })
    };
    let done = move || {
        exports.stage.with(|stage| match stage {
            Stage::Running { n_done, n_series, .. } => *n_done as f64 / (*n_series).max(1) as f64,
            _ => 1.0,
        })
    };
    view! {
        <p role="status">{live(said)}</p>
        <Show when=move || is_running.get()>
            <progress class="export-progress" aria-label=texts::PROGRESS max="1" prop:value=done></progress>
        </Show>
        {live(move || remarks(exports))}
        <div class="dialog-buttons">
            <button type="button" autofocus=true on:click=handler(move |_| exports.asked.set(None))>
                {move || if is_running.get() { texts::CANCEL } else { texts::CLOSE }}
            </button>
        </div>
    }
}

/// What the file does not hold, or why there is none.
fn remarks(exports: Exports) -> Option<AnyView> {
    exports.stage.with(|stage| match stage {
        Stage::Saved { notes, .. } if !notes.is_empty() => {
            let notes = notes.iter().map(|note| view! { <li>{note.clone()}</li> }).collect_view();
            Some(view! { <div class="notice"><p>{texts::NOT_HELD}":"</p><ul>{notes}</ul></div> })
        }
        Stage::Failed(problem) => Some(view! {
            <div class="notice is-error" role="alert">
                <p>{problem.message.clone()}</p>
                <p>{problem.hint.clone()}</p>
            </div>
        }),
        _ => None,
    })
}

fn chosen(asked: &Asked, times: Times) -> ExportWhat {
    let (start_ms, end_ms) = match (times, asked.shown_ms) {
        (Times::Shown, Some((start, end))) => (Some(start), Some(end)),
        (Times::Hours(hours), _) => (Some(now_ms() - hours * 3_600_000), None),
        _ => (None, None),
    };
    ExportWhat { expr: asked.expr.clone(), selectors: Vec::new(), start_ms, end_ms }
}

/// `2026-11-26-1430`
fn file_stamp(civil: &str) -> String {
    let (date, time) = civil.split_once(' ').unwrap_or((civil, ""));
    let minutes: String = time.chars().filter(char::is_ascii_digit).take(4).collect();
    format!("{date}-{minutes}")
}

fn media_type(form: FileForm) -> &'static str {
    match form {
        FileForm::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        FileForm::Csv => "text/csv",
        FileForm::Json => "application/json",
        FileForm::Bundle => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_the_minute_of_its_making() {
        assert_eq!(file_stamp("2026-11-26 14:30:05.250"), "2026-11-26-1430");
    }
}
