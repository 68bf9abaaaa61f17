//! How a panel's graph looks, as it stands in the address. `display_mode`, `y_axis_min` and `show_exemplars` are
//! Prometheus' own words; the others it leaves alone.

use super::{format_range, parse_range};
use chart::{AxisRange, Form, ScaleKind, Unit};
use promql::ValueType;
use protocol::Extras;

/// A panel has at most so many expressions beside its first.
pub const MAX_ALSO: usize = 7;

/// How a panel's graph looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GraphState {
    /// What stands for a series.
    pub form: Form,
    /// How values are spread over the axes.
    pub scale: ScaleKind,
    /// Which values the axes show.
    pub y: AxisRange,
    /// The unit of all values, in place of what the expressions say.
    pub unit: Option<Unit>,
    /// More expressions in the same graph; an empty one is being written.
    pub also: Vec<String>,
    /// Also the period so many milliseconds before.
    pub previous_ms: Option<i64>,
    /// Exemplars as diamonds.
    pub shows_exemplars: bool,
    /// Counter resets, targets down and up, restarts, new series.
    pub shows_marks: bool,
    /// What the legend calls a series, `{{label}}` standing for a label's value; empty: its own labels.
    pub legend: String,
}

/// Which of the options a form has a use for. What it has none for is neither offered nor asked for; it stays in the
/// address, so that it is there again with the next form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uses {
    /// Logarithms.
    pub scale: bool,
    /// Another range of values.
    pub range: bool,
    /// A unit.
    pub unit: bool,
    /// The period before.
    pub previous: bool,
    /// Exemplars.
    pub exemplars: bool,
}

impl Uses {
    /// Of a form.
    #[must_use]
    pub fn of(form: Form) -> Self {
        const ALL: Uses = Uses { scale: true, range: true, unit: true, previous: true, exemplars: true };
        match form {
            Form::Lines | Form::Points | Form::Steps => ALL,
            // They begin at zero, which has no logarithm, and an older period would be put on top of the newer one.
            Form::Stacked | Form::Bars => Uses { scale: false, previous: false, exemplars: false, ..ALL },
            // Its axis has a row for each bucket.
            Form::Heatmap => Uses { scale: false, range: false, previous: false, exemplars: false, ..ALL },
            // Its axis has a row for each series.
            Form::States => Uses { scale: false, range: false, unit: false, previous: false, exemplars: false },
        }
    }
}

impl GraphState {
    /// What the form has a use for.
    #[must_use]
    pub fn uses(&self) -> Uses {
        Uses::of(self.form)
    }

    /// The spread of values, as far as the form has a use for it.
    #[must_use]
    pub fn used_scale(&self) -> ScaleKind {
        if self.uses().scale { self.scale } else { ScaleKind::Linear }
    }

    /// The range of values, as far as the form has a use for it.
    #[must_use]
    pub fn used_range(&self) -> AxisRange {
        if self.uses().range { self.y } else { AxisRange::Fit }
    }

    /// What the worker is asked for beside the lines. An expression that is empty or has errors is left blank: the others
    /// keep their numbers.
    #[must_use]
    pub fn extras(&self) -> Extras {
        let uses = self.uses();
        let mut also: Vec<String> =
            self.also.iter().map(|expr| if is_sound(expr) { expr.clone() } else { String::new() }).collect();
        // What is being written at the end is no new question.
        while also.last().is_some_and(String::is_empty) {
            also.pop();
        }
        let previous_ms = self.previous_ms.filter(|_| uses.previous);
        Extras {
            also,
            previous_ms,
            is_aligned: matches!(self.form, Form::Stacked | Form::Bars | Form::States) || previous_ms.is_some(),
            heat: self.form == Form::Heatmap,
            exemplars: self.shows_exemplars && uses.exemplars,
            marks: self.shows_marks,
        }
    }

    /// Reads a panel's part of an address.
    #[must_use]
    pub fn decode<'a>(get: &dyn Fn(&str) -> Option<&'a str>) -> Self {
        let is_on = |name: &str| get(name) == Some("1");
        GraphState {
            form: match get("display_mode").and_then(form_of) {
                Some(form) => form,
                None if is_on("stacked") => Form::Stacked,
                None => Form::Lines,
            },
            scale: get("y_scale").and_then(scale_of).unwrap_or_default(),
            y: decode_range(get),
            unit: get("unit").filter(|word| !word.is_empty()).and_then(Unit::parse),
            also: (1..=MAX_ALSO).map_while(|n| get(&format!("expr{n}")).map(str::to_owned)).collect(),
            previous_ms: get("previous").and_then(|text| parse_range(text).ok()),
            shows_exemplars: is_on("show_exemplars"),
            shows_marks: is_on("events"),
            legend: get("legend").unwrap_or_default().to_owned(),
        }
    }

    /// Writes it.
    pub fn encode(&self, put: &mut dyn FnMut(&str, &str)) {
        for (idx, expr) in self.also.iter().take(MAX_ALSO).enumerate() {
            put(&format!("expr{}", idx + 1), expr);
        }
        put("display_mode", form_name(self.form));
        if self.scale != ScaleKind::default() {
            put("y_scale", scale_name(self.scale));
        }
        encode_range(self.y, put);
        if let Some(unit) = self.unit {
            put("unit", &unit.word());
        }
        if let Some(ms) = self.previous_ms {
            put("previous", &format_range(ms));
        }
        for (name, is_on) in [("show_exemplars", self.shows_exemplars), ("events", self.shows_marks)] {
            if is_on {
                put(name, "1");
            }
        }
        if !self.legend.is_empty() {
            put("legend", &self.legend);
        }
    }
}

/// Whether a graph of an expression can be asked for. Its field says what is wrong with it.
fn is_sound(expr: &str) -> bool {
    let parsed = promql::parse(expr);
    let is_error = |found: &promql::Diagnostic| found.severity == promql::Severity::Error;
    let is_graphable = !matches!(parsed.expr.value_type(), ValueType::Matrix | ValueType::String);
    !expr.trim().is_empty() && is_graphable && !parsed.diagnostics.iter().any(is_error)
}

/// The text of an axis that begins at zero, as Prometheus writes it. An axis that is cut off at zero, whatever lies below,
/// has [`CUT_AT_ZERO`].
const FROM_ZERO: &str = "0";
const CUT_AT_ZERO: &str = "0.0";

fn decode_range<'a>(get: &dyn Fn(&str) -> Option<&'a str>) -> AxisRange {
    let end = |name: &str| get(name).and_then(|text| text.parse::<f64>().ok()).filter(|v| v.is_finite());
    match (end("y_axis_min"), end("y_axis_max")) {
        (Some(_), None) if get("y_axis_min") == Some(FROM_ZERO) => AxisRange::FromZero,
        (None, None) => AxisRange::Fit,
        (min, max) => fixed(min, max).unwrap_or_default(),
    }
}

fn encode_range(range: AxisRange, put: &mut dyn FnMut(&str, &str)) {
    match range {
        AxisRange::Fit => {}
        AxisRange::FromZero => put("y_axis_min", FROM_ZERO),
        AxisRange::Fixed { min, max } => {
            if let Some(min) = min {
                let is_zero = min == 0.0 && max.is_none();
                put("y_axis_min", &if is_zero { CUT_AT_ZERO.to_owned() } else { min.to_string() });
            }
            if let Some(max) = max {
                put("y_axis_max", &max.to_string());
            }
        }
    }
}

/// A range of values with one or two ends; `None` if there is nothing between them.
#[must_use]
pub fn fixed(min: Option<f64>, max: Option<f64>) -> Option<AxisRange> {
    let is_something = match (min, max) {
        (Some(min), Some(max)) => min < max,
        (None, None) => false,
        _ => true,
    };
    is_something.then_some(AxisRange::Fixed { min, max })
}

/// The forms, in the order of the menu, and their words in the address.
pub const FORMS: [(Form, &str); 7] = [
    (Form::Lines, "lines"),
    (Form::Stacked, "stacked"),
    (Form::Bars, "bars"),
    (Form::Points, "points"),
    (Form::Steps, "steps"),
    (Form::Heatmap, "heatmap"),
    (Form::States, "states"),
];

/// The spreads of values, in the order of the menu, and their words in the address.
pub const SCALES: [(ScaleKind, &str); 3] =
    [(ScaleKind::Linear, "linear"), (ScaleKind::Log, "log"), (ScaleKind::SymLog, "symlog")];

/// The word for a form in the address.
#[must_use]
pub fn form_name(form: Form) -> &'static str {
    FORMS.iter().find(|(one, _)| *one == form).map_or("lines", |(_, name)| name)
}

/// The form of a word.
#[must_use]
pub fn form_of(name: &str) -> Option<Form> {
    FORMS.iter().find(|(_, one)| *one == name).map(|(form, _)| *form)
}

/// The word for a spread of values in the address.
#[must_use]
pub fn scale_name(scale: ScaleKind) -> &'static str {
    SCALES.iter().find(|(one, _)| *one == scale).map_or("linear", |(_, name)| name)
}

/// The spread of a word.
#[must_use]
pub fn scale_of(name: &str) -> Option<ScaleKind> {
    SCALES.iter().find(|(_, one)| *one == name).map(|(scale, _)| *scale)
}

#[cfg(test)]
mod tests;
