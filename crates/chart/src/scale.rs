//! Maps times and values to pixels and back, and decides which values an axis shows.

use crate::options::{AxisRange, ScaleKind};
use libm::{exp, expm1, floor, log, log1p, log10, pow};

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

/// How values are spread between the ends of an axis, and where its ends lie then.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Spread {
    /// Evenly.
    #[default]
    Linear,
    /// By the natural logarithm; the ends are logarithms.
    Log {
        /// Of the lower end.
        low: f64,
        /// Of the upper end.
        high: f64,
    },
    /// By `log(1 + |v| / threshold)` with the sign of `v`; the ends are as spread.
    SymLog {
        /// Up to about here on both sides of zero, values are spread evenly.
        threshold: f64,
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
}

/// A scale from values to vertical pixels; greater values lie higher.
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
    /// How the values lie in between.
    pub spread: Spread,
}

impl ValueScale {
    /// An even scale from `min` to `max`.
    #[must_use]
    pub const fn linear(min: f64, max: f64, top: f64, bottom: f64) -> Self {
        ValueScale { min, max, top, bottom, spread: Spread::Linear }
    }

    /// The same scale between other edges.
    #[must_use]
    pub fn placed(self, top: f64, bottom: f64) -> Self {
        ValueScale { top, bottom, ..self }
    }

    /// How its values are spread.
    #[must_use]
    pub fn kind(&self) -> ScaleKind {
        match self.spread {
            Spread::Linear => ScaleKind::Linear,
            Spread::Log { .. } => ScaleKind::Log,
            Spread::SymLog { .. } => ScaleKind::SymLog,
        }
    }

    /// Where a value lies; NaN if it has no place on the axis: zero and less on a logarithmic one.
    #[inline]
    #[must_use]
    pub fn to_px(&self, v: f64) -> f64 {
        self.bottom - self.part(v) * (self.bottom - self.top)
    }

    /// The value at a place.
    #[must_use]
    pub fn to_value(&self, px: f64) -> f64 {
        let part = (self.bottom - px) / (self.bottom - self.top);
        // Not `low + part * (high - low)`: the difference of two huge values is infinite.
        let between = |low: f64, high: f64| low * (1.0 - part) + high * part;
        match self.spread {
            Spread::Linear => between(self.min, self.max),
            Spread::Log { low, high } => exp(between(low, high)),
            Spread::SymLog { threshold, low, high } => unspread(between(low, high), threshold),
        }
    }

    /// Where bars and areas begin: zero, or the edge of the axis that is nearest to it, in pixels.
    #[must_use]
    pub fn base_px(&self) -> f64 {
        match self.spread {
            Spread::Log { .. } => self.bottom,
            _ => self.to_px(0.0f64.clamp(self.min, self.max)),
        }
    }

    /// Which part of the axis lies below a value.
    #[inline]
    fn part(&self, v: f64) -> f64 {
        match self.spread {
            Spread::Linear => {
                let span = self.max - self.min;
                if span.is_finite() {
                    (v - self.min) / span
                } else {
                    (v / 4.0 - self.min / 4.0) / (self.max / 4.0 - self.min / 4.0)
                }
            }
            Spread::Log { low, high } if v > 0.0 => (log(v) - low) / (high - low),
            Spread::Log { .. } => f64::NAN,
            Spread::SymLog { threshold, low, high } => (spread(v, threshold) - low) / (high - low),
        }
    }
}

/// A value as a symmetric logarithmic axis spreads it.
fn spread(v: f64, threshold: f64) -> f64 {
    log1p(v.abs() / threshold).copysign(v)
}

/// What lies at such a place.
fn unspread(at: f64, threshold: f64) -> f64 {
    (expm1(at.abs()) * threshold).copysign(at)
}

/// What is known of the values that an axis is for. All are NaN if there are none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// The least finite value.
    pub min: f64,
    /// The greatest finite value.
    pub max: f64,
    /// The least distance of a value from zero, above zero; for a logarithmic axis, the least value above zero. NaN
    /// where it does not matter.
    pub least: f64,
}

impl Extent {
    /// Of no values.
    pub const NONE: Extent = Extent { min: f64::NAN, max: f64::NAN, least: f64::NAN };

    /// With a value more; what is not finite does not count.
    #[must_use]
    pub fn with(self, v: f64) -> Self {
        if !v.is_finite() {
            return self;
        }
        let least = if v == 0.0 { f64::NAN } else { v.abs() };
        Extent { min: self.min.min(v), max: self.max.max(v), least: self.least.min(least) }
    }
}

/// The axis for some values, from 1 (below) to 0 (above). Whatever is asked for, the axis is one that can be drawn: its
/// ends are finite and differ, those of a logarithmic one are above zero. Fixed ends that are the wrong way round are
/// swapped; one that cannot be is left out.
#[must_use]
pub fn axis(extent: Extent, kind: ScaleKind, range: AxisRange) -> ValueScale {
    let usable = |v: Option<f64>| v.filter(|v| v.is_finite() && (kind != ScaleKind::Log || *v > 0.0));
    let (low, high) = match range {
        AxisRange::Fixed { min, max } => (usable(min), usable(max)),
        _ => (None, None),
    };
    let (low, high) = match (low, high) {
        (Some(low), Some(high)) if low > high => (Some(high), Some(low)),
        ends => ends,
    };
    match kind {
        ScaleKind::Linear => {
            let fitted = fit(extent.min, extent.max, range == AxisRange::FromZero);
            let (min, max) = fixed(fitted, low, high, false);
            ValueScale::linear(min, max, 0.0, 1.0)
        }
        ScaleKind::Log => {
            let fitted = fit_log(extent);
            let (min, max) = fixed(fitted, low, high, true);
            ValueScale {
                spread: Spread::Log { low: log(min), high: log(max) },
                ..ValueScale::linear(min, max, 0.0, 1.0)
            }
        }
        ScaleKind::SymLog => {
            let fitted = fit(extent.min, extent.max, range == AxisRange::FromZero);
            let (min, max) = fixed(fitted, low, high, false);
            let threshold = threshold(extent.least, min.abs().max(max.abs()));
            let (low, high) = (spread(min, threshold), spread(max, threshold));
            // Ends that the logarithm cannot tell apart lie close to each other: evenly is right, then.
            let spread = if high - low > LEAST_SPAN { Spread::SymLog { threshold, low, high } } else { Spread::Linear };
            ValueScale { spread, ..ValueScale::linear(min, max, 0.0, 1.0) }
        }
    }
}

/// Puts fixed ends in place of those that fit. If all values lie beyond a fixed end, the other is at some distance of it.
fn fixed(fitted: (f64, f64), low: Option<f64>, high: Option<f64>, is_log: bool) -> (f64, f64) {
    let are_apart = |low: f64, high: f64| {
        if is_log {
            log(high) - log(low) > 1e-9
        } else {
            high / 2.0 - low / 2.0 > low.abs().max(high.abs()) * LEAST_SPAN
        }
    };
    let around = if is_log { around_log } else { around };
    let ends = match (low, high) {
        (None, None) => return fitted,
        (Some(low), Some(high)) => (low, high),
        (Some(low), None) if are_apart(low, fitted.1) => (low, fitted.1),
        (Some(low), None) => (low, if is_log { low * 10.0 } else { low + low.abs().max(1.0) }),
        (None, Some(high)) if are_apart(fitted.0, high) => (fitted.0, high),
        (None, Some(high)) => (if high > 0.0 { high / 10.0 } else { high - high.abs().max(1.0) }, high),
    };
    let are_fine = ends.0.is_finite() && ends.1.is_finite() && (!is_log || ends.0 > 0.0) && are_apart(ends.0, ends.1);
    if are_fine { ends } else { around(low.or(high).unwrap_or(fitted.0)) }
}

/// The ends of a logarithmic axis for values of which some are above zero.
fn fit_log(extent: Extent) -> (f64, f64) {
    let (least, greatest) = (if extent.min > 0.0 { extent.min } else { extent.least }, extent.max);
    // So false for NaN, too.
    if !(least > 0.0 && least <= greatest) {
        return (1.0, 10.0);
    }
    if log(greatest) - log(least) < 1e-9 {
        return around_log(least);
    }
    let pad = exp((log(greatest) - log(least)) * PAD);
    ((least / pad).max(LEAST_POSITIVE), (greatest * pad).min(f64::MAX))
}

/// The least number above zero.
const LEAST_POSITIVE: f64 = f64::from_bits(1);

/// A logarithmic axis of about a decade with one value in its middle.
fn around_log(v: f64) -> (f64, f64) {
    ((v / 3.0).max(LEAST_POSITIVE), (v * 3.0).min(f64::MAX))
}

/// More decades than these on one side of zero are noise: what is left over from sums that should be zero.
const MAX_SYM_DECADES: f64 = 6.0;

/// Up to where a symmetric logarithmic axis is even: the power of ten at or below the least value, but not so low that
/// noise would take most of the axis.
fn threshold(least: f64, greatest: f64) -> f64 {
    let power = floor(log10(least.max(greatest / pow(10.0, MAX_SYM_DECADES))) + 1e-9);
    let threshold = pow(10.0, power.max(-300.0));
    if threshold.is_finite() && threshold > 0.0 { threshold } else { 1.0 }
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

    /// Ends that someone may fix, sane or not.
    fn ends() -> impl Strategy<Value = f64> {
        prop_oneof![-5.0..5.0f64, proptest::num::f64::ANY, Just(0.0), Just(1.0), Just(-1.0)]
    }

    fn extent_for(values: &[f64], kind: ScaleKind) -> Extent {
        let all = values.iter().fold(Extent::NONE, |extent, &v| extent.with(v));
        let above = values.iter().filter(|v| kind != ScaleKind::Log || **v > 0.0);
        Extent { least: above.fold(Extent::NONE, |extent, &v| extent.with(v)).least, ..all }
    }

    #[test]
    fn fixed_ends_that_cannot_be_end_in_an_axis() {
        let values = Extent { min: 10.0, max: 20.0, least: 10.0 };
        let fixed = |min, max| AxisRange::Fixed { min, max };
        use ScaleKind::{Linear, Log, SymLog};
        for (kind, range, want) in [
            (Linear, fixed(Some(0.0), Some(5.0)), (0.0, 5.0)),
            (Linear, fixed(Some(5.0), Some(0.0)), (0.0, 5.0)),
            (Linear, fixed(Some(5.0), Some(5.0)), (0.0, 10.0)),
            (Linear, fixed(Some(12.0), None), (12.0, 20.5)),
            (Linear, fixed(None, Some(12.0)), (9.5, 12.0)),
            (Linear, fixed(Some(50.0), None), (50.0, 100.0)),
            (Linear, fixed(None, Some(5.0)), (0.5, 5.0)),
            (Linear, fixed(None, Some(-5.0)), (-10.0, -5.0)),
            (Linear, fixed(Some(f64::NAN), Some(f64::INFINITY)), (9.5, 20.5)),
            (Log, fixed(Some(1.0), Some(1000.0)), (1.0, 1000.0)),
            (Log, fixed(Some(0.0), Some(1000.0)), (9.659_363, 1000.0)),
            (Log, fixed(Some(-5.0), Some(-1.0)), (9.659_363, 20.705_298)),
            (Log, fixed(Some(100.0), None), (100.0, 1000.0)),
            (Log, fixed(Some(3.0), Some(3.0)), (1.0, 9.0)),
            (SymLog, fixed(Some(-100.0), Some(100.0)), (-100.0, 100.0)),
        ] {
            let scale = axis(values, kind, range);
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * a.abs().max(b.abs());
            assert!(near(scale.min, want.0) && near(scale.max, want.1), "{kind:?} {range:?}: {scale:?}");
            assert_eq!(scale.kind(), kind);
        }
    }

    #[test]
    fn logarithmic_axes_spread_decades_evenly() {
        let range = AxisRange::Fixed { min: Some(0.01), max: Some(100.0) };
        let scale = axis(Extent::NONE, ScaleKind::Log, range).placed(0.0, 400.0);
        let at = |scale: &ValueScale, v: f64| scale.to_px(v).round();
        assert_eq!([0.01, 0.1, 1.0, 10.0, 100.0].map(|v| at(&scale, v)), [400.0, 300.0, 200.0, 100.0, 0.0]);
        assert!(scale.to_px(0.0).is_nan() && scale.to_px(-1.0).is_nan(), "no place");
        let range = AxisRange::Fixed { min: Some(-1e3), max: Some(1e3) };
        let extent = Extent { min: -1e3, max: 1e3, least: 1.5 };
        let scale = axis(extent, ScaleKind::SymLog, range).placed(0.0, 400.0);
        assert_eq!([-1e3, -1.0, 0.0, 1.0, 10.0, 1e3].map(|v| at(&scale, v)), [400.0, 220.0, 200.0, 180.0, 131.0, 0.0]);
    }

    proptest! {
        #[test]
        fn every_value_lies_on_its_axis(a in proptest::num::f64::NORMAL, b in proptest::num::f64::NORMAL, zero: bool) {
            let (low, high) = fit(a.min(b), a.max(b), zero);
            prop_assert!(low < high && low.is_finite() && high.is_finite());
            let scale = ValueScale::linear(low, high, 10.0, 410.0);
            for v in [a, b] {
                prop_assert!((9.999..=410.001).contains(&scale.to_px(v)), "{v} at {}", scale.to_px(v));
            }
            let back = scale.to_px(scale.to_value(100.0));
            prop_assert!((back - 100.0).abs() < 1e-3, "{back}");
        }

        #[test]
        fn any_axis_can_be_drawn_and_shows_its_values(
            values in proptest::collection::vec(prop_oneof![
                proptest::num::f64::ANY,
                -10.0..10.0f64,
                Just(0.0),
                Just(1e-300),
            ], 0..5),
            kind in prop_oneof![Just(ScaleKind::Linear), Just(ScaleKind::Log), Just(ScaleKind::SymLog)],
            range in prop_oneof![
                Just(AxisRange::Fit),
                Just(AxisRange::FromZero),
                (proptest::option::of(ends()), proptest::option::of(ends()))
                    .prop_map(|(min, max)| AxisRange::Fixed { min, max }),
            ],
        ) {
            let extent = extent_for(&values, kind);
            let scale = axis(extent, kind, range).placed(10.0, 410.0);
            prop_assert!(scale.min < scale.max && scale.min.is_finite() && scale.max.is_finite(), "{scale:?}");
            prop_assert!(kind != ScaleKind::Log || scale.min > 0.0, "{scale:?}");
            let (top, bottom) = (scale.to_px(scale.max), scale.to_px(scale.min));
            prop_assert!((top - 10.0).abs() < 1e-3 && (bottom - 410.0).abs() < 1e-3, "{top} {bottom} {scale:?}");
            prop_assert!((10.0..=410.0).contains(&scale.base_px()));
            if !matches!(range, AxisRange::Fixed { .. }) {
                for v in values.iter().filter(|v| v.is_finite()) {
                    let y = scale.to_px(*v);
                    prop_assert_eq!(y.is_nan(), kind == ScaleKind::Log && *v <= 0.0);
                    prop_assert!(y.is_nan() || (9.999..=410.001).contains(&y), "{} at {} of {:?}", v, y, scale);
                }
            }
            let back = scale.to_px(scale.to_value(100.0));
            // Close to the least numbers there are, an f64 has few digits.
            prop_assert!((back - 100.0).abs() < 0.1 || scale.max - scale.min < 1e-300, "{back} {scale:?}");
            let higher = scale.to_value(90.0);
            prop_assert!(higher >= scale.to_value(100.0));
        }

        #[test]
        fn times_go_both_ways(start in 0i64..4_000_000_000_000, span in 0i64..400_000_000_000, part in 0.0..1.0f64) {
            let scale = TimeScale::new(start, start + span, 60.0, 1_260.0);
            let px = 60.0 + part * 1_200.0;
            prop_assert!((scale.to_px(scale.to_time(px)) - px).abs() < 1.0);
        }
    }
}
