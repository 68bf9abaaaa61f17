//! Both parsers' trees as one form of text, so that they can be compared. What both mean alike looks alike:
//! a sign before a number belongs to it, `by ()` is no grouping, matchers are sorted.

use model::{METRIC_NAME, Matcher};
use promql::ast::{At, Cardinality, DurationExpr, Expr, VectorSelector};
use promql_parser::parser::{self as theirs_ast, Expr as Theirs, LabelModifier, Offset, VectorMatchCardinality};
use std::time::{Duration, UNIX_EPOCH};

/// Our tree.
pub fn ours(expr: &Expr) -> String {
    match expr {
        Expr::Number(e) => number(e.value),
        Expr::String(e) => format!("{:?}", e.value),
        Expr::Vector(e) => our_selector(e),
        Expr::Matrix(e) => format!("({} [{}])", our_selector(&e.selector), our_duration(Some(&e.range))),
        Expr::Subquery(e) => format!(
            "({} [{}:{}] offset {} @ {})",
            ours(&e.expr),
            our_duration(Some(&e.range)),
            e.step.as_ref().map_or(String::new(), |step| our_duration(Some(step)).to_string()),
            our_duration(e.offset.as_ref()),
            our_at(e.at)
        ),
        Expr::Paren(e) => format!("(paren {})", ours(&e.expr)),
        Expr::Unary(e) if !e.negative => ours(&e.expr),
        Expr::Unary(e) => negated(&ours(&e.expr)),
        Expr::Binary(e) => {
            let m = &e.matching;
            let side = match m.cardinality {
                Cardinality::ManyToOne => group("left", &m.include),
                Cardinality::OneToMany => group("right", &m.include),
                _ => String::new(),
            };
            let labels = matching(m.on, &m.labels);
            let fill = fill(m.fill_left, m.fill_right);
            let op = operator(e.op.as_str(), e.return_bool, &labels, &side, &fill);
            format!("({op} {} {})", ours(&e.lhs), ours(&e.rhs))
        }
        Expr::Aggregate(e) => {
            let param = e.param.as_ref().map_or(String::new(), ours);
            aggregation(e.op.info().name, e.without, &e.grouping, &param, &ours(&e.expr))
        }
        Expr::Call(e) => format!("({} {})", e.name, e.args.iter().map(ours).collect::<Vec<_>>().join(" ")),
        Expr::Missing(_) => "?".to_owned(),
    }
}

/// The oracle's tree.
pub fn theirs(expr: &Theirs) -> String {
    match expr {
        Theirs::NumberLiteral(e) => number(e.val),
        Theirs::StringLiteral(e) => format!("{:?}", e.val),
        Theirs::VectorSelector(e) => their_selector(e),
        Theirs::MatrixSelector(e) => format!("({} [{}])", their_selector(&e.vs), e.range.as_millis()),
        Theirs::Subquery(e) => format!(
            "({} [{}:{}] offset {} @ {})",
            theirs(&e.expr),
            e.range.as_millis(),
            e.step.map_or(String::new(), |step| step.as_millis().to_string()),
            their_offset(e.offset.as_ref()),
            their_at(e.at.as_ref())
        ),
        Theirs::Paren(e) => format!("(paren {})", theirs(&e.expr)),
        Theirs::Unary(e) => negated(&theirs(&e.expr)),
        Theirs::Binary(e) => {
            let op = e.op.to_string();
            let Some(m) = &e.modifier else {
                return format!("({} {} {})", operator(&op, false, "", "", ""), theirs(&e.lhs), theirs(&e.rhs));
            };
            let labels = match &m.matching {
                None => String::new(),
                Some(LabelModifier::Include(labels)) => matching(true, &labels.labels),
                Some(LabelModifier::Exclude(labels)) => matching(false, &labels.labels),
            };
            let side = match &m.card {
                VectorMatchCardinality::ManyToOne(labels) => group("left", &labels.labels),
                VectorMatchCardinality::OneToMany(labels) => group("right", &labels.labels),
                _ => String::new(),
            };
            let fill = fill(m.fill_values.lhs, m.fill_values.rhs);
            format!("({} {} {})", operator(&op, m.return_bool, &labels, &side, &fill), theirs(&e.lhs), theirs(&e.rhs))
        }
        Theirs::Aggregate(e) => {
            let (without, grouping) = match &e.modifier {
                None => (false, Vec::new()),
                Some(LabelModifier::Include(labels)) => (false, labels.labels.clone()),
                Some(LabelModifier::Exclude(labels)) => (true, labels.labels.clone()),
            };
            let param = e.param.as_ref().map_or(String::new(), |param| theirs(param));
            aggregation(&e.op.to_string(), without, &grouping, &param, &theirs(&e.expr))
        }
        Theirs::Call(e) => {
            let args: Vec<String> = e.args.args.iter().map(|arg| theirs(arg)).collect();
            format!("({} {})", e.func.name, args.join(" "))
        }
        Theirs::Extension(_) => "?".to_owned(),
    }
}

fn number(value: f64) -> String {
    if value.is_nan() { "NaN".to_owned() } else { format!("{value:?}") }
}

/// Numbers carry their sign, `NaN` has none.
fn negated(text: &str) -> String {
    match text.strip_prefix('-').unwrap_or(text).parse::<f64>() {
        Ok(value) if value.is_nan() => text.to_owned(),
        Ok(_) => text.strip_prefix('-').map_or_else(|| format!("-{text}"), str::to_owned),
        Err(_) => format!("(- {text})"),
    }
}

fn our_selector(selector: &VectorSelector) -> String {
    let matchers = selector.matchers.iter().map(Matcher::to_string).collect();
    let extension = selector.extension.map_or(String::new(), |e| format!(" {e:?}"));
    selector_text(matchers, &our_duration(selector.offset.as_ref()).to_string(), &our_at(selector.at)) + &extension
}

fn their_selector(selector: &theirs_ast::VectorSelector) -> String {
    let of = |m: &promql_parser::label::Matcher| {
        let op = m.op.to_string();
        let op = [model::MatchOp::Equal, model::MatchOp::NotEqual, model::MatchOp::Regex, model::MatchOp::NotRegex]
            .into_iter()
            .find(|known| known.as_str() == op)
            .expect("a known operator");
        Matcher::new(m.name.as_str(), op, m.value.as_str()).to_string()
    };
    let mut matchers: Vec<String> = selector.matchers.matchers.iter().map(of).collect();
    assert!(selector.matchers.or_matchers.is_empty(), "an extension of the oracle");
    if let Some(name) = &selector.name {
        let name = Matcher::new(METRIC_NAME, model::MatchOp::Equal, name.as_str()).to_string();
        if !matchers.contains(&name) {
            matchers.push(name);
        }
    }
    selector_text(matchers, &their_offset(selector.offset.as_ref()).to_string(), &their_at(selector.at.as_ref()))
}

fn selector_text(mut matchers: Vec<String>, offset: &str, at: &str) -> String {
    matchers.sort_unstable();
    matchers.dedup();
    format!("({{{}}} offset {offset} @ {at})", matchers.join(" "))
}

fn our_duration(duration: Option<&DurationExpr>) -> i128 {
    duration.map_or(0, |d| i128::from(d.fixed().expect("the oracle knows fixed durations only").0))
}

fn their_offset(offset: Option<&Offset>) -> i128 {
    let millis = |d: &Duration| i128::try_from(d.as_millis()).expect("a duration");
    match offset {
        None => 0,
        Some(Offset::Pos(d)) => millis(d),
        Some(Offset::Neg(d)) => -millis(d),
    }
}

fn our_at(at: Option<At>) -> String {
    match at {
        None => String::new(),
        Some(At::Start) => "start".to_owned(),
        Some(At::End) => "end".to_owned(),
        Some(At::Time(t)) => t.0.to_string(),
    }
}

fn their_at(at: Option<&theirs_ast::AtModifier>) -> String {
    match at {
        None => String::new(),
        Some(theirs_ast::AtModifier::Start) => "start".to_owned(),
        Some(theirs_ast::AtModifier::End) => "end".to_owned(),
        Some(theirs_ast::AtModifier::At(t)) => match t.duration_since(UNIX_EPOCH) {
            Ok(after) => after.as_millis().to_string(),
            Err(before) => format!("-{}", before.duration().as_millis()),
        },
    }
}

fn group(side: &str, labels: &[String]) -> String {
    format!(" group_{side}({})", labels.join(","))
}

fn matching(on: bool, labels: &[String]) -> String {
    if on || !labels.is_empty() {
        format!(" {}({})", if on { "on" } else { "ignoring" }, labels.join(","))
    } else {
        String::new()
    }
}

fn fill(left: Option<f64>, right: Option<f64>) -> String {
    if left.is_none() && right.is_none() { String::new() } else { format!(" fill({left:?},{right:?})") }
}

fn operator(op: &str, return_bool: bool, labels: &str, side: &str, fill: &str) -> String {
    format!("{op}{}{labels}{side}{fill}", if return_bool { " bool" } else { "" })
}

fn aggregation(name: &str, without: bool, grouping: &[String], param: &str, expr: &str) -> String {
    let grouping = if without || !grouping.is_empty() {
        format!(" {}({})", if without { "without" } else { "by" }, grouping.join(","))
    } else {
        String::new()
    };
    format!("({name}{grouping} {param} {expr})")
}
