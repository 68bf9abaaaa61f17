//! The time range of a panel: its length, where it ends, its step. What is typed is taken with Enter or on
//! leaving the field; what cannot be read stays in the field, beside a sentence that says what is expected.

pub mod ladder;

use crate::components::checked_field::CheckedField;
use crate::components::show::Show;
use crate::live::{effect, handler, live, view};
use crate::state::settings::Settings;
use crate::state::url::density_name;
use crate::texts::explore as texts;
use ladder::{End, format_range, narrower, parse_end, parse_range, shifted_end, wider};
use leptos::prelude::*;
use protocol::{Density, StepChoice};

/// Steps of the menu, in milliseconds.
const FIXED_STEPS_MS: [i64; 8] = [1_000, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];

/// The group of fields.
#[component]
pub fn TimeRange(
    /// In milliseconds.
    #[prop(into)]
    range_ms: Signal<i64>,
    /// In ms since the epoch; `None` follows the clock.
    #[prop(into)]
    end_ms: Signal<Option<i64>>,
    /// From one point to the next.
    #[prop(into)]
    step: Signal<StepChoice>,
    /// An instant needs no length and no step.
    #[prop(into)]
    is_instant: Signal<bool>,
    /// Another length was chosen.
    on_range: Callback<i64>,
    /// Another end was chosen.
    on_end: Callback<Option<i64>>,
    /// Another step was chosen.
    on_step: Callback<StepChoice>,
) -> impl IntoView {
    let shift = move |later: bool| on_end.run(shifted_end(end_ms.get(), range_ms.get(), now_ms(), later));
    view! {
        <div class="time-range" role="group" aria-label=texts::TIME_RANGE>
            <Show when=move || !is_instant.get()>
                <div class="joined">
                    <button
                        type="button"
                        title=texts::SHORTER
                        aria-label=texts::SHORTER
                        disabled=move || narrower(range_ms.get()) == range_ms.get()
                        on:click=handler(move |_| on_range.run(narrower(range_ms.get())))
                    >
                        "−"
                    </button>
                    <RangeField range_ms on_range/>
                    <button
                        type="button"
                        title=texts::LONGER
                        aria-label=texts::LONGER
                        disabled=move || wider(range_ms.get()) == range_ms.get()
                        on:click=handler(move |_| on_range.run(wider(range_ms.get())))
                    >
                        "+"
                    </button>
                </div>
            </Show>
            <div class="joined">
                <button type="button" title=texts::EARLIER aria-label=texts::EARLIER on:click=handler(move |_| shift(false))>
                    "‹"
                </button>
                <EndField end_ms on_end/>
                <button
                    type="button"
                    title=texts::LATER
                    aria-label=texts::LATER
                    disabled=move || end_ms.get().is_none()
                    on:click=handler(move |_| shift(true))
                >
                    "›"
                </button>
                <button type="button" disabled=move || end_ms.get().is_none() on:click=handler(move |_| on_end.run(None))>
                    {texts::NOW}
                </button>
            </div>
            <Show when=move || !is_instant.get()>
                <Resolution range_ms step on_step/>
            </Show>
        </div>
    }
}

#[component]
fn RangeField(range_ms: Signal<i64>, on_range: Callback<i64>) -> impl IntoView {
    let shown = Signal::derive(move || format_range(range_ms.get()));
    let take = Callback::new(move |text: String| parse_range(&text).map(|ms| on_range.run(ms)));
    view! { <CheckedField class="range-field" name=texts::RANGE placeholder="1h" shown take/> }
}

#[component]
fn EndField(end_ms: Signal<Option<i64>>, on_end: Callback<Option<i64>>) -> impl IntoView {
    let zone = expect_context::<Settings>().zone;
    let shown = Signal::derive(move || {
        end_ms.get().map_or_else(String::new, |end| zone.with(|zone| zone.civil(end).to_string()))
    });
    let take = Callback::new(move |text: String| {
        let end = zone.with_untracked(|zone| parse_end(&text, now_ms(), |civil| zone.to_utc(civil)))?;
        on_end.run(match end {
            End::Now => None,
            End::At(ms) => Some(ms),
        });
        Ok(())
    });
    view! { <CheckedField class="end-field" name=texts::END_TIME placeholder=texts::END_PLACEHOLDER shown take/> }
}

#[component]
fn Resolution(range_ms: Signal<i64>, step: Signal<StepChoice>, on_step: Callback<StepChoice>) -> impl IntoView {
    // Chosen in the menu, before a step was typed.
    let is_custom = RwSignal::new(is_custom_step(step.get_untracked()));
    effect(move || is_custom.set(is_custom_step(step.get())));
    let key = move || if is_custom.get() { "custom".to_owned() } else { key_of(step.get()) };
    let on_change = move |key: String| match choice_of(&key) {
        Some(choice) => {
            is_custom.set(false);
            on_step.run(choice);
        }
        None => is_custom.set(true),
    };
    let shown = Signal::derive(move || format_range(step.get().step_ms(range_ms.get())));
    let take =
        Callback::new(move |text: String| parse_range(&text).map(|step_ms| on_step.run(StepChoice::Fixed { step_ms })));
    let automatic = [Density::Low, Density::Medium, Density::High].map(|density| {
        let label = move || {
            let step_ms = StepChoice::Auto(density).step_ms(range_ms.get());
            texts::auto_step(density_name(density), &format_range(step_ms))
        };
        let is_selected = move || key() == density_name(density);
        view! { <option value=density_name(density) selected=live(is_selected)>{live(label)}</option> }
    });
    let fixed = FIXED_STEPS_MS.map(|step_ms| {
        let is_selected = move || key() == step_ms.to_string();
        view! { <option value=step_ms.to_string() selected=live(is_selected)>{format_range(step_ms)}</option> }
    });
    view! {
        <select
            class="resolution"
            aria-label=texts::RESOLUTION
            title=texts::RESOLUTION
            prop:value=live(key)
            on:change:target=move |event| on_change(event.target().value())
        >
            <optgroup label=texts::AUTO_STEPS>{automatic.collect_view()}</optgroup>
            <optgroup label=texts::FIXED_STEPS>
                {fixed.collect_view()}
                <option value="custom" selected=is_custom>{texts::CUSTOM_STEP}</option>
            </optgroup>
        </select>
        <Show when=move || is_custom.get()>
            <CheckedField class="range-field" name=texts::STEP placeholder="15s" shown take/>
        </Show>
    }
}

/// How the menu names a step.
fn key_of(step: StepChoice) -> String {
    match step {
        StepChoice::Auto(density) => density_name(density).to_owned(),
        StepChoice::Fixed { step_ms } if FIXED_STEPS_MS.contains(&step_ms) => step_ms.to_string(),
        StepChoice::Fixed { .. } => "custom".to_owned(),
    }
}

fn choice_of(key: &str) -> Option<StepChoice> {
    let density = [Density::Low, Density::Medium, Density::High].into_iter().find(|d| density_name(*d) == key);
    density.map(StepChoice::Auto).or_else(|| key.parse().ok().map(|step_ms| StepChoice::Fixed { step_ms }))
}

fn is_custom_step(step: StepChoice) -> bool {
    key_of(step) == "custom"
}

/// To the second: an end that was chosen is read by people.
fn now_ms() -> i64 {
    crate::browser::now_ms() / 1_000 * 1_000
}

#[cfg(test)]
mod tests {
    //! The menu of steps.
    use super::*;

    #[test]
    fn every_entry_of_the_menu_is_a_step_and_others_are_custom() {
        for step in
            [StepChoice::Auto(Density::Low), StepChoice::Auto(Density::High), StepChoice::Fixed { step_ms: 5_000 }]
        {
            assert_eq!(choice_of(&key_of(step)), Some(step));
        }
        assert!(is_custom_step(StepChoice::Fixed { step_ms: 1_500 }));
        assert_eq!(choice_of("custom"), None);
    }
}
