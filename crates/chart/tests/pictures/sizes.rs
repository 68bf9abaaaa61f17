//! Any frame in any form on any surface: down to no pixels at all.

use super::Case;
use chart::{AxisOptions, AxisRange, Form, Options, ScaleKind, Theme, draw};
use frame::{FrameExemplar, HeatMap, Mark, MarkKind, Points, gap};
use model::Labels;
use plotters::backend::SVGBackend;
use proptest::prelude::*;

const FORMS: [Form; 7] =
    [Form::Lines, Form::Stacked, Form::Bars, Form::Points, Form::Steps, Form::Heatmap, Form::States];

/// Something of everything.
fn full(form: Form) -> Case {
    let at = super::ms("2026-05-01 12:03");
    let exemplar =
        FrameExemplar { query_idx: 0, series: Labels::empty(), labels: Labels::empty(), t: at as f64, v: 2.0 };
    let kind = MarkKind::TargetDown;
    let mark = Mark { kind, at_ms: at, end_ms: at + 60_000, labels: Labels::empty(), count: 2, text: String::new() };
    Case {
        columns: vec![vec![1.0, gap(), 2.0, f64::NAN, -3.0, 1e9, 0.0, 4.0, 5.0, 5.0, 5.0]; 5],
        heat: vec![HeatMap { query_idx: 0, edges: vec![0.0, 1.0, f64::INFINITY], cells: vec![2.0; 22] }],
        exemplars: vec![exemplar],
        marks: vec![mark],
        axes: vec![AxisOptions::default(); 4],
        styles: super::on_axes(Theme::LIGHT, &[0, 1, 2, 3, 9]),
        form,
        ..Case::default()
    }
}

#[test]
fn surfaces_without_room() {
    for form in FORMS {
        for size in [(0, 0), (1, 1), (0, 100), (100, 0), (3, 200), (200, 3), (40, 30), (90, 60)] {
            let svg = Case { size, ..full(form) }.svg();
            assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{form:?} {size:?}: {svg}");
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{form:?} {size:?}: {svg}");
        }
    }
}

#[test]
fn a_small_surface_has_a_plot_and_no_texts() {
    Case { size: (40, 30), ..full(Form::Lines) }.check("small");
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![5 => -10.0..10.0f64, 1 => Just(gap()), 1 => Just(0.0), 1 => proptest::num::f64::ANY]
}

proptest! {
    #[test]
    fn anything_can_be_drawn_and_asked(
        columns in proptest::collection::vec(proptest::collection::vec(value(), 0..12), 0..4),
        is_sparse: bool,
        form in prop::sample::select(&FORMS[..]),
        kind in prop::sample::select(&[ScaleKind::Linear, ScaleKind::Log, ScaleKind::SymLog][..]),
        fixed in proptest::option::of((value(), value())),
        size in (0u32..300, 0u32..200),
        scale in 0.25..4.0f64,
        start_ms in -1_000i64..1_000,
        range_ms in -1_000i64..40_000_000,
        pointer in (-10.0..400.0f64, -10.0..300.0f64),
    ) {
        let case = Case { columns, ..full(form) };
        let mut frame = case.frame();
        if is_sparse {
            for series in &mut frame.series {
                let (ts, vs) = series.points.iter(&frame.grid).unzip();
                series.points = Points::Sparse { ts, vs };
            }
        }
        let range = fixed.map_or(AxisRange::Fit, |(min, max)| AxisRange::Fixed { min: Some(min), max: Some(max) });
        let axes = [AxisOptions { kind, range, ..AxisOptions::default() }, AxisOptions { kind, ..AxisOptions::default() }];
        let start_ms = frame.grid.start.0 + start_ms;
        let options = Options { axes: &axes, start_ms, end_ms: start_ms + range_ms, scale, ..case.options() };
        let mut svg = String::new();
        let drawing = draw(&frame, &options, SVGBackend::with_string(&mut svg, size)).unwrap();
        prop_assert!(!svg.contains("NaN"));
        let (x, y) = pointer;
        let t = drawing.layout.time.to_time(x);
        let hits = chart::hit::all_at(&frame, &drawing, t);
        for hit in chart::hit::nearest(&frame, &drawing, x, y).iter().chain(&hits) {
            prop_assert!(drawing.shows(hit.series_idx) && hit.x.is_finite() && hit.y.is_finite(), "{:?}", hit);
            let place = drawing.place(&frame, hit.series_idx, hit.point_idx);
            prop_assert!(place.is_some_and(|(x, y)| (x - hit.x).abs() + (y - hit.y).abs() < 0.01), "{:?} {:?}", hit, place);
        }
        let _ = chart::hit::heat_at(&frame, &drawing, x, y);
        let _ = chart::hit::state_at(&frame, &drawing, x, y);
        let _ = (drawing.mark_at(&frame, x, y), drawing.exemplar_at(&frame, x, y));
        let moved = drawing.with_range(start_ms + 10_000, start_ms + 20_000);
        for idx in 0..frame.series.len() {
            moved.each_run(&frame, idx, |run| assert!(!run.is_empty()));
        }
    }
}
