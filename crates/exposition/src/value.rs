//! Numbers of metrics text, quickly: most are whole numbers or short decimals.

use model::number;

/// Powers of ten that an f64 holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// A number as both formats write it: decimal, `Inf` or `NaN` in any case; no hexadecimal, no `_`.
pub(crate) fn parse_value(text: &[u8]) -> Option<f64> {
    if let Some(v) = parse_short(text) {
        return Some(v);
    }
    // Prometheus refuses what Go would read as a hexadecimal number or as one with separators.
    if text.iter().any(|b| matches!(b, b'p' | b'P' | b'_' | b'x' | b'X')) {
        return None;
    }
    number::parse(std::str::from_utf8(text).ok()?)
}

/// Digits with at most one point, few enough that integer and power of ten are exact: their quotient then
/// is the nearest f64.
fn parse_short(text: &[u8]) -> Option<f64> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    let mut mantissa = 0u64;
    let mut point = None;
    for (idx, &b) in digits.iter().enumerate() {
        match b {
            b'0'..=b'9' => mantissa = mantissa * 10 + u64::from(b - b'0'),
            b'.' if point.is_none() => point = Some(idx),
            _ => return None,
        }
    }
    if mantissa >= 1 << 53 || (point.is_some() && digits.len() == 1) {
        return None;
    }
    let scale = point.map_or(0, |at| digits.len() - 1 - at);
    let v = mantissa as f64 / POWERS[scale];
    Some(if negative { -v } else { v })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn short_numbers_equal_those_of_the_standard_library(text in "-?[0-9]{0,12}\\.?[0-9]{0,12}(e-?[0-9]{1,2})?") {
            let want = text.parse::<f64>().ok().map(f64::to_bits);
            prop_assert_eq!(parse_value(text.as_bytes()).map(f64::to_bits), want, "{}", text);
        }
    }
}
