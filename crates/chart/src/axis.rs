//! Our scales and ticks as plotters' axes, so that plotters' charts and meshes use them.

use crate::scale::{TimeScale, ValueScale};
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use std::ops::Range;

/// A tick as plotters hands it back to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Time (ms since the epoch) or value.
    pub at: f64,
    /// What it says; nothing if there is no room.
    pub text: String,
}

/// An axis of times from left to right.
#[derive(Clone, Debug)]
pub struct TimeAxis {
    /// The first and the last time, ms since the epoch.
    pub range: (i64, i64),
    /// The ticks, ascending.
    pub ticks: Vec<Tick>,
}

impl Ranged for TimeAxis {
    type ValueType = Tick;
    type FormatOption = NoDefaultFormatting;

    fn map(&self, tick: &Tick, (left, right): (i32, i32)) -> i32 {
        let scale = TimeScale::new(self.range.0, self.range.1, f64::from(left), f64::from(right));
        scale.to_px(tick.at).round() as i32
    }

    fn key_points<H: KeyPointHint>(&self, hint: H) -> Vec<Tick> {
        bold_only(&self.ticks, &hint)
    }

    fn range(&self) -> Range<Tick> {
        let tick = |at: i64| Tick { at: at as f64, text: String::new() };
        tick(self.range.0)..tick(self.range.1)
    }
}

impl ValueFormatter<Tick> for TimeAxis {
    fn format(tick: &Tick) -> String {
        tick.text.clone()
    }
}

/// An axis of values from bottom to top.
#[derive(Clone, Debug)]
pub struct ValueAxis {
    /// The values at the lower and the upper edge.
    pub range: (f64, f64),
    /// The ticks, ascending.
    pub ticks: Vec<Tick>,
}

impl Ranged for ValueAxis {
    type ValueType = Tick;
    type FormatOption = NoDefaultFormatting;

    fn map(&self, tick: &Tick, (bottom, top): (i32, i32)) -> i32 {
        let scale = ValueScale::linear(self.range.0, self.range.1, f64::from(top), f64::from(bottom));
        scale.to_px(tick.at).round() as i32
    }

    fn key_points<H: KeyPointHint>(&self, hint: H) -> Vec<Tick> {
        bold_only(&self.ticks, &hint)
    }

    fn range(&self) -> Range<Tick> {
        let tick = |at: f64| Tick { at, text: String::new() };
        tick(self.range.0)..tick(self.range.1)
    }
}

impl ValueFormatter<Tick> for ValueAxis {
    fn format(tick: &Tick) -> String {
        tick.text.clone()
    }
}

/// Plotters asks twice: for the lines with texts, and for finer ones between them, of which we have none.
fn bold_only(ticks: &[Tick], hint: &impl KeyPointHint) -> Vec<Tick> {
    if hint.weight().allow_light_points() { Vec::new() } else { ticks.to_vec() }
}
