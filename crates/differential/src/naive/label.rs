//! Functions that change labels, the labels of `absent`, and sorting.

use super::aggregate::compare;
use super::{Element, Fallible, Naive, Vectors};
use model::{Labels, LabelsBuilder, METRIC_NAME, MatchOp};
use promql::ast::{Call, Expr};
use tsdb::anchored_regex;

impl Naive<'_> {
    /// `label_replace(v, dst, replacement, src, regex)`
    pub(super) fn label_replace(&self, call: &Call, times: &[i64]) -> Fallible<Vectors> {
        let texts: Vec<String> = call.args[1..].iter().map(|arg| self.text(arg)).collect::<Fallible<_>>()?;
        let [dst, replacement, src, pattern] = texts.as_slice() else { return Err("arguments are missing".to_owned()) };
        let regex = anchored_regex(pattern).map_err(|e| e.to_string())?;
        self.relabel(call, times, dst, |labels| {
            let captures = regex.captures(labels.get(src).unwrap_or(""))?;
            Some(expand(replacement, |name| {
                let group = match name.parse::<usize>() {
                    Ok(idx) => captures.get(idx),
                    Err(_) => captures.name(name),
                };
                group.map_or("", |m| m.as_str()).to_owned()
            }))
        })
    }

    /// `label_join(v, dst, separator, src…)`
    pub(super) fn label_join(&self, call: &Call, times: &[i64]) -> Fallible<Vectors> {
        let texts: Vec<String> = call.args[1..].iter().map(|arg| self.text(arg)).collect::<Fallible<_>>()?;
        let [dst, separator, sources @ ..] = texts.as_slice() else { return Err("arguments are missing".to_owned()) };
        self.relabel(call, times, dst, |labels| {
            let values: Vec<&str> = sources.iter().map(|s| labels.get(s).unwrap_or("")).collect();
            Some(values.join(separator))
        })
    }

    fn relabel(
        &self,
        call: &Call,
        times: &[i64],
        dst: &str,
        value: impl Fn(&Labels) -> Option<String>,
    ) -> Fallible<Vectors> {
        if dst.is_empty() {
            return Err("an empty text is no label's name".to_owned());
        }
        let vectors = self.vectors(&call.args[0], times)?;
        let set = |labels: &Labels, value: &str| LabelsBuilder::from_labels(labels).set(dst, value).labels();
        let new = |labels: &Labels| value(labels).map_or_else(|| labels.clone(), |value| set(labels, &value));
        let order = vectors.order.iter().map(new).collect();
        let each = |e: Element| match value(&e.labels) {
            None => e,
            // A name that was given anew stays.
            Some(value) => {
                Element { labels: set(&e.labels, &value), drop_name: e.drop_name && dst != METRIC_NAME, v: e.v }
            }
        };
        let steps = vectors.steps.into_iter().map(|elements| elements.into_iter().map(each).collect()).collect();
        self.assemble(order, steps)
    }

    /// Sorts by the values of the first step.
    pub(super) fn sort(&self, arg: &Expr, times: &[i64], descending: bool) -> Fallible<Vectors> {
        let vectors = self.vectors(arg, times)?;
        let first = |labels: &Labels| {
            vectors.steps.iter().take(1).flatten().find(|e| e.labels == *labels).map_or(f64::NAN, |e| e.v)
        };
        let mut order = vectors.order.clone();
        order.sort_by(|a, b| compare(first(a), first(b), descending));
        self.assemble(order, vectors.steps)
    }
}

/// The labels that `absent` gives: those that the selector demands by `=`, unless something else is said of them later.
pub(super) fn of_absent(arg: &Expr) -> Labels {
    let matchers = match arg.unwrap_parens() {
        Expr::Vector(selector) => &selector.matchers,
        Expr::Matrix(matrix) => &matrix.selector.matchers,
        _ => return Labels::empty(),
    };
    let mut builder = LabelsBuilder::new();
    let mut set = Vec::new();
    for matcher in matchers.iter().filter(|m| m.name != METRIC_NAME) {
        if matcher.op == MatchOp::Equal && !set.contains(&&matcher.name) {
            builder.set(&matcher.name, &matcher.value);
            set.push(&matcher.name);
        } else {
            builder.remove(&matcher.name);
        }
    }
    builder.labels()
}

/// Go's templates: `$name` takes the longest name, `${name}` is explicit, `$$` is a dollar.
fn expand(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let word = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
        if let Some(tail) = after.strip_prefix('$') {
            out.push('$');
            rest = tail;
        } else if let Some((name, tail)) = after.strip_prefix('{').and_then(|a| a.split_once('}')) {
            out.push_str(&value(name));
            rest = tail;
        } else if word > 0 {
            out.push_str(&value(&after[..word]));
            rest = &after[word..];
        } else {
            out.push('$');
            rest = after;
        }
    }
    out + rest
}
