//! [`Rows`]: a list that keeps the elements of what stays, as leptos' `For`, but compiled once for all kinds of rows.

use crate::live::view;
use leptos::prelude::*;
use std::sync::Arc;

/// A view of each item. An item whose key was there before keeps its view.
#[component]
pub fn Rows<I, T, N>(
    /// The items in their order.
    each: impl Fn() -> I + Send + 'static,
    /// Tells items apart; another key is another row.
    key: impl Fn(&T) -> Key + Send + 'static,
    /// Draws an item.
    children: impl Fn(T) -> N + Send + Sync + 'static,
) -> impl IntoView
where
    I: IntoIterator<Item = T> + 'static,
    T: Send + 'static,
    N: IntoView + 'static,
{
    let children: Arc<dyn Fn(T) -> AnyView + Send + Sync> = Arc::new(move |item| children(item).into_any());
    let row = move |item| {
        let (key, children) = (key(&item), children.clone());
        Row { key, draw: Box::new(move || children(item)) }
    };
    keyed(Box::new(move || each().into_iter().map(&row).collect()))
}

fn keyed(rows: Box<dyn Fn() -> Vec<Row> + Send>) -> AnyView {
    view! { <For each=rows key=|row: &Row| row.key.clone() children=|row: Row| (row.draw)()/> }
}

/// The identity of a row.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// Of what is numbered.
    Number(u64),
    /// Of what has a name.
    Text(String),
}

struct Row {
    key: Key,
    draw: Box<dyn FnOnce() -> AnyView + Send>,
}
