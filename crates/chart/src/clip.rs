//! A pen that draws only what lies within a rectangle: values beyond a fixed axis, times beyond a moved one, and
//! places that there are not (NaN: zero on a logarithmic axis).

use crate::layout::Rect;
use crate::pen::{Fill, Pen, Stroke};

/// Draws with another pen what lies within a rectangle.
pub struct ClipPen<'a, E> {
    pen: &'a mut dyn Pen<Error = E>,
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

impl<'a, E> ClipPen<'a, E> {
    /// Of a pen and what it may draw on.
    pub fn new(pen: &'a mut dyn Pen<Error = E>, within: Rect) -> Self {
        let Rect { left, top, right, bottom } = within;
        ClipPen { pen, left: left as f32, top: top as f32, right: right as f32, bottom: bottom as f32 }
    }

    fn holds(&self, (x, y): (f32, f32)) -> bool {
        x >= self.left && x <= self.right && y >= self.top && y <= self.bottom
    }

    /// The part of a segment that lies within.
    fn part(&self, from: (f32, f32), to: (f32, f32)) -> Option<((f32, f32), (f32, f32))> {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let (mut first, mut last) = (0.0f32, 1.0f32);
        // For each edge: how fast the segment leaves, and how far inside it begins.
        for (speed, room) in
            [(-dx, from.0 - self.left), (dx, self.right - from.0), (-dy, from.1 - self.top), (dy, self.bottom - from.1)]
        {
            if speed == 0.0 {
                if room < 0.0 {
                    return None;
                }
            } else if speed < 0.0 {
                first = first.max(room / speed);
            } else {
                last = last.min(room / speed);
            }
        }
        let at = |part: f32| (from.0 + dx * part, from.1 + dy * part);
        // Exact at ends that lie within, so that parts meet.
        let start = if first <= 0.0 { from } else { at(first) };
        let end = if last >= 1.0 { to } else { at(last) };
        (first <= last && dx.is_finite() && dy.is_finite()).then_some((start, end))
    }
}

impl<E> Pen for ClipPen<'_, E> {
    type Error = E;

    fn units_per_px(&self) -> f64 {
        self.pen.units_per_px()
    }

    fn line(&mut self, points: &[(f32, f32)], stroke: &Stroke) -> Result<(), E> {
        if points.iter().all(|&at| self.holds(at)) {
            return self.pen.line(points, stroke);
        }
        let mut run: Vec<(f32, f32)> = Vec::new();
        for pair in points.windows(2) {
            let part = self.part(pair[0], pair[1]);
            if let Some((start, end)) = part {
                if run.last() != Some(&start) {
                    if run.len() > 1 {
                        self.pen.line(&run, stroke)?;
                    }
                    run.clear();
                    run.push(start);
                }
                run.push(end);
            } else if run.len() > 1 {
                self.pen.line(&run, stroke)?;
                run.clear();
            }
        }
        if run.len() > 1 { self.pen.line(&run, stroke) } else { Ok(()) }
    }

    fn area(&mut self, outline: &[(f32, f32)], fill: Fill) -> Result<(), E> {
        if outline.iter().all(|&at| self.holds(at)) {
            return self.pen.area(outline, fill);
        }
        if outline.iter().any(|(x, y)| !x.is_finite() || !y.is_finite()) {
            return Ok(());
        }
        // One edge after the other: what lies beyond is replaced by where the outline crosses it.
        let mut outline = outline.to_vec();
        type Inside = fn(f32, f32) -> f32;
        let beyond_less: Inside = |v, edge| v - edge;
        let beyond_more: Inside = |v, edge| edge - v;
        for (is_x, edge, room) in [
            (true, self.left, beyond_less),
            (true, self.right, beyond_more),
            (false, self.top, beyond_less),
            (false, self.bottom, beyond_more),
        ] {
            let inside = |at: (f32, f32)| room(if is_x { at.0 } else { at.1 }, edge);
            let mut cut = Vec::with_capacity(outline.len() + 4);
            let mut from = outline.last().copied().unwrap_or_default();
            for &to in &outline {
                let (a, b) = (inside(from), inside(to));
                if (a < 0.0) != (b < 0.0) {
                    let part = a / (a - b);
                    let (x, y) = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
                    cut.push(if is_x { (edge, y) } else { (x, edge) });
                }
                if b >= 0.0 {
                    cut.push(to);
                }
                from = to;
            }
            outline = cut;
        }
        if outline.len() > 2 { self.pen.area(&outline, fill) } else { Ok(()) }
    }

    fn rect(&mut self, from: (f32, f32), to: (f32, f32), fill: Fill) -> Result<(), E> {
        let (from, to) = ((from.0.max(self.left), from.1.max(self.top)), (to.0.min(self.right), to.1.min(self.bottom)));
        if from.0 < to.0 && from.1 < to.1 { self.pen.rect(from, to, fill) } else { Ok(()) }
    }

    fn dot(&mut self, centre: (f32, f32), radius: f32, fill: Fill) -> Result<(), E> {
        if self.holds(centre) { self.pen.dot(centre, radius, fill) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    //! What is drawn, and what of it is left within the rectangle from (0, 0) to (10, 10).
    use super::*;
    use crate::options::Dash;
    use crate::theme::Rgb;
    use proptest::prelude::*;
    use std::convert::Infallible;

    const FILL: Fill = Fill { colour: Rgb(0, 0, 0), alpha: 1.0 };
    const STROKE: Stroke = Stroke { fill: FILL, width: 1.0, dash: Dash::Solid, is_dense: false };

    /// Remembers all points of lines, areas and rectangles, and the corners' box of each.
    #[derive(Default)]
    struct Log(Vec<Vec<(f32, f32)>>);

    impl Pen for Log {
        type Error = Infallible;

        fn line(&mut self, points: &[(f32, f32)], _: &Stroke) -> Result<(), Infallible> {
            self.0.push(points.to_vec());
            Ok(())
        }

        fn area(&mut self, outline: &[(f32, f32)], _: Fill) -> Result<(), Infallible> {
            self.0.push(outline.to_vec());
            Ok(())
        }

        fn rect(&mut self, from: (f32, f32), to: (f32, f32), _: Fill) -> Result<(), Infallible> {
            self.0.push(vec![from, to]);
            Ok(())
        }

        fn dot(&mut self, centre: (f32, f32), _: f32, _: Fill) -> Result<(), Infallible> {
            self.0.push(vec![centre]);
            Ok(())
        }
    }

    fn clipped(draw: impl FnOnce(&mut ClipPen<'_, Infallible>) -> Result<(), Infallible>) -> Vec<Vec<(f32, f32)>> {
        let mut log = Log::default();
        let Ok(()) = draw(&mut ClipPen::new(&mut log, Rect { left: 0, top: 0, right: 10, bottom: 10 }));
        log.0
    }

    #[test]
    fn a_line_is_cut_where_it_leaves_and_where_there_is_no_place() {
        let line = |points: &[(f32, f32)]| clipped(|pen| pen.line(points, &STROKE));
        assert_eq!(line(&[(0.0, 5.0), (5.0, 20.0), (10.0, 5.0)]).len(), 2);
        assert_eq!(line(&[(1.0, -10.0), (1.0, 30.0)]), [vec![(1.0, 0.0), (1.0, 10.0)]]);
        assert_eq!(line(&[(1.0, -10.0), (1.0, -3.0)]), Vec::<Vec<(f32, f32)>>::new());
        let with_nan = line(&[(0.0, 1.0), (1.0, 2.0), (2.0, f32::NAN), (3.0, 2.0), (4.0, 1.0)]);
        assert_eq!(with_nan, [vec![(0.0, 1.0), (1.0, 2.0)], vec![(3.0, 2.0), (4.0, 1.0)]]);
    }

    #[test]
    fn areas_rectangles_and_dots() {
        let area = clipped(|pen| pen.area(&[(-5.0, 5.0), (5.0, -5.0), (15.0, 5.0), (5.0, 15.0)], FILL));
        assert_eq!(area.len(), 1);
        assert_eq!(clipped(|pen| pen.rect((-5.0, 2.0), (3.0, 20.0), FILL)), [vec![(0.0, 2.0), (3.0, 10.0)]]);
        assert_eq!(clipped(|pen| pen.rect((-5.0, 2.0), (-3.0, 20.0), FILL)).len(), 0);
        assert_eq!(clipped(|pen| pen.dot((11.0, 2.0), 3.0, FILL)).len(), 0);
        assert_eq!(clipped(|pen| pen.area(&[(1.0, 1.0), (f32::NAN, 1.0), (2.0, 2.0)], FILL)).len(), 0);
    }

    proptest! {
        #[test]
        fn nothing_is_drawn_outside_and_what_lies_within_stays(
            points in proptest::collection::vec((-20.0..30.0f32, -20.0..30.0f32), 2..12),
        ) {
            let lines = clipped(|pen| pen.line(&points, &STROKE));
            let areas = clipped(|pen| pen.area(&points, FILL));
            for (x, y) in lines.iter().chain(&areas).flatten() {
                prop_assert!((-1e-3..=10.001).contains(x) && (-1e-3..=10.001).contains(y), "{} {}", x, y);
            }
            for pair in points.windows(2) {
                let middle = ((pair[0].0 + pair[1].0) / 2.0, (pair[0].1 + pair[1].1) / 2.0);
                let within = (0.01..9.99).contains(&middle.0) && (0.01..9.99).contains(&middle.1);
                let distance = |a: (f32, f32), b: (f32, f32)| {
                    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
                    let part = (((middle.0 - a.0) * dx + (middle.1 - a.1) * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
                    (a.0 + dx * part - middle.0).hypot(a.1 + dy * part - middle.1)
                };
                let is_drawn = lines.iter().flat_map(|line| line.windows(2)).any(|s| distance(s[0], s[1]) < 0.02);
                prop_assert!(!within || is_drawn, "{:?} of {:?} is not in {:?}", middle, points, lines);
            }
        }
    }
}
