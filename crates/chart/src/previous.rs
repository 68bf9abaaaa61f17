//! What has changed since the period before: the area between a series and the same one some time earlier.

use crate::common::Times;
use crate::drawing::Drawing;
use crate::options::Form;
use crate::pen::{Fill, Pen};
use frame::{Frame, Source};

/// Where the series is above the one before.
const ABOVE_ALPHA: f32 = 0.22;

/// Where it is below.
const BELOW_ALPHA: f32 = 0.1;

/// Whether a form has lines with something between them.
pub(crate) fn is_for(form: Form) -> bool {
    matches!(form, Form::Lines | Form::Steps | Form::Points)
}

/// Fills the area between each series that is shown and its previous one.
pub(crate) fn draw<E>(frame: &Frame, drawing: &Drawing, pen: &mut dyn Pen<Error = E>) -> Result<(), E> {
    if !frame.series.iter().any(|series| series.source.is_previous) {
        return Ok(());
    }
    let times = Times::of(frame);
    let (mut now, mut then) = (Vec::new(), Vec::new());
    for (idx, series) in frame.series.iter().enumerate().filter(|(_, series)| !series.source.is_previous) {
        let Some(other_idx) = previous_of(frame, idx).filter(|&other| drawing.shows(idx) && drawing.shows(other))
        else {
            continue;
        };
        times.values(&series.points, &frame.grid, &mut now);
        times.values(&frame.series[other_idx].points, &frame.grid, &mut then);
        between(drawing, idx, other_idx, &times, (&now, &then), pen)?;
    }
    Ok(())
}

/// The previous one of a series, of which the frame has them sorted.
pub(crate) fn previous_of(frame: &Frame, series_idx: usize) -> Option<usize> {
    let series = frame.series.get(series_idx)?;
    let source = Source { is_previous: true, ..series.source };
    let found =
        frame.series.binary_search_by(|other| other.source.cmp(&source).then_with(|| other.labels.cmp(&series.labels)));
    found.ok()
}

/// Fills what lies between two series, in two tints.
fn between<E>(
    drawing: &Drawing,
    idx: usize,
    other_idx: usize,
    times: &Times,
    (now, then): (&[f64], &[f64]),
    pen: &mut dyn Pen<Error = E>,
) -> Result<(), E> {
    let (style, other) = (drawing.style(idx), drawing.style(other_idx));
    let (scale, other_scale) = (drawing.layout.value(style.axis), drawing.layout.value(other.axis));
    let is_stepped = drawing.form == Form::Steps;
    // From left to right: the series, the one before.
    let mut run: Vec<(f32, f32, f32)> = Vec::new();
    let mut flush = |run: &mut Vec<(f32, f32, f32)>| {
        let is_above = run.iter().map(|(_, a, b)| b - a).sum::<f32>() > 0.0;
        let alpha = if is_above { ABOVE_ALPHA } else { BELOW_ALPHA };
        let outline: Vec<(f32, f32)> =
            run.iter().map(|(x, a, _)| (*x, *a)).chain(run.iter().rev().map(|(x, _, b)| (*x, *b))).collect();
        run.clear();
        if outline.len() > 2 { pen.area(&outline, Fill { colour: style.colour, alpha }) } else { Ok(()) }
    };
    for (step, (a, b)) in now.iter().zip(then).enumerate() {
        let x = drawing.layout.time.to_px(times.at(step)) as f32;
        let (a, b) = (scale.to_px(*a) as f32, other_scale.to_px(*b) as f32);
        if let Some(&(last_x, last_a, last_b)) = run.last() {
            if is_stepped {
                run.push((x, last_a, last_b));
            }
            let (before, after) = (last_b - last_a, b - a);
            if before * after < 0.0 {
                // Where the two cross, the tint changes.
                let part = if is_stepped { 1.0 } else { before / (before - after) };
                let cross_x = last_x + (x - last_x) * part;
                if is_stepped {
                    flush(&mut run)?;
                } else {
                    let y = last_a + (a - last_a) * part;
                    run.push((cross_x, y, y));
                    flush(&mut run)?;
                    run.push((cross_x, y, y));
                }
            }
        }
        if a.is_finite() && b.is_finite() {
            run.push((x, a, b));
        } else {
            flush(&mut run)?;
        }
    }
    flush(&mut run)
}
