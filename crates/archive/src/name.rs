//! What the name of a dump says: when it was made, and of what.

use model::{Timestamp, civil::Civil};
use std::ops::Range;

/// The time in a file's name, taken as UTC: `metrics-2026-11-26T10-00-00.txt`, `node_20261126_1000.prom`,
/// `1795687200.txt` (seconds) or `1795687200000.txt`.
#[must_use]
pub fn time_of(name: &str) -> Option<Timestamp> {
    find_time(name).map(|(t, _)| t)
}

/// The name of what a file was taken from: the file's name without its time and endings; else that of its folder.
///
/// Files of one series of dumps get the same one: it becomes their label `instance`.
#[must_use]
pub fn instance_of(path: &str) -> String {
    let mut parts = path.rsplit(['/', '\\']);
    let name = parts.next().unwrap_or_default();
    let mut name = name.to_owned();
    if let Some((_, range)) = find_time(&name) {
        name.replace_range(range, "");
    }
    let mut stem = name.as_str();
    let endings = [".gz", ".txt", ".prom", ".om", ".metrics", ".openmetrics", ".pb", ".log", ".json"];
    while let Some(rest) = endings.iter().find_map(|ending| stem.strip_suffix(ending)) {
        stem = rest;
    }
    let stem = stem.trim_matches(['-', '_', '.', ' ']);
    let folder = parts.next().filter(|folder| !folder.is_empty());
    match (stem, folder) {
        ("", Some(folder)) => folder.to_owned(),
        ("", None) => "file".to_owned(),
        (stem, _) => stem.to_owned(),
    }
}

fn find_time(name: &str) -> Option<(Timestamp, Range<usize>)> {
    let bytes = name.as_bytes();
    let starts = (0..bytes.len()).filter(|&at| {
        let digit_before = at > 0 && bytes.get(at - 1).is_some_and(u8::is_ascii_digit);
        bytes.get(at).is_some_and(u8::is_ascii_digit) && !digit_before
    });
    starts.clone().find_map(|at| date_at(bytes, at)).or_else(|| starts.clone().find_map(|at| unix_at(name, at)))
}

/// Seconds or milliseconds since 1970.
fn unix_at(name: &str, start: usize) -> Option<(Timestamp, Range<usize>)> {
    let rest = name.get(start..)?;
    let len = rest.bytes().take_while(u8::is_ascii_digit).count();
    let value: i64 = rest.get(..len)?.parse().ok()?;
    let ms = match len {
        10 => value * 1_000,
        13 => value,
        _ => return None,
    };
    Some((Timestamp(ms), start..start + len))
}

/// Year, month, day, hour, minute and perhaps second, with at most one character between them.
fn date_at(bytes: &[u8], start: usize) -> Option<(Timestamp, Range<usize>)> {
    let mut at = start;
    let mut part = |n: usize, is_first: bool| -> Option<u32> {
        let mut from = at;
        if !is_first && bytes.get(from).is_some_and(|b| matches!(b, b'-' | b'_' | b'.' | b':' | b'T' | b't' | b' ')) {
            from += 1;
        }
        let digits = bytes.get(from..from + n)?;
        let value = std::str::from_utf8(digits).ok()?.parse().ok().filter(|_| digits.iter().all(u8::is_ascii_digit))?;
        at = from + n;
        Some(value)
    };
    let (year, month, day) = (part(4, true)?, part(2, false)?, part(2, false)?);
    let (hour, minute) = (part(2, false)?, part(2, false)?);
    let second = part(2, false).unwrap_or(0);
    if !(1970..2200).contains(&year) {
        return None;
    }
    // What does not exist is no date.
    let text = format!("{year}-{month}-{day} {hour}:{minute}:{second}");
    let t = Timestamp(Civil::parse(&text)?.to_ms());
    if bytes.get(at).is_some_and(|b| matches!(b, b'Z' | b'z')) {
        at += 1;
    }
    if bytes.get(at).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    Some((t, start..at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_times_and_instances() {
        let ten = 1_795_687_200_000;
        for (path, t, instance) in [
            ("metrics-2026-11-26T10-00-00.txt", Some(ten), "metrics"),
            ("dumps/node/2026-11-26T10:00:00Z.prom.gz", Some(ten), "node"),
            ("node_20261126_1000.prom", Some(ten), "node"),
            ("promenade-2026-11-26-1000.om.txt", Some(ten), "promenade"),
            ("web1.20261126T100000Z.metrics", Some(ten), "web1"),
            ("1795687200.txt", Some(ten), "file"),
            ("d/1795687200000.txt", Some(ten), "d"),
            ("app-1795687200.txt", Some(ten), "app"),
            ("node-9100.txt", None, "node-9100"),
            ("2026-13-41T10-00-00.txt", None, "2026-13-41T10-00-00"),
            ("123456789012345678901234567890.txt", None, "123456789012345678901234567890"),
            (".txt", None, "file"),
            ("", None, "file"),
        ] {
            let name = path.rsplit('/').next().unwrap_or_default();
            assert_eq!(time_of(name).map(|t| t.0), t, "{path}");
            assert_eq!(instance_of(path), instance, "{path}");
        }
    }
}
