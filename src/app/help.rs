//! The list of keys, in a dialog.

use crate::browser::dialog;
use crate::components::show::Show;
use crate::live::{handler, view};
use crate::state::settings::Settings;
use crate::texts::{hands, shell as texts};
use leptos::html::Dialog;
use leptos::prelude::*;

/// The dialog.
#[component]
pub(super) fn Help(is_open: RwSignal<bool>) -> impl IntoView {
    let Settings { single_keys, lists_all, .. } = expect_context::<Settings>();
    let node = NodeRef::<Dialog>::new();
    dialog::follow(node, move || is_open.get());
    let group = |(title, keys): (&'static str, &'static [texts::Keys])| {
        let rows = keys.iter().map(|(keys, what)| {
            let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd> " " }).collect_view();
            view! { <div><dt>{keys}</dt><dd>{*what}</dd></div> }
        });
        view! {
            <h3>{title}</h3>
            <dl class="keys">{rows.collect_view()}</dl>
        }
    };
    view! {
        <dialog
            aria-labelledby="help-title"
            node_ref=node
            on:close=handler(move |_| is_open.set(false))
            on:mousedown=handler(move |event| dialog::close_on_backdrop(node, &event))
        >
            <Show when=move || is_open.get()>
                <div class="dialog-body">
                    <div class="dialog-head">
                        <h2 id="help-title">{texts::HELP_TITLE}</h2>
                        <button type="button" on:click=handler(move |_| is_open.set(false))>{texts::CLOSE}</button>
                    </div>
                    {texts::KEYS.map(group).collect_view()}
                    <label class="check">
                        <input type="checkbox" prop:checked=single_keys on:change=handler(move |event| single_keys.set(event_target_checked(&event)))/>
                        <span>{texts::SINGLE_KEYS} <small class="muted">" " {texts::SINGLE_KEYS_HINT}</small></span>
                    </label>
                    <label class="check">
                        <input type="checkbox" prop:checked=lists_all on:change=handler(move |event| lists_all.set(event_target_checked(&event)))/>
                        <span>{hands::LISTS_ALL} <small class="muted">" " {hands::LISTS_ALL_HINT}</small></span>
                    </label>
                </div>
            </Show>
        </dialog>
    }
}
