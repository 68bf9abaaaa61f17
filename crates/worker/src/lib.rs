//! The worker: it scrapes, stores and evaluates, and tells the page what the page asks for.
//!
//! [`Worker`] is the whole of its state and knows no browser: requests, fetched answers and the time go in,
//! [`Event`](protocol::Event)s and scrapes that are due come out, so tests run it natively. In reading order:
//! [`state`](Worker) (what is kept, and the events that wait), `handle` (one arm a request), `target` and
//! `source` (how a target is fetched, and what an upload is), `config` (a `prometheus.yml` that runs, and where its targets
//! come from), `families` and `family` (the metric list, and one of it), `doctor` (why a connection failed), `losses` (what
//! was not stored, and why), `lint` (the check of a body), `history` (the last scrapes of a target), `diff`
//! (what moved between two of them), `panel` (the newest
//! query of each panel, evaluated in slices), `import` and `export` (files that come and go), `problem` (errors in plain words), `storage` (what goes to the disk and
//! comes back from it, and which of several tabs writes), `tabs` (what they say to each other). `browser` binds all of
//! it to the worker's scope: messages, timers, fetches, files, locks.
#![forbid(unsafe_code)]

#[cfg(target_arch = "wasm32")]
pub mod browser;
mod config;
mod diff;
mod doctor;
mod export;
mod families;
mod family;
mod handle;
mod history;
mod import;
mod limits;
mod lint;
mod losses;
mod panel;
mod problem;
mod source;
mod state;
mod storage;
mod tabs;
mod target;

pub use crate::config::errand::{Errand, ErrandReply, ErrandStep};
pub use crate::doctor::{Checkup, Heard as HeardOfProbe, Looked, Probe, Silence};
pub use import::{FileFailure, ImportNeed, is_gzip};
pub use limits::{MAX_BODY_BYTES, MAX_IMPORT_BYTES, MAX_LOOK_BYTES, MAX_RAW_BODY_BYTES, MAX_TARGETS};
pub use panel::Clock;
pub use source::plan::{Answer, Fetch, FetchFailure, Headers, Outcome, Reply, ScrapePlan, Step};
pub use source::relay::{RelayInfo, read_info, read_reply};
pub use source::remote::question::{ApiFetch, Question, QuestionStep};
pub use state::{Job, Worker};
pub use storage::{Batch, Done, Heard, Quota, Restoring};
pub use tabs::Word;
