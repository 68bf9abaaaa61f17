//! A dot a sample.

use crate::drawing::Drawing;
use crate::options::Options;
use crate::pen::Pen;
use frame::Frame;

/// Draws every series that is shown.
pub(crate) fn draw<E>(
    frame: &Frame,
    options: &Options<'_>,
    drawing: &Drawing,
    pen: &mut dyn Pen<Error = E>,
) -> Result<(), E> {
    let layout = &drawing.layout;
    let radius = options.dot_px() as f32;
    // Among tens of thousands small squares are told apart better than dots, and take a tenth of the time.
    let is_small = drawing.is_dense(frame);
    for (series, style) in frame.series.iter().zip(&drawing.styles).filter(|(_, style)| style.is_shown) {
        let fill = options.stroke(style).fill;
        let scale = layout.value(style.axis);
        // A dot upon the one before is not seen, but would take as long.
        let mut before = None;
        for (t, v) in series.points.iter(&frame.grid) {
            let (x, y) = (layout.time.to_px(t), scale.to_px(v));
            if !y.is_finite() {
                continue;
            }
            let pixel = (libm::floor(x / layout.pixel()), libm::floor(y / layout.pixel()));
            if before.replace(pixel) == Some(pixel) {
                continue;
            }
            let (x, y) = (x as f32, y as f32);
            if is_small {
                let half = radius / 2.0;
                pen.rect((x - half, y - half), (x + half, y + half), fill)?;
            } else {
                pen.dot((x, y), radius, fill)?;
            }
        }
    }
    Ok(())
}
