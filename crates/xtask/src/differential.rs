//! `cargo xtask differential`: do we answer generated queries as a real Prometheus does?
//!
//! It writes generated series as text, has `promtool` make blocks of them, starts a Prometheus over the blocks, loads the
//! same series into our store, and asks both. The Prometheus is Debian's 2.42: what later versions do otherwise is
//! listed in `differential::rules`, and a difference is explained by it only if an evaluator with those rules gives the very
//! answer. (2.42 attaches no warnings to answers, so that there are none to compare.)

mod prometheus;

use crate::process::{command, find, run as run_command, target_dir};
use ::differential::Rng;
use ::differential::data::{Dataset, Plan, generate};
use ::differential::duel::{Verdict, judge};
use ::differential::queries::{self, Level, Question};
use anyhow::{Context, Result, bail};
use prometheus::Prometheus;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Arguments of `cargo xtask differential`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The same seed makes the same series and the same queries
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many queries to ask
    #[arg(long, default_value_t = 500)]
    queries: usize,
    /// Keep the text, the blocks and Prometheus' log, and say where they are
    #[arg(long)]
    keep: bool,
}

/// Prints each difference that no version explains and, last, `N equal, M explained by version, K different`.
pub fn run(args: &Args) -> Result<()> {
    for program in ["prometheus", "promtool"] {
        if find(program).is_none() {
            bail!("`{program}` is not installed: run `cargo xtask setup --tests`, or `apt-get install prometheus`");
        }
    }
    let folder = Folder::new(args.keep)?;
    let data = generate(args.seed, Plan { minutes: 90, stale: false, extreme: false });
    make_blocks(&data, &folder.path)?;
    let server = Prometheus::start(&folder.path)?;
    let report = ask(&data, &server, args)?;
    for (reason, n) in &report.reasons {
        println!("{n} explained: {reason}");
    }
    println!("{} of the equal answers have something in them", report.n_with_answer);
    let Report { n_equal, n_explained, n_different, .. } = report;
    println!("{n_equal} equal, {n_explained} explained by version, {n_different} different");
    if n_different > 0 {
        bail!("{n_different} answers differ from Prometheus' (seed {})", args.seed);
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Report {
    n_equal: usize,
    n_with_answer: usize,
    n_explained: usize,
    n_different: usize,
    /// How often each difference between versions was (a part of) the reason.
    reasons: BTreeMap<&'static str, usize>,
}

fn ask(data: &Dataset, server: &Prometheus, args: &Args) -> Result<Report> {
    let head = data.head();
    let mut rng = Rng::new(args.seed);
    let mut report = Report::default();
    for idx in 0..args.queries {
        let question = queries::generate(&mut rng, data, Level::Since242);
        let ask = || server.ask(&question).with_context(|| format!("asking {}", question.query));
        match judge(data, &head, &question, &ask)? {
            Verdict::Equal { has_answer } => {
                report.n_equal += 1;
                report.n_with_answer += usize::from(has_answer);
            }
            Verdict::Explained(reasons) => {
                report.n_explained += 1;
                for reason in reasons {
                    *report.reasons.entry(reason.name).or_default() += 1;
                }
            }
            Verdict::Unstable => {
                report.n_explained += 1;
                *report.reasons.entry("Prometheus itself answers otherwise when asked again").or_default() += 1;
            }
            Verdict::Different { ours, with_rules } => {
                report.n_different += 1;
                println!("DIFFERENT {idx}: {}", show(&question));
                for line in ours {
                    println!("  {line}");
                }
                for line in with_rules {
                    println!("  with the rules of 2.42: {line}");
                }
            }
        }
    }
    Ok(report)
}

fn show(question: &Question) -> String {
    let Question { query, grid, as_range } = question;
    if *as_range {
        let (from, to) = (grid.start.as_secs_f64(), grid.end().as_secs_f64());
        format!("{query}\n  from {from} to {to} each {} ms", grid.step.0)
    } else {
        format!("{query}\n  at {}", grid.start.as_secs_f64())
    }
}

/// Writes the series as text and has `promtool` make blocks of it.
fn make_blocks(data: &Dataset, folder: &Path) -> Result<()> {
    let text = folder.join("series.om");
    fs::write(&text, data.openmetrics()).context("writing the series")?;
    let mut promtool = command("promtool");
    promtool.args(["tsdb", "create-blocks-from", "openmetrics", "--quiet"]).arg(&text).arg(folder.join("data"));
    run_command(&mut promtool)
}

/// A folder of this run, gone at its end.
struct Folder {
    path: PathBuf,
    keep: bool,
}

impl Folder {
    fn new(keep: bool) -> Result<Self> {
        let path = target_dir().join(format!("differential-{}", std::process::id()));
        fs::create_dir_all(&path).with_context(|| format!("making {}", path.display()))?;
        Ok(Folder { path, keep })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.keep {
            eprintln!("Kept {}.", self.path.display());
        } else if let Err(error) = fs::remove_dir_all(&self.path) {
            eprintln!("{} could not be removed: {error}", self.path.display());
        }
    }
}
