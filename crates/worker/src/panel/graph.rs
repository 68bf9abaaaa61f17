//! A range query: all its expressions one after the other, then what is drawn beside them.

use super::asked::Asked;
use super::kept::Kept;
use super::part::{Part, Progress, Timing};
use super::picture::Picture;
use super::{Beside, Clock, Compared, Ran, Run, exemplars, failed, marks, notes};
use crate::limits::{FIRST_SLICE_MS, MAX_EXPRESSIONS, MAX_MARKS};
use crate::problem;
use crate::target::Target;
use frame::{FrameExemplar, Mark, Source, merged_marks};
use model::{Matrix, MetricFamily};
use promql::Expr;
use protocol::{Comparison, Event, GraphAnswer, Note, Problem, QueryStats};
use std::collections::{BTreeMap, VecDeque};
use tsdb::{Changes, Head};

/// What a graph is about.
pub(super) struct World<'a> {
    pub(super) head: &'a Head,
    pub(super) targets: &'a [Target],
    /// Families that no target describes now.
    pub(super) families: &'a BTreeMap<String, MetricFamily>,
}

/// A range query that is being evaluated.
#[derive(Debug)]
pub(super) struct GraphRun {
    pub(super) asked: Asked,
    /// What is still to be evaluated; the first one may have begun.
    parts: VecDeque<Part>,
    /// Expressions that were evaluated.
    exprs: Vec<(u16, Expr)>,
    /// Expressions that could not be, the first one first.
    failed: Vec<(u16, Problem)>,
    picture: Picture,
    warnings: Vec<Note>,
    infos: Vec<Note>,
    stats: QueryStats,
    started_ms: f64,
    /// The samples, where they are not those of this tab.
    head: Option<Box<Head>>,
    /// They are: results hold for the next request, too.
    is_own: bool,
    compared: Option<Box<Compared>>,
}

impl GraphRun {
    /// Reads the expressions. An event if none of them can be evaluated.
    pub(super) fn begin(asked: Asked, beside: Beside, kept: &mut Kept, started_ms: f64) -> Result<Self, Box<Event>> {
        let mut run = GraphRun::new(asked, started_ms);
        let Beside { head, warnings, infos, compared } = beside;
        run.is_own = head.is_none();
        (run.head, run.warnings, run.infos, run.compared) = (head, warnings, infos, compared);
        if run.compared.is_some() {
            run.asked.extras.previous_ms = None;
        }
        let Asked { panel, grid, .. } = run.asked;
        // Beside the answer of a server there is no room for a third line.
        let previous = run.asked.previous().filter(|_| run.compared.is_none());
        let expressions: Vec<(u16, String)> =
            run.asked.expressions().map(|(idx, text)| (idx, text.to_owned())).collect();
        for (n, (query_idx, text)) in expressions.into_iter().enumerate() {
            if n >= MAX_EXPRESSIONS {
                run.failed.push((query_idx, too_many_expressions()));
                continue;
            }
            let expr = match promql::parse_strict(&text, &tsdb::validate_regex) {
                Ok(expr) => expr,
                Err(errors) => {
                    run.failed.push((query_idx, problem::of_diagnostics(&errors)));
                    continue;
                }
            };
            let source = Source { query_idx, is_previous: false };
            run.parts.push_back(Part::range(source, text.clone(), expr.clone(), grid));
            if let Some(grid) = previous {
                run.parts.push_back(Part::range(Source { is_previous: true, ..source }, text, expr, grid));
            }
        }
        for part in run.parts.iter_mut().filter(|_| run.is_own) {
            kept.use_for(panel, part);
        }
        // What is left is of expressions that the panel no longer shows.
        kept.forget(panel);
        run.picture.frame.grid = grid;
        if !run.parts.is_empty() {
            return Ok(run);
        }
        let problem = match run.failed.into_iter().next() {
            Some((_, problem)) => problem,
            // Nothing at all is what the parser has a sentence for.
            None => problem::of_diagnostics(&promql::parse_strict("", &tsdb::validate_regex).err().unwrap_or_default()),
        };
        Err(Box::new(failed(panel, run.asked.generation, problem)))
    }

    fn new(asked: Asked, started_ms: f64) -> Self {
        GraphRun {
            parts: VecDeque::new(),
            exprs: Vec::new(),
            failed: Vec::new(),
            picture: Picture::default(),
            warnings: Vec::new(),
            infos: Vec::new(),
            stats: QueryStats::default(),
            started_ms,
            head: None,
            is_own: true,
            compared: None,
            asked,
        }
    }

    /// The samples of elsewhere are lent to each slice.
    pub(super) fn take_head(&mut self) -> Option<Box<Head>> {
        self.head.take()
    }

    /// Gives them back.
    pub(super) fn put_head(&mut self, head: Option<Box<Head>>) {
        self.head = head;
    }

    /// The answer of a server, on which nothing is to be evaluated here. `ms` is how long it took.
    pub(super) fn answered(
        asked: Asked,
        matrices: Vec<(Source, Matrix)>,
        failed: Vec<(u16, Problem)>,
        (warnings, infos): (Vec<Note>, Vec<Note>),
        exemplars: Vec<FrameExemplar>,
        ms: f64,
    ) -> Event {
        let mut run = GraphRun::new(asked, 0.0);
        (run.failed, run.warnings, run.infos) = (failed, warnings, infos);
        run.picture.frame.grid = run.asked.grid;
        // A server may have steps of its own; those of the first expression are the picture's.
        if let Some((_, first)) = matrices.first() {
            run.picture.frame.grid = first.grid;
            run.asked.grid = first.grid;
        }
        for (of, matrix) in matrices {
            if matrix.grid == run.asked.grid {
                run.picture.add(&run.asked, of, &matrix);
            } else {
                let message = "The server answered at other times than the first expression has.".to_owned();
                run.warnings.push(Note { message, query_idx: of.query_idx, ..Note::default() });
            }
        }
        run.picture.frame.exemplars = exemplars;
        run.event(None, ms)
    }

    /// Evaluates until it takes long.
    pub(super) fn step(mut self: Box<Self>, world: &World<'_>, kept: &mut Kept, clock: Clock<'_>) -> Ran {
        let timing = Timing::new(clock, self.started_ms);
        while let Some(part) = self.parts.front_mut() {
            match part.step(world.head, &timing) {
                Ok(Progress::More) => return Ran::More(Run::Graph(self)),
                Ok(Progress::Done(_)) => self.took(kept),
                Err(problem) => self.part_failed(problem),
            }
            if timing.elapsed_ms() > FIRST_SLICE_MS {
                return Ran::More(Run::Graph(self));
            }
        }
        Ran::Done(Box::new(self.answer(world, clock)))
    }

    /// What was stored and dropped since the last slice.
    pub(super) fn changed(&mut self, changes: &Changes) {
        self.parts.iter_mut().for_each(|part| part.changed(changes));
    }

    /// Another request came: keeps what was evaluated for it.
    pub(super) fn give_up(self: Box<Self>, kept: &mut Kept) {
        for part in self.parts.into_iter().filter(|_| self.is_own) {
            kept.put(self.asked.panel, part);
        }
    }

    fn took(&mut self, kept: &mut Kept) {
        let Some(part) = self.parts.pop_front() else { return };
        let source = part.source;
        self.picture.add(&self.asked, source, &part.matrix);
        if let Some(there) = self.compared.as_mut().and_then(|compared| compared.take(source.query_idx, &part.matrix)) {
            // Steps of its own have no place in the picture; the comparison counts those that both have.
            if there.grid == self.asked.grid {
                self.picture.add(&self.asked, Source { is_previous: true, ..source }, &there);
            }
        }
        self.count(&part);
        if !source.is_previous {
            self.exprs.push((source.query_idx, part.expr.clone()));
        }
        for (list, annotations) in
            [(&mut self.warnings, &part.annotations.warnings), (&mut self.infos, &part.annotations.infos)]
        {
            // Of the period before mostly the same is to be said.
            list.extend(notes(annotations, source.query_idx));
            dedup(list);
        }
        if self.is_own {
            kept.put(self.asked.panel, part);
        }
    }

    fn part_failed(&mut self, problem: Problem) {
        let Some(part) = self.parts.pop_front() else { return };
        self.count(&part);
        let query_idx = part.source.query_idx;
        if part.source.is_previous {
            let message = format!("The period before could not be evaluated: {}", problem.message);
            self.warnings.push(Note { message, hint: problem.hint, span: problem.span, query_idx });
            return;
        }
        self.failed.push((query_idx, problem));
        // Without the one there is nothing to compare the other with.
        self.parts.retain(|other| other.source.query_idx != query_idx);
    }

    fn count(&mut self, part: &Part) {
        self.stats.n_samples += part.n_samples;
        self.stats.n_steps_evaluated = self.stats.n_steps_evaluated.saturating_add(part.n_evaluated as u32);
    }

    fn answer(mut self: Box<Self>, world: &World<'_>, clock: Clock<'_>) -> Event {
        let Asked { panel, generation, grid, width_px, .. } = self.asked;
        model::sort::by_key(&mut self.failed, |(query_idx, _)| *query_idx);
        if self.exprs.is_empty()
            && let Some((_, problem)) = self.failed.first()
        {
            return failed(panel, generation, problem.clone());
        }
        let mut all_marks: Vec<Mark> = Vec::new();
        if self.asked.extras.exemplars {
            self.picture.frame.exemplars = exemplars::of(world.head, &self.exprs, &grid);
        }
        if self.asked.extras.marks {
            let (marks, note) = marks::of(world, &self.exprs, &grid, width_px);
            all_marks.extend(marks);
            self.infos.extend(note);
        }
        let comparison = self.compared.take().map(|mut compared| {
            self.warnings.append(&mut compared.warnings);
            self.infos.append(&mut compared.infos);
            let (comparison, marks) = compared.finish();
            all_marks.extend(merged_marks(marks, &grid, width_px, MAX_MARKS));
            comparison
        });
        model::sort::by_key(&mut all_marks, |mark| (mark.at_ms, mark.kind));
        self.picture.frame.marks = all_marks;
        let ms = clock() - self.started_ms;
        self.event(comparison, ms)
    }

    fn event(mut self, comparison: Option<Comparison>, ms: f64) -> Event {
        let Asked { panel, generation, grid, source, .. } = self.asked;
        let frame = self.picture.frame;
        self.infos.extend(self.picture.infos);
        model::sort::by_key(&mut self.infos, |note| note.query_idx);
        let stats = QueryStats { ms, n_series: self.picture.n_series as u32, ..self.stats };
        Event::Graph(GraphAnswer {
            panel,
            generation,
            expr: self.asked.expr,
            source,
            extras: self.asked.extras,
            failed: self.failed,
            start_ms: grid.start.0,
            end_ms: grid.end().0,
            step_ms: grid.step.0,
            frame,
            warnings: self.warnings,
            infos: self.infos,
            stats,
            comparison: comparison.map(Box::new),
        })
    }
}

/// Leaves out what was said already.
fn dedup(notes: &mut Vec<Note>) {
    let mut known: Vec<Note> = Vec::with_capacity(notes.len());
    for note in notes.drain(..) {
        if !known.contains(&note) {
            known.push(note);
        }
    }
    *notes = known;
}

fn too_many_expressions() -> Problem {
    Problem {
        message: format!("A graph shows at most {MAX_EXPRESSIONS} expressions."),
        hint: "Remove some, or add a panel for them.".to_owned(),
        ..Problem::default()
    }
}
