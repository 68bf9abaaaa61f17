//! Floats as bytes and back, the same bits: most are decimal numbers, and their steps are small whole ones.
//!
//! A list of floats becomes whole numbers: the floats times a power of ten where that loses nothing, their bits where it
//! does; [`blocks`] packs these. Floats that do not fit the power of ten (staleness markers, other NaNs, -0, infinities) are
//! listed by themselves.
//!
//! Why not the crate `pco` 1.1, which finds more in long lists: chunks are short, because a query decodes whole ones, and
//! times of decoding are times of queries. Measured on the generated data of the query benchmark (1,000 series, 6 h at
//! 15 s) and the recordings of an image gallery's exporters (62 samples a series) and of a demo service (238). Values
//! only; wasm with SIMD in Node (480 a chunk), of chunks that are not constant, on a machine that was busy all the time.
//!
//! | | this, 512 a chunk | pco level 8, 480 | pco level 8, 1,440 |
//! |---|---|---|---|
//! | generated data, bytes a sample | 0.985 | 1.056 | 1.009 |
//! | gallery | 0.417 | 0.491 | |
//! | demo service | 0.662 | 0.638 | |
//! | encode in wasm, M samples/s | 26 to 37 | 5 | 8 (960 a chunk) |
//! | decode in wasm, M samples/s | 334 to 383 | 73, without SIMD 94 | 126 (960 a chunk) |
//! | encode natively, M samples/s | 44 | 6 | 10 |
//! | decode natively, M samples/s | 415 | 124 | 157 |
//! | wasm with a frame that calls it, gzip | 13 kB | 145 kB | |

mod blocks;
mod histogram;

pub use histogram::{decode_histogram, encode_histogram};

use crate::bytes::{Reader, put_varint};

/// Numbers of this size and smaller are rounded by adding and subtracting [`MAGIC`].
const MAX_WHOLE: f64 = (1_i64 << 51) as f64;
/// At this size floats are whole, so adding it rounds.
const MAGIC: f64 = 1.5 * (1_i64 << 52) as f64;
const POWERS: [f64; 13] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12];

/// First byte of a list whose floats are all the same.
const CONSTANT: u8 = 0x80;
/// First byte of a list of the floats' bits; the others are powers of ten.
const BITS: u8 = 0x40;

/// Appends floats as bytes.
pub(crate) fn encode_floats(vs: &[f64], out: &mut Vec<u8>) {
    let Some(first) = vs.first() else { return };
    if vs.iter().all(|v| v.to_bits() == first.to_bits()) {
        // Of most constants the last bytes are zero.
        let bytes = first.to_bits().to_be_bytes();
        let n = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        out.push(CONSTANT);
        out.extend_from_slice(&bytes[..n]);
        return;
    }
    let mut whole = Vec::with_capacity(vs.len());
    match power_of(vs) {
        Some(power) => {
            out.push(power as u8);
            let mut odd = Vec::new();
            let mut last = 0;
            for (idx, &v) in vs.iter().enumerate() {
                match scaled(v, POWERS[power]) {
                    Some(number) => last = number,
                    None => odd.push((idx, v)),
                }
                whole.push(last);
            }
            put_varint(out, odd.len() as u64);
            for (idx, v) in odd {
                put_varint(out, idx as u64);
                out.extend_from_slice(&v.to_bits().to_le_bytes());
            }
        }
        None => {
            out.push(BITS);
            whole.extend(vs.iter().map(|v| flip(v.to_bits() as i64)));
        }
    }
    blocks::encode(&whole, out);
}

/// Appends the bytes of a list that is continued by other floats, if they fit in as they are; most do. `last` is the last
/// float of the list. That is many times faster than to decode and encode all. If `None`, what was appended is of no use.
pub(crate) fn append_floats(list: &[u8], last: f64, vs: &[f64], out: &mut Vec<u8>) -> Option<()> {
    let mut reader = Reader::new(list);
    let kind = reader.byte()?;
    let mut whole = Vec::with_capacity(vs.len());
    let last = match kind {
        CONSTANT => {
            out.extend_from_slice(list);
            return vs.iter().all(|v| v.to_bits() == last.to_bits()).then_some(());
        }
        BITS => {
            whole.extend(vs.iter().map(|v| flip(v.to_bits() as i64)));
            flip(last.to_bits() as i64)
        }
        power => {
            let scale = *POWERS.get(usize::from(power))?;
            for &v in vs {
                whole.push(scaled(v, scale)?);
            }
            skip_odd(&mut reader)?;
            scaled(last, scale)?
        }
    };
    out.extend_from_slice(list.get(..list.len() - reader.len())?);
    blocks::append(reader, last, &whole, out)
}

/// Goes past the floats that do not fit the power of ten.
fn skip_odd(reader: &mut Reader<'_>) -> Option<()> {
    for _ in 0..reader.varint()? {
        reader.varint().and(reader.word())?;
    }
    Some(())
}

/// Appends the first `n` floats of a list of at least as many. Bytes that [`encode_floats`] did not write give fewer, or
/// other ones.
pub(crate) fn decode_floats(bytes: &[u8], n: usize, out: &mut Vec<f64>) {
    let mut reader = Reader::new(bytes);
    let start = out.len();
    match reader.byte() {
        Some(CONSTANT) => {
            let bytes = std::array::from_fn(|_| reader.byte().unwrap_or(0));
            out.resize(start + n, f64::from_bits(u64::from_be_bytes(bytes)));
        }
        Some(BITS) => {
            blocks::decode(&mut reader, n, |whole| {
                out.extend(whole.iter().map(|&x| f64::from_bits(flip(x) as u64)));
            });
        }
        Some(power) => {
            let Some(&scale) = POWERS.get(usize::from(power)) else { return };
            let mut odd = reader.clone();
            let Some(()) = skip_odd(&mut reader) else { return };
            if power == 0 {
                blocks::decode(&mut reader, n, |whole| out.extend(whole.iter().map(|&x| x as f64)));
            } else {
                blocks::decode(&mut reader, n, |whole| out.extend(whole.iter().map(|&x| x as f64 / scale)));
            }
            let n_odd = odd.varint().unwrap_or(0);
            for _ in 0..n_odd {
                let (Some(idx), Some(bits)) = (odd.varint(), odd.word()) else { return };
                if let Some(slot) = out.get_mut(start.saturating_add(idx as usize)) {
                    *slot = f64::from_bits(bits);
                }
            }
        }
        None => {}
    }
}

/// Whether bytes are those of a list whose floats are all the same.
pub(crate) fn is_constant(bytes: &[u8]) -> bool {
    bytes.first() == Some(&CONSTANT)
}

/// Whether bytes are those of a list of so many floats. Decoding such a list gives `n` floats.
pub(crate) fn is_whole(bytes: &[u8], n: usize) -> bool {
    let mut reader = Reader::new(bytes);
    match reader.byte() {
        Some(CONSTANT) => reader.len() <= 8 && n > 0,
        Some(BITS) => blocks::is_whole(reader, n),
        Some(power) if usize::from(power) < POWERS.len() => {
            skip_odd(&mut reader).is_some() && blocks::is_whole(reader, n)
        }
        _ => false,
    }
}

/// Whether bytes are those of a list of so many times.
pub(crate) fn is_whole_times(bytes: &[u8], n: usize) -> bool {
    blocks::is_whole(Reader::new(bytes), n)
}

/// Appends times as bytes.
pub(crate) fn encode_times(ts: &[i64], out: &mut Vec<u8>) {
    blocks::encode(ts, out);
}

/// Appends the first `n` times of a list of at least as many.
pub(crate) fn decode_times(bytes: &[u8], n: usize, out: &mut Vec<i64>) {
    blocks::decode(&mut Reader::new(bytes), n, |whole| out.extend_from_slice(whole));
}

/// The least power of ten that makes nearly all floats whole.
fn power_of(vs: &[f64]) -> Option<usize> {
    // A look at a few tells that of most powers they are not.
    let every = (vs.len() / 8).max(1);
    let n_odd = |vs: &mut dyn Iterator<Item = &f64>, scale: f64| vs.filter(|&&v| scaled(v, scale).is_none()).count();
    (0..POWERS.len()).find(|&power| {
        let scale = POWERS[power];
        n_odd(&mut vs.iter().step_by(every), scale) <= 4 && n_odd(&mut vs.iter(), scale) * 16 <= vs.len()
    })
}

/// A float times a power of ten, if it is whole and the division gives the same bits.
#[inline]
fn scaled(v: f64, scale: f64) -> Option<i64> {
    let x = v * scale;
    // Not so for NaN.
    let is_small = x.abs() <= MAX_WHOLE;
    let number = ((x + MAGIC) - MAGIC) as i64;
    (is_small && (number as f64 / scale).to_bits() == v.to_bits()).then_some(number)
}

/// Orders the bits of floats as the floats are ordered; its own inverse.
#[inline]
fn flip(bits: i64) -> i64 {
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

#[cfg(test)]
mod tests {
    //! Bits of all kinds, in lists of any length, cut at any sample.
    use super::*;
    use proptest::prelude::*;

    fn bits(vs: &[f64]) -> Vec<u64> {
        vs.iter().map(|v| v.to_bits()).collect()
    }

    fn check(vs: &[f64]) {
        let mut bytes = Vec::new();
        encode_floats(vs, &mut bytes);
        for n in [vs.len(), vs.len() / 2, 1.min(vs.len()), vs.len().saturating_sub(1)] {
            let mut out = vec![7.0];
            decode_floats(&bytes, n, &mut out);
            assert_eq!(bits(&out[1..]), bits(&vs[..n]), "{n} of {vs:?}");
        }
    }

    /// Every way to write a list in two steps.
    fn check_append(vs: &[f64], n: usize) {
        let (before, added) = vs.split_at(n.min(vs.len()));
        let (mut list, mut bytes) = (Vec::new(), Vec::new());
        encode_floats(before, &mut list);
        if let Some(&last) = before.last()
            && append_floats(&list, last, added, &mut bytes).is_some()
        {
            let mut out = Vec::new();
            decode_floats(&bytes, vs.len(), &mut out);
            assert_eq!(bits(&out), bits(vs), "from {n} on");
        }
    }

    fn odd() -> impl Strategy<Value = f64> {
        prop::sample::select(vec![
            0x7ff0_0000_0000_0002_u64,
            0x7ff8_0000_0000_0001,
            0xfff8_0000_dead_beef,
            0x8000_0000_0000_0000,
            0,
            f64::INFINITY.to_bits(),
            f64::NEG_INFINITY.to_bits(),
            1,
            f64::MAX.to_bits(),
            f64::MIN.to_bits(),
            (MAX_WHOLE + 1.0).to_bits(),
            (-MAX_WHOLE).to_bits(),
        ])
        .prop_map(f64::from_bits)
    }

    fn float() -> impl Strategy<Value = f64> {
        prop_oneof![
            4 => any::<u64>().prop_map(f64::from_bits),
            2 => odd(),
            8 => (-5_000_i64..5_000).prop_map(|x| x as f64 / 100.0),
            8 => (0_i64..1 << 55).prop_map(|x| x as f64),
        ]
    }

    fn list() -> impl Strategy<Value = Vec<f64>> {
        let few_odd = (proptest::collection::vec((0_i64..1_000, 0_u8..40, odd()), 0..600), 0_usize..6, 1_i64..9_000)
            .prop_map(|(steps, power, by)| {
                let mut x = 0;
                let each = steps.into_iter().map(|(step, kind, odd)| {
                    x += step * by;
                    match kind {
                        0 => odd,
                        1 => {
                            x = 0;
                            0.0
                        }
                        2 => {
                            x += step * 1_000_003;
                            x as f64 / POWERS[power]
                        }
                        _ => x as f64 / POWERS[power],
                    }
                });
                each.collect()
            });
        prop_oneof![
            proptest::collection::vec(float(), 0..200),
            few_odd,
            (float(), 0_usize..300).prop_map(|(v, n)| vec![v; n]),
            proptest::collection::vec(0.0..1.0, 0..200),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]
        #[test]
        fn floats_come_back_with_the_same_bits(vs in list()) {
            check(&vs);
            for n in 0..10 {
                check_append(&vs, n * blocks::BLOCK);
            }
            check_append(&vs, vs.len() / 3);
        }

        #[test]
        fn times_come_back(ts in prop_oneof![
            proptest::collection::vec(any::<i64>(), 0..200),
            proptest::collection::vec(prop_oneof![8 => Just(15_000_i64), 1 => 14_997_i64..15_004, 1 => 0_i64..1 << 40], 0..600)
                .prop_map(|steps| steps.iter().scan(1_735_689_600_000, |t, step| { *t += step; Some(*t) }).collect()),
        ]) {
            let mut bytes = Vec::new();
            encode_times(&ts, &mut bytes);
            for n in [ts.len(), ts.len() / 2] {
                let mut out = Vec::new();
                decode_times(&bytes, n, &mut out);
                prop_assert_eq!(&out[..], &ts[..n]);
            }
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), n in 0_usize..600) {
            decode_floats(&bytes, n, &mut Vec::new());
            append_floats(&bytes, n as f64, &[1.0; 32], &mut Vec::new());
            decode_times(&bytes, n, &mut Vec::new());
        }
    }
}
