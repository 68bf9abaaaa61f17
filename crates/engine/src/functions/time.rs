//! Dates of values, and times of samples. All dates are UTC and Gregorian.

use crate::eval::Evaluator;
use crate::limits::EvalError;
use crate::selector::{Part, eval_part};
use crate::value::{Column, Eval, seconds};
use model::{Labels, is_stale};
use promql::ast::Expr;

/// Applies a function to values that are times in seconds; without an argument to the time of the step.
pub(crate) fn date(evaluator: &mut Evaluator<'_>, arg: Option<&Expr>, f: fn(i64) -> i64) -> Result<Eval, EvalError> {
    let grid = evaluator.grid;
    let mut columns = match arg {
        Some(arg) => evaluator.vector(arg)?,
        None => {
            let vs = (0..grid.len).map(|idx| seconds(&grid, idx)).collect();
            vec![Column::floats(Labels::empty(), false, vs)]
        }
    };
    for column in &mut columns {
        column.drop_name = arg.is_some();
        column.drop_histograms();
        for v in &mut column.vs {
            if !is_stale(*v) {
                *v = f(whole_seconds(*v)) as f64;
            }
        }
    }
    Ok(Eval::Vector(columns))
}

/// The time of each sample: of a selector that of the sample itself, else that of the evaluation.
pub(crate) fn timestamp(evaluator: &mut Evaluator<'_>, arg: &Expr) -> Result<Eval, EvalError> {
    let grid = evaluator.grid;
    let mut columns = match arg.unwrap_parens() {
        Expr::Vector(selector) => eval_part(evaluator, selector, Part::Time)?,
        _ => {
            let mut columns = evaluator.vector(arg)?;
            for column in &mut columns {
                for step_idx in 0..grid.len {
                    if column.has(step_idx) {
                        column.vs[step_idx] = seconds(&grid, step_idx);
                    }
                }
                column.drop_histograms();
            }
            columns
        }
    };
    columns.iter_mut().for_each(|c| c.drop_name = true);
    Ok(Eval::Vector(columns))
}

/// When the counter behind each sample of a selector began to count, 0 where that is not known. Nothing else knows it.
pub(crate) fn start_timestamp(evaluator: &mut Evaluator<'_>, arg: &Expr) -> Result<Eval, EvalError> {
    let mut columns = match arg.unwrap_parens() {
        Expr::Vector(selector) => eval_part(evaluator, selector, Part::Start)?,
        _ => {
            evaluator.vector(arg)?;
            Vec::new()
        }
    };
    columns.iter_mut().for_each(|c| c.drop_name = true);
    Ok(Eval::Vector(columns))
}

/// The fraction cut off. What is no number or does not fit becomes the least integer, as on the processors that
/// Prometheus mostly runs on.
fn whole_seconds(v: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&v) { v as i64 } else { i64::MIN }
}

const DAY: i64 = 86_400;
/// Go counts seconds from a year so far back that times before the epoch minus this are taken for the far future.
const WRAPS_BELOW: i64 = -9_223_372_028_715_321_600;

/// Days since the epoch, and seconds of the day.
fn day_and_second(t: i64) -> (i64, i64) {
    if t >= WRAPS_BELOW {
        return (t.div_euclid(DAY), t.rem_euclid(DAY));
    }
    let t = i128::from(t) + (1 << 64);
    ((t / i128::from(DAY)) as i64, (t % i128::from(DAY)) as i64)
}

pub(crate) fn minute(t: i64) -> i64 {
    day_and_second(t).1 % 3_600 / 60
}

pub(crate) fn hour(t: i64) -> i64 {
    day_and_second(t).1 / 3_600
}

/// 0 is Sunday; the epoch was a Thursday.
pub(crate) fn day_of_week(t: i64) -> i64 {
    (day_and_second(t).0 + 4).rem_euclid(7)
}

pub(crate) fn day_of_month(t: i64) -> i64 {
    civil(t).2
}

pub(crate) fn day_of_year(t: i64) -> i64 {
    let (year, _, _) = civil(t);
    day_and_second(t).0 - days_before_year(year) + 1
}

pub(crate) fn days_in_month(t: i64) -> i64 {
    let (year, month, _) = civil(t);
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub(crate) fn month(t: i64) -> i64 {
    civil(t).1
}

pub(crate) fn year(t: i64) -> i64 {
    civil(t).0
}

fn is_leap(year: i64) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

/// Days from the epoch to the first of January of a year.
fn days_before_year(year: i64) -> i64 {
    let y = year - 1;
    365 * (year - 1970) + (y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400)) - 477
}

/// Year, month and day: counted in 400-year cycles that begin in March, so that the leap day is the last.
fn civil(t: i64) -> (i64, i64, i64) {
    let days = day_and_second(t).0 + 719_468;
    let cycle = days.div_euclid(146_097);
    let day_of_cycle = days.rem_euclid(146_097);
    let year_of_cycle = (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
    let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_cycle + cycle * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_follow_the_calendar() {
        for (t, want) in [
            (0, (1970, 1, 1, 1, 4, 31)),
            (951_782_400, (2000, 2, 29, 60, 2, 29)),
            (1_709_164_800, (2024, 2, 29, 60, 4, 29)),
            (1_735_603_200, (2024, 12, 31, 366, 2, 31)),
            (-1, (1969, 12, 31, 365, 3, 31)),
            (-2_203_891_200, (1900, 3, 1, 60, 4, 31)),
        ] {
            let got = (year(t), month(t), day_of_month(t), day_of_year(t), day_of_week(t), days_in_month(t));
            assert_eq!(got, want, "{t}");
        }
        assert_eq!((hour(-1), minute(-1), hour(3_660), minute(3_660)), (23, 59, 1, 1));
    }
}
