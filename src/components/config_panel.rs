//! The configuration on the targets page: what runs, where its targets come from, what of it does not run, and what can be
//! done with it.

mod editor;
mod export;
pub mod report;

use crate::browser::clock;
use crate::client::Client;
use crate::components::prose::prose;
use crate::components::show::Show;
use crate::live::{handler, live, memo, view};
use crate::state::config::Config;
use crate::state::session::Session;
use crate::state::settings::config as stored;
use crate::texts::config as texts;
use crate::texts::targets::with_place;
use editor::Editor;
use export::ExportView;
use leptos::prelude::*;
use protocol::{ConfigOrigin, ConfigRequest, ConfigText, DiscoveryStatus, LoadedConfig};
use report::Report;
use std::sync::Arc;

/// What the buttons open.
#[derive(Clone, Copy)]
struct Opened {
    /// The text that is edited, as it was when the dialog was opened.
    edited: RwSignal<Option<String>>,
    /// The number of the export that is shown.
    exported: RwSignal<Option<u32>>,
}

/// The section.
#[component]
pub fn ConfigPanel() -> impl IntoView {
    let config = expect_context::<Session>().config;
    let opened = Opened { edited: RwSignal::new(None), exported: RwSignal::new(None) };
    let runs = memo(move |_| config.loaded().is_some());
    view! {
        <section class="config-panel" aria-labelledby="config-title">
            <h2 id="config-title">{texts::TITLE}</h2>
            <RemovedNotice/>
            <Offer/>
            <Show when=move || runs.get() fallback=move || view! { <p class="muted">{texts::NONE}</p> }>
                <Running/>
            </Show>
            <Buttons opened runs/>
            <Editor edited=opened.edited/>
            <ExportView exported=opened.exported/>
        </section>
    }
}

/// What runs, and where its targets come from.
#[component]
fn Running() -> impl IntoView {
    let config = expect_context::<Session>().config;
    let loaded = move || config.loaded();
    let said = move || loaded().map(|loaded| texts::runs(&loaded)).unwrap_or_default();
    let report = memo(move |_| loaded().map(|loaded| loaded.report).unwrap_or_default());
    let left_out = memo(move |_| {
        let loaded = loaded()?;
        let pools: Vec<String> = loaded
            .pools
            .iter()
            .filter(|pool| pool.n_left_out > 0 && pool.problem.is_none())
            .map(|pool| texts::pool_left_out(&pool.pool, pool.n_left_out))
            .collect();
        (!pools.is_empty()).then(|| (texts::left_out(loaded.n_left_out), pools))
    });
    let problems = memo(move |_| {
        let loaded = loaded().unwrap_or_default();
        let of_pool = |pool: protocol::PoolStatus| Some((pool.pool, pool.problem?));
        loaded.pools.into_iter().filter_map(of_pool).collect::<Vec<_>>()
    });
    view! {
        <p role="status">{live(said)}</p>
        {move || left_out.get().map(|(text, pools)| view! {
            <div class="notice">
                <p>{text}</p>
                <ul>{pools.into_iter().map(|pool| view! { <li>{pool}</li> }).collect_view()}</ul>
            </div>
        })}
        {move || problems.get().into_iter().map(|(pool, problem)| view! {
            <div class="notice">
                <p><span class="mono">{pool}</span> ": " {prose(&problem.message)}</p>
                <p>{problem.hint}</p>
            </div>
        }).collect_view()}
        <Report report/>
        <Discoveries/>
    }
}

/// Where targets come from, but for those that stand in the text.
#[component]
fn Discoveries() -> impl IntoView {
    let config = expect_context::<Session>().config;
    let now = clock::every_second();
    let all = memo(move |_| {
        let loaded = config.loaded().unwrap_or_default();
        let of_pool = |pool: protocol::PoolStatus| {
            let name = pool.pool;
            pool.discoveries.into_iter().filter(|one| one.kind != "static").map(move |one| (name.clone(), one))
        };
        loaded.pools.into_iter().flat_map(of_pool).collect::<Vec<(String, DiscoveryStatus)>>()
    });
    let row = move |(pool, one): (String, DiscoveryStatus)| {
        let problem = one.problem.clone();
        let (n_targets, what) = (one.n_targets, one.what.clone());
        let setting = format!("{pool}: {}_sd_configs", one.kind);
        let nothing = texts::nothing_found(&one);
        let state = move || texts::discovery_state(&one, now.get());
        view! {
            <tr>
                <td>{setting}</td>
                <td class="mono discovery-what">{what}</td>
                <td class="number">{n_targets}</td>
                <td>
                    {live(state)}
                    {nothing.map(|text| view! { <p class="muted">{text}</p> })}
                    {problem.map(|problem| view! {
                        <p class="problem-text">{prose(&with_place(&problem.message, problem.at))} " " {prose(&problem.hint)}</p>
                    })}
                </td>
            </tr>
        }
    };
    view! {
        <Show when=move || !all.read().is_empty()>
            <div class="table-scroll">
                <table class="discoveries" aria-label=texts::DISCOVERIES>
                    <thead>
                        <tr>
                            {texts::DISCOVERY_COLUMNS
                                .map(|name| view! { <th scope="col" class:number=name == "Targets">{name}</th> })
                                .collect_view()}
                        </tr>
                    </thead>
                    <tbody>{move || all.get().into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </Show>
    }
}

#[component]
fn Buttons(opened: Opened, runs: Memo<bool>) -> impl IntoView {
    let client = expect_context::<Client>();
    let config = expect_context::<Session>().config;
    let edit = move |_| {
        let text = config.loaded_untracked().map(|loaded| loaded.text);
        opened.edited.set(Some(text.unwrap_or_else(|| TEMPLATE.to_owned())));
    };
    let reload = move |_| {
        if let Some(loaded) = config.loaded_untracked() {
            client.config(again(loaded));
        }
    };
    let export = move |_| {
        let id = config.next_id();
        opened.exported.set(Some(id));
        client.config(ConfigRequest::Export { id });
    };
    view! {
        <div class="config-buttons">
            <button type="button" on:click=handler(edit)>
                {move || if runs.get() { texts::EDIT } else { texts::WRITE }}
            </button>
            <Show when=move || runs.get()>
                <button type="button" on:click=handler(reload)>{texts::RELOAD}</button>
                <button type="button" on:click=handler(move |_| client.config(ConfigRequest::Refresh { pool: None }))>
                    {texts::REFRESH}
                </button>
                <button type="button" on:click=handler(move |_| client.remove_config())>{texts::REMOVE}</button>
            </Show>
            <button type="button" on:click=handler(export)>{texts::EXPORT}</button>
        </div>
    }
}

/// The same from where it came: fetched anew, if it was fetched.
fn again(loaded: LoadedConfig) -> ConfigRequest {
    match loaded.origin {
        ConfigOrigin::Url(url) => ConfigRequest::Fetch { url },
        ConfigOrigin::Relay => ConfigRequest::AskRelay { load: true },
        origin => ConfigRequest::Load(ConfigText { text: loaded.text, origin, files: loaded.files }),
    }
}

/// What somebody who writes a configuration begins with.
const TEMPLATE: &str = "\
global:
  scrape_interval: 15s

scrape_configs:
  - job_name: node
    static_configs:
      - targets: ['localhost:9100']
";

/// What the relay was started with.
#[component]
fn Offer() -> impl IntoView {
    let client = expect_context::<Client>();
    let config = expect_context::<Session>().config;
    let offered = memo(move |_| config.offered.get().filter(stored::is_news));
    let load = move |_| {
        if let Some(text) = config.offered.get_untracked() {
            client.config(ConfigRequest::Load(text));
            config.offered.set(None);
        }
    };
    let decline = move |_| {
        config.offered.with_untracked(|offered| offered.iter().for_each(stored::decline));
        config.offered.set(None);
    };
    view! {
        <Show when=move || offered.read().is_some()>
            <div class="notice config-offer" role="status">
                <span>{texts::OFFERED}</span>
                <button type="button" class="primary" on:click=handler(load)>{texts::LOAD_OFFERED}</button>
                <button type="button" class="quiet" on:click=handler(decline)>{texts::DECLINE}</button>
            </div>
        </Show>
    }
}

/// The configuration that was removed last can come back.
#[component]
fn RemovedNotice() -> impl IntoView {
    let client = expect_context::<Client>();
    let is_there = memo(move |_| client.removed_config.read().is_some());
    view! {
        <div class="removed" class:notice=move || is_there.get() role="status">
            <span>{move || is_there.get().then_some(texts::REMOVED)}</span>
            {move || is_there.get().then(|| view! {
                <button type="button" on:click=handler(move |_| client.undo_remove_config())>{texts::UNDO}</button>
                <button type="button" class="quiet" on:click=handler(move |_| client.removed_config.set(None))>
                    {texts::DISMISS}
                </button>
            })}
        </div>
    }
}

impl Config {
    /// What runs.
    fn loaded(self) -> Option<LoadedConfig> {
        self.status.with(|status: &Option<Arc<_>>| status.as_ref().and_then(|status| status.loaded.clone()))
    }

    fn loaded_untracked(self) -> Option<LoadedConfig> {
        untrack(|| self.loaded())
    }
}
