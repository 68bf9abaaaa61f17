//! The engine against the naive evaluator: generated queries over generated series have the same answer to the bit.

use differential::compare::{Closeness, differences};
use differential::data::{Dataset, Plan, Series, generate};
use differential::queries::{self, Level, Question};
use differential::rules::Rules;
use differential::{Rng, naive};
use model::{Labels, Millis, STALE_NAN, StepGrid, Timestamp};

/// Data sets, and questions to each. `DIFFERENTIAL_QUERIES` asks more of each.
const SEEDS: u64 = 6;
const QUERIES: usize = 100;

fn plan() -> Plan {
    Plan { minutes: 40, stale: true, extreme: true }
}

/// The differences at the whole grid, if there are some.
fn check(data: &Dataset, head: &tsdb::Head, question: &Question) -> Vec<String> {
    let Question { query, grid, as_range } = question;
    let expr = match promql::parse_strict(query, &tsdb::validate_regex) {
        Ok(expr) => expr,
        Err(found) => return vec![format!("no query: {}", found[0].message)],
    };
    let expected = naive::evaluate(&data.series, &expr, *grid, *as_range, Rules::CURRENT);
    let got = conformance::ask(head, query, *grid, *as_range).map(|(answer, _)| answer);
    differences(&expected, &got, Closeness::Bits)
}

/// The question at as few steps as still differ.
fn shrink(data: &Dataset, head: &tsdb::Head, question: &Question) -> Question {
    let mut small = question.clone();
    loop {
        let StepGrid { start, step, len } = small.grid;
        let halves = [
            StepGrid { start, step, len: len / 2 },
            StepGrid { start: small.grid.time(len / 2), step, len: len - len / 2 },
        ];
        let mut halves = halves.into_iter().filter(|half| half.len > 0 && half.len < len);
        match halves.find(|half| !check(data, head, &Question { grid: *half, ..small.clone() }).is_empty()) {
            Some(half) => small.grid = half,
            None => return small,
        }
    }
}

/// Queries that once had another answer, as short as they got.
const FOUND: [&str; 14] = [
    // Nobody looks for ambiguous matches where the other side is empty.
    "absent(up) - on(job) up",
    "up > 5 == on(job) group_left() up",
    // Deviations of an aggregation are not compensated.
    "stddev (cpu_seconds_total)",
    // Arithmetic takes the name away at once.
    "label_join(up * queue_length, \"new\", \"-\", \"__name__\", \"instance\")",
    "sum({__name__=~\"up|queue_length\"} * on(instance) group_left() node_meta)",
    // A count that is NaN reaches no rank.
    "histogram_quantile(0.5, latency_seconds_bucket * NaN)",
    // The label of the value may be one that goes.
    "count_values without (job) (\"job\", up)",
    // What `bool` gives has no name, wherever it comes from.
    "up == bool on(instance) group_left(__name__) node_meta",
    // Results have to be unique before a comparison filters them.
    "http_requests_total == on(job, instance) group_left(code) node_meta",
    // A matcher before the one with `=` takes nothing away, one after it does.
    "absent(missing_metric{job=~\".+\", job=\"x\"})",
    "absent(missing_metric{job=\"x\", job=~\".+\"})",
    // Infinity is greater than NaN.
    "clamp_min(odd_values, Inf)",
    "clamp(odd_values, NaN, Inf)",
    // The step of the query, also in a subquery.
    "last_over_time((up * step())[13m:2m])",
];

#[test]
fn queries_that_once_differed_do_so_no_more() {
    let data = generate(0, plan());
    let head = data.head();
    for query in FOUND {
        for (len, as_range) in [(1, false), (1, true), (20, true)] {
            let grid = StepGrid { start: Timestamp(data.start.0 + 600_000), step: Millis(45_000), len };
            let found = check(&data, &head, &Question { query: query.to_owned(), grid, as_range });
            assert!(found.is_empty(), "{query}, {len} steps:\n{}", found.join("\n"));
        }
    }
}

#[test]
fn the_name_of_a_merged_series_is_that_of_its_first_sample() {
    let series = |pairs: &[(&str, &str)], samples: &[(i64, f64)]| Series {
        labels: Labels::from_pairs(pairs.iter().copied()),
        samples: samples.to_vec(),
    };
    let a = series(&[("__name__", "a")], &[(60_000, 1.0), (360_001, STALE_NAN), (720_000, 2.0)]);
    let b = series(&[("__name__", "b")], &[(720_000, 3.0)]);
    let data = Dataset { series: vec![a, b], start: Timestamp(0), end: Timestamp(900_000) };
    let head = data.head();
    for query in ["(a < 2) or -a", "-(a < 2) or a", "(a > 1) or -a", "a or on(x) -{__name__=~\"a|b\"}"] {
        let grid = StepGrid::new(Timestamp(60_000), Timestamp(900_000), Millis(60_000));
        let found = check(&data, &head, &Question { query: query.to_owned(), grid, as_range: true });
        assert!(found.is_empty(), "{query}:\n{}", found.join("\n"));
    }
}

#[test]
fn generated_queries_have_the_answers_of_the_naive_evaluator() {
    let n_queries = std::env::var("DIFFERENTIAL_QUERIES").ok().and_then(|n| n.parse().ok()).unwrap_or(QUERIES);
    let (mut n_answered, mut failures) = (0, Vec::new());
    for seed in 0..SEEDS {
        let data = generate(seed, plan());
        let head = data.head();
        let mut rng = Rng::new(seed.wrapping_mul(7919));
        for _ in 0..n_queries {
            let question = queries::generate(&mut rng, &data, Level::Current);
            let found = check(&data, &head, &question);
            let answer = conformance::ask(&head, &question.query, question.grid, question.as_range);
            n_answered += usize::from(matches!(answer, Ok((conformance::Answer::Series(s), _)) if !s.is_empty()));
            if !found.is_empty() {
                let small = shrink(&data, &head, &question);
                let found = check(&data, &head, &small);
                let grid = small.grid;
                failures.push(format!(
                    "seed {seed}: {}\n  {} steps of {} ms from {}, {}\n  {}",
                    small.query,
                    grid.len,
                    grid.step.0,
                    grid.start.as_secs_f64(),
                    if small.as_range { "range" } else { "instant" },
                    found.join("\n  ")
                ));
            }
        }
    }
    let n = SEEDS as usize * n_queries;
    println!("{n} queries, {n_answered} with series in the answer");
    assert!(failures.is_empty(), "{} of {n} queries differ:\n{}", failures.len(), failures.join("\n"));
    assert!(n_answered * 2 > n, "only {n_answered} of {n} queries have an answer");
}
