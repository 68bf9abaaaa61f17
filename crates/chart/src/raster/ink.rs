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

    /// The least that holds both; neither is empty.
    pub(super) fn joined(self, other: Clip) -> Clip {
        Clip {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// The picture as one stroke sees it.
pub(super) struct Surface<'a> {
    pub(super) pixels: &'a mut [[u8; 4]],
    pub(super) width: usize,
    /// Invariant: lies within the picture.
    pub(super) clip: Clip,
}

impl Surface<'_> {
    /// Pixels of a row.
    #[inline]
    pub(super) fn row(&mut self, row: i32, left: i32, right: i32) -> &mut [[u8; 4]] {
        let start = row as usize * self.width;
        self.pixels.get_mut(start + left as usize..start + right as usize).unwrap_or_default()
    }
}

/// All of a pixel.
pub(super) const WHOLE: u32 = 256;

/// Two of four channels, each with eight bits to spare.
const PAIR: u32 = 0x00ff_00ff;

/// A colour to draw with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ink {
    /// With all of its alpha.
    whole: u32,
    /// 0 to [`WHOLE`].
    alpha: u32,
}

impl Ink {
    pub(super) fn new(fill: Fill) -> Self {
        let Rgb(r, g, b) = fill.colour;
        let alpha = (fill.alpha.clamp(0.0, 1.0) * WHOLE as f32 + 0.5) as u32;
        Ink { whole: u32::from_le_bytes([r, g, b, 255]), alpha }
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
        let over = if self.alpha == WHOLE { part } else { part * self.alpha / WHOLE };
        let under = u32::from_le_bytes(*pixel);
        let mixed = if over >= WHOLE {
            self.whole
        } else if under >= 0xff00_0000 {
            blend(self.whole, under, over)
        } else if over == 0 {
            return;
        } else if under < 0x0100_0000 {
            (self.whole & 0x00ff_ffff) | (part_of_255(over) << 24)
        } else {
            self.mix_with_clear(under, over)
        };
        *pixel = mixed.to_le_bytes();
    }

    /// Covers pixels wholly.
    #[inline]
    pub(super) fn fill(self, pixels: &mut [[u8; 4]]) {
        if self.alpha == WHOLE {
            pixels.fill(self.whole.to_le_bytes());
        } else {
            pixels.iter_mut().for_each(|pixel| self.mix(pixel, WHOLE));
        }
    }

    /// The same over what is neither opaque nor transparent.
    fn mix_with_clear(self, under: u32, over: u32) -> u32 {
        let kept = (under >> 24) * (WHOLE - over) / WHOLE;
        let over = part_of_255(over);
        let alpha = (over + kept).max(1);
        let channel = |shift: u32| {
            let (new, old) = ((self.whole >> shift) & 0xff, (under >> shift) & 0xff);
            ((new * over + old * kept + alpha / 2) / alpha) << shift
        };
        channel(0) | channel(8) | channel(16) | (alpha << 24)
    }
}

/// 256ths to 255ths.
#[inline]
fn part_of_255(part: u32) -> u32 {
    (part * 255 + 128) >> 8
}

/// `over` 256ths of the one and the rest of the other, all four channels, rounded.
#[inline]
fn blend(one: u32, other: u32, over: u32) -> u32 {
    const HALF: u32 = 0x0080_0080;
    let rest = WHOLE - over;
    let low = (one & PAIR) * over + (other & PAIR) * rest + HALF;
    let high = ((one >> 8) & PAIR) * over + ((other >> 8) & PAIR) * rest + HALF;
    ((low >> 8) & PAIR) | (high & !PAIR)
}

#[cfg(test)]
mod tests {
    //! Colours over colours against the same in floating point.
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn mixing_is_laying_over(
            under: [u8; 4],
            (r, g, b) in (0u8.., 0u8.., 0u8..),
            part in 0u32..=256,
            alpha in 0.0f32..=1.0,
        ) {
            let mut pixel = under;
            Ink::new(Fill { colour: Rgb(r, g, b), alpha }).mix(&mut pixel, part);
            let over = f64::from(part) / 256.0 * f64::from((alpha * 256.0).round()) / 256.0;
            let below = f64::from(under[3]) / 255.0 * (1.0 - over);
            let want_alpha = over + below;
            let got_alpha = f64::from(pixel[3]) / 255.0;
            prop_assert!((got_alpha - want_alpha).abs() < 0.012, "{got_alpha} of {want_alpha}");
            for (idx, new) in [r, g, b].into_iter().enumerate() {
                // What the eye gets of the channel.
                let want = f64::from(new) * over + f64::from(under[idx]) * below;
                let got = f64::from(pixel[idx]) * got_alpha;
                prop_assert!((got - want).abs() < 4.0, "channel {idx}: {got} of {want}");
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
