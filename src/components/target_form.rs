//! The settings of a target in a dialog, each with a sentence that says what it does.

pub mod draft;

use crate::browser::dialog;
use crate::client::Client;
use crate::live::{handler, live, memo, view};
use crate::state::session::Session;
use crate::texts::targets as texts;
use draft::{CHOICES_MS, Draft, Field};
use leptos::ev::SubmitEvent;
use leptos::html::Dialog;
use leptos::prelude::*;
use model::{Millis, duration};
use protocol::TargetId;

/// The dialog; it is open while a target is being edited.
#[component]
pub fn TargetForm(
    /// Which one.
    edited: RwSignal<Option<TargetId>>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let node = NodeRef::<Dialog>::new();
    dialog::follow(node, move || edited.get().is_some());
    let form = move || {
        let id = edited.get()?;
        let spec = session.targets.with_untracked(|targets| {
            targets.iter().find(|target| target.id == id).map(|target| target.spec.clone())
        })?;
        Some(view! { <Form id draft=RwSignal::new(Draft::of(&spec)) close=move || edited.set(None)/> })
    };
    view! {
        <dialog
            aria-labelledby="target-form-title"
            node_ref=node
            on:close=handler(move |_| edited.set(None))
        >
            {live(form)}
        </dialog>
    }
}

#[component]
fn Form(id: TargetId, draft: RwSignal<Draft>, close: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let client = expect_context::<Client>();
    // Nothing is called wrong before somebody has finished.
    let was_submitted = RwSignal::new(false);
    let problems = memo(move |_| match draft.read().check() {
        Err(problems) if was_submitted.get() => problems,
        _ => Vec::new(),
    });
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        was_submitted.set(true);
        if let Ok(spec) = draft.read_untracked().check() {
            client.update_target(id, spec);
            close();
        }
    };
    view! {
        <form class="dialog-body target-form" novalidate=true on:submit=handler(on_submit)>
            <h2 id="target-form-title">{texts::FORM_TITLE}</h2>
            <TextField field=Field::Url label=texts::URL help=texts::URL_HELP draft problems/>
            <TextField field=Field::Job label=texts::JOB help=texts::JOB_HELP draft problems/>
            <TextField field=Field::Labels label=texts::LABELS help=texts::LABELS_HELP draft problems/>
            <div class="field-pair">
                <Interval draft problems/>
                <TextField field=Field::Timeout label=texts::TIMEOUT help=texts::TIMEOUT_HELP draft problems/>
            </div>
            <Check draft get=|d| &mut d.honor_labels label=texts::HONOR_LABELS help=texts::HONOR_LABELS_HELP/>
            <Check draft get=|d| &mut d.honor_timestamps label=texts::HONOR_TIMESTAMPS help=texts::HONOR_TIMESTAMPS_HELP/>
            <Check draft get=|d| &mut d.track_staleness label=texts::TRACK_STALENESS help=texts::TRACK_STALENESS_HELP/>
            <Check draft get=|d| &mut d.native_histograms label=texts::NATIVE_HISTOGRAMS help=texts::NATIVE_HISTOGRAMS_HELP/>
            <Check draft get=|d| &mut d.paused label=texts::PAUSED help=texts::PAUSED_HELP/>
            <p class="muted">{texts::NEW_SERIES}</p>
            <div class="dialog-buttons">
                <button type="submit" class="primary">{texts::SAVE}</button>
                <button type="button" on:click=handler(move |_| close())>{texts::CANCEL}</button>
            </div>
        </form>
    }
}

type Problems = Memo<Vec<(Field, String)>>;

/// A line or a few of text, with its help and what is wrong with it.
#[component]
fn TextField(
    field: Field,
    label: &'static str,
    help: &'static str,
    draft: RwSignal<Draft>,
    problems: Problems,
) -> impl IntoView {
    let id = format!("target-{}", field.name());
    let help_id = format!("{id}-help");
    let value = move || draft.with(|draft| draft.text(field).to_owned());
    let on_input = move |event| draft.update(|draft| *draft.text_mut(field) = event_target_value(&event));
    let invalid = move || problems.with(|all| all.iter().any(|(of, _)| *of == field)).then_some("true");
    let input = if field == Field::Labels {
        view! {
            <textarea
                id=id.clone()
                class="mono"
                rows="2"
                spellcheck="false"
                aria-describedby=help_id.clone()
                aria-invalid=live(invalid)
                prop:value=live(value)
                on:input=handler(on_input)
            ></textarea>
        }
    } else {
        view! {
            <input
                id=id.clone()
                type="text"
                class="mono"
                spellcheck="false"
                autocomplete="off"
                aria-describedby=help_id.clone()
                aria-invalid=live(invalid)
                prop:value=live(value)
                on:input=handler(on_input)
            />
        }
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {input}
            <Help id=help_id help field problems/>
        </div>
    }
}

#[component]
fn Help(id: String, help: &'static str, field: Field, problems: Problems) -> impl IntoView {
    let problem = move || problems.with(|all| all.iter().find(|(of, _)| *of == field).map(|(_, text)| text.clone()));
    view! {
        <small id=id class="muted">
            {move || problem().map(|problem| view! { <span class="field-problem" role="alert">{problem}</span> " " })}
            {help}
        </small>
    }
}

/// A few usual intervals, and a field for others.
#[component]
fn Interval(draft: RwSignal<Draft>, problems: Problems) -> impl IntoView {
    const OTHER: &str = "other";
    let choices = || CHOICES_MS.map(|ms| duration::format(Millis(i64::from(ms))));
    let is_other = RwSignal::new(draft.with_untracked(|draft| !choices().contains(&draft.interval)));
    let on_change = move |event| match event_target_value(&event).as_str() {
        OTHER => is_other.set(true),
        text => {
            is_other.set(false);
            draft.update(|draft| draft.set_interval(text));
        }
    };
    let chosen = draft.with_untracked(|draft| draft.interval.clone());
    let options = choices().map(|text| {
        let selected = !is_other.get_untracked() && text == chosen;
        view! { <option value=text.clone() selected=selected>{text.clone()}</option> }
    });
    let other = move || {
        is_other.get().then(|| {
            view! {
                <input
                    type="text"
                    class="mono"
                    aria-label=texts::CUSTOM_INTERVAL
                    prop:value=move || draft.with(|draft| draft.interval.clone())
                    on:input=handler(move |event| draft.update(|draft| draft.set_interval(&event_target_value(&event))))
                />
            }
        })
    };
    view! {
        <div class="field">
            <label for="target-interval">{texts::INTERVAL}</label>
            <div class="field-row">
                <select id="target-interval" aria-describedby="target-interval-help" on:change=handler(on_change)>
                    {options.collect_view()}
                    <option value=OTHER selected=is_other.get_untracked()>{texts::CUSTOM}</option>
                </select>
                {live(other)}
            </div>
            <Help id="target-interval-help".to_owned() help=texts::INTERVAL_HELP field=Field::Interval problems/>
        </div>
    }
}

#[component]
fn Check(
    draft: RwSignal<Draft>,
    get: fn(&mut Draft) -> &mut bool,
    label: &'static str,
    help: &'static str,
) -> impl IntoView {
    let checked = move || {
        let mut draft = draft.get();
        *get(&mut draft)
    };
    let on_change = move |event| draft.update(|draft| *get(draft) = event_target_checked(&event));
    view! {
        <label class="check">
            <input type="checkbox" aria-label=label prop:checked=live(checked) on:change=handler(on_change)/>
            <span>{label} <small class="muted">{help}</small></span>
        </label>
    }
}
