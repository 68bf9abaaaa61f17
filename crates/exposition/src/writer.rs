//! Samples to metrics text: OpenMetrics 1.0 and the classic format, family by family.
//!
//! [`plan`] says which families there are and which metrics belong to each. Then, for each of them: [`Writer::family`],
//! and its metrics one after the other with [`MetricWriter`]. What OpenMetrics cannot say is left out and counted in
//! [`Losses`]; what its rules forbid of a family (a counter without `_total`, a histogram without `+Inf`) is said with
//! a family of the type `unknown` for each name ([`Planned::split`]), so that no sample is lost and [`crate::lint`] finds no error.
//!
//! ```
//! use exposition::{Format, writer};
//! use model::{Labels, MetricFamily, MetricKind};
//! let up = writer::Column::new(Labels::from_pairs([("__name__", "up"), ("job", "x")]), vec![1_500], vec![1.0]);
//! let family = MetricFamily { name: "up".to_owned(), kind: MetricKind::Gauge, ..MetricFamily::default() };
//! let families = [("up".to_owned(), family)].into();
//! let (text, _) = writer::write(vec![up], &families, Format::OpenMetrics);
//! assert_eq!(String::from_utf8_lossy(&text), "# TYPE up gauge\nup{job=\"x\"} 1 1.500\n# EOF\n");
//! ```

mod metric;
mod plan;

pub use metric::{Column, Metric, MetricWriter};
pub use plan::{Planned, family_of, plan};

use crate::format::Format;
use crate::value::parse_value;
use model::{
    Exemplar, Labels, METRIC_NAME, MetricFamily, MetricKind, is_legacy_label_name, is_legacy_metric_name, number,
};
use std::collections::BTreeMap;
use std::io::Write as _;

/// What a text could not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Staleness markers: text cannot tell them from other NaNs.
    pub n_markers: u64,
    /// Native histograms.
    pub n_histograms: u64,
    /// Series without a metric's name.
    pub n_nameless: u64,
    /// Exemplars of what may have none, too long, or greater than their bucket.
    pub n_exemplars: u64,
    /// Families whose type the format does not allow them: each is written as `unknown`.
    pub n_untyped: u64,
    /// Samples before 1970 (classic format), or a second one of the same series and time.
    pub n_samples: u64,
}

impl Losses {
    /// Adds those of another part.
    pub fn add(&mut self, other: Losses) {
        self.n_markers += other.n_markers;
        self.n_histograms += other.n_histograms;
        self.n_nameless += other.n_nameless;
        self.n_exemplars += other.n_exemplars;
        self.n_untyped += other.n_untyped;
        self.n_samples += other.n_samples;
    }
}

/// Lines of a text, collected until they are taken.
#[derive(Debug)]
pub struct Writer {
    format: Format,
    out: Vec<u8>,
}

impl Writer {
    /// An empty text; protobuf is no text and is written as OpenMetrics.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Writer { format, out: Vec::new() }
    }

    /// The format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    fn is_classic(&self) -> bool {
        self.format == Format::PrometheusText
    }

    /// How many bytes wait to be taken.
    #[must_use]
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// The lines so far; what follows is the next piece.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// The lines about a family. What is empty or unknown to the format is not said.
    pub fn family(&mut self, family: &MetricFamily) {
        let name = if is_legacy_metric_name(&family.name) {
            family.name.clone()
        } else {
            format!("\"{}\"", escaped(&family.name, true))
        };
        let kind = match family.kind {
            MetricKind::Unknown if self.is_classic() => "untyped",
            kind => kind.as_str(),
        };
        let is_help_escaped = !self.is_classic();
        // Writing into memory does not fail.
        let _ = writeln!(self.out, "# TYPE {name} {kind}");
        if !self.is_classic() && has_unit(family) {
            let _ = writeln!(self.out, "# UNIT {name} {}", family.unit);
        }
        if !family.help.is_empty() {
            let _ = writeln!(self.out, "# HELP {name} {}", escaped(&family.help, is_help_escaped));
        }
    }

    /// A sample. `key` is what [`key`] gives of its labels.
    pub fn sample(&mut self, key: &str, v: f64, t: Option<i64>, exemplar: Option<&Exemplar>) {
        self.out.extend_from_slice(key.as_bytes());
        self.out.push(b' ');
        self.value(v);
        if let Some(t) = t {
            self.out.push(b' ');
            if self.is_classic() {
                let _ = write!(self.out, "{t}");
            } else {
                self.out.extend_from_slice(seconds(t).as_bytes());
            }
        }
        if let Some(Exemplar { labels, v, t }) = exemplar.filter(|_| !self.is_classic()) {
            let labels: Vec<String> = labels.iter().map(|(name, value)| label(name, value)).collect();
            let _ = write!(self.out, " # {{{}}} ", labels.join(","));
            self.value(*v);
            if let Some(t) = t {
                let _ = write!(self.out, " {}", seconds(t.0));
            }
        }
        self.out.push(b'\n');
    }

    fn value(&mut self, v: f64) {
        // Most are whole numbers.
        if v == v.trunc() && v.abs() < 1e15 && (v != 0.0 || v.is_sign_positive()) {
            let _ = write!(self.out, "{}", v as i64);
        } else {
            self.out.extend_from_slice(number::format_short(v).as_bytes());
        }
    }

    /// The end of the text: nothing may follow.
    pub fn end(&mut self) {
        if !self.is_classic() {
            self.out.extend_from_slice(b"# EOF\n");
        }
    }
}

/// A whole text of these columns, and what it could not hold. For what fits into memory anyway.
#[must_use]
pub fn write(columns: Vec<Column>, families: &BTreeMap<String, MetricFamily>, format: Format) -> (Vec<u8>, Losses) {
    let mut losses = Losses::default();
    let mut by_name: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for column in columns {
        match column.labels.metric_name() {
            Some(name) => by_name.entry(name.to_owned()).or_default().push(column),
            None => losses.n_nameless += 1,
        }
    }
    let mut writer = Writer::new(format);
    for planned in plan(by_name.keys().map(String::as_str), families, format) {
        let columns = planned.metrics.iter().flat_map(|name| by_name.remove(name).unwrap_or_default());
        let metrics = planned.metrics_of(columns.collect());
        if metrics.iter().all(|metric| metric.fits(&planned.family, format)) {
            write_family(&mut writer, &planned, metrics, &mut losses);
            continue;
        }
        losses.n_untyped += 1;
        for part in planned.split() {
            let columns = metrics.iter().flat_map(|metric| &metric.columns);
            let own = columns.filter(|column| column.labels.metric_name() == Some(&part.family.name));
            let metrics = part.metrics_of(own.cloned().collect());
            write_family(&mut writer, &part, metrics, &mut losses);
        }
    }
    writer.end();
    (writer.take(), losses)
}

fn write_family(writer: &mut Writer, planned: &Planned, metrics: Vec<Metric>, losses: &mut Losses) {
    losses.n_untyped += u64::from(planned.is_untyped);
    writer.family(&planned.family);
    for metric in metrics {
        let mut metric = MetricWriter::new(metric, &planned.family, writer.format());
        metric.write_some(writer, usize::MAX);
        losses.add(metric.losses());
    }
}

/// Name and labels as they stand in a text; a name that is none of the old kind stands quoted in the braces.
#[must_use]
pub fn key(labels: &Labels) -> String {
    let name = labels.metric_name().unwrap_or_default();
    let is_bare = is_legacy_metric_name(name);
    let quoted = (!is_bare && !name.is_empty()).then(|| format!("\"{}\"", escaped(name, true)));
    let others = labels.iter().filter(|(name, _)| *name != METRIC_NAME).map(|(name, value)| label(name, value));
    let inside: Vec<String> = quoted.into_iter().chain(others).collect();
    let name = if is_bare { name } else { "" };
    if inside.is_empty() { name.to_owned() } else { format!("{name}{{{}}}", inside.join(",")) }
}

fn label(name: &str, value: &str) -> String {
    if is_legacy_label_name(name) {
        format!("{name}=\"{}\"", escaped(value, true))
    } else {
        format!("\"{}\"=\"{}\"", escaped(name, true), escaped(value, true))
    }
}

fn escaped(text: &str, quotes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quotes => out.push_str("\\\""),
            c => out.push(c),
        }
    }
    out
}

/// Milliseconds as seconds. Readers cut the product with 1,000 off, so that `1.001` would be read as 1,000 ms where
/// the nearest float is a little less: then the text is the next float away from zero.
#[must_use]
pub fn seconds(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    let text = format!("{sign}{}.{:03}", ms.unsigned_abs() / 1_000, ms.unsigned_abs() % 1_000);
    let reads_back = |v: f64| (v * 1_000.0) as i64 == ms;
    let Some(v) = parse_value(text.as_bytes()).filter(|v| !reads_back(*v)) else { return text };
    let away = if ms < 0 { v.next_down() } else { v.next_up() };
    if reads_back(away) { number::format(away) } else { text }
}

/// Whether the format lets a family say its unit.
fn has_unit(family: &MetricFamily) -> bool {
    let is_suffix = family.name.strip_suffix(&family.unit).is_some_and(|head| head.ends_with('_'));
    !family.unit.is_empty() && is_suffix && !matches!(family.kind, MetricKind::Info | MetricKind::StateSet)
}
