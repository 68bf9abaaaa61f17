//! What a panel says about its expression and its answer: errors, hints while typing, warnings, why it is
//! empty, what it cost.

use super::empty::{self, Data, Finding, KnownValues};
use crate::client::Client;
use crate::components::expression_input::remarks::{Remark, place};
use crate::components::prose::prose;
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::state::session::Session;
use crate::state::settings::Settings;
use crate::texts::{explore as texts, sources as server};
use leptos::prelude::*;
use protocol::{Lookup, Note, SourceChoice, WireMatcher, WireSpan};

/// So many values of a label are looked up to find a near one.
const VALUES_LIMIT: u32 = 5_000;

/// So many characters of a part of an expression are repeated in a note about it.
const MAX_PART: usize = 48;

/// The problems of an expression: an alert once it was run, plain hints while it is typed.
#[component]
pub fn RemarkList(
    id: String,
    #[prop(into)] src: Signal<String>,
    #[prop(into)] remarks: Signal<Vec<Remark>>,
    #[prop(into)] is_alert: Signal<bool>,
) -> impl IntoView {
    let items = move || {
        let src = src.get();
        let items = remarks.get().into_iter().map(|remark| {
            let place = remark.span.map(|span| {
                let (line, column) = place(&src, span.start);
                texts::place(line, column, src.contains('\n'))
            });
            view! {
                <li class:is-warning=!remark.is_error()>
                    {place.map(|place| view! { <span class="remark-place">{place}": "</span> })}
                    <span class="remark-message">{prose(&texts::sentence(&remark.message))}</span>
                    {(!remark.hint.is_empty()).then(|| {
                        view! { " " <span class="remark-hint">{prose(&texts::sentence(&remark.hint))}</span> }
                    })}
                </li>
            }
        });
        items.collect_view()
    };
    view! {
        <div id=id>
            <Show when=move || remarks.with(|remarks| !remarks.is_empty())>
                <div role=move || is_alert.get().then_some("alert")>
                    <ul class="remarks" class:is-quiet=move || !is_alert.get() role="list">{live(items)}</ul>
                </div>
            </Show>
        </div>
    }
}

/// Warnings and infos of an answer, each once, with the part of the expression that each is about.
#[component]
pub fn AnswerNotes(
    /// The expression that was answered.
    #[prop(into)]
    src: Signal<String>,
    #[prop(into)] warnings: Signal<Vec<Note>>,
    #[prop(into)] infos: Signal<Vec<Note>>,
) -> impl IntoView {
    let list = move |notes: Vec<Note>, class: &'static str| {
        let mut seen: Vec<Note> = Vec::new();
        for note in notes {
            if !seen.contains(&note) {
                seen.push(note);
            }
        }
        let src = src.get();
        let items = seen.into_iter().map(|note| {
            let place = note.span.and_then(|span| part(&src, span)).map(|(place, code)| {
                view! { <span class="remark-place">{place}", "<code>{code}</code>": "</span> }
            });
            view! {
                <p class=format!("notice {class}") role="note">{place} {prose(&note.message)} " " {prose(&note.hint)}</p>
            }
        });
        items.collect_view()
    };
    view! {
        {move || list(warnings.get(), "is-warning")}
        {move || list(infos.get(), "is-info")}
    }
}

/// Where a part of an expression begins, and its text, cut where it is long; `None` for all of it.
fn part(src: &str, span: WireSpan) -> Option<(String, String)> {
    let (start, end) = (span.start as usize, span.end as usize);
    let text = src.get(start..end).filter(|text| !text.is_empty() && text.trim() != src.trim())?;
    let (line, column) = place(src, start);
    let mut shown = model::cluster::first_chars(text, MAX_PART).to_owned();
    if shown.len() < text.len() {
        shown.push('…');
    }
    Some((texts::place(line, column, src.contains('\n')), shown))
}

/// Says why there is nothing to show, and offers what would show something.
#[component]
pub fn EmptyNotice(
    /// The expression.
    #[prop(into)]
    src: Signal<String>,
    /// The end of what was asked for, ms since the epoch.
    #[prop(into)]
    at_ms: Signal<i64>,
    /// That end was chosen; else it follows the clock.
    #[prop(into)]
    is_fixed: Signal<bool>,
    on_use: Callback<String>,
    /// Whose samples were asked for.
    source: Memo<Option<SourceChoice>>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let zone = expect_context::<Settings>().zone;
    let selectors = memo(move |_| src.with(|src| empty::selectors(&promql::parse(src).expr)));
    let values = known_values(session, selectors);
    let findings = memo(move |_| {
        if source.get() != Some(SourceChoice::Local) {
            return vec![(server::EMPTY_HINT.to_owned(), None)];
        }
        let families = session.families.get();
        let store = session.store.get();
        let intervals = session.targets.with(|targets| targets.iter().map(|t| i64::from(t.spec.interval_ms)).min());
        let at_ms = at_ms.get();
        let data = Data {
            metrics: families.iter().flat_map(|family| family.metrics.iter().map(String::as_str)).collect(),
            values: values.get(),
            interval_ms: intervals,
            newest_ms: store.newest_ms,
            at_ms,
            oldest_ms: store.oldest_ms,
            begins: store.oldest_ms.map(|ms| zone.with(|zone| zone.format(ms))).unwrap_or_default(),
            is_fixed: is_fixed.get(),
        };
        let found = src.with(|src| selectors.with(|selectors| empty::findings(src, selectors, &data)));
        found.into_iter().map(|Finding { message, better }| (message, better)).collect::<Vec<_>>()
    });
    let items = move || {
        let items = findings.get().into_iter().map(|(message, better)| {
            let use_it = better.map(|better| {
                let title = better.clone();
                view! {
                    <button type="button" title=title on:click=handler(move |_| on_use.run(better.clone()))>
                        {texts::USE_IT}
                    </button>
                }
            });
            view! { <p>{prose(&message)} " " {use_it}</p> }
        });
        items.collect_view()
    };
    view! {
        <div class="empty" role="note">
            <p class="empty-title">{move || if source.get() == Some(SourceChoice::Local) { texts::EMPTY } else { server::EMPTY }}</p>
            {live(items)}
        </div>
    }
}

/// Asks the worker for the values of the labels that an expression compares.
fn known_values(session: Session, selectors: Memo<Vec<empty::Selector>>) -> RwSignal<KnownValues> {
    let client = expect_context::<Client>();
    let values = RwSignal::new(KnownValues::new());
    effect(move || {
        session.families.track();
        for (metric, label) in selectors.with(|selectors| empty::wanted_values(selectors)) {
            let name = WireMatcher { name: model::METRIC_NAME.to_owned(), op: "=".to_owned(), value: metric.clone() };
            let what = Lookup::LabelValues { label: label.clone(), matchers: vec![name] };
            client.lookup(SourceChoice::Local, what, VALUES_LIMIT, move |found, truncated| {
                // Of a part of the values nothing can be said; the notice may be gone by now.
                if !truncated {
                    values.try_update(|values| values.insert((metric, label), found));
                }
            });
        }
    });
    values
}

#[cfg(test)]
mod tests {
    //! What a note repeats of the expression.
    use super::*;

    #[test]
    fn a_note_names_the_part_it_is_about_unless_it_is_all_of_it() {
        let of = |src: &str, start, end| part(src, WireSpan { start, end });
        let said = |place: &str, code: &str| Some((place.to_owned(), code.to_owned()));
        assert_eq!(of("rate(x[5m]) + y", 5, 10), said("Column 6", "x[5m]"));
        assert_eq!(of("a +\n b", 5, 6), said("Line 2, column 2", "b"));
        assert_eq!(of(" rate(x) ", 1, 8), None);
        assert_eq!(of("ä", 1, 9), None);
        let long = format!("1 + {}", "x".repeat(60));
        assert_eq!(of(&long, 4, 64), said("Column 5", &format!("{}…", "x".repeat(48))));
    }
}
