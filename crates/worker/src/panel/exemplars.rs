//! Exemplars of the metrics in the expressions of a graph.

use super::concerned::selectors;
use crate::limits::MAX_GRAPH_EXEMPLARS;
use frame::{FrameExemplar, thinned_exemplars};
use model::StepGrid;
use promql::Expr;
use tsdb::{CompiledMatcher, Head};

/// Those of series that a selector of an expression finds, in the range, evenly thinned.
pub(super) fn of(head: &Head, exprs: &[(u16, Expr)], grid: &StepGrid) -> Vec<FrameExemplar> {
    let mut found = Vec::new();
    for (query_idx, expr) in exprs {
        let compiled = |matchers: &[model::Matcher]| -> Option<Vec<CompiledMatcher>> {
            matchers.iter().map(|matcher| CompiledMatcher::new(matcher).ok()).collect()
        };
        let all: Vec<(&[model::Matcher], Vec<CompiledMatcher>)> =
            selectors(expr).into_iter().filter_map(|matchers| Some((matchers, compiled(matchers)?))).collect();
        if all.is_empty() {
            continue;
        }
        for (series, one) in head.exemplars() {
            let is_shown = one.at >= grid.start && one.at <= grid.end() && one.exemplar.v.is_finite();
            let matches = |(matchers, compiled): &(&[model::Matcher], Vec<CompiledMatcher>)| {
                let mut both = matchers.iter().zip(compiled);
                both.all(|(matcher, compiled)| compiled.matches(series.get(&matcher.name).unwrap_or_default()))
            };
            if is_shown && all.iter().any(matches) {
                found.push(FrameExemplar {
                    query_idx: *query_idx,
                    series: series.clone(),
                    labels: one.exemplar.labels.clone(),
                    t: one.at.0 as f64,
                    v: one.exemplar.v,
                });
            }
        }
    }
    thinned_exemplars(found, grid, MAX_GRAPH_EXEMPLARS)
}
