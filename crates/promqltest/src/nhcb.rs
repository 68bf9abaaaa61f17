//! What `load_with_nhcb` adds: classic histograms of the load once more as native ones with custom buckets.

use crate::series::{LoadedSeries, LoadedValue};
use model::histogram::ClassicHistogram;
use model::{LE, Labels, LabelsBuilder, METRIC_NAME, number};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a series says about its classic histogram.
#[derive(Clone, Copy)]
enum Part {
    Bucket(f64),
    Count,
    Sum,
}

/// The native histogram series of the float series of a load.
pub(crate) fn convert(series: &[LoadedSeries]) -> Result<Vec<LoadedSeries>, String> {
    let mut families: BTreeMap<Labels, BTreeMap<usize, ClassicHistogram>> = BTreeMap::new();
    for one in series {
        let Some((labels, part)) = part_of(&one.labels)? else { continue };
        let family = families.entry(labels).or_default();
        for (idx, value) in one.values.iter().enumerate() {
            let Some(LoadedValue::Float(v)) = value else { continue };
            let classic = family.entry(idx).or_default();
            match part {
                Part::Bucket(le) => classic.bucket(le, *v).map_err(|e| e.to_string())?,
                Part::Count => classic.count(*v).map_err(|e| e.to_string())?,
                Part::Sum => classic.sum(*v),
            }
        }
    }
    let mut out = Vec::new();
    for (labels, family) in families {
        let mut values = Vec::new();
        for (idx, classic) in family {
            let histogram = classic.convert().map_err(|error| format!("{labels}: {error}"))?;
            histogram.validate().map_err(|error| format!("{labels}: {error}"))?;
            values.resize(idx, None);
            values.push(Some(LoadedValue::Histogram(Arc::new(histogram))));
        }
        if !values.is_empty() {
            out.push(LoadedSeries { labels, values, has_histograms: true, ..LoadedSeries::default() });
        }
    }
    Ok(out)
}

/// The labels of the classic histogram and what the series is to it; `None` if it is no part of one.
fn part_of(labels: &Labels) -> Result<Option<(Labels, Part)>, String> {
    let name = labels.get(METRIC_NAME).unwrap_or("");
    let (base, part) = if let Some(base) = name.strip_suffix("_bucket") {
        let le = labels.get(LE).ok_or_else(|| format!("{labels} has no label `le`"))?;
        // What is no number is no bound.
        let Some(le) = number::parse(le).filter(|le| !le.is_nan()) else { return Ok(None) };
        (base, Part::Bucket(le))
    } else if let Some(base) = name.strip_suffix("_count") {
        (base, Part::Count)
    } else if let Some(base) = name.strip_suffix("_sum") {
        (base, Part::Sum)
    } else {
        return Ok(None);
    };
    let mut builder = LabelsBuilder::new();
    for (name, value) in labels.iter().filter(|(name, _)| *name != LE && *name != METRIC_NAME) {
        builder.set(name, value);
    }
    builder.set(METRIC_NAME, base);
    Ok(Some((builder.labels(), part)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::parse_series;

    fn check(lines: &[&str], want: &[&str]) {
        let series: Vec<LoadedSeries> = lines.iter().map(|line| parse_series(line).expect(line)).collect();
        let got = match convert(&series) {
            Ok(out) => out.iter().map(ToString::to_string).collect(),
            Err(error) => vec![error],
        };
        assert_eq!(got, want);
    }

    #[test]
    fn families_become_histograms_one_a_position() {
        check(
            &[
                r#"h_bucket{le="1",a="b"} 1+1x1 _ 5"#,
                r#"h_bucket{le="+Inf",a="b"} 4 4 _ 5"#,
                r#"h_bucket{le="x",a="b"} 9"#,
                r#"h_count{a="b"} 4 4 _ 5"#,
                r#"h_sum{a="b"} 10 20"#,
                r#"h_bucket{le="0.5",a="c"} 2"#,
                "other 1",
            ],
            &[
                "h{a=\"b\"} {{schema:-53 count:4 sum:10 custom_values:[1] buckets:[1 3]}} \
                 {{schema:-53 count:4 sum:20 custom_values:[1] buckets:[2 2]}} _ \
                 {{schema:-53 count:5 custom_values:[1] buckets:[5]}}",
                "h{a=\"c\"} {{schema:-53 count:2 custom_values:[0.5] buckets:[2]}}",
            ],
        );
        check(&[r#"h_bucket{le="1"} 3"#, r#"h_bucket{le="2"} 2"#], &["h: count is not cumulative: 2 < 3"]);
        check(&["h_bucket 3"], &["h_bucket has no label `le`"]);
    }
}
