//! The header that lets a page read an answer, from the program itself or from a proxy before it.

use super::snippet;
use crate::report::Snippet;

/// Headers that a page may want to send with credentials.
const HEADERS: &str = "Authorization, X-Scope-OrgID";

pub(crate) fn spring(page: &str) -> Snippet {
    snippet(
        "application.properties",
        "properties",
        format!(
            "management.endpoints.web.cors.allowed-origins={page}\nmanagement.endpoints.web.cors.allowed-methods=GET\nmanagement.endpoints.web.cors.allowed-headers=*"
        ),
    )
}

pub(crate) fn node(page: &str) -> Snippet {
    snippet(
        "JavaScript, Express",
        "js",
        format!(
            "app.get('/metrics', async (req, res) => {{\n  res.set('Access-Control-Allow-Origin', '{page}');\n  res.set('Content-Type', client.register.contentType);\n  res.end(await client.register.metrics());\n}});"
        ),
    )
}

pub(crate) fn go(page: &str) -> Snippet {
    snippet(
        "Go",
        "go",
        format!(
            "metrics := promhttp.Handler()\nhttp.HandleFunc(\"/metrics\", func(w http.ResponseWriter, r *http.Request) {{\n\tw.Header().Set(\"Access-Control-Allow-Origin\", \"{page}\")\n\tmetrics.ServeHTTP(w, r)\n}})"
        ),
    )
}

pub(crate) fn python(page: &str) -> Snippet {
    snippet(
        "Python, WSGI",
        "python",
        format!(
            "from wsgiref.simple_server import make_server\n\nfrom prometheus_client import make_wsgi_app\n\nmetrics = make_wsgi_app()\n\n\ndef app(environ, start_response):\n    def start(status, headers, *rest):\n        return start_response(status, headers + [(\"Access-Control-Allow-Origin\", \"{page}\")], *rest)\n\n    return metrics(environ, start)\n\n\nmake_server(\"\", 8000, app).serve_forever()"
        ),
    )
}

pub(crate) fn aspnet(page: &str) -> Snippet {
    snippet(
        "Program.cs",
        "csharp",
        format!(
            "builder.Services.AddCors();\n\nvar app = builder.Build();\napp.UseCors();\napp.MapMetrics().RequireCors(policy => policy.WithOrigins(\"{page}\").WithMethods(\"GET\"));"
        ),
    )
}

pub(crate) fn caddy_own(page: &str) -> Snippet {
    snippet(
        "Caddyfile",
        "caddyfile",
        format!(
            "{{\n\tmetrics\n}}\n\n:9180 {{\n\tbind 127.0.0.1\n\theader Access-Control-Allow-Origin \"{page}\"\n\tmetrics /metrics\n}}"
        ),
    )
}

pub(crate) fn nginx(upstream: &str, own_port: u16, page: &str, sends_headers: bool) -> Snippet {
    let preflight = if sends_headers {
        format!(
            "        add_header Access-Control-Allow-Headers \"{HEADERS}\" always;\n        if ($request_method = OPTIONS) {{\n            return 204;\n        }}\n"
        )
    } else {
        String::new()
    };
    snippet(
        "nginx, inside http { }",
        "nginx",
        format!(
            "server {{\n    listen 127.0.0.1:{own_port};\n    location / {{\n        add_header Access-Control-Allow-Origin \"{page}\" always;\n{preflight}        proxy_pass {upstream};\n    }}\n}}"
        ),
    )
}

pub(crate) fn caddy(upstream: &str, own_port: u16, page: &str, sends_headers: bool) -> Snippet {
    let preflight = if sends_headers {
        format!(
            "\theader Access-Control-Allow-Headers \"{HEADERS}\"\n\t@preflight method OPTIONS\n\trespond @preflight 204\n"
        )
    } else {
        String::new()
    };
    snippet(
        "Caddyfile",
        "caddyfile",
        format!(
            ":{own_port} {{\n\tbind 127.0.0.1\n\theader Access-Control-Allow-Origin \"{page}\"\n{preflight}\treverse_proxy {upstream}\n}}"
        ),
    )
}

pub(crate) fn traefik(port: u16, page: &str, sends_headers: bool) -> Snippet {
    let own = "traefik.http.middlewares.metrics-cors.headers";
    let headers = if sends_headers {
        format!("      - \"{own}.accesscontrolallowheaders={}\"\n", HEADERS.replace(' ', ""))
    } else {
        String::new()
    };
    snippet(
        "compose.yaml",
        "yaml",
        format!(
            "services:\n  app:\n    labels:\n      - \"traefik.enable=true\"\n      - \"traefik.http.routers.metrics.rule=PathPrefix(`/metrics`)\"\n      - \"traefik.http.routers.metrics.middlewares=metrics-cors\"\n      - \"traefik.http.services.metrics.loadbalancer.server.port={port}\"\n      - \"{own}.accesscontrolalloworiginlist={page}\"\n      - \"{own}.accesscontrolallowmethods=GET,OPTIONS\"\n{headers}      - \"{own}.addvaryheader=true\""
        ),
    )
}
