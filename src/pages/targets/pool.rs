//! One pool: its name, how many of its targets are up, and their table. Which pools are closed is remembered.

use super::Opened;
use super::pools::{Pool, Pools};
use super::row::TargetRow;
use crate::browser::storage;
use crate::components::rows::{Key, Rows};
use crate::components::show::Show;
use crate::live::{handler, memo, view};
use crate::texts::targets as texts;
use leptos::html::Details;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// The name under which closed pools are stored.
const NAME: &str = "promenade.closed_pools";

/// So many closed pools are remembered: more than a list has.
const MAX_CLOSED: usize = 200;

/// The pools that are closed.
#[derive(Clone, Copy)]
pub(super) struct Collapsed(RwSignal<BTreeSet<String>>);

impl Collapsed {
    /// As they were when the page was last open.
    pub(super) fn load() -> Self {
        let stored = storage::get(NAME).and_then(|text| serde_json::from_str(&text).ok());
        Collapsed(RwSignal::new(stored.unwrap_or_default()))
    }

    fn is_open(self, name: &str) -> bool {
        self.0.with(|closed| !closed.contains(name))
    }

    fn set(self, name: &str, is_open: bool) {
        if untrack(|| self.is_open(name)) == is_open {
            return;
        }
        self.0.update(|closed| {
            if is_open {
                closed.remove(name);
            } else {
                if closed.len() >= MAX_CLOSED {
                    closed.pop_first();
                }
                closed.insert(name.to_owned());
            }
            if let Ok(text) = serde_json::to_string(closed) {
                storage::set(NAME, &text);
            }
        });
    }
}

/// The pool.
#[component]
pub(super) fn PoolSection(
    name: String,
    pools: Memo<Pools>,
    collapsed: Collapsed,
    opened: Opened,
    now: Signal<i64>,
) -> impl IntoView {
    let own = name.clone();
    let pool = memo(move |_| pools.with(|pools| pools.find(&own).cloned().unwrap_or_default()));
    let node = NodeRef::<Details>::new();
    let (own, toggled) = (name.clone(), name.clone());
    let is_open = memo(move |_| collapsed.is_open(&own));
    let on_toggle = move |_| {
        if let Some(details) = node.get_untracked() {
            collapsed.set(&toggled, details.open());
        }
    };
    let is_down = move || pool.with(|pool| pool.n_up < pool.n_scraped);
    let is_up = move || pool.with(|pool| pool.n_scraped > 0 && pool.n_up == pool.n_scraped);
    let label = name.clone();
    view! {
        <details class="pool" open=move || is_open.get() node_ref=node on:toggle=handler(on_toggle)>
            <summary>
                <h2>{name}</h2>
                <span class="badge" class:is-up=is_up class:is-down=is_down>{move || pool.with(|pool| texts::pool_state(pool.n_up, pool.n_scraped, pool.n_all))}</span>
                <span class="muted">{move || pool.with(|pool| texts::pool_count(pool.shown.len(), pool.n_all))}</span>
            </summary>
            <Show when=move || is_open.get() && !pool.read().shown.is_empty()>
                <Table pool label=label.clone() opened now/>
            </Show>
        </details>
    }
}

#[component]
fn Table(pool: Memo<Pool>, label: String, opened: Opened, now: Signal<i64>) -> impl IntoView {
    let ids = memo(move |_| pool.with(|pool| pool.shown.clone()));
    let is_number = |name: &str| !["State", "Endpoint", "Way"].contains(&name);
    let heads = texts::COLUMNS.map(|name| view! { <th scope="col" class:number=is_number(name)>{name}</th> });
    view! {
        <table class="targets" aria-label=texts::pool_table(&label)>
            <thead><tr>{heads.collect_view()}</tr></thead>
            <Rows each=move || ids.get() key=|id| Key::Number(id.0.into()) let(id)>
                <TargetRow id now opened/>
            </Rows>
        </table>
    }
}
