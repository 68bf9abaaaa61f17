//! Making a program expose metrics, or finding where it does.

use super::cure;
use crate::exporter::Exporter;
use crate::report::Cure;
use crate::snippets::expose as snippets;

const RESTART: &str = "Restart it, then try again.";

/// For one program.
pub(crate) fn of(exporter: Exporter) -> Vec<Cure> {
    match exporter {
        Exporter::DockerEngine | Exporter::DockerApi => docker(),
        Exporter::SpringBoot => vec![spring()],
        Exporter::NodeJs => vec![node()],
        Exporter::Go => vec![go()],
        Exporter::Python => vec![python()],
        Exporter::AspNet => vec![aspnet()],
        Exporter::NodeExporter => vec![
            cure("Start the node exporter", &["It listens on port 9100 and answers at /metrics:"])
                .with(snippets::node_exporter()),
        ],
        Exporter::Cadvisor => vec![
            cure("Start cAdvisor", &["It listens on port 8080 and answers at /metrics:"]).with(snippets::cadvisor()),
        ],
        Exporter::Blackbox => vec![cure(
            "Say what to probe",
            &[
                "The blackbox exporter answers at /probe?target=ADDRESS&module=http_2xx; at /metrics it tells of itself only.",
            ],
        )],
        Exporter::Traefik => vec![
            cure(
                "Switch Traefik's metrics on",
                &["Add to its static settings; they are then at :8082/metrics:", RESTART],
            )
            .with(snippets::traefik()),
        ],
        Exporter::Nginx => vec![
            cure(
                "Start the exporter beside nginx",
                &["nginx has no metrics of its own, but a page of numbers that the exporter reads:"],
            )
            .with(snippets::nginx_status())
            .with(snippets::nginx_exporter()),
        ],
        Exporter::Caddy => vec![
            cure(
                "Switch Caddy's metrics on",
                &["Add to the top of the Caddyfile; they are then at localhost:2019/metrics:", "Reload Caddy."],
            )
            .with(snippets::caddy()),
        ],
        Exporter::Envoy => vec![cure(
            "Use Envoy's own path",
            &["Envoy's metrics are at /stats/prometheus of its admin port, mostly 9901."],
        )],
        Exporter::Kubelet => vec![super::network::kubectl_proxy(true)],
        Exporter::KubeApi => vec![super::network::kubectl_proxy(false)],
        Exporter::Grafana => vec![
            cure("Switch Grafana's metrics on", &["They are at /metrics, unless they were switched off:", RESTART])
                .with(snippets::grafana()),
        ],
        Exporter::Prometheus | Exporter::VictoriaMetrics => vec![cure(
            "Use /metrics of the server, or its API",
            &[
                "Its own metrics are at /metrics, below its prefix if it has one. Its address without a path becomes a source: then everything it stores can be asked for.",
            ],
        )],
        Exporter::Unknown => Vec::new(),
    }
}

/// For whoever wrote the program and did not say which it is.
pub(crate) fn programs() -> Vec<Cure> {
    vec![spring(), node(), go(), aspnet(), python()]
}

pub(crate) fn docker() -> Vec<Cure> {
    vec![
        cure(
            "Switch Docker's metrics on",
            &[
                "On Linux, put this into /etc/docker/daemon.json beside what is there; in Docker Desktop, into Settings, Docker Engine:",
                "Restart Docker: \u{201c}Apply & restart\u{201d} in Docker Desktop, on Linux:",
                "The metrics are at 127.0.0.1:9323/metrics. Docker's API on port 2375 has none.",
            ],
        )
        .with(snippets::daemon_json("127.0.0.1"))
        .with(snippets::restart_docker()),
        cure(
            "Let containers reach them too",
            &[
                "A Prometheus or relay in a container reaches your machine as host.docker.internal:9323. In Docker Desktop that works with 127.0.0.1.",
                "On Linux, let Docker listen on the address of its bridge, mostly 172.17.0.1. With 0.0.0.0 the whole network could read them.",
            ],
        )
        .with(snippets::daemon_json("172.17.0.1")),
    ]
}

fn spring() -> Cure {
    cure(
        "Spring Boot: expose /actuator/prometheus",
        &[
            "Add the registry of Micrometer to the build:",
            "Expose the endpoint; by default only \u{201c}health\u{201d} is:",
            RESTART,
        ],
    )
    .with(snippets::spring_gradle())
    .with(snippets::spring_maven())
    .with(snippets::spring_properties())
}

pub(crate) fn spring_security(path: &str) -> Cure {
    cure(
        "Spring Security: let the endpoint be read",
        &["Allow it without a login, and keep the port to your own network:", RESTART],
    )
    .with(snippets::spring_security(path))
}

fn node() -> Cure {
    cure(
        "Node.js: answer /metrics with prom-client",
        &["Install prom-client (npm install prom-client), and add a route:", RESTART],
    )
    .with(snippets::node())
}

fn go() -> Cure {
    cure("Go: answer /metrics with promhttp", &["Add the handler of client_golang:", RESTART]).with(snippets::go())
}

fn python() -> Cure {
    cure(
        "Python: start the server of prometheus_client",
        &["Install prometheus_client (pip install prometheus-client), and start it; its port is 8000 here:", RESTART],
    )
    .with(snippets::python())
}

fn aspnet() -> Cure {
    cure(
        "ASP.NET Core: map /metrics",
        &[
            "Add prometheus-net.AspNetCore (dotnet add package prometheus-net.AspNetCore), and map the endpoint:",
            RESTART,
        ],
    )
    .with(snippets::aspnet())
}
