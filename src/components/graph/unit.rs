//! The unit of a query's values, as far as the names of its metrics and what is done to them tell.

use chart::Unit;
use promql::Expr;
use promql::ast::BinaryOp;
use promql::functions::Aggregation;

/// The unit of a query's value axis; [`Unit::None`] where nothing is certain.
#[must_use]
pub fn of_query(expr: &str) -> Unit {
    let quantity = of_expr(&promql::parse(expr).expr);
    match quantity {
        Some(Quantity { base: Base::Bytes, per_second: false }) => Unit::Bytes,
        Some(Quantity { base: Base::Bytes, per_second: true }) => Unit::BytesPerSecond,
        Some(Quantity { base: Base::Seconds, per_second: false }) => Unit::Seconds,
        Some(Quantity { base: Base::Ratio, per_second: false }) => Unit::Ratio,
        Some(Quantity { base: Base::Count, per_second: true }) => Unit::PerSecond,
        // Seconds a second and the like are plain numbers.
        _ => Unit::None,
    }
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Quantity {
    base: Base,
    per_second: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    Count,
    Bytes,
    Seconds,
    Ratio,
}

impl Quantity {
    const COUNT: Quantity = Quantity { base: Base::Count, per_second: false };
    const SECONDS: Quantity = Quantity { base: Base::Seconds, per_second: false };
}

/// `None` if it is unknown.
fn of_expr(expr: &Expr) -> Option<Quantity> {
    match expr {
        Expr::Vector(selector) => of_metric(selector.name.as_deref()?),
        Expr::Matrix(matrix) => of_metric(matrix.selector.name.as_deref()?),
        Expr::Subquery(subquery) => of_expr(&subquery.expr),
        Expr::Paren(paren) => of_expr(&paren.expr),
        Expr::Unary(unary) => of_expr(&unary.expr),
        Expr::Aggregate(aggregate) => match aggregate.op {
            Aggregation::Count | Aggregation::CountValues | Aggregation::Group => Some(Quantity::COUNT),
            Aggregation::Stdvar => None,
            _ => of_expr(&aggregate.expr),
        },
        Expr::Call(call) => of_call(call.func?.name, &call.args),
        Expr::Binary(binary) => of_binary(binary.op, binary.return_bool, &binary.lhs, &binary.rhs),
        Expr::Number(_) | Expr::String(_) | Expr::Missing(_) => None,
    }
}

/// The unit at the end of a metric's name, as the field's naming rules want it.
fn of_metric(name: &str) -> Option<Quantity> {
    let quantity = |base| Some(Quantity { base, per_second: false });
    if name.ends_with("_count") || name.ends_with("_bucket") {
        return quantity(Base::Count);
    }
    let stem = ["_total", "_sum", "_max", "_min"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    // Points in time, not lengths of it.
    let is_time = ["_timestamp_seconds", "_time_seconds", "_created"].iter().any(|end| name.ends_with(end));
    if is_time {
        None
    } else if stem.ends_with("_bytes") || stem == "bytes" {
        quantity(Base::Bytes)
    } else if stem.ends_with("_seconds") {
        quantity(Base::Seconds)
    } else if stem.ends_with("_ratio") {
        quantity(Base::Ratio)
    } else {
        quantity(Base::Count)
    }
}

fn of_call(name: &str, args: &[Expr]) -> Option<Quantity> {
    let first = || args.first().and_then(of_expr);
    match name {
        "rate" | "irate" | "deriv" => first().map(|quantity| Quantity { per_second: true, ..quantity }),
        "histogram_quantile" => args.iter().find_map(metric_of_buckets).and_then(|name| of_metric(&name)),
        "histogram_avg" | "histogram_sum" | "histogram_stddev" => {
            first().map(|quantity| Quantity { per_second: false, ..quantity })
        }
        "quantile_over_time" => args.get(1).and_then(of_expr),
        "abs" | "ceil" | "floor" | "round" | "clamp" | "clamp_min" | "clamp_max" | "sort" | "sort_desc"
        | "sort_by_label" | "sort_by_label_desc" | "label_replace" | "label_join" | "increase" | "delta" | "idelta"
        | "avg_over_time" | "min_over_time" | "max_over_time" | "sum_over_time" | "last_over_time"
        | "first_over_time" | "stddev_over_time" | "predict_linear" => first(),
        "count_over_time" | "changes" | "resets" | "histogram_count" => Some(Quantity::COUNT),
        _ => None,
    }
}

/// The name of a histogram, without the `_bucket` of its classic form.
fn metric_of_buckets(expr: &Expr) -> Option<String> {
    let name = match expr {
        Expr::Vector(selector) => selector.name.as_deref()?,
        Expr::Matrix(matrix) => matrix.selector.name.as_deref()?,
        Expr::Subquery(subquery) => return metric_of_buckets(&subquery.expr),
        Expr::Paren(paren) => return metric_of_buckets(&paren.expr),
        Expr::Aggregate(aggregate) => return metric_of_buckets(&aggregate.expr),
        Expr::Call(call) => return call.args.iter().find_map(metric_of_buckets),
        _ => return None,
    };
    Some(name.strip_suffix("_bucket").unwrap_or(name).to_owned())
}

fn of_binary(op: BinaryOp, return_bool: bool, lhs: &Expr, rhs: &Expr) -> Option<Quantity> {
    if return_bool {
        return Some(Quantity::COUNT);
    }
    if op == BinaryOp::Sub && is_now(lhs) {
        // How long something is ago.
        return Some(Quantity::SECONDS);
    }
    let is_number = |expr: &Expr| matches!(expr, Expr::Number(_));
    match op {
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Or if is_number(rhs) => of_expr(lhs),
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Or => of_expr(lhs).filter(|quantity| of_expr(rhs) == Some(*quantity)),
        BinaryOp::And | BinaryOp::Unless | BinaryOp::TrimUpper | BinaryOp::TrimLower => of_expr(lhs),
        _ if op.is_comparison() => of_expr(lhs),
        BinaryOp::Div if !is_number(rhs) => {
            let (above, below) = (of_expr(lhs)?, of_expr(rhs)?);
            // Seconds a second over requests a second are seconds a request.
            let is_mean = below.base == Base::Count && above.per_second == below.per_second;
            is_mean.then_some(Quantity { base: above.base, per_second: false })
        }
        _ => None,
    }
}

fn is_now(expr: &Expr) -> bool {
    matches!(expr, Expr::Call(call) if call.func.is_some_and(|func| func.name == "time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_come_from_names_and_what_is_done_to_them() {
        for (expr, want) in [
            ("process_resident_memory_bytes", Unit::Bytes),
            ("rate(node_network_receive_bytes_total[1m])", Unit::BytesPerSecond),
            ("sum by (job) (increase(node_network_receive_bytes_total[1h]))", Unit::Bytes),
            ("go_gc_duration_seconds{quantile=\"1\"}", Unit::Seconds),
            ("histogram_quantile(0.9, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))", Unit::Seconds),
            ("rate(request_seconds_sum[5m]) / rate(request_seconds_count[5m])", Unit::Seconds),
            ("rate(request_seconds_bucket[5m])", Unit::PerSecond),
            ("rate(http_requests_total[5m]) > 0", Unit::PerSecond),
            ("rate(node_cpu_seconds_total[5m])", Unit::None),
            ("time() - process_start_time_seconds", Unit::Seconds),
            ("process_start_time_seconds", Unit::None),
            ("disk_used_ratio", Unit::Ratio),
            ("disk_used_ratio * 100", Unit::None),
            ("node_memory_MemFree_bytes / 1024", Unit::None),
            ("node_memory_MemFree_bytes / node_memory_MemTotal_bytes", Unit::None),
            ("node_memory_MemTotal_bytes - node_memory_MemFree_bytes", Unit::Bytes),
            ("count(node_memory_MemFree_bytes)", Unit::None),
            ("a_bytes > bool 5", Unit::None),
            ("{job=\"x\"}", Unit::None),
            ("sum(", Unit::None),
            ("", Unit::None),
        ] {
            assert_eq!(of_query(expr), want, "{expr}");
        }
    }
}
