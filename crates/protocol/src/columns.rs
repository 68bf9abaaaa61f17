//! The form of a message between serde and JavaScript: a JSON head and columns beside it.

use crate::answer::TableResult;
use crate::event::Event;
use crate::file::ExportNews;
use crate::request::Request;
use frame::{Frame, FrameExemplar, FrameSeries, HeatMap, Mark, MarkKind, Points, SeriesStats, Source, StepGrid};
use model::{Labels, Millis, STALE_NAN, Timestamp, is_stale};
use serde::{Deserialize, Serialize};

/// A column of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Floats, by their bits.
    Floats(Vec<f64>),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// A message: its small part as JSON, its large parts as columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// JSON.
    pub head: String,
    /// The columns, in the order in which the type takes them out.
    pub columns: Vec<Column>,
}

/// A message that is none of ours. Page and worker come from one build, so this is a defect or a
/// foreign sender, never the user's doing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Not an envelope.
    #[error("the message is not one of Promenade's")]
    NotOurs,
    /// The head is no JSON of the type.
    #[error("the head of the message does not fit: {0}")]
    Head(String),
    /// A column is missing or has the wrong type or length.
    #[error("a column of the message does not fit")]
    Column,
}

/// A message that can be put into an [`Envelope`] and taken out again.
pub trait Wire: Sized {
    /// Takes the message apart.
    fn into_envelope(self) -> Envelope;

    /// Puts it together again.
    ///
    /// # Errors
    /// If the envelope was not made by [`Wire::into_envelope`] of the same type.
    fn from_envelope(envelope: Envelope) -> Result<Self, WireError>;
}

impl Wire for Request {
    fn into_envelope(mut self) -> Envelope {
        let mut columns = Vec::new();
        if let Request::Upload(upload) = &mut self {
            columns.push(Column::Bytes(std::mem::take(&mut upload.body)));
        }
        Envelope { head: to_json(&self), columns }
    }

    fn from_envelope(envelope: Envelope) -> Result<Self, WireError> {
        let mut request: Request = from_json(&envelope.head)?;
        if let Request::Upload(upload) = &mut request {
            upload.body = Columns::new(envelope.columns).bytes()?;
        }
        Ok(request)
    }
}

/// The JSON of an event; a graph's frame has a head of its own, without the floats.
#[derive(Serialize, Deserialize)]
struct EventHead {
    event: Event,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    frame: Option<FrameHead>,
}

#[derive(Serialize, Deserialize)]
struct FrameHead {
    step_ms: i64,
    start_ms: i64,
    len: usize,
    n_series_total: usize,
    series: Vec<SeriesHead>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    heat: Vec<HeatHead>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    exemplars: Vec<ExemplarHead>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    marks: Vec<WireMark>,
}

#[derive(Serialize, Deserialize)]
struct HeatHead {
    query_idx: u16,
    n_edges: usize,
    n_cells: usize,
}

#[derive(Serialize, Deserialize)]
struct ExemplarHead {
    query_idx: u16,
    series: Vec<(String, String)>,
    labels: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct WireMark {
    kind: u8,
    at_ms: i64,
    end_ms: i64,
    labels: Vec<(String, String)>,
    count: u32,
    text: String,
}

/// In the order of their numbers on the wire.
const MARK_KINDS: [MarkKind; 7] = [
    MarkKind::CounterReset,
    MarkKind::TargetDown,
    MarkKind::TargetUp,
    MarkKind::Restart,
    MarkKind::NewSeries,
    MarkKind::Note,
    MarkKind::Difference,
];

#[derive(Serialize, Deserialize)]
struct SeriesHead {
    /// The number of its expression, and whether it is of the period before.
    #[serde(default)]
    source: (u16, bool),
    labels: Vec<(String, String)>,
    /// How many points, and whether they have times of their own.
    n_points: usize,
    sparse: bool,
    count: usize,
}

impl Wire for Event {
    fn into_envelope(mut self) -> Envelope {
        let mut columns = Vec::new();
        let mut frame_head = None;
        match &mut self {
            Event::Graph(answer) => {
                let (head, floats) = split_frame(std::mem::take(&mut answer.frame));
                frame_head = Some(head);
                columns.push(Column::Floats(floats));
            }
            Event::Table(answer) => columns.push(Column::Floats(take_floats(&mut answer.result))),
            Event::Diff(answer) => {
                columns.push(Column::Floats(answer.numbers().map(|v| v.take().unwrap_or(STALE_NAN)).collect()));
            }
            Event::RawBody { body: bytes, .. } | Event::Export(ExportNews::Piece { bytes, .. }) => {
                columns.push(Column::Bytes(std::mem::take(bytes)));
            }
            _ => {}
        }
        Envelope { head: to_json(&EventHead { event: self, frame: frame_head }), columns }
    }

    fn from_envelope(envelope: Envelope) -> Result<Self, WireError> {
        let EventHead { mut event, frame } = from_json(&envelope.head)?;
        let mut columns = Columns::new(envelope.columns);
        match &mut event {
            Event::Graph(answer) => answer.frame = join_frame(frame.ok_or(WireError::Column)?, &columns.floats()?)?,
            Event::Table(answer) => put_floats(&mut answer.result, &columns.floats()?)?,
            Event::Diff(answer) => {
                let floats = columns.floats()?;
                let mut floats = Floats(&floats);
                for number in answer.numbers() {
                    let v = floats.take(1)?[0];
                    *number = (!is_stale(v)).then_some(v);
                }
            }
            Event::RawBody { body: bytes, .. } | Event::Export(ExportNews::Piece { bytes, .. }) => {
                *bytes = columns.bytes()?;
            }
            _ => {}
        }
        Ok(event)
    }
}

/// Statistics of all series first (last, min, max, mean), then for each series its times, if it has
/// its own, and its values: one buffer for the whole frame, because a thousand small ones cost more
/// to transfer than to fill.
fn split_frame(frame: Frame) -> (FrameHead, Vec<f64>) {
    let n_floats: usize = frame.series.iter().map(|s| 4 + 2 * s.points.len()).sum();
    let mut floats = Vec::with_capacity(n_floats);
    for series in &frame.series {
        let SeriesStats { last, min, max, mean, count: _ } = series.stats;
        floats.extend([last, min, max, mean]);
    }
    let mut heads = Vec::with_capacity(frame.series.len());
    for series in frame.series {
        heads.push(SeriesHead {
            source: (series.source.query_idx, series.source.is_previous),
            labels: owned_pairs(&series.labels),
            n_points: series.points.len(),
            sparse: matches!(series.points, Points::Sparse { .. }),
            count: series.stats.count,
        });
        match series.points {
            Points::Dense(vs) => floats.extend(vs),
            Points::Sparse { ts, vs } => {
                floats.extend(ts);
                floats.extend(vs);
            }
        }
    }
    let mut heat = Vec::with_capacity(frame.heat.len());
    for map in frame.heat {
        heat.push(HeatHead { query_idx: map.query_idx, n_edges: map.edges.len(), n_cells: map.cells.len() });
        floats.extend(map.edges);
        floats.extend(map.cells);
    }
    floats.extend(frame.exemplars.iter().flat_map(|one| [one.t, one.v]));
    let exemplars = frame.exemplars.iter().map(|one| ExemplarHead {
        query_idx: one.query_idx,
        series: owned_pairs(&one.series),
        labels: owned_pairs(&one.labels),
    });
    let marks = frame.marks.into_iter().map(|mark| WireMark {
        kind: MARK_KINDS.iter().position(|kind| *kind == mark.kind).unwrap_or_default() as u8,
        at_ms: mark.at_ms,
        end_ms: mark.end_ms,
        labels: owned_pairs(&mark.labels),
        count: mark.count,
        text: mark.text,
    });
    let head = FrameHead {
        heat,
        exemplars: exemplars.collect(),
        marks: marks.collect(),
        step_ms: frame.grid.step.0,
        start_ms: frame.grid.start.0,
        len: frame.grid.len,
        n_series_total: frame.n_series_total,
        series: heads,
    };
    (head, floats)
}

fn join_frame(head: FrameHead, floats: &[f64]) -> Result<Frame, WireError> {
    let mut floats = Floats(floats);
    let stats = floats.take(head.series.len().checked_mul(4).ok_or(WireError::Column)?)?;
    let mut series = Vec::with_capacity(head.series.len());
    for (head, stats) in head.series.into_iter().zip(stats.chunks_exact(4)) {
        let points = if head.sparse {
            let ts = floats.take(head.n_points)?.to_vec();
            Points::Sparse { ts, vs: floats.take(head.n_points)?.to_vec() }
        } else {
            Points::Dense(floats.take(head.n_points)?.to_vec())
        };
        let stats = SeriesStats { last: stats[0], min: stats[1], max: stats[2], mean: stats[3], count: head.count };
        let source = Source { query_idx: head.source.0, is_previous: head.source.1 };
        series.push(FrameSeries { source, labels: Labels::from_pairs(head.labels), points, stats });
    }
    let mut heat = Vec::with_capacity(head.heat.len());
    for map in head.heat {
        let edges = floats.take(map.n_edges)?.to_vec();
        heat.push(HeatMap { query_idx: map.query_idx, edges, cells: floats.take(map.n_cells)?.to_vec() });
    }
    let mut exemplars = Vec::with_capacity(head.exemplars.len());
    for one in head.exemplars {
        let at = floats.take(2)?;
        let (series, labels) = (Labels::from_pairs(one.series), Labels::from_pairs(one.labels));
        exemplars.push(FrameExemplar { query_idx: one.query_idx, series, labels, t: at[0], v: at[1] });
    }
    let marks = head.marks.into_iter().map(|mark| {
        let kind = *MARK_KINDS.get(usize::from(mark.kind)).ok_or(WireError::Column)?;
        let WireMark { at_ms, end_ms, labels, count, text, .. } = mark;
        Ok(Mark { kind, at_ms, end_ms, labels: Labels::from_pairs(labels), count, text })
    });
    let marks = marks.collect::<Result<Vec<_>, WireError>>()?;
    let grid = StepGrid { start: Timestamp(head.start_ms), step: Millis(head.step_ms), len: head.len };
    Ok(Frame { grid, series, n_series_total: head.n_series_total, heat, exemplars, marks, ..Frame::default() })
}

fn take_floats(result: &mut TableResult) -> Vec<f64> {
    match result {
        TableResult::Scalar { v } => vec![*v],
        TableResult::String { .. } => Vec::new(),
        TableResult::Vector { rows } => rows.iter().map(|row| row.v).collect(),
        TableResult::Matrix { series } => {
            let mut floats = Vec::new();
            for one in series {
                // The length stands before the columns: it is not in the JSON.
                floats.push(one.ts.len() as f64);
                floats.append(&mut one.ts);
                floats.append(&mut one.vs);
            }
            floats
        }
    }
}

fn put_floats(result: &mut TableResult, floats: &[f64]) -> Result<(), WireError> {
    let mut floats = Floats(floats);
    match result {
        TableResult::Scalar { v } => *v = floats.take(1)?[0],
        TableResult::String { .. } => {}
        TableResult::Vector { rows } => {
            let values = floats.take(rows.len())?;
            for (row, &v) in rows.iter_mut().zip(values) {
                row.v = v;
            }
        }
        TableResult::Matrix { series } => {
            for one in series {
                let len = floats.take(1)?[0];
                if !(0.0..1e15).contains(&len) {
                    return Err(WireError::Column);
                }
                one.ts = floats.take(len as usize)?.to_vec();
                one.vs = floats.take(len as usize)?.to_vec();
            }
        }
    }
    Ok(())
}

/// Reads a column from its front, never past its end.
struct Floats<'a>(&'a [f64]);

impl<'a> Floats<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [f64], WireError> {
        let (head, tail) = self.0.split_at_checked(n).ok_or(WireError::Column)?;
        self.0 = tail;
        Ok(head)
    }
}

struct Columns(std::vec::IntoIter<Column>);

impl Columns {
    fn new(columns: Vec<Column>) -> Self {
        Columns(columns.into_iter())
    }

    fn floats(&mut self) -> Result<Vec<f64>, WireError> {
        match self.0.next() {
            Some(Column::Floats(values)) => Ok(values),
            _ => Err(WireError::Column),
        }
    }

    fn bytes(&mut self) -> Result<Vec<u8>, WireError> {
        match self.0.next() {
            Some(Column::Bytes(bytes)) => Ok(bytes),
            _ => Err(WireError::Column),
        }
    }
}

fn owned_pairs(labels: &Labels) -> Vec<(String, String)> {
    labels.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

/// Our types have string keys only, so serde_json cannot fail on them.
fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn from_json<T: for<'de> Deserialize<'de>>(head: &str) -> Result<T, WireError> {
    serde_json::from_str(head).map_err(|error| WireError::Head(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{GraphAnswer, QueryStats, Row, SeriesSamples, TableAnswer};
    use crate::request::Upload;
    use crate::{PanelId, TargetId};
    use frame::gap;

    fn there_and_back<T: Wire>(message: T) -> Result<T, WireError> {
        T::from_envelope(message.into_envelope())
    }

    fn graph(points: Vec<Points>) -> Event {
        let series = points.into_iter().enumerate().map(|(idx, points)| FrameSeries {
            source: Source { query_idx: idx as u16, is_previous: idx == 1 },
            labels: Labels::from_pairs([("__name__", "x"), ("i", idx.to_string().as_str())]),
            points,
            stats: SeriesStats { last: 1.0, min: -0.0, max: f64::INFINITY, mean: 0.5, count: 3 },
        });
        Event::Graph(GraphAnswer {
            source: crate::SourceChoice::Local,
            comparison: None,
            panel: PanelId(3),
            generation: 7,
            expr: "x".to_owned(),
            extras: crate::Extras { also: vec!["y".to_owned()], previous_ms: Some(5), ..crate::Extras::default() },
            failed: vec![(1, crate::Problem::default())],
            start_ms: 0,
            end_ms: 2_000,
            step_ms: 1_000,
            frame: Frame {
                grid: StepGrid { start: Timestamp(0), step: Millis(1_000), len: 3 },
                series: series.collect(),
                n_series_total: 9,
                heat: vec![HeatMap {
                    query_idx: 1,
                    edges: vec![f64::NEG_INFINITY, 0.1, f64::INFINITY],
                    cells: vec![0.0, 3.5, gap(), gap(), 1.0, 2.0],
                }],
                exemplars: vec![FrameExemplar {
                    query_idx: 0,
                    series: Labels::from_pairs([("__name__", "x_bucket"), ("le", "+Inf")]),
                    labels: Labels::from_pairs([("trace_id", "a")]),
                    t: 1.5,
                    v: f64::INFINITY,
                }],
                marks: MARK_KINDS
                    .into_iter()
                    .map(|kind| Mark {
                        kind,
                        at_ms: i64::MAX,
                        end_ms: i64::MAX,
                        labels: Labels::from_pairs([("job", "a")]),
                        count: 2,
                        text: "deploy".to_owned(),
                    })
                    .collect(),
                ..Frame::default()
            },
            warnings: Vec::new(),
            infos: Vec::new(),
            stats: QueryStats::default(),
        })
    }

    #[test]
    fn a_graph_keeps_every_bit_of_its_floats() {
        let nan_with_payload = f64::from_bits(0x7ff8_0000_dead_beef);
        let event = graph(vec![
            Points::Dense(vec![1.0, gap(), nan_with_payload]),
            Points::Sparse { ts: vec![0.0, 2_000.0], vs: vec![f64::NEG_INFINITY, -0.0] },
            Points::Dense(Vec::new()),
        ]);
        assert_eq!(there_and_back(event.clone()), Ok(event));
    }

    #[test]
    fn a_table_keeps_values_that_json_cannot_write() {
        let table = |result| {
            Event::Table(TableAnswer {
                source: crate::SourceChoice::Local,
                comparison: None,
                panel: PanelId(1),
                generation: 1,
                expr: "x".to_owned(),
                at_ms: 5,
                result,
                warnings: Vec::new(),
                infos: Vec::new(),
                stats: QueryStats::default(),
            })
        };
        let labels = vec![("a".to_owned(), "<b>".to_owned())];
        let row = |v, text: Option<&str>| Row { labels: labels.clone(), v, text: text.map(str::to_owned) };
        let rows = vec![row(f64::INFINITY, None), row(2.5, Some("{count:2.5, sum:1}"))];
        let series = vec![SeriesSamples {
            labels,
            ts: vec![1.0, 2.0],
            vs: vec![3.0, f64::NEG_INFINITY],
            texts: vec![(1, "{count:2}".to_owned())],
        }];
        for result in [
            TableResult::Scalar { v: f64::INFINITY },
            TableResult::String { text: "x".to_owned() },
            TableResult::Vector { rows },
            TableResult::Matrix { series },
        ] {
            let event = table(result);
            assert_eq!(there_and_back(event.clone()), Ok(event));
        }
    }

    #[test]
    fn a_difference_keeps_numbers_that_json_cannot_write_and_those_that_are_not_there() {
        use crate::{
            ChangeCounts, ChangeKind, DiffAnswer, DiffRequest, DiffSide, FamilyChange, Moment, PartChange, PartName,
            SeriesChange,
        };
        let part = |from, to| PartChange { part: PartName::Bucket("+Inf".to_owned()), from, to };
        let series = SeriesChange {
            labels: vec![("__name__".to_owned(), "x".to_owned())],
            kind: ChangeKind::New,
            is_counter: true,
            parts: vec![part(None, Some(f64::INFINITY)), part(Some(-0.0), None)],
            n_more_parts: 1,
        };
        let side = |moment| DiffSide { id: TargetId(3), moment };
        let event = Event::Diff(Box::new(DiffAnswer {
            request: DiffRequest { from: side(Moment::Stored(-5)), to: side(Moment::Last) },
            at_ms: (Some(-5), None),
            n_series: (1, 2),
            problem: None,
            notices: Vec::new(),
            families: vec![FamilyChange {
                name: "x".to_owned(),
                kind: "counter".to_owned(),
                presence: Some(ChangeKind::Gone),
                said: vec![("help".to_owned(), String::new(), "b".to_owned())],
                counts: ChangeCounts { n_new: 1, ..ChangeCounts::default() },
                series: vec![series],
            }],
            n_families: 1,
            n_families_same: 2,
            counts: ChangeCounts::default(),
        }));
        assert_eq!(there_and_back(event.clone()), Ok(event));
    }

    #[test]
    fn an_upload_carries_its_bytes() {
        let upload = Upload { id: TargetId(1), name: "x".to_owned(), media_type: None, body: vec![0, 255, 10] };
        let request = Request::Upload(upload);
        assert_eq!(there_and_back(request.clone()), Ok(request));
    }

    #[test]
    fn a_piece_of_a_file_carries_its_bytes() {
        let piece = ExportNews::Piece {
            id: 1,
            bytes: vec![0, 255, 10],
            n_done: 1,
            n_series: 2,
            n_samples: 3,
            is_last: false,
            notes: Vec::new(),
        };
        let event = Event::Export(piece);
        assert_eq!(there_and_back(event.clone()), Ok(event));
    }

    #[test]
    fn a_cut_message_is_refused() {
        let mut envelope = graph(vec![Points::Dense(vec![1.0, 2.0, 3.0])]).into_envelope();
        if let Some(Column::Floats(values)) = envelope.columns.first_mut() {
            values.pop();
        }
        assert_eq!(Event::from_envelope(envelope), Err(WireError::Column));
    }
}
