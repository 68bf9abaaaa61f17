//! Rules of a server by group, and its alerts.

use super::report::{FilterField, FilterMenu, labels};
use super::targets::badge;
use super::view::Shown;
use crate::browser::clock;
use crate::live::{live, memo, view};
use crate::state::settings::Settings;
use crate::texts::{sources as texts, units};
use leptos::prelude::*;
use protocol::ReportKind;
use protocol::reply::{Alert, AlertState, Rule, RuleKind, Rules};
use std::sync::Arc;

/// The rules.
#[component]
pub(super) fn RulesView(rules: Arc<Rules>, shown: Memo<Shown>) -> impl IntoView {
    let n_all: usize = rules.groups.iter().map(|group| group.rules.len()).sum();
    if n_all == 0 {
        return view! { <p class="muted">{texts::NO_RULES}</p> };
    }
    let found = memo(move |_| {
        let shown = shown.get();
        let groups = rules.groups.iter().map(|group| {
            let hits = group.rules.iter().filter(|rule| {
                (shown.state.is_empty() || shown.state == rule_state(rule))
                    && shown.finds(&format!(
                        "{} {} {} {} {}",
                        group.name, group.file, rule.name, rule.query, rule.last_error
                    ))
            });
            (texts::group(&group.name, group.interval_secs), group.file.clone(), hits.cloned().collect::<Vec<Rule>>())
        });
        groups.filter(|(_, _, rules)| !rules.is_empty()).collect::<Vec<_>>()
    });
    let now = clock::every_second();
    let n_found = move || found.with(|groups| groups.iter().map(|(_, _, rules)| rules.len()).sum::<usize>());
    let states = ["ok", "err", "unknown", "firing", "pending", "inactive"].map(|one| (one.to_owned(), one.to_owned()));
    let groups = move || {
        let groups = found.get().into_iter().map(|(name, file, rules)| {
            let rows = rules.into_iter().map(|rule| rule_row(&rule, now)).collect_view();
            let heads = texts::RULE_COLUMNS.into_iter().enumerate().map(|(idx, name)| {
                view! { <th scope="col" class:number={idx >= 3}>{name}</th> }
            });
            view! {
                <section class="rule-group">
                    <h4>{name} " " <small class="muted mono">{file}</small></h4>
                    <table class="result report-table">
                        <thead><tr>{heads.collect_view()}</tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </section>
            }
        });
        groups.collect_view()
    };
    view! {
        <div class="targets-tools">
            <FilterField shown/>
            <FilterMenu name=texts::HEALTH all=texts::ALL_STATES options=states.to_vec() get=|shown| &mut shown.state shown/>
            <span class="muted" role="status">{move || texts::n_rules(n_found(), n_all)}</span>
        </div>
        {move || found.read().is_empty().then(|| view! { <p class="muted">{texts::NOTHING_MATCHES}</p> })}
        {live(groups)}
    }
}

/// The worst of what is to be said of a rule: that it fails, else the state of its alerts, else its health.
fn rule_state(rule: &Rule) -> &str {
    match rule.health.as_str() {
        "ok" if rule.kind == RuleKind::Alerting && rule.state != AlertState::Unknown => state_word(rule.state),
        health => health,
    }
}

fn state_word(state: AlertState) -> &'static str {
    match state {
        AlertState::Firing => "firing",
        AlertState::Pending => "pending",
        AlertState::Inactive => "inactive",
        AlertState::Unknown => "unknown",
    }
}

fn rule_row(rule: &Rule, now: Signal<i64>) -> AnyView {
    let zone = expect_context::<Settings>().zone;
    let last = rule.last_evaluation_ms;
    let ago = move || last.map(|at| units::ago(at, now.get().max(at)));
    let exact = move || last.map(|at| zone.with(|zone| zone.format(at)));
    let took = if last.is_some() { units::took(rule.evaluation_secs * 1_000.0) } else { String::new() };
    let state = rule_state(rule).to_owned();
    let (is_good, is_bad) = (matches!(state.as_str(), "ok" | "inactive"), matches!(state.as_str(), "err" | "firing"));
    let holds =
        (rule.for_secs > 0.0).then(|| view! { " " <small class="muted">{texts::holds_for(rule.for_secs)}</small> });
    let error =
        (!rule.last_error.is_empty()).then(|| view! { <p class="notice is-error">{rule.last_error.clone()}</p> });
    let [state_name, rule_name, expr_name, last_name, took_name] = texts::RULE_COLUMNS;
    view! {
        <tr>
            <td data-name=state_name>{badge(&state, is_good, is_bad)}</td>
            <td data-name=rule_name class="wrapped"><span class="mono">{rule.name.clone()}</span> {holds} {labels(&rule.labels)}</td>
            <td data-name=expr_name class="mono wrapped">{rule.query.clone()} {error}</td>
            <td data-name=last_name class="number" title=live(exact)>{live(ago)}</td>
            <td data-name=took_name class="number">{took}</td>
        </tr>
    }
}

/// The alerts.
#[component]
pub(super) fn AlertsView(alerts: Arc<Vec<Alert>>, shown: Memo<Shown>) -> impl IntoView {
    let n_all = alerts.len();
    if n_all == 0 {
        return view! { <p class="muted">{texts::NO_ALERTS}</p> };
    }
    let found = memo(move |_| {
        let shown = shown.get();
        let hits = alerts.iter().filter(|alert| {
            let words = alert.labels.iter().chain(&alert.annotations).map(|(name, value)| format!(" {name}={value}"));
            (shown.state.is_empty() || shown.state == state_word(alert.state))
                && shown.finds(&words.collect::<String>())
        });
        hits.cloned().collect::<Vec<_>>()
    });
    let now = clock::every_second();
    let states = ["firing", "pending"].map(|one| (one.to_owned(), one.to_owned()));
    let heads = texts::ALERT_COLUMNS.into_iter().enumerate().map(|(idx, name)| {
        view! { <th scope="col" class:number=idx == 2 || idx == 3>{name}</th> }
    });
    let rows = move || found.get().iter().map(|alert| alert_row(alert, now)).collect_view();
    view! {
        <div class="targets-tools">
            <FilterField shown/>
            <FilterMenu name=texts::HEALTH all=texts::ALL_STATES options=states.to_vec() get=|shown| &mut shown.state shown/>
            <span class="muted" role="status">{move || texts::n_alerts(found.read().len(), n_all)}</span>
        </div>
        {move || found.read().is_empty().then(|| view! { <p class="muted">{texts::NOTHING_MATCHES}</p> })}
        <table class="result report-table" aria-label=texts::report(ReportKind::Alerts)>
            <thead><tr>{heads.collect_view()}</tr></thead>
            <tbody>{live(rows)}</tbody>
        </table>
    }
}

fn alert_row(alert: &Alert, now: Signal<i64>) -> AnyView {
    let zone = expect_context::<Settings>().zone;
    let since = alert.active_at_ms;
    let ago = move || since.map(|at| units::ago(at, now.get().max(at)));
    let exact = move || since.map(|at| zone.with(|zone| zone.format(at)));
    let name = alert.labels.get("alertname").cloned().unwrap_or_default();
    let others = alert.labels.iter().filter(|(name, _)| *name != "alertname");
    let said = alert.annotations.iter().map(|(name, text)| view! { <p><b>{name.clone()}</b> " " {text.clone()}</p> });
    let is_firing = alert.state == AlertState::Firing;
    let [state_name, alert_name, since_name, value_name, said_name] = texts::ALERT_COLUMNS;
    view! {
        <tr>
            <td data-name=state_name>{badge(state_word(alert.state), false, is_firing)}</td>
            <td data-name=alert_name class="wrapped"><span class="mono">{name}</span> {labels(others)}</td>
            <td data-name=since_name class="number" title=live(exact)>{live(ago)}</td>
            <td data-name=value_name class="number">{model::number::format(alert.value)}</td>
            <td data-name=said_name class="wrapped">{said.collect_view()}</td>
        </tr>
    }
}
