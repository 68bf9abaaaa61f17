//! What the keys do on a graph that has the focus, or that the mouse is over.
//!
//! Arrows move along the time axis until a point is walked to: Enter or an arrow up or down goes to the newest sample, from
//! there arrows walk, and Escape ends the walk.

/// Keys stretch by so much: a tenth on each side.
const CLOSER: f64 = 0.8;

/// Keys move by this part of what is shown.
const QUARTER: f64 = 0.25;

/// So many samples at once.
const PAGE: usize = 10;

/// A key as the browser tells it.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    /// Its name.
    pub name: &'a str,
    /// Shift is held.
    pub shift: bool,
    /// Ctrl or Cmd is held.
    pub ctrl: bool,
    /// Alt is held.
    pub alt: bool,
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// Stretch the range by a factor.
    Zoom(f64),
    /// Move by a part of the range, to later times if above 0.
    Pan(f64),
    /// Back by one zoom.
    Undo,
    /// Back to before the first.
    Reset,
    /// The box at the cursor lists all series, or the nearest again.
    ToggleAll,
    /// Write a note at the cursor.
    Note,
    /// To the newest sample.
    Begin,
    /// To an event or a note.
    Event {
        /// After the cursor.
        next: bool,
    },
    /// So many samples on.
    Step {
        /// To later ones.
        right: bool,
        /// How many.
        n: usize,
    },
    /// To the next line.
    Over {
        /// Above.
        up: bool,
    },
    /// To the last sample of the line, or the first.
    Edge {
        /// The last.
        last: bool,
    },
    /// Keep the box at the cursor.
    Pin,
    /// End what is under way.
    Escape,
}

/// What a key asks for, while a point is walked or not; `None` is left to the browser.
#[must_use]
pub fn action(key: Key<'_>, is_walking: bool) -> Option<Action> {
    if key.alt {
        return None;
    }
    if key.ctrl {
        return (!key.shift && matches!(key.name, "z" | "Z")).then_some(Action::Undo);
    }
    let action = match key.name {
        "+" | "=" => Action::Zoom(CLOSER),
        "-" => Action::Zoom(1.0 / CLOSER),
        "0" => Action::Reset,
        "a" => Action::ToggleAll,
        "n" => Action::Note,
        "]" => Action::Event { next: true },
        "[" => Action::Event { next: false },
        "ArrowLeft" if key.shift || !is_walking => Action::Pan(-QUARTER),
        "ArrowRight" if key.shift || !is_walking => Action::Pan(QUARTER),
        "Escape" => Action::Escape,
        "Enter" | "ArrowUp" | "ArrowDown" | "Home" | "End" if !is_walking => Action::Begin,
        "Enter" => Action::Pin,
        "ArrowUp" => Action::Over { up: true },
        "ArrowDown" => Action::Over { up: false },
        "ArrowLeft" => Action::Step { right: false, n: 1 },
        "ArrowRight" => Action::Step { right: true, n: 1 },
        "PageUp" if is_walking => Action::Step { right: false, n: PAGE },
        "PageDown" if is_walking => Action::Step { right: true, n: PAGE },
        "Home" => Action::Edge { last: false },
        "End" => Action::Edge { last: true },
        _ => return None,
    };
    Some(action)
}

impl Action {
    /// Whether it is also meant for a graph that the mouse is over and that has no focus.
    #[must_use]
    pub fn works_from_afar(self) -> bool {
        use Action as A;
        matches!(self, A::Zoom(_) | A::Pan(_) | A::Undo | A::Reset | A::ToggleAll | A::Note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_move_the_axis_until_a_point_is_walked_to() {
        let plain = |name| Key { name, shift: false, ctrl: false, alt: false };
        let shift = |name| Key { shift: true, ..plain(name) };
        let (left, right) = (Action::Pan(-0.25), Action::Pan(0.25));
        for (key, resting, walking) in [
            (plain("ArrowLeft"), Some(left), Some(Action::Step { right: false, n: 1 })),
            (plain("ArrowRight"), Some(right), Some(Action::Step { right: true, n: 1 })),
            (shift("ArrowRight"), Some(right), Some(right)),
            (plain("ArrowUp"), Some(Action::Begin), Some(Action::Over { up: true })),
            (plain("Enter"), Some(Action::Begin), Some(Action::Pin)),
            (plain("End"), Some(Action::Begin), Some(Action::Edge { last: true })),
            (plain("PageDown"), None, Some(Action::Step { right: true, n: 10 })),
            (plain("+"), Some(Action::Zoom(0.8)), Some(Action::Zoom(0.8))),
            (shift("+"), Some(Action::Zoom(0.8)), Some(Action::Zoom(0.8))),
            (plain("-"), Some(Action::Zoom(1.25)), Some(Action::Zoom(1.25))),
            (plain("n"), Some(Action::Note), Some(Action::Note)),
            (plain("]"), Some(Action::Event { next: true }), Some(Action::Event { next: true })),
            (plain("0"), Some(Action::Reset), Some(Action::Reset)),
            (Key { ctrl: true, ..plain("z") }, Some(Action::Undo), Some(Action::Undo)),
            (Key { ctrl: true, ..shift("Z") }, None, None),
            (Key { ctrl: true, ..plain("+") }, None, None),
            (Key { alt: true, ..plain("ArrowLeft") }, None, None),
            (plain("Tab"), None, None),
        ] {
            assert_eq!((action(key, false), action(key, true)), (resting, walking), "{key:?}");
        }
    }

    #[test]
    fn only_what_needs_no_walk_works_from_afar() {
        assert!(Action::Undo.works_from_afar() && Action::Pan(0.25).works_from_afar());
        assert!(
            !Action::Pin.works_from_afar() && !Action::Begin.works_from_afar() && !Action::Escape.works_from_afar()
        );
    }
}
