//! [`Show`]: children on a condition, as leptos' own, but compiled once for all conditions and children.

use crate::live::{live, memo};
use leptos::prelude::*;

/// The children while `when` holds, else the fallback. They are built anew only when `when` changes.
#[component]
pub fn Show(
    /// The condition.
    #[prop(into)]
    when: Condition,
    /// Shown while it holds.
    children: ChildrenFn,
    /// Shown while it does not.
    #[prop(optional, into)]
    fallback: ViewFn,
) -> impl IntoView {
    let holds = memo(move |_| (when.0)());
    live(move || if holds.get() { children() } else { fallback.run() })
}

/// What [`Show`] asks.
pub struct Condition(Box<dyn Fn() -> bool + Send + Sync>);

impl<F: Fn() -> bool + Send + Sync + 'static> From<F> for Condition {
    fn from(f: F) -> Self {
        Self(Box::new(f))
    }
}
