//! JSON as `query_range` of Prometheus answers: one object a series.

use super::{PIECE_BYTES, Walk};
use crate::json::JsonHistogram;
use model::{Labels, is_stale, number};
use std::fmt::Write as _;
use tsdb::Head;

#[derive(Debug)]
pub(super) struct Json {
    pub(super) walk: Walk,
    has_head: bool,
    /// The series that is being written: its next float and its next histogram.
    current: Option<(usize, usize)>,
    has_series: bool,
}

impl Json {
    pub(super) fn new(walk: Walk) -> Self {
        Json { walk, has_head: false, current: None, has_series: false }
    }

    pub(super) fn next_piece(&mut self, head: &Head) -> (Vec<u8>, bool) {
        let mut out = String::new();
        if !self.has_head {
            self.has_head = true;
            out.push_str(r#"{"status":"success","data":{"resultType":"matrix","result":["#);
        }
        while out.len() < PIECE_BYTES {
            let (float, histogram) = match self.current.take() {
                Some(current) => current,
                None => {
                    let Some((_, labels)) = self.walk.next(head) else {
                        out.push_str("\n]}}\n");
                        return (out.into_bytes(), true);
                    };
                    if !self.has_samples() {
                        continue;
                    }
                    out.push_str(if self.has_series { ",\n" } else { "\n" });
                    self.has_series = true;
                    write_labels(&mut out, &labels);
                    (0, 0)
                }
            };
            self.current = self.write_samples(&mut out, float, histogram);
        }
        (out.into_bytes(), false)
    }

    /// Counts the markers, too.
    fn has_samples(&mut self) -> bool {
        let buf = &self.walk.buf;
        let n_markers = buf.vs.iter().filter(|v| is_stale(**v)).count();
        let n_stale = buf.histograms.hs.iter().filter(|h| h.is_stale()).count();
        self.walk.losses.n_markers += (n_markers + n_stale) as u64;
        buf.vs.len() + buf.histograms.len() > n_markers + n_stale
    }

    /// Writes samples up to the length of a piece; the answer is where to go on, if anywhere.
    fn write_samples(&mut self, out: &mut String, float: usize, histogram: usize) -> Option<(usize, usize)> {
        let buf = &self.walk.buf;
        let floats = buf.ts.iter().zip(&buf.vs).enumerate().filter(|(_, (_, v))| !is_stale(**v));
        let mut is_first = !buf.vs.get(..float).is_some_and(|vs| vs.iter().any(|v| !is_stale(*v)));
        for (idx, (t, v)) in floats.skip_while(|(idx, _)| *idx < float) {
            if out.len() >= PIECE_BYTES {
                return Some((idx, 0));
            }
            out.push_str(if is_first { r#","values":["# } else { "," });
            is_first = false;
            self.walk.n_samples += 1;
            let _ = write!(out, "[{},\"{}\"]", Seconds(*t), number::format(*v));
        }
        if histogram == 0 && !is_first {
            out.push(']');
        }
        let hs = buf.histograms.ts.iter().zip(&buf.histograms.hs).enumerate().filter(|(_, (_, h))| !h.is_stale());
        let mut is_first = !buf.histograms.hs.get(..histogram).is_some_and(|hs| hs.iter().any(|h| !h.is_stale()));
        for (idx, (t, h)) in hs.skip_while(|(idx, _)| *idx < histogram) {
            // The first one is written where the floats end.
            if out.len() >= PIECE_BYTES && idx > 0 && !is_first {
                return Some((usize::MAX, idx));
            }
            out.push_str(if is_first { r#","histograms":["# } else { "," });
            is_first = false;
            self.walk.n_samples += 1;
            let _ = write!(out, "[{},", Seconds(*t));
            JsonHistogram::write(h, out);
            out.push(']');
        }
        out.push_str(if is_first { "}" } else { "]}" });
        None
    }
}

/// Milliseconds as seconds, without zeros at the end.
struct Seconds(i64);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, ms) = (self.0.unsigned_abs() / 1_000, self.0.unsigned_abs() % 1_000);
        if ms == 0 {
            return write!(f, "{sign}{whole}");
        }
        write!(f, "{sign}{whole}.{}", format!("{ms:03}").trim_end_matches('0'))
    }
}

fn write_labels(out: &mut String, labels: &Labels) {
    out.push_str(r#"{"metric":{"#);
    for (idx, (name, value)) in labels.iter().enumerate() {
        // A text is always JSON.
        let text = |text: &str| serde_json::to_string(text).unwrap_or_default();
        let comma = if idx > 0 { "," } else { "" };
        let _ = write!(out, "{comma}{}:{}", text(name), text(value));
    }
    out.push('}');
}
