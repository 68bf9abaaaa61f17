//! `limitk` and `limit_ratio`: some series of each group, whatever their values.

use super::Group;
use crate::value::Column;
use model::Labels;
use promql::functions::Aggregation;
use twox_hash::XxHash64;

/// The chosen series with gaps where they were not chosen. Parameters have been checked; there is one a step.
pub(super) fn limit(
    op: Aggregation,
    columns: &[Column],
    groups: &[Group],
    params: &[f64],
    n_steps: usize,
) -> Vec<Column> {
    let mut out = Vec::new();
    let mut taken = Vec::new();
    for group in groups {
        taken.clear();
        taken.resize(n_steps, 0.0);
        for column in group.members.iter().map(|&m| &columns[m]) {
            let mut kept = Column::blank(column.labels.clone(), column.drop_name, n_steps);
            let mut is_blank = true;
            let place = if op == Aggregation::LimitRatio { place_in_order(&column.labels) } else { 0.0 };
            for (step_idx, &param) in params.iter().enumerate() {
                let Some(point) = column.point(step_idx) else { continue };
                let is_chosen = if op == Aggregation::LimitRatio {
                    is_within(place, param.clamp(-1.0, 1.0))
                } else {
                    taken[step_idx] < param.trunc()
                };
                if is_chosen {
                    taken[step_idx] += 1.0;
                    kept.set(step_idx, point);
                    is_blank = false;
                }
            }
            if !is_blank {
                out.push(kept);
            }
        }
    }
    out
}

/// A positive ratio takes the series from the start of the order, a negative one what its complement leaves.
fn is_within(place: f64, ratio: f64) -> bool {
    if ratio >= 0.0 { place < ratio } else { place >= 1.0 + ratio }
}

/// Where between 0 and 1 a series stands: the same place as in Prometheus, so that both choose the same series. It
/// hashes names and values in turn, each behind its length.
fn place_in_order(labels: &Labels) -> f64 {
    let mut bytes = Vec::new();
    for text in labels.iter().flat_map(|(name, value)| [name, value]) {
        match u8::try_from(text.len()) {
            Ok(len) if len < 255 => bytes.push(len),
            _ => {
                bytes.push(255);
                bytes.extend_from_slice(&(text.len() as u32).to_le_bytes()[..3]);
            }
        }
        bytes.extend_from_slice(text.as_bytes());
    }
    XxHash64::oneshot(0, &bytes) as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_cut_the_order_in_two() {
        for (place, ratio, wanted) in [
            (0.0, 0.0, false),
            (0.3, 0.4, true),
            (0.4, 0.4, false),
            (0.3, -0.6, false),
            (0.4, -0.6, true),
            (1.0, 1.0, false),
            (1.0, -1.0, true),
        ] {
            assert_eq!(is_within(place, ratio), wanted, "{place} {ratio}");
        }
    }

    #[test]
    fn no_labels_hash_as_no_bytes() {
        let place = place_in_order(&Labels::empty());
        assert_eq!(place.to_bits(), (0xef46_db37_51d8_e999_u64 as f64 / u64::MAX as f64).to_bits());
    }
}
