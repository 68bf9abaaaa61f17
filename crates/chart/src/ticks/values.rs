//! The ticks of a value axis with their texts: evenly spaced ones, and powers where values are spread by their logarithm.

use super::value_ticks;
use crate::format::{self, Base, Unit};
use crate::scale::{Spread, ValueScale};
use libm::{ceil, floor, log10, pow};

/// A tick of a value axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// At which value.
    pub at: f64,
    /// What it says; nothing if only its line is drawn.
    pub text: String,
}

/// Fewer ticks than these do not show how a logarithm spreads values; even ones help more, then.
const MIN_POWERS: usize = 3;

/// No axis has more candidates for ticks: an f64 spans 632 decades, each with three.
const MAX_CANDIDATES: usize = 2_000;

/// Ticks for an axis, ascending, at most about `max_count`; no two read the same.
#[must_use]
pub fn axis_ticks(scale: &ValueScale, max_count: usize, unit: Unit) -> Vec<Tick> {
    let powers = match scale.spread {
        Spread::Linear => Vec::new(),
        Spread::Log { .. } => finest(max_count, &|level| rungs(unit, level, scale.min, scale.max)),
        Spread::SymLog { threshold, .. } => finest(max_count, &|level| on_symlog(scale, threshold, unit, level)),
    };
    let mut ticks: Vec<Tick> = if powers.len() >= MIN_POWERS.min(max_count.max(2)) {
        let text = |v: f64| format::ticks(unit, &[v], if v == 0.0 { 1.0 } else { v.abs() }).pop().unwrap_or_default();
        powers.into_iter().map(|at| Tick { at, text: text(at) }).collect()
    } else {
        let even = value_ticks(scale.min, scale.max, max_count, unit);
        let texts = format::ticks(unit, &even.values, even.step);
        even.values.into_iter().zip(texts).map(|(at, text)| Tick { at, text }).collect()
    };
    // An axis of a billionth of its values: what differs beyond all digits is not told apart.
    ticks.dedup_by(|b, a| a.text == b.text);
    ticks
}

/// The ticks of the finest ladder of which not too many are on the axis.
fn finest(max_count: usize, ticks: &dyn Fn(usize) -> Vec<f64>) -> Vec<f64> {
    (0..N_LEVELS).map(ticks).find(|ticks| ticks.len() <= max_count.max(2)).unwrap_or_default()
}

/// How many ladders there are, from 1, 2, 5, 10, 20 to every 200th power.
const N_LEVELS: usize = 10;

/// Which numbers are rungs.
enum Ladder {
    /// The digits times every so many-th power of a base.
    Powers { base: f64, digits: &'static [f64], every: f64 },
    /// As they stand; below the first and above the last, that one times powers of a factor.
    Mixed(&'static [f64], f64),
}

/// What is round of a unit; of time in seconds.
fn ladder(unit: Unit, level: usize) -> Ladder {
    const ONE: &[f64] = &[1.0];
    const DAY: f64 = 86_400.0;
    let is_time = unit.base.seconds().is_some();
    match unit.base {
        Base::Bytes => {
            let every = [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 50.0, 100.0, 200.0, 500.0][level.min(N_LEVELS - 1)];
            Ladder::Powers { base: 2.0, digits: ONE, every }
        }
        _ if is_time && level == 0 => Ladder::Mixed(
            &[
                1e-9, 2e-9, 5e-9, 1e-8, 2e-8, 5e-8, 1e-7, 2e-7, 5e-7, 1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4,
                5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0,
                600.0, 1_800.0, 3_600.0, 10_800.0, 21_600.0, 43_200.0, DAY,
            ],
            10.0,
        ),
        _ if is_time && level == 1 => Ladder::Mixed(
            &[1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1.0, 10.0, 60.0, 600.0, 3_600.0, 21_600.0, DAY],
            10.0,
        ),
        _ if is_time && level == 2 => Ladder::Mixed(&[1e-9, 1e-6, 1e-3, 1.0, 60.0, 3_600.0, DAY], 1e3),
        _ if is_time => Ladder::Mixed(&[1.0, DAY], pow(1e3, pow(2.0, level as f64 - 3.0))),
        _ => {
            let every = [1.0, 1.0, 2.0, 3.0, 6.0, 10.0, 20.0, 50.0, 100.0, 200.0][level.min(N_LEVELS - 1)];
            Ladder::Powers { base: 10.0, digits: if level == 0 { &[1.0, 2.0, 5.0] } else { ONE }, every }
        }
    }
}

/// The rungs from `min` to `max`, both above zero.
fn rungs(unit: Unit, level: usize, min: f64, max: f64) -> Vec<f64> {
    let one = unit.base.seconds().unwrap_or(1.0);
    let mut rungs = of_ladder(&ladder(unit, level), min * one, max * one);
    rungs.iter_mut().for_each(|v| *v /= one);
    rungs.retain(|v| v.is_finite() && *v > 0.0);
    rungs
}

fn of_ladder(ladder: &Ladder, min: f64, max: f64) -> Vec<f64> {
    let (low, high) = (min * (1.0 - 1e-9), max * (1.0 + 1e-9));
    let mut rungs = Vec::new();
    match ladder {
        Ladder::Powers { base, digits, every } => {
            let decades = log10(*base) * every;
            // The first power at or below the axis; digits may lift it onto it.
            let mut exponent = floor(log10(min) / decades - 1e-9) * every;
            let last = ceil(log10(max) / decades + 1e-9) * every;
            while exponent <= last && rungs.len() < MAX_CANDIDATES {
                for digit in *digits {
                    rungs.push(power(*digit, *base, exponent));
                }
                exponent += every;
            }
        }
        Ladder::Mixed(all, factor) => {
            let (Some(first), Some(last)) = (all.first(), all.last()) else {
                return rungs;
            };
            let mut below = *first;
            while below >= low && rungs.len() < MAX_CANDIDATES {
                below /= factor;
                rungs.push(below);
            }
            rungs.reverse();
            rungs.extend_from_slice(all);
            let mut above = *last;
            while above <= high && rungs.len() < MAX_CANDIDATES {
                above *= factor;
                rungs.push(above);
            }
        }
    }
    rungs.retain(|v| (low..=high).contains(v) && v.is_finite() && *v > 0.0);
    rungs
}

/// `digit * base ^ exponent`, exact where a decimal number of so few digits can be.
fn power(digit: f64, base: f64, exponent: f64) -> f64 {
    if exponent < 0.0 && exponent > -300.0 { digit / pow(base, -exponent) } else { digit * pow(base, exponent) }
}

/// Rungs on both sides of zero, and zero itself. Up to the threshold lies no more than there would be between two
/// powers beyond, so the first rung is farther out.
fn on_symlog(scale: &ValueScale, threshold: f64, unit: Unit, level: usize) -> Vec<f64> {
    let threshold = threshold * 3.0;
    let side = |from: f64, to: f64| if to > from { rungs(unit, level, from, to) } else { Vec::new() };
    let mut ticks = side(threshold.max(-scale.max), -scale.min);
    ticks.iter_mut().for_each(|v| *v = -*v);
    ticks.reverse();
    if scale.min <= 0.0 && scale.max >= 0.0 {
        ticks.push(0.0);
    }
    ticks.extend(side(threshold.max(scale.min), scale.max));
    ticks
}

#[cfg(test)]
mod tests {
    //! Axes, and the texts at their ticks from the lower end up.
    use super::*;
    use crate::options::{AxisRange, ScaleKind};
    use crate::scale::{Extent, axis};
    use expect_test::{Expect, expect};

    fn check(kind: ScaleKind, unit: Unit, n: usize, min: f64, max: f64, want: &Expect) {
        let extent = Extent { min, max, least: if min > 0.0 { min } else { max / 1e3 } };
        let scale = axis(extent, kind, AxisRange::Fixed { min: Some(min), max: Some(max) });
        let texts: Vec<String> = axis_ticks(&scale, n, unit).into_iter().map(|tick| tick.text).collect();
        want.assert_eq(&texts.join(" | "));
    }

    #[test]
    fn powers_of_ten_and_what_lies_between_if_there_is_room() {
        let check = |n, min, max, want: Expect| check(ScaleKind::Log, Unit::None, n, min, max, &want);
        check(10, 1.0, 1000.0, expect!["1 | 2 | 5 | 10 | 20 | 50 | 100 | 200 | 500 | 1k"]);
        check(5, 1.0, 1000.0, expect!["1 | 10 | 100 | 1k"]);
        check(5, 1e-3, 1e9, expect!["1m | 1 | 1k | 1M | 1G"]);
        check(8, 1e-300, 1e300, expect!["1e-300 | 1e-200 | 1e-100 | 1 | 1e+100 | 1e+200 | 1e+300"]);
        check(8, 5e-324, f64::MAX, expect!["1e-300 | 1e-200 | 1e-100 | 1 | 1e+100 | 1e+200 | 1e+300"]);
        check(6, 2.0, 9.0, expect!["2 | 4 | 6 | 8"]);
        check(6, 100.0, 101.0, expect!["100.0 | 100.2 | 100.4 | 100.6 | 100.8 | 101.0"]);
        check(2, 1.0, 1000.0, expect!["1 | 100"]);
    }

    #[test]
    fn what_is_round_depends_on_the_unit() {
        let check = |unit, n, min, max, want: Expect| check(ScaleKind::Log, unit, n, min, max, &want);
        check(Unit::Bytes, 6, 1.0, 1e12, expect!["1 B | 1 KiB | 1 MiB | 1 GiB"]);
        check(Unit::Bytes, 8, 1e6, 64e6, expect!["1 MiB | 2 MiB | 4 MiB | 8 MiB | 16 MiB | 32 MiB"]);
        check(Unit::Seconds, 10, 1e-3, 7_200.0, expect!["1 ms | 10 ms | 100 ms | 1 s | 10 s | 1 min | 10 min | 1 h"]);
        check(Unit::Seconds, 6, 1e-3, 7_200.0, expect!["1 ms | 1 s | 1 min | 1 h"]);
        check(Unit::Seconds, 10, 0.5, 90.0, expect!["500 ms | 1 s | 2 s | 5 s | 10 s | 30 s | 1 min"]);
        check(Unit::Seconds, 5, 1e-9, 1e9, expect!["1 µs | 1 s | 1 d"]);
        check(
            Unit::of(Base::Milliseconds),
            10,
            1.0,
            7_200_000.0,
            expect!["1 ms | 10 ms | 100 ms | 1 s | 10 s | 1 min | 10 min | 1 h"],
        );
        check(Unit::of(Base::Minutes), 6, 1e-3, 1_000.0, expect!["1 s | 1 min | 1 h"]);
        check(Unit::of(Base::Bits), 6, 1.0, 1e12, expect!["1 bit | 1 kbit | 1 Mbit | 1 Gbit | 1 Tbit"]);
        check(Unit::Ratio, 6, 1e-4, 1.0, expect!["0.01% | 0.1% | 1% | 10% | 100%"]);
        check(Unit::PerSecond, 6, 1e-4, 1e4, expect!["100µ/s | 0.01/s | 1/s | 100/s | 10k/s"]);
    }

    #[test]
    fn both_sides_of_zero() {
        let check = |n, min, max, want: Expect| check(ScaleKind::SymLog, Unit::None, n, min, max, &want);
        check(10, -1000.0, 1000.0, expect!["-1k | -100 | -10 | 0 | 10 | 100 | 1k"]);
        check(5, -1000.0, 1000.0, expect!["-100 | 0 | 100"]);
        check(10, 0.0, 1000.0, expect!["0 | 5 | 10 | 20 | 50 | 100 | 200 | 500 | 1k"]);
        check(10, -5.0, 1000.0, expect!["-5 | 0 | 5 | 10 | 20 | 50 | 100 | 200 | 500 | 1k"]);
        check(10, 0.0, 1e-6, expect!["0 | 5n | 10n | 20n | 50n | 100n | 200n | 500n | 1µ"]);
        check(6, 900.0, 1000.0, expect!["900 | 920 | 940 | 960 | 980 | 1k"]);
    }
}
