//! The sources page: servers that are asked, how each is, and what it says of itself.

mod facts;
mod form;
mod list;
mod report;
mod rules;
mod targets;
pub mod view;

use crate::app::page::Page;
use crate::browser::location::Location;
use crate::components::page_link::go;
use crate::components::rows::{Key, Rows};
use crate::components::show::Show;
use crate::live::{handler, live, memo, view};
use crate::state::sources::Sources;
use crate::texts::sources as texts;
use form::{Edited, SourceForm};
use leptos::prelude::*;
use list::SourceRow;
use report::Reports;
use view::Shown;

/// The page.
#[component]
pub fn SourcesPage() -> impl IntoView {
    let location = expect_context::<Location>();
    let sources = expect_context::<Sources>();
    let shown = memo(move |_| Shown::decode(&location.query.read()));
    let edited = RwSignal::new(None::<Edited>);
    let ids = move || sources.list.with(|list| list.iter().map(|source| source.id).collect::<Vec<_>>());
    let opened = memo(move |_| {
        let name = shown.with(|shown| shown.source.clone());
        (!name.is_empty())
            .then(|| sources.list.with(|list| list.iter().find(|one| one.spec.name == name).map(|one| one.id)))
    });
    let details = move || {
        opened.get().map(|id| match id {
            Some(id) => view! { <Reports id shown/> },
            None => view! {
                <p class="notice is-warning" role="alert">
                    {texts::NO_SOURCE} " "
                    <button type="button" class="link" on:click=handler(move |_| go(location, Page::Sources, ""))>{texts::BACK}</button>
                </p>
            },
        })
    };
    let add = move |_| edited.set(Some(Edited::New));
    view! {
        <div class="page sources-page">
            <h1>{texts::TITLE}</h1>
            <p class="muted">{texts::INTRO}</p>
            <p><button type="button" on:click=handler(add)>{texts::ADD}</button></p>
            <Show when=move || !sources.are_there()><p class="muted">{texts::NONE_YET}</p></Show>
            <RemovedNotice/>
            <Show when=move || sources.are_there()>
                <ul class="source-list" role="list" aria-label=texts::LIST>
                    <Rows each=ids key=|id| Key::Number(id.0.into()) let(id)>
                        <SourceRow id edited/>
                    </Rows>
                </ul>
            </Show>
            {live(details)}
            <SourceForm edited/>
        </div>
    }
}

/// The source that was removed last can come back.
#[component]
fn RemovedNotice() -> impl IntoView {
    let sources = expect_context::<Sources>();
    let text = move || sources.removed.with(|removed| removed.as_ref().map(|one| texts::removed(&one.spec.name)));
    view! {
        <div class="removed" class:notice=move || sources.removed.read().is_some() role="status">
            <span>{live(text)}</span>
            {move || sources.removed.read().is_some().then(|| view! {
                <button type="button" on:click=handler(move |_| sources.undo_remove())>{texts::UNDO}</button>
                <button type="button" class="quiet" on:click=handler(move |_| sources.removed.set(None))>{texts::DISMISS}</button>
            })}
        </div>
    }
}
