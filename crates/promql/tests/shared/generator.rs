//! Generated trees that have a text of their own: what an expression can be made of.

use model::{METRIC_NAME, MatchOp, Matcher, Timestamp};
use promql::Span;
use promql::ast::{
    Aggregate, At, Binary, BinaryOp, Call, Cardinality, DurationExpr, Expr, Extension, MatrixSelector, NumberLiteral,
    Paren, StringLiteral, Subquery, Unary, ValueType, VectorMatching, VectorSelector,
};
use promql::functions::{AGGREGATIONS, FUNCTIONS};
use proptest::prelude::*;

const AT: Span = Span { start: 0, end: 0 };

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-c_][a-z0-9_]{0,3}",
        1 => "[a-c:]{1,3}",
        1 => "[ -~äλ\n\t]{1,4}",
        1 => prop::sample::select(vec!["on", "sum", "by", "offset", "inf", "and", "fill", "start", "bool", "step"])
            .prop_map(str::to_owned),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-c.]{1,4}", "[ -~äλ\n\t\u{7}\u{7f}]{1,6}"]
}

fn number(value: f64, is_duration: bool) -> NumberLiteral {
    NumberLiteral { value, is_duration, span: AT }
}

/// A length in units, in milliseconds: exact in seconds as the parser computes them. Beyond a month and a half only whole
/// seconds: nanoseconds in a float are no longer exact there, and Prometheus and the oracle round them apart.
fn literal_duration() -> impl Strategy<Value = DurationExpr> {
    let ms = prop_oneof![1i64..4_000_000_000, (1i64..100_000_000).prop_map(|seconds| seconds * 1000)];
    ms.prop_map(|ms| DurationExpr::Number(number(ms as f64 / 1000.0, true)))
}

fn duration() -> impl Strategy<Value = DurationExpr> {
    let leaf = prop_oneof![
        4 => literal_duration(),
        1 => Just(DurationExpr::Step(AT)),
        1 => Just(DurationExpr::Range(AT)),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| DurationExpr::Min(Box::new([a, b]), AT)),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| DurationExpr::Max(Box::new([a, b]), AT)),
            (inner.clone(), inner).prop_map(|(a, b)| {
                let sum = DurationExpr::Binary { op: BinaryOp::Add, operands: Box::new([a, b]), span: AT };
                DurationExpr::Paren(Box::new(sum), AT)
            }),
        ]
    })
}

fn at() -> impl Strategy<Value = Option<At>> {
    prop_oneof![
        4 => Just(None),
        1 => Just(Some(At::Start)),
        1 => Just(Some(At::End)),
        1 => (-1_000_000i64..2_000_000_000_000).prop_map(|ms| Some(At::Time(Timestamp(ms)))),
    ]
}

fn offset() -> impl Strategy<Value = Option<DurationExpr>> {
    let signed = (literal_duration(), any::<bool>()).prop_map(|(d, negative)| {
        if negative { DurationExpr::Sign { negative, operand: Box::new(d), span: AT } } else { d }
    });
    prop_oneof![3 => Just(None), 1 => signed.prop_map(Some), 1 => duration().prop_map(Some)]
}

prop_compose! {
    fn selector()(
        name in prop::option::weighted(0.8, name()),
        rest in prop::collection::vec((name(), 0..4usize, text()), 0..3),
        offset in offset(),
        at in at(),
        extension in prop_oneof![
            6 => Just(None), 1 => Just(Some(Extension::Anchored)), 1 => Just(Some(Extension::Smoothed))
        ],
    ) -> VectorSelector {
        let ops = [MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex, MatchOp::NotRegex];
        let mut matchers: Vec<Matcher> = rest.into_iter().map(|(n, op, v)| Matcher::new(n, ops[op], v)).collect();
        if name.is_none() {
            matchers.push(Matcher::new("job", MatchOp::Equal, "x"));
        }
        // Printing sorts them by their text.
        matchers.sort_by_key(ToString::to_string);
        matchers.extend(name.as_ref().map(|n| Matcher::new(METRIC_NAME, MatchOp::Equal, n.as_str())));
        VectorSelector { name, matchers, offset, at, extension, span: AT, selector_span: AT }
    }
}

fn labels() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(name(), 0..3)
}

/// A scalar or a vector; parentheses go around what an operator joins.
pub fn expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        4 => selector().prop_map(Expr::Vector),
        1 => (-1_000.0..1_000.0).prop_map(|v: f64| Expr::Number(number(v, false))),
        1 => Just(Expr::Number(number(f64::INFINITY, false))),
        1 => literal_duration().prop_map(|d| match d {
            DurationExpr::Number(n) => Expr::Number(n),
            _ => Expr::Missing(AT),
        }),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let paren = |expr: Expr| Expr::Paren(Box::new(Paren { expr, span: AT }));
        prop_oneof![
            inner.clone().prop_map(paren),
            (inner.clone(), any::<bool>())
                .prop_map(move |(e, negative)| { Expr::Unary(Box::new(Unary { negative, expr: paren(e), span: AT })) }),
            (inner.clone(), inner.clone(), matching(), 0..16usize, any::<bool>()).prop_map(
                move |(l, r, matching, op, return_bool)| binary(paren(l), paren(r), matching, op, return_bool)
            ),
            (inner.clone(), 0..AGGREGATIONS.len(), labels(), any::<bool>(), text())
                .prop_map(|(e, op, grouping, without, label)| aggregate(vector(e), op, grouping, without, label)),
            (inner, 0..FUNCTIONS.len(), selector(), duration(), prop::option::of(duration()), offset(), at()).prop_map(
                |(e, f, s, range, step, offset, at)| call(&e, f, &s, &range, step.as_ref(), offset.as_ref(), at)
            ),
        ]
    })
}

fn vector(expr: Expr) -> Expr {
    if expr.value_type() == ValueType::Vector {
        return expr;
    }
    let func = promql::functions::find("vector");
    Expr::Call(Call { func, name: "vector".to_owned(), args: vec![expr], span: AT, name_span: AT })
}

fn scalar(expr: Expr) -> Expr {
    if expr.value_type() == ValueType::Scalar {
        return expr;
    }
    let func = promql::functions::find("scalar");
    Expr::Call(Call { func, name: "scalar".to_owned(), args: vec![expr], span: AT, name_span: AT })
}

fn matching() -> impl Strategy<Value = VectorMatching> {
    let fill = || prop::option::weighted(0.2, -10.0..10.0);
    (any::<bool>(), labels(), labels(), 0..4usize, fill(), fill()).prop_map(
        |(on, labels, mut include, group, fill_left, fill_right)| {
            let cardinality = match group {
                0 => Cardinality::ManyToOne,
                1 => Cardinality::OneToMany,
                _ => Cardinality::OneToOne,
            };
            include.retain(|l| group <= 1 && !labels.contains(l));
            VectorMatching { cardinality, on, labels, include, fill_left, fill_right }
        },
    )
}

fn binary(lhs: Expr, rhs: Expr, mut matching: VectorMatching, op: usize, return_bool: bool) -> Expr {
    let op = BinaryOp::ALL[op];
    let vectors = [&lhs, &rhs].iter().all(|e| e.value_type() == ValueType::Vector);
    let (mut lhs, mut rhs) = (lhs, rhs);
    if op.is_set() {
        (lhs, rhs) = (vector(lhs), vector(rhs));
        let VectorMatching { on, labels, .. } = matching;
        matching = VectorMatching { cardinality: Cardinality::ManyToMany, on, labels, ..VectorMatching::default() };
    } else if !vectors {
        matching = VectorMatching::default();
    }
    let scalars = [&lhs, &rhs].iter().all(|e| e.value_type() == ValueType::Scalar);
    let return_bool = op.is_comparison() && (return_bool || scalars);
    Expr::Binary(Box::new(Binary { op, lhs, rhs, return_bool, matching, op_span: AT, span: AT }))
}

fn aggregate(expr: Expr, op: usize, grouping: Vec<String>, without: bool, label: String) -> Expr {
    let info = &AGGREGATIONS[op];
    let param = info.param.map(|kind| match kind {
        ValueType::String => Expr::String(StringLiteral { value: label, span: AT }),
        _ => scalar(Expr::Number(number(0.5, false))),
    });
    Expr::Aggregate(Box::new(Aggregate { op: info.id, expr, param, grouping, without, span: AT, name_span: AT }))
}

/// A call of any function, with the generated parts as arguments where their type fits.
fn call(
    expr: &Expr,
    func: usize,
    selector: &VectorSelector,
    range: &DurationExpr,
    step: Option<&DurationExpr>,
    offset: Option<&DurationExpr>,
    at: Option<At>,
) -> Expr {
    let func = &FUNCTIONS[func];
    let matrix = || match step {
        Some(step) => {
            let expr = Expr::Paren(Box::new(Paren { expr: vector(expr.clone()), span: AT }));
            let (range, step, offset) = (range.clone(), Some(step.clone()), offset.cloned());
            Expr::Subquery(Box::new(Subquery { expr, range, step, offset, at, span: AT }))
        }
        None => {
            let mut selector = selector.clone();
            if !["delta", "increase", "rate"].contains(&func.name) {
                selector.extension = None;
            }
            Expr::Matrix(MatrixSelector { selector, range: range.clone(), span: AT })
        }
    };
    let args = (0..func.min_args())
        .map(|idx| match func.arg_type(idx) {
            ValueType::Scalar => scalar(expr.clone()),
            ValueType::String => Expr::String(StringLiteral { value: "a\"\\b".to_owned(), span: AT }),
            ValueType::Matrix => matrix(),
            _ => vector(expr.clone()),
        })
        .collect();
    Expr::Call(Call { func: Some(func), name: func.name.to_owned(), args, span: AT, name_span: AT })
}

/// A tree without its spans, which are all that printing may change. Trees that only differ in the bits
/// of a number print differently here too.
pub fn shape(expr: &Expr) -> String {
    let text = format!("{expr:?}");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("Span {") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = &rest[rest.find('}').map_or(rest.len(), |end| end + 1)..];
    }
    out + rest
}
