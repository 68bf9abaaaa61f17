//! Which format a body has.

/// A format of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Prometheus text 0.0.4.
    PrometheusText,
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// Prometheus protobuf: `MetricFamily` messages, each behind its length. [`crate::ProtobufParser`] reads it.
    Protobuf,
}

impl Format {
    /// The `Accept` header of a scrape: OpenMetrics if the target has it, else the classic format. Shorter than
    /// 128 bytes and without odd characters, so that a browser sends it without asking the target first.
    pub const ACCEPT: &str = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

    /// The format of a `Content-Type`; the classic one if it is missing or says nothing of metrics.
    #[must_use]
    pub fn of_content_type(content_type: Option<&str>) -> Format {
        let mut parts = content_type.unwrap_or("").split(';').map(str::trim);
        let media_type = parts.next().unwrap_or("");
        if media_type.eq_ignore_ascii_case("application/openmetrics-text") {
            Format::OpenMetrics
        } else if media_type.eq_ignore_ascii_case("application/vnd.google.protobuf")
            && parts.any(|part| part.eq_ignore_ascii_case("encoding=delimited"))
        {
            Format::Protobuf
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_type_names_the_format() {
        for (content_type, want) in [
            (None, Format::PrometheusText),
            (Some("text/plain; version=0.0.4"), Format::PrometheusText),
            (Some("Application/OpenMetrics-Text; version=1.0.0; charset=utf-8"), Format::OpenMetrics),
            (
                Some("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"),
                Format::Protobuf,
            ),
            (Some("application/vnd.google.protobuf; encoding=text"), Format::PrometheusText),
        ] {
            assert_eq!(Format::of_content_type(content_type), want, "{content_type:?}");
        }
    }
}
