//! What stands in the expression fields of a panel: drafts until they are run. The fields beside the first keep their
//! place in the browser's memory while others come and go, and with it cursor, undo and what is being typed.

use super::run::Run;
use crate::components::expression_input::history;
use crate::components::expression_input::remarks::{Remark, parsed};
use crate::live::memo;
use crate::state::explore::Explore;
use crate::state::url::graph::MAX_ALSO;
use crate::state::url::{PanelState, Tab};
use leptos::prelude::*;
use protocol::PanelId;

/// The drafts of a panel.
#[derive(Clone, Copy)]
pub(super) struct Drafts {
    explore: Explore,
    id: PanelId,
    /// The first expression.
    pub(super) first: RwSignal<String>,
    /// The others, by slot.
    slots: [RwSignal<String>; MAX_ALSO],
    /// What the address said last of each slot.
    shown: StoredValue<Vec<String>>,
    /// The slots in use, from the top.
    pub(super) order: RwSignal<Vec<u8>>,
    /// The slot that was added last, and wants to be typed into.
    added: StoredValue<Option<u8>>,
    /// What the address says now.
    expr: Memo<String>,
    also: Memo<Vec<String>>,
    is_graph: Memo<bool>,
}

impl Drafts {
    /// Follows the address. What somebody was typing when it changed is kept in the history.
    pub(super) fn follow(id: PanelId, explore: Explore, state: Memo<PanelState>) -> Self {
        let expr = memo(move |_| state.with(|state| state.expr.clone()));
        let also = memo(move |_| state.with(|state| state.graph.also.clone()));
        let drafts = Drafts {
            explore,
            id,
            first: RwSignal::new(expr.get_untracked()),
            slots: [(); MAX_ALSO].map(|()| RwSignal::new(String::new())),
            shown: StoredValue::new(vec![String::new(); MAX_ALSO]),
            order: RwSignal::new(Vec::new()),
            added: StoredValue::new(None),
            expr,
            also,
            is_graph: memo(move |_| state.with(|state| state.tab == Tab::Graph)),
        };
        Effect::new(move |before: Option<String>| {
            let expr = expr.get();
            take_over(drafts.first, before.as_deref(), &expr);
            expr
        });
        Effect::new(move |_: Option<()>| also.with(|also| drafts.take_over_also(also)));
        drafts
    }

    fn take_over_also(&self, also: &[String]) {
        let before = self.order.get_untracked();
        let order = fitted(&before, also.len());
        self.shown.update_value(|shown| {
            for (slot, expr) in order.iter().zip(also) {
                let (Some(shown), Some(draft)) = (shown.get_mut(usize::from(*slot)), self.draft(*slot)) else {
                    continue;
                };
                if !before.contains(slot) {
                    draft.set(expr.clone());
                } else if shown != expr {
                    take_over(draft, Some(shown), expr);
                }
                expr.clone_into(shown);
            }
        });
        if order != before {
            self.order.set(order);
        }
    }

    /// The draft of a slot.
    pub(super) fn draft(&self, slot: u8) -> Option<RwSignal<String>> {
        self.slots.get(usize::from(slot)).copied()
    }

    /// What the address says of a slot.
    pub(super) fn expr_of(&self, slot: u8) -> String {
        self.position(slot).and_then(|at| self.also.with(|also| also.get(at).cloned())).unwrap_or_default()
    }

    /// Where a slot stands among the further expressions, from 0.
    pub(super) fn position(&self, slot: u8) -> Option<usize> {
        self.order.with(|order| order.iter().position(|one| *one == slot))
    }

    /// Whether there is more than one expression.
    pub(super) fn are_several(&self) -> bool {
        self.order.with(|order| !order.is_empty())
    }

    /// Whether no other expression fits.
    pub(super) fn is_full(&self) -> bool {
        self.order.with(Vec::len) >= MAX_ALSO
    }

    /// Whether what is shown below belongs to what stands in the fields. The table is that of the first.
    pub(super) fn are_run(&self) -> bool {
        self.first.with(|draft| self.expr.with(|expr| draft == expr))
            && (!self.is_graph.get() || self.order.with(|order| self.texts_of(order) == self.also.get()))
    }

    /// Runs all of them. The one that was run by hand becomes the newest of the history.
    pub(super) fn run(&self, run: Run, slot: Option<u8>) {
        let first = self.first.get_untracked();
        let also = untrack(|| self.order.with(|order| self.texts_of(order)));
        let by_hand = slot.and_then(|slot| self.draft(slot)).unwrap_or(self.first).get_untracked();
        let is_new = self.expr.get_untracked() != first || self.also.get_untracked() != also;
        for text in [&first].into_iter().chain(&also).filter(|text| **text != by_hand && self.is_changed(text)) {
            remember_sound(text);
        }
        remember_sound(&by_hand);
        if !is_new {
            run.again();
            return;
        }
        self.explore.edit_panel(self.id, |panel| {
            panel.expr = first;
            panel.graph.also = also;
        });
    }

    /// Adds an empty expression below the others.
    pub(super) fn add(&self) {
        let next = fitted(&self.order.get_untracked(), self.order.with_untracked(Vec::len) + 1);
        self.added.set_value(next.last().copied());
        self.explore.edit_panel(self.id, |panel| {
            if panel.graph.also.len() < MAX_ALSO {
                panel.graph.also.push(String::new());
            }
        });
    }

    /// Whether a slot was just added; says so once.
    pub(super) fn take_added(&self, slot: u8) -> bool {
        let is_it = self.added.get_value() == Some(slot);
        if is_it {
            self.added.set_value(None);
        }
        is_it
    }

    /// Takes an expression away; what stood in it is kept in the history.
    pub(super) fn remove(&self, slot: u8) {
        let Some(at) = untrack(|| self.position(slot)) else {
            return;
        };
        if let Some(draft) = self.draft(slot) {
            draft.with_untracked(|text| remember_sound(text));
        }
        // Before the address follows: the others keep their slots.
        self.order.update(|order| {
            order.remove(at);
        });
        self.explore.edit_panel(self.id, |panel| {
            if at < panel.graph.also.len() {
                panel.graph.also.remove(at);
            }
        });
    }

    fn texts_of(&self, order: &[u8]) -> Vec<String> {
        order.iter().filter_map(|slot| self.draft(*slot)).map(|draft| draft.get()).collect()
    }

    fn is_changed(&self, text: &str) -> bool {
        self.expr.with_untracked(|expr| expr != text)
            && self.also.with_untracked(|also| also.iter().all(|expr| expr != text))
    }
}

/// What the address says comes into the field; what somebody was typing there is kept in the history.
fn take_over(draft: RwSignal<String>, before: Option<&str>, expr: &str) {
    let typed = draft.get_untracked();
    if before.is_some_and(|before| before != typed) && typed != expr {
        history::remember(&typed);
    }
    draft.set(expr.to_owned());
}

fn remember_sound(text: &str) {
    if !parsed(text).iter().any(Remark::is_error) {
        history::remember(text);
    }
}

/// The slots for so many expressions: those in use stay, new ones get slots that are free.
fn fitted(order: &[u8], len: usize) -> Vec<u8> {
    let mut fitted: Vec<u8> = order.iter().copied().take(len).collect();
    let mut free = (0..MAX_ALSO as u8).filter(|slot| !order.contains(slot));
    while fitted.len() < len {
        // Slots that were given up in the same moment are the last to be used again.
        let Some(slot) = free.next() else {
            break;
        };
        fitted.push(slot);
    }
    fitted
}

#[cfg(test)]
mod tests {
    //! Which expression gets which field.
    use super::fitted;

    #[test]
    fn fields_stay_while_others_come_and_go() {
        assert_eq!(fitted(&[], 2), [0, 1]);
        assert_eq!(fitted(&[0, 2], 3), [0, 2, 1]);
        assert_eq!(fitted(&[3, 0, 2], 1), [3]);
        assert_eq!(fitted(&[0, 1, 2, 3, 4, 5, 6], 9), [0, 1, 2, 3, 4, 5, 6]);
    }
}
