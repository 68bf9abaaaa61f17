//! Exemplars and events beside the series.

use super::{Case, ms};
use chart::{AxisOptions, AxisRange, Form, Unit};
use frame::{FrameExemplar, HeatMap, Mark, MarkKind};
use model::Labels;

fn exemplar(query_idx: u16, at: &str, v: f64) -> FrameExemplar {
    let labels = Labels::from_pairs([("trace_id", "4bf92f3577b34da6")]);
    FrameExemplar { query_idx, series: Labels::empty(), labels, t: ms(at) as f64, v }
}

#[test]
fn exemplars_are_diamonds_and_stay_within_the_plot() {
    let exemplars = vec![
        exemplar(0, "2026-05-01 12:01:30", 2.5),
        exemplar(0, "2026-05-01 12:03", 100.0),
        exemplar(0, "2026-05-01 12:04", f64::NEG_INFINITY),
        exemplar(0, "2026-05-01 12:05", f64::NAN),
        exemplar(0, "2026-05-01 13:05", 2.0),
        exemplar(1, "2026-05-01 12:06", 2.0),
    ];
    Case { exemplars, ..Case::of(&[&[1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0, 2.0, 3.0, 4.0, 3.0]]) }.check("exemplars");
}

#[test]
fn exemplars_lie_in_their_buckets() {
    let edges = vec![0.0, 0.1, 1.0, f64::INFINITY];
    let heat = vec![HeatMap { query_idx: 0, edges, cells: vec![1.0; 33] }];
    let at = |minute: &str, v| exemplar(0, &format!("2026-05-01 12:0{minute}"), v);
    let exemplars = vec![at("1", 0.05), at("2", 0.1), at("3", 0.55), at("4", 7.0), at("5", -1.0)];
    let axes = vec![AxisOptions { unit: Unit::Seconds, ..AxisOptions::default() }];
    Case { heat, exemplars, axes, form: Form::Heatmap, ..Case::default() }.check("heat_exemplars");
}

fn mark(kind: MarkKind, at: &str, end: &str) -> Mark {
    Mark { kind, at_ms: ms(at), end_ms: ms(end), labels: Labels::empty(), count: 1, text: String::new() }
}

#[test]
fn events_are_triangles_and_ranges_are_bands() {
    let marks = vec![
        mark(MarkKind::TargetDown, "2026-05-01 11:50", "2026-05-01 12:01"),
        mark(MarkKind::CounterReset, "2026-05-01 12:02", "2026-05-01 12:02"),
        mark(MarkKind::TargetDown, "2026-05-01 12:03", "2026-05-01 12:05"),
        mark(MarkKind::TargetUp, "2026-05-01 12:05", "2026-05-01 12:05"),
        mark(MarkKind::Note, "2026-05-01 12:07", "2026-05-01 12:07"),
        mark(MarkKind::Restart, "2026-05-01 13:07", "2026-05-01 13:07"),
    ];
    let range = AxisRange::FromZero;
    let axes = vec![AxisOptions { range, ..AxisOptions::default() }];
    Case { marks, axes, ..Case::of(&[&[3.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0, 2.0, 3.0, 4.0, 3.0]]) }.check("marks");
}
