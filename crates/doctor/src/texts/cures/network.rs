//! Names, ports of containers, certificates, and Chrome's guard of the local network.

use super::cure;
use crate::report::Cure;
use crate::snippets::{self, container, tls};

pub(crate) fn publish(port: u16) -> Cure {
    cure(
        "Publish the container's port",
        &[
            "If the program runs in a container, its port has to be published on your machine:",
            "Inside the container it has to listen on 0.0.0.0, not on 127.0.0.1, which would be the container alone.",
        ],
    )
    .with(container::ports(port))
}

pub(crate) fn publish_service(service: &str, port: u16, path: &str) -> Cure {
    cure(
        format!("Publish the port of {service}"),
        &[
            &format!("{service} is known to other containers only. Publish its port in the Compose file:"),
            &format!("Then add http://localhost:{port}{path} here."),
        ],
    )
    .with(container::service_ports(service, port))
}

pub(crate) fn localhost_instead(port: u16, path: &str) -> Cure {
    cure(
        format!("Use localhost:{port} in this browser"),
        &[
            "host.docker.internal is the name of your machine for containers. This browser runs on the machine itself.",
            &format!("Add http://localhost:{port}{path} instead."),
        ],
    )
}

pub(crate) fn kubectl_proxy(is_kubelet: bool) -> Cure {
    let path = if is_kubelet { "/api/v1/nodes/NODE/proxy/metrics" } else { "/metrics" };
    cure(
        "Ask through kubectl",
        &[
            "Kubernetes wants a token. kubectl has yours and opens a port on this machine that needs none:",
            &format!("Then add http://127.0.0.1:8001{path} here."),
        ],
    )
    .with(snippets::kubectl_proxy(is_kubelet))
}

pub(crate) fn allow_local(is_loopback: bool) -> Cure {
    let (name, new_name) = if is_loopback {
        ("Local network access", "Apps on device")
    } else {
        ("Local network access", "Local network")
    };
    cure(
        "Let this page reach the local network",
        &[
            "Click the icon left of the address at the top of the browser, then \u{201c}Site settings\u{201d}.",
            &format!(
                "Set \u{201c}{new_name}\u{201d} (before Chrome 145: \u{201c}{name}\u{201d}) to \u{201c}Allow\u{201d}."
            ),
            "Come back and try again. If the browser asks, choose \u{201c}Allow\u{201d}.",
        ],
    )
}

pub(crate) fn https_before(upstream: &str) -> Cure {
    cure(
        "Give the target https",
        &["Caddy gets a certificate by itself; replace the name by one that leads to this server:"],
    )
    .with(tls::caddy(upstream))
}

pub(crate) fn trust_in_browser(url: &str) -> Cure {
    cure(
        "Let the browser trust the certificate",
        &[
            &format!(
                "Open {url} in a tab of its own. The browser shows what is wrong with the certificate, and lets you go on."
            ),
            "It remembers that for a while: come back and try again. A page may not click this for you.",
        ],
    )
}

pub(crate) fn trust_in_relay(host: &str, port: u16) -> Cure {
    cure(
        "Give the relay the certificate",
        &[
            "Save the certificate of the authority that signed it; for a self-signed one, its own:",
            "Start the relay with --ca and that file. A self-signed certificate must not be marked as an authority (CA:FALSE).",
        ],
    )
    .with(tls::save(host, port))
    .with(snippets::relay::ca())
}

pub(crate) fn renew_certificate(host: &str, port: u16) -> Cure {
    cure("Renew the certificate", &["See from when until when it is valid, and who signed it:"])
        .with(tls::dates(host, port))
}

pub(crate) fn name_of_certificate(host: &str, port: u16) -> Cure {
    cure(
        "Use a name of the certificate",
        &["See which names it is for, and use one of them in the address; or have it made for this one too:"],
    )
    .with(tls::names(host, port))
}
