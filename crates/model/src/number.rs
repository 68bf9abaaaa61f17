//! Numbers as the field writes them: `+Inf`, `NaN`, `1e+06`.

use std::fmt::Write as _;

/// Writes a value as Prometheus' API and `count_values` do (Go's `strconv.FormatFloat(v, 'f', -1, 64)`):
/// the fewest digits that read back as the same value, never an exponent; `+Inf`, `-Inf`, `NaN`.
#[must_use]
pub fn format(v: f64) -> String {
    if v.is_nan() {
        "NaN".to_owned()
    } else if v.is_infinite() {
        if v > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() }
    } else {
        format!("{v}")
    }
}

/// Writes a value as metrics text and PromQL do (Go's `'g'` format with the fewest digits): an
/// exponent below 1e-4 and from 1e21 on, at least two digits long (`1e+21`, `2.5e-07`).
#[must_use]
pub fn format_short(v: f64) -> String {
    if !v.is_finite() || v == 0.0 || (1e-4..1e21).contains(&v.abs()) {
        return format(v);
    }
    with_exponent(v)
}

/// `1e+21`, `2.5e-07`: an exponent of at least two digits, with its sign.
fn with_exponent(v: f64) -> String {
    let text = format!("{v:e}");
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    let mut out = String::from(mantissa);
    let _ = write!(out, "e{sign}{digits:0>2}");
    out
}

/// Writes a value as Go's `%g` does, hence messages of Prometheus: the fewest digits that read back as
/// the same value, with an exponent below 1e-4 and from 1e6 on (`1e+06`, `1.234567e+06`).
#[must_use]
pub fn format_compact(v: f64) -> String {
    if !v.is_finite() || v == 0.0 || (1e-4..1e6).contains(&v.abs()) {
        return format(v);
    }
    with_exponent(v)
}

/// `1,234,567`: a count with a comma every three digits.
#[must_use]
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Reads a number of metrics text as Go's `strconv.ParseFloat` does: decimal or hexadecimal, with
/// `_` nowhere, `Inf`, `+Inf`, `-Inf`, `Infinity` and `NaN` in any case. A value too large for an f64
/// is an error there, and here.
#[must_use]
pub fn parse(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let negative = text.starts_with('-');
    let first = unsigned.bytes().next()?;
    if first.is_ascii_digit() || first == b'.' {
        if let Some(hex) = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
            return parse_hex(hex).map(|v| if negative { -v } else { v });
        }
        // Rust reads what Go reads here; a finite text that becomes infinite was out of range.
        return text.parse::<f64>().ok().filter(|v| v.is_finite());
    }
    if unsigned.eq_ignore_ascii_case("inf") || unsigned.eq_ignore_ascii_case("infinity") {
        return Some(if negative { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    // Go takes no sign before NaN.
    (text.eq_ignore_ascii_case("nan")).then_some(f64::NAN)
}

/// The part after `0x`: hexadecimal digits with an optional point, then a binary exponent `p±N`,
/// which Go demands for a float.
fn parse_hex(text: &str) -> Option<f64> {
    let (digits, exponent) = text.split_once(['p', 'P'])?;
    let exponent_digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if exponent_digits.is_empty() || !exponent_digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0f64;
    let mut scale = 0i32;
    for (idx, c) in whole.chars().chain(fraction.chars()).enumerate() {
        value = value * 16.0 + f64::from(c.to_digit(16)?);
        if idx >= whole.len() {
            scale -= 4;
        }
    }
    let value = value * libm_exp2(exponent.checked_add(scale)?);
    value.is_finite().then_some(value)
}

/// 2 to an integer power, exact, without std's `powi` (which differs between native and wasm32).
fn libm_exp2(exponent: i32) -> f64 {
    let step = if exponent < 0 { 0.5 } else { 2.0 };
    (0..exponent.unsigned_abs().min(2_200)).fold(1.0, |v, _| v * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_go_reads_them() {
        for (text, want) in [
            ("1", Some(1.0)),
            ("-1.5e3", Some(-1500.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("+Inf", Some(f64::INFINITY)),
            ("-infinity", Some(f64::NEG_INFINITY)),
            ("0x1p-2", Some(0.25)),
            ("0x1.8p1", Some(3.0)),
            ("", None),
            ("-", None),
            ("+", None),
            ("1e400", None),
            ("1_000", None),
            ("NaNs", None),
            ("-NaN", None),
            ("0x", None),
            (" 1", None),
        ] {
            assert_eq!(parse(text), want, "{text:?}");
        }
        assert!(parse("nan").is_some_and(f64::is_nan));
    }

    #[test]
    fn numbers_write_as_go_writes_them() {
        for (v, long, short) in [
            (1e6, "1000000", "1000000"),
            (1e21, "1000000000000000000000", "1e+21"),
            (2.5e-7, "0.00000025", "2.5e-07"),
            (0.1, "0.1", "0.1"),
            (-0.0, "-0", "-0"),
            (f64::NEG_INFINITY, "-Inf", "-Inf"),
        ] {
            assert_eq!(format(v), long);
            assert_eq!(format_short(v), short);
        }
        for (v, compact) in [(123_456.5, "123456.5"), (1e6, "1e+06"), (-1_234_567.0, "-1.234567e+06"), (1e-5, "1e-05")]
        {
            assert_eq!(format_compact(v), compact);
        }
    }
}
