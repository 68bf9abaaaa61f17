//! All metric families with a search; a click gives the query that fits the family's type.

pub mod fitting;
pub mod search;

use crate::components::rows::{Key, Rows};
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::state::session::Session;
use crate::state::sources::Sources;
use crate::texts::{family as details, metrics as texts};
use fitting::fitting_query;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use protocol::{FamilyInfo, SourceChoice, TargetId};
use search::{Grouping, Line, arranged, found};
use std::sync::Arc;

/// More rows are shown only when asked for: each is a dozen elements.
const FIRST_ROWS: usize = 200;

/// So many characters at the end of a name are shown however narrow the list is: `_duration_seconds` is half of it.
const LAST_CHARS: usize = 10;

/// What is assumed of how often a server scrapes: with it rates are over five minutes, which also holds for those that do each
/// minute.
const SERVER_INTERVAL_MS: u32 = 75_000;

/// Search, choices and list.
#[component]
pub fn MetricList(
    /// Gets a query that fits the family that was clicked.
    on_pick: Callback<String>,
    /// Gets the name of a family whose details are asked for. Shows the help text of each family, and all choices, too:
    /// for a page of its own.
    #[prop(optional)]
    on_details: Option<Callback<String>>,
    /// What is searched for, where somebody else wants to know or set it.
    #[prop(optional)]
    search: Option<RwSignal<String>>,
    /// Whose metrics; those of this tab unless somebody says.
    #[prop(optional, into)]
    source: Option<Signal<SourceChoice>>,
) -> impl IntoView {
    let source = source.unwrap_or_else(|| Signal::stored(SourceChoice::Local));
    let families = expect_context::<Sources>().families(source);
    let is_local = memo(move |_| source.get() == SourceChoice::Local);
    let detailed = on_details.is_some();
    let search = search.unwrap_or_else(|| RwSignal::new(String::new()));
    let grouping = RwSignal::new(Grouping::None);
    let target = RwSignal::new(None::<TargetId>);
    let show_all = RwSignal::new(false);
    let hits = memo(move |_| found(&families.read(), &search.read(), target.get().filter(|_| is_local.get())));
    // Caps begin anew with each search.
    effect(move || {
        search.track();
        target.track();
        show_all.set(false);
    });
    let rows = memo(move |_| {
        let families = families.read();
        let lines = arranged(&families, &hits.read(), grouping.get());
        let shown = if show_all.get() { lines.len() } else { FIRST_ROWS };
        lines.into_iter().take(shown).filter_map(|line| Row::of(line, &families)).collect::<Vec<_>>()
    });
    let count = move || texts::count(hits.read().len(), families.read().len());
    let more = move || (!show_all.get() && hits.read().len() > FIRST_ROWS).then(|| hits.read().len());
    view! {
        <div class="metric-list" class:is-detailed=detailed>
            <div class="metric-tools">
                <input
                    type="search"
                    aria-label=texts::SEARCH
                    placeholder=texts::SEARCH_HINT
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=search
                    on:input=handler(move |event| search.set(event_target_value(&event)))
                />
                <Show when=move || detailed && is_local.get()><TargetChoice target/></Show>
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=move || grouping.get() == Grouping::ByType
                        on:change=handler(move |event| {
                            let by_type = event_target_checked(&event);
                            grouping.set(if by_type { Grouping::ByType } else { Grouping::None });
                        })
                    />
                    {texts::BY_TYPE}
                </label>
                <span class="metric-count muted" role="status">{live(count)}</span>
            </div>
            <ul class="metrics" role="list" aria-label=texts::LIST>
                <Rows each=move || rows.get() key=Row::key let(row)>
                    {match row {
                        Row::Heading(kind, n) => view! { <li class="metric-heading">{texts::heading(&kind, n)}</li> },
                        Row::Family(family) => view! { <MetricRow family on_details on_pick is_local/> },
                    }}
                </Rows>
            </ul>
            {move || more().map(|n| view! {
                <button type="button" class="show-all" on:click=handler(move |_| show_all.set(true))>{texts::show_all(n)}</button>
            })}
            <Nothing hits search target families source/>
        </div>
    }
}

/// A line of the list with what it shows, so that it is drawn again only when that changes.
#[derive(Clone, Debug, PartialEq)]
enum Row {
    Heading(String, usize),
    Family(Arc<FamilyInfo>),
}

impl Row {
    fn of(line: Line, families: &[FamilyInfo]) -> Option<Row> {
        Some(match line {
            Line::Heading(kind, n) => Row::Heading(kind, n),
            Line::Family(idx) => Row::Family(Arc::new(families.get(idx)?.clone())),
        })
    }

    fn key(row: &Row) -> Key {
        Key::Text(match row {
            Row::Heading(kind, n) => format!("{kind} {n}"),
            Row::Family(family) => format!("{} {} {} {}", family.name, family.kind, family.n_series, family.help),
        })
    }
}

#[component]
fn MetricRow(
    family: Arc<FamilyInfo>,
    on_details: Option<Callback<String>>,
    on_pick: Callback<String>,
    is_local: Memo<bool>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let picked = family.clone();
    let interval = move |family: &FamilyInfo| match is_local.get_untracked() {
        true => interval_of(session, family),
        false => SERVER_INTERVAL_MS,
    };
    let pick = move |_| on_pick.run(fitting_query(&picked, interval(&picked)));
    let title = texts::title(&family);
    match on_details {
        // Exemplars and starts are kept of what this tab scraped.
        Some(on_details) => whole_row(&family, title, pick, on_details, is_local).into_any(),
        None => short_row(&family, title, pick).into_any(),
    }
}

fn whole_row(
    family: &FamilyInfo,
    title: String,
    pick: impl Fn(MouseEvent) + 'static,
    on_details: Callback<String>,
    is_local: Memo<bool>,
) -> impl IntoView {
    let name = family.name.clone();
    let label = details::details_of(&family.name);
    let more = move || {
        let name = name.clone();
        is_local.get().then(|| {
            view! {
                <button
                    type="button"
                    class="quiet metric-more"
                    aria-label=label.clone()
                    on:click=handler(move |_| on_details.run(name.clone()))
                >
                    {details::DETAILS}
                </button>
            }
        })
    };
    view! {
        <li class="metric-line">
            <button type="button" class="metric" title=title on:click=handler(pick)>
                <span class="metric-name">{family.name.clone()}</span>
                " "
                <span class="metric-kind muted">{texts::short_kind(&family.kind).to_owned()}</span>
                " "
                <span class="metric-series muted">{texts::n_series(family.n_series)}</span>
                " "
                <span class="metric-facts muted">{texts::facts(family)}</span>
                " "
                <span class="metric-help">{family.help.clone()}</span>
            </button>
            {live(more)}
        </li>
    }
}

/// A long name is shortened in its middle: what tells such names apart is at their ends.
fn short_row(family: &FamilyInfo, title: String, pick: impl Fn(MouseEvent) + 'static) -> impl IntoView {
    let (start, end) = family.name.split_at(end_at(&family.name));
    view! {
        <li>
            <button type="button" class="metric" aria-label=texts::spoken(family) title=title on:click=handler(pick)>
                <span class="metric-name">
                    <span class="metric-start">{start.to_owned()}</span>
                    <span>{end.to_owned()}</span>
                </span>
                " "
                <span class="metric-series muted">{texts::n_of(family.n_series)}</span>
            </button>
        </li>
    }
}

/// Where the part of a name begins that is always shown.
fn end_at(name: &str) -> usize {
    let n_chars = name.chars().count();
    name.char_indices().nth(n_chars.saturating_sub(LAST_CHARS)).map_or(name.len(), |(at, _)| at)
}

/// The longest time between scrapes among the targets of a family.
fn interval_of(session: Session, family: &FamilyInfo) -> u32 {
    session.targets.with_untracked(|targets| {
        let own = targets.iter().filter(|target| family.targets.contains(&target.id));
        own.map(|target| target.spec.interval_ms).max().unwrap_or_default()
    })
}

#[component]
fn TargetChoice(target: RwSignal<Option<TargetId>>) -> impl IntoView {
    let session = expect_context::<Session>();
    // Each scrape changes the targets; the choice only when one comes or goes.
    let names = memo(move |_| {
        let name = |t: &protocol::TargetStatus| (t.id, crate::texts::targets::name(t));
        session.targets.with(|targets| targets.iter().map(name).collect::<Vec<_>>())
    });
    let on_change = move |event| target.set(event_target_value(&event).parse().ok().map(TargetId));
    let options = move || {
        let chosen = target.get_untracked();
        let option = |(id, name): (TargetId, String)| {
            view! { <option value=id.0.to_string() selected=chosen == Some(id)>{name}</option> }
        };
        names.get().into_iter().map(option).collect_view()
    };
    view! {
        <select aria-label=texts::TARGET on:change=handler(on_change)>
            <option value="">{texts::ALL_TARGETS}</option>
            {live(options)}
        </select>
    }
}

/// Why the list is empty, and what to do.
#[component]
fn Nothing(
    hits: Memo<Vec<usize>>,
    search: RwSignal<String>,
    target: RwSignal<Option<TargetId>>,
    families: Memo<Arc<Vec<FamilyInfo>>>,
    source: Signal<SourceChoice>,
) -> impl IntoView {
    let sources = expect_context::<Sources>();
    let clear = move |_| {
        search.set(String::new());
        target.set(None);
    };
    let is_empty = memo(move |_| hits.read().is_empty());
    let has_families = memo(move |_| !families.read().is_empty());
    live(move || {
        is_empty.get().then(|| {
            if has_families.get() {
                view! {
                    <p class="metric-nothing">
                        {texts::NOT_FOUND} " "
                        <button type="button" class="link" on:click=handler(clear)>{texts::CLEAR}</button>
                    </p>
                }
            } else {
                view! { <p class="metric-nothing muted">{move || sources.why_no_metrics(source.get())}</p> }
            }
        })
    })
}
