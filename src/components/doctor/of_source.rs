//! The doctor of a server that is asked over Prometheus' API: offered where it does not answer as it should, and where its
//! clock is wrong.

use super::Doctor;
use crate::components::show::Show;
use crate::live::{memo, view};
use crate::state::sources::{MAX_SKEW_MS, Sources};
use crate::texts::doctor as texts;
use leptos::prelude::*;
use protocol::{Health, Patient, SourceId, SourceSpec, SourceStatus};

/// What a question to a server usually takes at most.
const TIMEOUT_MS: u32 = 10_000;

/// The doctor, if there is something to ask.
#[component]
pub fn DoctorOfSource(
    /// Of which server.
    id: SourceId,
) -> impl IntoView {
    let sources = expect_context::<Sources>();
    let status = sources.status(id);
    let question = memo(move |_| status.with(|status| status.as_ref().and_then(question)));
    let address = memo(move |_| status.with(|status| status.as_ref().map(address_of).unwrap_or_default()));
    let summary = memo(move |_| question.get().unwrap_or(texts::FIND_OUT));
    let access = Callback::new(move |()| untrack(|| sources.get(id)).map(|one| one.spec.access).unwrap_or_default());
    let on_retry = Callback::new(move |()| sources.check(id));
    let on_found = Callback::new(move |url: String| {
        if let Some(mut source) = untrack(|| sources.get(id)) {
            source.spec = SourceSpec { url, ..source.spec };
            sources.put(source);
        }
    });
    let timeout_ms = Signal::stored(TIMEOUT_MS);
    view! {
        <Show when=move || question.read().is_some()>
            <Doctor patient=Patient::Source(id) summary address timeout_ms access on_retry on_found/>
        </Show>
    }
}

/// As the worker reads it; as it was typed while it could not.
fn address_of(status: &SourceStatus) -> String {
    if status.url.is_empty() { status.spec.url.clone() } else { status.url.clone() }
}

/// What there is to ask of a server.
fn question(status: &SourceStatus) -> Option<&'static str> {
    match (status.health, status.skew_ms) {
        (Health::Down, _) => Some(texts::FIND_OUT),
        (_, Some(skew_ms)) if skew_ms.abs() > MAX_SKEW_MS => Some(texts::CHECK_CLOCK),
        _ => None,
    }
}
