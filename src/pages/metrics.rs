//! The metrics page.

use leptos::prelude::*;

/// The page.
#[component]
pub fn MetricsPage() -> impl IntoView {
    view! { <h1>"Metrics"</h1> }
}
