//! Calendar dates and clock times of the proleptic Gregorian calendar, without time zones: a caller
//! adds the zone's offset to the milliseconds before and takes it off after.
//!
//! ```
//! use model::civil::Civil;
//! let t = Civil::parse("2024-02-29 13:05").map(Civil::to_ms);
//! assert_eq!(t, Some(1_709_211_900_000));
//! ```

use std::fmt;

const DAY_MS: i64 = 86_400_000;

/// A date and a time of day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    /// 2024.
    pub year: i64,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 59.
    pub second: u32,
    /// 0 to 999.
    pub ms: u32,
}

impl Civil {
    /// The date and time that many milliseconds after 1970-01-01 00:00:00.
    #[must_use]
    pub fn from_ms(ms: i64) -> Self {
        let (days, of_day) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS) as u32);
        // Years that begin in March, in cycles of 400: the leap day is then the last of a year.
        let days = days + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Civil {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: month as u32,
            day: (of_year - (153 * from_march + 2) / 5 + 1) as u32,
            hour: of_day / 3_600_000,
            minute: of_day / 60_000 % 60,
            second: of_day / 1_000 % 60,
            ms: of_day % 1_000,
        }
    }

    /// Milliseconds since 1970-01-01 00:00:00.
    #[must_use]
    pub fn to_ms(self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let from_march = i64::from((self.month + 9) % 12);
        let of_year = (153 * from_march + 2) / 5 + i64::from(self.day) - 1;
        let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
        let of_day = i64::from(self.hour * 3_600_000 + self.minute * 60_000 + self.second * 1_000 + self.ms);
        days.saturating_mul(DAY_MS).saturating_add(of_day)
    }

    /// Reads `2024-02-29`, `2024-02-29 13:05`, `2024-02-29 13:05:09` or `2024-02-29T13:05:09.250`; a
    /// `Z` at the end is ignored. `None` for anything else, and for days that do not exist.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches(['Z', 'z']);
        let (date, time) = match text.split_once([' ', 'T', 't']) {
            Some((date, time)) => (date, time.trim_start()),
            None => (text, "00:00"),
        };
        let mut parts = date.split('-');
        let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
        let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let mut clock = clock.split(':');
        let (hour, minute) = (digits(clock.next()?, 2)?, digits(clock.next()?, 2)?);
        let second = clock.next().map_or(Some(0), |text| digits(text, 2))?;
        // `.25` are 250 milliseconds; what is finer is cut off.
        let ms = digits(fraction, 9)? * 10u32.pow(9 - fraction.len() as u32) / 1_000_000;
        let civil = Civil { year: i64::from(year), month, day, hour, minute, second, ms };
        let complete = parts.next().is_none() && clock.next().is_none();
        // What does not exist (month 13, 30 February, 24:00) comes back as something else.
        let in_range = (1..=12).contains(&month) && hour < 24 && minute < 60 && second < 60;
        (complete && in_range && Civil::from_ms(civil.to_ms()) == civil).then_some(civil)
    }
}

/// `2024-02-29 13:05:09`, with milliseconds only where there are some.
impl fmt::Display for Civil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, hour, minute, second, ms } = self;
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")?;
        if *ms != 0 { write!(f, ".{ms:03}") } else { Ok(()) }
    }
}

/// 1 to `max` decimal digits.
fn digits(text: &str, max: usize) -> Option<u32> {
    ((1..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_read_and_write() {
        for (text, want) in [
            ("2024-02-29 13:05:09", Some("2024-02-29 13:05:09")),
            ("2024-2-9 3:5", Some("2024-02-09 03:05:00")),
            ("1969-12-31T23:59:59.25Z", Some("1969-12-31 23:59:59.250")),
            (" 2024-03-01 ", Some("2024-03-01 00:00:00")),
            ("2023-02-29", None),
            ("2024-13-01", None),
            ("2024-01-01 24:00", None),
            ("2024-01-01 1:2:3:4", None),
            ("13:05", None),
            ("", None),
        ] {
            assert_eq!(Civil::parse(text).map(|c| c.to_string()).as_deref(), want, "{text:?}");
        }
        assert_eq!(Civil::parse("1970-01-01").map(Civil::to_ms), Some(0));
    }

    proptest! {
        #[test]
        fn every_millisecond_has_a_date_and_back(ms in -62_000_000_000_000i64..250_000_000_000_000) {
            let civil = Civil::from_ms(ms);
            prop_assert_eq!(civil.to_ms(), ms);
            prop_assert_eq!(Civil::parse(&civil.to_string()), Some(civil));
        }
    }
}
