//! What moves above the lines: the cross-hair, the hair of another graph's cursor with the values there, the line that is
//! pointed at, the samples that have a box, the range that is dragged.
//! It has a canvas of its own, so that moving the pointer never draws the data again; the cross-hair does not even draw on
//! that.

use super::facts::Thing;
use super::hairs::{Hairs, snapped};
use super::picture::{Picture, sized_context};
use super::pins::PinMark;
use super::samples::{MAX_LISTED, in_picture};
use super::tooltip::short_value;
use chart::{Rgb, Theme};
use std::cell::Cell;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement};

/// What is to be seen above the lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overlay {
    /// What is at the cursor.
    pub thing: Option<Thing>,
    /// A series to be drawn thick.
    pub emphasised: Option<usize>,
    /// The range that is being dragged, CSS pixels from the left.
    pub drag: Option<(f64, f64)>,
    /// The time at the cursor of another graph, ms since the epoch.
    pub linked: Option<f64>,
    /// Samples that have a box.
    pub pins: Vec<PinMark>,
}

/// Of so many series their values are written beside the hair of another graph's cursor.
const MAX_WRITTEN: usize = 8;

/// How much of what lies below is hidden while one line is pointed at.
const VEIL: f64 = 0.7;

/// From one of these values to the next, CSS pixels.
const LINE: f64 = 15.0;

/// As the texts of the axes.
const FONT: &str = "12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif";

/// What lies above the lines of a graph.
pub struct Above {
    canvas: HtmlCanvasElement,
    hairs: Hairs,
    /// Whether nothing is drawn on the canvas. To wipe all of it takes longer than to find the sample at the cursor.
    is_blank: Cell<bool>,
}

impl Above {
    /// Of a canvas on which nothing was drawn, and the elements that [`Hairs`] asks for.
    #[must_use]
    pub fn new(canvas: HtmlCanvasElement, hairs: HtmlElement) -> Option<Self> {
        Some(Above { canvas, hairs: Hairs::new(hairs)?, is_blank: Cell::new(true) })
    }
}

/// Draws the overlay anew.
pub fn draw(overlay: &Overlay, picture: &Picture, theme: &Theme, above: &Above) {
    let hit = match &overlay.thing {
        Some(Thing::Sample(hit)) if overlay.drag.is_none() => Some(hit),
        _ => None,
    };
    above.hairs.show(hit, picture, theme);
    let has_more = overlay.drag.is_some() || hit.is_none() && (overlay.thing.is_some() || overlay.linked.is_some());
    let is_blank = !has_more && overlay.emphasised.is_none() && overlay.pins.is_empty();
    if above.is_blank.replace(is_blank) && is_blank {
        return;
    }
    let (width, height) = picture.size.device();
    let Some(context) = sized_context(&above.canvas, width, height) else {
        return;
    };
    // From here on in CSS pixels.
    let _ = context.set_transform(picture.size.dpr, 0.0, 0.0, picture.size.dpr, 0.0, 0.0);
    if let Some(series_idx) = overlay.emphasised {
        emphasise(series_idx, picture, theme, &context);
    }
    for pin in &overlay.pins {
        ring(pin, theme, &context);
    }
    if let Some((from, to)) = overlay.drag {
        selection(from.min(to), from.max(to), picture, theme, &context);
    } else if let Some(thing) = &overlay.thing {
        at_cursor(thing, picture, theme, &context);
    } else if let Some(t) = overlay.linked {
        linked_hair(t, picture, theme, &context);
    }
    let _ = context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
}

fn emphasise(series_idx: usize, picture: &Picture, theme: &Theme, context: &CanvasRenderingContext2d) {
    let frame = &picture.answer.frame;
    let style = picture.drawing.style(series_idx);
    if !style.is_shown {
        return;
    }
    // A line may go beyond the values or the times that are shown.
    let plot = &picture.drawing.layout.plot;
    let css = |units: i32| picture.to_css(f64::from(units));
    context.save();
    context.begin_path();
    context.rect(css(plot.left), css(plot.top), css(plot.width()), css(plot.height()));
    context.clip();
    // The others step back.
    context.set_global_alpha(VEIL);
    context.set_fill_style_str(&theme.background.css());
    context.fill_rect(css(plot.left), css(plot.top), css(plot.width()), css(plot.height()));
    context.set_global_alpha(1.0);
    context.set_stroke_style_str(&style.colour.css());
    context.set_fill_style_str(&style.colour.css());
    context.set_line_width(3.0);
    context.set_line_join("round");
    picture.drawing.each_run(frame, series_idx, |run| {
        context.begin_path();
        for (idx, (x, y)) in run.iter().enumerate() {
            let (x, y) = (picture.to_css(f64::from(*x)), picture.to_css(f64::from(*y)));
            match idx {
                _ if run.len() == 1 => {
                    let _ = context.arc(x, y, 3.5, 0.0, std::f64::consts::TAU);
                    context.fill();
                }
                0 => context.move_to(x, y),
                _ => context.line_to(x, y),
            }
        }
        if run.len() > 1 {
            context.stroke();
        }
    });
    context.restore();
}

fn at_cursor(thing: &Thing, picture: &Picture, theme: &Theme, context: &CanvasRenderingContext2d) {
    let layout = &picture.drawing.layout;
    match thing {
        // Has elements of its own.
        Thing::Sample(_) => {}
        Thing::Cell(cell) => {
            let half = picture.answer.frame.grid.step.0 as f64 / 2.0;
            let (plot_left, plot_right) = (f64::from(layout.plot.left), f64::from(layout.plot.right));
            let edge = |t: f64| picture.to_css(layout.time.to_px(t).clamp(plot_left, plot_right));
            let row = |row: usize| picture.to_css(layout.value(0).to_px(row as f64));
            let (left, right) = (edge(cell.t - half), edge(cell.t + half));
            let (top, bottom) = (row(cell.row_idx + 1), row(cell.row_idx));
            context.set_stroke_style_str(&theme.text.css());
            context.set_line_width(2.0);
            context.stroke_rect(left, top, right - left, bottom - top);
        }
        Thing::Exemplar(_) | Thing::Mark(_) | Thing::Note(_) => {
            if let Some((x, y)) = thing.place(picture) {
                upright_hair(x, picture, theme, context);
                if matches!(thing, Thing::Exemplar(_)) {
                    context.begin_path();
                    let _ = context.arc(x, y, 8.0, 0.0, std::f64::consts::TAU);
                    context.set_stroke_style_str(&theme.text.css());
                    context.set_line_width(1.5);
                    context.stroke();
                }
            }
        }
    }
}

fn upright_hair(x: f64, picture: &Picture, theme: &Theme, context: &CanvasRenderingContext2d) {
    let plot = &picture.drawing.layout.plot;
    let (top, bottom) = (picture.to_css(f64::from(plot.top)), picture.to_css(f64::from(plot.bottom)));
    let (hair, x) = snapped(x, picture);
    context.set_fill_style_str(&theme.axis.css());
    context.fill_rect(x, top, hair, bottom - top);
}

/// The cursor of another graph: its time, and what the series have there.
fn linked_hair(t: f64, picture: &Picture, theme: &Theme, context: &CanvasRenderingContext2d) {
    let time = &picture.drawing.layout.time;
    if !(time.start..=time.end).contains(&t) {
        return;
    }
    let x = picture.to_css(time.to_px(t));
    upright_hair(x, picture, theme, context);
    let mut dots = in_picture(picture, t);
    let n_samples = dots.len();
    dots.truncate(MAX_LISTED);
    for dot in &dots {
        let (x, y) = (picture.to_css(dot.x), picture.to_css(dot.y));
        disc(x, y, 4.0, theme.background, context);
        disc(x, y, 2.5, picture.drawing.style(dot.series_idx).colour, context);
    }
    if n_samples <= MAX_WRITTEN {
        model::sort::by(&mut dots, |a, b| a.y.total_cmp(&b.y));
        let ys: Vec<f64> = dots.iter().map(|dot| picture.to_css(dot.y)).collect();
        let plot = &picture.drawing.layout.plot;
        let edges = (picture.to_css(f64::from(plot.top)), picture.to_css(f64::from(plot.bottom)));
        let is_left = x > picture.to_css(f64::from(plot.left + plot.right) / 2.0);
        context.set_font(FONT);
        context.set_text_align(if is_left { "right" } else { "left" });
        context.set_text_baseline("middle");
        context.set_line_width(3.0);
        context.set_line_join("round");
        for (sample, y) in dots.iter().zip(apart(&ys, LINE, edges)) {
            let (text, x) = (short_value(picture, sample), if is_left { x - 8.0 } else { x + 8.0 });
            // A rim in the colour of the ground: the text is read also above a line.
            context.set_stroke_style_str(&theme.background.css());
            let _ = context.stroke_text(&text, x, y);
            context.set_fill_style_str(&theme.text.css());
            let _ = context.fill_text(&text, x, y);
        }
    }
}

/// Moves places that ascend apart, so that they are `distance` from each other and, as long as there is room, within the
/// edges.
fn apart(ys: &[f64], distance: f64, (top, bottom): (f64, f64)) -> Vec<f64> {
    let mut out: Vec<f64> = Vec::with_capacity(ys.len());
    for &y in ys {
        let least = out.last().map_or(top + distance / 2.0, |before| before + distance);
        out.push(y.max(least));
    }
    let mut most = bottom - distance / 2.0;
    for y in out.iter_mut().rev() {
        *y = y.min(most);
        most = *y - distance;
    }
    out
}

fn ring(pin: &PinMark, theme: &Theme, context: &CanvasRenderingContext2d) {
    disc(pin.x, pin.y, 6.0, theme.text, context);
    disc(pin.x, pin.y, 4.5, theme.background, context);
    disc(pin.x, pin.y, 3.0, pin.colour, context);
}

fn disc(x: f64, y: f64, radius: f64, colour: Rgb, context: &CanvasRenderingContext2d) {
    context.begin_path();
    let _ = context.arc(x, y, radius, 0.0, std::f64::consts::TAU);
    context.set_fill_style_str(&colour.css());
    context.fill();
}

fn selection(from: f64, to: f64, picture: &Picture, theme: &Theme, context: &CanvasRenderingContext2d) {
    let plot = &picture.drawing.layout.plot;
    let css = |units: i32| picture.to_css(f64::from(units));
    let (left, right) = (from.max(css(plot.left)), to.min(css(plot.right)));
    let (top, height) = (css(plot.top), css(plot.bottom) - css(plot.top));
    context.set_fill_style_str(&theme.text.css());
    context.set_global_alpha(0.15);
    context.fill_rect(left, top, right - left, height);
    context.set_global_alpha(1.0);
    context.fill_rect(left, top, 1.0, height);
    context.fill_rect(right - 1.0, top, 1.0, height);
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn texts_are_moved_apart_and_stay_inside() {
        let edges = (0.0, 100.0);
        assert_eq!(apart(&[20.0, 50.0], 10.0, edges), [20.0, 50.0]);
        assert_eq!(apart(&[20.0, 21.0, 22.0], 10.0, edges), [20.0, 30.0, 40.0]);
        assert_eq!(apart(&[0.0, 1.0], 10.0, edges), [5.0, 15.0]);
        assert_eq!(apart(&[98.0, 99.0, 99.5], 10.0, edges), [75.0, 85.0, 95.0]);
        assert_eq!(apart(&[], 10.0, edges), [0.0; 0]);
    }
}
