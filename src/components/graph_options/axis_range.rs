//! Which values the value axis shows: those of the series, those and zero, or those between two that are typed.

use super::{choice, owned};
use crate::components::checked_field::CheckedField;
use crate::components::show::Show;
use crate::live::{effect, memo, view};
use crate::state::url::graph::{GraphState, fixed};
use crate::texts::graph_options as texts;
use chart::{AxisRange, ScaleKind};
use leptos::prelude::*;

const FIT: &str = "fit";
const FROM_ZERO: &str = "zero";
const FIXED: &str = "fixed";

/// The choice, and two fields while it is fixed.
#[component]
pub(super) fn AxisRangeChoice(state: Signal<GraphState>, on_change: Callback<GraphState>) -> impl IntoView {
    // Chosen in the menu, before an end was typed.
    let is_fixed = RwSignal::new(false);
    // Only another range decides anew, not another form or unit.
    let range = memo(move |_| state.with(|state| state.y));
    effect(move || is_fixed.set(matches!(range.get(), AxisRange::Fixed { .. })));
    let set = move |y| on_change.run(GraphState { y, ..state.get_untracked() });
    let entries = [(FIT, texts::RANGE_FIT), (FROM_ZERO, texts::RANGE_FROM_ZERO), (FIXED, texts::RANGE_FIXED)];
    let chosen = move || match range.get() {
        _ if is_fixed.get() => FIXED,
        AxisRange::FromZero => FROM_ZERO,
        _ => FIT,
    };
    let on_choose = move |word: String| {
        is_fixed.set(word == FIXED);
        match word.as_str() {
            FIT => set(AxisRange::Fit),
            FROM_ZERO => set(AxisRange::FromZero),
            // The ends are typed next.
            _ => {}
        }
    };
    let field = move |name: &'static str, which: End| {
        let shown = Signal::derive(move || {
            state.with(|state| end_of(state.y, which).map(|v| v.to_string()).unwrap_or_default())
        });
        let take = Callback::new(move |text: String| {
            set(state.with_untracked(|state| with_end(state.y, state.scale, which, &text))?);
            Ok(())
        });
        view! { <CheckedField class="range-field" name=name placeholder=texts::END_FITS shown take/> }
    };
    view! {
        {choice(texts::RANGE, owned(entries.map(|(word, text)| (word, text.to_owned()))), Signal::derive(move || chosen().to_owned()), Callback::new(on_choose))}
        <Show when=move || is_fixed.get()>
            {field(texts::LEAST, End::Least)}
            {field(texts::GREATEST, End::Greatest)}
        </Show>
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Least,
    Greatest,
}

fn end_of(range: AxisRange, which: End) -> Option<f64> {
    match (range, which) {
        (AxisRange::Fixed { min, .. }, End::Least) => min,
        (AxisRange::Fixed { max, .. }, End::Greatest) => max,
        _ => None,
    }
}

/// The range with another end, as it was typed; nothing lets the end fit.
fn with_end(range: AxisRange, scale: ScaleKind, which: End, text: &str) -> Result<AxisRange, String> {
    let text = text.trim();
    let end = match text {
        "" => None,
        _ => Some(text.parse::<f64>().ok().filter(|v| v.is_finite()).ok_or_else(|| texts::no_number(text))?),
    };
    if scale == ScaleKind::Log && end.is_some_and(|end| end <= 0.0) {
        return Err(texts::NO_LOG.to_owned());
    }
    let (min, max) = match which {
        End::Least => (end, end_of(range, End::Greatest)),
        End::Greatest => (end_of(range, End::Least), end),
    };
    match (min, max) {
        (None, None) => Ok(AxisRange::Fit),
        (Some(low), Some(high)) => fixed(min, max).ok_or_else(|| texts::not_below(low, high)),
        _ => Ok(AxisRange::Fixed { min, max }),
    }
}

#[cfg(test)]
mod tests {
    //! Ends as they are typed.
    use super::*;

    #[test]
    fn an_end_is_a_number_below_or_above_the_other() {
        let both = AxisRange::Fixed { min: Some(1.0), max: Some(9.0) };
        for (range, which, text, want) in [
            (AxisRange::Fit, End::Least, "-5", Ok(AxisRange::Fixed { min: Some(-5.0), max: None })),
            (both, End::Greatest, " 1e3 ", Ok(AxisRange::Fixed { min: Some(1.0), max: Some(1_000.0) })),
            (both, End::Least, "", Ok(AxisRange::Fixed { min: None, max: Some(9.0) })),
            (AxisRange::Fixed { min: Some(1.0), max: None }, End::Least, "", Ok(AxisRange::Fit)),
            (both, End::Least, "9", Err("expected the least value to be below the greatest one, found 9 and 9")),
            (AxisRange::FromZero, End::Greatest, "7", Ok(AxisRange::Fixed { min: None, max: Some(7.0) })),
        ] {
            let got = with_end(range, ScaleKind::Linear, which, text);
            assert_eq!(got.as_ref().map_err(String::as_str), want.as_ref().map_err(|e| *e), "{text:?}");
        }
        for text in ["low", "NaN", "inf", "1,5", "1e999", "0x"] {
            assert!(with_end(both, ScaleKind::Linear, End::Least, text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_logarithmic_axis_has_no_zero() {
        let set = |scale, text| with_end(AxisRange::Fit, scale, End::Least, text).is_ok();
        assert!(set(ScaleKind::Log, "0.001") && set(ScaleKind::SymLog, "-3"));
        assert!(!set(ScaleKind::Log, "0") && !set(ScaleKind::Log, "-1"));
    }
}
