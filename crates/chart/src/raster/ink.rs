//! One pixel: how a colour that covers a part of it is laid over what is there.

use crate::pen::Fill;
use crate::theme::Rgb;

/// A part of the picture, in pixels; `right` and `bottom` lie outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clip {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) right: i32,
    pub(super) bottom: i32,
}

impl Clip {
    pub(super) fn is_empty(&self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }

    /// What lies in another too; where nothing does it is empty, and still within the other.
    pub(super) fn within(self, other: Clip) -> Clip {
        let (left, top) = (self.left.clamp(other.left, other.right), self.top.clamp(other.top, other.bottom));
        let (right, bottom) = (self.right.clamp(left, other.right), self.bottom.clamp(top, other.bottom));
        Clip { left, top, right, bottom }
    }
}

/// The picture as one stroke sees it.
pub(super) struct Surface<'a> {
    /// Column by column, multiplied by alpha: lines and areas are drawn column by column.
    pub(super) pixels: &'a mut [[u8; 4]],
    /// Of the whole picture.
    pub(super) height: usize,
    /// Invariant: lies within the picture.
    pub(super) clip: Clip,
    /// The rows that were drawn on, from and to (outside), of each column of the picture.
    pub(super) touched: &'a mut [(i32, i32)],
}

impl Surface<'_> {
    /// The pixels of some rows of a column, to be drawn on.
    #[inline]
    pub(super) fn column(&mut self, column: i32, top: i32, bottom: i32) -> &mut [[u8; 4]] {
        if let Some(touched) = self.touched.get_mut(column as usize) {
            *touched = (touched.0.min(top), touched.1.max(bottom));
        }
        let start = column as usize * self.height;
        self.pixels.get_mut(start + top as usize..start + bottom as usize).unwrap_or_default()
    }
}

/// All of a pixel.
pub(super) const WHOLE: u32 = 256;

/// Two of four channels, each with eight bits to spare.
const PAIR: u32 = 0x00ff_00ff;

/// Rounds both of a pair.
const HALF: u32 = 0x0080_0080;

/// A colour to draw with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ink {
    /// With all of its alpha.
    whole: [u8; 4],
    /// 0 to [`WHOLE`].
    alpha: u32,
    /// It goes under what is there.
    pub(super) is_under: bool,
}

impl Ink {
    pub(super) fn new(fill: Fill) -> Self {
        let Rgb(r, g, b) = fill.colour;
        let alpha = (fill.alpha.clamp(0.0, 1.0) * WHOLE as f32 + 0.5) as u32;
        Ink { whole: [r, g, b, 255], alpha, is_under: false }
    }

    pub(super) fn is_clear(self) -> bool {
        self.alpha == 0
    }

    /// Lays the colour over a pixel of which it covers a part, 0 to 1; the rest of the numbers count as the nearer end.
    #[inline]
    pub(super) fn cover(self, pixel: &mut [u8; 4], part: f32) {
        let part = if part < 1.0 { part } else { 1.0 };
        // A cast makes 0 of what is negative.
        self.mix(pixel, (part * WHOLE as f32 + 0.5) as u32);
    }

    /// Lays the colour over a pixel of which it covers so many 256ths.
    #[inline]
    pub(super) fn mix(self, pixel: &mut [u8; 4], part: u32) {
        let over = (part * self.alpha) >> 8;
        let (new, old) = (u32::from_le_bytes(self.whole), u32::from_le_bytes(*pixel));
        if self.is_under {
            *pixel = under(new, old, over).to_le_bytes();
            return;
        }
        let rest = WHOLE - over;
        let low = (new & PAIR) * over + (old & PAIR) * rest + HALF;
        let high = ((new >> 8) & PAIR) * over + ((old >> 8) & PAIR) * rest + HALF;
        *pixel = (((low >> 8) & PAIR) | (high & !PAIR)).to_le_bytes();
    }

    /// The same for four pixels at once: each is a lane of a processor's vector.
    #[inline]
    pub(super) fn mix_four(self, pixels: &mut [[u8; 4]; 4], parts: [u32; 4]) {
        let new = u32::from_le_bytes(self.whole);
        let mut old = [0; 4];
        for lane in 0..4 {
            old[lane] = u32::from_le_bytes(pixels[lane]);
        }
        let mut mixed = [0; 4];
        for lane in 0..4 {
            let over = (parts[lane] * self.alpha) >> 8;
            let rest = WHOLE - over;
            let low = (new & PAIR) * over + (old[lane] & PAIR) * rest + HALF;
            let high = ((new >> 8) & PAIR) * over + ((old[lane] >> 8) & PAIR) * rest + HALF;
            mixed[lane] = ((low >> 8) & PAIR) | (high & !PAIR);
        }
        for lane in 0..4 {
            pixels[lane] = mixed[lane].to_le_bytes();
        }
    }

    /// As [`Ink::mix_four`], under what is there. The answer has a bit for each pixel: whether nothing can be seen through
    /// it any more.
    #[inline]
    pub(super) fn mix_four_under(self, pixels: &mut [[u8; 4]; 4], parts: [u32; 4]) -> u64 {
        let new = u32::from_le_bytes(self.whole);
        let mut old = [0; 4];
        for lane in 0..4 {
            old[lane] = u32::from_le_bytes(pixels[lane]);
        }
        let mut mixed = [0; 4];
        for lane in 0..4 {
            mixed[lane] = under(new, old[lane], (parts[lane] * self.alpha) >> 8);
        }
        let mut opaque = 0;
        for lane in 0..4 {
            pixels[lane] = mixed[lane].to_le_bytes();
            opaque |= u64::from(mixed[lane] >= 255 << 24) << lane;
        }
        opaque
    }

    /// Covers pixels wholly.
    #[inline]
    pub(super) fn fill(self, pixels: &mut [[u8; 4]]) {
        if self.is_under {
            let (fours, rest) = pixels.as_chunks_mut();
            for four in fours {
                self.mix_four_under(four, [WHOLE; 4]);
            }
            rest.iter_mut().for_each(|pixel| self.mix(pixel, WHOLE));
        } else if self.alpha == WHOLE {
            pixels.fill(self.whole);
        } else {
            pixels.iter_mut().for_each(|pixel| self.mix(pixel, WHOLE));
        }
    }
}

/// `over` 256ths of the one under the other: as much of it as the other lets through. What covers a pixel wholly leaves
/// it opaque.
#[inline]
fn under(one: u32, other: u32, over: u32) -> u32 {
    let alpha = other >> 24;
    // 255 becomes 256.
    let part = (over * (WHOLE - (alpha + (alpha >> 7))) + 128) >> 8;
    let low = (one & PAIR) * part + HALF;
    let high = ((one >> 8) & PAIR) * part + HALF;
    other + (((low >> 8) & PAIR) | (high & !PAIR))
}

/// A pixel as it is shown: no longer multiplied by alpha. Without branches or tables, so that a processor does four at
/// once: the edges of a hundred lines are half of the pixels of a picture.
#[inline]
pub(super) fn straight(pixel: [u8; 4]) -> [u8; 4] {
    let pixel = u32::from_le_bytes(pixel);
    let alpha = pixel >> 24;
    let share = 255.0 / alpha as f32;
    // No channel is greater than alpha; where both are 0, NaN becomes 0.
    let channel = |shift: u32| (((pixel >> shift) & 0xff).min(alpha) as f32 * share + 0.5) as u32;
    (channel(0) | channel(8) << 8 | channel(16) << 16 | alpha << 24).to_le_bytes()
}

/// A pixel as it is seen on an opaque one.
#[inline]
pub(super) fn upon(pixel: [u8; 4], ground: [u8; 4]) -> [u8; 4] {
    let (pixel, ground) = (u32::from_le_bytes(pixel), u32::from_le_bytes(ground));
    let alpha = pixel >> 24;
    // 255 becomes 256.
    let rest = WHOLE - (alpha + (alpha >> 7));
    // Cut off, not rounded: with the pixel, no channel is over 255.
    let low = (ground & PAIR) * rest;
    let high = ((ground >> 8) & PAIR) * rest;
    (pixel.wrapping_add(((low >> 8) & PAIR) | (high & !PAIR)) | 255 << 24).to_le_bytes()
}

#[cfg(test)]
mod tests {
    //! Colours over colours against the same in floating point.
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn mixing_is_laying_over(
            under in proptest::array::uniform4(0u8..),
            (r, g, b) in (0u8.., 0u8.., 0u8..),
            part in 0u32..=256,
            alpha in 0.0f32..=1.0,
        ) {
            // No channel is greater than alpha.
            let under = [under[0].min(under[3]), under[1].min(under[3]), under[2].min(under[3]), under[3]];
            let ink = Ink::new(Fill { colour: Rgb(r, g, b), alpha });
            let mut pixel = under;
            ink.mix(&mut pixel, part);
            let over = f64::from(part) / 256.0 * f64::from((alpha * 256.0).round()) / 256.0;
            for (idx, new) in [r, g, b, 255].into_iter().enumerate() {
                let want = f64::from(new) * over + f64::from(under[idx]) * (1.0 - over);
                let got = f64::from(pixel[idx]);
                prop_assert!((got - want).abs() < 1.6, "channel {idx}: {got} of {want}");
            }
            prop_assert!(pixel[..3].iter().all(|v| *v <= pixel[3]));
            let mut four = [under; 4];
            ink.mix_four(&mut four, [0, part, part, 256]);
            let mut whole = under;
            ink.mix(&mut whole, 256);
            prop_assert_eq!(four, [under, pixel, pixel, whole]);
            let shown = straight(pixel);
            for idx in 0..3 {
                let back = f64::from(shown[idx]) * f64::from(pixel[3]) / 255.0;
                prop_assert!((back - f64::from(pixel[idx])).abs() <= 0.6, "{shown:?} of {pixel:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn under_is_over_the_other_way_round(
            fills in proptest::collection::vec(((0u8.., 0u8.., 0u8..), 0u32..=256, 0.0f32..=1.0), 1..6),
        ) {
            let ink = |((r, g, b), _, alpha): &((u8, u8, u8), u32, f32)| Ink::new(Fill { colour: Rgb(*r, *g, *b), alpha: *alpha });
            let (mut above, mut below, mut four) = ([0; 4], [0; 4], [[0; 4]; 4]);
            fills.iter().for_each(|fill| ink(fill).mix(&mut above, fill.1));
            for fill in fills.iter().rev() {
                let ink = Ink { is_under: true, ..ink(fill) };
                ink.mix(&mut below, fill.1);
                ink.mix_four_under(&mut four, [fill.1; 4]);
            }
            prop_assert!(above.iter().zip(&below).all(|(a, b)| a.abs_diff(*b) <= 6), "{above:?}, {below:?}");
            prop_assert_eq!(four, [below; 4]);
            if fills.iter().any(|(_, part, alpha)| *part == 256 && *alpha == 1.0) {
                prop_assert_eq!(below[3], 255);
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_seen_on_a_ground_is_laid_over_it(
            pixel in proptest::array::uniform4(0u8..),
            ground in proptest::array::uniform3(0u8..),
        ) {
            let alpha = pixel[3];
            let pixel = [pixel[0].min(alpha), pixel[1].min(alpha), pixel[2].min(alpha), alpha];
            let seen = upon(pixel, [ground[0], ground[1], ground[2], 255]);
            prop_assert_eq!(seen[3], 255);
            for idx in 0..3 {
                let want = f64::from(pixel[idx]) + f64::from(ground[idx]) * (1.0 - f64::from(alpha) / 255.0);
                prop_assert!((f64::from(seen[idx]) - want).abs() < 2.1, "{seen:?}, {want} at {idx}");
            }
            if alpha == 0 {
                prop_assert_eq!(&seen[..3], &ground[..]);
            }
        }
    }

    #[test]
    fn the_same_colour_stays_what_it_is() {
        let ink = Ink::new(Fill { colour: Rgb(1, 200, 77), alpha: 1.0 });
        for part in 0..=256 {
            let mut pixel = [1, 200, 77, 255];
            ink.mix(&mut pixel, part);
            assert_eq!(pixel, [1, 200, 77, 255]);
        }
    }
}
