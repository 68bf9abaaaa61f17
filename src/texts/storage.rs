//! Texts about where samples are kept: notices on top of each page, and the section of the status page.

use crate::components::series_table::rows::{counted, grouped};
use crate::texts::units;
use protocol::{Restored, StoragePlace, StorageRole, StorageStatus, TroubleKind};

pub const TITLE: &str = "Kept on this device";
pub const HINT: &str = "What was scraped is written at once, and is there again after a reload or a crash.";
pub const TAB: &str = "This tab";
pub const PLACE: &str = "Where";
pub const FILES: &str = "Files";
pub const ROOM: &str = "Room";
pub const PERSISTED: &str = "When room gets scarce";
pub const PERSISTED_YES: &str = "the browser asks before it deletes anything of this page";
pub const PERSISTED_NO: &str = "the browser may delete everything of this page";
pub const PERSIST: &str = "Ask it to keep it";
pub const PERSIST_REFUSED: &str =
    "The browser refused. It allows it to pages that are bookmarked, installed or often visited.";
pub const RESTORED: &str = "Found at the start";
pub const DAMAGED: &str = "Not usable";
pub const TROUBLE: &str = "Last write";
pub const NO_LOCKS: &str = "This browser does not let tabs agree on who writes: open Promenade in one tab only.";
pub const TAKE_OVER: &str = "Take over";
pub const TAKING_OVER: &str = "Taking over …";
pub const TO_STATUS: &str = "Show the store";
pub const DISMISS: &str = "Dismiss";

/// What stands on top of each page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How it looks.
    pub tone: Tone,
    /// What it says.
    pub text: String,
    /// What can be done about it here.
    pub action: Action,
}

/// How a notice looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It goes away by itself.
    Passing,
    /// Good to know.
    Plain,
    /// Something may be lost.
    Warning,
}

/// What can be done about a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    None,
    /// Scrape and store in this tab.
    TakeOver,
    /// See the status page.
    ToStatus,
    /// Not show it again.
    Dismiss,
}

/// What there is to say now; `time` writes a time of day.
pub fn notices(status: &StorageStatus, time: &dyn Fn(i64) -> String) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut say = |tone, action, text: String| notices.push(Notice { tone, text, action });
    match status.role {
        StorageRole::Starting => {}
        StorageRole::Restoring { n_done, n_bytes } => say(
            Tone::Passing,
            Action::None,
            format!("Reading what was stored: {} of {}.", units::bytes(n_done), units::bytes(n_bytes)),
        ),
        StorageRole::Reader { is_answered: true } => say(
            Tone::Plain,
            Action::TakeOver,
            "Promenade is open in another tab, which scrapes and stores. This tab reads along.".to_owned(),
        ),
        StorageRole::Reader { is_answered: false } => say(
            Tone::Warning,
            Action::TakeOver,
            "Promenade is open in another tab, which should scrape and store but does not answer. This tab shows what \
             was stored. Go to the other tab, or scrape here."
                .to_owned(),
        ),
        StorageRole::Owner if status.place == StoragePlace::Memory && status.trouble.is_none() => say(
            Tone::Warning,
            Action::Dismiss,
            "This browser keeps nothing for this page, as in private windows: samples are in memory only and are gone \
             when this tab is closed or reloaded."
                .to_owned(),
        ),
        StorageRole::Owner => {}
    }
    if let Some(trouble) = &status.trouble {
        let since = time(trouble.since_ms);
        let text = match trouble.kind {
            TroubleKind::Full => format!(
                "There is no room to store more since {since}. Scraping goes on in memory; what was scraped since then \
                 is gone if this tab is closed before there is room again. Free room on this device, keep samples for a \
                 shorter time, or delete them."
            ),
            TroubleKind::Failed => format!(
                "Samples cannot be written since {since}. Scraping goes on in memory, and writing is tried again every \
                 few seconds; what could not be written is gone if this tab is closed. The browser says: {}.",
                trouble.detail.trim_end_matches('.')
            ),
            TroubleKind::Newer => {
                "What is stored here was written by a newer Promenade. It is left as it is, and nothing \
                                   is stored now. Reload the page to get the newer one, or delete all samples."
                    .to_owned()
            }
        };
        say(Tone::Warning, Action::ToStatus, text);
    }
    if let Some(restored) = &status.restored {
        if restored.n_cut_bytes > 0 {
            let cut = units::bytes(restored.n_cut_bytes);
            say(
                Tone::Plain,
                Action::Dismiss,
                format!(
                    "The browser ended while something was being written: {cut} at the end of the log were not whole and \
                     were cut off. At most the scrape that was under way is missing."
                ),
            );
        }
        if !restored.damaged.is_empty() {
            let files = counted(restored.damaged.len() as u64, "stored file is", "stored files are");
            say(
                Tone::Warning,
                Action::Dismiss,
                format!(
                    "{files} damaged and could not be read; the samples in it are missing. The status page names it."
                ),
            );
        }
    }
    if let Some(freed) = status.freed {
        let (bytes, at) = (units::bytes(freed.n_bytes), time(freed.at_ms));
        say(
            Tone::Plain,
            Action::Dismiss,
            format!(
                "The oldest samples were deleted at {at} to make room: {bytes}. The browser gives this page no more."
            ),
        );
    }
    notices
}

/// What this tab does.
pub fn role(status: &StorageStatus) -> &'static str {
    match status.role {
        StorageRole::Starting => "looks for the store …",
        StorageRole::Restoring { .. } => "reads what was stored …",
        StorageRole::Owner if status.place == StoragePlace::Memory => "scrapes",
        StorageRole::Owner => "scrapes and stores",
        StorageRole::Reader { is_answered: true } => "reads along; another tab scrapes and stores",
        StorageRole::Reader { is_answered: false } => {
            "shows what was stored; another tab has the store and does not answer"
        }
    }
}

/// Where the store is.
pub fn place(status: &StorageStatus) -> String {
    match (status.role, status.place) {
        (StorageRole::Starting, _) => "…".to_owned(),
        (_, StoragePlace::PrivateFiles) => "private files of this page".to_owned(),
        (_, StoragePlace::IndexedDb) => "IndexedDB: this browser has no private files for this page".to_owned(),
        (_, StoragePlace::Memory) if status.why.is_empty() => "in memory only".to_owned(),
        (_, StoragePlace::Memory) => format!("in memory only ({})", status.why),
    }
}

/// `12 MB: 2 logs, 3 blocks`
pub fn files(status: &StorageStatus) -> String {
    let logs = counted(u64::from(status.n_logs), "log", "logs");
    let blocks = counted(u64::from(status.n_blocks), "block", "blocks");
    format!("{}: {logs}, {blocks}", units::bytes(status.n_bytes))
}

/// `14 MB of 10 GB that the browser gives this page`
pub fn room(status: &StorageStatus) -> String {
    match (status.usage, status.quota) {
        (Some(usage), Some(quota)) => {
            format!("{} of {} that the browser gives this page", units::bytes(usage), units::bytes(quota))
        }
        _ => "the browser does not say".to_owned(),
    }
}

/// `1,234 series, 56,789 samples: 1.2 MB in 12 ms`
pub fn restored(restored: &Restored) -> String {
    if restored.n_bytes == 0 {
        return "nothing".to_owned();
    }
    let series = counted(restored.n_series, "series", "series");
    let samples = counted(restored.n_samples, "sample", "samples");
    let mut text =
        format!("{series}, {samples}: {} in {}", units::bytes(restored.n_bytes), units::took(restored.took_ms));
    if restored.n_cut_bytes > 0 {
        text.push_str(&format!("; {} B at the end were cut off", grouped(restored.n_cut_bytes)));
    }
    text
}

/// How the last write went.
pub fn trouble(status: &StorageStatus, time: &dyn Fn(i64) -> String) -> String {
    match &status.trouble {
        None => match status.written {
            None => "none yet".to_owned(),
            Some((bytes, ms)) => format!("worked: {} in {}", units::bytes(bytes), units::took(ms)),
        },
        Some(trouble) => format!("failed, since {}: {}", time(trouble.since_ms), trouble.detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use protocol::{Freed, StorageTrouble};

    fn said(status: &StorageStatus) -> String {
        let notices = notices(status, &|ms| format!("12:00:0{ms}"));
        let lines = notices.iter().map(|notice| format!("{:?} {:?}: {}\n", notice.tone, notice.action, notice.text));
        lines.collect()
    }

    #[test]
    fn nothing_is_said_while_all_is_well() {
        let status = StorageStatus {
            role: StorageRole::Owner,
            place: StoragePlace::PrivateFiles,
            restored: Some(Restored { n_bytes: 5, ..Restored::default() }),
            ..StorageStatus::default()
        };
        assert_eq!(said(&status), "");
        assert_eq!(said(&StorageStatus::default()), "");
    }

    #[test]
    fn what_may_be_lost_is_said_with_what_to_do() {
        let full = StorageTrouble { kind: TroubleKind::Full, detail: "QuotaExceededError".to_owned(), since_ms: 7 };
        let status = StorageStatus {
            role: StorageRole::Owner,
            place: StoragePlace::PrivateFiles,
            trouble: Some(full),
            freed: Some(Freed { n_bytes: 4_200_000, at_ms: 6 }),
            restored: Some(Restored { n_bytes: 5, n_cut_bytes: 312, ..Restored::default() }),
            ..StorageStatus::default()
        };
        expect![[r#"
            Warning ToStatus: There is no room to store more since 12:00:07. Scraping goes on in memory; what was scraped since then is gone if this tab is closed before there is room again. Free room on this device, keep samples for a shorter time, or delete them.
            Plain Dismiss: The browser ended while something was being written: 312 B at the end of the log were not whole and were cut off. At most the scrape that was under way is missing.
            Plain Dismiss: The oldest samples were deleted at 12:00:06 to make room: 4.2 MB. The browser gives this page no more.
        "#]]
        .assert_eq(&said(&status));
    }

    #[test]
    fn figures_are_said_in_words() {
        let found =
            Restored { n_series: 1, n_samples: 56_789, n_bytes: 1_200_000, took_ms: 12.0, ..Restored::default() };
        assert_eq!(restored(&found), "1 series, 56,789 samples: 1.2 MB in 12 ms");
        let status = StorageStatus { n_bytes: 12_000_000, n_logs: 1, n_blocks: 3, ..StorageStatus::default() };
        assert_eq!(files(&status), "12 MB: 1 log, 3 blocks");
        assert_eq!(room(&status), "the browser does not say");
    }
}
