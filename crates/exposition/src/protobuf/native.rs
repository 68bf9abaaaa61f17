//! Native histograms: spans and counts of buckets to sparse buckets.

use super::wire::{Message, Value, zigzag};
use crate::error::{ErrorKind, ParseError};
use model::{Bucket, CounterResetHint, Histogram};

/// What a histogram's message says of a native one.
#[derive(Debug, Default)]
pub(crate) struct Native {
    pub(crate) schema: i64,
    pub(crate) zero_threshold: f64,
    zero_count: u64,
    zero_count_float: f64,
    pub(crate) negative: Side,
    pub(crate) positive: Side,
}

/// The buckets of one sign.
#[derive(Debug, Default)]
pub(crate) struct Side {
    /// The gap to the span before, and how many buckets.
    pub(crate) spans: Vec<(i64, u64)>,
    /// Whole counts, each as the difference from the one before.
    deltas: Vec<i64>,
    /// Counts that need not be whole.
    pub(crate) counts: Vec<f64>,
}

impl Native {
    /// Takes a field of the message, if it is one of the native histogram's.
    pub(super) fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), ParseError> {
        match number {
            5 => self.schema = value.zigzag(),
            6 => self.zero_threshold = value.float(),
            7 => self.zero_count = value.unsigned(),
            8 => self.zero_count_float = value.float(),
            9 => self.negative.span(value.message())?,
            10 => self.negative.delta(value)?,
            11 => self.negative.count(value)?,
            12 => self.positive.span(value.message())?,
            13 => self.positive.delta(value)?,
            14 => self.positive.count(value)?,
            _ => {}
        }
        Ok(())
    }

    /// Whether it is a native histogram: one without observations has at least a span of no length.
    pub(super) fn is_there(&self) -> bool {
        !self.positive.spans.is_empty()
            || !self.negative.spans.is_empty()
            || self.zero_threshold > 0.0
            || self.zero_count > 0
            || self.zero_count_float > 0.0
    }

    /// The histogram. `count_float` above 0 says, as a zero bucket of floats does, that all counts are floats.
    pub(super) fn build(&self, count: u64, count_float: f64, sum: f64, is_gauge: bool) -> Result<Histogram, ErrorKind> {
        let is_float = count_float > 0.0 || self.zero_count_float > 0.0;
        let (count, zero_count) =
            if is_float { (count_float, self.zero_count_float) } else { (count as f64, self.zero_count as f64) };
        self.histogram(count, zero_count, sum, is_gauge, !is_float, is_float)
    }

    /// The histogram with these counts. `is_whole`: all of them are, and add up; `absolute`: those of the buckets stand in
    /// [`Side::counts`].
    pub(crate) fn histogram(
        &self,
        count: f64,
        zero_count: f64,
        sum: f64,
        is_gauge: bool,
        is_whole: bool,
        absolute: bool,
    ) -> Result<Histogram, ErrorKind> {
        let schema = i8::try_from(self.schema).map_err(|_| bad(&format!("there is no schema {}", self.schema)))?;
        let mut histogram = Histogram {
            counter_reset_hint: if is_gauge { CounterResetHint::Gauge } else { CounterResetHint::Unknown },
            schema,
            zero_threshold: self.zero_threshold,
            zero_count,
            count,
            sum,
            positive: self.positive.buckets(absolute)?,
            negative: self.negative.buckets(absolute)?,
            ..Histogram::default()
        };
        histogram.validate().map_err(|error| bad(&error.to_string()))?;
        if is_whole {
            self.check_count(&histogram)?;
        }
        histogram.compact();
        Ok(histogram)
    }

    /// Whole counts add up, but for observations that are NaN: those are in no bucket.
    fn check_count(&self, histogram: &Histogram) -> Result<(), ErrorKind> {
        let buckets = histogram.positive.iter().chain(&histogram.negative);
        let counted = buckets.map(|bucket| bucket.count).sum::<f64>() + histogram.zero_count;
        let fits = if histogram.sum.is_nan() { counted <= histogram.count } else { counted == histogram.count };
        if fits {
            return Ok(());
        }
        Err(bad(&format!("{counted} observations in buckets, and {} altogether", histogram.count)))
    }
}

fn bad(why: &str) -> ErrorKind {
    ErrorKind::BadHistogram { why: why.to_owned() }
}

impl Side {
    fn span(&mut self, mut message: Message<'_>) -> Result<(), ParseError> {
        let (mut offset, mut length) = (0, 0);
        while let Some((number, value)) = message.field()? {
            match number {
                1 => offset = value.zigzag(),
                2 => length = value.unsigned(),
                _ => {}
            }
        }
        self.spans.push((offset, length));
        Ok(())
    }

    fn delta(&mut self, value: Value<'_>) -> Result<(), ParseError> {
        match value {
            Value::Bytes(mut packed) => {
                while !packed.is_empty() {
                    self.deltas.push(zigzag(packed.varint()?));
                }
            }
            one => self.deltas.push(one.zigzag()),
        }
        Ok(())
    }

    fn count(&mut self, value: Value<'_>) -> Result<(), ParseError> {
        match value {
            Value::Bytes(mut packed) => {
                while !packed.is_empty() {
                    self.counts.push(f64::from_bits(packed.fixed64()?));
                }
            }
            one => self.counts.push(one.float()),
        }
        Ok(())
    }

    /// The buckets of all spans. There are never more than counts, so a length that lies costs nothing.
    fn buckets(&self, is_float: bool) -> Result<Vec<Bucket>, ErrorKind> {
        let n_counts = if is_float { self.counts.len() } else { self.deltas.len() };
        let n_spanned = self.spans.iter().fold(0u64, |n, span| n.saturating_add(span.1));
        if n_spanned != n_counts as u64 {
            return Err(bad(&format!("spans of {n_spanned} buckets, and counts of {n_counts}")));
        }
        let mut out = Vec::with_capacity(n_counts);
        let mut counts = self.counts.iter();
        let mut deltas = self.deltas.iter();
        let (mut idx, mut whole) = (0i64, 0i64);
        for (nth, &(offset, length)) in self.spans.iter().enumerate() {
            if nth > 0 && offset < 0 {
                return Err(bad("a span begins within the one before it"));
            }
            idx = idx.saturating_add(offset);
            for _ in 0..length {
                let count = if is_float {
                    counts.next().copied().unwrap_or(0.0)
                } else {
                    whole = whole.saturating_add(deltas.next().copied().unwrap_or(0));
                    whole as f64
                };
                let bucket = i32::try_from(idx).map_err(|_| bad("a bucket is beyond all numbers"))?;
                out.push(Bucket { idx: bucket, count });
                idx = idx.saturating_add(1);
            }
        }
        Ok(out)
    }
}
