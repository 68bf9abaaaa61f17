//! What is drawn beside the series: exemplars, and events at a point or over a range of time.

use model::Labels;

/// An exemplar of a series of the graph.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameExemplar {
    /// Which expression of the panel it belongs to.
    pub query_idx: u16,
    /// The series in the store that it came with.
    pub series: Labels,
    /// Its own labels, a trace's id among them.
    pub labels: Labels,
    /// When, ms since the epoch.
    pub t: f64,
    /// The observed value.
    pub v: f64,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MarkKind {
    /// A counter fell: it began anew.
    CounterReset,
    /// A target could no longer be scraped; lasts until it could again.
    TargetDown,
    /// A target could be scraped again.
    TargetUp,
    /// `process_start_time_seconds` changed: the process was restarted.
    Restart,
    /// Series appeared that were not there before.
    NewSeries,
    /// A note of the user.
    Note,
}

/// An event at a point or over a range of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// What happened.
    pub kind: MarkKind,
    /// When it began, ms since the epoch.
    pub at_ms: i64,
    /// When it ended; the same as `at_ms` for a point in time.
    pub end_ms: i64,
    /// Of what: the labels of a target or series; empty for a note.
    pub labels: Labels,
    /// How many of the same kind it stands for, 1 or more: what happens in one pixel is told as one.
    pub count: u32,
    /// The text of a note; else empty.
    pub text: String,
}
