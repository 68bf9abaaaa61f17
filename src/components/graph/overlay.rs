//! What moves above the lines: the cross-hair, the line that is pointed at, the range that is dragged.
//! It has a canvas of its own, so that moving the pointer never draws the data again.

use super::picture::{Picture, sized_context};
use chart::lines::each_run;
use chart::{Hit, Rgb, Theme};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// What is to be seen above the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Overlay {
    /// The sample at the cursor.
    pub hit: Option<Hit>,
    /// A series to be drawn thick.
    pub emphasised: Option<usize>,
    /// The range that is being dragged, CSS pixels from the left.
    pub drag: Option<(f64, f64)>,
}

/// Draws the overlay anew.
pub fn draw(overlay: &Overlay, picture: &Picture, theme: &Theme, canvas: &HtmlCanvasElement) {
    let (width, height) = picture.size.device();
    let Some(context) = sized_context(canvas, width, height) else {
        return;
    };
    // From here on in CSS pixels.
    let _ = context.set_transform(picture.size.dpr, 0.0, 0.0, picture.size.dpr, 0.0, 0.0);
    if let Some(series_idx) = overlay.emphasised {
        emphasise(series_idx, picture, &context);
    }
    if let Some((from, to)) = overlay.drag {
        selection(from.min(to), from.max(to), picture, theme, &context);
    } else if let Some(hit) = &overlay.hit {
        cross_hair(hit, picture, theme, &context);
    }
    let _ = context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
}

fn emphasise(series_idx: usize, picture: &Picture, context: &CanvasRenderingContext2d) {
    let frame = &picture.answer.frame;
    let (Some(series), Some(style)) = (frame.series.get(series_idx), picture.drawing.styles.get(series_idx)) else {
        return;
    };
    if !style.is_shown {
        return;
    }
    context.set_stroke_style_str(&style.colour.css());
    context.set_fill_style_str(&style.colour.css());
    context.set_line_width(3.0);
    context.set_line_join("round");
    each_run(&series.points, &frame.grid, &picture.drawing.layout, style.axis, |run| {
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
}

fn cross_hair(hit: &Hit, picture: &Picture, theme: &Theme, context: &CanvasRenderingContext2d) {
    let plot = &picture.drawing.layout.plot;
    let css = |units: i32| picture.to_css(f64::from(units));
    let (x, y) = (picture.to_css(hit.x), picture.to_css(hit.y));
    context.set_fill_style_str(&theme.axis.css());
    // On whole device pixels, so that the hairs are sharp.
    let hair = picture.size.dpr.round().max(1.0) / picture.size.dpr;
    let snapped = |v: f64| ((v - hair / 2.0) * picture.size.dpr).round() / picture.size.dpr;
    context.fill_rect(snapped(x), css(plot.top), hair, css(plot.bottom) - css(plot.top));
    context.fill_rect(css(plot.left), snapped(y), css(plot.right) - css(plot.left), hair);
    let colour = picture.drawing.styles.get(hit.series_idx).map_or(theme.text, |style| style.colour);
    disc(x, y, 5.0, theme.background, context);
    disc(x, y, 3.5, colour, context);
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
