//! A line of the legend: a series with its values, or the expression that heads its series.

use super::lines::{Entries, Entry, Line as Listed, value_of};
use super::visibility::{SeriesKey, Visibility};
use super::{column_class, texts};
use crate::components::graph::colours::{Colours, dash_of};
use crate::components::graph::names::halves;
use crate::live::{handler, live, memo, view};
use crate::state::settings::Settings;
use crate::state::settings::legend_columns::{Column, Columns};
use chart::{Dash, Theme, Unit, format};
use frame::Source;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use model::{Labels, cluster};
use protocol::GraphAnswer;
use std::sync::Arc;

/// So much of a name is put into the page; the rest is in the middle and left out.
const MAX_SHOWN: usize = 300;

/// So much of a name is told on hovering.
const MAX_TITLE: usize = 2_000;

/// What all lines look at.
#[derive(Clone, Copy)]
pub(super) struct Shared {
    pub(super) answer: Signal<Option<Arc<GraphAnswer>>>,
    pub(super) entries: Memo<Arc<Entries>>,
    pub(super) colours: Signal<Option<Arc<Colours>>>,
    pub(super) units: Signal<Vec<Unit>>,
    pub(super) unfolded: Memo<Vec<Listed>>,
    pub(super) visibility: RwSignal<Visibility>,
    pub(super) effective: Memo<Visibility>,
    pub(super) emphasised: RwSignal<Option<usize>>,
    pub(super) columns: RwSignal<Columns>,
}

/// What a line is about; it stays the same while answers come and go.
#[derive(Clone)]
pub(super) enum Line {
    Query(u16),
    Series(Source, Labels),
}

impl Line {
    pub(super) fn key(&self) -> String {
        match self {
            Line::Query(query_idx) => query_idx.to_string(),
            Line::Series(source, labels) => format!("{} {} {labels}", source.query_idx, source.is_previous),
        }
    }
}

/// The head of an expression's series.
#[component]
pub(super) fn QueryLine(shared: Shared, query_idx: u16) -> impl IntoView {
    let Shared { answer, entries, .. } = shared;
    let expr = move || answer.with(|answer| answer.as_ref().map(|answer| answer.expr_of(query_idx).to_owned()));
    let common = move || {
        let common = entries.with(|entries| entries.names.common(query_idx));
        (!common.is_empty()).then(|| view! { {texts::SHARED} <code>{common.to_string()}</code> })
    };
    view! {
        <tr class="legend-line legend-query">
            <th scope="rowgroup">
                // As wide as the legend, whatever columns there are.
                <div class="legend-query-text">
                    <span class="letter">{texts::letter(query_idx)}</span>
                    " "
                    <code>{live(expr)}</code>
                    {live(common)}
                </div>
            </th>
        </tr>
    }
}

/// A series.
#[component]
pub(super) fn SeriesLine(shared: Shared, source: Source, labels: Labels) -> impl IntoView {
    let Shared { entries, colours, units, unfolded, visibility, effective, emphasised, columns, .. } = shared;
    let settings = expect_context::<Settings>();
    let key = StoredValue::new(SeriesKey { query_idx: source.query_idx, labels });
    // A line outlives an answer; its series may stand elsewhere in the next.
    let entry = memo(move |_| {
        entries.with(|entries| key.with_value(|key| entry_of(&entries.list, source, &key.labels).cloned()))
    });
    let series_idx = memo(move |_| entry.with(|entry| entry.as_ref().map(|entry| entry.series_idx)));
    let row_idx = move || {
        let at =
            unfolded.with(|lines| lines.iter().position(|line| Some(*line) == series_idx.get().map(Listed::Series)));
        // The heads are the first row.
        at.map(|at| (at + 2).to_string())
    };
    let title = move || entry.with(|entry| entry.as_ref().map(|entry| clipped(&entry.whole, MAX_TITLE)));
    let name = move || {
        entry.with(|entry| {
            let (head, tail) = entry.as_ref().map_or(("", ""), |entry| halves(&entry.name));
            let (head, tail) = (clipped(head, MAX_SHOWN), tail.to_owned());
            view! {
                <bdi class="legend-name-head">{head}</bdi>
                <bdi class="legend-name-tail">{tail}</bdi>
            }
        })
    };
    let place =
        move || colours.with(|colours| colours.as_ref()?.of_series.get(series_idx.get()?).copied()).unwrap_or_default();
    let colour = move || Theme::of(settings.is_dark.get()).series(place()).css();
    let dash = move || dash_class(dash_of(place()));
    let values = move || {
        let unit =
            units.with(|units| units.get(usize::from(source.query_idx)).or(units.last()).copied().unwrap_or_default());
        let cells = columns.get().iter().map(|column| {
            let (short, exact) = entry.with(|entry| cell(entry.as_ref(), column, unit));
            view! { <td class=column_class(column) title=exact>{short}</td> }
        });
        cells.collect_view()
    };
    let is_shown = memo(move |_| key.with_value(|key| effective.with(|visible| visible.shows(key))));
    let on_click = move |event: MouseEvent| {
        let toggles = event.ctrl_key() || event.meta_key() || event.shift_key();
        let now = effective.get_untracked();
        visibility.set(key.with_value(|key| if toggles { now.toggled(key) } else { now.isolated(key) }));
    };
    let emphasise = move |is_on: bool| emphasised.set(if is_on { series_idx.get_untracked() } else { None });
    on_cleanup(move || {
        emphasised.try_set(None);
    });
    view! {
        <tr
            class="legend-line"
            class:is-earlier=source.is_previous
            aria-rowindex=live(row_idx)
            on:pointerenter=handler(move |_| emphasise(true))
            on:pointerleave=handler(move |_| emphasise(false))
        >
            <td>
                <button
                    type="button"
                    class="legend-entry"
                    class:is-hidden=move || !is_shown.get()
                    aria-pressed=move || is_shown.get().to_string()
                    title=live(title)
                    on:click=handler(on_click)
                    on:focus=handler(move |_| emphasise(true))
                    on:blur=handler(move |_| emphasise(false))
                >
                    <span class="legend-swatch" data-dash=live(dash) style:color=live(colour)></span>
                    <span class="legend-name">{live(name)}</span>
                </button>
            </td>
            {live(values)}
        </tr>
    }
}

/// The entry of a series. Answers are sorted by source and labels.
fn entry_of<'a>(entries: &'a [Entry], source: Source, labels: &Labels) -> Option<&'a Entry> {
    let sorted = entries.binary_search_by(|entry| entry.source.cmp(&source).then_with(|| entry.labels.cmp(labels)));
    let is_it = |entry: &&Entry| entry.source == source && entry.labels == *labels;
    sorted.ok().and_then(|at| entries.get(at)).or_else(|| entries.iter().find(is_it))
}

/// What a column says of a series, short and exactly.
fn cell(entry: Option<&Entry>, column: Column, unit: Unit) -> (String, String) {
    let Some(entry) = entry else {
        return (String::new(), String::new());
    };
    let v = value_of(&entry.stats, column);
    // The last value may be NaN itself; no other column counts one.
    let is_none = if column == Column::Last { entry.stats.count == 0 } else { v.is_nan() };
    if is_none {
        return (texts::NO_VALUE.to_owned(), texts::NO_FINITE_VALUE.to_owned());
    }
    (format::short(unit, v), model::number::format_short(v))
}

fn dash_class(dash: Dash) -> &'static str {
    match dash {
        Dash::Solid => "solid",
        Dash::Dashed => "dashed",
        Dash::Dotted => "dotted",
        Dash::DashDotted => "dash-dotted",
    }
}

/// At most so many characters of a text.
fn clipped(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((at, _)) => format!("{}…", &text[..cluster::cut_at(text, at)]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    //! Cells, and names that are too long for a page.
    use super::*;
    use frame::SeriesStats;

    #[test]
    fn a_cell_has_a_value_or_says_that_there_is_none() {
        let entry = |vs: &[f64]| Entry {
            series_idx: 0,
            source: Source::default(),
            labels: Labels::empty(),
            name: "x".into(),
            whole: "x".into(),
            stats: SeriesStats::of(vs),
        };
        let said = |vs: &[f64], column| cell(Some(&entry(vs)), column, Unit::Bytes);
        assert_eq!(said(&[2048.0], Column::Max), ("2 KiB".to_owned(), "2048".to_owned()));
        assert_eq!(said(&[f64::NAN], Column::Last).0, "NaN");
        assert_eq!(said(&[f64::NAN], Column::Mean).0, "–");
        assert_eq!(said(&[frame::gap()], Column::Last).0, "–");
        assert_eq!(said(&[f64::INFINITY], Column::Last), ("+Inf".to_owned(), "+Inf".to_owned()));
    }

    #[test]
    fn a_name_of_ten_kilobytes_is_clipped() {
        assert_eq!(clipped(&"ä".repeat(10_000), MAX_SHOWN).chars().count(), MAX_SHOWN + 1);
        assert_eq!(clipped("up", 2), "up");
    }
}
