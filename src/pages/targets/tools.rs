//! What picks targets: words, pool and state. All of it stands in the address.

use super::address::Address;
use super::filter::{Filter, PoolChoice, State};
use super::pools::Pools;
use crate::browser::location::Location;
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::texts::targets as texts;
use leptos::prelude::*;
use std::time::Duration;

/// Words count once nothing was typed for so long.
const PAUSE: Duration = Duration::from_millis(250);

/// The fields, and how many targets fit.
#[component]
pub(super) fn Tools(filter: Memo<Filter>, pools: Memo<Pools>) -> impl IntoView {
    let location = expect_context::<Location>();
    // What is typed letter by letter is no step in the history.
    let put = move |change: &dyn Fn(&mut Filter)| {
        let mut address = Address::decode(&location.query.read_untracked());
        change(&mut address.filter);
        location.replace(&location.path.get_untracked(), &address.encode());
    };
    let on_state = move |event| {
        let name = event_target_value(&event);
        put(&|filter| filter.state = State::ALL.into_iter().find(|state| state.name() == name));
    };
    let (typed, set_typed) = signal(filter.get_untracked().search);
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(handle) = waiting.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    };
    let on_search = move |event| {
        stop();
        set_typed.set(event_target_value(&event));
        let search = move || put(&|filter| filter.search = typed.get_untracked());
        waiting.set_value(set_timeout_with_handle(search, PAUSE).ok());
    };
    on_cleanup(stop);
    let searched = memo(move |_| filter.with(|filter| filter.search.clone()));
    effect(move || set_typed.set(searched.get()));
    let options = State::ALL.map(|state| {
        let selected = move || filter.read().state == Some(state);
        view! { <option value=state.name() selected=live(selected)>{state.name()}</option> }
    });
    let count = move || pools.with(|pools| texts::count(pools.n_shown(), pools.n_all));
    view! {
        <div class="targets-tools">
            <input
                type="search"
                aria-label=texts::FILTER_TEXT
                placeholder=texts::FILTER_HINT
                prop:value=typed
                on:input=handler(on_search)
            />
            <PoolSelect filter pools/>
            <select aria-label=texts::FILTER_STATE on:change=handler(on_state)>
                <option value="" selected=move || filter.read().state.is_none()>{texts::ALL_STATES}</option>
                {options.collect_view()}
            </select>
            <span class="muted" role="status">{live(count)}</span>
        </div>
    }
}

/// The pools, once there are two. Of very many the first was chosen, which is said.
#[component]
fn PoolSelect(filter: Memo<Filter>, pools: Memo<Pools>) -> impl IntoView {
    let location = expect_context::<Location>();
    let put = move |pool: PoolChoice| {
        let mut address = Address::decode(&location.query.read_untracked());
        address.filter.pool = pool;
        location.replace(&location.path.get_untracked(), &address.encode());
    };
    let names = memo(move |_| pools.with(|pools| pools.names.clone()));
    let n_names = memo(move |_| names.read().len());
    let automatic = memo(move |_| pools.with(|pools| pools.automatic.clone()));
    let chosen = move || match filter.with(|filter| filter.pool.clone()) {
        PoolChoice::One(name) => name,
        PoolChoice::All => String::new(),
        PoolChoice::Automatic => automatic.get().unwrap_or_default(),
    };
    let chosen = memo(move |_| chosen());
    let on_change = move |event| {
        put(match event_target_value(&event) {
            name if name.is_empty() => PoolChoice::All,
            name => PoolChoice::One(name),
        });
    };
    let option = move |name: String| {
        let (own, value) = (name.clone(), name.clone());
        view! { <option value=value selected=move || *chosen.read() == own>{name}</option> }
    };
    let options = move || names.get().into_iter().map(option).collect_view();
    view! {
        <Show when=move || n_names.get() != 1 || !chosen.read().is_empty()>
            <select class="pool-select" aria-label=texts::FILTER_POOL on:change=handler(on_change)>
                <option value="" selected=move || chosen.read().is_empty()>{texts::ALL_POOLS}</option>
                {live(options)}
            </select>
        </Show>
        <Show when=move || automatic.read().is_some()>
            <p class="notice is-info" role="note">
                {move || texts::many_pools(n_names.get(), &automatic.get().unwrap_or_default())} " "
                <button type="button" class="link" on:click=handler(move |_| put(PoolChoice::All))>{texts::SHOW_ALL_POOLS}</button>
            </p>
        </Show>
    }
}
