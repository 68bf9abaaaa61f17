//! One `Metric` message: its samples, as they would stand in text, and its native histogram.

use super::native::Native;
use super::wire::{Message, Value};
use crate::error::ParseError;
use model::{Exemplar, Histogram, Labels, MetricKind, Timestamp, number};

/// A metric, read whole.
#[derive(Debug, Default)]
pub(super) struct Metric<'a> {
    /// The pairs, each a message.
    pub(super) labels: Vec<Message<'a>>,
    pub(super) timestamp: Option<Timestamp>,
    /// When it began to count.
    pub(super) start: Option<Timestamp>,
    pub(super) samples: Vec<Sample>,
    pub(super) histogram: Option<Histogram>,
    /// Exemplars of the native histogram.
    pub(super) exemplars: Vec<Exemplar>,
}

/// A sample of a float.
#[derive(Debug)]
pub(crate) struct Sample {
    /// What it adds to the family's name.
    pub(crate) suffix: &'static str,
    /// `le` or `quantile`, and its value.
    pub(crate) label: Option<(&'static str, String)>,
    pub(crate) v: f64,
    pub(crate) exemplar: Option<Exemplar>,
}

impl Sample {
    pub(crate) fn new(suffix: &'static str, v: f64) -> Sample {
        Sample { suffix, label: None, v, exemplar: None }
    }
}

impl<'a> Metric<'a> {
    pub(super) fn read(mut message: Message<'a>, kind: MetricKind) -> Result<Metric<'a>, ParseError> {
        let mut metric = Metric::default();
        let mut content = Message::empty();
        while let Some((number, value)) = message.field()? {
            match (number, kind) {
                (1, _) => metric.labels.push(value.message()),
                // 0 stands for none: in this version of the language they are the same.
                (6, _) => metric.timestamp = Some(Timestamp(value.signed())).filter(|t| t.0 != 0),
                (2, MetricKind::Gauge)
                | (3, MetricKind::Counter)
                | (4, MetricKind::Summary)
                | (5, MetricKind::Unknown)
                | (7, MetricKind::Histogram | MetricKind::GaugeHistogram) => content = value.message(),
                _ => {}
            }
        }
        match kind {
            MetricKind::Summary => metric.read_summary(content)?,
            MetricKind::Histogram | MetricKind::GaugeHistogram => {
                metric.read_histogram(content, kind == MetricKind::GaugeHistogram)?;
            }
            _ => metric.read_number(content, kind == MetricKind::Counter)?,
        }
        Ok(metric)
    }

    fn read_number(&mut self, mut content: Message<'a>, is_counter: bool) -> Result<(), ParseError> {
        let mut sample = Sample::new("", 0.0);
        while let Some((number, value)) = content.field()? {
            match number {
                1 => sample.v = value.float(),
                2 if is_counter => sample.exemplar = Some(exemplar(value.message())?),
                3 if is_counter => self.start = Some(timestamp(value.message())?),
                _ => {}
            }
        }
        self.samples.push(sample);
        Ok(())
    }

    fn read_summary(&mut self, mut content: Message<'a>) -> Result<(), ParseError> {
        let (mut count, mut sum) = (0, 0.0);
        let mut quantiles = Vec::new();
        while let Some((number, value)) = content.field()? {
            match number {
                1 => count = value.unsigned(),
                2 => sum = value.float(),
                3 => {
                    let (mut message, mut pair) = (value.message(), [0.0; 2]);
                    while let Some((number, value)) = message.field()? {
                        match number {
                            1 => pair[0] = value.float(),
                            2 => pair[1] = value.float(),
                            _ => {}
                        }
                    }
                    quantiles.push(pair);
                }
                4 => self.start = Some(timestamp(value.message())?),
                _ => {}
            }
        }
        self.samples.extend([Sample::new("_count", count as f64), Sample::new("_sum", sum)]);
        for [quantile, v] in quantiles {
            self.samples.push(Sample { label: Some((model::QUANTILE, label_number(quantile))), ..Sample::new("", v) });
        }
        Ok(())
    }

    fn read_histogram(&mut self, mut content: Message<'a>, is_gauge: bool) -> Result<(), ParseError> {
        let place = content;
        let mut native = Native::default();
        let (mut count, mut count_float, mut sum) = (0, 0.0, 0.0);
        let (mut buckets, mut own_exemplars) = (Vec::new(), Vec::new());
        while let Some((number, value)) = content.field()? {
            match number {
                1 => count = value.unsigned(),
                2 => sum = value.float(),
                3 => buckets.push(value.message()),
                4 => count_float = value.float(),
                15 => self.start = Some(timestamp(value.message())?),
                16 => own_exemplars.push(exemplar(value.message())?),
                _ => native.field(number, value)?,
            }
        }
        let total = if count_float > 0.0 { count_float } else { count as f64 };
        let mut has_inf = false;
        let mut samples = vec![Sample::new("_count", total), Sample::new("_sum", sum)];
        for message in buckets {
            let (le, sample) = bucket(message)?;
            samples.push(sample);
            has_inf = le == f64::INFINITY;
            if has_inf {
                break;
            }
        }
        if !native.is_there() {
            if !has_inf {
                let label = Some((model::LE, label_number(f64::INFINITY)));
                samples.push(Sample { label, ..Sample::new("_bucket", total) });
            }
            self.samples = samples;
            return Ok(());
        }
        let histogram = native.build(count, count_float, sum, is_gauge);
        self.histogram = Some(histogram.map_err(|kind| place.error(kind))?);
        // Its own exemplars, else those of the classic buckets; without a time they cannot be put in order.
        if own_exemplars.is_empty() {
            own_exemplars.extend(samples.into_iter().filter_map(|sample| sample.exemplar));
        }
        own_exemplars.retain(|exemplar| exemplar.t.is_some());
        self.exemplars = own_exemplars;
        Ok(())
    }
}

fn bucket(mut message: Message<'_>) -> Result<(f64, Sample), ParseError> {
    let (mut le, mut count, mut count_float, mut example) = (0.0, 0, 0.0, None);
    while let Some((number, value)) = message.field()? {
        match number {
            1 => count = value.unsigned(),
            2 => le = value.float(),
            3 => example = Some(exemplar(value.message())?),
            4 => count_float = value.float(),
            _ => {}
        }
    }
    let v = if count_float > 0.0 { count_float } else { count as f64 };
    let label = Some((model::LE, label_number(le)));
    Ok((le, Sample { suffix: "_bucket", label, v, exemplar: example }))
}

fn exemplar(mut message: Message<'_>) -> Result<Exemplar, ParseError> {
    let (mut labels, mut v, mut t) = (Vec::new(), 0.0, None);
    while let Some((number, value)) = message.field()? {
        match number {
            1 => labels.push(pair(value.message())?),
            2 => v = value.float(),
            3 => t = Some(timestamp(value.message())?),
            _ => {}
        }
    }
    Ok(Exemplar { labels: Labels::from_pairs(labels), v, t })
}

/// Name and value of a label.
pub(super) fn pair(mut message: Message<'_>) -> Result<(&str, &str), ParseError> {
    let (mut name, mut text) = ("", "");
    while let Some((number, value)) = message.field()? {
        match (number, value) {
            (1, Value::Bytes(bytes)) => name = bytes.text()?,
            (2, Value::Bytes(bytes)) => text = bytes.text()?,
            _ => {}
        }
    }
    Ok((name, text))
}

fn timestamp(mut message: Message<'_>) -> Result<Timestamp, ParseError> {
    let (mut seconds, mut nanos) = (0i64, 0i64);
    while let Some((number, value)) = message.field()? {
        match number {
            1 => seconds = value.signed(),
            2 => nanos = value.signed(),
            _ => {}
        }
    }
    Ok(Timestamp(seconds.saturating_mul(1_000).saturating_add(nanos / 1_000_000)))
}

/// A number as it stands in `le` and `quantile`: always told to be a float.
pub(crate) fn label_number(v: f64) -> String {
    let mut text = number::format_compact(v);
    if v.is_finite() && !text.contains(['.', 'e']) {
        text.push_str(".0");
    }
    text
}
