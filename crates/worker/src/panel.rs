//! Queries of panels: only the newest of each is evaluated, in slices, so that everything else is heard meanwhile.
//!
//! Most queries take a few milliseconds and are evaluated whole. One that does not end within
//! [`FIRST_SLICE_MS`] is cut into slices of steps; between two of them the driver lets messages, timers and
//! fetches run. A newer request of the same panel, or a cancel, ends it there.

use crate::limits::{FIRST_SLICE_MS, MAX_QUERY, MAX_TABLE_ROWS, MAX_TABLE_SAMPLES, MAX_WAITING_PANELS, SLICE_MS};
use crate::problem;
use crate::state::Worker;
use engine::{
    Annotations, EvalError, EvalErrorKind, Interrupt, Limits, Matrix, Options, Point, QueryOutput, Value, evaluate,
};
use frame::{Frame, FrameSeries, SeriesStats, Source, decimate::decimate};
use model::number::grouped;
use model::{Labels, Millis, StepGrid, TimeRange, Timestamp, is_stale};
use promql::Expr;
use protocol::{
    Event, Extras, Generation, GraphAnswer, Note, Origin, PanelId, Problem, QueryKind, QueryRequest, QueryStats, Row,
    SeriesSamples, TableAnswer, TableResult,
};
use std::collections::VecDeque;

/// Milliseconds of a clock that only goes forward.
pub type Clock<'a> = &'a dyn Fn() -> f64;

/// The queries that wait, and the one that runs.
#[derive(Debug, Default)]
pub(crate) struct Panels {
    /// At most one a panel, the oldest first.
    waiting: VecDeque<QueryRequest>,
    running: Option<Run>,
}

/// A query that is being evaluated.
#[derive(Debug)]
struct Run {
    request: QueryRequest,
    expr: Expr,
    /// All steps; one for an instant query.
    grid: StepGrid,
    /// The range of the whole query, for `@ start()`.
    whole: TimeRange,
    /// Steps that are done.
    n_done: usize,
    /// Steps of the next slice.
    slice: usize,
    matrix: Matrix,
    annotations: Annotations,
    n_samples: u64,
    started_ms: f64,
}

impl Panels {
    /// Takes a query; one of the same panel that waits or runs is forgotten. The answer is an event where there is
    /// no room.
    pub(crate) fn put(&mut self, request: QueryRequest) -> Option<Event> {
        self.forget(request.panel);
        if self.waiting.len() >= MAX_WAITING_PANELS {
            let problem = Problem {
                message: format!("More than {MAX_WAITING_PANELS} queries wait."),
                hint: "Close some panels.".to_owned(),
                ..Problem::default()
            };
            return Some(failed(&request, problem));
        }
        self.waiting.push_back(request);
        None
    }

    /// Forgets what a panel waits for; the answer is its generation, if there was something.
    pub(crate) fn cancel(&mut self, panel: PanelId) -> Option<Generation> {
        self.forget(panel)
    }

    fn forget(&mut self, panel: PanelId) -> Option<Generation> {
        let mut generation = None;
        if let Some(run) = self.running.take_if(|run| run.request.panel == panel) {
            generation = Some(run.request.generation);
        }
        self.waiting.retain(|waiting| {
            let is_it = waiting.panel == panel;
            if is_it {
                generation = Some(waiting.generation);
            }
            !is_it
        });
        generation
    }
}

impl Worker {
    /// Evaluates a slice of the query that runs, or begins the next one. The answer is whether there is more to do.
    pub fn step_query(&mut self, now: Timestamp, clock: Clock<'_>) -> bool {
        let run = match self.panels.running.take() {
            Some(run) => run,
            None => {
                let Some(request) = self.panels.waiting.pop_front() else {
                    return false;
                };
                match Run::begin(request, now, clock()) {
                    Ok(run) => run,
                    Err(event) => {
                        self.tell(*event);
                        return !self.panels.waiting.is_empty();
                    }
                }
            }
        };
        match run.step(&self.head, clock) {
            Progress::More(run) => self.panels.running = Some(*run),
            Progress::Done(event) => self.tell(*event),
        }
        self.panels.running.is_some() || !self.panels.waiting.is_empty()
    }
}

enum Progress {
    More(Box<Run>),
    Done(Box<Event>),
}

impl Run {
    fn begin(request: QueryRequest, now: Timestamp, started_ms: f64) -> Result<Self, Box<Event>> {
        let expr = match promql::parse_strict(&request.expr, &tsdb::validate_regex) {
            Ok(expr) => expr,
            Err(diagnostics) => return Err(Box::new(failed(&request, problem::of_diagnostics(&diagnostics)))),
        };
        let grid = match &request.kind {
            QueryKind::Instant { at_ms } => StepGrid { start: at_ms.map_or(now, Timestamp), step: Millis(1), len: 1 },
            QueryKind::Range { end_ms, range_ms, step, .. } => {
                let step = step.step_ms(*range_ms);
                // A refresh moves the grid by whole steps, so that points do not change their places. The last one is
                // less than a step ahead: what was scraped a moment ago is in it.
                let end = end_ms.unwrap_or_else(|| now.0.saturating_add(step - 1).div_euclid(step) * step);
                let span = (*range_ms).max(0) / step * step;
                StepGrid::new(Timestamp(end.saturating_sub(span)), Timestamp(end), Millis(step))
            }
        };
        let whole = TimeRange { start: grid.start, end: grid.end() };
        Ok(Run {
            request,
            expr,
            grid,
            whole,
            n_done: 0,
            slice: grid.len,
            matrix: Matrix::default(),
            annotations: Annotations::default(),
            n_samples: 0,
            started_ms,
        })
    }

    fn step(mut self, head: &tsdb::Head, clock: Clock<'_>) -> Progress {
        let is_range = matches!(self.request.kind, QueryKind::Range { .. });
        let slice_started = clock();
        let n_steps = self.slice.min(self.grid.len - self.n_done).max(1);
        let deadline = self.started_ms + MAX_QUERY.0 as f64;
        // The last unit of work cannot be cut smaller; only the whole query's time bounds it.
        let may_cut = is_range && n_steps > 1;
        let slice_ms = if n_steps == self.grid.len { FIRST_SLICE_MS } else { SLICE_MS };
        let interrupted = || {
            let now = clock();
            if now > deadline {
                Some(Interrupt::TimedOut(MAX_QUERY))
            } else if may_cut && now - slice_started > slice_ms {
                Some(Interrupt::Cancelled)
            } else {
                None
            }
        };
        let defaults = Limits::default();
        let limits = Limits { max_samples: defaults.max_samples.saturating_sub(self.n_samples), ..defaults };
        let options = Options { limits, interrupted: Some(&interrupted), ..Options::default() };
        // A slice has fewer steps than the whole, so the bound of steps is met here or never.
        if self.grid.len > limits.max_steps {
            let kind = EvalErrorKind::TooManySteps { found: self.grid.len, max: limits.max_steps };
            let error = EvalError { kind, span: self.expr.span() };
            return self.fail(&error, 0.0);
        }
        let part = StepGrid { start: self.grid.time(self.n_done), step: self.grid.step, len: n_steps };
        match evaluate(head, &self.expr, part, self.whole, is_range, &options) {
            Ok(output) => self.took(output, n_steps, slice_started, clock),
            Err(EvalError { kind: EvalErrorKind::Interrupted(Interrupt::Cancelled), .. }) => {
                self.slice = (n_steps / 8).max(1);
                Progress::More(Box::new(self))
            }
            Err(mut error) => {
                if let EvalErrorKind::TooManySamples(limit) = &mut error.kind {
                    *limit = defaults.max_samples;
                }
                let after_ms = clock() - self.started_ms;
                self.fail(&error, after_ms)
            }
        }
    }

    fn took(mut self, output: QueryOutput, n_steps: usize, slice_started: f64, clock: Clock<'_>) -> Progress {
        self.n_samples += output.stats.n_samples;
        self.annotations.merge(output.annotations);
        let QueryKind::Range { width_px, max_series, .. } = self.request.kind else {
            return Progress::Done(Box::new(self.table(output.value, clock)));
        };
        if let Value::Matrix(matrix) = output.value {
            self.matrix.append_steps(matrix);
        }
        self.n_done += n_steps;
        let bytes = self.matrix.series.len() * self.grid.len * 8;
        let max_bytes = Limits::default().max_bytes;
        if bytes > max_bytes {
            let error = EvalError { kind: EvalErrorKind::TooManyBytes(max_bytes), span: self.expr.span() };
            let after_ms = clock() - self.started_ms;
            return self.fail(&error, after_ms);
        }
        if self.n_done < self.grid.len {
            if clock() - slice_started < SLICE_MS / 4.0 {
                self.slice *= 2;
            }
            return Progress::More(Box::new(self));
        }
        Progress::Done(Box::new(self.graph(width_px, max_series as usize, clock)))
    }

    fn fail(self, error: &EvalError, after_ms: f64) -> Progress {
        Progress::Done(Box::new(failed(&self.request, problem::of_evaluation(error, after_ms))))
    }

    fn graph(self, width_px: u32, max_series: usize, clock: Clock<'_>) -> Event {
        let n_series_total = self.matrix.series.len();
        let n_histograms = self.matrix.series.iter().filter(|s| !s.histograms.is_empty()).count();
        // A line of a histogram has no points: it would stand in the legend for nothing.
        let shown = self.matrix.series.into_iter().filter(|s| s.values.iter().any(|v| !is_stale(*v)));
        let shown = shown.take(max_series);
        let series = shown.map(|series| FrameSeries {
            source: Source::default(),
            labels: series.labels,
            stats: SeriesStats::of(&series.values),
            points: decimate(&self.grid, series.values, width_px),
        });
        let frame = Frame { grid: self.grid, series: series.collect(), n_series_total, ..Frame::default() };
        let ms = clock() - self.started_ms;
        let mut infos = notes(&self.annotations.infos);
        infos.extend(not_drawn(n_histograms));
        Event::Graph(GraphAnswer {
            panel: self.request.panel,
            generation: self.request.generation,
            expr: self.request.expr,
            extras: Extras::default(),
            failed: Vec::new(),
            start_ms: self.grid.start.0,
            end_ms: self.grid.end().0,
            step_ms: self.grid.step.0,
            frame,
            warnings: notes(&self.annotations.warnings),
            infos,
            stats: QueryStats {
                ms,
                n_samples: self.n_samples,
                n_series: n_series_total as u32,
                n_steps_evaluated: self.grid.len as u32,
            },
        })
    }

    fn table(self, value: Value, clock: Clock<'_>) -> Event {
        let (result, n_series, capped) = table_of(value);
        let mut infos = notes(&self.annotations.infos);
        infos.extend(capped);
        Event::Table(TableAnswer {
            panel: self.request.panel,
            generation: self.request.generation,
            expr: self.request.expr,
            at_ms: self.grid.start.0,
            result,
            warnings: notes(&self.annotations.warnings),
            infos,
            stats: QueryStats {
                ms: clock() - self.started_ms,
                n_samples: self.n_samples,
                n_series: n_series as u32,
                n_steps_evaluated: self.grid.len as u32,
            },
        })
    }
}

/// The rows that the page gets, how many series there are, and what to say if not all of them are there.
fn table_of(value: Value) -> (TableResult, usize, Option<Note>) {
    match value {
        Value::Scalar { v } => (TableResult::Scalar { v }, 1, None),
        Value::String(text) => (TableResult::String { text }, 1, None),
        Value::Vector(rows) => {
            let n_series = rows.len();
            let rows = rows.into_iter().take(MAX_TABLE_ROWS).map(|(labels, point)| row(&labels, &point));
            (TableResult::Vector { rows: rows.collect() }, n_series, capped(n_series))
        }
        Value::Samples(all) => {
            let n_series = all.len();
            let mut room = MAX_TABLE_SAMPLES;
            let mut series = Vec::new();
            for one in all.into_iter().take(MAX_TABLE_ROWS) {
                let n = one.samples.len();
                if n > room {
                    break;
                }
                room -= n;
                series.push(samples(&one.labels, one.samples));
            }
            let said = (series.len() < n_series).then(|| cut(series.len(), n_series));
            (TableResult::Matrix { series }, n_series, said)
        }
        Value::Matrix(matrix) => {
            // Only a range query gives one.
            let first = |s: engine::MatrixSeries| {
                let point = match s.histograms.get(0) {
                    Some(h) => Point::Histogram(h.clone()),
                    None => Point::Float(*s.values.first()?),
                };
                Some(row(&s.labels, &point))
            };
            let rows: Vec<Row> = matrix.series.into_iter().filter_map(first).take(MAX_TABLE_ROWS).collect();
            let n_series = rows.len();
            (TableResult::Vector { rows }, n_series, None)
        }
    }
}

/// What to say of histograms that a graph of lines leaves out.
fn not_drawn(n_histograms: usize) -> Option<Note> {
    (n_histograms > 0).then(|| Note {
        message: format!("{} series are native histograms, which lines cannot show.", grouped(n_histograms as u64)),
        hint: "See them in the table, or draw a quantile of them: histogram_quantile(0.9, …).".to_owned(),
        span: None,
        query_idx: 0,
    })
}

/// Raw samples of a series, floats and histograms in the order of their times.
fn samples(labels: &Labels, samples: tsdb::SampleBuf) -> SeriesSamples {
    let tsdb::SampleBuf { ts, vs, histograms, .. } = samples;
    let labels = pairs(labels);
    if histograms.is_empty() {
        return SeriesSamples { labels, ts: ts.iter().map(|&t| t as f64).collect(), vs, texts: Vec::new() };
    }
    let mut all: Vec<(i64, f64, Option<String>)> = ts.into_iter().zip(vs).map(|(t, v)| (t, v, None)).collect();
    let shown = histograms.ts.iter().zip(&histograms.hs).filter(|(_, h)| !h.is_stale());
    all.extend(shown.map(|(&t, h)| (t, h.count, Some(h.to_string()))));
    model::sort::by_key(&mut all, |(t, _, _)| *t);
    let texts = all.iter().enumerate().filter_map(|(idx, (_, _, text))| Some((idx as u32, text.clone()?))).collect();
    let (ts, vs) = all.iter().map(|(t, v, _)| (*t as f64, *v)).unzip();
    SeriesSamples { labels, ts, vs, texts }
}

fn row(labels: &Labels, point: &Point) -> Row {
    match point {
        Point::Float(v) => Row { labels: pairs(labels), v: *v, text: None },
        Point::Histogram(h) => Row { labels: pairs(labels), v: h.count, text: Some(h.to_string()) },
    }
}

fn capped(n_series: usize) -> Option<Note> {
    (n_series > MAX_TABLE_ROWS).then(|| cut(MAX_TABLE_ROWS, n_series))
}

fn cut(n_shown: usize, n_series: usize) -> Note {
    Note {
        message: format!("Showing {} of {} series.", grouped(n_shown as u64), grouped(n_series as u64)),
        hint: "Add a matcher, or aggregate, to see all.".to_owned(),
        span: None,
        query_idx: 0,
    }
}

fn pairs(labels: &Labels) -> Vec<(String, String)> {
    labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn notes(annotations: &[engine::Annotation]) -> Vec<Note> {
    annotations.iter().map(|one| problem::note(one, 0)).collect()
}

fn failed(request: &QueryRequest, problem: Problem) -> Event {
    Event::Failed { origin: Origin::Panel { panel: request.panel, generation: request.generation }, problem }
}
