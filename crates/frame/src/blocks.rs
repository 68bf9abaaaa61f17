//! Extremes of runs of values: a series of a million points that is drawn again and again, while hands move it, is looked
//! at as a whole only once.
//!
//! A look at the blocks of a million points takes 0.7 ms in a browser, of the 3 ms in which they are drawn.

use std::ops::Range;
use std::sync::OnceLock;

/// So many values make a block: their extremes take an eighth of the memory of the values.
const BLOCK: usize = 16;

/// So many blocks make a group. A pixel column of hundreds of values is put together from groups, one of dozens from
/// blocks: ten series of 100,000 values are searched in half of the time that blocks of 64 took.
const GROUP: usize = 8;

/// Extremes of the blocks of each dense series of a frame, found when they are first asked for. They are no part of what a
/// frame says: all of them are equal, and a copy begins without any.
#[derive(Debug, Default)]
pub struct Blocks(OnceLock<Vec<OnceLock<Found>>>);

/// Of one series.
#[derive(Debug)]
struct Found {
    /// Where its values lay, and how many there were.
    of: (usize, usize),
    blocks: Vec<Extremes>,
    groups: Vec<Extremes>,
}

/// The least and the greatest; NaN stands for values of which one is not finite.
type Extremes = (f64, f64);

const NONE: Extremes = (f64::INFINITY, f64::NEG_INFINITY);
const ODD: Extremes = (f64::NAN, f64::NAN);

impl Clone for Blocks {
    fn clone(&self) -> Self {
        Blocks::default()
    }
}

impl PartialEq for Blocks {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Blocks {
    /// The blocks of a series' values, one of `n_series`. `None` if they were found of other values before.
    #[must_use]
    pub fn of<'a>(&'a self, series_idx: usize, n_series: usize, vs: &'a [f64]) -> Option<BlocksOf<'a>> {
        let all = self.0.get_or_init(|| (0..n_series).map(|_| OnceLock::new()).collect());
        let of = (vs.as_ptr() as usize, vs.len());
        let found = all.get(series_idx)?.get_or_init(|| {
            let blocks: Vec<Extremes> = vs.chunks(BLOCK).map(of_block).collect();
            let groups = blocks.chunks(GROUP).map(|group| joined(NONE, group).unwrap_or(ODD)).collect();
            Found { of, blocks, groups }
        });
        (found.of == of).then_some(BlocksOf { vs, found })
    }
}

/// A series' values with the extremes of their blocks.
#[derive(Clone, Copy, Debug)]
pub struct BlocksOf<'a> {
    vs: &'a [f64],
    found: &'a Found,
}

impl BlocksOf<'_> {
    /// As [`extremes`] of these values.
    #[must_use]
    pub fn extremes(&self, values: Range<usize>) -> Option<(f64, f64)> {
        let part = |values: Range<usize>| self.vs.get(values).unwrap_or_default();
        let (first, last) = (values.start.div_ceil(BLOCK), values.end / BLOCK);
        if first >= last {
            return few(NONE, part(values.clone())).filter(|_| !values.is_empty());
        }
        let all = few(NONE, part(values.start..first * BLOCK))?;
        let all = few(all, part(last * BLOCK..values.end))?;
        let blocks = |range: Range<usize>| self.found.blocks.get(range).unwrap_or_default();
        let (first_group, last_group) = (first.div_ceil(GROUP), last / GROUP);
        if first_group >= last_group {
            return joined(all, blocks(first..last));
        }
        let all = joined(all, blocks(first..first_group * GROUP))?;
        let all = joined(all, self.found.groups.get(first_group..last_group)?)?;
        joined(all, blocks(last_group * GROUP..last))
    }
}

/// The extremes of a block. There are as many as a sixteenth of the values, so that little may be done once for each.
#[inline]
fn of_block(block: &[f64]) -> Extremes {
    /// Side by side, for two vectors of a processor.
    const LANES: usize = 4;
    let (chunks, rest) = block.as_chunks::<LANES>();
    let (mut min, mut max, mut odd) = ([NONE.0; LANES], [NONE.1; LANES], [0.0; LANES]);
    for chunk in chunks {
        for lane in 0..LANES {
            let v = chunk[lane];
            min[lane] = if v < min[lane] { v } else { min[lane] };
            max[lane] = if v > max[lane] { v } else { max[lane] };
            odd[lane] += v * 0.0;
        }
    }
    let mut all = NONE;
    for lane in 0..LANES {
        all = (if min[lane] < all.0 { min[lane] } else { all.0 }, if max[lane] > all.1 { max[lane] } else { all.1 });
    }
    if odd.iter().sum::<f64>() == 0.0 { few(all, rest).unwrap_or(ODD) } else { ODD }
}

/// Extremes with those of some others; `None` if one of these is not finite.
#[inline]
fn joined(all: Extremes, others: &[Extremes]) -> Option<Extremes> {
    let mut all = all;
    let mut is_odd = false;
    for &(min, max) in others {
        is_odd |= min.is_nan();
        all = (if min < all.0 { min } else { all.0 }, if max > all.1 { max } else { all.1 });
    }
    (!is_odd).then_some(all)
}

/// The same with a few values.
#[inline]
fn few(all: Extremes, vs: &[f64]) -> Option<Extremes> {
    let mut all = all;
    // What is not finite gives NaN, and stays.
    let mut odd = 0.0;
    for &v in vs {
        odd += v * 0.0;
        all = (if v < all.0 { v } else { all.0 }, if v > all.1 { v } else { all.1 });
    }
    (odd == 0.0).then_some(all)
}

#[cfg(test)]
mod tests {
    //! Blocks against a look at all values.
    use super::*;
    use crate::decimate::extremes;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn blocks_have_the_extremes_of_their_values(
            vs in proptest::collection::vec(-1e3..1e3f64, 1..600),
            odd in proptest::collection::vec((0usize..600, prop_oneof![Just(f64::NAN), Just(f64::INFINITY)]), 0..2),
            parts in proptest::collection::vec((0usize..600, 0usize..600), 1..30),
        ) {
            let mut vs = vs;
            for (at, v) in odd {
                if let Some(slot) = vs.get_mut(at) {
                    *slot = v;
                }
            }
            let blocks = Blocks::default();
            for (a, b) in parts {
                let (from, to) = (a.min(b).min(vs.len()), a.max(b).min(vs.len()));
                let of = blocks.of(1, 2, &vs).expect("the same values each time");
                prop_assert_eq!(of.extremes(from..to), extremes(&vs[from..to]));
            }
        }
    }

    #[test]
    fn blocks_of_other_values_are_not_taken_for_these() {
        let (some, others) = (vec![1.0; 200], vec![2.0; 200]);
        let blocks = Blocks::default();
        assert!(blocks.of(0, 1, &some).is_some());
        assert!(blocks.of(0, 1, &others).is_none());
        assert!(blocks.of(1, 1, &some).is_none(), "no such series");
        assert_eq!(blocks, blocks.clone());
        assert!(blocks.clone().of(0, 1, &others).is_some());
    }
}
