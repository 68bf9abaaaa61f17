//! Walks a graph by keys: from sample to sample, from cell to cell of a heat map, from event to event.

use super::facts::Thing;
use super::keys::Action;
use super::picture::Picture;
use chart::{Hit, hit};

/// Where an action leads from what is at the cursor; `None` if there is nothing to go to.
#[must_use]
pub fn walk(picture: &Picture, from: Option<Thing>, action: Action) -> Option<Thing> {
    if let Action::Event { next } = action {
        return event(picture, from.and_then(|from| from.time(picture)), next).or(from);
    }
    if picture.drawing.heat_idx.is_some() {
        return over_cells(picture, from, action);
    }
    let (frame, drawing) = (&picture.answer.frame, &picture.drawing);
    let first_at = |t: f64| {
        let mut shown = (0..frame.series.len()).filter(|&idx| drawing.shows(idx));
        shown.find_map(|idx| hit::at_time(frame, drawing, idx, t))
    };
    let hit = match from {
        Some(Thing::Sample(hit)) => Some(hit),
        // What is no sample stands for the one at its time.
        Some(other) => other.time(picture).and_then(first_at),
        None => None,
    };
    let from = match (hit, action) {
        // A cursor of the mouse is where the walk begins.
        (Some(hit), _) => hit,
        (None, Action::Begin) => return first_at(drawing.layout.time.end).map(Thing::Sample),
        (None, _) => return None,
    };
    let to: Option<Hit> = match action {
        Action::Step { right, n } => Some((0..n).fold(from, |at, _| hit::step_in_time(frame, drawing, &at, right))),
        Action::Over { up } => Some(hit::step_over_series(frame, drawing, &from, up)),
        Action::Edge { last } => {
            let time = if last { drawing.layout.time.end } else { drawing.layout.time.start };
            hit::at_time(frame, drawing, from.series_idx, time)
        }
        _ => Some(from),
    };
    to.map(Thing::Sample)
}

/// The event or note next to a time, before or after it; without a time the last or the first of those that are shown.
fn event(picture: &Picture, t: Option<f64>, next: bool) -> Option<Thing> {
    let time = &picture.drawing.layout.time;
    let events = picture.answer.frame.marks.iter().enumerate().map(|(idx, mark)| (mark.at_ms, Thing::Mark(idx)));
    let notes = picture.notes.marks.iter().enumerate().map(|(idx, mark)| (mark.at_ms, Thing::Note(idx)));
    let shown = events.chain(notes).filter(|(at_ms, _)| (time.start..=time.end).contains(&(*at_ms as f64)));
    let ahead = shown.filter(|(at_ms, _)| match t {
        Some(t) if next => *at_ms as f64 > t,
        Some(t) => (*at_ms as f64) < t,
        None => true,
    });
    let nearest = if next { ahead.min_by_key(|(at_ms, _)| *at_ms) } else { ahead.max_by_key(|(at_ms, _)| *at_ms) };
    nearest.map(|(_, thing)| thing)
}

/// The same on a heat map: steps without a histogram are passed over.
fn over_cells(picture: &Picture, from: Option<Thing>, action: Action) -> Option<Thing> {
    let heat = picture.answer.frame.heat.get(picture.drawing.heat_idx?)?;
    let (n_steps, n_rows) = (picture.answer.frame.grid.len, heat.n_rows());
    let is_there = |step: &usize| heat.column(*step).iter().any(|count| !count.is_nan());
    let newest = || {
        let step = (0..n_steps).rev().find(is_there)?;
        let column = heat.column(step);
        let fullest = (0..column.len()).max_by(|&a, &b| column[a].total_cmp(&column[b]))?;
        cell(picture, step, fullest)
    };
    let (step, row) = match from {
        Some(Thing::Cell(cell)) => (cell.step_idx, cell.row_idx),
        _ => return newest(),
    };
    let (step, row) = match action {
        Action::Step { right: true, n } => ((step + 1..n_steps).filter(is_there).take(n).last().unwrap_or(step), row),
        Action::Step { n, .. } => ((0..step.min(n_steps)).rev().filter(is_there).take(n).last().unwrap_or(step), row),
        Action::Over { up: true } => (step, (row + 1).min(n_rows.saturating_sub(1))),
        Action::Over { .. } => (step, row.saturating_sub(1)),
        Action::Edge { last: true } => ((0..n_steps).rev().find(is_there).unwrap_or(step), row),
        Action::Edge { .. } => ((0..n_steps).find(is_there).unwrap_or(step), row),
        _ => (step, row),
    };
    cell(picture, step, row).or(from)
}

/// A cell of the heat map that is drawn; `None` if it is not within the times that are shown.
fn cell(picture: &Picture, step: usize, row: usize) -> Option<Thing> {
    let (frame, layout) = (&picture.answer.frame, &picture.drawing.layout);
    let (x, y) = (layout.time.to_px(frame.grid.time(step).0 as f64), layout.value(0).to_px(row as f64 + 0.5));
    // Half a step may hang over an edge.
    let x = x.clamp(f64::from(layout.plot.left), f64::from(layout.plot.right));
    hit::heat_at(frame, &picture.drawing, x, y).map(Thing::Cell)
}

/// The same thing in another picture: events and exemplars have other places in another answer. `t` is when it was.
#[must_use]
pub fn again(picture: &Picture, thing: Thing, t: f64) -> Option<Thing> {
    let frame = &picture.answer.frame;
    let is_then = |at: f64| (at - t).abs() < 1.0;
    match thing {
        Thing::Sample(hit) if picture.drawing.shows(hit.series_idx) => {
            hit::at_time(frame, &picture.drawing, hit.series_idx, hit.t).map(Thing::Sample)
        }
        Thing::Sample(_) => None,
        Thing::Cell(old) => {
            let steps = (old.t - frame.grid.start.0 as f64) / frame.grid.step.0.max(1) as f64;
            // Negative and NaN become 0.
            cell(picture, steps.round() as usize, old.row_idx)
        }
        Thing::Exemplar(_) => frame.exemplars.iter().position(|exemplar| is_then(exemplar.t)).map(Thing::Exemplar),
        Thing::Mark(_) => frame.marks.iter().position(|mark| is_then(mark.at_ms as f64)).map(Thing::Mark),
        Thing::Note(_) => picture.notes.marks.iter().position(|mark| is_then(mark.at_ms as f64)).map(Thing::Note),
    }
}

#[cfg(test)]
pub mod tests {
    //! Where keys lead.
    use super::*;
    use crate::components::graph::picture::Size;
    use crate::components::graph::shown::tests::{answer, dense};
    use chart::layout::Rect;
    use chart::scale::{TimeScale, ValueScale};
    use chart::{AxisOptions, Drawing, Form, Layout, MAX_AXES, Options, Theme};
    use frame::{Frame, FrameSeries, HeatMap, Mark, MarkKind, gap};
    use model::Labels;
    use std::sync::Arc;

    /// A picture over three seconds, from 1,000 to 3,000 ms, 200 pixels wide; values from 0 to 10.
    pub fn picture(form: Form, series: Vec<FrameSeries>, change: impl FnOnce(&mut Frame)) -> Picture {
        let mut answer = answer(series);
        change(&mut answer.frame);
        let n_rows = answer.frame.heat.first().map_or(10, HeatMap::n_rows);
        let layout = Layout {
            plot: Rect { left: 0, top: 0, right: 200, bottom: 100 },
            time: TimeScale::new(1_000, 3_000, 0.0, 200.0),
            values: [ValueScale::linear(0.0, n_rows as f64, 0.0, 100.0); MAX_AXES],
            n_axes: 1,
            scale: 1.0,
        };
        let axes = vec![AxisOptions::default()];
        let options = Options {
            start_ms: 1_000,
            end_ms: 3_000,
            form,
            axes: &axes,
            theme: Theme::LIGHT,
            series: &[],
            names: &[],
            offset: &|_| 0,
            scale: 1.0,
            font: "sans-serif",
        };
        let drawing = Drawing::new(&answer.frame, &options, layout);
        let size = Size { width: 200.0, height: 100.0, dpr: 1.0 };
        Picture { answer: Arc::new(answer), drawing, axes, size, notes: Arc::default() }
    }

    /// A heat map of two rows whose second step has no histogram.
    pub fn heat() -> HeatMap {
        let cells = vec![3.0, 1.0, gap(), gap(), 0.0, 5.0];
        HeatMap { query_idx: 0, edges: vec![f64::NEG_INFINITY, 0.5, f64::INFINITY], cells }
    }

    /// An event at a time.
    pub fn mark(kind: MarkKind, at_ms: i64, end_ms: i64) -> Mark {
        Mark { kind, at_ms, end_ms, labels: Labels::from_pairs([("job", "api")]), count: 1, text: String::new() }
    }

    const RIGHT: Action = Action::Step { right: true, n: 1 };
    const LEFT: Action = Action::Step { right: false, n: 1 };

    fn sample(thing: Option<Thing>) -> Option<(usize, f64, f64)> {
        match thing {
            Some(Thing::Sample(hit)) => Some((hit.series_idx, hit.t, hit.v)),
            _ => None,
        }
    }

    fn cell_of(thing: Option<Thing>) -> Option<(usize, usize, f64)> {
        match thing {
            Some(Thing::Cell(cell)) => Some((cell.step_idx, cell.row_idx, cell.count)),
            _ => None,
        }
    }

    #[test]
    fn samples_are_walked_from_the_newest() {
        let series = vec![dense(&[("x", "a")], &[1.0, 2.0, 3.0]), dense(&[("x", "b")], &[5.0, gap(), 7.0])];
        let picture = picture(Form::Lines, series, |_| {});
        let go = |from, action| walk(&picture, from, action);
        let newest = go(None, Action::Begin);
        assert_eq!(sample(newest), Some((0, 3_000.0, 3.0)));
        assert_eq!(sample(go(newest, LEFT)), Some((0, 2_000.0, 2.0)));
        assert_eq!(sample(go(newest, Action::Step { right: false, n: 10 })), Some((0, 1_000.0, 1.0)));
        assert_eq!(go(newest, RIGHT), newest);
        let above = go(newest, Action::Over { up: true });
        assert_eq!(sample(above), Some((1, 3_000.0, 7.0)));
        assert_eq!(sample(go(above, LEFT)), Some((1, 1_000.0, 5.0)), "over a gap");
        assert_eq!(sample(go(above, Action::Edge { last: false })), Some((1, 1_000.0, 5.0)));
        assert_eq!(go(None, RIGHT), None);
        let empty = super::tests::picture(Form::Lines, Vec::new(), |_| {});
        assert_eq!(walk(&empty, None, Action::Begin), None);
    }

    #[test]
    fn cells_are_walked_over_steps_without_a_histogram() {
        let picture = picture(Form::Heatmap, Vec::new(), |frame| frame.heat = vec![heat()]);
        let go = |from, action| walk(&picture, from, action);
        let newest = go(None, Action::Begin);
        assert_eq!(cell_of(newest), Some((2, 1, 5.0)));
        assert_eq!(cell_of(go(newest, LEFT)), Some((0, 1, 1.0)));
        assert_eq!(cell_of(go(newest, Action::Over { up: false })), Some((2, 0, 0.0)));
        assert_eq!(go(newest, Action::Over { up: true }), newest);
        assert_eq!(cell_of(go(newest, Action::Edge { last: false })), Some((0, 1, 1.0)));
        assert_eq!(cell_of(newest.and_then(|thing| again(&picture, thing, 3_000.0))), Some((2, 1, 5.0)));
    }

    #[test]
    fn events_are_gone_to_in_the_order_of_time() {
        let marks = [mark(MarkKind::Restart, 500, 500), mark(MarkKind::TargetDown, 1_500, 2_500)];
        let mut picture =
            picture(Form::Lines, vec![dense(&[], &[1.0, 2.0, 3.0])], |frame| frame.marks = marks.to_vec());
        let note = Frame { marks: vec![mark(MarkKind::Note, 2_000, 2_000)], ..Frame::default() };
        picture.notes = Arc::new(note);
        let go = |from, next| walk(&picture, from, Action::Event { next });
        let first = go(None, true);
        assert_eq!(first, Some(Thing::Mark(1)), "the one before is not shown");
        assert_eq!(go(first, true), Some(Thing::Note(0)));
        assert_eq!(go(Some(Thing::Note(0)), true), Some(Thing::Note(0)), "the last stays");
        assert_eq!(go(None, false), Some(Thing::Note(0)));
        assert_eq!(sample(walk(&picture, Some(Thing::Note(0)), LEFT)), Some((0, 1_000.0, 1.0)), "from there on");
        assert_eq!(again(&picture, Thing::Mark(7), 1_500.0), Some(Thing::Mark(1)));
        assert_eq!(again(&picture, Thing::Mark(7), 1_600.0), None);
    }
}
