//! Parsing, storing and reading back as `cargo xtask bench ingest`, `bench store` and `bench remote` measure them.
//!
//! The same code runs natively and in a worker of a browser (`main` and its `browser`), one step a call. What a step needs
//! and what it leaves behind is made and dropped outside of it.
#![forbid(unsafe_code)]

use exposition::{Entry, Format, Parser};
use model::{Millis, StepGrid, TimeRange, Timestamp};
use promapi::{AnswerReader, Data, HttpHead, ReadLimits, Shape};
use scrape::{Body, ScrapeConfig, ScrapeLoop};
use tsdb::{Head, HeadOptions, HeadStats, Scratch};

/// A target with its store.
#[derive(Debug)]
struct Target {
    head: Head,
    scrape_loop: ScrapeLoop,
    now: Timestamp,
}

impl Target {
    fn new() -> Self {
        let mut config = ScrapeConfig::new("bench", "localhost:80");
        config.sample_limit = usize::MAX;
        let options = HeadOptions { max_bytes: 3 << 30, ..HeadOptions::default() };
        Target { head: Head::new(options), scrape_loop: ScrapeLoop::new(config), now: Timestamp(1_700_000_000_000) }
    }

    fn scrape(&mut self, bytes: &[u8]) -> Result<usize, String> {
        self.now += Millis(15_000);
        let body = Body { bytes, format: Format::PrometheusText };
        let report = self.scrape_loop.ingest(&mut self.head, Ok(body), self.now, Millis(1));
        match report.failure {
            Some(failure) => Err(failure.message("the body")),
            None => Ok(report.n_samples),
        }
    }
}

/// What is measured with a body.
#[derive(Debug, Default)]
pub struct Ingest {
    known: Option<Target>,
    fresh: Option<Target>,
}

impl Ingest {
    /// Reads a body and keeps nothing. How many samples it has; so say the others.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(&self, bytes: &[u8]) -> Result<usize, String> {
        let mut parser = Parser::new(bytes, Format::PrometheusText);
        let mut n = 0;
        while let Some(entry) = parser.next_entry().map_err(|error| error.to_string())? {
            n += usize::from(matches!(entry, Entry::Series(_)));
        }
        Ok(n)
    }

    /// Makes an empty store for [`Ingest::store_new`].
    pub fn prepare(&mut self) {
        self.fresh = Some(Target::new());
    }

    /// Stores a body in an empty store.
    ///
    /// # Errors
    /// If it is none, or the store was not prepared.
    pub fn store_new(&mut self, bytes: &[u8]) -> Result<usize, String> {
        self.fresh.as_mut().ok_or("no empty store")?.scrape(bytes)
    }

    /// Stores a body in a store that has all of its series, but for the first time.
    ///
    /// # Errors
    /// If it is none.
    pub fn store_known(&mut self, bytes: &[u8]) -> Result<usize, String> {
        self.known.get_or_insert_with(Target::new).scrape(bytes)
    }
}

/// Reads the answer of a server to a range query.
#[derive(Debug)]
pub struct Remote(AnswerReader);

impl Remote {
    /// Begins with a grid in milliseconds.
    #[must_use]
    pub fn new(start_ms: i64, step_ms: i64, n_steps: usize) -> Self {
        let grid = StepGrid { start: Timestamp(start_ms), step: Millis(step_ms), len: n_steps };
        Remote(AnswerReader::new(Shape::Range(grid), HttpHead::ok(), ReadLimits::default()))
    }

    /// Takes the next piece of the body.
    ///
    /// # Errors
    /// If it is no answer.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), String> {
        self.0.feed(piece).map_err(|error| error.to_string())
    }

    /// Ends the body. How many values its columns have.
    ///
    /// # Errors
    /// If it is not whole.
    pub fn finish(self) -> Result<usize, String> {
        match self.0.finish().map_err(|error| error.to_string())?.data {
            Data::Matrix(matrix) => Ok(matrix.series.iter().map(|series| series.values.len()).sum()),
            _ => Err("the answer has no columns".to_owned()),
        }
    }
}

/// Decodes all floats of a store, as a query that spans everything does; a series at a time. How many they are.
#[must_use]
pub fn decode(head: &Head) -> usize {
    let mut scratch = Scratch::default();
    let mut sum = 0.0;
    let found = head.select(&[], TimeRange::ALL).unwrap_or_default();
    let mut n = 0;
    for series in found {
        n += head.visit_floats(series, TimeRange::ALL, &mut scratch, |_, vs| {
            // A look at each piece, so that none can be left out.
            sum += vs.first().copied().unwrap_or(0.0);
        });
    }
    std::hint::black_box(sum);
    n
}

/// How large a store is, as JSON.
#[must_use]
pub fn describe(head: &Head) -> String {
    let HeadStats { n_series, n_samples, bytes, index_bytes, n_sealed, sealed_bytes, .. } = head.stats();
    format!(
        r#"{{"series":{n_series},"samples":{n_samples},"bytes":{bytes},"index_bytes":{index_bytes},"sealed":{n_sealed},"sealed_bytes":{sealed_bytes}}}"#
    )
}
