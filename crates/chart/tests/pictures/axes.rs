//! Axes: logarithmic ones, fixed ones, and up to four beside the plot.

use super::{Case, on_axes};
use chart::{AxisOptions, AxisRange, ScaleKind, Theme, Unit};
use frame::gap;

fn one(kind: ScaleKind, range: AxisRange) -> Vec<AxisOptions> {
    vec![AxisOptions { kind, range, ..AxisOptions::default() }]
}

#[test]
fn decades_are_as_high_as_each_other_and_zero_is_a_gap() {
    let columns = vec![
        vec![1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6, 1e7],
        vec![10.0, 5.0, 2.0, 1.0, 0.0, 1.0, 2.0, -5.0, 5.0, gap(), 10.0],
    ];
    Case { columns, axes: one(ScaleKind::Log, AxisRange::Fit), ..Case::default() }.check("log");
}

#[test]
fn a_logarithmic_axis_of_nothing_above_zero_and_of_little() {
    let axes = || one(ScaleKind::Log, AxisRange::Fit);
    Case { columns: vec![vec![0.0; 11], vec![-1.0; 11]], axes: axes(), ..Case::default() }.check("log_of_nothing");
    let column = (0..11).map(|i| 100.0 + f64::from(i)).collect();
    Case { columns: vec![column], axes: axes(), ..Case::default() }.check("log_of_little");
}

#[test]
fn both_sides_of_zero_by_their_logarithm() {
    let column = vec![-1e4, -1e3, -100.0, -10.0, -1.0, 0.0, 1.0, 10.0, 100.0, 1e3, 1e4];
    Case { columns: vec![column], axes: one(ScaleKind::SymLog, AxisRange::Fit), ..Case::default() }.check("symlog");
}

#[test]
fn what_is_beyond_a_fixed_axis_is_cut_off() {
    let column = vec![0.0, 2.0, 4.0, 8.0, 4.0, 2.0, -4.0, 2.0, 3.0, 20.0, 3.0];
    let range = AxisRange::Fixed { min: Some(0.0), max: Some(5.0) };
    Case { columns: vec![column], axes: one(ScaleKind::Linear, range), ..Case::default() }.check("fixed");
}

fn units(units: &[Unit]) -> Vec<AxisOptions> {
    units.iter().map(|&unit| AxisOptions { unit, ..AxisOptions::default() }).collect()
}

#[test]
fn an_axis_on_each_side() {
    let columns =
        vec![(0..11).map(|i| f64::from(i) * 1e8).collect(), (0..11).map(|i| 0.5 - f64::from(i % 5) * 0.1).collect()];
    let (axes, styles) = (units(&[Unit::Bytes, Unit::Ratio]), on_axes(Theme::LIGHT, &[0, 1]));
    Case { columns, axes, styles, ..Case::default() }.check("two_axes");
}

#[test]
fn four_axes_and_a_series_that_asks_for_a_fifth() {
    let column = |factor: f64| (0..11).map(|i| f64::from((i * 7) % 11) * factor).collect::<Vec<f64>>();
    let columns = vec![column(1e8), column(0.1), column(0.02), column(100.0), column(50.0)];
    let axes = units(&[Unit::Bytes, Unit::Ratio, Unit::Seconds, Unit::PerSecond]);
    let styles = on_axes(Theme::DARK, &[0, 1, 2, 3, 4]);
    Case { columns, axes, styles, theme: Theme::DARK, ..Case::default() }.check("four_axes");
}
