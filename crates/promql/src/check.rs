//! The rules a well-formed expression has to keep: types, counts of arguments, what goes with what.

use crate::ast::{Aggregate, Binary, BinaryOp, Call, Cardinality, Expr, Extension, ValueType, VectorMatching};
use crate::diagnostic::Diagnostic;
use crate::functions::{Arity, FunctionId};
use crate::parser::count_of;

/// Adds a diagnostic for each broken rule. Parts that are missing break none: they have been reported.
pub fn check(expr: &Expr, out: &mut Vec<Diagnostic>) {
    expr.for_each_child(&mut |child| check(child, out));
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
    if binary.return_bool && !op.is_comparison() {
        out.push(Diagnostic::error(binary.op_span, "`bool` can only stand behind a comparison such as `>`"));
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
    if matches!(op, BinaryOp::TrimLower | BinaryOp::TrimUpper) && both_scalar {
        out.push(Diagnostic::error(binary.op_span, format!("`{}` needs histograms on its left side", op.as_str())));
    }
    let matching = &binary.matching;
    if matching.on
        && let Some(label) = matching.include.iter().find(|l| matching.labels.contains(l))
    {
        let message = format!("label `{label}` cannot stand in `on` and in the group clause at once");
        out.push(Diagnostic::error(binary.op_span, message));
    }
    if op.is_set() && matches!(matching.cardinality, Cardinality::ManyToOne | Cardinality::OneToMany) {
        let message = format!("`group_left` and `group_right` cannot be used with `{}`", op.as_str());
        out.push(Diagnostic::error(binary.op_span, message));
    }
    if op.is_set() && (matching.fill_left.is_some() || matching.fill_right.is_some()) {
        out.push(Diagnostic::error(binary.op_span, format!("`fill` cannot be used with `{}`", op.as_str())));
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
    expect(&aggregate.expr, ValueType::Vector, &|| format!("`{name}`"), out);
    if let (Some(param), Some(wanted)) = (&aggregate.param, aggregate.op.info().param) {
        expect(param, wanted, &|| format!("the first argument of `{name}`"), out);
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
        if let Some(message) = extension_problem(call, arg) {
            out.push(Diagnostic::error(arg.span(), message));
        }
        let place =
            || if max == 1 { format!("`{}`", func.name) } else { format!("argument {} of `{}`", idx + 1, func.name) };
        expect(arg, func.arg_type(idx), &place, out);
    }
}

/// The second argument of `info` is no expression but a list of matchers.
fn check_info_selector(arg: &Expr, out: &mut Vec<Diagnostic>) {
    let message = "the second argument of `info` takes matchers in braces only";
    match arg {
        Expr::Vector(selector) if selector.name.is_none() => {}
        Expr::Missing(_) => {}
        Expr::Vector(selector) => {
            out.push(Diagnostic::error(selector.span, message).with_hint("write `{__name__=\"…\"}`"));
        }
        other => out.push(Diagnostic::error(other.span(), message)),
    }
}

/// The functions that can take their range `anchored` or `smoothed`, as Prometheus lists them.
fn extension_functions(extension: Extension) -> (&'static str, &'static [&'static str]) {
    match extension {
        Extension::Anchored => ("anchored", &["changes", "delta", "increase", "rate", "resets"]),
        Extension::Smoothed => ("smoothed", &["delta", "increase", "rate"]),
    }
}

/// What Prometheus says of `anchored` and `smoothed` where the function cannot take them.
pub(crate) fn extension_problem(call: &Call, arg: &Expr) -> Option<String> {
    let Expr::Matrix(matrix) = arg.unwrap_parens() else { return None };
    let (word, functions) = extension_functions(matrix.selector.extension?);
    let name = call.func?.name;
    (!functions.contains(&name))
        .then(|| format!("{word} modifier can only be used with: {} - not with {name}", functions.join(", ")))
}

fn expect(expr: &Expr, wanted: ValueType, place: &dyn Fn() -> String, out: &mut Vec<Diagnostic>) {
    let found = expr.value_type();
    if found == wanted || found == ValueType::Unknown {
        return;
    }
    let mut problem = Diagnostic::error(expr.span(), format!("{} takes {}, this is {}", place(), a(wanted), a(found)));
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
