//! How programs are made to expose metrics, in their own settings and languages.

use super::{plain_path, sh, snippet};
use crate::report::Snippet;

pub(crate) fn daemon_json(host: &str) -> Snippet {
    snippet("daemon.json", "json", format!("{{\n  \"metrics-addr\": \"{host}:9323\"\n}}"))
}

pub(crate) fn restart_docker() -> Snippet {
    sh("sudo systemctl restart docker\ncurl http://127.0.0.1:9323/metrics")
}

pub(crate) fn spring_gradle() -> Snippet {
    snippet(
        "build.gradle",
        "groovy",
        "implementation 'org.springframework.boot:spring-boot-starter-actuator'\nruntimeOnly 'io.micrometer:micrometer-registry-prometheus'",
    )
}

pub(crate) fn spring_maven() -> Snippet {
    snippet(
        "pom.xml",
        "xml",
        "<dependency>\n  <groupId>org.springframework.boot</groupId>\n  <artifactId>spring-boot-starter-actuator</artifactId>\n</dependency>\n<dependency>\n  <groupId>io.micrometer</groupId>\n  <artifactId>micrometer-registry-prometheus</artifactId>\n  <scope>runtime</scope>\n</dependency>",
    )
}

pub(crate) fn spring_properties() -> Snippet {
    snippet("application.properties", "properties", "management.endpoints.web.exposure.include=health,prometheus")
}

pub(crate) fn spring_security(path: &str) -> Snippet {
    snippet(
        "Java, Spring Security 6",
        "java",
        format!(
            "@Bean\n@Order(1)\nSecurityFilterChain metrics(HttpSecurity http) throws Exception {{\n    http.securityMatcher(\"{}\")\n        .authorizeHttpRequests(requests -> requests.anyRequest().permitAll());\n    return http.build();\n}}",
            plain_path(path)
        ),
    )
}

pub(crate) fn node() -> Snippet {
    snippet(
        "JavaScript, Express",
        "js",
        "const client = require('prom-client');\nclient.collectDefaultMetrics();\n\napp.get('/metrics', async (req, res) => {\n  res.set('Content-Type', client.register.contentType);\n  res.end(await client.register.metrics());\n});",
    )
}

pub(crate) fn go() -> Snippet {
    snippet(
        "Go",
        "go",
        "import (\n\t\"log\"\n\t\"net/http\"\n\n\t\"github.com/prometheus/client_golang/prometheus/promhttp\"\n)\n\nfunc main() {\n\thttp.Handle(\"/metrics\", promhttp.Handler())\n\tlog.Fatal(http.ListenAndServe(\":8080\", nil))\n}",
    )
}

pub(crate) fn python() -> Snippet {
    snippet("Python", "python", "from prometheus_client import start_http_server\n\nstart_http_server(8000)")
}

pub(crate) fn aspnet() -> Snippet {
    snippet(
        "Program.cs",
        "csharp",
        "using Prometheus;\n\nvar app = builder.Build();\napp.UseHttpMetrics();\napp.MapMetrics();",
    )
}

pub(crate) fn node_exporter() -> Snippet {
    sh(
        "sudo apt install prometheus-node-exporter   # Debian, Ubuntu\nbrew install node_exporter && brew services start node_exporter   # macOS",
    )
}

pub(crate) fn cadvisor() -> Snippet {
    snippet(
        "compose.yaml",
        "yaml",
        "services:\n  cadvisor:\n    image: gcr.io/cadvisor/cadvisor:latest\n    ports:\n      - \"127.0.0.1:8080:8080\"\n    volumes:\n      - /:/rootfs:ro\n      - /var/run:/var/run:ro\n      - /sys:/sys:ro\n      - /var/lib/docker/:/var/lib/docker:ro\n      - /dev/disk/:/dev/disk:ro",
    )
}

pub(crate) fn traefik() -> Snippet {
    snippet(
        "traefik.yml",
        "yaml",
        "entryPoints:\n  metrics:\n    address: \":8082\"\nmetrics:\n  prometheus:\n    entryPoint: metrics",
    )
}

pub(crate) fn nginx_status() -> Snippet {
    snippet(
        "nginx, inside http { }",
        "nginx",
        "server {\n    listen 127.0.0.1:8081;\n    location = /stub_status {\n        stub_status;\n    }\n}",
    )
}

pub(crate) fn nginx_exporter() -> Snippet {
    sh("nginx-prometheus-exporter --nginx.scrape-uri=http://127.0.0.1:8081/stub_status   # port 9113")
}

pub(crate) fn caddy() -> Snippet {
    snippet("Caddyfile", "caddyfile", "{\n\tmetrics\n}")
}

pub(crate) fn grafana() -> Snippet {
    snippet("grafana.ini", "ini", "[metrics]\nenabled = true")
}
