//! The further expressions of a graph, each with its field, its problems and a button that removes it.

use super::drafts::Drafts;
use super::notes::{AnswerNotes, RemarkList};
use super::run::Run;
use crate::components::expression_input::ExpressionInput;
use crate::components::expression_input::remarks::{Remark, of_problem, parsed, while_typing};
use crate::components::graph::unit;
use crate::components::rows::{Key, Rows};
use crate::components::show::Show;
use crate::live::{effect, handler, memo, view};
use crate::state::session::Session;
use crate::state::url::graph::MAX_ALSO;
use crate::texts::{explore as texts, units};
use leptos::{html, prelude::*};
use promql::{Severity, ValueType};
use protocol::{GraphAnswer, Note, PanelId, Problem, WireSpan};

/// Fields of further expressions are numbered from here on, apart from those of panels.
const FIRST_ID: u32 = 1 << 31;

/// The further expressions, and the button that adds one.
#[component]
pub(super) fn Also(id: PanelId, drafts: Drafts, run: Run) -> impl IntoView {
    let slots = move || drafts.order.get();
    view! {
        <Rows each=slots key=|slot| Key::Number((*slot).into()) let:slot>
            <AlsoField id drafts of=slot run/>
        </Rows>
        <p class="panel-more">
            <button
                type="button"
                class="quiet"
                title=texts::ADD_EXPRESSION_TITLE
                disabled=move || drafts.is_full()
                on:click=handler(move |_| drafts.add())
            >
                {texts::ADD_EXPRESSION}
            </button>
            <Show when=move || drafts.is_full()>
                <span class="muted">{texts::expressions_full(MAX_ALSO + 1)}</span>
            </Show>
        </p>
    }
}

#[component]
fn AlsoField(id: PanelId, drafts: Drafts, of: u8, run: Run) -> impl IntoView {
    // Leptos keeps the word `slot` for itself in `view!`.
    let slot = of;
    let draft = drafts.draft(slot)?;
    let cursor = RwSignal::new(0);
    let field = NodeRef::<html::Textarea>::new();
    let number =
        memo(move |last: Option<&u16>| drafts.position(slot).map(|at| at as u16 + 1).or(last.copied()).unwrap_or(1));
    let expr = memo(move |_| drafts.expr_of(slot));
    let is_run = memo(move |_| draft.with(|draft| expr.with(|expr| draft == expr)));
    let found = memo(move |_| expr.with(|expr| problems_of(expr)));
    let remarks = memo(move |_| {
        if draft.with(|draft| draft.trim().is_empty()) {
            return Vec::new();
        }
        if !is_run.get() {
            return draft.with(|draft| while_typing(draft, cursor.get(), parsed(draft)));
        }
        let found = found.get();
        match failed(run, number.get(), &expr.get()) {
            Some(problem) if !found.iter().any(Remark::is_error) => expr.with(|expr| of_problem(&problem, expr)),
            _ => found,
        }
    });
    let is_invalid = memo(move |_| is_run.get() && remarks.with(|remarks| remarks.iter().any(Remark::is_error)));
    effect(move || {
        if let Some(field) = field.get()
            && drafts.take_added(slot)
        {
            let _ = field.focus();
        }
    });
    let field_id = FIRST_ID | id.0.wrapping_mul(MAX_ALSO as u32).wrapping_add(slot.into());
    let remarks_id = format!("remarks-{field_id}");
    let letter = move || texts::letter(number.get());
    let remove = move || texts::remove_expression(&letter());
    Some(view! {
        <div class="panel-question panel-also">
            <Letter number/>
            <ExpressionInput
                id=field_id
                label=Signal::derive(move || texts::expression(&letter()))
                draft
                cursor
                underlined=remarks
                is_invalid
                described_by=remarks_id.clone()
                field
                on_run=Callback::new(move |()| drafts.run(run, Some(slot)))
            />
            <div class="panel-actions">
                <button
                    type="button"
                    class="quiet icon"
                    title=remove
                    aria-label=remove
                    on:click=handler(move |_| drafts.remove(slot))
                >
                    "✕"
                </button>
            </div>
        </div>
        <RemarkList id=remarks_id src=draft remarks is_alert=is_run/>
        <UnitNotes expr/>
        <OwnNotes expr number run/>
    })
}

/// The letter of an expression where there are several.
#[component]
pub(super) fn Letter(#[prop(into)] number: Signal<u16>) -> impl IntoView {
    // The field beside it has it in its name.
    view! { <span class="expression-letter" aria-hidden="true">{move || texts::letter(number.get())}</span> }
}

/// Why the worker could not evaluate an expression while it could evaluate another of the same graph.
pub(super) fn failed(run: Run, query_idx: u16, expr: &str) -> Option<Problem> {
    run.graph.with(|graph| {
        let graph = graph.as_ref().filter(|graph| graph.expr_of(query_idx) == expr)?;
        graph.failed.iter().find(|(of, _)| *of == query_idx).map(|(_, problem)| problem.clone())
    })
}

/// What the worker remarked on a further expression, and whether nothing came of it.
#[component]
fn OwnNotes(expr: Memo<String>, number: Memo<u16>, run: Run) -> impl IntoView {
    let of = move |read: fn(&GraphAnswer) -> &[Note]| {
        Signal::derive(move || {
            let number = number.get();
            run.graph.with(|graph| {
                let graph = graph.as_ref().filter(|graph| expr.with(|expr| graph.expr_of(number) == expr));
                let notes = graph.map(|graph| read(graph)).unwrap_or_default();
                notes.iter().filter(|note| note.query_idx == number).cloned().collect::<Vec<_>>()
            })
        })
    };
    let is_empty = memo(move |_| {
        let number = number.get();
        run.graph
            .with(|graph| graph.as_ref().is_some_and(|graph| expr.with(|expr| came_to_nothing(graph, number, expr))))
    });
    view! {
        <AnswerNotes src=expr warnings=of(|graph| &graph.warnings) infos=of(|graph| &graph.infos)/>
        <Show when=move || is_empty.get()>
            <p class="muted" role="note">{texts::NOTHING_OF_IT}</p>
        </Show>
    }
}

/// Whether an expression was evaluated, and nothing of it is in the graph.
fn came_to_nothing(graph: &GraphAnswer, query_idx: u16, expr: &str) -> bool {
    let was_asked = !expr.trim().is_empty() && graph.expr_of(query_idx) == expr;
    let has_failed = graph.failed.iter().any(|(of, _)| *of == query_idx);
    let has_series = graph.frame.series.iter().any(|series| series.source.query_idx == query_idx);
    let has_heat = graph.frame.heat.iter().any(|heat| heat.query_idx == query_idx);
    was_asked && !has_failed && !has_series && !has_heat
}

/// What the parser says of an expression for a graph, and whether it can be graphed at all.
fn problems_of(expr: &str) -> Vec<Remark> {
    let mut problems = parsed(expr);
    let value_type = promql::parse(expr).expr.value_type();
    let is_sound = !problems.iter().any(Remark::is_error);
    if is_sound && matches!(value_type, ValueType::Matrix | ValueType::String) {
        problems.push(Remark {
            span: None,
            severity: Severity::Error,
            message: texts::not_graphable(value_type.as_str()),
            hint: String::new(),
        });
    }
    problems
}

/// Says that an expression adds or compares what has different units.
#[component]
pub(super) fn UnitNotes(#[prop(into)] expr: Signal<String>) -> impl IntoView {
    let families = expect_context::<Session>().families;
    let notes = memo(move |_| {
        let inferred = expr.with(|expr| families.with(|families| unit::of_query(expr, families)));
        let found = inferred.mismatch?;
        let (start, end) = (found.span.start as u32, found.span.end as u32);
        Some(Note {
            message: units::mismatch(found.op.as_str(), found.op.is_comparison(), found.left, found.right),
            span: Some(WireSpan { start, end }),
            ..Note::default()
        })
    });
    let infos = Signal::derive(move || notes.get().into_iter().collect::<Vec<_>>());
    view! { <AnswerNotes src=expr warnings=Signal::derive(Vec::new) infos/> }
}

#[cfg(test)]
mod tests {
    //! Expressions and what is said of them before anybody is asked.
    use super::*;
    use protocol::Extras;

    #[test]
    fn what_cannot_be_graphed_is_told_at_once() {
        let said = |expr: &str| problems_of(expr).iter().filter(|p| p.is_error()).count();
        assert_eq!(["up", "up[5m]", "\"x\"", "1", "sum(", ""].map(said), [0, 1, 1, 0, said("sum("), said("")]);
        assert!(said("sum(") > 0);
        assert!(problems_of("up[5m]")[0].message.contains("range vector"));
    }

    #[test]
    fn an_expression_without_series_is_told_of_only_after_it_was_asked() {
        let extras = Extras { also: vec!["b".to_owned(), String::new(), "d".to_owned()], ..Extras::default() };
        let mut graph = GraphAnswer {
            source: protocol::SourceChoice::Local,
            comparison: None,
            panel: PanelId(1),
            generation: 1,
            expr: "a".to_owned(),
            extras,
            failed: vec![(3, Problem::default())],
            start_ms: 0,
            end_ms: 1,
            step_ms: 1,
            frame: frame::Frame::default(),
            warnings: Vec::new(),
            infos: Vec::new(),
            stats: protocol::QueryStats::default(),
        };
        assert!(came_to_nothing(&graph, 1, "b"));
        assert!(!came_to_nothing(&graph, 1, "another"), "the answer is that of an older question");
        assert!(!came_to_nothing(&graph, 2, ""), "it is being written");
        assert!(!came_to_nothing(&graph, 3, "d"), "its error is told");
        graph.frame.series.push(frame::FrameSeries {
            source: frame::Source { query_idx: 1, is_previous: false },
            labels: model::Labels::empty(),
            points: frame::Points::Dense(Vec::new()),
            stats: frame::SeriesStats::of(&[]),
        });
        assert!(!came_to_nothing(&graph, 1, "b"));
    }
}
