//! Recognises what is probably at an address: from bodies that were read, else its path, else its port.

use crate::place::Place;

/// A program that exposes metrics, or is taken for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exporter {
    /// The metrics of Docker Engine, port 9323.
    DockerEngine,
    /// The API of Docker Engine, ports 2375 and 2376: no metrics there.
    DockerApi,
    /// Spring Boot's actuator.
    SpringBoot,
    /// Node.js with prom-client.
    NodeJs,
    /// Go with promhttp.
    Go,
    /// Python with prometheus_client.
    Python,
    /// ASP.NET Core with prometheus-net or OpenTelemetry.
    AspNet,
    /// The node exporter.
    NodeExporter,
    /// cAdvisor.
    Cadvisor,
    /// The blackbox exporter.
    Blackbox,
    /// Traefik.
    Traefik,
    /// The exporter of nginx.
    Nginx,
    /// Caddy.
    Caddy,
    /// Envoy's admin port.
    Envoy,
    /// The kubelet.
    Kubelet,
    /// The API server of Kubernetes.
    KubeApi,
    /// Prometheus.
    Prometheus,
    /// VictoriaMetrics.
    VictoriaMetrics,
    /// Grafana.
    Grafana,
    /// Nothing is known.
    Unknown,
}

impl Exporter {
    /// What is probably there. `bodies` are the beginnings of answers, the most telling first.
    #[must_use]
    pub fn recognise(place: Option<&Place>, bodies: &[&str]) -> Exporter {
        let by_body = bodies.iter().find_map(|body| of_body(body));
        let by_place = || place.and_then(|place| of_path(&place.path).or_else(|| of_port(place.port)));
        by_body.or_else(by_place).unwrap_or(Exporter::Unknown)
    }

    /// Its name; empty where nothing is known.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Exporter::DockerEngine => "Docker Engine",
            Exporter::DockerApi => "Docker's API",
            Exporter::SpringBoot => "Spring Boot",
            Exporter::NodeJs => "Node.js",
            Exporter::Go => "Go",
            Exporter::Python => "Python",
            Exporter::AspNet => "ASP.NET Core",
            Exporter::NodeExporter => "node exporter",
            Exporter::Cadvisor => "cAdvisor",
            Exporter::Blackbox => "blackbox exporter",
            Exporter::Traefik => "Traefik",
            Exporter::Nginx => "nginx exporter",
            Exporter::Caddy => "Caddy",
            Exporter::Envoy => "Envoy",
            Exporter::Kubelet => "kubelet",
            Exporter::KubeApi => "Kubernetes API",
            Exporter::Prometheus => "Prometheus",
            Exporter::VictoriaMetrics => "VictoriaMetrics",
            Exporter::Grafana => "Grafana",
            Exporter::Unknown => "",
        }
    }
}

/// Words that only one program says. The more telling ones first: nearly everything written in Go has `go_goroutines`, and
/// a Prometheus server has metrics of many programs in it.
const BODIES: [(&str, Exporter); 31] = [
    ("engine_daemon_", Exporter::DockerEngine),
    ("prometheus_tsdb_", Exporter::Prometheus),
    ("prometheus_build_info", Exporter::Prometheus),
    ("vm_app_version", Exporter::VictoriaMetrics),
    ("vmagent_", Exporter::VictoriaMetrics),
    ("cadvisor_version_info", Exporter::Cadvisor),
    ("node_exporter_build_info", Exporter::NodeExporter),
    ("node_cpu_seconds_total", Exporter::NodeExporter),
    ("blackbox_exporter_", Exporter::Blackbox),
    ("probe_success", Exporter::Blackbox),
    ("traefik_", Exporter::Traefik),
    ("nginx_", Exporter::Nginx),
    ("caddy_", Exporter::Caddy),
    ("envoy_", Exporter::Envoy),
    ("kubelet_", Exporter::Kubelet),
    ("apiserver_", Exporter::KubeApi),
    ("\"kind\":\"Status\"", Exporter::KubeApi),
    ("\"kind\": \"Status\"", Exporter::KubeApi),
    ("grafana_", Exporter::Grafana),
    ("<title>Grafana</title>", Exporter::Grafana),
    ("<title>Prometheus Time Series", Exporter::Prometheus),
    ("<title>Node Exporter</title>", Exporter::NodeExporter),
    ("Whitelabel Error Page", Exporter::SpringBoot),
    ("/actuator/health", Exporter::SpringBoot),
    ("jvm_", Exporter::SpringBoot),
    ("nodejs_", Exporter::NodeJs),
    ("<pre>Cannot GET /", Exporter::NodeJs),
    ("dotnet_", Exporter::AspNet),
    ("python_info", Exporter::Python),
    ("go_goroutines", Exporter::Go),
    ("{\"message\":\"page not found\"}", Exporter::DockerApi),
];

fn of_body(body: &str) -> Option<Exporter> {
    // The plain sentence of Go's own server, and of nothing else.
    if body.trim() == "404 page not found" {
        return Some(Exporter::Go);
    }
    // Spring's answer to programs that did not ask for a page.
    if ["\"timestamp\":", "\"status\":404", "\"error\":\"Not Found\"", "\"path\":"]
        .iter()
        .all(|part| body.contains(part))
    {
        return Some(Exporter::SpringBoot);
    }
    BODIES.iter().find(|(words, _)| body.contains(words)).map(|(_, exporter)| *exporter)
}

fn of_path(path: &str) -> Option<Exporter> {
    if path.starts_with("/actuator") {
        Some(Exporter::SpringBoot)
    } else if path.starts_with("/probe") {
        Some(Exporter::Blackbox)
    } else if path.starts_with("/stats/prometheus") {
        Some(Exporter::Envoy)
    } else if path.starts_with("/federate") {
        Some(Exporter::Prometheus)
    } else {
        None
    }
}

fn of_port(port: u16) -> Option<Exporter> {
    Some(match port {
        9323 => Exporter::DockerEngine,
        2375 | 2376 => Exporter::DockerApi,
        9090 => Exporter::Prometheus,
        8428 | 8429 | 8481 => Exporter::VictoriaMetrics,
        9100 => Exporter::NodeExporter,
        9113 => Exporter::Nginx,
        9115 => Exporter::Blackbox,
        9901 => Exporter::Envoy,
        2019 => Exporter::Caddy,
        8082 => Exporter::Traefik,
        10250 | 10255 => Exporter::Kubelet,
        6443 => Exporter::KubeApi,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_says_more_than_a_path_and_a_path_more_than_a_port() {
        let of = |url: &str, bodies: &[&str]| Exporter::recognise(Place::parse(url).as_ref(), bodies);
        for (url, bodies, want) in [
            ("http://h:9323/metrics", &[][..], Exporter::DockerEngine),
            ("http://h:9323/metrics", &["node_cpu_seconds_total 1"], Exporter::NodeExporter),
            ("http://h:9090/actuator/prometheus", &[], Exporter::SpringBoot),
            ("http://h:8080/metrics", &[], Exporter::Unknown),
            ("http://h:8080/metrics", &["go_goroutines 4\ncadvisor_version_info{} 1"], Exporter::Cadvisor),
            ("http://h:8080/metrics", &["<html><body><h1>Whitelabel Error Page</h1>"], Exporter::SpringBoot),
            ("http://h:3000/metrics", &["<pre>Cannot GET /metrics</pre>"], Exporter::NodeJs),
            ("http://h:8080/metrics", &["404 page not found\n"], Exporter::Go),
            ("http://h:2375/metrics", &["{\"message\":\"page not found\"}\n"], Exporter::DockerApi),
            ("https://h:6443/metrics", &["{\"kind\":\"Status\",\"code\":401}"], Exporter::KubeApi),
            ("http://h/metrics", &["", "dotnet_collection_count_total 1"], Exporter::AspNet),
        ] {
            assert_eq!(of(url, bodies), want, "{url} {bodies:?}");
        }
        assert_eq!(Exporter::recognise(None, &[]), Exporter::Unknown);
    }
}
