//! Which families a text has, and which metrics stand in each.

use super::metric::{Column, Metric};
use crate::format::Format;
use crate::lint::suffixes;
use crate::value::parse_value;
use model::{LE, Labels, METRIC_NAME, MetricFamily, MetricKind, QUANTILE};
use std::collections::{BTreeMap, BTreeSet};

/// A family as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What its metadata say.
    pub family: MetricFamily,
    /// Names of its samples, as they are stored.
    pub metrics: Vec<String>,
    /// The format does not allow the type that it has.
    pub is_untyped: bool,
}

/// The families of these metrics, sorted by name. `described` is what is known of families, by the names of either format:
/// `x_total` or `x` for a counter.
#[must_use]
pub fn plan<'a>(
    metrics: impl Iterator<Item = &'a str>,
    described: &BTreeMap<String, MetricFamily>,
    format: Format,
) -> Vec<Planned> {
    let metrics: BTreeSet<&str> = metrics.collect();
    let mut families: BTreeMap<String, Planned> = BTreeMap::new();
    for &metric in &metrics {
        let (family, is_untyped) = if format == Format::PrometheusText {
            (classic(metric, described), false)
        } else {
            openmetrics(metric, described, &metrics)
        };
        let (family, is_untyped) = match families.get(&family.name) {
            // A gauge `x` and a counter `x_total`: only one of them can be the family `x`.
            Some(other) if other.family != family => {
                (MetricFamily { name: metric.to_owned(), kind: MetricKind::Unknown, ..family }, true)
            }
            _ => (family, is_untyped),
        };
        let entry = families.entry(family.name.clone());
        let planned = entry.or_insert_with(|| Planned { family, metrics: Vec::new(), is_untyped });
        planned.metrics.push(metric.to_owned());
    }
    if format != Format::PrometheusText {
        part_clashing(&mut families);
    }
    families.into_values().collect()
}

/// What is known of a metric's family: under its own name, else under the one without an ending of the family's type.
#[must_use]
pub fn family_of<'a>(metric: &str, described: &'a BTreeMap<String, MetricFamily>) -> Option<&'a MetricFamily> {
    if let Some(family) = described.get(metric) {
        return Some(family);
    }
    let endings = ["_bucket", "_sum", "_count", "_gcount", "_gsum", "_total", "_info", "_created"];
    endings.iter().find_map(|ending| {
        let family = described.get(metric.strip_suffix(ending)?)?;
        suffixes(family.kind, true).contains(ending).then_some(family)
    })
}

/// The family of a metric in the classic format.
fn classic(metric: &str, described: &BTreeMap<String, MetricFamily>) -> MetricFamily {
    let known = family_of(metric, described);
    let of_metric = |kind| MetricFamily {
        name: metric.to_owned(),
        kind,
        help: known.map(|known| known.help.clone()).unwrap_or_default(),
        unit: String::new(),
    };
    let Some(known) = known else { return of_metric(MetricKind::Unknown) };
    let suffix = metric.strip_prefix(&*known.name).unwrap_or_default();
    match known.kind {
        MetricKind::Histogram | MetricKind::Summary if suffixes(known.kind, false).contains(&suffix) => known.clone(),
        MetricKind::Counter if suffix != "_created" => of_metric(MetricKind::Counter),
        MetricKind::Gauge | MetricKind::Info | MetricKind::StateSet => of_metric(MetricKind::Gauge),
        _ if suffix == "_created" => of_metric(MetricKind::Gauge),
        _ => of_metric(MetricKind::Unknown),
    }
}

/// The family of a metric in OpenMetrics, and whether its type is one that it cannot have there.
fn openmetrics(
    metric: &str,
    described: &BTreeMap<String, MetricFamily>,
    metrics: &BTreeSet<&str>,
) -> (MetricFamily, bool) {
    // What the classic format tells of `x_created` is what OpenMetrics tells of `x`.
    if let Some(base) = metric.strip_suffix("_created") {
        let total = format!("{base}_total");
        let counter = described.get(&total).filter(|f| f.kind == MetricKind::Counter && metrics.contains(&*total));
        if let Some(counter) = counter {
            return (MetricFamily { name: base.to_owned(), ..counter.clone() }, false);
        }
        let of = |ending: &str| metrics.contains(&*format!("{base}{ending}"));
        match described.get(base) {
            Some(family) if family.kind == MetricKind::Counter && of("_total") => return (family.clone(), false),
            Some(family) if matches!(family.kind, MetricKind::Histogram | MetricKind::Summary) && of("_count") => {
                return (family.clone(), false);
            }
            _ => {}
        }
    }
    let untyped = |known: Option<&MetricFamily>| MetricFamily {
        name: metric.to_owned(),
        kind: MetricKind::Unknown,
        ..known.cloned().unwrap_or_default()
    };
    let Some(known) = family_of(metric, described) else { return (untyped(None), false) };
    if known.kind == MetricKind::Counter && known.name == metric {
        return match metric.strip_suffix("_total") {
            Some(base) if !base.is_empty() => (MetricFamily { name: base.to_owned(), ..known.clone() }, false),
            _ => (untyped(Some(known)), true),
        };
    }
    let is_own = metric.strip_prefix(&*known.name).is_some_and(|rest| suffixes(known.kind, true).contains(&rest));
    if is_own {
        return (known.clone(), false);
    }
    // `x_info` of the classic format is a gauge there; a histogram may not have a sample of just its name.
    (untyped(Some(known)), true)
}

/// Splits families until no name of a sample of one could be one of another.
fn part_clashing(families: &mut BTreeMap<String, Planned>) {
    loop {
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        let mut clashing = BTreeSet::new();
        for (name, planned) in families.iter() {
            for suffix in [""].iter().chain(suffixes(planned.family.kind, true)) {
                if let Some(other) = taken.insert(format!("{name}{suffix}"), name)
                    && other != name
                {
                    // Of the two the one with endings can be split.
                    let has_endings = |name: &str| families.get(name).is_some_and(|p| p.metrics != [name]);
                    let victims = [name.as_str(), other];
                    clashing.extend(victims.into_iter().filter(|name| has_endings(name)).map(str::to_owned));
                    if !victims.into_iter().any(has_endings) {
                        clashing.extend(victims.map(str::to_owned));
                    }
                }
            }
        }
        let is_done = clashing.is_empty();
        for name in clashing {
            for part in families.remove(&name).map(Planned::split).unwrap_or_default() {
                families.insert(part.family.name.clone(), part);
            }
        }
        if is_done {
            return;
        }
    }
}

impl Planned {
    /// A family of the type `unknown` for each of the names.
    #[must_use]
    pub fn split(self) -> Vec<Planned> {
        let Planned { family, metrics, is_untyped } = self;
        let is_untyped = is_untyped || family.kind != MetricKind::Unknown;
        let part = |(idx, name): (usize, String)| Planned {
            family: MetricFamily { name: name.clone(), kind: MetricKind::Unknown, ..family.clone() },
            metrics: vec![name],
            // It is one family that lost its type.
            is_untyped: is_untyped && idx == 0,
        };
        metrics.into_iter().enumerate().map(part).collect()
    }

    /// The label that tells the samples of one point of the family apart.
    #[must_use]
    pub fn part_label(&self) -> Option<&str> {
        match self.family.kind {
            MetricKind::Histogram | MetricKind::GaugeHistogram => Some(LE),
            MetricKind::Summary => Some(QUANTILE),
            MetricKind::StateSet => Some(&self.family.name),
            _ => None,
        }
    }

    /// What a metric of the family is told from its other metrics by.
    #[must_use]
    pub fn metric_key(&self, labels: &Labels) -> Labels {
        let part = self.part_label();
        labels.only(|name| name != METRIC_NAME && Some(name) != part)
    }

    /// Columns of the family by metric, each in the order in which they are written.
    #[must_use]
    pub fn metrics_of(&self, columns: Vec<Column>) -> Vec<Metric> {
        let mut metrics: BTreeMap<Labels, Metric> = BTreeMap::new();
        for column in columns {
            metrics.entry(self.metric_key(&column.labels)).or_default().columns.push(column);
        }
        let mut metrics: Vec<Metric> = metrics.into_values().collect();
        metrics.iter_mut().for_each(|metric| self.arrange(metric));
        metrics
    }

    /// Puts buckets and quantiles into the order of their bounds, and what sums them up behind them.
    pub fn arrange(&self, metric: &mut Metric) {
        let part = self.part_label();
        let rank = |column: &Column| {
            let name = column.labels.metric_name().unwrap_or_default();
            let suffix = name.strip_prefix(&*self.family.name).unwrap_or_default();
            let place = ["", "_bucket", "_count", "_gcount", "_sum", "_gsum", "_total", "_created"]
                .iter()
                .position(|one| *one == suffix)
                .unwrap_or(usize::MAX);
            let bound = part.and_then(|part| parse_value(column.labels.get(part)?.as_bytes()));
            (place, bound.unwrap_or(f64::NAN))
        };
        model::sort::by(&mut metric.columns, |a, b| {
            let ((place_a, bound_a), (place_b, bound_b)) = (rank(a), rank(b));
            place_a.cmp(&place_b).then(bound_a.total_cmp(&bound_b)).then_with(|| a.labels.cmp(&b.labels))
        });
    }
}
