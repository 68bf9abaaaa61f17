//! Cures one below the other, the first one open: steps, and texts with a button that copies them.

use crate::browser::clipboard;
use crate::components::prose::prose;
use crate::live::{handler, view};
use crate::texts::doctor as texts;
use leptos::prelude::*;
use protocol::{Cure, Snippet};

/// All cures of a cause.
#[component]
pub(super) fn Cures(cures: Vec<Cure>) -> impl IntoView {
    if cures.is_empty() {
        return ().into_any();
    }
    let cures = cures.into_iter().enumerate().map(|(idx, cure)| view! { <CureView cure is_open=idx == 0/> });
    view! {
        <p class="doctor-title">{texts::CURES}</p>
        {cures.collect_view()}
    }
}

#[component]
fn CureView(cure: Cure, is_open: bool) -> impl IntoView {
    let Cure { title, steps, snippets } = cure;
    // Each snippet stands behind the step that ends with a colon and announces it; the rest behind the last.
    let mut snippets = snippets.into_iter();
    let mut items = Vec::new();
    for step in steps {
        let announced = step.ends_with(':').then(|| snippets.next()).flatten();
        let snippet = announced.map(|snippet| view! { <SnippetView snippet/> });
        items.push(view! { <li>{prose(&step)}{snippet}</li> });
    }
    let rest: Vec<_> = snippets.map(|snippet| view! { <SnippetView snippet/> }).collect();
    view! {
        <details class="cure" open=is_open>
            <summary>{title}</summary>
            <ol>{items}</ol>
            {rest}
        </details>
    }
}

#[component]
fn SnippetView(snippet: Snippet) -> impl IntoView {
    let Snippet { place, language, text } = snippet;
    let said = RwSignal::new("");
    let copied = text.clone();
    let copy = move |_| {
        clipboard::copy(&copied, move |worked| {
            said.try_set(if worked { texts::COPIED } else { texts::NOT_COPIED });
        });
    };
    let label = texts::copy_of(&place);
    let name = place.clone();
    view! {
        <figure class="snippet">
            <figcaption>
                <span>{place}</span>
                <button type="button" aria-label=label on:click=handler(copy)>{texts::COPY}</button>
                <span class="muted" role="status">{said}</span>
            </figcaption>
            // It scrolls by itself where it is wider than the page, so it can have the focus.
            <pre class="mono" tabindex="0" role="group" aria-label=name data-language=language><code>{text}</code></pre>
        </figure>
    }
}
