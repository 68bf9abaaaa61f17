//! The table of a difference: a line a family, below it a line a series, and one for each further number of a histogram.

use super::Answer;
use super::arranged::{Arranged, Shown, arranged};
use crate::components::series_table::rows::series_text;
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::texts::scrapes as texts;
use leptos::prelude::*;
use model::number;
use protocol::{ChangeKind, DiffAnswer, FamilyChange, PartChange, SeriesChange};

/// So many lines are put into the page at first: more make a phone stutter.
const MAX_LINES: usize = 400;

/// The table.
#[component]
pub(super) fn ChangeTable(answer: Answer, shown: RwSignal<Shown>) -> impl IntoView {
    let max_lines = RwSignal::new(MAX_LINES);
    effect(move || {
        shown.track();
        max_lines.set(MAX_LINES);
    });
    let picked = memo(move |_| {
        answer.with(|answer| answer.as_ref().map(|answer| arranged(answer, &shown.read())).unwrap_or_default())
    });
    let n_lines =
        memo(move |_| picked.with(|picked| picked.iter().map(|family| 1 + family.series.len()).sum::<usize>()));
    let is_empty = move || n_lines.get() == 0;
    let nothing = move || {
        let moved = answer.with(|answer| answer.as_ref().is_some_and(|answer| answer.n_families > 0));
        if moved { texts::NO_ROW } else { texts::NOTHING_MOVED }
    };
    let body =
        move || answer.with(|answer| answer.as_ref().map(|answer| lines(answer, &picked.read(), max_lines.get())));
    let cut = move || {
        answer.with(|answer| {
            let answer = answer.as_ref()?;
            let n_listed = answer.families.len();
            (n_listed < answer.n_families as usize).then(|| texts::families_cut(n_listed, answer.n_families))
        })
    };
    let is_number = |idx: usize| idx > 1;
    let heads = texts::DIFF_COLUMNS.iter().enumerate();
    let heads =
        heads.map(|(idx, name)| view! { <th scope="col" class:number=is_number(idx)>{*name}</th> }).collect_view();
    view! {
        <Show when=is_empty><p class="muted">{live(nothing)}</p></Show>
        <div class="scrape-list" tabindex="0" role="region" aria-label=texts::DIFF_TABLE class:is-empty=is_empty>
            <table class="diff" aria-label=texts::DIFF_TABLE>
                <thead><tr>{heads}</tr></thead>
                {live(body)}
            </table>
        </div>
        <p class="muted">{live(cut)}</p>
        <Show when=move || { n_lines.get() > max_lines.get() }>
            <p>
                {move || texts::rows_cut(max_lines.get(), n_lines.get())} " "
                <button type="button" class="link" on:click=handler(move |_| max_lines.set(usize::MAX))>{texts::SHOW_ALL}</button>
            </p>
        </Show>
    }
}

/// The lines of all families, up to so many.
fn lines(answer: &DiffAnswer, picked: &[Arranged], max_lines: usize) -> AnyView {
    let seconds = answer.seconds();
    let mut room = max_lines;
    let mut out = Vec::new();
    for Arranged { family, series } in picked {
        let Some(family) = answer.families.get(*family) else { continue };
        if room == 0 {
            break;
        }
        room -= 1;
        let shown: Vec<&SeriesChange> = series.iter().take(room).filter_map(|idx| family.series.get(*idx)).collect();
        room -= shown.len();
        let rows = shown.into_iter().map(|one| series_rows(one, seconds)).collect_view();
        out.push(view! { <tbody>{head(family)}{rows}</tbody> });
    }
    out.collect_view().into_any()
}

fn head(family: &FamilyChange) -> AnyView {
    let said = family.said.iter().map(|said| view! { <p class="diff-said">{texts::said(said)}</p> }).collect_view();
    let presence = family.presence.map(|kind| {
        view! { " " <span class="change" class:is-new=kind == ChangeKind::New class:is-gone=kind == ChangeKind::Gone>{texts::presence(kind)}</span> }
    });
    let n_changed = family.counts.n_changed();
    let n_listed = family.series.len();
    let cut = (n_listed < n_changed as usize)
        .then(|| view! { <p class="muted">{texts::series_cut(n_listed, n_changed)}</p> });
    view! {
        <tr class="diff-family">
            <th scope="rowgroup" colspan=texts::DIFF_COLUMNS.len().to_string()>
                <span class="mono">{family.name.clone()}</span> " "
                <span class="muted">{family.kind.clone()} " · " {texts::family_counts(family.counts)}</span>
                {presence}
                {said}
                {cut}
            </th>
        </tr>
    }
}

fn series_rows(series: &SeriesChange, seconds: Option<f64>) -> AnyView {
    let labels = series_text(&series.labels);
    let kind = series.kind;
    let rows = series.parts.iter().enumerate().map(|(idx, part)| {
        let what = texts::part(&part.part);
        let name = if idx == 0 {
            let what = (!what.is_empty()).then(|| view! { " " <span class="muted">{what}</span> });
            view! { <th scope="row" class="series-name">{labels.clone()}{what}</th> }
        } else {
            view! { <th scope="row" class="diff-part">{what}</th> }
        };
        let change = (idx == 0).then(|| {
            view! {
                <span
                    class="change"
                    class:is-new=kind == ChangeKind::New
                    class:is-gone=kind == ChangeKind::Gone
                    class:is-reset=kind == ChangeKind::Reset
                >
                    {texts::change(kind)}
                </span>
            }
        });
        view! { <tr>{name}<td>{change}</td>{numbers(series, part, seconds)}</tr> }
    });
    let rows = rows.collect_view();
    let more = (series.n_more_parts > 0).then(|| {
        view! { <tr><th scope="row" class="diff-part" colspan=texts::DIFF_COLUMNS.len().to_string()>{texts::more_parts(series.n_more_parts)}</th></tr> }
    });
    view! { {rows}{more} }
}

/// What it was, what it is, the difference and, of what only goes up, how much that is a second.
fn numbers(series: &SeriesChange, part: &PartChange, seconds: Option<f64>) -> AnyView {
    let [_, _, from, to, moved, a_second] = texts::DIFF_COLUMNS;
    let cell = |name: &'static str, exact: Option<f64>, text: Option<String>| {
        let exact = exact.map(number::format);
        view! { <td class="number" data-name=name title=exact>{text.unwrap_or_default()}</td> }
    };
    let difference = series.difference(part);
    let rate = difference.zip(seconds).filter(|_| series.is_counter).map(|(moved, seconds)| moved / seconds);
    view! {
        {cell(from, part.from, part.from.map(texts::value))}
        {cell(to, part.to, part.to.map(texts::value))}
        {cell(moved, difference, difference.map(texts::signed))}
        {cell(a_second, rate, rate.map(texts::a_second))}
    }
}
