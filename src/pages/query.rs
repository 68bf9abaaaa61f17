//! The query page: panels, each an expression with its table or graph.

use leptos::prelude::*;

/// The page.
#[component]
pub fn QueryPage() -> impl IntoView {
    view! { <h1>"Query"</h1> }
}
