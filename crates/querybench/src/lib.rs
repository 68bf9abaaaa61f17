//! The engine as `cargo xtask bench query` measures it: data in, questions one by one, answers described.
//!
//! The same code runs natively and in a worker of a browser (`main` and its `browser`); the hash of an answer shows
//! that both gave the same bits.
#![forbid(unsafe_code)]

mod load;

pub use load::Loader;

use engine::{Limits, Options, Point, QueryOutput, Value, evaluate};
use model::{Labels, Millis, StepGrid, TimeRange, Timestamp, is_stale};

/// A query at one time, or over a range.
#[derive(Clone, Debug)]
pub struct Question {
    /// PromQL.
    pub expr: String,
    /// The first step, ms.
    pub start: i64,
    /// The last step at most, ms.
    pub end: i64,
    /// The distance of two steps, ms; 0 asks for one time, `end`.
    pub step: i64,
    /// If not 0, the expression is only parsed, so often.
    pub parses: u64,
}

impl Question {
    /// Reads `{"expr": …, "start": ms, "end": ms, "step": ms}` or `{"expr": …, "parses": count}`.
    ///
    /// # Errors
    /// If the text is something else.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let json: serde_json::Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
        let expr = json["expr"].as_str().ok_or("the question has no `expr`")?.to_owned();
        if let Some(parses) = json["parses"].as_u64() {
            return Ok(Question { expr, start: 0, end: 0, step: 0, parses });
        }
        let number = |name: &str| json[name].as_i64().ok_or_else(|| format!("the question has no `{name}`"));
        Ok(Question { expr, start: number("start")?, end: number("end")?, step: number("step")?, parses: 0 })
    }

    /// Parses and evaluates: what a page waits for.
    ///
    /// # Errors
    /// If the expression is none, or the engine refuses it.
    pub fn answer(&self, head: &tsdb::Head) -> Result<Value, String> {
        if self.parses > 0 {
            let n_faults: usize =
                (0..self.parses).map(|_| promql::parse(std::hint::black_box(&self.expr)).diagnostics.len()).sum();
            return Ok(Value::Scalar { v: n_faults as f64 });
        }
        let expr = promql::parse_strict(&self.expr, &tsdb::validate_regex)
            .map_err(|diagnostics| diagnostics.first().map_or_else(String::new, |d| d.message.clone()))?;
        let is_range = self.step > 0;
        let grid = if is_range {
            StepGrid::new(Timestamp(self.start), Timestamp(self.end), Millis(self.step))
        } else {
            StepGrid { start: Timestamp(self.end), step: Millis(1), len: 1 }
        };
        let whole = TimeRange { start: grid.start, end: grid.end() };
        // What the peers are started with; asked for interrupts as in the page.
        let limits = Limits { max_samples: 500_000_000, ..Limits::default() };
        let never = || None;
        let options = Options { limits, interrupted: Some(&never), ..Options::default() };
        let output: QueryOutput =
            evaluate(head, &expr, grid, whole, is_range, &options).map_err(|error| error.to_string())?;
        Ok(output.value)
    }
}

/// How much an answer holds, and a hash of its labels and bits, as JSON.
#[must_use]
pub fn describe(value: &Value) -> String {
    let mut hash = Hash(0xcbf2_9ce4_8422_2325);
    let (mut n_series, mut n_points) = (0_usize, 0_usize);
    let mut add = |labels: &Labels, values: &[f64]| {
        n_series += 1;
        hash.write(labels.to_string().as_bytes());
        for &v in values {
            n_points += usize::from(!is_stale(v));
            // Which NaN an operation gives is the processor's choice.
            let bits = if v.is_nan() && !is_stale(v) { f64::NAN.to_bits() } else { v.to_bits() };
            hash.write(&bits.to_le_bytes());
        }
    };
    match value {
        Value::Scalar { v } => add(&Labels::empty(), &[*v]),
        Value::String(_) => {}
        Value::Vector(rows) => rows.iter().for_each(|(labels, point)| match point {
            Point::Float(v) => add(labels, &[*v]),
            // The data has none.
            Point::Histogram(_) => add(labels, &[]),
        }),
        Value::Samples(all) => all.iter().for_each(|one| add(&one.labels, &one.samples.vs)),
        Value::Matrix(matrix) => matrix.series.iter().for_each(|one| add(&one.labels, &one.values)),
    }
    format!(r#"{{"series":{n_series},"points":{n_points},"hash":"{:016x}"}}"#, hash.0)
}

/// FNV-1a.
struct Hash(u64);

impl Hash {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
