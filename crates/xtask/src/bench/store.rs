//! `cargo xtask bench store`: what samples and series take in memory, and how fast they are read back.

use super::browser::{self, Browser};
use super::goals::{Row, median, table};
use super::ingest::PACKAGE;
use super::native::{self, Native};
use super::query::data;
use crate::process::{root, target_dir};
use crate::setup::{self, Scope};
use anyhow::Result;
use serde_json::{Value, json};

/// Times that everything is decoded; the median counts.
const RUNS: usize = 9;

/// Recordings, from the root of the repository: what exporters say of themselves, and a demo service whose histograms and
/// gauges move at every scrape.
const RECORDINGS: [(&str, &str, Option<f64>); 2] = [
    ("../shared/corpus/diamol/recording", "recorded exporters, a sample", Some(0.45)),
    ("../shared/corpus/promql/compliance", "recorded demo service, a sample", None),
];

/// Arguments of `cargo xtask bench store`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many series the generated data has, six hours at 15 s each: 1000 or 10000
    #[arg(long, default_value_t = 1000)]
    series: usize,
    /// Leave the browser out
    #[arg(long)]
    no_wasm: bool,
}

/// Runs the command. Goals are printed, not enforced; an error is what could not be measured.
pub fn run(args: &Args) -> Result<()> {
    let dir = target_dir().join(format!("bench-data/d{}", args.series));
    data::ensure(&dir, args.series, false)?;
    let program = native::build(PACKAGE)?;
    let module = if args.no_wasm { None } else { Some(browser::build(&setup::ensure(Scope::Tests)?, PACKAGE)?) };
    let mut native = Native::start(&program, &dir)?;
    let in_native = Store::measure(|step| native.ask(step))?;
    let in_wasm = match module {
        Some(module) => {
            let mut browser = Browser::start(PACKAGE, &module, &dir)?;
            Some(Store::measure(|step| browser.ask(step))?)
        }
        None => None,
    };
    let mut rows = rows(&in_native, in_wasm.as_ref());
    for (path, what, goal) in RECORDINGS {
        rows.extend(recorded(path, what, goal)?);
    }
    println!("\n{}", table(&rows));
    println!("{} series of six hours at 15 s; bytes as the store counts them, allocations included", args.series);
    Ok(())
}

/// A store full of the generated data.
struct Store {
    /// What it says.
    said: Value,
    /// Samples a second that are decoded, in millions.
    decoded: f64,
}

impl Store {
    fn measure(mut ask: impl FnMut(&Value) -> Result<(f64, String)>) -> Result<Self> {
        let said: Value = serde_json::from_str(&ask(&json!({ "do": "store" }))?.1)?;
        let mut times = Vec::new();
        for _ in 0..RUNS {
            times.push(ask(&json!({ "do": "decode" }))?.0);
        }
        let n_samples = said["samples"].as_f64().unwrap_or_default();
        Ok(Store { said, decoded: n_samples / median(&times).unwrap_or(f64::NAN) / 1e3 })
    }

    fn number(&self, name: &str) -> f64 {
        self.said[name].as_f64().unwrap_or(f64::NAN)
    }
}

/// A figure to a row; the browser's counts if there is one.
fn row(what: &str, (native, wasm): (Option<f64>, Option<f64>), unit: &str, (sign, goal): (char, Option<f64>)) -> Row {
    let digits = if unit == "B" { 3 } else { 1 };
    let text = |v: Option<f64>| v.map_or_else(String::new, |v| format!("{v:.digits$} {unit}"));
    let is_met = |goal: f64| wasm.or(native).map(|ours| if sign == '≥' { ours >= goal } else { ours <= goal });
    Row {
        what: what.to_owned(),
        native: text(native),
        wasm: text(wasm),
        peer: String::new(),
        ratio: String::new(),
        goal: goal.map_or_else(String::new, |goal| format!("{sign} {goal} {unit}")),
        is_met: goal.and_then(is_met),
    }
}

fn rows(native: &Store, wasm: Option<&Store>) -> Vec<Row> {
    let both = |figure: &dyn Fn(&Store) -> f64| (Some(figure(native)), wasm.map(figure));
    let sealed = |store: &Store| store.number("sealed_bytes") / store.number("sealed");
    let index = |store: &Store| store.number("index_bytes") / store.number("series");
    // Of ten thousand series, however many were loaded.
    let all_of = |name: &str, store: &Store| store.number(name) / store.number("series") * 1e4 / 1e6;
    // What the module has besides stays as it is, however many series there are.
    let in_all = wasm.map(|store| all_of("grown", store) + (store.number("memory") - store.number("grown")) / 1e6);
    vec![
        row("generated data, a sealed sample", both(&sealed), "B", ('≤', Some(1.05))),
        row("index, a series", both(&index), "B", ('≤', Some(120.0))),
        row("10,000 series of 6 h", both(&|store| all_of("bytes", store)), "MB", ('≤', Some(24.0))),
        row("memory of the module with these", (None, in_all), "MB", ('≤', Some(80.0))),
        row("decoding", both(&|store| store.decoded), "M/s", ('≥', Some(150.0))),
    ]
}

/// What the samples of a recording take once all of them are sealed; nothing if it is not there.
fn recorded(path: &str, what: &str, goal: Option<f64>) -> Result<Option<Row>> {
    let dir = root().join(path);
    if !dir.is_dir() {
        eprintln!("skipped: there is no recording at {}", dir.display());
        return Ok(None);
    }
    let mut head = conformance::empty_head();
    conformance::Recording::open(&dir)?.replay(&mut head);
    if let Some(mut end) = head.stats().newest {
        // Of series that ended all is sealed.
        end.0 += 3_600_000;
        head.truncate(end);
    }
    let stats = head.stats();
    let bytes = stats.sealed_bytes as f64 / stats.n_sealed as f64;
    Ok(Some(row(what, (Some(bytes), None), "B", ('≤', goal))))
}
