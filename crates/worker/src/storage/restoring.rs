//! Reading what was stored: the driver brings the files, in the order in which they are wanted.

use crate::state::Worker;
use crate::storage::{options, uploads};
use crate::tabs::Word;
use crate::target::Target;
use journal::{Follower, Refused, Restore, RestoreReport};
use model::Timestamp;
use protocol::{Request, Restored, StorageRole, StorageTrouble, TroubleKind};
use std::collections::BTreeMap;
use tsdb::{Head, HeadOptions};

/// A store that is being read, into a head of its own: until all of it is there, queries see the one before.
#[derive(Debug)]
pub struct Restoring {
    head: Head,
    restore: Restore,
    /// Files with the bytes that were read of them.
    files: BTreeMap<String, u64>,
    uploads: Vec<Vec<u8>>,
    waiting: Vec<String>,
    all: Vec<(String, u64)>,
    n_done: u64,
    n_bytes: u64,
}

impl Restoring {
    /// Nothing is read yet of these files with these sizes.
    #[must_use]
    pub fn new(files: Vec<(String, u64)>) -> Self {
        let n_bytes = files.iter().map(|(_, bytes)| bytes).sum();
        let names = files.iter().map(|(name, _)| name.clone());
        let (waiting, names) = names.partition(|name: &String| name.starts_with(uploads::PREFIX));
        Restoring {
            head: Head::new(HeadOptions::default()),
            restore: Restore::new(names, options()),
            files: BTreeMap::new(),
            uploads: Vec::new(),
            waiting,
            all: files,
            n_done: 0,
            n_bytes,
        }
    }

    /// The file that is wanted next; `None` when all are read.
    #[must_use]
    pub fn next_file(&self) -> Option<String> {
        self.restore.next_file().map(str::to_owned).or_else(|| self.waiting.last().cloned())
    }

    /// The bytes of the file that was wanted.
    pub fn file(&mut self, name: &str, bytes: Vec<u8>) {
        self.n_done += bytes.len() as u64;
        self.files.insert(name.to_owned(), bytes.len() as u64);
        if self.restore.next_file() == Some(name) {
            self.restore.file(&mut self.head, &bytes);
        } else {
            self.waiting.retain(|waiting| waiting != name);
            self.uploads.push(bytes);
        }
    }

    /// Bytes that were read, and bytes of all files.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        (self.n_done, self.n_bytes.max(self.n_done))
    }
}

impl Worker {
    /// This tab has the store, and all of it was read.
    pub fn owns(&mut self, restoring: Restoring, took_ms: f64, now: Timestamp) {
        let Restoring { mut head, restore, files, all, uploads, n_done, .. } = restoring;
        let wanted = self.take_wanted();
        self.storage.status.role = StorageRole::Owner;
        self.storage.files = files;
        match restore.finish(&mut head) {
            Ok((journal, report, ops)) => {
                self.storage.families = journal.families().clone();
                self.storage.journal = Some(journal);
                self.storage.queue = ops.into();
                self.has_restored(head, &report, n_done, took_ms);
                self.restore_uploads(&uploads);
            }
            // What is there belongs to the newer one; here is memory.
            Err(refused) => {
                self.storage.files = all.into_iter().collect();
                self.refuse(refused, now);
            }
        }
        for (id, spec) in wanted {
            self.handle(Request::AddTarget { id, spec }, now);
        }
        if let Some(text) = self.configs.wanted.clone() {
            self.load_config(text, now);
        }
        self.storage.count_files();
        self.tell_targets();
        let was_first = !std::mem::replace(&mut self.storage.has_begun, true);
        if was_first && !self.storage.status.has_locks {
            // Without locks another tab may have it: its answer makes this one a reader.
            self.say(Word::WhoOwns);
        } else {
            let targets = self.targets.iter().map(Target::status).collect();
            self.say(Word::Own(targets));
        }
    }

    /// What a reader follows from here on; `None` if the files are of a newer Promenade.
    pub(super) fn follows(&mut self, restoring: Restoring, took_ms: f64, now: Timestamp) -> Option<Follower> {
        let Restoring { mut head, restore, files, n_done, .. } = restoring;
        self.storage.has_begun = true;
        self.storage.files = files;
        self.storage.count_files();
        match restore.follow(&mut head) {
            Ok((follower, report)) => {
                self.storage.families = follower.families().clone();
                self.has_restored(head, &report, n_done, took_ms);
                Some(follower)
            }
            Err(refused) => {
                self.refuse(refused, now);
                None
            }
        }
    }

    fn has_restored(&mut self, head: Head, report: &RestoreReport, n_bytes: u64, took_ms: f64) {
        self.end_export();
        self.head = head;
        // It has the limits of a new one until then.
        self.truncate_soon();
        self.untold();
        self.storage.status.restored = Some(Restored {
            n_series: report.n_series as u64,
            n_samples: report.n_samples as u64,
            n_bytes,
            took_ms,
            n_cut_bytes: report.torn.iter().map(|(_, bytes)| *bytes as u64).sum(),
            damaged: report.damaged.clone(),
        });
    }

    fn refuse(&mut self, refused: Refused, now: Timestamp) {
        self.storage.refused_at = std::mem::take(&mut self.storage.status.place);
        self.storage.status.trouble =
            Some(StorageTrouble { kind: TroubleKind::Newer, detail: refused.to_string(), since_ms: now.0 });
    }
}
