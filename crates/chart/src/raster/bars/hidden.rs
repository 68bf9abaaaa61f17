//! Which pixels nothing can be seen through any more. Of a thousand lines that are drawn under each other two of three bars
//! lie wholly behind others. One bit a pixel says so, and the pixels need not be fetched: to wait for them is half of the
//! time that bars take.

use crate::raster::ink::Surface;

/// A bit for each pixel of a picture, column by column.
#[derive(Clone, Debug, Default)]
pub(super) struct Hidden {
    bits: Vec<u64>,
    /// Of a column.
    n_words: usize,
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
            (self.height, self.n_words) = (surface.height, surface.height.div_ceil(64));
            self.bits.clear();
        }
        self.bits.resize(self.n_words * n_columns, 0);
    }

    /// Whether all of these rows of a column are hidden; `end` lies outside. There is one row or more.
    #[inline]
    pub(super) fn holds(&self, column: usize, first: usize, end: usize) -> bool {
        let at = column * self.n_words + first / 64;
        let n = end.saturating_sub(first);
        if first % 64 + n <= 64 {
            // Nearly all bars are this short.
            let mask = u64::MAX.wrapping_shr(64 - n as u32) << (first % 64);
            return self.bits.get(at).is_some_and(|word| !word & mask == 0);
        }
        let base = column * self.n_words;
        (first / 64..end.div_ceil(64)).all(|word_idx| {
            let mask = rows_of(word_idx, first, end);
            self.bits.get(base + word_idx).is_some_and(|word| !word & mask == 0)
        })
    }

    /// Looks at pixels that were drawn on, from row `first` of a column on.
    pub(super) fn add(&mut self, column: usize, first: usize, pixels: &[[u8; 4]]) {
        let base = column * self.n_words;
        let mut row = first;
        let mut rest = pixels;
        while !rest.is_empty() {
            // As many as the word has room for.
            let (part, others) = rest.split_at(rest.len().min(64 - row % 64));
            let bits = (row % 64..).zip(part).fold(0, |bits, (bit, pixel)| bits | (u64::from(pixel[3] == 255) << bit));
            if let Some(word) = self.bits.get_mut(base + row / 64) {
                *word |= bits;
            }
            row += part.len();
            rest = others;
        }
    }
}

/// The bits of those rows from `first` to `end` (outside) that lie in a word.
fn rows_of(word_idx: usize, first: usize, end: usize) -> u64 {
    let from = first.max(word_idx * 64) - word_idx * 64;
    let to = end.min(word_idx * 64 + 64) - word_idx * 64;
    u64::MAX.wrapping_shr(64 - (to - from) as u32) << from
}

#[cfg(test)]
mod tests {
    //! Bits against the pixels that they stand for.
    use super::*;
    use crate::raster::ink::Clip;
    use proptest::prelude::*;

    const N: usize = 3;

    proptest! {
        #[test]
        fn rows_are_hidden_if_all_of_their_pixels_are_opaque(
            height in 1usize..200,
            opaque in proptest::collection::vec((0usize..N, 0usize..200, 1usize..150), 1..6),
            asked in proptest::collection::vec((0usize..N, 0usize..200, 1usize..150), 1..20),
        ) {
            let mut pixels = vec![[9, 9, 9, 254]; N * height];
            let mut touched = [(0, 0); N];
            let mut hidden = Hidden::default();
            hidden.fit(&Surface { pixels: &mut [], height, clip: Clip::default(), touched: &mut touched });
            let rows = |(column, first, n): (usize, usize, usize)| {
                let first = first % height;
                (column * height, first, (first + n).min(height))
            };
            for bar in opaque {
                let (base, first, end) = rows(bar);
                pixels[base + first..base + end].fill([1, 2, 3, 255]);
                // More is looked at than was drawn on.
                hidden.add(bar.0, first / 2, &pixels[base + first / 2..base + end]);
            }
            for bar in asked {
                let (base, first, end) = rows(bar);
                let want = pixels[base + first..base + end].iter().all(|pixel| pixel[3] == 255);
                prop_assert_eq!(hidden.holds(bar.0, first, end), want, "{} to {}", first, end);
            }
            hidden.clear();
            prop_assert!(!hidden.holds(0, 0, 1));
        }
    }
}
