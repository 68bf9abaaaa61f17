//! The store on disk: a log of what each scrape appended, blocks of what the log held, and how both are read again.
//!
//! Nothing here writes: [`DiskOp`]s say what is to be written, and who has a disk does it. [`Journal`] writes along with a
//! store, [`Restore`] reads at a start, [`Follower`] reads along with another tab, [`pack`] and [`unpack`] carry series from
//! one store to another.
//!
//! ```
//! use journal::{DiskOp, Journal, JournalOptions, Restore};
//! use model::{Labels, Timestamp};
//! use tsdb::{Head, HeadOptions};
//!
//! let mut head = Head::new(HeadOptions::default());
//! let mut journal = Journal::new(JournalOptions::default());
//! journal.start(&mut head);
//! let up = Labels::from_pairs([("__name__", "up")]);
//! head.append(&up, Timestamp(1_000), 1.0)?;
//! let ops = journal.append(&mut head, Timestamp(1_000));
//! let [DiskOp::Append { file, bytes }] = &ops[..] else { panic!("one scrape is one operation") };
//!
//! let mut again = Head::new(HeadOptions::default());
//! let mut restore = Restore::new(vec![file.clone()], JournalOptions::default());
//! assert_eq!(restore.next_file(), Some("log-00000001"));
//! restore.file(&mut again, bytes);
//! let (journal, report, ops) = restore.finish(&mut again).expect("a known version");
//! assert_eq!((report.n_samples, ops.len()), (1, 0));
//! # let _ = journal;
//! # Ok::<(), tsdb::AppendError>(())
//! ```
//!
//! # Files
//!
//! All lie in one folder. A name is what the file holds and a number of eight digits, counted up.
//!
//! - `log-00000007`: a segment of the log. One record is one scrape. It is the only kind of file that grows.
//! - `block-00000007`: all that the segments up to this one held and no block before has, compressed. Written as a whole when
//!   the log is some megabytes or two hours old; the segments are deleted after that.
//! - `series-00000003`: names of series and families. Each block has one before it, if there are new ones. Many of them
//!   become one; those before it are deleted after that.
//!
//! A series has a number that stays; samples name it by that. A segment of the log names the series that no series file has,
//! blocks name none: so the labels of a series are on the disk once, however long it lives.
//!
//! At a start series files are read first, then blocks, then logs, each in the order of their numbers. Segments up to the
//! number of the last good block are void. The store takes no sample twice and none older than what it has, so what is in
//! both a block and a log does no harm.
//!
//! What bytes mean: files and records in `format`, the log in `record`, blocks in `journal/cut`, series files in
//! `journal/rewrite`, names in `names`, chunks in `tsdb::packed`.
#![forbid(unsafe_code)]

mod disk;
mod format;
mod journal;
mod known;
mod names;
mod pack;
mod record;
mod replay;
mod restore;

pub use disk::{DiskOp, Refused};
pub use journal::{Journal, JournalOptions};
pub use pack::{UnpackError, Unpacked, pack, unpack};
pub use restore::{Follower, Lost, Restore, RestoreReport};
