//! Whether two answers are the same, and what differs if they are not.

use conformance::Answer;
use model::{Labels, Timestamp, number};
use std::collections::BTreeMap;

/// Differences shown of one question: more say nothing new.
const MAX_SHOWN: usize = 4;

/// When two numbers count as equal; NaN equals NaN always.
#[derive(Clone, Copy, Debug)]
pub enum Closeness {
    /// All bits are the same.
    Bits,
    /// They differ by at most this share of the greater one.
    Within(f64),
}

/// The answers of both sides: a value or the message of an error.
pub type Outcome = Result<Answer, String>;

/// What differs between the answer that is expected and the one given, one line each; nothing if they are the same.
///
/// Both may be errors, whatever they say. The order of series is not compared.
#[must_use]
pub fn differences(expected: &Outcome, got: &Outcome, closeness: Closeness) -> Vec<String> {
    match (expected, got) {
        (Err(_), Err(_)) => Vec::new(),
        (Err(error), Ok(got)) => vec![format!("expected the error \"{error}\", got {}", show(got))],
        (Ok(expected), Err(error)) => vec![format!("expected {}, got the error \"{error}\"", show(expected))],
        (Ok(Answer::Scalar(a)), Ok(Answer::Scalar(b))) if closeness.are_equal(*a, *b) => Vec::new(),
        (Ok(Answer::String(a)), Ok(Answer::String(b))) if a == b => Vec::new(),
        (Ok(Answer::Series(a)), Ok(Answer::Series(b))) => of_series(a, b, closeness),
        (Ok(a), Ok(b)) => vec![format!("expected {}, got {}", show(a), show(b))],
    }
}

impl Closeness {
    fn are_equal(self, a: f64, b: f64) -> bool {
        if a.is_nan() || b.is_nan() {
            return a.is_nan() && b.is_nan();
        }
        match self {
            Closeness::Bits => a.to_bits() == b.to_bits(),
            Closeness::Within(share) => a == b || (a - b).abs() <= share * a.abs().max(b.abs()),
        }
    }
}

type Points = Vec<(Timestamp, f64)>;
type Key = (Labels, Timestamp);

/// The points in which two answers differ; `None` if they differ in more than points.
pub(crate) fn differing_points(a: &Outcome, b: &Outcome, closeness: Closeness) -> Option<Vec<Key>> {
    let (Ok(Answer::Series(a)), Ok(Answer::Series(b))) = (a, b) else { return None };
    Some(points_apart(a, b, closeness).into_iter().map(|(key, _, _)| key).collect())
}

/// The points that differ, with both values.
fn points_apart(
    expected: &[(Labels, Points)],
    got: &[(Labels, Points)],
    closeness: Closeness,
) -> Vec<(Key, Option<f64>, Option<f64>)> {
    let table = |series: &[(Labels, Points)]| {
        let mut table: BTreeMap<(Labels, Timestamp), f64> = BTreeMap::new();
        for (labels, points) in series {
            table.extend(points.iter().map(|(t, v)| ((labels.clone(), *t), *v)));
        }
        table
    };
    let (expected, got) = (table(expected), table(got));
    let mut out = Vec::new();
    for (key, a) in &expected {
        let b = got.get(key).copied();
        if b.is_none_or(|b| !closeness.are_equal(*a, b)) {
            out.push((key.clone(), Some(*a), b));
        }
    }
    let more = got.iter().filter(|(key, _)| !expected.contains_key(*key));
    out.extend(more.map(|(key, b)| (key.clone(), None, Some(*b))));
    out
}

fn of_series(expected: &[(Labels, Points)], got: &[(Labels, Points)], closeness: Closeness) -> Vec<String> {
    let text = |v: Option<f64>| v.map_or_else(|| "nothing".to_owned(), number::format_short);
    let line = |((labels, t), a, b): (Key, Option<f64>, Option<f64>)| {
        format!("{labels} @{}: expected {}, got {}", t.as_secs_f64(), text(a), text(b))
    };
    let mut out: Vec<String> = points_apart(expected, got, closeness).into_iter().map(line).collect();
    if out.len() > MAX_SHOWN {
        let n_more = out.len() - MAX_SHOWN;
        out.truncate(MAX_SHOWN);
        out.push(format!("… and {n_more} more"));
    }
    out
}

/// An answer in a few words.
#[must_use]
pub fn show(answer: &Answer) -> String {
    match answer {
        Answer::Scalar(v) => format!("the number {}", number::format_short(*v)),
        Answer::String(text) => format!("the text {text:?}"),
        Answer::Series(series) => {
            format!("{} series with {} points", series.len(), series.iter().map(|s| s.1.len()).sum::<usize>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(points: &[(i64, f64)]) -> Outcome {
        let points = points.iter().map(|(t, v)| (Timestamp(*t), *v)).collect();
        Ok(Answer::Series(vec![(Labels::from_pairs([("a", "b")]), points)]))
    }

    #[test]
    fn each_difference_is_named() {
        let expected = series(&[(1_000, 1.0), (2_000, f64::NAN), (3_000, 0.0)]);
        let got = series(&[(1_000, 1.0 + f64::EPSILON), (2_000, -f64::NAN), (4_000, 1.0)]);
        assert_eq!(
            differences(&expected, &got, Closeness::Bits),
            [
                "{a=\"b\"} @1: expected 1, got 1.0000000000000002",
                "{a=\"b\"} @3: expected 0, got nothing",
                "{a=\"b\"} @4: expected nothing, got 1",
            ]
        );
        assert_eq!(differences(&expected, &got, Closeness::Within(1e-9)).len(), 2);
        assert!(differences(&Err("a".to_owned()), &Err("b".to_owned()), Closeness::Bits).is_empty());
        assert_eq!(
            differences(&Ok(Answer::Scalar(0.0)), &Ok(Answer::Scalar(-0.0)), Closeness::Bits),
            ["expected the number 0, got the number -0"]
        );
    }
}
