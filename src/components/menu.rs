//! A button with a small box below it. The browser closes the box on a click elsewhere and with Escape.

use crate::live::{handler, live, view};
use leptos::html::{Button, Div};
use leptos::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

/// What is assumed of the width of a box before it is there, CSS pixels.
const WIDTH: f64 = 232.0;

/// The least distance of a box from the edges of the window, CSS pixels.
const EDGE: f64 = 8.0;

/// The button and the box.
#[component]
pub fn Menu(
    /// What the button says.
    label: &'static str,
    /// What is in the box.
    children: ChildrenFn,
) -> impl IntoView {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let id = format!("menu-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let (button, place) = (NodeRef::<Button>::new(), NodeRef::<Div>::new());
    // The browser shows the box after the handlers of the click.
    let put = move || {
        let (Some(button), Some(place)) = (button.get_untracked(), place.get_untracked()) else { return };
        let rect = button.get_bounding_client_rect();
        let number = |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|v| v.as_f64()).unwrap_or_default();
        let window = window();
        let left = rect.left().min(number(window.inner_width()) - WIDTH - EDGE).max(EDGE);
        let (x, y) = (window.scroll_x().unwrap_or_default(), window.scroll_y().unwrap_or_default());
        let place: &web_sys::HtmlElement = &place;
        let style = place.style();
        for (name, at) in [("left", left + x), ("top", rect.bottom() + y + EDGE / 2.0)] {
            let _ = style.set_property(name, &format!("{at}px"));
        }
    };
    view! {
        <button
            type="button"
            class="quiet"
            popovertarget=id.clone()
            node_ref=button
            on:click=handler(move |_| put())
        >
            {label}
            <span aria-hidden="true">"▾"</span>
        </button>
        <div class="menu-box" id=id popover="auto" role="group" aria-label=label node_ref=place>
            {live(move || children())}
        </div>
    }
}

/// Closes the menu that an event happened in.
pub fn close_around(event: &leptos::ev::MouseEvent) {
    let target = event.target().and_then(|target| wasm_bindgen::JsCast::dyn_into::<web_sys::Element>(target).ok());
    if let Some(menu) = target.and_then(|target| target.closest("[popover]").ok().flatten()) {
        // Not among the stable bindings. It throws only if the menu is closed already.
        let hide = js_sys::Reflect::get(&menu, &"hidePopover".into()).ok();
        if let Some(hide) = hide.and_then(|hide| wasm_bindgen::JsCast::dyn_into::<js_sys::Function>(hide).ok()) {
            let _ = hide.call0(&menu);
        }
    }
}
