//! What stands below a graph: its legend, the ways out of it into files and onto the clipboard, its values as a table.

use super::colours::Colours;
use super::export::SaveMenu;
use super::heat_key::HeatKey;
use super::picture::Picture;
use super::shown::with_heat;
use super::values_table::ValuesTable;
use crate::components::legend::Legend;
use crate::components::legend::visibility::Visibility;
use crate::live::view;
use crate::state::url::graph::GraphState;
use chart::Unit;
use leptos::prelude::*;
use protocol::GraphAnswer;
use std::sync::Arc;

/// The foot of a graph.
#[component]
pub fn Foot(
    /// What is drawn.
    #[prop(into)]
    answer: Signal<Option<Arc<GraphAnswer>>>,
    /// How it looks.
    #[prop(into)]
    state: Signal<GraphState>,
    /// As it was drawn.
    #[prop(into)]
    picture: Signal<Option<Arc<Picture>>>,
    /// The places of the series in the palette.
    #[prop(into)]
    colours: Signal<Option<Arc<Colours>>>,
    /// The unit of each expression's values; those beyond have the last one's.
    #[prop(into)]
    units: Signal<Vec<Unit>>,
    /// Which series are drawn.
    visibility: RwSignal<Visibility>,
    /// The series that is pointed at in the legend.
    emphasised: RwSignal<Option<usize>>,
) -> impl IntoView {
    let format = Signal::derive(move || state.with(|state| state.legend.clone()));
    // Heat maps are values too: made only for who asks.
    let values = Signal::derive(move || answer.with(|answer| answer.as_ref().map(with_heat)));
    view! {
        <HeatKey picture/>
        <Legend answer colours units format visibility emphasised/>
        <div class="graph-foot">
            <ValuesTable answer=values units format visibility/>
            <SaveMenu answer=values picture units format visibility/>
        </div>
    }
}
