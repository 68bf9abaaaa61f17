//! The check of a body beside its lines: how a server reads it, and each rule that it breaks. A click on one goes to its
//! line.

use crate::live::{handler, live, memo, view};
use crate::state::session::Session;
use crate::texts::check as texts;
use leptos::prelude::*;
use protocol::{LintReport, LintViolation, ServerVerdict, TargetId};
use std::sync::Arc;

/// A line and a column, both from 1.
pub(super) type Place = (u32, u32);

/// What was found, once the worker has looked.
#[component]
pub(super) fn CheckResult(
    /// Of which target.
    id: TargetId,
    /// When the body that is shown was fetched: the check of another one is not shown.
    at_ms: Option<i64>,
    /// Goes to a place of the body.
    on_place: Callback<Place>,
) -> impl IntoView {
    let linted = expect_context::<Session>().linted;
    let report = memo(move |_| {
        let report = linted.with(|linted| linted.clone().filter(|(of, _)| *of == id)?.1);
        report.filter(|report| Some(report.at_ms) == at_ms)
    });
    let content = move || match report.get() {
        None => view! { <p class="muted">{texts::CHECKING}</p> },
        Some(report) => found(&report, on_place),
    };
    view! {
        <section class="check" aria-label=texts::TITLE>
            <div role="status">{live(content)}</div>
        </section>
    }
}

fn found(report: &Arc<LintReport>, on_place: Callback<Place>) -> AnyView {
    let refused = match &report.server {
        ServerVerdict::Refused { line, column, .. } => Some((*line, *column)),
        ServerVerdict::Accepted { .. } => None,
    };
    let is_bad = report.violations.iter().any(|violation| violation.is_error);
    let server = match refused.filter(|_| report.has_rules) {
        Some(place) => view! {
            <button type="button" class="link" on:click=handler(move |_| on_place.run(place))>{texts::server(&report.server)}</button>
        },
        None => view! { <span>{texts::server(&report.server)}</span> },
    };
    let rows = report.violations.iter().map(|violation| row(violation, on_place)).collect_view();
    let cut = report.checked_bytes.map(|bytes| view! { <p class="muted">{texts::cut(bytes)}</p> });
    view! {
        <dl class="check-verdicts">
            <div class:is-bad=refused.is_some()><dt>{texts::SERVER}</dt><dd>{server}</dd></div>
            <div class:is-bad=is_bad><dt>{texts::RULES}</dt><dd>{texts::rules(report)}</dd></div>
        </dl>
        {cut}
        {(!report.violations.is_empty()).then(|| view! { <ol class="violations" aria-label=texts::LIST tabindex="0">{rows}</ol> })}
    }
}

fn row(violation: &LintViolation, on_place: Callback<Place>) -> AnyView {
    let place = (violation.line, violation.column);
    let grade = if violation.is_error { texts::NOT_ALLOWED } else { texts::ADVICE };
    view! {
        <li>
            <button type="button" class="link" on:click=handler(move |_| on_place.run(place))>
                {texts::place(violation.line, violation.column)}
            </button>
            " "
            <span class="violation-grade" class:is-error=violation.is_error>{grade}</span>
            " "
            <span>{violation.detail.clone()}</span>
            " "
            <small class="muted">{texts::rule(violation)}</small>
        </li>
    }
}
