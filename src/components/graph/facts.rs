//! What can be pointed at on a graph, and what there is to say of it: a sample, a state, a cell of a heat map, an exemplar,
//! an event.

use super::picture::Picture;
use crate::texts::hands as texts;
use crate::texts::legend::earlier;
use crate::texts::units::span;
use chart::hit::{HeatHit, state_at};
use chart::marks::{exemplar_place, triangle_px};
use chart::{Form, Hit, Unit, format};
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
}

impl Thing {
    /// What lies at a place and is no sample; units of the backend.
    #[must_use]
    pub fn beside_samples(picture: &Picture, x: f64, y: f64) -> Option<Self> {
        let (frame, drawing) = (&picture.answer.frame, &picture.drawing);
        let mark = || drawing.mark_at(frame, x, y).map(Thing::Mark);
        let exemplar = || drawing.exemplar_at(frame, x, y).map(Thing::Exemplar);
        let cell = || chart::hit::heat_at(frame, drawing, x, y).map(Thing::Cell);
        mark().or_else(exemplar).or_else(cell)
    }

    /// When, ms since the epoch.
    #[must_use]
    pub fn time(&self, picture: &Picture) -> Option<f64> {
        let frame = &picture.answer.frame;
        match self {
            Thing::Sample(hit) => Some(hit.t),
            Thing::Cell(cell) => Some(cell.t),
            Thing::Exemplar(idx) => Some(frame.exemplars.get(*idx)?.t),
            Thing::Mark(idx) => Some(frame.marks.get(*idx)?.at_ms as f64),
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
            Thing::Mark(idx) => {
                let x = layout.time.to_px(frame.marks.get(*idx)?.at_ms as f64);
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
            Thing::Mark(idx) => of_mark(picture, *idx),
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

fn of_mark(picture: &Picture, idx: usize) -> Option<Facts> {
    let mark = picture.answer.frame.marks.get(idx)?;
    Some(Facts {
        from_ms: mark.at_ms,
        to_ms: Some(mark.end_ms),
        value: texts::event(mark.kind, mark.count),
        name: if mark.text.is_empty() {
            mark.labels.metric_name().unwrap_or_default().to_owned()
        } else {
            mark.text.clone()
        },
        labels: pairs(&mark.labels),
        more: if mark.count > 1 { vec![texts::AND_OTHERS.to_owned()] } else { Vec::new() },
        ..Facts::default()
    })
}

fn pairs(labels: &Labels) -> Vec<(String, String)> {
    let own = labels.iter().filter(|(name, _)| *name != METRIC_NAME);
    own.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A value as it came, and in a few characters where that reads differently.
#[must_use]
pub fn value(unit: Unit, v: f64) -> String {
    let exact = model::number::format_short(v);
    let short = format::short(unit, v);
    if short == exact { exact } else { format!("{exact} ({short})") }
}
