//! The shown values as CSV: a row a time, a column a series, for spreadsheets and scripts.

use crate::components::graph::names::{Names, whole_name};
use crate::components::graph::shown::{Walk, shown_series, times};
use crate::components::legend::visibility::Visibility;
use crate::texts::legend as texts;
use model::civil::Civil;
use model::number;
use protocol::GraphAnswer;
use std::collections::BTreeMap;

/// So many bytes are handed on in one piece.
const PIECE_BYTES: usize = 1 << 16;

/// Writes the table piece by piece. Times are those of UTC; a step without a sample is empty; values are as Prometheus
/// writes them, to the last digit.
pub fn write(answer: &GraphAnswer, visibility: &Visibility, names: &Names, put: &mut dyn FnMut(&str)) {
    let series = shown_series(answer, visibility);
    let mut out = String::from(texts::TIME);
    let own: Vec<String> = series.iter().map(|series| names.own(answer, series)).collect();
    let mut n_of_name = BTreeMap::new();
    own.iter().for_each(|name| *n_of_name.entry(name.as_str()).or_insert(0) += 1);
    for (series, name) in series.iter().zip(&own) {
        // Two columns of one name could not be told apart.
        let is_twice = n_of_name.get(name.as_str()).is_some_and(|n| *n > 1);
        out.push(',');
        out.push_str(&field(if is_twice { whole_name(answer, series) } else { name.clone() }));
    }
    out.push_str("\r\n");
    let mut walk = Walk::new(answer, &series);
    for t in times(answer, &series) {
        out.push_str(&Civil::from_ms(t as i64).to_string().replacen(' ', "T", 1));
        out.push('Z');
        for v in walk.row(t) {
            out.push(',');
            // No value is quoted: none but a label's text could be taken for a formula.
            out.push_str(&v.map(number::format).unwrap_or_default());
        }
        out.push_str("\r\n");
        if out.len() >= PIECE_BYTES {
            put(&out);
            out.clear();
        }
    }
    put(&out);
}

/// A text as a field. A spreadsheet would run what begins like a formula, so such a text gets a quote in front, which
/// spreadsheets do not show.
fn field(text: String) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text };
    let is_plain = !text.contains(['"', ',', '\n', '\r', ';', '\t']) && text.trim() == text;
    if is_plain { text } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    //! Tables as they are written.
    use super::*;
    use crate::components::graph::shown::tests::{answer, dense};
    use crate::components::legend::visibility::SeriesKey;
    use expect_test::expect;
    use frame::gap;

    fn written(answer: &GraphAnswer, visibility: &Visibility, format: &str) -> String {
        let mut out = String::new();
        write(answer, visibility, &Names::of(answer, format), &mut |piece| out.push_str(piece));
        assert!(out.ends_with("\r\n"));
        out.replace("\r\n", "\n")
    }

    #[test]
    fn what_is_shown_is_written_to_the_last_digit() {
        let all = answer(vec![
            dense(&[("x", "a")], &[0.1 + 0.2, gap(), -1.0]),
            dense(&[("x", "b")], &[f64::NAN, f64::INFINITY, 1e21]),
            dense(&[("x", "c")], &[1.0; 3]),
        ]);
        let hidden = Visibility::All.toggled(&SeriesKey::of(&all.frame.series[2]));
        expect![[r#"
            time,"{x=""a""}","{x=""b""}"
            1970-01-01T00:00:01Z,0.30000000000000004,NaN
            1970-01-01T00:00:02Z,,+Inf
            1970-01-01T00:00:03Z,-1,1000000000000000000000
        "#]]
        .assert_eq(&written(&all, &hidden, ""));
    }

    #[test]
    fn names_run_nothing_and_break_nothing() {
        let names = ["=1+1", "+1", "-1", "@x", "a,b", "a\"b", "a\nb", " a", "{{x}}", "a;b", "\t=1"];
        let series = names.iter().map(|name| dense(&[("x", name)], &[1.0]));
        let text = written(&answer(series.collect()), &Visibility::All, "{{x}}");
        let head = text.split_once("\n1970").map(|(head, _)| head).expect("a row");
        expect![[r#"time,'=1+1,'+1,'-1,'@x,"a,b","a""b","a
b"," a",{{x}},"a;b","'	=1""#]]
        .assert_eq(head);
    }

    #[test]
    fn columns_of_one_name_get_their_whole_names() {
        let twice = answer(vec![dense(&[("x", "a"), ("y", "1")], &[1.0]), dense(&[("x", "a"), ("y", "2")], &[2.0])]);
        assert!(written(&twice, &Visibility::All, "{{x}}").starts_with("time,\"{x=\"\"a\"\", y=\"\"1\"\"}\","));
    }
}
