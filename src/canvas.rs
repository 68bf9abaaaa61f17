//! The plotters backend over a canvas.
