//! Queries of panels: only the newest of each is evaluated, in slices, so that everything else is heard meanwhile.
//!
//! Most queries take a few milliseconds and are evaluated whole. One that does not end within
//! [`FIRST_SLICE_MS`](crate::limits::FIRST_SLICE_MS) is cut into slices of steps; between two of them the driver lets
//! messages, timers and fetches run. A newer request of the same panel, or a cancel, ends it there.
//!
//! In reading order: [`asked`] (what a request comes to: the steps), [`part`] (one expression on them), [`graph`] (all of
//! them, one after the other), [`picture`] (what is drawn of their results), [`concerned`], [`exemplars`] and [`marks`]
//! (what is drawn beside them), [`table`] (the answer at one time), [`kept`] and [`stable`] (results that the next request
//! of the panel need not evaluate again), [`remote`] (what servers evaluate), [`gather`] (what is evaluated here of their
//! samples), [`compare`] (where both differ).

mod asked;
mod compare;
mod concerned;
mod exemplars;
mod gather;
mod graph;
mod kept;
mod marks;
mod part;
mod picture;
pub(crate) mod remote;
mod stable;
mod table;

use crate::limits::MAX_WAITING_PANELS;
use crate::problem;
use crate::state::Worker;
use asked::Asked;
use compare::Compared;
use graph::GraphRun;
use kept::Kept;
use model::Timestamp;
use part::{Part, Progress, Timing};
use protocol::{Event, Generation, Note, Origin, PanelId, Problem, QueryKind, QueryRequest, QueryStats};
use remote::RemoteRun;
use std::collections::VecDeque;
use tsdb::Head;

/// Milliseconds of a clock that only goes forward.
pub type Clock<'a> = &'a dyn Fn() -> f64;

/// The queries that wait, the one that runs, and what is kept of those that ran.
#[derive(Debug, Default)]
pub(crate) struct Panels {
    /// At most one a panel, the oldest first.
    waiting: VecDeque<(QueryRequest, Beside)>,
    running: Option<Run>,
    kept: Kept,
    /// Those that wait for servers, at most one a panel.
    remote: Vec<RemoteRun>,
}

/// What an evaluation needs that is not of this tab.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// In place of the store of this tab.
    head: Option<Box<Head>>,
    /// To be said with the answer.
    warnings: Vec<Note>,
    infos: Vec<Note>,
    /// What a server says of the same.
    compared: Option<Box<Compared>>,
}

/// A query that is being evaluated.
#[derive(Debug)]
enum Run {
    Table(Box<TableRun>),
    Graph(Box<GraphRun>),
}

/// An instant query that is being evaluated.
#[derive(Debug)]
struct TableRun {
    asked: Asked,
    part: Part,
    beside: Beside,
    started_ms: f64,
}

impl Run {
    fn asked(&self) -> &Asked {
        match self {
            Run::Table(run) => &run.asked,
            Run::Graph(run) => &run.asked,
        }
    }
}

/// How far a query is after a slice.
enum Ran {
    More(Run),
    Done(Box<Event>),
}

impl Panels {
    /// Takes a query; one of the same panel that waits or runs is forgotten. The answer is an event where there is
    /// no room.
    pub(crate) fn put(&mut self, request: QueryRequest) -> Option<Event> {
        if let Some(Run::Graph(run)) = self.running.take_if(|run| run.asked().panel == request.panel) {
            // The next one may go on where it is.
            run.give_up(&mut self.kept);
        }
        self.forget(request.panel);
        if self.waiting.len() >= MAX_WAITING_PANELS {
            let problem = Problem {
                message: format!("More than {MAX_WAITING_PANELS} queries wait."),
                hint: "Close some panels.".to_owned(),
                ..Problem::default()
            };
            return Some(failed(request.panel, request.generation, problem));
        }
        self.waiting.push_back((request, Beside::default()));
        None
    }

    /// Evaluates what could not be before something came from elsewhere.
    fn evaluate(&mut self, request: QueryRequest, beside: Beside) {
        self.waiting.push_back((request, beside));
    }

    /// Evaluates what a server did, too.
    fn evaluate_beside(&mut self, request: QueryRequest, compared: Compared) {
        self.evaluate(request, Beside { compared: Some(Box::new(compared)), ..Beside::default() });
    }

    /// Forgets what a panel waits for, and its results; the answer is its generation, if it waits for something.
    pub(crate) fn cancel(&mut self, panel: PanelId) -> Option<Generation> {
        self.kept.forget(panel);
        self.forget(panel)
    }

    /// Forgets what a panel waits for; what it was answered may be used again.
    pub(crate) fn forget(&mut self, panel: PanelId) -> Option<Generation> {
        let mut generation = None;
        if let Some(at) = self.remote.iter().position(|run| run.asked.panel == panel) {
            generation = Some(self.remote.swap_remove(at).asked.generation);
        }
        if let Some(run) = self.running.take_if(|run| run.asked().panel == panel) {
            generation = Some(run.asked().generation);
        }
        self.waiting.retain(|(waiting, _)| {
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
        // Before a result is used or added to: what was stored since then may be about its steps.
        let changes = self.head.take_changes();
        self.panels.kept.changed(&changes);
        if let Some(Run::Graph(run)) = &mut self.panels.running {
            run.changed(&changes);
        }
        let run = match self.panels.running.take() {
            Some(run) => run,
            None => {
                let Some((request, beside)) = self.panels.waiting.pop_front() else {
                    return false;
                };
                match self.begin_query(request, beside, now, clock()) {
                    Ok(run) => run,
                    Err(event) => {
                        self.tell(*event);
                        return !self.panels.waiting.is_empty();
                    }
                }
            }
        };
        match self.slice(run, clock) {
            Ran::More(run) => self.panels.running = Some(run),
            Ran::Done(event) => self.tell(*event),
        }
        self.panels.running.is_some() || !self.panels.waiting.is_empty()
    }

    fn begin_query(
        &mut self,
        request: QueryRequest,
        beside: Beside,
        now: Timestamp,
        started_ms: f64,
    ) -> Result<Run, Box<Event>> {
        let is_range = matches!(request.kind, QueryKind::Range { .. });
        let asked = Asked::of(request, now);
        if is_range {
            let run = GraphRun::begin(asked, beside, &mut self.panels.kept, started_ms);
            return run.map(|run| Run::Graph(Box::new(run)));
        }
        self.panels.kept.forget(asked.panel);
        match promql::parse_strict(&asked.expr, &tsdb::validate_regex) {
            Ok(expr) => {
                let part = Part::instant(expr, asked.grid);
                Ok(Run::Table(Box::new(TableRun { asked, part, beside, started_ms })))
            }
            Err(errors) => Err(Box::new(failed(asked.panel, asked.generation, problem::of_diagnostics(&errors)))),
        }
    }

    fn slice(&mut self, run: Run, clock: Clock<'_>) -> Ran {
        let mut run = match run {
            Run::Graph(mut run) => {
                let own = run.take_head();
                let head = own.as_deref().unwrap_or(&self.head);
                let world = graph::World { head, targets: &self.targets, families: &self.storage.families };
                return match run.step(&world, &mut self.panels.kept, clock) {
                    Ran::More(Run::Graph(mut run)) => {
                        run.put_head(own);
                        Ran::More(Run::Graph(run))
                    }
                    ran => ran,
                };
            }
            Run::Table(run) => run,
        };
        let head = run.beside.head.as_deref().unwrap_or(&self.head);
        match run.part.step(head, &Timing::new(clock, run.started_ms)) {
            Ok(Progress::More) => Ran::More(Run::Table(run)),
            Ok(Progress::Done(value)) => {
                let ms = clock() - run.started_ms;
                Ran::Done(Box::new(run.answer(value, ms)))
            }
            Err(problem) => Ran::Done(Box::new(failed(run.asked.panel, run.asked.generation, problem))),
        }
    }
}

impl TableRun {
    fn answer(self, value: engine::Value, ms: f64) -> Event {
        let TableRun { asked, part, beside, .. } = self;
        let Beside { mut warnings, mut infos, compared, .. } = beside;
        warnings.extend(notes(&part.annotations.warnings, 0));
        infos.extend(notes(&part.annotations.infos, 0));
        let comparison = compared.map(|mut compared| {
            compared.take_value(&value, part.grid.start);
            warnings.append(&mut compared.warnings);
            infos.append(&mut compared.infos);
            compared.finish().0
        });
        let stats = QueryStats { ms, n_samples: part.n_samples, n_steps_evaluated: 1, ..QueryStats::default() };
        let remarks = table::Remarks { warnings, infos, comparison };
        table::answer(asked, value, part.grid.start.0, remarks, stats)
    }
}

fn notes(annotations: &[engine::Annotation], query_idx: u16) -> Vec<Note> {
    annotations.iter().map(|one| problem::note(one, query_idx)).collect()
}

fn failed(panel: PanelId, generation: Generation, problem: Problem) -> Event {
    Event::Failed { origin: Origin::Panel { panel, generation }, problem }
}
