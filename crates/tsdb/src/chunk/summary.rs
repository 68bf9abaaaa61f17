//! What is known of the floats of a chunk without decoding it: a few bytes in front of them.
//!
//! ```text
//! 0x10 if the extremes are written + length of the last float · [lengths of the least and the greatest, a half byte each]
//! · the last float · [the least · the greatest]
//! ```
//! Floats are written without the zeros at their end: most are whole numbers, and take three or four bytes. A chunk of a
//! constant is not summarised; the codec tells it by its first byte.

use super::extremes;
use crate::codec;

/// Of least and greatest NaN is left out; without a number they are infinite the wrong way round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) first: f64,
    pub(crate) last: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

const HAS_EXTREMES: u8 = 0x10;

/// A summary as it is written: the first float stands among the floats.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    pub(super) last: f64,
    /// If they are not the first and the last float, as they are of most counters.
    pub(super) extremes: Option<(f64, f64)>,
}

impl Summary {
    /// That of some floats.
    pub(super) fn of(vs: &[f64]) -> Option<Self> {
        let (&first, &last) = (vs.first()?, vs.last()?);
        let (min, max) = extremes(vs);
        Some(Summary { first, last, min, max })
    }

    /// The bytes of a chunk: the summary and the bytes of the codec.
    pub(super) fn with(self, floats: Vec<u8>) -> Box<[u8]> {
        if codec::is_constant(&floats) {
            return floats.into();
        }
        let Summary { first, last, min, max } = self;
        let rises = (min.to_bits(), max.to_bits()) == (first.to_bits(), last.to_bits());
        let mut bytes = Vec::with_capacity(26 + floats.len());
        if rises {
            bytes.push(len(last));
        } else {
            bytes.extend_from_slice(&[HAS_EXTREMES | len(last), len(min) | len(max) << 4]);
        }
        for v in [last, min, max].into_iter().take(if rises { 1 } else { 3 }) {
            bytes.extend_from_slice(&v.to_bits().to_be_bytes()[..usize::from(len(v))]);
        }
        bytes.extend_from_slice(&floats);
        bytes.into()
    }
}

/// How many bytes of a float are written.
fn len(v: f64) -> u8 {
    (8 - v.to_bits().trailing_zeros() / 8).min(8) as u8
}

/// The length of the summary of a chunk that is not constant.
pub(super) fn written_len(bytes: &[u8]) -> Option<usize> {
    let first = *bytes.first()?;
    let of_last = usize::from(first & 0xf);
    match first & 0xf0 {
        0 if of_last <= 8 => Some(1 + of_last),
        HAS_EXTREMES => {
            let second = *bytes.get(1)?;
            let (of_min, of_max) = (usize::from(second & 0xf), usize::from(second >> 4));
            (of_last.max(of_min).max(of_max) <= 8).then_some(2 + of_last + of_min + of_max)
        }
        _ => None,
    }
}

/// The summary of a chunk that is not constant.
pub(super) fn read(bytes: &[u8]) -> Option<Written> {
    let first = *bytes.first()?;
    let of_last = usize::from(first & 0xf);
    if first & HAS_EXTREMES == 0 {
        return Some(Written { last: float(bytes, 1, of_last)?, extremes: None });
    }
    let second = *bytes.get(1)?;
    let (of_min, of_max) = (usize::from(second & 0xf), usize::from(second >> 4));
    let last = float(bytes, 2, of_last)?;
    let min = float(bytes, 2 + of_last, of_min)?;
    let max = float(bytes, 2 + of_last + of_min, of_max)?;
    Some(Written { last, extremes: Some((min, max)) })
}

fn float(bytes: &[u8], start: usize, len: usize) -> Option<f64> {
    let mut word = [0; 8];
    word.get_mut(..len)?.copy_from_slice(bytes.get(start..start + len)?);
    Some(f64::from_bits(u64::from_be_bytes(word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(vs in prop::collection::vec(prop_oneof![
            any::<u64>().prop_map(f64::from_bits), (-100_i32..100).prop_map(f64::from), Just(-0.0), Just(0.0),
        ], 1..5)) {
            let mut floats = Vec::new();
            codec::encode_floats(&vs, &mut floats);
            let bytes = Summary::of(&vs).expect("there is one").with(floats.clone());
            if !codec::is_constant(&floats) {
                let start = written_len(&bytes).expect("a summary");
                prop_assert_eq!(&bytes[start..], &floats[..]);
                let Written { last, extremes: written } = read(&bytes).expect("a summary");
                prop_assert_eq!(last.to_bits(), vs[vs.len() - 1].to_bits());
                let (min, max) = written.unwrap_or((vs[0], last));
                let want = extremes(&vs);
                prop_assert_eq!((min.to_bits(), max.to_bits()), (want.0.to_bits(), want.1.to_bits()));
            }
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = (written_len(&bytes), read(&bytes));
        }
    }
}
