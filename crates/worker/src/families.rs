//! The metric list: families of all targets with their types, and how many series each has.

use crate::target::Target;
use model::{MetricFamily, MetricKind};
use protocol::{FamilyInfo, TargetId};
use scrape::family_of;
use std::collections::BTreeMap;
use tsdb::Head;

/// What every scrape adds by itself; no exporter describes it.
const OWN: [(&str, &str); 5] = [
    ("up", "Whether the last scrape of the target worked: 1 or 0."),
    ("scrape_duration_seconds", "How long the scrape took."),
    ("scrape_samples_scraped", "Samples that the target exposed."),
    ("scrape_samples_post_metric_relabeling", "Samples that were left after relabelling."),
    ("scrape_series_added", "Series that the scrape before did not expose, about."),
];

/// All families that have series in the store, sorted by name. What no target says of them now is as it was `kept`.
pub(crate) fn families(head: &Head, targets: &[Target], kept: &BTreeMap<String, MetricFamily>) -> Vec<FamilyInfo> {
    let described = described(targets, kept);
    let mut families: BTreeMap<String, FamilyInfo> = BTreeMap::new();
    for (metric, n_series) in head.metric_counts() {
        let family = match family_of(metric, &described) {
            Some(family) => family.clone(),
            None => own(metric).unwrap_or_else(|| MetricFamily { name: metric.to_owned(), ..MetricFamily::default() }),
        };
        let info = families.entry(family.name.clone()).or_insert_with(|| info_of(family));
        info.n_series += n_series as u32;
        info.metrics.push(metric.to_owned());
        let is_own = OWN.iter().any(|(name, _)| *name == metric);
        for target in targets.iter().filter(|t| t.metrics.contains(metric) || is_own && t.schedule.is_some()) {
            add(&mut info.targets, target.id);
        }
    }
    families.into_values().collect()
}

/// The families of metrics of which only the names are known, with what is said of them.
pub(crate) fn of_names(names: &[String], described: &BTreeMap<String, MetricFamily>) -> Vec<FamilyInfo> {
    let mut families: BTreeMap<String, FamilyInfo> = BTreeMap::new();
    for metric in names {
        let family = family_of(metric, described).cloned().or_else(|| own(metric));
        let family = family.unwrap_or_else(|| MetricFamily { name: metric.clone(), ..MetricFamily::default() });
        let info = families.entry(family.name.clone()).or_insert_with(|| info_of(family));
        info.metrics.push(metric.clone());
    }
    families.into_values().collect()
}

fn info_of(family: MetricFamily) -> FamilyInfo {
    FamilyInfo {
        name: family.name,
        kind: family.kind.as_str().to_owned(),
        help: family.help,
        unit: family.unit,
        n_series: 0,
        metrics: Vec::new(),
        targets: Vec::new(),
    }
}

fn add(ids: &mut Vec<TargetId>, id: TargetId) {
    if !ids.contains(&id) {
        ids.push(id);
    }
}

/// What the targets say of their families. Where they do not agree on the type it is unknown, as in Prometheus' page.
pub(crate) fn described(targets: &[Target], kept: &BTreeMap<String, MetricFamily>) -> BTreeMap<String, MetricFamily> {
    let mut all: BTreeMap<String, MetricFamily> = BTreeMap::new();
    for (name, family) in targets.iter().flat_map(|target| target.scrape_loop.families()) {
        match all.get_mut(name) {
            None => {
                all.insert(name.clone(), family.clone());
            }
            Some(known) => {
                if known.kind == MetricKind::Unknown {
                    known.kind = family.kind;
                } else if family.kind != MetricKind::Unknown && family.kind != known.kind {
                    known.kind = MetricKind::Unknown;
                }
                for (have, new) in [(&mut known.help, &family.help), (&mut known.unit, &family.unit)] {
                    if have.is_empty() {
                        have.clone_from(new);
                    }
                }
            }
        }
    }
    for (name, family) in kept {
        if !all.contains_key(name) {
            all.insert(name.clone(), family.clone());
        }
    }
    all
}

fn own(metric: &str) -> Option<MetricFamily> {
    let (name, help) = OWN.iter().find(|(name, _)| *name == metric)?;
    Some(MetricFamily {
        name: (*name).to_owned(),
        kind: MetricKind::Gauge,
        help: (*help).to_owned(),
        unit: String::new(),
    })
}
