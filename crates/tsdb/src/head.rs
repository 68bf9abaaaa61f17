//! All series of the store, with the index that finds them.

use crate::chunk::{Chunk, ChunkSizes};
use crate::exemplars::Exemplars;
use crate::heap;
use crate::index::{Index, PairId, hash_pairs};
use crate::matcher::{CompiledMatcher, RegexError};
use crate::order::Order;
use crate::record::{Recorded, RecordedHistogram};
use crate::series::{Last, SampleBuf, Series, Shape};
use crate::slots::{SeriesRef, Slots};
use crate::times::{Scratch, Tracks};
use hashbrown::HashTable;
use model::{Histogram, Labels, METRIC_NAME, Matcher, Millis, TimeRange, Timestamp};
use std::sync::Arc;

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
    /// It is a histogram whose schema, bounds or buckets cannot be.
    #[error("the histogram has a schema, bounds or buckets that cannot be")]
    InvalidHistogram,
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
    /// Bytes of samples and index, with the room that is reserved and what the allocator adds.
    pub bytes: usize,
    /// Of these, bytes of the index: labels, what finds series by them, and their order.
    pub index_bytes: usize,
    /// Floats that are sealed.
    pub n_sealed: usize,
    /// As how many bytes these are written, their times included; what the allocator adds is not.
    pub sealed_bytes: usize,
    /// The oldest sample.
    pub oldest: Option<Timestamp>,
    /// The newest sample.
    pub newest: Option<Timestamp>,
}

/// A series without a sample for so long is sealed to the last one; a scrape that is as late is rare.
const REST_AFTER: Millis = Millis(10 * 60 * 1_000);

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

/// What happened to the samples since it was last asked for: who keeps results knows by it which of them still hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The time of the oldest sample that was written; scrapes of different targets do not come in the order of time.
    pub oldest_written: Option<Timestamp>,
    /// Samples were dropped.
    pub has_dropped: bool,
}

/// The series and their samples.
#[derive(Debug)]
pub struct Head {
    options: HeadOptions,
    series: Slots,
    by_pairs: HashTable<SeriesRef>,
    index: Index,
    order: Order,
    pub(crate) tracks: Tracks,
    pub(crate) exemplars: Exemplars,
    /// What was appended since it was last asked for, if anybody asks.
    pub(crate) recorded: Option<Box<Recorded>>,
    n_samples: usize,
    newest: Option<i64>,
    /// Counts removals of series.
    n_removals: u64,
    changes: Changes,
    /// Chunks that ended before this were dropped.
    dropped_before: Option<Timestamp>,
    /// The pairs of the series that was looked for last, as far as they are known.
    wanted: Vec<Option<PairId>>,
}

impl Head {
    /// An empty store.
    #[must_use]
    pub fn new(options: HeadOptions) -> Self {
        Head {
            options,
            series: Slots::default(),
            by_pairs: HashTable::new(),
            index: Index::default(),
            order: Order::default(),
            tracks: Tracks::default(),
            exemplars: Exemplars::default(),
            recorded: None,
            n_samples: 0,
            newest: None,
            n_removals: 0,
            wanted: Vec::new(),
            changes: Changes::default(),
            dropped_before: None,
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
        let mut wanted = std::mem::take(&mut self.wanted);
        let known = if self.index.find(labels, &mut wanted) { self.with_pairs(&wanted) } else { None };
        self.wanted = wanted;
        if let Some(series) = known {
            return Ok(series);
        }
        if self.by_pairs.len() >= self.options.max_series {
            return Err(AppendError::TooManySeries(self.options.max_series));
        }
        let pairs = self.index.make(labels, &mut self.wanted);
        let series = self.series.add(pairs).map_err(|pairs| {
            // The new ones among the pairs go.
            self.index.remove(vec![(SeriesRef(u32::MAX), pairs)]);
            AppendError::TooManySeries(self.by_pairs.len())
        })?;
        let slots = &self.series;
        let pairs = slots.get(series).map_or(&[][..], |series| &series.pairs);
        self.index.add(series, pairs);
        self.order.add(series);
        let hash = |series: &SeriesRef| slots.get(*series).map_or(0, |series| hash_pairs(series.pairs.iter().copied()));
        self.by_pairs.insert_unique(hash_pairs(pairs.iter().copied()), series, hash);
        Ok(series)
    }

    /// Makes room for so many more series at once, so that tables do not grow step by step.
    pub fn reserve(&mut self, n: usize) {
        let n = n.min(self.options.max_series.saturating_sub(self.by_pairs.len()));
        let slots = &self.series;
        let hash = |series: &SeriesRef| slots.get(*series).map_or(0, |series| hash_pairs(series.pairs.iter().copied()));
        self.by_pairs.reserve(n, hash);
    }

    /// The series with these labels, if it is there.
    #[must_use]
    pub fn find(&self, labels: &Labels) -> Option<SeriesRef> {
        let mut wanted = Vec::new();
        if self.index.find(labels, &mut wanted) { self.with_pairs(&wanted) } else { None }
    }

    fn with_pairs(&self, pairs: &[Option<PairId>]) -> Option<SeriesRef> {
        let wanted = || pairs.iter().copied().flatten();
        let is_it = |series: &SeriesRef| {
            self.series.get(*series).is_some_and(|series| series.pairs.iter().copied().eq(wanted()))
        };
        self.by_pairs.find(hash_pairs(wanted()), is_it).copied()
    }

    /// Whether the series is there: it goes with its last sample.
    #[must_use]
    pub fn contains(&self, series: SeriesRef) -> bool {
        self.series.get(series).is_some()
    }

    /// Changes whenever a series goes: who keeps references need not look after each before that.
    #[must_use]
    pub fn n_removals(&self) -> u64 {
        self.n_removals
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
        let slot = self.series.get_mut(series).ok_or(AppendError::UnknownSeries)?;
        match slot.last(&self.tracks) {
            Some(last) if t.0 < last.time() => return Err(AppendError::OutOfOrder),
            Some(last) if t.0 == last.time() => {
                let same = matches!(last, Last::Float(_, value) if value.to_bits() == v.to_bits());
                return if same { Ok(()) } else { Err(AppendError::DuplicateTimestamp) };
            }
            _ => {}
        }
        slot.push(&mut self.tracks, &self.options.chunks, t.0, v, start.map_or(0, |s| s.0));
        if let Some(recorded) = &mut self.recorded {
            recorded.float(series, t, v, start);
        }
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
        let slot = self.series.get_mut(series).ok_or(AppendError::UnknownSeries)?;
        match slot.last(&self.tracks) {
            Some(last) if t.0 < last.time() => return Err(AppendError::OutOfOrder),
            Some(last) if t.0 == last.time() => {
                let same = matches!(last, Last::Histogram(_, value) if value.equals(&h));
                return if same { Ok(()) } else { Err(AppendError::DuplicateTimestamp) };
            }
            _ => {}
        }
        if !h.has_valid_layout() {
            return Err(AppendError::InvalidHistogram);
        }
        if let Some(recorded) = &mut self.recorded {
            let after = recorded.floats.len() as u32;
            recorded.histograms.push(RecordedHistogram { after, series, t, h: Arc::clone(&h), start });
        }
        slot.push_histogram(&mut self.tracks, &self.options.chunks, t.0, h, start.map_or(0, |s| s.0));
        self.appended(t);
        Ok(())
    }

    fn appended(&mut self, t: Timestamp) {
        self.added(1, t, t);
    }

    fn added(&mut self, n: usize, first: Timestamp, last: Timestamp) {
        self.n_samples += n;
        self.newest = Some(self.newest.map_or(last.0, |n| n.max(last.0)));
        let oldest = &mut self.changes.oldest_written;
        *oldest = Some(oldest.map_or(first, |oldest| oldest.min(first)));
    }

    /// What was written and dropped since the last call. There is one who asks.
    pub fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    /// Of the time before this, samples were dropped: a series that begins about here need not have begun here.
    #[must_use]
    pub fn dropped_before(&self) -> Option<Timestamp> {
        self.dropped_before
    }

    /// The labels of a series. The text is kept for the next who asks, until the next truncation.
    #[must_use]
    pub fn labels(&self, series: SeriesRef) -> Option<&Labels> {
        let series = self.get(series)?;
        Some(series.labels.get_or_init(|| self.index.labels(&series.pairs)))
    }

    /// The name of a series' metric. Costs less than all labels.
    #[must_use]
    pub fn metric_name(&self, series: SeriesRef) -> Option<&str> {
        let name = self.index.with_name(&self.get(series)?.pairs, self.index.name(METRIC_NAME)?)?;
        Some(self.index.pair(name).1)
    }

    /// Adds a chunk behind all samples of a series, if it is newer and none of them is open.
    pub(crate) fn add_chunk(&mut self, series: SeriesRef, chunk: Chunk, shape: Shape) -> Result<(), Chunk> {
        let Some(slot) = self.series.get_mut(series) else { return Err(chunk) };
        let (n, first, last) = (chunk.times.len, Timestamp(chunk.times.first), Timestamp(chunk.times.last));
        slot.push_chunk(&self.tracks, chunk, shape)?;
        self.added(n, first, last);
        Ok(())
    }

    /// The time of the newest sample of a series.
    #[must_use]
    pub fn newest(&self, series: SeriesRef) -> Option<Timestamp> {
        self.get(series)?.span().map(|(_, newest)| Timestamp(newest))
    }

    /// The time of the oldest sample of a series.
    #[must_use]
    pub fn oldest(&self, series: SeriesRef) -> Option<Timestamp> {
        self.get(series)?.span().map(|(first, _)| Timestamp(first))
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
        let pairs = |series: SeriesRef| self.get(series).map_or(&[][..], |series| &series.pairs);
        self.order.sort(&mut found, |a, b| self.index.compare(pairs(a), pairs(b)));
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
            let pairs = self.get(series).map_or(&[][..], |series| &series.pairs);
            for (name, _) in pairs.iter().map(|&pair| self.index.pair(pair)) {
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
            let compiled = matchers.iter().map(CompiledMatcher::new).collect::<Result<Vec<_>, _>>()?;
            let pairs = self
                .matching(&compiled)
                .into_iter()
                .filter_map(|series| self.index.with_name(&self.get(series)?.pairs, self.index.name(name)?));
            let mut pairs: Vec<PairId> = pairs.collect();
            pairs.sort_unstable();
            pairs.dedup();
            pairs.into_iter().map(|pair| self.index.pair(pair).1.to_owned()).collect()
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
    /// series that are left empty. Says how many samples went, and why. Series that ended are packed.
    pub fn truncate(&mut self, now: Timestamp) -> Truncated {
        let ended = (now - REST_AFTER).0;
        for series in self.series.iter_mut() {
            // Whoever asks again gets the text again.
            series.labels.take();
            if series.is_open() && series.span().is_some_and(|(_, last)| last < ended) {
                series.rest(&mut self.tracks, &self.options.chunks);
            }
        }
        let mut truncated = Truncated { n_old: self.drop_before(now - self.options.retention), ..Truncated::default() };
        // A tenth of the time it holds at once: few passes, no flutter at the limit. More of it where no chunk ends so soon.
        let mut tenths = 1;
        for _ in 0..64 {
            let stats = self.stats();
            let (Some(oldest), Some(newest)) = (stats.oldest, stats.newest) else { break };
            // Dropping more would not give back the places that are free already.
            let bytes = stats.bytes.saturating_sub(self.series.free_bytes() + self.index.free_bytes());
            if bytes <= self.options.max_bytes || oldest >= newest {
                break;
            }
            let before = oldest.0 + ((newest.0 - oldest.0) / 10 * tenths).max(tenths).min(newest.0 - oldest.0);
            let n_over = self.drop_before(Timestamp(before));
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
        self.series.clear();
        self.by_pairs = HashTable::new();
        self.index = Index::default();
        self.order = Order::default();
        self.tracks = Tracks::default();
        self.exemplars = Exemplars::default();
        if let Some(recorded) = &mut self.recorded {
            recorded.clear();
        }
        self.wanted = Vec::new();
        self.n_samples = 0;
        self.newest = None;
        self.n_removals += 1;
        self.changes.has_dropped = true;
        self.dropped_before = None;
    }

    /// How full the store is. Costs a pass over the series.
    #[must_use]
    pub fn stats(&self) -> HeadStats {
        let table = heap::table(self.by_pairs.capacity(), size_of::<SeriesRef>());
        let mut index_bytes = self.index.bytes() + self.order.bytes() + table + heap::list(&self.wanted);
        let mut bytes = self.series.bytes() + self.tracks.bytes() + self.exemplars.bytes();
        let (mut n_sealed, mut sealed_bytes) = (0, self.tracks.n_sealed_bytes());
        let mut oldest = None;
        for series in self.series.iter() {
            let (n, n_bytes) = series.n_sealed();
            n_sealed += n;
            sealed_bytes += n_bytes;
            index_bytes += series.label_bytes();
            bytes += series.sample_bytes();
            let first = series.span().map(|(first, _)| Timestamp(first));
            oldest = oldest.into_iter().chain(first).min();
        }
        HeadStats {
            n_series: self.by_pairs.len(),
            n_samples: self.n_samples,
            bytes: bytes + index_bytes,
            index_bytes,
            n_sealed,
            sealed_bytes,
            oldest,
            newest: self.newest.map(Timestamp),
        }
    }

    /// Chunks of all series, for tests and the status page.
    #[must_use]
    pub fn n_chunks(&self) -> usize {
        self.series.iter().map(Series::n_chunks).sum()
    }

    pub(crate) fn get(&self, series: SeriesRef) -> Option<&Series> {
        self.series.get(series)
    }

    /// Drops chunks whose samples are all older than a time, and series that are left empty. Returns how many samples went.
    pub fn drop_before(&mut self, time: Timestamp) -> usize {
        let time = time.0;
        let mut dropped = 0;
        let mut is_one_empty = false;
        for series in self.series.iter_mut() {
            dropped += series.truncate(&mut self.tracks, time);
            is_one_empty |= series.is_empty();
        }
        self.tracks.sweep();
        if is_one_empty {
            self.remove_empty();
        }
        if dropped > 0 {
            self.changes.has_dropped = true;
            self.dropped_before = self.dropped_before.max(Some(Timestamp(time)));
        }
        self.n_samples -= dropped;
        debug_assert_eq!(self.n_samples, self.series.iter().map(Series::n_samples).sum::<usize>());
        dropped
    }

    fn remove_empty(&mut self) {
        let gone = self.series.remove_if(Series::is_empty);
        for series in &gone {
            if let Ok(entry) =
                self.by_pairs.find_entry(hash_pairs(series.pairs.iter().copied()), |other| *other == series.own)
            {
                entry.remove();
            }
        }
        if self.by_pairs.capacity() > 4 * self.by_pairs.len() {
            let slots = &self.series;
            let hash =
                |series: &SeriesRef| slots.get(*series).map_or(0, |series| hash_pairs(series.pairs.iter().copied()));
            self.by_pairs.shrink_to_fit(hash);
        }
        self.index.remove(gone.into_iter().map(|series| (series.own, series.pairs)).collect());
        let Head { order, series, exemplars, .. } = self;
        exemplars.retain(|one| series.get(one).is_some());
        order.retain(|one| series.get(one).is_some());
        self.n_removals += 1;
    }

    /// The series that match, in no order, each once.
    fn matching(&self, matchers: &[CompiledMatcher]) -> Vec<SeriesRef> {
        // Conditions that name their values come first: they are look-ups, and what they leave is small.
        let mut order: Vec<&CompiledMatcher> = matchers.iter().collect();
        model::sort::by_key(&mut order, |m| match m.words() {
            Some([word]) if !word.is_empty() => self.index.postings(&m.name, word).len(),
            Some(words) if words.iter().all(|w| !w.is_empty()) => usize::MAX / 4,
            _ if !m.matches("") => usize::MAX / 2,
            _ => usize::MAX,
        });
        let all = || self.series.iter().map(|series| series.own).collect();
        let mut found: Option<Vec<SeriesRef>> = None;
        for matcher in order {
            found = Some(match found {
                None if !matcher.matches("") => self.with_label(matcher),
                None => self.filter(all(), matcher),
                Some(found) => self.filter(found, matcher),
            });
        }
        found.unwrap_or_else(all)
    }

    fn filter(&self, mut found: Vec<SeriesRef>, matcher: &CompiledMatcher) -> Vec<SeriesRef> {
        let matches_none = matcher.matches("");
        let Some(name) = self.index.name(&matcher.name) else {
            found.retain(|_| matches_none);
            return found;
        };
        // Each value is looked at once, however many series have it, unless there are few series.
        let n_known = self.index.n_pairs();
        let mut known: Vec<Option<bool>> = vec![None; if n_known > 16 * found.len() { 0 } else { n_known }];
        found.retain(|&series| {
            let Some(pair) = self.get(series).and_then(|series| self.index.with_name(&series.pairs, name)) else {
                return matches_none;
            };
            let matches = || matcher.matches(self.index.pair(pair).1);
            known.get_mut(pair.number()).map_or_else(matches, |known| *known.get_or_insert_with(matches))
        });
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
