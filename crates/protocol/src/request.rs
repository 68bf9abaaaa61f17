//! What the page asks of the worker.

use crate::config::ConfigRequest;
use crate::diff::DiffRequest;
use crate::doctor::DiagnoseRequest;
use crate::file::{ExportRequest, ImportRequest};
use crate::source::{ReportKind, SourceChoice, SourceSpec};
use crate::target::TargetSpec;
use crate::{Generation, PanelId, SourceId, TargetId};
use model::{MatchOp, Matcher};
use serde::{Deserialize, Serialize};

/// A message to the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// The first message: who asks, and from where.
    Hello(WorkerSettings),
    /// Changes the settings of [`Request::Hello`].
    Configure(WorkerSettings),
    /// Scrape this from now on. An id that is there already is replaced.
    AddTarget {
        /// The page's number for it.
        id: TargetId,
        /// What to scrape, and how.
        spec: TargetSpec,
    },
    /// Changes interval, labels, pause …; what was scraped stays.
    UpdateTarget {
        /// Which one.
        id: TargetId,
        /// The new settings, whole.
        spec: TargetSpec,
    },
    /// Scrapes no more; its series get staleness markers, what was stored stays.
    RemoveTarget {
        /// Which one.
        id: TargetId,
    },
    /// Scrapes once, at once, also while paused.
    ScrapeNow {
        /// Which one.
        id: TargetId,
    },
    /// Stores a text the user pasted or dropped.
    Upload(Upload),
    /// Reads files into the store.
    Import(ImportRequest),
    /// Writes a part of the store into a file.
    Export(ExportRequest),
    /// Something about the configuration, the `prometheus.yml` that runs.
    Config(ConfigRequest),
    /// Asks for the body of the last scrape, good or bad: [`crate::Event::RawBody`].
    RawBody {
        /// Of which target.
        id: TargetId,
    },
    /// Checks that body against the rules of its format: [`crate::Event::RawBody`], and [`crate::Event::Linted`] of it.
    Lint {
        /// Of which target.
        id: TargetId,
    },
    /// Asks for the last scrapes of a target: [`crate::Event::History`].
    History {
        /// Of which target.
        id: TargetId,
    },
    /// Keeps the body of the last scrape until another one is marked, to compare with later ones.
    Mark {
        /// Of which target.
        id: TargetId,
    },
    /// Compares two scrapes: [`crate::Event::Diff`].
    Diff(DiffRequest),
    /// Asks why something cannot be reached, and what to do: [`crate::Event::Diagnosis`].
    Diagnose(DiagnoseRequest),
    /// Asks for all that is known of a metric family: [`crate::Event::Family`].
    Family {
        /// Its name.
        name: String,
    },
    /// Evaluates an expression. Only the newest of a panel is answered.
    Query(QueryRequest),
    /// Stops the evaluation of a panel and forgets what waits for it.
    Cancel {
        /// Which panel.
        panel: PanelId,
    },
    /// Asks for names or values to complete with: [`crate::Event::LookedUp`].
    Lookup {
        /// Comes back with the answer.
        id: u32,
        /// Where to look.
        source: SourceChoice,
        /// What to look up.
        what: Lookup,
        /// At most so many.
        limit: u32,
    },
    /// Asks this server from now on. An id that is there already is replaced.
    AddSource {
        /// The page's number for it.
        id: SourceId,
        /// Where it is, and how it wants to be asked.
        spec: SourceSpec,
    },
    /// Asks it no more; what panels wait for of it is given up.
    RemoveSource {
        /// Which one.
        id: SourceId,
    },
    /// Looks again whether it answers, what it is, and what its clock says.
    CheckSource {
        /// Which one.
        id: SourceId,
    },
    /// Asks whether a server with the Prometheus HTTP API is at an address: [`crate::Event::Recognised`].
    Recognise {
        /// Comes back with the answer.
        id: u32,
        /// What the user typed.
        url: String,
    },
    /// Asks a server for what it says of itself: [`crate::Event::Report`].
    Report {
        /// Which one.
        source: SourceId,
        /// What of it.
        what: ReportKind,
    },
    /// Deletes all samples, also from the disk; targets stay.
    ClearStore,
    /// Takes the store from the tab that has it: this one scrapes and writes from now on.
    TakeStore,
    /// The user let the browser keep the store for good, or not: looks at use and quota again.
    LookAtStorage,
}

/// What the worker has to know of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerSettings {
    /// `location.origin` of the page; the relay answers under it.
    pub page_origin: String,
    /// How long samples are kept, in milliseconds.
    pub retention_ms: i64,
    /// How many bytes the store may have; the oldest samples go first.
    pub max_bytes: u64,
}

/// A text to store as one snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    /// The page's number for the target that stands for it.
    pub id: TargetId,
    /// The file's name; empty for pasted text.
    pub name: String,
    /// The media type, if something said it: picks the format.
    pub media_type: Option<String>,
    /// The bytes.
    #[serde(skip)]
    pub body: Vec<u8>,
}

/// An expression to evaluate for a panel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueryRequest {
    /// Which panel.
    pub panel: PanelId,
    /// Which request of this panel.
    pub generation: Generation,
    /// PromQL.
    pub expr: String,
    /// Whose samples.
    #[serde(default)]
    pub source: SourceChoice,
    /// At one time or over a range.
    pub kind: QueryKind,
}

/// Instant or range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum QueryKind {
    /// One time: a table.
    Instant {
        /// When, ms since the epoch; `None` is now.
        at_ms: Option<i64>,
    },
    /// A range: a graph.
    Range {
        /// The end, ms since the epoch; `None` is now (rounded up to the step, so that a refresh does not jiggle).
        end_ms: Option<i64>,
        /// Its length in milliseconds, over 0.
        range_ms: i64,
        /// The step.
        step: StepChoice,
        /// The width of the plot in device pixels: more points than this many columns are decimated.
        width_px: u32,
        /// Send at most so many series (the ones that sort first); the answer says how many there are.
        max_series: u32,
        /// What is asked for beside the lines of the expression.
        extras: Extras,
    },
}

/// What a graph shows beside the lines of one expression.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extras {
    /// More expressions for the same picture; the first of the panel has number 0, these go on from 1. Blank ones are
    /// left out, but keep their number.
    #[serde(default)]
    pub also: Vec<String>,
    /// Every expression also so many milliseconds earlier, moved onto the same steps; 0 or less is none.
    #[serde(default)]
    pub previous_ms: Option<i64>,
    /// Every series has one value at each step: nothing is decimated, and the step is at least a pixel wide. What stacks
    /// or stands side by side needs it.
    #[serde(default)]
    pub is_aligned: bool,
    /// Histograms, classic (by `le`) and native, as heat maps instead of series; the step is at least a pixel wide. There
    /// is none of the period before.
    #[serde(default)]
    pub heat: bool,
    /// Exemplars of the metrics in the expressions.
    #[serde(default)]
    pub exemplars: bool,
    /// Counter resets, targets down and up, restarts, new series.
    #[serde(default)]
    pub marks: bool,
}

/// How the step of a range query is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StepChoice {
    /// From the range: `max(floor(range / points / 1 s) · 1 s, 1 s)`; of less than ten seconds `max(floor(range / points), 1 ms)`.
    Auto(Density),
    /// So many milliseconds.
    Fixed {
        /// Over 0.
        step_ms: i64,
    },
}

/// How many points an automatic step aims at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Density {
    /// 100
    Low,
    /// 250
    #[default]
    Medium,
    /// 750
    High,
}

/// Who looks at less than this looks at samples that are less than a second apart.
const SHORT_RANGE_MS: i64 = 10_000;

impl StepChoice {
    /// The step for a range, both in milliseconds. The rule is that of Prometheus' own page, but for ranges so short that
    /// its second would leave a handful of points.
    #[must_use]
    pub fn step_ms(self, range_ms: i64) -> i64 {
        match self {
            StepChoice::Fixed { step_ms } => step_ms.max(1),
            StepChoice::Auto(density) => {
                let points = match density {
                    Density::Low => 100,
                    Density::Medium => 250,
                    Density::High => 750,
                };
                if (1..SHORT_RANGE_MS).contains(&range_ms) {
                    return (range_ms / points).max(1);
                }
                (range_ms / points / 1_000 * 1_000).max(1_000)
            }
        }
    }
}

/// What to look up for completion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Lookup {
    /// Names of labels of the series that match.
    LabelNames {
        /// Conditions; a metric's name is one on `__name__`. None: all series.
        matchers: Vec<WireMatcher>,
    },
    /// Values of a label of the series that match.
    LabelValues {
        /// The label.
        label: String,
        /// Conditions.
        matchers: Vec<WireMatcher>,
    },
}

/// A [`Matcher`] on the wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WireMatcher {
    /// The label's name.
    pub name: String,
    /// `=`, `!=`, `=~` or `!~`.
    pub op: String,
    /// Value or regular expression.
    pub value: String,
}

impl From<&Matcher> for WireMatcher {
    fn from(matcher: &Matcher) -> Self {
        WireMatcher { name: matcher.name.clone(), op: matcher.op.as_str().to_owned(), value: matcher.value.clone() }
    }
}

impl WireMatcher {
    /// The matcher, or `None` if the operator is none.
    #[must_use]
    pub fn to_matcher(&self) -> Option<Matcher> {
        let ops = [MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex, MatchOp::NotRegex];
        let op = ops.into_iter().find(|op| op.as_str() == self.op)?;
        Some(Matcher::new(self.name.as_str(), op, self.value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_automatic_step_is_of_whole_seconds_but_for_short_ranges() {
        let steps =
            |range_ms| [Density::Low, Density::Medium, Density::High].map(|d| StepChoice::Auto(d).step_ms(range_ms));
        for (range_ms, want) in [
            (-5, [1_000; 3]),
            (0, [1_000; 3]),
            (10, [1; 3]),
            (1_000, [10, 4, 1]),
            (9_999, [99, 39, 13]),
            (10_000, [1_000; 3]),
            (3_600_000, [36_000, 14_000, 4_000]),
            (315_360_000_000, [3_153_600_000, 1_261_440_000, 420_480_000]),
        ] {
            assert_eq!(steps(range_ms), want, "{range_ms} ms");
        }
    }
}
