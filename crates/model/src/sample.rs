//! One measured value, and the marker that says "this series ended here".

use crate::time::Timestamp;

/// The bits of the staleness marker, the same as Prometheus' (a signalling NaN that no exporter writes).
pub const STALE_NAN_BITS: u64 = 0x7ff0_0000_0000_0002;
/// The staleness marker. Compare with [`is_stale`], never with `==`.
pub const STALE_NAN: f64 = f64::from_bits(STALE_NAN_BITS);

/// Whether a value is the staleness marker, by its bits: an ordinary NaN is not.
///
/// Keep markers in Rust: JavaScript may change the bits of a NaN.
#[inline]
#[must_use]
pub fn is_stale(v: f64) -> bool {
    v.to_bits() == STALE_NAN_BITS
}

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When it was measured.
    pub t: Timestamp,
    /// The value.
    pub v: f64,
}
