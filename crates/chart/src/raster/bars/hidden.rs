//! Which pixels nothing can be seen through any more. Of a thousand lines that are drawn under each other two of three bars
//! lie wholly behind others. One bit a pixel says so, and the pixels need not be fetched: to wait for them is half of the
//! time that bars take.

use crate::raster::ink::Surface;

/// So many rows are looked at together, at most: with seven before them and three after them they fill a word.
pub(super) const WINDOW: usize = 48;

/// A bit for each pixel of a picture, column by column.
#[derive(Clone, Debug, Default)]
pub(super) struct Hidden {
    /// From the lowest bit of a byte on. Each column has a word more than it needs, so that a word can be read at any row.
    bits: Vec<u8>,
    /// Of a column.
    n_bytes: usize,
    height: usize,
}

impl Hidden {
    /// Nothing is hidden.
    pub(super) fn clear(&mut self) {
        self.bits.clear();
        self.height = 0;
    }

    /// Takes the size of a picture. What is known of it stays.
    pub(super) fn fit(&mut self, surface: &Surface<'_>) {
        let n_columns = surface.touched.len();
        if self.height != surface.height {
            (self.height, self.n_bytes) = (surface.height, surface.height.div_ceil(8) + 8);
            self.bits.clear();
        }
        self.bits.resize(self.n_bytes * n_columns, 0);
    }

    /// Looks at rows of a column, no more than [`WINDOW`], and says whether one of them is not hidden. Four at a time are
    /// then drawn, from one that is not hidden on: `draw` is told which, counted from the first, and says which of the four
    /// nothing can be seen through any more, a bit for each.
    #[inline]
    pub(super) fn look(
        &mut self,
        column: usize,
        first: usize,
        n: usize,
        mut draw: impl FnMut(usize) -> Option<u64>,
    ) -> bool {
        let at = column * self.n_bytes + first / 8;
        let Some(bytes) = self.bits.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<8>()) else {
            return false;
        };
        let word = u64::from_le_bytes(*bytes);
        let shift = first % 8;
        let mut open = !(word >> shift) & ((1 << n.min(WINDOW)) - 1);
        if open == 0 {
            return false;
        }
        let mut opaque = 0;
        while open != 0 {
            let idx = open.trailing_zeros() as usize;
            opaque |= draw(idx).unwrap_or(0) << idx;
            open &= !(0xf << idx);
        }
        *bytes = (word | opaque << shift).to_le_bytes();
        true
    }
}

#[cfg(test)]
mod tests {
    //! Bits against a list of what they stand for.
    use super::*;
    use crate::raster::ink::Clip;
    use proptest::prelude::*;

    const N: usize = 3;

    proptest! {
        #[test]
        fn rows_that_are_not_hidden_are_drawn_and_others_are_not(
            height in 1usize..200,
            bars in proptest::collection::vec((0usize..N, 0usize..200, 1usize..=WINDOW, any::<u64>()), 1..30),
        ) {
            let mut touched = [(0, 0); N];
            let mut hidden = Hidden::default();
            hidden.fit(&Surface { pixels: &mut [], height, clip: Clip::default(), touched: &mut touched });
            // What the bits stand for, with room for three rows below the last.
            let mut is_opaque = vec![[false; 256]; N];
            for (column, first, n, makes) in bars {
                let first = first % height;
                let n = n.min(height - first);
                let before = is_opaque[column];
                let mut drawn = [false; 256];
                let is_seen = hidden.look(column, first, n, |idx| {
                    assert!(!before[first + idx], "row {idx} is hidden");
                    let four = makes >> idx & 0xf;
                    for lane in 0..4 {
                        drawn[first + idx + lane] = true;
                        is_opaque[column][first + idx + lane] |= four >> lane & 1 == 1;
                    }
                    Some(four)
                });
                prop_assert_eq!(is_seen, (first..first + n).any(|row| !before[row]));
                prop_assert!((first..first + n).all(|row| before[row] || drawn[row]));
            }
            hidden.clear();
            hidden.fit(&Surface { pixels: &mut [], height, clip: Clip::default(), touched: &mut touched });
            prop_assert!(hidden.look(0, 0, 1, |_| None));
        }
    }
}
