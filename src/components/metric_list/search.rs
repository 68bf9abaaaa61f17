//! Which metric families a search finds, and in what order they stand.

use protocol::{FamilyInfo, TargetId};

/// How the list is arranged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grouping {
    /// By name, or by how well the search fits.
    #[default]
    None,
    /// Under a heading for each type.
    ByType,
}

/// Types in the order of their headings: those that are looked for most come first.
const KINDS: [&str; 8] = ["counter", "gauge", "histogram", "summary", "gaugehistogram", "stateset", "info", "unknown"];

/// A heading or a family, by its index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A type, and how many families of it were found.
    Heading(String, usize),
    /// A family.
    Family(usize),
}

/// How well a family fits; lower is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    WholeName,
    StartOfName,
    StartOfWord,
    InName,
    /// Only some words are in the name; the others are in the help text.
    InHelp,
}

/// The families that hold every word in their name, help, type or unit, best fit first; `families` are sorted by
/// name and stay so among equals. Upper and lower case are the same.
#[must_use]
pub fn found(families: &[FamilyInfo], search: &str, target: Option<TargetId>) -> Vec<usize> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let of_target = |family: &FamilyInfo| target.is_none_or(|target| family.targets.contains(&target));
    let candidates = families.iter().enumerate().filter(|(_, family)| of_target(family));
    let mut hits: Vec<(Fit, usize)> =
        candidates.filter_map(|(idx, family)| fit(family, &words).map(|fit| (fit, idx))).collect();
    model::sort::by(&mut hits, Ord::cmp);
    hits.into_iter().map(|(_, idx)| idx).collect()
}

/// Puts what was found under headings, or leaves it flat.
#[must_use]
pub fn arranged(families: &[FamilyInfo], found: &[usize], grouping: Grouping) -> Vec<Line> {
    if grouping == Grouping::None {
        return found.iter().map(|&idx| Line::Family(idx)).collect();
    }
    let rank = |idx: usize| {
        let kind = families.get(idx).map_or("", |family| family.kind.as_str());
        KINDS.iter().position(|known| *known == kind).unwrap_or(KINDS.len())
    };
    let mut lines = Vec::with_capacity(found.len() + KINDS.len());
    for wanted in 0..=KINDS.len() {
        let group: Vec<usize> = found.iter().copied().filter(|&idx| rank(idx) == wanted).collect();
        if let Some(family) = group.first().and_then(|&idx| families.get(idx)) {
            lines.push(Line::Heading(family.kind.clone(), group.len()));
        }
        lines.extend(group.into_iter().map(Line::Family));
    }
    lines
}

fn fit(family: &FamilyInfo, words: &[String]) -> Option<Fit> {
    let name = family.name.to_lowercase();
    // The names that one sees in the text count too: who looks for `x_total` or `x_bucket` means `x`.
    let metrics: Vec<String> = family.metrics.iter().map(|metric| metric.to_lowercase()).collect();
    let in_name =
        |word: &String| name.contains(word.as_str()) || metrics.iter().any(|metric| metric.contains(word.as_str()));
    let missing: Vec<&String> = words.iter().filter(|word| !in_name(word)).collect();
    if !missing.is_empty() {
        let help = family.help.to_lowercase();
        let elsewhere = |word: &&String| help.contains(word.as_str()) || **word == family.kind || **word == family.unit;
        return missing.iter().all(elsewhere).then_some(Fit::InHelp);
    }
    let Some(first) = words.first() else { return Some(Fit::WholeName) };
    let starts_word = || name.split(['_', ':', '.']).any(|part| part.starts_with(first.as_str()));
    Some(match () {
        () if words.len() == 1 && (name == *first || metrics.contains(first)) => Fit::WholeName,
        () if name.starts_with(first.as_str()) => Fit::StartOfName,
        () if starts_word() => Fit::StartOfWord,
        () => Fit::InName,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(kind: &str, name: &str, help: &str, target: u32) -> FamilyInfo {
        FamilyInfo {
            name: name.to_owned(),
            kind: kind.to_owned(),
            help: help.to_owned(),
            unit: String::new(),
            n_series: 1,
            metrics: vec![name.to_owned(), format!("{name}_sum")],
            targets: vec![TargetId(target)],
        }
    }

    fn families() -> Vec<FamilyInfo> {
        vec![
            family("histogram", "http_request_duration_seconds", "Latency of requests.", 1),
            family("counter", "http_requests", "Requests by code.", 1),
            family("gauge", "process_open_fds", "Open file descriptors.", 2),
            family("counter", "prometheus_http_requests", "Counter of HTTP requests.", 2),
            family("gauge", "requests", "", 1),
            family("odd", "xrequests", "", 1),
        ]
    }

    #[track_caller]
    fn check(search: &str, target: Option<u32>, want: &[&str]) {
        let families = families();
        let found = found(&families, search, target.map(TargetId));
        assert_eq!(found.iter().map(|&idx| families[idx].name.as_str()).collect::<Vec<_>>(), want);
    }

    #[test]
    fn names_come_before_help_texts() {
        let http = ["http_request_duration_seconds", "http_requests", "prometheus_http_requests"];
        check("http", None, &http);
        check(
            "requests",
            None,
            &["requests", "http_requests", "prometheus_http_requests", "xrequests", "http_request_duration_seconds"],
        );
        check("HTTP latency", None, &["http_request_duration_seconds"]);
        check("open counter", None, &[]);
        check("http counter", None, &["http_requests", "prometheus_http_requests"]);
        check("duration_seconds_sum", None, &["http_request_duration_seconds"]);
        check("requests_sum", None, &["requests", "http_requests", "prometheus_http_requests", "xrequests"]);
        check("  ", Some(2), &["process_open_fds", "prometheus_http_requests"]);
        check("nothing", None, &[]);
    }

    #[test]
    fn each_type_has_one_heading() {
        let families = families();
        let all = found(&families, "", None);
        let lines = arranged(&families, &all, Grouping::ByType);
        let lines: Vec<String> = lines
            .into_iter()
            .map(|line| match line {
                Line::Heading(kind, n) => format!("{kind} {n}"),
                Line::Family(idx) => families[idx].name.clone(),
            })
            .collect();
        let want = [
            "counter 2",
            "http_requests",
            "prometheus_http_requests",
            "gauge 2",
            "process_open_fds",
            "requests",
            "histogram 1",
            "http_request_duration_seconds",
            "odd 1",
            "xrequests",
        ];
        assert_eq!(lines, want);
        assert_eq!(arranged(&families, &all, Grouping::None).len(), families.len());
    }
}
