//! The list of completions below the word that is being typed.

pub mod completer;
pub mod rank;

use crate::components::prose::prose;
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::texts::explore as texts;
use completer::Completer;
use leptos::{ev::MouseEvent, html, prelude::*};
use promql::complete::{Item, ItemKind};

/// The list; an element `.cut` in the field's frame stands where the word begins.
#[component]
pub fn CompletionList(
    /// What is offered, and whether.
    completer: Completer,
    /// The id of the list; its options get it with their number.
    #[prop(into)]
    id: String,
    /// The field's frame.
    anchor: NodeRef<html::Div>,
    /// An item was clicked.
    on_take: Callback<Item>,
) -> impl IntoView {
    let popup = NodeRef::<html::Div>::new();
    let is_shown = memo(move |_| completer.is_shown());
    let place = move || place_below_word(anchor, popup);
    effect(move || {
        // Whatever moves the word or changes the size of the list.
        completer.completion.track();
        completer.offer.track();
        if is_shown.get() {
            request_animation_frame(place);
        }
    });
    let list_id = StoredValue::new(id);
    let options = move || {
        let offer = completer.offer.get();
        let options = offer.items.into_iter().enumerate().map(|(idx, item)| {
            view! { <CompletionOption completer idx id=option_id(&list_id.get_value(), idx) item on_take/> }
        });
        options.collect_view()
    };
    let hidden = move || completer.offer.with(|offer| offer.total - offer.items.len());
    let is_empty = move || completer.offer.with(|offer| offer.items.is_empty());
    view! {
        <Show when=move || is_shown.get()>
            <div class="completions" node_ref=popup on:mousedown=handler(|event: MouseEvent| event.prevent_default())>
                <ul class="completions-list" role="listbox" id=list_id.get_value() aria-label=texts::COMPLETIONS>
                    {live(options)}
                </ul>
                <Show when=move || { hidden() > 0 }>
                    <p class="completions-more">{move || texts::more_completions(hidden())}</p>
                </Show>
                <Show when=is_empty>
                    <p class="completions-more">{texts::NO_COMPLETIONS}</p>
                </Show>
                <CompletionDoc completer/>
            </div>
        </Show>
    }
}

/// The id of an option, for `aria-activedescendant`.
#[must_use]
pub fn option_id(list_id: &str, idx: usize) -> String {
    format!("{list_id}-{idx}")
}

#[component]
fn CompletionOption(
    completer: Completer,
    idx: usize,
    id: String,
    item: Item,
    on_take: Callback<Item>,
) -> impl IntoView {
    let node = NodeRef::<html::Li>::new();
    let is_active = memo(move |_| completer.active.get() == idx);
    effect(move || {
        if is_active.get()
            && let Some(node) = node.get()
        {
            scroll_into_list(&node);
        }
    });
    let (label, detail) = (item.label.clone(), item.detail.clone());
    view! {
        <li
            class=format!("completion {}", kind_class(item.kind))
            class:is-active=is_active
            role="option"
            id=id
            aria-selected=move || is_active.get().to_string()
            node_ref=node
            on:click=handler(move |_| on_take.run(item.clone()))
        >
            <span class="completion-name">{label}</span>
            <span class="completion-detail">{detail}</span>
        </li>
    }
}

/// What is known of the chosen item.
#[component]
fn CompletionDoc(completer: Completer) -> impl IntoView {
    let item = memo(move |_| completer.offer.with(|offer| offer.items.get(completer.active.get()).cloned()));
    live(move || {
        item.get().filter(|item| !item.doc.is_empty()).map(|item| {
            view! {
                <p class="completions-doc">
                    <code>{if item.detail.is_empty() { item.label } else { item.detail }}</code>
                    " "
                    {prose(&item.doc)}
                </p>
            }
        })
    })
}

fn kind_class(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Metric => "is-metric",
        ItemKind::Label => "is-label",
        ItemKind::Value => "is-value",
        ItemKind::Function => "is-function",
        ItemKind::Aggregation => "is-aggregation",
        ItemKind::Keyword => "is-keyword",
        ItemKind::Duration => "is-duration",
    }
}

/// Puts the list below the word, as far to the left as it has to be to fit.
fn place_below_word(anchor: NodeRef<html::Div>, popup: NodeRef<html::Div>) {
    let (Some(anchor), Some(popup)) = (anchor.get_untracked(), popup.get_untracked()) else {
        return;
    };
    let Ok(Some(cut)) = anchor.query_selector(".cut") else {
        return;
    };
    let (frame, word) = (anchor.get_bounding_client_rect(), cut.get_bounding_client_rect());
    let room = (frame.width() - f64::from(popup.offset_width())).max(0.0);
    let left = (word.left() - frame.left()).clamp(0.0, room);
    let top = word.bottom() - frame.top() + 8.0;
    let style = web_sys::HtmlElement::style(&popup);
    let _ = style.set_property("left", &format!("{left}px"));
    let _ = style.set_property("top", &format!("{top}px"));
}

/// Scrolls the list, and only the list, so that an option is seen whole.
fn scroll_into_list(option: &web_sys::HtmlElement) {
    let Some(list) = option.parent_element() else {
        return;
    };
    let (top, height) = (option.offset_top(), option.offset_height());
    if top < list.scroll_top() {
        list.set_scroll_top(top);
    } else if top + height > list.scroll_top() + list.client_height() {
        list.set_scroll_top(top + height - list.client_height());
    }
}
