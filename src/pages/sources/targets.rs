//! What a server scrapes, by pool, with the filters of the address.

use super::report::{FilterField, FilterMenu, labels};
use super::view::Shown;
use crate::browser::clock;
use crate::live::{handler, live, memo, view};
use crate::state::settings::Settings;
use crate::texts::{sources as texts, units};
use leptos::prelude::*;
use protocol::reply::{ActiveTarget, TargetHealth, Targets};
use std::collections::BTreeMap;
use std::sync::Arc;

/// More rows are shown only when asked for.
const FIRST_ROWS: usize = 100;

/// The targets.
#[component]
pub(super) fn TargetsView(targets: Arc<Targets>, shown: Memo<Shown>) -> impl IntoView {
    if targets.active.is_empty() {
        return view! { <p class="muted">{texts::NO_TARGETS}</p> };
    }
    let n_rows = RwSignal::new(FIRST_ROWS);
    let n_all = targets.active.len();
    let n_dropped = targets.n_dropped_by_pool.values().sum::<u64>().max(targets.dropped.len() as u64);
    let pools: BTreeMap<String, (usize, usize)> = targets.active.iter().fold(BTreeMap::new(), |mut pools, target| {
        let (n_up, n) = pools.entry(target.scrape_pool.clone()).or_default();
        *n_up += usize::from(target.health == TargetHealth::Up);
        *n += 1;
        pools
    });
    let pools = pools.into_iter().map(|(name, (n_up, n))| (name.clone(), texts::pool(&name, n_up, n))).collect();
    let states = [TargetHealth::Up, TargetHealth::Down, TargetHealth::Unknown]
        .map(|one| (word(one).to_owned(), word(one).to_owned()));
    let found = memo(move |_| {
        let shown = shown.get();
        let hits = targets.active.iter().filter(|target| is_shown(target, &shown));
        hits.cloned().collect::<Vec<_>>()
    });
    let now = clock::every_second();
    let heads = texts::TARGET_COLUMNS.into_iter().enumerate().map(|(idx, name)| {
        view! { <th scope="col" class:number={idx >= 3}>{name}</th> }
    });
    let rows = move || {
        let rows = found.get().into_iter().take(n_rows.get()).map(|target| row(&target, now));
        rows.collect_view()
    };
    let more = move || {
        (found.read().len() > n_rows.get()).then(|| {
        view! { <button type="button" on:click=handler(move |_| n_rows.update(|n| *n += 10 * FIRST_ROWS))>{texts::MORE_ROWS}</button> }
    })
    };
    view! {
        <div class="targets-tools">
            <FilterField shown/>
            <FilterMenu name=texts::POOL all=texts::ALL_POOLS options=pools get=|shown| &mut shown.pool shown/>
            <FilterMenu name=texts::HEALTH all=texts::ALL_STATES options=states.to_vec() get=|shown| &mut shown.state shown/>
            <span class="muted" role="status">{move || texts::n_targets(found.read().len(), n_all, n_dropped)}</span>
        </div>
        {move || found.read().is_empty().then(|| view! { <p class="muted">{texts::NOTHING_MATCHES}</p> })}
        <table class="result report-table" aria-label=texts::report(protocol::ReportKind::Targets)>
            <thead><tr>{heads.collect_view()}</tr></thead>
            <tbody>{live(rows)}</tbody>
        </table>
        {live(more)}
    }
}

fn is_shown(target: &ActiveTarget, shown: &Shown) -> bool {
    let labels: String = target.labels.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    (shown.pool.is_empty() || shown.pool == target.scrape_pool)
        && (shown.state.is_empty() || shown.state == word(target.health))
        && shown.finds(&format!("{} {} {}{labels}", target.scrape_pool, target.scrape_url, target.last_error))
}

fn row(target: &ActiveTarget, now: Signal<i64>) -> AnyView {
    let zone = expect_context::<Settings>().zone;
    let last = target.last_scrape_ms;
    let ago = move || last.map(|at| units::ago(at, now.get().max(at)));
    let exact = move || last.map(|at| zone.with(|zone| zone.format(at)));
    let took = if last.is_some() { units::took(target.last_scrape_duration_secs * 1_000.0) } else { String::new() };
    let [state_name, url_name, labels_name, last_name, took_name, every_name] = texts::TARGET_COLUMNS;
    view! {
        <tr>
            <td data-name=state_name>{badge(word(target.health), target.health == TargetHealth::Up, target.health == TargetHealth::Down)}</td>
            <td data-name=url_name class="mono wrapped">
                {target.scrape_url.clone()}
                {(!target.last_error.is_empty()).then(|| view! { <p class="notice is-error">{target.last_error.clone()}</p> })}
            </td>
            <td data-name=labels_name>{labels(&target.labels)}</td>
            <td data-name=last_name class="number" title=live(exact)>{live(ago)}</td>
            <td data-name=took_name class="number">{took}</td>
            <td data-name=every_name class="number">{target.scrape_interval.clone()}</td>
        </tr>
    }
}

/// A state in a coloured box.
pub(super) fn badge(word: &str, is_good: bool, is_bad: bool) -> AnyView {
    view! { <span class="badge" class:is-up=is_good class:is-down=is_bad>{word.to_owned()}</span> }
}

fn word(health: TargetHealth) -> &'static str {
    match health {
        TargetHealth::Up => "up",
        TargetHealth::Down => "down",
        TargetHealth::Unknown => "unknown",
    }
}
