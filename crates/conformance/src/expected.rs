//! What Prometheus was asked and what it answered: lines of JSON.

use model::{Labels, Millis, StepGrid, Timestamp};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

/// A line: a query, asked once or several times.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// The query.
    pub query: String,
    /// How it was asked, with the answers.
    pub checks: Vec<Check>,
    /// At these times versions of Prometheus differ: they are not compared.
    pub skip: Vec<Timestamp>,
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// When.
    pub grid: StepGrid,
    /// A range query.
    pub as_range: bool,
    /// The answer; `None` if it is an error.
    pub answer: Option<Answer>,
}

/// An answer of the HTTP API.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A number.
    Scalar(f64),
    /// A text.
    String(String),
    /// Series with their points, in the order of the answer.
    Series(Vec<(Labels, Vec<(Timestamp, f64)>)>),
}

/// A file that cannot be read, or a line that is not laid out as it should be.
#[derive(Debug, thiserror::Error)]
#[error("{}, line {line}: {what}", path.display())]
pub struct LineError {
    /// Which file.
    pub path: PathBuf,
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// Reads a file of lines.
pub(crate) fn read(path: &Path) -> Result<Vec<Expected>, LineError> {
    let error = |line: usize, what: String| LineError { path: path.to_owned(), line, what };
    let text = std::fs::read_to_string(path).map_err(|e| error(1, e.to_string()))?;
    let mut out = Vec::new();
    for (idx, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let json: Json = serde_json::from_str(line).map_err(|e| error(idx + 1, e.to_string()))?;
        let one = read_line(&json).ok_or_else(|| error(idx + 1, "not laid out as a query with answers".to_owned()))?;
        out.push(one);
    }
    Ok(out)
}

/// A range query has its answer in `response` or in `range`; `instants` are instant queries.
fn read_line(json: &Json) -> Option<Expected> {
    let query = json["query"].as_str()?.to_owned();
    let mut checks = Vec::new();
    let response = json.get("range").or_else(|| json.get("response"));
    if let Some(response) = response {
        let (start, end) = (time(&json["start"])?, time(&json["end"])?);
        let grid = StepGrid::new(start, end, Millis((json["step"].as_f64()? * 1000.0).round() as i64));
        let should_fail = json["should_fail"] == true;
        checks.push(Check { grid, as_range: true, answer: if should_fail { None } else { answer(response)? } });
    }
    for instant in json.get("instants").and_then(Json::as_array).into_iter().flatten() {
        let at = time(&instant["time"])?;
        let grid = StepGrid { start: at, step: Millis(1), len: 1 };
        checks.push(Check { grid, as_range: false, answer: answer(&instant["response"])? });
    }
    let skip = json.get("skip_timestamps").and_then(Json::as_array).into_iter().flatten();
    let skip = skip.map(time).collect::<Option<Vec<_>>>()?;
    (!checks.is_empty()).then_some(Expected { query, checks, skip })
}

/// The answer in a response of the HTTP API; `Some(None)` if the response is an error, `None` if it is no response.
#[must_use]
pub fn answer(response: &Json) -> Option<Option<Answer>> {
    if response["status"] != "success" {
        return Some(None);
    }
    let data = &response["data"];
    let result = &data["result"];
    let answer = match data["resultType"].as_str()? {
        "scalar" => Answer::Scalar(point(result)?.1),
        "string" => Answer::String(result[1].as_str()?.to_owned()),
        "vector" | "matrix" => Answer::Series(result.as_array()?.iter().map(one_series).collect::<Option<Vec<_>>>()?),
        _ => return None,
    };
    Some(Some(answer))
}

fn one_series(json: &Json) -> Option<(Labels, Vec<(Timestamp, f64)>)> {
    let labels = json["metric"].as_object()?.iter();
    let labels = labels.map(|(n, v)| Some((n.as_str(), v.as_str()?))).collect::<Option<Vec<_>>>()?;
    let points = match json.get("values") {
        Some(values) => values.as_array()?.iter().map(point).collect::<Option<Vec<_>>>()?,
        None => vec![point(json.get("value")?)?],
    };
    Some((Labels::from_pairs(labels), points))
}

/// `[seconds, "value"]`
fn point(json: &Json) -> Option<(Timestamp, f64)> {
    Some((time(&json[0])?, model::number::parse(json[1].as_str()?)?))
}

fn time(json: &Json) -> Option<Timestamp> {
    json.as_f64().map(Timestamp::from_secs_f64)
}
