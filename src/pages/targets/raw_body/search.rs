//! The tools above a body: words to look for, with a count and the way from one to the next; families to keep to; whether
//! long lines wrap.

use super::listing::View;
use crate::live::{handler, live, memo, view};
use crate::texts::targets as texts;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

/// Names of families that are offered while one types: more is no help.
const MAX_OFFERED: usize = 2_000;

/// The tools.
#[component]
pub(super) fn SearchTools(view: View) -> impl IntoView {
    let has_hits = memo(move |_| !view.hits.read().is_empty());
    let on_keydown = move |event: KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            view.next_hit(event.shift_key());
        }
    };
    let count = move || match (view.hits.read().len(), view.search.read().trim().is_empty()) {
        (_, true) => String::new(),
        (n_hits, false) => texts::raw_hits(view.at_hit.get(), n_hits),
    };
    let families = view.lines.with_value(|lines| lines.families());
    let offered = families.into_iter().take(MAX_OFFERED).map(|name| view! { <option value=name></option> });
    view! {
        <input
            type="search"
            aria-label=texts::RAW_SEARCH
            placeholder=texts::RAW_SEARCH
            prop:value=view.search
            on:input=handler(move |event| view.look_for(event_target_value(&event)))
            on:keydown=handler(on_keydown)
        />
        <button type="button" disabled=move || !has_hits.get() on:click=handler(move |_| view.next_hit(true))>{texts::RAW_PREVIOUS}</button>
        <button type="button" disabled=move || !has_hits.get() on:click=handler(move |_| view.next_hit(false))>{texts::RAW_NEXT}</button>
        <span class="muted" role="status">{live(count)}</span>
        <input
            type="search"
            class="raw-family"
            aria-label=texts::RAW_FAMILY
            placeholder=texts::RAW_FAMILY
            list="raw-families"
            prop:value=view.family
            on:input=handler(move |event| view.keep_to(event_target_value(&event)))
        />
        <datalist id="raw-families">{offered.collect_view()}</datalist>
        <label class="check">
            <input type="checkbox" prop:checked=view.only_hits on:change=handler(move |event| view.keep_hits(event_target_checked(&event)))/>
            <span>{texts::RAW_ONLY_HITS}</span>
        </label>
        <label class="check">
            <input type="checkbox" prop:checked=view.wraps on:change=handler(move |event| view.wrap(event_target_checked(&event)))/>
            <span>{texts::RAW_WRAP}</span>
        </label>
    }
}
