//! Panels whose samples are on servers: what is asked of them, and the picture or table of what they answer.
//!
//! A run of one panel waits for all its answers; a newer request of the panel gives it up. A server's answer to a range query takes the same way to the
//! page as an evaluation here: [`Picture`]. What is evaluated here of samples from elsewhere is in [`gather`](super::gather), what is compared in
//! [`compare`](super::compare).

use super::asked::Asked;
use super::compare::Compared;
use super::gather::Gathered;
use super::graph::GraphRun;
use super::{failed, table};
use crate::limits::{MAX_EXPRESSIONS, MAX_GRAPH_EXEMPLARS, MAX_QUERY};
use crate::problem;
use crate::source::remote::question::Outcome;
use crate::state::Worker;
use engine::{RawSeries, Value};
use frame::{FrameExemplar, Source, thinned_exemplars};
use model::{Labels, Matrix, Timestamp};
use promapi::reply::Exemplars;
use promapi::{Answer, ApiEndpoint, ApiRequest, Data, Offer, ReadLimits, Shape, read_reply};
use protocol::{Event, Note, PanelId, Problem, QueryKind, QueryRequest, QueryStats, SourceChoice, SourceId};

/// The label that tells series of several sources apart.
pub(crate) const SOURCE_LABEL: &str = "source";

/// What this tab is called among several sources.
pub(crate) const TAB: &str = "tab";

/// What one answer is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PanelPart {
    /// Which panel waits.
    pub(crate) panel: PanelId,
    /// Who is asked.
    pub(crate) source: SourceId,
    pub(super) what: PartKind,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum PartKind {
    /// An expression on the grid, or on that of the period before.
    Range(Source),
    /// The expression at one time.
    Instant,
    /// Exemplars of an expression.
    Exemplars(u16),
    /// Raw samples.
    Raw(model::TimeRange),
}

/// What a panel waits for.
#[derive(Debug)]
pub(super) struct RemoteRun {
    pub(super) asked: Asked,
    /// The same, to be evaluated here once all is there; its times are fixed.
    pub(super) request: QueryRequest,
    /// The servers whose answers are awaited, as often as answers are.
    pub(super) waits_for: Vec<SourceId>,
    pub(super) matrices: Vec<(Source, Matrix)>,
    pub(super) value: Option<(Value, Option<i64>)>,
    pub(super) failed: Vec<(u16, Problem)>,
    exemplars: Vec<FrameExemplar>,
    pub(super) warnings: Vec<Note>,
    pub(super) infos: Vec<Note>,
    pub(super) gathered: Gathered,
    began: Timestamp,
}

impl RemoteRun {
    pub(super) fn new(request: QueryRequest, now: Timestamp) -> Self {
        let asked = Asked::of(request.clone(), now);
        let mut request = request;
        match &mut request.kind {
            QueryKind::Instant { at_ms } => *at_ms = Some(asked.grid.start.0),
            QueryKind::Range { end_ms, .. } => *end_ms = Some(asked.grid.end().0),
        }
        RemoteRun {
            asked,
            request,
            waits_for: Vec::new(),
            matrices: Vec::new(),
            value: None,
            failed: Vec::new(),
            exemplars: Vec::new(),
            warnings: Vec::new(),
            infos: Vec::new(),
            gathered: Gathered::default(),
            began: now,
        }
    }

    fn is_table(&self) -> bool {
        matches!(self.request.kind, QueryKind::Instant { .. })
    }

    pub(super) fn fail(&mut self, query_idx: u16, problem: Problem) {
        if !self.failed.iter().any(|(idx, _)| *idx == query_idx) {
            self.failed.push((query_idx, problem));
        }
    }

    /// What a server remarks on an answer.
    pub(super) fn remark(&mut self, answer: &Answer, query_idx: u16) {
        let note = |message: String, hint: &str| Note { message, hint: hint.to_owned(), span: None, query_idx };
        self.warnings.extend(answer.warnings.iter().map(|text| note(problem::sentence(text), "")));
        self.infos.extend(answer.infos.iter().map(|text| note(problem::sentence(text), "")));
        if answer.is_partial {
            let text = "Not all stores behind the server answered: some samples are missing.".to_owned();
            self.warnings.push(note(text, "Look at the state of the server's cluster."));
        }
        if answer.n_left_out > 0 {
            let n = model::number::grouped(answer.n_left_out);
            self.infos.push(note(
                format!("The server answered {n} values at times that were not asked for; they are left out."),
                "",
            ));
        }
        if answer.n_bad_histograms > 0 {
            let n = model::number::grouped(answer.n_bad_histograms);
            self.warnings.push(note(
                format!("{n} native histograms of the server have buckets that fit no schema; they are left out."),
                "",
            ));
        }
    }

    fn took(&mut self, what: PartKind, source: SourceId, outcome: Result<Outcome, Problem>) {
        let wrong = || Problem {
            message: "The server answered with another kind of value than was asked for.".to_owned(),
            ..Problem::default()
        };
        match (what, outcome) {
            (PartKind::Range(of), Ok(Outcome::Query(answer))) => {
                self.remark(&answer, of.query_idx);
                match answer.data {
                    Data::Matrix(matrix) => self.matrices.push((of, moved(matrix, of, &self.asked))),
                    _ => self.fail(of.query_idx, wrong()),
                }
            }
            (PartKind::Range(of), Err(problem)) if of.is_previous => {
                let message = format!("The period before could not be evaluated: {}", problem.message);
                let query_idx = of.query_idx;
                self.warnings.push(Note { message, hint: problem.hint, span: problem.span, query_idx });
            }
            (PartKind::Range(of), Err(problem)) => self.fail(of.query_idx, problem),
            (PartKind::Instant, Ok(Outcome::Query(answer))) => {
                self.remark(&answer, 0);
                self.value = Some(value_of(answer.data));
            }
            (PartKind::Instant, Err(problem)) => self.fail(0, problem),
            (PartKind::Exemplars(query_idx), outcome) => {
                let reply = match outcome {
                    Ok(Outcome::Whole(reply)) => read_reply::<Exemplars>(&reply).ok(),
                    _ => None,
                };
                match reply {
                    Some(reply) => self.exemplars.extend(exemplars_of(reply.data, query_idx)),
                    None => self.infos.push(Note {
                        message: "The server gave no exemplars.".to_owned(),
                        hint: "It has them only where they are stored: Prometheus has a feature flag for that."
                            .to_owned(),
                        span: None,
                        query_idx,
                    }),
                }
            }
            (PartKind::Raw(range), Ok(Outcome::Query(answer))) => {
                self.remark(&answer, 0);
                if let Data::Samples(series) = answer.data {
                    self.gathered.add(source, series, range);
                }
            }
            (PartKind::Raw(_), Err(problem)) => self.gathered.failed(source, problem),
            (PartKind::Range(Source { query_idx, .. }), Ok(Outcome::Whole(_))) => self.fail(query_idx, wrong()),
            (PartKind::Instant | PartKind::Raw(_), Ok(Outcome::Whole(_))) => self.fail(0, wrong()),
        }
    }

    /// The answer, where the server evaluated.
    fn answer(mut self, now: Timestamp) -> Event {
        let ms = (now - self.began).0 as f64;
        let Asked { panel, generation, .. } = self.asked;
        model::sort::by_key(&mut self.failed, |(query_idx, _)| *query_idx);
        if self.is_table() {
            return match (self.value, self.failed.into_iter().next()) {
                (Some((value, at_ms)), _) => {
                    let at_ms = at_ms.unwrap_or(self.asked.grid.start.0);
                    let stats = QueryStats { ms, ..QueryStats::default() };
                    table::answer(
                        self.asked,
                        value,
                        at_ms,
                        table::Remarks { warnings: self.warnings, infos: self.infos, comparison: None },
                        stats,
                    )
                }
                (None, Some((_, problem))) => failed(panel, generation, problem),
                (None, None) => failed(panel, generation, nothing_to_ask()),
            };
        }
        if self.matrices.iter().all(|(of, _)| of.is_previous) {
            let problem = self.failed.into_iter().next().map_or_else(nothing_to_ask, |(_, problem)| problem);
            return failed(panel, generation, problem);
        }
        model::sort::by_key(&mut self.matrices, |(of, _)| (of.query_idx, of.is_previous));
        if self.asked.extras.marks {
            self.infos.push(Note {
                message: "Events are marked only on what this tab scraped.".to_owned(),
                hint: "A server does not tell of them.".to_owned(),
                ..Note::default()
            });
        }
        let exemplars = thinned_exemplars(self.exemplars, &self.asked.grid, MAX_GRAPH_EXEMPLARS);
        GraphRun::answered(self.asked, self.matrices, self.failed, (self.warnings, self.infos), exemplars, ms)
    }
}

impl Worker {
    /// A panel's question to servers. Whatever the panel waited for before is given up.
    pub(crate) fn ask_remote(&mut self, request: QueryRequest, now: Timestamp) {
        let Some(request) = self.sources.hold(request) else { return };
        let (panel, source) = (request.panel, request.source);
        let mut run = RemoteRun::new(request, now);
        match source {
            SourceChoice::Remote(id) | SourceChoice::Compare(id) => self.ask_one(&mut run, id),
            SourceChoice::All => self.ask_all(&mut run),
            SourceChoice::Local => {}
        }
        let is_done = run.waits_for.is_empty();
        self.panels.remote.push(run);
        if is_done {
            self.finish_remote(panel, now);
        }
    }

    /// Lets one server evaluate all expressions.
    fn ask_one(&mut self, run: &mut RemoteRun, id: SourceId) {
        let Some(source) = self.sources.get(id) else {
            run.fail(0, gone());
            return;
        };
        let ask = source.ask(MAX_QUERY);
        let has_exemplars =
            source.server.as_ref().is_none_or(|server| server.offers(ApiEndpoint::Exemplars) != Offer::No);
        let is_compared = matches!(run.asked.source, SourceChoice::Compare(_));
        let (grid, previous) = (run.asked.grid, run.asked.previous().filter(|_| !is_compared));
        let mut parts: Vec<(ApiRequest, Option<Shape>, PartKind)> = Vec::new();
        if run.is_table() {
            // The server's own clock says what "now" is, unless two are to say the same.
            let time = run.asked.at_ms.map(Timestamp).or(is_compared.then_some(grid.start));
            parts.push((ApiRequest::query(&run.asked.expr, time, &ask), Some(Shape::Instant), PartKind::Instant));
        } else {
            for (n, (query_idx, text)) in run.asked.expressions().enumerate() {
                if n >= MAX_EXPRESSIONS {
                    break;
                }
                let mut range = |grid, is_previous| {
                    let request = ApiRequest::query_range(text, grid, &ask);
                    let of = Source { query_idx, is_previous };
                    parts.push((request, Some(Shape::Range(grid)), PartKind::Range(of)));
                };
                range(grid, false);
                if let Some(previous) = previous {
                    range(previous, true);
                }
                if run.asked.extras.exemplars && has_exemplars && !is_compared {
                    let range = model::TimeRange { start: grid.start, end: grid.end() };
                    parts.push((ApiRequest::exemplars(text, range, &ask), None, PartKind::Exemplars(query_idx)));
                }
            }
        }
        for (request, shape, what) in parts {
            self.ask_part_of(run, id, &request, shape.map(|shape| (shape, ReadLimits::default())), what);
        }
    }

    /// Puts one question of a run.
    pub(super) fn ask_part_of(
        &mut self,
        run: &mut RemoteRun,
        id: SourceId,
        request: &ApiRequest,
        shape: Option<(Shape, ReadLimits)>,
        what: PartKind,
    ) {
        let part = PanelPart { panel: run.asked.panel, source: id, what };
        match self.ask_for_panel(id, request, shape, part) {
            Ok(()) => run.waits_for.push(id),
            Err(problem) => run.took(what, id, Err(problem)),
        }
    }

    /// Takes in an answer for a panel.
    pub(crate) fn part_came(&mut self, part: PanelPart, outcome: Result<Outcome, Problem>, now: Timestamp) {
        let PanelPart { panel, source, what } = part;
        let Some(run) = self.panels.remote.iter_mut().find(|run| run.asked.panel == panel) else { return };
        if let Some(at) = run.waits_for.iter().position(|id| *id == source) {
            run.waits_for.swap_remove(at);
        }
        run.took(what, source, outcome);
        if run.waits_for.is_empty() {
            self.finish_remote(panel, now);
        }
    }

    /// All answers are there.
    fn finish_remote(&mut self, panel: PanelId, now: Timestamp) {
        let Some(at) = self.panels.remote.iter().position(|run| run.asked.panel == panel) else { return };
        let run = self.panels.remote.swap_remove(at);
        match run.asked.source {
            SourceChoice::Remote(_) | SourceChoice::Local => {
                let event = run.answer(now);
                self.tell(event);
            }
            SourceChoice::Compare(_) => match Compared::of(run) {
                Ok((request, compared)) => self.panels.evaluate_beside(request, compared),
                Err(event) => self.tell(*event),
            },
            SourceChoice::All => self.evaluate_gathered(run),
        }
    }

    /// The panels that wait for a source.
    pub(crate) fn panels_waiting_for(&self, id: SourceId) -> Vec<PanelId> {
        let waiting = self.panels.remote.iter().filter(|run| run.waits_for.contains(&id));
        waiting.map(|run| run.asked.panel).collect()
    }

    /// A source that a panel waited for was removed or changed.
    pub(crate) fn source_went(&mut self, panel: PanelId) {
        self.sources.withdraw_panel(panel);
        let Some(at) = self.panels.remote.iter().position(|run| run.asked.panel == panel) else { return };
        let run = self.panels.remote.swap_remove(at);
        self.tell(failed(panel, run.asked.generation, gone()));
    }
}

/// The period before is drawn on the steps of now.
fn moved(matrix: Matrix, of: Source, asked: &Asked) -> Matrix {
    if of.is_previous && matrix.grid.len == asked.grid.len { Matrix { grid: asked.grid, ..matrix } } else { matrix }
}

/// A value as an evaluation here would give it, and its time.
fn value_of(data: Data) -> (Value, Option<i64>) {
    match data {
        Data::Scalar { t, v } => (Value::Scalar { v }, Some(t.0)),
        Data::String { t, text } => (Value::String(text), Some(t.0)),
        Data::Vector(rows) => {
            let at_ms = rows.first().map(|(_, t, _)| t.0);
            (Value::Vector(rows.into_iter().map(|(labels, _, point)| (labels, point)).collect()), at_ms)
        }
        Data::Samples(series) => {
            let newest = series.iter().filter_map(|one| one.ts.last().copied()).max();
            (Value::Samples(series.into_iter().map(raw_of).collect()), newest)
        }
        Data::Matrix(matrix) => (Value::Matrix(matrix), None),
    }
}

fn raw_of(series: promapi::RawSeries) -> RawSeries {
    let mut samples = tsdb::SampleBuf { ts: series.ts, vs: series.vs, ..tsdb::SampleBuf::default() };
    for (t, h) in series.histograms {
        samples.histograms.ts.push(t);
        samples.histograms.hs.push(h);
    }
    RawSeries { labels: series.labels, samples }
}

fn exemplars_of(exemplars: Exemplars, query_idx: u16) -> impl Iterator<Item = FrameExemplar> {
    let of_series = move |series: promapi::reply::ExemplarSeries| {
        let labels: Labels = series.labels;
        series.exemplars.into_iter().filter(|one| one.v.is_finite()).map(move |one| FrameExemplar {
            query_idx,
            series: labels.clone(),
            labels: one.labels,
            t: one.t.0 as f64,
            v: one.v,
        })
    };
    exemplars.0.into_iter().flat_map(of_series)
}

pub(super) fn gone() -> Problem {
    Problem {
        message: "The source of this panel was changed or removed.".to_owned(),
        hint: "Run the query again, or choose another source.".to_owned(),
        ..Problem::default()
    }
}

/// What the parser says of nothing at all.
pub(super) fn nothing_to_ask() -> Problem {
    problem::of_diagnostics(&promql::parse_strict("", &tsdb::validate_regex).err().unwrap_or_default())
}
