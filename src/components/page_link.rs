//! A link to another page of the app: no reload, and still a link for "open in a new tab".

use crate::app::page::Page;
use crate::browser::location::Location;
use crate::live::{handler, live, view};
use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// The address of a page, with a query or without one.
#[must_use]
pub fn address(location: Location, page: Page, query: &str) -> (String, String) {
    (location.path.with(|path| page.path_beside(path)), query.trim_start_matches('?').to_owned())
}

/// Goes to a page; "back" comes back.
pub fn go(location: Location, page: Page, query: &str) {
    let (path, query) = untrack(|| address(location, page, query));
    location.push(&path, &query);
}

/// Whether a click means "go there", not "open it elsewhere".
#[must_use]
pub fn is_plain_click(event: &MouseEvent) -> bool {
    event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key())
}

/// The link.
#[component]
pub fn PageLink(
    /// Where it goes.
    page: Page,
    /// The part of the address behind the `?`.
    #[prop(into, optional)]
    query: Signal<String>,
    /// Classes of the link.
    #[prop(optional)]
    class: &'static str,
    /// Says that the link goes to where one is: for navigation.
    #[prop(optional)]
    marks_current: bool,
    /// Says so also on a page that is a part of where it goes.
    #[prop(optional)]
    marks_section: bool,
    children: Children,
) -> impl IntoView {
    let location = expect_context::<Location>();
    let href = move || {
        let (path, query) = address(location, page, &query.read());
        if query.is_empty() { path } else { format!("{path}?{query}") }
    };
    let current = move || match location.path.with(|path| Page::of(path)) {
        here if marks_current && here == page => Some("page"),
        here if marks_section && here.section() == page => Some("true"),
        _ => None,
    };
    let on_click = move |event: MouseEvent| {
        if is_plain_click(&event) {
            event.prevent_default();
            go(location, page, &query.get_untracked());
        }
    };
    view! {
        <a class=class href=live(href) aria-current=live(current) on:click=handler(on_click)>
            {children()}
        </a>
    }
}
