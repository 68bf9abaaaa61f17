//! For how many device pixels a graph is asked: as wide as its plot was drawn, which is known only after the first answer,
//! because the texts of the axes take their part.
//!
//! Points are left out column by column, so a width that is a little off shows. But an answer for another width may have
//! other texts and so another width again: for one size of the element no width is asked for twice.

/// What is known of the width of a panel's plot. All in device pixels.
#[derive(Clone, Debug, Default)]
pub struct Widths {
    /// The newest: what the next question says.
    pub px: Option<u32>,
    element_px: u32,
    asked: Vec<u32>,
}

impl Widths {
    /// Another question is asked: its texts may be others.
    pub fn begin(&mut self) {
        self.asked.clear();
    }

    /// A question was sent.
    pub fn sent(&mut self, px: u32) {
        if !self.asked.contains(&px) {
            self.asked.push(px);
        }
    }

    /// A plot was drawn `px` wide on an element of `element_px`; points were left out or not. Whether to ask again.
    pub fn drawn(&mut self, px: u32, element_px: u32, is_decimated: bool) -> bool {
        let is_resized = self.element_px != element_px && self.element_px > 0;
        self.element_px = element_px;
        if is_resized {
            self.asked.drain(..self.asked.len().saturating_sub(1));
        }
        self.px = Some(px);
        let is_news = !self.asked.contains(&px);
        // Whole answers are right at every width; but a larger element has room for finer steps, where they depend on it.
        is_news && (is_decimated || is_resized)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_true_width_is_asked_for_once() {
        let mut widths = Widths::default();
        widths.sent(1_000);
        assert!(widths.drawn(984, 1_100, true), "the texts were wider than usual");
        widths.sent(984);
        assert!(!widths.drawn(984, 1_100, true));
        assert!(!widths.drawn(1_000, 1_100, true), "to and fro: the next question will say it");
        assert_eq!(widths.px, Some(1_000));
        widths.sent(1_000);
        assert!(!widths.drawn(984, 1_100, true));
    }

    #[test]
    fn whole_answers_are_asked_for_again_only_after_a_resizing() {
        let mut widths = Widths::default();
        widths.sent(1_000);
        assert!(!widths.drawn(984, 1_100, false));
        assert!(widths.drawn(400, 500, false));
        widths.sent(400);
        assert!(widths.drawn(984, 1_100, true), "back at the old size");
    }

    #[test]
    fn another_question_may_have_other_texts() {
        let mut widths = Widths::default();
        widths.sent(1_000);
        assert!(widths.drawn(984, 1_100, true));
        widths.sent(984);
        widths.begin();
        widths.sent(984);
        assert!(widths.drawn(1_000, 1_100, true));
    }
}
