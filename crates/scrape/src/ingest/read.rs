//! A body to samples that are not yet stored: text and protobuf, with what they say besides numbers.

use super::{Body, ScrapeLoop, ScrapeReport};
use crate::failure::ScrapeFailure;
use crate::family;
use config::relabel;
use exposition::{Entry, Format, ParseError, Parser, ProtobufEntry, RichParser, Series};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use model::{Exemplar, Histogram, Labels, LabelsBuilder, MetricKind, Timestamp};
use std::borrow::Cow;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

/// Families whose type and help are kept of one target.
const MAX_FAMILIES: usize = 20_000;

/// A sample of a body, not yet stored.
pub(super) struct Pending {
    /// Its series' place in the cache.
    pub(super) entry: u32,
    /// What few samples have, from 1; 0: nothing.
    extra: u32,
    pub(super) t: Timestamp,
    pub(super) v: f64,
    /// The time is its own, not that of the scrape.
    pub(super) own_time: bool,
}

/// What few samples have.
pub(super) struct Extra {
    /// When the metric began to count.
    pub(super) start: Option<Timestamp>,
    /// It is a native histogram, not a float.
    pub(super) histogram: Option<Arc<Histogram>>,
}

/// All that a body says.
pub(super) struct Read<'a> {
    pub(super) pending: Vec<Pending>,
    extras: Vec<Extra>,
    /// Types, help and units in their order.
    metadata: Vec<Entry<'a>>,
    /// With the place of their series in the cache and the time of their sample.
    pub(super) exemplars: Vec<(u32, Timestamp, Exemplar)>,
}

impl Read<'_> {
    /// What a sample has besides its value.
    #[inline]
    pub(super) fn extra(&self, sample: &Pending) -> Option<&Extra> {
        self.extras.get((sample.extra as usize).checked_sub(1)?)
    }

    fn add_extra(&mut self, start: Option<Timestamp>, histogram: Option<Arc<Histogram>>) -> u32 {
        self.extras.push(Extra { start, histogram });
        self.extras.len() as u32
    }

    /// Tells whether it is that of another body.
    fn metadata_hash(&self) -> u64 {
        let mut hasher = FixedState::with_seed(0).build_hasher();
        for entry in &self.metadata {
            match entry {
                Entry::Type { name, kind } => ("type", &**name, kind.as_str()).hash(&mut hasher),
                Entry::Help { name, text } => ("help", &**name, &**text).hash(&mut hasher),
                Entry::Unit { name, unit } => ("unit", &**name, &**unit).hash(&mut hasher),
                Entry::Series(_) => {}
            }
        }
        hasher.finish()
    }
}

/// The family that an OpenMetrics text is at, if it can have `_created` series.
struct Counting<'a> {
    family: Cow<'a, str>,
}

impl<'a> Counting<'a> {
    fn of(entry: &Entry<'a>) -> Option<Counting<'a>> {
        match entry {
            Entry::Type { name, kind: MetricKind::Counter | MetricKind::Histogram | MetricKind::Summary } => {
                Some(Counting { family: name.clone() })
            }
            _ => None,
        }
    }

    /// Whether a metric's name is one of the family, and whether that of its `_created` series.
    fn has(&self, name: &str) -> Option<bool> {
        match name.strip_prefix(&*self.family)? {
            "" | "_total" | "_count" | "_sum" | "_bucket" => Some(false),
            "_created" => Some(true),
            _ => None,
        }
    }
}

impl ScrapeLoop {
    /// Reads a whole body. Series that are new go into the cache.
    pub(super) fn read<'a>(
        &mut self,
        body: Body<'a>,
        at: Timestamp,
        report: &mut ScrapeReport,
    ) -> Result<Read<'a>, ScrapeFailure> {
        let mut read = Read {
            pending: Vec::with_capacity(self.cache.entries.len()),
            extras: Vec::new(),
            metadata: Vec::new(),
            exemplars: Vec::new(),
        };
        if let Some(parser) = RichParser::new(body.bytes, body.format) {
            self.read_rich(parser, at, &mut read, report)?;
        } else {
            self.read_text(body, at, &mut read, report)?;
        }
        let limit = self.config.sample_limit;
        if report.n_samples > limit {
            return Err(ScrapeFailure::TooManySamples { found: report.n_samples, limit });
        }
        if !self.config.rules.is_empty() {
            let is_dropped = |sample: &&Pending| self.cache.entries[sample.entry as usize].is_dropped;
            report.n_relabelled_away = read.pending.iter().filter(is_dropped).count();
        }
        let (found, limit) = (report.n_samples - report.n_relabelled_away, self.config.limits.sample_limit);
        if limit > 0 && found as u64 > limit {
            return Err(ScrapeFailure::SampleLimit { found, limit });
        }
        // Most say the same every time.
        let hash = read.metadata_hash();
        if self.metadata_hash != Some(hash) {
            self.metadata_hash = Some(hash);
            for (name, family) in family::described(&read.metadata) {
                if self.families.len() < MAX_FAMILIES || self.families.contains_key(name) {
                    self.families.insert(name.to_owned(), family);
                }
            }
        }
        Ok(read)
    }

    fn read_text<'a>(
        &mut self,
        body: Body<'a>,
        at: Timestamp,
        read: &mut Read<'a>,
        report: &mut ScrapeReport,
    ) -> Result<(), ScrapeFailure> {
        let target_labels = self.config.target_labels();
        let mut parser = Parser::new(body.bytes, body.format);
        let mut builder = LabelsBuilder::new();
        let is_openmetrics = body.format == Format::OpenMetrics;
        let mut counting = None;
        // What `_created` series say, by metric.
        let mut starts: HashMap<u32, u32, FixedState> = HashMap::default();
        loop {
            if report.n_samples < self.config.sample_limit
                && let Some(series) = self.cache.next_key().and_then(|key| parser.next_known(key))
            {
                report.n_samples += 1;
                let entry = self.cache.found_next();
                self.text_sample(entry, &series, at, read, &mut starts);
                continue;
            }
            let Some(entry) = parser.next_entry().map_err(ScrapeFailure::NotMetrics)? else { break };
            let series = match entry {
                Entry::Series(series) => series,
                metadata => {
                    if is_openmetrics && matches!(metadata, Entry::Type { .. }) {
                        counting = Counting::of(&metadata);
                    }
                    read.metadata.push(metadata);
                    continue;
                }
            };
            report.n_samples += 1;
            if report.n_samples > self.config.sample_limit {
                // Only counted from here on, so that the message can say by how much it is too many.
                continue;
            }
            let entry = match self.cache.find(series.key) {
                Some(entry) => entry,
                None => {
                    self.text_labels(&parser, &target_labels, &mut builder)?;
                    let labels = self.stored_labels(&mut builder)?;
                    let is_stored = labels.is_some();
                    let entry = self.cache.add(series.key, labels);
                    if let Some(counting) = counting.as_ref().filter(|_| is_stored) {
                        self.cache.set_metric(&counting.family, |name| counting.has(name));
                    }
                    entry
                }
            };
            if series.has_exemplar
                && let Some(exemplar) = parser.exemplar()
            {
                let own_time = series.timestamp.filter(|_| self.config.honor_timestamps);
                read.exemplars.push((entry as u32, own_time.unwrap_or(at), exemplar));
            }
            self.text_sample(entry, &series, at, read, &mut starts);
        }
        if !starts.is_empty() {
            // A `_created` series stands behind those that it is about.
            for sample in &mut read.pending {
                let entry = &self.cache.entries[sample.entry as usize];
                if entry.metric != 0 && !entry.is_created {
                    sample.extra = starts.get(&entry.metric).copied().unwrap_or(0);
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn text_sample(
        &self,
        entry: usize,
        series: &Series<'_>,
        at: Timestamp,
        read: &mut Read<'_>,
        starts: &mut HashMap<u32, u32, FixedState>,
    ) {
        if let Some(known) = self.cache.entries.get(entry).filter(|entry| entry.is_created)
            && let Some(start) = start_of(series)
        {
            starts.insert(known.metric, read.add_extra(Some(start), None));
        }
        let own_time = series.timestamp.filter(|_| self.config.honor_timestamps);
        let (t, own_time) = (own_time.unwrap_or(at), own_time.is_some());
        read.pending.push(Pending { entry: entry as u32, extra: 0, t, v: series.value, own_time });
    }

    /// Protobuf or OpenMetrics 2.0.
    fn read_rich<'a>(
        &mut self,
        mut parser: RichParser<'a>,
        at: Timestamp,
        read: &mut Read<'a>,
        report: &mut ScrapeReport,
    ) -> Result<(), ScrapeFailure> {
        let target_labels = self.config.target_labels();
        let mut builder = LabelsBuilder::new();
        while let Some(entry) = parser.next_entry().map_err(ScrapeFailure::NotMetrics)? {
            let (v, histogram) = match entry {
                ProtobufEntry::Metadata(entry) => {
                    read.metadata.push(entry);
                    continue;
                }
                ProtobufEntry::Float(v) => (v, None),
                ProtobufEntry::Histogram(histogram) => (0.0, Some(Arc::new(histogram))),
            };
            report.n_samples += 1;
            if report.n_samples > self.config.sample_limit {
                continue;
            }
            let entry = match self.cache.find(parser.key()) {
                Some(entry) => entry,
                None => {
                    parser.labels_into(&mut builder).map_err(ScrapeFailure::NotMetrics)?;
                    self.add_target_labels(&mut builder, &target_labels, |name| parser.names_label(name));
                    let labels = self.stored_labels(&mut builder)?;
                    self.cache.add(parser.key(), labels)
                }
            };
            let start = parser.start().filter(|start| start.0 > 0);
            let extra = if start.is_some() || histogram.is_some() { read.add_extra(start, histogram) } else { 0 };
            let own_time = parser.timestamp().filter(|_| self.config.honor_timestamps);
            let t = own_time.unwrap_or(at);
            for exemplar in parser.exemplars() {
                read.exemplars.push((entry as u32, t, exemplar.clone()));
            }
            read.pending.push(Pending { entry: entry as u32, extra, t, v, own_time: own_time.is_some() });
        }
        Ok(())
    }

    /// The labels of a series as it is stored: the exposed ones and those of the target.
    fn text_labels(
        &self,
        parser: &Parser<'_>,
        target_labels: &[(String, String)],
        builder: &mut LabelsBuilder,
    ) -> Result<(), ScrapeFailure> {
        parser.labels_into(builder).map_err(|error: ParseError| ScrapeFailure::NotMetrics(error))?;
        self.add_target_labels(builder, target_labels, |name| parser.names_label(name));
        Ok(())
    }

    /// The labels of a series after the rules of the target, within its bounds; `None` if a rule drops it.
    fn stored_labels(&self, builder: &mut LabelsBuilder) -> Result<Option<Labels>, ScrapeFailure> {
        let limits = &self.config.limits;
        if !self.config.rules.is_empty() && !relabel::apply(&self.config.rules, builder) {
            return Ok(None);
        }
        let labels = builder.labels();
        if labels.is_empty() {
            return Ok(None);
        }
        let Some(metric) = labels.metric_name() else { return Err(ScrapeFailure::NoName) };
        let too_many = |n: usize, limit: u64| limit > 0 && n as u64 > limit;
        let fails = |limit, found: usize, setting, label: &str| {
            let (metric, label) = (metric.to_owned(), label.to_owned());
            Err(ScrapeFailure::LabelLimit { setting, metric, label, found: found as u64, limit })
        };
        if too_many(labels.len(), limits.label_limit) {
            return fails(limits.label_limit, labels.len(), "label_limit", "");
        }
        for (name, value) in &labels {
            if too_many(name.len(), limits.label_name_length_limit) {
                return fails(limits.label_name_length_limit, name.len(), "label_name_length_limit", name);
            }
            if too_many(value.len(), limits.label_value_length_limit) {
                return fails(limits.label_value_length_limit, value.len(), "label_value_length_limit", name);
            }
        }
        Ok(Some(labels))
    }

    /// Adds the target's labels to the exposed ones.
    fn add_target_labels(
        &self,
        builder: &mut LabelsBuilder,
        target_labels: &[(String, String)],
        names_label: impl Fn(&str) -> bool,
    ) {
        for (name, value) in target_labels {
            match builder.get(name).map(str::to_owned) {
                // An empty exposed label wins, too: so a Pushgateway keeps `instance` away.
                _ if self.config.honor_labels && names_label(name) => continue,
                Some(exposed) => {
                    let mut exported = format!("exported_{name}");
                    while builder.get(&exported).is_some() {
                        exported = format!("exported_{exported}");
                    }
                    builder.set(&exported, &exposed);
                }
                None => {}
            }
            builder.set(name, value);
        }
    }
}

/// The time that the value of a `_created` series is.
fn start_of(series: &Series<'_>) -> Option<Timestamp> {
    // Towards zero, as Prometheus converts times of OpenMetrics.
    let start = Timestamp((series.value * 1_000.0) as i64);
    (series.value.is_finite() && start.0 > 0).then_some(start)
}
