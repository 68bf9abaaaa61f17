//! Texts of the options of a graph: its form, its axes, what is drawn beside it.

use crate::texts::units::span;
use chart::{Form, ScaleKind};

/// The options.
pub const OPTIONS: &str = "Graph options";
/// Opens them where they do not stand open.
pub const OPEN_OPTIONS: &str = "Options";

/// What stands for a series.
pub const FORM: &str = "Form";
/// How values are spread.
pub const SCALE: &str = "Value axis";
/// Which values there are.
pub const RANGE: &str = "Values shown";
/// The unit of the values.
pub const UNIT: &str = "Unit";
/// The period before.
pub const PREVIOUS: &str = "Compare with";
/// How series are called.
pub const NAMES: &str = "Names in the legend";
/// In the empty field for that.
pub const NAMES_PLACEHOLDER: &str = "{{label}}";
/// Exemplars.
pub const EXEMPLARS: &str = "Exemplars";
/// What they are.
pub const EXEMPLARS_HINT: &str = "Single observations that targets sent along, with their trace, as diamonds";
/// Events.
pub const EVENTS: &str = "Events";
/// What they are.
pub const EVENTS_HINT: &str = "Counter resets, targets down and up, restarts, new series";

/// A form in the menu.
#[must_use]
pub fn form(form: Form) -> &'static str {
    match form {
        Form::Lines => "Lines",
        Form::Stacked => "Stacked",
        Form::Bars => "Bars",
        Form::Points => "Points",
        Form::Steps => "Steps",
        Form::Heatmap => "Heat map",
        Form::States => "States",
    }
}

/// A spread of values in the menu.
#[must_use]
pub fn scale(scale: ScaleKind) -> &'static str {
    match scale {
        ScaleKind::Linear => "Linear",
        ScaleKind::Log => "Log",
        ScaleKind::SymLog => "Symlog",
    }
}

/// The values of the series.
pub const RANGE_FIT: &str = "Fit";
/// Those and zero.
pub const RANGE_FROM_ZERO: &str = "From 0";
/// Those between two that are typed.
pub const RANGE_FIXED: &str = "Fixed";
/// The lower end.
pub const LEAST: &str = "Least value";
/// The upper end.
pub const GREATEST: &str = "Greatest value";
/// An end that is left to the data.
pub const END_FITS: &str = "fits";

/// What was typed is no number.
#[must_use]
pub fn no_number(text: &str) -> String {
    format!("expected a number such as `0.5`, `-20` or `1e6`, or nothing (then the end fits), found `{text}`")
}

/// The lower end is not below the upper one.
#[must_use]
pub fn not_below(min: f64, max: f64) -> String {
    format!("expected the least value to be below the greatest one, found {min} and {max}")
}

/// Zero and less have no logarithm.
pub const NO_LOG: &str = "expected more than 0: the axis is logarithmic. `Symlog` has room for 0 and less";

/// The unit is that of the expression.
pub const UNIT_AUTO: &str = "Unit: auto";

/// One that is not in the menu.
pub const UNIT_CUSTOM: &str = "Another unit";
/// The field for it.
pub const UNIT_FIELD: &str = "Name of the unit";

/// What was typed cannot stand beside numbers.
#[must_use]
pub fn no_unit(text: &str) -> String {
    format!(
        "expected a word such as `requests` or `pages/s`, of letters and digits and at most 22 characters, found `{text}`"
    )
}

/// No period before.
pub const PREVIOUS_OFF: &str = "No comparison";
/// One that is typed.
pub const PREVIOUS_CUSTOM: &str = "Custom";
/// The field for it.
pub const PREVIOUS_FIELD: &str = "Compare with so much earlier";

/// A period before in the menu.
#[must_use]
pub fn previous(ms: i64) -> String {
    format!("And {} earlier", span(ms))
}

/// The panel shows histograms, which are best seen as a heat map.
pub const HEAT_OFFER: &str = "These are the buckets of histograms.";
/// Shows them so.
pub const SHOW_HEAT: &str = "Show as heat map";

#[cfg(test)]
mod tests {
    //! Sentences with numbers in them.
    use super::*;

    #[test]
    fn an_end_that_is_refused_says_what_was_expected() {
        assert_eq!(not_below(5.0, 1.5), "expected the least value to be below the greatest one, found 5 and 1.5");
        assert_eq!(previous(604_800_000), "And 1 w earlier");
    }
}
