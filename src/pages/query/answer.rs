//! What an expression is shown as, table or graph, over which time, and the answer.

mod heat_offer;

use super::notes::{AnswerNotes, EmptyNotice};
use super::run::{Run, SERIES_CAPS, is_empty};
use crate::components::expression_input::remarks::Remark;
use crate::components::graph::view::Shown;
use crate::components::graph::{Graph, Wish};
use crate::components::graph_options::GraphOptions;
use crate::components::prose::prose;
use crate::components::series_table::SeriesTable;
use crate::components::show::Show;
use crate::components::time_range::TimeRange;
use crate::components::time_range::ladder::format_range;
use crate::live::{effect, handler, live, memo, view};
use crate::state::explore::Explore;
use crate::state::session::Session;
use crate::state::url::graph::GraphState;
use crate::state::url::{PanelState, Tab};
use crate::texts::explore as texts;
use chart::Form;
use heat_offer::{HeatOffer, is_of_histograms};
use leptos::{ev, prelude::*};
use protocol::{Note, PanelId, QueryStats, TableResult};
use std::time::Duration;

/// An answer that takes longer is said to be under way.
const SLOW: Duration = Duration::from_millis(300);

/// What the expression is shown as, and the answer.
#[component]
pub(super) fn Answer(id: PanelId, state: Memo<PanelState>, run: Run, is_run: Memo<bool>) -> impl IntoView {
    let explore = expect_context::<Explore>();
    let tab = memo(move |_| state.with(|state| state.tab));
    let is_table = memo(move |_| tab.get() == Tab::Table);
    let set_tab = Callback::new(move |tab| explore.edit_panel(id, |panel| panel.tab = tab));
    let part = move |read: fn(&PanelState) -> i64| Signal::derive(move || state.with(read));
    let end_ms = Signal::derive(move || state.with(|state| state.end_ms));
    let step = Signal::derive(move || state.with(|state| state.step));
    let graph = Signal::derive(move || state.with(|state| state.graph.clone()));
    let is_fixed = memo(move |_| end_ms.get().is_some());
    let refreshes = move || explore.state.with(|state| state.refresh_ms.is_some());
    let is_blank = memo(move |_| state.with(|state| state.expr.trim().is_empty()));
    view! {
            <div class="panel-bar">
                <Tabs id tab set_tab/>
                <TimeRange
                    range_ms=part(|state| state.range_ms)
                    end_ms
                    step
                    is_instant=is_table
                    on_range=Callback::new(move |ms| explore.edit_panel(id, |panel| panel.range_ms = ms))
                    on_end=Callback::new(move |ms| explore.edit_panel(id, |panel| panel.end_ms = ms))
                    on_step=Callback::new(move |step| explore.edit_panel(id, |panel| panel.step = step))
                />
                <Cost run is_table is_run/>
            </div>
            <Show when=move || !is_table.get()>
                <GraphOptions id=id.0 state=graph on_change=Callback::new(move |graph| explore.edit_panel(id, |panel| panel.graph = graph))/>
            </Show>
            <Show when=move || is_fixed.get() && refreshes()>
    <p class="muted" role="note">{prose(texts::FIXED_END)}</p>
            </Show>
            <div
                class="panel-answer"
                role="tabpanel"
                id=format!("answer-{}", id.0)
                aria-labelledby=move || tab_id(id, tab.get())
            >
                <Show when=move || !is_blank.get() fallback=|| view! { <p class="empty">{texts::NO_EXPRESSION}</p> }>
                    <Show
                        when=move || is_table.get()
                        fallback=move || view! { <GraphAnswer id run state is_fixed graph set_tab/> }
                    >
                        <TableAnswer id run is_fixed/>
                    </Show>
                </Show>
            </div>
        }
}

fn tab_id(id: PanelId, tab: Tab) -> String {
    match tab {
        Tab::Table => format!("tab-table-{}", id.0),
        Tab::Graph => format!("tab-graph-{}", id.0),
    }
}

/// Table or graph; the arrow keys go from one to the other.
#[component]
fn Tabs(id: PanelId, tab: Memo<Tab>, set_tab: Callback<Tab>) -> impl IntoView {
    let one = move |this: Tab, label: &'static str| {
        let is_it = move || tab.get() == this;
        view! {
            <button
                type="button"
                role="tab"
                id=tab_id(id, this)
                aria-selected=move || is_it().to_string()
                aria-controls=format!("answer-{}", id.0)
                tabindex=move || if is_it() { "0" } else { "-1" }
                on:click=handler(move |_| set_tab.run(this))
            >
                {label}
            </button>
        }
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        if matches!(event.key().as_str(), "ArrowLeft" | "ArrowRight") {
            let other = if tab.get_untracked() == Tab::Table { Tab::Graph } else { Tab::Table };
            set_tab.run(other);
            if let Some(button) = document().get_element_by_id(&tab_id(id, other)) {
                let _ = wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlElement>(button).focus();
            }
            event.prevent_default();
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=texts::TABS on:keydown=handler(on_keydown)>
            {one(Tab::Table, texts::TAB_TABLE)}
            {one(Tab::Graph, texts::TAB_GRAPH)}
        </div>
    }
}

/// Series, time and step of the answer; after a moment without one, that it is under way.
#[component]
fn Cost(run: Run, is_table: Memo<bool>, is_run: Memo<bool>) -> impl IntoView {
    let is_slow = RwSignal::new(false);
    effect(move || {
        is_slow.set(false);
        if run.is_waiting.get() {
            let handle = set_timeout_with_handle(
                move || {
                    is_slow.try_set(run.is_waiting.try_get_untracked().unwrap_or(false));
                },
                SLOW,
            );
            on_cleanup(move || handle.into_iter().for_each(|handle| handle.clear()));
        }
    });
    let stats = memo(move |_| {
        let size_of = |stats: QueryStats| texts::n_series(u64::from(stats.n_series));
        if is_table.get() {
            run.table.with(|table| {
                table.as_ref().map(|table| match table.result {
                    TableResult::Scalar { .. } => (texts::SCALAR.to_owned(), table.stats, None),
                    TableResult::String { .. } => (texts::STRING.to_owned(), table.stats, None),
                    _ => (size_of(table.stats), table.stats, None),
                })
            })
        } else {
            run.graph.with(|graph| graph.as_ref().map(|g| (size_of(g.stats), g.stats, Some(g.step_ms))))
        }
    });
    let line = move || {
        if !is_run.get() {
            return Some(texts::NOT_RUN.to_owned());
        }
        stats.get().filter(|_| run.not_graphable.get().is_none()).map(|(size, stats, step_ms)| {
            let step = step_ms.map(format_range);
            texts::stats(&size, stats.ms, step.as_deref())
        })
    };
    let title = move || stats.get().map(|(_, stats, _)| texts::samples_read(stats.n_samples));
    view! {
        <p class="panel-cost">
            <Show when=move || is_slow.get() fallback=move || view! { <span class="stats" title=title>{live(line)}</span> }>
                <span role="status">{texts::EVALUATING}</span>
                <button type="button" class="quiet" on:click=handler(move |_| run.cancel())>{texts::CANCEL}</button>
            </Show>
        </p>
    }
}

fn has_failed(run: Run) -> bool {
    run.parsed.with(|remarks| remarks.iter().any(Remark::is_error)) || run.problem.with(Option::is_some)
}

/// Whether an answer is that of an older question while the present one has none.
fn is_outdated(run: Run, answered: impl Fn() -> Option<String> + Send + Sync + 'static, id: PanelId) -> Memo<bool> {
    let explore = expect_context::<Explore>();
    memo(move |_| {
        let has_failed = has_failed(run) || run.is_cancelled.get();
        let expr = explore.state.with(|s| s.panels.iter().find(|p| p.id == id).map(|p| p.state.expr.clone()));
        has_failed && answered().is_some_and(|answered| Some(answered) != expr)
    })
}

#[component]
fn Outdated(#[prop(into)] is_outdated: Signal<bool>, run: Run) -> impl IntoView {
    view! {
        <Show when=move || run.is_cancelled.get()>
            <p class="notice is-warning" role="note">{texts::CANCELLED}</p>
        </Show>
        <Show when=move || is_outdated.get() && !run.is_cancelled.get()>
            <p class="notice" role="note">{texts::OUTDATED}</p>
        </Show>
    }
}

#[component]
fn TableAnswer(id: PanelId, run: Run, is_fixed: Memo<bool>) -> impl IntoView {
    let explore = expect_context::<Explore>();
    let is_outdated = is_outdated(run, move || run.table.with(|t| t.as_ref().map(|t| t.expr.clone())), id);
    let warnings = Signal::derive(move || run.table.with(|t| t.as_ref().map_or(Vec::new(), |t| t.warnings.clone())));
    let infos = Signal::derive(move || run.table.with(|t| t.as_ref().map_or(Vec::new(), |t| t.infos.clone())));
    let is_nothing = memo(move |_| run.table.with(|t| t.as_ref().is_some_and(|t| is_empty(&t.result))));
    let src = Signal::derive(move || run.table.with(|t| t.as_ref().map_or(String::new(), |t| t.expr.clone())));
    let at_ms = Signal::derive(move || run.table.with(|t| t.as_ref().map_or(0, |t| t.at_ms)));
    let on_use = Callback::new(move |expr: String| explore.edit_panel(id, |panel| panel.expr = expr));
    view! {
        <Outdated is_outdated run/>
        <div class="answer" class:is-old=is_outdated class:is-loading=run.is_waiting>
            <AnswerNotes src warnings infos/>
            <Show when=move || is_nothing.get()>
                <EmptyNotice src at_ms is_fixed on_use source=run.source/>
            </Show>
            <SeriesTable answer=run.table/>
        </div>
    }
}

fn of_first(notes: &[Note]) -> Vec<Note> {
    notes.iter().filter(|note| note.query_idx == 0).cloned().collect()
}

#[component]
fn GraphAnswer(
    id: PanelId,
    run: Run,
    state: Memo<PanelState>,
    is_fixed: Memo<bool>,
    graph: Signal<GraphState>,
    set_tab: Callback<Tab>,
) -> impl IntoView {
    let explore = expect_context::<Explore>();
    let is_outdated = is_outdated(run, move || run.graph.with(|g| g.as_ref().map(|g| g.expr.clone())), id);
    // Those of the further expressions stand beside their fields.
    let warnings = Signal::derive(move || run.graph.with(|g| g.as_ref().map_or(Vec::new(), |g| of_first(&g.warnings))));
    let infos = Signal::derive(move || run.graph.with(|g| g.as_ref().map_or(Vec::new(), |g| of_first(&g.infos))));
    let counts = memo(move |_| {
        run.graph.with(|g| g.as_ref().map(|g| (g.frame.series.len() as u64, g.frame.n_series_total as u64)))
    });
    let is_nothing = move || {
        // Histograms that fill a heat map leave no line over.
        let has_heat = run.graph.with(|g| g.as_ref().is_some_and(|g| !g.frame.heat.is_empty()));
        counts.get().is_some_and(|(_, total)| total == 0) && !has_heat
    };
    let src = Signal::derive(move || run.graph.with(|g| g.as_ref().map_or(String::new(), |g| g.expr.clone())));
    let at_ms = Signal::derive(move || run.graph.with(|g| g.as_ref().map_or(0, |g| g.end_ms)));
    let on_use = Callback::new(move |expr: String| explore.edit_panel(id, |panel| panel.expr = expr));
    let shown = Signal::derive(move || state.with(|state| Shown { range_ms: state.range_ms, end_ms: state.end_ms }));
    let on_wish = Callback::new(move |Wish { shown: wished, joins, is_exact }: Wish| {
        let step = state.with_untracked(|state| state.step);
        let taken = if is_exact { wished } else { wished.snapped(step, shown.get_untracked()) };
        explore.set_range(id, taken.range_ms, taken.end_ms, joins);
        taken
    });
    let on_width = Callback::new(move |width| run.plot_width(width));
    let capped = move || {
        let (shown, total) = counts.get().filter(|(shown, total)| shown < total)?;
        let more = total.min(u64::from(SERIES_CAPS[1]));
        let button = (more > shown).then(|| {
            view! {
                <button type="button" on:click=handler(move |_| run.max_series.set(SERIES_CAPS[1]))>
                    {texts::graph_more(more)}
                </button>
            }
        });
        Some(view! { <p class="notice" role="note">{prose(&texts::graph_capped(shown, total))} " " {button}</p> })
    };
    let families = expect_context::<Session>().families;
    let offers_heat = memo(move |_| {
        let is_lines = graph.with(|graph| graph.form == Form::Lines);
        let drawn = counts.get().filter(|_| is_lines);
        drawn.is_some_and(|(n_drawn, _)| {
            src.with(|src| families.with(|families| is_of_histograms(src, n_drawn as usize, families)))
        })
    });
    let on_heat = Callback::new(move |()| explore.edit_panel(id, |panel| panel.graph.form = Form::Heatmap));
    // Where nothing was ever drawn, an error needs no empty frame below it.
    let is_gone = memo(move |_| {
        let has_failed = has_failed(run);
        run.not_graphable.get().is_some() || has_failed && run.graph.with(Option::is_none)
    });
    let refused = move || {
        run.not_graphable.get().map(|value_type| {
            view! {
                <div class="empty" role="note">
                    <p>{prose(&texts::not_graphable(value_type.as_str()))}</p>
                    <button type="button" on:click=handler(move |_| set_tab.run(Tab::Table))>{texts::OPEN_TABLE}</button>
                </div>
            }
        })
    };
    view! {
        {live(refused)}
        <div class="answer" class:is-gone=is_gone>
            <Outdated is_outdated run/>
            <AnswerNotes src warnings infos/>
            {live(capped)}
            <Show when=move || offers_heat.get()><HeatOffer on_take=on_heat/></Show>
            <div class="graph-place" class:is-old=is_outdated>
                <Graph answer=run.graph state=graph loading=run.is_waiting shown on_wish on_width/>
                <Show when=is_nothing>
                    <EmptyNotice src at_ms is_fixed on_use source=run.source/>
                </Show>
            </div>
        </div>
    }
}
