//! Texts that were pasted or dropped, as files beside the log: their samples are in the log, this is the target that stands for them.
//!
//! A file is a line of JSON and behind it the beginning of the text, as "raw body" shows it.

use crate::state::Worker;
use crate::target::{RawBody, Target};
use journal::DiskOp;
use model::Timestamp;
use protocol::{Dropped, Health, TargetId, TargetSpec};
use scrape::ScrapeConfig;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What the names of these files begin with.
pub(crate) const PREFIX: &str = "upload-";

/// The job of a text.
pub(crate) const JOB: &str = "pasted";

#[derive(Serialize, Deserialize)]
struct Head {
    id: TargetId,
    instance: String,
    labels: Vec<(String, String)>,
    at_ms: i64,
    n_samples: u32,
    n_series_added: u32,
    dropped: Dropped,
    notices: Vec<String>,
    metrics: BTreeSet<String>,
    content_type: Option<String>,
    /// Bytes of the whole text.
    n_bytes: u64,
    /// Bytes of it that are kept; `None` where files were imported, which are not kept.
    n_kept: Option<usize>,
    /// Samples from here on are not too old.
    keep_since_ms: Option<i64>,
}

/// The file of an upload.
fn name_of(id: TargetId) -> String {
    format!("{PREFIX}{}", id.0)
}

/// What makes the target that stands for a text come back.
pub(super) fn write(target: &Target, keep_since: Option<Timestamp>) -> DiskOp {
    let (status, raw) = (&target.status, target.raw.as_ref());
    let head = Head {
        id: target.id,
        instance: status.url.clone(),
        labels: status.labels.clone(),
        at_ms: status.last_scrape_ms.unwrap_or_default(),
        n_samples: status.n_samples,
        n_series_added: status.n_series_added,
        dropped: status.dropped,
        notices: status.notices.clone(),
        metrics: target.metrics.clone(),
        content_type: raw.and_then(|raw| raw.content_type.clone()),
        n_bytes: status.body_bytes,
        n_kept: raw.map(|raw| raw.bytes.len()),
        keep_since_ms: keep_since.map(|time| time.0),
    };
    // Strings, numbers and lists always have a JSON.
    let mut bytes = serde_json::to_vec(&head).unwrap_or_default();
    bytes.push(b'\n');
    bytes.extend_from_slice(raw.map_or(&[], |raw| &raw.bytes));
    DiskOp::Write { file: name_of(target.id), bytes }
}

/// Deletes it.
pub(super) fn delete(id: TargetId) -> DiskOp {
    DiskOp::Delete { file: name_of(id) }
}

/// The target of a file, and since when its samples are kept; `None` if the file is not whole.
fn read(bytes: &[u8]) -> Option<(Target, Option<Timestamp>)> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (head, body) = (bytes.get(..end)?, bytes.get(end + 1..)?);
    let head: Head = serde_json::from_slice(head).ok()?;
    if body.len() != head.n_kept.unwrap_or(0) {
        return None;
    }
    let mut spec = TargetSpec::new("");
    spec.job = JOB.to_owned();
    let mut target = Target::snapshot(head.id, spec, ScrapeConfig::new(JOB, head.instance.as_str()));
    target.metrics = head.metrics;
    let at = Timestamp(head.at_ms);
    let (content_type, n_bytes) = (head.content_type, head.n_bytes);
    target.raw = head.n_kept.map(|_| RawBody { content_type, at, bytes: body.to_vec(), n_bytes });
    let status = &mut target.status;
    status.health = Health::Up;
    status.url = head.instance;
    status.labels = head.labels;
    status.last_scrape_ms = Some(head.at_ms);
    status.n_scrapes = 1;
    status.n_samples = head.n_samples;
    status.n_series_added = head.n_series_added;
    (status.dropped, status.dropped_last) = (head.dropped, head.dropped);
    status.body_bytes = head.n_bytes;
    status.notices = head.notices;
    Some((target, head.keep_since_ms.map(Timestamp)))
}

impl Worker {
    /// Keeps the target of a text, with all that was appended before.
    pub(crate) fn keep_upload(&mut self, id: TargetId, keep_since: Option<Timestamp>, now: Timestamp) {
        if !self.storage.writes() {
            return;
        }
        self.storage.has_news();
        self.collect(now);
        let op = self.targets.iter().find(|target| target.id == id).map(|target| write(target, keep_since));
        self.storage.queue.extend(op);
    }

    /// The target of a text is gone.
    pub(crate) fn forget_upload(&mut self, id: TargetId) {
        self.keep_no_more(id);
        if self.storage.writes() {
            self.storage.queue.push_back(delete(id));
        }
    }

    /// Takes in the targets of texts that were kept; files that are not whole are left out.
    pub(super) fn restore_uploads(&mut self, files: &[Vec<u8>]) {
        for (target, keep_since) in files.iter().filter_map(|bytes| read(bytes)) {
            if let Some(since) = keep_since {
                self.keep_since(target.id, since);
            }
            self.put_target(target);
        }
        self.bound_bodies();
    }
}
