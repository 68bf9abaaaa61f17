//! `cargo xtask bench charts`: graphs as the page draws them, by turns with uPlot in the same browser.
//!
//! Every turn draws every scenario once with each library, on a fresh page: the first picture, zooming in from the whole
//! range, half of the range moving, and the pointer moving. Medians over all turns count.

mod uplot;

use super::browser::{self, Browser};
use super::goals::{Row, median, table};
use crate::process::target_dir;
use crate::setup::{self, Scope};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// Ours, as it is built.
const PACKAGE: &str = "chartbench";

/// The browser tells of its memory exactly, and at once; uPlot's data needs more of it than is usual.
const FLAGS: [&str; 4] = [
    "--enable-precise-memory-info",
    "--enable-blink-features=ForceEagerMeasureMemory",
    "--js-flags=--max-old-space-size=4096",
    "--window-size=1640,700",
];

/// Pictures from nothing, steps of each movement, and how long a movement may take on a page, ms.
const FIRSTS: usize = 3;
const STEPS: usize = 12;
const BUDGET_MS: u32 = 9_000;

/// Arguments of `cargo xtask bench charts`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// SERIESxPOINTS, separated by commas
    #[arg(long, value_delimiter = ',', default_value = "1x1000000,10x100000,100x1000,1000x1000")]
    scenarios: Vec<Scenario>,
    /// Turns; the median of all their figures counts
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// With whom it takes turns; empty for nobody
    #[arg(long, default_value = "uplot")]
    libs: String,
}

/// So many series of so many points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scenario {
    series: usize,
    points: usize,
}

impl std::str::FromStr for Scenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('x').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
        match numbers {
            Some((series @ 1.., points @ 2..)) => Ok(Scenario { series, points }),
            _ => Err(format!("expected SERIESxPOINTS such as 10x1000, found `{text}`")),
        }
    }
}

impl Scenario {
    fn name(self) -> String {
        let short = |n: usize| match n {
            n if n % 1_000_000 == 0 => format!("{}M", n / 1_000_000),
            n if n % 1_000 == 0 => format!("{}k", n / 1_000),
            n => n.to_string(),
        };
        format!("{} x {}", short(self.series), short(self.points))
    }

    /// How many times faster than the peer a figure is to be; `None` where nothing is asked for.
    fn goal(self, what: &str) -> Option<f64> {
        let Scenario { series, points } = self;
        let by_figure = |first: f64, zoom: f64, pan: f64| match what {
            "first" => Some(first),
            "zoom" => Some(zoom),
            "pan" => Some(pan),
            _ => None,
        };
        match (series, points) {
            // No slower to a hundred series.
            (..=100, _) if what == "hover" => Some(1.0),
            (1_000.., _) if what == "hover" => Some(2.0),
            (1, 1_000_000) | (10, 100_000) => by_figure(3.0, 4.0, 3.0),
            (100, 1_000) => by_figure(2.5, 2.5, 2.5),
            (1_000, 1_000) => by_figure(4.5, 3.5, 2.5),
            _ => None,
        }
    }
}

/// What is timed; `cold` are the first of the first pictures of each page.
const FIGURES: [&str; 5] = ["cold", "first", "zoom", "pan", "hover"];

/// What a library needed in a scenario.
#[derive(Clone, Debug, Default)]
struct Measured {
    /// Milliseconds, in the order of [`FIGURES`].
    times: [Vec<f64>; 5],
    /// MB: the heap of JavaScript, and all that the page holds, buffers and modules included.
    heap: Vec<f64>,
    all: Vec<f64>,
}

impl Measured {
    fn add(&mut self, said: &Value) -> Result<()> {
        let list = |what: &str| -> Result<Vec<f64>> {
            let times = said["times"][what].as_array().context("no times")?;
            Ok(times.iter().filter_map(Value::as_f64).collect())
        };
        for (what, times) in FIGURES.into_iter().zip(&mut self.times) {
            match what {
                "cold" => times.extend(list("first")?.first()),
                what => times.extend(list(what)?),
            }
        }
        self.heap.extend(said["memory"]["heap"].as_f64());
        self.all.extend(said["memory"]["all"].as_f64());
        Ok(())
    }
}

/// Runs the command. Goals are printed, not enforced; an error is what could not be measured.
pub fn run(args: &Args) -> Result<()> {
    let peer = match args.libs.as_str() {
        "" | "ours" => None,
        "uplot" => Some("uplot"),
        other => bail!("expected `uplot` or nothing for --libs, found `{other}`"),
    };
    let dir = target_dir().join("bench-data/charts");
    let peer = if peer.is_some() && uplot::install(&dir)? { peer } else { None };
    let module = browser::build(&setup::ensure(Scope::Tests)?, PACKAGE)?;
    let mut browser = Browser::start_with(PACKAGE, &module, &dir, &FLAGS)?;
    let mut measured = vec![[Measured::default(), Measured::default()]; args.scenarios.len()];
    for run in 1..=args.runs.max(1) {
        for (scenario, both) in args.scenarios.iter().zip(&mut measured) {
            for (library, measured) in ["ours"].into_iter().chain(peer).zip(both) {
                let question = json!({
                    "library": library,
                    "series": scenario.series,
                    "points": scenario.points,
                    "firsts": FIRSTS,
                    "steps": STEPS,
                    "budget": BUDGET_MS,
                });
                let (_, answer) = browser.ask(&question).with_context(|| format!("{library}, {}", scenario.name()))?;
                measured.add(&serde_json::from_str(&answer)?)?;
            }
        }
        eprintln!("turn {run} of {}", args.runs.max(1));
    }
    let rows: Vec<Row> = args.scenarios.iter().zip(&measured).flat_map(|(s, both)| rows(*s, both)).collect();
    println!("\n{}", table(&rows));
    println!(
        "1600 x 600 pixels, medians of {} pages with {FIRSTS} first pictures and {STEPS} steps each; against {}",
        args.runs.max(1),
        if peer.is_some() { uplot::NAME } else { "nobody" }
    );
    Ok(())
}

fn rows(scenario: Scenario, [ours, peer]: &[Measured; 2]) -> Vec<Row> {
    let row = |what: &str, (ours, peer): (&[f64], &[f64]), unit: &str, goal: Option<f64>| {
        let (ours, peer) = (median(ours), median(peer));
        let text = |v: Option<f64>| v.map_or_else(String::new, |v| format!("{v:.2} {unit}"));
        let ratio = ours.zip(peer).map(|(ours, peer)| peer / ours);
        Row {
            what: format!("{}: {what}", scenario.name()),
            native: String::new(),
            wasm: text(ours),
            peer: text(peer),
            ratio: ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}x")),
            goal: goal.map_or_else(String::new, |goal| format!("{goal}x")),
            is_met: goal.zip(ratio).map(|(goal, ratio)| ratio >= goal),
        }
    };
    let times = FIGURES.into_iter().zip(ours.times.iter().zip(&peer.times));
    let times = times.map(|(what, (ours, peer))| row(what, (ours, peer), "ms", scenario.goal(what)));
    times
        .chain([
            row("heap", (&ours.heap, &peer.heap), "MB", Some(1.0)),
            row("all memory", (&ours.all, &peer.all), "MB", None),
        ])
        .collect()
}

#[cfg(test)]
mod tests {
    //! Scenarios as they are typed, and rows as they are read.
    use super::*;

    #[test]
    fn scenarios_are_series_by_points() {
        let named = |text: &str| text.parse().map(Scenario::name);
        assert_eq!(named("1x1000000").as_deref(), Ok("1 x 1M"));
        assert_eq!(named("1000x250").as_deref(), Ok("1k x 250"));
        for text in ["10", "x", "0x10", "10x1", "-1x5", "1x1x1"] {
            assert!(named(text).is_err_and(|error| error.contains(text)), "{text}");
        }
    }

    #[test]
    fn faster_by_the_goal_is_met() {
        let said = |ms: f64, mb: f64| {
            json!({
                "times": { "first": [9.0 * ms, ms, ms], "zoom": [ms], "pan": [ms], "hover": [ms] },
                "memory": { "heap": mb, "all": null },
            })
        };
        let mut both = [Measured::default(), Measured::default()];
        both[0].add(&said(10.0, 3.0)).unwrap();
        both[1].add(&said(35.0, 2.0)).unwrap();
        expect_test::expect![[r#"
            | what                | native |     wasm |      peer | ratio |  goal |       |
            | ------------------- | -----: | -------: | --------: | ----: | ----: | ----: |
            | 1k x 1k: cold       |        | 90.00 ms | 315.00 ms | 3.50x |       |       |
            | 1k x 1k: first      |        | 10.00 ms |  35.00 ms | 3.50x |  4.5x | short |
            | 1k x 1k: zoom       |        | 10.00 ms |  35.00 ms | 3.50x |  3.5x |   met |
            | 1k x 1k: pan        |        | 10.00 ms |  35.00 ms | 3.50x |  2.5x |   met |
            | 1k x 1k: hover      |        | 10.00 ms |  35.00 ms | 3.50x |    2x |   met |
            | 1k x 1k: heap       |        |  3.00 MB |   2.00 MB | 0.67x |    1x | short |
            | 1k x 1k: all memory |        |          |           |       |       |       |
            goals: 3 met, 2 short, 2 not measured
        "#]]
        .assert_eq(&table(&rows(Scenario { series: 1_000, points: 1_000 }, &both)));
    }
}
