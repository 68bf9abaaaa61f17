//! Which family a metric belongs to: that of its own name, or of its name without the ending of the family's kind.

use exposition::Entry;
use model::{MetricFamily, MetricKind};
use std::collections::BTreeMap;

/// Bytes kept of a help text: more than a page shows.
const MAX_HELP_BYTES: usize = 4_096;

/// Endings of the metrics of a family, with the kinds that have them.
const SUFFIXES: [(&str, &[MetricKind]); 7] = [
    ("_bucket", &[MetricKind::Histogram, MetricKind::GaugeHistogram]),
    ("_sum", &[MetricKind::Histogram, MetricKind::Summary, MetricKind::GaugeHistogram]),
    ("_count", &[MetricKind::Histogram, MetricKind::Summary]),
    ("_gcount", &[MetricKind::GaugeHistogram]),
    ("_gsum", &[MetricKind::GaugeHistogram]),
    ("_total", &[MetricKind::Counter]),
    ("_info", &[MetricKind::Info]),
];

/// Kinds that OpenMetrics lets say when they began, in a series `…_created`.
const WITH_CREATED: [MetricKind; 3] = [MetricKind::Counter, MetricKind::Histogram, MetricKind::Summary];

/// The family of a metric, if one is described.
#[must_use]
pub fn family_of<'a>(metric: &str, described: &'a BTreeMap<String, MetricFamily>) -> Option<&'a MetricFamily> {
    if let Some(family) = described.get(metric) {
        return Some(family);
    }
    let with = |suffix: &str, kinds: &[MetricKind]| {
        let family = described.get(metric.strip_suffix(suffix)?)?;
        kinds.contains(&family.kind).then_some(family)
    };
    SUFFIXES.iter().find_map(|(suffix, kinds)| with(suffix, kinds)).or_else(|| with("_created", &WITH_CREATED))
}

/// Whether a metric only goes up, but for resets: as its family says, or by its name where none does.
#[must_use]
pub fn is_counter(metric: &str, described: &BTreeMap<String, MetricFamily>) -> bool {
    let ends_with = |suffixes: &[&str]| suffixes.iter().any(|suffix| metric.ends_with(suffix));
    match family_of(metric, described).map_or(MetricKind::Unknown, |family| family.kind) {
        MetricKind::Counter => !ends_with(&["_created"]),
        MetricKind::Histogram => ends_with(&["_bucket", "_count"]),
        MetricKind::Summary => ends_with(&["_count"]),
        MetricKind::Unknown => ends_with(&["_total"]),
        MetricKind::Gauge | MetricKind::GaugeHistogram | MetricKind::Info | MetricKind::StateSet => false,
    }
}

/// The families that types, help and units describe, by name.
pub(crate) fn described<'a>(metadata: &'a [Entry<'_>]) -> BTreeMap<&'a str, MetricFamily> {
    let mut families: BTreeMap<&str, MetricFamily> = BTreeMap::new();
    for entry in metadata {
        let (Entry::Type { name, .. } | Entry::Help { name, .. } | Entry::Unit { name, .. }) = entry else {
            continue;
        };
        let family =
            families.entry(name).or_insert_with(|| MetricFamily { name: name.to_string(), ..MetricFamily::default() });
        match entry {
            Entry::Type { kind, .. } => family.kind = *kind,
            Entry::Help { text, .. } => {
                text[..text.floor_char_boundary(MAX_HELP_BYTES)].clone_into(&mut family.help);
            }
            Entry::Unit { unit, .. } => family.unit = unit.to_string(),
            Entry::Series(_) => {}
        }
    }
    families
}
