//! Which format a body has.

/// A format of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Prometheus text 0.0.4.
    PrometheusText,
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// OpenMetrics 2.0, still an experiment. [`crate::OpenMetrics2Parser`] reads it.
    OpenMetrics2,
    /// Prometheus protobuf: `MetricFamily` messages, each behind its length. [`crate::ProtobufParser`] reads it.
    Protobuf,
}

impl Format {
    /// What the format is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Format::PrometheusText => "Prometheus text",
            Format::OpenMetrics => "OpenMetrics 1.0",
            Format::OpenMetrics2 => "OpenMetrics 2.0",
            Format::Protobuf => "Prometheus protobuf",
        }
    }

    /// The format of a `Content-Type`; the classic one if it is missing or says nothing of metrics.
    #[must_use]
    pub fn of_content_type(content_type: Option<&str>) -> Format {
        let mut parts = content_type.unwrap_or("").split(';').map(str::trim);
        let media_type = parts.next().unwrap_or("");
        if media_type.eq_ignore_ascii_case("application/openmetrics-text") {
            // Whoever names no version sends 1.0, or 0.0.1, which is the same.
            let is_2 = parts.any(|part| part.to_ascii_lowercase().starts_with("version=2."));
            if is_2 { Format::OpenMetrics2 } else { Format::OpenMetrics }
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

/// The `Accept` header of a scrape: what a Prometheus 3 asks for, in its order.
///
/// Protobuf stands first only where native histograms are wanted, as there: where a histogram is native its classic
/// buckets are left out, and a query of them finds nothing. OpenMetrics 2.0 is read but not asked for, as it is still an
/// experiment.
///
/// `simple`: for a fetch across origins. A browser sends an `Accept` of up to 128 bytes without the characters
/// `"():<>?@[\]{}` as it is; for any other it asks the target first (a preflight), and targets do not answer that.
#[must_use]
pub fn accept(native_histograms: bool, simple: bool) -> &'static str {
    match (native_histograms, simple) {
        (false, false) => {
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
             application/openmetrics-text;version=0.0.1;q=0.5,\
             text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
        }
        (true, false) => {
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,\
             application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
             application/openmetrics-text;version=0.0.1;q=0.5,\
             text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
        }
        // Who knows neither sends what it has: the last entry stands for text 0.0.4.
        (false, true) => {
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8,\
             text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.1"
        }
        (true, true) => {
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,\
             text/plain;q=0.5,*/*;q=0.1"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rule of <https://fetch.spec.whatwg.org/#cors-safelisted-request-header>.
    #[test]
    fn what_is_asked_for_across_origins_needs_no_preflight() {
        let is_unsafe = |b: u8| b < 0x20 || b == 0x7f || b"\"():<>?@[\\]{}".contains(&b);
        for native_histograms in [false, true] {
            let simple = accept(native_histograms, true);
            assert!(simple.len() <= 128 && !simple.bytes().any(is_unsafe), "{} {simple}", simple.len());
            // The relay hands on a kilobyte.
            assert!(accept(native_histograms, false).len() <= 1_024);
            for accept in [simple, accept(native_histograms, false)] {
                assert_eq!(accept.starts_with("application/vnd.google.protobuf"), native_histograms);
                assert!(!accept.contains(' '));
            }
        }
    }

    #[test]
    fn a_content_type_names_the_format() {
        for (content_type, want) in [
            (None, Format::PrometheusText),
            (Some("text/plain; version=0.0.4"), Format::PrometheusText),
            (Some("Application/OpenMetrics-Text; version=1.0.0; charset=utf-8"), Format::OpenMetrics),
            (Some("application/openmetrics-text"), Format::OpenMetrics),
            (Some("application/openmetrics-text; version=2.0.0; charset=utf-8"), Format::OpenMetrics2),
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
