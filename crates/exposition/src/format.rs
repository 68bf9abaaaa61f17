//! Which text format a body has.

/// A text format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Prometheus text 0.0.4.
    PrometheusText,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

impl Format {
    /// The `Accept` header of a scrape: OpenMetrics if the target has it, else the classic format. Shorter than
    /// 128 bytes and without odd characters, so that a browser sends it without asking the target first.
    pub const ACCEPT: &str = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

    /// The format of a `Content-Type`; the classic one if it is missing or says nothing of metrics.
    #[must_use]
    pub fn of_content_type(content_type: Option<&str>) -> Format {
        let media_type = content_type.unwrap_or("").split(';').next().unwrap_or("").trim();
        if media_type.eq_ignore_ascii_case("application/openmetrics-text") {
            Format::OpenMetrics
        } else {
            Format::PrometheusText
        }
    }

    /// The format of a text of unknown origin: OpenMetrics ends with `# EOF`.
    #[must_use]
    pub fn guess(body: &[u8]) -> Format {
        let body = body.trim_ascii_end();
        if body == b"# EOF" || body.ends_with(b"\n# EOF") { Format::OpenMetrics } else { Format::PrometheusText }
    }
}
