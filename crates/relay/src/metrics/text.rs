//! OpenMetrics rewritten as the text format 0.0.4: the client library writes only the first.
//!
//! Samples are the same in both. What differs are the comments: the older format knows no units, no end, and no type
//! `info`; a family has the name of its samples, so that of a counter ends with `_total`.

/// Rewrites what [`prometheus_client::encoding::text::encode`] wrote.
pub(super) fn from_openmetrics(openmetrics: &str) -> String {
    let mut out = String::with_capacity(openmetrics.len());
    // HELP comes first, and TYPE decides the name.
    let mut help = "";
    for line in openmetrics.lines() {
        let Some(comment) = line.strip_prefix("# ") else {
            out.extend([line, "\n"]);
            continue;
        };
        if let Some(text) = comment.strip_prefix("HELP ") {
            help = text;
        } else if let Some((name, kind)) = comment.strip_prefix("TYPE ").and_then(|rest| rest.split_once(' ')) {
            let (suffix, kind) = match kind {
                "counter" => ("_total", "counter"),
                "info" => ("_info", "gauge"),
                "unknown" => ("", "untyped"),
                kind => ("", kind),
            };
            if let Some(help) = help.strip_prefix(name) {
                out.extend(["# HELP ", name, suffix, help, "\n"]);
            }
            out.extend(["# TYPE ", name, suffix, " ", kind, "\n"]);
        }
    }
    out
}
