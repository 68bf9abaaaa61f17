//! Maps times and values to pixels and back, and decides which values an axis shows.

/// A linear scale from times (ms since the epoch) to horizontal pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeScale {
    /// The time at the left edge, ms since the epoch.
    pub start: f64,
    /// The time at the right edge; after `start`.
    pub end: f64,
    /// The left edge, pixels.
    pub left: f64,
    /// The right edge, pixels.
    pub right: f64,
}

impl TimeScale {
    /// The scale of a range of times. A range of no length is shown as one of a second around it.
    #[must_use]
    pub fn new(start_ms: i64, end_ms: i64, left: f64, right: f64) -> Self {
        let (start, end) = (start_ms as f64, end_ms as f64);
        let (start, end) = if end > start { (start, end) } else { (start - 500.0, start + 500.0) };
        TimeScale { start, end, left, right: right.max(left + 1.0) }
    }

    /// Where a time lies.
    #[inline]
    #[must_use]
    pub fn to_px(&self, t: f64) -> f64 {
        self.left + (t - self.start) / (self.end - self.start) * (self.right - self.left)
    }

    /// The time at a place.
    #[must_use]
    pub fn to_time(&self, px: f64) -> f64 {
        self.start + (px - self.left) / (self.right - self.left) * (self.end - self.start)
    }
}

/// A linear scale from values to vertical pixels; greater values lie higher.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueScale {
    /// The value at the lower edge; finite.
    pub min: f64,
    /// The value at the upper edge; finite and greater.
    pub max: f64,
    /// The upper edge, pixels.
    pub top: f64,
    /// The lower edge, pixels.
    pub bottom: f64,
}

impl ValueScale {
    /// Where a value lies.
    #[inline]
    #[must_use]
    pub fn to_px(&self, v: f64) -> f64 {
        self.bottom - self.part(v) * (self.bottom - self.top)
    }

    /// The value at a place.
    #[must_use]
    pub fn to_value(&self, px: f64) -> f64 {
        let part = (self.bottom - px) / (self.bottom - self.top);
        // Not `min + part * (max - min)`: the difference of two huge values is infinite.
        self.min * (1.0 - part) + self.max * part
    }

    /// Which part of the axis lies below a value.
    #[inline]
    fn part(&self, v: f64) -> f64 {
        let span = self.max - self.min;
        if span.is_finite() {
            (v - self.min) / span
        } else {
            (v / 4.0 - self.min / 4.0) / (self.max / 4.0 - self.min / 4.0)
        }
    }
}

/// Free space above and below the lines, as a part of what they span.
const PAD: f64 = 0.05;

/// The same where the axis begins at zero: then only one side has any.
const PAD_FROM_ZERO: f64 = 0.1;

/// Differences below this part of the greatest value are lost to the precision of an f64.
const LEAST_SPAN: f64 = 1e-13;

/// The least and the greatest value of the axis for values between `min` and `max` (NaN if there are
/// none). Values that are all equal get an axis around them; `from_zero` brings zero onto the axis.
#[must_use]
pub fn fit(min: f64, max: f64, from_zero: bool) -> (f64, f64) {
    if !(min.is_finite() && max.is_finite() && min <= max) {
        return (0.0, 1.0);
    }
    let (least, greatest) = if from_zero { (min.min(0.0), max.max(0.0)) } else { (min, max) };
    let magnitude = least.abs().max(greatest.abs());
    if greatest / 2.0 - least / 2.0 <= magnitude * LEAST_SPAN {
        return around(least / 2.0 + greatest / 2.0);
    }
    let span = (greatest / 2.0 - least / 2.0) * 2.0;
    let pad = if span.is_finite() { span * if from_zero { PAD_FROM_ZERO } else { PAD } } else { 0.0 };
    let mut low = least - pad;
    let mut high = greatest + pad;
    // An axis that shows negative values for what is never negative would mislead.
    if least >= 0.0 {
        low = if from_zero { 0.0 } else { low.max(0.0) };
    }
    if greatest <= 0.0 {
        high = if from_zero { 0.0 } else { high.min(0.0) };
    }
    (low.clamp(f64::MIN, f64::MAX), high.clamp(f64::MIN, f64::MAX))
}

/// An axis with one value in its middle.
fn around(v: f64) -> (f64, f64) {
    if v.abs() < f64::MIN_POSITIVE {
        (-1.0, 1.0)
    } else if v > 0.0 {
        (0.0, (v * 2.0).min(f64::MAX))
    } else {
        ((v * 2.0).max(f64::MIN), 0.0)
    }
}

#[cfg(test)]
mod tests {
    //! What the axis shows for which values, and that places and values go both ways.
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_axis_fits_its_values() {
        for (min, max, from_zero, want) in [
            (f64::NAN, f64::NAN, false, (0.0, 1.0)),
            (0.0, 10.0, false, (0.0, 10.5)),
            (10.0, 20.0, false, (9.5, 20.5)),
            (10.0, 20.0, true, (0.0, 22.0)),
            (-20.0, -10.0, false, (-20.5, -9.5)),
            (-20.0, -10.0, true, (-22.0, 0.0)),
            (-10.0, 10.0, true, (-12.0, 12.0)),
            (7.0, 7.0, false, (0.0, 14.0)),
            (-7.0, -7.0, true, (-7.7, 0.0)),
            (0.0, 0.0, false, (-1.0, 1.0)),
            (0.0, 0.0, true, (-1.0, 1.0)),
            (1e15, 1e15 + 0.125, false, (0.0, 2e15)),
            (f64::MIN, f64::MAX, false, (f64::MIN, f64::MAX)),
            (f64::MAX, f64::MAX, false, (0.0, f64::MAX)),
        ] {
            let got = fit(min, max, from_zero);
            let near = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
            assert!(near(got.0, want.0) && near(got.1, want.1), "{min} to {max}: {got:?}, not {want:?}");
        }
    }

    proptest! {
        #[test]
        fn every_value_lies_on_its_axis(a in proptest::num::f64::NORMAL, b in proptest::num::f64::NORMAL, zero: bool) {
            let (low, high) = fit(a.min(b), a.max(b), zero);
            prop_assert!(low < high && low.is_finite() && high.is_finite());
            let scale = ValueScale { min: low, max: high, top: 10.0, bottom: 410.0 };
            for v in [a, b] {
                prop_assert!((9.999..=410.001).contains(&scale.to_px(v)), "{v} at {}", scale.to_px(v));
            }
            let back = scale.to_px(scale.to_value(100.0));
            prop_assert!((back - 100.0).abs() < 1e-3, "{back}");
        }

        #[test]
        fn times_go_both_ways(start in 0i64..4_000_000_000_000, span in 0i64..400_000_000_000, part in 0.0..1.0f64) {
            let scale = TimeScale::new(start, start + span, 60.0, 1_260.0);
            let px = 60.0 + part * 1_200.0;
            prop_assert!((scale.to_px(scale.to_time(px)) - px).abs() < 1.0);
        }
    }
}
