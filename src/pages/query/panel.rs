//! One panel: the expression, what it is shown as, and the answer.

use super::answer::Answer;
use super::notes::RemarkList;
use super::run::Run;
use crate::browser::now_ms;
use crate::components::expression_input::remarks::{Remark, of_problem, parsed, while_typing};
use crate::components::expression_input::{ExpressionInput, history, replace};
use crate::components::show::Show;
use crate::live::{effect, handler, memo, view};
use crate::state::explore::Explore;
use crate::state::exports::Asked;
use crate::state::session::Session;
use crate::state::url::PanelState;
use crate::texts::{explore as texts, files};
use leptos::{html, prelude::*};
use protocol::PanelId;

/// The panel. `clock` moves while the page refreshes by itself.
#[component]
pub fn Panel(id: PanelId, clock: RwSignal<u64>) -> impl IntoView {
    let explore = expect_context::<Explore>();
    let session = expect_context::<Session>();
    // A panel that was removed keeps its last state until its view is gone.
    let state = memo(move |last: Option<&PanelState>| {
        let open = explore.state.with(|state| state.panels.iter().find(|p| p.id == id).map(|p| p.state.clone()));
        open.or_else(|| last.cloned()).unwrap_or_default()
    });
    let number = memo(move |last: Option<&usize>| {
        explore.state.with(|state| state.position(id)).map(|position| position + 1).or(last.copied()).unwrap_or(1)
    });
    let run = Run::start(id, state);
    let expr = memo(move |_| state.with(|state| state.expr.clone()));
    let draft = RwSignal::new(expr.get_untracked());
    let is_run = memo(move |_| draft.with(|draft| expr.with(|expr| draft == expr)));
    take_over(expr, draft);
    follow_data(run, explore, session, state, clock);
    view! {
        <section
            class="panel"
            aria-label=move || texts::panel(number.get())
            aria-busy=move || run.is_waiting.get().to_string()
            on:focusin=handler(move |_| explore.active.set(Some(id)))
        >
            <Question id state expr draft is_run run number/>
            <Answer id state run is_run/>
        </section>
    }
}

/// What the address says comes into the field; what somebody was typing there is kept in the history.
fn take_over(expr: Memo<String>, draft: RwSignal<String>) {
    Effect::new(move |before: Option<String>| {
        let expr = expr.get();
        let typed = draft.get_untracked();
        if before.is_some_and(|before| before != typed) && typed != expr {
            history::remember(&typed);
        }
        draft.set(expr.clone());
        expr
    });
}

/// Asks again with the page's clock and with new samples.
fn follow_data(run: Run, explore: Explore, session: Session, state: Memo<PanelState>, clock: RwSignal<u64>) {
    let refresh = move |has_samples| {
        let refresh_ms = explore.state.with_untracked(|state| state.refresh_ms);
        let is_fixed = state.with_untracked(|state| state.end_ms.is_some());
        if !document().hidden() {
            run.refresh(refresh_ms, is_fixed, has_samples);
        }
    };
    Effect::watch(move || clock.get(), move |_, _, _| refresh(false), false);
    Effect::watch(move || session.scraped.get(), move |_, _, _| refresh(true), false);
}

/// The expression with its buttons and what is wrong with it.
#[component]
fn Question(
    id: PanelId,
    state: Memo<PanelState>,
    expr: Memo<String>,
    draft: RwSignal<String>,
    is_run: Memo<bool>,
    run: Run,
    number: Memo<usize>,
) -> impl IntoView {
    let explore = expect_context::<Explore>();
    let exports = expect_context::<Session>().exports;
    let cursor = RwSignal::new(0);
    let field = NodeRef::<html::Textarea>::new();
    let refusal = RwSignal::new(None::<&'static str>);
    effect(move || {
        draft.track();
        refusal.set(None);
    });
    let remarks = memo(move |_| {
        if draft.with(|draft| draft.trim().is_empty()) {
            return Vec::new();
        }
        if !is_run.get() {
            return draft.with(|draft| while_typing(draft, cursor.get(), parsed(draft)));
        }
        let found = run.parsed.get();
        match run.problem.get() {
            Some(problem) if !found.iter().any(Remark::is_error) => draft.with(|draft| of_problem(&problem, draft)),
            _ => found.to_vec(),
        }
    });
    let is_invalid = memo(move |_| is_run.get() && remarks.with(|remarks| remarks.iter().any(Remark::is_error)));
    let on_run = Callback::new(move |()| {
        let text = draft.get_untracked();
        if !parsed(&text).iter().any(Remark::is_error) {
            history::remember(&text);
        }
        if is_run.get_untracked() {
            run.again();
        } else {
            explore.edit_panel(id, |panel| panel.expr = text);
        }
    });
    let format = move |_| match formatted(&draft.get_untracked()) {
        Ok(text) => {
            let len = draft.with_untracked(String::len);
            replace(field, draft, (0, len), &text, None);
        }
        Err(reason) => refusal.set(Some(reason)),
    };
    let export = move |_| {
        let shown_ms = state.with_untracked(|state| {
            let end = state.end_ms.unwrap_or_else(now_ms);
            Some((end - state.range_ms, end))
        });
        exports.ask(Asked { expr: expr.get_untracked(), shown_ms });
    };
    // An added panel is typed into next.
    effect(move || {
        if let Some(field) = field.get()
            && number.get_untracked() > 1
            && expr.with_untracked(String::is_empty)
        {
            let _ = field.focus();
        }
    });
    let remarks_id = format!("remarks-{}", id.0);
    view! {
        <div class="panel-question">
            <ExpressionInput
                id=id.0
                draft
                cursor
                underlined=remarks
                is_invalid
                described_by=remarks_id.clone()
                field
                on_run
            />
            <div class="panel-actions">
                <button type="button" class="primary" title=texts::RUN_KEY on:click=handler(move |_| on_run.run(()))>{texts::RUN}</button>
                <button type="button" class="quiet" on:click=handler(format)>{texts::FORMAT}</button>
                <button
                    type="button"
                    class="quiet"
                    title=texts::DUPLICATE_PANEL
                    aria-label=texts::DUPLICATE_PANEL
                    disabled=move || explore.is_full()
                    on:click=handler(move |_| explore.duplicate(id))
                >
                    {texts::DUPLICATE}
                </button>
                <button
                    type="button"
                    class="quiet"
                    title=files::EXPORT_PANEL
                    aria-label=files::EXPORT_PANEL
                    disabled=move || expr.read().trim().is_empty()
                    on:click=handler(export)
                >
                    {files::EXPORT}
                </button>
                <button
                    type="button"
                    class="quiet icon"
                    title=texts::REMOVE_PANEL
                    aria-label=texts::REMOVE_PANEL
                    on:click=handler(move |_| explore.remove(id))
                >
                    "✕"
                </button>
            </div>
        </div>
        <RemarkList id=remarks_id src=draft remarks is_alert=is_run/>
        <Show when=move || refusal.get().is_some()>
            <p class="muted" role="status">{move || refusal.get()}</p>
        </Show>
    }
}

/// The expression laid out, or why not.
fn formatted(src: &str) -> Result<String, &'static str> {
    let found = promql::parse(src);
    if found.diagnostics.iter().any(|d| d.severity == promql::Severity::Error) {
        return Err(texts::FORMAT_ERRORS);
    }
    Ok(promql::printer::format_source(src, &found.expr))
}
