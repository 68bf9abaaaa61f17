//! Files and folders that are dropped anywhere on the page are imported.

use super::page::Page;
use crate::browser::folder;
use crate::browser::location::Location;
use crate::components::page_link::go;
use crate::live::{live, view};
use crate::state::additions::Additions;
use crate::texts::adding as texts;
use leptos::ev::DragEvent;
use leptos::prelude::*;

/// Listens, and says over the whole page what a drop would do.
#[component]
pub(super) fn DropZone() -> impl IntoView {
    let additions = expect_context::<Additions>();
    let location = expect_context::<Location>();
    let is_over = RwSignal::new(false);
    // Without it the browser would leave the page and show the file.
    let over = window_event_listener(leptos::ev::dragover, move |event: DragEvent| {
        if holds_files(&event) {
            event.prevent_default();
            is_over.set(true);
        }
    });
    let leave = window_event_listener(leptos::ev::dragleave, move |event: DragEvent| {
        // The pointer left the window, not just one element for the next.
        if event.related_target().is_none() {
            is_over.set(false);
        }
    });
    let drop = window_event_listener(leptos::ev::drop, move |event: DragEvent| {
        if !holds_files(&event) {
            return;
        }
        event.prevent_default();
        is_over.set(false);
        folder::dropped(&event, move |chosen, is_folder| additions.add_files(chosen, is_folder));
        // What becomes of them is shown where things are added.
        if !matches!(location.path.with_untracked(|path| Page::of(path)), Page::Query | Page::Targets) {
            go(location, Page::Targets, "");
        }
    });
    on_cleanup(move || {
        over.remove();
        leave.remove();
        drop.remove();
    });
    live(move || {
        is_over.get().then(|| view! { <div class="drop-zone" aria-hidden="true"><p>{texts::DROP_HINT}</p></div> })
    })
}

fn holds_files(event: &DragEvent) -> bool {
    event
        .data_transfer()
        .is_some_and(|data| data.types().iter().any(|kind| kind.as_string().as_deref() == Some("Files")))
}
