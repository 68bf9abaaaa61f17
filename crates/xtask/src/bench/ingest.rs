//! `cargo xtask bench ingest`: a body of metrics text, read and stored by ours and by others, by turns.
//!
//! In reading order: `data` (the body and the npm parser), `peers` (Prometheus scrapes it, VictoriaMetrics imports it). Every
//! turn asks all of them once. Known series are those of the body before; for new ones each turn of a server has hosts that
//! it has not seen, and ours an empty store.

mod data;
mod peers;

use super::browser::{self, Browser};
use super::goals::{Row, median, table};
use super::native::{self, Native};
use crate::process::target_dir;
use crate::setup::{self, Scope};
use anyhow::Result;
use peers::{Exporter, Scraper, VictoriaMetrics};
use serde_json::json;

/// Ours, as both forms of it are built.
pub(super) const PACKAGE: &str = "ingestbench";

/// Arguments of `cargo xtask bench ingest`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How large the body is, MB
    #[arg(long, default_value_t = 10)]
    mb: u32,
    /// Turns; the median counts
    #[arg(long, default_value_t = 9)]
    runs: usize,
    /// Leave the browser out, and with it the npm parser
    #[arg(long)]
    no_wasm: bool,
    /// Leave Prometheus and VictoriaMetrics out
    #[arg(long)]
    no_peers: bool,
}

/// What is timed.
const STEPS: [&str; 4] = ["peer", "parse", "new", "known"];

/// The milliseconds of each step, in the order of [`STEPS`].
#[derive(Debug, Default)]
struct Times([Vec<f64>; 4]);

impl Times {
    fn turn(
        &mut self,
        skip_peer: bool,
        mut ask: impl FnMut(&serde_json::Value) -> Result<(f64, String)>,
    ) -> Result<()> {
        for (step, times) in STEPS.iter().zip(&mut self.0).skip(usize::from(skip_peer)) {
            times.push(ask(&json!({ "do": step }))?.0);
        }
        Ok(())
    }

    fn of(&self, step: &str) -> &[f64] {
        STEPS.iter().position(|s| *s == step).map_or(&[], |idx| &self.0[idx])
    }
}

/// Runs the command. Goals are printed, not enforced; an error is what could not be measured.
pub fn run(args: &Args) -> Result<()> {
    let dir = target_dir().join("bench-data/ingest");
    let file = data::body(&dir, args.mb)?;
    let text = std::fs::read(dir.join(&file))?;
    let has_npm = !args.no_wasm && data::npm_parser(&dir)?;
    let program = native::build(PACKAGE)?;
    let module = if args.no_wasm { None } else { Some(browser::build(&setup::ensure(Scope::Tests)?, PACKAGE)?) };
    let mut native = Native::start(&program, &dir)?;
    let mut browser = module.map(|module| Browser::start(PACKAGE, &module, &dir)).transpose()?;
    let body = json!({ "do": "body", "file": file });
    native.ask(&body)?;
    if let Some(browser) = &mut browser {
        browser.ask(&body)?;
    }
    let exporter = Exporter::start()?;
    let mut scraper = if args.no_peers { None } else { Scraper::start(&exporter)? };
    let mut victoria = if args.no_peers { None } else { VictoriaMetrics::start()? };
    let (mut in_native, mut in_wasm) = (Times::default(), Times::default());
    // Each time the new series come first, which makes them known.
    let (mut scraped, mut imported) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    let mut n_samples = 0;
    for run in 0..=args.runs.max(1) {
        let fresh = data::with_other_hosts(&text, run);
        if let Some(scraper) = &mut scraper {
            let first = exporter.expose(fresh.clone());
            for (number, times) in (first..).zip(&mut scraped) {
                let (seconds, n) = scraper.scrape(number)?;
                times.push(seconds * 1e3);
                n_samples = n;
            }
        }
        if let Some(victoria) = &mut victoria {
            for times in &mut imported {
                times.push(victoria.import(&fresh)?);
            }
        }
        in_native.turn(false, |step| native.ask(step))?;
        if let Some(browser) = &mut browser {
            in_wasm.turn(!has_npm, |step| browser.ask(step))?;
        }
        eprintln!("turn {run} of {}", args.runs);
    }
    let rows = rows(text.len(), (&in_native, &in_wasm), (&scraped, &imported));
    println!("\n{}", table(&rows));
    let versions = [scraper.as_ref().map(Scraper::version), victoria.as_ref().map(VictoriaMetrics::version)];
    println!(
        "{:.1} MB{}, medians of {} turns after a first one; against {}",
        text.len() as f64 / 1e6,
        if n_samples > 0 { format!(" with {n_samples} samples") } else { String::new() },
        args.runs,
        ["prometheus-parse 0.2.5", if has_npm { data::NPM_PARSER } else { "no npm parser" }]
            .into_iter()
            .chain(versions.into_iter().flatten())
            .collect::<Vec<_>>()
            .join(", ")
    );
    Ok(())
}

/// New and known series.
type Both = [Vec<f64>; 2];

fn rows(n_bytes: usize, (native, wasm): (&Times, &Times), (scraped, imported): (&Both, &Both)) -> Vec<Row> {
    let speed = |ms: Option<f64>| ms.map(|ms| n_bytes as f64 / 1e3 / ms);
    let text = |speed: Option<f64>| speed.map_or_else(String::new, |speed| format!("{speed:.0} MB/s"));
    let first = |times: &[f64]| times.first().copied();
    let rest = |times: &[f64]| median(times.get(1..).unwrap_or(&[]));
    // In the browser is where it counts, unless it was left out or the peer is native.
    let row =
        |what: &str, (native, wasm, peer): (Option<f64>, Option<f64>, Option<f64>), in_native: bool, goal: f64| {
            let (native, wasm, peer) = (speed(native), speed(wasm), speed(peer));
            let ours = if in_native { native } else { wasm.or(native) };
            let ratio = ours.zip(peer).map(|(ours, peer)| ours / peer);
            Row {
                what: what.to_owned(),
                native: text(native),
                wasm: text(wasm),
                peer: text(peer),
                ratio: ratio.map_or_else(String::new, |ratio| format!("{ratio:.1}x")),
                goal: format!("{goal}x"),
                is_met: ratio.map(|ratio| ratio >= goal),
            }
        };
    let ours = |step: &str, pick: &dyn Fn(&[f64]) -> Option<f64>| (pick(native.of(step)), pick(wasm.of(step)));
    let with = |(native, wasm), peer| (native, wasm, peer);
    let npm = |pick: &dyn Fn(&[f64]) -> Option<f64>| (None, pick(wasm.of("parse")), pick(wasm.of("peer")));
    let [new_scraped, known_scraped] = scraped.each_ref().map(|times| rest(times));
    let [new_imported, known_imported] = imported.each_ref().map(|times| rest(times));
    vec![
        row("parse, to the npm parser", npm(&rest), false, 12.0),
        row("parse, first call", npm(&first), false, 12.0),
        row("parse, to prometheus-parse", with(ours("parse", &rest), rest(native.of("peer"))), true, 6.0),
        row("parse, first call", with(ours("parse", &first), first(native.of("peer"))), true, 6.0),
        row("known series, to VictoriaMetrics", with(ours("known", &rest), known_imported), false, 1.2),
        row("known series, to Prometheus", with(ours("known", &rest), known_scraped), false, 3.0),
        row("new series, to VictoriaMetrics", with(ours("new", &rest), new_imported), false, 6.0),
        row("new series, to Prometheus", with(ours("new", &rest), new_scraped), false, 6.0),
        row("new series, first call", with(ours("new", &first), first(&imported[0])), false, 6.0),
    ]
}
