//! The relay: started here, in Compose, behind the page's own address; what it may fetch, and from where.

use super::cure;
use crate::place::HostClass;
use crate::report::Cure;
use crate::snippets::relay as snippets;

/// Where the relay listens unless told otherwise.
const OWN: &str = "http://127.0.0.1:9919/";

pub(crate) fn open_here() -> Cure {
    cure(
        "Open Promenade through its relay",
        &[
            "Start the relay on the machine where this browser runs; it serves the same page and fetches for it.",
            &format!("Open {OWN} and add the address there."),
        ],
    )
    .with(snippets::command())
}

pub(crate) fn in_compose(service: Option<&str>) -> Cure {
    let first = match service {
        Some(service) => format!("Beside {service}, in the same Compose file, the relay knows its name:"),
        None => "Add the relay to a Compose file; inside, host.docker.internal is your machine:".to_owned(),
    };
    cure("Run the relay with Docker Compose", &[&first, &format!("Then open {OWN}.")]).with(snippets::compose())
}

pub(crate) fn behind_page(page: &str) -> Cure {
    cure(
        "Give this page a relay",
        &[
            &format!("Start the relay on the server of this page, for {page}:"),
            "Let the web server hand /relay/ on to it:",
            "Reload this page: it finds the relay by itself.",
        ],
    )
    .with(snippets::for_page(page))
    .with(snippets::nginx_location())
}

pub(crate) fn start_again(page: &str) -> Cure {
    cure(
        "Start the relay again",
        &[&format!("It answered at {page} before. Start it again with the arguments it had; this page finds it within ten seconds."), "The log of the relay says why it ended."],
    )
    .with(snippets::command())
}

pub(crate) fn elsewhere(port: u16, class: HostClass) -> Vec<Cure> {
    let mut cures = Vec::new();
    if class == HostClass::Loopback {
        cures.push(
            cure(
                "Name your machine as the relay's container sees it",
                &[
                    &format!("Add host.docker.internal:{port} with the same path instead: for the relay, 127.0.0.1 is its own container."),
                    "On Linux, tell Docker the name, and let the program listen on more than 127.0.0.1:",
                ],
            )
            .with(snippets::extra_hosts()),
        );
    }
    cures.push(
        cure(
            "Let the relay use the network of the machine",
            &["On Linux, without a network of its own, the relay sees what the machine sees:"],
        )
        .with(snippets::host_network()),
    );
    cures
}

pub(crate) fn allow(authority: &str) -> Cure {
    cure(
        "Allow the address",
        &["The flag --allow of the relay says what it may fetch; give it once for each address or network:"],
    )
    .with(snippets::allow(authority))
}

pub(crate) fn max_body() -> Cure {
    cure("Let the relay read more", &["The flag --max-body is the most bytes of one answer:"])
        .with(snippets::max_body())
}
