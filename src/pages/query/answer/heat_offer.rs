//! Offers the heat map where lines say little: buckets of classic histograms, and native histograms, which no line can show.

use crate::live::{handler, view};
use crate::texts::graph_options as texts;
use leptos::prelude::*;
use promql::Expr;
use promql::functions::Aggregation;
use protocol::FamilyInfo;

/// The offer, with a button that takes it.
#[component]
pub(super) fn HeatOffer(on_take: Callback<()>) -> impl IntoView {
    view! {
        <p class="notice heat-offer" role="note">
            {texts::HEAT_OFFER}
            " "
            <button type="button" on:click=handler(move |_| on_take.run(()))>{texts::SHOW_HEAT}</button>
        </p>
    }
}

/// Whether an expression gives histograms, bucket by bucket or native, and nothing else is known of it. `n_drawn` is how many
/// series its answer has for lines.
#[must_use]
pub(super) fn is_of_histograms(expr: &str, n_drawn: usize, families: &[FamilyInfo]) -> bool {
    let parsed = promql::parse(expr).expr;
    match metric_of(&parsed, false) {
        Some(metric) if metric.ends_with("_bucket") => n_drawn > 0 && metric_of(&parsed, true).is_some(),
        // Lines left nothing over but histograms.
        Some(metric) => {
            let is_it = |family: &FamilyInfo| family.name == metric && family.kind.ends_with("histogram");
            n_drawn == 0 && families.iter().any(is_it)
        }
        None => false,
    }
}

/// The metric of an expression that is bare, a rate, or a sum of them. `keeps_le`: only if the buckets are still told apart.
fn metric_of(expr: &Expr, keeps_le: bool) -> Option<&str> {
    match expr {
        Expr::Vector(selector) => selector.name.as_deref(),
        Expr::Matrix(matrix) => matrix.selector.name.as_deref(),
        Expr::Paren(paren) => metric_of(&paren.expr, keeps_le),
        Expr::Call(call) if matches!(call.func?.name, "rate" | "irate" | "increase" | "delta" | "idelta") => {
            metric_of(call.args.first()?, keeps_le)
        }
        Expr::Aggregate(aggregate) if matches!(aggregate.op, Aggregation::Sum | Aggregation::Avg) => {
            let has_le = aggregate.grouping.iter().any(|label| label == "le");
            (!keeps_le || has_le != aggregate.without).then(|| metric_of(&aggregate.expr, keeps_le)).flatten()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    //! Which expressions are offered a heat map.
    use super::*;

    #[test]
    fn buckets_and_native_histograms_are_offered_a_heat_map() {
        let family = |name: &str, kind: &str| FamilyInfo {
            name: name.to_owned(),
            kind: kind.to_owned(),
            help: String::new(),
            unit: String::new(),
            n_series: 1,
            metrics: vec![name.to_owned()],
            targets: Vec::new(),
        };
        let families = [family("lat", "histogram"), family("g", "gauge"), family("q", "gaugehistogram")];
        for (expr, n_drawn, want) in [
            ("lat_bucket", 5, true),
            ("lat_bucket", 0, false),
            ("rate(lat_bucket[5m])", 5, true),
            ("sum by (le) (rate(lat_bucket{job=\"x\"}[5m]))", 5, true),
            ("sum without (instance) (increase(lat_bucket[5m]))", 5, true),
            ("sum(rate(lat_bucket[5m]))", 1, false),
            ("sum by (job) (rate(lat_bucket[5m]))", 1, false),
            ("sum without (le) (rate(lat_bucket[5m]))", 1, false),
            ("histogram_quantile(0.9, rate(lat_bucket[5m]))", 1, false),
            ("lat_bucket > 3", 5, false),
            ("lat", 0, true),
            ("sum(rate(lat[5m]))", 0, true),
            ("(q)", 0, true),
            ("lat", 2, false),
            ("g", 0, false),
            ("unknown", 0, false),
            ("sum(", 0, false),
        ] {
            assert_eq!(is_of_histograms(expr, n_drawn, &families), want, "{expr}");
        }
    }
}
