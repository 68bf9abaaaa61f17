//! Texts about scrapes: the last ones of a target, and what moved between two of them.

use crate::components::series_table::rows::{counted, grouped};
use crate::texts::units;
use model::number;
use protocol::{ChangeCounts, ChangeKind, DiffAnswer, Moment, PartName};

pub const LOADING: &str = "Loading …";
pub const TOOK: &str = "Took";
pub const SAMPLES: &str = "Samples";
pub const SIZE: &str = "Size";
pub const ERRORS: &str = "What went wrong";
pub const FAILED: &str = "failed";
pub const GOOD: &str = "good";
pub const HISTORY_TABLE: &str = "Scrapes, the newest first";
pub const HISTORY_COLUMNS: [&str; 7] = ["Time", "Took", "Samples", "New series", "Size", "Way", "Result"];
/// Metrics that each scrape writes, and the buttons that show them.
pub const GRAPHS: [(&str, &str); 3] = [
    ("scrape_duration_seconds", "Graph durations"),
    ("scrape_samples_scraped", "Graph samples"),
    ("up", "Graph up and down"),
];

pub fn history_title(name: &str) -> String {
    format!("Scrapes of {name}")
}

pub fn history_facts(n_scrapes: usize, n_failed: usize, max_scrapes: u32) -> String {
    let all = match n_scrapes {
        0 => return "Not scraped yet.".to_owned(),
        n if n < max_scrapes as usize => format!("{} since it was added", counted(n as u64, "scrape", "scrapes")),
        n => format!("The last {}", counted(n as u64, "scrape", "scrapes")),
    };
    match n_failed {
        0 => format!("{all}, all good."),
        n => format!("{all}, {} of them failed.", grouped(n as u64)),
    }
}

/// `12 ms; from 8 ms to 40 ms`
pub fn spark(last: &str, min: &str, max: &str) -> String {
    if min == max { last.to_owned() } else { format!("{last}; from {min} to {max}") }
}

pub fn error_times(count: u64, first: &str, last: &str) -> String {
    match count {
        1 => format!("Once, at {last}."),
        n => format!("{} times, first at {first}, last at {last}.", grouped(n)),
    }
}

// What moved between two scrapes.

pub const DIFF_TITLE: &str = "What moved between two scrapes";
pub const FROM: &str = "From";
pub const TO: &str = "To";
pub const SWAP: &str = "Swap";
pub const COMPARE_AGAIN: &str = "Compare again";
pub const FOLLOW: &str = "Compare again after each scrape";
pub const MARK: &str = "Mark the last scrape";
pub const DIFF_SEARCH: &str = "Search series";
pub const DIFF_ORDER: &str = "Order";
pub const DIFF_TABLE: &str = "Series that changed";
pub const DIFF_COLUMNS: [&str; 6] = ["Series", "Change", "From", "To", "Difference", "Per second"];
pub const SHOW_ALL: &str = "Show all";
pub const NOTHING_MOVED: &str = "Nothing moved between these two scrapes.";
pub const NO_ROW: &str = "No series that changed has these words and kinds of change.";

/// The fields of each side: target, scrape, time.
pub const SIDES: [(&str, &str, &str, &str); 2] =
    [(FROM, "From: target", "From: scrape", "From: time"), (TO, "To: target", "To: scrape", "To: time")];

/// What a choice of scrape is called; `marked` is when the marked one was.
pub fn moment(moment: Moment, marked: Option<&str>) -> String {
    match moment {
        Moment::Last => "last scrape".to_owned(),
        Moment::Before => "scrape before the last".to_owned(),
        Moment::Marked => marked.map_or("marked scrape".to_owned(), |at| format!("marked scrape, {at}")),
        Moment::Stored(_) => "stored at a time".to_owned(),
    }
}

pub fn change(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::New => "new",
        ChangeKind::Gone => "gone",
        ChangeKind::Moved => "changed",
        ChangeKind::Reset => "reset",
    }
}

/// The box that shows or hides series of a kind of change.
pub fn kind_box(kind: ChangeKind, n: u32) -> String {
    format!("{} ({})", change(kind), grouped(n.into()))
}

/// How long it was between the two, and what is as it was.
pub fn diff_facts(answer: &DiffAnswer) -> String {
    let between = match (answer.at_ms.0, answer.at_ms.1) {
        (Some(from), Some(to)) if to != from => {
            format!("{} {}. ", units::span((to - from).abs()), if to > from { "later" } else { "earlier" })
        }
        _ => String::new(),
    };
    let ChangeCounts { n_same, .. } = answer.counts;
    let changed = u64::from(answer.counts.n_changed());
    format!(
        "{between}{} in {}; {} the same. A histogram counts as one.",
        counted(changed, "series changed", "series changed"),
        counted(answer.n_families.into(), "family", "families"),
        counted(n_same.into(), "series is", "series are"),
    )
}

pub fn family_counts(counts: ChangeCounts) -> String {
    let ChangeCounts { n_new, n_gone, n_moved, n_reset, n_same } = counts;
    let all = [(n_new, "new"), (n_gone, "gone"), (n_moved, "changed"), (n_reset, "reset"), (n_same, "the same")];
    let parts = all.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", grouped((*n).into())));
    parts.collect::<Vec<_>>().join(" · ")
}

pub fn presence(kind: ChangeKind) -> &'static str {
    if kind == ChangeKind::Gone { "family is gone" } else { "new family" }
}

/// `help: "old" → "new"`
pub fn said((about, from, to): &(String, String, String)) -> String {
    let text = |text: &str| if text.is_empty() { "none".to_owned() } else { format!("\u{201c}{text}\u{201d}") };
    format!("{about}: {} → {}", text(from), text(to))
}

/// What a number of a histogram or summary is; nothing for the value of a plain series.
pub fn part(part: &PartName) -> String {
    match part {
        PartName::Value => String::new(),
        PartName::Count => "count".to_owned(),
        PartName::Sum => "sum".to_owned(),
        PartName::Created => "created".to_owned(),
        PartName::Populated => "buckets with observations".to_owned(),
        PartName::Bucket(bound) => format!("in the bucket up to {bound}"),
        PartName::Quantile(quantile) => format!("quantile {quantile}"),
    }
}

pub fn more_parts(n: u32) -> String {
    format!("and {} more", counted(n.into(), "bucket", "buckets"))
}

pub fn rows_cut(n_shown: usize, n_all: usize) -> String {
    format!("The first {} of {} are shown.", counted(n_shown as u64, "line", "lines"), grouped(n_all as u64))
}

pub fn families_cut(n_listed: usize, n_all: u32) -> String {
    format!("Those that moved most are listed: {} of {} families.", grouped(n_listed as u64), grouped(n_all.into()))
}

pub fn series_cut(n_listed: usize, n_all: u32) -> String {
    format!("Those that moved most are listed: {} of {} series.", grouped(n_listed as u64), grouped(n_all.into()))
}

/// A value in the digits that tell it apart at a glance; whole numbers whole.
pub fn value(v: f64) -> String {
    rounded(v, 6)
}

/// A change a second, with its sign: it is never as exact as the times between.
pub fn a_second(v: f64) -> String {
    with_sign(v, &rounded(v.abs(), 3))
}

fn rounded(v: f64, n_digits: usize) -> String {
    if v == v.trunc() && v.abs() < 1e15 {
        return number::format(v);
    }
    let short: f64 = format!("{v:.*e}", n_digits - 1).parse().unwrap_or(v);
    number::format_short(short)
}

/// A difference with its sign.
pub fn signed(v: f64) -> String {
    with_sign(v, &value(v.abs()))
}

fn with_sign(v: f64, text: &str) -> String {
    if v.is_nan() {
        "NaN".to_owned()
    } else if v < 0.0 {
        format!("−{}", text.trim_start_matches('+'))
    } else {
        format!("+{}", text.trim_start_matches('+'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_say_something() {
        for (v, want, difference) in [
            (12.0, "12", "+12"),
            (-3.25, "-3.25", "−3.25"),
            (1_732_690_123.456, "1732690000", "+1732690000"),
            (0.000_012_345_678, "1.23457e-05", "+1.23457e-05"),
            (f64::NAN, "NaN", "NaN"),
            (f64::NEG_INFINITY, "-Inf", "−Inf"),
            (123_456_789.0, "123456789", "+123456789"),
        ] {
            assert_eq!((value(v).as_str(), signed(v).as_str()), (want, difference));
        }
    }

    #[test]
    fn a_rate_has_three_digits() {
        for (v, want) in [(7.843_14, "+7.84"), (-0.980_392, "−0.98"), (12_345.678, "+12300"), (3.0, "+3"), (0.0, "+0")]
        {
            assert_eq!(a_second(v), want);
        }
    }

    #[test]
    fn a_history_is_counted_in_words() {
        assert_eq!(history_facts(0, 0, 240), "Not scraped yet.");
        assert_eq!(history_facts(1, 0, 240), "1 scrape since it was added, all good.");
        assert_eq!(history_facts(240, 3, 240), "The last 240 scrapes, 3 of them failed.");
        assert_eq!(error_times(1_200, "a", "b"), "1,200 times, first at a, last at b.");
    }
}
