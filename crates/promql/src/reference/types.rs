//! The rules of types in the order in which Prometheus checks them, with its texts.

use super::quoted;
use crate::ast::{Aggregate, Binary, BinaryOp, Call, Cardinality, Expr, ValueType};
use crate::check::extension_problem;
use crate::functions::{Arity, FunctionId};
use crate::parser::demands_something;
use model::{METRIC_NAME, MatchOp};

/// The text of the first broken rule.
pub(super) fn first_error(src: &str, expr: &Expr) -> Option<String> {
    match expr {
        Expr::Number(_) | Expr::String(_) | Expr::Missing(_) => None,
        Expr::Vector(selector) => {
            let is_bare = !selector.selector_span.text(src).starts_with('{');
            let Some(name) = selector.name.as_deref().filter(|_| is_bare) else {
                return (!selector.matchers.iter().any(demands_something))
                    .then(|| "vector selector must contain at least one non-empty matcher".to_owned());
            };
            let mut names = selector.matchers.iter().filter(|m| m.name == METRIC_NAME);
            // The last one is the name itself.
            let again = names.next().filter(|m| names.next().is_some() || m.op != MatchOp::Equal || m.value != name);
            again.map(|m| format!("metric name must not be set twice: {} or {}", quoted(name), quoted(&m.value)))
        }
        Expr::Matrix(matrix) => first_error(src, &Expr::Vector(matrix.selector.clone())),
        Expr::Paren(paren) => first_error(src, &paren.expr),
        Expr::Subquery(subquery) => first_error(src, &subquery.expr).or_else(|| {
            let found = match subquery.expr.value_type() {
                ValueType::Vector => return None,
                ValueType::Matrix => "matrix",
                other => other.as_str(),
            };
            Some(format!("subquery is only allowed on instant vector, got {found} instead"))
        }),
        Expr::Unary(unary) => first_error(src, &unary.expr).or_else(|| {
            let found = unary.expr.value_type();
            (!is_number_or_vector(found)).then(|| {
                format!(
                    "unary expression only allowed on expressions of type scalar or instant vector, got {}",
                    quoted(found.as_str())
                )
            })
        }),
        Expr::Aggregate(aggregate) => of_aggregate(src, aggregate),
        Expr::Binary(binary) => of_binary(src, binary),
        Expr::Call(call) => of_call(src, call),
    }
}

fn is_number_or_vector(found: ValueType) -> bool {
    matches!(found, ValueType::Scalar | ValueType::Vector)
}

fn expect(src: &str, expr: &Expr, wanted: ValueType, context: &str) -> Option<String> {
    first_error(src, expr).or_else(|| {
        let found = expr.value_type();
        (found != wanted).then(|| format!("expected type {} in {context}, got {}", wanted.as_str(), found.as_str()))
    })
}

fn of_aggregate(src: &str, aggregate: &Aggregate) -> Option<String> {
    expect(src, &aggregate.expr, ValueType::Vector, "aggregation expression")
        .or_else(|| expect(src, aggregate.param.as_ref()?, aggregate.op.info().param?, "aggregation parameter"))
}

fn of_binary(src: &str, binary: &Binary) -> Option<String> {
    if let Some(text) = first_error(src, &binary.lhs).or_else(|| first_error(src, &binary.rhs)) {
        return Some(text);
    }
    let (op, matching) = (binary.op, &binary.matching);
    let (left, right) = (binary.lhs.value_type(), binary.rhs.value_type());
    let a_scalar = left == ValueType::Scalar || right == ValueType::Scalar;
    let both_scalar = left == ValueType::Scalar && right == ValueType::Scalar;
    let both_vectors = left == ValueType::Vector && right == ValueType::Vector;
    let fills = matching.fill_left.is_some() || matching.fill_right.is_some();
    if binary.return_bool && !op.is_comparison() {
        return Some("bool modifier can only be used on comparison operators".to_owned());
    }
    if op.is_comparison() && !binary.return_bool && both_scalar {
        return Some("comparisons between scalars must use BOOL modifier".to_owned());
    }
    if matching.on
        && let Some(label) = matching.labels.iter().find(|l| matching.include.contains(l))
    {
        return Some(format!("label {} must not occur in ON and GROUP clause at once", quoted(label)));
    }
    if !is_number_or_vector(left) || !is_number_or_vector(right) {
        return Some("binary expression must contain only scalar and instant vector types".to_owned());
    }
    if !both_vectors && !matching.labels.is_empty() {
        return Some("vector matching only allowed between instant vectors".to_owned());
    }
    if !both_vectors && fills {
        return Some("filling in missing series only allowed between instant vectors".to_owned());
    }
    if op.is_set() && both_vectors {
        if matches!(matching.cardinality, Cardinality::ManyToOne | Cardinality::OneToMany) {
            return Some(format!("no grouping allowed for {} operation", quoted(op.as_str())));
        }
        if fills {
            return Some("filling in missing series not allowed for set operators".to_owned());
        }
    }
    // Prometheus says this when it evaluates.
    if matches!(op, BinaryOp::TrimLower | BinaryOp::TrimUpper) && both_scalar {
        return Some(format!("operator {} not allowed for Scalar operations", quoted(op.as_str())));
    }
    (op.is_set() && a_scalar)
        .then(|| format!("set operator {} not allowed in binary scalar expression", quoted(op.as_str())))
}

fn of_call(src: &str, call: &Call) -> Option<String> {
    let func = call.func?;
    let (found, min, max, name) = (call.args.len(), func.min_args(), func.max_args(), quoted(func.name));
    if func.arity == Arity::Exact && found != min {
        return Some(format!("expected {min} argument(s) in call to {name}, got {found}"));
    }
    if found < min {
        return Some(format!("expected at least {min} argument(s) in call to {name}, got {found}"));
    }
    if found > max {
        return Some(format!("expected at most {max} argument(s) in call to {name}, got {found}"));
    }
    let is_info = func.id == FunctionId::Info;
    if let (true, Some(labels)) = (is_info, call.args.get(1)) {
        let kind = labels.value_type();
        if kind != ValueType::Vector {
            return Some(format!("expected type instant vector in call to function {name}, got {}", kind.as_str()));
        }
        match labels {
            Expr::Vector(selector) if selector.name.is_some() => {
                return Some("expected label selectors only, got vector selector instead".to_owned());
            }
            Expr::Vector(_) => {}
            _ => return Some("expected label selectors only".to_owned()),
        }
    }
    for (idx, arg) in call.args.iter().enumerate() {
        if is_info && idx == 1 {
            continue;
        }
        if let Some(text) = expect(src, arg, func.arg_type(idx), &format!("call to function {name}")) {
            return Some(text);
        }
    }
    // Prometheus says this when it evaluates, after everything above.
    call.args.iter().find_map(|arg| extension_problem(call, arg))
}
