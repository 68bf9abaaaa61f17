//! Generated queries over a small store of everything there is: each ends within its limits.

#[path = "../../../fuzz/bodies/promql_eval.rs"]
mod body;

use promql::ValueType;
use promql::functions::{AGGREGATIONS, FUNCTIONS, Function};
use proptest::prelude::*;
use std::sync::LazyLock;

static HEAD: LazyLock<tsdb::Head> = LazyLock::new(body::head);

const METRICS: [&str; 9] = [
    "gauge",
    "up",
    "requests_total",
    "requests_total{code=\"500\"}",
    "latency_bucket",
    "native",
    "custom",
    "{job=~\"a.*\"}",
    "nothing",
];
const NUMBERS: [&str; 14] =
    ["0", "1", "-1", "2.5", "NaN", "Inf", "-Inf", "1e300", "1e-300", "0.5", "time()", "step()", "scalar(up)", "9e18"];
const TEXTS: [&str; 7] = ["\"job\"", "\"__name__\"", "\"\"", "\"$1\"", "\"(.*)\"", "\"(\"", "\"a b\""];
const RANGES: [&str; 8] = ["1m", "5m", "15s", "1ms", "1h", "step()", "max_of(range(), 1m)", "10y"];
const MODIFIERS: [&str; 10] =
    ["", "", "", " offset 1m", " offset -1m", " @ 700", " @ start()", " @ end() offset 5m", " offset 90y", " @ -5"];
const OPERATORS: [&str; 26] = [
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "atan2",
    "==",
    "!=",
    ">",
    "<",
    ">=",
    "<=",
    "> bool",
    "== bool",
    "and",
    "or",
    "unless",
    "</",
    ">/",
    "+ on (job)",
    "* on (job) group_left (instance)",
    "/ ignoring (code) group_right ()",
    "and on ()",
    "- on (job, instance) fill (0)",
    "> bool ignoring (le) fill_right (NaN)",
];

fn any_of(words: &'static [&'static str]) -> BoxedStrategy<String> {
    prop::sample::select(words).prop_map(str::to_owned).boxed()
}

fn number() -> BoxedStrategy<String> {
    any_of(&NUMBERS)
}

fn selector() -> BoxedStrategy<String> {
    (any_of(&METRICS), any_of(&MODIFIERS)).prop_map(|(metric, modifier)| metric + &modifier).boxed()
}

fn range(vector: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let plain =
        (any_of(&METRICS), any_of(&RANGES), any_of(&["", "", "", " anchored", " smoothed"]), any_of(&MODIFIERS))
            .prop_map(|(metric, range, extension, modifier)| format!("{metric}[{range}]{extension}{modifier}"));
    let subquery = (vector, any_of(&RANGES), any_of(&["", "30s", "1m", "1ms", "step() * 2"]), any_of(&MODIFIERS))
        .prop_map(|(vector, range, step, modifier)| format!("({vector})[{range}:{step}]{modifier}"));
    prop_oneof![3 => plain, 1 => subquery].boxed()
}

fn argument(kind: ValueType, vector: &BoxedStrategy<String>) -> BoxedStrategy<String> {
    match kind {
        ValueType::Scalar => number(),
        ValueType::String => any_of(&TEXTS),
        ValueType::Matrix => range(vector.clone()),
        _ => vector.clone(),
    }
}

fn call(func: &'static Function, vector: &BoxedStrategy<String>) -> BoxedStrategy<String> {
    let most = func.max_args().min(func.args.len() + 1);
    let args: Vec<_> = (0..most)
        .map(|idx| match (func.name, idx) {
            ("info", 1) => any_of(&["{version=~\".+\"}", "{}", "{__name__=~\".*_info\"}"]),
            _ => argument(func.arg_type(idx), vector),
        })
        .collect();
    (args, func.min_args()..=most).prop_map(move |(args, n)| format!("{}({})", func.name, args[..n].join(", "))).boxed()
}

fn vector() -> BoxedStrategy<String> {
    selector()
        .prop_recursive(3, 12, 3, |inner| {
            let inner = inner.boxed();
            let calls = FUNCTIONS.iter().filter(|f| f.returns == ValueType::Vector).map(|f| call(f, &inner));
            let calls = prop::strategy::Union::new(calls);
            let grouping = any_of(&["", " by (job)", " without (instance, le)", " by (job, __name__)"]);
            let aggregation = (0..AGGREGATIONS.len(), grouping, inner.clone(), number(), any_of(&TEXTS)).prop_map(
                |(op, grouping, vector, number, text)| {
                    let info = &AGGREGATIONS[op];
                    let param = match info.param {
                        None => String::new(),
                        Some(ValueType::String) => format!("{text}, "),
                        Some(_) => format!("{number}, "),
                    };
                    format!("{}{grouping} ({param}{vector})", info.name)
                },
            );
            let binary = (inner.clone(), any_of(&OPERATORS), prop_oneof![3 => inner.clone(), 1 => number()])
                .prop_map(|(left, op, right)| format!("({left}) {op} ({right})"));
            let sign = inner.prop_map(|vector| format!("-({vector})"));
            prop_oneof![5 => calls, 3 => aggregation, 3 => binary, 1 => sign]
        })
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_query_ends_within_its_limits(query in vector()) {
        body::run(&HEAD, &query);
    }
}
