//! Durations as Prometheus writes them: `1h30m`, `15s`, `500ms`.

use crate::time::Millis;
use std::fmt::Write as _;

/// The units in the order in which they have to stand, with their length in milliseconds. A year has
/// 365 days, a week 7.
const UNITS: [(&str, i64); 7] = [
    ("y", 365 * 24 * 3_600_000),
    ("w", 7 * 24 * 3_600_000),
    ("d", 24 * 3_600_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Why a text is not a duration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DurationError {
    /// Nothing there.
    Empty,
    /// No number, an unknown unit, or the units are not in the order `y w d h m s ms`.
    Malformed,
    /// Longer than 292 million years.
    TooLarge,
}

impl std::fmt::Display for DurationError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            DurationError::Empty => "expected a duration such as `5m`, found nothing",
            DurationError::Malformed => {
                "expected a duration such as `5m` or `1h30m` (units y, w, d, h, m, s, ms, each once and in this order)"
            }
            DurationError::TooLarge => "this duration is too long",
        })
    }
}

impl std::error::Error for DurationError {}

/// Reads `1h30m`. `0` needs no unit. No sign, no blanks, no fractions.
///
/// # Errors
/// If the text is not such a duration.
pub fn parse(text: &str) -> Result<Millis, DurationError> {
    if text.is_empty() {
        return Err(DurationError::Empty);
    }
    if text == "0" {
        return Ok(Millis::ZERO);
    }
    let mut rest = text;
    let mut total = 0i64;
    let mut next_unit = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters = rest[digits..].bytes().take_while(u8::is_ascii_alphabetic).count();
        let (number, tail) = rest.split_at(digits);
        let (unit, tail) = tail.split_at(letters);
        let position = UNITS.iter().position(|(name, _)| *name == unit).ok_or(DurationError::Malformed)?;
        if digits == 0 || position < next_unit {
            return Err(DurationError::Malformed);
        }
        let number: i64 = number.parse().map_err(|_| DurationError::TooLarge)?;
        total = number
            .checked_mul(UNITS[position].1)
            .and_then(|ms| total.checked_add(ms))
            .ok_or(DurationError::TooLarge)?;
        next_unit = position + 1;
        rest = tail;
    }
    Ok(Millis(total))
}

/// Writes a duration so that [`parse`] reads it back. Years and weeks are used only where the whole
/// is a multiple of them (`90d`, not `12w6d`), as Prometheus does. Negative ones get a sign.
#[must_use]
pub fn format(duration: Millis) -> String {
    let mut out = String::new();
    if duration.0 < 0 {
        out.push('-');
    }
    let mut ms = duration.0.unsigned_abs();
    if ms == 0 {
        return "0s".to_owned();
    }
    for (name, length) in UNITS {
        let length = length.unsigned_abs();
        let exact_only = matches!(name, "y" | "w");
        if ms == 0 || (exact_only && !ms.is_multiple_of(length)) {
            continue;
        }
        if ms >= length {
            let _ = write!(out, "{}{name}", ms / length);
            ms %= length;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_read_as_prometheus_reads_them() {
        let cases = [
            ("5m", Ok(300_000)),
            ("1h30m", Ok(5_400_000)),
            ("1y2w3d4h5m6s7ms", Ok(33_019_506_007)),
            ("0", Ok(0)),
            ("0s", Ok(0)),
            ("10s53ms", Ok(10_053)),
            ("", Err(DurationError::Empty)),
            ("5", Err(DurationError::Malformed)),
            ("m", Err(DurationError::Malformed)),
            ("5m1h", Err(DurationError::Malformed)),
            ("5m5m", Err(DurationError::Malformed)),
            ("1.5h", Err(DurationError::Malformed)),
            ("-5m", Err(DurationError::Malformed)),
            ("999999999999y", Err(DurationError::TooLarge)),
        ];
        for (text, want) in cases {
            assert_eq!(parse(text), want.map(Millis), "{text}");
        }
    }

    #[test]
    fn years_and_weeks_only_where_exact() {
        for (ms, want) in
            [(7_776_000_000, "90d"), (1_209_600_000, "2w"), (0, "0s"), (61_001, "1m1s1ms"), (-1_000, "-1s")]
        {
            assert_eq!(format(Millis(ms)), want);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(ms in 0i64..i64::MAX) {
            prop_assert_eq!(parse(&format(Millis(ms))), Ok(Millis(ms)));
        }
    }
}
