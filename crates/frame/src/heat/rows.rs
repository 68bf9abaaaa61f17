//! The rows of a heat map: where they begin and end, and which of them a bucket lies in.

use super::MAX_ROWS;
use model::Histogram;
use model::histogram::upper_bound;
use std::sync::Arc;

/// Schemas of exponential histograms, the coarsest first.
const SCHEMAS: std::ops::RangeInclusive<i8> = -4..=8;

/// Where the zero bucket ends if no histogram says so: below it clients count as zero, unless told otherwise.
const SMALLEST: f64 = 1.0 / (1u128 << 127) as f64 / 2.0;

/// Ranges of values that follow each other.
///
/// Invariant: edges are strictly ascending, and each of `places` is the number of a row.
pub(super) struct Rows {
    edges: Vec<f64>,
    /// For each row that was asked for the one that it became: those of no height are one with a neighbour.
    places: Vec<usize>,
}

impl Rows {
    fn new(edges: &[f64]) -> Self {
        let mut kept: Vec<f64> = edges.first().copied().into_iter().collect();
        let mut places = Vec::with_capacity(edges.len());
        for &upper in edges.iter().skip(1) {
            if kept.last().is_some_and(|last| upper > *last) {
                kept.push(upper);
            }
            places.push(kept.len().saturating_sub(2));
        }
        Rows { edges: kept, places }
    }

    /// Rows that end at ascending bounds; the lowest has no end.
    pub(super) fn up_to(uppers: &[f64]) -> Self {
        let edges: Vec<f64> = std::iter::once(f64::NEG_INFINITY).chain(uppers.iter().copied()).collect();
        Rows::new(&edges)
    }

    pub(super) fn len(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// Where a row went; the highest one for what lies above all.
    pub(super) fn place(&self, row: usize) -> usize {
        self.places.get(row).or(self.places.last()).copied().unwrap_or_default()
    }

    pub(super) fn into_edges(self) -> Vec<f64> {
        self.edges
    }
}

/// Numbers of the buckets that hold something, first and last.
type Span = Option<(i64, i64)>;

fn grown(span: Span, idx: i64) -> Span {
    Some(span.map_or((idx, idx), |(first, last)| (first.min(idx), last.max(idx))))
}

/// The rows of exponential histograms: negative buckets from the farthest to the nearest, zero, positive buckets.
pub(super) struct Exponential {
    schema: i8,
    /// What lies within is in the row of zero.
    threshold: f64,
    negative: Span,
    positive: Span,
    has_zero: bool,
}

impl Exponential {
    /// The rows for some histograms. `None` if there are none.
    pub(super) fn of<'a>(all: impl Iterator<Item = &'a Histogram>) -> Option<Self> {
        // Spans by schema: a coarser one follows from them without another look at the buckets.
        let mut spans: [(Span, Span); 13] = [(None, None); 13];
        let (mut coarsest, mut threshold, mut counts_zero) = (None, 0.0f64, false);
        let holds = |count: f64| count > 0.0 && count.is_finite();
        for h in all {
            let schema = h.schema.clamp(*SCHEMAS.start(), *SCHEMAS.end());
            coarsest = Some(coarsest.map_or(schema, |known: i8| known.min(schema)));
            if h.zero_threshold.is_finite() {
                threshold = threshold.max(h.zero_threshold);
            }
            counts_zero |= holds(h.zero_count);
            let (negative, positive) = &mut spans[usize::from((schema - SCHEMAS.start()).unsigned_abs())];
            for bucket in h.negative.iter().filter(|b| holds(b.count)) {
                *negative = grown(*negative, i64::from(bucket.idx));
            }
            for bucket in h.positive.iter().filter(|b| holds(b.count)) {
                *positive = grown(*positive, i64::from(bucket.idx));
            }
        }
        let mut schema = coarsest?;
        loop {
            let layout = Exponential::in_schema(schema, threshold, counts_zero, &spans);
            if schema == *SCHEMAS.start() || layout.n_rows() <= MAX_ROWS as i64 {
                return Some(layout);
            }
            schema -= 1;
        }
    }

    fn in_schema(schema: i8, threshold: f64, counts_zero: bool, spans: &[(Span, Span)]) -> Self {
        let merged = |pick: fn(&(Span, Span)) -> Span| {
            let all = SCHEMAS.zip(spans).filter_map(|(own, spans)| Some((own, pick(spans)?)));
            all.fold(None, |span, (own, (first, last))| {
                grown(grown(span, reduced(first, own, schema)), reduced(last, own, schema))
            })
        };
        let mut layout = Exponential { schema, threshold, negative: None, positive: None, has_zero: counts_zero };
        layout.negative = layout.outside_zero(merged(|spans| spans.0));
        layout.positive = layout.outside_zero(merged(|spans| spans.1));
        // What is empty has a row all the same, and what lies on both sides of zero has one in between.
        layout.has_zero |= layout.negative.is_some() == layout.positive.is_some();
        layout
    }

    /// The buckets that do not reach into the zero bucket; those that do are counted there.
    fn outside_zero(&mut self, span: Span) -> Span {
        let (mut first, last) = span?;
        while first <= last && self.bound(first - 1) < self.threshold {
            self.has_zero = true;
            first += 1;
        }
        (first <= last).then_some((first, last))
    }

    /// The upper bound of a bucket.
    fn bound(&self, idx: i64) -> f64 {
        upper_bound(i32::try_from(idx).unwrap_or(if idx < 0 { i32::MIN } else { i32::MAX }), self.schema, &[])
    }

    fn n_rows(&self) -> i64 {
        let n = |span: Span| span.map_or(0, |(first, last)| last - first + 1);
        n(self.negative) + i64::from(self.has_zero) + n(self.positive)
    }

    pub(super) fn rows(&self) -> Rows {
        let mut edges = Vec::with_capacity(self.n_rows() as usize + 1);
        let zero = if self.threshold > 0.0 { self.threshold } else { SMALLEST };
        if let Some((first, last)) = self.negative {
            edges.extend((first - 1..=last).rev().map(|idx| -self.bound(idx)));
        } else if self.has_zero {
            edges.push(-zero);
        }
        match self.positive {
            // The row of zero, if there is one, ends where the first bucket begins.
            Some((first, last)) => edges.extend((first - 1..=last).map(|idx| self.bound(idx))),
            None if self.has_zero => edges.push(zero),
            None => {}
        }
        Rows::new(&edges)
    }

    fn n_negative(&self) -> usize {
        self.negative.map_or(0, |(first, last)| (last - first + 1) as usize)
    }

    pub(super) fn zero_row(&self) -> usize {
        self.n_negative()
    }

    pub(super) fn negative_row(&self, schema: i8, idx: i32) -> usize {
        match self.negative {
            Some((first, last)) => {
                let idx = reduced(i64::from(idx), schema, self.schema).min(last);
                if idx < first { self.zero_row() } else { (last - idx) as usize }
            }
            None => self.zero_row(),
        }
    }

    pub(super) fn positive_row(&self, schema: i8, idx: i32) -> usize {
        let zero = self.zero_row();
        match self.positive {
            Some((first, last)) => {
                let idx = reduced(i64::from(idx), schema, self.schema).min(last);
                if idx < first { zero } else { zero + usize::from(self.has_zero) + (idx - first) as usize }
            }
            None => zero,
        }
    }
}

/// The bucket of a coarser schema that a bucket lies in. Buckets beyond all floats are those at the ends.
fn reduced(idx: i64, from: i8, to: i8) -> i64 {
    let by = u32::from(from.clamp(*SCHEMAS.start(), *SCHEMAS.end()).abs_diff(to));
    let idx = ((idx - 1) >> by) + 1;
    let scaled = |n: i64| if to < 0 { n >> -to } else { n << to };
    idx.clamp(-scaled(1074), scaled(1024) + 1)
}

/// The bounds that all lists have; `None` without a list.
pub(super) fn common_bounds<'a>(mut all: impl Iterator<Item = &'a Arc<[f64]>>) -> Option<Vec<f64>> {
    let mut known = all.next()?;
    let mut common = known.to_vec();
    for bounds in all {
        // Most histograms have theirs in common with the one before.
        if Arc::ptr_eq(bounds, known) {
            continue;
        }
        known = bounds;
        common.retain(|bound| bounds.binary_search_by(|other| other.total_cmp(bound)).is_ok());
    }
    Some(common)
}

/// At most so many of ascending bounds, evenly chosen.
pub(super) fn thinned(bounds: Vec<f64>, max: usize) -> Vec<f64> {
    let every = bounds.len().div_ceil(max.max(1)).max(1);
    bounds.into_iter().step_by(every).collect()
}
