//! The store on disk: a log of what each scrape appended, blocks of what the log held, and how both are read again.
//!
//! Nothing here writes: [`DiskOp`]s say what is to be written, and who has a disk does it.
#![forbid(unsafe_code)]

mod disk;

pub use disk::DiskOp;
