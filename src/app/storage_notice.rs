//! Says what is the matter with what is kept on this device: another tab has it, it is full, it is being read.

use super::page::Page;
use crate::client::Client;
use crate::components::page_link::PageLink;
use crate::live::{handler, live, memo, view};
use crate::state::session::Session;
use crate::state::settings::Settings;
use crate::texts::storage::{self as texts, Action, Notice, Tone};
use leptos::prelude::*;
use protocol::{Request, StorageRole};

/// The notices; nothing while all is well.
#[component]
pub(super) fn StorageNotice() -> impl IntoView {
    let storage = expect_context::<Session>().storage;
    let zone = expect_context::<Settings>().zone;
    let dismissed = RwSignal::new(Vec::<String>::new());
    let notices = memo(move |_| {
        let time = |at| zone.with(|zone| zone.format(at));
        let mut notices = storage.with(|status| texts::notices(status, &time));
        notices.retain(|notice| dismissed.with(|dismissed| !dismissed.contains(&notice.text)));
        notices
    });
    live(move || notices.get().into_iter().map(|notice| draw(notice, dismissed)).collect_view())
}

fn draw(notice: Notice, dismissed: RwSignal<Vec<String>>) -> AnyView {
    let Notice { tone, text, action } = notice;
    let (class, role) = match tone {
        Tone::Passing => ("notice page-notice is-passing", "status"),
        Tone::Plain => ("notice page-notice", "status"),
        Tone::Warning => ("notice page-notice is-warning", "alert"),
    };
    let dismiss = text.clone();
    let button = match action {
        Action::None => None,
        Action::TakeOver => Some(view! { <TakeOver/> }),
        Action::ToStatus => Some(view! { <PageLink page=Page::Status>{texts::TO_STATUS}</PageLink> }),
        Action::Dismiss => Some(view! {
            <button type="button" on:click=handler(move |_| dismissed.update(|texts| texts.push(dismiss.clone())))>
                {texts::DISMISS}
            </button>
        }),
    };
    view! { <div class=class role=role><p>{text}</p>{button}</div> }
}

/// Makes this tab the one that scrapes and stores.
#[component]
pub(crate) fn TakeOver() -> impl IntoView {
    let client = expect_context::<Client>();
    let storage = expect_context::<Session>().storage;
    let is_asked = RwSignal::new(false);
    let is_busy = memo(move |_| is_asked.get() && matches!(storage.read().role, StorageRole::Reader { .. }));
    let take = move |_| {
        is_asked.set(true);
        client.send(Request::TakeStore);
    };
    view! {
        <button type="button" disabled=move || is_busy.get() on:click=handler(take)>
            {move || if is_busy.get() { texts::TAKING_OVER } else { texts::TAKE_OVER }}
        </button>
    }
}
