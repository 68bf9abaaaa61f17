//! Sums and deviations that do not lose small values to large ones, step for step as Prometheus does them.

/// A compensated sum (Neumaier's variant of Kahan's).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    pub(crate) sum: f64,
    pub(crate) c: f64,
}

impl Sum {
    pub(crate) fn new(first: f64) -> Self {
        Sum { sum: first, c: 0.0 }
    }

    #[inline]
    pub(crate) fn add(&mut self, v: f64) {
        let t = self.sum + v;
        if t.is_infinite() {
            self.c = 0.0;
        } else if self.sum.abs() >= v.abs() {
            self.c += (self.sum - t) + v;
        } else {
            self.c += (v - t) + self.sum;
        }
        self.sum = t;
    }

    #[inline]
    pub(crate) fn value(self) -> f64 {
        if self.sum.is_infinite() { self.sum } else { self.sum + self.c }
    }
}

/// A mean that becomes incremental once the sum would overflow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mean {
    sum: Sum,
    count: f64,
    /// The mean so far, once the sum is given up.
    mean: Option<Sum>,
}

impl Mean {
    pub(crate) fn new(first: f64) -> Self {
        Mean { sum: Sum::new(first), count: 1.0, mean: None }
    }

    pub(crate) fn add(&mut self, v: f64) {
        self.count += 1.0;
        if self.mean.is_none() {
            let mut next = self.sum;
            next.add(v);
            if !next.sum.is_infinite() {
                self.sum = next;
                return;
            }
            let before = self.count - 1.0;
            self.mean = Some(Sum { sum: self.sum.sum / before, c: self.sum.c / before });
        }
        if let Some(mean) = &mut self.mean {
            let q = (self.count - 1.0) / self.count;
            let mut next = Sum { sum: q * mean.sum, c: q * mean.c };
            next.add(v / self.count);
            *mean = next;
        }
    }

    pub(crate) fn value(self) -> f64 {
        match self.mean {
            Some(mean) => mean.sum + mean.c,
            None => self.sum.sum / self.count + self.sum.c / self.count,
        }
    }
}

/// Welford's variance.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Variance {
    count: f64,
    mean: Sum,
    aux: Sum,
}

impl Variance {
    pub(crate) fn add(&mut self, v: f64) {
        self.count += 1.0;
        let delta = v - (self.mean.sum + self.mean.c);
        self.mean.add(delta / self.count);
        self.aux.add(delta * (v - (self.mean.sum + self.mean.c)));
    }

    pub(crate) fn value(self) -> f64 {
        (self.aux.sum + self.aux.c) / self.count
    }
}

/// The quantile of values, which are sorted in place. As Prometheus: NaN is the least value, the
/// result is interpolated between neighbours.
pub(crate) fn quantile(q: f64, values: &mut [f64]) -> f64 {
    if values.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    values.sort_unstable_by(|a, b| match (a.is_nan(), b.is_nan()) {
        (true, true) => std::cmp::Ordering::Equal,
        (true, false) => std::cmp::Ordering::Less,
        (false, true) => std::cmp::Ordering::Greater,
        (false, false) => a.total_cmp(b),
    });
    let n = values.len() as f64;
    let rank = q * (n - 1.0);
    let lower = rank.floor().max(0.0);
    let upper = (lower + 1.0).min(n - 1.0);
    let weight = rank - rank.floor();
    values[lower as usize] * (1.0 - weight) + values[upper as usize] * weight
}
