//! What the query page shows, as it stands in the address: Prometheus' own parameters (`g0.expr`,
//! `g0.tab`, `g0.range_input` …), so that links go both ways.
//!
//! The codec is pure. Reading never fails: what cannot be understood is left at its default, because
//! half a link is better than none.

pub mod graph;

use crate::components::time_range::ladder::{format_range, parse_range};
use graph::GraphState;
use model::civil::Civil;
use protocol::{Density, StepChoice};

/// More panels than this are not read from an address: each is a query.
pub const MAX_PANELS: usize = 32;

/// Auto-refresh: what the menu offers, in milliseconds.
pub const REFRESH_MS: [u32; 9] = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];

/// What a panel shows below its expression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// An instant query.
    Table,
    /// A range query.
    #[default]
    Graph,
}

/// Everything the address knows of one panel.
#[derive(Clone, Debug, PartialEq)]
pub struct PanelState {
    /// PromQL.
    pub expr: String,
    /// Table or graph.
    pub tab: Tab,
    /// Length of the graph's range in milliseconds.
    pub range_ms: i64,
    /// Where it ends, ms since the epoch; `None` follows the clock.
    pub end_ms: Option<i64>,
    /// The step.
    pub step: StepChoice,
    /// Whose samples: the name of a source, `*` for all; empty for what this tab scraped.
    pub source: String,
    /// Evaluated here, too, and compared.
    pub is_compared: bool,
    /// How the graph looks.
    pub graph: GraphState,
}

impl Default for PanelState {
    fn default() -> Self {
        PanelState {
            expr: String::new(),
            tab: Tab::Graph,
            range_ms: 3_600_000,
            end_ms: None,
            step: StepChoice::Auto(Density::Medium),
            source: String::new(),
            is_compared: false,
            graph: GraphState::default(),
        }
    }
}

/// Everything the address knows of the query page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryState {
    /// The panels, from the top; never empty on the page.
    pub panels: Vec<PanelState>,
    /// Ask again every so many milliseconds.
    pub refresh_ms: Option<u32>,
}

impl QueryState {
    /// Reads the part behind the `?`. Panels end at the first number without an expression.
    #[must_use]
    pub fn decode(query: &str) -> Self {
        let pairs: Vec<(String, String)> = query
            .trim_start_matches('?')
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (percent_decode(name), percent_decode(value)))
            .collect();
        let get = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let mut state = QueryState { panels: Vec::new(), refresh_ms: get("refresh").and_then(parse_refresh) };
        for idx in 0..MAX_PANELS {
            if get(&format!("g{idx}.expr")).is_none() {
                break;
            }
            state.panels.push(decode_panel(&|name| get(&format!("g{idx}.{name}"))));
        }
        state
    }

    /// Writes the part behind the `?`.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut out = String::new();
        for (idx, panel) in self.panels.iter().enumerate() {
            encode_panel(panel, &mut |name, value| {
                if !out.is_empty() {
                    out.push('&');
                }
                out.push_str(&format!("g{idx}.{name}="));
                percent_encode(value, &mut out);
            });
        }
        if let Some(ms) = self.refresh_ms {
            out.push_str(if out.is_empty() { "refresh=" } else { "&refresh=" });
            out.push_str(&format_range(i64::from(ms)));
        }
        out
    }
}

fn parse_refresh(text: &str) -> Option<u32> {
    u32::try_from(parse_range(text).ok()?).ok().filter(|ms| REFRESH_MS[0] <= *ms)
}

fn decode_panel<'a>(get: &dyn Fn(&str) -> Option<&'a str>) -> PanelState {
    let defaults = PanelState::default();
    let end = get("end_input").or_else(|| get("moment_input"));
    PanelState {
        expr: get("expr").unwrap_or("").to_owned(),
        // Prometheus shows the table where an address does not say which tab; `0` and `1` are its older names.
        tab: match get("tab") {
            Some("graph" | "0") => Tab::Graph,
            _ => Tab::Table,
        },
        range_ms: get("range_input").and_then(|text| parse_range(text).ok()).unwrap_or(defaults.range_ms),
        end_ms: end.and_then(Civil::parse).map(Civil::to_ms),
        step: decode_step(get),
        source: get("source").unwrap_or_default().to_owned(),
        is_compared: get("compare") == Some("1"),
        graph: GraphState::decode(get),
    }
}

fn decode_step<'a>(get: &dyn Fn(&str) -> Option<&'a str>) -> StepChoice {
    let seconds = |text: &str| {
        let ms = text.parse::<f64>().ok().filter(|s| (0.001..1e9).contains(s)).map(|s| (s * 1_000.0).round() as i64);
        ms.or_else(|| parse_range(text).ok()).map(|step_ms| StepChoice::Fixed { step_ms })
    };
    let fixed = match get("res_type") {
        Some("fixed" | "custom") => get("res_step").and_then(seconds),
        Some(_) => None,
        None => get("step_input").and_then(seconds),
    };
    fixed.unwrap_or(StepChoice::Auto(match get("res_density") {
        Some("low") => Density::Low,
        Some("high") => Density::High,
        _ => Density::Medium,
    }))
}

fn encode_panel(panel: &PanelState, put: &mut dyn FnMut(&str, &str)) {
    put("expr", &panel.expr);
    put("show_tree", "0");
    put("tab", if panel.tab == Tab::Graph { "graph" } else { "table" });
    if let Some(end_ms) = panel.end_ms {
        let end = Civil::from_ms(end_ms).to_string();
        put("end_input", &end);
        put("moment_input", &end);
    }
    put("range_input", &format_range(panel.range_ms));
    match panel.step {
        StepChoice::Auto(density) => {
            put("res_type", "auto");
            put("res_density", density_name(density));
        }
        StepChoice::Fixed { step_ms } => {
            put("res_type", "custom");
            put("res_step", &(step_ms as f64 / 1_000.0).to_string());
        }
    }
    if !panel.source.is_empty() {
        put("source", &panel.source);
    }
    if panel.is_compared {
        put("compare", "1");
    }
    panel.graph.encode(put);
}

/// The word for a density in the address and in the menu.
#[must_use]
pub fn density_name(density: Density) -> &'static str {
    match density {
        Density::Low => "low",
        Density::Medium => "medium",
        Density::High => "high",
    }
}

/// `%41` and `+` to characters. What is no valid escape stands for itself.
#[must_use]
pub fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let hex = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (b'+', ..) => {
                out.push(b' ');
                at += 1;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Characters to what may stand in a parameter.
pub fn percent_encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'(' | b')' | b'*' | b'!' => {
                out.push(char::from(byte));
            }
            _ => {
                let digit = |d: u8| char::from_digit(u32::from(d), 16).unwrap_or('0').to_ascii_uppercase();
                out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use proptest::prelude::*;

    #[test]
    fn a_panel_is_written_as_prometheus_writes_it() {
        let state = QueryState {
            panels: vec![
                PanelState { expr: "sum by (job) (up)".to_owned(), ..PanelState::default() },
                PanelState {
                    expr: "a+b".to_owned(),
                    tab: Tab::Table,
                    range_ms: 900_000,
                    end_ms: Some(1_700_000_000_000),
                    step: StepChoice::Fixed { step_ms: 1_500 },
                    source: "a b:9090".to_owned(),
                    is_compared: true,
                    graph: GraphState { y: chart::AxisRange::FromZero, ..GraphState::default() },
                },
            ],
            refresh_ms: Some(5_000),
        };
        expect![[r#"
            g0.expr=sum%20by%20(job)%20(up)
            g0.show_tree=0
            g0.tab=graph
            g0.range_input=1h
            g0.res_type=auto
            g0.res_density=medium
            g0.display_mode=lines
            g1.expr=a%2Bb
            g1.show_tree=0
            g1.tab=table
            g1.end_input=2023-11-14%2022%3A13%3A20
            g1.moment_input=2023-11-14%2022%3A13%3A20
            g1.range_input=15m
            g1.res_type=custom
            g1.res_step=1.5
            g1.source=a%20b%3A9090
            g1.compare=1
            g1.display_mode=lines
            g1.y_axis_min=0
            refresh=5s"#]]
        .assert_eq(&state.encode().replace('&', "\n"));
        assert_eq!(QueryState::decode(&state.encode()), state);
    }

    #[test]
    fn links_of_older_pages_and_half_links_are_read() {
        let one = |query: &str| QueryState::decode(query).panels.into_iter().next();
        let panel = one("?g0.expr=up&g0.tab=0&g0.step_input=10&g0.range_input=30m").expect("a panel");
        assert_eq!(
            (panel.tab, panel.step, panel.range_ms),
            (Tab::Graph, StepChoice::Fixed { step_ms: 10_000 }, 1_800_000)
        );
        assert_eq!(one("g0.expr=up&g0.tab=1").map(|p| p.tab), Some(Tab::Table));
        assert_eq!(
            one("g0.expr=a+b&g0.range_input=soon").map(|p| (p.expr, p.range_ms)),
            Some(("a b".to_owned(), 3_600_000))
        );
        assert_eq!(one("g0.expr=x&g0.range_input=250ms").map(|p| p.range_ms), Some(250));
        assert_eq!(QueryState::decode("refresh=250ms").refresh_ms, None);
        assert_eq!(one("g0.expr=x&g0.end_input=2024-02-30%2000:00:00").map(|p| p.end_ms), Some(None));
        assert_eq!(one("g0.tab=graph"), None);
        assert_eq!(QueryState::decode("g0.expr=a&g2.expr=c").panels.len(), 1);
        assert_eq!(QueryState::decode("%&=&g0.expr=%zz%ff").panels[0].expr, "%zz\u{fffd}");
    }

    proptest! {
        #[test]
        fn every_expression_survives(expr in "\\PC{0,60}") {
            let state = QueryState { panels: vec![PanelState { expr, ..PanelState::default() }], refresh_ms: None };
            prop_assert_eq!(QueryState::decode(&state.encode()), state);
        }
    }
}
