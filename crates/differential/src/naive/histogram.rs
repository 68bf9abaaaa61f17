//! `histogram_quantile` over classic buckets.

use super::{Element, Fallible, Naive, Vectors, without_name};
use model::{LE, Labels, LabelsBuilder, number};
use promql::ast::Call;

/// Counts that differ by less than this share are equal but for rounding.
const ROUNDING: f64 = 1e-12;

impl Naive<'_> {
    pub(super) fn histogram_quantile(&self, call: &Call, times: &[i64]) -> Fallible<Vectors> {
        let qs = self.scalar(&call.args[0], times)?;
        let input = self.vectors(&call.args[1], times)?;
        let histogram = |labels: &Labels| {
            let labels = LabelsBuilder::from_labels(labels).remove(LE).labels();
            if self.rules.nameless_histograms { without_name(&labels) } else { labels }
        };
        let is_bucket = |labels: &&Labels| bound(labels).is_some();
        let order: Vec<Labels> = input.order.iter().filter(is_bucket).map(histogram).collect();
        let mut steps = Vec::new();
        for (elements, q) in input.steps.iter().zip(qs) {
            let mut out: Vec<Element> = Vec::new();
            for labels in &order {
                if out.iter().any(|e| e.labels == *labels) {
                    continue;
                }
                let mut buckets: Vec<(f64, f64)> = elements
                    .iter()
                    .filter(|e| histogram(&e.labels) == *labels)
                    .filter_map(|e| Some((bound(&e.labels)?, e.v)))
                    .collect();
                buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
                if !buckets.is_empty() {
                    let v = self.quantile_of(q, &buckets);
                    out.push(Element { labels: labels.clone(), drop_name: true, v });
                }
            }
            steps.push(out);
        }
        let rename = |labels: &Labels| self.nameless(labels);
        for element in steps.iter_mut().flatten() {
            element.labels = rename(&element.labels);
        }
        self.assemble(order.iter().map(rename).collect(), steps)
    }

    /// The quantile of buckets that are sorted by their bounds.
    fn quantile_of(&self, q: f64, sorted: &[(f64, f64)]) -> f64 {
        if q.is_nan() {
            return f64::NAN;
        }
        if q < 0.0 {
            return f64::NEG_INFINITY;
        }
        if q > 1.0 {
            return f64::INFINITY;
        }
        if sorted.last().is_none_or(|b| b.0 != f64::INFINITY) {
            return f64::NAN;
        }
        let mut buckets: Vec<(f64, f64)> = Vec::new();
        for &(bound, count) in sorted {
            match buckets.last_mut() {
                Some(last) if last.0 == bound => last.1 += count,
                _ => buckets.push((bound, count)),
            }
        }
        self.level(&mut buckets);
        let n = buckets.len();
        let total = buckets[n - 1].1;
        if n < 2 || total == 0.0 {
            return f64::NAN;
        }
        let rank = q * total;
        let Some(idx) = buckets[..n - 1].iter().position(|b| b.1 >= rank) else { return buckets[n - 2].0 };
        let (bound, count) = buckets[idx];
        if idx == 0 {
            return if bound <= 0.0 { bound } else { 0.0 + (bound - 0.0) * (rank / count) };
        }
        let (below, before) = buckets[idx - 1];
        below + (bound - below) * ((rank - before) / (count - before))
    }

    /// Makes counts that do not increase increase.
    fn level(&self, buckets: &mut [(f64, f64)]) {
        let mut before = buckets[0].1;
        for (_, count) in &mut buckets[1..] {
            let differs = (*count - before).abs() / (count.abs() + before.abs()).min(f64::MAX);
            if *count < before || (differs < ROUNDING && !self.rules.all_dents) {
                *count = before;
            } else if *count != before {
                before = *count;
            }
        }
    }
}

fn bound(labels: &Labels) -> Option<f64> {
    labels.get(LE).and_then(number::parse)
}
