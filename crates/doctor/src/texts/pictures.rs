//! Drawings made of characters, each with sentences that say the same.

use crate::report::Picture;

/// What `127.0.0.1` and other names mean inside and outside a container.
pub(crate) fn containers(port: u16) -> Picture {
    let drawing = format!(
        "your machine                         127.0.0.1 = your machine\n\
         ├─ this browser\n\
         ├─ a program, listening on           127.0.0.1:{port}\n\
         └─ Docker\n\
         \u{20}  ├─ container `app`                 127.0.0.1 = only `app` itself\n\
         \u{20}  │    ports: \"{port}:{port}\"  ────>  127.0.0.1:{port} on your machine\n\
         \u{20}  └─ container `relay`               127.0.0.1 = only `relay` itself\n\
         \u{20}       app:{port}                    the other container\n\
         \u{20}       host.docker.internal:{port}   your machine\n"
    );
    Picture {
        title: "127.0.0.1 inside and outside a container".to_owned(),
        drawing,
        sentences: vec![
            "127.0.0.1 and localhost always mean whoever asks: for this browser your machine, for a program in a container that container.".to_owned(),
            format!("From this browser a container is reached at 127.0.0.1:{port} only if its port is published (ports: \"{port}:{port}\") and its program listens on 0.0.0.0."),
            "The name of a Compose service is known to the other containers of its network, not to this browser.".to_owned(),
            "host.docker.internal means your machine as seen from a container. On Linux a container knows it only with extra_hosts: \"host.docker.internal:host-gateway\", and the program has to listen on more than 127.0.0.1.".to_owned(),
        ],
    }
}
