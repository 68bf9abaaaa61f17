//! Families: which lines belong together, and what may stand in them.

use super::point::Metric;
use super::{Report, Rule};
use crate::format::Format;
use crate::parser::{Entry, Parser, RawLabel, Series};
use crate::value::parse_value;
use model::{METRIC_NAME, MetricKind};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The families of a text, read one after the other.
#[derive(Debug)]
pub(super) struct Families<'a> {
    openmetrics: bool,
    current: Option<Family<'a>>,
    /// All names that samples of families could have, and the family's.
    taken: BTreeMap<String, String>,
}

/// The lines of one family so far.
#[derive(Debug)]
struct Family<'a> {
    name: Cow<'a, str>,
    pos: usize,
    kind: MetricKind,
    has_type: bool,
    has_help: bool,
    has_unit: bool,
    /// Where the unit stands, if it is not empty.
    unit: Option<usize>,
    /// It has lines further up, which was said already.
    is_again: bool,
    n_samples: usize,
    metrics: BTreeMap<Key<'a>, Metric<'a>>,
    last: Option<Key<'a>>,
}

/// Labels that tell the metrics of a family apart.
type Key<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// A sample as the rules look at it.
#[derive(Debug)]
pub(super) struct Sample<'a> {
    /// The byte at which it begins.
    pub(super) pos: usize,
    /// What its name adds to the family's.
    pub(super) suffix: &'static str,
    /// The value of `le`, `quantile` or the state, as it is written.
    pub(super) part: Option<Cow<'a, str>>,
    pub(super) v: f64,
    pub(super) v_pos: usize,
    pub(super) t: Option<f64>,
}

/// What the samples' names of a family add to its own.
pub(crate) fn suffixes(kind: MetricKind, openmetrics: bool) -> &'static [&'static str] {
    match kind {
        MetricKind::Counter if openmetrics => &["_total", "_created"],
        MetricKind::Histogram if openmetrics => &["_bucket", "_count", "_sum", "_created"],
        MetricKind::Summary if openmetrics => &["", "_count", "_sum", "_created"],
        MetricKind::Histogram => &["_bucket", "_count", "_sum"],
        MetricKind::Summary => &["", "_count", "_sum"],
        MetricKind::GaugeHistogram => &["_bucket", "_gcount", "_gsum"],
        MetricKind::Info => &["_info"],
        MetricKind::Counter | MetricKind::Gauge | MetricKind::StateSet | MetricKind::Unknown => &[""],
    }
}

impl<'a> Families<'a> {
    pub(super) fn new(format: Format) -> Self {
        Families { openmetrics: format == Format::OpenMetrics, current: None, taken: BTreeMap::new() }
    }

    /// A line of metadata.
    pub(super) fn metadata(&mut self, parser: &Parser<'a>, entry: Entry<'a>, report: &mut Report) {
        let pos = parser.entry_start();
        let (name, keyword) = match &entry {
            Entry::Type { name, .. } => (name.clone(), "TYPE"),
            Entry::Help { name, .. } => (name.clone(), "HELP"),
            Entry::Unit { name, .. } => (name.clone(), "UNIT"),
            Entry::Series(_) => return,
        };
        let openmetrics = self.openmetrics;
        let family = self.enter(name, pos, report);
        if family.n_samples > 0 && (openmetrics || keyword == "TYPE") {
            let detail = format!("`# {keyword}` of `{}` stands behind its samples", family.name);
            report.add(pos, Rule::MetadataAfterSamples, detail);
        }
        let there = match &entry {
            Entry::Type { .. } => &mut family.has_type,
            Entry::Help { .. } => &mut family.has_help,
            _ => &mut family.has_unit,
        };
        if std::mem::replace(there, true) {
            report.add(pos, Rule::MetadataTwice, format!("there is a second `# {keyword}` of `{}`", family.name));
        }
        match entry {
            Entry::Type { kind, .. } => family.kind = kind,
            Entry::Unit { unit, .. } if !unit.is_empty() => family.unit = Some(pos),
            _ => {}
        }
    }

    /// A sample.
    pub(super) fn sample(&mut self, parser: &Parser<'a>, series: &Series<'a>, report: &mut Report) {
        let pos = parser.entry_start();
        let mut labels = parser.raw_labels();
        let Some(at) = labels.iter().position(|label| label.name == METRIC_NAME) else { return };
        let name = labels.remove(at).value;
        let openmetrics = self.openmetrics;
        let belongs = |family: &Family<'a>| {
            let rest = name.strip_prefix(&*family.name)?;
            suffixes(family.kind, openmetrics).iter().copied().find(|suffix| *suffix == rest)
        };
        let suffix = self.current.as_ref().and_then(belongs);
        let is_misnamed = suffix.is_none() && self.current.as_ref().is_some_and(|family| family.name == name);
        let family = match &mut self.current {
            Some(family) if suffix.is_some() || is_misnamed => family,
            _ => self.enter(name.clone(), pos, report),
        };
        if is_misnamed {
            let kind = family.kind.as_str();
            report.add(pos, Rule::SampleName, format!("no sample of the {kind} `{name}` has just its name"));
        }
        family.n_samples += 1;
        let suffix = suffix.unwrap_or("");
        let place = Place::of(parser, series, openmetrics);
        check_labels(&labels, report);
        let part = family.part_label(suffix).and_then(|part| labels.iter().position(|label| label.name == part));
        let part = part.map(|at| labels.remove(at));
        let sample = Sample {
            pos,
            suffix,
            part: part.as_ref().map(|label| label.value.clone()),
            v: series.value,
            v_pos: place.v_pos,
            t: place.t,
        };
        family.check_parts(&sample, part.as_ref(), &labels, openmetrics, report);
        if openmetrics {
            family.check_value(&sample, report);
            family.check_exemplar(parser, &sample, place.exemplar_pos, report);
        }
        family.add(&sample, labels, openmetrics, report);
    }

    /// The end of the text.
    pub(super) fn finish(mut self, report: &mut Report) {
        self.leave(report);
    }

    /// The family of a name: the current one, or a new one that ends it.
    fn enter(&mut self, name: Cow<'a, str>, pos: usize, report: &mut Report) -> &mut Family<'a> {
        if self.current.as_ref().is_none_or(|family| family.name != name) {
            self.leave(report);
        }
        let taken = &self.taken;
        self.current.get_or_insert_with(|| {
            let is_again = taken.get(&*name).is_some_and(|family| *family == name);
            if is_again {
                let detail = format!("there are lines of `{name}` further up, and others between");
                report.add(pos, Rule::FamilyInterleaved, detail);
            }
            Family {
                name,
                pos,
                kind: MetricKind::Unknown,
                has_type: false,
                has_help: false,
                has_unit: false,
                unit: None,
                is_again,
                n_samples: 0,
                metrics: BTreeMap::new(),
                last: None,
            }
        })
    }

    /// Ends the current family: now its type is known for sure, and its samples are complete.
    fn leave(&mut self, report: &mut Report) {
        let Some(family) = self.current.take() else { return };
        for metric in family.metrics.values() {
            metric.finish(family.kind, self.openmetrics, report);
        }
        if let (Some(unit), MetricKind::Info | MetricKind::StateSet) = (family.unit, family.kind) {
            let detail = format!("`{}` has the type {} and a unit", family.name, family.kind.as_str());
            report.add(unit, Rule::UnitNotAllowed, detail);
        }
        let mut clash = None;
        // In the classic format only the name itself is the family's.
        let suffixes = if self.openmetrics { suffixes(family.kind, true) } else { &[] };
        for suffix in [""].iter().chain(suffixes) {
            let name = format!("{}{suffix}", family.name);
            match self.taken.get(&name) {
                Some(other) if *other != family.name => clash = clash.or(Some((name, other.clone()))),
                Some(_) => {}
                None => {
                    self.taken.insert(name, family.name.clone().into_owned());
                }
            }
        }
        if let Some((name, other)) = clash
            && self.openmetrics
            && !family.is_again
        {
            let detail = format!("`{name}` of `{}` could be a name of `{other}`, too", family.name);
            report.add(family.pos, Rule::NameClash, detail);
        }
    }
}

impl<'a> Family<'a> {
    /// The label that tells the samples of one point apart.
    fn part_label(&self, suffix: &str) -> Option<Cow<'a, str>> {
        match (self.kind, suffix) {
            (MetricKind::Histogram | MetricKind::GaugeHistogram, "_bucket") => Some(Cow::Borrowed("le")),
            (MetricKind::Summary, "") => Some(Cow::Borrowed("quantile")),
            (MetricKind::StateSet, _) => Some(self.name.clone()),
            _ => None,
        }
    }

    /// `le`, `quantile` and the state: where they have to be, where they must not be, and what they may say.
    fn check_parts(
        &self,
        sample: &Sample<'a>,
        part: Option<&RawLabel<'a>>,
        others: &[RawLabel<'a>],
        openmetrics: bool,
        report: &mut Report,
    ) {
        let stray = |name: &str| others.iter().find(|label| openmetrics && label.name == name);
        let number = |label: &RawLabel<'a>| parse_value(label.value.as_bytes()).filter(|v| !v.is_nan());
        match (self.kind, sample.suffix, part) {
            (MetricKind::Histogram | MetricKind::GaugeHistogram, "_bucket", None) => {
                report.add(sample.pos, Rule::BucketLabel, "this bucket has no label `le`".to_owned());
            }
            (MetricKind::Histogram | MetricKind::GaugeHistogram, "_bucket", Some(le)) => {
                let is_good = number(le).is_some_and(|v| v < f64::INFINITY || le.value == "+Inf" || !openmetrics);
                if !is_good {
                    report.add(le.pos, Rule::BucketLabel, format!("`{}` is no bound of a bucket", le.value));
                }
            }
            (MetricKind::Histogram | MetricKind::GaugeHistogram, suffix, _) => {
                if let Some(le) = stray("le") {
                    report.add(le.pos, Rule::BucketLabel, format!("a sample `{}{suffix}` has `le`", self.name));
                }
            }
            (MetricKind::Summary, "", None) if openmetrics => {
                report.add(sample.pos, Rule::QuantileLabel, "this sample has no label `quantile`".to_owned());
            }
            (MetricKind::Summary, "", Some(quantile))
                if !number(quantile).is_some_and(|v| !openmetrics || (0.0..=1.0).contains(&v)) =>
            {
                report.add(quantile.pos, Rule::QuantileLabel, format!("`{}` is no quantile", quantile.value));
            }
            (MetricKind::Summary, suffix, _) => {
                if let Some(quantile) = stray("quantile") {
                    let detail = format!("a sample `{}{suffix}` has `quantile`", self.name);
                    report.add(quantile.pos, Rule::QuantileLabel, detail);
                }
            }
            (MetricKind::StateSet, _, None) => {
                report.add(sample.pos, Rule::StateLabel, format!("this sample has no label `{}`", self.name));
            }
            _ => {}
        }
    }

    /// What the value may be.
    fn check_value(&self, sample: &Sample<'a>, report: &mut Report) {
        let (v, pos) = (sample.v, sample.v_pos);
        let mut bad = |rule, why: &str| report.add(pos, rule, format!("{} {why}", model::number::format_short(v)));
        match (self.kind, sample.suffix) {
            (_, "_created") if !v.is_finite() => bad(Rule::CreatedValue, "is no time"),
            (_, "_total" | "_sum" | "_count" | "_bucket" | "_gcount") if v.is_nan() || v < 0.0 => {
                bad(Rule::CounterValue, "cannot be counted");
            }
            (_, "_gsum") if v.is_nan() => bad(Rule::CounterValue, "is no sum"),
            (_, "_count" | "_bucket" | "_gcount") if v != v.trunc() || v.is_infinite() => {
                bad(Rule::NotInteger, "is no whole number");
            }
            (MetricKind::Summary, "") if v < 0.0 => bad(Rule::QuantileValue, "is negative"),
            (MetricKind::StateSet, _) if v != 0.0 && v != 1.0 => bad(Rule::StateValue, "is neither 0 nor 1"),
            (MetricKind::Info, _) if v != 1.0 => bad(Rule::InfoValue, "is not 1"),
            _ => {}
        }
    }

    fn check_exemplar(&self, parser: &Parser<'a>, sample: &Sample<'a>, pos: usize, report: &mut Report) {
        /// Characters of names and values together.
        const MAX_CHARS: usize = 128;
        let Some((labels, v)) = parser.raw_exemplar() else { return };
        let allowed = matches!(
            (self.kind, sample.suffix),
            (MetricKind::Counter, "_total") | (MetricKind::Histogram | MetricKind::GaugeHistogram, "_bucket")
        );
        if !allowed {
            let detail = format!("a sample `{}{}` has an exemplar", self.name, sample.suffix);
            report.add(pos, Rule::ExemplarPlace, detail);
        }
        check_labels(&labels, report);
        for (idx, label) in labels.iter().enumerate() {
            if labels[..idx].iter().any(|other| other.name == label.name) {
                report.add(label.pos, Rule::LabelTwice, format!("the label `{}` stands twice", label.name));
            }
        }
        let n_chars: usize = labels.iter().map(|label| label.name.chars().count() + label.value.chars().count()).sum();
        if n_chars > MAX_CHARS {
            report.add(pos, Rule::ExemplarLength, format!("the labels have {n_chars} characters"));
        }
        let le = sample.part.as_ref().filter(|_| allowed).and_then(|le| parse_value(le.as_bytes()));
        if let Some(le) = le
            && v > le
        {
            report.add(pos, Rule::ExemplarRange, format!("{v} is not in the bucket up to {le}"));
        }
    }

    /// Adds a sample to its metric.
    fn add(&mut self, sample: &Sample<'a>, labels: Vec<RawLabel<'a>>, openmetrics: bool, report: &mut Report) {
        let mut key: Key<'a> = labels.into_iter().map(|label| (label.name, label.value)).collect();
        model::sort::by(&mut key, Ord::cmp);
        let is_last = self.last.as_ref() == Some(&key);
        match self.metrics.get_mut(&key) {
            Some(metric) => {
                if openmetrics && !is_last {
                    let detail = format!("samples of other metrics of `{}` stand before this one", self.name);
                    report.add(sample.pos, Rule::MetricInterleaved, detail);
                }
                metric.add(sample, self.kind, openmetrics, report);
            }
            None => {
                let metric = self.metrics.entry(key.clone()).or_default();
                metric.add(sample, self.kind, openmetrics, report);
            }
        }
        if !is_last {
            self.last = Some(key);
        }
    }
}

fn check_labels(labels: &[RawLabel<'_>], report: &mut Report) {
    for label in labels {
        if label.line_break {
            let detail = format!("the value of `{}` has a line break", label.name);
            report.add(label.pos, Rule::LineBreakInLabel, detail);
        }
        if label.name.starts_with('_') {
            report.add(label.pos, Rule::ReservedName, format!("`{}` is reserved", label.name));
        }
    }
}

/// Where value, time and exemplar of a sample stand.
struct Place {
    v_pos: usize,
    /// Seconds in OpenMetrics, as exact as they are written; otherwise milliseconds.
    t: Option<f64>,
    exemplar_pos: usize,
}

impl Place {
    fn of(parser: &Parser<'_>, series: &Series<'_>, openmetrics: bool) -> Place {
        let key_end = parser.entry_start() + series.key.len();
        let tail = parser.input().get(key_end..parser.position()).unwrap_or(&[]);
        let is_blank = |b: &u8| matches!(b, b' ' | b'\t');
        let v_pos = key_end + tail.iter().take_while(|b| is_blank(b)).count();
        if !openmetrics {
            return Place { v_pos, t: series.timestamp.map(|t| t.0 as f64), exemplar_pos: v_pos };
        }
        let exemplar_pos = key_end + memchr::memchr(b'#', tail).unwrap_or(0);
        let stamp = tail.trim_ascii_start().split(|b| *b == b' ' || *b == b'\n').nth(1).unwrap_or(&[]);
        Place { v_pos, t: series.timestamp.and_then(|_| parse_value(stamp)), exemplar_pos }
    }
}
