//! Drawings made of characters, each with sentences that say the same.

use crate::report::Picture;

/// What `127.0.0.1` and other names mean inside and outside a container.
pub(crate) fn containers(port: u16) -> Picture {
    let lines = [
        ("your machine".to_owned(), "127.0.0.1 = your machine".to_owned()),
        ("├─ this browser".to_owned(), String::new()),
        ("├─ a program, listening on".to_owned(), format!("127.0.0.1:{port}")),
        ("└─ Docker".to_owned(), String::new()),
        ("   ├─ container app".to_owned(), "127.0.0.1 = only app itself".to_owned()),
        (format!("   │    ports: \"{port}:{port}\" ──>"), format!("127.0.0.1:{port} on your machine")),
        ("   └─ container relay".to_owned(), "127.0.0.1 = only relay itself".to_owned()),
        (format!("        app:{port}"), "the other container".to_owned()),
        (format!("        host.docker.internal:{port}"), "your machine".to_owned()),
    ];
    let width = lines.iter().map(|(left, _)| left.chars().count()).max().unwrap_or_default();
    let line = |(left, right): &(String, String)| format!("{left:width$}  {right}");
    let drawing: String = lines.iter().map(|parts| line(parts).trim_end().to_owned() + "\n").collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn both_columns_stand_straight_whatever_the_port() {
        expect![[r#"
            your machine                     127.0.0.1 = your machine
            ├─ this browser
            ├─ a program, listening on       127.0.0.1:80
            └─ Docker
               ├─ container app              127.0.0.1 = only app itself
               │    ports: "80:80" ──>       127.0.0.1:80 on your machine
               └─ container relay            127.0.0.1 = only relay itself
                    app:80                   the other container
                    host.docker.internal:80  your machine
        "#]]
        .assert_eq(&containers(80).drawing);
    }
}
