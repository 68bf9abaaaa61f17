//! Draws a frame: axes and their texts by plotters, then the lines of the series above the grid.

use crate::axis::{Tick, TimeAxis, ValueAxis};
use crate::drawing::Drawing;
use crate::format;
use crate::layout::{Layout, Rect, css, time_axis_height, value_axis_width};
use crate::lines;
use crate::options::{AxisRange, MAX_AXES, Options};
use crate::pen::{Fill, Pen, Stroke};
use crate::scale::{TimeScale, ValueScale, fit};
use crate::theme::Rgb;
use crate::ticks::{TimeTick, time_ticks, value_ticks};
use frame::Frame;
use plotters::chart::{ChartBuilder, LabelAreaPosition};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontFamily, IntoFont, RGBAColor, RGBColor, ShapeStyle, TextStyle};
use plotters_backend::DrawingBackend;

/// Why a picture could not be drawn: the backend refused.
pub type DrawError<B> = DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>;

/// Draws a frame and says what lies where. A frame without series still gets its axes.
///
/// # Errors
/// If the backend cannot draw.
pub fn draw<B: DrawingBackend>(frame: &Frame, options: &Options<'_>, backend: B) -> Result<Drawing, DrawError<B>> {
    let area = backend.into_drawing_area();
    let layout = axes(&area, frame, options)?;
    let drawing = Drawing::new(frame, options, layout);
    draw_series(frame, options, &drawing, &mut AreaPen(&area))?;
    area.present()?;
    Ok(drawing)
}

/// Draws the axes, the grid and their texts only, and says what lies where.
///
/// # Errors
/// If the backend cannot draw.
pub fn draw_axes<B: DrawingBackend>(frame: &Frame, options: &Options<'_>, backend: B) -> Result<Drawing, DrawError<B>> {
    let area = backend.into_drawing_area();
    let layout = axes(&area, frame, options)?;
    area.present()?;
    Ok(Drawing::new(frame, options, layout))
}

fn axes<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    frame: &Frame,
    options: &Options<'_>,
) -> Result<Layout, DrawError<B>> {
    let scale = options.scale;
    let px = |css: f64| (css * scale).round() as i32;
    let font = (FontFamily::from(options.font), css::FONT * scale).into_font();
    let text_colour = colour(options.theme.text);
    let text_style = TextStyle::from(font).color(&text_colour);
    let (width, height) = area.dim_in_pixel();

    let (min, max) = shown_range(frame, options);
    let first = options.axis(0);
    let (min, max) = fit(min, max, first.range == AxisRange::FromZero);
    let plot_height = f64::from(height) - f64::from(px(css::TOP) + time_axis_height(scale));
    let n_ticks = (plot_height / (css::VALUE_SPACING * scale)).clamp(2.0, 10.0) as usize;
    let ticks = value_ticks(min, max, n_ticks, first.unit);
    let texts = format::ticks(first.unit, &ticks.values, ticks.step);
    let mut text_width = 0;
    for text in &texts {
        text_width = text_width.max(area.estimate_text_size(text, &text_style)?.0);
    }
    let left = value_axis_width(text_width, scale);
    let ticks = ticks.values.into_iter().zip(texts).map(|(at, text)| Tick { at, text }).collect();
    let value_axis = ValueAxis { range: (min, max), ticks };

    let plot_width = (f64::from(width) - f64::from(left) - css::RIGHT * scale).max(1.0);
    let time = TimeScale::new(options.start_ms, options.end_ms, 0.0, plot_width);
    let spacing_ms = css::TIME_SPACING * scale / plot_width * (time.end - time.start);
    let time_ticks = time_ticks(time.start as i64, time.end as i64, spacing_ms, options.offset);
    let mut axis_ticks = Vec::with_capacity(time_ticks.len());
    for TimeTick { at_ms, text, .. } in &time_ticks {
        let at = *at_ms as f64;
        // A text that would be cut off at the right edge is left out; its line stays.
        let half = f64::from(area.estimate_text_size(text, &text_style)?.0) / 2.0;
        let fits = time.to_px(at) + half <= plot_width + css::RIGHT * scale;
        axis_ticks.push(Tick { at, text: if fits { text.clone() } else { String::new() } });
    }
    let time_axis = TimeAxis { range: (time.start as i64, time.end as i64), ticks: axis_ticks };

    let mut chart = ChartBuilder::on(area)
        .margin_top(px(css::TOP))
        .margin_right(px(css::RIGHT))
        .set_label_area_size(LabelAreaPosition::Left, left)
        .set_label_area_size(LabelAreaPosition::Bottom, time_axis_height(scale))
        .build_cartesian_2d(time_axis, value_axis)?;
    let hairline = |rgb| ShapeStyle { color: colour(rgb).into(), filled: false, stroke_width: px(1.0).max(1) as u32 };
    chart
        .configure_mesh()
        .bold_line_style(hairline(options.theme.grid))
        .axis_style(hairline(options.theme.axis))
        .label_style(text_style.clone())
        .set_tick_mark_size(LabelAreaPosition::Bottom, px(css::TICK))
        .set_tick_mark_size(LabelAreaPosition::Left, px(css::TICK))
        .draw()?;

    let (xs, ys) = (chart.as_coord_spec().get_x_axis_pixel_range(), chart.as_coord_spec().get_y_axis_pixel_range());
    let plot = Rect {
        left: xs.start.min(xs.end),
        top: ys.start.min(ys.end),
        right: xs.start.max(xs.end),
        bottom: ys.start.max(ys.end),
    };
    let layout = Layout {
        plot,
        time: TimeScale::new(options.start_ms, options.end_ms, f64::from(plot.left), f64::from(plot.right)),
        values: [ValueScale::linear(min, max, f64::from(plot.top), f64::from(plot.bottom)); MAX_AXES],
        n_axes: 1,
        scale,
    };
    days(area, &layout, &time_ticks, &text_style)?;
    Ok(layout)
}

/// The least and the greatest value of the series that are shown; NaN if there are none.
fn shown_range(frame: &Frame, options: &Options<'_>) -> (f64, f64) {
    let shown = frame.series.iter().enumerate().filter(|(idx, _)| options.style(*idx).is_shown);
    shown.fold((f64::NAN, f64::NAN), |(min, max), (_, series)| (min.min(series.stats.min), max.max(series.stats.max)))
}

/// The second line of the time axis: where a day or a year begins.
fn days<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    layout: &Layout,
    ticks: &[TimeTick],
    style: &TextStyle<'_>,
) -> Result<(), DrawError<B>> {
    let style = style.pos(Pos::new(HPos::Center, VPos::Top));
    let y = layout.plot.bottom + ((2.0 * css::TICK + css::LINE) * layout.scale).round() as i32;
    for tick in ticks.iter().filter(|tick| !tick.day.is_empty()) {
        let x = layout.time.to_px(tick.at_ms as f64).round() as i32;
        area.draw_text(&tick.day, &style, (x, y))?;
    }
    Ok(())
}

/// Draws the series only, where a drawing has their axes.
///
/// # Errors
/// If the pen cannot draw.
pub fn draw_series<P: Pen>(
    frame: &Frame,
    options: &Options<'_>,
    drawing: &Drawing,
    pen: &mut P,
) -> Result<(), P::Error> {
    lines::draw(frame, options, drawing, pen)
}

/// A drawing area of plotters as a pen.
struct AreaPen<'a, B: DrawingBackend>(&'a DrawingArea<B, Shift>);

impl<B: DrawingBackend> Pen for AreaPen<'_, B> {
    type Error = DrawError<B>;

    fn line(&mut self, points: &[(f32, f32)], stroke: &Stroke) -> Result<(), Self::Error> {
        let style = ShapeStyle { stroke_width: stroke.width.round().max(1.0) as u32, ..shape(stroke.fill) };
        self.0.draw(&PathElement::new(rounded(points), style))
    }

    fn area(&mut self, outline: &[(f32, f32)], fill: Fill) -> Result<(), Self::Error> {
        self.0.draw(&Polygon::new(rounded(outline), shape(fill)))
    }

    fn rect(&mut self, from: (f32, f32), to: (f32, f32), fill: Fill) -> Result<(), Self::Error> {
        self.0.draw(&Rectangle::new([whole(from), whole(to)], shape(fill)))
    }

    fn dot(&mut self, centre: (f32, f32), radius: f32, fill: Fill) -> Result<(), Self::Error> {
        self.0.draw(&Circle::new(whole(centre), radius.round().max(1.0) as i32, shape(fill)))
    }
}

fn shape(fill: Fill) -> ShapeStyle {
    let Rgb(r, g, b) = fill.colour;
    ShapeStyle { color: RGBAColor(r, g, b, f64::from(fill.alpha)), filled: true, stroke_width: 1 }
}

fn whole((x, y): (f32, f32)) -> (i32, i32) {
    (x.round() as i32, y.round() as i32)
}

fn rounded(points: &[(f32, f32)]) -> Vec<(i32, i32)> {
    points.iter().copied().map(whole).collect()
}

fn colour(Rgb(r, g, b): Rgb) -> RGBColor {
    RGBColor(r, g, b)
}
