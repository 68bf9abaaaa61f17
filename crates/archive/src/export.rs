//! A part of a store as a file, piece by piece.

mod bundle;
mod csv;
mod json;
mod openmetrics;

use bundle::Bundle;
use csv::Csv;
use exposition::writer::Losses;
use json::Json;
use model::{Labels, Matcher, MetricFamily, TimeRange};
use openmetrics::OpenMetrics;
use std::collections::BTreeMap;
use tsdb::{Head, RegexError, SampleBuf, SeriesExemplar, SeriesRef};

/// A piece is about so long: a page joins some hundred of them for a day.
const PIECE_BYTES: usize = 256 << 10;

/// The form of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// OpenMetrics 1.0 with times, as `promtool tsdb create-blocks-from openmetrics` takes it.
    OpenMetrics,
    /// A row for each sample: `__name__`, all labels sorted, `__value__`, `__timestamp__:unix_ms`, as VictoriaMetrics
    /// exports them with that `format`. Quoted as RFC 4180 says.
    Csv,
    /// What `query_range` of Prometheus answers.
    Json,
    /// Everything, to the bit, for another Promenade.
    Bundle {
        /// What the page wants to find again: JSON.
        page: String,
    },
}

/// What is exported.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Series that match one of these lists; none: all series.
    pub selectors: Vec<Vec<Matcher>>,
    /// The times of the samples.
    pub range: Option<TimeRange>,
}

impl Selection {
    /// The times of the samples.
    #[must_use]
    pub fn range(&self) -> TimeRange {
        self.range.unwrap_or(TimeRange::ALL)
    }

    /// The series that have samples in the range, each once, sorted by labels.
    ///
    /// # Errors
    /// If a regular expression is none.
    pub fn series(&self, head: &Head) -> Result<Vec<SeriesRef>, RegexError> {
        match self.selectors.as_slice() {
            [] => head.select(&[], self.range()),
            [one] => head.select(one, self.range()),
            several => {
                let mut all: Vec<SeriesRef> = Vec::new();
                for matchers in several {
                    all.extend(head.select(matchers, self.range())?);
                }
                all.sort_unstable();
                all.dedup();
                model::sort::by(&mut all, |a, b| head.labels(*a).cmp(&head.labels(*b)));
                Ok(all)
            }
        }
    }
}

/// Samples of a store on their way into a file.
#[derive(Debug)]
pub struct Export {
    form: Form,
    is_done: bool,
}

#[derive(Debug)]
enum Form {
    OpenMetrics(Box<OpenMetrics>),
    Csv(Csv),
    Json(Json),
    Bundle(Bundle),
}

impl Export {
    /// An export of these series. `families` is what is known of them besides samples and exemplars.
    #[must_use]
    pub fn new(
        head: &Head,
        series: Vec<SeriesRef>,
        range: TimeRange,
        format: ExportFormat,
        families: &BTreeMap<String, MetricFamily>,
    ) -> Self {
        let form = match format {
            ExportFormat::OpenMetrics => Form::OpenMetrics(Box::new(OpenMetrics::new(head, &series, range, families))),
            ExportFormat::Csv => Form::Csv(Csv::new(head, Walk::new(series, range))),
            ExportFormat::Json => Form::Json(Json::new(Walk::new(series, range))),
            ExportFormat::Bundle { page } => Form::Bundle(Bundle::new(head, series, range, &page, families)),
        };
        Export { form, is_done: false }
    }

    /// The next piece of the file, `None` behind the last one. A piece may be empty: then there was something to check.
    pub fn next_piece(&mut self, head: &Head) -> Option<Vec<u8>> {
        if self.is_done {
            return None;
        }
        let (piece, is_done) = match &mut self.form {
            Form::OpenMetrics(form) => form.next_piece(head),
            Form::Csv(form) => form.next_piece(head),
            Form::Json(form) => form.next_piece(head),
            Form::Bundle(form) => form.next_piece(head),
        };
        self.is_done = is_done;
        Some(piece)
    }

    /// Series that are done, and all.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        match &self.form {
            Form::OpenMetrics(form) => form.progress(),
            Form::Csv(form) => form.walk.progress(),
            Form::Json(form) => form.walk.progress(),
            Form::Bundle(form) => form.progress(),
        }
    }

    /// Samples that were written so far.
    #[must_use]
    pub fn n_samples(&self) -> u64 {
        match &self.form {
            Form::OpenMetrics(form) => form.n_samples,
            Form::Csv(form) => form.walk.n_samples,
            Form::Json(form) => form.walk.n_samples,
            Form::Bundle(form) => form.n_samples,
        }
    }

    /// What the file cannot hold, of what was written so far.
    #[must_use]
    pub fn losses(&self) -> Losses {
        match &self.form {
            Form::OpenMetrics(form) => form.losses,
            Form::Csv(form) => form.walk.losses,
            Form::Json(form) => form.walk.losses,
            Form::Bundle(_) => Losses::default(),
        }
    }
}

/// The exemplars of a range, by their series.
fn exemplars_of(head: &Head, range: TimeRange) -> BTreeMap<SeriesRef, Vec<SeriesExemplar>> {
    let mut of_series: BTreeMap<SeriesRef, Vec<SeriesExemplar>> = BTreeMap::new();
    for (_, one) in head.exemplars().filter(|(_, one)| range.contains(one.at)) {
        of_series.entry(one.series).or_default().push(one.clone());
    }
    of_series
}

/// Goes over series, one after the other, with the samples of each.
#[derive(Debug)]
struct Walk {
    series: Vec<SeriesRef>,
    range: TimeRange,
    /// The series that comes next.
    next: usize,
    buf: SampleBuf,
    losses: Losses,
    n_samples: u64,
}

impl Walk {
    fn new(series: Vec<SeriesRef>, range: TimeRange) -> Self {
        Walk { series, range, next: 0, buf: SampleBuf::default(), losses: Losses::default(), n_samples: 0 }
    }

    /// The next series and its labels; its samples are in `buf`. A series that is gone meanwhile is passed.
    fn next(&mut self, head: &Head) -> Option<(SeriesRef, Labels)> {
        while let Some(&series) = self.series.get(self.next) {
            self.next += 1;
            self.buf.clear();
            if let Some(labels) = head.labels(series) {
                head.read(series, self.range, &mut self.buf);
                return Some((series, labels.clone()));
            }
        }
        None
    }

    fn progress(&self) -> (usize, usize) {
        (self.next, self.series.len())
    }
}
