//! A row a series; stretches of time with the same value are bars in the colour of that value.
//!
//! 1 and 0 are what `up` and its like say: a full bar, and a thin one in the colour of failure, so that neither needs
//! its colour to be told. Other values have a colour each, the same in all rows and pictures.

use crate::axes::{Measure, Plan};
use crate::drawing::Drawing;
use crate::layout::css;
use crate::options::Options;
use crate::pen::{Fill, Pen};
use crate::scale::ValueScale;
use crate::theme::{N_COLOURS, Rgb, Theme};
use crate::ticks::Tick;
use frame::{Frame, FrameSeries, StepGrid, is_gap};

/// The parts of a row that its bars take: of 1 and all others, and of 0.
const FULL: f64 = 0.8;
const THIN: f64 = 0.25;

/// The series that have rows, from the highest, and how many there is no room for.
pub(crate) fn rows(frame: &Frame, options: &Options<'_>, height: f64) -> (Vec<usize>, usize) {
    let mut rows: Vec<usize> = (0..frame.series.len()).filter(|&idx| options.style(idx).is_shown).collect();
    let room = ((height / (css::LEAST_ROW * options.scale)).floor().max(1.0)) as usize;
    let n_left_out = rows.len().saturating_sub(room);
    rows.truncate(room);
    (rows, n_left_out)
}

/// The axis on which the lowest row lies from 0 to 1, with names as ticks.
pub(crate) fn plan<E>(
    frame: &Frame,
    options: &Options<'_>,
    height: f64,
    width: f64,
    measure: Measure<'_, E>,
) -> Result<Plan, E> {
    let (rows, _) = rows(frame, options, height);
    let scale = ValueScale::linear(0.0, rows.len().max(1) as f64, 0.0, 1.0);
    // A third of the picture, with the marks beside.
    let room = (width / 3.0 - 3.0 * css::TICK * options.scale).max(0.0);
    let mut ticks = Vec::with_capacity(rows.len());
    for (nth, &idx) in rows.iter().rev().enumerate() {
        let name = options.names.get(idx).cloned().unwrap_or_else(|| frame.series[idx].labels.to_string());
        ticks.push(Tick { at: nth as f64 + 0.5, text: shortened(&name, room, measure)? });
    }
    Ok(Plan { scale, ticks, has_grid: false })
}

/// More characters than these are never measured: no row has room for them.
const MAX_CHARS: usize = 400;

/// A name that fits, with `…` for what is left out in its middle. Control characters, which no picture can hold, are
/// replaced.
fn shortened<E>(name: &str, room: f64, measure: Measure<'_, E>) -> Result<String, E> {
    let n_chars = name.chars().count();
    let part = |n: usize| -> String {
        let (head, tail) = (n.div_ceil(2), n / 2);
        let skipped = if n < n_chars { "…" } else { "" };
        let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
        let start = name.chars().take(head).map(shown);
        start.chain(skipped.chars()).chain(name.chars().skip(n_chars - tail).map(shown)).collect()
    };
    let mut whole = part(n_chars.min(MAX_CHARS));
    if measure(&whole)? <= room {
        return Ok(whole);
    }
    // The most characters that fit.
    let (mut fits, mut too_many) = (0, n_chars.min(MAX_CHARS));
    while too_many - fits > 1 {
        let middle = fits + (too_many - fits) / 2;
        whole = part(middle);
        if measure(&whole)? <= room { fits = middle } else { too_many = middle }
    }
    Ok(if fits == 0 { String::new() } else { part(fits) })
}

/// The colour of a value.
#[must_use]
pub fn colour(theme: &Theme, v: f64) -> Rgb {
    if v == 1.0 {
        theme.good
    } else if v == 0.0 {
        theme.bad
    } else if v.is_finite() && v == libm::floor(v) && v.abs() < 1e15 {
        theme.series((v as i64).rem_euclid(N_COLOURS as i64) as usize)
    } else {
        // Any mixture of all bits that depends on each.
        let bits = v.to_bits().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        theme.series((bits >> 32) as usize % N_COLOURS)
    }
}

/// Whether two values are the same state. All NaN that are samples are one.
pub(crate) fn are_same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan() && is_gap(a) == is_gap(b))
}

/// A stretch of time with one value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) v: f64,
    /// The first and the last point with it.
    pub(crate) first: usize,
    pub(crate) last: usize,
    /// Where it is drawn, ms since the epoch: half a step before its first sample, or halfway to the one before.
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// The stretches of a series, in the order of time.
pub(crate) fn each_stretch(series: &FrameSeries, grid: &StepGrid, each: &mut dyn FnMut(&Stretch)) {
    let points = &series.points;
    let half = grid.step.0.max(1) as f64 / 2.0;
    let mut open: Option<Stretch> = None;
    let mut before: Option<(f64, f64)> = None;
    for (idx, (t, v)) in points.iter(grid).enumerate() {
        // Samples of one decimated column lie closer than a step; behind a gap, a step is all there is.
        let from = match before {
            Some((at, last)) if !is_gap(last) && !is_gap(v) => (at + t) / 2.0,
            Some((at, last)) if !is_gap(last) => (at + half).min(t),
            _ => t - half,
        };
        match &mut open {
            Some(stretch) if are_same(stretch.v, v) => (stretch.last, stretch.to) = (idx, t + half),
            _ => {
                if let Some(stretch) = open.take() {
                    each(&Stretch { to: from, ..stretch });
                }
                if !is_gap(v) {
                    open = Some(Stretch { v, first: idx, last: idx, from, to: t + half });
                }
            }
        }
        before = Some((t, v));
    }
    if let Some(stretch) = open {
        each(&stretch);
    }
}

/// Draws the rows that there is room for.
pub(crate) fn draw<E>(
    frame: &Frame,
    options: &Options<'_>,
    drawing: &Drawing,
    pen: &mut dyn Pen<Error = E>,
) -> Result<(), E> {
    let layout = &drawing.layout;
    for (nth, &series_idx) in drawing.rows.iter().enumerate() {
        let Some(series) = frame.series.get(series_idx) else {
            continue;
        };
        let alpha = options.stroke(&drawing.style(series_idx)).fill.alpha;
        let (top, bottom) = row_edges(drawing, nth);
        let free = (bottom - top) * (1.0 - FULL) / 2.0;
        let mut drawn = Ok(());
        each_stretch(series, &frame.grid, &mut |stretch| {
            if drawn.is_err() {
                return;
            }
            let low = layout.snap(bottom - free);
            let height = if stretch.v == 0.0 { (bottom - top) * THIN } else { low - top - free };
            let high = layout.snap(low - height).min(low - layout.pixel());
            let from = layout.snap(layout.time.to_px(stretch.from));
            let to = layout.snap(layout.time.to_px(stretch.to)).max(from + layout.pixel());
            let fill = Fill { colour: colour(&options.theme, stretch.v), alpha };
            drawn = pen.rect((from as f32, high as f32), (to as f32, low as f32), fill);
        });
        drawn?;
    }
    Ok(())
}

/// The upper and the lower edge of a row, counted from the highest.
pub(crate) fn row_edges(drawing: &Drawing, nth: usize) -> (f64, f64) {
    let n_rows = drawing.rows.len();
    let edge = |row: usize| drawing.layout.value(0).to_px(n_rows.saturating_sub(row) as f64);
    (edge(nth), edge(nth + 1))
}

#[cfg(test)]
mod tests {
    //! Columns and their stretches, names and what is left of them.
    use super::*;
    use frame::{Points, SeriesStats, Source, gap};
    use model::{Labels, Millis, Timestamp};
    use std::convert::Infallible;

    fn stretches(points: Points) -> Vec<(f64, usize, usize, f64, f64)> {
        let grid = StepGrid { start: Timestamp(0), step: Millis(10), len: 6 };
        let stats = SeriesStats::of(&[]);
        let series = FrameSeries { source: Source::default(), labels: Labels::empty(), points, stats };
        let mut found = Vec::new();
        each_stretch(&series, &grid, &mut |s| found.push((s.v, s.first, s.last, s.from, s.to)));
        found
    }

    #[test]
    fn a_stretch_begins_and_ends_halfway_to_its_neighbours() {
        let g = gap();
        assert_eq!(
            stretches(Points::Dense(vec![1.0, 1.0, 0.0, g, g, -0.0])),
            [(1.0, 0, 1, -5.0, 15.0), (0.0, 2, 2, 15.0, 25.0), (-0.0, 5, 5, 45.0, 55.0)]
        );
        // What decimation leaves of a run of gaps is one.
        let (ts, vs) = (vec![0.0, 10.0, 50.0], vec![1.0, g, 1.0]);
        assert_eq!(stretches(Points::Sparse { ts, vs }), [(1.0, 0, 0, -5.0, 5.0), (1.0, 2, 2, 45.0, 55.0)]);
        let (ts, vs) = (vec![0.0, 40.0], vec![1.0, 2.0]);
        assert_eq!(stretches(Points::Sparse { ts, vs }), [(1.0, 0, 0, -5.0, 20.0), (2.0, 1, 1, 20.0, 45.0)]);
        let nan = stretches(Points::Dense(vec![f64::NAN, -f64::NAN, g]));
        assert_eq!((nan.len(), nan[0].1, nan[0].2), (1, 0, 1), "all NaN are one state");
    }

    #[test]
    fn colours_follow_values() {
        let theme = Theme::LIGHT;
        assert_eq!(
            (colour(&theme, 1.0), colour(&theme, 0.0), colour(&theme, -0.0)),
            (theme.good, theme.bad, theme.bad)
        );
        assert_eq!(colour(&theme, 3.0), theme.series(3));
        assert_eq!(colour(&theme, -1.0), theme.series(23));
        for v in [f64::NAN, f64::INFINITY, 1e300, 0.5, -1e-300] {
            assert_eq!(colour(&theme, v), colour(&theme, v));
        }
    }

    #[test]
    fn long_names_keep_both_ends() {
        let measure = |text: &str| Ok::<f64, Infallible>(text.chars().count() as f64);
        let short = |name: &str, room: f64| {
            let Ok(text) = shortened(name, room, &measure);
            text
        };
        assert_eq!(short("job", 10.0), "job");
        assert_eq!(short("abcdefghijklmnop", 9.0), "abcd…mnop");
        assert_eq!(short("a\u{0}b", 9.0), "a\u{fffd}b");
        assert_eq!((short("abc", 0.0), short("", 0.0)), (String::new(), String::new()));
        let long = short(&"äöü".repeat(3_000), 50.0);
        assert_eq!((long.chars().count(), long.starts_with("äöü"), long.ends_with("äöü")), (50, true, true));
    }
}
