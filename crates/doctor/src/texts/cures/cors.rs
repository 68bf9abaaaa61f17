//! Letting the browser read an answer: a header from the program itself, or from a proxy before it.

use super::cure;
use crate::evidence::Purpose;
use crate::exporter::Exporter;
use crate::report::Cure;
use crate::snippets::{cors as snippets, server};

/// What the program at hand can do itself.
pub(crate) fn of_program(exporter: Exporter, purpose: Purpose, page: &str, sends_headers: bool) -> Vec<Cure> {
    let restart = "Restart the program, then try again.";
    match (exporter, purpose) {
        (Exporter::SpringBoot, _) => vec![
            cure("Let Spring Boot allow this page", &["Add to the settings of the application:", restart])
                .with(snippets::spring(page)),
        ],
        (Exporter::NodeJs, _) => {
            vec![cure("Let the Node.js program allow this page", &["Set the header where /metrics is answered:", restart]).with(snippets::node(page))]
        }
        (Exporter::Go, Purpose::Metrics) => {
            vec![cure("Let the Go program allow this page", &["Set the header around the handler of /metrics:", restart]).with(snippets::go(page))]
        }
        (Exporter::Python, _) => {
            vec![cure("Let the Python program allow this page", &["Set the header around the application that answers /metrics:", restart]).with(snippets::python(page))]
        }
        (Exporter::AspNet, _) => vec![
            cure("Let ASP.NET Core allow this page", &["Add a policy for this page to the endpoint of the metrics:", restart])
                .with(snippets::aspnet(page)),
        ],
        (Exporter::Caddy, _) => vec![
            cure(
                "Let Caddy expose its metrics on a port of their own",
                &["Its admin port answers no other page. Add a site that does:", "Reload Caddy, then add http://localhost:9180/metrics here."],
            )
            .with(snippets::caddy_own(page)),
        ],
        (Exporter::Prometheus, Purpose::Api) => {
            let mut steps = vec![
                "Prometheus lets every page read its API unless it was started with another --web.cors.origin. Add this page to its pattern:",
                restart,
            ];
            if sends_headers {
                steps.push("It allows the header Authorization, but no other of your own, such as X-Scope-OrgID: those need the relay.");
            }
            vec![cure("Let Prometheus allow this page", &steps).with(server::prometheus_cors(page))]
        }
        (Exporter::Prometheus, Purpose::Metrics) => vec![cure(
            "Ask Prometheus' API instead",
            &[
                "Prometheus lets pages read its API, but never its own /metrics: --web.cors.origin is about the API only.",
                "What it scrapes of itself is in there too.",
            ],
        )],
        (Exporter::VictoriaMetrics, Purpose::Api) => vec![
            cure(
                "Let VictoriaMetrics allow pages",
                &["It lets every page read its query API unless it was started with -http.disableCORS. Take that flag away:", restart],
            )
            .with(server::victoria_cors()),
        ],
        _ => Vec::new(),
    }
}

/// A proxy that adds the header. `upstream` is the origin of the target.
pub(crate) fn proxies(upstream: &str, port: u16, page: &str, sends_headers: bool) -> Vec<Cure> {
    let own_port = port.checked_add(10_000).unwrap_or(18_080);
    let then = format!("Reload it, then add the same path of http://localhost:{own_port} here.");
    let put = |name: &str| format!("Put {name} before it");
    vec![
        cure(put("nginx"), &["Add to the settings of nginx:", &then]).with(snippets::nginx(
            upstream,
            own_port,
            page,
            sends_headers,
        )),
        cure(put("Caddy"), &["Add to the Caddyfile:", &then]).with(snippets::caddy(
            upstream,
            own_port,
            page,
            sends_headers,
        )),
        cure(put("Traefik"), &["Add to the service in compose.yaml; Traefik watches Docker already:"])
            .with(snippets::traefik(port, page, sends_headers)),
    ]
}
