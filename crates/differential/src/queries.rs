//! Generated queries over the generated series: well typed, bounded in depth, and most of them with an answer.

use crate::data::Dataset;
use crate::rng::Rng;
use model::{Millis, StepGrid, Timestamp};

/// Which language the queries may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// All that our own evaluators know.
    Current,
    /// What Prometheus 2.42 knows too, without what it leaves undefined (which of equal values `topk` takes).
    Since242,
}

/// A query and when it is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The query.
    pub query: String,
    /// The times; one for an instant query.
    pub grid: StepGrid,
    /// A range query.
    pub as_range: bool,
}

/// Makes a question over the series.
#[must_use]
pub fn generate(rng: &mut Rng, data: &Dataset, level: Level) -> Question {
    let mut writer = Writer { rng, data, level };
    let depth = writer.rng.below(4);
    let as_range = writer.rng.chance(60);
    let query = match writer.rng.below(20) {
        0 => writer.scalar(depth),
        // 2.42 evaluates what does not change with time once even where a subquery has no step.
        1 if !as_range => {
            let range = writer.range(depth);
            if writer.current() || !range.contains(':') { range } else { writer.selector() }
        }
        2 if !as_range => {
            let function = writer.rng.pick(&["sort", "sort_desc"]);
            format!("{function}({})", writer.distinct())
        }
        _ => writer.vector(depth),
    };
    let grid = writer.grid(as_range);
    Question { query, grid, as_range }
}

const COUNTERS: [&str; 6] = [
    "http_requests_total",
    "http_requests_total",
    "http_errors_total",
    "cpu_seconds_total",
    "latency_seconds_count",
    "latency_seconds_sum",
];
const GAUGES: [&str; 7] =
    ["temp_celsius", "temp_celsius", "queue_length", "odd_values", "up", "node_meta", "started_time_seconds"];
const LABELS: [&str; 8] = ["job", "instance", "code", "method", "mode", "sensor", "zone", "le"];
/// Ranges whose left ends seldom are the time of a sample, and whole minutes, whose are.
const RANGES: [&str; 9] = ["37s", "1m3s", "2m7s", "5m1s", "13m", "1m", "5m", "90s", "16s"];

/// What no two libraries compute to the same last digit.
const INEXACT: [&str; 18] = [
    "^",
    "atan",
    "exp",
    "ln(",
    "log",
    "sin",
    "cos",
    "tan",
    "deg",
    "rad",
    "sqrt",
    "stddev",
    "stdvar",
    "deriv",
    "predict",
    "smoothing",
    "%",
    "round",
];

struct Writer<'a> {
    rng: &'a mut Rng,
    data: &'a Dataset,
    level: Level,
}

impl Writer<'_> {
    fn grid(&mut self, as_range: bool) -> StepGrid {
        let (start, end) = (self.data.start.0, self.data.end.0);
        let minutes = (end - start) / 60_000;
        // Mostly off the samples of the program that is scraped to the millisecond.
        let off = if self.rng.chance(30) { 0 } else { self.rng.between(1, 59_999) };
        let from = start + self.rng.between(minutes / 10, minutes * 11 / 10) * 60_000 + off;
        if !as_range {
            return StepGrid { start: Timestamp(from), step: Millis(1), len: 1 };
        }
        let step = [15_000, 60_000, 17_777, 301_000, 1_000, 120_000][self.rng.below(6)];
        let len = self.rng.below(24) as i64;
        StepGrid::new(Timestamp(from), Timestamp(from + step * len), Millis(step))
    }

    fn current(&self) -> bool {
        self.level == Level::Current
    }

    /// A number a step.
    fn scalar(&mut self, depth: usize) -> String {
        match self.rng.below(if depth == 0 { 6 } else { 11 }) {
            0..=3 => self.number(),
            4 => "time()".to_owned(),
            5 if self.current() => self.rng.pick(&["start()", "end()", "step()", "range()", "pi()"]).to_owned(),
            5 => "pi()".to_owned(),
            6 => format!("scalar({})", self.aggregate_all(depth - 1)),
            7 => format!("scalar({})", self.vector(depth - 1)),
            8 if self.current() => {
                let function = self.rng.pick(&["max_of", "min_of"]);
                format!("{function}({}, {})", self.scalar(depth - 1), self.scalar(depth - 1))
            }
            8 | 9 => {
                let op = self.rng.pick(&["<", ">", "==", "!=", "<=", ">="]);
                format!("({} {op} bool {})", self.scalar(depth - 1), self.scalar(depth - 1))
            }
            _ => {
                let op = self.rng.pick(&["+", "-", "*", "/", "%", "^", "atan2"]);
                format!("({} {op} {})", self.scalar(depth - 1), self.scalar(depth - 1))
            }
        }
    }

    fn number(&mut self) -> String {
        self.rng
            .pick(&["0", "1", "2", "3", "0.5", "-1", "100", "1e3", "0.9", "10", "7", "NaN", "Inf", "-0.25"])
            .to_owned()
    }

    /// Series at a step.
    fn vector(&mut self, depth: usize) -> String {
        if depth == 0 {
            return match self.rng.below(10) {
                0..=4 => self.selector(),
                _ => self.range_function(0),
            };
        }
        let below = depth - 1;
        match self.rng.below(100) {
            0..=5 => self.selector(),
            6..=19 => self.range_function(below),
            20..=37 => self.aggregation(below),
            38..=53 => self.join(below),
            54..=62 => self.with_scalar(below),
            63..=69 => self.set(below),
            70..=76 => self.math(below),
            77..=81 => self.relabel(below),
            82..=86 => self.histogram_quantile(below),
            87..=89 => self.absent(below),
            90..=92 => self.date(),
            93..=94 => format!("-({})", self.vector(below)),
            95..=96 => self.clamp(below),
            97 => format!("vector({})", self.scalar(below)),
            98 if self.rng.chance(30) => format!("timestamp(-{})", self.selector()),
            98 => self.timestamp(),
            _ => format!("({})", self.vector(below)),
        }
    }

    fn metric(&mut self) -> &'static str {
        match self.rng.below(20) {
            0..=9 => self.rng.pick(&COUNTERS),
            10..=17 => self.rng.pick(&GAUGES),
            18 => "latency_seconds_bucket",
            _ => "missing_metric",
        }
    }

    fn selector(&mut self) -> String {
        let metric = self.metric();
        self.selector_of(metric)
    }

    fn selector_of(&mut self, metric: &str) -> String {
        let mut body = self.body(metric);
        if self.current() && self.rng.chance(3) {
            body += " smoothed";
        }
        body + &self.modifiers()
    }

    /// Name and matchers.
    fn body(&mut self, metric: &str) -> String {
        let mut matchers = Vec::new();
        for _ in 0..[0, 0, 1, 1, 2][self.rng.below(5)] {
            matchers.push(
                self.rng
                    .pick(&[
                        "job=\"api\"",
                        "job=\"db\"",
                        "job=~\"a.*|db\"",
                        "job!=\"db\"",
                        "instance=~\".*-[01]\"",
                        "instance!~\"api-2\"",
                        "instance=\"api-0\"",
                        "code!=\"500\"",
                        "code=~\"2..|\"",
                        "method!~\"p.+\"",
                        "mode!=\"idle\"",
                        "zone=\"\"",
                        "job=~\".+\"",
                        "instance=\"nowhere\"",
                    ])
                    .to_owned(),
            );
        }
        if self.rng.chance(6) {
            // Several metrics: what differs only in its name meets sooner or later.
            let other = self.metric();
            matchers.insert(0, format!("__name__=~\"{metric}|{other}\""));
            return format!("{{{}}}", matchers.join(","));
        }
        if matchers.is_empty() { metric.to_owned() } else { format!("{metric}{{{}}}", matchers.join(",")) }
    }

    fn modifiers(&mut self) -> String {
        let mut out = String::new();
        if self.rng.chance(8) {
            let span = (self.data.end.0 - self.data.start.0) / 1000;
            let t = self.data.start.0 / 1000 + self.rng.between(span / 4, span);
            out += &match self.rng.below(3) {
                0 => " @ start()".to_owned(),
                1 => " @ end()".to_owned(),
                _ => format!(" @ {t}.{:03}", self.rng.below(1000)),
            };
        }
        if self.rng.chance(12) {
            out += " offset ";
            out += self.rng.pick(&["1m", "1m31s", "-2m", "30s", "-7s500ms", "10m"]);
        }
        out
    }

    /// A range selector or a subquery.
    fn range(&mut self, depth: usize) -> String {
        let metric = self.metric();
        self.range_of(metric, depth)
    }

    fn range_of(&mut self, metric: &str, depth: usize) -> String {
        if self.rng.chance(if depth > 0 { 30 } else { 10 }) {
            let mut inner = if depth > 0 { self.vector(depth - 1) } else { self.selector_of(metric) };
            if !self.current() && INEXACT.iter().any(|function| inner.contains(function)) {
                // Differences of neighbours would show the last digit, which Go's functions do not share with ours.
                inner = self.selector_of(metric);
            }
            let (range, step) = (self.rng.pick(&RANGES), self.rng.pick(&["", "15s", "47s", "1m", "2m"]));
            // Where the first inner step is that of the query, Prometheus takes the offset twice for what `@` fixes.
            let modifiers = if self.current() || !inner.contains('@') { self.modifiers() } else { String::new() };
            return format!("({inner})[{range}:{step}]{modifiers}");
        }
        let (body, range) = (self.body(metric), self.rng.pick(&RANGES));
        format!("{body}[{range}]{}", self.modifiers())
    }

    fn range_function(&mut self, depth: usize) -> String {
        if self.current() && self.rng.chance(10) {
            let (function, extension) = if self.rng.chance(50) {
                (self.rng.pick(&["rate", "increase", "delta", "changes", "resets"]), "anchored")
            } else {
                (self.rng.pick(&["rate", "increase", "delta"]), "smoothed")
            };
            let counter = self.rng.pick(&COUNTERS);
            let (body, range) = (self.body(counter), self.rng.pick(&RANGES));
            return format!("{function}({body}[{range}] {extension}{})", self.modifiers());
        }
        if self.rng.chance(45) {
            let (function, counter) =
                (self.rng.pick(&["rate", "rate", "increase", "irate", "resets"]), self.rng.pick(&COUNTERS));
            return format!("{function}({})", self.range_of(counter, depth));
        }
        let range = self.range(depth);
        match self.rng.below(8) {
            0 => format!("quantile_over_time({}, {range})", self.quantile(depth)),
            // 2.42 moves the range although `@` fixes it, to where it fetched no samples.
            1 if !self.current() && range.contains('@') => format!("deriv({range})"),
            1 => format!("predict_linear({range}, {})", self.rng.pick(&["60", "-30", "3600", "0"])),
            2 if self.current() => {
                let factors = self.rng.pick(&["0.5, 0.1", "0.01, 0.99", "0, 1", "0.3, 0.3", "1.5, 0.1"]);
                format!("double_exponential_smoothing({range}, {factors})")
            }
            2 => format!("double_exponential_smoothing({range}, 0.3, 0.6)"),
            3 if self.current() => {
                let function = self.rng.pick(&[
                    "first_over_time",
                    "mad_over_time",
                    "ts_of_first_over_time",
                    "ts_of_last_over_time",
                    "ts_of_max_over_time",
                    "ts_of_min_over_time",
                ]);
                format!("{function}({range})")
            }
            _ => {
                let function = self.rng.pick(&[
                    "sum_over_time",
                    "avg_over_time",
                    "min_over_time",
                    "max_over_time",
                    "count_over_time",
                    "last_over_time",
                    "last_over_time",
                    "present_over_time",
                    "stddev_over_time",
                    "stdvar_over_time",
                    "changes",
                    "delta",
                    "idelta",
                    "deriv",
                ]);
                format!("{function}({range})")
            }
        }
    }

    fn quantile(&mut self, depth: usize) -> String {
        if depth > 1 && self.rng.chance(10) {
            return self.scalar(depth - 1);
        }
        self.rng.pick(&["0.5", "0.9", "0.99", "0", "1", "0.25", "-1", "1.1", "NaN"]).to_owned()
    }

    fn labels(&mut self) -> String {
        let n = self.rng.below(3) + 1;
        let mut labels: Vec<&str> = (0..n).map(|_| self.rng.pick(&LABELS)).collect();
        labels.sort_unstable();
        labels.dedup();
        labels.join(", ")
    }

    fn grouping(&mut self) -> String {
        match self.rng.below(10) {
            0..=2 => String::new(),
            3..=6 => format!(" by ({})", self.labels()),
            7 if self.rng.chance(30) => " by (__name__, job)".to_owned(),
            _ => format!(" without ({})", self.labels()),
        }
    }

    fn aggregation(&mut self, depth: usize) -> String {
        let grouping = self.grouping();
        let inner = self.vector(depth);
        // 2.42 forgets some of three labels of a range query's `count_values by` from one step to the next.
        let few = if self.current() || grouping.matches(',').count() < 2 { &grouping } else { " without (le)" };
        match self.rng.below(16) {
            0 => format!("quantile{grouping} ({}, {inner})", self.quantile(depth)),
            // The last digit of an elementary function is not the same in Go.
            1 if !self.current() => format!("count_values{few} (\"value\", {})", self.range_function(0)),
            1 => format!("count_values{few} (\"{}\", {inner})", self.rng.pick(&["value", "job", "code", "le"])),
            2 | 3 => {
                let (function, k) = (self.rng.pick(&["topk", "bottomk"]), self.k(depth));
                let inner = if self.current() { inner } else { self.distinct() };
                format!("{function}{grouping} ({k}, {inner})")
            }
            4 if self.current() => format!("limitk{grouping} ({}, {inner})", self.k(depth)),
            _ => {
                let op = self.rng.pick(&["sum", "sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"]);
                format!("{op}{grouping} ({inner})")
            }
        }
    }

    fn k(&mut self, depth: usize) -> String {
        if self.current() && depth > 1 && self.rng.chance(15) {
            return self.scalar(depth - 1);
        }
        self.rng.pick(&["1", "2", "3", "5", "0", "-1", "2.9", "1000"]).to_owned()
    }

    fn aggregate_all(&mut self, depth: usize) -> String {
        let op = self.rng.pick(&["sum", "avg", "min", "max", "count"]);
        format!("{op}({})", self.vector(depth))
    }

    /// Series whose values all differ, so that sorting them has one outcome.
    fn distinct(&mut self) -> String {
        match self.rng.below(3) {
            0 => "rate(cpu_seconds_total[5m1s])".to_owned(),
            1 => "avg_over_time(temp_celsius[2m7s])".to_owned(),
            _ => "increase(latency_seconds_sum[13m])".to_owned(),
        }
    }

    /// An operator between series that mostly find each other.
    fn join(&mut self, depth: usize) -> String {
        let op = match self.rng.below(12) {
            0..=6 => self.rng.pick(&["+", "-", "*", "/", "%", "^", "atan2"]).to_owned(),
            _ => {
                let op = self.rng.pick(&["==", "!=", "<", ">", "<=", ">="]);
                if self.rng.chance(40) { format!("{op} bool") } else { op.to_owned() }
            }
        };
        let fill = match self.rng.below(12) {
            0 if self.current() => " fill(0)",
            1 if self.current() => " fill_left(-1)",
            2 if self.current() => " fill_right(1e3)",
            _ => "",
        };
        match self.rng.below(10) {
            0 => format!("{} {op}{fill} {}", self.operand(depth), self.operand(depth)),
            1 => {
                let (a, b) = (self.vector(depth), self.labels());
                format!("({a}) {op} ignoring({b}){fill} ({})", self.vector(depth))
            }
            2 => format!("{} {op} on({}) {}", self.operand(depth), self.labels(), self.operand(depth)),
            3 => {
                let body = self.selector();
                format!(
                    "{body} {op} {}",
                    if self.rng.chance(50) { format!("avg_over_time({body}[5m:1m])") } else { body.clone() }
                )
            }
            4 => {
                let by = self.rng.pick(&["job", "instance", "job, instance"]);
                format!(
                    "sum by ({by}) ({}) {op} on({by}){fill} max by ({by}) ({})",
                    self.vector(depth),
                    self.vector(depth)
                )
            }
            5 => {
                let include = self.rng.pick(&["zone", "version", "zone, version", "", "code", "__name__"]);
                let many = self.operand(depth);
                format!("{many} {op} on(job, instance) group_left({include}){fill} {}", self.selector_of("node_meta"))
            }
            6 => {
                let include = self.rng.pick(&["zone", "", "version"]);
                let many = self.operand(depth);
                format!("{} {op} on(instance) group_right({include}){fill} {many}", self.selector_of("node_meta"))
            }
            7 => {
                let by = self.rng.pick(&["code", "method", "code, method"]);
                format!(
                    "sum without ({by}) ({}) {op} ignoring({by}) group_right() {}",
                    self.selector_of("http_requests_total"),
                    self.selector_of("http_requests_total")
                )
            }
            8 => {
                let range = self.rng.pick(&RANGES);
                format!("rate(http_errors_total[{range}]) {op} rate(http_requests_total[{range}])")
            }
            _ => format!("{} {op} {}", self.selector_of("http_errors_total"), self.selector_of("http_requests_total")),
        }
    }

    fn operand(&mut self, depth: usize) -> String {
        format!("({})", self.vector(depth))
    }

    fn with_scalar(&mut self, depth: usize) -> String {
        let op = match self.rng.below(10) {
            0..=5 => self.rng.pick(&["+", "-", "*", "/", "%", "^", "atan2"]).to_owned(),
            _ => {
                let op = self.rng.pick(&["==", "!=", "<", ">", "<=", ">="]);
                if self.rng.chance(40) { format!("{op} bool") } else { op.to_owned() }
            }
        };
        let (vector, scalar) = (self.operand(depth), self.scalar(depth));
        if self.rng.chance(70) { format!("{vector} {op} {scalar}") } else { format!("{scalar} {op} {vector}") }
    }

    fn set(&mut self, depth: usize) -> String {
        let op = self.rng.pick(&["and", "or", "unless"]);
        let matching = match self.rng.below(4) {
            0 => format!(" on({})", self.labels()),
            1 => format!(" ignoring({})", self.labels()),
            2 => " on()".to_owned(),
            _ => String::new(),
        };
        let lhs = self.operand(depth);
        let rhs = if self.rng.chance(30) { format!("({lhs} > 1)") } else { self.operand(depth) };
        format!("{lhs} {op}{matching} {rhs}")
    }

    fn math(&mut self, depth: usize) -> String {
        let inner = self.vector(depth);
        if self.rng.chance(20) {
            let to = self.rng.pick(&["", ", 0.1", ", 5", ", 0", ", -2", ", NaN"]);
            return format!("round({inner}{to})");
        }
        let function = self.rng.pick(&[
            "abs", "ceil", "floor", "sqrt", "exp", "ln", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan",
            "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "deg", "rad", "sgn",
        ]);
        if self.current() {
            return format!("{function}({inner})");
        }
        // Of large numbers, the last digit decides about everything; near its overflow, Go's cosh is infinite too early.
        if INEXACT.iter().any(|inexact| inner.contains(inexact)) {
            format!("abs({inner})")
        } else {
            format!("{function}(clamp({inner}, -100, 100))")
        }
    }

    fn relabel(&mut self, depth: usize) -> String {
        let inner = self.vector(depth);
        let dst = self.rng.pick(&["new", "new", "job", "instance", "code", "__name__"]);
        let src = self.rng.pick(&["job", "instance", "code", "__name__", "none"]);
        if self.rng.chance(30) {
            let separator = self.rng.pick(&["-", "", "/"]);
            return format!("label_join({inner}, \"{dst}\", \"{separator}\", \"{src}\", \"instance\")");
        }
        let replacement = self.rng.pick(&["$1", "x-$1", "${1}_$2", "fixed", "", "$0$$", "$3"]);
        let pattern = self.rng.pick(&["(.*)-(.*)", "(.+)", "(.*)", "(a|d).*", "nothing", "([a-z]+).*?(\\\\d*)"]);
        format!("label_replace({inner}, \"{dst}\", \"{replacement}\", \"{src}\", \"{pattern}\")")
    }

    fn histogram_quantile(&mut self, depth: usize) -> String {
        let q = self.quantile(depth);
        let range = self.rng.pick(&RANGES);
        let function = self.rng.pick(&["rate", "increase", "sum_over_time", "delta"]);
        let body = self.body_without_names("latency_seconds_bucket");
        let buckets = match self.rng.below(8) {
            0 => body,
            1 => format!("{function}({body}[{range}])"),
            2 => format!("sum without (instance) ({function}({body}[{range}]))"),
            3 => format!("{function}({body}[{range}]) * {}", self.number()),
            4 => format!("{function}({body}[{range}]) > 0"),
            5 => self.vector(depth),
            _ => format!("sum by (le, {}) ({function}({body}[{range}]))", self.rng.pick(&["job", "instance", "zone"])),
        };
        format!("histogram_quantile({q}, {buckets})")
    }

    fn body_without_names(&mut self, metric: &str) -> String {
        let body = self.body(metric);
        if body.contains("__name__") { metric.to_owned() } else { body }
    }

    fn absent(&mut self, depth: usize) -> String {
        match self.rng.below(3) {
            0 => format!("absent({})", self.selector()),
            1 => format!("absent({})", self.vector(depth)),
            _ => format!("absent_over_time({})", self.range(depth)),
        }
    }

    fn date(&mut self) -> String {
        let function = self.rng.pick(&[
            "minute",
            "hour",
            "day_of_week",
            "day_of_month",
            "day_of_year",
            "days_in_month",
            "month",
            "year",
        ]);
        let arg = match self.rng.below(4) {
            0 => String::new(),
            1 => "started_time_seconds".to_owned(),
            2 => self.timestamp(),
            _ => "-started_time_seconds * 2".to_owned(),
        };
        format!("{function}({arg})")
    }

    fn timestamp(&mut self) -> String {
        let metric = self.metric();
        // Prometheus forgets an offset beside `@` here, and then looks where it fetched no samples.
        if self.current() {
            format!("timestamp({})", self.selector_of(metric))
        } else {
            format!("timestamp({})", self.body(metric))
        }
    }

    fn clamp(&mut self, depth: usize) -> String {
        let inner = self.vector(depth);
        match self.rng.below(3) {
            0 => format!("clamp({inner}, {}, {})", self.scalar(depth), self.scalar(depth)),
            1 => format!("clamp_min({inner}, {})", self.scalar(depth)),
            _ => format!("clamp_max({inner}, {})", self.scalar(depth)),
        }
    }
}
