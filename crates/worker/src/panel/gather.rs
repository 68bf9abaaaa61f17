//! One expression over several sources: their raw series, each with a label `source`, in a store of the panel's own, on which
//! the engine evaluates.
//!
//! The API shows no staleness markers, so a series that ended on a server lives on for the lookback of five minutes.

use super::remote::{PartKind, RemoteRun, SOURCE_LABEL, TAB};
use super::{Beside, failed};
use crate::limits::{MAX_GATHERED_PARTS, MAX_GATHERED_SAMPLES, MAX_GATHERED_SERIES, MAX_QUERY};
use crate::problem;
use crate::state::Worker;
use model::number::grouped;
use model::{Histogram, Labels, LabelsBuilder, Matcher, Millis, TimeRange, Timestamp};
use promapi::{ApiRequest, FetchLimits, PlanError, ReadLimits, SelectorFetch, Shape, fetch_plan};
use promql::Expr;
use protocol::{Note, Problem, SourceId, WireSpan};
use std::collections::BTreeMap;
use std::sync::Arc;
use tsdb::{CompiledMatcher, Head, HeadOptions, SampleBuf};

/// What came from elsewhere so far.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    series: BTreeMap<Labels, Vec<Raw>>,
    n_samples: u64,
    n_left_out: u64,
    /// What was asked of this tab, too.
    local: Vec<(Vec<Matcher>, TimeRange)>,
    /// Names of the sources by their numbers.
    names: BTreeMap<SourceId, String>,
    failed: BTreeMap<SourceId, Problem>,
}

/// Samples of one series from one answer.
#[derive(Debug, Default)]
struct Raw {
    ts: Vec<i64>,
    vs: Vec<f64>,
    histograms: Vec<(i64, Arc<Histogram>)>,
}

impl Raw {
    fn len(&self) -> usize {
        self.ts.len() + self.histograms.len()
    }
}

impl Gathered {
    /// Takes raw series of a source; samples outside of the range are left out.
    pub(super) fn add(&mut self, source: SourceId, series: Vec<promapi::RawSeries>, range: TimeRange) {
        let Some(name) = self.names.get(&source).cloned() else { return };
        let is_in = |t: i64| (range.start.0..=range.end.0).contains(&t);
        for promapi::RawSeries { labels, ts, vs, mut histograms } in series {
            let (ts, vs) = ts.into_iter().zip(vs).filter(|(t, _)| is_in(*t)).unzip();
            histograms.retain(|(t, _)| is_in(*t));
            self.put(&labels, &name, Raw { ts, vs, histograms });
        }
    }

    fn put(&mut self, labels: &Labels, source: &str, raw: Raw) {
        let n = raw.len() as u64;
        let labels = with_source(labels, source);
        let is_full = self.series.len() >= MAX_GATHERED_SERIES && !self.series.contains_key(&labels);
        if is_full || self.n_samples + n > MAX_GATHERED_SAMPLES {
            self.n_left_out += n;
        } else if n > 0 {
            self.n_samples += n;
            self.series.entry(labels).or_default().push(raw);
        }
    }

    pub(super) fn failed(&mut self, source: SourceId, problem: Problem) {
        self.failed.entry(source).or_insert(problem);
    }

    /// The samples of this tab.
    fn add_local(&mut self, head: &Head) {
        let mut buf = SampleBuf::default();
        for (matchers, range) in std::mem::take(&mut self.local) {
            for series in head.select(&matchers, range).unwrap_or_default() {
                let Some(labels) = head.labels(series).cloned() else { continue };
                buf.clear();
                head.read(series, range, &mut buf);
                let histograms = buf.histograms.ts.iter().copied().zip(buf.histograms.hs.iter().cloned()).collect();
                self.put(&labels, TAB, Raw { ts: buf.ts.clone(), vs: buf.vs.clone(), histograms });
            }
        }
    }

    /// The store of it all.
    fn into_head(self) -> Head {
        let options =
            HeadOptions { max_series: MAX_GATHERED_SERIES, retention: Millis(i64::MAX), ..HeadOptions::default() };
        let mut head = Head::new(options);
        for (labels, parts) in self.series {
            let Ok(series) = head.get_or_create(&labels) else { continue };
            // Selectors that overlap bring the same samples: those of a time count once.
            let mut samples: Vec<(i64, Option<f64>, Option<Arc<Histogram>>)> = Vec::new();
            let n_parts = parts.len();
            for Raw { ts, vs, histograms } in parts {
                let is_plain = n_parts == 1 && histograms.is_empty();
                for (t, v) in ts.into_iter().zip(vs) {
                    if is_plain {
                        // What is out of order is left out, as in a scrape.
                        let _ = head.append_ref(series, Timestamp(t), v);
                    } else {
                        samples.push((t, Some(v), None));
                    }
                }
                samples.extend(histograms.into_iter().map(|(t, h)| (t, None, Some(h))));
            }
            model::sort::by_key(&mut samples, |(t, ..)| *t);
            samples.dedup_by_key(|(t, ..)| *t);
            for (t, v, h) in samples {
                let _ = match (v, h) {
                    (Some(v), _) => head.append_ref(series, Timestamp(t), v),
                    (None, Some(h)) => head.append_histogram(series, Timestamp(t), h, None),
                    (None, None) => Ok(()),
                };
            }
        }
        head
    }

    /// What has to be said of it.
    fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        for (id, problem) in &self.failed {
            let name = self.names.get(id).map_or("", String::as_str);
            notes.push(Note {
                message: format!("Series of {name} are missing: {}", problem.message),
                hint: problem.hint.clone(),
                ..Note::default()
            });
        }
        if self.n_left_out > 0 {
            notes.push(Note {
                message: format!(
                    "{} samples are left out: at most {} of {} series are fetched for one panel.",
                    grouped(self.n_left_out),
                    grouped(MAX_GATHERED_SAMPLES),
                    grouped(MAX_GATHERED_SERIES as u64)
                ),
                hint: "Narrow the range, or add a matcher.".to_owned(),
                ..Note::default()
            });
        }
        notes
    }
}

/// Series that have such a label of their own keep it under another name, as in a scrape.
fn with_source(labels: &Labels, source: &str) -> Labels {
    let mut builder = LabelsBuilder::new();
    for (name, value) in labels {
        builder.set(if name == SOURCE_LABEL { "exported_source" } else { name }, value);
    }
    builder.set(SOURCE_LABEL, source);
    builder.labels()
}

impl Worker {
    /// Fetches what the selectors of the expressions find on each source.
    pub(super) fn ask_all(&mut self, run: &mut RemoteRun) {
        let sources: Vec<(SourceId, String)> =
            self.sources.list.iter().map(|source| (source.id, source.status.spec.name.clone())).collect();
        run.gathered.names = sources.iter().cloned().collect();
        let mut fetches: Vec<SelectorFetch> = Vec::new();
        let mut grids = vec![run.asked.grid];
        grids.extend(run.asked.previous());
        let expressions: Vec<(u16, String)> =
            run.asked.expressions().map(|(idx, text)| (idx, text.to_owned())).collect();
        for (query_idx, text) in expressions {
            // What cannot be read is told by the evaluation.
            let Ok(expr) = promql::parse_strict(&text, &tsdb::validate_regex) else { continue };
            for grid in &grids {
                match plan(&expr, *grid) {
                    Ok(found) => {
                        for fetch in found {
                            if !fetches.iter().any(|one| one.matchers == fetch.matchers && one.range == fetch.range) {
                                fetches.push(fetch);
                            }
                        }
                    }
                    Err(problem) => run.fail(query_idx, problem),
                }
            }
        }
        if fetches.len() * sources.len().max(1) > MAX_GATHERED_PARTS {
            run.fail(0, Problem {
                message: format!(
                    "{} selectors on {} sources are more than the {MAX_GATHERED_PARTS} questions that are asked for one panel.",
                    fetches.len(),
                    sources.len()
                ),
                hint: "Use fewer expressions, or choose one source.".to_owned(),
                ..Problem::default()
            });
            return;
        }
        for fetch in fetches {
            let (matchers, of_source) = fetch.split_label(SOURCE_LABEL);
            let Ok(of_source) = of_source.iter().map(CompiledMatcher::new).collect::<Result<Vec<_>, _>>() else {
                continue;
            };
            let is_meant = |name: &str| of_source.iter().all(|matcher| matcher.matches(name));
            if is_meant(TAB) {
                run.gathered.local.push((matchers.clone(), fetch.range));
            }
            for (id, _) in sources.iter().filter(|(_, name)| is_meant(name)) {
                let Some(source) = self.sources.get(*id) else { continue };
                let request = ApiRequest::raw(&matchers, fetch.range, &source.ask(MAX_QUERY));
                let limits = ReadLimits {
                    max_series: MAX_GATHERED_SERIES,
                    max_samples: MAX_GATHERED_SAMPLES,
                    ..ReadLimits::default()
                };
                self.ask_part_of(run, *id, &request, Some((Shape::Instant, limits)), PartKind::Raw(fetch.range));
            }
        }
    }

    /// All series are there: the engine's turn.
    pub(super) fn evaluate_gathered(&mut self, mut run: RemoteRun) {
        if let Some((_, problem)) = run.failed.first() {
            let event = failed(run.asked.panel, run.asked.generation, problem.clone());
            self.tell(event);
            return;
        }
        run.gathered.add_local(&self.head);
        let mut warnings = run.gathered.notes();
        warnings.append(&mut run.warnings);
        let beside =
            Beside { head: Some(Box::new(run.gathered.into_head())), warnings, infos: run.infos, compared: None };
        self.panels.evaluate(run.request, beside);
    }
}

fn plan(expr: &Expr, grid: model::StepGrid) -> Result<Vec<SelectorFetch>, Problem> {
    let lookback = engine::Options::default().lookback_delta;
    fetch_plan(expr, grid, lookback, &FetchLimits::default()).map(|plan| plan.selectors).map_err(|error| {
        let span = match &error {
            PlanError::Duration(span) | PlanError::Incomplete(span) => span,
            PlanError::TooManySelectors { span, .. } | PlanError::TooLong { span, .. } => span,
        };
        Problem {
            message: problem::sentence(&error.to_string()),
            hint: "Choose one source: then the server evaluates, and no raw samples are fetched.".to_owned(),
            span: Some(WireSpan { start: span.start as u32, end: span.end as u32 }),
            ..Problem::default()
        }
    })
}
