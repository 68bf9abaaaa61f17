//! The samples of all series at a time, for the box that lists them and for the dots under a hair.

use super::picture::Picture;
use chart::{Hit, hit};

/// A list shows so many; of more the greatest, and how many are left out.
pub const MAX_LISTED: usize = 20;

/// Of each series in a picture its sample at a time (ms since the epoch), half a step or a pixel away at most.
#[must_use]
pub fn in_picture(picture: &Picture, t: f64) -> Vec<Hit> {
    let grid = &picture.answer.frame.grid;
    // Beyond its ends an answer has nothing, and must not show its last samples there.
    let half = grid.step.0 as f64 / 2.0;
    let is_within = t >= grid.start.0 as f64 - half && t <= grid.end().0 as f64 + half;
    if is_within { hit::all_at(&picture.answer.frame, &picture.drawing, t) } else { Vec::new() }
}

/// The greatest first, at most [`MAX_LISTED`], but `nearest` always; and how many are left out.
#[must_use]
pub fn listed(mut samples: Vec<Hit>, nearest: Option<usize>) -> (Vec<Hit>, usize) {
    model::sort::by(&mut samples, |a, b| {
        // What is no number comes last.
        let by_kind = a.v.is_nan().cmp(&b.v.is_nan());
        by_kind.then(b.v.total_cmp(&a.v)).then(a.series_idx.cmp(&b.series_idx))
    });
    let n_left_out = samples.len().saturating_sub(MAX_LISTED);
    if let Some(at) = samples.iter().position(|sample| Some(sample.series_idx) == nearest)
        && at >= MAX_LISTED
    {
        samples.swap(MAX_LISTED - 1, at);
    }
    samples.truncate(MAX_LISTED);
    (samples, n_left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_begins_with_the_greatest_and_has_the_nearest() {
        let sample = |series_idx: usize, v: f64| Hit { series_idx, point_idx: 0, t: 0.0, v, x: 0.0, y: 0.0 };
        let many: Vec<Hit> = (0..30).map(|idx| sample(idx, idx as f64)).collect();
        let (list, n_left_out) = listed(many.clone(), Some(3));
        assert_eq!((list.len(), n_left_out, list[0].v, list[19].series_idx), (20, 10, 29.0, 3));
        assert_eq!(listed(many, None).0[19].v, 10.0);
        let (list, n_left_out) = listed(vec![sample(0, f64::NAN), sample(1, f64::INFINITY), sample(2, -1.0)], None);
        assert_eq!((list.iter().map(|s| s.series_idx).collect::<Vec<_>>(), n_left_out), (vec![1, 2, 0], 0));
    }
}
