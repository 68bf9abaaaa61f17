//! Which colour of a heat map stands for how many observations.

use super::picture::Picture;
use crate::components::show::Show;
use crate::live::{live, memo, view};
use crate::state::settings::Settings;
use crate::texts::legend as texts;
use chart::heatmap::HeatScale;
use chart::theme::N_HEAT;
use chart::{Theme, format};
use leptos::prelude::*;
use std::sync::Arc;

/// The colours from few to many between the least and the greatest count; nothing for other forms.
#[component]
pub fn HeatKey(
    /// As it was drawn.
    #[prop(into)]
    picture: Signal<Option<Arc<Picture>>>,
) -> impl IntoView {
    let settings = expect_context::<Settings>();
    let scale = memo(move |_| {
        picture.with(|picture| {
            let picture = picture.as_ref()?;
            HeatScale::of(picture.answer.frame.heat.get(picture.drawing.heat_idx?)?)
        })
    });
    let end = move |level: usize| {
        let count = scale.get().map(|scale| scale.begin(level));
        // Counts have no unit of their own: a histogram's unit is that of its bounds.
        count.map(|count| format::short(chart::Unit::None, count))
    };
    let swatches = move || {
        let theme = Theme::of(settings.is_dark.get());
        let swatch = |level: usize| view! { <span style:background-color=theme.heat(level).css()></span> };
        (0..N_HEAT).map(swatch).collect_view()
    };
    view! {
        <Show when=move || scale.get().is_some()>
            <p class="heat-key">
                <span>{texts::HEAT_KEY}</span>
                <span class="heat-end">{live(move || end(0))}</span>
                <span class="heat-colours" aria-hidden="true">{live(swatches)}</span>
                <span class="heat-end">{live(move || end(N_HEAT))}</span>
            </p>
        </Show>
    }
}
