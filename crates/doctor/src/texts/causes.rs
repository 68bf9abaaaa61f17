//! What happened, to what, in one sentence for each cause.

use crate::evidence::{BodyKind, Purpose, TlsFault};
use crate::exporter::Exporter;
use crate::texts::duration;

pub(crate) fn offline() -> String {
    "Your browser says that it is offline.".to_owned()
}

pub(crate) fn works(name: &str, body: &BodyKind, took_ms: i64) -> String {
    let took = duration(took_ms);
    match body {
        BodyKind::Metrics { .. } => format!("{name} answers with metrics now, in {took}."),
        _ => format!("{name} answers now, in {took}."),
    }
}

pub(crate) fn wrong_path(name: &str, path: &str) -> String {
    format!("{name} has no metrics; they are at {path}.")
}

pub(crate) fn wrong_prefix(origin: &str, server: &str) -> String {
    format!("{origin} does not answer as Prometheus' API where it was asked; the API is at {server}.")
}

pub(crate) fn wrong_host(name: &str, authority: &str) -> String {
    format!("{name} does not answer from where it was asked; the metrics are at {authority}.")
}

pub(crate) fn wrong_scheme(name: &str, scheme: &str) -> String {
    format!("{name} does not answer, but the same port does over {scheme}.")
}

pub(crate) fn status(name: &str, status: u16, exporter: Exporter) -> String {
    let what = match status {
        401 => "it asks who you are",
        403 => "it knows who asks, or does not care, and refuses",
        404 if exporter == Exporter::DockerApi => "this is Docker's API, which has no metrics",
        404 => "nothing is at this path",
        405 => "it does not take GET here",
        407 => "a proxy in between asks who you are",
        429 => "it was asked too often",
        300..=399 => "it sends elsewhere, without saying where",
        500 => "it failed while it collected its metrics",
        502..=504 => "the program behind it did not answer",
        501 | 505..=599 => "it failed",
        _ => "that is no success",
    };
    format!("{name} answered with status {status}: {what}.")
}

pub(crate) fn not_metrics(name: &str, body: &BodyKind, purpose: Purpose) -> String {
    let wanted = if purpose == Purpose::Api { "an answer of Prometheus' API" } else { "metrics" };
    match body {
        BodyKind::Html => format!("{name} answered with a web page (HTML), not with {wanted}."),
        BodyKind::Json => format!("{name} answered with JSON that is not {wanted}."),
        BodyKind::Api => format!("{name} answered as Prometheus' API does, not with metrics."),
        BodyKind::Empty | BodyKind::Metrics { n_samples: 0 } => format!("{name} answered with nothing in it."),
        BodyKind::Metrics { .. } => format!("{name} answered with metrics text, not with {wanted}."),
        BodyKind::Text(why) => format!("{name} answered with text that is no metrics: {why}."),
    }
}

pub(crate) fn slow(name: &str, took_ms: i64, timeout_ms: i64) -> String {
    format!("{name} answers, but takes {}; the time-out is {}.", duration(took_ms), duration(timeout_ms))
}

pub(crate) fn clock_skew(authority: &str, skew_ms: i64) -> String {
    let by = duration(skew_ms.abs());
    let way = if skew_ms > 0 { "ahead of" } else { "behind" };
    format!("The clock of {authority} is {by} {way} the clock of this machine.")
}

pub(crate) fn cors(name: &str, sends_headers: bool) -> String {
    if sends_headers {
        return format!(
            "{name} answered, but your browser may not show the answer to this page: the server does not allow this page, or not the headers that go with its credentials."
        );
    }
    format!(
        "{name} answered, but your browser may not show the answer to this page: it has no Access-Control-Allow-Origin header."
    )
}

pub(crate) fn cors_but_relayed(name: &str) -> String {
    format!("Your browser may not read {name}, so the relay fetches it. That works: there is nothing to do.")
}

pub(crate) fn mixed_but_relayed(name: &str) -> String {
    format!(
        "This page came over https and may not fetch {name} over http, so the relay fetches it. There is nothing to do."
    )
}

pub(crate) fn relay_elsewhere(authority: &str) -> String {
    format!("Your browser reaches {authority}, and the relay does not: it runs in a container or on another machine.")
}

pub(crate) fn refused(authority: &str) -> String {
    format!("{authority} refused the connection: no program listens there.")
}

pub(crate) fn refused_likely(authority: &str) -> String {
    format!("Nothing answers at {authority}; most likely no program listens there.")
}

pub(crate) fn unknown_host(host: &str) -> String {
    format!("The name {host} is not known: it leads to no address.")
}

pub(crate) fn unknown_host_likely(host: &str) -> String {
    format!("Nothing answers at {host}; most likely this machine does not know the name.")
}

pub(crate) fn timed_out(name: &str, after_ms: i64) -> String {
    format!("{name} did not answer within {}.", duration(after_ms))
}

pub(crate) fn unreachable(authority: &str, why: &str) -> String {
    format!("The network does not lead to {authority}: {why}.")
}

pub(crate) fn tls(authority: &str, fault: &TlsFault) -> String {
    match fault {
        TlsFault::Untrusted => {
            format!(
                "The certificate of {authority} is not signed by an authority that is trusted here; it may be self-signed."
            )
        }
        TlsFault::Expired => format!("The certificate of {authority} has expired."),
        TlsFault::NotYetValid => {
            format!("The certificate of {authority} is not valid yet, or this machine's clock is wrong.")
        }
        TlsFault::OtherName => format!("The certificate of {authority} is for another name."),
        TlsFault::Plain => format!("{authority} does not speak https on this port, only plain http."),
        TlsFault::Other(why) => format!("The encrypted connection to {authority} failed: {why}."),
    }
}

pub(crate) fn tls_likely(authority: &str) -> String {
    format!("No https connection to {authority} came about; most likely your browser does not trust its certificate.")
}

pub(crate) fn cut_off(name: &str) -> String {
    format!("The answer of {name} broke off before its end.")
}

pub(crate) fn too_large(name: &str) -> String {
    format!("The answer of {name} is larger than is read.")
}

pub(crate) fn redirects(name: &str, why: &str) -> String {
    format!("{name} sends from one address to the next without an end: {why}.")
}

pub(crate) fn not_http(authority: &str) -> String {
    format!("Something listens at {authority}, but it does not speak HTTP.")
}

pub(crate) fn relay_forbids(authority: &str, why: &str) -> String {
    format!("The relay does not fetch {authority}: {why}.")
}

pub(crate) fn other(name: &str, why: &str) -> String {
    format!("{name} could not be fetched: {why}.")
}

pub(crate) fn mixed(name: &str) -> String {
    format!("This page came over https, and browsers do not let such a page fetch {name} over http.")
}

pub(crate) fn local_denied(name: &str) -> String {
    format!("Your browser does not let this page reach {name}: access to the local network was blocked for it.")
}

pub(crate) fn local_prompt(name: &str) -> String {
    format!("Your browser asks first whether this page may reach {name}, and nobody has answered yet.")
}

pub(crate) fn local_insecure(name: &str) -> String {
    format!("This page came over http from the internet; Chrome lets no such page reach {name} in the local network.")
}

pub(crate) fn no_relay() -> String {
    "There is no relay beside this page, which could say more and fetch what the browser may not read.".to_owned()
}

pub(crate) fn relay_gone() -> String {
    "The relay that fetched for this page does not answer any more.".to_owned()
}

pub(crate) fn opaque(name: &str) -> String {
    format!(
        "Your browser could not fetch {name} and tells no page why: nothing listens there, the name is unknown, a firewall or an extension is in between."
    )
}
