//! Tree to text, as Prometheus prints it: in one line ([`Display`]) or laid out over several ([`format()`],
//! [`format_source`]). Reading it again gives the same tree, but for the order of matchers.

mod layout;

pub use layout::{format, format_source};

use crate::ast::{
    Aggregate, At, Binary, Cardinality, DurationExpr, Expr, Extension, NumberLiteral, Subquery, Unary, VectorSelector,
};
use crate::parser::{is_keyword, number_word};
use model::{
    METRIC_NAME, MatchOp, Matcher, Millis, duration, is_legacy_label_name, is_legacy_metric_name, number, quote,
};
use std::fmt::{self, Display, Formatter, Write as _};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Number(e) => e.fmt(f),
            Expr::String(e) => f.write_str(&quote(&e.value)),
            Expr::Vector(e) => {
                selector(f, e)?;
                modifiers(f, e.at, None)?;
                extension(f, e.extension)?;
                modifiers(f, None, e.offset.as_ref())
            }
            Expr::Matrix(e) => {
                selector(f, &e.selector)?;
                write!(f, "[{}]", Whole(&e.range))?;
                extension(f, e.selector.extension)?;
                modifiers(f, e.selector.at, e.selector.offset.as_ref())
            }
            Expr::Subquery(e) => {
                write!(f, "{}", e.expr)?;
                subquery_suffix(f, e)
            }
            Expr::Paren(e) => write!(f, "({})", e.expr),
            Expr::Unary(e) => write!(f, "{}{}", sign(e), e.expr),
            Expr::Binary(e) => {
                write!(f, "{} ", e.lhs)?;
                operator(f, e)?;
                write!(f, " {}", e.rhs)
            }
            Expr::Aggregate(e) => {
                aggregate_head(f, e)?;
                f.write_char('(')?;
                if let Some(param) = &e.param {
                    write!(f, "{param}, ")?;
                }
                write!(f, "{})", e.expr)
            }
            Expr::Call(e) => {
                write!(f, "{}(", e.name)?;
                for (idx, arg) in e.args.iter().enumerate() {
                    if idx > 0 {
                        f.write_str(", ")?;
                    }
                    arg.fmt(f)?;
                }
                f.write_char(')')
            }
            Expr::Missing(_) => Ok(()),
        }
    }
}

impl Display for NumberLiteral {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.is_duration {
            f.write_str(&duration::format(Millis((self.value * 1000.0).round() as i64)))
        } else {
            f.write_str(&number::format(self.value))
        }
    }
}

impl Display for DurationExpr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            DurationExpr::Number(e) => e.fmt(f),
            DurationExpr::Step(_) => f.write_str("step()"),
            DurationExpr::Range(_) => f.write_str("range()"),
            DurationExpr::Min(e, _) => write!(f, "min_of({}, {})", e[0], e[1]),
            DurationExpr::Max(e, _) => write!(f, "max_of({}, {})", e[0], e[1]),
            DurationExpr::Sign { negative, operand, .. } => write!(f, "{}{operand}", if *negative { '-' } else { '+' }),
            DurationExpr::Binary { op, operands, .. } => {
                write!(f, "{} {} {}", operands[0], op.as_str(), operands[1])
            }
            DurationExpr::Paren(inner, _) => write!(f, "({inner})"),
            DurationExpr::Missing(_) => Ok(()),
        }
    }
}

fn selector(f: &mut Formatter<'_>, selector: &VectorSelector) -> fmt::Result {
    let names_itself = |m: &&Matcher| {
        m.name == METRIC_NAME && m.op == MatchOp::Equal && selector.name.as_deref() == Some(m.value.as_str())
    };
    let mut shown: Vec<String> =
        selector.matchers.iter().filter(|m| !names_itself(m)).map(Matcher::to_string).collect();
    model::sort::by(&mut shown, Ord::cmp);
    // A second condition on the name is only read together with the first where both are in braces.
    let lone_name = || selector.matchers.iter().filter(|m| m.name == METRIC_NAME).count() <= 1;
    match selector.name.as_deref() {
        Some(name) if is_legacy_metric_name(name) && !is_keyword(name) && lone_name() => {
            f.write_str(name)?;
            if shown.is_empty() {
                return Ok(());
            }
        }
        Some(name) => shown.insert(0, quote(name)),
        None => {}
    }
    write!(f, "{{{}}}", shown.join(","))
}

fn extension(f: &mut Formatter<'_>, extension: Option<Extension>) -> fmt::Result {
    match extension {
        None => Ok(()),
        Some(Extension::Anchored) => f.write_str(" anchored"),
        Some(Extension::Smoothed) => f.write_str(" smoothed"),
    }
}

fn modifiers(f: &mut Formatter<'_>, at: Option<At>, offset: Option<&DurationExpr>) -> fmt::Result {
    match at {
        None => {}
        Some(At::Start) => f.write_str(" @ start()")?,
        Some(At::End) => f.write_str(" @ end()")?,
        Some(At::Time(t)) => {
            let sign = if t.0 < 0 { "-" } else { "" };
            write!(f, " @ {sign}{}.{:03}", t.0.unsigned_abs() / 1000, t.0.unsigned_abs() % 1000)?;
        }
    }
    match offset {
        None => Ok(()),
        Some(offset) => write!(f, " offset {}", Whole(offset)),
    }
}

/// `[5m:1m] offset 1h`
fn subquery_suffix(f: &mut Formatter<'_>, subquery: &Subquery) -> fmt::Result {
    write!(f, "[{}:", Whole(&subquery.range))?;
    if let Some(step) = &subquery.step {
        Whole(step).fmt(f)?;
    }
    f.write_char(']')?;
    modifiers(f, subquery.at, subquery.offset.as_ref())
}

/// A whole duration: a plain number of seconds gets units (`[60]` is `[1m]`), within a sum it stays.
struct Whole<'a>(&'a DurationExpr);

impl Display for Whole<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (sign, number) = match self.0 {
            DurationExpr::Number(number) => ("", number),
            DurationExpr::Sign { negative, operand, .. } => match &**operand {
                DurationExpr::Number(number) => (if *negative { "-" } else { "" }, number),
                _ => return self.0.fmt(f),
            },
            other => return other.fmt(f),
        };
        let ms = number.value * 1000.0;
        if ms.fract() == 0.0 && ms.abs() < 1e15 {
            write!(f, "{sign}{}", duration::format(Millis(ms as i64)))
        } else {
            write!(f, "{sign}{number}")
        }
    }
}

fn label_list(f: &mut Formatter<'_>, labels: &[String]) -> fmt::Result {
    f.write_char('(')?;
    for (idx, label) in labels.iter().enumerate() {
        if idx > 0 {
            f.write_str(", ")?;
        }
        // `inf` and `nan` would be read as numbers.
        let bare = is_legacy_label_name(label) && number_word(label).is_none();
        if bare { f.write_str(label)? } else { f.write_str(&quote(label))? }
    }
    f.write_char(')')
}

/// `sum by (a) ` with the blank Prometheus puts before the parenthesis.
fn aggregate_head(f: &mut Formatter<'_>, aggregate: &Aggregate) -> fmt::Result {
    f.write_str(aggregate.op.info().name)?;
    if aggregate.without || !aggregate.grouping.is_empty() {
        f.write_str(if aggregate.without { " without " } else { " by " })?;
        label_list(f, &aggregate.grouping)?;
        f.write_char(' ')?;
    }
    Ok(())
}

fn sign(unary: &Unary) -> char {
    if unary.negative { '-' } else { '+' }
}

/// `/ on (job) group_left ()`
fn operator(f: &mut Formatter<'_>, binary: &Binary) -> fmt::Result {
    f.write_str(binary.op.as_str())?;
    let matching = &binary.matching;
    if binary.return_bool {
        f.write_str(" bool")?;
    }
    let grouped = matches!(matching.cardinality, Cardinality::ManyToOne | Cardinality::OneToMany);
    if matching.on || !matching.labels.is_empty() || grouped {
        f.write_str(if matching.on { " on " } else { " ignoring " })?;
        label_list(f, &matching.labels)?;
    }
    if grouped {
        f.write_str(if matching.cardinality == Cardinality::ManyToOne { " group_left " } else { " group_right " })?;
        label_list(f, &matching.include)?;
    }
    match (matching.fill_left, matching.fill_right) {
        (Some(left), Some(right)) if left.to_bits() == right.to_bits() => {
            write!(f, " fill ({})", number::format_short(left))
        }
        (left, right) => {
            if let Some(v) = left {
                write!(f, " fill_left ({})", number::format_short(v))?;
            }
            if let Some(v) = right {
                write!(f, " fill_right ({})", number::format_short(v))?;
            }
            Ok(())
        }
    }
}
