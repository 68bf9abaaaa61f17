//! What is missing, and why: samples that were not stored, scrapes that were left out, jumps of the clock, and the oldest
//! samples where the store had reached its bytes.

use super::Fact;
use crate::live::{handler, live, memo, view};
use crate::state::session::Session;
use crate::state::settings::{MAX_BYTES, Settings};
use crate::texts::{losses as texts, units};
use leptos::prelude::*;

/// All that was lost.
#[component]
pub(super) fn Missing() -> impl IntoView {
    let losses = expect_context::<Session>().losses;
    let zone = expect_context::<Settings>().zone;
    let list = |lines: Vec<String>| lines.into_iter().map(|line| view! { <p>{line}</p> }).collect_view();
    let samples = memo(move |_| losses.with(texts::samples));
    let scrapes = memo(move |_| losses.with(texts::scrapes));
    let jumps = memo(move |_| losses.with(|losses| losses.jumps.clone()));
    let clock = move || {
        let said = |jump| zone.with(|zone| texts::jump(&jump, &zone.format(jump.at_ms)));
        let mut lines: Vec<String> = jumps.get().into_iter().rev().map(said).collect();
        if lines.is_empty() {
            lines.push(texts::CLOCK_FINE.to_owned());
        }
        lines
    };
    view! {
        <section aria-labelledby="missing-title">
            <h2 id="missing-title">{texts::TITLE}</h2>
            <p class="muted">{texts::HINT}</p>
            <dl class="facts">
                <Fact name=texts::SAMPLES>{move || list(samples.get())}</Fact>
                <Fact name=texts::SCRAPES>{move || list(scrapes.get())}</Fact>
                <Fact name=texts::CLOCK>{move || list(clock())}</Fact>
            </dl>
        </section>
    }
}

/// Says that the oldest samples went, as long as the store is bounded as it was then.
#[component]
pub(super) fn Evictions() -> impl IntoView {
    let session = expect_context::<Session>();
    let settings = expect_context::<Settings>();
    let evicted = memo(move |_| session.losses.with(|losses| losses.evicted));
    let text = move || {
        let evicted = evicted.get()?;
        let format = |at| settings.zone.with(|zone| zone.format(at));
        Some(texts::evicted(&evicted, &format(evicted.before_ms), &format(evicted.at_ms)))
    };
    view! { <div role="status">{move || text().map(|text| view! { <p class="notice is-warning">{text}</p> })}</div> }
}

/// How many bytes the store may take.
#[component]
pub(super) fn BytesChoice() -> impl IntoView {
    let max_bytes = expect_context::<Settings>().max_bytes;
    let on_change = move |event| {
        if let Ok(bytes) = event_target_value(&event).parse() {
            max_bytes.set(bytes);
        }
    };
    let options = MAX_BYTES.map(|bytes| {
        let selected = live(move || max_bytes.get() == bytes);
        view! { <option value=bytes.to_string() selected=selected>{units::bytes(bytes)}</option> }
    });
    view! { <select aria-label=texts::MAX_BYTES on:change=handler(on_change)>{options.collect_view()}</select> }
}
