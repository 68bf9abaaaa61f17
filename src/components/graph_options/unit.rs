//! The unit of a graph's values: that of the expressions, one of the menu, or a word that is typed.

use super::{CUSTOM, choice};
use crate::components::checked_field::CheckedField;
use crate::components::show::Show;
use crate::live::{effect, memo, view};
use crate::state::url::graph::GraphState;
use crate::texts::{graph_options as texts, units};
use chart::Unit;
use leptos::prelude::*;

/// The word for the unit of the expressions.
const AUTO: &str = "auto";

/// The choice, and a field for a unit that is not in it.
#[component]
pub(super) fn UnitChoice(state: Signal<GraphState>, on_change: Callback<GraphState>) -> impl IntoView {
    // Chosen in the menu, before a word was typed.
    let is_custom = RwSignal::new(false);
    let unit = memo(move |_| state.with(|state| state.unit));
    effect(move || is_custom.set(unit.get().is_some_and(|unit| !Unit::ALL.contains(&unit))));
    let set = move |unit: Option<Unit>| on_change.run(GraphState { unit, ..state.get_untracked() });
    let entries = std::iter::once((AUTO.to_owned(), texts::UNIT_AUTO.to_owned()))
        .chain(Unit::ALL.into_iter().map(|unit| (unit.word(), units::unit_name(unit))))
        .chain([(CUSTOM.to_owned(), texts::UNIT_CUSTOM.to_owned())]);
    let chosen = move || match unit.get() {
        _ if is_custom.get() => CUSTOM.to_owned(),
        None => AUTO.to_owned(),
        Some(unit) => unit.word(),
    };
    let on_choose = move |word: String| {
        is_custom.set(word == CUSTOM);
        match word.as_str() {
            AUTO => set(None),
            // It is typed next.
            CUSTOM => {}
            word => set(Unit::parse(word)),
        }
    };
    let shown = Signal::derive(move || unit.get().map(|unit| unit.word()).unwrap_or_default());
    let take = Callback::new(move |text: String| {
        set(read(&text)?);
        Ok(())
    });
    view! {
        {choice(texts::UNIT, entries.collect(), Signal::derive(chosen), Callback::new(on_choose))}
        <Show when=move || is_custom.get()>
            <CheckedField class="range-field" name=texts::UNIT_FIELD placeholder="requests" shown take/>
        </Show>
    }
}

/// A unit as it was typed; nothing is that of the expressions.
fn read(text: &str) -> Result<Option<Unit>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    Unit::parse(text).map(Some).ok_or_else(|| texts::no_unit(text))
}

#[cfg(test)]
mod tests {
    //! Units as they are typed.
    use super::*;

    #[test]
    fn a_word_is_a_unit_and_a_sentence_is_none() {
        assert_eq!(read(" "), Ok(None));
        assert_eq!(read("bytes/s"), Ok(Some(Unit::BytesPerSecond)));
        assert_eq!(read("pages").map(|unit| unit.map(|unit| unit.word())), Ok(Some("pages".to_owned())));
        assert!(read("<b>").is_err_and(|problem| problem.contains("found `<b>`")));
    }

    #[test]
    fn no_word_of_the_menu_is_a_unit_of_its_own() {
        assert!(Unit::ALL.iter().all(|unit| ![AUTO, CUSTOM].contains(&unit.word().as_str())));
    }
}
