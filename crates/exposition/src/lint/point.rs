//! Metrics and their points: times, order of buckets, and what a whole histogram has to say.

use super::family::Sample;
use super::{Report, Rule};
use crate::value::parse_value;
use model::MetricKind;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A metric: one set of labels of a family.
#[derive(Debug, Default)]
pub(super) struct Metric<'a> {
    t: Option<f64>,
    point: Option<Point<'a>>,
}

/// The samples of one metric at one time.
#[derive(Debug, Default)]
struct Point<'a> {
    pos: usize,
    seen: BTreeSet<(&'static str, Option<Cow<'a, str>>)>,
    /// Bound and value of the last bucket.
    bucket: Option<(f64, f64)>,
    inf: Option<f64>,
    count: Option<(f64, usize)>,
    sum: Option<(f64, usize)>,
    /// There are buckets below zero.
    is_negative: bool,
}

impl<'a> Metric<'a> {
    /// Adds a sample to the last point, or to a new one if its time is another.
    pub(super) fn add(&mut self, sample: &Sample<'a>, kind: MetricKind, openmetrics: bool, report: &mut Report) {
        let part = (sample.suffix, sample.part.clone());
        let mut is_new = true;
        if let Some(point) = &self.point {
            is_new = self.t != sample.t;
            let repeated = !is_new && point.seen.contains(&part);
            match (self.t, sample.t) {
                (Some(last), Some(t)) if openmetrics && t < last => {
                    let detail = format!("{t} is before {last}, the time of the sample before");
                    report.add(sample.pos, Rule::TimestampBackwards, detail);
                }
                (Some(_), None) | (None, Some(_)) if openmetrics => {
                    let detail = "this sample and the one before it: one has a time stamp, the other has none";
                    report.add(sample.pos, Rule::TimestampMixed, detail.to_owned());
                }
                // Two times that differ by less than what is written.
                (Some(_), Some(_)) if openmetrics && repeated => is_new = true,
                _ if repeated => {
                    report.add(sample.pos, Rule::PointTwice, "this series stands further up already".to_owned());
                    return;
                }
                _ => {}
            }
        }
        if is_new {
            self.finish(kind, openmetrics, report);
            self.point = Some(Point { pos: sample.pos, ..Point::default() });
        }
        self.t = sample.t;
        if let Some(point) = &mut self.point {
            point.seen.insert(part);
            point.add(sample, report);
        }
    }

    /// Checks the last point as a whole.
    pub(super) fn finish(&self, kind: MetricKind, openmetrics: bool, report: &mut Report) {
        if let (Some(point), MetricKind::Histogram | MetricKind::GaugeHistogram) = (&self.point, kind) {
            point.check_histogram(kind == MetricKind::GaugeHistogram, openmetrics, report);
        }
    }
}

impl Point<'_> {
    fn add(&mut self, sample: &Sample<'_>, report: &mut Report) {
        match sample.suffix {
            "_count" | "_gcount" => self.count = Some((sample.v, sample.v_pos)),
            "_sum" | "_gsum" => self.sum = Some((sample.v, sample.v_pos)),
            "_bucket" => self.add_bucket(sample, report),
            _ => {}
        }
    }

    fn add_bucket(&mut self, sample: &Sample<'_>, report: &mut Report) {
        let Some(le) = sample.part.as_ref().and_then(|le| parse_value(le.as_bytes())) else { return };
        if let Some((last, v)) = self.bucket {
            if le <= last {
                let detail = format!("the bucket up to {le} stands behind the one up to {last}");
                report.add(sample.pos, Rule::BucketOrder, detail);
            } else if sample.v < v {
                let detail = format!("the bucket up to {le} holds {}, the one up to {last} {v}", sample.v);
                report.add(sample.v_pos, Rule::BucketCumulative, detail);
            }
        }
        self.bucket = Some((le, sample.v));
        self.is_negative |= le < 0.0;
        if le == f64::INFINITY {
            self.inf = Some(sample.v);
        }
    }

    fn check_histogram(&self, is_gauge: bool, openmetrics: bool, report: &mut Report) {
        match (self.inf, self.count) {
            (None, _) => report.add(self.pos, Rule::InfBucket, "there is no bucket up to +Inf".to_owned()),
            (Some(inf), Some((count, pos))) if inf != count => {
                report.add(pos, Rule::CountMismatch, format!("the count is {count}, the bucket up to +Inf {inf}"));
            }
            _ => {}
        }
        if !openmetrics {
            return;
        }
        match (self.sum, self.count) {
            (Some((_, pos)), None) => report.add(pos, Rule::SumAndCount, "there is a sum, but no count".to_owned()),
            (None, Some((_, pos))) => report.add(pos, Rule::SumAndCount, "there is a count, but no sum".to_owned()),
            _ => {}
        }
        match self.sum {
            Some((_, pos)) if self.is_negative && !is_gauge => {
                report.add(pos, Rule::NegativeBucketSum, "there are buckets below zero".to_owned());
            }
            Some((sum, pos)) if is_gauge && !self.is_negative && sum < 0.0 => {
                report.add(pos, Rule::NegativeGsum, format!("the sum is {sum}"));
            }
            _ => {}
        }
    }
}
