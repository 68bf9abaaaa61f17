//! What becomes of files that were chosen or dropped: how far the one is that is being read, what was in each, and
//! the way to what they hold.

use crate::app::page::Page;
use crate::browser::location::Location;
use crate::client::Client;
use crate::components::page_link::go;
use crate::components::rows::{Key, Rows};
use crate::components::show::Show;
use crate::live::{handler, live, memo, view};
use crate::state::imports::{FileState, ImportState};
use crate::state::page_file::PageFile;
use crate::state::session::Session;
use crate::state::settings::Settings;
use crate::state::url::{PanelState, QueryState};
use crate::texts::files as texts;
use crate::texts::targets::with_place;
use leptos::prelude::*;
use model::quote;
use protocol::FileResult;
use std::time::Duration;

/// Files that are listed of one import; those that failed come first.
const MAX_LISTED: usize = 100;
/// Work that takes no longer needs no bar.
const QUIET: Duration = Duration::from_millis(300);
/// Metrics of files for which a graph is offered.
const MAX_GRAPHS: usize = 3;

/// All imports that nobody dismissed.
#[component]
pub fn ImportReport() -> impl IntoView {
    let imports = expect_context::<Session>().imports;
    let ids = move || imports.all.with(|all| all.iter().map(|import| import.id).collect::<Vec<_>>());
    view! {
        <ul class="additions imports" role="list" aria-label=texts::IMPORTS>
            <Rows each=ids key=|id| Key::Number((*id).into()) let(id)>
                <ImportView id/>
            </Rows>
        </ul>
    }
}

#[component]
fn ImportView(id: u32) -> impl IntoView {
    let imports = expect_context::<Session>().imports;
    let client = expect_context::<Client>();
    let of = move |import: &ImportState| import.id == id;
    let state = memo(move |last: Option<&Option<ImportState>>| {
        let now = imports.all.with(|all| all.iter().find(|import| of(import)).cloned());
        now.or_else(|| last.cloned().flatten())
    });
    let is_done = memo(move |_| state.with(|state| state.as_ref().is_none_or(|state| state.is_done)));
    let is_slow = RwSignal::new(false);
    let timer = set_timeout_with_handle(move || is_slow.set(true), QUIET);
    on_cleanup(move || {
        if let Ok(timer) = timer {
            timer.clear();
        }
    });
    let said = move || state.with(|state| state.as_ref().filter(|state| state.is_done).map(summary));
    let has_failed = move || {
        state.with(|state| state.as_ref().is_some_and(|state| state.is_done && state.imported().next().is_none()))
    };
    let files = memo(move |_| state.with(|state| state.as_ref().map(listed).unwrap_or_default()));
    let n_more =
        move || state.with(|state| state.as_ref().map_or(0, |state| state.n_done().saturating_sub(MAX_LISTED)));
    view! {
        <li class="addition import" class:is-failed=has_failed>
            <Show when=move || !is_done.get() && is_slow.get()><ProgressView state id/></Show>
            <p role="status">{live(said)}</p>
            <ul class="import-files" role="list">
                <Rows each=move || files.get() key=|file: &(usize, FileState)| Key::Number(file.0 as u64) let(file)>
                    <FileView file=file.1/>
                </Rows>
            </ul>
            <Show when=move || n_more() != 0><p class="muted">{move || texts::more_files(n_more())}</p></Show>
            <Show when=move || is_done.get()>
                <div class="addition-buttons">
                    <NextSteps state/>
                    <button type="button" class="quiet" on:click=handler(move |_| imports.dismiss(id))>{texts::DISMISS}</button>
                </div>
            </Show>
            <Show when=move || !is_done.get() && is_slow.get()>
                <div class="addition-buttons">
                    <button type="button" on:click=handler(move |_| client.cancel_import(id))>{texts::CANCEL}</button>
                </div>
            </Show>
        </li>
    }
}

#[component]
fn ProgressView(state: Memo<Option<ImportState>>, id: u32) -> impl IntoView {
    let said = move || {
        state.with(|state| {
            let state = state.as_ref()?;
            let n_files = state.files.len();
            Some(match state.reading {
                Some((file, _, n_samples)) => {
                    let path = state.files.get(file as usize).map_or("", |file| &file.path);
                    texts::reading(path, state.n_done() + 1, n_files, n_samples)
                }
                None => texts::looking(n_files),
            })
        })
    };
    // All files count the same: how long each takes is not known before.
    let done = move || {
        state.with(|state| {
            let Some(state) = state else { return 0.0 };
            let part = state.reading.map_or(0.0, |(_, permille, _)| f64::from(permille) / 1_000.0);
            (state.n_done() as f64 + part) / state.files.len().max(1) as f64
        })
    };
    let label = format!("import-{id}");
    view! {
        <div class="file-progress">
            <span id=label.clone()>{live(said)}</span>
            <progress aria-labelledby=label max="1" prop:value=done></progress>
        </div>
    }
}

#[component]
fn FileView(file: FileState) -> impl IntoView {
    let FileState { path, result } = file;
    match result {
        Some(FileResult::Imported(imported)) => {
            let remarks = texts::remarks(&imported).into_iter().map(|remark| view! { <p class="muted">{remark}</p> });
            view! { <li><p>{texts::imported(&path, &imported)}</p>{remarks.collect_view()}</li> }
        }
        Some(FileResult::Failed(problem)) => {
            let name = (!problem.message.contains(&path)).then(|| view! { <p class="mono">{path}</p> });
            let hint = (!problem.hint.is_empty()).then(|| view! { <p>{problem.hint.clone()}</p> });
            view! { <li class="is-failed"><div role="alert">{name}<p>{with_place(&problem.message, problem.at)}</p>{hint}</div></li> }
        }
        Some(FileResult::Cancelled { n_stored }) => view! { <li><p>{texts::cancelled(&path, n_stored)}</p></li> },
        None => view! { <li>{path}</li> },
    }
}

fn summary(state: &ImportState) -> String {
    let n_stored = state.imported().map(|file| file.n_stored).sum::<u64>()
        + state
            .files
            .iter()
            .map(|file| match file.result {
                Some(FileResult::Cancelled { n_stored }) => n_stored,
                _ => 0,
            })
            .sum::<u64>();
    texts::summary(state.files.len(), state.imported().count(), n_stored, state.is_cancelled)
}

/// The files that are done, those that failed first.
fn listed(state: &ImportState) -> Vec<(usize, FileState)> {
    let done = || state.files.iter().cloned().enumerate().filter(|(_, file)| file.result.is_some());
    let is_failed = |file: &(usize, FileState)| matches!(file.1.result, Some(FileResult::Failed(_)));
    done().filter(is_failed).chain(done().filter(|file| !is_failed(file))).take(MAX_LISTED).collect()
}

/// Ways to what was imported: the graphs over its times, the panels and the targets of a bundle.
#[component]
fn NextSteps(state: Memo<Option<ImportState>>) -> impl IntoView {
    let location = expect_context::<Location>();
    let client = expect_context::<Client>();
    let session = expect_context::<Session>();
    let zone = expect_context::<Settings>().zone;
    let found = memo(move |_| state.with(|state| state.as_ref().map(Found::of).unwrap_or_default()));
    let show = move || {
        let Found { span_ms: Some((from, to)), metrics, .. } = found.get() else { return None };
        let (from_text, to_text) =
            zone.with(|zone| short_times(&zone.civil(from).to_string(), &zone.civil(to).to_string()));
        let open = move |_| open_range(location, &metrics, from, to);
        Some(view! {
            <button type="button" class="primary" on:click=handler(open)>{texts::show(&from_text, &to_text)}</button>
        })
    };
    let graphs = move || {
        let Found { span_ms: Some((from, to)), metrics, .. } = found.get() else { return None };
        let buttons = metrics.into_iter().take(MAX_GRAPHS).map(|metric| {
            let title = crate::texts::adding::graph(&metric);
            let open = move |_| open_panels(location, vec![panel(&metric, from, to)]);
            view! { <button type="button" on:click=handler(open)>{title}</button> }
        });
        Some(buttons.collect_view())
    };
    let panels = move || {
        let query = found.get().page?.query;
        let n = QueryState::decode(&query).panels.len();
        let open = move |_| go(location, Page::Query, &query);
        (n > 0).then(|| view! { <button type="button" on:click=handler(open)>{texts::open_panels(n)}</button> })
    };
    let targets = move || {
        let targets = found.get().page?.targets;
        let known =
            session.targets.with(|known| known.iter().map(|target| target.spec.url.clone()).collect::<Vec<_>>());
        let new: Vec<_> = targets.into_iter().filter(|spec| !known.contains(&spec.url)).collect();
        let n = new.len();
        let add = move |_| {
            new.iter().for_each(|spec| {
                client.add_target(spec.clone());
            })
        };
        (n > 0).then(|| view! { <button type="button" on:click=handler(add)>{texts::add_targets(n)}</button> })
    };
    view! { {live(show)} {live(graphs)} {live(panels)} {live(targets)} }
}

/// What an import leads to.
#[derive(Clone, Debug, Default, PartialEq)]
struct Found {
    span_ms: Option<(i64, i64)>,
    metrics: Vec<String>,
    page: Option<PageFile>,
}

impl Found {
    fn of(state: &ImportState) -> Self {
        let mut metrics: Vec<String> = Vec::new();
        for name in state.imported().flat_map(|file| &file.metrics) {
            if !metrics.contains(name) {
                metrics.push(name.clone());
            }
        }
        let page = state.imported().find_map(|file| PageFile::read(file.page.as_deref()?));
        Found { span_ms: state.span_ms, metrics, page }
    }
}

/// Panels over these times: the ones that are open, or one of the first metric.
fn open_range(location: Location, metrics: &[String], from: i64, to: i64) {
    let is_query = location.path.with_untracked(|path| Page::of(path)) == Page::Query;
    let mut open = if is_query { QueryState::decode(&location.query.read_untracked()).panels } else { Vec::new() };
    for one in &mut open {
        let PanelState { range_ms, end_ms, .. } = panel("", from, to);
        (one.range_ms, one.end_ms) = (range_ms, end_ms);
    }
    if open.is_empty() {
        open.extend(metrics.first().map(|metric| panel(metric, from, to)));
    }
    open_panels(location, open);
}

fn open_panels(location: Location, panels: Vec<PanelState>) {
    go(location, Page::Query, &QueryState { panels, refresh_ms: None }.encode());
}

fn panel(metric: &str, from: i64, to: i64) -> PanelState {
    /// A single time is seen best in the middle of some minutes.
    const SHORTEST_MS: i64 = 60_000;
    let is_plain = model::is_legacy_metric_name(metric);
    let expr = if is_plain { metric.to_owned() } else { format!("{{{}}}", quote(metric)) };
    // Whole seconds, so that the address is short; the last sample is inside.
    let end = (to + 1_000) / 1_000 * 1_000;
    let range_ms = ((end - from) / 1_000 * 1_000 + 1_000).max(SHORTEST_MS);
    PanelState { expr, range_ms, end_ms: Some(end), ..PanelState::default() }
}

/// `10:00`, `12:00`, or with the dates where they differ.
fn short_times(from: &str, to: &str) -> (String, String) {
    let short = |text: &str| {
        let (date, time) = text.split_once(' ').unwrap_or(("", text));
        (date.to_owned(), time.get(..5).unwrap_or(time).to_owned())
    };
    let ((date_from, time_from), (date_to, time_to)) = (short(from), short(to));
    if date_from == date_to {
        (format!("{date_from} {time_from}"), time_to)
    } else {
        (format!("{date_from} {time_from}"), format!("{date_to} {time_to}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_over_imported_times_shows_them_all() {
        let panel = panel("a.b", 1_000_500, 1_120_200);
        assert_eq!((panel.expr.as_str(), panel.range_ms, panel.end_ms), ("{\"a.b\"}", 121_000, Some(1_121_000)));
        let one = super::panel("a", 5_000, 5_000);
        assert_eq!((one.expr.as_str(), one.range_ms, one.end_ms), ("a", 60_000, Some(6_000)));
        assert_eq!(short_times("2026-11-26 10:00:00", "2026-11-26 12:00:00.250").1, "12:00");
        assert_eq!(short_times("2026-11-26 10:00:00", "2026-11-27 12:00:00").1, "2026-11-27 12:00");
    }
}
