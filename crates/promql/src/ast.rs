//! The tree of an expression. Every node knows its span.

use crate::diagnostic::Span;
use crate::functions::{Aggregation, Function};
use model::{Matcher, Millis, Timestamp};

/// What an expression gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// One number at each time.
    Scalar,
    /// A series of one sample each: "instant vector".
    Vector,
    /// A series of samples over a range each: "range vector".
    Matrix,
    /// A text.
    String,
    /// Unknown: a part of the expression is missing or wrong. Fits everywhere, so that one error is
    /// reported once.
    Unknown,
}

impl ValueType {
    /// The name in messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ValueType::Scalar => "scalar",
            ValueType::Vector => "instant vector",
            ValueType::Matrix => "range vector",
            ValueType::String => "string",
            ValueType::Unknown => "nothing",
        }
    }
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// `1`, `Inf`, `5m` (300)
    Number(NumberLiteral),
    /// `"text"`
    String(StringLiteral),
    /// `up{job="x"} offset 5m`
    Vector(VectorSelector),
    /// `up[5m]`
    Matrix(MatrixSelector),
    /// `rate(x[1m])[10m:1m]`
    Subquery(Box<Subquery>),
    /// `(x)`
    Paren(Box<Paren>),
    /// `-x`
    Unary(Box<Unary>),
    /// `a + b`
    Binary(Box<Binary>),
    /// `sum by (x) (y)`
    Aggregate(Box<Aggregate>),
    /// `rate(x[1m])`
    Call(Call),
    /// Something is missing here; a diagnostic says what.
    Missing(Span),
}

/// A number.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberLiteral {
    /// Its value; a duration's in seconds.
    pub value: f64,
    /// It was written as a duration.
    pub is_duration: bool,
    /// Where it stands.
    pub span: Span,
}

/// A text.
#[derive(Clone, Debug, PartialEq)]
pub struct StringLiteral {
    /// The text, unescaped.
    pub value: String,
    /// Where it stands.
    pub span: Span,
}

/// A length of time, possibly computed from the query's step and range.
#[derive(Clone, Debug, PartialEq)]
pub enum DurationExpr {
    /// A number of seconds; `is_duration` if it was written with units.
    Number(NumberLiteral),
    /// `step()`
    Step(Span),
    /// `range()`
    Range(Span),
    /// `min_of(a, b)`
    Min(Box<[DurationExpr; 2]>, Span),
    /// `max_of(a, b)`
    Max(Box<[DurationExpr; 2]>, Span),
    /// `-a`, `+a`
    Sign {
        /// It is minus.
        negative: bool,
        /// Of what.
        operand: Box<DurationExpr>,
        /// Where it stands.
        span: Span,
    },
    /// `a + b` with `+ - * / % ^`
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Left and right.
        operands: Box<[DurationExpr; 2]>,
        /// Where it stands.
        span: Span,
    },
    /// `(a)`
    Paren(Box<DurationExpr>, Span),
    /// Something is missing here.
    Missing(Span),
}

impl DurationExpr {
    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            DurationExpr::Number(number) => number.span,
            DurationExpr::Step(span)
            | DurationExpr::Range(span)
            | DurationExpr::Min(_, span)
            | DurationExpr::Max(_, span)
            | DurationExpr::Sign { span, .. }
            | DurationExpr::Binary { span, .. }
            | DurationExpr::Paren(_, span)
            | DurationExpr::Missing(span) => *span,
        }
    }

    /// Its value in seconds for a query's step and range (seconds), or `None` where it has none
    /// (a division by zero, a missing part).
    #[must_use]
    pub fn eval(&self, step: f64, range: f64) -> Option<f64> {
        Some(match self {
            DurationExpr::Number(number) => number.value,
            DurationExpr::Step(_) => step,
            DurationExpr::Range(_) => range,
            DurationExpr::Min(operands, _) => operands[0].eval(step, range)?.min(operands[1].eval(step, range)?),
            DurationExpr::Max(operands, _) => operands[0].eval(step, range)?.max(operands[1].eval(step, range)?),
            DurationExpr::Sign { negative, operand, .. } => {
                let v = operand.eval(step, range)?;
                if *negative { -v } else { v }
            }
            DurationExpr::Binary { op, operands, .. } => {
                let (a, b) = (operands[0].eval(step, range)?, operands[1].eval(step, range)?);
                match op {
                    BinaryOp::Add => a + b,
                    BinaryOp::Sub => a - b,
                    BinaryOp::Mul => a * b,
                    BinaryOp::Div if b != 0.0 => a / b,
                    BinaryOp::Mod if b != 0.0 => a % b,
                    BinaryOp::Pow => integer_power(a, b)?,
                    _ => return None,
                }
            }
            DurationExpr::Paren(inner, _) => inner.eval(step, range)?,
            DurationExpr::Missing(_) => return None,
        })
    }

    /// Its value, if it does not depend on the query, in milliseconds.
    #[must_use]
    pub fn fixed(&self) -> Option<Millis> {
        if self.depends_on_query() {
            return None;
        }
        self.eval(0.0, 0.0).map(millis_of)
    }

    /// Whether it is more than a number with or without a sign.
    #[must_use]
    pub fn is_computed(&self) -> bool {
        match self {
            DurationExpr::Number(_) => false,
            DurationExpr::Sign { operand, .. } => operand.is_computed(),
            _ => true,
        }
    }

    /// Whether `step()` or `range()` stands in it.
    #[must_use]
    pub fn depends_on_query(&self) -> bool {
        match self {
            DurationExpr::Step(_) | DurationExpr::Range(_) => true,
            DurationExpr::Number(_) | DurationExpr::Missing(_) => false,
            DurationExpr::Min(operands, _) | DurationExpr::Max(operands, _) | DurationExpr::Binary { operands, .. } => {
                operands.iter().any(DurationExpr::depends_on_query)
            }
            DurationExpr::Sign { operand, .. } | DurationExpr::Paren(operand, _) => operand.depends_on_query(),
        }
    }
}

/// Seconds to milliseconds, saturating. What is less than a millisecond is cut, as in Prometheus; microseconds are rounded
/// before, so that `779ms` behind days is not 778.
#[must_use]
pub fn millis_of(seconds: f64) -> Millis {
    let micros = (seconds * 1e6).round();
    // What does not fit is refused by those who ask; it must not seem to fit.
    Millis(if micros.abs() < 9.2e18 { micros as i64 / 1_000 } else { (seconds * 1e3) as i64 })
}

/// Powers in durations are small and whole in practice; others have no agreed result on all platforms.
fn integer_power(base: f64, exponent: f64) -> Option<f64> {
    if exponent.fract() != 0.0 || exponent.abs() > 64.0 {
        return None;
    }
    let power = (0..exponent.abs() as u32).fold(1.0, |v, _| v * base);
    Some(if exponent < 0.0 { 1.0 / power } else { power })
}

/// `@ …`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// At a fixed time.
    Time(Timestamp),
    /// `@ start()`
    Start,
    /// `@ end()`
    End,
}

/// How the ends of a range are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    /// `anchored`
    Anchored,
    /// `smoothed`
    Smoothed,
}

/// Selects series, one sample each.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorSelector {
    /// The metric's name, if it was written before or as the first thing in the braces.
    pub name: Option<String>,
    /// All conditions, that on `__name__` among them.
    pub matchers: Vec<Matcher>,
    /// `offset …`
    pub offset: Option<DurationExpr>,
    /// `@ …`
    pub at: Option<At>,
    /// `anchored` or `smoothed`
    pub extension: Option<Extension>,
    /// Where it stands, modifiers included.
    pub span: Span,
    /// Where name and braces stand.
    pub selector_span: Span,
}

/// Selects series, the samples of a range each.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixSelector {
    /// The selector with the modifiers.
    pub selector: VectorSelector,
    /// The length of the range.
    pub range: DurationExpr,
    /// Where it stands.
    pub span: Span,
}

/// Evaluates an expression over a range.
#[derive(Clone, Debug, PartialEq)]
pub struct Subquery {
    /// The expression.
    pub expr: Expr,
    /// The length of the range.
    pub range: DurationExpr,
    /// The step; the engine's default where `None`.
    pub step: Option<DurationExpr>,
    /// `offset …`
    pub offset: Option<DurationExpr>,
    /// `@ …`
    pub at: Option<At>,
    /// Where it stands.
    pub span: Span,
}

/// An expression in parentheses.
#[derive(Clone, Debug, PartialEq)]
pub struct Paren {
    /// The expression.
    pub expr: Expr,
    /// Where it stands, parentheses included.
    pub span: Span,
}

/// A sign.
#[derive(Clone, Debug, PartialEq)]
pub struct Unary {
    /// It is minus.
    pub negative: bool,
    /// Of what.
    pub expr: Expr,
    /// Where it stands.
    pub span: Span,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the operator its `as_str` gives")]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Atan2,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    And,
    Or,
    Unless,
    TrimUpper,
    TrimLower,
}

impl BinaryOp {
    /// All of them; the two that cut histograms come last.
    pub const ALL: [BinaryOp; 18] = {
        use BinaryOp as B;
        [
            B::Add,
            B::Sub,
            B::Mul,
            B::Div,
            B::Mod,
            B::Pow,
            B::Atan2,
            B::Eq,
            B::Ne,
            B::Lt,
            B::Le,
            B::Gt,
            B::Ge,
            B::And,
            B::Or,
            B::Unless,
            B::TrimUpper,
            B::TrimLower,
        ]
    };

    /// The operator of a token's text, case ignored.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        BinaryOp::ALL.into_iter().find(|op| op.as_str().eq_ignore_ascii_case(text))
    }

    /// As PromQL writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Mod => "%",
            BinaryOp::Pow => "^",
            BinaryOp::Atan2 => "atan2",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
            BinaryOp::And => "and",
            BinaryOp::Or => "or",
            BinaryOp::Unless => "unless",
            BinaryOp::TrimUpper => "</",
            BinaryOp::TrimLower => ">/",
        }
    }

    /// Binds the tighter, the greater. Same level: left to right, but for `^`.
    #[must_use]
    pub fn precedence(self) -> u8 {
        match self {
            BinaryOp::Or => 1,
            BinaryOp::And | BinaryOp::Unless => 2,
            _ if self.is_comparison() => 3,
            BinaryOp::Add | BinaryOp::Sub => 4,
            BinaryOp::Pow => 6,
            _ => 5,
        }
    }

    /// `==`, `<` …
    #[must_use]
    pub fn is_comparison(self) -> bool {
        matches!(self, BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge)
    }

    /// `</`, `>/`: they cut native histograms.
    #[must_use]
    pub fn is_trim(self) -> bool {
        matches!(self, BinaryOp::TrimUpper | BinaryOp::TrimLower)
    }

    /// `and`, `or`, `unless`
    #[must_use]
    pub fn is_set(self) -> bool {
        matches!(self, BinaryOp::And | BinaryOp::Or | BinaryOp::Unless)
    }
}

/// Which side of a vector match may have several series for one of the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cardinality {
    /// One to one.
    #[default]
    OneToOne,
    /// `group_left`
    ManyToOne,
    /// `group_right`
    OneToMany,
    /// Set operators.
    ManyToMany,
}

/// How the series of both sides of an operator find each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VectorMatching {
    /// Which side may have several.
    pub cardinality: Cardinality,
    /// `on` rather than `ignoring`.
    pub on: bool,
    /// Labels of `on` or `ignoring`.
    pub labels: Vec<String>,
    /// Labels of `group_left` or `group_right`.
    pub include: Vec<String>,
    /// `fill_left` (or `fill`): the value for a series missing on the left.
    pub fill_left: Option<f64>,
    /// `fill_right` (or `fill`): the value for a series missing on the right.
    pub fill_right: Option<f64>,
}

/// An operator with two operands.
#[derive(Clone, Debug, PartialEq)]
pub struct Binary {
    /// The operator.
    pub op: BinaryOp,
    /// Left.
    pub lhs: Expr,
    /// Right.
    pub rhs: Expr,
    /// `bool`
    pub return_bool: bool,
    /// How series match. Used where both sides are vectors.
    pub matching: VectorMatching,
    /// The operator with its modifiers.
    pub op_span: Span,
    /// Where it stands.
    pub span: Span,
}

/// An aggregation.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// Which one.
    pub op: Aggregation,
    /// Over what.
    pub expr: Expr,
    /// `k` of `topk`, the label of `count_values` …
    pub param: Option<Expr>,
    /// Labels of `by` or `without`.
    pub grouping: Vec<String>,
    /// `without` rather than `by`.
    pub without: bool,
    /// Where it stands.
    pub span: Span,
    /// Where its name stands.
    pub name_span: Span,
}

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Which function; `None` if there is none of that name.
    pub func: Option<&'static Function>,
    /// Its name as written.
    pub name: String,
    /// The arguments.
    pub args: Vec<Expr>,
    /// Where it stands.
    pub span: Span,
    /// Where its name stands.
    pub name_span: Span,
}

impl Expr {
    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Expr::Number(e) => e.span,
            Expr::String(e) => e.span,
            Expr::Vector(e) => e.span,
            Expr::Matrix(e) => e.span,
            Expr::Subquery(e) => e.span,
            Expr::Paren(e) => e.span,
            Expr::Unary(e) => e.span,
            Expr::Binary(e) => e.span,
            Expr::Aggregate(e) => e.span,
            Expr::Call(e) => e.span,
            Expr::Missing(span) => *span,
        }
    }

    /// What it gives.
    #[must_use]
    pub fn value_type(&self) -> ValueType {
        match self {
            Expr::Number(_) => ValueType::Scalar,
            Expr::String(_) => ValueType::String,
            Expr::Vector(_) | Expr::Aggregate(_) => ValueType::Vector,
            Expr::Matrix(_) | Expr::Subquery(_) => ValueType::Matrix,
            Expr::Paren(e) => e.expr.value_type(),
            Expr::Unary(e) => e.expr.value_type(),
            Expr::Binary(e) => match (e.lhs.value_type(), e.rhs.value_type()) {
                (ValueType::Unknown, _) | (_, ValueType::Unknown) => ValueType::Unknown,
                (ValueType::Scalar, ValueType::Scalar) => ValueType::Scalar,
                _ => ValueType::Vector,
            },
            Expr::Call(e) => e.func.map_or(ValueType::Unknown, |f| f.returns),
            Expr::Missing(_) => ValueType::Unknown,
        }
    }

    /// The expression without parentheses around it.
    #[must_use]
    pub fn unwrap_parens(&self) -> &Expr {
        let mut expr = self;
        while let Expr::Paren(paren) = expr {
            expr = &paren.expr;
        }
        expr
    }

    /// The expressions directly below, in the order of the text.
    #[must_use]
    pub fn children(&self) -> Vec<&Expr> {
        let mut children = Vec::new();
        self.for_each_child(&mut |child| children.push(child));
        children
    }

    /// The same, without a list.
    pub fn for_each_child<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match self {
            Expr::Number(_) | Expr::String(_) | Expr::Vector(_) | Expr::Matrix(_) | Expr::Missing(_) => {}
            Expr::Subquery(e) => visit(&e.expr),
            Expr::Paren(e) => visit(&e.expr),
            Expr::Unary(e) => visit(&e.expr),
            Expr::Binary(e) => {
                visit(&e.lhs);
                visit(&e.rhs);
            }
            Expr::Aggregate(e) => {
                e.param.iter().for_each(&mut *visit);
                visit(&e.expr);
            }
            Expr::Call(e) => e.args.iter().for_each(visit),
        }
    }
}
