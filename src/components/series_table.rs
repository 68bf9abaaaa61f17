//! The table of an instant query: one row a series, exact values, with filter, order and copy.

pub mod rows;
pub mod samples;

use crate::browser::clipboard;
use crate::components::graph::unit;
use crate::components::rows::{Key, Rows};
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::state::session::Session;
use crate::texts::{explore as texts, units};
use chart::{Unit, format};
use leptos::prelude::*;
use model::number;
use protocol::{Row, TableAnswer, TableResult};
use rows::{ROW_CAP, Sort, arranged, as_text, n_rows, series_text};
use samples::{Samples, series_name};
use std::sync::Arc;

/// Fewer rows than this need no filter.
const FILTER_FROM: usize = 6;

/// The table. An empty result is the caller's to explain.
#[component]
pub fn SeriesTable(
    /// What is shown; the old answer stays until there is a new one.
    #[prop(into)]
    answer: Signal<Option<Arc<TableAnswer>>>,
) -> impl IntoView {
    let families = expect_context::<Session>().families;
    let unit = memo(move |_| {
        let of = |answer: &Arc<TableAnswer>| families.with(|families| unit::of_query(&answer.expr, families).unit);
        answer.with(|answer| answer.as_ref().map(of).unwrap_or_default())
    });
    let sort = RwSignal::new(Sort::Given);
    let filter = RwSignal::new(String::new());
    let shows_all = RwSignal::new(false);
    let copied = RwSignal::new(None::<bool>);
    // A new question starts with the cap again; a refresh of the same one does not.
    let expr = memo(move |_| answer.with(|a| a.as_ref().map(|a| a.expr.clone())));
    effect(move || {
        expr.track();
        shows_all.set(false);
        copied.set(None);
    });
    let order = memo(move |_| {
        answer.with(|answer| answer.as_ref().map_or_else(Vec::new, |a| order_of(&a.result, sort.get(), &filter.get())))
    });
    let n_total = memo(move |_| answer.with(|answer| answer.as_ref().map_or(0, |a| n_rows(&a.result))));
    let n_picked = memo(move |_| order.with(Vec::len));
    let n_shown = memo(move |_| if shows_all.get() { n_picked.get() } else { n_picked.get().min(ROW_CAP) });
    let copy_all = move |_| {
        let text = answer
            .with_untracked(|answer| answer.as_ref().map(|a| order.with_untracked(|order| as_text(&a.result, order))));
        clipboard::copy(&text.unwrap_or_default(), move |is_done| {
            copied.try_set(Some(is_done));
        });
    };
    let rows = move || {
        answer.with(|answer| {
            let shown = order.with(|order| order.iter().copied().take(n_shown.get()).collect::<Vec<_>>());
            answer.as_ref().map_or_else(Vec::new, |answer| rows_of(&answer.result, &shown))
        })
    };
    view! {
        <Show when=move || { n_total.get() > 0 }>
            <div class="table-tools">
                <Show when=move || { n_total.get() >= FILTER_FROM }>
                    <input
                        type="search"
                        class="table-filter"
                        aria-label=texts::FILTER
                        placeholder=texts::FILTER
                        prop:value=filter
                        on:input:target=move |event| filter.set(event.target().value())
                    />
                </Show>
                <Show when=move || n_picked.get() != n_total.get()>
                    <span class="muted">{move || texts::filtered(n_picked.get() as u64, n_total.get() as u64)}</span>
                </Show>
                <button type="button" class="quiet" on:click=handler(copy_all)>{texts::COPY_TABLE}</button>
                <span class="muted" role="status">
                    {move || copied.get().map(|is_done| if is_done { texts::COPIED } else { texts::NOT_COPIED })}
                </span>
            </div>
            <div class="table-frame">
                <table class="result" aria-label=texts::RESULT>
                    <Head sort answer unit/>
                    <tbody>
                        <Rows each=rows key=|row| Key::Text(row.key.clone()) let:row>
                            <ResultRow row copied unit/>
                        </Rows>
                    </tbody>
                </table>
            </div>
            <Show when=move || n_picked.get() == 0>
                <p class="muted">{move || texts::nothing_matches(&filter.get())}</p>
            </Show>
            <Show when=move || { n_shown.get() < n_picked.get() }>
                <button type="button" on:click=handler(move |_| shows_all.set(true))>
                    {move || texts::show_all(n_picked.get() as u64)}
                </button>
            </Show>
        </Show>
    }
}

/// The heads sort where there is something to sort by.
#[component]
fn Head(sort: RwSignal<Sort>, answer: Signal<Option<Arc<TableAnswer>>>, unit: Memo<Unit>) -> impl IntoView {
    let is_text =
        memo(move |_| answer.with(|a| a.as_ref().is_some_and(|a| matches!(a.result, TableResult::String { .. }))));
    let unit_name = move || {
        let unit = Some(unit.get()).filter(|unit| *unit != Unit::None && !is_text.get())?;
        Some(view! { <span class="muted">" ("{units::unit_in_words(unit)}")"</span> })
    };
    let is_vector =
        memo(move |_| answer.with(|a| a.as_ref().is_some_and(|a| matches!(a.result, TableResult::Vector { .. }))));
    let is_matrix =
        memo(move |_| answer.with(|a| a.as_ref().is_some_and(|a| matches!(a.result, TableResult::Matrix { .. }))));
    let series_sort = move || match sort.get() {
        Sort::Series { descending } if is_vector.get() => Some(descending),
        _ => None,
    };
    let value_sort = move || match sort.get() {
        Sort::Value { descending } if is_vector.get() => Some(descending),
        _ => None,
    };
    let head = move |label: &'static str, order: Signal<Option<bool>>, on_click: Callback<()>| {
        view! {
            <Show when=move || is_vector.get() fallback=move || label>
                <button type="button" class="sort" on:click=handler(move |_| on_click.run(()))>
                    {label}
                    <span class="sort-mark" aria-hidden="true">
                        {move || order.get().map(|descending| if descending { "▾" } else { "▴" })}
                    </span>
                </button>
            </Show>
        }
    };
    let by_series = Callback::new(move |()| sort.update(|sort| *sort = sort.by_series()));
    let by_value = Callback::new(move |()| sort.update(|sort| *sort = sort.by_value()));
    view! {
        <thead>
            <tr>
                <th scope="col" aria-sort=move || aria_sort(series_sort())>
                    {head(texts::SERIES, Signal::derive(series_sort), by_series)}
                </th>
                <th scope="col" class="number" aria-sort=move || aria_sort(value_sort())>
                    {move || {
                        let label = if is_matrix.get() { texts::SAMPLES } else { texts::VALUE };
                        head(label, Signal::derive(value_sort), by_value)
                    }}
                    {live(unit_name)}
                </th>
                <td class="row-tools"></td>
            </tr>
        </thead>
    }
}

fn aria_sort(descending: Option<bool>) -> &'static str {
    match descending {
        None => "none",
        Some(false) => "ascending",
        Some(true) => "descending",
    }
}

/// Indices of the rows that pass the filter, in order. Only a vector can be sorted.
fn order_of(result: &TableResult, sort: Sort, filter: &str) -> Vec<usize> {
    match result {
        TableResult::Scalar { .. } | TableResult::String { .. } => vec![0],
        TableResult::Vector { rows } => arranged(rows, sort, filter),
        TableResult::Matrix { series } => {
            let rows: Vec<Row> =
                series.iter().map(|one| Row { labels: one.labels.clone(), v: 0.0, text: None }).collect();
            arranged(&rows, Sort::Given, filter)
        }
    }
}

/// A row as it is shown. Rows with the same key are the same to the last digit: a refresh leaves them alone, and
/// with them what somebody has selected there.
#[derive(Clone)]
struct ShownRow {
    key: String,
    labels: Vec<(String, String)>,
    cell: Cell,
}

#[derive(Clone)]
enum Cell {
    /// One value, also as a number if it is one; the name of its type where there are no labels to tell.
    Value {
        text: String,
        v: Option<f64>,
        type_name: Option<&'static str>,
    },
    Samples(Vec<(f64, String)>),
}

fn rows_of(result: &TableResult, order: &[usize]) -> Vec<ShownRow> {
    let plain = |name, text: String, v| {
        let key = format!("{name} {text}");
        vec![ShownRow { key, labels: Vec::new(), cell: Cell::Value { text, v, type_name: Some(name) } }]
    };
    let row = |labels: &[(String, String)], version: String, cell| {
        let key = format!("{}\n{version}", series_text(labels));
        ShownRow { key, labels: labels.to_vec(), cell }
    };
    match result {
        TableResult::Scalar { v } => plain(texts::SCALAR, number::format(*v), Some(*v)),
        TableResult::String { text } => plain(texts::STRING, text.clone(), None),
        TableResult::Vector { rows } => {
            let rows = order.iter().filter_map(|&idx| rows.get(idx));
            rows.map(|one| {
                let value = one.shown();
                let v = one.text.is_none().then_some(one.v);
                row(&one.labels, value.clone(), Cell::Value { text: value, v, type_name: None })
            })
            .collect()
        }
        TableResult::Matrix { series } => {
            let series = order.iter().filter_map(|&idx| series.get(idx));
            series
                .map(|one| {
                    let version = format!("{:?} {:?} {}", one.ts.first(), one.ts.last(), one.ts.len());
                    row(&one.labels, version, Cell::Samples(one.shown().collect()))
                })
                .collect()
        }
    }
}

/// How a value reads in its unit, if that tells more than the number.
fn in_unit(v: f64, unit: Unit) -> Option<String> {
    let short = format::short(unit, v);
    (unit != Unit::None && short != number::format(v)).then_some(short)
}

#[component]
fn ResultRow(row: ShownRow, copied: RwSignal<Option<bool>>, unit: Memo<Unit>) -> impl IntoView {
    let ShownRow { labels, cell, .. } = row;
    let selector = series_text(&labels);
    let (cell, type_name) = match cell {
        Cell::Value { text, v, type_name } => {
            // The value is exact; how it reads in its unit is said beside it.
            let title = move || v.and_then(|v| in_unit(v, unit.get()));
            (view! { <span title=live(title)>{text}</span> }, type_name)
        }
        Cell::Samples(samples) => (view! { <Samples samples/> }, None),
    };
    let copy = move |_| {
        clipboard::copy(&selector, move |is_done| {
            copied.try_set(Some(is_done));
        });
    };
    view! {
        <tr>
            <td class="series">
                {match type_name {
                    Some(name) => view! { <span class="muted">{name}</span> },
                    None => series_name(&labels).into_any(),
                }}
            </td>
            <td class="number">{cell}</td>
            <td class="row-tools">
                {type_name
                    .is_none()
                    .then(|| {
                        view! {
                            <button type="button" class="quiet" title=texts::COPY_SELECTOR on:click=handler(copy)>
                                {texts::COPY}
                            </button>
                        }
                    })}
            </td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    //! Values and what is said of them on hover.
    use super::*;

    #[test]
    fn a_value_also_reads_in_its_unit() {
        assert_eq!(in_unit(1_572_864.0, Unit::Bytes).as_deref(), Some("1.5 MiB"));
        assert_eq!(in_unit(0.25, Unit::Ratio).as_deref(), Some("25%"));
        assert_eq!(in_unit(1_572_864.0, Unit::None), None);
        assert_eq!(in_unit(0.0, Unit::Bytes), None);
        assert_eq!(in_unit(f64::NAN, Unit::Bytes), None);
    }
}
