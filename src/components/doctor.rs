//! Why a connection failed, and what to do: opened where something cannot be reached, it has the worker look, and shows
//! causes, cures to copy and the evidence.

mod cures;
mod of_source;
mod of_target;

pub use of_source::DoctorOfSource;
pub use of_target::DoctorOfTarget;

use crate::browser::page_state;
use crate::client::Client;
use crate::components::prose::prose;
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::state::session::Session;
use crate::texts::doctor as texts;
use cures::Cures;
use leptos::html::Details;
use leptos::prelude::*;
use protocol::{Access, DiagnoseRequest, Diagnosis, DoctorFact, DoctorPicture, DoctorReport, Patient, Request};
use std::sync::Arc;

/// The disclosure. Nothing is fetched before it is opened.
#[component]
pub fn Doctor(
    /// Whom it is about.
    patient: Patient,
    /// What it is called while closed.
    #[prop(into)]
    summary: Signal<&'static str>,
    /// The address, as it is now.
    #[prop(into)]
    address: Signal<String>,
    /// How long a scrape or a question may usually take.
    #[prop(into)]
    timeout_ms: Signal<u32>,
    /// Credentials that go with each request; for a target the worker knows them.
    #[prop(optional, into)]
    access: Option<Callback<(), Access>>,
    /// Tries the connection itself once more.
    on_retry: Callback<()>,
    /// Takes an address that was found to work.
    on_found: Callback<String>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let client = expect_context::<Client>();
    let node = NodeRef::<Details>::new();
    let progress = memo(move |_| session.diagnoses.of(patient));
    let report = memo(move |_| progress.get().and_then(|progress| progress.report));
    let check = move || {
        // What was tried again may be gone by now, and its doctor with it; what the page says of itself comes later still.
        let (Some(url), Some(timeout_ms)) = (address.try_get_untracked(), timeout_ms.try_get_untracked()) else {
            return;
        };
        let access = access.and_then(|access| access.try_run(())).unwrap_or_default();
        let serial = session.diagnoses.begin(patient);
        page_state::ask(move |page| {
            client.send(Request::Diagnose(DiagnoseRequest { patient, serial, url, access, timeout_ms, page }));
        });
    };
    let on_toggle = move |_| {
        let is_open = node.get_untracked().is_some_and(|node| node.open());
        if is_open && progress.get_untracked().is_none() {
            check();
        }
    };
    // Another address is another case.
    effect(move || {
        address.track();
        let is_open = node.get_untracked().is_some_and(|node| node.open());
        if is_open && untrack(|| report.get().is_some()) {
            check();
        }
    });
    let retry = move |_| {
        on_retry.run(());
        check();
    };
    let said = move || match progress.get() {
        Some(progress) if progress.is_running => texts::checking(progress.n_done, progress.n_checks),
        _ => String::new(),
    };
    let counts = move || {
        let progress = progress.get().filter(|progress| progress.is_running && progress.n_checks > 0)?;
        let (value, max) = (progress.n_done.to_string(), progress.n_checks.to_string());
        Some(view! { <progress value=value max=max aria-hidden="true"></progress> })
    };
    let found = move || report.get().map(|report| view! { <ReportView report on_found/> });
    view! {
        <details class="doctor" node_ref=node on:toggle=handler(on_toggle)>
            <summary>{summary}</summary>
            <div class="doctor-body">
                <div class="doctor-progress">
                    <span role="status">{live(said)}</span>
                    {live(counts)}
                </div>
                {live(found)}
                <Show when=move || report.read().is_some()>
                    <div class="doctor-buttons">
                        <button type="button" class="primary" on:click=handler(retry)>{texts::TRY_AGAIN}</button>
                        <button type="button" on:click=handler(move |_| check())>{texts::CHECK_AGAIN}</button>
                    </div>
                </Show>
            </div>
        </details>
    }
}

#[component]
fn ReportView(report: Arc<DoctorReport>, on_found: Callback<String>) -> impl IntoView {
    let mut diagnoses = report.diagnoses.iter().cloned();
    let first = diagnoses.next().map(|diagnosis| {
        let class = if diagnosis.is_fine { "doctor-cause is-fine" } else { "doctor-cause" };
        view! {
            <p class=class>{sentence(&diagnosis)}</p>
            <Treatment diagnosis on_found/>
        }
    });
    let others: Vec<_> = diagnoses
        .map(|diagnosis| {
            view! {
                <details class="doctor-other">
                    <summary>{sentence(&diagnosis)}</summary>
                    <Treatment diagnosis on_found/>
                </details>
            }
        })
        .collect();
    let also = (!others.is_empty()).then(|| view! { <p class="doctor-title">{texts::ALSO}</p> });
    view! {
        {first}
        {also}
        {others}
        <Evidence facts=report.facts.clone()/>
    }
}

/// The sentence of a cause, and how sure it is.
fn sentence(diagnosis: &Diagnosis) -> AnyView {
    let (class, word) =
        if diagnosis.is_proved { ("certainty is-seen", texts::SEEN) } else { ("certainty", texts::LIKELY) };
    view! { <span>{prose(&diagnosis.sentence)}</span> " " <span class=class>{word}</span> }
}

/// What to do about a cause.
#[component]
fn Treatment(diagnosis: Diagnosis, on_found: Callback<String>) -> impl IntoView {
    let Diagnosis { found, cures, picture, .. } = diagnosis;
    let found = found.map(|found| {
        let address = found.clone();
        view! {
            <p class="doctor-found">
                <code>{address}</code>
                <button type="button" on:click=handler(move |_| on_found.run(found.clone()))>{texts::USE}</button>
            </p>
        }
    });
    view! {
        {found}
        <Cures cures/>
        {picture.map(|picture| view! { <Picture picture/> })}
    }
}

#[component]
fn Picture(picture: DoctorPicture) -> impl IntoView {
    let DoctorPicture { title, drawing, sentences } = picture;
    let label = title.clone();
    let sentences = sentences.into_iter().map(|text| view! { <li>{prose(&text)}</li> }).collect_view();
    view! {
        <details class="doctor-picture">
            <summary>{title}</summary>
            // The sentences below say the same; it scrolls by itself where it is wider than the page.
            <pre class="mono" role="img" aria-label=label tabindex="0">{drawing}</pre>
            <ul>{sentences}</ul>
        </details>
    }
}

#[component]
fn Evidence(facts: Vec<DoctorFact>) -> impl IntoView {
    let n_facts = facts.len();
    let fact = |fact: DoctorFact| {
        let DoctorFact { mark, origin, text } = fact;
        let (sign, word) = texts::mark(mark);
        let class = match mark {
            protocol::FactMark::Good => "fact is-good",
            protocol::FactMark::Bad => "fact is-bad",
            protocol::FactMark::Neutral => "fact",
        };
        view! {
            <li class=class>
                <span class="fact-mark" aria-hidden="true">{sign}</span>
                <span class="visually-hidden">{word} ": "</span>
                <span class="fact-origin">{texts::origin(origin)}</span>
                <span class="fact-text">{text}</span>
            </li>
        }
    };
    view! {
        <details class="doctor-evidence">
            <summary>{texts::evidence(n_facts)}</summary>
            <ul role="list">{facts.into_iter().map(fact).collect_view()}</ul>
        </details>
    }
}
