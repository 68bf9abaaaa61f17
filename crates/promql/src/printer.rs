//! Tree to text: one line, as Prometheus prints it. Reading it again gives the same tree.

use crate::ast::{Aggregate, At, Binary, Cardinality, DurationExpr, Expr, Extension, NumberLiteral, VectorSelector};
use model::{METRIC_NAME, MatchOp, Millis, duration, is_legacy_label_name, is_legacy_metric_name, number, quote};
use std::fmt::{self, Display, Formatter, Write as _};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Number(e) => e.fmt(f),
            Expr::String(e) => f.write_str(&quote(&e.value)),
            Expr::Vector(e) => {
                selector(f, e)?;
                extension(f, e.extension)?;
                modifiers(f, e.at, e.offset.as_ref())
            }
            Expr::Matrix(e) => {
                selector(f, &e.selector)?;
                write!(f, "[{}]", e.range)?;
                extension(f, e.selector.extension)?;
                modifiers(f, e.selector.at, e.selector.offset.as_ref())
            }
            Expr::Subquery(e) => {
                write!(f, "{}[{}:", e.expr, e.range)?;
                if let Some(step) = &e.step {
                    step.fmt(f)?;
                }
                f.write_char(']')?;
                modifiers(f, e.at, e.offset.as_ref())
            }
            Expr::Paren(e) => write!(f, "({})", e.expr),
            Expr::Unary(e) => write!(f, "{}{}", if e.negative { '-' } else { '+' }, e.expr),
            Expr::Binary(e) => {
                write!(f, "{} {}", e.lhs, e.op.as_str())?;
                binary_modifiers(f, e)?;
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
            f.write_str(&number::format_short(self.value))
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
    let bare = selector.name.as_deref().filter(|name| is_legacy_metric_name(name));
    if let Some(name) = bare {
        f.write_str(name)?;
    }
    let quoted = if bare.is_none() { selector.name.as_deref() } else { None };
    let names_itself = |m: &&model::Matcher| {
        m.name == METRIC_NAME && m.op == MatchOp::Equal && selector.name.as_deref() == Some(m.value.as_str())
    };
    let shown = || selector.matchers.iter().filter(|m| !names_itself(m));
    if bare.is_some() && shown().next().is_none() {
        return Ok(());
    }
    f.write_char('{')?;
    let mut separator = "";
    if let Some(name) = quoted {
        f.write_str(&quote(name))?;
        separator = ",";
    }
    for matcher in shown() {
        write!(f, "{separator}{matcher}")?;
        separator = ",";
    }
    f.write_char('}')
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
        Some(offset) => write!(f, " offset {offset}"),
    }
}

fn label_list(f: &mut Formatter<'_>, labels: &[String]) -> fmt::Result {
    f.write_char('(')?;
    for (idx, label) in labels.iter().enumerate() {
        if idx > 0 {
            f.write_str(", ")?;
        }
        if is_legacy_label_name(label) { f.write_str(label)? } else { f.write_str(&quote(label))? }
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

fn binary_modifiers(f: &mut Formatter<'_>, binary: &Binary) -> fmt::Result {
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
