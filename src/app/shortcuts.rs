//! Keys that work on every page, outside of fields and dialogs.

use super::page::Page;
use crate::browser::keys::{is_for_page, is_single};
use crate::browser::location::Location;
use crate::components::page_link::go;
use crate::state::settings::Settings;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The second key of a pair must follow within this time.
const PAIR_MS: i64 = 1_500;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Help,
    Find,
    Theme,
    Go(Page),
}

/// Listens; shows nothing.
#[component]
pub(super) fn Shortcuts(help_open: RwSignal<bool>, last_query: Signal<String>) -> impl IntoView {
    let settings = expect_context::<Settings>();
    let location = expect_context::<Location>();
    let first = StoredValue::new(None::<(char, i64)>);
    let handle = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        if !settings.single_keys.get_untracked() || !is_single(&event) || !is_for_page(&event) {
            return;
        }
        let mut chars = event.key().chars().collect::<Vec<_>>().into_iter();
        let (Some(key), None) = (chars.next(), chars.next()) else { return };
        let now = crate::browser::now_ms();
        let before = first.get_value().filter(|(_, at)| now - at < PAIR_MS).map(|(key, _)| key);
        let action = action(before, key);
        first.set_value(action.is_none().then_some((key, now)));
        let Some(action) = action else { return };
        event.prevent_default();
        match action {
            Action::Help => help_open.set(true),
            Action::Find => find(),
            Action::Theme => settings.theme.update(|theme| *theme = theme.next()),
            Action::Go(Page::Query) => go(location, Page::Query, &last_query.get_untracked()),
            Action::Go(page) => go(location, page, ""),
        }
    });
    on_cleanup(move || handle.remove());
}

/// What a key means after another one.
fn action(before: Option<char>, key: char) -> Option<Action> {
    match (before, key) {
        (Some('g'), 'e') => Some(Action::Go(Page::Query)),
        (Some('g'), 'm') => Some(Action::Go(Page::Metrics)),
        (Some('g'), 't') => Some(Action::Go(Page::Targets)),
        (Some('g'), 'd') => Some(Action::Go(Page::Discovery)),
        (Some('g'), 'o') => Some(Action::Go(Page::Sources)),
        (Some('g'), 's') => Some(Action::Go(Page::Status)),
        (Some('c'), 't') => Some(Action::Theme),
        (_, '?') => Some(Action::Help),
        (_, '/') => Some(Action::Find),
        _ => None,
    }
}

fn find() {
    let field = document().query_selector("main input[type=search], main textarea").ok().flatten();
    if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
        // It throws nothing; a field that is hidden stays without focus.
        let _ = field.focus();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_needs_its_first_key() {
        for (before, key, want) in [
            (None, '?', Some(Action::Help)),
            (Some('g'), '/', Some(Action::Find)),
            (None, 't', None),
            (Some('g'), 't', Some(Action::Go(Page::Targets))),
            (Some('c'), 't', Some(Action::Theme)),
            (Some('t'), 'g', None),
        ] {
            assert_eq!(action(before, key), want, "{before:?} {key}");
        }
    }
}
