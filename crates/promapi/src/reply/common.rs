//! Readers of fields that several answers have.

use model::civil::Civil;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// `null` is empty.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// Times as RFC 3339, for `#[serde(with = "time")]`.
pub(super) mod time {
    use super::{Civil, Deserializer, time_ms};
    use serde::Serializer;

    pub(in crate::reply) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
        time_ms(from)
    }

    #[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
    pub(in crate::reply) fn serialize<S: Serializer>(ms: &Option<i64>, to: S) -> Result<S::Ok, S::Error> {
        match ms {
            Some(ms) => to.collect_str(&format_args!("{}Z", Civil::from_ms(*ms))),
            None => to.serialize_none(),
        }
    }
}

/// Numbers that need not be finite, for `#[serde(with = "float")]`.
pub(super) mod float {
    use super::{Deserializer, number};
    use serde::Serializer;

    pub(in crate::reply) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        number(from)
    }

    pub(in crate::reply) fn serialize<S: Serializer>(v: &f64, to: S) -> Result<S::Ok, S::Error> {
        // JSON has no such numbers.
        if v.is_finite() { to.serialize_f64(*v) } else { to.serialize_str(&model::number::format(*v)) }
    }
}

/// A time: RFC 3339, or seconds since the epoch as a number. Go's zero time (year 1) and what is no time is `None`.
fn time_ms<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    struct Read;
    impl Visitor<'_> for Read {
        type Value = Option<i64>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a time")
        }
        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(rfc3339_ms(text).filter(|ms| *ms > -60_000_000_000_000))
        }
        fn visit_f64<E: Error>(self, seconds: f64) -> Result<Self::Value, E> {
            Ok(Some((seconds * 1_000.0).round() as i64))
        }
        fn visit_u64<E: Error>(self, seconds: u64) -> Result<Self::Value, E> {
            Ok(i64::try_from(seconds).ok().map(|seconds| seconds.saturating_mul(1_000)))
        }
        fn visit_i64<E: Error>(self, seconds: i64) -> Result<Self::Value, E> {
            Ok(Some(seconds.saturating_mul(1_000)))
        }
        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    }
    from.deserialize_any(Read)
}

/// `2026-11-27T07:00:00.123456789+01:00`.
fn rfc3339_ms(text: &str) -> Option<i64> {
    let text = text.trim();
    let clock = text.find(['T', 't', ' '])?;
    let (local, offset_ms) = match text.get(clock..)?.rfind(['+', '-']) {
        Some(at) => {
            let (local, offset) = text.split_at(clock + at);
            let (hours, minutes) = offset.get(1..)?.split_once(':')?;
            let minutes = hours.parse::<i64>().ok()?.checked_mul(60)?.checked_add(minutes.parse::<i64>().ok()?)?;
            (local, if offset.starts_with('-') { -minutes } else { minutes }.checked_mul(60_000)?)
        }
        None => (text, 0),
    };
    Civil::parse(local).map(|civil| civil.to_ms().saturating_sub(offset_ms))
}

/// A number, which may stand in a text.
pub(super) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    struct Read;
    impl Visitor<'_> for Read {
        type Value = f64;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number")
        }
        fn visit_str<E: Error>(self, text: &str) -> Result<f64, E> {
            // Prometheus 2 writes the value of an alert as `1e+00`.
            model::number::parse(text).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
        }
        fn visit_f64<E: Error>(self, v: f64) -> Result<f64, E> {
            Ok(v)
        }
        fn visit_u64<E: Error>(self, v: u64) -> Result<f64, E> {
            Ok(v as f64)
        }
        fn visit_i64<E: Error>(self, v: i64) -> Result<f64, E> {
            Ok(v as f64)
        }
        fn visit_unit<E: Error>(self) -> Result<f64, E> {
            Ok(0.0)
        }
    }
    from.deserialize_any(Read)
}

/// A whole number, which may be negative, stand in a text, or be `null`.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    // What is below 0 or no number becomes 0.
    number(from).map(|v| v as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_any_offset() {
        for (text, want) in [
            ("1970-01-01T00:00:01Z", Some(1_000)),
            ("1970-01-01T01:00:01.5+01:00", Some(1_500)),
            ("1969-12-31T23:30:00.123456789-00:30", Some(123)),
            ("0001-01-01T00:00:00Z", Some(-62_135_596_800_000)),
            ("yesterday", None),
            ("2026-11-27", None),
            ("2026-11-27T00:00:00+x", None),
        ] {
            assert_eq!(rfc3339_ms(text), want, "{text}");
        }
    }
}
