//! A row a goal: what was measured, what is asked for, and whether it is met.

/// A goal with what was measured.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is about.
    pub what: String,
    /// Ours, natively.
    pub native: String,
    /// Ours, in the browser.
    pub wasm: String,
    /// The peer's.
    pub peer: String,
    /// Ours to the peer's.
    pub ratio: String,
    /// What is asked for.
    pub goal: String,
    /// Whether it is met; `None` where nobody could tell.
    pub is_met: Option<bool>,
}

const HEADS: [&str; 7] = ["what", "native", "wasm", "peer", "ratio", "goal", ""];

impl Row {
    fn cells(&self) -> [String; 7] {
        let verdict = self.is_met.map_or("", |met| if met { "met" } else { "short" });
        let Row { what, native, wasm, peer, ratio, goal, .. } = self.clone();
        [what, native, wasm, peer, ratio, goal, verdict.to_owned()]
    }
}

/// All rows as a Markdown table, aligned, and a line that counts.
pub fn table(rows: &[Row]) -> String {
    let cells: Vec<[String; 7]> =
        std::iter::once(HEADS.map(str::to_owned)).chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).max(5);
    let line = |row: &[String; 7]| -> String {
        let padded = row.iter().enumerate().map(|(column, cell)| {
            let width = width(column);
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
    };
    let rule: [String; 7] = std::array::from_fn(|column| {
        if column == 0 { "-".repeat(width(0)) } else { format!("{}:", "-".repeat(width(column) - 1)) }
    });
    let mut out = String::new();
    for (idx, row) in cells.iter().enumerate() {
        out += &line(row);
        if idx == 0 {
            out += &line(&rule);
        }
    }
    let n = |met: bool| rows.iter().filter(|row| row.is_met == Some(met)).count();
    out + &format!("goals: {} met, {} short, {} not measured\n", n(true), n(false), rows.len() - n(true) - n(false))
}

/// The median; `None` of nothing.
pub fn median(times: &[f64]) -> Option<f64> {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    //! How a table reads.
    use super::*;

    #[test]
    fn rows_say_whether_their_goal_is_met() {
        let row = |what: &str, is_met| Row {
            what: what.to_owned(),
            native: "500 MB/s".to_owned(),
            wasm: String::new(),
            peer: "50 MB/s".to_owned(),
            ratio: "10.0x".to_owned(),
            goal: "6x".to_owned(),
            is_met,
        };
        expect_test::expect![[r#"
            | what            |   native |  wasm |    peer | ratio |  goal |       |
            | --------------- | -------: | ----: | ------: | ----: | ----: | ----: |
            | parse           | 500 MB/s |       | 50 MB/s | 10.0x |    6x |   met |
            | parse, quicker  | 500 MB/s |       | 50 MB/s | 10.0x |    6x | short |
            | µ without peers | 500 MB/s |       | 50 MB/s | 10.0x |    6x |       |
            goals: 1 met, 1 short, 1 not measured
        "#]]
        .assert_eq(&table(&[
            row("parse", Some(true)),
            row("parse, quicker", Some(false)),
            row("µ without peers", None),
        ]));
        assert_eq!([median(&[3.0, 1.0, 2.0]), median(&[])], [Some(2.0), None]);
    }
}
