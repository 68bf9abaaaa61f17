//! The legend of the shown series as a table of Markdown, for tickets and chats.

use crate::components::graph::names::Names;
use crate::components::graph::shown::shown_series;
use crate::components::legend::lines::value_of;
use crate::components::legend::visibility::Visibility;
use crate::state::settings::legend_columns::Column;
use crate::texts::legend as texts;
use chart::{Unit, format};
use protocol::GraphAnswer;

/// The table, a line a series.
#[must_use]
pub fn table(answer: &GraphAnswer, visibility: &Visibility, names: &Names, units: &[Unit]) -> String {
    let mut out =
        format!("| {} | {} | {} | {} | {} |\n", texts::SERIES, texts::LAST, texts::MIN, texts::MEAN, texts::MAX);
    out.push_str("| :-- | --: | --: | --: | --: |\n");
    for series in shown_series(answer, visibility) {
        let query_idx = usize::from(series.source.query_idx);
        let unit = units.get(query_idx).or(units.last()).copied().unwrap_or_default();
        out.push_str(&format!("| {} |", code(&names.own(answer, series))));
        for column in Column::ALL {
            let v = value_of(&series.stats, column);
            let is_none = series.stats.count == 0 || (v.is_nan() && column != Column::Last);
            let value = if is_none { texts::NO_VALUE.to_owned() } else { format::short(unit, v) };
            out.push_str(&format!(" {value} |"));
        }
        out.push('\n');
    }
    out
}

/// A name as code: nothing in it means anything but itself. Its fence is longer than any row of backticks in it.
fn code(name: &str) -> String {
    let mut longest = 0;
    let mut row = 0;
    for c in name.chars() {
        row = if c == '`' { row + 1 } else { 0 };
        longest = longest.max(row);
    }
    let fence = "`".repeat(longest + 1);
    // A bar would end the cell, also in code; a line break the table.
    let text: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.replace('|', "\\|");
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

#[cfg(test)]
mod tests {
    //! Tables as they are written.
    use super::*;
    use crate::components::graph::shown::tests::{answer, dense};
    use expect_test::expect;
    use frame::gap;

    #[test]
    fn a_line_a_series_with_its_units() {
        let all =
            answer(vec![dense(&[("x", "a|b")], &[1024.0, 2048.0, f64::INFINITY]), dense(&[("x", "c")], &[gap(); 3])]);
        expect![[r#"
            | Series | Last | Min | Mean | Max |
            | :-- | --: | --: | --: | --: |
            | `{x="a\|b"}` | +Inf | 1 KiB | 1.5 KiB | 2 KiB |
            | `{x="c"}` | – | – | – | – |
        "#]]
        .assert_eq(&table(&all, &Visibility::All, &Names::of(&all, ""), &[Unit::Bytes]));
    }

    #[test]
    fn no_name_leaves_its_cell() {
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`x`"), "`` `x` ``");
        assert_eq!(code("a\r\nb | c"), "`a  b \\| c`");
        assert_eq!(code("<script>"), "`<script>`");
    }
}
