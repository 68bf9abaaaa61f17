//! Which known names somebody may have meant who wrote another one.

/// The known names nearest to a wrong one, at most three edits away (one of a short one), nearest first, at most three.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let lower = name.to_ascii_lowercase();
    let limit = if name.len() <= 4 { 1 } else { 3 };
    let mut near: Vec<_> = known.map(|n| (edit_distance(&lower, n), n)).filter(|(d, _)| *d <= limit).collect();
    crate::sort::by(&mut near, Ord::cmp);
    near.into_iter().map(|(_, n)| n).take(3).collect()
}

/// Insertions, deletions, replacements and swaps of neighbours that make one text of the other.
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    // Far apart anyway; also bounds the work for a name of a megabyte.
    if a.len().abs_diff(b.len()) > 3 {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut next = vec![i + 1];
        for j in 0..b.len() {
            let mut best = (row[j] + usize::from(a[i] != b[j])).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                best = best.min(before[j - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_comes_first() {
        let known = ["metrics_path", "scrape_interval", "scheme", "job_name"];
        for (typed, want) in [
            ("scrape_intervall", &["scrape_interval"][..]),
            ("Scheme", &["scheme"]),
            ("shceme", &["scheme"]),
            ("jobname", &["job_name"]),
            ("static_configs", &[]),
        ] {
            assert_eq!(nearest(typed, known.into_iter()), want, "{typed}");
        }
    }
}
