//! Lengths and ends of a graph's time range as people type and step them: a ladder for `+` and `−`,
//! `1h 30m` and `1.5h`, `2024-05-01 13:00` and `now-5m`.

use model::civil::Civil;
use model::{Millis, duration};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The rungs of the ladder, in milliseconds: those of Prometheus' own page.
pub const LADDER_MS: [i64; 20] = [
    SECOND,
    10 * SECOND,
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
    56 * DAY,
    112 * DAY,
    182 * DAY,
    365 * DAY,
    730 * DAY,
];

/// The shortest range that can be asked for: a step of a millisecond is the finest there is.
pub const MIN_RANGE_MS: i64 = 10;

/// The longest one. Far above every retention, far below where dates stop making sense.
pub const MAX_RANGE_MS: i64 = 100 * 365 * DAY;

/// The next rung above a length; the longest stays.
#[must_use]
pub fn wider(range_ms: i64) -> i64 {
    LADDER_MS.into_iter().find(|&rung| rung > range_ms).unwrap_or(range_ms)
}

/// The next rung below a length; the shortest stays.
#[must_use]
pub fn narrower(range_ms: i64) -> i64 {
    LADDER_MS.into_iter().rev().find(|&rung| rung < range_ms).unwrap_or(range_ms)
}

/// Reads a length of time: `5m`, `1h30m`, `1h 30m`, `1.5h`. A number without a unit is refused, not guessed.
///
/// # Errors
/// A sentence that says what was expected.
pub fn parse_range(text: &str) -> Result<i64, String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let ms = match duration::parse(&compact) {
        Ok(Millis(ms)) => ms,
        Err(error) => parse_fraction(&compact).ok_or_else(|| error.to_string())?,
    };
    if ms < MIN_RANGE_MS {
        Err("the shortest range is `10ms`".to_owned())
    } else if ms > MAX_RANGE_MS {
        Err("the longest range is `100y`".to_owned())
    } else {
        Ok(ms)
    }
}

/// `1.5h`: one number with a fraction, one unit.
fn parse_fraction(text: &str) -> Option<i64> {
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit_at);
    let Millis(unit_ms) = duration::parse(&format!("1{unit}")).ok()?;
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let value: f64 = plain.then(|| number.parse().ok()).flatten()?;
    let ms = value * unit_ms as f64;
    (ms < 9e15).then_some(ms.round() as i64)
}

/// Writes a length so that [`parse_range`] reads it back.
#[must_use]
pub fn format_range(range_ms: i64) -> String {
    duration::format(Millis(range_ms))
}

/// Where a range ends, as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Follows the clock.
    Now,
    /// A point in time, ms since the epoch.
    At(i64),
}

/// Reads an end: empty or `now`; `now-5m`; a date with or without a time of day, in the zone that
/// `to_utc` knows (it takes the civil time as if it were UTC and gives the real milliseconds);
/// or seconds since the epoch, as in the address of an alert.
///
/// # Errors
/// A sentence that says what was expected.
pub fn parse_end(text: &str, now_ms: i64, to_utc: impl Fn(i64) -> i64) -> Result<End, String> {
    let text = text.trim();
    let expected = || format!("expected a time such as `2026-05-01 13:00`, `now-5m` or nothing (now), found `{text}`");
    if text.is_empty() || text.eq_ignore_ascii_case("now") {
        return Ok(End::Now);
    }
    if let Some(back) = text.strip_prefix("now") {
        let back = back.trim_start().strip_prefix('-').ok_or_else(expected)?;
        let back_ms = parse_range(back).map_err(|_| expected())?;
        return Ok(End::At(now_ms.saturating_sub(back_ms)));
    }
    if let Some(civil) = Civil::parse(text) {
        let ms = civil.to_ms();
        return Ok(End::At(if text.ends_with(['Z', 'z']) { ms } else { to_utc(ms) }));
    }
    // Ten digits and more are seconds; a year alone is not.
    if text.len() >= 9 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        let seconds: f64 = text.parse().map_err(|_| expected())?;
        if seconds < 1e11 {
            return Ok(End::At((seconds * 1_000.0).round() as i64));
        }
    }
    Err(expected())
}

/// The end half a range earlier, or later but never behind now: then the graph follows the clock again.
#[must_use]
pub fn shifted_end(end_ms: Option<i64>, range_ms: i64, now_ms: i64, later: bool) -> Option<i64> {
    let half = (range_ms / 2).max(1);
    match (end_ms, later) {
        (None, true) => None,
        (None, false) => Some(now_ms.saturating_sub(half)),
        (Some(end), false) => Some(end.saturating_sub(half)),
        (Some(end), true) => Some(end.saturating_add(half)).filter(|&end| end < now_ms),
    }
}

/// The range that shows as `factor` times as much around the middle of the present one.
#[must_use]
pub fn zoomed(end_ms: Option<i64>, range_ms: i64, now_ms: i64, factor: f64) -> (Option<i64>, i64) {
    let range = ((range_ms as f64 * factor).round() as i64).clamp(MIN_RANGE_MS, MAX_RANGE_MS);
    match end_ms {
        // What follows the clock goes on following it.
        None => (None, range),
        Some(end) => {
            let end = end.saturating_sub(range_ms / 2).saturating_add(range / 2);
            (Some(end).filter(|&end| end < now_ms), range)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_goes_to_the_next_rung_from_anywhere() {
        assert_eq!([wider(HOUR), wider(61 * MINUTE), wider(0)], [2 * HOUR, 2 * HOUR, SECOND]);
        assert_eq!([narrower(HOUR), narrower(61 * MINUTE)], [30 * MINUTE, HOUR]);
        assert_eq!([narrower(SECOND), wider(730 * DAY)], [SECOND, 730 * DAY]);
    }

    #[test]
    fn lengths_read_as_people_write_them() {
        for (text, want) in [
            ("5m", Ok(5 * MINUTE)),
            (" 1h 30m ", Ok(90 * MINUTE)),
            ("1.5h", Ok(90 * MINUTE)),
            (".5m", Ok(30 * SECOND)),
            ("2d", Ok(2 * DAY)),
            ("10ms", Ok(10)),
            ("9ms", Err("the shortest range is `10ms`")),
            ("0", Err("the shortest range is `10ms`")),
            ("200y", Err("the longest range is `100y`")),
            ("", Err("expected a duration such as `5m`, found nothing")),
        ] {
            assert_eq!(parse_range(text).as_ref().map_err(String::as_str), want.as_ref().map_err(|e| *e), "{text:?}");
        }
        for text in ["90", "-5m", "1.5", "h", "1.2.3h", "5 apples", "1e3s"] {
            assert!(parse_range(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn ends_read_in_the_chosen_zone() {
        let now = 1_700_000_000_000;
        let read = |text: &str| parse_end(text, now, |ms| ms - HOUR).ok();
        assert_eq!(read(""), Some(End::Now));
        assert_eq!(read(" now "), Some(End::Now));
        assert_eq!(read("now-5m"), Some(End::At(now - 5 * MINUTE)));
        assert_eq!(read("now - 1h"), Some(End::At(now - HOUR)));
        assert_eq!(read("1970-01-02 02:00"), Some(End::At(DAY + HOUR)));
        assert_eq!(read("1970-01-02T02:00:00Z"), Some(End::At(DAY + 2 * HOUR)));
        assert_eq!(read("1700000000"), Some(End::At(now)));
        for text in ["yesterday", "2024", "now+5m", "13:00", "2024-02-30", "99999999999999"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_arrows_move_by_half_a_range_and_stop_at_now() {
        let (now, range) = (1_000_000, 10_000);
        assert_eq!(shifted_end(None, range, now, false), Some(995_000));
        assert_eq!(shifted_end(Some(995_000), range, now, true), None);
        assert_eq!(shifted_end(Some(900_000), range, now, true), Some(905_000));
        assert_eq!(shifted_end(None, range, now, true), None);
    }

    #[test]
    fn zooming_keeps_the_middle_and_follows_the_clock_if_it_did() {
        assert_eq!(zoomed(Some(10_000), 8_000, 99_000, 0.5), (Some(8_000), 4_000));
        assert_eq!(zoomed(Some(10_000), 8_000, 11_000, 2.0), (None, 16_000));
        assert_eq!(zoomed(None, 8_000, 99_000, 0.5), (None, 4_000));
        assert_eq!(zoomed(None, 12, 99_000, 0.5), (None, 10));
    }
}
