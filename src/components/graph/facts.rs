//! What can be pointed at on a graph, and what there is to say of it: a sample, a state, a cell of a heat map, an exemplar,
//! an event.

use super::picture::Picture;
use crate::texts::hands as texts;
use crate::texts::legend::earlier;
use crate::texts::marks;
use crate::texts::units::span;
use chart::hit::{HeatHit, state_at};
use chart::marks::{exemplar_place, triangle_px};
use chart::{Form, Hit, Unit, format};
use frame::Mark;
use model::{Labels, METRIC_NAME};

/// More labels than this are counted.
const MAX_LABELS: usize = 30;

/// What is at the cursor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Thing {
    /// A sample of a series.
    Sample(Hit),
    /// A cell of a heat map.
    Cell(HeatHit),
    /// An exemplar, by its place in the frame.
    Exemplar(usize),
    /// An event, by its place in the frame.
    Mark(usize),
    /// A note of the user, by its place among those that were drawn.
    Note(usize),
}

impl Thing {
    /// What lies at a place and is no sample; units of the backend.
    #[must_use]
    pub fn beside_samples(picture: &Picture, x: f64, y: f64) -> Option<Self> {
        let (frame, drawing) = (&picture.answer.frame, &picture.drawing);
        // As they are drawn: notes lie above.
        let note = drawing.mark_at(&picture.notes, x, y).map(Thing::Note);
        let mark = || drawing.mark_at(frame, x, y).map(Thing::Mark);
        let exemplar = || drawing.exemplar_at(frame, x, y).map(Thing::Exemplar);
        let cell = || chart::hit::heat_at(frame, drawing, x, y).map(Thing::Cell);
        note.or_else(mark).or_else(exemplar).or_else(cell)
    }

    /// When, ms since the epoch.
    #[must_use]
    pub fn time(&self, picture: &Picture) -> Option<f64> {
        let frame = &picture.answer.frame;
        match self {
            Thing::Sample(hit) => Some(hit.t),
            Thing::Cell(cell) => Some(cell.t),
            Thing::Exemplar(idx) => Some(frame.exemplars.get(*idx)?.t),
            Thing::Mark(_) | Thing::Note(_) => Some(self.mark(picture)?.at_ms as f64),
        }
    }

    /// The event or note.
    #[must_use]
    pub fn mark<'a>(&self, picture: &'a Picture) -> Option<&'a Mark> {
        match self {
            Thing::Mark(idx) => picture.answer.frame.marks.get(*idx),
            Thing::Note(idx) => picture.notes.marks.get(*idx),
            _ => None,
        }
    }

    /// Where it lies, CSS pixels of the plot element.
    #[must_use]
    pub fn place(&self, picture: &Picture) -> Option<(f64, f64)> {
        let (frame, drawing) = (&picture.answer.frame, &picture.drawing);
        let layout = &drawing.layout;
        let (x, y) = match self {
            Thing::Sample(hit) => (hit.x, hit.y),
            Thing::Cell(cell) => (layout.time.to_px(cell.t), layout.value(0).to_px(cell.row_idx as f64 + 0.5)),
            Thing::Exemplar(idx) => exemplar_place(frame, drawing, frame.exemplars.get(*idx)?)?,
            Thing::Mark(_) | Thing::Note(_) => {
                let x = layout.time.to_px(self.mark(picture)?.at_ms as f64);
                // One that began before is told where it is first seen.
                let x = x.clamp(f64::from(layout.plot.left), f64::from(layout.plot.right));
                (x, f64::from(layout.plot.top) + triangle_px(layout))
            }
        };
        Some((picture.to_css(x), picture.to_css(y)))
    }
}

/// What there is to say of a thing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// When, ms since the epoch.
    pub from_ms: i64,
    /// Until when, if it lasts.
    pub to_ms: Option<i64>,
    /// The value, exact and short; of an event what happened.
    pub value: String,
    /// The colour of the series, as CSS has it.
    pub colour: Option<String>,
    /// The metric, or the expression; nothing where there is none.
    pub name: String,
    /// The labels without the metric's name.
    pub labels: Vec<(String, String)>,
    /// More sentences.
    pub more: Vec<String>,
}

impl Facts {
    /// Of a thing in a picture.
    #[must_use]
    pub fn of(picture: &Picture, thing: &Thing) -> Option<Self> {
        match thing {
            Thing::Sample(hit) => of_sample(picture, hit),
            Thing::Cell(cell) => of_cell(picture, cell),
            Thing::Exemplar(idx) => of_exemplar(picture, *idx),
            Thing::Mark(_) | Thing::Note(_) => thing.mark(picture).map(of_mark),
        }
    }

    /// How many labels are only counted.
    #[must_use]
    pub fn n_left_out(&self) -> usize {
        self.labels.len().saturating_sub(MAX_LABELS)
    }

    /// The labels that are shown.
    #[must_use]
    pub fn shown_labels(&self) -> &[(String, String)] {
        &self.labels[..self.labels.len().min(MAX_LABELS)]
    }

    /// When, in words; `format` writes a time.
    #[must_use]
    pub fn when(&self, format: impl Fn(i64) -> String) -> String {
        match self.to_ms.filter(|to_ms| *to_ms > self.from_ms) {
            Some(to_ms) => texts::lasting(&format(self.from_ms), &format(to_ms), &span(to_ms - self.from_ms)),
            None => format(self.from_ms),
        }
    }
}

fn of_sample(picture: &Picture, hit: &Hit) -> Option<Facts> {
    let answer = &picture.answer;
    let series = answer.frame.series.get(hit.series_idx)?;
    let expr = answer.expr_of(series.source.query_idx);
    let mut facts = Facts {
        from_ms: hit.t as i64,
        value: value(picture.unit(hit.series_idx), hit.v),
        colour: Some(picture.drawing.styles.get(hit.series_idx)?.colour.css()),
        name: series.labels.metric_name().unwrap_or(expr).to_owned(),
        labels: pairs(&series.labels),
        ..Facts::default()
    };
    if let (true, Some(ms)) = (series.source.is_previous, answer.extras.previous_ms) {
        facts.more.push(earlier(ms));
    }
    if picture.drawing.form == Form::States {
        let state = state_at(&answer.frame, &picture.drawing, hit.x, hit.y);
        if let Some(state) = state.filter(|state| state.series_idx == hit.series_idx) {
            (facts.from_ms, facts.to_ms) = (state.from_ms, Some(state.to_ms));
        }
    }
    Some(facts)
}

fn of_cell(picture: &Picture, cell: &HeatHit) -> Option<Facts> {
    let heat = picture.answer.frame.heat.get(cell.heat_idx)?;
    let unit = picture.axes.first().map(|axis| axis.unit).unwrap_or_default();
    let bound = |v: f64| format::short(unit, v);
    let mut facts = Facts {
        from_ms: cell.t as i64,
        value: value(Unit::None, cell.count),
        name: texts::bucket(&bound(cell.from), &bound(cell.to)),
        ..Facts::default()
    };
    let part = cell.count / cell.total_of_column;
    if part.is_finite() {
        facts
            .more
            .push(texts::part_of(&format::short(Unit::Ratio, part), &format::short(Unit::None, cell.total_of_column)));
    }
    facts.more.push(picture.answer.expr_of(heat.query_idx).to_owned());
    Some(facts)
}

fn of_exemplar(picture: &Picture, idx: usize) -> Option<Facts> {
    let frame = &picture.answer.frame;
    let exemplar = frame.exemplars.get(idx)?;
    let of_it = |series: &frame::FrameSeries| series.source.query_idx == exemplar.query_idx;
    let unit = match picture.drawing.form {
        // A heat map's axis is that of what was observed; the lines of an expression may be a rate of it.
        Form::Heatmap => picture.axes.first().map(|axis| axis.unit),
        _ => frame.series.iter().position(of_it).map(|series_idx| picture.unit(series_idx)),
    };
    let mut labels = pairs(&exemplar.labels);
    labels.extend(pairs(&exemplar.series));
    Some(Facts {
        from_ms: exemplar.t as i64,
        value: value(unit.unwrap_or_default(), exemplar.v),
        name: texts::exemplar_of(exemplar.series.metric_name().unwrap_or_default()),
        labels,
        ..Facts::default()
    })
}

fn of_mark(mark: &Mark) -> Facts {
    Facts {
        from_ms: mark.at_ms,
        to_ms: Some(mark.end_ms),
        value: marks::what(mark),
        name: if mark.text.is_empty() {
            mark.labels.metric_name().unwrap_or_default().to_owned()
        } else {
            mark.text.clone()
        },
        labels: pairs(&mark.labels),
        more: if mark.count > 1 { vec![texts::AND_OTHERS.to_owned()] } else { Vec::new() },
        ..Facts::default()
    }
}

fn pairs(labels: &Labels) -> Vec<(String, String)> {
    let own = labels.iter().filter(|(name, _)| *name != METRIC_NAME);
    own.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A value as it came, and in a few characters where that reads differently.
fn value(unit: Unit, v: f64) -> String {
    let exact = model::number::format_short(v);
    let short = format::short(unit, v);
    if short == exact { exact } else { format!("{exact} ({short})") }
}

#[cfg(test)]
mod tests {
    //! What is said of what.
    use super::*;
    use crate::components::graph::shown::tests::dense;
    use crate::components::graph::walk::tests::{heat, mark, picture};
    use expect_test::{Expect, expect};
    use frame::{FrameExemplar, MarkKind};

    fn check(picture: &Picture, (x, y): (f64, f64), want: &Expect) {
        let sample = || chart::hit::nearest(&picture.answer.frame, &picture.drawing, x, y).map(Thing::Sample);
        let thing = Thing::beside_samples(picture, x, y).or_else(sample);
        let facts = thing.and_then(|thing| Facts::of(picture, &thing));
        let said = facts.map_or("nothing".to_owned(), |facts| {
            let labels: Vec<String> =
                facts.shown_labels().iter().map(|(name, value)| format!("{name}={value}")).collect();
            let when = facts.when(|at_ms| format!("{at_ms} ms"));
            [when, facts.value, facts.name, labels.join(" "), facts.more.join(" / ")].join("\n")
        });
        want.assert_eq(&said);
    }

    #[test]
    fn a_sample_says_its_value_and_labels() {
        let series = dense(&[("__name__", "up"), ("job", "api"), ("z", "<b>e\u{301}")], &[1.0, 12_345.5, 3.0]);
        let of = picture(chart::Form::Lines, vec![series], |_| {});
        check(
            &of,
            (100.0, 50.0),
            &expect![[r#"
            2000 ms
            12345.5 (12.35k)
            up
            job=api z=<b>é
        "#]],
        );
        let anonymous = picture(chart::Form::Lines, vec![dense(&[], &[1.0, 2.0, 3.0])], |_| {});
        check(
            &anonymous,
            (0.0, 50.0),
            &expect![[r#"
            1000 ms
            1
            rate(x[5m])

        "#]],
        );
    }

    #[test]
    fn a_state_says_how_long_it_lasts() {
        let series = dense(&[("__name__", "up")], &[0.0, 1.0, 1.0]);
        check(
            &picture(chart::Form::States, vec![series], |_| {}),
            (150.0, 50.0),
            &expect![[r#"
            2000 ms to 3000 ms, 1 s
            1
            up

        "#]],
        );
    }

    #[test]
    fn a_cell_says_its_bucket_and_its_part() {
        let of = picture(chart::Form::Heatmap, Vec::new(), |frame| frame.heat = vec![heat()]);
        check(
            &of,
            (0.0, 90.0),
            &expect![[r#"
            1000 ms
            3
            up to 0.5

            75% of 4 / rate(x[5m])"#]],
        );
        check(&of, (100.0, 90.0), &expect!["nothing"]);
    }

    #[test]
    fn exemplars_and_events_say_what_they_are_of() {
        let pairs = |pairs: &[(&str, &str)]| Labels::from_pairs(pairs.iter().copied());
        let of = picture(chart::Form::Lines, vec![dense(&[("job", "api")], &[1.0, 2.0, 3.0])], |frame| {
            let series = pairs(&[("__name__", "http_seconds_bucket"), ("le", "0.5")]);
            let labels = pairs(&[("trace_id", "abc")]);
            frame.exemplars = vec![FrameExemplar { query_idx: 0, series, labels, t: 2_000.0, v: 5.0 }];
            let down = mark(MarkKind::TargetDown, 1_000, 2_500);
            frame.marks = vec![frame::Mark { count: 3, ..down }];
        });
        check(
            &of,
            (101.0, 51.0),
            &expect![[r#"
            2000 ms
            5
            Exemplar of http_seconds_bucket
            trace_id=abc le=0.5
        "#]],
        );
        check(
            &of,
            (50.0, 1.0),
            &expect![[r#"
            1000 ms to 2500 ms, 1 s 500 ms
            3 targets down

            job=api
            and others"#]],
        );
    }

    #[test]
    fn many_labels_are_counted() {
        let all: Vec<(String, String)> = (0..100).map(|n| (format!("l{n:03}"), "x".repeat(10_000))).collect();
        let pairs: Vec<(&str, &str)> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let of = picture(chart::Form::Lines, vec![dense(&pairs, &[1.0, 2.0, 3.0])], |_| {});
        let hit = chart::hit::nearest(&of.answer.frame, &of.drawing, 0.0, 0.0);
        let facts = hit.and_then(|hit| Facts::of(&of, &Thing::Sample(hit)));
        assert_eq!(facts.map(|facts| (facts.shown_labels().len(), facts.n_left_out())), Some((30, 70)));
    }
}
