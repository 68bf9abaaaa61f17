//! Lines that belong together: all of one histogram or summary, or the one of a counter or gauge.

use super::{Change, Part, PartDiff, SeriesDiff, Value};
use model::{Histogram, LE, Labels, LabelsBuilder, METRIC_NAME, MetricKind, QUANTILE, number};
use std::collections::BTreeMap;

/// All groups of a family.
#[derive(Default)]
pub(super) struct Groups {
    groups: BTreeMap<Labels, Group>,
    /// Lines in the first snapshot.
    pub(super) n_from: usize,
    /// Lines in the second.
    pub(super) n_to: usize,
}

/// The lines of one series or one histogram.
pub(super) struct Group {
    labels: Labels,
    kind: Kind,
    parts: BTreeMap<PartKey, Pair>,
    /// Native histograms differ in more than count and sum.
    has_moved: bool,
}

type Pair = (Option<f64>, Option<f64>);

/// What the numbers of a group mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// They go up and down.
    Gauge,
    /// One number that only goes up.
    Counter,
    /// Count and buckets go up.
    Observations,
}

/// Which number; buckets and quantiles in the order of their bounds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct PartKey {
    rank: u8,
    bound: u64,
    text: String,
}

const COUNT: u8 = 0;
const SUM: u8 = 1;
const VALUE: u8 = 2;
const CREATED: u8 = 3;
const POPULATED: u8 = 4;
const BUCKET: u8 = 5;
const AT_QUANTILE: u8 = 6;

impl Groups {
    /// Adds a line with what it is in both snapshots.
    pub(super) fn add(
        &mut self,
        labels: &Labels,
        (family, kind): (&str, MetricKind),
        from: Option<&Value>,
        to: Option<&Value>,
    ) {
        self.n_from += usize::from(from.is_some());
        self.n_to += usize::from(to.is_some());
        let (key, labels, kind) = place(labels, family, kind);
        let group = self.groups.entry(labels.clone()).or_insert_with(|| Group {
            labels,
            kind,
            parts: BTreeMap::new(),
            has_moved: false,
        });
        match (from, to) {
            (Some(Value::Histogram(from)), Some(Value::Histogram(to))) => {
                group.has_moved |= !is_same_histogram(from, to);
                group.add_native(Some(from), Some(to));
            }
            (Some(Value::Histogram(from)), to) => {
                group.add_native(Some(from), None);
                group.add(key, (None, to.and_then(float)));
            }
            (from, Some(Value::Histogram(to))) => {
                group.add_native(None, Some(to));
                group.add(key, (from.and_then(float), None));
            }
            (from, to) => group.add(key, (from.and_then(float), to.and_then(float))),
        }
    }

    /// In the order of their labels.
    pub(super) fn into_groups(self) -> impl Iterator<Item = Group> {
        self.groups.into_values()
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(v) => Some(*v),
        Value::Histogram(_) => None,
    }
}

/// Which number of which group a line is.
fn place(labels: &Labels, family: &str, kind: MetricKind) -> (PartKey, Labels, Kind) {
    let metric = labels.metric_name().unwrap_or("");
    let ending = metric.strip_prefix(family).unwrap_or("");
    let key = |rank, bound: &str| PartKey { rank, bound: ordered(bound), text: bound.to_owned() };
    let composed = match (kind, ending) {
        (MetricKind::Histogram | MetricKind::GaugeHistogram, "_bucket") => {
            labels.get(LE).map(|le| (key(BUCKET, le), Some(LE)))
        }
        (MetricKind::Summary, "") => labels.get(QUANTILE).map(|q| (key(AT_QUANTILE, q), Some(QUANTILE))),
        (MetricKind::Histogram | MetricKind::Summary, "_count") | (MetricKind::GaugeHistogram, "_gcount") => {
            Some((key(COUNT, ""), None))
        }
        (MetricKind::Histogram | MetricKind::Summary, "_sum") | (MetricKind::GaugeHistogram, "_gsum") => {
            Some((key(SUM, ""), None))
        }
        (MetricKind::Histogram | MetricKind::Summary, "_created") => Some((key(CREATED, ""), None)),
        _ => None,
    };
    match composed {
        Some((key, without)) => {
            let mut builder = LabelsBuilder::from_labels(labels);
            builder.set(METRIC_NAME, family);
            if let Some(label) = without {
                builder.remove(label);
            }
            let kind = if kind == MetricKind::GaugeHistogram { Kind::Gauge } else { Kind::Observations };
            (key, builder.labels(), kind)
        }
        None => {
            let is_counter = match kind {
                MetricKind::Counter => ending != "_created",
                MetricKind::Unknown => metric.ends_with("_total"),
                _ => false,
            };
            let kind = match kind {
                // A native histogram has its family's name.
                MetricKind::Histogram => Kind::Observations,
                _ if is_counter => Kind::Counter,
                _ => Kind::Gauge,
            };
            (key(VALUE, ""), labels.clone(), kind)
        }
    }
}

/// The order of a bound among others: that of its number, what is none at the end.
fn ordered(bound: &str) -> u64 {
    let bits = number::parse(bound).unwrap_or(f64::NAN).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

impl Group {
    fn add(&mut self, key: PartKey, (from, to): Pair) {
        if from.is_none() && to.is_none() {
            return;
        }
        let pair = self.parts.entry(key).or_default();
        *pair = (pair.0.or(from), pair.1.or(to));
    }

    fn add_native(&mut self, from: Option<&Histogram>, to: Option<&Histogram>) {
        let populated = |h: &Histogram| {
            let all = h.positive.iter().chain(&h.negative).filter(|bucket| bucket.count != 0.0).count();
            (all + usize::from(h.zero_count != 0.0)) as f64
        };
        let numbers = |h: &Histogram| [h.count, h.sum, populated(h)];
        let (from, to) = (from.map(numbers), to.map(numbers));
        for (idx, rank) in [COUNT, SUM, POPULATED].into_iter().enumerate() {
            let pair = (from.map(|all| all[idx]), to.map(|all| all[idx]));
            self.add(PartKey { rank, bound: 0, text: String::new() }, pair);
        }
    }

    /// How it changed; `None` if it did not.
    pub(super) fn compare(self, max_parts: usize) -> Option<SeriesDiff> {
        let Group { labels, kind, parts, has_moved } = self;
        let is_new = parts.values().all(|(from, _)| from.is_none());
        let is_gone = parts.values().all(|(_, to)| to.is_none());
        let is_counter = kind != Kind::Gauge;
        let counts_up = |key: &PartKey| match kind {
            Kind::Gauge => false,
            Kind::Counter => true,
            Kind::Observations => matches!(key.rank, COUNT | BUCKET),
        };
        let fell = |(key, (from, to)): (&PartKey, &Pair)| counts_up(key) && from > to && to.is_some();
        let change = if is_new {
            Change::New
        } else if is_gone {
            Change::Gone
        } else if parts.iter().any(fell) {
            Change::Reset
        } else if has_moved || parts.values().any(|pair| !is_same(*pair)) {
            Change::Moved
        } else {
            return None;
        };
        let weight = weight(change, &parts);
        let mut shown: Vec<PartDiff> = Vec::new();
        let mut n_more_parts = 0;
        for (key, pair) in alone(parts) {
            let is_head = key.rank <= VALUE;
            if !is_head && is_same(pair) {
                continue;
            }
            if shown.len() < max_parts {
                shown.push(PartDiff { part: part(key), from: pair.0, to: pair.1 });
            } else {
                n_more_parts += 1;
            }
        }
        Some(SeriesDiff { labels, change, is_counter, parts: shown, n_more_parts, weight })
    }
}

/// Buckets count all below their bound; here each counts its own observations.
fn alone(parts: BTreeMap<PartKey, Pair>) -> Vec<(PartKey, Pair)> {
    let mut below = (0.0, 0.0);
    let own = |value: Option<f64>, below: &mut f64| {
        let all = value?;
        let own = all - *below;
        *below = all;
        Some(own)
    };
    let each = parts.into_iter().map(|(key, pair)| {
        if key.rank != BUCKET {
            return (key, pair);
        }
        let pair = (own(pair.0, &mut below.0), own(pair.1, &mut below.1));
        (key, pair)
    });
    each.collect()
}

fn part(key: PartKey) -> Part {
    match key.rank {
        COUNT => Part::Count,
        SUM => Part::Sum,
        CREATED => Part::Created,
        POPULATED => Part::Populated,
        BUCKET => Part::Bucket(key.text),
        AT_QUANTILE => Part::Quantile(key.text),
        _ => Part::Value,
    }
}

/// Not a number is the same as not a number.
fn is_same((from, to): Pair) -> bool {
    match (from, to) {
        (Some(from), Some(to)) => from == to || from.is_nan() && to.is_nan(),
        (from, to) => from.is_none() && to.is_none(),
    }
}

fn is_same_histogram(a: &Histogram, b: &Histogram) -> bool {
    let filled = |h: &Histogram| -> Vec<_> {
        let all = h.positive.iter().map(|bucket| (false, bucket)).chain(h.negative.iter().map(|bucket| (true, bucket)));
        all.filter(|(_, bucket)| bucket.count != 0.0).map(|(side, bucket)| (side, bucket.idx, bucket.count)).collect()
    };
    is_same((Some(a.sum), Some(b.sum)))
        && (a.count, a.zero_count, a.schema) == (b.count, b.zero_count, b.schema)
        && a.custom_values == b.custom_values
        && filled(a) == filled(b)
}

/// How far a series moved, measured by its size: by its count where it has one, else by the number that moved most.
fn weight(change: Change, parts: &BTreeMap<PartKey, Pair>) -> f64 {
    let by_size = |(from, to): &Pair| match (from, to) {
        _ if is_same((*from, *to)) => 0.0,
        (Some(from), Some(to)) if from.is_finite() && to.is_finite() => {
            ((to - from).abs() / from.abs().max(to.abs())).min(2.0)
        }
        _ => 1.0,
    };
    let counted = parts.first_key_value().filter(|(key, _)| key.rank == COUNT).map(|(_, pair)| by_size(pair));
    let moved = counted.filter(|moved| *moved > 0.0);
    let moved = moved.unwrap_or_else(|| parts.values().map(by_size).fold(0.0, f64::max));
    match change {
        Change::Reset => 2.0 + moved,
        Change::New | Change::Gone => 1.0,
        Change::Moved => moved,
    }
}
