//! The texts of an axis: whatever is shown, none is written twice or upon another.

use super::Case;
use chart::{AxisOptions, AxisRange, Form, ScaleKind, Theme, Unit};
use frame::HeatMap;
use proptest::prelude::*;

/// A text as it lies in a picture, CSS pixels.
#[derive(Debug)]
struct Written {
    text: String,
    x: (f64, f64),
    y: (f64, f64),
    side: String,
}

/// The texts of a picture, with the size that plotters' SVG backend reckons with.
fn written(svg: &str) -> Vec<Written> {
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let mut texts = Vec::new();
    let mut lines = svg.lines();
    while let Some(tag) = lines.next() {
        if tag.starts_with("<text") {
            let text = lines.next().unwrap().to_owned();
            let number = |name: &str| attribute(tag, name).parse::<f64>().unwrap() / 4.0;
            let (x, y, size, side) = (number("x"), number("y"), number("font-size"), attribute(tag, "text-anchor"));
            let width = text.len() as f64 * size / 1.24 * 0.7;
            let left = match side.as_str() {
                "start" => x,
                "middle" => x - width / 2.0,
                _ => x - width,
            };
            // Texts of value axes lie around their place, those of the time axis below it.
            let top = if side == "middle" { y } else { y - size / 2.0 };
            texts.push(Written { text, x: (left, left + width), y: (top, top + size), side });
        }
    }
    texts
}

fn check(case: &Case) {
    let texts = written(&case.svg());
    for (idx, a) in texts.iter().enumerate() {
        for b in &texts[..idx] {
            let apart = a.x.0 >= b.x.1 || b.x.0 >= a.x.1 || a.y.0 >= b.y.1 || b.y.0 >= a.y.1;
            assert!(apart, "{a:?} lies on {b:?} of {:?}", case.size);
            // Those of the time axis: the same time comes again on each day.
            let same_axis = a.side == b.side && a.side != "middle" && a.x == b.x;
            assert!(!same_axis || a.text != b.text, "{a:?} is as {b:?}");
        }
        let (width, height) = (f64::from(case.size.0), f64::from(case.size.1));
        let within = a.x.0 >= -0.5 && a.x.1 <= width + 0.5 && a.y.0 >= -0.5 && a.y.1 <= height + 4.0;
        assert!(within, "{a:?} is cut off at {:?}", case.size);
    }
}

fn unit() -> impl Strategy<Value = Unit> {
    prop::sample::select(&Unit::ALL[..])
}

fn kind() -> impl Strategy<Value = ScaleKind> {
    prop::sample::select(&[ScaleKind::Linear, ScaleKind::Log, ScaleKind::SymLog][..])
}

fn size() -> impl Strategy<Value = (u32, u32)> {
    (20u32..2_000, 20u32..1_200)
}

/// Values of any magnitude, close to each other or not.
fn ends() -> impl Strategy<Value = (f64, f64)> {
    let magnitude = || (-300.0..300.0f64).prop_map(|e| libm::pow(10.0, e));
    prop_oneof![
        (magnitude(), magnitude()),
        (magnitude(), -18.0..0.0f64).prop_map(|(v, e)| (v, v + v * libm::pow(10.0, e))),
        (magnitude(), magnitude()).prop_map(|(a, b)| (-a, b)),
        (-1e6..1e6f64, 0.0..1e6f64).prop_map(|(v, d)| (v, v + d)),
        (0.0..10.0f64, 0.0..10.0f64),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn of_value_axes(
        axes in proptest::collection::vec((unit(), kind(), ends(), any::<bool>()), 1..=4),
        size in size(),
    ) {
        let columns = axes.iter().map(|(.., (a, b), _)| vec![*a, *b]).collect();
        let places: Vec<u8> = (0..axes.len() as u8).collect();
        let styles = super::on_axes(Theme::LIGHT, &places);
        let axes = axes.into_iter().map(|(unit, kind, (a, b), is_fixed)| {
            let range = if is_fixed { AxisRange::Fixed { min: Some(a), max: Some(b) } } else { AxisRange::Fit };
            AxisOptions { unit, kind, range }
        });
        check(&Case { columns, styles, axes: axes.collect(), size, ..Case::default() });
    }

    #[test]
    fn of_the_time_axis(
        start in 0i64..3_000_000_000_000,
        range in (0.0..12.5f64).prop_map(|e| libm::pow(10.0, e) as i64),
        width in 60u32..2_000,
        zone_minutes in -720i64..840,
        change in 0.0..1.0f64,
    ) {
        let case = Case { size: (width, 200), ..Case::default() };
        let changes_at = start + (range as f64 * change) as i64;
        let offset = move |at: i64| zone_minutes * 60_000 + if at >= changes_at { 3_600_000 } else { 0 };
        let options = chart::Options { start_ms: start, end_ms: start + range, offset: &offset, ..case.options() };
        let svg = chart::svg(&case.frame(), &options, case.size, "");
        let texts = written(&svg);
        for (idx, a) in texts.iter().enumerate() {
            for b in &texts[..idx] {
                let apart = a.x.0 >= b.x.1 || b.x.0 >= a.x.1 || a.y.0 >= b.y.1 || b.y.0 >= a.y.1;
                prop_assert!(apart, "{:?} lies on {:?}", a, b);
            }
        }
        let n_times = texts.iter().filter(|text| text.side == "middle").count();
        prop_assert!(n_times >= 1 || width < 300 , "no time is told: {:?}", texts);
    }

    #[test]
    fn of_heat_maps(
        mut edges in proptest::collection::vec(prop_oneof![
            -5.0..5.0f64,
            (-9.0..9.0f64).prop_map(|e| libm::pow(10.0, e)),
            Just(f64::INFINITY),
        ], 2..200),
        unit in unit(),
        size in size(),
    ) {
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        let cells = vec![1.0; edges.len().saturating_sub(1) * 11];
        let heat = vec![HeatMap { query_idx: 0, edges, cells }];
        let axes = vec![AxisOptions { unit, ..AxisOptions::default() }];
        check(&Case { heat, axes, form: Form::Heatmap, size, ..Case::default() });
    }
}

#[test]
fn of_states_with_any_names() {
    for n in [1, 3, 30, 300] {
        let names = (0..n).map(|i| format!("{i}-{}", "x".repeat(i * 7 % 10_000))).collect();
        let columns = vec![vec![1.0; 11]; n];
        check(&Case { columns, names, form: Form::States, size: (500, 300), ..Case::default() });
    }
}
