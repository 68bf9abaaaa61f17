//! A graph's values as a table, for those who do not see the graph or want the numbers: a row a time, a column a series. It is
//! made when it is opened.

use super::names::Names;
use super::shown::{Values, values};
use crate::browser::zone::Zone;
use crate::components::legend::visibility::Visibility;
use crate::components::rows::{Key, Rows};
use crate::components::show::Show;
use crate::live::{handler, live, memo, view};
use crate::state::settings::Settings;
use crate::texts::legend as texts;
use chart::{Unit, format};
use leptos::ev::Event;
use leptos::prelude::*;
use protocol::GraphAnswer;
use std::sync::Arc;
use wasm_bindgen::JsCast;

/// A table has the first series, at most so many.
const MAX_COLUMNS: usize = 20;

/// A table has the last times, at most so many.
const MAX_ROWS: usize = 200;

/// The disclosure with the table.
#[component]
pub fn ValuesTable(
    answer: Signal<Option<Arc<GraphAnswer>>>,
    units: Signal<Vec<Unit>>,
    format: Signal<String>,
    visibility: RwSignal<Visibility>,
) -> impl IntoView {
    let zone = expect_context::<Settings>().zone;
    let is_open = RwSignal::new(false);
    let found = memo(move |_| {
        let found = is_open.get().then(|| {
            answer.with(|answer| {
                let answer = answer.as_ref()?;
                let names = format.with(|format| Names::of(answer, format));
                Some(visibility.with(|visibility| values(answer, visibility, &names, MAX_COLUMNS, MAX_ROWS)))
            })
        });
        Arc::new(found.flatten().unwrap_or_default())
    });
    let on_toggle = move |event: Event| {
        let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        is_open.set(element.is_some_and(|element| element.has_attribute("open")));
    };
    let cut = move || {
        found.with(|found| texts::values_cut((found.rows.len(), found.n_rows), (found.columns.len(), found.n_columns)))
    };
    let heads = move || {
        let heads = found.with(|found| found.columns.clone()).into_iter().map(|name| {
            view! { <th scope="col" class="number"><bdi class="values-name" title=name.clone()>{name.clone()}</bdi></th> }
        });
        heads.collect_view()
    };
    let rows = move || found.with(|found| units.with(|units| zone.with(|zone| rows_of(found, units, zone))));
    view! {
        <details class="values" on:toggle=handler(on_toggle)>
            <summary>{texts::VALUES}</summary>
            <Show when=move || is_open.get()>
                <Show
                    when=move || found.with(|found| !found.rows.is_empty())
                    fallback=|| view! { <p class="muted">{texts::NO_VALUES}</p> }
                >
                    <p class="muted">{live(cut)}</p>
                    <div class="values-box" tabindex="0" role="group" aria-label=texts::VALUES>
                        <table aria-label=texts::VALUES>
                            <thead>
                                <tr>
                                    <th scope="col">{texts::TIME_COLUMN}</th>
                                    {live(heads)}
                                </tr>
                            </thead>
                            <tbody>
                                <Rows each=rows key=|row| Key::Text(row.key()) let:row>
                                    <tr>
                                        <th scope="row">{row.time}</th>
                                        {row
                                            .cells
                                            .into_iter()
                                            .map(|(short, exact)| view! { <td class="number" title=exact>{short}</td> })
                                            .collect_view()}
                                    </tr>
                                </Rows>
                            </tbody>
                        </table>
                    </div>
                </Show>
            </Show>
        </details>
    }
}

/// A row as it is written. Rows that read the same are the same.
#[derive(Clone, Debug)]
struct ShownRow {
    time: String,
    /// Short and exact.
    cells: Vec<(String, String)>,
}

impl ShownRow {
    fn key(&self) -> String {
        let cells = self.cells.iter().flat_map(|(short, exact)| [short.as_str(), exact.as_str()]);
        std::iter::once(self.time.as_str()).chain(cells).collect::<Vec<_>>().join("\n")
    }
}

fn rows_of(values: &Values, units: &[Unit], zone: &Zone) -> Vec<ShownRow> {
    let unit_of = |query_idx: u16| units.get(usize::from(query_idx)).or(units.last()).copied().unwrap_or_default();
    let units: Vec<Unit> = values.queries.iter().map(|query_idx| unit_of(*query_idx)).collect();
    let row = |(t, vs): &(i64, Vec<Option<f64>>)| {
        let cells = vs.iter().zip(&units).map(|(v, unit)| match v {
            Some(v) => (format::short(*unit, *v), model::number::format_short(*v)),
            None => (texts::NO_SAMPLE.to_owned(), String::new()),
        });
        ShownRow { time: zone.format(*t), cells: cells.collect() }
    };
    values.rows.iter().map(row).collect()
}
