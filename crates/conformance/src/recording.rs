//! A recording of scrapes: when each was, of what, and the body as it was received.

use exposition::Format;
use flate2::read::GzDecoder;
use model::{Millis, Timestamp};
use scrape::{Body, ScrapeConfig, ScrapeFailure, ScrapeLoop};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use tsdb::Head;

/// One scrape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scrape {
    /// The time that Prometheus gave its samples.
    pub at: Timestamp,
    /// The `job` label.
    pub job: String,
    /// The `instance` label.
    pub instance: String,
    /// Prometheus could read it.
    pub up: bool,
    /// The body's name in the archive; `None` if nothing was received.
    pub file: Option<String>,
}

/// Scrapes in the order of their times, with their bodies.
#[derive(Debug, Default)]
pub struct Recording {
    /// All scrapes.
    pub scrapes: Vec<Scrape>,
    bodies: BTreeMap<String, Vec<u8>>,
}

/// What a replay did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// Scrapes that failed, as they should.
    pub n_failed: usize,
    /// Scrapes that were read.
    pub n_good: usize,
    /// Samples in their bodies.
    pub n_samples: usize,
    /// Samples that were not stored, repeated ones with their own time left out.
    pub n_dropped: usize,
    /// Scrapes that ended otherwise than in Prometheus: which, and how.
    pub surprises: Vec<String>,
}

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// A file is not there or cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line of `scrapes.tsv` is not as it should be.
    #[error("{}, line {line}: {what}", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

/// At most so many bytes of bodies: far more than the longest recording has, less than a machine.
const MAX_BYTES: u64 = 2 << 30;

impl Recording {
    /// Reads `scrapes.tsv` and `scrapes.tar.gz` of a folder.
    ///
    /// # Errors
    /// If one is not there or not laid out as expected.
    pub fn open(dir: &Path) -> Result<Recording, RecordingError> {
        let path = dir.join("scrapes.tsv");
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| RecordingError::Io { path, source }
        };
        let table = std::fs::read_to_string(&path).map_err(io(&path))?;
        let scrapes = read_table(&table).map_err(|(line, what)| RecordingError::Line { path, line, what })?;
        let path = dir.join("scrapes.tar.gz");
        let archive = std::fs::File::open(&path).map_err(io(&path))?;
        let bodies = read_archive(archive).map_err(io(&path))?;
        Ok(Recording { scrapes, bodies })
    }

    /// The body of a scrape.
    #[must_use]
    pub fn body(&self, scrape: &Scrape) -> Option<&[u8]> {
        self.bodies.get(scrape.file.as_ref()?).map(Vec::as_slice)
    }

    /// Feeds all scrapes to a store, as if they happened now.
    pub fn replay(&self, head: &mut Head) -> Replay {
        let mut targets: BTreeMap<(&str, &str), ScrapeLoop> = BTreeMap::new();
        let mut replay = Replay::default();
        for scrape in &self.scrapes {
            let target = targets
                .entry((&scrape.job, &scrape.instance))
                .or_insert_with(|| ScrapeLoop::new(ScrapeConfig::new(&scrape.job, &scrape.instance)));
            let body = match self.body(scrape) {
                Some(bytes) => Ok(Body { bytes, format: Format::guess(bytes) }),
                None if scrape.file.is_none() => Err(ScrapeFailure::Refused),
                None => Err(ScrapeFailure::Other("the archive has no such body".to_owned())),
            };
            // How long it took was not recorded.
            let report = target.ingest(head, body, scrape.at, Millis::ZERO);
            replay.n_samples += report.n_samples;
            replay.n_dropped += report.dropped.total() as usize;
            match (&report.failure, scrape.up) {
                (None, true) => replay.n_good += 1,
                (Some(_), false) => replay.n_failed += 1,
                (failure, _) => {
                    let what = failure.as_ref().map_or("accepted here".to_owned(), |f| f.message(&scrape.instance));
                    let file = scrape.file.as_deref().unwrap_or("-");
                    replay.surprises.push(format!("{} of {} ({file}): {what}", scrape.at.0, scrape.instance));
                }
            }
        }
        replay
    }
}

/// `timestamp_ms`, `job`, `instance`, `up`, `file` below a line with these words.
fn read_table(table: &str) -> Result<Vec<Scrape>, (usize, String)> {
    let mut scrapes = Vec::new();
    for (idx, line) in table.lines().enumerate().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [at, job, instance, up, file, ..] = columns[..] else {
            return Err((idx + 1, format!("expected 5 columns, found {}", columns.len())));
        };
        let at = at.parse().map_err(|_| (idx + 1, format!("expected milliseconds, found `{at}`")))?;
        scrapes.push(Scrape {
            at: Timestamp(at),
            job: job.to_owned(),
            instance: instance.to_owned(),
            up: up == "1",
            file: (file != "-" && !file.is_empty()).then(|| file.to_owned()),
        });
    }
    scrapes.sort_by_key(|scrape| scrape.at);
    Ok(scrapes)
}

fn read_archive(archive: impl Read) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut bodies = BTreeMap::new();
    for entry in tar::Archive::new(GzDecoder::new(archive).take(MAX_BYTES)).entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = entry.path()?.to_string_lossy().trim_start_matches("./").to_owned();
        let mut body = Vec::new();
        entry.read_to_end(&mut body)?;
        bodies.insert(name, body);
    }
    Ok(bodies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_in_the_order_of_time_and_says_where_it_is_wrong() {
        let table = "timestamp_ms\tjob\tinstance\tup\tfile\n2000\tj\ti:1\t0\t-\n1000\tj\ti:1\t1\td/1.txt\n";
        let scrapes = read_table(table).expect("a table");
        assert_eq!(
            scrapes.iter().map(|s| (s.at.0, s.up, s.file.as_deref())).collect::<Vec<_>>(),
            [(1000, true, Some("d/1.txt")), (2000, false, None),]
        );
        assert_eq!(read_table("h\n1\tj\n"), Err((2, "expected 5 columns, found 2".to_owned())));
        assert_eq!(read_table("h\nx\tj\ti\t1\tf\n"), Err((2, "expected milliseconds, found `x`".to_owned())));
    }
}
