//! The series of a graph below it: each a button with its colour, name and last value. A click shows
//! one series alone, a click with Ctrl, Cmd or Shift switches one on or off.

pub mod visibility;

use crate::components::graph::colours::Colours;
use crate::components::graph::names::{common_labels, full_name, halves, own_name};
use crate::components::rows::{Key, Rows};
use crate::components::show::Show;
use crate::live::{handler, live, memo, view};
use crate::state::settings::Settings;
use crate::texts::graph as texts;
use chart::{Theme, Unit, format};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use model::Labels;
use protocol::GraphAnswer;
use std::sync::Arc;
use visibility::Visibility;

/// A longer legend is folded.
const N_FOLDED: usize = 30;

/// So many series get as wide a column as their names need, up to [`MAX_CHARS`] characters.
const N_WHOLE: usize = 6;
const MAX_CHARS: usize = 160;

/// The width of a column where there are more series, in characters of a name.
const MANY_CHARS: usize = 48;

/// The legend.
#[component]
pub fn Legend(
    /// What is drawn.
    #[prop(into)]
    answer: Signal<Option<Arc<GraphAnswer>>>,
    /// The places of the series in the palette.
    #[prop(into)]
    colours: Signal<Option<Arc<Colours>>>,
    /// The unit of the values.
    #[prop(into)]
    unit: Signal<Unit>,
    /// Which series are drawn; clicks change it.
    visibility: RwSignal<Visibility>,
    /// The series that is pointed at in the legend.
    emphasised: RwSignal<Option<usize>>,
) -> impl IntoView {
    let is_unfolded = RwSignal::new(false);
    let n_series = memo(move |_| answer.with(|a| a.as_ref().map_or(0, |a| a.frame.series.len())));
    let n_total = memo(move |_| answer.with(|a| a.as_ref().map_or(0, |a| a.frame.n_series_total)));
    let n_listed = move || if is_unfolded.get() { usize::MAX } else { N_FOLDED };
    // What is shown if nothing that was isolated is left in the answer.
    let effective = memo(move |_| {
        answer.with(|answer| match answer {
            Some(answer) => visibility.get().fitted(answer.frame.series.iter().map(|series| &series.labels)),
            None => Visibility::All,
        })
    });
    let listed = move || {
        answer.with(|answer| {
            let series = answer.iter().flat_map(|answer| &answer.frame.series);
            series.take(n_listed()).map(|series| series.labels.clone()).collect::<Vec<_>>()
        })
    };
    let common = memo(move |_| {
        answer.with(|answer| common_labels(answer.iter().flat_map(|a| &a.frame.series).map(|series| &series.labels)))
    });
    // The columns are as wide as the longest name of the first series, within limits.
    let n_chars = memo(move |_| {
        answer.with(|answer| {
            let Some(answer) = answer else {
                return 0;
            };
            let series = &answer.frame.series;
            let most = if series.len() <= N_WHOLE { MAX_CHARS } else { MANY_CHARS };
            let name = |labels| common.with(|common| own_name(labels, common, &answer.expr));
            let names = series.iter().take(N_FOLDED).map(|series| name(&series.labels).chars().count());
            names.max().unwrap_or_default().min(most)
        })
    });
    view! {
        <div class="legend" hidden=move || n_series.get() == 0>
            <div class="legend-head">
                <span class="legend-count">
                    {move || {
                        let (n, total) = (n_series.get(), n_total.get());
                        if total > n { texts::capped(n, total) } else { texts::n_series(n) }
                    }}
                    {move || {
                        common.with(|common| {
                            let shared = (!common.is_empty()).then(|| common.to_string())?;
                            Some(view! { {texts::SHARED} <code>{shared}</code> })
                        })
                    }}
                </span>
                <span class="legend-hint" hidden=move || n_series.get() < 2>{texts::LEGEND_HINT}</span>
            </div>
            <ul
                class="legend-list"
                role="list"
                aria-label=texts::LEGEND
                style=("--legend-chars", move || n_chars.get().to_string())
            >
                <Rows each=listed key=|labels| Key::Text(labels.to_string()) let:labels>
                    <Entry answer colours unit visibility effective common emphasised labels/>
                </Rows>
            </ul>
            <Show when=move || { n_series.get() > N_FOLDED }>
                <button type="button" class="quiet legend-more" on:click=handler(move |_| is_unfolded.update(|is| *is = !*is))>
                    {move || {
                        if is_unfolded.get() { texts::show_first(N_FOLDED) } else { texts::show_all(n_series.get()) }
                    }}
                </button>
            </Show>
        </div>
    }
}

#[component]
fn Entry(
    answer: Signal<Option<Arc<GraphAnswer>>>,
    colours: Signal<Option<Arc<Colours>>>,
    unit: Signal<Unit>,
    visibility: RwSignal<Visibility>,
    effective: Memo<Visibility>,
    common: Memo<Labels>,
    emphasised: RwSignal<Option<usize>>,
    labels: Labels,
) -> impl IntoView {
    let settings = expect_context::<Settings>();
    let labels = StoredValue::new(labels);
    // An entry outlives an answer; its series may stand elsewhere in the next.
    let series_idx = memo(move |_| {
        answer.with(|answer| {
            let series = &answer.as_ref()?.frame.series;
            labels.with_value(|labels| {
                let sorted = series.binary_search_by(|series| series.labels.cmp(labels));
                sorted.ok().or_else(|| series.iter().position(|series| series.labels == *labels))
            })
        })
    });
    let expr = move || answer.with_untracked(|answer| answer.as_ref().map(|a| a.expr.clone()).unwrap_or_default());
    let title = labels.with_value(|labels| full_name(labels, &expr()));
    let name = move || {
        let name = labels.with_value(|labels| common.with(|common| own_name(labels, common, &expr())));
        let (head, tail) = halves(&name);
        view! {
            <span class="legend-name-head">{head.to_owned()}</span>
            <span class="legend-name-tail">{tail.to_owned()}</span>
        }
    };
    let last = move || answer.with(|answer| Some(answer.as_ref()?.frame.series.get(series_idx.get()?)?.stats.last));
    let exact = move || last().map(model::number::format_short);
    let short = move || last().map(|last| format::short(unit.get(), last));
    let colour = move || {
        let theme = Theme::of(settings.is_dark.get());
        let place = colours.with(|colours| colours.as_ref()?.of_series.get(series_idx.get()?).copied());
        theme.series(place.unwrap_or_default()).css()
    };
    let is_shown = memo(move |_| labels.with_value(|labels| effective.with(|visible| visible.shows(labels))));
    let on_click = move |event: MouseEvent| {
        let toggles = event.ctrl_key() || event.meta_key() || event.shift_key();
        let now = effective.get_untracked();
        visibility.set(labels.with_value(|labels| if toggles { now.toggled(labels) } else { now.isolated(labels) }));
    };
    let emphasise = move |is_on: bool| emphasised.set(if is_on { series_idx.get_untracked() } else { None });
    on_cleanup(move || {
        emphasised.try_set(None);
    });
    view! {
        <li>
            <button
                type="button"
                class="legend-entry"
                class:is-hidden=move || !is_shown.get()
                aria-pressed=move || is_shown.get().to_string()
                title=title
                on:click=handler(on_click)
                on:pointerenter=handler(move |_| emphasise(true))
                on:pointerleave=handler(move |_| emphasise(false))
                on:focus=handler(move |_| emphasise(true))
                on:blur=handler(move |_| emphasise(false))
            >
                <span class="swatch" style:background-color=live(colour) style:border-color=live(colour)></span>
                <span class="legend-name">{live(name)}</span>
                <span class="legend-value" title=live(exact)>{live(short)}</span>
            </button>
        </li>
    }
}
