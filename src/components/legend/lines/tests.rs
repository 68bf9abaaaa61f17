//! Which lines a legend has, and in which order.
use super::*;
use expect_test::{Expect, expect};
use frame::{Frame, FrameSeries, Points};
use model::StepGrid;

/// A series: expression, whether it is earlier, labels, values.
type Given<'a> = (u16, bool, &'a [(&'a str, &'a str)], &'a [f64]);

/// An answer of series.
fn answer(series: &[Given<'_>]) -> GraphAnswer {
    let series: Vec<FrameSeries> = series
        .iter()
        .map(|(query_idx, is_previous, labels, vs)| FrameSeries {
            source: Source { query_idx: *query_idx, is_previous: *is_previous },
            labels: Labels::from_pairs(labels.iter().copied()),
            stats: SeriesStats::of(vs),
            points: Points::Dense(vs.to_vec()),
        })
        .collect();
    GraphAnswer {
        source: protocol::SourceChoice::Local,
        comparison: None,
        panel: protocol::PanelId(1),
        generation: 1,
        expr: "rate(cpu[5m])".to_owned(),
        extras: protocol::Extras {
            also: vec!["up".to_owned()],
            previous_ms: Some(86_400_000),
            ..protocol::Extras::default()
        },
        failed: Vec::new(),
        start_ms: 0,
        end_ms: 1_000,
        step_ms: 1_000,
        frame: Frame { grid: StepGrid::default(), n_series_total: series.len(), series, ..Frame::default() },
        warnings: Vec::new(),
        infos: Vec::new(),
        stats: protocol::QueryStats::default(),
    }
}

fn cpus() -> GraphAnswer {
    answer(&[
        (0, false, &[("cpu", "10"), ("job", "node")], &[5.0, 1.0]),
        (0, false, &[("cpu", "2"), ("job", "node")], &[2.0, f64::NAN]),
        (0, false, &[("cpu", "9"), ("job", "node")], &[7.0, 3.0]),
        (0, true, &[("cpu", "2"), ("job", "node")], &[9.0, 9.0]),
    ])
}

fn check(answer: &GraphAnswer, listing: &Listing, want: &Expect) {
    let entries = Entries::next(None, answer, "");
    let told = lines(&entries.list, listing).into_iter().map(|line| match line {
        Line::Query(idx) => format!("{}:", answer.expr_of(idx)),
        Line::Series(idx) => entries.list[idx].name.to_string(),
    });
    want.assert_eq(&told.collect::<Vec<_>>().join("\n"));
}

#[test]
fn names_with_numbers_sort_by_the_numbers() {
    let by_name = Order::default().clicked(By::Name);
    check(
        &cpus(),
        &Listing { order: by_name, ..Listing::default() },
        &expect![[r#"
            {cpu="2"}
            {cpu="9"}
            {cpu="10"}"#]],
    );
    check(
        &cpus(),
        &Listing { order: by_name.clicked(By::Name), lists_earlier: true, ..Listing::default() },
        &expect![[r#"
            {cpu="10"}
            {cpu="9"}
            {cpu="2"} 1 d earlier
            {cpu="2"}"#]],
    );
    for (a, b) in [("a2", "a10"), ("a", "a0"), ("a01", "a1"), ("a1b2", "a1b10"), ("", "a"), ("9", "a")] {
        assert_eq!((by_name_of(a, b), by_name_of(b, a)), (Ordering::Less, Ordering::Greater), "{a} {b}");
    }
    assert_eq!(by_name_of("x7", "x7"), Ordering::Equal);
}

fn by_name_of(a: &str, b: &str) -> Ordering {
    super::by_name(a, b)
}

#[test]
fn values_sort_from_the_greatest_and_what_is_none_comes_last() {
    let by_last = Order::default().clicked(By::Value(Column::Last));
    check(
        &cpus(),
        &Listing { order: by_last, ..Listing::default() },
        &expect![[r#"
            {cpu="9"}
            {cpu="10"}
            {cpu="2"}"#]],
    );
    check(
        &cpus(),
        &Listing { order: by_last.clicked(By::Value(Column::Last)), ..Listing::default() },
        &expect![[r#"
            {cpu="10"}
            {cpu="9"}
            {cpu="2"}"#]],
    );
    let thrice = by_last.clicked(By::Value(Column::Last)).clicked(By::Value(Column::Last));
    assert_eq!(thrice, Order::default());
    assert_eq!(by_last.descends(By::Value(Column::Last)), Some(true));
    assert_eq!(by_last.descends(By::Name), None);
}

#[test]
fn the_filter_looks_at_the_whole_name() {
    check(
        &cpus(),
        &Listing { filter: "NODE".to_owned(), ..Listing::default() },
        &expect![[r#"
        {cpu="10"}
        {cpu="2"}
        {cpu="9"}"#]],
    );
    check(&cpus(), &Listing { filter: " cpu=\"9".to_owned(), ..Listing::default() }, &expect![[r#"{cpu="9"}"#]]);
    check(&cpus(), &Listing { filter: "other".to_owned(), ..Listing::default() }, &expect![""]);
}

#[test]
fn each_of_several_expressions_heads_its_series() {
    let both = answer(&[
        (0, false, &[("cpu", "0"), ("job", "a")], &[1.0]),
        (0, false, &[("cpu", "1"), ("job", "a")], &[2.0]),
        (1, false, &[("__name__", "up"), ("job", "a")], &[1.0]),
        (1, true, &[("__name__", "up"), ("job", "a")], &[1.0]),
    ]);
    check(
        &both,
        &Listing { order: Order::default().clicked(By::Value(Column::Max)), ..Listing::default() },
        &expect![[r#"
            rate(cpu[5m]):
            {cpu="1"}
            {cpu="0"}
            up:
            up{job="a"}"#]],
    );
}

#[test]
fn a_format_calls_series_by_their_labels_and_never_by_nothing() {
    let entries = Entries::next(None, &cpus(), "core {{cpu}}");
    assert_eq!(entries.list[0].name.as_ref(), "core 10");
    assert_eq!(entries.list[3].name.as_ref(), "core 2 1 d earlier");
    assert_eq!(Entries::next(None, &cpus(), "{{nothing}}").list[0].name.as_ref(), "{cpu=\"10\"}");
}

#[test]
fn names_are_kept_while_series_stay_and_written_anew_when_they_change() {
    let first = Entries::next(None, &cpus(), "");
    let second = Entries::next(Some(&first), &cpus(), "");
    assert!(Arc::ptr_eq(&first.list[0].name, &second.list[0].name));
    let mut others = cpus();
    others.frame.series.remove(0);
    assert_eq!(Entries::next(Some(&first), &others, ""), Entries::next(None, &others, ""));
    assert_eq!(Entries::next(Some(&first), &cpus(), "{{cpu}}"), Entries::next(None, &cpus(), "{{cpu}}"));
}

#[test]
fn a_folded_legend_ends_with_a_series() {
    let all = vec![Line::Query(0), Line::Series(0), Line::Series(1), Line::Query(1), Line::Series(2)];
    assert_eq!(folded(all.clone(), 3), all);
    assert_eq!(folded(all.clone(), 2), all[..3]);
    assert_eq!(folded(all.clone(), 1), all[..2]);
    assert_eq!(folded(Vec::new(), 3), []);
}

#[test]
fn only_lines_in_sight_are_in_the_page() {
    assert_eq!(in_sight(5, 0.0, 480.0, 24.0), 0..5);
    assert_eq!(in_sight(1_000, 0.0, 480.0, 24.0), 0..30);
    assert_eq!(in_sight(1_000, 2_400.0, 480.0, 24.0), 92..130);
    assert_eq!(in_sight(1_000, 1e9, 480.0, 24.0), 1_000..1_000);
    assert_eq!(in_sight(10, -5.0, 0.0, 0.0), 0..10);
}
