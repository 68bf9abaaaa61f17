//! From what the user typed to samples in the store: targets, their schedule, and what a scrape does.
//!
//! [`Endpoint`] is a URL that can be scraped, [`Schedule`] says when, [`ScrapeLoop`] turns a body (or a
//! [`ScrapeFailure`]) into appends: labels, `up` and its companions, staleness markers. Nothing here fetches
//! or reads a clock; bytes and times come in as arguments, so a recording replays exactly.
//! [`diff`] compares two bodies, or two moments of the store.
#![forbid(unsafe_code)]

mod cache;
pub mod diff;
mod dropped;
mod endpoint;
mod failure;
mod family;
mod ingest;
mod schedule;

pub use dropped::Dropped;
pub use endpoint::{Endpoint, EndpointError, WELL_KNOWN_PATHS, default_job};
pub use failure::ScrapeFailure;
pub use family::{family_of, is_counter};
pub use ingest::{Body, ScrapeConfig, ScrapeLoop, ScrapeReport};
pub use schedule::Schedule;
