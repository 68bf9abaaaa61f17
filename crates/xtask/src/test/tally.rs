//! Counts tests from what the runners print, and decides which of their lines a person wants to see.

use std::collections::BTreeMap;
use std::fmt;

/// How many tests passed, failed, and did not run for a reason.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    skipped: usize,
    reasons: BTreeMap<String, usize>,
}

impl Tally {
    /// One check that passed.
    pub fn passed() -> Self {
        Tally { passed: 1, ..Tally::default() }
    }

    /// One check that failed.
    pub fn failed() -> Self {
        Tally { failed: 1, ..Tally::default() }
    }

    /// Adds the figures of another part of the run.
    pub fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        for (reason, count) in other.reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
    }

    /// Why tests were skipped, each reason with how often it was given.
    pub fn reasons(&self) -> impl Iterator<Item = String> {
        self.reasons
            .iter()
            .map(|(reason, count)| if *count == 1 { reason.clone() } else { format!("{reason} ({count} times)") })
    }

    fn skip(&mut self, count: usize, reason: &str) {
        if count > 0 {
            self.skipped += count;
            *self.reasons.entry(reason.to_owned()).or_default() += count;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// Whose output is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// cargo-nextest.
    Nextest,
    /// `cargo test`, natively or in a browser.
    Libtest,
}

impl Reader {
    /// Begins to read.
    pub fn start(self) -> Parser {
        Parser { reader: self, tally: Tally::default(), n_said: 0, is_shown: true }
    }
}

/// Reads line by line.
pub struct Parser {
    reader: Reader,
    tally: Tally,
    /// Tests that ran, printed why they could do nothing, and count as passed for their runner.
    n_said: usize,
    is_shown: bool,
}

impl Parser {
    /// Takes a line in; the answer is whether to show it.
    pub fn read(&mut self, line: &str) -> bool {
        if let Some(reason) = said_skipped(line) {
            self.n_said += 1;
            self.tally.skip(1, reason);
        }
        let word = line.trim_start();
        if ["Compiling ", "Downloading ", "Downloaded ", "Locking ", "Adding ", "Updating "]
            .iter()
            .any(|s| word.starts_with(s))
        {
            return false;
        }
        match self.reader {
            Reader::Nextest => self.read_nextest(word),
            Reader::Libtest => self.read_libtest(word),
        }
    }

    /// The figures. A runner that failed without a failed test, because a crate did not compile, counts as one failure.
    pub fn finish(mut self, succeeded: bool) -> Tally {
        self.tally.passed = self.tally.passed.saturating_sub(self.n_said);
        if !succeeded && self.tally.failed == 0 {
            self.tally.failed = 1;
        }
        self.tally
    }

    fn read_nextest(&mut self, word: &str) -> bool {
        if let Some(summary) = word.strip_prefix("Summary [") {
            for part in summary.split([':', ',', '(', ')']) {
                let part = part.trim();
                let Some((count, what)) = part.split_once(' ') else { continue };
                let Ok(count) = count.parse::<usize>() else { continue };
                match what {
                    "passed" => self.tally.passed += count,
                    "failed" | "timed out" | "exec failed" => self.tally.failed += count,
                    "skipped" => self.tally.skip(count, "marked `#[ignore]`: run it by hand"),
                    _ => {}
                }
            }
            self.is_shown = true;
        } else if word.starts_with("PASS [") || word.starts_with("SETUP PASS [") {
            self.is_shown = false;
        } else if is_status(word) {
            self.is_shown = true;
        }
        self.is_shown
    }

    fn read_libtest(&mut self, word: &str) -> bool {
        if let Some(result) = word.strip_prefix("test result: ") {
            for part in result.split(['.', ';']) {
                let Some((count, what)) = part.trim().split_once(' ') else { continue };
                let Ok(count) = count.parse::<usize>() else { continue };
                match what {
                    "passed" => self.tally.passed += count,
                    "failed" => self.tally.failed += count,
                    "ignored" => self.tally.skip(count, "marked `#[ignore]`: run it by hand"),
                    _ => {}
                }
            }
            self.is_shown = true;
            return !result.contains(" 0 passed; 0 failed;");
        }
        match word {
            "successes:" => self.is_shown = false,
            "failures:" => self.is_shown = true,
            _ if word.starts_with("test ") && word.ends_with(" ok") => return false,
            _ if word.is_empty() || word.starts_with("running ") => return false,
            _ => {}
        }
        self.is_shown
    }
}

/// The reason in a line `skipped: REASON`; libtest may have begun the line with the test's name.
fn said_skipped(line: &str) -> Option<&str> {
    let (before, reason) = line.split_once("skipped: ")?;
    (before.trim().is_empty() || before.ends_with(" ... ")).then_some(reason.trim_end())
}

/// nextest begins a line about a test that did not pass with a word in capitals and a duration.
fn is_status(word: &str) -> bool {
    let Some((status, _)) = word.split_once(" [") else { return false };
    status.len() >= 4 && status.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b"- +/".contains(&b))
}

#[cfg(test)]
mod tests {
    //! What runners print, and what is counted.
    use super::*;

    fn check(reader: Reader, succeeded: bool, output: &str, expected: &str) -> Vec<String> {
        let mut parser = reader.start();
        let shown = output.lines().filter(|line| parser.read(line)).map(str::to_owned).collect();
        let tally = parser.finish(succeeded);
        let reasons: Vec<String> = tally.reasons().collect();
        assert_eq!(format!("{tally}; {}", reasons.join("; ")), expected);
        shown
    }

    #[test]
    fn nextest_counts_come_from_its_summary_and_reasons_from_the_tests() {
        let output = "   Compiling model v0.1.0\n\
            \x20       PASS [   0.008s] (1/3) model a\n  stdout ───\n    test a ... skipped: no corpus\n\
            \x20       FAIL [   0.005s] (2/3) model b\n  stdout ───\n    it is 3\n\
            \x20       PASS [   0.005s] (3/3) model c\n  stdout ───\n    noise\n\
            ────────────\n     Summary [   0.185s] 3 tests run: 2 passed (1 slow), 1 failed, 4 skipped\n";
        let shown = check(
            Reader::Nextest,
            false,
            output,
            "1 passed, 1 failed, 5 skipped; marked `#[ignore]`: run it by hand (4 times); no corpus",
        );
        assert_eq!(shown.len(), 4, "{shown:?}");
        assert!(shown[2].contains("it is 3"));
    }

    #[test]
    fn cargo_test_counts_are_summed_over_its_binaries() {
        let output = "running 2 tests\ntest a ... ok\ntest b ... ok\n\nsuccesses:\n\n---- b stdout ----\nskipped: no server\n\n\
            test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 1 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        let shown = check(
            Reader::Libtest,
            false,
            output,
            "2 passed, 2 failed, 2 skipped; marked `#[ignore]`: run it by hand; no server",
        );
        assert_eq!(shown.len(), 2, "{shown:?}");
    }

    #[test]
    fn a_crate_that_does_not_compile_is_a_failure() {
        let shown = check(Reader::Nextest, false, "error[E0433]: failed to resolve", "0 passed, 1 failed, 0 skipped; ");
        assert_eq!(shown.len(), 1);
    }

    #[test]
    fn the_word_within_a_sentence_is_no_skipped_test() {
        check(Reader::Libtest, true, "two samples were skipped: they are old", "0 passed, 0 failed, 0 skipped; ");
    }
}
