//! Asks the worker what a panel shows, and knows how far that is: one question at a time, the newest wins,
//! the old answer stays until there is a new one.

use super::pace::Pace;
use super::width::Widths;
use crate::browser::now_ms;
use crate::client::Client;
use crate::components::expression_input::remarks::{self, Remark};
use crate::components::graph::PlotWidth;
use crate::live::{effect, memo};
use crate::state::session::Session;
use crate::state::sources::Sources;
use crate::state::url::{PanelState, Tab};
use leptos::prelude::*;
use promql::ValueType;
use protocol::{
    Generation, GraphAnswer, PanelId, Problem, QueryKind, QueryRequest, Request, SourceChoice, TableAnswer, TableResult,
};
use std::collections::VecDeque;
use std::sync::Arc;

/// So many series a graph gets at first, and after "show more".
pub const SERIES_CAPS: [u32; 2] = [500, 10_000];

/// Of so many questions it is remembered what they were about: answers come late, not ever later.
const MAX_ASKED: usize = 8;

/// What is asked of the worker for a panel, but for number and name.
#[derive(Clone, Debug, PartialEq)]
struct Question {
    expr: String,
    source: SourceChoice,
    kind: QueryKind,
}

impl Question {
    /// Whether only the widths differ.
    fn is_like(&self, other: &Question) -> bool {
        let mut other = other.clone();
        if let (QueryKind::Range { width_px: mine, .. }, QueryKind::Range { width_px, .. }) =
            (&self.kind, &mut other.kind)
        {
            *width_px = *mine;
        }
        *self == other
    }
}

/// The questions of a panel and their answers.
#[derive(Clone, Copy)]
pub struct Run {
    client: Client,
    id: PanelId,
    question: Memo<Option<Question>>,
    sent: RwSignal<Generation>,
    settled: RwSignal<Generation>,
    asked_ms: StoredValue<i64>,
    took_ms: StoredValue<i64>,
    follows_samples: StoredValue<bool>,
    /// Samples came while a question was open: an empty panel looks again at the next tick.
    missed_samples: StoredValue<bool>,
    asked: StoredValue<VecDeque<(Generation, String, SourceChoice)>>,
    widths: StoredValue<Widths>,
    /// What was asked last, to tell a new question from one that is asked again.
    last: StoredValue<Option<Question>>,
    /// The graph is hidden: nobody sees what new samples would change.
    is_hidden: StoredValue<bool>,
    /// Whose samples; `None` if no source has that name.
    pub source: Memo<Option<SourceChoice>>,
    /// Problems the parser finds; with an error among them the worker is not asked.
    pub parsed: Memo<Arc<Vec<Remark>>>,
    /// The type of what a graph cannot show.
    pub not_graphable: Memo<Option<ValueType>>,
    /// The newest picture.
    pub graph: RwSignal<Option<Arc<GraphAnswer>>>,
    /// The newest table.
    pub table: RwSignal<Option<Arc<TableAnswer>>>,
    /// Why the newest question failed, if it was about the present expression.
    pub problem: Memo<Option<Problem>>,
    /// An answer is awaited.
    pub is_waiting: Memo<bool>,
    /// The newest question was cancelled.
    pub is_cancelled: RwSignal<bool>,
    /// Plot width in device pixels for which is asked, once it is known.
    width_px: RwSignal<Option<u32>>,
    /// At most so many series in a graph.
    pub max_series: RwSignal<u32>,
}

impl Run {
    /// Starts asking, and stops with the component that calls this.
    #[must_use]
    pub fn start(id: PanelId, state: Memo<PanelState>) -> Self {
        let client = expect_context::<Client>();
        let session = expect_context::<Session>();
        let answers = session.panel(id);
        let (graph, table) = (RwSignal::from(answers.graph), RwSignal::from(answers.table));
        let (problem, answered) = (RwSignal::from(answers.problem), RwSignal::from(answers.answered));
        let (sent, settled) = (RwSignal::new(0), RwSignal::new(0));
        let (width_px, max_series) = (RwSignal::new(None), RwSignal::new(SERIES_CAPS[0]));
        let expr = memo(move |_| state.with(|state| state.expr.clone()));
        let sources = expect_context::<Sources>();
        let source = memo(move |_| state.with(|state| sources.choice(&state.source, state.is_compared)));
        let parsed = memo(move |_| match source.get() {
            // It may know more than PromQL, and says itself what is wrong.
            Some(SourceChoice::Remote(_)) => Arc::new(Vec::new()),
            _ => Arc::new(expr.with(|expr| remarks::parsed(expr))),
        });
        let not_graphable = memo(move |_| {
            let is_graph = state.with(|state| state.tab == Tab::Graph);
            let value_type = expr.with(|expr| promql::parse(expr).expr.value_type());
            (is_graph && matches!(value_type, ValueType::Matrix | ValueType::String)).then_some(value_type)
        });
        let question = memo(move |_| {
            let is_sound = parsed.with(|remarks| !remarks.iter().any(Remark::is_error));
            let can_be_asked = is_sound && not_graphable.get().is_none();
            let source = source.get().filter(|_| can_be_asked)?;
            state.with(|state| question_of(state, source, width_px.get(), max_series.get()))
        });
        let asked = StoredValue::new(VecDeque::new());
        let problem = memo(move |_| {
            let problem = problem.get()?;
            let generation = answered.get();
            let about = asked.with_value(|asked: &VecDeque<(Generation, String, SourceChoice)>| {
                asked.iter().find(|(of, ..)| *of == generation).map(|(_, expr, source)| (expr.clone(), *source))
            });
            (about == source.get().map(|source| (expr.get(), source))).then_some(problem)
        });
        let is_waiting = memo(move |_| sent.get() > answered.get().max(settled.get()));
        let run = Run {
            client,
            id,
            question,
            sent,
            settled,
            asked_ms: StoredValue::new(0),
            took_ms: StoredValue::new(0),
            follows_samples: StoredValue::new(false),
            missed_samples: StoredValue::new(false),
            asked,
            widths: StoredValue::new(Widths::default()),
            last: StoredValue::new(None),
            is_hidden: StoredValue::new(false),
            source,
            parsed,
            not_graphable,
            graph,
            table,
            problem,
            is_waiting,
            is_cancelled: RwSignal::new(false),
            width_px,
            max_series,
        };
        effect(move || match question.get() {
            Some(question) if run.may_ask(&question) => run.send(question),
            Some(_) => {}
            None => run.withdraw(),
        });
        let on_answer = move |is_waiting: &bool, _: Option<&bool>, _: Option<()>| {
            if !is_waiting {
                run.took_ms.set_value(now_ms() - run.asked_ms.get_value());
            }
        };
        Effect::watch(move || is_waiting.get(), on_answer, false);
        effect(move || {
            expr.track();
            max_series.set(SERIES_CAPS[0]);
        });
        on_cleanup(move || {
            client.send(Request::Cancel { panel: id });
            session.forget(id);
        });
        run
    }

    /// Asks again, also if nothing changed.
    pub fn again(&self) {
        if let Some(question) = self.question.get_untracked() {
            self.send(question);
        }
    }

    /// Stops the evaluation that is under way.
    pub fn cancel(&self) {
        self.withdraw();
        self.is_cancelled.set(true);
    }

    /// The plot of the graph has this width.
    pub fn plot_width(&self, width: PlotWidth) {
        self.is_hidden.set_value(width == PlotWidth::Hidden);
        match width {
            PlotWidth::Hidden => {}
            PlotWidth::About(px) => {
                self.widths.update_value(|widths| widths.px = Some(px));
                self.width_px.set(Some(px));
            }
            PlotWidth::Drawn { px, element_px, is_decimated } => {
                let asks = self.widths.try_update_value(|widths| widths.drawn(px, element_px, is_decimated));
                if asks == Some(true) {
                    self.width_px.set(Some(px));
                }
            }
        }
    }

    /// Asks again if the clock or new samples say so.
    pub fn refresh(&self, refresh_ms: Option<u32>, is_fixed: bool, has_samples: bool) {
        // A graph that has failed is hidden, too, and shall come back.
        if self.is_hidden.get_value() && self.problem.with_untracked(Option::is_none) && self.is_range_untracked() {
            return;
        }
        let pace = Pace {
            refresh_ms,
            is_fixed,
            is_waiting: self.is_waiting.get_untracked(),
            is_empty: self.is_empty_untracked(),
            asked_ms: self.asked_ms.get_value(),
            took_ms: self.took_ms.get_value(),
            follows_samples: self.follows_samples.get_value(),
        };
        let now_ms = now_ms();
        if has_samples && pace.is_waiting {
            self.missed_samples.set_value(true);
        }
        let has_samples = has_samples || pace.is_empty && self.missed_samples.get_value();
        let is_due = if has_samples { pace.on_samples(now_ms) } else { pace.on_tick(now_ms) };
        // Who cancels has seen enough until the next run.
        if is_due && !self.is_cancelled.get_untracked() {
            self.again();
            self.follows_samples.set_value(has_samples);
        }
    }

    /// Who cancelled a question does not want it again because a notice, a scroll bar or a turned phone made the plot
    /// wider or narrower.
    fn may_ask(&self, question: &Question) -> bool {
        let is_like_last = self.last.with_value(|last| last.as_ref().is_some_and(|last| last.is_like(question)));
        !(self.is_cancelled.get_untracked() && is_like_last)
    }

    fn send(&self, question: Question) {
        let generation = self.sent.get_untracked().wrapping_add(1);
        self.sent.set(generation);
        self.is_cancelled.set(false);
        self.asked_ms.set_value(now_ms());
        self.follows_samples.set_value(false);
        self.missed_samples.set_value(false);
        if self.last.with_value(|last| last.as_ref().is_none_or(|last| !last.is_like(&question))) {
            self.widths.update_value(Widths::begin);
        }
        self.last.set_value(Some(question.clone()));
        let Question { expr, source, mut kind } = question;
        if let QueryKind::Range { width_px, .. } = &mut kind {
            // The newest, also if it was no reason to ask.
            *width_px = self.widths.with_value(|widths| widths.px).unwrap_or(*width_px);
            self.widths.update_value(|widths| widths.sent(*width_px));
        }
        self.asked.update_value(|asked| {
            asked.truncate(MAX_ASKED - 1);
            asked.push_front((generation, expr.clone(), source));
        });
        self.client.send(Request::Query(QueryRequest { panel: self.id, generation, expr, source, kind }));
    }

    /// Nobody waits for an answer any more.
    fn withdraw(&self) {
        if self.is_waiting.get_untracked() {
            self.client.send(Request::Cancel { panel: self.id });
            self.settled.set(self.sent.get_untracked());
        }
    }

    fn is_range_untracked(&self) -> bool {
        self.question.with_untracked(|q| matches!(q, Some(Question { kind: QueryKind::Range { .. }, .. })))
    }

    fn is_empty_untracked(&self) -> bool {
        if self.is_range_untracked() {
            self.graph.with_untracked(|graph| graph.as_ref().is_none_or(|graph| graph.frame.series.is_empty()))
        } else {
            self.table.with_untracked(|table| table.as_ref().is_none_or(|table| is_empty(&table.result)))
        }
    }
}

/// Whether a result has no series.
#[must_use]
pub fn is_empty(result: &TableResult) -> bool {
    match result {
        TableResult::Scalar { .. } | TableResult::String { .. } => false,
        TableResult::Vector { rows } => rows.is_empty(),
        TableResult::Matrix { series } => series.is_empty(),
    }
}

/// What to ask; nothing without an expression, and no graph before it is known how wide it is.
fn question_of(state: &PanelState, source: SourceChoice, width_px: Option<u32>, max_series: u32) -> Option<Question> {
    let expr = state.expr.clone();
    if expr.trim().is_empty() {
        return None;
    }
    let kind = match state.tab {
        Tab::Table => QueryKind::Instant { at_ms: state.end_ms },
        Tab::Graph => QueryKind::Range {
            end_ms: state.end_ms,
            range_ms: state.range_ms,
            step: state.step,
            width_px: width_px?,
            max_series,
            extras: state.graph.extras(),
        },
    };
    Some(Question { expr, source, kind })
}

#[cfg(test)]
mod tests {
    //! From what a panel shows to what is asked.
    use super::*;

    #[test]
    fn only_what_can_be_shown_is_asked() {
        let mut state = PanelState { expr: "up".to_owned(), end_ms: Some(5), ..PanelState::default() };
        assert_eq!(question_of(&state, SourceChoice::Local, None, 10), None);
        let kind = question_of(&state, SourceChoice::Local, Some(800), 10).map(|q| q.kind);
        assert!(matches!(kind, Some(QueryKind::Range { end_ms: Some(5), width_px: 800, max_series: 10, .. })));
        state.tab = Tab::Table;
        assert_eq!(
            question_of(&state, SourceChoice::Local, None, 10).map(|q| q.kind),
            Some(QueryKind::Instant { at_ms: Some(5) })
        );
        state.tab = Tab::Graph;
        let asked = |width_px| question_of(&state, SourceChoice::Local, Some(width_px), 10);
        let (narrow, wide) = (asked(400), asked(800));
        assert_ne!(narrow, wide);
        assert!(narrow.zip(wide).is_some_and(|(narrow, wide)| narrow.is_like(&wide)));
        state.expr = " \n".to_owned();
        assert_eq!(question_of(&state, SourceChoice::Local, Some(800), 10), None);
    }
}
