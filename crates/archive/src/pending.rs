//! Samples that were read from a file and are not yet in the store: it is read whole before the first one is stored.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use model::{Exemplar, Histogram, Labels, MetricFamily, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tsdb::{AppendError, Head, SampleBuf, Scratch};

/// Families of one file whose type and help are kept.
const MAX_FAMILIES: usize = 20_000;
/// Exemplars of one file that are kept, the last ones.
const MAX_EXEMPLARS: usize = 10_000;

/// A sample.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) t: i64,
    pub(crate) v: f64,
    /// Its series' number.
    pub(crate) series: u32,
    /// What few samples have, from 1; 0: nothing.
    pub(crate) extra: u32,
}

/// What few samples have.
#[derive(Clone, Debug)]
pub(crate) struct Extra {
    pub(crate) start: Option<Timestamp>,
    pub(crate) histogram: Option<Arc<Histogram>>,
}

/// What storing did with the samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Stored.
    pub(crate) n_stored: u64,
    /// The very sample is there already.
    pub(crate) n_known: u64,
    /// Older than the newest one of their series.
    pub(crate) n_older: u64,
    /// There is another value at the same time.
    pub(crate) n_conflicting: u64,
    /// Series that were new to the store.
    pub(crate) n_new_series: u64,
}

/// All that was read from a file.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) labels: Vec<Labels>,
    by_labels: HashMap<Labels, u32, FixedState>,
    pub(crate) samples: Vec<Sample>,
    pub(crate) extras: Vec<Extra>,
    pub(crate) families: BTreeMap<String, MetricFamily>,
    pub(crate) exemplars: VecDeque<(u32, Timestamp, Exemplar)>,
}

impl Pending {
    /// The number of a series.
    pub(crate) fn series(&mut self, labels: Labels) -> u32 {
        if let Some(&series) = self.by_labels.get(&labels) {
            return series;
        }
        let series = self.labels.len() as u32;
        self.labels.push(labels.clone());
        self.by_labels.insert(labels, series);
        series
    }

    pub(crate) fn push(&mut self, series: u32, t: Timestamp, v: f64) {
        self.samples.push(Sample { t: t.0, v, series, extra: 0 });
    }

    pub(crate) fn push_histogram(&mut self, series: u32, t: Timestamp, h: Histogram, start: Option<Timestamp>) {
        let extra = self.add_extra(Extra { start, histogram: Some(Arc::new(h)) });
        self.samples.push(Sample { t: t.0, v: 0.0, series, extra });
    }

    /// Keeps what few samples have; the answer is its number.
    pub(crate) fn add_extra(&mut self, extra: Extra) -> u32 {
        self.extras.push(extra);
        self.extras.len() as u32
    }

    /// The family of this name, made if there is room.
    pub(crate) fn family(&mut self, name: &str) -> Option<&mut MetricFamily> {
        if !self.families.contains_key(name) {
            if self.families.len() >= MAX_FAMILIES {
                return None;
            }
            let family = MetricFamily { name: name.to_owned(), ..MetricFamily::default() };
            self.families.insert(name.to_owned(), family);
        }
        self.families.get_mut(name)
    }

    /// `at` is the time of its sample.
    pub(crate) fn push_exemplar(&mut self, series: u32, at: Timestamp, exemplar: Exemplar) {
        if self.exemplars.len() >= MAX_EXEMPLARS {
            self.exemplars.pop_front();
        }
        self.exemplars.push_back((series, at, exemplar));
    }

    /// Changes the labels of all series: then two may have become one.
    pub(crate) fn relabel(&mut self, mut change: impl FnMut(&Labels) -> Labels) {
        let old = std::mem::take(&mut self.labels);
        self.by_labels.clear();
        let new: Vec<u32> = old.iter().map(|labels| self.series(change(labels))).collect();
        let renumber = |series: &mut u32| *series = new.get(*series as usize).copied().unwrap_or(*series);
        self.samples.iter_mut().for_each(|sample| renumber(&mut sample.series));
        self.exemplars.iter_mut().for_each(|(series, ..)| renumber(series));
    }

    /// The oldest and the newest time.
    pub(crate) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let mut times = self.samples.iter().map(|sample| sample.t);
        let first = times.next()?;
        let (oldest, newest) = times.fold((first, first), |(a, b), t| (a.min(t), b.max(t)));
        Some((Timestamp(oldest), Timestamp(newest)))
    }

    /// Puts the samples in the order in which they are stored: series after series, each in the order of time.
    pub(crate) fn arranged(mut self) -> Storing {
        let mut starts = vec![0usize; self.labels.len() + 1];
        for sample in &self.samples {
            if let Some(n) = starts.get_mut(sample.series as usize + 1) {
                *n += 1;
            }
        }
        for idx in 1..starts.len() {
            starts[idx] += starts[idx - 1];
        }
        let mut next = starts.clone();
        let mut samples = self.samples.clone();
        for sample in self.samples.drain(..) {
            if let Some(at) = next.get_mut(sample.series as usize)
                && let Some(place) = samples.get_mut(*at)
            {
                *place = sample;
                *at += 1;
            }
        }
        let Pending { extras, labels, exemplars, .. } = self;
        let mut exemplars: Vec<_> = exemplars.into();
        model::sort::by_key(&mut exemplars, |(_, at, exemplar)| exemplar.t.unwrap_or(*at));
        let (scratch, stored) = (Scratch::default(), Stored::default());
        Storing { samples, starts, extras, labels, exemplars, series: 0, scratch, stored }
    }
}

/// Samples on their way into the store, series by series.
#[derive(Debug)]
pub(crate) struct Storing {
    samples: Vec<Sample>,
    /// Where the samples of each series begin, and the end.
    starts: Vec<usize>,
    extras: Vec<Extra>,
    labels: Vec<Labels>,
    exemplars: Vec<(u32, Timestamp, Exemplar)>,
    /// The series that comes next.
    series: usize,
    scratch: Scratch,
    pub(crate) stored: Stored,
}

impl Storing {
    pub(crate) fn n_samples(&self) -> usize {
        self.samples.len()
    }

    /// Samples that were looked at.
    pub(crate) fn n_done(&self) -> usize {
        self.starts.get(self.series).copied().unwrap_or(self.samples.len())
    }

    /// Stores whole series until so many samples are stored, or all; the answer is whether all are.
    ///
    /// # Errors
    /// If the store holds no more series.
    pub(crate) fn store_some(&mut self, head: &mut Head, max_samples: usize) -> Result<bool, AppendError> {
        let end = self.n_done().saturating_add(max_samples);
        while let Some(labels) = self.labels.get(self.series) {
            let (from, to) = (self.n_done(), self.starts.get(self.series + 1).copied().unwrap_or(0));
            let samples = self.samples.get_mut(from..to).unwrap_or_default();
            if !samples.is_sorted_by_key(|sample| sample.t) {
                samples.sort_by_key(|sample| sample.t);
            }
            let is_new = head.find(labels).is_none();
            let series = head.get_or_create(labels)?;
            self.stored.n_new_series += u64::from(is_new);
            let mut there = None;
            // The same sample again is no error of the store, but no news either.
            let newest = (!is_new).then(|| head.newest_float(series, model::TimeRange::ALL, &mut self.scratch));
            let mut last = newest.flatten().map(|(t, v)| (t.0, v.to_bits()));
            let mut last_histogram: Option<(i64, &Arc<Histogram>)> = None;
            for sample in samples.iter() {
                let extra = self.extras.get((sample.extra as usize).wrapping_sub(1));
                let histogram = extra.and_then(|extra| extra.histogram.as_ref());
                let is_same = match histogram {
                    Some(h) => last_histogram.is_some_and(|(t, last)| t == sample.t && last.equals(h)),
                    None => last == Some((sample.t, sample.v.to_bits())),
                };
                if is_same {
                    self.stored.n_known += 1;
                    continue;
                }
                match histogram {
                    Some(h) if last_histogram.is_none_or(|(t, _)| t < sample.t) => last_histogram = Some((sample.t, h)),
                    None if last.is_none_or(|(t, _)| t < sample.t) => last = Some((sample.t, sample.v.to_bits())),
                    _ => {}
                }
                let t = Timestamp(sample.t);
                let result = match extra {
                    Some(Extra { start, histogram: Some(h) }) => {
                        head.append_histogram(series, t, Arc::clone(h), *start)
                    }
                    Some(Extra { start, histogram: None }) => head.append_since(series, t, sample.v, *start),
                    None => head.append_ref(series, t, sample.v),
                };
                match result {
                    Ok(()) => self.stored.n_stored += 1,
                    Err(AppendError::OutOfOrder | AppendError::DuplicateTimestamp) => {
                        // What it had before this file is enough to know: the file itself is in order.
                        let there = there.get_or_insert_with(|| {
                            let mut there = SampleBuf::default();
                            head.read(series, model::TimeRange::ALL, &mut there);
                            there
                        });
                        match compare(there, sample, histogram) {
                            Some(true) => self.stored.n_known += 1,
                            Some(false) => self.stored.n_conflicting += 1,
                            None => self.stored.n_older += 1,
                        }
                    }
                    Err(error) => return Err(error),
                }
            }
            self.series += 1;
            if self.n_done() >= end {
                break;
            }
        }
        if self.series < self.labels.len() {
            return Ok(false);
        }
        for (series, at, exemplar) in std::mem::take(&mut self.exemplars) {
            if let Some(series) = self.labels.get(series as usize).and_then(|labels| head.find(labels)) {
                head.append_exemplar(series, exemplar, at);
            }
        }
        Ok(true)
    }
}

/// Whether the sample at its time is the same; `None` if there is none.
fn compare(there: &SampleBuf, sample: &Sample, h: Option<&Arc<Histogram>>) -> Option<bool> {
    if let Ok(at) = there.ts.binary_search(&sample.t) {
        return Some(h.is_none() && there.vs.get(at).is_some_and(|v| v.to_bits() == sample.v.to_bits()));
    }
    let at = there.histograms.ts.binary_search(&sample.t).ok()?;
    Some(h.zip(there.histograms.hs.get(at)).is_some_and(|(a, b)| a.equals(b)))
}
