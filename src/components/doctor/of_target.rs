//! The doctor of a target: offered where it is down, where it is read through the relay only, and where its clock is wrong.

use super::Doctor;
use crate::client::Client;
use crate::components::show::Show;
use crate::live::{memo, view};
use crate::state::session::Session;
use crate::texts::doctor as texts;
use leptos::prelude::*;
use protocol::{Health, Patient, TargetId, TargetSpec, TargetStatus, Via};

/// The doctor, if there is something to ask.
#[component]
pub fn DoctorOfTarget(
    /// Of which target.
    id: TargetId,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let client = expect_context::<Client>();
    let target = session.target(id);
    let question = memo(move |_| target.with(|target| target.as_ref().and_then(question)));
    let address = memo(move |_| target.with(|target| target.as_ref().map(|t| t.url.clone()).unwrap_or_default()));
    let timeout_ms = memo(move |_| {
        target.with(|target| target.as_ref().map_or(5_000, |t| t.spec.timeout_ms.min(t.spec.interval_ms)))
    });
    let summary = memo(move |_| question.get().unwrap_or(texts::FIND_OUT));
    let on_retry = Callback::new(move |()| client.scrape_now(id));
    let on_found = Callback::new(move |url: String| {
        let spec = target.with_untracked(|target| target.as_ref().map(|target| target.spec.clone()));
        if let Some(spec) = spec {
            client.update_target(id, TargetSpec { url, ..spec });
        }
    });
    view! {
        <Show when=move || question.read().is_some()>
            <Doctor patient=Patient::Target(id) summary address timeout_ms on_retry on_found/>
        </Show>
    }
}

/// What there is to ask of a target.
fn question(target: &TargetStatus) -> Option<&'static str> {
    if target.spec.url.is_empty() {
        return None;
    }
    match (target.health, target.via) {
        (Health::Down, _) => Some(texts::FIND_OUT),
        _ if target.dropped_last.too_far_ahead > 0 => Some(texts::CHECK_CLOCK),
        (Health::Up, Some(Via::Relay)) => Some(texts::WHY_RELAY),
        _ => None,
    }
}
