//! How values read on an axis and in a legend: short, with SI letters or in the unit of the metric.

use libm::{floor, log10, pow, round};

/// The unit of an axis, as far as it changes how numbers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Plain numbers with SI letters: `1.5k`.
    #[default]
    None,
    /// Bytes, in powers of 1024: `1.5 MiB`.
    Bytes,
    /// Bytes a second: `1.5 MiB/s`.
    BytesPerSecond,
    /// Seconds: `250 ms`, `1.5 s`, `2 h`.
    Seconds,
    /// Events a second: `1.5k/s`.
    PerSecond,
    /// A part of one, as per cent: `12.5%`.
    Ratio,
}

/// A factor and the letters that stand for it.
type Scaled = (f64, &'static str);

const SI: [Scaled; 17] = [
    (1e24, "Y"),
    (1e21, "Z"),
    (1e18, "E"),
    (1e15, "P"),
    (1e12, "T"),
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "k"),
    (1.0, ""),
    (1e-3, "m"),
    (1e-6, "µ"),
    (1e-9, "n"),
    (1e-12, "p"),
    (1e-15, "f"),
    (1e-18, "a"),
    (1e-21, "z"),
    (1e-24, "y"),
];

const IEC: [Scaled; 7] = [
    (1_152_921_504_606_846_976.0, " EiB"),
    (1_125_899_906_842_624.0, " PiB"),
    (1_099_511_627_776.0, " TiB"),
    (1_073_741_824.0, " GiB"),
    (1_048_576.0, " MiB"),
    (1_024.0, " KiB"),
    (1.0, " B"),
];

const TIME: [Scaled; 7] =
    [(86_400.0, " d"), (3_600.0, " h"), (60.0, " min"), (1.0, " s"), (1e-3, " ms"), (1e-6, " µs"), (1e-9, " ns")];

/// From this value on, hundredths are written as such and not in thousandths: 0.05, not 50m.
const LEAST_PLAIN: f64 = 0.01;

/// More decimals than these do not help anybody to compare two texts.
const MAX_DECIMALS: usize = 8;

impl Unit {
    /// The factor and the letters for a value.
    fn scaled(self, v: f64) -> Scaled {
        let v = v.abs();
        let first = |table: &[Scaled], otherwise: Scaled| {
            table.iter().copied().find(|(factor, _)| v >= *factor * (1.0 - 1e-9)).unwrap_or(otherwise)
        };
        match self {
            Unit::None | Unit::PerSecond if v < LEAST_PLAIN => {
                first(&SI[9..], if v >= 1e-27 { SI[16] } else { (1.0, "") })
            }
            Unit::None | Unit::PerSecond => first(&SI[..9], (1.0, "")),
            Unit::Bytes | Unit::BytesPerSecond => first(&IEC, (1.0, " B")),
            Unit::Seconds => first(&TIME, if v > 0.0 { (1e-9, " ns") } else { (1.0, " s") }),
            Unit::Ratio => (0.01, "%"),
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Unit::BytesPerSecond | Unit::PerSecond => "/s",
            _ => "",
        }
    }
}

/// The texts of an axis' ticks, `step` apart. They have as many decimals as it takes for each to say
/// where it stands and for no two to read the same.
#[must_use]
pub fn ticks(unit: Unit, values: &[f64], step: f64) -> Vec<String> {
    let scaled: Vec<Scaled> = values.iter().map(|&v| unit.scaled(if v.abs() < step / 2.0 { 0.0 } else { v })).collect();
    values
        .iter()
        .zip(&scaled)
        .map(|(&v, &(factor, letters))| {
            if v.abs() < step / 2.0 {
                // Not "0.0k", nor what is left over from a sum that should be zero.
                return if unit == Unit::Ratio { "0%".to_owned() } else { "0".to_owned() };
            }
            // Neighbours with the same letters get the same number of decimals.
            let decimals = values
                .iter()
                .zip(&scaled)
                .filter(|(v, (other, _))| *other == factor && v.abs() >= step / 2.0)
                .map(|(v, _)| decimals_for(v / factor, step / factor))
                .max()
                .unwrap_or(0);
            let beyond_letters = !(1e-3..1e5).contains(&(v / factor).abs());
            if decimals > MAX_DECIMALS || (beyond_letters && unit != Unit::Ratio) {
                return model::number::format_short(v) + unit.suffix();
            }
            format!("{:.decimals$}{letters}{}", v / factor, unit.suffix())
        })
        .collect()
}

/// How many decimals it takes to write a number so that it is off by less than a hundredth of a step.
fn decimals_for(v: f64, step: f64) -> usize {
    let mut power = 1.0;
    for decimals in 0..=MAX_DECIMALS {
        if (round(v * power) / power - v).abs() <= step * 0.01 {
            return decimals;
        }
        power *= 10.0;
    }
    MAX_DECIMALS + 1
}

/// A value in a few characters, for a legend: four significant digits at most.
#[must_use]
pub fn short(unit: Unit, v: f64) -> String {
    if !v.is_finite() {
        return model::number::format(v);
    }
    if v == 0.0 {
        return match unit {
            Unit::Ratio => "0%".to_owned(),
            _ => format!("0{}", unit.suffix()),
        };
    }
    let (mut factor, mut letters) = unit.scaled(v);
    let mut text = significant(v / factor);
    // 999.96 rounds to 1000, which has a letter of its own.
    let (next_factor, next_letters) = unit.scaled(text.parse::<f64>().unwrap_or(v) * factor);
    if next_factor != factor {
        (factor, letters) = (next_factor, next_letters);
        text = significant(v / factor);
    }
    if text.len() > 12 {
        return model::number::format_short(v) + unit.suffix();
    }
    format!("{text}{letters}{}", unit.suffix())
}

/// Four significant digits, without zeros at the end.
fn significant(v: f64) -> String {
    let exponent = floor(log10(v.abs())) as i32;
    if exponent < -9 {
        return format!("{v:.2e}");
    }
    let decimals = (3 - exponent).clamp(0, 12) as usize;
    let power = pow(10.0, decimals as f64);
    let text = format!("{:.decimals$}", round(v * power) / power);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    //! Values and what they read as.
    use super::*;
    use expect_test::{Expect, expect};

    fn check(unit: Unit, values: &[f64], want: &Expect) {
        let step = values.windows(2).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min);
        want.assert_eq(&ticks(unit, values, step).join(" | "));
    }

    #[test]
    fn ticks_read_short_and_differ() {
        check(Unit::None, &[0.0, 1.0, 2.0, 3.0], &expect!["0 | 1 | 2 | 3"]);
        check(Unit::None, &[0.0, 0.5, 1.0, 1.5], &expect!["0 | 0.5 | 1.0 | 1.5"]);
        check(Unit::None, &[0.0, 500.0, 1000.0, 1500.0], &expect!["0 | 500 | 1.0k | 1.5k"]);
        check(Unit::None, &[1e6, 1.001e6, 1.002e6], &expect!["1.000M | 1.001M | 1.002M"]);
        check(Unit::None, &[0.0, 0.02, 0.04], &expect!["0 | 0.02 | 0.04"]);
        check(Unit::None, &[-0.004, -0.002, 1e-19, 0.002], &expect!["-4m | -2m | 0 | 2m"]);
        check(Unit::None, &[0.005, 0.01, 0.015], &expect!["5m | 0.010 | 0.015"]);
        check(Unit::None, &[0.0, 2e-27, 4e-27], &expect!["0 | 0.002y | 0.004y"]);
        check(Unit::None, &[1e9, 1e9 + 1.0, 1e9 + 2.0], &expect!["1000000000 | 1000000001 | 1000000002"]);
        check(Unit::None, &[0.0, 1e300, 2e300], &expect!["0 | 1e+300 | 2e+300"]);
        check(Unit::None, &[0.1, 0.2, 0.1 + 0.2], &expect!["0.1 | 0.2 | 0.3"]);
        check(Unit::Bytes, &[0.0, 536_870_912.0, 1_073_741_824.0], &expect!["0 | 512 MiB | 1 GiB"]);
        check(Unit::Seconds, &[0.0, 900.0, 1800.0, 3600.0, 5400.0], &expect!["0 | 15 min | 30 min | 1.0 h | 1.5 h"]);
        check(Unit::Ratio, &[0.0, 0.125, 0.25], &expect!["0% | 12.5% | 25.0%"]);
        check(Unit::PerSecond, &[0.0, 1000.0, 2000.0], &expect!["0 | 1k/s | 2k/s"]);
    }

    #[test]
    fn legend_values_have_four_digits() {
        for (unit, v, want) in [
            (Unit::None, 0.0, "0"),
            (Unit::None, 1.0, "1"),
            (Unit::None, 1234.5, "1.235k"),
            (Unit::None, 999.96, "1k"),
            (Unit::None, -0.001_234_56, "-1.235m"),
            (Unit::None, 0.333_333, "0.3333"),
            (Unit::None, 1e300, "1e+300"),
            (Unit::None, 5e-324, "4.94e-324"),
            (Unit::None, f64::INFINITY, "+Inf"),
            (Unit::None, f64::NAN, "NaN"),
            (Unit::Bytes, 1_572_864.0, "1.5 MiB"),
            (Unit::BytesPerSecond, 10.0, "10 B/s"),
            (Unit::Seconds, 0.25, "250 ms"),
            (Unit::Seconds, 0.0, "0"),
            (Unit::Ratio, 0.256_789, "25.68%"),
        ] {
            assert_eq!(short(unit, v), want);
        }
    }
}
