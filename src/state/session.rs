//! What the worker told this page since it was opened. Views read it; only the client writes it,
//! event by event, so that what is shown is always something the worker said.

use crate::live::memo;
use crate::state::config::Config;
use crate::state::diagnoses::Diagnoses;
use crate::state::exports::Exports;
use crate::state::imports::Imports;
use leptos::prelude::*;
use protocol::{
    DiffAnswer, Event, FamilyDetails, FamilyInfo, Generation, GraphAnswer, LintReport, Losses, Origin, PanelId,
    Problem, ReportAnswer, ReportKind, SourceId, SourceStatus, StorageStatus, StoreStatus, TableAnswer, TargetHistory,
    TargetId, TargetStatus,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Whether the worker is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum WorkerState {
    /// Its module is being fetched and compiled.
    #[default]
    Starting,
    /// It listens.
    Ready,
    /// It cannot work; the sentence says why and what to do.
    Failed(String),
}

/// Where the relay is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayState {
    /// It answered under the page's origin.
    pub available: bool,
    /// Its version, if it answered.
    pub version: Option<String>,
}

/// The body of a target's last scrape.
#[derive(Clone, Debug, PartialEq)]
pub struct RawBody {
    /// Of which target.
    pub id: TargetId,
    /// Content-Type of the answer.
    pub content_type: Option<String>,
    /// When it was fetched.
    pub at_ms: Option<i64>,
    /// Its first megabytes.
    pub body: Vec<u8>,
    /// Its whole length.
    pub body_bytes: u64,
    /// It was protobuf, and `body` is a text that says the same.
    pub is_decoded: bool,
}

/// The newest answers to one panel's queries.
#[derive(Clone)]
pub struct PanelAnswers {
    /// The newest picture. An older one stays until the next is there.
    pub graph: ArcRwSignal<Option<Arc<GraphAnswer>>>,
    /// The newest table.
    pub table: ArcRwSignal<Option<Arc<TableAnswer>>>,
    /// Why the newest request failed; `None` if it did not.
    pub problem: ArcRwSignal<Option<Problem>>,
    /// The newest request that was answered, well or not.
    pub answered: ArcRwSignal<Generation>,
}

impl PanelAnswers {
    fn new() -> Self {
        PanelAnswers {
            graph: ArcRwSignal::new(None),
            table: ArcRwSignal::new(None),
            problem: ArcRwSignal::new(None),
            answered: ArcRwSignal::new(0),
        }
    }

    /// Whether an answer is news; marks it as the newest if so.
    fn accept(&self, generation: Generation) -> bool {
        let is_new = generation >= self.answered.get_untracked();
        if is_new {
            self.answered.set(generation);
        }
        is_new
    }
}

/// All that is known; cheap to copy, as every part is a signal of its own.
#[derive(Clone, Copy)]
pub struct Session {
    /// Whether the worker is there.
    pub worker: RwSignal<WorkerState>,
    /// All targets, in the order in which they were added.
    pub targets: RwSignal<Vec<TargetStatus>>,
    /// All metric families, sorted by name.
    pub families: RwSignal<Arc<Vec<FamilyInfo>>>,
    /// How full the store is.
    pub store: RwSignal<StoreStatus>,
    /// Where samples are kept, and by which tab.
    pub storage: RwSignal<StorageStatus>,
    /// Where the relay is; `None` until the worker has looked.
    pub relay: RwSignal<Option<RelayState>>,
    /// Target and time of the newest samples.
    pub scraped: RwSignal<Option<(TargetId, i64)>>,
    /// What was lost so far.
    pub losses: RwSignal<Losses>,
    /// The check of a body that was asked for last; none if there is no body.
    pub linted: RwSignal<Option<(TargetId, Option<Arc<LintReport>>)>>,
    /// The scrapes of a target that were asked for last.
    pub history: RwSignal<Option<Arc<TargetHistory>>>,
    /// The difference of two scrapes that was asked for last.
    pub diff: RwSignal<Option<Arc<DiffAnswer>>>,
    /// The details of a family that were asked for last.
    pub family: RwSignal<Option<Arc<FamilyDetails>>>,
    /// The body that was asked for last.
    pub raw_body: RwSignal<Option<Arc<RawBody>>>,
    /// What the worker could not do with a target it was given: its address makes no sense, an upload is no
    /// metrics text. A new request for the target clears it.
    pub refused: RwSignal<BTreeMap<TargetId, Problem>>,
    /// What the doctor was asked, and found.
    pub diagnoses: Diagnoses,
    /// How the servers are that are asked, in the order in which they were added.
    pub sources: RwSignal<Vec<SourceStatus>>,
    /// What servers said of themselves last.
    pub reports: RwSignal<BTreeMap<(SourceId, ReportKind), Arc<ReportAnswer>>>,
    /// What they were asked and have not answered yet. The page writes what it asks.
    pub asked_reports: RwSignal<BTreeSet<(SourceId, ReportKind)>>,
    /// Files that were imported.
    pub imports: Imports,
    /// The file that is exported.
    pub exports: Exports,
    /// The configuration that runs.
    pub config: Config,
    /// What went wrong with the worker itself, until the user has read it.
    pub worker_problem: RwSignal<Option<Problem>>,
    panels: StoredValue<BTreeMap<PanelId, PanelAnswers>>,
}

impl Session {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Session {
            worker: RwSignal::new(WorkerState::Starting),
            targets: RwSignal::new(Vec::new()),
            families: RwSignal::new(Arc::new(Vec::new())),
            store: RwSignal::new(StoreStatus::default()),
            storage: RwSignal::new(StorageStatus::default()),
            relay: RwSignal::new(None),
            scraped: RwSignal::new(None),
            losses: RwSignal::new(Losses::default()),
            linted: RwSignal::new(None),
            history: RwSignal::new(None),
            diff: RwSignal::new(None),
            family: RwSignal::new(None),
            raw_body: RwSignal::new(None),
            refused: RwSignal::new(BTreeMap::new()),
            diagnoses: Diagnoses::new(),
            sources: RwSignal::new(Vec::new()),
            reports: RwSignal::new(BTreeMap::new()),
            asked_reports: RwSignal::new(BTreeSet::new()),
            imports: Imports::new(),
            exports: Exports::new(),
            config: Config::new(),
            worker_problem: RwSignal::new(None),
            panels: StoredValue::new(BTreeMap::new()),
        }
    }

    /// The answers of a panel; they are kept until [`Session::forget`].
    #[must_use]
    pub fn panel(&self, id: PanelId) -> PanelAnswers {
        self.panels
            .try_update_value(|panels| panels.entry(id).or_insert_with(PanelAnswers::new).clone())
            .unwrap_or_else(PanelAnswers::new)
    }

    /// Drops the answers of a panel that was closed for good.
    pub fn forget(&self, id: PanelId) {
        self.panels.update_value(|panels| {
            panels.remove(&id);
        });
    }

    /// One target as it is now. Only changes of this one are heard.
    #[must_use]
    pub fn target(&self, id: TargetId) -> Memo<Option<TargetStatus>> {
        let targets = self.targets;
        memo(move |_| targets.with(|targets| targets.iter().find(|target| target.id == id).cloned()))
    }

    /// Takes in what the worker said. Answers to older requests than the newest answered one are dropped.
    pub fn fold(&self, event: Event) {
        match event {
            Event::Ready { .. } => self.worker.set(WorkerState::Ready),
            Event::Targets { targets } => self.targets.set(targets),
            Event::Families { families } => self.families.set(Arc::new(families)),
            Event::Store(status) => self.store.set(status),
            Event::Storage(status) => self.storage.set(*status),
            Event::Relay { available, version } => self.relay.set(Some(RelayState { available, version })),
            Event::Scraped { id, at_ms } => self.scraped.set(Some((id, at_ms))),
            Event::Graph(answer) => {
                let panel = self.panel(answer.panel);
                if panel.accept(answer.generation) {
                    panel.problem.set(None);
                    panel.graph.set(Some(Arc::new(answer)));
                }
            }
            Event::Table(answer) => {
                let panel = self.panel(answer.panel);
                if panel.accept(answer.generation) {
                    panel.problem.set(None);
                    panel.table.set(Some(Arc::new(answer)));
                }
            }
            Event::Diagnosis(news) => self.diagnoses.fold(news),
            Event::Import(news) => self.imports.fold(news),
            Event::Export(news) => self.exports.fold(news),
            Event::Config(news) => self.config.fold(news),
            Event::Sources { sources } => {
                let is_there = |id: &SourceId| sources.iter().any(|source| source.id == *id);
                self.reports.update(|reports| reports.retain(|(id, _), _| is_there(id)));
                self.asked_reports.update(|asked| asked.retain(|(id, _)| is_there(id)));
                self.sources.set(sources);
            }
            Event::Report(answer) => {
                let key = (answer.source, answer.what);
                self.asked_reports.update(|asked| {
                    asked.remove(&key);
                });
                self.reports.update(|reports| {
                    reports.insert(key, Arc::from(answer));
                });
            }
            // The client hands these to whoever asked.
            Event::LookedUp { .. } | Event::Recognised { .. } => {}
            Event::RawBody { id, content_type, at_ms, body, body_bytes, is_decoded } => {
                let body = RawBody { id, content_type, at_ms, body, body_bytes, is_decoded };
                self.raw_body.set(Some(Arc::new(body)));
            }
            Event::Losses(losses) => self.losses.set(losses),
            Event::Linted { id, report } => self.linted.set(Some((id, report.map(Arc::new)))),
            Event::History(history) => self.history.set(Some(Arc::new(history))),
            Event::Diff(answer) => self.diff.set(Some(Arc::from(answer))),
            Event::Family(details) => self.family.set(Some(Arc::new(details))),
            Event::Failed { origin: Origin::Panel { panel, generation }, problem } => {
                let panel = self.panel(panel);
                if panel.accept(generation) {
                    panel.problem.set(Some(problem));
                }
            }
            Event::Failed { origin: Origin::Target { id }, problem } => {
                self.refused.update(|refused| {
                    refused.insert(id, problem);
                });
            }
            Event::Failed { origin: Origin::Worker, problem } => self.worker_problem.set(Some(problem)),
        }
    }
}

impl Default for Session {
    fn default() -> Self {
        Session::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::QueryStats;

    fn table(generation: Generation, at_ms: i64) -> Event {
        Event::Table(TableAnswer {
            source: protocol::SourceChoice::Local,
            comparison: None,
            panel: PanelId(1),
            generation,
            expr: "1".to_owned(),
            at_ms,
            result: protocol::TableResult::Scalar { v: 1.0 },
            warnings: Vec::new(),
            infos: Vec::new(),
            stats: QueryStats::default(),
        })
    }

    #[test]
    fn an_older_answer_never_replaces_a_newer_one() {
        let owner = Owner::new();
        owner.set();
        let session = Session::new();
        session.fold(table(2, 20));
        session.fold(table(1, 10));
        let answers = session.panel(PanelId(1));
        assert_eq!(answers.table.get_untracked().map(|t| t.at_ms), Some(20));
        let origin = Origin::Panel { panel: PanelId(1), generation: 3 };
        session.fold(Event::Failed { origin, problem: Problem::default() });
        assert!(answers.problem.get_untracked().is_some() && answers.table.get_untracked().is_some());
        session.fold(table(4, 40));
        assert!(answers.problem.get_untracked().is_none());
    }
}
