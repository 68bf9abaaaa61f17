//! A source in a dialog: address, name, way, who asks, headers, and for how long secrets are kept.

pub mod draft;

use crate::browser::dialog;
use crate::live::{handler, live, memo, view};
use crate::state::settings::sources::StoredSource;
use crate::state::sources::Sources;
use crate::texts::sources as texts;
use draft::{AuthKind, Draft, Field};
use leptos::ev::SubmitEvent;
use leptos::html::Dialog;
use leptos::prelude::*;
use protocol::SourceId;

/// What the dialog is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edited {
    /// A new source.
    New,
    /// One that is there.
    Old(SourceId),
}

/// The dialog; it is open while something is edited.
#[component]
pub(super) fn SourceForm(edited: RwSignal<Option<Edited>>) -> impl IntoView {
    let sources = expect_context::<Sources>();
    let node = NodeRef::<Dialog>::new();
    dialog::follow(node, move || edited.get().is_some());
    let form = move || {
        let what = edited.get()?;
        let source = match what {
            Edited::New => None,
            Edited::Old(id) => Some(untrack(|| sources.get(id))?),
        };
        Some(view! { <Form source close=move || edited.set(None)/> })
    };
    view! {
        <dialog aria-labelledby="source-form-title" node_ref=node on:close=handler(move |_| edited.set(None))>
            {live(form)}
        </dialog>
    }
}

#[component]
fn Form(source: Option<StoredSource>, close: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let sources = expect_context::<Sources>();
    let draft = RwSignal::new(source.as_ref().map_or_else(Draft::default, Draft::of));
    let id = source.map(|source| source.id);
    let title = if id.is_some() { texts::FORM_EDIT } else { texts::FORM_ADD };
    // Nothing is called wrong before somebody has finished.
    let was_submitted = RwSignal::new(false);
    let others = move || {
        untrack(|| {
            sources.list.with(|list| {
                list.iter().filter(|one| Some(one.id) != id).map(|one| one.spec.name.clone()).collect::<Vec<_>>()
            })
        })
    };
    let problems: Problems = memo(move |_| match draft.read().check(&others()) {
        Err(problems) if was_submitted.get() => problems,
        _ => Vec::new(),
    });
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        was_submitted.set(true);
        let Ok((spec, keeps_secrets)) = draft.read_untracked().check(&others()) else { return };
        match id {
            Some(id) => sources.put(StoredSource { id, spec, keeps_secrets, lacks_secrets: false }),
            None => {
                sources.add(spec, keeps_secrets);
            }
        }
        close();
    };
    let auth = memo(move |_| draft.read().auth);
    let auth_options = AuthKind::ALL.into_iter().zip(texts::AUTHS).map(|(kind, text)| {
        view! { <option value=kind.word() selected=auth.get_untracked() == kind>{text}</option> }
    });
    let on_auth = move |event| {
        let word = event_target_value(&event);
        if let Some(kind) = AuthKind::ALL.into_iter().find(|kind| kind.word() == word) {
            draft.update(|draft| draft.auth = kind);
        }
    };
    let way_options = texts::WAYS.map(|(way, text)| {
        view! { <option value=draft::way_word(way) selected=draft.read_untracked().way == way>{text}</option> }
    });
    let on_way = move |event| {
        let word = event_target_value(&event);
        if let Some((way, _)) = texts::WAYS.into_iter().find(|(way, _)| draft::way_word(*way) == word) {
            draft.update(|draft| draft.way = way);
        }
    };
    let who = move || match auth.get() {
        AuthKind::None => ().into_any(),
        AuthKind::Basic => view! {
            <div class="field-pair">
                <TextField field=Field::User label=texts::USER help="" draft problems/>
                <TextField field=Field::Password label=texts::PASSWORD help="" draft problems/>
            </div>
        },
        AuthKind::Token => view! { <TextField field=Field::Token label=texts::TOKEN help="" draft problems/> },
    };
    view! {
        <form class="dialog-body target-form" novalidate=true autocomplete="off" on:submit=handler(on_submit)>
            <h2 id="source-form-title">{title}</h2>
            <TextField field=Field::Url label=texts::URL help=texts::URL_HELP draft problems/>
            <TextField field=Field::Name label=texts::NAME help=texts::NAME_HELP draft problems/>
            <div class="field-pair">
                <div class="field">
                    <label for="source-way">{texts::WAY}</label>
                    <select id="source-way" aria-describedby="source-way-help" on:change=handler(on_way)>{way_options.collect_view()}</select>
                    <small id="source-way-help" class="muted">{texts::WAY_HELP}</small>
                </div>
                <div class="field">
                    <label for="source-auth">{texts::AUTH}</label>
                    <select id="source-auth" on:change=handler(on_auth)>{auth_options.collect_view()}</select>
                </div>
            </div>
            {live(who)}
            <TextField field=Field::Tenant label=texts::TENANT help=texts::TENANT_HELP draft problems/>
            <TextField field=Field::Headers label=texts::HEADERS help=texts::HEADERS_HELP draft problems/>
            <label class="check">
                <input
                    type="checkbox"
                    aria-label=texts::KEEP
                    prop:checked=move || draft.read().keeps_secrets
                    on:change=handler(move |event| draft.update(|draft| draft.keeps_secrets = event_target_checked(&event)))
                />
                <span>{texts::KEEP} " " <small class="muted">{texts::KEEP_HELP}</small></span>
            </label>
            <div class="dialog-buttons">
                <button type="submit" class="primary">{texts::SAVE}</button>
                <button type="button" on:click=handler(move |_| close())>{texts::CANCEL}</button>
            </div>
        </form>
    }
}

type Problems = Memo<Vec<(Field, String)>>;

/// A text with its help and what is wrong with it.
#[component]
fn TextField(
    field: Field,
    label: &'static str,
    help: &'static str,
    draft: RwSignal<Draft>,
    problems: Problems,
) -> impl IntoView {
    let id = format!("source-{}", field.name());
    let help_id = format!("{id}-help");
    let value = move || draft.with(|draft| draft.text(field).to_owned());
    let on_input = move |event| draft.update(|draft| *draft.text_mut(field) = event_target_value(&event));
    let problem = move || problems.with(|all| all.iter().find(|(of, _)| *of == field).map(|(_, text)| text.clone()));
    let invalid = move || problem().is_some().then_some("true");
    let input = if field == Field::Headers {
        view! {
            <textarea
                id=id.clone()
                class="mono"
                rows="2"
                spellcheck="false"
                aria-describedby=help_id.clone()
                aria-invalid=live(invalid)
                prop:value=live(value)
                on:input=handler(on_input)
            ></textarea>
        }
    } else {
        // Browsers keep to "new-password" where "off" is not heard: nothing is filled in, nothing is offered to be saved.
        let (kind, complete) = if field.is_secret() { ("password", "new-password") } else { ("text", "off") };
        view! {
            <input
                id=id.clone()
                type=kind
                class="mono"
                spellcheck="false"
                autocomplete=complete
                aria-describedby=help_id.clone()
                aria-invalid=live(invalid)
                prop:value=live(value)
                on:input=handler(on_input)
            />
        }
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {input}
            <small id=help_id class="muted">
                {move || problem().map(|problem| view! { <span class="field-problem" role="alert">{problem}</span> " " })}
                {help}
            </small>
        </div>
    }
}
