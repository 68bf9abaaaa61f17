//! The series of a graph below it, in rows: colour, name, and what their values were. A click on a name shows one series
//! alone, a click with Ctrl, Cmd or Shift switches one on or off; heads sort, a field narrows.

mod line;
pub mod lines;
pub mod visibility;

use crate::components::graph::colours::Colours;
use crate::components::menu::Menu;
use crate::components::rows::{Key, Rows};
use crate::components::show::Show;
use crate::live::{handler, live, memo, view};
use crate::state::settings::Settings;
use crate::state::settings::legend_columns::{COLUMNS, Column, Columns};
use crate::texts::legend as texts;
use chart::Unit;
use leptos::html::Div;
use leptos::prelude::*;
use line::{Line, QueryLine, SeriesLine, Shared};
use lines::{By, Entries, Line as Listed, Listing, N_FOLDED, Order, folded, in_sight, lines};
use protocol::GraphAnswer;
use std::sync::Arc;
use visibility::{SeriesKey, Visibility};

/// Fewer series than this need no field to narrow them.
const FILTER_FROM: usize = 9;

/// The column of names is as wide as the longest name of those in sight, up to so many characters.
const MAX_CHARS: usize = 120;

/// The height of the box before it was measured, CSS pixels (`.legend-box`).
const BOX_PX: f64 = 480.0;

/// The height of a line (`.legend-line`), CSS pixels: for a mouse, for a finger.
const LINE_PX: [f64; 2] = [24.0, 36.0];

/// The legend.
#[component]
pub fn Legend(
    /// What is drawn.
    #[prop(into)]
    answer: Signal<Option<Arc<GraphAnswer>>>,
    /// The places of the series in the palette.
    #[prop(into)]
    colours: Signal<Option<Arc<Colours>>>,
    /// The unit of each expression's values; those beyond have the last one's.
    #[prop(into)]
    units: Signal<Vec<Unit>>,
    /// How series are to be called; empty: by their own labels.
    #[prop(into)]
    format: Signal<String>,
    /// Which series are drawn; clicks change it.
    visibility: RwSignal<Visibility>,
    /// The series that is pointed at in the legend.
    emphasised: RwSignal<Option<usize>>,
) -> impl IntoView {
    let columns = expect_context::<Settings>().legend_columns;
    let (order, filter) = (RwSignal::new(Order::default()), RwSignal::new(String::new()));
    let (lists_earlier, is_unfolded) = (RwSignal::new(false), RwSignal::new(false));
    let entries = memo(move |before: Option<&Arc<Entries>>| {
        answer.with(|answer| {
            let format = format.get();
            Arc::new(
                answer
                    .as_ref()
                    .map_or_else(Entries::default, |answer| Entries::next(before.map(AsRef::as_ref), answer, &format)),
            )
        })
    });
    let n_earlier = memo(move |_| entries.with(|entries| entries.list.iter().filter(|e| e.source.is_previous).count()));
    let n_series = memo(move |_| entries.with(|entries| entries.list.len()) - n_earlier.get());
    let n_total = memo(move |_| answer.with(|a| a.as_ref().map_or(0, |a| a.frame.n_series_total)));
    // What is shown if nothing that was isolated is left in the answer.
    let effective = memo(move |_| {
        answer.with(|answer| match answer {
            Some(answer) => visibility.get().fitted(answer.frame.series.iter().map(SeriesKey::of)),
            None => Visibility::All,
        })
    });
    let listed = memo(move |_| {
        let listing = Listing { order: order.get(), filter: filter.get(), lists_earlier: lists_earlier.get() };
        entries.with(|entries| lines(&entries.list, &listing))
    });
    let n_picked = memo(move |_| listed.with(|l| l.iter().filter(|line| matches!(line, Listed::Series(_))).count()));
    let unfolded = memo(move |_| {
        let all = listed.get();
        if is_unfolded.get() { all } else { folded(all, N_FOLDED) }
    });

    let node = NodeRef::<Div>::new();
    let scrolled = RwSignal::new((0.0, BOX_PX));
    let line_px = LINE_PX[usize::from(has_coarse_pointer())];
    let seen = memo(move |_| {
        let (from_px, box_px) = scrolled.get();
        in_sight(unfolded.with(Vec::len), from_px, box_px, line_px)
    });
    let on_scroll = move |_| {
        if let Some(node) = node.get_untracked() {
            scrolled.set((f64::from(node.scroll_top()), f64::from(node.client_height())));
        }
    };
    let shown = move || {
        let seen = seen.get();
        entries.with(|entries| {
            let line = |listed: &Listed| match listed {
                Listed::Query(query_idx) => Some(Line::Query(*query_idx)),
                Listed::Series(idx) => {
                    entries.list.get(*idx).map(|entry| Line::Series(entry.source, entry.labels.clone()))
                }
            };
            unfolded.with(|lines| lines.get(seen).unwrap_or_default().iter().filter_map(line).collect::<Vec<_>>())
        })
    };
    let space = move |above: bool| {
        let height = move || {
            let (seen, n) = (seen.get(), unfolded.with(Vec::len));
            let n_hidden = if above { seen.start } else { n.saturating_sub(seen.end) };
            format!("{}px", n_hidden as f64 * line_px)
        };
        view! { <tr class="legend-space" aria-hidden="true" style:height=live(height)><td></td></tr> }
    };
    // As wide as the longest name of the lines in sight, within limits.
    let n_chars = memo(move |_| {
        entries.with(|entries| {
            let seen = unfolded.with(|lines| lines.get(seen.get()).unwrap_or_default().to_vec());
            let names = seen.into_iter().filter_map(|line| match line {
                Listed::Series(idx) => Some(entries.list.get(idx)?.name.chars().count()),
                Listed::Query(_) => None,
            });
            names.max().unwrap_or_default().min(MAX_CHARS)
        })
    });
    let shared = Shared { answer, entries, colours, units, unfolded, visibility, effective, emphasised, columns };
    view! {
        <div class="legend" hidden=move || n_series.get() == 0>
            <div class="legend-head">
                <Count entries filter n_series n_total n_picked/>
                <span class="legend-hint" hidden=move || n_series.get() < 2>{texts::HINT}</span>
                <div class="legend-tools">
                    <Show when=move || { n_series.get() >= FILTER_FROM }>
                        <input
                            type="search"
                            class="legend-filter"
                            aria-label=texts::FILTER
                            placeholder=texts::FILTER
                            prop:value=filter
                            on:input:target=move |event| filter.set(event.target().value())
                        />
                    </Show>
                    <Show when=move || { n_earlier.get() > 0 }>
                        <label class="option-switch">
                            <input
                                type="checkbox"
                                prop:checked=lists_earlier
                                on:change=handler(move |event| lists_earlier.set(event_target_checked(&event)))
                            />
                            {move || {
                                match answer.with(|a| a.as_ref().and_then(|a| a.extras.previous_ms)) {
                                    Some(ms) => texts::list_earlier(n_earlier.get(), ms),
                                    None => crate::texts::sources::list_of_server(n_earlier.get()),
                                }
                            }}
                        </label>
                    </Show>
                    <Menu label=texts::COLUMNS>{column_choice(columns)}</Menu>
                </div>
            </div>
            <div class="legend-box" node_ref=node on:scroll=handler(on_scroll)>
                <table
                    class="legend-list"
                    aria-label=texts::LEGEND
                    aria-rowcount=move || (unfolded.with(Vec::len) + 1).to_string()
                    style=("--legend-chars", move || n_chars.get().to_string())
                    style=("--legend-columns", move || columns.get().iter().count().to_string())
                >
                    <thead>
                        <tr aria-rowindex="1">
                            {head(texts::SERIES, By::Name, order, "legend-name-column")}
                            {move || {
                                let heads = columns.get().iter().map(|column| {
                                    let (name, class) = (column_name(column), column_class(column));
                                    head(name, By::Value(column), order, class)
                                });
                                heads.collect_view()
                            }}
                        </tr>
                    </thead>
                    <tbody>
                        {space(true)}
                        <Rows each=shown key=|line| Key::Text(line.key()) let:line>
                            {match line {
                                Line::Query(query_idx) => view! { <QueryLine shared query_idx/> },
                                Line::Series(source, labels) => view! { <SeriesLine shared source labels/> },
                            }}
                        </Rows>
                        {space(false)}
                    </tbody>
                </table>
            </div>
            <Show when=move || { n_series.get() > 0 && n_picked.get() == 0 }>
                <p class="muted">{move || texts::nothing_matches(&filter.get())}</p>
            </Show>
            <Show when=move || { n_picked.get() > N_FOLDED }>
                <button type="button" class="quiet legend-more" on:click=handler(move |_| is_unfolded.update(|is| *is = !*is))>
                    {move || {
                        if is_unfolded.get() { texts::show_first(N_FOLDED) } else { texts::show_all(n_picked.get()) }
                    }}
                </button>
            </Show>
        </div>
    }
}

/// How many series there are, how many the filter lets through, and what all of them share.
#[component]
fn Count(
    entries: Memo<Arc<Entries>>,
    filter: RwSignal<String>,
    n_series: Memo<usize>,
    n_total: Memo<usize>,
    n_picked: Memo<usize>,
) -> impl IntoView {
    let count = move || {
        // What a cap counts are lines, those of the period before too.
        let (n_lines, total) = (entries.with(|entries| entries.list.len()), n_total.get());
        if !filter.with(|filter| filter.trim().is_empty()) {
            texts::filtered(n_picked.get(), n_series.get())
        } else if total > n_lines {
            texts::capped(n_lines, total)
        } else {
            texts::n_series(n_series.get())
        }
    };
    let common = move || {
        entries.with(|entries| {
            // Of several expressions each has its own.
            let is_one = entries.list.iter().all(|entry| entry.source.query_idx == 0);
            let common = is_one.then(|| entries.names.common(0)).filter(|common| !common.is_empty())?;
            Some(view! { {texts::SHARED} <code>{common.to_string()}</code> })
        })
    };
    view! { <span class="legend-count" role="status">{live(count)}{live(common)}</span> }
}

/// The head of a column; it sorts.
fn head(name: &'static str, by: By, order: RwSignal<Order>, class: &'static str) -> AnyView {
    let descends = move || order.get().descends(by);
    let aria_sort = move || match descends() {
        None => "none",
        Some(false) => "ascending",
        Some(true) => "descending",
    };
    view! {
        <th scope="col" class=class aria-sort=live(aria_sort)>
            <button type="button" class="sort" on:click=handler(move |_| order.update(|order| *order = order.clicked(by)))>
                {name}
                <span class="sort-mark" aria-hidden="true">
                    {move || descends().map(|descends| if descends { "▾" } else { "▴" })}
                </span>
            </button>
        </th>
    }
}

/// A switch for each column.
fn column_choice(columns: RwSignal<Columns>) -> AnyView {
    let switches = COLUMNS.into_iter().map(|(column, _)| {
        let on_change = move |event| {
            let is_shown = event_target_checked(&event);
            columns.update(|columns| *columns = columns.with(column, is_shown));
        };
        view! {
            <label class="option-switch">
                <input type="checkbox" prop:checked=move || columns.get().has(column) on:change=handler(on_change)/>
                {column_name(column)}
            </label>
        }
    });
    switches.collect_view().into_any()
}

fn column_name(column: Column) -> &'static str {
    match column {
        Column::Last => texts::LAST,
        Column::Min => texts::MIN,
        Column::Mean => texts::MEAN,
        Column::Max => texts::MAX,
    }
}

/// A phone has room for the last value only.
fn column_class(column: Column) -> &'static str {
    if column == Column::Last { "number" } else { "number is-wide-only" }
}

fn has_coarse_pointer() -> bool {
    window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|query| query.matches())
}
