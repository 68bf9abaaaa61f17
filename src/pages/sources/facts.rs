//! Build, runtime and store of a server: names and values, tables of what takes most room.

use crate::components::series_table::rows::grouped;
use crate::live::view;
use crate::state::settings::Settings;
use crate::texts::{sources as texts, units};
use leptos::prelude::*;
use protocol::reply::{BuildInfo, HeadStats, NameCount, RuntimeInfo, TsdbStatus};

/// How it was built.
#[component]
pub(super) fn BuildView(info: BuildInfo) -> impl IntoView {
    let version = if info.version.is_empty() { texts::NOT_TOLD.to_owned() } else { info.version };
    facts(vec![
        (texts::APPLICATION, info.application),
        (texts::VERSION, version),
        (texts::REVISION, info.revision),
        (texts::BRANCH, info.branch),
        (texts::BUILT, info.build_date),
        (texts::GO_VERSION, info.go_version),
    ])
}

/// How it runs.
pub(super) fn runtime(info: &RuntimeInfo) -> AnyView {
    let zone = expect_context::<Settings>().zone;
    let time = |at: Option<i64>| at.map(|at| zone.with(|zone| zone.format(at))).unwrap_or_default();
    let config = if info.is_config_good { texts::CONFIG_GOOD } else { texts::CONFIG_BAD };
    facts(vec![
        (texts::STARTED, time(info.start_time_ms)),
        (texts::CONFIG, config.to_owned()),
        (texts::CONFIG_READ, time(info.last_config_time_ms)),
        (texts::RETENTION, info.storage_retention.clone()),
        (texts::GOROUTINES, grouped(info.n_goroutines)),
        (texts::CORRUPTIONS, grouped(info.n_corruptions)),
    ])
}

/// What its store holds.
pub(super) fn cardinality(status: &TsdbStatus) -> AnyView {
    let zone = expect_context::<Settings>().zone;
    let head = status.head_stats.clone().unwrap_or_default();
    // Where there is none, both are beyond all times.
    let time = |at: i64| if at.abs() < 1 << 53 && at > 0 { zone.with(|zone| zone.format(at)) } else { String::new() };
    let count = |n: u64| if n == 0 { String::new() } else { grouped(n) };
    let HeadStats { n_series, n_label_pairs, n_chunks, min_time_ms, max_time_ms } = head;
    let facts = facts(vec![
        (texts::SERIES, count(n_series.max(status.total_series))),
        (texts::LABEL_PAIRS, count(n_label_pairs)),
        (texts::CHUNKS, count(n_chunks)),
        (texts::OLDEST, time(min_time_ms)),
        (texts::NEWEST, time(max_time_ms)),
    ]);
    let number = |n: u64| grouped(n);
    view! {
        {facts}
        <div class="top-tables">
            {top(texts::BY_METRIC, texts::TOP_COUNT, &status.series_count_by_metric_name, number)}
            {top(texts::BY_LABEL, texts::TOP_COUNT, &status.label_value_count_by_label_name, number)}
            {top(texts::BY_LABEL_SERIES, texts::TOP_COUNT, &status.series_count_by_label_name, number)}
            {top(texts::BY_MEMORY, texts::TOP_BYTES, &status.memory_in_bytes_by_label_name, units::bytes)}
            {top(texts::BY_PAIR, texts::TOP_COUNT, &status.series_count_by_label_value_pair, number)}
        </div>
    }
}

/// A list of names and values; what is empty is left out.
fn facts(all: Vec<(&'static str, String)>) -> AnyView {
    let all = all.into_iter().filter(|(_, value)| !value.is_empty());
    let all = all.map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> });
    view! { <dl class="facts">{all.collect_view()}</dl> }
}

/// A table of what there is most of; nothing where the server does not say.
fn top(title: &'static str, unit: &'static str, rows: &[NameCount], shown: fn(u64) -> String) -> Option<AnyView> {
    if rows.is_empty() {
        return None;
    }
    let rows = rows.iter().map(|row| {
        view! { <tr><td class="mono">{row.name.clone()}</td><td class="number">{shown(row.n)}</td></tr> }
    });
    Some(view! {
        <table class="result top-table">
            <caption>{title}</caption>
            <thead><tr><th scope="col">{texts::TOP_NAME}</th><th scope="col" class="number">{unit}</th></tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    })
}
