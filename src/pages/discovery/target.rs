//! One discovered target: its labels before and after, what became of it, and what each rule did.

use super::filter::Kind;
use crate::app::page::Page;
use crate::browser::location::Location;
use crate::components::page_link::go;
use crate::components::show::Show;
use crate::live::{handler, live, view};
use crate::pages::targets::filter::Filter;
use crate::state::session::Session;
use crate::texts::{discovery as texts, targets};
use leptos::html::Details;
use leptos::prelude::*;
use protocol::{DiscoveredTarget, Fate, LabelChange, PoolTargets, RelabelStep};
use std::sync::Arc;

/// The target.
pub(super) fn target_item(target: &Arc<DiscoveredTarget>, rules: &Arc<Vec<String>>) -> AnyView {
    let kind = Kind::of(&target.fate);
    let why = texts::why(&target.fate);
    let link = match target.fate {
        Fate::Scraped(id) => Some(view! { <ToTarget id/> }),
        _ => None,
    };
    let labels = match kind {
        Kind::Scraped => chips(&target.labels, &[]),
        _ => ().into_any(),
    };
    let steps = (!target.steps.is_empty()).then(|| view! { <Steps target=target.clone() rules=rules.clone()/> });
    view! {
        <li class="found-target">
            <div class="found-fate">
                <span class="badge" class:is-up=kind == Kind::Scraped class:is-down=matches!(target.fate, Fate::Invalid(_) | Fate::LeftOut)>
                    {texts::fate(&target.fate)}
                </span>
                {link}
            </div>
            <div>
                <h3>{texts::DISCOVERED}</h3>
                {chips(&target.discovered, &[])}
            </div>
            <div>
                <h3>{texts::LABELS}</h3>
                {labels}
                {(!why.is_empty()).then(|| view! { <p>{why}</p> })}
            </div>
            {steps}
        </li>
    }
}

/// Goes to the page of targets, which shows this one.
#[component]
fn ToTarget(id: protocol::TargetId) -> impl IntoView {
    let (session, location) = (expect_context::<Session>(), expect_context::<Location>());
    let go_there = move |_| {
        let name = session.targets.with_untracked(|all| all.iter().find(|target| target.id == id).map(targets::name));
        // The address of the page never has a password of a target's in it.
        let (name, _) = crate::state::settings::targets::without_secrets(&name.unwrap_or_default());
        go(location, Page::Targets, &Filter::only(name).encode());
    };
    view! { <button type="button" class="link" on:click=handler(go_there)>{texts::TO_TARGET}</button> }
}

/// Labels as chips; those that a rule changed are marked with a word.
fn chips(labels: &[(String, String)], changes: &[LabelChange]) -> AnyView {
    let chip = |(name, value): &(String, String)| {
        let change = changes.iter().find(|change| change.name == *name);
        let mark = change.map(|change| texts::change(change.old.as_deref(), change.new.as_deref()));
        let mark = mark.map(|mark| view! { " " <b class="chip-mark">{mark}</b> });
        view! {
            <li class:is-changed=change.is_some()>
                <code>{name.clone()}"="<span class="tok-string">{model::quote(value)}</span></code>{mark}
            </li>
        }
    };
    let items = labels.iter().map(chip).collect_view();
    view! { <ul class="labels" role="list">{items}</ul> }
}

/// The rules with what each did, drawn once they are asked for.
#[component]
fn Steps(target: Arc<DiscoveredTarget>, rules: Arc<Vec<String>>) -> impl IntoView {
    let node = NodeRef::<Details>::new();
    let is_open = RwSignal::new(false);
    let n_changing = target.steps.iter().filter(|step| step.is_dropped || !step.changes.is_empty()).count();
    let summary = texts::steps(target.steps.len(), n_changing);
    let list = move || {
        let steps = target.steps.iter().enumerate().map(|(idx, one)| step(&target, &rules, idx, one)).collect_view();
        view! { <ol class="relabel-steps" role="list">{steps}</ol> }
    };
    let list = StoredValue::new(list);
    let on_toggle = move |_| {
        if let Some(details) = node.get_untracked() {
            is_open.set(details.open());
        }
    };
    view! {
        <details class="found-steps" node_ref=node on:toggle=handler(on_toggle)>
            <summary>{summary}</summary>
            <Show when=move || is_open.get()>{live(move || list.with_value(|list| list()))}</Show>
        </details>
    }
}

fn step(target: &DiscoveredTarget, rules: &[String], idx: usize, one: &RelabelStep) -> AnyView {
    let rule = rules.get(one.rule_idx as usize).cloned().unwrap_or_default();
    let outcome = match (one.is_dropped, one.changes.is_empty()) {
        (true, _) => Some(texts::DROPPED_HERE),
        (false, true) => Some(texts::NO_CHANGE),
        (false, false) => None,
    };
    let change = |change: &LabelChange| {
        let value = |value: Option<&String>| value.map_or("–".to_owned(), |value| model::quote(value));
        view! {
            <li>
                <code>{change.name.clone()}</code> " " <b class="chip-mark">{texts::change(change.old.as_deref(), change.new.as_deref())}</b> ": "
                <code class="was">{value(change.old.as_ref())}</code> " → " <code>{value(change.new.as_ref())}</code>
            </li>
        }
    };
    let changes = one.changes.iter().map(change).collect_view();
    let after = (!one.changes.is_empty()).then(|| {
        let labels = PoolTargets::labels_after(target, idx + 1);
        view! { <h4>{texts::AFTER}</h4>{chips(&labels, &one.changes)} }
    });
    view! {
        <li class="relabel-step" class:is-dropped=one.is_dropped>
            <h4>{texts::rule(one.rule_idx)} {outcome.map(|outcome| view! { ": " <span class="muted">{outcome}</span> })}</h4>
            <pre class="relabel-rule" tabindex="0"><code>{rule}</code></pre>
            <ul class="relabel-changes" role="list">{changes}</ul>
            {after}
        </li>
    }
}
