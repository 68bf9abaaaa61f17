//! Which value axis each expression of a graph belongs to: one axis a unit, in the order in which the units appear.

use super::unit;
use crate::state::url::graph::GraphState;
use chart::{AxisOptions, AxisRange, Form, MAX_AXES, Unit};
use protocol::{FamilyInfo, GraphAnswer};

/// The value axes of a graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axes {
    /// One to [`MAX_AXES`]: left, right, left of the first, right of the second.
    pub axes: Vec<AxisOptions>,
    /// The axis of each expression, by its number.
    pub of_query: Vec<u8>,
}

impl Axes {
    /// The axis of an expression.
    #[must_use]
    pub fn axis(&self, query_idx: u16) -> u8 {
        self.of_query.get(usize::from(query_idx)).copied().unwrap_or_default()
    }

    /// The unit of an expression's values.
    #[must_use]
    pub fn unit(&self, query_idx: u16) -> Unit {
        self.axes.get(usize::from(self.axis(query_idx))).map(|axis| axis.unit).unwrap_or_default()
    }
}

impl Axes {
    /// The unit of each expression.
    #[must_use]
    pub fn units(&self) -> Vec<Unit> {
        (0..self.of_query.len() as u16).map(|query_idx| self.unit(query_idx)).collect()
    }
}

/// The axes of an answer. `families` are sorted by name, as the session has them.
#[must_use]
pub fn of(answer: &GraphAnswer, families: &[FamilyInfo], state: &GraphState) -> Axes {
    let (units, of_query) = match state.unit.filter(|_| state.uses().unit) {
        Some(unit) => (vec![unit], vec![0; 1 + answer.extras.also.len()]),
        None => shared(&units_of(answer, families, state.form)),
    };
    let axis = |(idx, unit)| AxisOptions {
        unit,
        kind: state.used_scale(),
        range: match state.used_range() {
            // Whoever fixed a range meant the values that he saw first.
            AxisRange::Fixed { .. } if idx > 0 => AxisRange::Fit,
            range => range,
        },
    };
    Axes { axes: units.into_iter().enumerate().map(axis).collect(), of_query }
}

/// The unit of each expression; `None` for one that draws nothing and needs no axis.
fn units_of(answer: &GraphAnswer, families: &[FamilyInfo], form: Form) -> Vec<Option<Unit>> {
    let n_queries = 1 + answer.extras.also.len();
    let mut draws = vec![false; n_queries];
    let heat = answer.frame.heat.iter().map(|heat| heat.query_idx);
    for query_idx in answer.frame.series.iter().map(|series| series.source.query_idx).chain(heat) {
        if let Some(draws) = draws.get_mut(usize::from(query_idx)) {
            *draws = true;
        }
    }
    let has_buckets = |query_idx| form == Form::Heatmap && answer.frame.heat.iter().any(|h| h.query_idx == query_idx);
    let unit = |(idx, draws): (usize, &bool)| {
        let query_idx = idx as u16;
        let expr = answer.expr_of(query_idx);
        match has_buckets(query_idx) {
            true => Some(unit::of_buckets(expr, families)),
            false => draws.then(|| unit::of_query(expr, families).unit),
        }
    };
    draws.iter().enumerate().map(unit).collect()
}

/// The distinct units, and for each expression which of them it has. Where there are too many, the last ones share an
/// axis of plain numbers.
fn shared(units: &[Option<Unit>]) -> (Vec<Unit>, Vec<u8>) {
    let mut distinct: Vec<Unit> = Vec::new();
    for unit in units.iter().flatten() {
        if !distinct.contains(unit) {
            distinct.push(*unit);
        }
    }
    if distinct.len() > MAX_AXES {
        distinct.truncate(MAX_AXES - 1);
        if !distinct.contains(&Unit::None) {
            distinct.push(Unit::None);
        }
    }
    if distinct.is_empty() {
        distinct.push(Unit::None);
    }
    let place = |wanted: Unit| distinct.iter().position(|unit| *unit == wanted);
    let of_query = units.iter().map(|unit| {
        let Some(unit) = unit else {
            return 0;
        };
        place(*unit).or_else(|| place(Unit::None)).unwrap_or_default() as u8
    });
    let of_query = of_query.collect();
    (distinct, of_query)
}

#[cfg(test)]
mod tests {
    //! Expressions, the axes they get, and which is whose.
    use super::*;
    use expect_test::{Expect, expect};
    use frame::{Frame, FrameSeries, Points, SeriesStats, Source};
    use model::Labels;

    /// An answer to expressions; those in brackets draw nothing.
    fn answer(exprs: &[&str]) -> GraphAnswer {
        let mut frame = Frame::default();
        for (idx, _) in exprs.iter().enumerate().filter(|(_, expr)| !expr.starts_with('(')) {
            frame.series.push(FrameSeries {
                source: Source { query_idx: idx as u16, is_previous: false },
                labels: Labels::empty(),
                points: Points::Dense(vec![1.0]),
                stats: SeriesStats::of(&[1.0]),
            });
        }
        let also = exprs.iter().skip(1).map(|&expr| expr.to_owned()).collect();
        GraphAnswer {
            source: protocol::SourceChoice::Local,
            comparison: None,
            panel: protocol::PanelId(1),
            generation: 1,
            expr: exprs.first().map(|&expr| expr.to_owned()).unwrap_or_default(),
            extras: protocol::Extras { also, ..protocol::Extras::default() },
            failed: Vec::new(),
            start_ms: 0,
            end_ms: 1,
            step_ms: 1,
            frame,
            warnings: Vec::new(),
            infos: Vec::new(),
            stats: protocol::QueryStats::default(),
        }
    }

    fn told(exprs: &[&str], state: &GraphState) -> String {
        let axes = of(&answer(exprs), &[], state);
        let units: Vec<String> = axes.axes.iter().map(|axis| axis.unit.word()).collect();
        format!("{} {:?}", units.join(" "), axes.of_query)
    }

    fn check(exprs: &[&str], want: &Expect) {
        want.assert_eq(&told(exprs, &GraphState::default()));
    }

    #[test]
    fn each_unit_has_an_axis() {
        check(&["a_bytes"], &expect!["bytes [0]"]);
        check(&["a_bytes", "b_bytes"], &expect!["bytes [0, 0]"]);
        check(&["a_bytes", "b_seconds", "c_bytes"], &expect!["bytes seconds [0, 1, 0]"]);
        check(&["a", "b_bytes"], &expect!["none bytes [0, 1]"]);
        check(&["a_bytes", "b_seconds", "c_volts", "d_watts"], &expect!["bytes seconds volts watts [0, 1, 2, 3]"]);
    }

    #[test]
    fn too_many_units_share_plain_numbers() {
        check(
            &["a_bytes", "b_seconds", "c_volts", "d_watts", "e_grams", "f_bytes"],
            &expect!["bytes seconds volts none [0, 1, 2, 3, 3, 0]"],
        );
        check(&["a", "b_seconds", "c_volts", "d_watts", "e_grams"], &expect!["none seconds volts [0, 1, 2, 0, 0]"]);
    }

    #[test]
    fn what_draws_nothing_needs_no_axis() {
        check(&["(a_bytes)", "b_seconds"], &expect!["seconds [0, 0]"]);
        check(&["(a_bytes)"], &expect!["none [0]"]);
    }

    #[test]
    fn the_users_unit_is_that_of_all() {
        let state = GraphState { unit: Some(Unit::Ratio), ..GraphState::default() };
        expect!["ratio [0, 0]"].assert_eq(&told(&["a_bytes", "b_seconds"], &state));
    }

    #[test]
    fn a_fixed_range_is_that_of_the_first_axis() {
        let fixed = AxisRange::Fixed { min: Some(1.0), max: None };
        let state = GraphState { y: fixed, ..GraphState::default() };
        let axes = of(&answer(&["a_bytes", "b_seconds"]), &[], &state);
        assert_eq!(axes.axes.iter().map(|axis| axis.range).collect::<Vec<_>>(), [fixed, AxisRange::Fit]);
        let state = GraphState { y: AxisRange::FromZero, ..GraphState::default() };
        let axes = of(&answer(&["a_bytes", "b_seconds"]), &[], &state);
        assert!(axes.axes.iter().all(|axis| axis.range == AxisRange::FromZero));
    }
}
