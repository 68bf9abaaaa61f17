//! The samples of one metric: whether its type allows them, and their lines in the order of time.

use super::{Losses, Writer, key};
use crate::format::Format;
use crate::lint::suffixes;
use crate::value::parse_value;
use model::{Exemplar, LE, Labels, LabelsBuilder, METRIC_NAME, MetricFamily, MetricKind, QUANTILE, is_stale};

/// The samples of one series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// The series.
    pub labels: Labels,
    /// Times, ms, increasing; none at all if the samples have no times of their own.
    pub ts: Vec<i64>,
    /// Values. Staleness markers among them are left out.
    pub vs: Vec<f64>,
    /// Since when the counter behind each value counts, ms, 0 where that is not known; none at all if it is known of none.
    pub starts: Vec<i64>,
    /// Exemplars, each with the number of the sample at which it stands; sorted by that.
    pub exemplars: Vec<(usize, Exemplar)>,
}

impl Column {
    /// Samples with times and nothing else.
    #[must_use]
    pub fn new(labels: Labels, ts: Vec<i64>, vs: Vec<f64>) -> Self {
        Column { labels, ts, vs, ..Column::default() }
    }

    fn t(&self, idx: usize) -> Option<i64> {
        self.ts.get(idx).copied()
    }
}

/// A metric: all series of one family with the same labels, but for those that tell the samples of a point apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metric {
    /// In the order of [`super::Planned::arrange`].
    pub columns: Vec<Column>,
}

/// What a column is in its family.
struct Role {
    suffix: &'static str,
    /// `le`, `quantile`.
    bound: Option<f64>,
}

impl Role {
    /// `None` if the family's type has no such sample.
    fn of(labels: &Labels, family: &MetricFamily) -> Option<Role> {
        let rest = labels.metric_name()?.strip_prefix(&*family.name)?;
        let suffix = suffixes(family.kind, true).iter().copied().find(|suffix| *suffix == rest)?;
        let number = |name| labels.get(name).map(|text| parse_value(text.as_bytes()).filter(|v| !v.is_nan()));
        let bound = match (family.kind, suffix) {
            (MetricKind::Histogram | MetricKind::GaugeHistogram, "_bucket") => {
                let le = number(LE)??;
                if le == f64::INFINITY && labels.get(LE) != Some("+Inf") {
                    return None;
                }
                Some(le)
            }
            (MetricKind::Histogram | MetricKind::GaugeHistogram, _) if labels.get(LE).is_some() => return None,
            (MetricKind::Summary, "") => Some(number(QUANTILE)?.filter(|q| (0.0..=1.0).contains(q))?),
            (MetricKind::Summary, _) if labels.get(QUANTILE).is_some() => return None,
            (MetricKind::StateSet, _) if labels.get(&family.name).is_none() => return None,
            _ => None,
        };
        Some(Role { suffix, bound })
    }

    /// Whether the type allows the value.
    fn allows(&self, kind: MetricKind, v: f64) -> bool {
        let counts = !v.is_nan() && v >= 0.0;
        match (kind, self.suffix) {
            (_, "_created") => v.is_finite(),
            (_, "_count" | "_bucket" | "_gcount") => counts && v == v.trunc() && v.is_finite(),
            (_, "_total" | "_sum") => counts,
            (_, "_gsum") => !v.is_nan(),
            (MetricKind::Summary, _) => v.is_nan() || v >= 0.0,
            (MetricKind::StateSet, _) => v == 0.0 || v == 1.0,
            (MetricKind::Info, _) => v == 1.0,
            _ => true,
        }
    }
}

/// Walks over the points of a metric in the order of time.
#[derive(Debug)]
struct Walk {
    at: Vec<usize>,
}

impl Walk {
    fn new(metric: &Metric) -> Walk {
        Walk { at: vec![0; metric.columns.len()] }
    }

    /// The time of the next point (`None` in it: no time), or `None` at the end. Samples that are none, or not newer than
    /// the last, are passed.
    fn next(
        &mut self,
        metric: &Metric,
        last: Option<Option<i64>>,
        skipped: &mut dyn FnMut(f64),
    ) -> Option<Option<i64>> {
        let mut next: Option<Option<i64>> = None;
        for (column, at) in metric.columns.iter().zip(&mut self.at) {
            while let Some(&v) = column.vs.get(*at) {
                let is_old = last.is_some_and(|last| last.is_none() || column.t(*at) <= last);
                if !is_stale(v) && !is_old {
                    let t = column.t(*at);
                    next = Some(next.map_or(t, |next| next.min(t)));
                    break;
                }
                skipped(v);
                *at += 1;
            }
        }
        next
    }
}

impl Metric {
    /// Whether a family of this type may have these samples; always so in the classic format.
    #[must_use]
    pub fn fits(&self, family: &MetricFamily, format: Format) -> bool {
        if format == Format::PrometheusText {
            return true;
        }
        let roles: Option<Vec<Role>> = self.columns.iter().map(|column| Role::of(&column.labels, family)).collect();
        let Some(roles) = roles else { return false };
        let n_timed = self.columns.iter().filter(|column| !column.ts.is_empty()).count();
        if n_timed != 0 && n_timed != self.columns.len() {
            return false;
        }
        let allowed =
            |(column, role): (&Column, &Role)| column.vs.iter().all(|&v| is_stale(v) || role.allows(family.kind, v));
        if !self.columns.iter().zip(&roles).all(allowed) {
            return false;
        }
        match family.kind {
            MetricKind::Histogram | MetricKind::GaugeHistogram => self.fits_histogram(family.kind, &roles),
            _ => true,
        }
    }

    /// The rules of histograms that are about whole points.
    fn fits_histogram(&self, kind: MetricKind, roles: &[Role]) -> bool {
        let mut walk = Walk::new(self);
        let mut last = None;
        while let Some(t) = walk.next(self, last, &mut |_| {}) {
            last = Some(t);
            let (mut bucket, mut count, mut sum) = (None::<(f64, f64)>, None, None);
            let (mut is_negative, mut has_points) = (false, false);
            for ((column, role), at) in self.columns.iter().zip(roles).zip(&walk.at) {
                let Some(&v) = column.vs.get(*at).filter(|_| column.t(*at) == t) else { continue };
                match (role.suffix, role.bound) {
                    ("_bucket", Some(le)) => {
                        if bucket.is_some_and(|(last, below)| le <= last || v < below) {
                            return false;
                        }
                        bucket = Some((le, v));
                        is_negative |= le < 0.0;
                    }
                    ("_count" | "_gcount", _) => count = Some(v),
                    ("_sum" | "_gsum", _) => sum = Some(v),
                    _ => {}
                }
                has_points |= role.suffix != "_created";
            }
            let inf = bucket.filter(|(le, _)| *le == f64::INFINITY).map(|(_, v)| v);
            let is_gauge = kind == MetricKind::GaugeHistogram;
            let is_good = has_points
                && inf.is_some()
                && count.is_none_or(|count| Some(count) == inf)
                && count.is_some() == sum.is_some()
                && !(is_negative && !is_gauge && sum.is_some())
                && !(is_gauge && !is_negative && sum.is_some_and(|sum| sum < 0.0));
            if !is_good {
                return false;
            }
        }
        true
    }
}

/// Writes a metric in parts, so that a long one can be paused.
#[derive(Debug)]
pub struct MetricWriter {
    metric: Metric,
    walk: Walk,
    /// What stands before the value on each line.
    keys: Vec<String>,
    /// The bounds of exemplars; `None` where there may be none.
    exemplar_bounds: Vec<Option<f64>>,
    /// The key of the line about the start of counting, if that is to be said.
    created: Option<String>,
    last: Option<Option<i64>>,
    last_start: i64,
    losses: Losses,
}

impl MetricWriter {
    /// Nothing is written yet.
    #[must_use]
    pub fn new(metric: Metric, family: &MetricFamily, format: Format) -> Self {
        let is_classic = format == Format::PrometheusText;
        let exemplar_bound = |column: &Column| match (family.kind, suffix_of(&column.labels, family)) {
            _ if is_classic => None,
            (MetricKind::Counter, Some("_total")) => Some(f64::INFINITY),
            (MetricKind::Histogram | MetricKind::GaugeHistogram, Some("_bucket")) => {
                parse_value(column.labels.get(LE)?.as_bytes())
            }
            _ => None,
        };
        let can_say_start =
            matches!(family.kind, MetricKind::Counter | MetricKind::Histogram | MetricKind::Summary) && !is_classic;
        let says_start = metric.columns.iter().any(|column| suffix_of(&column.labels, family) == Some("_created"));
        let has_start = metric.columns.iter().find(|column| !column.starts.is_empty());
        let created = has_start.filter(|_| can_say_start && !says_start).map(|column| {
            let mut labels = LabelsBuilder::from_labels(&column.labels);
            labels.remove(LE).remove(QUANTILE).set(METRIC_NAME, &format!("{}_created", family.name));
            key(&labels.labels())
        });
        MetricWriter {
            walk: Walk::new(&metric),
            keys: metric.columns.iter().map(|column| key(&column.labels)).collect(),
            exemplar_bounds: metric.columns.iter().map(exemplar_bound).collect(),
            created,
            last: None,
            last_start: 0,
            losses: Losses::default(),
            metric,
        }
    }

    /// Writes points until so many lines are written, or all; the answer is whether all are.
    pub fn write_some(&mut self, writer: &mut Writer, max_lines: usize) -> bool {
        let mut n_lines = 0;
        while n_lines < max_lines {
            let losses = &mut self.losses;
            let mut skipped = |v| if is_stale(v) { losses.n_markers += 1 } else { losses.n_samples += 1 };
            let Some(t) = self.walk.next(&self.metric, self.last, &mut skipped) else { return true };
            self.last = Some(t);
            n_lines += self.write_point(writer, t);
        }
        false
    }

    /// What could not be written so far.
    #[must_use]
    pub fn losses(&self) -> Losses {
        self.losses
    }

    fn write_point(&mut self, writer: &mut Writer, t: Option<i64>) -> usize {
        let is_classic = writer.format() == Format::PrometheusText;
        let mut start = 0;
        let mut n_lines = 0;
        for (idx, column) in self.metric.columns.iter().enumerate() {
            let Some(at) = self.walk.at.get_mut(idx) else { continue };
            let Some(&v) = column.vs.get(*at).filter(|v| column.t(*at) == t && !is_stale(**v)) else { continue };
            if start == 0 {
                start = column.starts.get(*at).copied().unwrap_or(0);
            }
            let mut here = column.exemplars.iter().filter(|(sample, _)| sample == at).map(|(_, exemplar)| exemplar);
            let bound = self.exemplar_bounds.get(idx).copied().flatten();
            let exemplar = here.next().filter(|exemplar| is_writable(exemplar, bound));
            let n_exemplars = column.exemplars.iter().filter(|(sample, _)| sample == at).count();
            self.losses.n_exemplars += n_exemplars as u64 - u64::from(exemplar.is_some());
            *at += 1;
            if is_classic && t.is_some_and(|t| t < 0) {
                self.losses.n_samples += 1;
                continue;
            }
            writer.sample(self.keys.get(idx).map_or("", String::as_str), v, t, exemplar);
            n_lines += 1;
        }
        // A start behind its own sample is no start.
        let is_news = start != 0 && start != self.last_start && t.is_none_or(|t| start <= t);
        if let Some(created) = self.created.as_ref().filter(|_| is_news) {
            self.last_start = start;
            writer.start(created, start, t);
            n_lines += 1;
        }
        n_lines.max(1)
    }
}

impl Writer {
    /// The line that says since when a metric counts.
    fn start(&mut self, key: &str, start: i64, t: Option<i64>) {
        use std::io::Write as _;
        let _ = write!(self.out, "{key} {}", super::seconds(start));
        if let Some(t) = t {
            let _ = write!(self.out, " {}", super::seconds(t));
        }
        self.out.push(b'\n');
    }
}

fn suffix_of<'a>(labels: &'a Labels, family: &MetricFamily) -> Option<&'a str> {
    labels.metric_name()?.strip_prefix(&*family.name)
}

/// Whether the format has a place for an exemplar at a sample with this bound.
fn is_writable(exemplar: &Exemplar, bound: Option<f64>) -> bool {
    /// Characters of names and values together.
    const MAX_CHARS: usize = 128;
    let n_chars: usize = exemplar.labels.iter().map(|(n, v)| n.chars().count() + v.chars().count()).sum();
    n_chars <= MAX_CHARS && bound.is_some_and(|bound| exemplar.v.is_nan() || exemplar.v <= bound)
}
