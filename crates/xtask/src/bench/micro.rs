//! `cargo xtask bench micro`: the criterion benches of all crates, in one table.

use crate::process::{command, root, run as run_command};
use anyhow::{Context, Result, bail};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Package, bench target, and what it measures.
const BENCHES: [(&str, &str, &str); 8] = [
    ("exposition", "parse", "text to entries"),
    ("scrape", "ingest", "a scrape of 10,000 series"),
    ("tsdb", "append", "the store"),
    ("promql", "parse", "expressions"),
    ("engine", "query", "2,000 series of an hour at 15 s"),
    ("worker", "follow", "2,000 series at 250 steps, asked again after a scrape"),
    ("frame", "decimate", "points to pixels"),
    ("chart", "draw", "a frame to a picture"),
];

/// Arguments of `cargo xtask bench micro`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only benches of this package
    #[arg(long)]
    only: Option<String>,
    /// Also write the table to this file, as Markdown
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Runs the command. The figures are of this machine; compare runs on one machine only.
pub fn run(args: &Args) -> Result<()> {
    let chosen: Vec<_> =
        BENCHES.iter().filter(|(package, ..)| args.only.as_ref().is_none_or(|o| o == package)).collect();
    if chosen.is_empty() {
        let known: Vec<&str> = BENCHES.iter().map(|(package, ..)| *package).collect();
        bail!("there is no bench of this package; there are: {}", known.join(", "));
    }
    let measured = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |dir| root().join(dir))
        .join("criterion");
    let mut table = String::from("| what | case | time | throughput |\n|---|---|---:|---:|\n");
    let mut n_rows = 0;
    for (package, bench, what) in chosen {
        let started = std::time::SystemTime::now();
        run_command(command("cargo").args([
            "bench",
            "--quiet",
            "--package",
            package,
            "--bench",
            bench,
            "--",
            "--noplot",
        ]))?;
        let mut rows = Vec::new();
        collect(&measured, started, &mut rows).with_context(|| format!("reading {}", measured.display()))?;
        rows.sort_by(|a, b| a.case.cmp(&b.case));
        for row in &rows {
            writeln!(table, "| {what} | {} | {} | {} |", row.case, time(row.ns), row.throughput())?;
        }
        n_rows += rows.len();
    }
    println!("\n{table}");
    if let Some(out) = &args.out {
        fs::write(out, &table).with_context(|| format!("writing {}", out.display()))?;
    }
    if n_rows == 0 {
        bail!("no bench left a figure");
    }
    println!("{n_rows} figures, medians of criterion's samples");
    Ok(())
}

/// One case.
struct Row {
    case: String,
    /// Median.
    ns: f64,
    /// What one run handles: a count and its unit.
    handles: Option<(f64, &'static str)>,
}

impl Row {
    fn throughput(&self) -> String {
        let Some((count, unit)) = self.handles else { return String::new() };
        let per_second = count / (self.ns / 1e9);
        format!("{:.1} M{unit}/s", per_second / 1e6)
    }
}

/// The figures that were written since the bench began: criterion keeps those of older runs beside them.
fn collect(dir: &Path, since: std::time::SystemTime, rows: &mut Vec<Row>) -> Result<()> {
    let figures = dir.join("new/estimates.json");
    if figures.is_file() {
        if fs::metadata(&figures)?.modified()? >= since {
            rows.push(read(&figures, &dir.join("new/benchmark.json"))?);
        }
        return Ok(());
    }
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, since, rows)?;
        }
    }
    Ok(())
}

fn read(figures: &Path, described: &Path) -> Result<Row> {
    let json = |path: &Path| -> Result<serde_json::Value> { Ok(serde_json::from_str(&fs::read_to_string(path)?)?) };
    let (figures, described) = (json(figures)?, json(described)?);
    let ns = figures["median"]["point_estimate"].as_f64().context("no median")?;
    let case = described["full_id"].as_str().unwrap_or_default().replace('/', ": ");
    let per = |unit: &str| described["throughput"][unit].as_f64();
    let handles = per("Bytes").map(|n| (n, "B")).or_else(|| per("Elements").map(|n| (n, "")));
    Ok(Row { case, ns, handles })
}

fn time(ns: f64) -> String {
    match ns {
        ns if ns < 1e3 => format!("{ns:.0} ns"),
        ns if ns < 1e6 => format!("{:.1} µs", ns / 1e3),
        ns if ns < 1e9 => format!("{:.2} ms", ns / 1e6),
        ns => format!("{:.2} s", ns / 1e9),
    }
}

#[cfg(test)]
mod tests {
    //! How figures read.
    use super::*;

    #[test]
    fn times_have_a_unit_that_fits() {
        assert_eq!(
            [time(12.4), time(1_250.0), time(2_500_000.0), time(1.5e9)],
            ["12 ns", "1.2 µs", "2.50 ms", "1.50 s"]
        );
    }

    #[test]
    fn throughput_is_work_by_time() {
        let row = Row { case: String::new(), ns: 2e6, handles: Some((1e6, "B")) };
        assert_eq!(row.throughput(), "500.0 MB/s");
    }
}
