//! Reads the answer to a query while it arrives, straight into columns.
//!
//! [`AnswerReader::feed`] takes the body in whatever pieces it comes. What is read as a whole is small: the labels of a
//! series, a point, a histogram; of a piece that ends within one, the rest is kept for the next piece. The order of the
//! fields does not matter.
//!
//! In reading order: this file knows the frame of an answer, [`columns`] what becomes of a series, [`points`] the lists
//! of values, [`scan`] JSON.

mod columns;
mod points;
mod scan;

use crate::error::{ApiError, ErrorType, SyntaxError};
use crate::http::HttpHead;
use crate::query::{Answer, Data};
use crate::reply::{failure, not_json};
use columns::{Element, JsonHistogram, ReadSeries};
use model::{Histogram, Labels, LabelsBuilder, Point, StepGrid, Timestamp};
use points::{Points, Target};
use scan::{Cursor, Scan, Stop};
use std::sync::Arc;

/// What is read as a whole has at most so many bytes: the labels of one series, one histogram, what is skipped. Labels
/// have a kilobyte; a histogram of 160 buckets has ten.
const MAX_UNIT_BYTES: usize = 4 << 20;
/// A body that is no good answer is read so far, for its message.
const MAX_ERROR_BYTES: usize = 64 << 10;
/// So much is added to what was kept of the last piece, at first: room for a point.
const JOIN_BYTES: usize = 256;

/// Where values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// To the steps of the range that was asked for.
    Range(StepGrid),
    /// Nowhere in particular: the answer to an instant query is a vector, a number, a text, or raw samples.
    Instant,
}

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimits {
    /// Bytes of the body.
    pub max_bytes: u64,
    /// Series.
    pub max_series: usize,
    /// Samples of all series, gaps counted.
    pub max_samples: u64,
}

impl Default for ReadLimits {
    /// What a browser's tab can hold: 160 MB of columns come from 700 MB of JSON at most.
    fn default() -> Self {
        ReadLimits { max_bytes: 1 << 30, max_series: 100_000, max_samples: 20_000_000 }
    }
}

/// Reads one answer.
#[derive(Debug)]
pub struct AnswerReader {
    shape: Shape,
    limits: ReadLimits,
    head: HttpHead,
    state: State,
    /// Bytes that came.
    n_bytes: u64,
    /// Bytes that were read.
    n_read: u64,
    /// What was not read of the last piece.
    rest: Vec<u8>,
    /// Before there are so many bytes another try is of no use.
    retry_at: usize,
    frame: Frame,
    points: Points,
    element: Element,
    builder: LabelsBuilder,
    /// The name of the label before, to see that they are sorted.
    last_name: String,
    series: Vec<ReadSeries>,
    vector: Vec<(Labels, Timestamp, Point)>,
    n_bad_histograms: u64,
}

/// Where the reader is, always between two things that are read whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    /// Before a name of the outermost object.
    Key,
    /// Behind a value of it.
    Behind,
    /// Before a name of `data`.
    DataKey,
    DataBehind,
    /// Before an element of `result`.
    Element,
    ElementBehind,
    /// Before a name of an element.
    Name,
    NameBehind,
    /// Before a point of `values`.
    Values,
    /// Before one of `histograms`.
    Histograms,
    /// Behind the outermost object.
    End,
    /// It is no good answer: what comes is kept for its message.
    Collect,
}

/// What stands beside the values.
#[derive(Debug, Default)]
struct Frame {
    status: String,
    error_type: String,
    error: String,
    warnings: Vec<String>,
    infos: Vec<String>,
    is_partial: bool,
    result_type: String,
    /// A number or a text: `[t, "text"]`.
    single: Option<(f64, String)>,
    has_data: bool,
}

impl AnswerReader {
    /// A reader of the answer with this head.
    #[must_use]
    pub fn new(shape: Shape, head: HttpHead, limits: ReadLimits) -> Self {
        let state = if head.is_success() { State::Start } else { State::Collect };
        let grid = match shape {
            Shape::Range(grid) => Some(grid),
            Shape::Instant => None,
        };
        AnswerReader {
            shape,
            limits,
            head,
            state,
            n_bytes: 0,
            n_read: 0,
            rest: Vec::new(),
            retry_at: 0,
            frame: Frame::default(),
            points: Points::new(grid),
            element: Element::default(),
            builder: LabelsBuilder::new(),
            last_name: String::new(),
            series: Vec::new(),
            vector: Vec::new(),
            n_bad_histograms: 0,
        }
    }

    /// Series and samples so far, and bytes.
    #[must_use]
    pub fn progress(&self) -> (usize, u64, u64) {
        (self.series.len() + self.vector.len(), self.points.n_samples, self.n_bytes)
    }

    /// Takes the next bytes of the body.
    ///
    /// # Errors
    /// If it is no answer of the API, or too much. No more needs to be fetched then.
    pub fn feed(&mut self, piece: &[u8]) -> Result<(), ApiError> {
        self.n_bytes += piece.len() as u64;
        if self.n_bytes > self.limits.max_bytes {
            return Err(ApiError::TooMuch { what: "bytes", limit: self.limits.max_bytes });
        }
        if self.state == State::Collect {
            let room = MAX_ERROR_BYTES.saturating_sub(self.rest.len());
            self.rest.extend_from_slice(piece.get(..room).unwrap_or(piece));
            return Ok(());
        }
        let mut piece = piece;
        while !self.rest.is_empty() && !piece.is_empty() {
            // As much as was there already, so that little is moved and nothing is tried too often.
            let more = piece.len().min(JOIN_BYTES.max(self.rest.len()));
            let before = self.rest.len();
            self.rest.extend_from_slice(piece.get(..more).unwrap_or(piece));
            if self.rest.len() < self.retry_at {
                piece = piece.get(more..).unwrap_or(&[]);
                continue;
            }
            let joined = std::mem::take(&mut self.rest);
            let read = self.read(&joined)?;
            if read >= before {
                // The rest is whole in the piece.
                piece = piece.get(read - before..).unwrap_or(&[]);
                self.retry_at = 0;
            } else {
                self.keep(joined, read)?;
                piece = piece.get(more..).unwrap_or(&[]);
            }
        }
        if !piece.is_empty() && self.rest.is_empty() {
            let read = self.read(piece)?;
            self.keep(piece.get(read..).unwrap_or(&[]).to_vec(), 0)?;
        }
        Ok(())
    }

    /// Ends the body.
    ///
    /// # Errors
    /// If the server answered with an error, or the answer is not whole.
    pub fn finish(mut self) -> Result<Answer, ApiError> {
        if self.state == State::Collect {
            let status = self.head.status;
            return Err(failure(&self.head, &self.rest).unwrap_or(ApiError::Status { status, message: String::new() }));
        }
        let rest = std::mem::take(&mut self.rest);
        if self.state != State::End {
            // What was not tried again for want of bytes.
            self.read(&rest)?;
        }
        if self.state == State::Start {
            return Err(ApiError::NotApi { found: "empty" });
        }
        if self.state != State::End {
            let (expected, found) = ("more of the answer".to_owned(), "its end".to_owned());
            return Err(ApiError::Syntax(SyntaxError { offset: self.n_bytes, expected, found }));
        }
        let frame = std::mem::take(&mut self.frame);
        if frame.status == "error" {
            let (kind, status) = (ErrorType::from_text(&frame.error_type), self.head.status);
            return Err(ApiError::Refused { status, kind, message: frame.error });
        }
        if frame.status != "success" || !frame.has_data {
            return Err(ApiError::NotApi { found: "other JSON" });
        }
        let data = self.data(&frame)?;
        Ok(Answer {
            data,
            warnings: frame.warnings,
            infos: frame.infos,
            is_partial: frame.is_partial,
            n_left_out: self.points.n_left_out,
            n_bad_histograms: self.n_bad_histograms,
            n_bytes: self.n_bytes,
        })
    }

    /// Keeps what was not read.
    fn keep(&mut self, mut piece: Vec<u8>, read: usize) -> Result<(), ApiError> {
        piece.drain(..read.min(piece.len()));
        if piece.len() > MAX_UNIT_BYTES {
            return Err(ApiError::TooMuch {
                what: "bytes in one series' labels or one histogram",
                limit: MAX_UNIT_BYTES as u64,
            });
        }
        // A unit that comes byte by byte would be read again for each of them.
        self.retry_at = if piece.is_empty() { 0 } else { piece.len() + piece.len() / 4 + 1 };
        self.rest = piece;
        Ok(())
    }

    /// Reads as much as it can; the answer is how many bytes that are.
    fn read(&mut self, piece: &[u8]) -> Result<usize, ApiError> {
        let mut cursor = Cursor { bytes: piece, pos: 0 };
        let mut read = 0;
        let stopped = loop {
            // A state is left only when all of it was read.
            match self.step(&mut cursor) {
                Ok(()) => read = cursor.pos,
                Err(stop) => {
                    if self.state == State::Values {
                        read = cursor.pos;
                    }
                    break stop;
                }
            }
            if let Some(error) = self.too_much() {
                return Err(error);
            }
        };
        if let Stop::Wrong(mut error) = stopped {
            error.offset += self.n_read;
            if self.n_read == 0
                && self.state == State::Start
                && let Some(error) = not_json(&self.head, piece)
            {
                return Err(error);
            }
            return Err(ApiError::Syntax(error));
        }
        self.n_read += read as u64;
        Ok(read)
    }

    fn too_much(&self) -> Option<ApiError> {
        let ReadLimits { max_series, max_samples, .. } = self.limits;
        if self.series.len() + self.vector.len() > max_series {
            return Some(ApiError::TooMuch { what: "series", limit: max_series as u64 });
        }
        let gaps = match &self.points.target {
            Target::Grid(grid) => (grid.grid.len as u64).saturating_mul(self.series.len() as u64),
            Target::Raw => 0,
        };
        (self.points.n_samples.max(gaps) > max_samples)
            .then_some(ApiError::TooMuch { what: "samples", limit: max_samples })
    }

    /// Reads one thing.
    fn step(&mut self, cursor: &mut Cursor<'_>) -> Scan<()> {
        self.state = match self.state {
            State::Start => {
                cursor.eat(b'{')?;
                if cursor.eat_if(b'}')? { State::End } else { State::Key }
            }
            State::Key => self.key(cursor)?,
            State::Behind => {
                if cursor.goes_on(b'}')? {
                    State::Key
                } else {
                    State::End
                }
            }
            State::DataKey => self.data_key(cursor)?,
            State::DataBehind => {
                if cursor.goes_on(b'}')? {
                    State::DataKey
                } else {
                    State::Behind
                }
            }
            State::Element => {
                cursor.eat(b'{')?;
                if cursor.eat_if(b'}')? { self.end_element() } else { State::Name }
            }
            State::ElementBehind => {
                if cursor.goes_on(b']')? {
                    State::Element
                } else {
                    State::DataBehind
                }
            }
            State::Name => self.name(cursor)?,
            State::NameBehind => {
                if cursor.goes_on(b'}')? {
                    State::Name
                } else {
                    self.end_element()
                }
            }
            State::Values => {
                let Element { column, slot, .. } = &mut self.element;
                self.points.read(cursor, column, slot)?;
                State::NameBehind
            }
            State::Histograms => {
                let (t_ms, histogram) = self.histogram(cursor)?;
                let goes_on = cursor.goes_on(b']')?;
                self.push_histogram(t_ms, histogram);
                if goes_on { State::Histograms } else { State::NameBehind }
            }
            State::End | State::Collect => {
                cursor.peek()?;
                return Err(cursor.wrong("nothing more"));
            }
        };
        Ok(())
    }

    /// A field of the answer.
    fn key(&mut self, cursor: &mut Cursor<'_>) -> Scan<State> {
        let key = cursor.key()?;
        let text = |cursor: &mut Cursor<'_>| cursor.value::<Option<String>>().map(Option::unwrap_or_default);
        let texts = |cursor: &mut Cursor<'_>| cursor.value::<Option<Vec<String>>>().map(Option::unwrap_or_default);
        match key.as_ref() {
            "data" if cursor.peek()? == b'{' => {
                cursor.eat(b'{')?;
                let is_empty = cursor.eat_if(b'}')?;
                self.frame.has_data = true;
                return Ok(if is_empty { State::Behind } else { State::DataKey });
            }
            "status" => self.frame.status = text(cursor)?,
            "errorType" => self.frame.error_type = text(cursor)?,
            "error" => self.frame.error = text(cursor)?,
            "warnings" => self.frame.warnings = texts(cursor)?,
            "infos" => self.frame.infos = texts(cursor)?,
            "isPartial" => self.frame.is_partial = cursor.value::<Option<bool>>()?.unwrap_or_default(),
            _ => {
                cursor.value::<serde::de::IgnoredAny>()?;
            }
        }
        Ok(State::Behind)
    }

    /// A field of `data`.
    fn data_key(&mut self, cursor: &mut Cursor<'_>) -> Scan<State> {
        let key = cursor.key()?;
        match key.as_ref() {
            "resultType" => self.frame.result_type = cursor.value::<Option<String>>()?.unwrap_or_default(),
            "result" if cursor.peek()? == b'[' => {
                let list = *cursor;
                cursor.eat(b'[')?;
                if cursor.eat_if(b']')? {
                    return Ok(State::DataBehind);
                }
                if cursor.peek()? == b'{' {
                    return Ok(State::Element);
                }
                *cursor = list;
                self.frame.single = Some(cursor.value()?);
            }
            _ => {
                cursor.value::<serde::de::IgnoredAny>()?;
            }
        }
        Ok(State::DataBehind)
    }

    /// A field of an element.
    fn name(&mut self, cursor: &mut Cursor<'_>) -> Scan<State> {
        let name = cursor.key()?;
        match name.as_ref() {
            "metric" if cursor.peek()? == b'{' => self.element.labels = Some(self.labels(cursor)?),
            "values" if cursor.peek()? == b'[' => {
                cursor.eat(b'[')?;
                let is_empty = cursor.eat_if(b']')?;
                self.element.is_range = true;
                return Ok(if is_empty { State::NameBehind } else { State::Values });
            }
            "histograms" if cursor.peek()? == b'[' => {
                cursor.eat(b'[')?;
                let is_empty = cursor.eat_if(b']')?;
                self.element.is_range = true;
                return Ok(if is_empty { State::NameBehind } else { State::Histograms });
            }
            "value" if cursor.peek()? == b'[' => {
                cursor.eat(b'[')?;
                let t_ms = points::time(cursor)?;
                cursor.eat(b',')?;
                let v = points::value(cursor)?;
                cursor.eat(b']')?;
                self.element.value = Some((Timestamp(t_ms), Point::Float(v)));
            }
            "histogram" if cursor.peek()? == b'[' => {
                let (t_ms, histogram) = self.histogram(cursor)?;
                match histogram {
                    Some(h) => self.element.value = Some((Timestamp(t_ms), Point::Histogram(h))),
                    None => self.n_bad_histograms += 1,
                }
            }
            _ => {
                cursor.value::<serde::de::IgnoredAny>()?;
            }
        }
        Ok(State::NameBehind)
    }

    fn labels(&mut self, cursor: &mut Cursor<'_>) -> Scan<Labels> {
        self.builder.clear();
        self.last_name.clear();
        cursor.eat(b'{')?;
        if cursor.eat_if(b'}')? {
            return Ok(Labels::empty());
        }
        loop {
            let name = cursor.key()?;
            let value = cursor.text()?;
            // Nearly all servers sort them; then none is there twice.
            if self.last_name.as_str() < name.as_ref() {
                self.builder.push_new(&name, &value);
                self.last_name.clear();
                self.last_name.push_str(&name);
            } else {
                self.builder.set(&name, &value);
            }
            if !cursor.goes_on(b'}')? {
                return Ok(self.builder.labels());
            }
        }
    }

    /// `[t, {…}]`
    fn histogram(&mut self, cursor: &mut Cursor<'_>) -> Scan<(i64, Option<Arc<Histogram>>)> {
        let (seconds, histogram): (f64, JsonHistogram) = cursor.value()?;
        Ok((Timestamp::from_secs_f64(seconds).0, histogram.histogram().map(Arc::new)))
    }

    fn push_histogram(&mut self, t_ms: i64, histogram: Option<Arc<Histogram>>) {
        self.points.n_samples += 1;
        let Some(histogram) = histogram else {
            self.n_bad_histograms += 1;
            return;
        };
        if self.element.histograms.last().is_some_and(|(last, _)| *last >= t_ms) {
            self.points.n_left_out += 1;
        } else {
            self.element.histograms.push((t_ms, histogram));
        }
    }

    fn end_element(&mut self) -> State {
        let Element { labels, column, histograms, value, is_range, .. } = std::mem::take(&mut self.element);
        let labels = labels.unwrap_or_default();
        if let Some((t, point)) = value {
            self.vector.push((labels, t, point));
        } else if is_range {
            self.series.push(ReadSeries { labels, column, histograms });
        }
        State::ElementBehind
    }

    /// All that was read.
    fn data(&mut self, frame: &Frame) -> Result<Data, ApiError> {
        let series = std::mem::take(&mut self.series);
        let vector = std::mem::take(&mut self.vector);
        if let Some((seconds, text)) = &frame.single {
            let t = Timestamp::from_secs_f64(*seconds);
            return match frame.result_type.as_str() {
                "string" => Ok(Data::String { t, text: text.clone() }),
                _ => match model::number::parse(text) {
                    Some(v) => Ok(Data::Scalar { t, v }),
                    None => Err(ApiError::NotApi { found: "other JSON" }),
                },
            };
        }
        let is_matrix = match frame.result_type.as_str() {
            "matrix" => true,
            "vector" => false,
            _ => vector.is_empty(),
        };
        Ok(match (is_matrix, self.shape) {
            (false, _) => Data::Vector(vector),
            (true, Shape::Instant) => Data::Samples(series.into_iter().map(ReadSeries::raw).collect()),
            (true, Shape::Range(grid)) => Data::Matrix(self.points.matrix(series, grid.len)),
        })
    }
}

#[cfg(test)]
mod tests;
