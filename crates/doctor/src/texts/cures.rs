//! Cures that fit any program: each a title, steps, and what to copy.

/// Letting the browser read an answer.
pub(crate) mod cors;
/// Making a program expose metrics.
pub(crate) mod expose;
/// Names, containers, certificates, Chrome's guard.
pub(crate) mod network;
/// The relay: started, moved, allowed.
pub(crate) mod relay;

use crate::report::{Cure, Snippet};
use crate::snippets;

/// A cure of sentences.
fn cure(title: impl Into<String>, steps: &[&str]) -> Cure {
    Cure { title: title.into(), steps: steps.iter().map(|step| (*step).to_owned()).collect(), snippets: Vec::new() }
}

impl Cure {
    fn with(mut self, snippet: Snippet) -> Cure {
        self.snippets.push(snippet);
        self
    }
}

pub(crate) fn go_online() -> Cure {
    cure("Connect this machine", &["Join a network, or switch the VPN on, and try again."])
}

pub(crate) fn is_there(url: &str) -> Cure {
    cure(
        "See what answers there",
        &["Ask from a terminal on the machine where this browser runs, or open the address in a tab of its own."],
    )
    .with(snippets::curl(url))
}

pub(crate) fn spelling(host: &str) -> Cure {
    cure(
        "Check the name",
        &[
            "Look for a slip in the spelling.",
            "Names of a company or a home network are known only within it: switch the VPN on.",
            "Ask the system for the name:",
        ],
    )
    .with(snippets::lookup(host))
}

pub(crate) fn firewall(authority: &str) -> Cure {
    cure(
        "Open the way",
        &[
            &format!("Check that the machine of {authority} is on and has this address."),
            "Check the firewall there, and security groups or network policies in between.",
            "Switch the VPN on, if it is in another network.",
        ],
    )
}

pub(crate) fn more_time() -> Cure {
    cure("Give it more time", &["Raise the time-out in the target's settings; it is never longer than the interval."])
}

pub(crate) fn expose_less() -> Cure {
    cure(
        "Expose less",
        &[
            "A label with an identifier in it (user, request, session) is the usual reason for many series.",
            "Switch collectors off that nobody looks at.",
        ],
    )
}

pub(crate) fn ask_less() -> Cure {
    cure("Ask less often", &["Raise the interval in the target's settings."])
}

pub(crate) fn look_into_log() -> Cure {
    cure(
        "Look into the log of the target",
        &["It says why the answer could not be made. Other targets go on; this one is tried again by itself."],
    )
}

pub(crate) fn start_behind_proxy() -> Cure {
    cure(
        "Start the program behind the proxy",
        &[
            "A proxy answered in its place. Check that the program runs, and that the proxy's settings have its right port.",
        ],
    )
}

pub(crate) fn check_port(authority: &str) -> Cure {
    cure(
        "Check the port",
        &[&format!(
            "Something else listens at {authority}: a database, SSH, gRPC. Its metrics are usually on a port of their own."
        )],
    )
}

pub(crate) fn start_program(authority: &str, port: u16) -> Cure {
    cure(
        "Start the program, or correct the port",
        &[&format!("Nothing listens at {authority}. See what does on this machine:")],
    )
    .with(snippets::listening(port))
}

pub(crate) fn extension() -> Cure {
    cure(
        "Rule out an extension",
        &[
            "Ad blockers stop addresses with words such as \u{201c}metrics\u{201d} or \u{201c}analytics\u{201d}. Switch them off for this page, or try a private window.",
        ],
    )
}

pub(crate) fn mend_line() -> Cure {
    cure(
        "Mend the exporter",
        &[
            "One bad line spoils the whole scrape, as it does for Prometheus. The target's \u{201c}Raw body\u{201d} shows the line; \u{201c}Check\u{201d} there lists every rule that the text breaks.",
        ],
    )
}

pub(crate) fn set_clock() -> Cure {
    cure(
        "Set the clocks",
        &[
            "Let both machines take their time from the network; samples with time stamps of their own are stored at the wrong place otherwise, or dropped.",
            "The clock of Docker Desktop's virtual machine can stand still while the computer sleeps: restart Docker Desktop.",
        ],
    )
    .with(snippets::clock())
}

pub(crate) fn let_in() -> Cure {
    cure(
        "Let this machine in",
        &[
            "The server knows who asks and refuses, mostly by address or by role. Add this machine, or its proxy, to those it lets in.",
        ],
    )
}

pub(crate) fn credentials(authority: &str, is_https: bool, path: &str) -> Cure {
    cure(
        "Send credentials",
        &[
            "Paste a prometheus.yml with them into the field for addresses; passwords and tokens stay in this browser.",
            "Or open a port without them to this machine only.",
        ],
    )
    .with(snippets::scrape_with_credentials(authority, is_https, path))
}

pub(crate) fn source_credentials(sends_some: bool) -> Cure {
    if sends_some {
        cure(
            "Check the credentials",
            &[
                "The user name, password or token of the source is not the one that the server wants. Enter it again in the source's settings.",
            ],
        )
    } else {
        cure("Enter credentials", &["Give the source a user name and password, or a token, in its settings."])
    }
}

pub(crate) fn api_prefix() -> Cure {
    cure(
        "Check the address of the server",
        &[
            "Give the address of its page, with the prefix it runs under: http://localhost:9090, https://example.org/prometheus.",
            "Mimir and Grafana Cloud use /prometheus or /api/prom, VictoriaMetrics' cluster /select/0/prometheus.",
        ],
    )
}
