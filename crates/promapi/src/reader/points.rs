//! The hot part: lists of `[time, "value"]` into columns, a million of them a second or twenty.
//!
//! All series of an answer have samples at the same times, so the text of a time is compared with what stood at the
//! same place of the series before, sixteen bytes at once, and read only where it differs. Most values are short
//! decimals, whose digits and power of ten are exact in an f64; others go to the standard library.

use super::scan::{Cursor, Scan, Stop};
use model::{STALE_NAN, StepGrid, Timestamp, number};

/// Powers of ten that an f64 holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];
/// A time, its comma and the quote of a value that are compared at once.
const TEXT_BYTES: usize = 16;
/// How many times are remembered, 48 bytes each: servers give no more than 11,000 steps.
const MAX_KNOWN_TIMES: usize = 16_384;

/// A time as text, with what it comes to.
#[derive(Clone, Copy, Debug, Default)]
struct KnownTime {
    /// The text with `,"` behind it, low bytes first; 0 where none is known.
    text: u128,
    mask: u128,
    len: u8,
    t_ms: i64,
}

/// Where points go.
#[derive(Debug)]
pub(super) enum Target {
    /// One value a step.
    Grid(Grid),
    /// As they come.
    Raw,
}

/// Steps and how they fit the server's.
#[derive(Debug)]
pub(super) struct Grid {
    pub(super) grid: StepGrid,
    /// A value was on a step: the grid stays as it is.
    is_settled: bool,
}

/// One series being read.
#[derive(Debug, Default)]
pub(super) struct Column {
    /// Times, for raw samples.
    pub(super) ts: Vec<i64>,
    /// Values; for a grid one a step as far as it is read.
    pub(super) vs: Vec<f64>,
}

/// The state of all points of an answer.
#[derive(Debug)]
pub(super) struct Points {
    pub(super) target: Target,
    known: Vec<KnownTime>,
    /// Values that were left out.
    pub(super) n_left_out: u64,
    pub(super) n_samples: u64,
}

impl Points {
    pub(super) fn new(grid: Option<StepGrid>) -> Self {
        let target = grid.map_or(Target::Raw, |grid| Target::Grid(Grid { grid, is_settled: false }));
        Points { target, known: Vec::new(), n_left_out: 0, n_samples: 0 }
    }

    /// Reads points up to the `]` behind the last one, which is taken. `slot` is where the next one is expected: its
    /// step, or how many came before. [`Stop::More`] leaves the cursor behind the last point that was read whole.
    pub(super) fn read(&mut self, cursor: &mut Cursor<'_>, column: &mut Column, slot: &mut usize) -> Scan<()> {
        loop {
            let before = cursor.pos;
            let is_last = if let Some((t_ms, v, is_last)) = self.quick(cursor, *slot) {
                match &self.target {
                    Target::Grid(_) => self.n_left_out += u64::from(!column.put(*slot, v)),
                    Target::Raw => self.n_left_out += u64::from(!column.push(t_ms, v)),
                }
                *slot += 1;
                is_last
            } else {
                match self.slow(cursor, column, slot) {
                    Ok(is_last) => is_last,
                    Err(stop) => {
                        cursor.pos = if matches!(stop, Stop::More) { before } else { cursor.pos };
                        return Err(stop);
                    }
                }
            };
            self.n_samples += 1;
            if is_last {
                return Ok(());
            }
        }
    }

    /// A point as all servers write it, at the time that is expected: `[TIME,"VALUE"],` or `[TIME,"VALUE"]]`. The answer is
    /// its time, its value, and whether it is the last.
    #[inline]
    fn quick(&self, cursor: &mut Cursor<'_>, slot: usize) -> Option<(i64, f64, bool)> {
        let known = self.known.get(slot)?;
        let (point, _) = cursor.rest().split_first_chunk::<{ TEXT_BYTES + 1 }>()?;
        let (bracket, text) = point.split_first()?;
        let text = u128::from_le_bytes(*text.first_chunk()?);
        if *bracket != b'[' || known.mask == 0 || text & known.mask != known.text {
            return None;
        }
        let value = cursor.pos + 1 + usize::from(known.len);
        let (v, len) = plain_number(cursor.bytes.get(value..)?)?;
        let end = value + len;
        // Blanks are for the slow way to see.
        let is_last = match cursor.bytes.get(end..)?.first_chunk::<3>()? {
            b"\"]," => false,
            b"\"]]" => true,
            _ => return None,
        };
        cursor.pos = end + 3;
        Some((known.t_ms, v, is_last))
    }

    /// A point in any form; the answer is whether it is the last.
    fn slow(&mut self, cursor: &mut Cursor<'_>, column: &mut Column, slot: &mut usize) -> Scan<bool> {
        cursor.eat(b'[')?;
        cursor.peek()?;
        let text = cursor.rest().first_chunk::<TEXT_BYTES>().copied();
        let from = cursor.pos;
        let t_ms = time(cursor)?;
        let is_tight = cursor.rest().starts_with(b",\"");
        let len = cursor.pos - from + 2;
        cursor.eat(b',')?;
        let v = value(cursor)?;
        cursor.eat(b']')?;
        let is_last = !cursor.goes_on(b']')?;
        let is_stored = match &mut self.target {
            Target::Raw => column.push(t_ms, v),
            Target::Grid(grid) => match grid.step_of(t_ms) {
                Some(step_idx) => {
                    *slot = step_idx;
                    column.put(step_idx, v)
                }
                None => false,
            },
        };
        self.n_left_out += u64::from(!is_stored);
        if is_stored {
            if let (Some(text), true) = (text, is_tight && len <= TEXT_BYTES) {
                self.remember(*slot, &text, len, t_ms);
            }
            *slot += 1;
        }
        Ok(is_last)
    }

    fn remember(&mut self, slot: usize, text: &[u8; TEXT_BYTES], len: usize, t_ms: i64) {
        if slot >= self.known.len() {
            if slot >= MAX_KNOWN_TIMES {
                return;
            }
            self.known.resize(slot + 1, KnownTime::default());
        }
        let mask = u128::MAX >> (8 * (TEXT_BYTES - len));
        if let Some(known) = self.known.get_mut(slot) {
            *known = KnownTime { text: u128::from_le_bytes(*text) & mask, mask, len: len as u8, t_ms };
        }
    }
}

impl Column {
    /// Takes the value of a step; whether it is behind those before.
    #[inline]
    pub(super) fn put(&mut self, step_idx: usize, v: f64) -> bool {
        if step_idx < self.vs.len() {
            return false;
        }
        if step_idx > self.vs.len() {
            self.vs.resize(step_idx, STALE_NAN);
        }
        self.vs.push(v);
        true
    }

    /// Takes a raw sample; whether it is later than those before.
    #[inline]
    pub(super) fn push(&mut self, t_ms: i64, v: f64) -> bool {
        if self.ts.last().is_some_and(|last| *last >= t_ms) {
            return false;
        }
        self.ts.push(t_ms);
        self.vs.push(v);
        true
    }
}

impl Grid {
    /// The step of a time. The first time that is seen may move the grid by less than a step.
    pub(super) fn step_of(&mut self, t_ms: i64) -> Option<usize> {
        let StepGrid { start, step, len } = self.grid;
        let step_ms = step.0.max(1);
        let off_ms = t_ms.saturating_sub(start.0).rem_euclid(step_ms);
        if off_ms != 0 {
            if self.is_settled || len < 2 {
                return None;
            }
            // The server's steps: from the last one before the first that was asked for, to the first one behind the last.
            self.grid = StepGrid { start: Timestamp(start.0.saturating_sub(step_ms - off_ms)), step, len: len + 1 };
        }
        self.is_settled = true;
        let step_idx = usize::try_from(t_ms.saturating_sub(self.grid.start.0) / step_ms).ok()?;
        (t_ms >= self.grid.start.0 && step_idx < self.grid.len).then_some(step_idx)
    }
}

/// A time in seconds, as milliseconds.
pub(super) fn time(cursor: &mut Cursor<'_>) -> Scan<i64> {
    cursor.peek()?;
    let bytes = cursor.rest();
    let len =
        bytes.iter().position(|b| !matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E')).ok_or(Stop::More)?;
    let text = bytes.get(..len).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or("");
    let Some(t_ms) = short_time(text).or_else(|| long_time(text)) else {
        return Err(cursor.wrong("a time in seconds"));
    };
    cursor.pos += len;
    Ok(t_ms)
}

/// `1700000000.25`
fn short_time(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_short = |digits: &str, max: usize| {
        !digits.is_empty() && digits.len() <= max && digits.bytes().all(|b| b.is_ascii_digit())
    };
    if !is_short(whole, 12) || !is_short(fraction, 3) || whole.len() > 1 && whole.starts_with('0') {
        return None;
    }
    let scale = [100, 10, 1].get(fraction.len() - 1)?;
    Some(whole.parse::<i64>().ok()? * 1_000 + fraction.parse::<i64>().ok()? * scale)
}

/// Any number of JSON that is a time.
fn long_time(text: &str) -> Option<i64> {
    let seconds: f64 = serde_json::from_str(text).ok()?;
    Some(Timestamp::from_secs_f64(seconds).0)
}

/// A number in quotes, or as such.
pub(super) fn value(cursor: &mut Cursor<'_>) -> Scan<f64> {
    if cursor.peek()? != b'"' {
        // Some servers write finite numbers as such.
        let from = cursor.pos;
        return cursor.value::<f64>().inspect_err(|_| cursor.pos = from);
    }
    let from = cursor.pos;
    let text = cursor.text()?;
    match number::parse(&text) {
        Some(v) => Ok(v),
        None => {
            cursor.pos = from + 1;
            Err(cursor.wrong("a number"))
        }
    }
}

/// The number up to the next quote, if it consists of digits, a point and a minus; and how long it is.
#[inline]
fn plain_number(bytes: &[u8]) -> Option<(f64, usize)> {
    let start = usize::from(*bytes.first()? == b'-');
    let (mut mantissa, mut point, mut at) = (0u64, None, start);
    loop {
        let byte = *bytes.get(at)?;
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
        } else if byte == b'.' && point.is_none() {
            point = Some(at);
        } else if byte == b'"' {
            break;
        } else {
            return None;
        }
        at += 1;
    }
    let n_digits = at - start - usize::from(point.is_some());
    let scale = point.map_or(0, |point| at - point - 1);
    if n_digits == 0 {
        return None;
    }
    // With more digits the mantissa may have wrapped.
    if n_digits <= 19 && mantissa < 1 << 53 && scale < POWERS.len() {
        let v = mantissa as f64 / POWERS.get(scale)?;
        return Some((if start == 1 { -v } else { v }, at));
    }
    let text = std::str::from_utf8(bytes.get(..at)?).ok()?;
    let v: f64 = text.parse().ok()?;
    v.is_finite().then_some((v, at))
}
