//! The settings of a target while they are being typed, and what is wrong with them.

use crate::texts::targets as texts;
use model::{Millis, duration};
use protocol::{Access, TargetSpec};

/// Intervals of the menu, in milliseconds.
pub const CHOICES_MS: [u32; 7] = [1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000];

/// A browser that scrapes more often than this only measures itself.
const MIN_INTERVAL_MS: u32 = 500;

/// Longer than this nothing is "over time".
const MAX_INTERVAL_MS: u32 = 24 * 3_600_000;

/// A field that can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The address.
    Url,
    /// The job label.
    Job,
    /// More labels.
    Labels,
    /// Time between scrapes.
    Interval,
    /// Longest time of a scrape.
    Timeout,
}

impl Field {
    /// A name for the elements of the field.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Field::Url => "url",
            Field::Job => "job",
            Field::Labels => "labels",
            Field::Interval => "interval",
            Field::Timeout => "timeout",
        }
    }
}

/// What stands in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    url: String,
    job: String,
    /// One `name=value` a line.
    labels: String,
    /// A duration as Prometheus writes it.
    pub interval: String,
    timeout: String,
    /// See [`TargetSpec::honor_labels`].
    pub honor_labels: bool,
    /// See [`TargetSpec::honor_timestamps`].
    pub honor_timestamps: bool,
    /// See [`TargetSpec::track_timestamps_staleness`].
    pub track_staleness: bool,
    /// See [`TargetSpec::native_histograms`].
    pub native_histograms: bool,
    /// See [`TargetSpec::paused`].
    pub paused: bool,
    /// See [`TargetSpec::access`]: kept as it is.
    access: Access,
}

impl Draft {
    /// The settings as they are.
    #[must_use]
    pub fn of(spec: &TargetSpec) -> Self {
        let labels: Vec<String> = spec.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Draft {
            url: spec.url.clone(),
            job: spec.job.clone(),
            labels: labels.join("\n"),
            interval: duration::format(Millis(i64::from(spec.interval_ms))),
            timeout: duration::format(Millis(i64::from(spec.timeout_ms))),
            honor_labels: spec.honor_labels,
            honor_timestamps: spec.honor_timestamps,
            track_staleness: spec.track_timestamps_staleness,
            native_histograms: spec.native_histograms,
            paused: spec.paused,
            access: spec.access.clone(),
        }
    }

    /// The text of a field.
    #[must_use]
    pub fn text(&self, field: Field) -> &str {
        match field {
            Field::Url => &self.url,
            Field::Job => &self.job,
            Field::Labels => &self.labels,
            Field::Interval => &self.interval,
            Field::Timeout => &self.timeout,
        }
    }

    /// The same, to be changed.
    pub fn text_mut(&mut self, field: Field) -> &mut String {
        match field {
            Field::Url => &mut self.url,
            Field::Job => &mut self.job,
            Field::Labels => &mut self.labels,
            Field::Interval => &mut self.interval,
            Field::Timeout => &mut self.timeout,
        }
    }

    /// Changes the interval. A timeout as long as the old one follows it, as does one that would be longer.
    pub fn set_interval(&mut self, text: &str) {
        let (old, new) = (millis(&self.interval), millis(text));
        let timeout = millis(&self.timeout);
        if timeout.is_some() && (timeout == old || timeout > new) && new.is_some() {
            text.trim().clone_into(&mut self.timeout);
        }
        text.clone_into(&mut self.interval);
    }

    /// The settings.
    ///
    /// # Errors
    /// The fields that are wrong, each with a sentence.
    pub fn check(&self) -> Result<TargetSpec, Vec<(Field, String)>> {
        let mut problems = Vec::new();
        let url = self.url.trim();
        if url.is_empty() || url.contains(char::is_whitespace) {
            problems.push((Field::Url, texts::BAD_URL.to_owned()));
        }
        let labels = labels(&self.labels).unwrap_or_else(|problem| {
            problems.push((Field::Labels, problem));
            Vec::new()
        });
        let bounds = MIN_INTERVAL_MS..=MAX_INTERVAL_MS;
        let interval_ms = match millis(&self.interval) {
            Some(ms) if bounds.contains(&ms) => ms,
            found => {
                let outside = texts::interval_bounds(MIN_INTERVAL_MS, MAX_INTERVAL_MS);
                problems.push((Field::Interval, found.map_or(texts::BAD_DURATION.to_owned(), |_| outside)));
                MAX_INTERVAL_MS
            }
        };
        let timeout_ms = match millis(&self.timeout) {
            Some(ms) if ms > 0 && ms <= interval_ms => ms,
            Some(ms) if ms > 0 => {
                problems.push((Field::Timeout, texts::TIMEOUT_TOO_LONG.to_owned()));
                ms
            }
            _ => {
                problems.push((Field::Timeout, texts::BAD_DURATION.to_owned()));
                0
            }
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(TargetSpec {
            url: url.to_owned(),
            job: self.job.trim().to_owned(),
            labels,
            interval_ms,
            timeout_ms,
            honor_labels: self.honor_labels,
            honor_timestamps: self.honor_timestamps,
            track_timestamps_staleness: self.track_staleness,
            native_histograms: self.native_histograms,
            paused: self.paused,
            access: self.access.clone(),
        })
    }
}

fn millis(text: &str) -> Option<u32> {
    duration::parse(text.trim()).ok().and_then(|Millis(ms)| u32::try_from(ms).ok())
}

/// `name=value` or `name="value"`, one a line.
fn labels(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut labels: Vec<(String, String)> = Vec::new();
    for line in text.lines().map(|line| line.trim().trim_end_matches(',')).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once('=').ok_or_else(|| texts::bad_label(line))?;
        let (name, value) = (name.trim(), value.trim());
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
        let is_name = name.starts_with(is_first) && name.chars().all(|c| is_first(c) || c.is_ascii_digit());
        if !is_name || name.starts_with("__") {
            return Err(texts::bad_label_name(name));
        }
        if name == "job" {
            return Err(texts::LABEL_IS_JOB.to_owned());
        }
        if labels.iter().any(|(known, _)| known == name) {
            return Err(texts::label_twice(name));
        }
        labels.push((name.to_owned(), value.to_owned()));
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> TargetSpec {
        let mut spec = TargetSpec::new("localhost:9100");
        spec.job = "node".to_owned();
        spec.labels = vec![("env".to_owned(), "test, a=b".to_owned()), ("x".to_owned(), String::new())];
        spec.interval_ms = 90_000;
        spec.track_timestamps_staleness = true;
        spec.native_histograms = true;
        spec
    }

    #[test]
    fn what_is_not_changed_stays() {
        assert_eq!(Draft::of(&spec()).check(), Ok(spec()));
    }

    #[test]
    fn a_timeout_as_long_as_the_interval_follows_it() {
        for (interval, timeout, new, want) in
            [("5s", "5s", "30s", "30s"), ("5s", "2s", "30s", "2s"), ("5s", "5s", "1s", "1s"), ("5s", "5s", "3", "5s")]
        {
            let mut draft = Draft { interval: interval.to_owned(), timeout: timeout.to_owned(), ..Draft::default() };
            draft.set_interval(new);
            assert_eq!((draft.interval.as_str(), draft.timeout.as_str()), (new, want));
        }
    }

    #[test]
    fn each_flaw_is_told_at_its_field() {
        for (field, text, want) in [
            (Field::Url, " ", texts::BAD_URL.to_owned()),
            (Field::Labels, "env", texts::bad_label("env")),
            (Field::Labels, "a=1\n2b=3", texts::bad_label_name("2b")),
            (Field::Labels, "__a=1", texts::bad_label_name("__a")),
            (Field::Labels, "a=1\na=2", texts::label_twice("a")),
            (Field::Labels, "job=x", texts::LABEL_IS_JOB.to_owned()),
            (Field::Interval, "5", texts::BAD_DURATION.to_owned()),
            (Field::Interval, "100ms", texts::interval_bounds(MIN_INTERVAL_MS, MAX_INTERVAL_MS)),
            (Field::Timeout, "2m", texts::TIMEOUT_TOO_LONG.to_owned()),
            (Field::Timeout, "0", texts::BAD_DURATION.to_owned()),
        ] {
            let mut draft = Draft::of(&spec());
            *draft.text_mut(field) = text.to_owned();
            assert_eq!(draft.check(), Err(vec![(field, want)]), "{text}");
        }
    }
}
