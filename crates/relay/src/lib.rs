//! Serves the page and forwards its scrapes past CORS; start it with [`Relay::bind`] and [`Relay::run`].
//!
//! A browser does not let a page read another origin that does not allow it, and hardly any `/metrics` does. So a scrape
//! can go through this program: `GET /relay/scrape?url=…` fetches the address and hands the body on, for its own page
//! only. The same program serves the built page and, at `/metrics`, what it counts about itself.
//!
//! It does not store, parse or change what it fetches, and it sends nothing of the caller's but `Accept` and what the page
//! names with `Promenade-Forward-NAME`.
//!
//! # What the page may ask
//!
//! Each request carries `X-Promenade: 1`. Where the relay itself fails, it answers JSON,
//! `{"kind": "tls", "detail": "expired", "message": "…"}`, without the header `X-Target-Status`; every answer of a target
//! has that header.
//!
//! | route | answer |
//! |---|---|
//! | `GET /relay/health` | 200, to everybody and without the mark |
//! | `GET /relay/info` | name, version, limits |
//! | `GET /relay/scrape?url=…&timeout_ms=…` | 200 and the whole body; the target's status and type in `X-Target-Status` and `X-Target-Content-Type` |
//! | `GET /relay/fetch?url=…&timeout_ms=…` | the target's status, type and date; the body as it arrives, cut off (the request fails) where it is over the limit, late or incomplete |
//! | `POST /relay/fetch?…` with a form | the same, for the paths of Prometheus' API that only read |
//! | `GET /relay/scrape?url=…&job=…` | the same with the credentials of a job of `--config`, for its own targets |
//! | `GET /relay/config` | the text of `--config`, `<secret>` in place of secrets; 404 without |
//! | `GET /relay/discover?job=…&index=0` | the targets in the files of a job's `file_sd_configs`, as a JSON list of such |
//! | `GET /relay/resolve?name=…&type=SRV` | `{"records": [{"target": "10.0.0.3", "port": 80}], "ttl_s": 30}` |
//!
//! Invariant: an address is checked by [`policy::Policy`] and then connected to itself; no name is resolved in between.

#![forbid(unsafe_code)]

/// The command line, and what it turns into.
pub mod args;

/// Beginning and end.
pub mod server;

/// Whether a relay is well.
pub mod health;

/// Connections, within their limits.
mod connections;

/// Routes, and what every request passes.
mod routes;

/// Addresses that ask, and how often each may.
mod clients;

/// Names and passwords of those who may ask.
mod auth;

/// Who may ask: this page only.
mod guard;

/// What may be asked for: patterns of `--allow`, addresses where clouds keep credentials.
pub mod policy;

/// One fetch: from the page's request to the target's answer.
mod fetch;

/// Names to addresses.
mod names;

/// Records of a name, for the page.
mod resolve;

/// The `prometheus.yml` of `--config`.
mod configuration;

/// Why a request failed.
mod failure;

/// The files of the built page.
mod files;

/// Headers that more than one part sends.
mod headers;

/// What the relay counts about itself.
mod metrics;

pub use args::{
    Config, DEFAULT_GRACE_S, DEFAULT_MAX_BODY, DEFAULT_MAX_CONNECTIONS, DEFAULT_MAX_RATE, DEFAULT_MAX_SCRAPES,
    ListenAddress, PageOrigin,
};
pub use server::{Relay, StartError};
