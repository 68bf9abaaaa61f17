//! Medians, ratios and goals as a table.

use super::peer::Kind;
use super::plan::Row;
use std::time::Duration;

/// The times of one row by one of those who are asked, ms.
#[derive(Clone, Debug, Default)]
pub struct Times {
    first: Option<f64>,
    counted: Vec<f64>,
}

impl Times {
    /// Notes a run; the very first is kept by itself.
    pub fn add(&mut self, run: usize, counts: bool, ms: f64) {
        if run == 0 {
            self.first = Some(ms);
        }
        if counts {
            self.counted.push(ms);
        }
    }

    /// How many count.
    pub fn len(&self) -> usize {
        self.counted.len()
    }

    /// How long those took that count.
    pub fn total(&self) -> Duration {
        Duration::from_secs_f64(self.counted.iter().sum::<f64>() / 1e3)
    }

    fn median(&self) -> Option<f64> {
        let mut sorted = self.counted.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied()
    }
}

/// One row with its figures.
#[derive(Clone, Debug)]
pub struct Measured {
    name: String,
    series: u64,
    points: u64,
    native: Times,
    wasm: Times,
    prometheus: Compared,
    victoria_metrics: Compared,
}

/// A peer's times, and how many times as fast we want to be.
#[derive(Clone, Debug, Default)]
struct Compared {
    times: Times,
    goal: Option<f64>,
}

impl Measured {
    /// Puts together what was measured.
    pub fn new(row: &Row, answer: &str, native: Times, wasm: Times, peers: Vec<(Kind, Times)>) -> Self {
        let answer: serde_json::Value = serde_json::from_str(answer).unwrap_or_default();
        let mut measured = Measured {
            name: row.name(),
            series: answer["series"].as_u64().unwrap_or_default(),
            points: answer["points"].as_u64().unwrap_or_default(),
            native,
            wasm,
            prometheus: Compared::default(),
            victoria_metrics: Compared::default(),
        };
        for (kind, times) in peers {
            let compared = Compared { times, goal: row.goal(kind) };
            match kind {
                Kind::Prometheus => measured.prometheus = compared,
                Kind::VictoriaMetrics => measured.victoria_metrics = compared,
            }
        }
        measured
    }

    /// What the goals are about: the product is the module in the browser.
    fn ours(&self) -> Option<f64> {
        self.wasm.median().or_else(|| self.native.median())
    }

    fn ratio(&self, peer: &Compared) -> Option<f64> {
        Some(peer.times.median()? / self.ours()?)
    }

    /// `None` without a peer.
    fn verdict(&self) -> Option<bool> {
        let met: Vec<bool> = [&self.prometheus, &self.victoria_metrics]
            .into_iter()
            .filter_map(|peer| Some(self.ratio(peer)? >= peer.goal?))
            .collect();
        (!met.is_empty()).then(|| met.iter().all(|met| *met))
    }

    fn cells(&self) -> [String; 12] {
        let ms = |v: Option<f64>| v.map_or_else(String::new, figure);
        let times = |peer: &Compared| self.ratio(peer).map_or_else(String::new, |r| format!("{r:.1}x"));
        let goals = [&self.prometheus, &self.victoria_metrics].map(|peer| peer.goal.filter(|_| peer.times.len() > 0));
        let goal: Vec<String> = goals.iter().flatten().map(|goal| format!("{goal}x")).collect();
        [
            self.name.clone(),
            format!("{} / {}", self.series, self.points),
            ms(self.native.first),
            ms(self.native.median()),
            ms(self.wasm.first),
            ms(self.wasm.median()),
            ms(self.prometheus.times.median()),
            ms(self.victoria_metrics.times.median()),
            times(&self.prometheus),
            times(&self.victoria_metrics),
            goal.join(" "),
            self.verdict().map_or("", |met| if met { "met" } else { "short" }).to_owned(),
        ]
    }
}

const HEADS: [&str; 12] = [
    "query/range",
    "series / points",
    "native first",
    "native",
    "wasm first",
    "wasm",
    "Prom",
    "VM",
    "to Prom",
    "to VM",
    "goal",
    "",
];

/// A row as it is told while the others still run.
pub fn line(measured: &Measured) -> String {
    let cells = measured.cells();
    let told = HEADS.iter().zip(&cells).skip(1).filter(|(_, cell)| !cell.is_empty());
    let told: Vec<String> = told.map(|(head, cell)| format!("{head} {cell}")).collect();
    format!("{}: {}", measured.name, told.join(", "))
}

/// All rows as a Markdown table, aligned; times in ms.
pub fn whole(rows: &[Measured]) -> String {
    let cells: Vec<[String; 12]> = rows.iter().map(Measured::cells).collect();
    let widths: Vec<usize> = (0..HEADS.len())
        .map(|column| cells.iter().map(|row| row[column].len()).chain([HEADS[column].len(), 5]).max().unwrap_or(3))
        .collect();
    let line = |row: &[String]| -> String {
        let padded = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
    };
    let mut out = line(&HEADS.map(str::to_owned));
    let rule = widths
        .iter()
        .enumerate()
        .map(|(column, &width)| if column == 0 { "-".repeat(width) } else { format!("{}:", "-".repeat(width - 1)) });
    out += &line(&rule.collect::<Vec<_>>());
    cells.iter().for_each(|row| out += &line(row));
    out
}

/// The last line.
pub fn summary(rows: &[Measured], runs: usize) -> String {
    let verdicts: Vec<bool> = rows.iter().filter_map(Measured::verdict).collect();
    let n_met = verdicts.iter().filter(|met| **met).count();
    let slower = |row: &&Measured| row.ratio(&row.prometheus).is_some_and(|ratio| ratio < 1.0);
    format!(
        "{} rows, medians of {runs} runs in ms; goals: {n_met} met, {} short; {} rows slower than Prometheus",
        rows.len(),
        verdicts.len() - n_met,
        rows.iter().filter(slower).count()
    )
}

/// Milliseconds with three digits that count.
fn figure(ms: f64) -> String {
    match ms {
        ms if ms < 1.0 => format!("{ms:.3}"),
        ms if ms < 10.0 => format!("{ms:.2}"),
        ms if ms < 100.0 => format!("{ms:.1}"),
        ms => format!("{ms:.0}"),
    }
}

#[cfg(test)]
mod tests {
    //! How figures read.
    use super::super::plan::rows;
    use super::*;

    fn times(first: f64, counted: &[f64]) -> Times {
        Times { first: Some(first), counted: counted.to_vec() }
    }

    #[test]
    fn a_row_compares_the_browser_with_both_peers() {
        let peers = vec![
            (Kind::Prometheus, times(50.0, &[30.0, 29.0, 31.0])),
            (Kind::VictoriaMetrics, times(9.0, &[6.0, 5.0, 7.0])),
        ];
        let answer = r#"{"series":5,"points":1200}"#;
        let row = Measured::new(&rows()[1], answer, times(2.0, &[1.0]), times(9.0, &[2.0, 3.0, 2.5]), peers);
        expect_test::expect![[r#"
            | query/range           | series / points | native first | native | wasm first |  wasm |  Prom |    VM | to Prom | to VM |    goal |       |
            | --------------------- | --------------: | -----------: | -----: | ---------: | ----: | ----: | ----: | ------: | ----: | ------: | ----: |
            | sum_rate/range_1h_240 |        5 / 1200 |         2.00 |   1.00 |       9.00 |  2.50 |  30.0 |  6.00 |   12.0x |  2.4x | 6x 1.5x |   met |
        "#]]
        .assert_eq(&whole(std::slice::from_ref(&row)));
        assert_eq!(
            summary(&[row], 3),
            "1 rows, medians of 3 runs in ms; goals: 1 met, 0 short; 0 rows slower than Prometheus"
        );
    }

    #[test]
    fn without_peers_there_is_nothing_to_meet() {
        let row = Measured::new(&rows()[0], "{}", times(2.0, &[1.0]), Times::default(), Vec::new());
        assert_eq!(line(&row), "sum_rate/instant: series / points 0 / 0, native first 2.00, native 1.00");
        assert_eq!(
            summary(&[row], 1),
            "1 rows, medians of 1 runs in ms; goals: 0 met, 0 short; 0 rows slower than Prometheus"
        );
    }
}
