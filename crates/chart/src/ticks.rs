//! Where the ticks of the axes stand and what the ones of the time axis say.
//!
//! Time ticks stand at round times of the clocks of a zone, also across the day on which those clocks
//! are set forward or back; a second line names the day (or year) where it changes.

mod values;

pub use values::{Tick, axis_ticks};

use crate::format::{Base, Unit};
use libm::{ceil, floor, log2, log10, pow};
use model::civil::Civil;

/// A tick of the time axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeTick {
    /// When, ms since the epoch.
    pub at_ms: i64,
    /// `13:30`
    pub text: String,
    /// `May 1`, where a day begins and at the first tick; `UTC+2` where the clocks have been set; else empty.
    pub day: String,
}

/// How far the clocks of the zone are ahead of UTC at a time, both in ms.
pub type Offset<'a> = &'a dyn Fn(i64) -> i64;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Distances of ticks within a day, each a part of the next larger unit.
const WITHIN_A_DAY: [i64; 28] = [
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    4 * HOUR,
    6 * HOUR,
    8 * HOUR,
    12 * HOUR,
];

/// Distances in days, then in months.
const IN_DAYS: [i64; 4] = [1, 2, 7, 14];
const IN_MONTHS: [i64; 4] = [1, 2, 3, 6];

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// No picture is wide enough for more.
const MAX_TICKS: usize = 400;

/// The ticks from `start_ms` to `end_ms`, at least `spacing_ms` apart, at round times of a zone.
#[must_use]
pub fn time_ticks(start_ms: i64, end_ms: i64, spacing_ms: f64, offset: Offset<'_>) -> Vec<TimeTick> {
    if end_ms <= start_ms {
        return Vec::new();
    }
    let fits = |step: i64| step as f64 >= spacing_ms;
    let mut ticks = if let Some(step) = WITHIN_A_DAY.iter().copied().find(|&step| fits(step)) {
        within_a_day(start_ms, end_ms, step, offset)
    } else if let Some(days) = IN_DAYS.into_iter().find(|days| fits(days * DAY)) {
        in_days(start_ms, end_ms, days, offset)
    } else if let Some(months) = IN_MONTHS.into_iter().find(|months| fits(months * 28 * DAY)) {
        in_months(start_ms, end_ms, months, offset)
    } else {
        let years = round_step(spacing_ms / (365 * DAY) as f64).value().max(1.0) as i64;
        in_months(start_ms, end_ms, years.saturating_mul(12), offset)
    };
    drop_crowded_days(&mut ticks, spacing_ms);
    tell_changes_of_clocks(&mut ticks, offset);
    ticks
}

/// Where the clocks have been set, what they show now, so that an hour that comes twice is told apart. The day, where
/// one begins, is worth more.
fn tell_changes_of_clocks(ticks: &mut [TimeTick], offset: Offset<'_>) {
    let mut before: Option<i64> = None;
    for tick in ticks.iter_mut().filter(|tick| tick.text.contains(':')) {
        let now = offset(tick.at_ms);
        let is_set = before.replace(now).is_some_and(|before| before != now);
        if is_set && tick.day.is_empty() {
            let (sign, minutes) = (if now < 0 { '-' } else { '+' }, now.abs() / MINUTE);
            tick.day = match (minutes / 60, minutes % 60) {
                (hours, 0) => format!("UTC{sign}{hours}"),
                (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
            };
        }
    }
}

fn within_a_day(start_ms: i64, end_ms: i64, step: i64, offset: Offset<'_>) -> Vec<TimeTick> {
    let mut ticks: Vec<TimeTick> = Vec::new();
    let mut day_before = None;
    for (from, to, offset_ms) in constant_offsets(start_ms, end_ms, offset) {
        let mut local = (from + offset_ms + step - 1).div_euclid(step) * step;
        while local - offset_ms < to && ticks.len() < MAX_TICKS {
            let at_ms = local - offset_ms;
            // Where the clocks change, the last tick before and the first one after may be too close.
            if ticks.last().is_none_or(|last| (at_ms - last.at_ms) * 10 >= step * 6) {
                let civil = Civil::from_ms(local);
                let day = (civil.year, civil.month, civil.day);
                let is_new = day_before.replace(day) != Some(day);
                ticks.push(TimeTick {
                    at_ms,
                    text: clock(civil, step),
                    day: if is_new { day_text(civil) } else { String::new() },
                });
            }
            local += step;
        }
    }
    ticks
}

/// `13:30`, and as much of the seconds as ticks so far apart need.
fn clock(civil: Civil, step: i64) -> String {
    let Civil { hour, minute, second, ms, .. } = civil;
    if step >= MINUTE {
        format!("{hour:02}:{minute:02}")
    } else if step >= SECOND {
        format!("{hour:02}:{minute:02}:{second:02}")
    } else {
        format!("{minute:02}:{second:02}.{ms:03}")
    }
}

fn day_text(civil: Civil) -> String {
    format!("{} {}", month_name(civil), civil.day)
}

fn month_name(civil: Civil) -> &'static str {
    MONTHS.get((civil.month as usize).wrapping_sub(1)).copied().unwrap_or("")
}

/// The parts of a range in which the clocks of the zone keep their distance from UTC: from, to
/// (outside, but for the last), offset.
fn constant_offsets(start_ms: i64, end_ms: i64, offset: Offset<'_>) -> Vec<(i64, i64, i64)> {
    /// Clocks change weeks apart; the range is at most some weeks long.
    const N_PROBES: i64 = 16;
    let mut parts = Vec::new();
    let (mut from, mut of_from) = (start_ms, offset(start_ms));
    let mut before = start_ms;
    for probe in 1..=N_PROBES {
        let at = start_ms + (end_ms - start_ms) / N_PROBES * probe + (end_ms - start_ms) % N_PROBES * probe / N_PROBES;
        let of_at = offset(at);
        if of_at != of_from {
            // Somewhere in between; the clocks change at a whole second.
            let (mut low, mut high) = (before, at);
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if offset(middle) == of_from { low = middle } else { high = middle }
            }
            parts.push((from, high, of_from));
            (from, of_from) = (high, of_at);
        }
        before = at;
    }
    parts.push((from, end_ms.saturating_add(1), of_from));
    parts
}

/// When the clocks of the zone show a civil time. Where they never do, the time just after the jump.
fn to_utc(civil_ms: i64, offset: Offset<'_>) -> i64 {
    let guess = civil_ms - offset(civil_ms);
    civil_ms - offset(guess)
}

fn in_days(start_ms: i64, end_ms: i64, days: i64, offset: Offset<'_>) -> Vec<TimeTick> {
    let mut ticks = Vec::new();
    // Weeks begin on Monday; the epoch was a Thursday.
    let anchor = if days >= 7 { 4 } else { 0 };
    let first = (start_ms + offset(start_ms)).div_euclid(DAY);
    let mut day = (first - anchor).div_euclid(days) * days + anchor;
    let mut year_before = None;
    while ticks.len() < MAX_TICKS {
        let local = day * DAY;
        let at_ms = to_utc(local, offset);
        if at_ms > end_ms {
            break;
        }
        if at_ms >= start_ms {
            let civil = Civil::from_ms(local);
            let is_new = year_before.replace(civil.year) != Some(civil.year);
            let day = if is_new { civil.year.to_string() } else { String::new() };
            ticks.push(TimeTick { at_ms, text: day_text(civil), day });
        }
        day += days;
    }
    ticks
}

fn in_months(start_ms: i64, end_ms: i64, months: i64, offset: Offset<'_>) -> Vec<TimeTick> {
    let mut ticks = Vec::new();
    let first = Civil::from_ms(start_ms + offset(start_ms));
    let mut month = (first.year * 12 + i64::from(first.month) - 1).div_euclid(months) * months;
    let mut year_before = None;
    while ticks.len() < MAX_TICKS {
        let civil =
            Civil { year: month.div_euclid(12), month: month.rem_euclid(12) as u32 + 1, day: 1, ..Civil::default() };
        let at_ms = to_utc(civil.to_ms(), offset);
        if at_ms > end_ms {
            break;
        }
        if at_ms >= start_ms {
            let whole_years = months % 12 == 0;
            let text = if whole_years { civil.year.to_string() } else { month_name(civil).to_owned() };
            let is_new = year_before.replace(civil.year) != Some(civil.year) && !whole_years;
            ticks.push(TimeTick { at_ms, text, day: if is_new { civil.year.to_string() } else { String::new() } });
        }
        month = month.saturating_add(months);
    }
    ticks
}

/// The first tick says its day even in the middle of it. If the next day begins right after it, that
/// one is worth more.
fn drop_crowded_days(ticks: &mut [TimeTick], spacing_ms: f64) {
    let next = ticks.iter().skip(1).find(|tick| !tick.day.is_empty()).map(|tick| tick.at_ms);
    if let (Some(first), Some(next)) = (ticks.first_mut(), next)
        && ((next - first.at_ms) as f64) < spacing_ms * 0.8
    {
        first.day.clear();
    }
}

/// Ticks of a value axis: a step, and the multiples of it on the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueTicks {
    /// The values, ascending.
    pub values: Vec<f64>,
    /// How far apart.
    pub step: f64,
}

/// Round values between `min` and `max`, at most `max_count` of them. What is round depends on the
/// unit: powers of two for bytes, minutes and hours for seconds.
#[must_use]
pub fn value_ticks(min: f64, max: f64, max_count: usize, unit: Unit) -> ValueTicks {
    let parts = max_count.max(2) as f64;
    let least_step = max / parts - min / parts;
    let step = match unit.base {
        Base::Bytes if least_step > 1.0 => {
            Step { digit: 1.0, power: pow(2.0, ceil(log2(least_step) - 1e-9)), divides: false }
        }
        base => match base.seconds() {
            Some(one) if least_step * one > 1.0 || one > 1.0 => {
                Step { digit: 1.0, power: time_step(least_step * one) / one, divides: false }
            }
            _ => round_step(least_step),
        },
    };
    let size = step.value();
    if !(size.is_finite() && size > 0.0) {
        return ValueTicks { values: Vec::new(), step: 1.0 };
    }
    let first = ceil(min / size - 1e-9);
    let values = (0..=max_count + 2)
        .map(|idx| step.multiple(first + idx as f64))
        .take_while(|&v| v <= max + size * 1e-9 && v.is_finite())
        .collect();
    ValueTicks { values, step: size }
}

/// A round length of time that is not below another, both in seconds.
fn time_step(least: f64) -> f64 {
    const ROUND: [f64; 17] = [
        2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 10_800.0, 21_600.0,
        43_200.0, 86_400.0,
    ];
    if least <= 1.0 {
        return round_step(least).value();
    }
    let days = || round_step(least / 86_400.0).value() * 86_400.0;
    ROUND.into_iter().find(|&s| s >= least).unwrap_or_else(days)
}

/// A round step: 1, 2 or 5 times a power. Small ones are kept as a divisor, so that three steps of a
/// tenth are 0.3 and not 0.30000000000000004.
#[derive(Clone, Copy)]
struct Step {
    digit: f64,
    power: f64,
    divides: bool,
}

impl Step {
    fn value(self) -> f64 {
        self.multiple(1.0)
    }

    fn multiple(self, n: f64) -> f64 {
        if self.divides { n * self.digit / self.power } else { n * self.digit * self.power }
    }
}

/// The least of 1, 2, 5, 10, 20 … that is not below `least`.
fn round_step(least: f64) -> Step {
    let exponent = floor(log10(least.max(f64::MIN_POSITIVE)));
    let digits = least / pow(10.0, exponent);
    let (digit, exponent) = match digits {
        d if d <= 1.0 + 1e-9 => (1.0, exponent),
        d if d <= 2.0 + 1e-9 => (2.0, exponent),
        d if d <= 5.0 + 1e-9 => (5.0, exponent),
        _ => (1.0, exponent + 1.0),
    };
    // 10^308 is the greatest power there is.
    if (-300.0..0.0).contains(&exponent) {
        Step { digit, power: pow(10.0, -exponent), divides: true }
    } else {
        Step { digit, power: pow(10.0, exponent), divides: false }
    }
}

#[cfg(test)]
mod tests;
