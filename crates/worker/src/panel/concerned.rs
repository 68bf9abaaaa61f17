//! Which series of the store an expression is about: those its selectors find, at the times that the graph shows.

use model::Matcher;
use promql::ast::{At, DurationExpr, Expr};

/// The conditions of each selector that looks at the times of the graph, not at earlier ones or a fixed one.
pub(super) fn selectors(expr: &Expr) -> Vec<&[Matcher]> {
    let mut found: Vec<&[Matcher]> = Vec::new();
    collect(expr, &mut found);
    found
}

fn collect<'a>(expr: &'a Expr, found: &mut Vec<&'a [Matcher]>) {
    let selector = match expr {
        Expr::Vector(selector) => Some(selector),
        Expr::Matrix(matrix) => Some(&matrix.selector),
        Expr::Subquery(subquery) if is_elsewhere(subquery.at, subquery.offset.as_ref()) => return,
        _ => None,
    };
    if let Some(selector) = selector
        && !is_elsewhere(selector.at, selector.offset.as_ref())
        && !found.contains(&selector.matchers.as_slice())
    {
        found.push(&selector.matchers);
    }
    expr.for_each_child(&mut |child| collect(child, found));
}

fn is_elsewhere(at: Option<At>, offset: Option<&DurationExpr>) -> bool {
    at.is_some() || offset.is_some_and(|offset| offset.fixed().is_none_or(|offset| offset.0 != 0))
}

#[cfg(test)]
mod tests {
    //! Expressions and their selectors.
    use super::*;

    #[test]
    fn selectors_of_other_times_do_not_count() {
        for (text, want) in [
            ("x", vec!["x"]),
            ("histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))", vec!["x_bucket"]),
            ("rate(x[5m]) / rate(y[5m]) + x", vec!["x", "y"]),
            ("x - x offset 1h", vec!["x"]),
            ("x offset 0s", vec!["x"]),
            ("max_over_time(x[5m:1m] offset 1h) + y @ end()", vec![]),
            ("time()", vec![]),
        ] {
            let expr = promql::parse_strict(text, &tsdb::validate_regex).expect(text);
            let found = selectors(&expr);
            let names: Vec<&str> = found.iter().flat_map(|all| all.iter().map(|m| m.value.as_str())).collect();
            assert_eq!(names, want, "{text}");
        }
    }
}
