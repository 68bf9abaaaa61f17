//! A `prometheus.yml` in Prometheus' own words: read with the place of everything that is wrong, applied to targets, and
//! written.
//!
//! In reading order: [`parse`] gives a [`Config`] and its [`Diagnostic`]s from a text; [`relabel`] are the rules of
//! relabelling; [`Discovery`] is where targets come from and [`target`](populate) what becomes of each; [`file_sd`] reads
//! lists of targets; [`export`] writes what is scraped as a `prometheus.yml` and a Compose file. Nothing here fetches,
//! resolves or reads a file.
//!
//! ```
//! let parsed = config::parse("scrape_configs: [{job_name: node, static_configs: [{targets: ['a:9100']}]}]", false);
//! assert_eq!(parsed.config.scrape_configs[0].scrape_interval.0, 60_000);
//! assert!(parsed.diagnostics.is_empty());
//! ```
//!
//! Invariant: what Prometheus refuses has an error here; a secret is never in a diagnostic, an export or a debug print.
#![forbid(unsafe_code)]

mod access;
mod diagnostic;
mod discovery;
pub mod export;
pub mod file_sd;
mod parse;
mod read;
mod redact;
pub mod relabel;
mod scrape_config;
mod target;
mod write;
mod yaml;

pub use access::{Access, Auth, Secret};
pub use diagnostic::{Diagnostic, Severity};
pub use discovery::{Discovery, DnsConfig, FileConfig, HttpConfig, RecordType, TargetGroup};
pub use parse::{Config, Global, Parsed, parse};
pub use redact::{SECRET, redact, redact_url};
pub use scrape_config::{Limits, ScrapeConfig};
pub use target::{Discovered, Invalid, Populated, populate};
pub use yaml::{MAX_BYTES, Place};
