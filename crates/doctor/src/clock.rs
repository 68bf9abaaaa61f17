//! What an answer says of the time: its header `Date`, and metrics that are the time.

use model::civil::Civil;

/// Milliseconds since the epoch of a `Date` header in the form that HTTP asks for: `Fri, 27 Nov 2026 07:05:00 GMT`.
#[must_use]
pub fn http_date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.trim().split_once(", ")?;
    let mut words = rest.split(' ');
    let day: u32 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? as u32 + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let mut clock = words.next()?.splitn(3, ':').map(|part| part.parse::<u32>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let is_real = (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61 && (1970..10_000).contains(&year);
    if words.next() != Some("GMT") || !is_real {
        return None;
    }
    Some(Civil { year, month, day, hour, minute, second, ms: 0 }.to_ms())
}

/// The time of a metric that is the target's clock, such as that of a node exporter, in ms since the epoch.
#[must_use]
pub fn body_clock(body: &str) -> Option<i64> {
    let line = body.lines().find(|line| line.starts_with("node_time_seconds "))?;
    let seconds: f64 = line.split(' ').nth(1)?.parse().ok()?;
    (seconds > 0.0 && seconds < 1e11).then_some((seconds * 1_000.0) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_date_of_an_answer_is_read() {
        assert_eq!(http_date("Thu, 01 Jan 1970 00:00:01 GMT"), Some(1_000));
        assert_eq!(http_date("Thu, 29 Feb 2024 13:05:00 GMT"), Some(1_709_211_900_000));
        for none in
            ["", "Thu, 29 Feb 2024 13:05:00", "Thu, 29 Foo 2024 13:05:00 GMT", "Thu, 29 Feb 2024 25:05:00 GMT", "now"]
        {
            assert_eq!(http_date(none), None, "{none}");
        }
    }

    #[test]
    fn a_metric_that_is_the_time_is_read() {
        assert_eq!(body_clock("# TYPE node_time_seconds gauge\nnode_time_seconds 1.5e9\n"), Some(1_500_000_000_000));
        assert_eq!(body_clock("node_time_seconds NaN\n"), None);
        assert_eq!(body_clock("up 1\n"), None);
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reading_of_a_date(text in "\\PC{0,40}") {
            let _ = http_date(&text);
            let _ = body_clock(&text);
        }
    }
}
