//! One side of a comparison: which target, which scrape of it, and the time where that is one of the store.

use crate::browser::now_ms;
use crate::components::checked_field::CheckedField;
use crate::components::show::Show;
use crate::components::time_range::ladder::{End, parse_end};
use crate::live::{handler, live, memo, view};
use crate::state::session::Session;
use crate::state::settings::Settings;
use crate::texts::{explore, scrapes as texts, targets};
use leptos::prelude::*;
use protocol::{DiffRequest, DiffSide, Moment, TargetId};

/// A moment of the store that is chosen without a time is so long ago.
const AGO_MS: i64 = 60_000;

/// What the choices of a scrape are called in the page.
const CHOICES: [(&str, Moment); 4] =
    [("last", Moment::Last), ("before", Moment::Before), ("marked", Moment::Marked), ("stored", Moment::Stored(0))];

/// The fields of a side: the first (0) or the second (1).
#[component]
pub(super) fn SideFields(idx: usize, shown: Memo<Option<DiffRequest>>, put: Callback<DiffRequest>) -> impl IntoView {
    let session = expect_context::<Session>();
    let zone = expect_context::<Settings>().zone;
    let [first, second] = texts::SIDES;
    let (name, target_name, moment_name, time_name) = if idx == 0 { first } else { second };
    let side = memo(move |_| shown.get().map(|request| if idx == 0 { request.from } else { request.to }));
    let change = move |change: &dyn Fn(&mut DiffSide)| {
        if let Some(mut request) = shown.get_untracked() {
            change(if idx == 0 { &mut request.from } else { &mut request.to });
            put.run(request);
        }
    };
    let all =
        memo(move |_| session.targets.with(|all| all.iter().map(|t| (t.id, targets::name(t))).collect::<Vec<_>>()));
    let options = move || {
        let chosen = side.get().map(|side| side.id);
        let option = |(id, name): (TargetId, String)| {
            view! { <option value=id.0.to_string() selected=chosen == Some(id)>{name}</option> }
        };
        all.get().into_iter().map(option).collect_view()
    };
    let on_target = move |event| {
        if let Ok(id) = event_target_value(&event).parse() {
            change(&|side| side.id = TargetId(id));
        }
    };
    let marked = memo(move |_| {
        let id = side.get()?.id;
        session.targets.with(|all| all.iter().find(|target| target.id == id)?.marked_ms)
    });
    let moments = move || {
        let chosen = side.get().map(|side| key(side.moment));
        let at = marked.get().map(|at| zone.with(|zone| zone.format(at)));
        let option = |(value, moment): (&'static str, Moment)| {
            view! { <option value=value selected=chosen == Some(value)>{texts::moment(moment, at.as_deref())}</option> }
        };
        CHOICES.map(option).collect_view()
    };
    let on_moment = move |event| {
        let value = event_target_value(&event);
        let Some((_, moment)) = CHOICES.into_iter().find(|(name, _)| *name == value) else { return };
        let moment = if let Moment::Stored(_) = moment { Moment::Stored(now_ms() - AGO_MS) } else { moment };
        change(&|side| side.moment = moment);
    };
    let is_stored = move || side.get().is_some_and(|side| key(side.moment) == "stored");
    let time = Signal::derive(move || match side.get().map(|side| side.moment) {
        Some(Moment::Stored(at)) => zone.with(|zone| zone.civil(at).to_string()),
        _ => String::new(),
    });
    let take = Callback::new(move |text: String| {
        let at = match zone.with_untracked(|zone| parse_end(&text, now_ms(), |civil| zone.to_utc(civil)))? {
            End::Now => now_ms(),
            End::At(at) => at,
        };
        change(&|side| side.moment = Moment::Stored(at));
        Ok(())
    });
    view! {
        <fieldset class="diff-side">
            <legend>{name}</legend>
            <select aria-label=target_name on:change=handler(on_target)>{live(options)}</select>
            <select aria-label=moment_name on:change=handler(on_moment)>{live(moments)}</select>
            <Show when=is_stored>
                <CheckedField class="end-field" name=time_name placeholder=explore::END_PLACEHOLDER shown=time take/>
            </Show>
        </fieldset>
    }
}

fn key(moment: Moment) -> &'static str {
    match moment {
        Moment::Last => "last",
        Moment::Before => "before",
        Moment::Marked => "marked",
        Moment::Stored(_) => "stored",
    }
}
