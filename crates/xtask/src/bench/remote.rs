//! `cargo xtask bench remote`: the answer of a server to a range query, read into columns by ours and by `JSON.parse` with a loop, by turns.
//!
//! The bodies are made here: what `rate` gives has 15 to 17 digits, what was counted has few. The peer gets its text
//! decoded; ours reads bytes in the pieces in which a browser hands them out.

use super::browser::{self, Browser};
use super::goals::{Row, median, table};
use super::ingest::PACKAGE;
use super::native::{self, Native};
use crate::process::target_dir;
use crate::setup::{self, Scope};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::fmt::Write as _;
use std::fs;

/// Arguments of `cargo xtask bench remote`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Series of the large answers
    #[arg(long, default_value_t = 1_000)]
    series: usize,
    /// Points of each
    #[arg(long, default_value_t = 1_000)]
    points: usize,
    /// Turns; the median counts
    #[arg(long, default_value_t = 9)]
    runs: usize,
    /// Leave the browser out, and with it the peer
    #[arg(long)]
    no_wasm: bool,
}

const GOAL: f64 = 4.0;
const START_MS: i64 = 1_700_000_000_000;
const STEP_MS: i64 = 15_000;

/// A body that is read.
struct Body {
    what: &'static str,
    file: String,
    n_series: usize,
    n_points: usize,
    /// A value as the server writes it, of a number that is different each time.
    value: fn(u64) -> String,
}

/// Runs the command. The goal is printed, not enforced; an error is what could not be measured.
pub fn run(args: &Args) -> Result<()> {
    let dir = target_dir().join("bench-data/remote");
    fs::create_dir_all(&dir)?;
    let body = |what: &'static str, (n_series, n_points), value| {
        let file = format!("{what}-{n_series}x{n_points}.json");
        Body { what, file, n_series, n_points, value }
    };
    let large = (args.series, args.points);
    let bodies = [body("rates", large, rate), body("counts", large, count), body("few", (20, 250), rate)];
    for body in &bodies {
        fs::write(dir.join(&body.file), text(body)).with_context(|| format!("writing {}", body.file))?;
    }
    let program = native::build(PACKAGE)?;
    let module = if args.no_wasm { None } else { Some(browser::build(&setup::ensure(Scope::Tests)?, PACKAGE)?) };
    let mut rows = Vec::new();
    for body in &bodies {
        // Both anew for each body, so that each has a first call.
        let mut native = Native::start(&program, &dir)?;
        let mut browser = module.as_ref().map(|module| Browser::start(PACKAGE, module, &dir)).transpose()?;
        let file = json!({ "do": "body", "file": body.file });
        let n_bytes: f64 = native.ask(&file)?.1.parse()?;
        let question = json!({ "do": "answer", "start": START_MS, "step": STEP_MS, "steps": body.n_points });
        let n_values = (body.n_series * body.n_points).to_string();
        let ask = |(ms, answer): (f64, String)| -> Result<f64> {
            ensure!(answer == n_values, "{answer} values of {n_values}");
            Ok(ms)
        };
        let [mut in_native, mut in_wasm, mut peer] = [const { Vec::new() }; 3];
        if let Some(browser) = &mut browser {
            browser.ask(&file)?;
        }
        for _ in 0..=args.runs.max(1) {
            in_native.push(ask(native.ask(&question)?)?);
            if let Some(browser) = &mut browser {
                in_wasm.push(ask(browser.ask(&question)?)?);
                peer.push(ask(browser.ask(&json!({ "do": "json" }))?)?);
            }
        }
        let size = format!("{} {} x {}, {:.1} MB", body.what, body.n_series, body.n_points, n_bytes / 1e6);
        let times = [&in_native, &in_wasm, &peer];
        rows.push(row(&size, times.map(|times| median(times.get(1..).unwrap_or(&[])))));
        rows.push(row(&format!("{size}, first call"), times.map(|times| times.first().copied())));
    }
    println!("\n{}", table(&rows));
    println!("medians of {} turns after a first one; the peer is JSON.parse and a loop into Float64Arrays", args.runs);
    Ok(())
}

fn row(what: &str, [native, wasm, peer]: [Option<f64>; 3]) -> Row {
    let text = |ms: Option<f64>| ms.map_or_else(String::new, |ms| format!("{ms:.2} ms"));
    let ratio = wasm.zip(peer).map(|(ours, peer)| peer / ours);
    Row {
        what: what.to_owned(),
        native: text(native),
        wasm: text(wasm),
        peer: text(peer),
        ratio: ratio.map_or_else(String::new, |ratio| format!("{ratio:.1}x")),
        goal: format!("{GOAL}x"),
        is_met: ratio.map(|ratio| ratio >= GOAL),
    }
}

fn text(body: &Body) -> String {
    let mut out = String::from(r#"{"status":"success","data":{"resultType":"matrix","result":["#);
    let mut seed = 0;
    for series_idx in 0..body.n_series {
        let metric = json!({
            "__name__": "http_requests_total", "code": (200 + series_idx % 5).to_string(), "handler": format!("/api/v1/{}", series_idx % 40),
            "instance": format!("host-{}:9100", series_idx / 40), "job": "app",
        });
        let separator = if series_idx == 0 { "" } else { "," };
        let _ = write!(out, r#"{separator}{{"metric":{metric},"values":["#);
        for point_idx in 0..body.n_points {
            seed += 1;
            let separator = if point_idx == 0 { "" } else { "," };
            let seconds = (START_MS + STEP_MS * point_idx as i64) / 1_000;
            let _ = write!(out, r#"{separator}[{seconds},"{}"]"#, (body.value)(mixed(seed)));
        }
        out.push_str("]}");
    }
    out.push_str("]}}");
    out
}

/// What `rate` gives: a quotient with all its digits.
fn rate(number: u64) -> String {
    ((number % 100_000) as f64 / 299.873).to_string()
}

/// What was counted or measured: whole, or with two digits.
fn count(number: u64) -> String {
    if number.is_multiple_of(2) {
        (number % 10_000_000).to_string()
    } else {
        ((number % 100_000) as f64 / 100.0).to_string()
    }
}

/// SplitMix64: the same numbers each time.
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_an_answer_with_as_many_points_as_it_says() {
        let body = Body { what: "rates", file: String::new(), n_series: 3, n_points: 4, value: rate };
        let answer: serde_json::Value = serde_json::from_str(&text(&body)).unwrap();
        let series = answer["data"]["result"].as_array().unwrap();
        assert_eq!(series.len(), 3);
        assert!(series.iter().all(|series| series["values"].as_array().unwrap().len() == 4));
    }
}
