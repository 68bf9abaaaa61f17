//! Evidence in short sentences.

use crate::evidence::{Attempt, BodyKind, Outcome, Permission, Purpose, Seen, TlsFault, Way};
use crate::place::{HostClass, Place};
use crate::texts::duration;

pub(crate) const OFFLINE: &str = "The browser says that it is offline.";
pub(crate) const MIXED: &str = "The page is https and the address http: browsers block that.";

/// Characters of a body that are shown.
const MAX_HEAD: usize = 120;

pub(crate) fn address(place: &Place) -> String {
    let host = &place.host;
    let what = match place.class {
        HostClass::Loopback => "is this machine itself, as seen by whoever asks",
        HostClass::DockerHost => {
            "is the machine on which containers run; only containers and Docker Desktop know the name"
        }
        HostClass::Private => "is an address of a private network",
        HostClass::LinkLocal => "is a link-local address, known on one cable only",
        HostClass::LocalName => "is a name of a local network",
        HostClass::SingleLabel => "is a single word, such as a Compose service has inside its network",
        HostClass::Public => "is a public name or address",
    };
    format!("{host} {what}. The port is {}.", place.port)
}

pub(crate) fn page(origin: &str, is_secure: bool) -> String {
    let secure = if is_secure { "a secure context" } else { "not a secure context" };
    format!("This page came from {origin}, {secure}.")
}

pub(crate) fn permission(permission: Permission, is_loopback: bool) -> String {
    let what = if is_loopback { "reach programs on this device" } else { "reach the local network" };
    match permission {
        Permission::Granted => format!("The browser lets this page {what}."),
        Permission::Denied => format!("The browser does not let this page {what}."),
        Permission::Prompt | Permission::Unsupported => format!("The browser asks before this page may {what}."),
    }
}

pub(crate) fn relay_here(origin: &str) -> String {
    format!("A relay answers at {origin}/relay/.")
}

pub(crate) fn relay_missing(origin: &str) -> String {
    format!("No relay answers at {origin}/relay/.")
}

pub(crate) fn relay_gone(origin: &str) -> String {
    format!("The relay at {origin}/relay/ does not answer any more.")
}

/// What a fetch came to. `what` is its address where that is not the one that was asked for.
pub(crate) fn attempt(attempt: &Attempt, what: &str, purpose: Purpose) -> String {
    let by = match attempt.way {
        Way::Direct => "Fetched by the browser",
        Way::Blind => "Asked by the browser without reading the answer",
        Way::Relay => "Fetched by the relay",
    };
    let what = if what.is_empty() { String::new() } else { format!(", {what}") };
    let took = duration(attempt.took_ms);
    let came = match &attempt.outcome {
        Outcome::Answered(seen) => answer(seen, purpose),
        Outcome::Unread => "something answered".to_owned(),
        Outcome::Opaque => "no answer that may be read".to_owned(),
        Outcome::TimedOut { after_ms } => return format!("{by}{what}: no answer within {}.", duration(*after_ms)),
        Outcome::Refused => "the connection was refused".to_owned(),
        Outcome::UnknownHost => "the name is not known".to_owned(),
        Outcome::Tls(fault) => format!("no encrypted connection ({})", tls(fault)),
        Outcome::Unreachable(why) => format!("not reachable ({why})"),
        Outcome::CutOff => "the answer broke off".to_owned(),
        Outcome::TooLarge => "the answer is too large".to_owned(),
        Outcome::Redirects(why) => format!("redirects ({why})"),
        Outcome::NotHttp => "what answers speaks no HTTP".to_owned(),
        Outcome::Forbidden(why) => format!("not allowed ({why})"),
        Outcome::NoRelay => "the relay did not answer".to_owned(),
        Outcome::Other(why) => why.clone(),
    };
    format!("{by}{what}: {came}, after {took}.")
}

fn answer(seen: &Seen, purpose: Purpose) -> String {
    let what = match &seen.body {
        BodyKind::Metrics { n_samples } => match n_samples {
            0 => "no samples".to_owned(),
            1 => "metrics, 1 sample".to_owned(),
            n => format!("metrics, {n} samples"),
        },
        BodyKind::Api => "an answer of Prometheus' API".to_owned(),
        BodyKind::Html => "a web page".to_owned(),
        BodyKind::Json => "JSON".to_owned(),
        BodyKind::Empty => "nothing in it".to_owned(),
        BodyKind::Text(_) if purpose == Purpose::Metrics => "text that is no metrics".to_owned(),
        BodyKind::Text(_) => "text".to_owned(),
    };
    format!("status {}, {what}", seen.status)
}

fn tls(fault: &TlsFault) -> &str {
    match fault {
        TlsFault::Untrusted => "the certificate is not trusted",
        TlsFault::Expired => "the certificate has expired",
        TlsFault::NotYetValid => "the certificate is not valid yet",
        TlsFault::OtherName => "the certificate is for another name",
        TlsFault::Plain => "the port speaks plain http",
        TlsFault::Other(why) => why,
    }
}

pub(crate) fn content_type(kind: &str) -> String {
    format!("Content-Type is {kind}.")
}

pub(crate) fn allow_origin(value: Option<&str>) -> String {
    match value {
        Some(value) => format!("Access-Control-Allow-Origin is {value}."),
        None => "There is no Access-Control-Allow-Origin header.".to_owned(),
    }
}

/// `Basic realm="x"`
pub(crate) fn authenticate(wanted: &str) -> String {
    format!("It asks for credentials: WWW-Authenticate is {wanted}.")
}

pub(crate) fn server(name: &str) -> String {
    format!("Server is {name}.")
}

pub(crate) fn clock(skew_ms: i64) -> String {
    match skew_ms {
        -2_000..=2_000 => "Its clock is that of this machine.".to_owned(),
        _ => format!(
            "Its clock is {} {} that of this machine.",
            duration(skew_ms.abs()),
            if skew_ms > 0 { "ahead of" } else { "behind" }
        ),
    }
}

pub(crate) fn exporter(name: &str) -> String {
    format!("It looks like {name}.")
}

pub(crate) fn begins(head: &str) -> String {
    let line = head.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(MAX_HEAD).collect();
    let more = if cut.len() < line.len() { " …" } else { "" };
    format!("The answer begins with: {cut}{more}")
}
