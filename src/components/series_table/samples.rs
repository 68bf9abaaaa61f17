//! The cells of a result's table: a series as PromQL writes it, values as exact as they are, raw samples
//! with their times.

use super::rows::{SAMPLE_CAP, series_parts};
use crate::components::show::Show;
use crate::live::{handler, live, view};
use crate::state::settings::Settings;
use crate::texts::explore as texts;
use leptos::prelude::*;

/// A series, coloured like an expression.
#[must_use]
pub fn series_name(labels: &[(String, String)]) -> impl IntoView + use<> {
    let (name, pairs) = series_parts(labels);
    let is_bare = name.is_none() && pairs.is_empty();
    let name = name.map(|name| view! { <span class="tok-metric">{name.to_owned()}</span> });
    let n_pairs = pairs.len();
    let pairs = pairs.into_iter().enumerate().map(|(idx, (label, value))| {
        let comma = (idx + 1 < n_pairs).then_some(", ");
        view! {
            <span class="tok-label">{label.to_owned()}</span>
            "="
            <span class="tok-string">{value}</span>
            {comma}
        }
    });
    let pairs = (n_pairs > 0).then(|| view! { "{"{pairs.collect_view()}"}" });
    view! { <code class="series-name">{name} {pairs} {is_bare.then_some(texts::NO_LABELS)}</code> }
}

/// Raw samples: value and time, a line each.
#[component]
pub fn Samples(
    /// Times, ms since the epoch, and values as they are shown.
    samples: Vec<(f64, String)>,
) -> impl IntoView {
    let zone = expect_context::<Settings>().zone;
    let shows_all = RwSignal::new(false);
    let n_samples = samples.len();
    let lines = move || {
        // The newest matter most: the cap leaves out the oldest.
        let skipped = if shows_all.get() { 0 } else { n_samples.saturating_sub(SAMPLE_CAP) };
        zone.with(|zone| {
            let lines = samples.iter().skip(skipped).map(|(t, value)| {
                view! {
                    <li>
                        <span class="sample-value">{value.clone()}</span>
                        <span class="sample-time">" @ "{zone.format(*t as i64)}</span>
                    </li>
                }
            });
            lines.collect_view()
        })
    };
    view! {
        <Show when=move || { n_samples > SAMPLE_CAP && !shows_all.get() }>
            <button type="button" class="quiet" on:click=handler(move |_| shows_all.set(true))>
                {texts::show_all_samples(n_samples as u64)}
            </button>
        </Show>
        <ol class="samples">{live(lines)}</ol>
    }
}
