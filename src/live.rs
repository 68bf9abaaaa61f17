//! Reactive pieces that are compiled once per type of value: leptos compiles its own once per closure.
//!
//! A page has hundreds of closures, and the code around each of them is the largest part of its wasm. Boxed here, behind
//! one pointer each, they share that code. Closures that are written in `view!` itself are boxed by the macro
//! (`--cfg erase_components`).

use leptos::prelude::*;
use leptos::tachys::reactive_graph::SharedReactiveFunction;
use std::sync::{Arc, Mutex};

/// A [`Memo`].
pub fn memo<T: PartialEq + Send + Sync + 'static>(f: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Memo<T> {
    Memo::new(Box::new(f) as Box<dyn Fn(Option<&T>) -> T + Send + Sync>)
}

/// An [`Effect`] that needs no value of its last run.
pub fn effect(f: impl FnMut() + 'static) {
    Effect::new(Box::new(f) as Box<dyn FnMut()>);
}

/// What an event calls: `on:click=handler(move |_| …)`.
pub fn handler<E: 'static>(f: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(f)
}

/// A child or an attribute that follows what `f` reads.
pub fn live<T: 'static>(f: impl FnMut() -> T + Send + 'static) -> SharedReactiveFunction<T> {
    Arc::new(Mutex::new(f))
}

/// Leptos' macro, with a value of one type: each element's own type would be another copy of the code that shows lists,
/// options and closures of it.
macro_rules! view {
    ($($tokens:tt)*) => {
        leptos::prelude::IntoAny::into_any(leptos::prelude::view! { $($tokens)* })
    };
}
pub(crate) use view;
