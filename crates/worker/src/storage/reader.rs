//! A tab that reads along: it knows what the owner scrapes, follows what it writes, and asks it for what only it can do.

use crate::state::Worker;
use crate::storage::restoring::Restoring;
use crate::tabs::Word;
use journal::{DiskOp, Follower};
use model::Timestamp;
use protocol::{ConfigNews, ConfigRequest, Event, Request, StorageRole, TargetId, TargetSpec, TargetStatus, Via};
use std::collections::BTreeMap;

/// What is kept of appends that came while the files were being read.
const MAX_PENDING: usize = 10_000;

/// What a reader knows of the owner.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The owner's targets, as it told them last.
    targets: Vec<TargetStatus>,
    /// What is to be scraped once this tab owns the store.
    wanted: BTreeMap<TargetId, TargetSpec>,
    /// Follows the log; `None` while the files are read.
    follower: Option<Follower>,
    /// What was written meanwhile, each with the bytes of its file before.
    pending: Vec<(u64, DiskOp)>,
}

/// What the driver has to do after another tab said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing but what it always does.
    Nothing,
    /// Read the files (again): something was missed.
    ReadAgain,
    /// Write what there is, let go of files and lock, and read along from now on.
    LetGo,
}

impl Worker {
    /// Another tab is about to get the store: what is going on ends, so that it can be written.
    pub fn will_let_go(&mut self, now: Timestamp) {
        self.end_import(true, now);
    }

    /// Another tab owns the store.
    pub fn becomes_reader(&mut self, now: Timestamp) {
        self.end_import(true, now);
        self.storage.status.role = StorageRole::Reader { is_answered: false };
        self.storage.is_patient = true;
        self.storage.status.trouble = None;
        self.storage.journal = None;
        self.storage.queue.clear();
        self.storage.reader.follower = None;
        self.head.record(false);
        let held = std::mem::take(&mut self.storage.held);
        held.into_iter().for_each(|event| self.tell(event));
        // They go on being scraped by the tab that asked for the store: no series ends here.
        let targets = std::mem::take(&mut self.targets);
        let is_own = |target: &&crate::target::Target| target.schedule.is_some() && !target.status.is_configured;
        self.let_go_of_config();
        for target in targets.iter().filter(is_own) {
            self.storage.reader.wanted.insert(target.id, target.status.spec.clone());
        }
        if !targets.is_empty() {
            self.storage.reader.targets = targets.iter().map(crate::target::Target::status).collect();
        }
        self.say(Word::WhoOwns);
    }

    /// The owner did not answer in time.
    pub fn nobody_answers(&mut self) {
        self.storage.is_patient = false;
    }

    /// The files were read; what the owner wrote meanwhile is taken in behind them. [`Heard::ReadAgain`] if that does
    /// not fit.
    pub fn read_along(&mut self, restoring: Restoring, took_ms: f64, now: Timestamp) -> Heard {
        let Some(follower) = self.follows(restoring, took_ms, now) else { return Heard::Nothing };
        self.storage.reader.follower = Some(follower);
        let pending = std::mem::take(&mut self.storage.reader.pending);
        let fits = pending.into_iter().all(|(at, op)| self.follow(at, op));
        if fits { Heard::Nothing } else { Heard::ReadAgain }
    }

    /// The files are about to be read (again): what is written from now on is kept.
    pub fn will_read_along(&mut self) {
        self.storage.reader.follower = None;
        self.storage.reader.pending.clear();
    }

    /// Whether another tab has the store.
    #[must_use]
    pub fn is_reader(&self) -> bool {
        self.storage.is_reader()
    }

    /// Whether the owner said that it is there.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.storage.status.role == StorageRole::Reader { is_answered: true }
    }

    /// Takes in what another tab said.
    pub fn hear(&mut self, word: Word, now: Timestamp) -> Heard {
        let role = self.storage.status.role;
        // Also said to a tab that is not yet the owner: then it hears of that later.
        self.storage.has_readers |= word == Word::WhoOwns;
        match (word, role) {
            (Word::WhoOwns, StorageRole::Owner) => {
                let targets = self.targets.iter().map(crate::target::Target::status).collect();
                self.say(Word::Own(targets));
                self.retell_config();
            }
            (Word::LetGo, StorageRole::Owner) => return Heard::LetGo,
            // Two tabs of a browser without locks: the one that came later reads along.
            (Word::Own(_), StorageRole::Owner) if !self.storage.status.has_locks => return Heard::LetGo,
            (Word::Asked(request), StorageRole::Owner) => self.handle(request, now),
            (Word::Own(targets), StorageRole::Reader { is_answered }) => {
                self.storage.status.role = StorageRole::Reader { is_answered: true };
                self.owner_scrapes(targets);
                if !is_answered {
                    return Heard::ReadAgain;
                }
            }
            (Word::Wrote { at, op }, StorageRole::Reader { .. }) => {
                return if self.follow(at, op) { Heard::Nothing } else { Heard::ReadAgain };
            }
            (Word::Told(Event::Targets { targets }), StorageRole::Reader { .. }) => self.owner_scrapes(targets),
            (Word::Told(event), StorageRole::Reader { .. }) => {
                if let Event::Config(ConfigNews::Status(status)) = &event {
                    self.owner_runs_config(status);
                }
                self.untold();
                self.tell(event);
            }
            _ => {}
        }
        Heard::Nothing
    }

    /// Whether an event of the owner concerns the pages of all tabs.
    #[must_use]
    pub fn is_for_all(&self, event: &Event) -> bool {
        use protocol::Origin;
        self.storage.has_readers
            && matches!(
                event,
                Event::Targets { .. }
                    | Event::Scraped { .. }
                    | Event::RawBody { .. }
                    | Event::Linted { .. }
                    | Event::History(_)
                    | Event::Diff(_)
                    | Event::Config(_)
                    | Event::Failed { origin: Origin::Target { .. }, .. }
            )
    }

    /// What a reader does itself; everything else is asked of the owner.
    pub(crate) fn hand_on(&mut self, request: Request) -> Option<Request> {
        if !self.storage.is_reader() {
            return Some(request);
        }
        match &request {
            Request::AddTarget { id, spec } => {
                let is_known = self.storage.reader.targets.iter().any(|target| target.id == *id);
                self.storage.reader.wanted.entry(*id).or_insert_with(|| spec.clone());
                if is_known || !self.is_answered() {
                    return None;
                }
            }
            Request::UpdateTarget { id, spec } => {
                self.storage.reader.wanted.insert(*id, spec.clone());
            }
            Request::RemoveTarget { id } => {
                self.storage.reader.wanted.remove(id);
            }
            Request::Config(ConfigRequest::Check { .. }) => return Some(request),
            Request::Config(ConfigRequest::Load(text)) => self.configs.wanted = Some(text.clone()),
            Request::Config(ConfigRequest::Remove) => self.configs.wanted = None,
            Request::Config(_)
            | Request::ScrapeNow { .. }
            | Request::Upload(_)
            | Request::RawBody { .. }
            | Request::Lint { .. }
            | Request::History { .. }
            | Request::Mark { .. }
            | Request::Diff(_)
            | Request::ClearStore => {}
            _ => return Some(request),
        }
        self.say(Word::Asked(request));
        None
    }

    /// The targets that the page of a reader sees.
    pub(crate) fn targets_of_owner(&self) -> Option<Vec<TargetStatus>> {
        self.storage.is_reader().then(|| self.storage.reader.targets.clone())
    }

    /// What is to be scraped by a reader that becomes the owner.
    pub(super) fn take_wanted(&mut self) -> Vec<(TargetId, TargetSpec)> {
        self.storage.reader.targets.clear();
        std::mem::take(&mut self.storage.reader.wanted).into_iter().collect()
    }

    fn owner_scrapes(&mut self, targets: Vec<TargetStatus>) {
        let scraped = targets.iter().filter(|target| target.via != Some(Via::Pasted) && !target.is_configured);
        self.storage.reader.wanted = scraped.map(|target| (target.id, target.spec.clone())).collect();
        self.storage.reader.targets = targets;
        self.tell_targets();
    }

    /// Takes in what the owner wrote; `false` if something before it is missing.
    fn follow(&mut self, at: u64, op: DiskOp) -> bool {
        let reader = &mut self.storage.reader;
        let Some(follower) = &mut reader.follower else {
            if reader.pending.len() < MAX_PENDING {
                reader.pending.push((at, op));
            }
            return true;
        };
        if let DiskOp::Append { file, bytes } = &op {
            let known = self.storage.files.get(file).copied().unwrap_or(0);
            if at + bytes.len() as u64 <= known {
                return true;
            }
            if at != known {
                return false;
            }
        }
        if follower.apply(&mut self.head, &op).is_err() {
            return false;
        }
        // They change with new targets only, and come whole in most cases.
        if follower.families().len() != self.storage.families.len() {
            self.storage.families.clone_from(follower.families());
        }
        self.storage.did(&op);
        self.storage.count_files();
        self.untold();
        true
    }
}
