//! `cargo xtask bench`: what is measured, one module each.

mod browser;
mod charts;
mod goals;
mod http;
mod ingest;
mod micro;
mod native;
mod query;
mod relay;
mod remote;
mod server;
mod store;

use anyhow::Result;

/// Arguments of `cargo xtask bench`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
#[group(skip)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    micro: micro::Args,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// The criterion benches of all crates; so does `cargo xtask bench` alone
    Micro(micro::Args),
    /// Queries, natively, in a browser, and by turns with Prometheus and VictoriaMetrics where they are installed
    Query(query::Args),
    /// Metrics text to entries and to the store, by turns with other parsers, Prometheus and VictoriaMetrics
    Ingest(ingest::Args),
    /// Bytes of samples and of the index, and how fast they are decoded
    Store(store::Args),
    /// Answers of other servers to columns, by turns with `JSON.parse` and a loop
    Remote(remote::Args),
    /// Graphs as the page draws them, by turns with uPlot in a browser
    Charts(charts::Args),
    /// Scrapes through the relay: so many a second, with its memory and its open files before and after
    Relay(relay::Args),
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    match &args.what {
        None => micro::run(&args.micro),
        Some(What::Micro(args)) => micro::run(args),
        Some(What::Query(args)) => query::run(args),
        Some(What::Ingest(args)) => ingest::run(args),
        Some(What::Store(args)) => store::run(args),
        Some(What::Remote(args)) => remote::run(args),
        Some(What::Charts(args)) => charts::run(args),
        Some(What::Relay(args)) => relay::run(args),
    }
}
