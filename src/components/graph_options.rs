//! The options of a graph in one row: form, value axis, unit, the period before, what is drawn beside the series. On a phone a
//! button opens them. What the form has no use for is not there.

mod axis_range;
mod unit;

use crate::components::checked_field::CheckedField;
use crate::components::show::Show;
use crate::components::time_range::ladder::{format_range, parse_range};
use crate::live::{effect, handler, live, memo, view};
use crate::state::url::graph::{FORMS, GraphState, SCALES, form_name, form_of, scale_name, scale_of};
use crate::texts::graph_options as texts;
use axis_range::AxisRangeChoice;
use leptos::prelude::*;
use unit::UnitChoice;

/// Periods of the menu, in milliseconds: an hour, a day, a week.
const PREVIOUS_MS: [i64; 3] = [3_600_000, 24 * 3_600_000, 7 * 24 * 3_600_000];

/// The word for none of them.
const OFF: &str = "off";

/// The word for what is not in a menu, but typed.
const CUSTOM: &str = "custom";

/// The options.
#[component]
pub fn GraphOptions(
    /// Tells the parts of one panel from those of others.
    id: u32,
    /// What is chosen.
    #[prop(into)]
    state: Signal<GraphState>,
    /// Something else was chosen.
    on_change: Callback<GraphState>,
) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let uses = memo(move |_| state.with(GraphState::uses));
    let change = move |change: &dyn Fn(&mut GraphState)| {
        let mut next = state.get_untracked();
        change(&mut next);
        on_change.run(next);
    };
    let forms = FORMS.iter().map(|(form, word)| ((*word).to_owned(), texts::form(*form).to_owned())).collect();
    let on_form = move |word: String| {
        if let Some(form) = form_of(&word) {
            change(&|state| state.form = form);
        }
    };
    let form = Signal::derive(move || state.with(|state| form_name(state.form).to_owned()));
    let scale = move || {
        let scales = SCALES.iter().map(|(scale, word)| ((*word).to_owned(), texts::scale(*scale).to_owned())).collect();
        let on_scale = move |word: String| {
            if let Some(scale) = scale_of(&word) {
                change(&|state| state.scale = scale);
            }
        };
        let chosen = Signal::derive(move || state.with(|state| scale_name(state.scale).to_owned()));
        choice(texts::SCALE, scales, chosen, Callback::new(on_scale))
    };
    let take_names = Callback::new(move |text: String| {
        change(&|state| text.trim().clone_into(&mut state.legend));
        Ok(())
    });
    let names = Signal::derive(move || state.with(|state| state.legend.clone()));
    let box_id = format!("graph-options-{id}");
    view! {
        <div class="graph-options" role="group" aria-label=texts::OPTIONS class:is-open=is_open>
            {choice(texts::FORM, forms, form, Callback::new(on_form))}
            <button
                type="button"
                class="quiet options-opener"
                aria-expanded=move || is_open.get().to_string()
                aria-controls=box_id.clone()
                on:click=handler(move |_| is_open.update(|is| *is = !*is))
            >
                {texts::OPEN_OPTIONS}
            </button>
            <div class="options-box" id=box_id>
                <Show when=move || uses.get().scale>{scale()}</Show>
                <Show when=move || uses.get().range><AxisRangeChoice state on_change/></Show>
                <Show when=move || uses.get().unit><UnitChoice state on_change/></Show>
                <Show when=move || uses.get().previous><PreviousChoice state on_change/></Show>
                <Show when=move || uses.get().exemplars>
                    {switch(
                        texts::EXEMPLARS,
                        texts::EXEMPLARS_HINT,
                        Signal::derive(move || state.with(|state| state.shows_exemplars)),
                        Callback::new(move |is_on| change(&|state| state.shows_exemplars = is_on)),
                    )}
                </Show>
                {switch(
                    texts::EVENTS,
                    texts::EVENTS_HINT,
                    Signal::derive(move || state.with(|state| state.shows_marks)),
                    Callback::new(move |is_on| change(&|state| state.shows_marks = is_on)),
                )}
                <CheckedField class="names-field" name=texts::NAMES placeholder=texts::NAMES_PLACEHOLDER shown=names take=take_names/>
            </div>
        </div>
    }
}

fn owned(entries: impl IntoIterator<Item = (&'static str, String)>) -> Vec<(String, String)> {
    entries.into_iter().map(|(word, text)| (word.to_owned(), text)).collect()
}

/// A list to choose from: words and what they are called.
fn choice(
    label: &'static str,
    entries: Vec<(String, String)>,
    chosen: Signal<String>,
    on_choose: Callback<String>,
) -> AnyView {
    let options = entries.into_iter().map(|(word, text)| {
        let this = word.clone();
        view! { <option value=word selected=live(move || chosen.with(|chosen| *chosen == this))>{text}</option> }
    });
    view! {
        <select
            aria-label=label
            title=label
            prop:value=chosen
            on:change=handler(move |event| on_choose.run(event_target_value(&event)))
        >
            {options.collect_view()}
        </select>
    }
}

fn switch(label: &'static str, hint: &'static str, is_on: Signal<bool>, on_switch: Callback<bool>) -> AnyView {
    view! {
        <label class="option-switch" title=hint>
            <input type="checkbox" prop:checked=is_on on:change=handler(move |event| on_switch.run(event_target_checked(&event)))/>
            {label}
        </label>
    }
}

/// The period before: one of the menu, or a length that is typed.
#[component]
fn PreviousChoice(state: Signal<GraphState>, on_change: Callback<GraphState>) -> impl IntoView {
    // Chosen in the menu, before a length was typed.
    let is_custom = RwSignal::new(false);
    let previous_ms = memo(move |_| state.with(|state| state.previous_ms));
    effect(move || is_custom.set(previous_ms.get().is_some_and(|ms| !PREVIOUS_MS.contains(&ms))));
    let set = move |ms: Option<i64>| on_change.run(GraphState { previous_ms: ms, ..state.get_untracked() });
    let words: [&'static str; 3] = ["1h", "1d", "1w"];
    let entries = std::iter::once((OFF, texts::PREVIOUS_OFF.to_owned()))
        .chain(words.into_iter().zip(PREVIOUS_MS.map(texts::previous)))
        .chain([(CUSTOM, texts::PREVIOUS_CUSTOM.to_owned())]);
    let chosen = move || match previous_ms.get() {
        _ if is_custom.get() => CUSTOM,
        None => OFF,
        Some(ms) => words.into_iter().zip(PREVIOUS_MS).find(|(_, one)| *one == ms).map_or(CUSTOM, |(word, _)| word),
    };
    let on_choose = move |word: String| {
        is_custom.set(word == CUSTOM);
        if word != CUSTOM {
            // `off` is no length.
            set(parse_range(&word).ok());
        }
    };
    let shown = Signal::derive(move || previous_ms.get().map(format_range).unwrap_or_default());
    let take = Callback::new(move |text: String| {
        let ms = if text.trim().is_empty() { None } else { Some(parse_range(&text)?) };
        set(ms);
        Ok(())
    });
    view! {
        {choice(texts::PREVIOUS, owned(entries), Signal::derive(move || chosen().to_owned()), Callback::new(on_choose))}
        <Show when=move || is_custom.get()>
            <CheckedField class="range-field" name=texts::PREVIOUS_FIELD placeholder="1d" shown take/>
        </Show>
    }
}
