//! Ranges, and the ticks they get: round local times across days, years and changes of the clocks.

use super::*;
use expect_test::{Expect, expect};
use proptest::prelude::*;

fn ms(text: &str) -> i64 {
    Civil::parse(text).map(Civil::to_ms).unwrap()
}

/// Berlin in 2026: an hour ahead of UTC, two from 29 March to 25 October.
fn berlin(at_ms: i64) -> i64 {
    let summer = ms("2026-03-29 01:00")..ms("2026-10-25 01:00");
    if summer.contains(&at_ms) { 2 * HOUR } else { HOUR }
}

fn check(start: &str, end: &str, n: usize, offset: Offset<'_>, want: &Expect) {
    let (start, end) = (ms(start), ms(end));
    let ticks = time_ticks(start, end, (end - start) as f64 / n as f64, offset);
    let lines: Vec<String> = ticks
        .iter()
        .map(|t| format!("{} UTC: {} {}", Civil::from_ms(t.at_ms), t.text, t.day).trim_end().to_owned())
        .collect();
    want.assert_eq(&lines.join("\n"));
}

#[test]
fn an_hour_has_round_minutes_and_the_day_once() {
    check(
        "2026-05-01 12:03",
        "2026-05-01 13:03",
        5,
        &|_| 0,
        &expect![[r#"
        2026-05-01 12:15:00 UTC: 12:15 May 1
        2026-05-01 12:30:00 UTC: 12:30
        2026-05-01 12:45:00 UTC: 12:45
        2026-05-01 13:00:00 UTC: 13:00"#]],
    );
}

#[test]
fn a_day_that_begins_is_named() {
    check(
        "2026-05-01 20:10",
        "2026-05-02 04:10",
        5,
        &|_| 0,
        &expect![[r#"
        2026-05-01 22:00:00 UTC: 22:00 May 1
        2026-05-02 00:00:00 UTC: 00:00 May 2
        2026-05-02 02:00:00 UTC: 02:00
        2026-05-02 04:00:00 UTC: 04:00"#]],
    );
}

#[test]
fn the_next_day_right_after_the_first_tick_is_named_alone() {
    check(
        "2026-05-01 21:30",
        "2026-05-02 21:30",
        4,
        &|_| 0,
        &expect![[r#"
        2026-05-02 00:00:00 UTC: 00:00 May 2
        2026-05-02 06:00:00 UTC: 06:00
        2026-05-02 12:00:00 UTC: 12:00
        2026-05-02 18:00:00 UTC: 18:00"#]],
    );
    check(
        "2026-05-01 22:59",
        "2026-05-02 08:59",
        5,
        &|_| 0,
        &expect![[r#"
        2026-05-02 00:00:00 UTC: 00:00 May 2
        2026-05-02 02:00:00 UTC: 02:00
        2026-05-02 04:00:00 UTC: 04:00
        2026-05-02 06:00:00 UTC: 06:00
        2026-05-02 08:00:00 UTC: 08:00"#]],
    );
}

#[test]
fn fractions_of_a_second() {
    check(
        "2026-05-01 12:00:00.130",
        "2026-05-01 12:00:01.130",
        5,
        &|_| 0,
        &expect![[r#"
        2026-05-01 12:00:00.200 UTC: 00:00.200 May 1
        2026-05-01 12:00:00.400 UTC: 00:00.400
        2026-05-01 12:00:00.600 UTC: 00:00.600
        2026-05-01 12:00:00.800 UTC: 00:00.800
        2026-05-01 12:00:01 UTC: 00:01.000"#]],
    );
}

#[test]
fn clocks_are_set_forward() {
    check(
        "2026-03-28 22:00",
        "2026-03-29 04:00",
        8,
        &berlin,
        &expect![[r#"
        2026-03-28 22:00:00 UTC: 23:00 Mar 28
        2026-03-28 23:00:00 UTC: 00:00 Mar 29
        2026-03-29 00:00:00 UTC: 01:00
        2026-03-29 01:00:00 UTC: 03:00 UTC+2
        2026-03-29 02:00:00 UTC: 04:00
        2026-03-29 03:00:00 UTC: 05:00
        2026-03-29 04:00:00 UTC: 06:00"#]],
    );
    check(
        "2026-03-28 12:00",
        "2026-03-30 12:00",
        6,
        &berlin,
        &expect![[r#"
        2026-03-28 15:00:00 UTC: 16:00 Mar 28
        2026-03-28 23:00:00 UTC: 00:00 Mar 29
        2026-03-29 06:00:00 UTC: 08:00 UTC+2
        2026-03-29 14:00:00 UTC: 16:00
        2026-03-29 22:00:00 UTC: 00:00 Mar 30
        2026-03-30 06:00:00 UTC: 08:00"#]],
    );
}

#[test]
fn clocks_are_set_back_and_an_hour_comes_twice() {
    check(
        "2026-10-24 23:00",
        "2026-10-25 03:00",
        8,
        &berlin,
        &expect![[r#"
        2026-10-24 23:00:00 UTC: 01:00 Oct 25
        2026-10-24 23:30:00 UTC: 01:30
        2026-10-25 00:00:00 UTC: 02:00
        2026-10-25 00:30:00 UTC: 02:30
        2026-10-25 01:00:00 UTC: 02:00 UTC+1
        2026-10-25 01:30:00 UTC: 02:30
        2026-10-25 02:00:00 UTC: 03:00
        2026-10-25 02:30:00 UTC: 03:30
        2026-10-25 03:00:00 UTC: 04:00"#]],
    );
    check(
        "2026-10-24 18:00",
        "2026-10-26 12:00",
        7,
        &berlin,
        &expect![[r#"
        2026-10-24 22:00:00 UTC: 00:00 Oct 25
        2026-10-25 05:00:00 UTC: 06:00 UTC+1
        2026-10-25 11:00:00 UTC: 12:00
        2026-10-25 17:00:00 UTC: 18:00
        2026-10-25 23:00:00 UTC: 00:00 Oct 26
        2026-10-26 05:00:00 UTC: 06:00
        2026-10-26 11:00:00 UTC: 12:00"#]],
    );
}

#[test]
fn days_begin_at_local_midnight_on_both_sides_of_a_change() {
    check(
        "2026-03-26 00:00",
        "2026-04-02 00:00",
        8,
        &berlin,
        &expect![[r#"
        2026-03-26 23:00:00 UTC: Mar 27 2026
        2026-03-27 23:00:00 UTC: Mar 28
        2026-03-28 23:00:00 UTC: Mar 29
        2026-03-29 22:00:00 UTC: Mar 30
        2026-03-30 22:00:00 UTC: Mar 31
        2026-03-31 22:00:00 UTC: Apr 1
        2026-04-01 22:00:00 UTC: Apr 2"#]],
    );
}

#[test]
fn weeks_months_and_years() {
    check(
        "2026-01-15 00:00",
        "2026-03-15 00:00",
        8,
        &|_| 0,
        &expect![[r#"
        2026-01-19 00:00:00 UTC: Jan 19 2026
        2026-02-02 00:00:00 UTC: Feb 2
        2026-02-16 00:00:00 UTC: Feb 16
        2026-03-02 00:00:00 UTC: Mar 2"#]],
    );
    check(
        "2025-07-20 00:00",
        "2026-07-20 00:00",
        6,
        &berlin,
        &expect![[r#"
        2025-09-30 23:00:00 UTC: Oct 2025
        2025-12-31 23:00:00 UTC: Jan 2026
        2026-03-31 22:00:00 UTC: Apr
        2026-06-30 22:00:00 UTC: Jul"#]],
    );
    check(
        "2016-07-20 00:00",
        "2026-07-20 00:00",
        6,
        &|_| 0,
        &expect![[r#"
        2018-01-01 00:00:00 UTC: 2018
        2020-01-01 00:00:00 UTC: 2020
        2022-01-01 00:00:00 UTC: 2022
        2024-01-01 00:00:00 UTC: 2024
        2026-01-01 00:00:00 UTC: 2026"#]],
    );
}

#[test]
fn values_are_round_in_their_unit() {
    let check = |min, max, unit, want: Expect| want.assert_eq(&format!("{:?}", value_ticks(min, max, 6, unit).values));
    check(0.0, 1.0, Unit::None, expect!["[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]"]);
    check(0.03, 0.99, Unit::None, expect!["[0.2, 0.4, 0.6, 0.8]"]);
    check(-7.0, 13.0, Unit::None, expect!["[-5.0, 0.0, 5.0, 10.0]"]);
    check(
        1e9,
        1e9 + 3.0,
        Unit::None,
        expect!["[1000000000.0, 1000000000.5, 1000000001.0, 1000000001.5, 1000000002.0, 1000000002.5, 1000000003.0]"],
    );
    check(f64::MIN, f64::MAX, Unit::None, expect!["[-1e308, 0.0, 1e308]"]);
    check(0.0, 3e-310, Unit::None, expect!["[0.0]"]);
    check(0.0, 3e9, Unit::Bytes, expect!["[0.0, 536870912.0, 1073741824.0, 1610612736.0, 2147483648.0, 2684354560.0]"]);
    check(0.0, 0.5, Unit::Bytes, expect!["[0.0, 0.1, 0.2, 0.3, 0.4, 0.5]"]);
    check(0.0, 5_000.0, Unit::Seconds, expect!["[0.0, 900.0, 1800.0, 2700.0, 3600.0, 4500.0]"]);
    check(0.0, 1e6, Unit::Seconds, expect!["[0.0, 172800.0, 345600.0, 518400.0, 691200.0, 864000.0]"]);
    check(0.1, 0.3, Unit::Ratio, expect!["[0.1, 0.15, 0.2, 0.25, 0.3]"]);
    check(0.0, 3.0, Unit::of(Base::Hours), expect!["[0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]"]);
    check(
        0.0,
        0.01,
        Unit::of(Base::Minutes),
        expect![
            "[0.0, 0.0016666666666666668, 0.0033333333333333335, 0.005, 0.006666666666666667, 0.008333333333333333, 0.01]"
        ],
    );
    check(
        0.0,
        600_000.0,
        Unit::of(Base::Milliseconds),
        expect!["[0.0, 120000.0, 240000.0, 360000.0, 480000.0, 600000.0]"],
    );
}

proptest! {
    #[test]
    fn ticks_lie_in_the_range_at_their_distance(start in 0i64..4_000_000_000_000, span in 1i64..400_000_000_000, n in 2usize..20) {
        let end = start + span;
        let spacing = span as f64 / n as f64;
        let ticks = time_ticks(start, end, spacing, &berlin);
        prop_assert!(ticks.len() <= n + 1);
        for pair in ticks.windows(2) {
            prop_assert!((pair[1].at_ms - pair[0].at_ms) as f64 >= spacing * 0.6);
        }
        prop_assert!(ticks.iter().all(|t| (start..=end).contains(&t.at_ms)));
    }

    #[test]
    fn value_ticks_lie_on_the_axis_and_read_differently(a in -1e12..1e12f64, span in 1e-3..1e12f64, n in 2usize..12) {
        let ticks = value_ticks(a, a + span, n, Unit::None);
        prop_assert!(ticks.values.len() <= n + 1);
        prop_assert!(ticks.values.iter().all(|&v| v >= a - span * 1e-6 && v <= a + span * (1.0 + 1e-6)));
        let mut texts = crate::format::ticks(Unit::None, &ticks.values, ticks.step);
        texts.sort_unstable();
        let n_texts = texts.len();
        texts.dedup();
        prop_assert_eq!(texts.len(), n_texts);
    }
}
