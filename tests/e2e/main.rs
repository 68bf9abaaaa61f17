//! The whole product from outside: Chromium against the release bundle, the relay and real servers, all on loopback.
//!
//! `cargo xtask e2e` builds what is needed and passes the paths on. Each test has a relay, a browser and a profile of its own.

/// A target that misbehaves on demand.
mod bad_target;
/// Chromium, and finding things in it as a screen reader does.
mod browser;
/// A tiny client, for what no browser would send.
mod plain_http;
/// Real programs, started and ended.
mod servers;
/// One test's world, and the words in which tests speak about our pages.
mod stage;
/// A target of https that nobody trusts.
mod tls_target;

/// What axe-core finds on each page, in both themes.
mod accessibility;
/// The address as the state: links, back and forward.
mod address;
/// Each bad answer of a target gets its sentence.
mod bad_input;
/// A prometheus.yml that runs.
mod config;
/// Why a target cannot be reached, and what to do.
mod doctor;
/// Finding metrics without knowing their names: completion and the list.
mod explore;
/// What comes in is understood, shown and checked; what is missing is told.
mod exposition;
/// Several expressions in one graph, their units, and notes on it.
mod expressions;
/// Files: imported, exported, imported again elsewhere.
mod files;
/// What a stranger sees before anything is typed.
mod first_visit;
/// What the graph answers to: legend and dragging.
mod graph;
/// How a graph looks, and the ways out of it: options, legend, files, the table of its values.
mod graph_options;
/// Zooming, moving, pinning.
mod hands;
/// Everything without a mouse.
mod keyboard;
/// Pictures of each page, both themes, both widths.
mod pages;
/// Expressions that are wrong, or ask for too much.
mod queries;
/// Good targets over time: real exporters, one that goes and comes back, a tab in the background.
mod scraping;
/// Scraped text stays text, and no other page may use the relay.
mod security;
/// Prometheus and VictoriaMetrics as sources: found, asked, put together, compared; wrong credentials, a server that goes.
mod sources;
/// How long a start takes, beside Prometheus' own page; printed, not judged.
mod startup;
/// What is stored is there again: after a reload, a crash, in another tab, on a full disk, in a browser without private files.
mod storage;
/// Pools, the history of scrapes, what moved between two of them, and what was discovered.
mod targets;
