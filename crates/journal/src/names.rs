//! What series are called, and what is said about families, as bytes.
//!
//! ```text
//! series:    how many, each: number (signed, against the one before) · how many labels, each: name · value
//! text:      0 · bytes of a new text, or 1 + the number of an earlier one of the same list
//! families:  how many, each: name · kind · help · unit
//! exemplars: how many, each: number of the series · time (signed, against the one before) · 1 if the time is its own
//!            · bits of the value · how many labels, each: name · value (without numbers of earlier texts)
//! ```

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use model::{Exemplar, Labels, MetricFamily, MetricKind, Timestamp};
use tsdb::bytes::{Reader, put_bits, put_bytes, put_signed, put_varint};

/// The labels of the series of one list have at most so many bytes: a text that is named again and again must not fill the
/// memory. Lists are of thousands of series.
const MAX_TEXT: usize = 1 << 28;

/// Appends names of series.
pub(crate) fn put_series<'a>(out: &mut Vec<u8>, series: &[(u32, &'a Labels)]) {
    put_varint(out, series.len() as u64);
    let mut texts: HashMap<&'a str, u32, FixedState> = HashMap::default();
    let mut last = 0;
    for &(number, labels) in series {
        put_signed(out, i64::from(number) - last);
        last = i64::from(number);
        put_varint(out, labels.len() as u64);
        for text in labels.iter().flat_map(|(name, value)| [name, value]) {
            let next = texts.len() as u32 + 1;
            match texts.get(text) {
                Some(&known) => put_varint(out, u64::from(known)),
                None => {
                    texts.insert(text, next);
                    out.push(0);
                    put_bytes(out, text.as_bytes());
                }
            }
        }
    }
}

/// Reads names of series and shows each; `None` at what was never written.
pub(crate) fn read_series(reader: &mut Reader<'_>, mut show: impl FnMut(u32, Labels)) -> Option<()> {
    let mut texts: Vec<&str> = Vec::new();
    let mut last = 0_i64;
    let mut pairs = Vec::new();
    let mut n_bytes = 0;
    for _ in 0..reader.count()? {
        last = last.checked_add(reader.signed()?)?;
        pairs.clear();
        for _ in 0..reader.count()? {
            let mut text = || {
                let known = reader.varint()?;
                if known == 0 {
                    texts.push(reader.text()?);
                    return texts.last().copied();
                }
                texts.get(usize::try_from(known - 1).ok()?).copied()
            };
            let pair = (text()?, text()?);
            n_bytes += pair.0.len() + pair.1.len();
            if n_bytes > MAX_TEXT {
                return None;
            }
            pairs.push(pair);
        }
        show(u32::try_from(last).ok()?, Labels::from_sorted(pairs.iter().copied())?);
    }
    Some(())
}

/// Appends families.
pub(crate) fn put_families<'a>(out: &mut Vec<u8>, families: impl ExactSizeIterator<Item = &'a MetricFamily>) {
    put_varint(out, families.len() as u64);
    for family in families {
        put_bytes(out, family.name.as_bytes());
        out.push(MetricKind::ALL.iter().position(|kind| *kind == family.kind).unwrap_or(0) as u8);
        put_bytes(out, family.help.as_bytes());
        put_bytes(out, family.unit.as_bytes());
    }
}

/// Reads families and shows each.
pub(crate) fn read_families(reader: &mut Reader<'_>, mut show: impl FnMut(MetricFamily)) -> Option<()> {
    for _ in 0..reader.count()? {
        show(MetricFamily {
            name: reader.text()?.to_owned(),
            kind: *MetricKind::ALL.get(usize::from(reader.byte()?))?,
            help: reader.text()?.to_owned(),
            unit: reader.text()?.to_owned(),
        });
    }
    Some(())
}

/// Appends exemplars with the numbers of their series.
pub(crate) fn put_exemplars<'a>(
    out: &mut Vec<u8>,
    exemplars: impl ExactSizeIterator<Item = (u32, Timestamp, &'a Exemplar)>,
) {
    put_varint(out, exemplars.len() as u64);
    let mut last = 0_i64;
    for (number, at, exemplar) in exemplars {
        put_varint(out, u64::from(number));
        put_signed(out, at.0.wrapping_sub(last));
        last = at.0;
        out.push(u8::from(exemplar.t.is_some()));
        put_bits(out, exemplar.v.to_bits());
        put_varint(out, exemplar.labels.len() as u64);
        for (name, value) in &exemplar.labels {
            put_bytes(out, name.as_bytes());
            put_bytes(out, value.as_bytes());
        }
    }
}

/// Reads exemplars and shows each.
pub(crate) fn read_exemplars(reader: &mut Reader<'_>, mut show: impl FnMut(u32, Timestamp, Exemplar)) -> Option<()> {
    let mut at = 0_i64;
    let mut pairs = Vec::new();
    for _ in 0..reader.count()? {
        let number = u32::try_from(reader.varint()?).ok()?;
        at = at.wrapping_add(reader.signed()?);
        let is_own = reader.byte()? != 0;
        let v = f64::from_bits(reader.bits()?);
        pairs.clear();
        for _ in 0..reader.count()? {
            pairs.push((reader.text()?, reader.text()?));
        }
        let labels = Labels::from_sorted(pairs.iter().copied())?;
        show(number, Timestamp(at), Exemplar { labels, v, t: is_own.then_some(Timestamp(at)) });
    }
    Some(())
}
