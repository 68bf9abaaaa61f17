//! A part of the store into a file: pieces for the page, a few each turn.

use crate::families;
use crate::limits::EXPORT_SLICE_MS;
use crate::panel::Clock;
use crate::problem;
use crate::state::Worker;
use archive::{Export, ExportFormat, Losses, Selection};
use model::number::grouped;
use model::{Matcher, TimeRange, Timestamp};
use promql::ast::Expr;
use protocol::{Event, ExportNews, ExportRequest, ExportWhat, FileForm, Problem};
use tsdb::SampleBuf;

/// The export that is going on.
#[derive(Debug)]
pub(crate) struct Exporting {
    id: u32,
    export: Export,
}

/// Series whose samples are counted to tell how many there are about.
const COUNTED: usize = 200;

impl Worker {
    pub(crate) fn export(&mut self, request: ExportRequest, now: Timestamp) {
        match request {
            ExportRequest::Measure { id, what } => self.measure(id, &what, now),
            ExportRequest::Begin { id, what, form, page } => {
                if let Err(problem) = self.begin_export(id, &what, form, page, now) {
                    self.tell(Event::Export(ExportNews::Failed { id, problem }));
                }
            }
            ExportRequest::Cancel { id } => {
                self.exporting.take_if(|exporting| exporting.id == id);
            }
        }
    }

    /// The store gives way to another one: what is being written names its series.
    pub(crate) fn end_export(&mut self) {
        if let Some(Exporting { id, .. }) = self.exporting.take() {
            let problem = Problem {
                message: "The store was read anew while the file was being written.".to_owned(),
                hint: "Export it again.".to_owned(),
                ..Problem::default()
            };
            self.tell(Event::Export(ExportNews::Failed { id, problem }));
        }
    }

    /// Whether a file is being written.
    #[must_use]
    pub fn is_exporting(&self) -> bool {
        self.exporting.is_some()
    }

    /// Writes the next pieces; the answer is whether there are more.
    pub fn step_export(&mut self, clock: Clock<'_>) -> bool {
        let Some(mut exporting) = self.exporting.take() else { return false };
        let began = clock();
        let mut bytes = Vec::new();
        let is_last = loop {
            match exporting.export.next_piece(&self.head) {
                Some(piece) if bytes.is_empty() => bytes = piece,
                Some(piece) => bytes.extend(piece),
                None => break true,
            }
            if clock() - began >= EXPORT_SLICE_MS {
                break false;
            }
        };
        let (n_done, n_series) = exporting.export.progress();
        let notes = if is_last { notes(exporting.export.losses()) } else { Vec::new() };
        self.tell(Event::Export(ExportNews::Piece {
            id: exporting.id,
            bytes,
            n_done: n_done as u64,
            n_series: n_series as u64,
            n_samples: exporting.export.n_samples(),
            is_last,
            notes,
        }));
        if !is_last {
            self.exporting = Some(exporting);
        }
        !is_last
    }

    fn begin_export(
        &mut self,
        id: u32,
        what: &ExportWhat,
        form: FileForm,
        page: String,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let selection = selection(what, self.newest_of_all(now))?;
        let format = match form {
            FileForm::OpenMetrics => ExportFormat::OpenMetrics,
            FileForm::Csv => ExportFormat::Csv,
            FileForm::Json => ExportFormat::Json,
            FileForm::Bundle => ExportFormat::Bundle { page },
        };
        let series = selection.series(&self.head).map_err(|error| bad_selection(&error.to_string()))?;
        let families = families::described(&self.targets, &self.storage.families);
        let export = Export::new(&self.head, series, selection.range(), format, &families);
        self.exporting = Some(Exporting { id, export });
        Ok(())
    }

    /// The time of the newest sample, or now if that is later.
    fn newest_of_all(&self, now: Timestamp) -> Timestamp {
        self.head.stats().newest.map_or(now, |newest| newest.max(now))
    }

    fn measure(&mut self, id: u32, what: &ExportWhat, now: Timestamp) {
        let selected = selection(what, self.newest_of_all(now)).and_then(|selection| {
            let series = selection.series(&self.head).map_err(|error| bad_selection(&error.to_string()))?;
            Ok((series, selection.range()))
        });
        let event = match selected {
            Ok((series, range)) => {
                let step = series.len().div_ceil(COUNTED).max(1);
                let mut buf = SampleBuf::default();
                let mut n_counted = 0;
                for &one in series.iter().step_by(step) {
                    self.head.read(one, range, &mut buf);
                    n_counted += 1;
                    // Only the count of all is wanted: the memory of one series is enough.
                    if buf.len() > 1 << 20 {
                        break;
                    }
                }
                let n_samples = buf.len() as u64 * series.len() as u64 / n_counted.max(1);
                ExportNews::Size { id, n_series: series.len() as u64, n_samples }
            }
            Err(problem) => ExportNews::Failed { id, problem },
        };
        self.tell(Event::Export(event));
    }
}

fn selection(what: &ExportWhat, newest: Timestamp) -> Result<Selection, Problem> {
    let ExportWhat { expr, selectors, start_ms, end_ms } = what;
    let mut lists: Vec<Vec<Matcher>> = Vec::new();
    for selector in selectors {
        let matchers: Option<Vec<Matcher>> = selector.iter().map(protocol::WireMatcher::to_matcher).collect();
        lists.push(matchers.ok_or_else(|| bad_selection("an operator is none"))?);
    }
    if !expr.trim().is_empty() {
        let parsed = promql::parse(expr);
        if parsed.diagnostics.iter().any(|d| d.severity == promql::Severity::Error) {
            return Err(problem::of_diagnostics(&parsed.diagnostics));
        }
        selectors_of(&parsed.expr, &mut lists);
        if lists.is_empty() {
            return Err(bad_selection("the expression reads no series"));
        }
    }
    // What is appended from now on is not part of it.
    let range = TimeRange { start: start_ms.map_or(Timestamp::MIN, Timestamp), end: end_ms.map_or(newest, Timestamp) };
    Ok(Selection { selectors: lists, range: Some(range) })
}

/// The matchers of all selectors of an expression.
fn selectors_of(expr: &Expr, lists: &mut Vec<Vec<Matcher>>) {
    match expr {
        Expr::Vector(selector) => lists.push(selector.matchers.clone()),
        Expr::Matrix(matrix) => lists.push(matrix.selector.matchers.clone()),
        _ => {}
    }
    expr.for_each_child(&mut |child| selectors_of(child, lists));
}

fn bad_selection(why: &str) -> Problem {
    Problem { message: format!("Nothing can be exported: {why}."), ..Problem::default() }
}

/// What the file does not hold, in sentences.
fn notes(losses: Losses) -> Vec<String> {
    let mut notes = Vec::new();
    let mut add = |n: u64, one: &str, many: &str| {
        if n > 0 {
            notes.push(format!("{} {}", grouped(n), if n == 1 { one } else { many }));
        }
    };
    add(
        losses.n_histograms,
        "native histogram is left out: this form cannot hold it.",
        "native histograms are left out: this form cannot hold them.",
    );
    add(
        losses.n_markers,
        "mark of the end of a series is left out: this form cannot hold it.",
        "marks of the end of a series are left out: this form cannot hold them.",
    );
    add(
        losses.n_nameless,
        "series without a metric\u{2019}s name is left out: OpenMetrics has no such series.",
        "series without a metric\u{2019}s name are left out: OpenMetrics has no such series.",
    );
    add(
        losses.n_exemplars,
        "exemplar is left out: OpenMetrics has no place for it.",
        "exemplars are left out: OpenMetrics has no place for them.",
    );
    add(
        losses.n_untyped,
        "family is written without its type, as its samples break the rules that OpenMetrics has for it.",
        "families are written without their types, as their samples break the rules that OpenMetrics has for them.",
    );
    add(losses.n_samples, "sample is left out.", "samples are left out.");
    notes
}
