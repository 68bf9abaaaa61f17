//! Whole numbers as bytes: their differences to a common base, packed in as few bits as a block of them needs.
//!
//! The numbers, or the steps between them, are divided by their greatest common divisor. A block of 32 of them has a base
//! and a width; what would need more bits than the others is listed by itself, which takes a fortieth off counters.
//!
//! ```text
//! how many numbers · order (0 numbers, 1 steps) · divisor · number to begin with · blocks
//! block: width, 0x80 if there are outliers · base, against the block before · packed differences
//!        · [number of outliers · (place · difference)…]
//! ```
//! All but the packed differences are bytes and LEB128 numbers.

use crate::bytes::{Reader, put_varint, unzigzag, zigzag};

/// Numbers a block.
pub(super) const BLOCK: usize = 32;
/// How many numbers of a block may be listed below and above the others.
const LOW: usize = 2;
const HIGH: usize = 4;
const HAS_OUTLIERS: u8 = 0x80;

/// Appends numbers as bytes.
pub(super) fn encode(numbers: &[i64], out: &mut Vec<u8>) {
    let Some(&first) = numbers.first() else { return };
    // The step to the first number is that to the second one: so the first block is like the others.
    let before = numbers.get(1).map_or(first, |second| first.wrapping_sub(second.wrapping_sub(first)));
    let mut steps = Vec::with_capacity(numbers.len());
    steps.push(first.wrapping_sub(before));
    steps.extend(numbers.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])));
    let divisor = divisor_of(&steps);
    if divisor > 1 {
        steps.iter_mut().for_each(|step| *step /= divisor);
    }
    let start = out.len();
    put_head(numbers.len(), 1, divisor, before, out);
    encode_blocks(&steps, 0, out);
    // The numbers themselves pack better if they go up and down. Most are of counters: a look at their extremes tells.
    let saved = (width_of(0, divisor) - 1) as usize * numbers.len();
    let plain_bits: usize = numbers.chunks(BLOCK).map(n_bits).sum();
    let step_bits: usize = steps.chunks(BLOCK).map(n_bits).sum();
    if plain_bits.saturating_sub(saved) > 2 * step_bits {
        return;
    }
    steps.clear();
    for &x in numbers {
        let Some(distance) = distance(x, first, divisor) else { return };
        steps.push(distance);
    }
    let mut plain = Vec::with_capacity(out.len() - start);
    put_head(numbers.len(), 0, divisor, first, &mut plain);
    encode_blocks(&steps, 0, &mut plain);
    if plain.len() < out.len() - start {
        out.truncate(start);
        out.extend_from_slice(&plain);
    }
}

/// Appends bytes of a list that is continued by other numbers, if it is one of whole blocks and the others fit in as they
/// are. `last` is its last number.
pub(super) fn append(mut list: Reader<'_>, last: i64, numbers: &[i64], out: &mut Vec<u8>) -> Option<()> {
    let (len, order, divisor, begin) = head(&mut list)?;
    if len % BLOCK != 0 {
        return None;
    }
    let blocks = list.rest();
    let mut base = 0;
    for _ in 0..len / BLOCK {
        skip_block(&mut list, &mut base)?;
    }
    let mut last = last;
    let mut steps = Vec::with_capacity(numbers.len());
    for &x in numbers {
        steps.push(distance(x, if order == 0 { begin } else { last }, divisor)?);
        last = x;
    }
    put_head(len + numbers.len(), order, divisor, begin, out);
    out.extend_from_slice(blocks);
    encode_blocks(&steps, base, out);
    Some(())
}

fn put_head(len: usize, order: u8, divisor: i64, begin: i64, out: &mut Vec<u8>) {
    put_varint(out, len as u64);
    out.push(order);
    put_varint(out, divisor as u64);
    put_varint(out, zigzag(begin));
}

fn head(reader: &mut Reader<'_>) -> Option<(usize, u8, i64, i64)> {
    let len = usize::try_from(reader.varint()?).ok()?;
    Some((len, reader.byte()?, reader.varint()? as i64, unzigzag(reader.varint()?)))
}

/// How far a number is from another, in divisors. Where steps are too large for their type, it need not be a whole number.
fn distance(x: i64, from: i64, divisor: i64) -> Option<i64> {
    let step = x.checked_sub(from)?;
    if divisor == 1 {
        return Some(step);
    }
    (step.checked_rem(divisor)? == 0).then(|| step / divisor)
}

/// The bits of a block without its head and outliers' places, about.
fn n_bits(block: &[i64]) -> usize {
    block.iter().min().zip(block.iter().max()).map_or(0, |(&min, &max)| width_of(min, max) as usize * block.len())
}

/// The bits of the numbers between two.
fn width_of(from: i64, to: i64) -> u32 {
    u64::BITS - (to.wrapping_sub(from) as u64).leading_zeros()
}

fn encode_blocks(numbers: &[i64], mut last_base: i64, out: &mut Vec<u8>) {
    for block in numbers.chunks(BLOCK) {
        let (base, width) = bounds(block);
        let is_outlier = |x: i64| width < 64 && (x < base || x.wrapping_sub(base) as u64 >> width != 0);
        let n_outliers = block.iter().filter(|&&x| is_outlier(x)).count();
        out.push(width as u8 | if n_outliers > 0 { HAS_OUTLIERS } else { 0 });
        put_varint(out, zigzag(base.wrapping_sub(last_base)));
        last_base = base;
        if width > 0 {
            pack(block.iter().map(|&x| if is_outlier(x) { 0 } else { x.wrapping_sub(base) as u64 }), width, out);
        }
        if n_outliers > 0 {
            out.push(n_outliers as u8);
            for (idx, &x) in block.iter().enumerate().filter(|&(_, &x)| is_outlier(x)) {
                out.push(idx as u8);
                put_varint(out, zigzag(x.wrapping_sub(base)));
            }
        }
    }
}

/// The base and the width that make a block the smallest.
fn bounds(block: &[i64]) -> (i64, u32) {
    let mut low = [i64::MAX; LOW];
    let mut high = [i64::MIN; HIGH];
    for &x in block {
        if x < low[LOW - 1] {
            insert(&mut low, x, |a, b| a < b);
        }
        if x > high[HIGH - 1] {
            insert(&mut high, x, |a, b| a > b);
        }
    }
    let all = width_of(low[0], high[0]);
    let cost_of_one = 15 + all as usize;
    let mut best = (low[0], all);
    let mut least = all as usize * block.len();
    for (n_low, &from) in low.iter().enumerate() {
        for (n_high, &to) in high.iter().enumerate() {
            if n_low + n_high >= block.len() || from > to {
                break;
            }
            let cost = width_of(from, to) as usize * block.len() + (n_low + n_high) * cost_of_one + 8;
            if n_low + n_high > 0 && cost < least {
                (least, best) = (cost, (from, width_of(from, to)));
            }
        }
    }
    best
}

/// Puts a number where it belongs; the last one goes.
fn insert(sorted: &mut [i64], x: i64, is_before: impl Fn(i64, i64) -> bool) {
    let Some(mut at) = sorted.len().checked_sub(1) else { return };
    while at > 0 && is_before(x, sorted[at - 1]) {
        sorted[at] = sorted[at - 1];
        at -= 1;
    }
    sorted[at] = x;
}

fn pack(offsets: impl Iterator<Item = u64>, width: u32, out: &mut Vec<u8>) {
    let (mut word, mut n_bits) = (0_u64, 0);
    for offset in offsets {
        word |= offset << n_bits;
        n_bits += width;
        if n_bits >= 64 {
            out.extend_from_slice(&word.to_le_bytes());
            n_bits -= 64;
            // What did not fit; nothing if all did.
            word = offset.checked_shr(width - n_bits).unwrap_or(0);
        }
    }
    out.extend_from_slice(&word.to_le_bytes()[..n_bits.div_ceil(8) as usize]);
}

/// Shows the first `n` numbers, block by block.
pub(super) fn decode(reader: &mut Reader<'_>, n: usize, mut show: impl FnMut(&[i64])) {
    let Some((mut len, order, divisor, begin)) = head(reader) else { return };
    let mut left = len.min(n);
    let (mut base, mut last) = (0_i64, begin);
    let mut block = [0_i64; BLOCK];
    while left > 0 {
        let Some(()) = read_block(reader, &mut base, len.min(BLOCK), &mut block) else { return };
        len -= len.min(BLOCK);
        if order == 0 {
            block.iter_mut().for_each(|x| *x = begin.wrapping_add(x.wrapping_mul(divisor)));
        } else {
            for x in &mut block {
                last = last.wrapping_add(x.wrapping_mul(divisor));
                *x = last;
            }
        }
        let n_shown = left.min(BLOCK);
        show(&block[..n_shown]);
        left -= n_shown;
    }
}

/// Goes past a whole block.
fn skip_block(reader: &mut Reader<'_>, base: &mut i64) -> Option<()> {
    let head = reader.byte()?;
    *base = base.wrapping_add(unzigzag(reader.varint()?));
    let n_packed = usize::from(head & !HAS_OUTLIERS).min(64) * BLOCK / 8;
    reader.take(n_packed)?;
    if head & HAS_OUTLIERS != 0 {
        for _ in 0..reader.byte()? {
            reader.byte()?;
            reader.varint()?;
        }
    }
    Some(())
}

/// Reads a block of `len` numbers; those after it in `block` are of no use.
fn read_block(reader: &mut Reader<'_>, base: &mut i64, len: usize, block: &mut [i64; BLOCK]) -> Option<()> {
    let head = reader.byte()?;
    *base = base.wrapping_add(unzigzag(reader.varint()?));
    let base = *base;
    let width = u32::from(head & !HAS_OUTLIERS).min(64);
    if width == 0 {
        block.fill(base);
    } else {
        let mut words = [0_u64; BLOCK + 1];
        fill_words(reader, (width as usize * len).div_ceil(8), &mut words)?;
        let mask = u64::MAX >> (64 - width);
        let mut bit = 0;
        for x in block.iter_mut() {
            // The mask changes nothing: it tells the compiler that no index is out of bounds.
            let (word, shift) = ((bit >> 6) & (BLOCK - 1), bit & 63);
            let both = words[word] >> shift | words[word + 1] << 1 << (63 - shift);
            *x = base.wrapping_add((both & mask) as i64);
            bit += width as usize;
        }
    }
    if head & HAS_OUTLIERS != 0 {
        for _ in 0..reader.byte()? {
            let (idx, offset) = (reader.byte()?, reader.varint()?);
            if let Some(x) = block.get_mut(usize::from(idx)) {
                *x = base.wrapping_add(unzigzag(offset));
            }
        }
    }
    Some(())
}

/// The greatest common divisor.
fn divisor_of(steps: &[i64]) -> i64 {
    let mut divisor = 0;
    for step in steps {
        divisor = gcd(step.unsigned_abs(), divisor);
        if divisor == 1 {
            break;
        }
    }
    i64::try_from(divisor).map_or(1, |divisor| divisor.max(1))
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Fills words from a number of bytes.
fn fill_words(reader: &mut Reader<'_>, n_bytes: usize, words: &mut [u64]) -> Option<()> {
    let (whole, tail) = reader.take(n_bytes)?.as_chunks();
    for (word, bytes) in words.iter_mut().zip(whole) {
        *word = u64::from_le_bytes(*bytes);
    }
    if let (Some(word), false) = (words.get_mut(whole.len()), tail.is_empty()) {
        let mut bytes = [0; 8];
        bytes[..tail.len()].copy_from_slice(tail);
        *word = u64::from_le_bytes(bytes);
    }
    Some(())
}

/// Whether bytes are those of a list of so many numbers, with nothing behind it: heads and lengths are looked at, numbers
/// are not decoded. Decoding such a list gives `n` numbers.
pub(super) fn is_whole(mut reader: Reader<'_>, n: usize) -> bool {
    let mut blocks = || {
        let (len, order, divisor, _) = head(&mut reader)?;
        if len != n || order > 1 || divisor == 0 {
            return None;
        }
        for start in (0..len).step_by(BLOCK) {
            let head = reader.byte()?;
            reader.varint()?;
            let width = usize::from(head & !HAS_OUTLIERS);
            if width > 64 {
                return None;
            }
            reader.take((width * BLOCK.min(len - start)).div_ceil(8))?;
            if head & HAS_OUTLIERS != 0 {
                for _ in 0..reader.byte()? {
                    reader.byte()?;
                    reader.varint()?;
                }
            }
        }
        Some(())
    };
    blocks().is_some() && reader.is_empty()
}
