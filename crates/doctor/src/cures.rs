//! Which cures belong to which cause, for the exporter at hand; the easiest first.

use crate::diagnose::Case;
use crate::evidence::{BodyKind, Outcome, Purpose, RelayFact, TlsFault, Way};
use crate::exporter::Exporter;
use crate::place::HostClass;
use crate::report::{Cause, Cure};
use crate::texts::cures as texts;
use crate::texts::cures::{cors, expose, network, relay};

/// What to do about a cause.
pub(crate) fn of(case: &Case<'_>, cause: Cause) -> Vec<Cure> {
    let evidence = case.evidence;
    let page = evidence.page.origin.as_str();
    let authority = case.authority();
    match cause {
        Cause::Works => Vec::new(),
        Cause::Offline => vec![texts::go_online()],
        // The address that was found is shown with a button of its own.
        Cause::WrongPath | Cause::WrongHost | Cause::WrongScheme => Vec::new(),
        Cause::Status(status) => of_status(case, status),
        Cause::NotMetrics => of_no_metrics(case),
        Cause::Slow => vec![texts::more_time(), texts::expose_less()],
        Cause::TimedOut => {
            let mut cures = vec![texts::is_there(&evidence.url)];
            if case.class() == HostClass::Loopback {
                cures.push(network::publish(case.port()));
            } else {
                cures.push(texts::firewall(&authority));
            }
            cures.push(texts::more_time());
            cures
        }
        Cause::ClockSkew => vec![texts::set_clock()],
        Cause::Cors => of_cors(case),
        Cause::RelayElsewhere => relay::elsewhere(case.port(), case.class()),
        Cause::LocalNetwork => {
            let is_loopback = case.class() == HostClass::Loopback;
            let mut cures = Vec::new();
            if evidence.page.is_secure {
                cures.push(network::allow_local(is_loopback));
            }
            cures.push(relay::open_here());
            cures
        }
        Cause::MixedContent => {
            let mut cures = match evidence.relay {
                RelayFact::Here => Vec::new(),
                RelayFact::Missing | RelayFact::Gone => vec![relay::open_here(), relay::behind_page(page)],
            };
            cures.push(network::https_before(&case.upstream()));
            cures
        }
        Cause::Refused => of_refused(case),
        Cause::UnknownHost => match case.class() {
            HostClass::SingleLabel => vec![
                network::publish_service(&case.host(), case.port(), &case.path()),
                relay::in_compose(Some(&case.host())),
                texts::spelling(&case.host()),
            ],
            HostClass::DockerHost => {
                vec![network::localhost_instead(case.port(), &case.path()), relay::in_compose(None)]
            }
            _ => vec![texts::spelling(&case.host())],
        },
        Cause::Unreachable => vec![texts::firewall(&authority)],
        Cause::Tls => of_tls(case),
        Cause::CutOff => vec![texts::look_into_log()],
        Cause::TooLarge => vec![texts::expose_less(), relay::max_body()],
        Cause::Redirects => vec![texts::is_there(&evidence.url)],
        Cause::NotHttp => {
            let mut cures = expose::of(case.exporter);
            cures.push(texts::check_port(&authority));
            cures
        }
        Cause::RelayForbids => vec![relay::allow(&authority)],
        Cause::NoRelay => match evidence.relay {
            RelayFact::Gone => vec![relay::start_again(page)],
            RelayFact::Missing | RelayFact::Here => vec![relay::open_here(), relay::in_compose(None)],
        },
        Cause::Opaque => vec![texts::is_there(&evidence.url), texts::extension()],
    }
}

fn of_status(case: &Case<'_>, status: u16) -> Vec<Cure> {
    let evidence = case.evidence;
    let mut cures = Vec::new();
    match status {
        401 | 403 => {
            match case.exporter {
                Exporter::Kubelet => cures.push(network::kubectl_proxy(true)),
                Exporter::KubeApi => cures.push(network::kubectl_proxy(false)),
                Exporter::SpringBoot => cures.push(expose::spring_security(&case.path())),
                _ => {}
            }
            match evidence.purpose {
                Purpose::Metrics => cures.push(texts::credentials(&case.authority(), case.is_https(), &case.path())),
                Purpose::Api => cures.push(texts::source_credentials(evidence.sends_headers)),
            }
            if status == 403 {
                cures.push(texts::let_in());
            }
        }
        404 | 405 | 406 | 410 => cures = of_no_metrics(case),
        429 => cures.push(texts::ask_less()),
        502..=504 => cures.push(texts::start_behind_proxy()),
        500..=599 => cures.push(texts::look_into_log()),
        _ => cures.push(texts::is_there(&evidence.url)),
    }
    if cures.is_empty() {
        cures = expose::of(case.exporter);
    }
    cures
}

/// The server is there, and metrics are not.
fn of_no_metrics(case: &Case<'_>) -> Vec<Cure> {
    if case.evidence.purpose == Purpose::Api {
        return vec![texts::api_prefix()];
    }
    if let Some((BodyKind::Text(_), 200..300)) = case.evidence.read().map(|(seen, _)| (&seen.body, seen.status)) {
        return vec![texts::mend_line(), texts::is_there(&case.evidence.url)];
    }
    let mut cures = expose::of(case.exporter);
    if case.exporter == Exporter::Unknown {
        cures.extend(expose::programs());
    }
    if case.is_html() {
        cures.push(texts::is_there(&case.evidence.url));
    }
    cures
}

fn of_cors(case: &Case<'_>) -> Vec<Cure> {
    let evidence = case.evidence;
    let page = evidence.page.origin.as_str();
    let is_relayed = matches!(case.outcome(Way::Relay), Some(Outcome::Answered(_)));
    let mut cures = Vec::new();
    if !is_relayed && evidence.relay != RelayFact::Here {
        cures.extend([relay::open_here(), relay::in_compose(None), relay::behind_page(page)]);
    }
    cures.extend(cors::of_program(case.exporter, evidence.purpose, page, evidence.sends_headers));
    cures.extend(cors::proxies(&case.upstream(), case.port(), page, evidence.sends_headers));
    cures
}

fn of_refused(case: &Case<'_>) -> Vec<Cure> {
    let mut cures = Vec::new();
    match case.exporter {
        Exporter::DockerEngine | Exporter::DockerApi => cures.extend(expose::docker()),
        Exporter::Unknown | Exporter::Prometheus | Exporter::VictoriaMetrics => {}
        exporter => cures.extend(expose::of(exporter)),
    }
    let is_local = matches!(case.class(), HostClass::Loopback | HostClass::DockerHost | HostClass::SingleLabel);
    if is_local && case.exporter != Exporter::DockerEngine {
        cures.push(network::publish(case.port()));
    }
    cures.push(texts::start_program(&case.authority(), case.port()));
    cures
}

fn of_tls(case: &Case<'_>) -> Vec<Cure> {
    let (host, port) = (case.host(), case.port());
    match case.outcome(Way::Relay) {
        Some(Outcome::Tls(TlsFault::Expired)) => vec![network::renew_certificate(&host, port)],
        Some(Outcome::Tls(TlsFault::NotYetValid)) => vec![texts::set_clock(), network::renew_certificate(&host, port)],
        Some(Outcome::Tls(TlsFault::OtherName)) => vec![network::name_of_certificate(&host, port)],
        Some(Outcome::Tls(TlsFault::Plain)) => Vec::new(),
        Some(Outcome::Tls(TlsFault::Untrusted)) => {
            vec![network::trust_in_relay(&host, port), network::trust_in_browser(&case.evidence.url)]
        }
        _ => vec![network::trust_in_browser(&case.evidence.url), network::renew_certificate(&host, port)],
    }
}

impl Case<'_> {
    fn port(&self) -> u16 {
        self.place.as_ref().map_or(80, |place| place.port)
    }

    fn path(&self) -> String {
        self.place.as_ref().map_or_else(|| "/metrics".to_owned(), |place| place.path.clone())
    }

    /// What a proxy is to ask: the origin of the address.
    fn upstream(&self) -> String {
        self.place.as_ref().map_or_else(|| self.evidence.url.clone(), crate::place::Place::origin)
    }
}
