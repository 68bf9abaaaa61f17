//! What the relay counts about itself, and how it is written at `/metrics`.
//!
//! The families: `promenade_relay_http_requests_total{path,code}`, `promenade_relay_http_request_duration_seconds{path}`,
//! `promenade_relay_scrapes_total{outcome}`, `promenade_relay_scrape_duration_seconds`, the same two of `fetch`,
//! `promenade_relay_scrapes_in_flight`, `promenade_relay_fetched_bytes_total`, `promenade_relay_target_connections`,
//! `promenade_relay_client_connections`, `promenade_relay_build_info`, and those of [`process`]. Labels have few values, all of them ours: no name of a target is among them.

/// `process_*`: what the kernel knows about this process.
mod process;
/// OpenMetrics rewritten as the older text format.
mod text;

use crate::fetch::Purpose;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::sync::Arc;
use std::time::Duration;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Bounds of answers from memory and of answers that wait for a target, in seconds.
const REQUEST_BOUNDS: [f64; 13] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];

/// Bounds of scrapes, in seconds: from a neighbour in memory to the longest timeout.
const SCRAPE_BOUNDS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 120.0];

/// What most first visits see counted: there from the start, so that a rate has something to start from.
const USUAL_REQUESTS: [(&str, u16); 5] =
    [("/", 200), ("/metrics", 200), ("/relay/info", 200), ("/relay/scrape", 200), ("/{file}", 200)];

/// A handle: all clones count into the same.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    requests: Family<RequestLabels, Counter>,
    request_durations: Family<PathLabels, Histogram, fn() -> Histogram>,
    scrapes: Family<ScrapeLabels, Counter>,
    scrape_durations: Histogram,
    fetches: Family<ScrapeLabels, Counter>,
    fetch_durations: Histogram,
    pub(crate) scrapes_in_flight: Gauge,
    pub(crate) target_connections: Gauge,
    pub(crate) client_connections: Gauge,
    pub(crate) fetched_bytes: Counter,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    path: &'static str,
    code: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PathLabels {
    path: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ScrapeLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: &'static str,
    os: &'static str,
    arch: &'static str,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let requests = Family::<RequestLabels, Counter>::default();
        for (path, code) in USUAL_REQUESTS {
            let _ = requests.get_or_create(&RequestLabels { path, code });
        }
        let request_durations = Family::new_with_constructor((|| Histogram::new(REQUEST_BOUNDS)) as fn() -> Histogram);
        let scrapes = Family::<ScrapeLabels, Counter>::default();
        let _ = scrapes.get_or_create(&ScrapeLabels { outcome: "ok" });
        let scrape_durations = Histogram::new(SCRAPE_BOUNDS);
        let fetches = Family::<ScrapeLabels, Counter>::default();
        let fetch_durations = Histogram::new(SCRAPE_BOUNDS);
        let scrapes_in_flight = Gauge::default();
        let target_connections = Gauge::default();
        let client_connections = Gauge::default();
        let fetched_bytes = Counter::default();

        let mut registry = Registry::default();
        let own = registry.sub_registry_with_prefix("promenade_relay");
        own.register("http_requests", "Requests that were answered, by route and status", requests.clone());
        own.register_with_unit(
            "http_request_duration",
            "How long requests took until the answer was ready, by route",
            Unit::Seconds,
            request_durations.clone(),
        );
        own.register(
            "scrapes",
            "Scrapes that were made for the page; the outcome is ok or what went wrong",
            scrapes.clone(),
        );
        own.register_with_unit(
            "scrape_duration",
            "How long scrapes took, redirects and failures included",
            Unit::Seconds,
            scrape_durations.clone(),
        );
        own.register(
            "fetches",
            "Answers of servers that were fetched for the page; the outcome is ok or what went wrong",
            fetches.clone(),
        );
        own.register_with_unit(
            "fetch_duration",
            "How long such fetches took until the page had the last byte",
            Unit::Seconds,
            fetch_durations.clone(),
        );
        own.register("scrapes_in_flight", "Scrapes and fetches that are running now", scrapes_in_flight.clone());
        own.register("target_connections", "Connections to targets that are open now", target_connections.clone());
        own.register("client_connections", "Connections of clients that are open now", client_connections.clone());
        own.register_with_unit(
            "fetched",
            "Bytes of bodies that targets sent, as they were on the wire",
            Unit::Bytes,
            fetched_bytes.clone(),
        );
        own.register(
            "build",
            "The version of the relay and what it was built for",
            Info::new(BuildLabels {
                version: env!("CARGO_PKG_VERSION"),
                os: std::env::consts::OS,
                arch: std::env::consts::ARCH,
            }),
        );
        registry.register_collector(Box::new(process::Process::new()));
        Metrics {
            registry: Arc::new(registry),
            requests,
            request_durations,
            scrapes,
            scrape_durations,
            fetches,
            fetch_durations,
            scrapes_in_flight,
            target_connections,
            client_connections,
            fetched_bytes,
        }
    }

    pub(crate) fn count_request(&self, path: &'static str, code: u16, took: Duration) {
        self.requests.get_or_create(&RequestLabels { path, code }).inc();
        self.request_durations.get_or_create(&PathLabels { path }).observe(took.as_secs_f64());
    }

    pub(crate) fn count_fetch(&self, purpose: Purpose, outcome: &'static str, took: Duration) {
        let (counter, durations) = match purpose {
            Purpose::Scrape => (&self.scrapes, &self.scrape_durations),
            Purpose::Fetch => (&self.fetches, &self.fetch_durations),
        };
        counter.get_or_create(&ScrapeLabels { outcome }).inc();
        durations.observe(took.as_secs_f64());
    }

    /// The content type and the text of `/metrics`, in the format that `Accept` prefers.
    pub(crate) fn text(&self, headers: &HeaderMap) -> Result<(&'static str, String), std::fmt::Error> {
        let mut openmetrics = String::new();
        encode(&mut openmetrics, &self.registry)?;
        let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(if prefers_openmetrics(accept) {
            (OPENMETRICS, openmetrics)
        } else {
            (TEXT, text::from_openmetrics(&openmetrics))
        })
    }
}

/// Whether OpenMetrics is named, and not less welcome than the older format.
fn prefers_openmetrics(accept: &str) -> bool {
    let weight_of = |name: &str| crate::headers::weight(accept, name);
    weight_of("application/openmetrics-text")
        .is_some_and(|weight| weight > 0.0 && weight_of("text/plain").is_none_or(|of_text| weight >= of_text))
}

#[cfg(test)]
mod tests {
    //! What is written, read by the project's own parser in both formats.
    use super::*;
    use expect_test::{Expect, expect};

    fn metrics() -> Metrics {
        let metrics = Metrics::new();
        metrics.count_request("/metrics", 200, Duration::from_millis(2));
        metrics.count_request("/{file}", 404, Duration::from_millis(20));
        metrics.count_fetch(Purpose::Scrape, "ok", Duration::from_millis(30));
        metrics.count_fetch(Purpose::Scrape, "refused", Duration::from_secs(200));
        metrics.fetched_bytes.inc_by(1000);
        metrics.scrapes_in_flight.inc();
        metrics
    }

    fn text(accept: &str) -> (&'static str, String) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().unwrap());
        metrics().text(&headers).unwrap()
    }

    /// What differs from run to run is left out.
    fn check(accept: &str, expected: &Expect) {
        let text = text(accept).1;
        let kept = text.lines().filter(|line| {
            !line.starts_with("process_")
                && !line.contains("_bucket{")
                && !line.starts_with("promenade_relay_build_info")
        });
        let mut kept: Vec<&str> = kept.collect();
        // The samples of a family come in the order of a hash map.
        for family in kept.chunk_by_mut(|a, b| a.starts_with('#') == b.starts_with('#')) {
            if !family.iter().any(|line| line.starts_with('#')) {
                family.sort_unstable();
            }
        }
        expected.assert_eq(&kept.join("\n"));
    }

    #[test]
    fn openmetrics_is_written_by_the_client_library() {
        check(
            "application/openmetrics-text",
            &expect![[r##"
                # HELP process_start_time_seconds When the process started, in seconds since the epoch.
                # TYPE process_start_time_seconds gauge
                # UNIT process_start_time_seconds seconds
                # HELP process_cpu_seconds Time that the process has spent on CPUs.
                # TYPE process_cpu_seconds counter
                # UNIT process_cpu_seconds seconds
                # HELP process_resident_memory_bytes Memory of the process that is in RAM.
                # TYPE process_resident_memory_bytes gauge
                # UNIT process_resident_memory_bytes bytes
                # HELP process_virtual_memory_bytes Memory that the process has reserved.
                # TYPE process_virtual_memory_bytes gauge
                # UNIT process_virtual_memory_bytes bytes
                # HELP process_threads Threads of the process.
                # TYPE process_threads gauge
                # HELP process_open_fds Files and sockets that the process has open.
                # TYPE process_open_fds gauge
                # HELP process_max_fds Files and sockets that the process may have open.
                # TYPE process_max_fds gauge
                # HELP promenade_relay_http_requests Requests that were answered, by route and status.
                # TYPE promenade_relay_http_requests counter
                promenade_relay_http_requests_total{path="/",code="200"} 0
                promenade_relay_http_requests_total{path="/metrics",code="200"} 1
                promenade_relay_http_requests_total{path="/relay/info",code="200"} 0
                promenade_relay_http_requests_total{path="/relay/scrape",code="200"} 0
                promenade_relay_http_requests_total{path="/{file}",code="200"} 0
                promenade_relay_http_requests_total{path="/{file}",code="404"} 1
                # HELP promenade_relay_http_request_duration_seconds How long requests took until the answer was ready, by route.
                # TYPE promenade_relay_http_request_duration_seconds histogram
                # UNIT promenade_relay_http_request_duration_seconds seconds
                promenade_relay_http_request_duration_seconds_count{path="/metrics"} 1
                promenade_relay_http_request_duration_seconds_count{path="/{file}"} 1
                promenade_relay_http_request_duration_seconds_sum{path="/metrics"} 0.002
                promenade_relay_http_request_duration_seconds_sum{path="/{file}"} 0.02
                # HELP promenade_relay_scrapes Scrapes that were made for the page; the outcome is ok or what went wrong.
                # TYPE promenade_relay_scrapes counter
                promenade_relay_scrapes_total{outcome="ok"} 1
                promenade_relay_scrapes_total{outcome="refused"} 1
                # HELP promenade_relay_scrape_duration_seconds How long scrapes took, redirects and failures included.
                # TYPE promenade_relay_scrape_duration_seconds histogram
                # UNIT promenade_relay_scrape_duration_seconds seconds
                promenade_relay_scrape_duration_seconds_count 2
                promenade_relay_scrape_duration_seconds_sum 200.03
                # HELP promenade_relay_fetch_duration_seconds How long such fetches took until the page had the last byte.
                # TYPE promenade_relay_fetch_duration_seconds histogram
                # UNIT promenade_relay_fetch_duration_seconds seconds
                promenade_relay_fetch_duration_seconds_count 0
                promenade_relay_fetch_duration_seconds_sum 0.0
                # HELP promenade_relay_scrapes_in_flight Scrapes and fetches that are running now.
                # TYPE promenade_relay_scrapes_in_flight gauge
                promenade_relay_scrapes_in_flight 1
                # HELP promenade_relay_target_connections Connections to targets that are open now.
                # TYPE promenade_relay_target_connections gauge
                promenade_relay_target_connections 0
                # HELP promenade_relay_client_connections Connections of clients that are open now.
                # TYPE promenade_relay_client_connections gauge
                promenade_relay_client_connections 0
                # HELP promenade_relay_fetched_bytes Bytes of bodies that targets sent, as they were on the wire.
                # TYPE promenade_relay_fetched_bytes counter
                # UNIT promenade_relay_fetched_bytes bytes
                promenade_relay_fetched_bytes_total 1000
                # HELP promenade_relay_build The version of the relay and what it was built for.
                # TYPE promenade_relay_build info
                # EOF"##]],
        );
    }

    #[test]
    fn the_older_format_says_the_same_with_its_own_names_of_types() {
        check(
            "*/*",
            &expect![[r##"
                # HELP process_start_time_seconds When the process started, in seconds since the epoch.
                # TYPE process_start_time_seconds gauge
                # HELP process_cpu_seconds_total Time that the process has spent on CPUs.
                # TYPE process_cpu_seconds_total counter
                # HELP process_resident_memory_bytes Memory of the process that is in RAM.
                # TYPE process_resident_memory_bytes gauge
                # HELP process_virtual_memory_bytes Memory that the process has reserved.
                # TYPE process_virtual_memory_bytes gauge
                # HELP process_threads Threads of the process.
                # TYPE process_threads gauge
                # HELP process_open_fds Files and sockets that the process has open.
                # TYPE process_open_fds gauge
                # HELP process_max_fds Files and sockets that the process may have open.
                # TYPE process_max_fds gauge
                # HELP promenade_relay_http_requests_total Requests that were answered, by route and status.
                # TYPE promenade_relay_http_requests_total counter
                promenade_relay_http_requests_total{path="/",code="200"} 0
                promenade_relay_http_requests_total{path="/metrics",code="200"} 1
                promenade_relay_http_requests_total{path="/relay/info",code="200"} 0
                promenade_relay_http_requests_total{path="/relay/scrape",code="200"} 0
                promenade_relay_http_requests_total{path="/{file}",code="200"} 0
                promenade_relay_http_requests_total{path="/{file}",code="404"} 1
                # HELP promenade_relay_http_request_duration_seconds How long requests took until the answer was ready, by route.
                # TYPE promenade_relay_http_request_duration_seconds histogram
                promenade_relay_http_request_duration_seconds_count{path="/metrics"} 1
                promenade_relay_http_request_duration_seconds_count{path="/{file}"} 1
                promenade_relay_http_request_duration_seconds_sum{path="/metrics"} 0.002
                promenade_relay_http_request_duration_seconds_sum{path="/{file}"} 0.02
                # HELP promenade_relay_scrapes_total Scrapes that were made for the page; the outcome is ok or what went wrong.
                # TYPE promenade_relay_scrapes_total counter
                promenade_relay_scrapes_total{outcome="ok"} 1
                promenade_relay_scrapes_total{outcome="refused"} 1
                # HELP promenade_relay_scrape_duration_seconds How long scrapes took, redirects and failures included.
                # TYPE promenade_relay_scrape_duration_seconds histogram
                promenade_relay_scrape_duration_seconds_count 2
                promenade_relay_scrape_duration_seconds_sum 200.03
                # HELP promenade_relay_fetch_duration_seconds How long such fetches took until the page had the last byte.
                # TYPE promenade_relay_fetch_duration_seconds histogram
                promenade_relay_fetch_duration_seconds_count 0
                promenade_relay_fetch_duration_seconds_sum 0.0
                # HELP promenade_relay_scrapes_in_flight Scrapes and fetches that are running now.
                # TYPE promenade_relay_scrapes_in_flight gauge
                promenade_relay_scrapes_in_flight 1
                # HELP promenade_relay_target_connections Connections to targets that are open now.
                # TYPE promenade_relay_target_connections gauge
                promenade_relay_target_connections 0
                # HELP promenade_relay_client_connections Connections of clients that are open now.
                # TYPE promenade_relay_client_connections gauge
                promenade_relay_client_connections 0
                # HELP promenade_relay_fetched_bytes_total Bytes of bodies that targets sent, as they were on the wire.
                # TYPE promenade_relay_fetched_bytes_total counter
                promenade_relay_fetched_bytes_total 1000
                # HELP promenade_relay_build_info The version of the relay and what it was built for.
                # TYPE promenade_relay_build_info gauge"##]],
        );
    }

    #[test]
    fn accept_decides() {
        for (accept, expected) in [
            ("", TEXT),
            ("*/*", TEXT),
            ("text/html,application/xhtml+xml,*/*;q=0.8", TEXT),
            ("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OPENMETRICS),
            ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.7", TEXT),
            ("application/openmetrics-text;q=0", TEXT),
        ] {
            assert_eq!(text(accept).0, expected, "{accept}");
        }
    }
}
