//! Dates by counting days from 1970, year by year and month by month.

use promql::functions::FunctionId as F;

const DAY: i64 = 86_400;

/// The part of a date that a function names; times are seconds.
pub(super) fn part(id: F, t: f64) -> Option<f64> {
    let t = t as i64;
    let days = t.div_euclid(DAY);
    let value = match id {
        F::Minute => t.rem_euclid(3_600) / 60,
        F::Hour => t.rem_euclid(DAY) / 3_600,
        // 1970 began on a Thursday.
        F::DayOfWeek => (days + 4).rem_euclid(7),
        _ => {
            let (year, day_of_year) = year_of(days);
            let mut month = 1;
            let mut day = day_of_year;
            while day >= days_in(year, month) {
                day -= days_in(year, month);
                month += 1;
            }
            match id {
                F::Year => year,
                F::Month => month,
                F::DayOfMonth => day + 1,
                F::DayOfYear => day_of_year + 1,
                F::DaysInMonth => days_in(year, month),
                _ => return None,
            }
        }
    };
    Some(value as f64)
}

/// The year of a day, and how many of its days were before.
fn year_of(days: i64) -> (i64, i64) {
    let (mut year, mut rest) = (1970, days);
    while rest < 0 {
        year -= 1;
        rest += length(year);
    }
    while rest >= length(year) {
        rest -= length(year);
        year += 1;
    }
    (year, rest)
}

fn length(year: i64) -> i64 {
    (1..=12).map(|month| days_in(year, month)).sum()
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
