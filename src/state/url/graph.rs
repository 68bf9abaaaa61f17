//! How a panel's graph looks, as it stands in the address. `display_mode`, `y_axis_min` and `show_exemplars` are
//! Prometheus' own words; the others it leaves alone.

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

impl GraphState {
    /// What the worker is asked for beside the lines.
    #[must_use]
    pub fn extras(&self) -> Extras {
        let is_aligned = matches!(self.form, Form::Stacked | Form::Bars | Form::States) || self.previous_ms.is_some();
        Extras {
            also: self.also.iter().map(|expr| askable(expr)).collect(),
            previous_ms: self.previous_ms,
            is_aligned,
            heat: self.form == Form::Heatmap,
            exemplars: self.shows_exemplars,
            marks: self.shows_marks,
        }
    }

    /// Reads a panel's part of an address.
    #[must_use]
    pub fn decode<'a>(get: &dyn Fn(&str) -> Option<&'a str>) -> Self {
        let number = |name: &str| get(name).and_then(|text| text.parse::<f64>().ok()).filter(|v| v.is_finite());
        GraphState {
            form: match get("display_mode") {
                Some("stacked") => Form::Stacked,
                Some("bars") => Form::Bars,
                Some("points") => Form::Points,
                Some("steps") => Form::Steps,
                Some("heatmap") => Form::Heatmap,
                Some("states") => Form::States,
                _ if get("stacked") == Some("1") => Form::Stacked,
                _ => Form::Lines,
            },
            y: match (number("y_axis_min"), number("y_axis_max")) {
                (None, None) => AxisRange::Fit,
                (Some(0.0), None) => AxisRange::FromZero,
                (min, max) => AxisRange::Fixed { min, max },
            },
            also: (1..=MAX_ALSO).map_while(|n| get(&format!("expr{n}")).map(str::to_owned)).collect(),
            shows_exemplars: get("show_exemplars") == Some("1"),
            ..GraphState::default()
        }
    }

    /// Writes it.
    pub fn encode(&self, put: &mut dyn FnMut(&str, &str)) {
        for (idx, expr) in self.also.iter().enumerate() {
            put(&format!("expr{}", idx + 1), expr);
        }
        put("display_mode", form_name(self.form));
        match self.y {
            AxisRange::Fit => {}
            AxisRange::FromZero => put("y_axis_min", "0"),
            AxisRange::Fixed { min, max } => {
                for (name, end) in [("y_axis_min", min), ("y_axis_max", max)] {
                    if let Some(end) = end {
                        put(name, &end.to_string());
                    }
                }
            }
        }
        if self.shows_exemplars {
            put("show_exemplars", "1");
        }
    }
}

/// An expression if a graph of it can be asked for; else nothing, so that those behind it keep their numbers. Its field
/// says what is wrong with it.
fn askable(expr: &str) -> String {
    let parsed = promql::parse(expr);
    let is_sound = !parsed.diagnostics.iter().any(|found| found.severity == promql::Severity::Error);
    let is_graphable = !matches!(parsed.expr.value_type(), ValueType::Matrix | ValueType::String);
    if is_sound && is_graphable { expr.to_owned() } else { String::new() }
}

/// The word for a form in the address.
#[must_use]
pub fn form_name(form: Form) -> &'static str {
    match form {
        Form::Lines => "lines",
        Form::Stacked => "stacked",
        Form::Bars => "bars",
        Form::Points => "points",
        Form::Steps => "steps",
        Form::Heatmap => "heatmap",
        Form::States => "states",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_graphed_is_not_asked_and_keeps_its_place() {
        let also = ["up", "sum(", "", "up[5m]", "\"text\"", "1"].map(str::to_owned).into();
        let state = GraphState { also, ..GraphState::default() };
        assert_eq!(state.extras().also, ["up", "", "", "", "", "1"]);
    }
}
