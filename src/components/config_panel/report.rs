//! What there is to say of a configuration: errors with their lines, parts that are not supported, secrets to enter.

use crate::components::prose::prose;
use crate::components::show::Show;
use crate::live::{live, memo, view};
use crate::state::additions::Outcome;
use crate::state::session::Session;
use crate::texts::config as texts;
use leptos::prelude::*;
use protocol::{ConfigNote, ConfigReport};

/// More remarks of a kind are not listed.
const MAX_LISTED: usize = 50;

/// The lists of a report that are not empty.
#[component]
pub fn Report(
    /// The report.
    #[prop(into)]
    report: Signal<ConfigReport>,
) -> impl IntoView {
    let errors = memo(move |_| report.read().errors.clone());
    let missing = memo(move |_| report.read().missing_secrets.clone());
    let unsupported = memo(move |_| report.read().unsupported.clone());
    let notices = memo(move |_| report.read().notices.clone());
    view! {
        <Show when=move || !errors.read().is_empty()>
            <Notes notes=errors label=texts::ERRORS class="config-notes is-error"/>
        </Show>
        <Show when=move || !missing.read().is_empty()>
            <div class="notice">
                <p>{move || texts::missing(missing.read().len())}</p>
                <Notes notes=missing label=texts::MISSING class="config-notes"/>
            </div>
        </Show>
        <Show when=move || !unsupported.read().is_empty()>
            <details class="config-details">
                <summary>{move || texts::unsupported(unsupported.read().len())}</summary>
                <Notes notes=unsupported label=texts::UNSUPPORTED class="config-notes"/>
            </details>
        </Show>
        <Show when=move || !notices.read().is_empty()>
            <details class="config-details">
                <summary>{move || texts::notices(notices.read().len())}</summary>
                <Notes notes=notices label=texts::NOTICES class="config-notes"/>
            </details>
        </Show>
    }
}

/// The report of what was loaded last, or could not be.
#[component]
pub fn LoadReport(
    /// What became of the attempt to load.
    outcome: Memo<Outcome>,
) -> impl IntoView {
    let config = expect_context::<Session>().config;
    let report = memo(move |_| {
        config.status.with(|status| {
            let status = status.as_ref()?;
            match &*outcome.read() {
                Outcome::BadConfig(_) => Some(status.failed.as_ref()?.report.clone()),
                Outcome::Config { .. } => Some(status.loaded.as_ref()?.report.clone()),
                _ => None,
            }
        })
    });
    let report = Signal::derive(move || report.get().unwrap_or_default());
    view! { <Report report/> }
}

#[component]
fn Notes(notes: Memo<Vec<ConfigNote>>, label: &'static str, class: &'static str) -> impl IntoView {
    let item = |note: ConfigNote| {
        let place = texts::place(&note);
        let (message, hint) = (prose(&note.message), prose(&note.hint));
        view! {
            <li>
                <p>{message} " " {hint} " " <span class="muted">{place}</span></p>
                {(!note.line.trim().is_empty()).then(|| view! { <pre class="config-line">{note.line}</pre> })}
            </li>
        }
    };
    let items = move || notes.get().into_iter().take(MAX_LISTED).map(item).collect_view();
    view! { <ul class=class aria-label=label>{live(items)}</ul> }
}
