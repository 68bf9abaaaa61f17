//! Aggregations, one step at a time.

use super::{Element, Fallible, Naive, Vectors, sum};
use model::{Labels, LabelsBuilder, METRIC_NAME, number};
use promql::ast::Aggregate;
use promql::functions::Aggregation as A;
use std::cmp::Ordering;

impl Naive<'_> {
    pub(super) fn aggregate(&self, aggregate: &Aggregate, times: &[i64]) -> Fallible<Vectors> {
        let input = self.vectors(&aggregate.expr, times)?;
        if aggregate.op == A::CountValues {
            return self.count_values(aggregate, &input);
        }
        let params = match &aggregate.param {
            Some(param) => self.scalar(param, times)?,
            None => vec![f64::NAN; times.len()],
        };
        if matches!(aggregate.op, A::Topk | A::Bottomk | A::Limitk) {
            return self.select_k(aggregate, &input, &params);
        }
        let order: Vec<Labels> = input.order.iter().map(|labels| group_of(aggregate, labels)).collect();
        let mut steps = Vec::new();
        for (elements, param) in input.steps.iter().zip(&params) {
            let mut out: Vec<Element> = Vec::new();
            for labels in &order {
                let members = elements.iter().filter(|e| group_of(aggregate, &e.labels) == *labels);
                let vs: Vec<f64> = members.map(|e| e.v).collect();
                if vs.is_empty() || out.iter().any(|e| e.labels == *labels) {
                    continue;
                }
                // Only groups that are made by name have one that could go. The last step at which there is a member says so.
                let members = |step: &Vec<Element>| {
                    let of_group = step.iter().filter(|e| group_of(aggregate, &e.labels) == *labels);
                    of_group.map(|e| e.drop_name).reduce(|a, b| a || b)
                };
                let drop_name =
                    labels.get(METRIC_NAME).is_some() && input.steps.iter().rev().find_map(members).unwrap_or(false);
                out.push(Element { labels: labels.clone(), drop_name, v: self.combine(aggregate.op, *param, &vs)? });
            }
            steps.push(out);
        }
        self.assemble(order, steps)
    }

    fn combine(&self, op: A, param: f64, vs: &[f64]) -> Fallible<f64> {
        let plain = self.rules.plain_sums;
        Ok(match op {
            A::Sum if plain => vs[1..].iter().fold(vs[0], |sum, v| sum + v),
            A::Sum => sum::sum(vs[0], &vs[1..]),
            A::Avg if plain => plain_mean(vs),
            A::Avg => sum::mean(vs),
            A::Count => vs.len() as f64,
            A::Group => 1.0,
            A::Min => vs[1..].iter().fold(vs[0], |min, &v| if v < min || min.is_nan() { v } else { min }),
            A::Max => vs[1..].iter().fold(vs[0], |max, &v| if v > max || max.is_nan() { v } else { max }),
            A::Stddev | A::Stdvar if self.rules.finite_deviation && vs.len() == 1 => 0.0,
            A::Stddev => sum::plain_variance(vs).sqrt(),
            A::Stdvar => sum::plain_variance(vs),
            A::Quantile => sum::quantile(param, vs),
            _ => return Err(format!("{op:?} is not supported")),
        })
    }

    /// The greatest, the least or the first `k` of each group; those chosen at the last step come first, in their order.
    fn select_k(&self, aggregate: &Aggregate, input: &Vectors, params: &[f64]) -> Fallible<Vectors> {
        if params.iter().all(|k| *k < 1.0) {
            return Ok(Vectors { order: Vec::new(), steps: vec![Vec::new(); params.len()] });
        }
        let is_wrong = |k: &f64| k.is_nan() || *k >= 9_223_372_036_854_774_784.0 || *k <= -9_223_372_036_854_775_808.0;
        if params.iter().any(is_wrong) {
            return Err("the number of series to choose is no number or too large".to_owned());
        }
        let mut groups: Vec<Labels> = Vec::new();
        for labels in &input.order {
            let group = group_of(aggregate, labels);
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        let mut steps = Vec::new();
        for (elements, k) in input.steps.iter().zip(params) {
            let mut chosen = Vec::new();
            for group in &groups {
                let members = elements.iter().filter(|e| group_of(aggregate, &e.labels) == *group);
                let mut members: Vec<Element> = members.cloned().collect();
                let k = if *k < 1.0 { 0 } else { *k as usize };
                match aggregate.op {
                    A::Topk => members = heap_of(&members, k, |a, b| a < b),
                    A::Bottomk => members = heap_of(&members, k, |a, b| a > b),
                    _ => members.truncate(k),
                }
                chosen.extend(members);
            }
            steps.push(chosen);
        }
        let mut order = Vec::new();
        for group in &groups {
            let last = steps.last().into_iter().flatten().map(|e: &Element| &e.labels);
            let all = last.chain(&input.order).filter(|labels| group_of(aggregate, labels) == *group);
            order.extend(all.cloned());
        }
        self.assemble(order, steps)
    }

    fn count_values(&self, aggregate: &Aggregate, input: &Vectors) -> Fallible<Vectors> {
        let label = aggregate.param.as_ref().map_or(Ok(String::new()), |param| self.text(param))?;
        if label.is_empty() {
            return Err("an empty text is no label's name".to_owned());
        }
        let mut labels_of = |element: &Element| {
            let labels = LabelsBuilder::from_labels(&element.labels).set(&label, &number::format(element.v)).labels();
            if aggregate.without {
                group_of(aggregate, &labels)
            } else {
                let mut aggregate = aggregate.clone();
                aggregate.grouping.push(label.clone());
                group_of(&aggregate, &labels)
            }
        };
        let mut order = Vec::new();
        for series in &input.order {
            let mine = input.steps.iter().flatten().filter(|e| e.labels == *series);
            order.extend(mine.map(&mut labels_of));
        }
        let mut steps = Vec::new();
        for elements in &input.steps {
            let mut out: Vec<Element> = Vec::new();
            for element in elements {
                let labels = labels_of(element);
                match out.iter_mut().find(|e| e.labels == labels) {
                    Some(found) => found.v += 1.0,
                    None => out.push(Element { labels, drop_name: false, v: 1.0 }),
                }
            }
            steps.push(out);
        }
        self.assemble(order, steps)
    }
}

/// The labels by which a series belongs to its group.
fn group_of(aggregate: &Aggregate, labels: &Labels) -> Labels {
    let listed = |name: &str| aggregate.grouping.iter().any(|l| l == name);
    let kept = |name: &str| if aggregate.without { !listed(name) && name != METRIC_NAME } else { listed(name) };
    Labels::from_pairs(labels.iter().filter(|(name, _)| kept(name)))
}

/// Orders numbers, the greatest first where `descending`; NaN comes last in both directions.
pub(super) fn compare(a: f64, b: f64, descending: bool) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) if a == b => Ordering::Equal,
        (false, false) if (a < b) != descending => Ordering::Less,
        (false, false) => Ordering::Greater,
    }
}

/// The mean that older versions keep as they go.
fn plain_mean(vs: &[f64]) -> f64 {
    let mut mean = vs[0];
    for (idx, &v) in vs.iter().enumerate().skip(1) {
        if mean.is_infinite() && (v == mean || v.is_finite()) {
            continue;
        }
        let n = (idx + 1) as f64;
        mean += v / n - mean / n;
    }
    mean
}

/// The k best of some elements, the worst of them in front: Prometheus' binary heap, whose shape decides which of equal
/// values stay.
fn heap_of(members: &[Element], k: usize, is_worse: fn(f64, f64) -> bool) -> Vec<Element> {
    let less = |a: &Element, b: &Element| a.v.is_nan() || is_worse(a.v, b.v);
    let mut heap: Vec<Element> = Vec::new();
    for element in members {
        if heap.len() < k {
            heap.push(element.clone());
            let mut child = heap.len() - 1;
            while child > 0 && less(&heap[child], &heap[(child - 1) / 2]) {
                heap.swap(child, (child - 1) / 2);
                child = (child - 1) / 2;
            }
        } else if k > 0 && (is_worse(heap[0].v, element.v) || heap[0].v.is_nan() && !element.v.is_nan()) {
            heap[0] = element.clone();
            let mut parent = 0;
            while let Some(child) = (2 * parent + 1..=2 * parent + 2)
                .filter(|&child| child < k)
                .reduce(|left, right| if less(&heap[right], &heap[left]) { right } else { left })
                .filter(|&child| less(&heap[child], &heap[parent]))
            {
                heap.swap(parent, child);
                parent = child;
            }
        }
    }
    // Few are sorted by insertion in Go, the best first; the order of many equal ones is nobody's to rely on.
    for end in 1..heap.len() {
        let mut at = end;
        while at > 0 && less(&heap[at - 1], &heap[at]) {
            heap.swap(at - 1, at);
            at -= 1;
        }
    }
    heap
}
