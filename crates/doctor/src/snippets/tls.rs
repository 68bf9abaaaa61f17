//! Looking at certificates with openssl, and getting one by Caddy.

use super::{sh, snippet};
use crate::report::Snippet;
use std::net::IpAddr;

fn client(host: &str, port: u16) -> String {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(_)) => format!("openssl s_client -connect '[{host}]:{port}' </dev/null"),
        Ok(IpAddr::V4(_)) => format!("openssl s_client -connect {host}:{port} </dev/null"),
        Err(_) => format!("openssl s_client -connect {host}:{port} -servername {host} </dev/null"),
    }
}

pub(crate) fn save(host: &str, port: u16) -> Snippet {
    sh(format!("{} | openssl x509 -out target.pem", client(host, port)))
}

pub(crate) fn dates(host: &str, port: u16) -> Snippet {
    sh(format!("{} | openssl x509 -noout -dates -issuer", client(host, port)))
}

pub(crate) fn names(host: &str, port: u16) -> Snippet {
    sh(format!("{} | openssl x509 -noout -ext subjectAltName", client(host, port)))
}

pub(crate) fn caddy(upstream: &str) -> Snippet {
    snippet("Caddyfile", "caddyfile", format!("metrics.example.org {{\n\treverse_proxy {upstream}\n}}"))
}
