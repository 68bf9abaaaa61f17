//! Which range of time a graph shows while hands move it, what that means for its panel, and the way back.
//!
//! Pure: a [`View`] is zoomed and moved, becomes the [`Shown`] of a panel when the hands rest, and [`Zooms`] remembers
//! what was shown before. All times are ms since the epoch.

use protocol::StepChoice;

/// Nothing shorter can be zoomed into: a step is a millisecond or more.
pub const MIN_RANGE_MS: i64 = 10;

/// Nothing longer can be zoomed out to: twenty years.
pub const MAX_RANGE_MS: i64 = 20 * 365 * 86_400_000;

/// Dates are written with four digits of the year.
const EARLIEST_MS: i64 = -62_135_596_800_000;
const LATEST_MS: i64 = 253_402_300_799_999;

/// A range that ends within this part of its length before now goes on following the clock.
const NEAR_NOW: i64 = 100;

/// In a range longer than this nobody sees a second: its ends are whole ones, as people read and write them.
const READ_TO_THE_SECOND_MS: i64 = 100_000;

/// So many ranges are remembered.
const MAX_UNDO: usize = 100;

/// A range of time on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// At the left edge.
    pub start_ms: i64,
    /// At the right edge; after the start.
    pub end_ms: i64,
}

impl View {
    /// What a panel shows, if its clock is at `now_ms`.
    #[must_use]
    pub fn of(shown: Shown, now_ms: i64) -> Self {
        let end_ms = shown.end_ms.unwrap_or(now_ms);
        View { start_ms: end_ms.saturating_sub(shown.range_ms.max(1)), end_ms }
    }

    /// How long it is, 1 or more.
    #[must_use]
    pub fn range_ms(self) -> i64 {
        self.end_ms.saturating_sub(self.start_ms).max(1)
    }

    /// `factor` times as long; the time `about_ms` keeps its place on the screen. A range beyond a limit may come
    /// back from there, but goes no further.
    #[must_use]
    pub fn zoomed(self, about_ms: f64, factor: f64) -> Self {
        if !(factor.is_finite() && factor > 0.0 && about_ms.is_finite()) {
            return self;
        }
        let len = self.range_ms();
        let (least, most) = (MIN_RANGE_MS.min(len) as f64, MAX_RANGE_MS.max(len) as f64);
        let new_len = (len as f64 * factor).clamp(least, most).round();
        let about = about_ms.clamp(self.start_ms as f64, self.end_ms as f64);
        let part = (about - self.start_ms as f64) / len as f64;
        Self::starting((about - part * new_len).round() as i64, new_len as i64)
    }

    /// As long, later by so much.
    #[must_use]
    pub fn panned(self, by_ms: i64) -> Self {
        Self::starting(self.start_ms.saturating_add(by_ms), self.range_ms())
    }

    /// Two fingers hold a time each, and are at these parts of the width of the plot (0 is its left edge, 1 its right).
    /// Fingers that are too close to each other or have crossed move it, but do not stretch it.
    #[must_use]
    pub fn held_at(self, first: (f64, f64), second: (f64, f64)) -> Self {
        /// Parts of the width.
        const CLOSE: f64 = 0.02;
        let (time, place) = (second.0 - first.0, second.1 - first.1);
        let len = time / place;
        let stretches = place.abs() >= CLOSE && len.is_finite() && len > 0.0;
        let factor = if stretches { len / self.range_ms() as f64 } else { 1.0 };
        let (middle, at) = (first.0 / 2.0 + second.0 / 2.0, first.1 / 2.0 + second.1 / 2.0);
        let len = self.zoomed(middle, factor).range_ms();
        Self::starting((middle - at * len as f64).round() as i64, len)
    }

    /// As long, but ending no later than this.
    #[must_use]
    pub fn ending_by(self, latest_ms: i64) -> Self {
        self.panned(latest_ms.saturating_sub(self.end_ms).min(0))
    }

    /// What the panel is to show. `latest_ms` is how far right one can go: where the clock is (`is_clock`), or where the
    /// range ended if that is in the future. A range that comes close to the clock follows it.
    #[must_use]
    pub fn shown(self, latest_ms: i64, is_clock: bool) -> Shown {
        let range_ms = self.range_ms();
        let nearly = latest_ms.saturating_sub(range_ms / NEAR_NOW);
        let follows = is_clock && self.end_ms >= nearly;
        Shown { range_ms, end_ms: (!follows).then_some(self.end_ms) }
    }

    fn starting(start_ms: i64, range_ms: i64) -> Self {
        let range_ms = range_ms.clamp(1, LATEST_MS - EARLIEST_MS);
        let start_ms = start_ms.clamp(EARLIEST_MS, LATEST_MS - range_ms);
        View { start_ms, end_ms: start_ms + range_ms }
    }
}

/// By how much a turn of the wheel stretches the range: a notch down makes it longer, one up shortens it to 0.9. The fine
/// movements that browsers make of two fingers on a touch pad follow the fingers.
#[must_use]
pub fn wheel_factor(delta: f64, is_in_pixels: bool) -> f64 {
    /// Pixels, and lines, of a notch.
    const NOTCH: (f64, f64) = (100.0, 3.0);
    /// No notch is finer.
    const FINE: f64 = 40.0;
    if !delta.is_finite() {
        return 1.0;
    }
    let notches = delta / if is_in_pixels { NOTCH.0 } else { NOTCH.1 };
    // One event stands for five notches at most, or a stuck wheel would lose one's place.
    let notches = notches.clamp(-5.0, 5.0);
    let is_fine = is_in_pixels && delta.abs() < FINE;
    if is_fine { libm::exp(notches) } else { libm::pow(0.9, -notches) }
}

/// The range of a panel, as its address has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// How long it is.
    pub range_ms: i64,
    /// Where it ends; `None` follows the clock.
    pub end_ms: Option<i64>,
}

impl Shown {
    /// The same on whole steps, so that the first step lies on the left edge; long ranges end at whole seconds. A range
    /// that was only moved keeps the length it had before, which somebody may have typed.
    #[must_use]
    pub fn snapped(self, step: StepChoice, before: Shown) -> Self {
        let unit = if self.range_ms < READ_TO_THE_SECOND_MS { 1 } else { 1_000 };
        let whole = |ms: i64| ms.saturating_add(unit / 2).div_euclid(unit).saturating_mul(unit);
        let range_ms = whole(self.range_ms.max(1));
        let step_ms = step.step_ms(range_ms).max(1);
        let on_steps = range_ms / step_ms * step_ms;
        let is_moved = self.range_ms.abs_diff(before.range_ms) < step.step_ms(before.range_ms).unsigned_abs();
        let range_ms = match on_steps {
            _ if is_moved => before.range_ms,
            0 => range_ms,
            _ => on_steps,
        };
        Shown { range_ms, end_ms: self.end_ms.map(whole) }
    }

    /// Whether an answer from the first to the last of its steps is that to this range, but for less than a step.
    #[must_use]
    pub fn is_answered_by(self, start_ms: i64, end_ms: i64, step_ms: i64) -> bool {
        let is_near = |a: i64, b: i64| a.abs_diff(b) < step_ms.max(1).unsigned_abs();
        is_near(end_ms.saturating_sub(start_ms), self.range_ms) && self.end_ms.is_none_or(|end| is_near(end, end_ms))
    }
}

/// What was shown before each zoom and each move.
#[derive(Clone, Debug, Default)]
pub struct Zooms {
    before: Vec<Shown>,
    now: Option<Shown>,
}

impl Zooms {
    /// How many can be undone.
    #[must_use]
    pub fn n_undo(&self) -> usize {
        self.before.len()
    }

    /// Hands have changed what is shown. What goes on from the change before (`joins`) is undone with it.
    pub fn changed(&mut self, from: Shown, to: Shown, joins: bool) {
        self.now = Some(to);
        if joins && !self.before.is_empty() {
            return;
        }
        if self.before.len() == MAX_UNDO {
            // The first stays: `first` goes back to it.
            self.before.remove(1);
        }
        self.before.push(from);
    }

    /// Something else has: the browser's way back undoes a zoom, any other range begins anew.
    pub fn told(&mut self, now: Shown) {
        if self.now == Some(now) {
            return;
        }
        if self.before.last() == Some(&now) {
            self.before.pop();
        } else {
            self.before.clear();
        }
        self.now = Some(now);
    }

    /// What the last zoom or move began with.
    pub fn undo(&mut self) -> Option<Shown> {
        self.now = Some(self.before.pop()?);
        self.now
    }

    /// What the first one began with.
    pub fn first(&mut self) -> Option<Shown> {
        self.now = Some(*self.before.first()?);
        self.before.clear();
        self.now
    }
}

#[cfg(test)]
mod tests {
    //! Ranges under hands.
    use super::*;
    use proptest::prelude::*;
    use protocol::Density;

    const YEAR_MS: i64 = 365 * 86_400_000;
    const OTHER: Shown = Shown { range_ms: 1, end_ms: None };
    const AUTO: StepChoice = StepChoice::Auto(Density::Medium);

    fn view(start_ms: i64, end_ms: i64) -> View {
        View { start_ms, end_ms }
    }

    fn shown(range_ms: i64, end_ms: Option<i64>) -> Shown {
        Shown { range_ms, end_ms }
    }

    #[test]
    fn zooming_keeps_the_time_under_the_cursor_and_stops_at_the_limits() {
        let from = view(0, 1_000);
        assert_eq!(from.zoomed(0.0, 0.5), view(0, 500));
        assert_eq!(from.zoomed(1_000.0, 0.5), view(500, 1_000));
        assert_eq!(from.zoomed(250.0, 0.8), view(50, 850));
        assert_eq!(from.zoomed(250.0, 0.8).zoomed(250.0, 1.25), from);
        assert_eq!(from.zoomed(9_999.0, 0.5), view(500, 1_000), "outside: about the nearer edge");
        assert_eq!(from.zoomed(500.0, 1e-9), view(495, 505));
        assert_eq!(view(495, 505).zoomed(500.0, 0.9), view(495, 505));
        assert_eq!(view(495, 505).zoomed(500.0, 1.1), view(495, 506));
        assert_eq!(from.zoomed(0.0, 1e30).range_ms(), MAX_RANGE_MS);
        assert_eq!(view(0, 50 * YEAR_MS).zoomed(0.0, 2.0).range_ms(), 50 * YEAR_MS, "typed: no further");
        for factor in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(from.zoomed(1.0, factor), from);
        }
        assert_eq!(from.zoomed(f64::NAN, 0.5), from);
    }

    #[test]
    fn moving_keeps_the_length_and_stays_where_dates_are() {
        assert_eq!(view(0, 1_000).panned(-250), view(-250, 750));
        assert_eq!(view(0, 1_000).panned(i64::MAX), view(LATEST_MS - 1_000, LATEST_MS));
        assert_eq!(view(0, 1_000).panned(i64::MIN), view(EARLIEST_MS, EARLIEST_MS + 1_000));
        assert_eq!(view(0, 1_000).ending_by(900), view(-100, 900));
        assert_eq!(view(0, 1_000).ending_by(1_100), view(0, 1_000));
    }

    #[test]
    fn two_fingers_hold_their_times() {
        let from = view(0, 1_000);
        assert_eq!(from.held_at((200.0, 0.2), (800.0, 0.8)), from);
        assert_eq!(from.held_at((200.0, 0.3), (800.0, 0.9)), view(-100, 900), "moved");
        assert_eq!(from.held_at((400.0, 0.2), (600.0, 0.8)), view(334, 667), "spread");
        assert_eq!(from.held_at((200.0, 0.4), (800.0, 0.6)), view(-1_000, 2_000), "pinched");
        assert_eq!(from.held_at((200.0, 0.5), (800.0, 0.501)), from, "as one");
        assert_eq!(from.held_at((200.0, 0.8), (800.0, 0.2)).range_ms(), 1_000, "crossed");
    }

    #[test]
    fn a_notch_of_the_wheel_is_a_tenth_and_fingers_on_a_pad_are_followed() {
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} is not {b}");
        near(wheel_factor(-100.0, true), 0.9);
        near(wheel_factor(100.0, true), 1.0 / 0.9);
        near(wheel_factor(-3.0, false), 0.9);
        near(wheel_factor(-10.0, true), libm::exp(-0.1));
        near(wheel_factor(1e9, true), libm::pow(0.9, -5.0));
        near(wheel_factor(f64::NAN, true), 1.0);
    }

    #[test]
    fn what_comes_back_to_now_follows_the_clock() {
        let now = 1_000_000;
        let of = |start, end, latest, is_clock| view(start, end).shown(latest, is_clock).end_ms;
        assert_eq!(of(0, 900_000, now, true), Some(900_000));
        assert_eq!(of(0, 995_000, now, true), None);
        assert_eq!(of(100, 1_000_100, now, true), None);
        assert_eq!(of(0, 2_000_000, 2_000_000, false), Some(2_000_000), "the range was in the future before");
        assert_eq!(View::of(shown(60_000, None), now), view(940_000, now));
    }

    #[test]
    fn a_range_lies_on_its_steps() {
        for (from, want) in [
            (shown(3_605_400, None), shown(3_598_000, None)),
            (shown(100_400, Some(1_700_000_000_499)), shown(100_000, Some(1_700_000_000_000))),
            (shown(100_400, Some(1_700_000_000_500)), shown(100_000, Some(1_700_000_001_000))),
            (shown(5_123, Some(1_234)), shown(5_120, Some(1_234))),
            (shown(10, Some(7)), shown(10, Some(7))),
        ] {
            let snapped = from.snapped(AUTO, OTHER);
            assert_eq!(snapped, want);
            assert_eq!(snapped.snapped(AUTO, OTHER), snapped);
        }
        let fixed = |range_ms: i64, before: i64| {
            shown(range_ms, None).snapped(StepChoice::Fixed { step_ms: 15_000 }, shown(before, None)).range_ms
        };
        assert_eq!((fixed(20_000, 90_000), fixed(9_000, 90_000)), (15_000, 9_000));
    }

    #[test]
    fn a_range_that_was_only_moved_keeps_its_length() {
        let hour = shown(3_600_000, None);
        let moved = shown(3_598_000, Some(1_700_000_000_000));
        assert_eq!(moved.snapped(AUTO, hour), shown(3_600_000, moved.end_ms));
        assert_eq!(shown(3_500_000, None).snapped(AUTO, hour).range_ms, 3_500_000);
    }

    #[test]
    fn an_answer_is_known_by_its_range() {
        assert!(shown(1_000, Some(5_000)).is_answered_by(4_000, 5_000, 10));
        assert!(shown(1_009, Some(5_009)).is_answered_by(4_000, 5_000, 10));
        assert!(!shown(1_010, Some(5_000)).is_answered_by(4_000, 5_000, 10));
        assert!(!shown(1_000, Some(5_010)).is_answered_by(4_000, 5_000, 10));
        assert!(shown(1_000, None).is_answered_by(4_000, 5_000, 10));
    }

    #[test]
    fn zooms_are_undone_one_by_one_or_all_at_once() {
        let all: Vec<Shown> = (0..5).map(|n| shown(1_000 - n, Some(n))).collect();
        let mut zooms = Zooms::default();
        zooms.told(all[0]);
        assert_eq!((zooms.undo(), zooms.first()), (None, None));
        zooms.changed(all[0], all[1], false);
        zooms.changed(all[1], all[2], false);
        zooms.changed(all[2], all[3], true);
        zooms.told(all[3]);
        assert_eq!((zooms.undo(), zooms.n_undo()), (Some(all[1]), 1));
        zooms.changed(all[1], all[4], false);
        zooms.told(all[1]);
        assert_eq!(zooms.n_undo(), 1, "the browser's way back");
        assert_eq!((zooms.first(), zooms.n_undo()), (Some(all[0]), 0));
        zooms.changed(all[0], all[1], true);
        zooms.told(all[4]);
        assert_eq!(zooms.undo(), None, "another range was typed");
    }

    #[test]
    fn what_came_first_is_never_forgotten() {
        let mut zooms = Zooms::default();
        for n in 0..1_000 {
            zooms.changed(shown(n + 1, None), shown(n + 2, None), false);
        }
        assert_eq!(
            (zooms.n_undo(), zooms.undo(), zooms.first()),
            (MAX_UNDO, Some(shown(1_000, None)), Some(shown(1, None)))
        );
    }

    proptest! {
        #[test]
        fn hands_never_leave_the_limits(
            start in EARLIEST_MS..LATEST_MS - MAX_RANGE_MS,
            len in MIN_RANGE_MS..MAX_RANGE_MS,
            moves in proptest::collection::vec((0.0..1.0f64, 0.1..10.0f64, any::<i64>()), 0..20),
        ) {
            let mut at = view(start, start + len);
            for (part, factor, by) in moves {
                let about = at.start_ms as f64 + part * at.range_ms() as f64;
                let zoomed = at.zoomed(about, factor);
                prop_assert!((MIN_RANGE_MS..=MAX_RANGE_MS).contains(&zoomed.range_ms()));
                let place = (about - zoomed.start_ms as f64) / zoomed.range_ms() as f64;
                let is_at_edge = zoomed.start_ms == EARLIEST_MS || zoomed.end_ms == LATEST_MS;
                // Rounding to a millisecond shows in the shortest ranges.
                let blur = 1.5 / zoomed.range_ms() as f64 + 1e-6;
                prop_assert!(is_at_edge || (place - part).abs() <= blur, "{place} is not {part}");
                at = zoomed.panned(by);
                prop_assert_eq!(at.range_ms(), zoomed.range_ms());
                prop_assert!(at.start_ms >= EARLIEST_MS && at.end_ms <= LATEST_MS);
            }
        }

        #[test]
        fn snapping_loses_less_than_a_step(range_ms in 10..MAX_RANGE_MS, end_ms in proptest::option::of(0..4_000_000_000_000i64)) {
            let from = shown(range_ms, end_ms);
            let to = from.snapped(AUTO, OTHER);
            let step_ms = AUTO.step_ms(to.range_ms);
            prop_assert_eq!(to.range_ms % step_ms, 0);
            prop_assert!((range_ms - to.range_ms).abs() <= step_ms + 500);
            prop_assert_eq!(to.snapped(AUTO, OTHER), to);
            let end = to.end_ms.unwrap_or(0);
            prop_assert!(to.is_answered_by(end - to.range_ms, end, step_ms));
        }
    }
}
