//! Why a connection failed: from facts that were gathered to a cause, its evidence, and cures to copy.
//!
//! A browser tells a page next to nothing of a fetch that failed. What it does tell, what a relay beside it can tell, and
//! what the address itself says, is an [`Evidence`]; [`diagnose`] makes a [`Report`] of it. Nothing here fetches: whoever
//! gathers the facts may be a worker or a test.
//!
//! # The decision table
//!
//! Read from above; the first line that fits is the first diagnosis, others that fit follow it as "also possible".
//! *Direct* is the fetch that the page would like to make, *blind* the same fetch without the wish to read the answer
//! (`no-cors`), *relay* the fetch through the relay.
//!
//! | what is known | cause | certainty |
//! |---|---|---|
//! | the browser says that it is offline, and nothing answered | [`Cause::Offline`] | likely |
//! | metrics were found on another path or host | [`Cause::WrongPath`], [`Cause::WrongHost`] | proved |
//! | an answer with status 401, 403, 404, 405, 429, 5xx … was read | [`Cause::Status`] | proved |
//! | an answer was read that is HTML, JSON, empty or broken text | [`Cause::NotMetrics`] | proved |
//! | a good answer was read, but later than the time-out | [`Cause::Slow`] | proved |
//! | a good answer was read, and its clock differs by over 30 s | [`Cause::ClockSkew`] | proved |
//! | a good answer came through the relay only; blind answered | [`Cause::Cors`], nothing to be done | proved |
//! | blind answered, the relay has no connection: it runs elsewhere | [`Cause::RelayElsewhere`] | proved |
//! | the relay says refused, unknown, TLS, time-out, unreachable, cut off, too large, not HTTP | that | proved |
//! | the relay does not want to | [`Cause::RelayForbids`] | proved |
//! | Chrome's permission for the local network is denied | [`Cause::LocalNetwork`] | proved |
//! | a page of the internet without https asks this machine or its network | [`Cause::LocalNetwork`] | likely |
//! | the permission was not asked for yet | [`Cause::LocalNetwork`] | likely |
//! | an https page asks an http address that is not this machine | [`Cause::MixedContent`] | proved |
//! | blind answered, direct did not | [`Cause::Cors`] | proved |
//! | the other of http and https answered blindly | [`Cause::WrongScheme`] | likely |
//! | direct ran out of time | [`Cause::TimedOut`] | proved |
//! | the address is of this machine | [`Cause::Refused`] | likely |
//! | the host is one word, or `host.docker.internal` | [`Cause::UnknownHost`] | likely |
//! | the address is https | [`Cause::Tls`] | likely |
//! | none of this | [`Cause::Opaque`] | likely |
//! | and without a relay, which could have told | [`Cause::NoRelay`] last | – |
//!
//! Every sentence that a user reads is in `texts`, every configuration to copy in `snippets`.
#![forbid(unsafe_code)]

mod clock;
mod cures;
mod diagnose;
mod evidence;
mod exporter;
mod facts;
mod place;
mod report;
mod snippets;
mod texts;

pub use clock::{body_clock, http_date};
pub use diagnose::{MAX_SKEW_MS, diagnose};
pub use evidence::{
    Attempt, BodyKind, Evidence, Outcome, PageFacts, Permission, Purpose, RelayFact, Seen, TlsFault, Told, Way,
};
pub use exporter::Exporter;
pub use place::{HostClass, Place};
pub use report::{Cause, Certainty, Cure, Diagnosis, Fact, Mark, Origin, Picture, Report, Snippet};
