//! One panel: the expression, what it is shown as, and the answer.

use super::also::{Also, Letter, UnitNotes, failed};
use super::answer::Answer;
use super::drafts::Drafts;
use super::notes::RemarkList;
use super::run::Run;
use super::source::{Differences, SourceSelect};
use crate::browser::now_ms;
use crate::components::expression_input::remarks::{Remark, of_problem, parsed, while_typing};
use crate::components::expression_input::{ExpressionInput, replace};
use crate::components::show::Show;
use crate::live::{effect, handler, memo, view};
use crate::state::explore::Explore;
use crate::state::exports::Asked;
use crate::state::session::Session;
use crate::state::sources::PanelSource;
use crate::state::url::{PanelState, Tab};
use crate::texts::{explore as texts, files};
use leptos::{html, prelude::*};
use protocol::{PanelId, SourceChoice};

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
    provide_context(PanelSource(Signal::derive(move || run.source.get().unwrap_or_default())));
    let expr = memo(move |_| state.with(|state| state.expr.clone()));
    let drafts = Drafts::follow(id, explore, state);
    let is_run = memo(move |_| drafts.are_run());
    let is_graph = memo(move |_| state.with(|state| state.tab == Tab::Graph));
    follow_data(run, explore, session, state, clock);
    view! {
        <section
            class="panel"
            aria-label=move || texts::panel(number.get())
            aria-busy=move || run.is_waiting.get().to_string()
            on:focusin=handler(move |_| explore.active.set(Some(id)))
        >
            <Question id state expr drafts run number/>
            <SourceSelect id state run/>
            <Show
                when=move || is_graph.get()
                fallback=move || view! {
                    <Show when=move || drafts.are_several()>
                        <p class="muted" role="note">{texts::TABLE_OF_FIRST}</p>
                    </Show>
                }
            >
                <Also id drafts run/>
            </Show>
            <Answer id state run is_run/>
            <Differences state run/>
        </section>
    }
}

/// Asks again with the page's clock and with new samples.
fn follow_data(run: Run, explore: Explore, session: Session, state: Memo<PanelState>, clock: RwSignal<u64>) {
    let refresh = move |has_samples: bool| {
        let refresh_ms = explore.state.with_untracked(|state| state.refresh_ms);
        let is_fixed = state.with_untracked(|state| state.end_ms.is_some());
        // New samples here are none there.
        let is_of_tab = matches!(
            run.source.get_untracked(),
            Some(SourceChoice::Local | SourceChoice::All | SourceChoice::Compare(_))
        );
        if !document().hidden() && (!has_samples || is_of_tab) {
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
    drafts: Drafts,
    run: Run,
    number: Memo<usize>,
) -> impl IntoView {
    let draft = drafts.first;
    let is_run = memo(move |_| draft.with(|draft| expr.with(|expr| draft == expr)));
    let are_several = move || drafts.are_several() && state.with(|state| state.tab == Tab::Graph);
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
        match run.problem.get().or_else(|| expr.with(|expr| failed(run, 0, expr))) {
            Some(problem) if !found.iter().any(Remark::is_error) => draft.with(|draft| of_problem(&problem, draft)),
            _ => found.to_vec(),
        }
    });
    let is_invalid = memo(move |_| is_run.get() && remarks.with(|remarks| remarks.iter().any(Remark::is_error)));
    let on_run = Callback::new(move |()| drafts.run(run, None));
    let label = Signal::derive(move || match are_several() {
        true => texts::expression(&texts::letter(0)),
        false => texts::EXPRESSION.to_owned(),
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
            <Show when=are_several>
                <Letter number=0/>
            </Show>
            <ExpressionInput
                id=id.0
                label
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
                // Files are written of what this tab has.
                <Show when=move || run.source.get() == Some(SourceChoice::Local)>
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
                </Show>
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
        <UnitNotes expr/>
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
