//! Fills a store from `series.jsonl` and, piece by piece, `data.bin`.

use model::{Labels, Timestamp};
use std::collections::VecDeque;
use tsdb::{Head, HeadOptions, SeriesRef};

/// A sample: `i64` ms and `f64`, little endian.
const RECORD: usize = 16;

/// Takes the samples in pieces of any size, so that they are never twice in memory.
#[derive(Debug)]
pub struct Loader {
    head: Head,
    /// Series with the number of samples that are still to come, in the order of the data.
    waiting: VecDeque<(SeriesRef, usize)>,
    /// The beginning of a record whose end is in the next piece.
    rest: Vec<u8>,
}

impl Loader {
    /// Reads the series: one `{"labels": {…}, "n": samples, …}` a line.
    ///
    /// # Errors
    /// If a line is something else.
    pub fn new(series: &str) -> Result<Self, String> {
        let options = HeadOptions { max_bytes: 3 << 30, ..HeadOptions::default() };
        let mut head = Head::new(options);
        let mut waiting = VecDeque::new();
        for line in series.lines() {
            let json: serde_json::Value = serde_json::from_str(line).map_err(|e| e.to_string())?;
            let pairs = json["labels"].as_object().ok_or("a series without labels")?;
            let labels = Labels::from_pairs(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str().unwrap_or_default())));
            let n = json["n"].as_u64().ok_or("a series without its number of samples")?;
            waiting.push_back((head.get_or_create(&labels).map_err(|e| e.to_string())?, n as usize));
        }
        Ok(Loader { head, waiting, rest: Vec::new() })
    }

    /// Appends the samples of the next piece.
    ///
    /// # Errors
    /// If there are more than the series announced, or the store refuses one.
    pub fn push(&mut self, mut piece: &[u8]) -> Result<(), String> {
        if !self.rest.is_empty() {
            let (head, tail) = piece.split_at(piece.len().min(RECORD - self.rest.len()));
            self.rest.extend_from_slice(head);
            piece = tail;
            if self.rest.len() < RECORD {
                return Ok(());
            }
            let record = std::mem::take(&mut self.rest);
            self.records(&record)?;
        }
        let whole = piece.len() / RECORD * RECORD;
        self.records(&piece[..whole])?;
        self.rest.extend_from_slice(&piece[whole..]);
        Ok(())
    }

    fn records(&mut self, bytes: &[u8]) -> Result<(), String> {
        let (records, _) = bytes.as_chunks::<8>();
        for pair in records.chunks_exact(2) {
            while self.waiting.front().is_some_and(|(_, n)| *n == 0) {
                self.waiting.pop_front();
            }
            let (series, n) = self.waiting.front_mut().ok_or("more samples than the series announce")?;
            *n -= 1;
            let (t, v) = (i64::from_le_bytes(pair[0]), f64::from_le_bytes(pair[1]));
            self.head.append_ref(*series, Timestamp(t), v).map_err(|e| e.to_string())?;
        }
        Ok(())
    }

    /// The store, if all samples are there.
    ///
    /// # Errors
    /// If some are missing.
    pub fn finish(self) -> Result<Head, String> {
        match self.waiting.iter().map(|(_, n)| n).sum::<usize>() {
            0 => Ok(self.head),
            n => Err(format!("{n} samples are missing")),
        }
    }
}

#[cfg(test)]
mod tests {
    //! Pieces that end anywhere.
    use super::*;
    use model::TimeRange;
    use tsdb::SampleBuf;

    #[test]
    fn samples_arrive_whole_however_the_data_is_cut() {
        let series = "{\"labels\":{\"__name__\":\"a\"},\"n\":2}\n{\"labels\":{\"__name__\":\"b\"},\"n\":1}\n";
        let records = [(1_i64, 1.5_f64), (2, 2.5), (7, -1.0)];
        let data: Vec<u8> =
            records.iter().flat_map(|(t, v)| [t.to_le_bytes(), v.to_le_bytes()].into_iter().flatten()).collect();
        for size in 1..=data.len() {
            let mut loader = Loader::new(series).expect("the lines are series");
            data.chunks(size).for_each(|piece| loader.push(piece).expect("it fits the series"));
            let head = loader.finish().expect("all is there");
            let mut samples = SampleBuf::default();
            let found = head.select(&[], TimeRange::ALL).expect("no regex, no error");
            found.iter().for_each(|&series| head.read(series, TimeRange::ALL, &mut samples));
            assert_eq!((&samples.ts[..], &samples.vs[..]), (&[1, 2, 7][..], &[1.5, 2.5, -1.0][..]), "pieces of {size}");
        }
        let mut loader = Loader::new(series).expect("the lines are series");
        loader.push(&data[..40]).expect("it fits the series");
        assert_eq!(loader.finish().expect_err("a sample is missing"), "1 samples are missing");
    }
}
