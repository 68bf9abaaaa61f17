//! Texts around a diagnosis; its own sentences come from the worker.

use crate::components::series_table::rows::counted;
use protocol::{FactMark, FactOrigin};

pub const FIND_OUT: &str = "Find out why, and how to fix it";
pub const WHY_RELAY: &str = "Why through the relay?";
pub const CHECK_CLOCK: &str = "Check the connection and the clock";
pub const STARTING: &str = "Checking …";
pub const SEEN: &str = "seen";
pub const LIKELY: &str = "likely";
pub const USE: &str = "Use this address";
pub const TRY_AGAIN: &str = "Try again";
pub const CHECK_AGAIN: &str = "Check again";
pub const CURES: &str = "What to do";
pub const ALSO: &str = "Besides";
pub const COPY: &str = "Copy";
pub const COPIED: &str = "Copied.";
pub const NOT_COPIED: &str =
    "The browser gives this page no clipboard: it needs https or localhost. Select the text and copy it.";

/// `Checking: 3 of 9 done …`
pub fn checking(n_done: u32, n_checks: u32) -> String {
    if n_checks == 0 { STARTING.to_owned() } else { format!("Checking: {n_done} of {n_checks} done …") }
}

/// `Evidence: 9 facts`
pub fn evidence(n_facts: usize) -> String {
    format!("Evidence: {}", counted(n_facts as u64, "fact", "facts"))
}

/// What a button copies, for those who hear it without seeing what stands beside it.
pub fn copy_of(place: &str) -> String {
    format!("{COPY}: {place}")
}

/// The sign before a fact, and its word.
pub fn mark(mark: FactMark) -> (&'static str, &'static str) {
    match mark {
        FactMark::Good => ("\u{2713}", "as it should be"),
        FactMark::Bad => ("\u{2717}", "in the way"),
        FactMark::Neutral => ("\u{2022}", "to know"),
    }
}

pub fn origin(origin: FactOrigin) -> &'static str {
    match origin {
        FactOrigin::Address => "address",
        FactOrigin::Browser => "browser",
        FactOrigin::Relay => "relay",
        FactOrigin::Answer => "answer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_has_its_counts() {
        assert_eq!(checking(0, 0), "Checking …");
        assert_eq!(checking(3, 9), "Checking: 3 of 9 done …");
        assert_eq!(evidence(1), "Evidence: 1 fact");
    }
}
