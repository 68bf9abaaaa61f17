//! The cursor of a graph, and what mouse, fingers and keys do with it: a mouse that is dragged picks a range of time, with
//! Shift or its middle button it moves the axis; two fingers move and stretch it; one finger is a cursor.

use super::facts::Thing;
use super::hands::Hands;
use super::keys::{Action, Key, action};
use super::picture::Picture;
use super::pins::Pins;
use super::view::{MIN_RANGE_MS, View, wheel_factor};
use super::walk::{again, walk};
use crate::state::notes::Notes;
use crate::texts::hands as texts;
use chart::hit;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};

/// A mouse that moved less than this, in CSS pixels, has clicked and not dragged.
const LEAST_DRAG: f64 = 4.0;

/// Where the cursor is, and what it is doing.
#[derive(Clone, Copy)]
pub struct Cursor {
    picture: RwSignal<Option<Arc<Picture>>>,
    hands: Hands,
    pins: Pins,
    notes: Notes,
    lists_all: RwSignal<bool>,
    /// What is at the cursor.
    pub thing: RwSignal<Option<Thing>>,
    /// The time at the cursor, also where there is no sample; ms since the epoch.
    pub time: RwSignal<Option<f64>>,
    /// What was reached by keys, and is to be spoken.
    pub spoken: RwSignal<Option<Thing>>,
    /// From where to where the mouse is dragged, CSS pixels from the left.
    pub drag: RwSignal<Option<(f64, f64)>>,
    /// The axis is moved by the mouse.
    pub is_panning: RwSignal<bool>,
    /// Where the pointer is, units of the drawing backend; `None` if keys moved the cursor last.
    pointer: StoredValue<Option<(f64, f64)>>,
    pressed: StoredValue<Option<Press>>,
    fingers: StoredValue<Fingers>,
    /// What was at the cursor before it was pressed.
    before: StoredValue<Option<Thing>>,
    /// The mouse was dragged since it was pressed: what follows is no click.
    was_dragged: StoredValue<bool>,
}

/// What a button of the mouse is held for; where it was pressed, CSS pixels from the left.
#[derive(Clone, Copy, Debug)]
enum Press {
    Select(f64),
    Pan(f64, View),
}

/// The fingers on the plot.
#[derive(Clone, Debug, Default)]
struct Fingers {
    /// Identity and place, CSS pixels from the left; in the order in which they were put down.
    down: Vec<(i32, f64)>,
    /// What was shown when the second was put down, and the times under both.
    pinch: Option<(View, f64, f64)>,
    /// There were two, and one is still there: it does not move the cursor.
    is_leaving: bool,
}

impl Cursor {
    /// A cursor that is nowhere.
    pub fn new(
        picture: RwSignal<Option<Arc<Picture>>>,
        hands: Hands,
        pins: Pins,
        notes: Notes,
        lists_all: RwSignal<bool>,
    ) -> Self {
        Cursor {
            picture,
            hands,
            pins,
            notes,
            lists_all,
            thing: RwSignal::new(None),
            time: RwSignal::new(None),
            spoken: RwSignal::new(None),
            drag: RwSignal::new(None),
            is_panning: RwSignal::new(false),
            pointer: StoredValue::new(None),
            pressed: StoredValue::new(None),
            fingers: StoredValue::new(Fingers::default()),
            before: StoredValue::new(None),
            was_dragged: StoredValue::new(false),
        }
    }

    /// A new picture was drawn: the cursor stays at its place on the screen or at its series.
    pub fn follow(&self) {
        let Some(picture) = self.picture.get_untracked() else {
            return;
        };
        if let Some((x, y)) = self.pointer.get_value() {
            self.find(&picture, x, y);
            return;
        }
        if let (Some(before), Some(t)) = (self.thing.get_untracked(), self.time.get_untracked()) {
            self.put(&picture, again(&picture, before, t), None);
        }
    }

    /// A button of the mouse was pressed, or a finger put down.
    pub fn pointer_down(&self, event: &PointerEvent) {
        let Some((x, y)) = place(event) else {
            return;
        };
        self.before.set_value(self.thing.get_untracked());
        self.was_dragged.set_value(false);
        if event.pointer_type() != "mouse" {
            self.finger_down(event.pointer_id(), x);
            if self.fingers.with_value(|fingers| fingers.down.len() == 1) {
                self.point_at(x, y);
            }
            return;
        }
        let is_inside = self.picture.with_untracked(|picture| {
            let layout = |picture: &Arc<Picture>| picture.drawing.layout;
            picture.as_ref().is_some_and(|p| layout(p).plot.contains(p.to_units(x), p.to_units(y)))
        });
        let press = match (event.button(), event.shift_key(), self.hands.now()) {
            (0, false, _) => Press::Select(x),
            (0, true, Some(view)) | (1, _, Some(view)) => Press::Pan(x, view),
            _ => return,
        };
        if is_inside {
            self.pressed.set_value(Some(press));
            if let Some(element) = element(event) {
                // It fails for a pointer that is gone by now.
                let _ = element.set_pointer_capture(event.pointer_id());
            }
        }
    }

    /// The pointer was moved.
    pub fn pointer_move(&self, event: &PointerEvent) {
        let Some((x, y)) = place(event) else {
            return;
        };
        if event.pointer_type() != "mouse" && self.finger_move(event.pointer_id(), x) {
            return;
        }
        let is_drag = |from: f64| self.was_dragged.get_value() || (x - from).abs() >= LEAST_DRAG;
        match self.pressed.get_value() {
            Some(Press::Select(from)) if is_drag(from) => {
                self.was_dragged.set_value(true);
                self.drag.set(Some((from, x)));
                self.put_nowhere();
            }
            Some(Press::Pan(from, view)) if is_drag(from) => {
                self.was_dragged.set_value(true);
                if !self.is_panning.get_untracked() {
                    self.is_panning.set(true);
                    self.hands.hold(true);
                }
                if let Some(part) = self.part_of(x - from) {
                    self.pointer.set_value(None);
                    self.put_nowhere();
                    self.hands.move_to(view.panned(-(part * view.range_ms() as f64).round() as i64));
                }
            }
            _ => self.point_at(x, y),
        }
    }

    /// The button was let go: what was dragged over becomes the range.
    pub fn pointer_up(&self, event: &PointerEvent) {
        self.finger_up(event.pointer_id());
        self.pressed.set_value(None);
        self.end_pan();
        let Some((from, to)) = self.drag.get_untracked() else {
            return;
        };
        self.drag.set(None);
        let range = self.picture.with_untracked(|picture| {
            let picture = picture.as_ref()?;
            let axis = &picture.drawing.layout.time;
            let time = |css: f64| axis.to_time(picture.to_units(css));
            range_of(time(from), time(to), View { start_ms: axis.start as i64, end_ms: axis.end as i64 })
        });
        match (range, place(event)) {
            (Some(range), _) => self.hands.go(range),
            (None, Some((x, y))) => self.point_at(x, y),
            (None, None) => {}
        }
    }

    /// The pointer is elsewhere. A finger leaves what it found.
    pub fn pointer_leave(&self, event: &PointerEvent) {
        if event.pointer_type() == "mouse" && self.pressed.with_value(Option::is_none) {
            self.hide();
        }
    }

    /// The browser has taken the pointer for itself, to scroll.
    pub fn pointer_cancel(&self, event: &PointerEvent) {
        self.finger_up(event.pointer_id());
        self.cancel();
    }

    /// A click keeps the box at the cursor; once more it lets go of it. The second click of two is the beginning of
    /// [`Cursor::double_click`], and takes back what the first has done.
    pub fn click(&self, event: &MouseEvent) {
        if self.was_dragged.get_value() || event.shift_key() || event.ctrl_key() || event.meta_key() {
            return;
        }
        let (Some(picture), Some(thing)) = (self.picture.get_untracked(), self.thing.get_untracked()) else {
            return;
        };
        // The first touch shows the box, the second keeps it.
        let is_touch = event.dyn_ref::<PointerEvent>().is_some_and(|event| event.pointer_type() != "mouse");
        let is_same = self.before.get_value().is_some_and(|before| is_same(&before, &thing));
        if event.detail() <= 2 && (!is_touch || is_same) {
            self.pins.toggle(&picture, &thing);
        }
    }

    /// Goes back by one zoom.
    pub fn double_click(&self) {
        if !self.was_dragged.get_value() {
            self.hands.undo();
        }
    }

    /// With Ctrl or Cmd, and with two fingers on a touch pad, the wheel zooms; else it scrolls the page.
    pub fn wheel(&self, event: &WheelEvent) {
        if !(event.ctrl_key() || event.meta_key()) {
            return;
        }
        event.prevent_default();
        let time = place(event).and_then(|(x, _)| self.time_at(x));
        let is_in_pixels = event.delta_mode() == WheelEvent::DOM_DELTA_PIXEL;
        self.hands.zoom(time, wheel_factor(event.delta_y(), is_in_pixels));
    }

    /// Drops a drag; without one hides the cursor.
    pub fn cancel(&self) {
        self.pressed.set_value(None);
        self.end_pan();
        if self.drag.get_untracked().is_some() {
            self.drag.set(None);
        } else {
            self.hide();
        }
    }

    /// A key was pressed on the graph. Whether it was for the graph.
    pub fn key(&self, event: &KeyboardEvent) -> bool {
        let Some(action) = self.action(event) else {
            return false;
        };
        if action == Action::Escape {
            if self.thing.get_untracked().is_some() || self.drag.get_untracked().is_some() {
                event.stop_propagation();
            }
            self.cancel();
            return true;
        }
        event.prevent_default();
        self.act(action);
        true
    }

    /// A key was pressed while the mouse is over the graph and the focus is on nothing in particular.
    pub fn key_from_afar(&self, event: &KeyboardEvent) {
        if let Some(action) = self.action(event).filter(|action| action.works_from_afar()) {
            event.prevent_default();
            self.act(action);
        }
    }

    fn action(&self, event: &KeyboardEvent) -> Option<Action> {
        let is_walking = self.pointer.get_value().is_none() && self.thing.get_untracked().is_some();
        let key = Key {
            name: &event.key(),
            shift: event.shift_key(),
            ctrl: event.ctrl_key() || event.meta_key(),
            alt: event.alt_key(),
        };
        action(key, is_walking)
    }

    fn act(&self, action: Action) {
        match action {
            Action::Zoom(factor) => return self.hands.zoom(self.time.get_untracked(), factor),
            Action::Pan(part) => return self.hands.pan(part),
            Action::Undo => return self.hands.undo(),
            Action::Reset => return self.hands.reset(),
            Action::ToggleAll => {
                let lists_all = !self.lists_all.get_untracked();
                self.lists_all.set(lists_all);
                return self.pins.say(texts::lists(lists_all).to_owned());
            }
            Action::Note => return self.write_note(),
            _ => {}
        }
        let Some(picture) = self.picture.get_untracked() else {
            return;
        };
        match (action, self.thing.get_untracked()) {
            (Action::Pin, Some(thing)) => self.pins.toggle(&picture, &thing),
            (action, from) => {
                self.pointer.set_value(None);
                let to = walk(&picture, from, action);
                self.put(&picture, to, None);
                self.spoken.set(to);
            }
        }
    }

    /// Begins a note: over the range that is being dragged, at the cursor, or in the middle of what is shown.
    fn write_note(&self) {
        let dragged = self.drag.get_untracked().and_then(|(from, to)| Some((self.time_at(from)?, self.time_at(to)?)));
        let middle = || self.hands.now().map(|view| (view.start_ms as f64 + view.end_ms as f64) / 2.0);
        let at = dragged.or_else(|| self.time.get_untracked().or_else(middle).map(|time| (time, time)));
        if let Some((from, to)) = at {
            // To the second, as people tell times.
            let second = |ms: f64| (ms / 1_000.0).round() as i64 * 1_000;
            self.cancel();
            self.notes.begin(second(from.min(to)), second(from.max(to)));
        }
    }

    fn finger_down(&self, id: i32, x: f64) {
        self.fingers.update_value(|fingers| {
            fingers.down.retain(|(other, _)| *other != id);
            fingers.down.push((id, x));
        });
        let Fingers { down, .. } = self.fingers.get_value();
        if let [(_, first), (_, second)] = down[..]
            && let (Some(a), Some(b), Some(view)) = (self.time_at(first), self.time_at(second), self.hands.now())
        {
            self.fingers.update_value(|fingers| fingers.pinch = Some((view, a, b)));
            self.hands.hold(true);
            self.hide();
        }
    }

    /// Whether the finger is one of two, or what is left of them.
    fn finger_move(&self, id: i32, x: f64) -> bool {
        self.fingers.update_value(|fingers| {
            if let Some(finger) = fingers.down.iter_mut().find(|(other, _)| *other == id) {
                finger.1 = x;
            }
        });
        let Fingers { down, pinch, is_leaving } = self.fingers.get_value();
        if let (Some((view, a, b)), [(_, first), (_, second), ..]) = (pinch, &down[..])
            && let (Some(first), Some(second)) = (self.part_at(*first), self.part_at(*second))
        {
            self.was_dragged.set_value(true);
            self.hands.move_to(view.held_at((a, first), (b, second)));
        }
        pinch.is_some() || is_leaving
    }

    fn finger_up(&self, id: i32) {
        let was_pinch = self.fingers.with_value(|fingers| fingers.pinch.is_some());
        self.fingers.update_value(|fingers| {
            fingers.down.retain(|(other, _)| *other != id);
            if fingers.down.len() < 2 {
                fingers.is_leaving = !fingers.down.is_empty() && (fingers.is_leaving || fingers.pinch.is_some());
                fingers.pinch = None;
            }
        });
        if was_pinch && self.fingers.with_value(|fingers| fingers.pinch.is_none()) {
            self.hands.hold(false);
        }
    }

    fn end_pan(&self) {
        if self.is_panning.get_untracked() {
            self.is_panning.set(false);
            self.hands.hold(false);
        }
    }

    fn point_at(&self, x: f64, y: f64) {
        let Some(picture) = self.picture.get_untracked() else {
            return;
        };
        let (x, y) = (picture.to_units(x), picture.to_units(y));
        if picture.drawing.layout.plot.contains(x, y) {
            self.pointer.set_value(Some((x, y)));
            self.find(&picture, x, y);
        } else {
            self.hide();
        }
    }

    fn find(&self, picture: &Picture, x: f64, y: f64) {
        let sample = || hit::nearest(&picture.answer.frame, &picture.drawing, x, y).map(Thing::Sample);
        let found = Thing::beside_samples(picture, x, y).or_else(sample);
        self.put(picture, found, Some(picture.drawing.layout.time.to_time(x)));
    }

    /// Puts the cursor on a thing; `time` is that of the pointer, for where there is none.
    fn put(&self, picture: &Picture, thing: Option<Thing>, time: Option<f64>) {
        let time = thing.and_then(|thing| thing.time(picture)).or(time);
        if self.thing.get_untracked() != thing {
            self.thing.set(thing);
        }
        if self.time.get_untracked() != time {
            self.time.set(time);
        }
    }

    fn put_nowhere(&self) {
        if self.thing.get_untracked().is_some() {
            self.thing.set(None);
        }
        if self.time.get_untracked().is_some() {
            self.time.set(None);
        }
    }

    fn hide(&self) {
        self.pointer.set_value(None);
        self.put_nowhere();
        if self.spoken.get_untracked().is_some() {
            self.spoken.set(None);
        }
    }

    /// The time at a place, CSS pixels from the left.
    fn time_at(&self, x: f64) -> Option<f64> {
        self.picture.with_untracked(|picture| {
            let picture = picture.as_ref()?;
            Some(picture.drawing.layout.time.to_time(picture.to_units(x)))
        })
    }

    /// Which part of the width of the plot lies left of a place, CSS pixels from the left.
    fn part_at(&self, x: f64) -> Option<f64> {
        let left = self.picture.with_untracked(|p| p.as_ref().map(|p| p.to_css(p.drawing.layout.time.left)))?;
        self.part_of(x - left)
    }

    /// Which part of the width of the plot some CSS pixels are.
    fn part_of(&self, css: f64) -> Option<f64> {
        self.picture.with_untracked(|picture| {
            let picture = picture.as_ref()?;
            let time = &picture.drawing.layout.time;
            Some(picture.to_units(css) / (time.right - time.left))
        })
    }
}

/// Whether two things are the same in one picture.
fn is_same(a: &Thing, b: &Thing) -> bool {
    match (a, b) {
        (Thing::Sample(a), Thing::Sample(b)) => (a.series_idx, a.point_idx) == (b.series_idx, b.point_idx),
        _ => a == b,
    }
}

fn element(event: &MouseEvent) -> Option<Element> {
    event.current_target()?.dyn_into().ok()
}

/// Where the pointer is in the plot element, CSS pixels.
fn place(event: &MouseEvent) -> Option<(f64, f64)> {
    let bounds = element(event)?.get_bounding_client_rect();
    Some((f64::from(event.client_x()) - bounds.left(), f64::from(event.client_y()) - bounds.top()))
}

/// The range that was dragged over, within what is shown and not too short; `None` if that is all of it.
fn range_of(a: f64, b: f64, shown: View) -> Option<View> {
    let (start_ms, end_ms) = (a.min(b).round() as i64, a.max(b).round() as i64);
    let mut range = View { start_ms: start_ms.max(shown.start_ms), end_ms: end_ms.min(shown.end_ms) };
    if range.end_ms - range.start_ms < MIN_RANGE_MS {
        let middle = range.start_ms + (range.end_ms - range.start_ms) / 2;
        range = View { start_ms: middle - MIN_RANGE_MS / 2, end_ms: middle + MIN_RANGE_MS / 2 };
    }
    (range != shown).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_stays_inside_and_is_not_too_short() {
        let range = |a, b| {
            let shown = View { start_ms: 10_000, end_ms: 70_000 };
            range_of(a, b, shown).map(|range| (range.start_ms, range.end_ms))
        };
        assert_eq!(range(30_000.4, 20_000.2), Some((20_000, 30_000)));
        assert_eq!(range(-5.0, 20_000.0), Some((10_000, 20_000)));
        assert_eq!(range(20_000.0, 20_004.0), Some((19_997, 20_007)));
        assert_eq!(range(0.0, 99_000.0), None);
    }
}
