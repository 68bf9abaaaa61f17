//! The axes of a picture: which values each shows, how wide its texts are, and both drawn with the grid.

use crate::draw::DrawError;
use crate::format::Unit;
use crate::layout::{Layout, Rect, css, time_axis_height, value_axis_width};
use crate::options::{AxisRange, Form, MAX_AXES, Options, ScaleKind};
use crate::scale::{Extent, TimeScale, ValueScale, axis};
use crate::theme::Rgb;
use crate::ticks::{Tick, TimeTick, axis_ticks, time_ticks};
use crate::{heatmap, stacked, states};
use frame::{Frame, Points};
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element::PathElement;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{RGBColor, ShapeStyle, TextStyle};
use plotters_backend::DrawingBackend;

/// A value axis before it has a place.
pub(crate) struct Plan {
    /// From 1 (below) to 0 (above).
    pub(crate) scale: ValueScale,
    /// From below.
    pub(crate) ticks: Vec<Tick>,
    /// Whether lines cross the plot at its ticks.
    pub(crate) has_grid: bool,
}

/// How wide a text is, pixels of the backend.
pub(crate) type Measure<'a, E> = &'a dyn Fn(&str) -> Result<f64, E>;

/// Draws the axes, the grid and their texts, and says what lies where. Texts are `widen` times as wide as the backend
/// reckons.
pub(crate) fn draw<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    frame: &Frame,
    options: &Options<'_>,
    style: &TextStyle<'_>,
    widen: f64,
) -> Result<Layout, DrawError<B>> {
    let scale = options.scale;
    let (width, height) = area.dim_in_pixel();
    let (width, height) = (width as i32, height as i32);
    let measure = |text: &str| Ok(f64::from(area.estimate_text_size(text, style)?.0) * widen);
    let (top, bottom, has_time, is_high) = vertical(height, scale);
    let n_axes = match options.form {
        Form::Heatmap | Form::States => 1,
        _ => options.axes.len().clamp(1, MAX_AXES),
    };
    let mut plans = Vec::with_capacity(n_axes);
    let mut widths = [0; MAX_AXES];
    for (idx, side) in widths.iter_mut().enumerate().take(n_axes) {
        let mut plan = plan(frame, options, idx as u8, f64::from(bottom - top), f64::from(width), &measure)?;
        let least = if options.form == Form::States { css::LEAST_ROW - 0.5 } else { css::LINE };
        thin(&mut plan, f64::from(bottom - top), least * scale);
        let mut widest = 0.0f64;
        for tick in &plan.ticks {
            widest = widest.max(measure(&tick.text)?);
        }
        *side = value_axis_width(widest.ceil() as u32, scale);
        plans.push(plan);
    }
    // The texts of an inner axis keep away from the line of the outer one.
    let apart = (css::TICK * scale).round() as i32;
    widths[0] += if n_axes > 2 { apart } else { 0 };
    widths[1] += if n_axes > 3 { apart } else { 0 };
    let margin = if n_axes > 1 { 0.0 } else { css::RIGHT };
    let mut sides = (widths[0] + widths[2], widths[1] + widths[3] + (margin * scale).round() as i32);
    // No room: the plot alone, from edge to edge.
    let has_values = is_high && sides.0 + sides.1 + (css::LEAST_PLOT * scale) as i32 <= width;
    if !has_values {
        sides = (0, 0);
    }
    let plot = Rect { left: sides.0, top, right: (width - sides.1).max(sides.0 + 1), bottom };
    let placed = |plan: &Plan| plan.scale.placed(f64::from(plot.top), f64::from(plot.bottom));
    let last = plans.last().map_or(ValueScale::linear(0.0, 1.0, 0.0, 1.0), placed);
    let mut values = [last; MAX_AXES];
    values.iter_mut().zip(&plans).for_each(|(value, plan)| *value = placed(plan));
    let time = TimeScale::new(options.start_ms, options.end_ms, f64::from(plot.left), f64::from(plot.right));
    let layout = Layout { plot, time, values, n_axes, scale };
    if width == 0 || height == 0 {
        return Ok(layout);
    }
    let pencil = Pencil { area, options, style, layout };
    let times = if has_time { shown_times(&layout, options, width, &measure)? } else { Vec::new() };
    pencil.grid(&times, plans.first())?;
    if has_time {
        pencil.time_axis(&times)?;
    }
    if has_values {
        let mut edges = [plot.left, plot.right, plot.left - widths[0], plot.right + widths[1]].into_iter();
        for (idx, plan) in plans.iter().enumerate() {
            if let Some(x) = edges.next() {
                pencil.value_axis(idx, x, plan)?;
            }
        }
    }
    Ok(layout)
}

/// Where the plot begins and ends, whether there is room for the time axis below it, and for texts beside it.
fn vertical(height: i32, scale: f64) -> (i32, i32, bool, bool) {
    let (margin, below) = ((css::TOP * scale).round() as i32, time_axis_height(scale));
    let least = (css::LEAST_PLOT * scale) as i32;
    if margin + below + least <= height {
        (margin, height - below, true, true)
    } else if 2 * margin + least <= height {
        (margin, height - margin, false, true)
    } else {
        (0, height.max(1), false, false)
    }
}

/// What a value axis shows.
fn plan<E>(
    frame: &Frame,
    options: &Options<'_>,
    idx: u8,
    height: f64,
    width: f64,
    measure: Measure<'_, E>,
) -> Result<Plan, E> {
    match options.form {
        Form::Heatmap => Ok(heatmap::plan(frame, options, height)),
        Form::States => states::plan(frame, options, height, width, measure),
        _ => {
            let scale = value_scale(frame, options, idx);
            let n_ticks = (height / (css::VALUE_SPACING * options.scale)).clamp(2.0, 10.0) as usize;
            let unit: Unit = options.axis(idx).unit;
            Ok(Plan { scale, ticks: axis_ticks(&scale, n_ticks, unit), has_grid: idx == 0 })
        }
    }
}

/// The scale of a value axis for what the form draws on it, from 1 (below) to 0 (above).
fn value_scale(frame: &Frame, options: &Options<'_>, idx: u8) -> ValueScale {
    let about = options.axis(idx);
    let from_zero = |range| if range == AxisRange::Fit { AxisRange::FromZero } else { range };
    match options.form {
        // What is added up cannot be read from an axis that is not even.
        Form::Stacked => axis(stacked::extent(frame, options, idx), ScaleKind::Linear, from_zero(about.range)),
        Form::Bars => axis(extent(frame, options, idx, about.kind), about.kind, from_zero(about.range)),
        _ => axis(extent(frame, options, idx, about.kind), about.kind, about.range),
    }
}

/// What is known of the values of the series on an axis.
fn extent(frame: &Frame, options: &Options<'_>, idx: u8, kind: ScaleKind) -> Extent {
    let mut extent = Extent::NONE;
    for (series_idx, series) in frame.series.iter().enumerate() {
        let style = options.style(series_idx);
        if !style.is_shown || options.axis_idx(style.axis) != idx {
            continue;
        }
        let stats = &series.stats;
        extent.min = extent.min.min(stats.min);
        extent.max = extent.max.max(stats.max);
        let least = match kind {
            ScaleKind::Linear => f64::NAN,
            ScaleKind::Log if stats.min > 0.0 => stats.min,
            _ => least_of(&series.points, kind == ScaleKind::SymLog),
        };
        extent.least = extent.least.min(least);
    }
    extent
}

/// The value nearest to zero, of those above it or on both sides.
fn least_of(points: &Points, both_sides: bool) -> f64 {
    let (Points::Dense(vs) | Points::Sparse { vs, .. }) = points;
    let sided = |v: f64| if both_sides { v.abs() } else { v };
    // `min` passes over NaN.
    vs.iter().map(|&v| sided(v)).filter(|v| *v > 0.0 && v.is_finite()).fold(f64::NAN, f64::min)
}

/// Drops ticks whose texts would touch, or read the same as, one that stays. Zero is the last to go.
fn thin(plan: &mut Plan, height: f64, least: f64) {
    let scale = plan.scale.placed(0.0, height);
    let (zero, others): (Vec<&Tick>, Vec<&Tick>) = plan.ticks.iter().partition(|tick| tick.at == 0.0);
    let mut kept: Vec<(f64, &Tick)> = Vec::with_capacity(plan.ticks.len());
    for tick in zero.into_iter().chain(others) {
        let y = scale.to_px(tick.at);
        if y.is_finite() && kept.iter().all(|(other, k)| (other - y).abs() >= least && k.text != tick.text) {
            kept.push((y, tick));
        }
    }
    let kept: Vec<f64> = kept.into_iter().map(|(_, tick)| tick.at).collect();
    plan.ticks.retain(|tick| kept.contains(&tick.at));
}

/// A tick of the time axis with its place and the texts that there is room for.
struct PlacedTime {
    x: i32,
    text: String,
    day: String,
}

/// The ticks of the time axis. A text that would be cut off or touch the one before is left out; its line stays.
fn shown_times<E>(
    layout: &Layout,
    options: &Options<'_>,
    width: i32,
    measure: Measure<'_, E>,
) -> Result<Vec<PlacedTime>, E> {
    let TimeScale { start, end, .. } = layout.time;
    let spacing_ms = css::TIME_SPACING * options.scale / f64::from(layout.plot.width().max(1)) * (end - start);
    let ticks = time_ticks(start as i64, end as i64, spacing_ms, options.offset);
    let gap = css::TICK * options.scale;
    // Where the last text of each line ends.
    let mut ends = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    let mut placed = Vec::with_capacity(ticks.len());
    for TimeTick { at_ms, text, day } in ticks {
        let x = layout.time.to_px(at_ms as f64);
        let fit = |text: String, end: &mut f64| -> Result<String, E> {
            let half = measure(&text)? / 2.0;
            let fits = !text.is_empty() && x - half >= 0.0 && x - half >= *end + gap && x + half <= f64::from(width);
            if fits {
                *end = x + half;
            }
            Ok(if fits { text } else { String::new() })
        };
        let (text, day) = (fit(text, &mut ends.0)?, fit(day, &mut ends.1)?);
        placed.push(PlacedTime { x: x.round() as i32, text, day });
    }
    Ok(placed)
}

/// What axes are drawn with.
struct Pencil<'a, 'b, B: DrawingBackend> {
    area: &'a DrawingArea<B, Shift>,
    options: &'a Options<'b>,
    style: &'a TextStyle<'a>,
    layout: Layout,
}

impl<B: DrawingBackend> Pencil<'_, '_, B> {
    fn px(&self, css: f64) -> i32 {
        (css * self.options.scale).round() as i32
    }

    fn line(&self, from: (i32, i32), to: (i32, i32), Rgb(r, g, b): Rgb) -> Result<(), DrawError<B>> {
        let stroke_width = self.px(1.0).max(1) as u32;
        let style = ShapeStyle { color: RGBColor(r, g, b).into(), filled: false, stroke_width };
        self.area.draw(&PathElement::new(vec![from, to], style))
    }

    fn text(&self, text: &str, at: (i32, i32), h: HPos, v: VPos) -> Result<(), DrawError<B>> {
        if text.is_empty() { Ok(()) } else { self.area.draw_text(text, &self.style.pos(Pos::new(h, v)), at) }
    }

    fn grid(&self, times: &[PlacedTime], first: Option<&Plan>) -> Result<(), DrawError<B>> {
        let (plot, grid) = (self.layout.plot, self.options.theme.grid);
        for tick in times {
            self.line((tick.x, plot.top), (tick.x, plot.bottom), grid)?;
        }
        if let Some(plan) = first.filter(|plan| plan.has_grid) {
            for tick in &plan.ticks {
                let y = self.layout.values[0].to_px(tick.at).round() as i32;
                self.line((plot.left, y), (plot.right, y), grid)?;
            }
        }
        Ok(())
    }

    /// Clock times, and below them where a day or a year begins.
    fn time_axis(&self, times: &[PlacedTime]) -> Result<(), DrawError<B>> {
        let (plot, axis) = (self.layout.plot, self.options.theme.axis);
        self.line((plot.left, plot.bottom), (plot.right, plot.bottom), axis)?;
        let tick_size = self.px(css::TICK);
        let days = plot.bottom + self.px(2.0 * css::TICK + css::LINE);
        for tick in times {
            self.line((tick.x, plot.bottom), (tick.x, plot.bottom + tick_size), axis)?;
            self.text(&tick.text, (tick.x, plot.bottom + 2 * tick_size), HPos::Center, VPos::Top)?;
            self.text(&tick.day, (tick.x, days), HPos::Center, VPos::Top)?;
        }
        Ok(())
    }

    /// An axis at `x`: the even ones have their texts on the left, the odd ones on the right.
    fn value_axis(&self, idx: usize, x: i32, plan: &Plan) -> Result<(), DrawError<B>> {
        let (plot, axis) = (self.layout.plot, self.options.theme.axis);
        self.line((x, plot.top), (x, plot.bottom), axis)?;
        let is_left = idx.is_multiple_of(2);
        let outwards = if is_left { -self.px(css::TICK) } else { self.px(css::TICK) };
        let side = if is_left { HPos::Right } else { HPos::Left };
        for tick in &plan.ticks {
            let y = self.layout.values[idx].to_px(tick.at).round() as i32;
            self.line((x, y), (x + outwards, y), axis)?;
            self.text(&tick.text, (x + 2 * outwards, y), side, VPos::Center)?;
        }
        Ok(())
    }
}
