//! Texts on what is missing: samples that were not stored, scrapes that were left out, time that jumped.

use crate::components::series_table::rows::counted;
use crate::texts::units;
use protocol::{ClockJump, Dropped, Evicted, JumpKind, Losses, TargetStatus};

pub const TITLE: &str = "What is missing";
pub const HINT: &str = "Since this page was opened, of all targets. The rules are those of Prometheus.";
pub const SAMPLES: &str = "Samples not stored";
pub const SCRAPES: &str = "Scrapes left out";
pub const CLOCK: &str = "Clock and sleep";
pub const NONE: &str = "none";
pub const CLOCK_FINE: &str = "time passed as it should";

pub const MAX_BYTES: &str = "The store takes at most";

/// Each reason with its number and what it means: `3 out of order: older than …`.
pub fn reasons(dropped: &Dropped) -> Vec<String> {
    let reasons = [
        (dropped.out_of_order, "out of order: older than what is stored of the same series"),
        (
            dropped.duplicate,
            "duplicate: the same series and time once more, with another value or twice in one body; the first one counts",
        ),
        (dropped.too_far_ahead, "too far ahead: more than 10 min after the time of the scrape"),
        (dropped.too_old, "too old: older than samples are kept"),
    ];
    let said = reasons.into_iter().filter(|(n, _)| *n > 0);
    said.map(|(n, reason)| format!("{} {reason}.", crate::components::series_table::rows::grouped(n))).collect()
}

/// What counts against a target, without being an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What is missing.
    pub text: String,
    /// Each reason with its number.
    pub reasons: Vec<String>,
    /// It is so now, not only once.
    pub is_now: bool,
}

/// Samples of a target that were not stored, and scrapes that were left out.
pub fn of_target(target: &TargetStatus) -> Vec<Loss> {
    let mut out = Vec::new();
    let (last, all) = (target.dropped_last.total(), target.dropped.total());
    if all > 0 {
        let samples = counted(all, "sample", "samples");
        let text = if last == 0 {
            format!("{samples} not stored since the target was added; of the last scrape all are stored.")
        } else if last == all {
            format!("{samples} of the last scrape not stored.")
        } else {
            let last = counted(last, "sample", "samples");
            format!("{last} of the last scrape not stored; {samples} since the target was added.")
        };
        out.push(Loss { text, reasons: reasons(&target.dropped), is_now: last > 0 });
    }
    out.extend(left_out(target.n_slow, target.n_slept).into_iter().map(|text| Loss {
        text,
        reasons: Vec::new(),
        is_now: false,
    }));
    out
}

/// Scrapes that were left out, by reason.
pub fn left_out(n_slow: u64, n_slept: u64) -> Vec<String> {
    let mut out = Vec::new();
    if n_slow > 0 {
        let scrapes = counted(n_slow, "scrape", "scrapes");
        out.push(format!("{scrapes} left out, because the one before was still running."));
    }
    if n_slept > 0 {
        let scrapes = counted(n_slept, "scrape", "scrapes");
        out.push(format!("{scrapes} left out, because the tab or the computer slept; graphs have a gap there."));
    }
    out
}

/// All samples that were not stored, with their reasons.
pub fn samples(losses: &Losses) -> Vec<String> {
    if losses.dropped.total() == 0 { vec![NONE.to_owned()] } else { reasons(&losses.dropped) }
}

/// All scrapes that were left out.
pub fn scrapes(losses: &Losses) -> Vec<String> {
    let out = left_out(losses.n_slow, losses.n_slept);
    if out.is_empty() { vec![NONE.to_owned()] } else { out }
}

/// A jump of the clock, noticed at a time.
pub fn jump(jump: &ClockJump, at: &str) -> String {
    let by = units::span(jump.by_ms / 1_000 * 1_000);
    match jump.kind {
        JumpKind::SetBack => format!(
            "{at}: the clock was set back by {by}. Until it has caught up, new samples are older than stored ones and are \
             not stored."
        ),
        JumpKind::Forward => {
            format!(
                "{at}: the clock went forward by {by}: it was set, or the computer slept. Nothing was scraped in between."
            )
        }
        JumpKind::Stopped => format!("{at}: this tab was stopped for {by}. Nothing was scraped in between."),
    }
}

/// The oldest samples went.
pub fn evicted(evicted: &Evicted, before: &str, at: &str) -> String {
    format!(
        "The oldest samples, up to {before}, were dropped: the store reached {}. {} went since this page was opened, the \
         last ones at {at}.",
        units::bytes(evicted.max_bytes),
        counted(evicted.n_samples, "sample", "samples")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_with_its_reason() {
        let dropped = Dropped { out_of_order: 1_200, duplicate: 4, too_far_ahead: 0, too_old: 0 };
        let said = reasons(&dropped);
        assert_eq!(said.len(), 2);
        assert!(said[0].starts_with("1,200 out of order: ") && said[1].starts_with("4 duplicate: "));
        assert_eq!(left_out(1, 0), ["1 scrape left out, because the one before was still running."]);
        assert_eq!(scrapes(&Losses::default()), [NONE]);
        let back = ClockJump { at_ms: 0, by_ms: 3_600_400, kind: JumpKind::SetBack };
        assert!(jump(&back, "10:42").starts_with("10:42: the clock was set back by 1 h."));
        let gone = Evicted { n_samples: 1_234, before_ms: 0, at_ms: 0, max_bytes: 500_000_000 };
        assert_eq!(
            evicted(&gone, "10:42", "11:00"),
            "The oldest samples, up to 10:42, were dropped: the store reached 500 MB. 1,234 samples went since this page was \
             opened, the last ones at 11:00."
        );
    }
}
