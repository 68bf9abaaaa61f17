//! What a number counts, and what becomes of that when numbers are added, multiplied and divided.

use chart::Unit;
use chart::format::Base;
use promql::Expr;

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// Nobody says.
    Vague {
        /// But so much of it in a second.
        per_second: bool,
    },
    /// How many series or samples, or whether something holds: 1 or 0. As a factor it changes no unit.
    Number,
    /// A number in the query's text, if it is known which: it takes the unit of what it is added to.
    Constant(Option<f64>),
    /// A point in time, in seconds.
    Instant,
    /// So much of a unit. Things that are counted have [`Base::Count`].
    Of(Unit),
    /// So many times as much of a unit as there is, on the way to one that has a name: `100 * a / b`.
    Times(f64, Unit),
}

/// Both sides have units, and not the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mixed {
    /// The unit of the left side.
    pub left: Unit,
    /// The unit of the right side.
    pub right: Unit,
}

impl Quantity {
    /// Nobody says.
    pub const VAGUE: Quantity = Quantity::Vague { per_second: false };

    /// The unit that is shown.
    pub fn unit(self) -> Unit {
        match self {
            Quantity::Of(unit) => unit.reduced(),
            Quantity::Vague { per_second: true } => Unit::PerSecond,
            _ => Unit::None,
        }
    }

    /// Whether it is so much of something in a second.
    pub fn is_per_second(self) -> bool {
        matches!(self, Quantity::Vague { per_second: true } | Quantity::Of(Unit { per_second: true, .. }))
    }

    /// How fast it changes.
    pub fn per_second(self) -> Self {
        match self {
            Quantity::Of(unit) if !unit.per_second => Quantity::Of(Unit::rate_of(unit.base)),
            Quantity::Times(factor, unit) if !unit.per_second => Quantity::Times(factor, Unit::rate_of(unit.base)),
            Quantity::Vague { per_second: false } => Quantity::Vague { per_second: true },
            Quantity::Number => Quantity::Of(Unit::PerSecond),
            _ => Quantity::VAGUE,
        }
    }

    /// A factor that is written as a duration (`5m`) counts seconds.
    pub fn or_duration(self, expr: &Expr) -> Self {
        match expr.unwrap_parens() {
            Expr::Number(number) if number.is_duration => Quantity::Of(Unit::Seconds),
            _ => self,
        }
    }

    /// One of the two: what a union or a choice has.
    pub fn beside(self, other: Self) -> Result<Self, Mixed> {
        match (self, other) {
            (Quantity::Constant(a), Quantity::Constant(b)) => Ok(Quantity::Constant(a.filter(|a| b == Some(*a)))),
            (Quantity::Constant(_), one) | (one, Quantity::Constant(_)) => Ok(one),
            (Quantity::Of(a), Quantity::Of(b)) if a.reduced() == b.reduced() => Ok(Quantity::Of(a)),
            (Quantity::Of(a), Quantity::Of(b)) => {
                let (left, right) = (a.reduced(), b.reduced());
                // Of what has no unit in its name nobody knows that it has none.
                if left.base == Base::Count || right.base == Base::Count {
                    Ok(Quantity::VAGUE)
                } else {
                    Err(Mixed { left, right })
                }
            }
            (a, b) if a == b => Ok(a),
            (Quantity::Number, Quantity::Of(unit)) | (Quantity::Of(unit), Quantity::Number) if unit == Unit::None => {
                Ok(Quantity::Of(unit))
            }
            _ => Ok(Quantity::VAGUE),
        }
    }

    /// Their sum.
    pub fn plus(self, other: Self) -> Result<Self, Mixed> {
        match (self, other) {
            (Quantity::Constant(a), Quantity::Constant(b)) => Ok(both(a, b, |a, b| a + b)),
            (Quantity::Instant, Quantity::Of(unit)) | (Quantity::Of(unit), Quantity::Instant)
                if unit == Unit::Seconds =>
            {
                Ok(Quantity::Instant)
            }
            (Quantity::Instant, Quantity::Instant) => Ok(Quantity::VAGUE),
            _ => self.beside(other),
        }
    }

    /// Their difference.
    pub fn minus(self, other: Self) -> Result<Self, Mixed> {
        match (self, other) {
            (Quantity::Constant(a), Quantity::Constant(b)) => Ok(both(a, b, |a, b| a - b)),
            // How long something is ago. Names of points in time are not always told from names of lengths.
            (Quantity::Instant, Quantity::Instant | Quantity::Vague { .. } | Quantity::Of(Unit::Seconds)) => {
                Ok(Quantity::Of(Unit::Seconds))
            }
            _ => self.beside(other),
        }
    }

    /// Their product.
    pub fn times(self, other: Self) -> Self {
        match (self, other) {
            (Quantity::Constant(a), Quantity::Constant(b)) => both(a, b, |a, b| a * b),
            (Quantity::Constant(factor), one) | (one, Quantity::Constant(factor)) => one.scaled(factor),
            (Quantity::Instant, _) | (_, Quantity::Instant) => Quantity::VAGUE,
            (Quantity::Number, one) | (one, Quantity::Number) => one,
            (Quantity::Times(factor, a), other) | (other, Quantity::Times(factor, a)) => {
                Quantity::Of(a).times(other).scaled(Some(factor))
            }
            (Quantity::Of(a), Quantity::Of(b)) => product(a, b).or_else(|| product(b, a)).unwrap_or(Quantity::VAGUE),
            (Quantity::Vague { per_second: true }, Quantity::Of(Unit::Seconds))
            | (Quantity::Of(Unit::Seconds), Quantity::Vague { per_second: true }) => Quantity::VAGUE,
            (vague @ Quantity::Vague { .. }, Quantity::Of(Unit::Ratio))
            | (Quantity::Of(Unit::Ratio), vague @ Quantity::Vague { .. }) => vague,
            (Quantity::Vague { .. }, _) | (_, Quantity::Vague { .. }) => Quantity::VAGUE,
        }
    }

    /// Their quotient.
    pub fn over(self, other: Self) -> Self {
        match (self, other) {
            (Quantity::Constant(a), Quantity::Constant(b)) => both(a, b, |a, b| a / b),
            (one, Quantity::Constant(divisor)) => one.scaled(divisor.map(|v| 1.0 / v)),
            (Quantity::Instant | Quantity::Constant(_), _) | (_, Quantity::Instant) => Quantity::VAGUE,
            (Quantity::Number, Quantity::Number) => Quantity::Of(Unit::Ratio),
            // So much of it for each series.
            (one, Quantity::Number) => one,
            (Quantity::Times(factor, a), other) => Quantity::Of(a).over(other).scaled(Some(factor)),
            (one, Quantity::Times(factor, b)) => one.over(Quantity::Of(b)).scaled(Some(1.0 / factor)),
            (Quantity::Of(a), Quantity::Of(b)) => quotient(a, b).unwrap_or(Quantity::VAGUE),
            (Quantity::Vague { per_second }, Quantity::Of(b)) if b.base == Base::Count => {
                Quantity::Vague { per_second: per_second && !b.per_second }
            }
            (Quantity::Vague { per_second: false }, Quantity::Of(Unit::Seconds)) => {
                Quantity::Vague { per_second: true }
            }
            _ => Quantity::VAGUE,
        }
    }

    /// What is left of a division.
    pub fn modulo(self, other: Self) -> Self {
        match (self, other) {
            (Quantity::Constant(_), _) => Quantity::VAGUE,
            (Quantity::Instant, _) => Quantity::VAGUE,
            (one, Quantity::Constant(_)) => one,
            (one, other) if one == other => one,
            _ => Quantity::VAGUE,
        }
    }

    /// A power. Of constants only whole ones are computed: they are what stands in queries (`1024 ^ 2`).
    pub fn power(self, other: Self) -> Self {
        match (self, other) {
            (Quantity::Constant(Some(base)), Quantity::Constant(Some(exponent)))
                if exponent.fract() == 0.0 && (0.0..=64.0).contains(&exponent) =>
            {
                Quantity::Constant(Some((0..exponent as u32).fold(1.0, |power, _| power * base)))
            }
            (Quantity::Constant(_), Quantity::Constant(_)) => Quantity::Constant(None),
            (one, Quantity::Constant(Some(1.0))) => one,
            _ => Quantity::VAGUE,
        }
    }

    /// So many times as much: another unit of the same where there is one.
    fn scaled(self, factor: Option<f64>) -> Self {
        let Some(factor) = factor.filter(|factor| factor.is_finite() && *factor != 0.0) else {
            return Quantity::VAGUE;
        };
        if factor.abs() == 1.0 {
            return self;
        }
        let (unit, factor) = match self {
            Quantity::Of(unit) => (unit, factor),
            Quantity::Times(before, unit) => (unit, before * factor),
            _ => return Quantity::VAGUE,
        };
        let is = |wanted: f64| (factor.abs() - wanted).abs() <= wanted * 1e-9;
        let base = match unit.base {
            base if is(1.0) => Some(base),
            Base::Ratio if is(100.0) => Some(Base::Percent),
            // Seconds a second are a part of one.
            Base::Seconds if unit.per_second && is(100.0) => return Quantity::Of(Unit::Percent),
            Base::Percent if is(0.01) => Some(Base::Ratio),
            Base::Bytes if is(8.0) => Some(Base::Bits),
            Base::Bits if is(0.125) => Some(Base::Bytes),
            base => base.seconds().and_then(|seconds| Base::of_seconds(seconds / factor.abs())),
        };
        base.map_or(Quantity::Times(factor, unit), |base| Quantity::Of(Unit { base, ..unit }))
    }
}

fn both(a: Option<f64>, b: Option<f64>, f: fn(f64, f64) -> f64) -> Quantity {
    Quantity::Constant(a.zip(b).map(|(a, b)| f(a, b)))
}

/// The product of two units, if the first is the one that says what becomes of the second.
fn product(a: Unit, b: Unit) -> Option<Quantity> {
    let unit = match (a, b) {
        // Requests a second times seconds a request; so much a second for so long.
        (Unit { base, per_second: true }, Unit::Seconds) => Unit::of(base),
        (Unit::Ratio | Unit::None, _) => b,
        (Unit::PerSecond, Unit { base, per_second: false }) => Unit::rate_of(base),
        (Unit { base: Base::Watts, per_second: false }, Unit::Seconds) => Unit::of(Base::Joules),
        (Unit { base: Base::Volts, per_second: false }, Unit { base: Base::Amperes, per_second: false }) => {
            Unit::of(Base::Watts)
        }
        _ => return None,
    };
    Some(Quantity::Of(unit))
}

fn quotient(a: Unit, b: Unit) -> Option<Quantity> {
    let unit = match (a, b) {
        (a, b) if a == b => Unit::Ratio,
        // How long it lasts, and how often it is used up in a second.
        (a, b) if a.base == b.base && b.per_second => Unit::Seconds,
        (a, b) if a.base == b.base => {
            debug_assert!(a.per_second, "they are not equal");
            Unit::PerSecond
        }
        (a, Unit::Ratio) => a,
        // Seconds a second over requests a second are seconds a request.
        (a, Unit { base: Base::Count, per_second }) if a.per_second == per_second => Unit::of(a.base),
        (a, Unit::None) => a,
        (Unit { base, per_second: false }, Unit::Seconds) => Unit::rate_of(base),
        _ => return None,
    };
    Some(Quantity::Of(unit))
}
