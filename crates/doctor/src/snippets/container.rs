//! Ports of containers, published on the machine.

use super::snippet;
use crate::report::Snippet;

const COMPOSE: &str = "compose.yaml";

pub(crate) fn ports(port: u16) -> Snippet {
    service_ports("app", port)
}

pub(crate) fn service_ports(service: &str, port: u16) -> Snippet {
    snippet(COMPOSE, "yaml", format!("services:\n  {service}:\n    ports:\n      - \"127.0.0.1:{port}:{port}\""))
}
