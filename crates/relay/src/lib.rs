//! Serves the page and forwards its scrapes past CORS; start it with [`Relay::bind`] and [`Relay::run`].
//!
//! A browser does not let a page read another origin that does not allow it, and hardly any `/metrics` does. So a scrape
//! can go through this program: `GET /relay/scrape?url=…` fetches the address and hands the body on, for its own page
//! only. The same program serves the built page and, at `/metrics`, what it counts about itself.
//!
//! It does not store, parse or change what it fetches, and it sends nothing of the caller's but `Accept`.
//!
//! Invariant: an address is checked by [`policy::Policy`] and then connected to itself; no name is resolved in between.

#![forbid(unsafe_code)]

/// The command line, and what it turns into.
pub mod args;

/// Beginning and end, routes, what every answer carries.
pub mod server;

/// Who may ask: this page only.
mod guard;

/// What may be asked for: patterns of `--allow`, addresses where clouds keep credentials.
pub mod policy;

/// One scrape: from the query string to the body.
mod scrape;

/// The files of the built page.
mod files;

/// Headers that more than one part sends.
mod headers;

/// What the relay counts about itself.
mod metrics;

pub use args::{Config, ListenAddress, PageOrigin};
pub use server::{Relay, StartError};
