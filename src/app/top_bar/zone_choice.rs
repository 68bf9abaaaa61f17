//! Whose clocks the page shows: those of this computer, UTC, or a place by its name.

use crate::browser::dialog;
use crate::browser::zone::Zone;
use crate::components::show::Show;
use crate::live::{handler, live, view};
use crate::state::settings::Settings;
use crate::texts::shell as texts;
use leptos::ev::SubmitEvent;
use leptos::html::{Dialog, Input, Select};
use leptos::prelude::*;

/// The value of the entry that asks for a name.
const OTHER: &str = "other";

/// The choice, and the dialog for a zone that is not in it.
#[component]
pub(super) fn ZoneChoice() -> impl IntoView {
    let zone = expect_context::<Settings>().zone;
    let select = NodeRef::<Select>::new();
    let asks = RwSignal::new(false);
    // The element changes its value itself, and an entry that is new is selected only after it is there.
    let show_chosen = move || {
        let name = zone.with(|zone| zone.name().to_owned());
        if let Some(select) = select.get() {
            select.set_value(&name);
        }
    };
    Effect::new(show_chosen);
    let on_change = move |event| match event_target_value(&event).as_str() {
        OTHER => {
            untrack(show_chosen);
            asks.set(true);
        }
        name => zone.set(Zone::from_name(name).unwrap_or_default()),
    };
    let named = move || match zone.get() {
        Zone::Named(name) => Some(view! { <option value=name.clone()>{name.clone()}</option> }),
        _ => None,
    };
    view! {
        <select class="zone" aria-label=texts::ZONE title=texts::ZONE node_ref=select on:change=handler(on_change)>
            <option value="local">{texts::ZONE_LOCAL}</option>
            <option value="UTC">{texts::ZONE_UTC}</option>
            {live(named)}
            <option value=OTHER>{texts::ZONE_OTHER}</option>
        </select>
        <ZoneDialog is_open=asks zone/>
    }
}

#[component]
fn ZoneDialog(is_open: RwSignal<bool>, zone: RwSignal<Zone>) -> impl IntoView {
    let node = NodeRef::<Dialog>::new();
    let field = NodeRef::<Input>::new();
    let problem = RwSignal::new(None::<String>);
    dialog::follow(node, move || is_open.get());
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let name = field.get_untracked().map(|field| field.value().trim().to_owned()).unwrap_or_default();
        match Zone::from_name(&name).filter(|_| !name.is_empty()) {
            Some(chosen) => {
                problem.set(None);
                zone.set(chosen);
                is_open.set(false);
            }
            None => problem.set(Some(texts::unknown_zone(&name))),
        }
    };
    let names = move || {
        is_open.get().then(|| Zone::known().into_iter().map(|name| view! { <option value=name/> }).collect_view())
    };
    view! {
        <dialog
            class="small-dialog"
            aria-labelledby="zone-title"
            node_ref=node
            on:close=handler(move |_| is_open.set(false))
            on:mousedown=handler(move |event| dialog::close_on_backdrop(node, &event))
        >
            <Show when=move || is_open.get()>
                <form class="dialog-body" on:submit=handler(on_submit)>
                    <h2 id="zone-title">{texts::ZONE_DIALOG}</h2>
                    <label class="field">
                        <span>{texts::ZONE_FIELD}</span>
                        <input
                            type="text"
                            list="zone-names"
                            autocomplete="off"
                            spellcheck="false"
                            aria-describedby="zone-hint"
                            aria-invalid=move || problem.read().is_some().then_some("true")
                            node_ref=field
                        />
                    </label>
                    <datalist id="zone-names">{live(names)}</datalist>
                    <p id="zone-hint" class="muted">{texts::ZONE_HINT}</p>
                    {move || problem.get().map(|problem| view! { <p class="notice is-error" role="alert">{problem}</p> })}
                    <div class="dialog-buttons">
                        <button type="submit" class="primary">{texts::ZONE_SUBMIT}</button>
                        <button type="button" on:click=handler(move |_| is_open.set(false))>{texts::CLOSE}</button>
                    </div>
                </form>
            </Show>
        </dialog>
    }
}
