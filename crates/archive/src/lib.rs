//! Files of metrics: what a file is, how its samples come into a store, and how those of a store become a file.
//!
//! [`recognise`] tells from the first bytes what a file is, [`time_of`] and [`instance_of`] what its name says. [`Import`] reads one in slices, so that whoever
//! drives it can tell how far it is and stop: the file is read whole before the first sample is stored. [`Export`]
//! gives a file in pieces of some hundred kilobytes, so that no text of a day stands in memory.
//!
//! | format | read | written | holds |
//! |---|---|---|---|
//! | OpenMetrics text | yes | yes | floats, types, help, units, exemplars, start times |
//! | classic text | yes | | floats, types, help |
//! | JSON of Prometheus' API | `query`, `query_range` | `query_range` | floats, native histograms |
//! | CSV | | yes | floats; columns as VictoriaMetrics exports them |
//! | bundle | yes | yes | everything, to the bit |
//!
//! It knows no clock, no browser and no compression: bytes are given as they are after gzip.
#![forbid(unsafe_code)]

mod bundle;
mod export;
mod import;
mod json;
mod name;
mod pending;
mod recognise;
mod text;

pub use bundle::BundleError;
pub use export::{Export, ExportFormat, Selection};
pub use exposition::writer::Losses;
pub use import::{Import, ImportError, ImportSource, Imported, Progress};
pub use name::{instance_of, time_of};
pub use recognise::{Kind, first_time, recognise};
