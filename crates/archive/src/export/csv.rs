//! CSV: a row for each sample, a column for each label that any of the series has.

use super::{PIECE_BYTES, Walk};
use model::{METRIC_NAME, is_stale, number};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use tsdb::Head;

#[derive(Debug)]
pub(super) struct Csv {
    pub(super) walk: Walk,
    /// Names of labels besides the metric's, sorted.
    names: Vec<String>,
    has_head: bool,
    /// The columns of the series that is being written, and its next sample.
    current: Option<(String, usize)>,
}

impl Csv {
    pub(super) fn new(head: &Head, walk: Walk) -> Self {
        let mut names = BTreeSet::new();
        for (name, _) in walk.series.iter().filter_map(|series| head.labels(*series)).flatten() {
            if name != METRIC_NAME && !names.contains(name) {
                names.insert(name.to_owned());
            }
        }
        Csv { walk, names: names.into_iter().collect(), has_head: false, current: None }
    }

    pub(super) fn next_piece(&mut self, head: &Head) -> (Vec<u8>, bool) {
        let mut out = String::new();
        if !self.has_head {
            self.has_head = true;
            let names = [METRIC_NAME].into_iter().chain(self.names.iter().map(String::as_str));
            let cells: Vec<String> = names.chain(["__value__", "__timestamp__:unix_ms"]).map(cell).collect();
            out.push_str(&cells.join(","));
            out.push_str("\r\n");
        }
        while out.len() < PIECE_BYTES {
            let (columns, from) = match self.current.take() {
                Some(current) => current,
                None => {
                    let Some((_, labels)) = self.walk.next(head) else { return (out.into_bytes(), true) };
                    self.walk.losses.n_histograms += self.walk.buf.histograms.len() as u64;
                    let names = [METRIC_NAME].into_iter().chain(self.names.iter().map(String::as_str));
                    let cells: Vec<String> = names.map(|name| cell(labels.get(name).unwrap_or_default())).collect();
                    (cells.join(","), 0)
                }
            };
            let buf = &self.walk.buf;
            for (idx, (t, v)) in buf.ts.iter().zip(&buf.vs).enumerate().skip(from) {
                if out.len() >= PIECE_BYTES {
                    self.current = Some((columns, idx));
                    break;
                }
                if is_stale(*v) {
                    self.walk.losses.n_markers += 1;
                    continue;
                }
                self.walk.n_samples += 1;
                // Writing into memory does not fail.
                let _ = write!(out, "{columns},{},{t}\r\n", number::format_short(*v));
            }
        }
        (out.into_bytes(), false)
    }
}

fn cell(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
