//! Numbers with their units, in the fewest digits that say enough.

use chart::Unit;
use chart::format::Base;
use model::{Millis, duration};

/// `0 B`, `812 B`, `1.4 kB`, `64 MB`, `3.2 GB`; thousands, as browsers and systems count transfers.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = n as f64;
    let mut unit = 0;
    // 999.5 would be written as 1000.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    let digits = if unit == 0 || value >= 99.95 { 0 } else { 1 };
    let number = format!("{value:.digits$}");
    format!("{} {}", number.strip_suffix(".0").unwrap_or(&number), UNITS[unit])
}

/// `0.4 ms`, `12 ms`, `1.25 s`, `75 s`.
pub fn took(ms: f64) -> String {
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else if ms < 1_000.0 {
        format!("{ms:.0} ms")
    } else if ms < 10_000.0 {
        format!("{:.2} s", ms / 1_000.0)
    } else {
        format!("{:.0} s", ms / 1_000.0)
    }
}

/// `5 s`, `1 min`, `1 min 30 s`, `500 ms`: the time between scrapes.
pub fn interval(ms: u32) -> String {
    span(i64::from(ms))
}

/// A length of time in words' place: `24 h`, `7 d`, `1 min 30 s`.
pub fn span(ms: i64) -> String {
    let text = duration::format(Millis(ms));
    let mut out = String::with_capacity(text.len() + 8);
    let mut unit = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() && !unit.is_empty() {
            push_unit(&mut out, &unit);
            out.push(' ');
            unit.clear();
        }
        if c.is_ascii_digit() { out.push(c) } else { unit.push(c) }
    }
    push_unit(&mut out, &unit);
    out
}

fn push_unit(out: &mut String, unit: &str) {
    out.push(' ');
    out.push_str(if unit == "m" { "min" } else { unit });
}

/// `now`, `3 s ago`, `5 min ago`, `2 h ago`, `in 4 s`.
pub fn ago(at_ms: i64, now_ms: i64) -> String {
    let seconds = (now_ms - at_ms) / 1_000;
    let distance = match seconds.abs() {
        0 => return "now".to_owned(),
        s @ 1..=59 => format!("{s} s"),
        s @ 60..=3_599 => format!("{} min", s / 60),
        s @ 3_600..=86_399 => format!("{} h", s / 3_600),
        s => format!("{} d", s / 86_400),
    };
    if seconds < 0 { format!("in {distance}") } else { format!("{distance} ago") }
}

/// What a menu calls a unit: `Bytes a second`.
#[must_use]
pub fn unit_name(unit: Unit) -> String {
    let name = match &unit.base {
        Base::Count if unit.per_second => return "Events a second".to_owned(),
        Base::Count => "Plain numbers",
        Base::Bytes => "Bytes",
        Base::Bits => "Bits",
        Base::Seconds => "Seconds",
        Base::Milliseconds => "Milliseconds",
        Base::Microseconds => "Microseconds",
        Base::Nanoseconds => "Nanoseconds",
        Base::Minutes => "Minutes",
        Base::Hours => "Hours",
        Base::Days => "Days",
        Base::Ratio => "Ratio, 1 is 100%",
        Base::Percent => "Percent, 100 is 100%",
        Base::Celsius => "Degrees Celsius",
        Base::Hertz => "Hertz",
        Base::Volts => "Volts",
        Base::Amperes => "Amperes",
        Base::Watts => "Watts",
        Base::Joules => "Joules",
        Base::Metres => "Metres",
        Base::Grams => "Grams",
        Base::Custom(word) => word.as_str(),
    };
    if unit.per_second { format!("{name} a second") } else { name.to_owned() }
}

/// What a unit is called in the middle of a sentence: `bytes a second`.
#[must_use]
pub fn unit_in_words(unit: Unit) -> String {
    match unit.base {
        Base::Ratio if !unit.per_second => "a ratio".to_owned(),
        Base::Percent if !unit.per_second => "percent".to_owned(),
        Base::Custom(_) => unit_name(unit),
        _ => {
            let mut name = unit_name(unit);
            if let Some(first) = name.get_mut(..1) {
                first.make_ascii_lowercase();
            }
            name
        }
    }
}

/// The two sides of an operator have units that do not go together.
#[must_use]
pub fn mismatch(op: &str, is_comparison: bool, left: Unit, right: Unit) -> String {
    let (left, right) = (unit_in_words(left), unit_in_words(right));
    let result = if is_comparison { "" } else { " What comes out has no unit." };
    format!("The left side of `{op}` is in {left}, the right side in {right}.{result}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_have_names() {
        let unit = |word: &str| Unit::parse(word).expect(word);
        let names = ["none", "count/s", "bytes/s", "requests", "ratio", "celsius/s"].map(|word| unit_name(unit(word)));
        assert_eq!(
            names,
            [
                "Plain numbers",
                "Events a second",
                "Bytes a second",
                "requests",
                "Ratio, 1 is 100%",
                "Degrees Celsius a second"
            ]
        );
        assert_eq!(
            mismatch("+", false, Unit::BytesPerSecond, Unit::Seconds),
            "The left side of `+` is in bytes a second, the right side in seconds. What comes out has no unit."
        );
    }

    #[test]
    fn numbers_carry_their_units() {
        let sizes = [0, 812, 999, 1_000, 1_449, 64_000, 67_108_864, 999_949_999, 3_200_000_000, u64::MAX];
        assert_eq!(
            sizes.map(bytes),
            ["0 B", "812 B", "999 B", "1 kB", "1.4 kB", "64 kB", "67.1 MB", "1 GB", "3.2 GB", "18446744 TB"]
        );
        assert_eq!(
            [0.04, 9.94, 12.4, 999.4, 1_250.0, 75_000.0].map(took),
            ["0.0 ms", "9.9 ms", "12 ms", "999 ms", "1.25 s", "75 s"]
        );
        assert_eq!([500, 5_000, 60_000, 90_000].map(interval), ["500 ms", "5 s", "1 min", "1 min 30 s"]);
        assert_eq!([24 * 3_600_000, 7 * 86_400_000].map(span), ["1 d", "1 w"]);
        let now = 1_000_000_000;
        let ago = |ms: i64| ago(now - ms, now);
        assert_eq!(
            [400, 3_000, 300_000, 7_200_000, 200_000_000, -4_000].map(ago),
            ["now", "3 s ago", "5 min ago", "2 h ago", "2 d ago", "in 4 s"]
        );
    }
}
