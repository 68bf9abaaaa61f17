//! A bundle: samples as they are, part by part.

use super::{PIECE_BYTES, Walk, exemplars_of};
use crate::bundle::{self, samples};
use model::MetricFamily;
use std::collections::BTreeMap;
use tsdb::{Head, SeriesExemplar, SeriesRef};

#[derive(Debug)]
pub(super) struct Bundle {
    pub(super) walk: Walk,
    exemplars: BTreeMap<SeriesRef, Vec<SeriesExemplar>>,
    /// The first piece, until it is given.
    begin: Option<(Vec<u8>, u64)>,
    n_parts: u64,
}

impl Bundle {
    pub(super) fn new(head: &Head, walk: Walk, page: &str, families: &BTreeMap<String, MetricFamily>) -> Self {
        let exemplars = exemplars_of(head, walk.range);
        Bundle { walk, exemplars, begin: Some(bundle::begin(page, families)), n_parts: 0 }
    }

    pub(super) fn next_piece(&mut self, head: &Head) -> (Vec<u8>, bool) {
        if let Some((begin, n_parts)) = self.begin.take() {
            self.n_parts = n_parts;
            return (begin, false);
        }
        let mut payload = Vec::new();
        while payload.len() < PIECE_BYTES {
            let Some((series, labels)) = self.walk.next(head) else { break };
            if self.walk.buf.is_empty() {
                continue;
            }
            self.walk.n_samples += self.walk.buf.len() as u64;
            let exemplars = self.exemplars.get(&series).map_or(&[][..], Vec::as_slice);
            samples::write(&labels, &self.walk.buf, exemplars, &mut payload);
        }
        if payload.is_empty() {
            return (bundle::end(self.n_parts, self.walk.n_samples), true);
        }
        self.n_parts += 1;
        (bundle::part(&payload), false)
    }
}
