//! The relay over real sockets on loopback: every rule of its contract has a line here.

// `allow-unwrap-in-tests` knows functions of tests, not what they call.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Names and passwords.
mod auth;
/// A prometheus.yml, and who gets its credentials.
mod configuration;
/// Answers of servers, headers for them, and forms.
mod fetches;
/// The files of the page.
mod files;
/// A relay, targets of every kind, and a client that sends what it is told.
mod harness;
/// Names: records for the page, and answers that change.
mod names;
/// What is counted, and the program itself.
mod program;
/// Scrapes of good and bad targets.
mod scrapes;
/// Who may ask, and what may be asked for.
mod trust;
