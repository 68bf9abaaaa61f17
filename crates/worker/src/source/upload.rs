//! A text that was pasted or dropped: one snapshot, shown as a target that is never scraped.

use crate::problem;
use crate::state::Worker;
use crate::storage::uploads::JOB;
use crate::target::{Target, format_of};
use model::{Millis, Timestamp};
use protocol::{Event, Health, Origin, TargetSpec, Upload};
use scrape::{Body, ScrapeConfig};

/// Milliseconds kept before the oldest sample of an upload, so that a window can begin there.
const BEFORE: Millis = Millis(3_600_000);

/// Stores an upload, or says why it cannot be.
pub(crate) fn store(worker: &mut Worker, upload: Upload, now: Timestamp) {
    let Upload { id, name, media_type, body } = upload;
    let instance = if name.is_empty() { "text".to_owned() } else { name };
    let mut spec = TargetSpec::new("");
    spec.job = JOB.to_owned();
    let mut target = Target::snapshot(id, spec, ScrapeConfig::new(JOB, instance.as_str()));
    let format = format_of(media_type.as_deref(), &body);
    let stored = target.scrape_loop.ingest_snapshot(&mut worker.head, Body { bytes: &body, format }, now);
    let report = match stored {
        Ok(report) => report,
        Err(failure) => {
            let mut problem = problem::of_scrape(&failure, &instance);
            // There is no scrape and no `up` here.
            if let scrape::ScrapeFailure::NotMetrics(error) = &failure
                && problem.message.contains("`up`")
            {
                problem.message = format!("{error}. Nothing of the text was stored.");
                problem.hint = "Correct the line and add the text again.".to_owned();
            }
            worker.tell(Event::Failed { origin: Origin::Target { id }, problem });
            return;
        }
    };
    target.stored(&report, None, &worker.head);
    target.status.health = Health::Up;
    target.status.url = instance;
    target.status.last_scrape_ms = Some(now.0);
    target.status.n_scrapes = 1;
    target.keep_body(body, media_type, now);
    let mut keep_since = None;
    if let Some(oldest) = worker.head.stats().oldest.filter(|oldest| now - *oldest > worker.retention()) {
        let since = oldest - BEFORE;
        keep_since = Some(since);
        worker.keep_since(id, since);
        target
            .status
            .notices
            .push("It holds samples older than the retention; they are kept until it is removed.".to_owned());
    }
    worker.put_target(target);
    worker.keep_upload(id, keep_since, now);
    worker.stored_something(id, now);
}
