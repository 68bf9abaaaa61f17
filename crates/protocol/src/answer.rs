//! Answers to queries: pictures of a range, tables of an instant.

use crate::event::{Note, Problem};
use crate::request::Extras;
use crate::source::{Comparison, SourceChoice};
use crate::{Generation, PanelId};
use frame::Frame;
use serde::{Deserialize, Serialize};

/// What an evaluation cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueryStats {
    /// Milliseconds in the worker: parse, evaluate, decimate.
    pub ms: f64,
    /// Samples read.
    pub n_samples: u64,
    /// Series in the result, before any cap; those of all expressions, but not of the period before.
    pub n_series: u32,
    /// Steps that were evaluated, over all expressions; fewer than the answer has where results of before were kept.
    #[serde(default)]
    pub n_steps_evaluated: u32,
}

/// The answer to a range query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GraphAnswer {
    /// Of which panel.
    pub panel: PanelId,
    /// To which request.
    pub generation: Generation,
    /// The expression that was evaluated.
    pub expr: String,
    /// Whose samples.
    #[serde(default)]
    pub source: SourceChoice,
    /// What was asked for beside it.
    pub extras: Extras,
    /// Expressions that could not be evaluated, by their number, while others could.
    #[serde(default)]
    pub failed: Vec<(u16, Problem)>,
    /// First step, ms since the epoch.
    pub start_ms: i64,
    /// Last step.
    pub end_ms: i64,
    /// The step.
    pub step_ms: i64,
    /// What to draw. `frame.series` holds at most the requested number of series.
    #[serde(skip)]
    pub frame: Frame,
    /// Warnings of the engine.
    pub warnings: Vec<Note>,
    /// Infos of the engine.
    pub infos: Vec<Note>,
    /// What it cost.
    pub stats: QueryStats,
    /// What differs between the two evaluations, where there are two.
    #[serde(default)]
    pub comparison: Option<Box<Comparison>>,
}

impl GraphAnswer {
    /// An expression of the panel by its number.
    #[must_use]
    pub fn expr_of(&self, query_idx: u16) -> &str {
        match query_idx {
            0 => &self.expr,
            n => self.extras.also.get(usize::from(n) - 1).map_or("", String::as_str),
        }
    }
}

/// The answer to an instant query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableAnswer {
    /// Of which panel.
    pub panel: PanelId,
    /// To which request.
    pub generation: Generation,
    /// The expression that was evaluated.
    pub expr: String,
    /// Whose samples.
    #[serde(default)]
    pub source: SourceChoice,
    /// When it was evaluated, ms since the epoch.
    pub at_ms: i64,
    /// The rows.
    pub result: TableResult,
    /// Warnings of the engine.
    pub warnings: Vec<Note>,
    /// Infos of the engine.
    pub infos: Vec<Note>,
    /// What it cost.
    pub stats: QueryStats,
    /// What differs between the two evaluations, where there are two.
    #[serde(default)]
    pub comparison: Option<Comparison>,
}

/// The value of an instant query. Floats never stand in the JSON head (it has no NaN): [`crate::Wire`]
/// moves them into a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TableResult {
    /// A number.
    Scalar {
        /// The number.
        #[serde(skip)]
        v: f64,
    },
    /// A text.
    String {
        /// The text.
        text: String,
    },
    /// One value a series, in the order of the engine (sorted, or as `sort` and `topk` say).
    Vector {
        /// The series.
        rows: Vec<Row>,
    },
    /// Raw samples of a range selector.
    Matrix {
        /// The series.
        series: Vec<SeriesSamples>,
    },
}

/// A series and its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Sorted by name, `__name__` among them.
    pub labels: Vec<(String, String)>,
    /// The value; of a native histogram its count.
    #[serde(skip)]
    pub v: f64,
    /// What is shown in place of the value: a native histogram.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Row {
    /// The value as it is shown.
    #[must_use]
    pub fn shown(&self) -> String {
        self.text.clone().unwrap_or_else(|| model::number::format(self.v))
    }
}

/// A series and its samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesSamples {
    /// Sorted by name, `__name__` among them.
    pub labels: Vec<(String, String)>,
    /// Times, ms since the epoch.
    #[serde(skip)]
    pub ts: Vec<f64>,
    /// Values, as many; of a native histogram its count.
    #[serde(skip)]
    pub vs: Vec<f64>,
    /// Native histograms as they are shown, each with its place among the samples.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<(u32, String)>,
}

impl SeriesSamples {
    /// The samples in the order of time: the time, and the value as it is shown.
    pub fn shown(&self) -> impl Iterator<Item = (f64, String)> {
        let mut texts = self.texts.iter().peekable();
        self.ts.iter().zip(&self.vs).enumerate().map(move |(idx, (&t, &v))| {
            let text = texts.next_if(|(at, _)| *at as usize == idx).map(|(_, text)| text.clone());
            (t, text.unwrap_or_else(|| model::number::format(v)))
        })
    }
}
