//! All series of the store, with the index that finds them.

use crate::chunk::ChunkSizes;
use crate::index::Index;
use crate::matcher::{CompiledMatcher, RegexError};
use crate::order::Order;
use crate::series::{Last, SampleBuf, Series, Shape, histogram_bytes};
use crate::times::{Scratch, Tracks};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use model::{Histogram, Labels, METRIC_NAME, Matcher, Millis, TimeRange, Timestamp};
use std::sync::Arc;

/// Names a series of a [`Head`]. A reference is never used again for another series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesRef(pub u32);

/// Limits of a [`Head`].
#[derive(Clone, Copy, Debug)]
pub struct HeadOptions {
    /// Samples older than this, seen from the newest truncation, are dropped.
    pub retention: Millis,
    /// At most so many series.
    pub max_series: usize,
    /// At most so many bytes, as [`HeadStats::bytes`] counts them; the oldest samples go first.
    pub max_bytes: usize,
    /// How many samples of a series are sealed together. Results do not depend on it.
    pub chunks: ChunkSizes,
}

impl Default for HeadOptions {
    /// A day, a million series, one gigabyte: wasm memory ends at four, and a tab is not alone.
    fn default() -> Self {
        HeadOptions {
            retention: Millis::from_secs(24 * 3600),
            max_series: 1_000_000,
            max_bytes: 1 << 30,
            chunks: ChunkSizes::default(),
        }
    }
}

/// Why a sample was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// It is older than the newest one of its series.
    #[error("the sample is older than the newest one of its series")]
    OutOfOrder,
    /// There is a sample of the same time with another value.
    #[error("there is a sample of the same time with another value")]
    DuplicateTimestamp,
    /// The store is full.
    #[error("the store is full: it holds the greatest number of series, {0}")]
    TooManySeries(usize),
    /// The series is no longer there: find it by its labels.
    #[error("the series is no longer there")]
    UnknownSeries,
}

/// How full a [`Head`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeadStats {
    /// Series.
    pub n_series: usize,
    /// Samples.
    pub n_samples: usize,
    /// Bytes of samples and index, estimated.
    pub bytes: usize,
    /// The oldest sample.
    pub oldest: Option<Timestamp>,
    /// The newest sample.
    pub newest: Option<Timestamp>,
}

/// What [`Head::truncate`] dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Truncated {
    /// Samples that were older than the retention.
    pub n_old: usize,
    /// Samples that went because the store had reached its bytes.
    pub n_over: usize,
    /// Chunks that ended before this went for the bytes; `None` if none did.
    pub over_before: Option<Timestamp>,
}

/// What a series takes besides its label text and samples: slot, maps, postings.
const SERIES_BYTES: usize = 250;

/// The series and their samples.
#[derive(Debug)]
pub struct Head {
    options: HeadOptions,
    /// By reference; `None` where the series is gone.
    series: Vec<Option<Series>>,
    by_labels: HashMap<Labels, SeriesRef, FixedState>,
    index: Index,
    order: Order,
    tracks: Tracks,
    n_samples: usize,
    label_bytes: usize,
    histogram_bytes: usize,
    newest: Option<i64>,
}

impl Head {
    /// An empty store.
    #[must_use]
    pub fn new(options: HeadOptions) -> Self {
        Head {
            options,
            series: Vec::new(),
            by_labels: HashMap::default(),
            index: Index::default(),
            order: Order::default(),
            tracks: Tracks::default(),
            n_samples: 0,
            label_bytes: 0,
            histogram_bytes: 0,
            newest: None,
        }
    }

    /// The limits.
    #[must_use]
    pub fn options(&self) -> &HeadOptions {
        &self.options
    }

    /// Changes the limits; the next truncation acts on them.
    pub fn set_options(&mut self, options: HeadOptions) {
        self.options = options;
    }

    /// The series with these labels, made if it is not there.
    ///
    /// # Errors
    /// If the store is full.
    pub fn get_or_create(&mut self, labels: &Labels) -> Result<SeriesRef, AppendError> {
        if let Some(&series) = self.by_labels.get(labels) {
            return Ok(series);
        }
        let Ok(next) = u32::try_from(self.series.len()) else {
            return Err(AppendError::TooManySeries(self.by_labels.len()));
        };
        if self.by_labels.len() >= self.options.max_series {
            return Err(AppendError::TooManySeries(self.options.max_series));
        }
        let series = SeriesRef(next);
        self.series.push(Some(Series::new(labels.clone())));
        self.by_labels.insert(labels.clone(), series);
        self.index.add(series, labels);
        self.order.add(series);
        self.label_bytes += labels.byte_len();
        Ok(series)
    }

    /// The series with these labels, if it is there.
    #[must_use]
    pub fn find(&self, labels: &Labels) -> Option<SeriesRef> {
        self.by_labels.get(labels).copied()
    }

    /// Appends a sample to the series with these labels, which is made if it is not there.
    ///
    /// # Errors
    /// See [`Head::append_ref`].
    pub fn append(&mut self, labels: &Labels, t: Timestamp, v: f64) -> Result<SeriesRef, AppendError> {
        let series = self.get_or_create(labels)?;
        self.append_ref(series, t, v).map(|()| series)
    }

    /// Appends a sample. The same sample again is fine and changes nothing, as in Prometheus.
    ///
    /// # Errors
    /// If the sample is not newer than the last one, or the series is gone.
    pub fn append_ref(&mut self, series: SeriesRef, t: Timestamp, v: f64) -> Result<(), AppendError> {
        self.append_since(series, t, v, None)
    }

    /// Appends a sample of a counter that is known to count since a time.
    ///
    /// # Errors
    /// See [`Head::append_ref`].
    pub fn append_since(
        &mut self,
        series: SeriesRef,
        t: Timestamp,
        v: f64,
        start: Option<Timestamp>,
    ) -> Result<(), AppendError> {
        let slot = self.series.get_mut(series.0 as usize).and_then(Option::as_mut).ok_or(AppendError::UnknownSeries)?;
        match slot.last(&self.tracks) {
            Some(last) if t.0 < last.time() => return Err(AppendError::OutOfOrder),
            Some(last) if t.0 == last.time() => {
                let same = matches!(last, Last::Float(_, value) if value.to_bits() == v.to_bits());
                return if same { Ok(()) } else { Err(AppendError::DuplicateTimestamp) };
            }
            _ => {}
        }
        slot.push(&mut self.tracks, &self.options.chunks, t.0, v, start.map_or(0, |s| s.0));
        self.appended(t);
        Ok(())
    }

    /// Appends a native histogram; `start` is when it began to count, where that is known.
    ///
    /// What it says about a counter reset is checked against the histogram before it.
    ///
    /// # Errors
    /// See [`Head::append_ref`].
    pub fn append_histogram(
        &mut self,
        series: SeriesRef,
        t: Timestamp,
        h: Arc<Histogram>,
        start: Option<Timestamp>,
    ) -> Result<(), AppendError> {
        let slot = self.series.get_mut(series.0 as usize).and_then(Option::as_mut).ok_or(AppendError::UnknownSeries)?;
        match slot.last(&self.tracks) {
            Some(last) if t.0 < last.time() => return Err(AppendError::OutOfOrder),
            Some(last) if t.0 == last.time() => {
                let same = matches!(last, Last::Histogram(_, value) if value.equals(&h));
                return if same { Ok(()) } else { Err(AppendError::DuplicateTimestamp) };
            }
            _ => {}
        }
        self.histogram_bytes += histogram_bytes(&h);
        slot.push_histogram(&self.tracks, t.0, h, start.map_or(0, |s| s.0));
        self.appended(t);
        Ok(())
    }

    fn appended(&mut self, t: Timestamp) {
        self.n_samples += 1;
        self.newest = Some(self.newest.map_or(t.0, |n| n.max(t.0)));
    }

    /// The labels of a series.
    #[must_use]
    pub fn labels(&self, series: SeriesRef) -> Option<&Labels> {
        self.get(series).map(|s| &s.labels)
    }

    /// The time of the oldest sample of a series.
    #[must_use]
    pub fn oldest(&self, series: SeriesRef) -> Option<Timestamp> {
        self.get(series)?.first_time().map(Timestamp)
    }

    /// Appends the samples of a range of a series to `out`, staleness markers among them.
    pub fn read(&self, series: SeriesRef, range: TimeRange, out: &mut SampleBuf) {
        if let Some(series) = self.get(series) {
            series.read(&self.tracks, range, out);
        }
    }

    /// What is known of the floats of a series without a look at them.
    #[must_use]
    pub fn shape(&self, series: SeriesRef) -> Shape {
        self.get(series).map_or(Shape { has_markers: false, has_starts: false, has_falls: false }, Series::shape)
    }

    /// Whether a series holds native histograms: if not, its floats are all there is.
    #[must_use]
    pub fn has_histograms(&self, series: SeriesRef) -> bool {
        self.get(series).is_some_and(Series::has_histograms)
    }

    /// Shows the floats of a range of a series piece by piece in the order of time, staleness markers among them. The
    /// newest are shown where they are, older ones are decoded into `scratch`. Returns how many they are.
    pub fn visit_floats(
        &self,
        series: SeriesRef,
        range: TimeRange,
        scratch: &mut Scratch,
        visit: impl FnMut(&[i64], &[f64]),
    ) -> usize {
        self.get(series).map_or(0, |series| series.visit_floats(&self.tracks, range, scratch, visit))
    }

    /// The newest float of a range of a series; it may be a staleness marker.
    #[must_use]
    pub fn newest_float(&self, series: SeriesRef, range: TimeRange, scratch: &mut Scratch) -> Option<(Timestamp, f64)> {
        self.get(series)?.newest_float(&self.tracks, range, scratch).map(|(t, v)| (Timestamp(t), v))
    }

    /// The least and the greatest number among the floats of a range of a series; most chunks know theirs.
    #[must_use]
    pub fn extremes(&self, series: SeriesRef, range: TimeRange, scratch: &mut Scratch) -> Option<(f64, f64)> {
        self.get(series)?.extremes(&self.tracks, range, scratch)
    }

    /// The series that match all matchers and have a sample in the range, sorted by labels.
    ///
    /// # Errors
    /// If a regular expression is none.
    pub fn select(&self, matchers: &[Matcher], range: TimeRange) -> Result<Vec<SeriesRef>, RegexError> {
        let compiled = matchers.iter().map(CompiledMatcher::new).collect::<Result<Vec<_>, _>>()?;
        let mut found = self.matching(&compiled);
        if range != TimeRange::ALL {
            let mut scratch = Scratch::default();
            found.retain(|&series| self.get(series).is_some_and(|s| s.overlaps(&self.tracks, range, &mut scratch)));
        }
        self.order.sort(&mut found, |series| self.labels(series));
        Ok(found)
    }

    /// The names of labels of the series that match, sorted.
    ///
    /// # Errors
    /// If a regular expression is none.
    pub fn label_names(&self, matchers: &[Matcher]) -> Result<Vec<String>, RegexError> {
        if matchers.is_empty() {
            return Ok(self.index.names().into_iter().map(str::to_owned).collect());
        }
        let mut names = std::collections::BTreeSet::new();
        for series in self.select(matchers, TimeRange::ALL)? {
            for (name, _) in self.labels(series).into_iter().flatten() {
                if !names.contains(name) {
                    names.insert(name.to_owned());
                }
            }
        }
        Ok(names.into_iter().collect())
    }

    /// The values of a label of the series that match, sorted.
    ///
    /// # Errors
    /// If a regular expression is none.
    pub fn label_values(&self, name: &str, matchers: &[Matcher]) -> Result<Vec<String>, RegexError> {
        let mut values: Vec<String> = if matchers.is_empty() {
            self.index.values_unsorted(name).map(|(value, _)| value.to_owned()).collect()
        } else {
            let found = self.select(matchers, TimeRange::ALL)?;
            found.iter().filter_map(|&s| self.labels(s)?.get(name)).map(str::to_owned).collect()
        };
        model::sort::by(&mut values, Ord::cmp);
        values.dedup();
        Ok(values)
    }

    /// All metric names with the number of their series, sorted.
    #[must_use]
    pub fn metric_counts(&self) -> Vec<(&str, usize)> {
        let mut counts: Vec<(&str, usize)> =
            self.index.values_unsorted(METRIC_NAME).map(|(n, l)| (n, l.len())).collect();
        model::sort::by(&mut counts, Ord::cmp);
        counts
    }

    /// Drops chunks older than the retention, then the oldest ones until the store fits its bytes, and
    /// series that are left empty. Says how many samples went, and why.
    pub fn truncate(&mut self, now: Timestamp) -> Truncated {
        let mut truncated =
            Truncated { n_old: self.drop_before((now - self.options.retention).0), ..Truncated::default() };
        // A tenth of the time it holds at once: few passes, no flutter at the limit. More of it where no chunk ends so soon.
        let mut tenths = 1;
        for _ in 0..64 {
            let stats = self.stats();
            let (Some(oldest), Some(newest)) = (stats.oldest, stats.newest) else { break };
            if stats.bytes <= self.options.max_bytes || oldest >= newest {
                break;
            }
            let before = oldest.0 + ((newest.0 - oldest.0) / 10 * tenths).max(tenths).min(newest.0 - oldest.0);
            let n_over = self.drop_before(before);
            tenths = if n_over > 0 { 1 } else { tenths + 1 };
            if n_over > 0 {
                truncated.n_over += n_over;
                truncated.over_before = Some(Timestamp(before));
            } else if tenths > 10 {
                break;
            }
        }
        truncated
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        for slot in &mut self.series {
            *slot = None;
        }
        self.by_labels.clear();
        self.index = Index::default();
        self.order = Order::default();
        self.tracks = Tracks::default();
        self.n_samples = 0;
        self.label_bytes = 0;
        self.histogram_bytes = 0;
        self.newest = None;
    }

    /// How full the store is. Costs a pass over the series.
    #[must_use]
    pub fn stats(&self) -> HeadStats {
        let oldest = self.series.iter().flatten().filter_map(Series::first_time).min();
        HeadStats {
            n_series: self.by_labels.len(),
            n_samples: self.n_samples,
            // Label text stands once with the series and about once more in the index.
            bytes: self.series.iter().flatten().map(Series::float_bytes).sum::<usize>()
                + self.tracks.bytes()
                + self.histogram_bytes
                + self.by_labels.len() * SERIES_BYTES
                + 2 * self.label_bytes,
            oldest: oldest.map(Timestamp),
            newest: self.newest.map(Timestamp),
        }
    }

    /// Chunks of all series, for tests and the status page.
    #[must_use]
    pub fn n_chunks(&self) -> usize {
        self.series.iter().flatten().map(Series::n_chunks).sum()
    }

    fn get(&self, series: SeriesRef) -> Option<&Series> {
        self.series.get(series.0 as usize)?.as_ref()
    }

    fn drop_before(&mut self, time: i64) -> usize {
        let mut dropped = 0;
        for (idx, slot) in self.series.iter_mut().enumerate() {
            let Some(series) = slot else { continue };
            let (n, bytes) = series.truncate(&mut self.tracks, time);
            dropped += n;
            self.histogram_bytes -= bytes;
            if series.is_empty() {
                self.by_labels.remove(&series.labels);
                self.index.remove(SeriesRef(idx as u32), &series.labels);
                self.label_bytes -= series.labels.byte_len();
                *slot = None;
            }
        }
        let Head { order, series, tracks, .. } = self;
        tracks.sweep();
        order.retain(|one| series.get(one.0 as usize).is_some_and(Option::is_some));
        self.n_samples -= dropped;
        debug_assert_eq!(self.n_samples, self.series.iter().flatten().map(Series::n_samples).sum::<usize>());
        dropped
    }

    /// Unsorted by labels, sorted by reference.
    fn matching(&self, matchers: &[CompiledMatcher]) -> Vec<SeriesRef> {
        // Conditions that name their values come first: they are look-ups, and what they leave is small.
        let mut order: Vec<&CompiledMatcher> = matchers.iter().collect();
        model::sort::by_key(&mut order, |m| match m.words() {
            Some([word]) if !word.is_empty() => self.index.postings(&m.name, word).len(),
            Some(words) if words.iter().all(|w| !w.is_empty()) => usize::MAX / 4,
            _ if !m.matches("") => usize::MAX / 2,
            _ => usize::MAX,
        });
        let mut found: Option<Vec<SeriesRef>> = None;
        for matcher in order {
            found = Some(match found {
                None if !matcher.matches("") => self.with_label(matcher),
                None => {
                    let all = self.series.iter().enumerate().filter(|(_, s)| s.is_some());
                    self.filter(all.map(|(idx, _)| SeriesRef(idx as u32)).collect(), matcher)
                }
                Some(found) => self.filter(found, matcher),
            });
        }
        found.unwrap_or_else(|| {
            (0..self.series.len() as u32).map(SeriesRef).filter(|&s| self.get(s).is_some()).collect()
        })
    }

    fn filter(&self, mut found: Vec<SeriesRef>, matcher: &CompiledMatcher) -> Vec<SeriesRef> {
        found.retain(|&s| self.get(s).is_some_and(|s| matcher.matches(s.labels.get(&matcher.name).unwrap_or(""))));
        found
    }

    /// The series that have the label with a value that matches.
    fn with_label(&self, matcher: &CompiledMatcher) -> Vec<SeriesRef> {
        let mut found = Vec::new();
        match matcher.words() {
            Some(words) => {
                for word in words {
                    found.extend_from_slice(self.index.postings(&matcher.name, word));
                }
            }
            None => {
                for (value, list) in self.index.values_unsorted(&matcher.name) {
                    if matcher.matches(value) {
                        found.extend_from_slice(list);
                    }
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}
