//! Functions of labels, and sorting.

use crate::eval::Evaluator;
use crate::limits::EvalError;
use crate::value::{Column, Eval, merge_equal};
use model::{Labels, LabelsBuilder, METRIC_NAME, MatchOp};
use promql::ast::{Call, Expr};
use regex::Captures;
use std::cmp::Ordering;
use tsdb::anchored_regex;

/// `label_replace(v, dst, replacement, src, regex)`
pub(crate) fn replace(evaluator: &mut Evaluator<'_>, call: &Call) -> Result<Eval, EvalError> {
    let [_, dst_arg, replacement_arg, src_arg, regex_arg] = call.args.as_slice() else {
        return Err(EvalError::invalid(call.span, "label_replace takes 5 arguments"));
    };
    let dst = evaluator.string(dst_arg)?;
    let replacement = evaluator.string(replacement_arg)?;
    let src = evaluator.string(src_arg)?;
    let pattern = evaluator.string(regex_arg)?;
    let regex = anchored_regex(&pattern).map_err(|_| {
        EvalError::invalid(regex_arg.span(), format!("invalid regular expression in label_replace(): {pattern}"))
    })?;
    if !is_label_name(&dst) {
        let message = format!("invalid destination label name in label_replace(): {dst}");
        return Err(EvalError::invalid(dst_arg.span(), message));
    }
    let mut columns = evaluator.vector(&call.args[0])?;
    let mut value = String::new();
    for column in &mut columns {
        let Some(captures) = regex.captures(column.labels.get(&src).unwrap_or("")) else { continue };
        value.clear();
        expand(&replacement, &captures, &mut value);
        set_label(column, &dst, &value);
    }
    merge_equal(columns, call.span).map(Eval::Vector)
}

/// `label_join(v, dst, separator, src…)`
pub(crate) fn join(evaluator: &mut Evaluator<'_>, call: &Call) -> Result<Eval, EvalError> {
    let dst = evaluator.string(&call.args[1])?;
    let separator = evaluator.string(&call.args[2])?;
    let sources = call.args[3..].iter().map(|arg| evaluator.string(arg)).collect::<Result<Vec<_>, _>>()?;
    for (source, arg) in sources.iter().zip(&call.args[3..]) {
        if !is_label_name(source) {
            let message = format!("invalid source label name in label_join(): {source}");
            return Err(EvalError::invalid(arg.span(), message));
        }
    }
    if !is_label_name(&dst) {
        let message = format!("invalid destination label name in label_join(): {dst}");
        return Err(EvalError::invalid(call.args[1].span(), message));
    }
    let mut columns = evaluator.vector(&call.args[0])?;
    for column in &mut columns {
        let values: Vec<&str> = sources.iter().map(|s| column.labels.get(s).unwrap_or("")).collect();
        let value = values.join(&separator);
        set_label(column, &dst, &value);
    }
    merge_equal(columns, call.span).map(Eval::Vector)
}

/// Any text is a label's name but the empty one and one whose bytes were no UTF-8.
fn is_label_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(char::REPLACEMENT_CHARACTER)
}

fn set_label(column: &mut Column, name: &str, value: &str) {
    if name == METRIC_NAME {
        // The name was given anew: it stays.
        column.drop_name = false;
    }
    let mut builder = LabelsBuilder::from_labels(&column.labels);
    column.labels = builder.set(name, value).labels();
}

/// Expands Go's replacement templates: `$name` takes the longest name, `${name}` is explicit, `$$` is a dollar, and so is
/// one that no name follows. Groups that are not there or did not match are empty.
fn expand(template: &str, captures: &Captures<'_>, out: &mut String) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        rest = after;
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let Some((name, after)) = leading_name(rest) else {
            out.push('$');
            continue;
        };
        rest = after;
        let is_number = name.bytes().all(|b| b.is_ascii_digit()) && (name.len() == 1 || !name.starts_with('0'));
        let group = match name.parse() {
            Ok(number) if is_number => captures.get(number),
            _ => captures.name(name),
        };
        out.push_str(group.map_or("", |group| group.as_str()));
    }
    out.push_str(rest);
}

/// The name, in braces or not, that a text begins with, and what follows.
fn leading_name(text: &str) -> Option<(&str, &str)> {
    let in_braces = text.strip_prefix('{');
    let text = in_braces.unwrap_or(text);
    let len = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (name, rest) = text.split_at(len);
    let rest = if in_braces.is_some() { rest.strip_prefix('}')? } else { rest };
    (!name.is_empty()).then_some((name, rest))
}

/// The labels of `absent(…)`: those the selector demands by `=`, without the name.
pub(crate) fn of_absent(arg: &Expr) -> Labels {
    let matchers = match arg.unwrap_parens() {
        Expr::Vector(selector) => &selector.matchers,
        Expr::Matrix(matrix) => &matrix.selector.matchers,
        _ => return Labels::empty(),
    };
    let mut builder = LabelsBuilder::new();
    let mut demanded: Vec<&str> = Vec::new();
    for matcher in matchers.iter().filter(|m| m.name != METRIC_NAME) {
        // Any further condition on a label leaves open which value it has; one before does not, as in Prometheus.
        if matcher.op == MatchOp::Equal && !demanded.contains(&matcher.name.as_str()) {
            builder.set(&matcher.name, &matcher.value);
            demanded.push(&matcher.name);
        } else {
            builder.remove(&matcher.name);
        }
    }
    builder.labels()
}

/// Sorts by the value of the first step, NaN last: the order of a range query has no meaning.
pub(crate) fn sort(evaluator: &mut Evaluator<'_>, call: &Call, descending: bool) -> Result<Eval, EvalError> {
    remark_on_order(evaluator, call);
    let mut columns = evaluator.vector(&call.args[0])?;
    // Histograms have no order.
    columns.iter_mut().for_each(Column::drop_histograms);
    model::sort::by(&mut columns, |a, b| {
        let (a, b) = (first(a), first(b));
        let order = if descending { b.partial_cmp(&a) } else { a.partial_cmp(&b) };
        a.is_nan().cmp(&b.is_nan()).then(order.unwrap_or(Ordering::Equal))
    });
    Ok(Eval::Vector(columns))
}

/// The answer to a range query is sorted by labels, whatever was asked for.
fn remark_on_order(evaluator: &mut Evaluator<'_>, call: &Call) {
    if evaluator.whole.start != evaluator.whole.end || evaluator.grid.len > 1 {
        let message = "sort is ineffective for range queries since results are always ordered by labels";
        evaluator.annotations.warn(call.span, message);
    }
}

fn first(column: &Column) -> f64 {
    column.vs.first().copied().unwrap_or(f64::NAN)
}

/// Sorts by the values of labels, numbers in them as numbers; equal ones by all labels.
pub(crate) fn sort_by_label(evaluator: &mut Evaluator<'_>, call: &Call, descending: bool) -> Result<Eval, EvalError> {
    remark_on_order(evaluator, call);
    let labels = call.args[1..].iter().map(|arg| evaluator.string(arg)).collect::<Result<Vec<_>, _>>()?;
    let mut columns = evaluator.vector(&call.args[0])?;
    model::sort::by(&mut columns, |a, b| {
        let by_label = labels.iter().map(|l| natural(a.labels.get(l).unwrap_or(""), b.labels.get(l).unwrap_or("")));
        let order = by_label.fold(Ordering::Equal, Ordering::then).then_with(|| a.labels.cmp(&b.labels));
        if descending { order.reverse() } else { order }
    });
    Ok(Eval::Vector(columns))
}

/// Compares texts chunk by chunk: runs of digits as numbers, the rest as text. Numbers that differ in leading zeros only
/// are equal as long as something follows in both.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        if a.is_empty() || b.is_empty() {
            return a.len().cmp(&b.len());
        }
        let (chunk_a, rest_a) = chunk(a);
        let (chunk_b, rest_b) = chunk(b);
        // Numbers that are too large for an integer are text to Prometheus.
        let order = match (chunk_a.parse::<i64>(), chunk_b.parse::<i64>()) {
            (Ok(x), Ok(y)) => x.cmp(&y),
            _ => chunk_a.cmp(chunk_b),
        };
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
}

fn chunk(text: &str) -> (&str, &str) {
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    let len = text.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(text.len());
    text.split_at(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_expand_as_in_go() {
        let regex = anchored_regex("(?P<x>.)(z)?(.)").expect("a regular expression");
        let captures = regex.captures("ab").expect("a match");
        for (template, want) in [
            ("a-$1b$$-${x}-$", "a-$-a-$"),
            ("${1}$3$2.$9", "ab."),
            ("${01}$00", ""),
            ("${}${1-}${x", "${}${1-}${x"),
            ("$é$é-$x", "-a"),
            ("$99999999999999999999", ""),
        ] {
            let mut out = String::new();
            expand(template, &captures, &mut out);
            assert_eq!(out, want, "{template}");
        }
        assert_eq!(natural("a10", "a9"), Ordering::Greater);
        assert_eq!(natural("a01b", "a1a"), Ordering::Greater);
        assert_eq!(natural("99999999999999999999", "100000000000000000000"), Ordering::Greater);
    }
}
