//! Native dialogs: the browser keeps the focus inside, closes them with Esc and gives the focus back.

use crate::live::effect;
use leptos::html::Dialog;
use leptos::prelude::*;

/// Opens or closes a dialog as a condition says. The browser may close it too: its `close` event must make the
/// condition false.
pub fn follow(dialog: NodeRef<Dialog>, is_open: impl Fn() -> bool + 'static) {
    effect(move || {
        let Some(dialog) = dialog.get() else { return };
        match (is_open(), dialog.open()) {
            // It throws only if the dialog is open already or not in the page.
            (true, false) => {
                let _ = dialog.show_modal();
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
}

/// Closes the dialog when its backdrop is clicked: the click hits the dialog itself, not what is in it.
pub fn close_on_backdrop(dialog: NodeRef<Dialog>, event: &leptos::ev::MouseEvent) {
    if let Some(dialog) = dialog.get_untracked() {
        let hits_itself = event.target().is_some_and(|target| target == dialog.clone().into());
        if hits_itself {
            dialog.close();
        }
    }
}
