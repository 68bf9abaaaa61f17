//! The difference of two scrapes of targets, each of a body that is kept or of what the store has of a time.

use crate::families;
use crate::limits::{MAX_DIFF_FAMILIES, MAX_DIFF_PARTS, MAX_DIFF_SERIES, MAX_STORED_SERIES};
use crate::problem;
use crate::state::Worker;
use crate::target::{RawBody, Target};
use model::{LabelsBuilder, MatchOp, Matcher, MetricFamily, Millis, TimeRange, Timestamp, is_stale};
use protocol::{
    ChangeCounts, ChangeKind, DiffAnswer, DiffRequest, DiffSide, Event, FamilyChange, Moment, PartChange, PartName,
    Problem, SeriesChange, TargetId,
};
use scrape::diff::{About, Change, Counts, Diff, DiffLimits, FamilyDiff, Part, Presence, SeriesDiff, Snapshot, Value};
use std::collections::BTreeMap;
use tsdb::{Head, SampleBuf};

/// A sample of the store counts for so long, as in queries.
const LOOKBACK: Millis = Millis(5 * 60_000);

const LIMITS: DiffLimits =
    DiffLimits { max_families: MAX_DIFF_FAMILIES, max_series: MAX_DIFF_SERIES, max_parts: MAX_DIFF_PARTS };

/// A side as it was found.
struct Side {
    at: Timestamp,
    snapshot: Snapshot,
    notice: Option<String>,
}

impl Worker {
    /// Keeps the body of a target's last scrape, to compare with later ones.
    pub(crate) fn mark(&mut self, id: TargetId) {
        if let Some(target) = self.target(id) {
            target.mark();
        }
        self.bound_bodies();
        self.tell_targets();
    }

    /// Compares two scrapes and tells the page.
    pub(crate) fn diff(&mut self, request: DiffRequest) {
        let answer = self.compare(request);
        self.tell(Event::Diff(Box::new(answer)));
    }

    fn compare(&self, request: DiffRequest) -> DiffAnswer {
        let DiffRequest { from, to } = request;
        // Bodies do not have the labels that the store adds or renames: two moments of the store, or two bodies.
        let is_stored = [from, to].iter().any(|side| matches!(side.moment, Moment::Stored(_)));
        let mut answer = DiffAnswer {
            request,
            at_ms: (self.time_of(from), self.time_of(to)),
            n_series: (0, 0),
            problem: None,
            notices: Vec::new(),
            families: Vec::new(),
            n_families: 0,
            n_families_same: 0,
            counts: ChangeCounts::default(),
        };
        let sides = self.side(from, is_stored).and_then(|a| Ok((a, self.side(to, is_stored)?)));
        let (a, b) = match sides {
            Ok(sides) => sides,
            Err(problem) => {
                answer.problem = Some(problem);
                return answer;
            }
        };
        answer.at_ms = (Some(a.at.0), Some(b.at.0));
        answer.n_series = (a.snapshot.n_series() as u32, b.snapshot.n_series() as u32);
        let Diff { families, n_families, n_families_same, counts } =
            scrape::diff::diff(&a.snapshot, &b.snapshot, LIMITS);
        answer.notices = a.notice.into_iter().chain(b.notice).collect();
        answer.notices.dedup();
        answer.families = families.into_iter().map(wire_family).collect();
        (answer.n_families, answer.n_families_same) = (n_families as u32, n_families_same as u32);
        answer.counts = wire_counts(counts);
        answer
    }

    fn diffed(&self, id: TargetId) -> Option<&Target> {
        self.targets.iter().find(|target| target.id == id)
    }

    fn time_of(&self, side: DiffSide) -> Option<i64> {
        match side.moment {
            Moment::Stored(at) => Some(at),
            moment => self.diffed(side.id)?.body(moment).map(|raw| raw.at.0),
        }
    }

    fn side(&self, side: DiffSide, is_stored: bool) -> Result<Side, Problem> {
        let target = self.diffed(side.id).ok_or_else(|| {
            problem("This target is not there.", "It may have been removed: choose another one.".to_owned())
        })?;
        let body = target.body(side.moment);
        if is_stored {
            let at = match side.moment {
                Moment::Stored(at) => Timestamp(at),
                _ => body.map(|raw| raw.at).ok_or_else(|| not_there(side.moment))?,
            };
            let families = families::described(&self.targets, &self.storage.families);
            return stored(&self.head, target, at, families);
        }
        of_body(target, body.ok_or_else(|| not_there(side.moment))?)
    }
}

fn problem(message: &str, hint: String) -> Problem {
    Problem { message: message.to_owned(), hint, ..Problem::default() }
}

fn not_there(moment: Moment) -> Problem {
    let (message, hint) = match moment {
        Moment::Before => ("There is no scrape before the last one yet.", "Wait for the next scrape, or scrape now."),
        Moment::Marked => ("No moment is marked.", "Mark the last scrape first; later ones are then compared with it."),
        _ => (
            "There is no body of this target: nothing has answered, or it was too long ago and has been dropped.",
            "Scrape it now, or compare two moments of the store.",
        ),
    };
    problem(message, hint.to_owned())
}

fn of_body(target: &Target, raw: &RawBody) -> Result<Side, Problem> {
    let (body, is_cut) = raw.whole_lines();
    let snapshot = Snapshot::read(&body, raw.format()).map_err(|error| {
        let failure = scrape::ScrapeFailure::NotMetrics(error);
        let mut problem = problem::of_scrape(&failure, &target.status.url);
        "It is compared with nothing: a body counts as a whole.".clone_into(&mut problem.hint);
        problem
    })?;
    let notice = is_cut.then(|| {
        format!(
            "Only the first {} MiB of a body are kept, and compared: series behind them look as if they were not there.",
            crate::MAX_RAW_BODY_BYTES >> 20
        )
    });
    Ok(Side { at: raw.at, snapshot, notice })
}

/// The series of a target as the store has them at a time, without the labels that all of them have.
fn stored(
    head: &Head,
    target: &Target,
    at: Timestamp,
    families: BTreeMap<String, MetricFamily>,
) -> Result<Side, Problem> {
    let labels = &target.status.labels;
    let matchers: Vec<Matcher> =
        labels.iter().map(|(name, value)| Matcher::new(name.as_str(), MatchOp::Equal, value.as_str())).collect();
    let range = TimeRange { start: at - LOOKBACK, end: at };
    let found = head.select(&matchers, range).unwrap_or_default();
    let mut notice = None;
    if found.len() > MAX_STORED_SERIES {
        notice = Some(format!("Only the first {MAX_STORED_SERIES} of {} series are compared.", found.len()));
    }
    let mut series = Vec::new();
    let mut buf = SampleBuf::default();
    for series_ref in found.into_iter().take(MAX_STORED_SERIES) {
        buf.clear();
        head.read(series_ref, range, &mut buf);
        let float = buf.ts.last().zip(buf.vs.last());
        let histogram = buf.histograms.ts.last().zip(buf.histograms.hs.last());
        let value = match (float, histogram) {
            (Some((t, _)), Some((u, h))) if u > t => Value::Histogram(h.clone()),
            (Some((_, v)), _) if is_stale(*v) => continue,
            (Some((_, v)), _) => Value::Float(*v),
            (None, Some((_, h))) => Value::Histogram(h.clone()),
            (None, None) => continue,
        };
        if matches!(&value, Value::Histogram(h) if h.is_stale()) {
            continue;
        }
        let Some(all) = head.labels(series_ref) else { continue };
        let mut builder = LabelsBuilder::from_labels(all);
        for (name, _) in labels {
            builder.remove(name);
        }
        series.push((builder.labels(), value));
    }
    if series.is_empty() {
        return Err(problem(
            "The store has no samples of this target at that time.",
            "Choose a time at which it was scraped; a sample counts for five minutes.".to_owned(),
        ));
    }
    Ok(Side { at, snapshot: Snapshot::new(series, families), notice })
}

fn wire_family(family: FamilyDiff) -> FamilyChange {
    let FamilyDiff { name, kind, presence, said, counts, series, weight: _ } = family;
    let about = |about| match about {
        About::Kind => "type",
        About::Help => "help",
        About::Unit => "unit",
    };
    FamilyChange {
        name,
        kind: kind.as_str().to_owned(),
        presence: match presence {
            Presence::Both => None,
            Presence::New => Some(ChangeKind::New),
            Presence::Gone => Some(ChangeKind::Gone),
        },
        said: said.into_iter().map(|said| (about(said.about).to_owned(), said.from, said.to)).collect(),
        counts: wire_counts(counts),
        series: series.into_iter().map(wire_series).collect(),
    }
}

fn wire_counts(counts: Counts) -> ChangeCounts {
    let Counts { n_new, n_gone, n_moved, n_reset, n_same } = counts;
    ChangeCounts {
        n_new: n_new as u32,
        n_gone: n_gone as u32,
        n_moved: n_moved as u32,
        n_reset: n_reset as u32,
        n_same: n_same as u32,
    }
}

fn wire_series(series: SeriesDiff) -> SeriesChange {
    let SeriesDiff { labels, change, is_counter, parts, n_more_parts, weight: _ } = series;
    let name = |part| match part {
        Part::Value => PartName::Value,
        Part::Count => PartName::Count,
        Part::Sum => PartName::Sum,
        Part::Created => PartName::Created,
        Part::Populated => PartName::Populated,
        Part::Bucket(bound) => PartName::Bucket(bound),
        Part::Quantile(quantile) => PartName::Quantile(quantile),
    };
    SeriesChange {
        labels: labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        kind: match change {
            Change::New => ChangeKind::New,
            Change::Gone => ChangeKind::Gone,
            Change::Moved => ChangeKind::Moved,
            Change::Reset => ChangeKind::Reset,
        },
        is_counter,
        parts: parts.into_iter().map(|one| PartChange { part: name(one.part), from: one.from, to: one.to }).collect(),
        n_more_parts: n_more_parts as u32,
    }
}
