//! The cursor of a graph: moved by mouse, finger or arrow keys; dragging a mouse picks a range of time.

use super::picture::Picture;
use chart::{Hit, hit};
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent};

/// A mouse that moved less than this, in CSS pixels, has clicked and not dragged.
const LEAST_DRAG: f64 = 4.0;

/// No range that is picked is shorter, ms.
const LEAST_RANGE_MS: i64 = 1_000;

/// Where the cursor is, and what it is doing.
#[derive(Clone, Copy)]
pub struct Cursor {
    picture: RwSignal<Option<Arc<Picture>>>,
    on_zoom: Callback<(i64, i64)>,
    /// The sample at the cursor.
    pub hit: RwSignal<Option<Hit>>,
    /// What was reached by keys, and is to be spoken.
    pub spoken: RwSignal<Option<Hit>>,
    /// From where to where the mouse is dragged, CSS pixels from the left.
    pub drag: RwSignal<Option<(f64, f64)>>,
    /// Where the pointer is, units of the drawing backend; `None` if keys moved the cursor last.
    pointer: StoredValue<Option<(f64, f64)>>,
    /// Where the mouse was pressed, CSS pixels from the left.
    pressed: StoredValue<Option<f64>>,
}

impl Cursor {
    /// A cursor that is nowhere.
    pub fn new(picture: RwSignal<Option<Arc<Picture>>>, on_zoom: Callback<(i64, i64)>) -> Self {
        Cursor {
            picture,
            on_zoom,
            hit: RwSignal::new(None),
            spoken: RwSignal::new(None),
            drag: RwSignal::new(None),
            pointer: StoredValue::new(None),
            pressed: StoredValue::new(None),
        }
    }

    /// A new picture was drawn: the cursor stays at its place on the screen or at its series.
    pub fn follow(&self) {
        let (Some(picture), Some(before)) = (self.picture.get_untracked(), self.hit.get_untracked()) else {
            return;
        };
        let frame = &picture.answer.frame;
        let now = match self.pointer.get_value() {
            Some((x, y)) => hit::nearest(frame, &picture.drawing, x, y),
            None if picture.drawing.shows(before.series_idx) => {
                hit::at_time(frame, &picture.drawing, before.series_idx, before.t)
            }
            None => None,
        };
        self.hit.set(now);
    }

    /// A button of the mouse was pressed, or a finger put down.
    pub fn pointer_down(&self, event: &PointerEvent) {
        if event.pointer_type() == "mouse" {
            let Some((x, y)) = place(event) else {
                return;
            };
            let inside = self.picture.with_untracked(|picture| {
                picture.as_ref().is_some_and(|picture| {
                    picture.drawing.layout.plot.contains(picture.to_units(x), picture.to_units(y))
                })
            });
            if event.button() == 0 && inside {
                self.pressed.set_value(Some(x));
                if let Some(element) = element(event) {
                    let _ = element.set_pointer_capture(event.pointer_id());
                }
            }
        } else {
            self.point_at(event);
        }
    }

    /// The pointer was moved.
    pub fn pointer_move(&self, event: &PointerEvent) {
        if let (Some(from), Some((x, _))) = (self.pressed.get_value(), place(event))
            && (self.drag.get_untracked().is_some() || (x - from).abs() >= LEAST_DRAG)
        {
            self.drag.set(Some((from, x)));
            self.hit.set(None);
            return;
        }
        self.point_at(event);
    }

    /// The button was let go: what was dragged over becomes the range.
    pub fn pointer_up(&self, event: &PointerEvent) {
        self.pressed.set_value(None);
        let Some((from, to)) = self.drag.get_untracked() else {
            return;
        };
        self.drag.set(None);
        let range = self.picture.with_untracked(|picture| {
            picture.as_ref().map(|picture| {
                let time = |css: f64| picture.drawing.layout.time.to_time(picture.to_units(css));
                range_of(time(from), time(to), picture.answer.start_ms, picture.answer.end_ms)
            })
        });
        match range {
            Some(Some((start, end))) => self.on_zoom.run((start, end)),
            _ => self.point_at(event),
        }
    }

    /// The pointer is elsewhere. A finger leaves what it found.
    pub fn pointer_leave(&self, event: &PointerEvent) {
        if event.pointer_type() == "mouse" && self.drag.get_untracked().is_none() {
            self.hide();
        }
    }

    /// Drops a drag; without one hides the cursor.
    pub fn cancel(&self) {
        self.pressed.set_value(None);
        if self.drag.get_untracked().is_some() {
            self.drag.set(None);
        } else {
            self.hide();
        }
    }

    /// Arrow keys, Home, End and Escape.
    pub fn key(&self, event: &KeyboardEvent) {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let key = event.key();
        if key == "Escape" {
            if self.hit.get_untracked().is_some() || self.drag.get_untracked().is_some() {
                event.stop_propagation();
            }
            self.cancel();
            return;
        }
        let Some(picture) = self.picture.get_untracked() else {
            return;
        };
        let (frame, drawing) = (&picture.answer.frame, &picture.drawing);
        let shows = |idx: usize| drawing.shows(idx);
        let first = || {
            (0..frame.series.len())
                .filter(|&idx| shows(idx))
                .find_map(|idx| hit::at_time(frame, drawing, idx, drawing.layout.time.end))
        };
        let from = self.hit.get_untracked();
        let step = |right: bool| {
            let n_steps = if event.shift_key() { 10 } else { 1 };
            from.map(|from| (0..n_steps).fold(from, |at, _| hit::step_in_time(frame, drawing, &at, right)))
        };
        let over = |up: bool| from.map(|from| hit::step_over_series(frame, drawing, &from, up));
        let end = |time: f64| from.and_then(|from| hit::at_time(frame, drawing, from.series_idx, time));
        let to = match key.as_str() {
            "ArrowLeft" => step(false),
            "ArrowRight" => step(true),
            "ArrowUp" => over(true),
            "ArrowDown" => over(false),
            "Home" => end(drawing.layout.time.start),
            "End" => end(drawing.layout.time.end),
            _ => return,
        };
        event.prevent_default();
        // The first key puts the cursor on the newest sample.
        let to = to.or_else(first);
        self.pointer.set_value(None);
        self.hit.set(to);
        self.spoken.set(to);
    }

    fn point_at(&self, event: &PointerEvent) {
        let (Some((x, y)), Some(picture)) = (place(event), self.picture.get_untracked()) else {
            return;
        };
        let (x, y) = (picture.to_units(x), picture.to_units(y));
        if !picture.drawing.layout.plot.contains(x, y) {
            self.hide();
            return;
        }
        let found = hit::nearest(&picture.answer.frame, &picture.drawing, x, y);
        self.pointer.set_value(Some((x, y)));
        if self.hit.get_untracked() != found {
            self.hit.set(found);
        }
    }

    fn hide(&self) {
        self.pointer.set_value(None);
        if self.hit.get_untracked().is_some() {
            self.hit.set(None);
        }
        if self.spoken.get_untracked().is_some() {
            self.spoken.set(None);
        }
    }
}

fn element(event: &PointerEvent) -> Option<Element> {
    event.current_target()?.dyn_into().ok()
}

/// Where the pointer is in the plot element, CSS pixels.
fn place(event: &PointerEvent) -> Option<(f64, f64)> {
    let bounds = element(event)?.get_bounding_client_rect();
    Some((f64::from(event.client_x()) - bounds.left(), f64::from(event.client_y()) - bounds.top()))
}

/// The range that was dragged over, within the picture and not too short; `None` if that is all of it.
fn range_of(a: f64, b: f64, start_ms: i64, end_ms: i64) -> Option<(i64, i64)> {
    let (mut from, mut to) = (a.min(b).round() as i64, a.max(b).round() as i64);
    (from, to) = (from.max(start_ms), to.min(end_ms));
    if to - from < LEAST_RANGE_MS {
        let middle = from + (to - from) / 2;
        (from, to) = (middle - LEAST_RANGE_MS / 2, middle + LEAST_RANGE_MS / 2);
    }
    ((from, to) != (start_ms, end_ms)).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::range_of;

    #[test]
    fn a_range_stays_inside_and_lasts_a_second() {
        let range = |a, b| range_of(a, b, 10_000, 70_000);
        assert_eq!(range(30_000.4, 20_000.2), Some((20_000, 30_000)));
        assert_eq!(range(-5.0, 20_000.0), Some((10_000, 20_000)));
        assert_eq!(range(20_000.0, 20_010.0), Some((19_505, 20_505)));
        assert_eq!(range(0.0, 99_000.0), None);
    }
}
