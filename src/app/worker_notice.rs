//! Says what is the matter with the worker: slow to start, stopped, of another build, in trouble.

use crate::live::{handler, live, view};
use crate::state::session::{Session, WorkerState};
use crate::texts::shell as texts;
use leptos::prelude::*;
use std::time::Duration;

/// Before this nobody needs to know that something is being loaded.
const PATIENCE: Duration = Duration::from_millis(300);

/// The notice; nothing while all is well.
#[component]
pub(super) fn WorkerNotice() -> impl IntoView {
    let session = expect_context::<Session>();
    let is_late = RwSignal::new(false);
    if let Ok(handle) = set_timeout_with_handle(move || is_late.set(true), PATIENCE) {
        on_cleanup(move || handle.clear());
    }
    let state = move || match session.worker.get() {
        WorkerState::Starting => is_late
            .get()
            .then(|| view! { <p class="notice page-notice is-passing" role="status">{texts::STARTING}</p> }),
        WorkerState::Ready => None,
        WorkerState::Failed(message) => Some(view! {
            <div class="notice page-notice is-error" role="alert">
                <p>{message}</p>
                <button type="button" on:click=handler(move |_| reload())>{texts::RELOAD}</button>
            </div>
        }),
    };
    let problem = move || {
        session.worker_problem.get().map(|problem| {
            view! {
                <div class="notice page-notice is-error" role="alert">
                    <p>{problem.message} " " {problem.hint}</p>
                    <button type="button" on:click=handler(move |_| session.worker_problem.set(None))>{texts::DISMISS}</button>
                </div>
            }
        })
    };
    view! {
        {live(state)}
        {live(problem)}
    }
}

fn reload() {
    // A page that may not reload itself is reloaded by the user.
    let _ = window().location().reload();
}
