//! A small line over the last scrapes: a picture without axes, beside the table that says the same.

use std::fmt::Write as _;

/// The path of a line through values, evenly spaced over a width, 0 at the bottom and the greatest at the top. What is no
/// number, or below 0, leaves a gap.
#[must_use]
pub fn line(values: &[f64], width: f64, height: f64) -> String {
    let is_shown = |v: &f64| v.is_finite() && *v >= 0.0;
    let max = values.iter().copied().filter(|v| is_shown(v)).fold(0.0, f64::max);
    let mut out = String::new();
    let mut is_drawing = false;
    for (idx, v) in values.iter().enumerate() {
        if !is_shown(v) {
            is_drawing = false;
            continue;
        }
        let y = if max > 0.0 { height - v / max * height } else { height };
        let command = if is_drawing { 'L' } else { 'M' };
        let _ = write!(out, "{command}{:.1} {y:.1}", x(idx, values.len(), width));
        if !is_drawing {
            // A value alone between gaps is a dot.
            out.push_str("h.1");
        }
        is_drawing = true;
    }
    out
}

/// The path of upright strokes where something is so.
#[must_use]
pub fn strokes(flags: &[bool], width: f64, height: f64) -> String {
    let mut out = String::new();
    for (idx, _) in flags.iter().enumerate().filter(|(_, flag)| **flag) {
        let _ = write!(out, "M{:.1} 0v{height}", x(idx, flags.len(), width));
    }
    out
}

fn x(idx: usize, len: usize, width: f64) -> f64 {
    let last = len.saturating_sub(1).max(1);
    idx as f64 / last as f64 * width
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_value_is_at_the_top_and_what_is_missing_is_a_gap() {
        assert_eq!(line(&[0.0, 1.0, 2.0], 10.0, 4.0), "M0.0 4.0h.1L5.0 2.0L10.0 0.0");
        assert_eq!(line(&[1.0, f64::NAN, 1.0], 10.0, 4.0), "M0.0 0.0h.1M10.0 0.0h.1");
        assert_eq!(line(&[0.0], 10.0, 4.0), "M0.0 4.0h.1");
        assert_eq!(line(&[], 10.0, 4.0), "");
        assert_eq!(strokes(&[true, false, true], 10.0, 4.0), "M0.0 0v4M10.0 0v4");
    }
}
