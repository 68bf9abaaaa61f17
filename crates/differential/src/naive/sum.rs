//! Sums, means, variances and quantiles, in the order of operations that Prometheus documents in its code.

/// Adds with Neumaier's compensation: the sum so far and what rounding took from it.
pub(super) fn add(v: f64, (sum, c): (f64, f64)) -> (f64, f64) {
    let t = sum + v;
    if t.is_infinite() {
        (t, 0.0)
    } else if sum.abs() >= v.abs() {
        (t, c + ((sum - t) + v))
    } else {
        (t, c + ((v - t) + sum))
    }
}

/// The compensated sum, beginning at a value.
pub(super) fn sum(first: f64, rest: &[f64]) -> f64 {
    let (sum, c) = rest.iter().fold((first, 0.0), |state, &v| add(v, state));
    if sum.is_infinite() { sum } else { sum + c }
}

/// The mean: sum by count, or step by step once the sum would overflow.
pub(super) fn mean(vs: &[f64]) -> f64 {
    let mut state = (vs[0], 0.0);
    for (idx, &v) in vs.iter().enumerate().skip(1) {
        let next = add(v, state);
        if next.0.is_infinite() {
            let n = idx as f64;
            let mut mean = (state.0 / n, state.1 / n);
            for (idx, &v) in vs.iter().enumerate().skip(idx) {
                let n = (idx + 1) as f64;
                let q = (n - 1.0) / n;
                mean = add(v / n, (q * mean.0, q * mean.1));
            }
            return mean.0 + mean.1;
        }
        state = next;
    }
    let n = vs.len() as f64;
    state.0 / n + state.1 / n
}

/// The mean as older versions keep it, compensated.
pub(super) fn running_mean(vs: &[f64]) -> f64 {
    let mut mean = (0.0_f64, 0.0);
    for (idx, &v) in vs.iter().enumerate() {
        if mean.0.is_infinite() && (v == mean.0 || v.is_finite()) {
            continue;
        }
        let n = (idx + 1) as f64;
        mean = add(v / n - mean.0 / n, mean);
    }
    if mean.0.is_infinite() { mean.0 } else { mean.0 + mean.1 }
}

/// Welford's variance, compensated.
pub(super) fn variance(vs: &[f64]) -> f64 {
    let (mut mean, mut aux) = ((0.0, 0.0), (0.0, 0.0));
    for (idx, &v) in vs.iter().enumerate() {
        let delta = v - (mean.0 + mean.1);
        mean = add(delta / (idx + 1) as f64, mean);
        aux = add(delta * (v - (mean.0 + mean.1)), aux);
    }
    (aux.0 + aux.1) / vs.len() as f64
}

/// Welford's variance as aggregations do it: not compensated, from the first value on.
pub(super) fn plain_variance(vs: &[f64]) -> f64 {
    let mut mean = vs[0];
    let mut aux = if mean.is_finite() { 0.0 } else { f64::NAN };
    for (idx, &v) in vs.iter().enumerate().skip(1) {
        let delta = v - mean;
        mean += delta / (idx + 1) as f64;
        aux += delta * (v - mean);
    }
    aux / vs.len() as f64
}

/// The quantile of values in any order; NaN is the least.
pub(super) fn quantile(q: f64, vs: &[f64]) -> f64 {
    if vs.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    let mut sorted: Vec<f64> = vs.iter().copied().filter(|v| v.is_nan()).collect();
    let mut numbers: Vec<f64> = vs.iter().copied().filter(|v| !v.is_nan()).collect();
    numbers.sort_by(f64::total_cmp);
    sorted.extend(numbers);
    let n = sorted.len() as f64;
    let rank = q * (n - 1.0);
    let lower = rank.floor().max(0.0);
    let upper = (lower + 1.0).min(n - 1.0);
    let weight = rank - rank.floor();
    sorted[lower as usize] * (1.0 - weight) + sorted[upper as usize] * weight
}
