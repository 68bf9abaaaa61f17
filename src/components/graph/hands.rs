//! Zooming and moving: while hands move, the picture follows them at once, on a time axis of its own; when they rest, the
//! panel is asked for that range. The old picture stays until the answer is there.

use super::picture::Picture;
use super::view::{Shown, View, Zooms};
use crate::browser::now_ms;
use crate::live::effect;
use leptos::prelude::*;
use protocol::GraphAnswer;
use std::sync::Arc;
use std::time::Duration;

/// Hands rest when they have not moved for so long: a wheel turns faster, and nobody waits for this.
const REST: Duration = Duration::from_millis(180);

/// What follows within this time, in milliseconds, is the same zoom: one step of the browser's history, undone as one.
const JOINS_MS: i64 = 1_000;

/// Another range for a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The range.
    pub shown: Shown,
    /// It goes on from the wish before: no new step of the history.
    pub joins: bool,
    /// It was shown before, and is to be the same to the millisecond; else it may be moved onto whole steps.
    pub is_exact: bool,
}

/// The hands on a graph.
#[derive(Clone, Copy)]
pub struct Hands {
    picture: RwSignal<Option<Arc<Picture>>>,
    shown: Signal<Shown>,
    on_wish: Callback<Wish, Shown>,
    /// What is shown in place of the answer's own range.
    pub view: RwSignal<Option<View>>,
    /// How many zooms and moves can be undone.
    pub n_undo: RwSignal<usize>,
    /// A finger or a button is down.
    is_held: StoredValue<bool>,
    zooms: StoredValue<Zooms>,
    wished: StoredValue<Option<Shown>>,
    wished_ms: StoredValue<i64>,
    rest: StoredValue<Option<TimeoutHandle>>,
}

impl Hands {
    /// Hands that rest. `on_wish` hears which range they want, and answers which one the panel takes.
    pub fn new(picture: RwSignal<Option<Arc<Picture>>>, shown: Signal<Shown>, on_wish: Callback<Wish, Shown>) -> Self {
        let hands = Hands {
            picture,
            shown,
            on_wish,
            view: RwSignal::new(None),
            n_undo: RwSignal::new(0),
            is_held: StoredValue::new(false),
            zooms: StoredValue::new(Zooms::default()),
            wished: StoredValue::new(None),
            wished_ms: StoredValue::new(0),
            rest: StoredValue::new(None),
        };
        effect(move || hands.told(shown.get()));
        on_cleanup(move || hands.wait_no_more());
        hands
    }

    /// The range to draw an answer over. When the answer is the one that was wished for, it is its own again.
    #[must_use]
    pub fn axis(&self, answer: &GraphAnswer) -> View {
        let own = View { start_ms: answer.start_ms, end_ms: answer.end_ms };
        let Some(view) = self.view.get_untracked() else {
            return own;
        };
        let is_moving = self.is_held.get_value() || self.rest.with_value(Option::is_some);
        let is_there = |shown: Shown| shown.is_answered_by(answer.start_ms, answer.end_ms, answer.step_ms);
        if is_moving || !self.wished.get_value().is_some_and(is_there) {
            return view;
        }
        // Nobody has to hear: it is being drawn.
        *self.view.write_untracked() = None;
        own
    }

    /// What is on the screen.
    #[must_use]
    pub fn now(&self) -> Option<View> {
        let own = |answer: &GraphAnswer| View { start_ms: answer.start_ms, end_ms: answer.end_ms };
        self.view.get_untracked().or_else(|| self.picture.with_untracked(|p| p.as_ref().map(|p| own(&p.answer))))
    }

    /// A finger or a button was put down, or the last one let go.
    pub fn hold(&self, is_held: bool) {
        let was_held = self.is_held.get_value();
        self.is_held.set_value(is_held);
        if was_held && !is_held && self.view.with_untracked(Option::is_some) {
            self.rest_soon();
        }
    }

    /// Shows another range; the panel is asked when the hands rest.
    pub fn move_to(&self, view: View) {
        let view = view.ending_by(self.latest_ms());
        if self.now() != Some(view) {
            self.view.set(Some(view));
            self.rest_soon();
        }
    }

    /// Shows another range and asks for it at once, as a step of its own.
    pub fn go(&self, view: View) {
        self.wished_ms.set_value(0);
        self.view.set(Some(view.ending_by(self.latest_ms())));
        self.wish();
    }

    /// Stretches what is shown about a time; without one about its middle, or about now if it follows the clock.
    pub fn zoom(&self, about_ms: Option<f64>, factor: f64) {
        let Some(now) = self.now() else {
            return;
        };
        let follows = self.shown.get_untracked().end_ms.is_none();
        let middle = now.start_ms as f64 / 2.0 + now.end_ms as f64 / 2.0;
        let about_ms = about_ms.unwrap_or(if follows { now.end_ms as f64 } else { middle });
        self.move_to(now.zoomed(about_ms, factor));
    }

    /// Moves what is shown by a part of its length, to later times if that is above 0.
    pub fn pan(&self, part: f64) {
        if let Some(now) = self.now() {
            self.move_to(now.panned((now.range_ms() as f64 * part).round() as i64));
        }
    }

    /// Goes back by one zoom or move.
    pub fn undo(&self) {
        // One that is still under way is the last.
        if self.rest.with_value(Option::is_some) && !self.is_held.get_value() {
            self.wish();
        }
        let to = self.zooms.try_update_value(Zooms::undo).flatten();
        self.back_to(to);
    }

    /// Goes back to what was shown before the first zoom; if there was none, to now.
    pub fn reset(&self) {
        self.wait_no_more();
        let before = self.shown.get_untracked();
        let to = self.zooms.try_update_value(Zooms::first).flatten();
        let to = to.unwrap_or(Shown { end_ms: None, ..before });
        self.back_to(Some(to));
    }

    fn back_to(&self, to: Option<Shown>) {
        self.wait_no_more();
        let before = self.shown.get_untracked();
        let Some(to) = to.filter(|to| *to != before || self.view.with_untracked(Option::is_some)) else {
            self.count();
            return;
        };
        self.wished.set_value(Some(to));
        // What comes next is a zoom of its own.
        self.wished_ms.set_value(0);
        self.view.set(Some(View::of(to, self.clock_ms())));
        self.on_wish.run(Wish { shown: to, joins: false, is_exact: true });
        self.count();
    }

    fn rest_soon(&self) {
        self.wait_no_more();
        let hands = *self;
        if let Ok(handle) = set_timeout_with_handle(move || hands.wish(), REST) {
            self.rest.set_value(Some(handle));
        }
    }

    fn wish(&self) {
        self.wait_no_more();
        let (Some(before), Some(Some(view))) = (self.shown.try_get_untracked(), self.view.try_get_untracked()) else {
            return;
        };
        let now = now_ms();
        // An end that was rounded up to a second is not in the future.
        let is_clock = before.end_ms.is_none_or(|end_ms| end_ms <= now.saturating_add(1_000));
        let shown = view.shown(self.latest_ms(), is_clock);
        let joins = now - self.wished_ms.get_value() < JOINS_MS;
        let taken = self.on_wish.run(Wish { shown, joins, is_exact: false });
        if taken != before {
            self.zooms.update_value(|zooms| zooms.changed(before, taken, joins));
            self.wished_ms.set_value(now);
        }
        self.wished.set_value(Some(taken));
        // The answer to it may be there already.
        self.view.notify();
        self.count();
    }

    /// The panel's range changed.
    fn told(&self, now: Shown) {
        self.zooms.update_value(|zooms| zooms.told(now));
        if self.wished.get_value() != Some(now) {
            self.wished.set_value(None);
            self.wished_ms.set_value(0);
            self.wait_no_more();
            if self.view.with_untracked(Option::is_some) {
                self.view.set(None);
            }
        }
        self.count();
    }

    fn count(&self) {
        let n = self.zooms.with_value(Zooms::n_undo);
        if self.n_undo.try_get_untracked().is_some_and(|before| before != n) {
            self.n_undo.set(n);
        }
    }

    fn wait_no_more(&self) {
        if let Some(Some(handle)) = self.rest.try_update_value(Option::take) {
            handle.clear();
        }
    }

    /// Where a range ends that follows the clock: where the last answer did, or now. An answer ends at a whole step, so
    /// that it does not jiggle.
    fn clock_ms(&self) -> i64 {
        let newest = self.picture.with_untracked(|picture| picture.as_ref().map(|picture| picture.answer.end_ms));
        let follows = self.shown.get_untracked().end_ms.is_none();
        newest.filter(|_| follows).unwrap_or(0).max(now_ms())
    }

    /// One cannot go further right: there is nothing yet.
    fn latest_ms(&self) -> i64 {
        self.clock_ms().max(self.shown.get_untracked().end_ms.unwrap_or(i64::MIN))
    }
}
