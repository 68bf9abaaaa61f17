//! `cargo xtask bench query`: nine queries over four ranges, by turns with the peers, one row each.
//!
//! In reading order: `plan` (what is asked), `data` (the samples), `peer` (the servers), `table` (what is printed). Every run of a row asks all of them once,
//! so that the noise of the machine hits them alike.

pub(super) mod data;
mod peer;
mod plan;
mod table;

use super::browser::{self, Browser};
use super::native::{self, Native};
use crate::process::target_dir;
use crate::setup::{self, Scope};
use anyhow::{Context, Result, bail};
use peer::Peer;
use plan::{Row, Shape};
use std::path::PathBuf;
use std::time::Duration;
use table::{Measured, Times};

/// Ours, as both forms of it are built.
const PACKAGE: &str = "querybench";

/// Runs that are not counted, besides the first one, which is printed by itself.
const WARM_RUNS: usize = 2;

/// One query against one of them is not repeated longer than this, but at least `MIN_RUNS` times.
const MAX_ROW: Duration = Duration::from_secs(40);
const MIN_RUNS: usize = 5;

/// Arguments of `cargo xtask bench query`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many series the data has, six hours at 15 s each: 1000 or 10000
    #[arg(long, default_value_t = 1000)]
    series: usize,
    /// Runs of each row; the median counts
    #[arg(long, default_value_t = 9)]
    runs: usize,
    /// Only rows whose `QUERY/RANGE` has this in it
    #[arg(long, default_value = "")]
    only: String,
    /// Leave the browser out
    #[arg(long)]
    no_wasm: bool,
    /// Leave Prometheus and VictoriaMetrics out
    #[arg(long)]
    no_peers: bool,
    /// Where the data is or is put; without it a directory under target/
    #[arg(long)]
    data: Option<PathBuf>,
}

/// Runs the command. Goals are printed, not enforced; an error is what could not be measured.
pub fn run(args: &Args) -> Result<()> {
    let rows: Vec<Row> = plan::rows().into_iter().filter(|row| row.name().contains(&args.only)).collect();
    if rows.is_empty() {
        let names: Vec<String> = plan::rows().iter().map(Row::name).collect();
        bail!("no row has `{}` in its name; there are: {}", args.only, names.join(", "));
    }
    let dir = args.data.clone().unwrap_or_else(|| target_dir().join(format!("bench-data/d{}", args.series)));
    data::ensure(&dir, args.series, !args.no_peers)?;
    let native = native::build(PACKAGE)?;
    let module = if args.no_wasm { None } else { Some(browser::build(&setup::ensure(Scope::Tests)?, PACKAGE)?) };
    let mut asked = Asked {
        native: Native::start(&native, &dir)?,
        browser: module.map(|module| Browser::start(PACKAGE, &module, &dir)).transpose()?,
        peers: if args.no_peers { Vec::new() } else { peer::start_all(&dir)? },
    };
    eprintln!("loaded natively in {:.0} ms", asked.native.load_ms());
    if let Some(browser) = &asked.browser {
        eprintln!("loaded in the browser in {:.0} ms", browser.load_ms());
    }
    let mut measured = Vec::new();
    for row in &rows {
        let one = measure(row, args.runs.max(1), &mut asked).with_context(|| row.name())?;
        eprintln!("{}", table::line(&one));
        measured.push(one);
    }
    println!("\n{}", table::whole(&measured));
    let versions: Vec<&str> = asked.peers.iter().map(|peer| peer.server.version.as_str()).collect();
    println!(
        "{} series; against {}",
        args.series,
        if versions.is_empty() { "nobody".into() } else { versions.join(", ") }
    );
    println!("{}", parsing(&mut asked)?);
    println!("{}", table::summary(&measured, args.runs));
    Ok(())
}

/// How long a usual query takes to parse, which happens at every key stroke.
fn parsing(asked: &mut Asked) -> Result<String> {
    const EXPR: &str =
        "histogram_quantile(0.99, sum by (le, job) (rate(http_request_duration_seconds_bucket{job=~\"api.*\"}[5m])))";
    const TIMES: u64 = 2_000;
    const GOAL_US: f64 = 10.0;
    let question = serde_json::json!({ "expr": EXPR, "parses": TIMES });
    let median = |mut ask: Box<dyn FnMut() -> Result<(f64, String)> + '_>| -> Result<f64> {
        let mut all = (0..9).map(|_| Ok(ask()?.0)).collect::<Result<Vec<f64>>>()?;
        all.sort_by(f64::total_cmp);
        Ok(all[all.len() / 2] * 1e3 / TIMES as f64)
    };
    let native = median(Box::new(|| asked.native.ask(&question)))?;
    let mut line = format!("parsing {} characters: {native:.1} µs natively", EXPR.len());
    if let Some(browser) = &mut asked.browser {
        let wasm = median(Box::new(|| browser.ask(&question)))?;
        let verdict = if wasm <= GOAL_US { "met" } else { "short" };
        line += &format!(", {wasm:.1} µs in wasm (goal {GOAL_US} µs: {verdict})");
    }
    Ok(line)
}

/// Everybody who is asked.
struct Asked {
    native: Native,
    browser: Option<Browser>,
    peers: Vec<Peer>,
}

fn measure(row: &Row, runs: usize, asked: &mut Asked) -> Result<Measured> {
    let mut native = Times::default();
    let mut wasm = Times::default();
    let mut peers: Vec<Times> = asked.peers.iter().map(|_| Times::default()).collect();
    let mut said = None;
    for run in 0..=WARM_RUNS + runs {
        let counts = run > WARM_RUNS;
        let enough = |times: &Times| times.total() > MAX_ROW && times.len() >= MIN_RUNS;
        for (peer, times) in asked.peers.iter_mut().zip(&mut peers) {
            if enough(times) || (row.shape == Shape::Typed && !peer.is_prometheus()) {
                continue;
            }
            // Typed arrays are made where a page would make them.
            let ms = match (row.shape, asked.browser.as_mut()) {
                (Shape::Typed, Some(browser)) => browser.ask(&serde_json::json!({ "peer": peer.url(row) }))?.0,
                (Shape::Typed, None) => continue,
                _ => peer.ask(row)?,
            };
            times.add(run, counts, ms);
        }
        let (ms, answer) = asked.native.ask(&row.question())?;
        native.add(run, counts, ms);
        if let Some(browser) = &mut asked.browser {
            let (ms, in_wasm) = browser.ask(&row.question())?;
            wasm.add(run, counts, ms);
            if in_wasm != answer {
                bail!("the browser's answer has other bits than the native one: {in_wasm} and {answer}");
            }
        }
        said = Some(answer);
    }
    let answer = said.unwrap_or_default();
    Ok(Measured::new(row, &answer, native, wasm, asked.peers.iter().map(|p| p.kind).zip(peers).collect()))
}
