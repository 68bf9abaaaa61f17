//! The targets page.

use leptos::prelude::*;

/// The page.
#[component]
pub fn TargetsPage() -> impl IntoView {
    view! { <h1>"Targets"</h1> }
}
