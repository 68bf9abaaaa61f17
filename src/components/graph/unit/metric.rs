//! What the samples of a metric measure: its family's metadata says it, or the end of its name.

use super::quantity::Quantity;
use chart::Unit;
use chart::format::Base;
use model::MatchOp;
use promql::ast::VectorSelector;
use protocol::FamilyInfo;

/// Units that names end with, by the field's naming rules and beyond them.
const SUFFIXES: [&str; 21] = [
    "bytes",
    "bits",
    "seconds",
    "milliseconds",
    "microseconds",
    "nanoseconds",
    "ms",
    "minutes",
    "hours",
    "days",
    "ratio",
    "percent",
    "celsius",
    "hertz",
    "volts",
    "amperes",
    "watts",
    "joules",
    "meters",
    "metres",
    "grams",
];

/// What may stand behind the unit in a name.
const ENDS: [&str; 8] = ["_total", "_bucket", "_sum", "_gsum", "_max", "_min", "_avg", "_mean"];

/// Names of points in time. Their unit is seconds too, but nobody reads 1.7e9 seconds as a length.
const INSTANTS: [&str; 6] =
    ["_timestamp_seconds", "_timestamp", "_created", "_start_time_seconds", "_boot_time_seconds", "node_time_seconds"];

/// The name of the metric that a selector picks.
pub fn name(selector: &VectorSelector) -> Option<&str> {
    let by_matcher = || {
        let mut on_name = selector.matchers.iter().filter(|matcher| matcher.name == model::METRIC_NAME);
        on_name.find(|matcher| matcher.op == MatchOp::Equal).map(|matcher| matcher.value.as_str())
    };
    selector.name.as_deref().or_else(by_matcher)
}

/// What its samples measure.
pub fn of(name: &str, families: &[FamilyInfo]) -> Quantity {
    if is_instant(name) {
        return Quantity::Instant;
    }
    let family = family_of(name, families);
    let kind = family.map_or("", |family| family.kind.as_str());
    let is_of_observations = ["_bucket", "_count", "_gcount"].iter().any(|end| name.ends_with(end));
    match kind {
        "info" | "stateset" => Quantity::Number,
        // A native histogram: it counts observations.
        "histogram" | "gaugehistogram" if family.is_some_and(|family| family.name == name) => Quantity::Of(Unit::None),
        "histogram" | "gaugehistogram" | "summary" if is_of_observations => Quantity::Of(Unit::None),
        "counter" => unit_of(name, family).map_or(Quantity::Of(Unit::None), Quantity::Of),
        "gauge" | "histogram" | "gaugehistogram" | "summary" => vague_or(unit_of(name, family)),
        _ if name == "up" || name.ends_with("_up") || name.ends_with("_info") => Quantity::Number,
        _ if is_of_observations => Quantity::Of(Unit::None),
        _ if name.ends_with("_total") => unit_of(name, family).map_or(Quantity::Of(Unit::None), Quantity::Of),
        _ => vague_or(unit_of(name, family)),
    }
}

/// What a histogram observed, by the name of it or of its buckets.
pub fn observed(name: &str, families: &[FamilyInfo]) -> Quantity {
    vague_or(unit_of(name, family_of(name, families)))
}

fn vague_or(unit: Option<Unit>) -> Quantity {
    unit.map_or(Quantity::VAGUE, Quantity::Of)
}

fn is_instant(name: &str) -> bool {
    INSTANTS.iter().any(|end| name.ends_with(end))
}

/// The family that a metric belongs to: of its own name, or of that without what its kind adds.
fn family_of<'a>(name: &str, families: &'a [FamilyInfo]) -> Option<&'a FamilyInfo> {
    let of_name = |stem: &str| {
        let at = families.binary_search_by(|family| family.name.as_str().cmp(stem)).ok()?;
        families.get(at).filter(|family| family.name == name || family.metrics.iter().any(|metric| metric == name))
    };
    let stems = ["_total", "_bucket", "_sum", "_count", "_gsum", "_gcount", "_info"];
    of_name(name).or_else(|| stems.iter().filter_map(|end| name.strip_suffix(end)).find_map(of_name))
}

/// The unit that metadata or name say; what `# UNIT` says wins.
fn unit_of(name: &str, family: Option<&FamilyInfo>) -> Option<Unit> {
    let said = family.map(|family| family.unit.as_str()).filter(|unit| !unit.is_empty()).and_then(Unit::parse);
    said.or_else(|| by_name(name)).filter(|unit| *unit != Unit::None)
}

/// The unit at the end of a name.
fn by_name(name: &str) -> Option<Unit> {
    let stem = ENDS.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let (stem, per_second) = match ["_per_second", "_per_sec"].iter().find_map(|end| stem.strip_suffix(end)) {
        Some(stem) => (stem, true),
        None => (stem, false),
    };
    let last = stem.rsplit('_').next().unwrap_or(stem);
    let base = SUFFIXES.contains(&last).then(|| Base::known(last)).flatten();
    match base {
        Some(base) => Some(Unit { base, per_second }),
        None => per_second.then_some(Unit::PerSecond),
    }
}
