//! The rules a well-formed expression has to keep: types, counts of arguments, what goes with what.

use crate::ast::{Aggregate, Binary, BinaryOp, Call, Expr, ValueType, VectorMatching};
use crate::diagnostic::Diagnostic;
use crate::functions::{Arity, FunctionId};
use crate::parser::count_of;
use model::METRIC_NAME;

/// Adds a diagnostic for each broken rule. Parts that are missing break none: they have been reported.
pub fn check(expr: &Expr, out: &mut Vec<Diagnostic>) {
    for child in expr.children() {
        check(child, out);
    }
    match expr {
        Expr::Binary(binary) => check_binary(binary, out),
        Expr::Aggregate(aggregate) => check_aggregate(aggregate, out),
        Expr::Call(call) => check_call(call, out),
        Expr::Unary(unary) => {
            let found = unary.expr.value_type();
            if !matches!(found, ValueType::Scalar | ValueType::Vector | ValueType::Unknown) {
                let message =
                    format!("a sign can only stand before a number or an instant vector; this is a {}", found.as_str());
                out.push(Diagnostic::error(unary.span, message));
            }
        }
        Expr::Subquery(subquery) => {
            let found = subquery.expr.value_type();
            if !matches!(found, ValueType::Vector | ValueType::Unknown) {
                let message = format!("a subquery needs an instant vector; this is a {}", found.as_str());
                out.push(Diagnostic::error(subquery.expr.span(), message));
            }
        }
        Expr::Vector(selector) => {
            for matcher in &selector.matchers {
                if matcher.name.is_empty() {
                    out.push(Diagnostic::error(selector.selector_span, "a label's name is empty"));
                }
            }
        }
        _ => {}
    }
}

fn check_binary(binary: &Binary, out: &mut Vec<Diagnostic>) {
    let op = binary.op;
    let (left, right) = (binary.lhs.value_type(), binary.rhs.value_type());
    for (operand, found) in [(&binary.lhs, left), (&binary.rhs, right)] {
        if !matches!(found, ValueType::Scalar | ValueType::Vector | ValueType::Unknown) {
            let mut problem = Diagnostic::error(
                operand.span(),
                format!("`{}` needs a number or an instant vector; this is a {}", op.as_str(), found.as_str()),
            );
            if found == ValueType::Matrix {
                problem = problem.with_hint("wrap it in a function such as `rate(…)`");
            }
            out.push(problem);
        }
    }
    let both_scalar = left == ValueType::Scalar && right == ValueType::Scalar;
    let a_scalar = left == ValueType::Scalar || right == ValueType::Scalar;
    if op.is_comparison() && both_scalar && !binary.return_bool {
        let hint = format!("write `{} bool`, which gives 0 or 1", op.as_str());
        out.push(Diagnostic::error(binary.op_span, "a comparison of two numbers needs `bool`").with_hint(hint));
    }
    if op.is_set() && a_scalar {
        out.push(Diagnostic::error(binary.op_span, format!("`{}` needs an instant vector on both sides", op.as_str())));
    }
    if matches!(op, BinaryOp::TrimLower | BinaryOp::TrimUpper) && left == ValueType::Scalar {
        out.push(Diagnostic::error(binary.op_span, format!("`{}` needs histograms on its left side", op.as_str())));
    }
    // Empty lists and `group_left` mean nothing between numbers; Prometheus lets them stand.
    let VectorMatching { labels, fill_left, fill_right, .. } = &binary.matching;
    if a_scalar && !op.is_set() && (!labels.is_empty() || fill_left.is_some() || fill_right.is_some()) {
        let message = "labels can only be matched between two instant vectors; one side is a number";
        out.push(Diagnostic::error(binary.op_span, message));
    }
}

fn check_aggregate(aggregate: &Aggregate, out: &mut Vec<Diagnostic>) {
    let name = aggregate.op.info().name;
    expect(&aggregate.expr, ValueType::Vector, &format!("`{name}`"), out);
    if let (Some(param), Some(wanted)) = (&aggregate.param, aggregate.op.info().param) {
        expect(param, wanted, &format!("the first argument of `{name}`"), out);
    }
}

fn check_call(call: &Call, out: &mut Vec<Diagnostic>) {
    let Some(func) = call.func else { return };
    let (n, min, max) = (call.args.len(), func.min_args(), func.max_args());
    if n < min || n > max {
        let wanted = match func.arity {
            Arity::Exact => count_of(min, "argument"),
            Arity::Optional(_) => format!("{min} to {}", count_of(max, "argument")),
            Arity::Repeat(_) => format!("at least {}", count_of(min, "argument")),
        };
        let message = format!("`{}` takes {wanted}, found {n}", func.name);
        out.push(Diagnostic::error(call.span, message).with_hint(func.signature()));
    }
    for (idx, arg) in call.args.iter().enumerate().take(max) {
        if func.id == FunctionId::Info && idx == 1 {
            check_info_selector(arg, out);
            continue;
        }
        let place =
            if max == 1 { format!("`{}`", func.name) } else { format!("argument {} of `{}`", idx + 1, func.name) };
        expect(arg, func.arg_type(idx), &place, out);
    }
}

/// The second argument of `info` is no expression but a list of matchers.
fn check_info_selector(arg: &Expr, out: &mut Vec<Diagnostic>) {
    match arg {
        Expr::Vector(selector) if selector.name.is_none() && selector.offset.is_none() && selector.at.is_none() => {}
        Expr::Missing(_) => {}
        Expr::Vector(selector)
            if selector.matchers.iter().all(|m| m.name == METRIC_NAME) && selector.name.is_some() =>
        {
            let message = "the second argument of `info` takes matchers in braces only";
            out.push(Diagnostic::error(selector.span, message).with_hint("write `{__name__=\"…\"}`"));
        }
        other => {
            let message = "the second argument of `info` takes matchers in braces only";
            out.push(Diagnostic::error(other.span(), message));
        }
    }
}

fn expect(expr: &Expr, wanted: ValueType, place: &str, out: &mut Vec<Diagnostic>) {
    let found = expr.value_type();
    if found == wanted || found == ValueType::Unknown {
        return;
    }
    let mut problem = Diagnostic::error(expr.span(), format!("{place} takes {}, this is {}", a(wanted), a(found)));
    match (wanted, found, expr.unwrap_parens()) {
        (ValueType::Matrix, ValueType::Vector, Expr::Vector(_)) => {
            problem = problem.with_hint("add a range: `[5m]`");
        }
        (ValueType::Matrix, ValueType::Vector, _) => {
            problem = problem.with_hint("make it a subquery: `(…)[5m:]`");
        }
        (ValueType::Vector, ValueType::Matrix, _) => {
            problem = problem.with_hint("wrap it in a function such as `rate(…)`, or leave out the range");
        }
        (ValueType::Vector, ValueType::Scalar, _) => {
            problem = problem.with_hint("`vector(…)` makes a series of a number")
        }
        (ValueType::Scalar, ValueType::Vector, _) => {
            problem = problem.with_hint("`scalar(…)` makes a number of one series")
        }
        _ => {}
    }
    out.push(problem);
}

fn a(kind: ValueType) -> String {
    let name = kind.as_str();
    if name.starts_with('i') { format!("an {name}") } else { format!("a {name}") }
}
