//! A frame: the series of a range query as columns, ready to be sent and drawn.

use crate::blocks::Blocks;
use crate::heat::HeatMap;
use crate::marks::{FrameExemplar, Mark};
use model::StepGrid;
use model::{Labels, STALE_NAN, STALE_NAN_BITS};

/// The bits of "no sample here": the staleness marker, so that a NaN of the user stays a NaN.
pub const GAP_BITS: u64 = STALE_NAN_BITS;

/// "No sample here", as it stands in a column of values.
#[must_use]
pub const fn gap() -> f64 {
    STALE_NAN
}

/// Whether a value says "no sample here".
#[inline]
#[must_use]
pub fn is_gap(v: f64) -> bool {
    v.to_bits() == GAP_BITS
}

/// The series of one range query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// The steps that were evaluated.
    pub grid: StepGrid,
    /// The series, sorted by source and labels; at most the number that was asked for of each expression.
    pub series: Vec<FrameSeries>,
    /// How many series there are to draw; more than `series.len()` if a cap was met.
    pub n_series_total: usize,
    /// Histograms as heat maps, one for each kind (classic, exponential, with bounds of their own) that an expression
    /// has; only if they were asked for.
    pub heat: Vec<HeatMap>,
    /// Exemplars of the series, in the order of time; only if they were asked for.
    pub exemplars: Vec<FrameExemplar>,
    /// Events, in the order of time; only if they were asked for.
    pub marks: Vec<Mark>,
    /// What was found of long series when they were drawn.
    pub blocks: Blocks,
}

/// Where a series of a frame comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// Which expression of the panel, from 0.
    pub query_idx: u16,
    /// It is the same expression some time earlier, moved onto the grid of this frame.
    pub is_previous: bool,
}

/// One series of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameSeries {
    /// Which expression it is of.
    pub source: Source,
    /// Its labels.
    pub labels: Labels,
    /// Its points.
    pub points: Points,
    /// What the legend tells of it, computed before any decimation.
    pub stats: SeriesStats,
}

/// Points of a series.
///
/// Equality is by bits, so that gaps and NaN compare.
#[derive(Clone, Debug)]
pub enum Points {
    /// One value a step of the frame's grid; a step without a sample holds [`gap`].
    Dense(Vec<f64>),
    /// Decimated: times in milliseconds since the epoch, not decreasing, and as many values; a value
    /// of [`gap`] interrupts the line.
    Sparse {
        /// Times.
        ts: Vec<f64>,
        /// Values.
        vs: Vec<f64>,
    },
}

impl PartialEq for Points {
    fn eq(&self, other: &Self) -> bool {
        let same =
            |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits());
        match (self, other) {
            (Points::Dense(a), Points::Dense(b)) => same(a, b),
            (Points::Sparse { ts: ta, vs: va }, Points::Sparse { ts: tb, vs: vb }) => same(ta, tb) && same(va, vb),
            _ => false,
        }
    }
}

impl Points {
    /// How many points, gaps counted.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Points::Dense(vs) | Points::Sparse { vs, .. } => vs.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Time (ms since the epoch) and value of a point.
    #[must_use]
    pub fn get(&self, grid: &StepGrid, idx: usize) -> Option<(f64, f64)> {
        match self {
            Points::Dense(vs) => vs.get(idx).map(|&v| (grid.time(idx).0 as f64, v)),
            Points::Sparse { ts, vs } => Some((*ts.get(idx)?, *vs.get(idx)?)),
        }
    }

    /// All points in the order of time.
    pub fn iter<'a>(&'a self, grid: &'a StepGrid) -> impl Iterator<Item = (f64, f64)> + 'a {
        (0..self.len()).filter_map(move |idx| self.get(grid, idx))
    }
}

/// What a legend tells of a series. Infinite values and NaN do not count, but for `last`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeriesStats {
    /// The value of the last step that has one; NaN if none has.
    pub last: f64,
    /// The least finite value; NaN if there is none.
    pub min: f64,
    /// The greatest finite value; NaN if there is none.
    pub max: f64,
    /// The mean of the finite values; NaN if there is none.
    pub mean: f64,
    /// How many steps have a value.
    pub count: usize,
}

impl SeriesStats {
    /// Of a dense column.
    #[must_use]
    pub fn of(vs: &[f64]) -> Self {
        let (mut last, mut min, mut max, mut sum) = (f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0);
        let (mut count, mut n_finite) = (0, 0usize);
        for &v in vs {
            if is_gap(v) {
                continue;
            }
            count += 1;
            last = v;
            if v.is_finite() {
                n_finite += 1;
                min = min.min(v);
                max = max.max(v);
                sum += v;
            }
        }
        if n_finite == 0 {
            return SeriesStats { last, min: f64::NAN, max: f64::NAN, mean: f64::NAN, count };
        }
        SeriesStats { last, min, max, mean: sum / n_finite as f64, count }
    }
}
