//! How values read on an axis and in a legend: short, with SI letters or in the unit of the metric ([`Unit`]).

mod unit;

pub use unit::{Base, Unit, Word};

use libm::{floor, log10, pow, round};

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

const GRAMS: [Scaled; 6] = [(1e6, " t"), (1e3, " kg"), (1.0, " g"), (1e-3, " mg"), (1e-6, " µg"), (1e-9, " ng")];

/// The letters of whole seconds, and of nothing.
const SECONDS: Scaled = (1.0, " s");

const TIME: [Scaled; 7] =
    [(86_400.0, " d"), (3_600.0, " h"), (60.0, " min"), (1.0, " s"), (1e-3, " ms"), (1e-6, " µs"), (1e-9, " ns")];

/// From this value on, hundredths are written as such and not in thousandths: 0.05, not 50m.
const LEAST_PLAIN: f64 = 0.01;

/// More decimals than these do not help anybody to compare two texts.
const MAX_DECIMALS: usize = 8;

/// Where nothing is scaled, numbers from here on have an exponent.
const MAX_WHOLE: f64 = 1e9;

/// How values of a unit are scaled.
#[derive(Clone, Copy)]
enum Scaling {
    /// By SI letters, which stand at the number.
    Si,
    /// Not at all.
    Never,
    /// By a table of its own, and the size of one in the terms of that table.
    Table(&'static [Scaled], f64),
}

/// How a number is written in a unit: divided by a factor, with the letters for that.
#[derive(Clone, Copy)]
struct Written {
    factor: f64,
    letters: &'static str,
}

impl Unit {
    fn scaling(&self) -> Scaling {
        if let Some(seconds) = self.base.seconds() {
            return Scaling::Table(&TIME, seconds);
        }
        match self.base {
            Base::Bytes => Scaling::Table(&IEC, 1.0),
            Base::Grams => Scaling::Table(&GRAMS, 1.0),
            Base::Ratio | Base::Percent | Base::Celsius => Scaling::Never,
            _ => Scaling::Si,
        }
    }

    /// The factor and the letters for a value.
    fn written(&self, v: f64) -> Written {
        let v = v.abs();
        let first = |table: &[Scaled], v: f64, otherwise: Scaled| {
            table.iter().copied().find(|(factor, _)| v >= *factor * (1.0 - 1e-9)).unwrap_or(otherwise)
        };
        let (factor, letters) = match self.scaling() {
            Scaling::Si if v < LEAST_PLAIN => first(&SI[9..], v, if v >= 1e-27 { SI[16] } else { (1.0, "") }),
            Scaling::Si => first(&SI[..9], v, (1.0, "")),
            Scaling::Never if self.base == Base::Ratio => (0.01, ""),
            Scaling::Never => (1.0, ""),
            Scaling::Table(table, one) => {
                let least = table.last().copied().unwrap_or(SECONDS);
                let (factor, letters) = first(table, v * one, if v > 0.0 { least } else { self.whole(table) });
                (factor / one, letters)
            }
        };
        Written { factor, letters }
    }

    /// The entry of a table that stands for one of the unit.
    fn whole(&self, table: &[Scaled]) -> Scaled {
        table.iter().copied().find(|(factor, _)| *factor == 1.0).unwrap_or(SECONDS)
    }

    /// The letters of a unit that takes SI letters before its own.
    fn symbol(&self) -> &'static str {
        match self.base {
            Base::Bits => "bit",
            Base::Celsius => "°C",
            Base::Hertz => "Hz",
            Base::Volts => "V",
            Base::Amperes => "A",
            Base::Watts => "W",
            Base::Joules => "J",
            Base::Metres => "m",
            _ => "",
        }
    }

    /// A number with its letters and its unit: `1.5 kW`, `5%`, `2 MiB/s`, `3k`, and `1.5k things`, so that a word of
    /// its own keeps clear of the letters.
    fn text(&self, number: &str, letters: &str) -> String {
        let slash = if self.per_second { "/s" } else { "" };
        match (&self.base, self.symbol()) {
            (Base::Ratio | Base::Percent, _) => format!("{number}%{slash}"),
            (Base::Custom(word), _) => format!("{number}{letters} {}{slash}", word.as_str()),
            (_, "") => format!("{number}{letters}{slash}"),
            (_, symbol) => format!("{number} {letters}{symbol}{slash}"),
        }
    }

    /// A number that no letters help to read, in the unit itself.
    fn plain_text(&self, v: f64) -> String {
        let percent = v * 100.0;
        let (v, letters) = match self.scaling() {
            Scaling::Never if self.base == Base::Ratio && percent.is_finite() => (percent, ""),
            // Some 1e308: there is no such number of per cent.
            Scaling::Never if self.base == Base::Ratio => return model::number::format_short(v),
            Scaling::Table(table, one) if (v * one).is_finite() => (v * one, self.whole(table).1),
            _ => (v, ""),
        };
        self.text(&model::number::format_short(v), letters)
    }

    /// How nothing reads where numbers have their unit: `0%`, `0/s`, `0 B/s`; of most units just `0`.
    fn zero(&self) -> String {
        match self.base {
            Base::Ratio | Base::Percent => self.text("0", ""),
            _ if self.per_second => self.text("0", self.written(0.0).letters),
            _ => "0".to_owned(),
        }
    }
}

/// The texts of an axis' ticks, `step` apart. They have as many decimals as it takes for each to say
/// where it stands and for no two to read the same.
#[must_use]
pub fn ticks(unit: Unit, values: &[f64], step: f64) -> Vec<String> {
    // Not "0.0k", nor what is left over from a sum that should be zero.
    let is_zero = |v: f64| v.abs() < step / 2.0;
    let written: Vec<Written> = values.iter().map(|&v| unit.written(if is_zero(v) { 0.0 } else { v })).collect();
    values
        .iter()
        .zip(&written)
        .map(|(&v, &Written { factor, letters })| {
            if is_zero(v) {
                return if matches!(unit.base, Base::Ratio | Base::Percent) { unit.zero() } else { "0".to_owned() };
            }
            // Neighbours with the same letters get the same number of decimals.
            let decimals = values
                .iter()
                .zip(&written)
                .filter(|(v, other)| other.factor == factor && !is_zero(**v))
                .map(|(v, _)| decimals_for(v / factor, step / factor))
                .max()
                .unwrap_or(0);
            let beyond_letters = match unit.scaling() {
                Scaling::Never => (v / factor).abs() >= MAX_WHOLE,
                _ => !(1e-3..1e5).contains(&(v / factor).abs()),
            };
            if decimals > MAX_DECIMALS || beyond_letters {
                return unit.plain_text(v);
            }
            unit.text(&format!("{:.decimals$}", v / factor), letters)
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
        return unit.zero();
    }
    let mut written = unit.written(v);
    let mut number = significant(v / written.factor);
    // 999.96 rounds to 1000, which has letters of its own.
    let next = unit.written(number.parse::<f64>().unwrap_or(v) * written.factor);
    if next.factor != written.factor {
        written = next;
        number = significant(v / written.factor);
    }
    if number.len() > 12 || !(v / written.factor).is_finite() {
        return unit.plain_text(v);
    }
    unit.text(&number, written.letters)
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
    use proptest::prelude::*;

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
    fn each_unit_has_its_letters() {
        let unit = |word: &str| Unit::parse(word).expect(word);
        check(unit("bits/s"), &[0.0, 5e5, 1e6, 1.5e6], &expect!["0 | 500 kbit/s | 1.0 Mbit/s | 1.5 Mbit/s"]);
        check(unit("watts"), &[0.0, 0.5, 1.0], &expect!["0 | 0.5 W | 1.0 W"]);
        check(unit("volts"), &[-0.004, -0.002, 0.0, 0.002], &expect!["-4 mV | -2 mV | 0 | 2 mV"]);
        check(unit("celsius"), &[-10.0, 0.0, 10.0], &expect!["-10 °C | 0 | 10 °C"]);
        check(unit("percent"), &[0.0, 25.0, 50.0], &expect!["0% | 25% | 50%"]);
        check(unit("milliseconds"), &[0.0, 500.0, 1000.0, 1500.0], &expect!["0 | 500 ms | 1.0 s | 1.5 s"]);
        check(unit("hours"), &[0.0, 0.5, 12.0, 24.0, 36.0], &expect!["0 | 30 min | 12 h | 1.0 d | 1.5 d"]);
        check(unit("grams"), &[0.0, 500.0, 1000.0], &expect!["0 | 500 g | 1 kg"]);
        check(unit("joules/s"), &[0.0, 1e3], &expect!["0 | 1 kJ/s"]);
        check(unit("things"), &[0.0, 500.0, 1000.0], &expect!["0 | 500 things | 1k things"]);
        check(unit("things/s"), &[0.0, 0.005], &expect!["0 | 5m things/s"]);
    }

    #[test]
    fn what_no_letters_help_is_written_in_the_unit_itself() {
        check(Unit::Bytes, &[0.0, 1e300, 2e300], &expect!["0 | 1e+300 B | 2e+300 B"]);
        check(Unit::Ratio, &[0.0, 1e-12, 2e-12], &expect!["0% | 1e-10% | 2e-10%"]);
        check(Unit::Ratio, &[0.0, 1e200, 2e200], &expect!["0% | 1e+202% | 2e+202%"]);
        check(Unit::Ratio, &[0.0, 8e307, 1.6e308], &expect!["0% | 8e+307 | 1.6e+308"]);
        check(
            Unit::Percent,
            &[1e12, 1e12 + 0.5, 1e12 + 1.0],
            &expect!["1000000000000% | 1000000000000.5% | 1000000000001%"],
        );
        check(Unit::parse("hours").expect("a unit"), &[0.0, 1e30], &expect!["0 | 3.6e+33 s"]);
        check(Unit::parse("celsius").expect("a unit"), &[0.0, 1e300], &expect!["0 | 1e+300 °C"]);
    }

    proptest! {
        #[test]
        fn no_two_ticks_of_an_axis_read_the_same(
            unit in 0..Unit::ALL.len(),
            from in -1e4f64..1e4,
            digits in 1u8..=3,
            power in -18i32..18,
            n in 2usize..9,
        ) {
            let step = f64::from(match digits { 3 => 5, d => d }) * pow(10.0, f64::from(power));
            let values: Vec<f64> = (0..n).map(|i| (round(from) + i as f64) * step).collect();
            let mut texts = ticks(Unit::ALL[unit], &values, step);
            prop_assert!(texts.iter().all(|text| text.chars().count() <= 30), "{:?}", texts);
            texts.sort();
            texts.dedup();
            prop_assert_eq!(texts.len(), n, "{:?}", texts);
        }
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
            (Unit::Ratio, 1e300, "1e+302%"),
            (Unit::Ratio, 1.7e308, "1.7e+308"),
            (Unit::Percent, 0.0, "0%"),
            (Unit::PerSecond, 0.0, "0/s"),
            (Unit::BytesPerSecond, 0.0, "0 B/s"),
            (Unit::rate_of(Base::Bits), 1.5e6, "1.5 Mbit/s"),
            (Unit::of(Base::Milliseconds), 1_500.0, "1.5 s"),
            (Unit::of(Base::Milliseconds), 999.99, "1 s"),
            (Unit::of(Base::Days), 0.5, "12 h"),
            (Unit::of(Base::Watts), 999.96, "1 kW"),
            (Unit::of(Base::Celsius), -40.0, "-40 °C"),
            (Unit::of(Base::Grams), 2.5e6, "2.5 t"),
        ] {
            assert_eq!(short(unit, v), want);
        }
    }
}
