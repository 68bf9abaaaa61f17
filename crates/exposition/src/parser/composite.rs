//! Composite values of OpenMetrics 2.0, `{count:2,sum:3,bucket:[1:2,+Inf:2]}`: fields to samples, or to a native histogram.

use super::Parser;
use crate::cursor::error_at;
use crate::error::{ErrorKind, ParseError, shorten, show};
use crate::protobuf::{Native, Sample, label_number};
use crate::value::parse_value;
use model::{Histogram, LE, MetricKind, QUANTILE};
use std::ops::Range;

/// What a composite value may be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Count,
    GCount,
    Sum,
    GSum,
    Schema,
    ZeroThreshold,
    ZeroCount,
    NegativeSpans,
    NegativeBuckets,
    PositiveSpans,
    PositiveBuckets,
    Bucket,
    Quantile,
}

impl Field {
    const ALL: [(Field, &str); 13] = [
        (Field::Count, "count"),
        (Field::GCount, "gcount"),
        (Field::Sum, "sum"),
        (Field::GSum, "gsum"),
        (Field::Schema, "schema"),
        (Field::ZeroThreshold, "zero_threshold"),
        (Field::ZeroCount, "zero_count"),
        (Field::NegativeSpans, "negative_spans"),
        (Field::NegativeBuckets, "negative_buckets"),
        (Field::PositiveSpans, "positive_spans"),
        (Field::PositiveBuckets, "positive_buckets"),
        (Field::Bucket, "bucket"),
        (Field::Quantile, "quantile"),
    ];

    fn name(self) -> &'static str {
        Field::ALL[self as usize].1
    }
}

/// What a composite value stands for.
#[derive(Debug)]
pub(super) enum Composite {
    /// The samples of a classic histogram or a summary.
    Samples(Vec<Sample>),
    /// A native histogram; classic buckets beside it are left out, as in protobuf.
    Native(Box<Histogram>),
}

/// Where each field's value stands.
struct Fields<'a> {
    input: &'a [u8],
    /// Where the composite value begins.
    pos: usize,
    ranges: [Option<Range<usize>>; Field::ALL.len()],
}

impl<'a> Parser<'a> {
    /// Reads a composite value; the cursor stands at its brace.
    pub(super) fn composite(&mut self, kind: MetricKind, start: usize) -> Result<Composite, ParseError> {
        let fields = self.fields(start)?;
        let is_gauge = kind == MetricKind::GaugeHistogram;
        match kind {
            MetricKind::Summary => fields.summary().map(Composite::Samples),
            MetricKind::Histogram | MetricKind::GaugeHistogram => {
                if fields.has(Field::Schema) {
                    fields.native(is_gauge).map(|histogram| Composite::Native(Box::new(histogram)))
                } else {
                    fields.classic(is_gauge).map(Composite::Samples)
                }
            }
            _ => {
                let why =
                    format!("a value with fields belongs to a histogram or a summary, not to a {}", kind.as_str());
                Err(error_at(fields.input, fields.pos, ErrorKind::BadSample { why }))
            }
        }
    }

    fn fields(&mut self, start: usize) -> Result<Fields<'a>, ParseError> {
        let mut fields =
            Fields { input: self.cursor.input, pos: self.cursor.pos, ranges: std::array::from_fn(|_| None) };
        self.cursor.pos += 1;
        if self.cursor.eat(b'}') {
            return Ok(fields);
        }
        loop {
            let from = self.cursor.pos;
            let name = self.cursor.take_while(|b| b.is_ascii_lowercase() || b == b'_');
            let known = Field::ALL.iter().find(|(_, known)| known.as_bytes() == name);
            let Some(&(field, field_name)) = known else {
                self.cursor.pos = from;
                return Err(self.cursor.expected("a field such as `count`", start));
            };
            if !self.cursor.eat(b':') {
                return Err(self.cursor.expected("`:`", from));
            }
            let value_at = self.cursor.pos;
            if self.cursor.eat(b'[') {
                self.cursor.take_while(|b| !matches!(b, b']' | b'\n'));
                if !self.cursor.eat(b']') {
                    return Err(self.cursor.expected("`]`", from));
                }
            } else {
                self.cursor.take_while(|b| !matches!(b, b',' | b'}' | b' ' | b'\n'));
            }
            let value = value_at..self.cursor.pos;
            if fields.ranges[field as usize].replace(value).is_some() {
                return Err(error_at(fields.input, from, bad(format!("the field `{field_name}` stands twice"))));
            }
            if self.cursor.eat(b'}') {
                return Ok(fields);
            }
            if !self.cursor.eat(b',') {
                return Err(self.cursor.expected("`,` or `}`", from));
            }
        }
    }
}

impl Fields<'_> {
    fn has(&self, field: Field) -> bool {
        self.ranges[field as usize].is_some()
    }

    fn error(&self, pos: usize, why: String) -> ParseError {
        error_at(self.input, pos, bad(why))
    }

    fn get(&self, field: Field) -> Result<(usize, &[u8]), ParseError> {
        let range = self.ranges[field as usize].clone();
        let range = range.ok_or_else(|| self.error(self.pos, format!("the field `{}` is missing", field.name())))?;
        Ok((range.start, self.input.get(range).unwrap_or(&[])))
    }

    /// No field but these.
    fn only(&self, allowed: &[Field]) -> Result<(), ParseError> {
        for (&(field, name), range) in Field::ALL.iter().zip(&self.ranges) {
            if let Some(range) = range
                && !allowed.contains(&field)
            {
                return Err(self.error(range.start, format!("the field `{name}` does not belong here")));
            }
        }
        Ok(())
    }

    fn number(&self, field: Field) -> Result<f64, ParseError> {
        let (pos, text) = self.get(field)?;
        number_at(self.input, pos, text)
    }

    /// The items of a list and where each begins.
    fn list(&self, field: Field) -> Result<Vec<(usize, &[u8])>, ParseError> {
        let (pos, text) = self.get(field)?;
        let Some(inner) = text.strip_prefix(b"[").and_then(|text| text.strip_suffix(b"]")) else {
            return Err(self.error(pos, format!("`{}` is a list in brackets", field.name())));
        };
        let mut at = pos + 1;
        let mut items = Vec::new();
        for item in inner.split(|b| *b == b',') {
            if !item.is_empty() {
                items.push((at, item));
            }
            at += item.len() + 1;
        }
        Ok(items)
    }

    /// The items of a list of pairs.
    fn pairs(&self, field: Field) -> Result<Vec<Pair<'_>>, ParseError> {
        let mut pairs = Vec::new();
        for (pos, item) in self.list(field)? {
            let Some(colon) = memchr::memrchr(b':', item) else {
                return Err(self.error(pos, "expected two numbers with `:` between them".to_owned()));
            };
            pairs.push(Pair { pos, left: &item[..colon], right: &item[colon + 1..] });
        }
        Ok(pairs)
    }

    fn count_and_sum(&self, is_gauge: bool) -> Result<[Sample; 2], ParseError> {
        Ok(if is_gauge {
            [Sample::new("_gcount", self.number(Field::GCount)?), Sample::new("_gsum", self.number(Field::GSum)?)]
        } else {
            [Sample::new("_count", self.number(Field::Count)?), Sample::new("_sum", self.number(Field::Sum)?)]
        })
    }

    fn summary(&self) -> Result<Vec<Sample>, ParseError> {
        self.only(&[Field::Count, Field::Sum, Field::Quantile])?;
        let mut samples = Vec::from(self.count_and_sum(false)?);
        let mut last = f64::NEG_INFINITY;
        for Pair { pos, left, right } in self.pairs(Field::Quantile)? {
            let quantile = number_at(self.input, pos, left)?;
            if !(0.0..=1.0).contains(&quantile) || quantile <= last {
                let why = "quantiles lie between 0 and 1, and increase".to_owned();
                return Err(self.error(pos, why));
            }
            last = quantile;
            let v = number_at(self.input, pos + left.len() + 1, right)?;
            samples.push(Sample { label: Some((QUANTILE, label_number(quantile))), ..Sample::new("", v) });
        }
        Ok(samples)
    }

    fn classic(&self, is_gauge: bool) -> Result<Vec<Sample>, ParseError> {
        let (count, sum) = if is_gauge { (Field::GCount, Field::GSum) } else { (Field::Count, Field::Sum) };
        self.only(&[count, sum, Field::Bucket])?;
        let mut samples = Vec::from(self.count_and_sum(is_gauge)?);
        let (mut last, mut is_first) = (f64::NEG_INFINITY, true);
        for Pair { pos, left, right } in self.pairs(Field::Bucket)? {
            let le = number_at(self.input, pos, left)?;
            if le.is_nan() || !is_first && le <= last {
                return Err(self.error(pos, "the bounds of buckets are numbers, and increase".to_owned()));
            }
            (last, is_first) = (le, false);
            let v = number_at(self.input, pos + left.len() + 1, right)?;
            if v < 0.0 && !is_gauge {
                return Err(self.error(pos + left.len() + 1, "what a bucket counts is not negative".to_owned()));
            }
            samples.push(Sample { label: Some((LE, label_number(le))), ..Sample::new("_bucket", v) });
        }
        if last != f64::INFINITY {
            return Err(self.error(self.get(Field::Bucket)?.0, "there is no bucket up to `+Inf`".to_owned()));
        }
        Ok(samples)
    }

    fn native(&self, is_gauge: bool) -> Result<Histogram, ParseError> {
        let (count_field, sum_field) = if is_gauge { (Field::GCount, Field::GSum) } else { (Field::Count, Field::Sum) };
        self.only(&[
            count_field,
            sum_field,
            Field::Schema,
            Field::ZeroThreshold,
            Field::ZeroCount,
            Field::NegativeSpans,
            Field::NegativeBuckets,
            Field::PositiveSpans,
            Field::PositiveBuckets,
            Field::Bucket,
        ])?;
        let (schema_at, schema) = self.get(Field::Schema)?;
        let schema = whole(schema).filter(|schema| (-4..=8).contains(schema));
        let schema =
            schema.ok_or_else(|| self.error(schema_at, "a schema is a whole number from -4 to 8".to_owned()))?;
        let (count, sum) = (self.number(count_field)?, self.number(sum_field)?);
        let (zero_threshold, zero_count) = (self.number(Field::ZeroThreshold)?, self.number(Field::ZeroCount)?);
        if !(zero_threshold.is_finite() && zero_threshold >= 0.0) {
            return Err(
                self.error(self.get(Field::ZeroThreshold)?.0, "a threshold is finite and not negative".to_owned())
            );
        }
        if count < 0.0 || zero_count < 0.0 {
            return Err(self.error(self.pos, "what a histogram counts is not negative".to_owned()));
        }
        let mut native = Native::default();
        (native.schema, native.zero_threshold) = (schema, zero_threshold);
        let is_whole = |v: f64| v == v.trunc() && v < u64::MAX as f64;
        let mut all_whole = is_whole(count) && is_whole(zero_count);
        for (spans, buckets, side) in [
            (Field::NegativeSpans, Field::NegativeBuckets, &mut native.negative),
            (Field::PositiveSpans, Field::PositiveBuckets, &mut native.positive),
        ] {
            if self.has(spans) {
                for Pair { pos, left, right } in self.pairs(spans)? {
                    let span = whole(left).zip(whole(right).and_then(|length| u64::try_from(length).ok()));
                    side.spans.push(span.ok_or_else(|| self.error(pos, "a span is two whole numbers".to_owned()))?);
                }
            }
            if self.has(buckets) {
                for (pos, item) in self.list(buckets)? {
                    side.counts.push(number_at(self.input, pos, item)?);
                    all_whole &= !item.iter().any(|b| matches!(b, b'.' | b'e' | b'E'));
                }
            }
        }
        native
            .histogram(count, zero_count, sum, is_gauge, all_whole, true)
            .map_err(|kind| error_at(self.input, self.pos, kind))
    }
}

/// `0.5:3`
struct Pair<'a> {
    pos: usize,
    left: &'a [u8],
    right: &'a [u8],
}

fn bad(why: String) -> ErrorKind {
    ErrorKind::BadSample { why }
}

fn whole(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn number_at(input: &[u8], pos: usize, text: &[u8]) -> Result<f64, ParseError> {
    parse_value(text).ok_or_else(|| {
        let found = if text.is_empty() { show(&input[pos.min(input.len())..]) } else { format!("`{}`", shorten(text)) };
        let before = &input[..pos.min(input.len())];
        let from = memchr::memrchr3(b',', b'{', b'\n', before).map_or(0, |at| at + 1);
        error_at(input, pos, ErrorKind::BadNumber { after: shorten(&before[from..]), found })
    })
}
