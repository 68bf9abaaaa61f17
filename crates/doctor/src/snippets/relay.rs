//! The relay: its command line, and a Compose service of it.

use super::{sh, snippet};
use crate::report::Snippet;

const COMPOSE: &str = "compose.yaml";
const RUN: &str = "cargo run --release --package relay --";

pub(crate) fn command() -> Snippet {
    sh(format!(
        "git clone https://github.com/promenade-metrics/promenade && cd promenade\ncargo xtask dist\n{RUN} --dist dist"
    ))
}

pub(crate) fn for_page(page: &str) -> Snippet {
    sh(format!("{RUN} --page-origin {page}"))
}

pub(crate) fn nginx_location() -> Snippet {
    snippet(
        "nginx, inside server { }",
        "nginx",
        "location /relay/ {\n    proxy_pass http://127.0.0.1:9919;\n    proxy_set_header Host $http_host;\n}",
    )
}

pub(crate) fn compose() -> Snippet {
    snippet(
        COMPOSE,
        "yaml",
        "services:\n  promenade:\n    build: https://github.com/promenade-metrics/promenade.git\n    # Only this machine reaches it, so it may do without passwords.\n    command: [\"--no-auth\"]\n    ports: [\"127.0.0.1:9919:9919\"]\n    extra_hosts: [\"host.docker.internal:host-gateway\"]",
    )
}

pub(crate) fn extra_hosts() -> Snippet {
    snippet(COMPOSE, "yaml", "services:\n  promenade:\n    extra_hosts: [\"host.docker.internal:host-gateway\"]")
}

pub(crate) fn host_network() -> Snippet {
    snippet(
        COMPOSE,
        "yaml",
        "services:\n  promenade:\n    network_mode: host\n    entrypoint: [\"/relay\", \"--listen\", \"127.0.0.1:9919\"]",
    )
}

pub(crate) fn allow(authority: &str) -> Snippet {
    sh(format!("{RUN} --allow {}", super::quoted(authority)))
}

pub(crate) fn max_body() -> Snippet {
    sh(format!("{RUN} --max-body 134217728   # 128 MiB"))
}

pub(crate) fn ca() -> Snippet {
    sh(format!("{RUN} --ca target.pem"))
}
