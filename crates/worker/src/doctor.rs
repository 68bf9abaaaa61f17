//! A checkup of a connection that failed: which fetches are made to find out why, and what they come to.
//!
//! A [`Checkup`] is a pure state machine, as a [`ScrapePlan`](crate::ScrapePlan) is: [`Checkup::next_round`] says what to
//! fetch, all of it at once; [`Checkup::took`] takes in what came of each. Rounds end where nothing new is worth a look;
//! then [`Checkup::news`] holds the report. What is concluded is the business of the crate `doctor`.

/// What a fetch came to, as evidence.
mod judge;
/// The report as it crosses.
mod wire;

pub use judge::{Heard, Silence};

use crate::limits::{MAX_CHECKUPS, MAX_PATIENCE, MAX_PROBES, PATIENCE, SIDE_LOOK};
use crate::source::relay::{self, RelayInfo};
use crate::state::Worker;
use ::doctor::{Attempt, Evidence, HostClass, Outcome, PageFacts, Place, Purpose, RelayFact, Seen, TlsFault, Way};
use model::{Millis, Timestamp};
use protocol::{DiagnoseRequest, DiagnosisNews, Event, Patient, Secret, Via};
use scrape::Endpoint;
use std::collections::BTreeSet;

/// What Prometheus' API answers wherever there is one.
const API_QUESTION: &str = "/api/v1/query?query=1";

/// Prefixes of the API, tried where it is not at the given one.
const API_PREFIXES: [&str; 4] = ["", "/prometheus", "/select/0/prometheus", "/api/prom"];

/// The host under which a container, such as the relay's, reaches the machine it runs on.
const DOCKER_HOST: &str = "host.docker.internal";

/// A fetch to make for a checkup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What to fetch: the address, or the relay with the address in its query.
    pub url: String,
    /// What is asked for by it; empty for the relay's description of itself.
    pub about: String,
    /// How.
    pub way: Way,
    /// After so long it is given up.
    pub timeout: Millis,
    /// Headers that go with it.
    pub headers: Vec<(String, Secret)>,
}

/// What came of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// The answer, or what there was instead.
    pub heard: Result<Heard, Silence>,
    /// How long it took.
    pub took_ms: i64,
}

/// A checkup under way.
#[derive(Debug)]
pub struct Checkup {
    patient: Patient,
    serial: u32,
    headers: Vec<(String, Secret)>,
    had_relay: bool,
    asked_relay: bool,
    tried: BTreeSet<(String, Way)>,
    n_running: usize,
    n_done: u32,
    /// All that is known so far.
    evidence: Evidence,
}

impl Worker {
    /// Begins to find out why something cannot be reached.
    pub(crate) fn diagnose(&mut self, request: DiagnoseRequest, now: Timestamp) {
        // One that has not begun is replaced; one that runs ends, and the page drops its answer.
        self.checkups.retain(|checkup| checkup.patient != request.patient);
        if self.checkups.len() >= MAX_CHECKUPS {
            self.checkups.remove(0);
        }
        let target = match request.patient {
            Patient::Target(id) => self.target(id),
            Patient::Source(_) => None,
        };
        let own_access = target.as_ref().map(|target| target.access().clone()).filter(|access| !access.is_none());
        let was_relayed = target.is_some_and(|target| target.status.via == Some(Via::Relay));
        let had_relay = self.had_relay() || was_relayed;
        let page_origin = self.settings.page_origin.clone();
        let request = DiagnoseRequest { access: own_access.unwrap_or(request.access), ..request };
        self.checkups.push(Checkup::new(request, page_origin, had_relay, now));
    }

    /// The checkups that are to begin now.
    pub fn take_checkups(&mut self) -> Vec<Checkup> {
        std::mem::take(&mut self.checkups)
    }
}

impl Checkup {
    fn new(request: DiagnoseRequest, page_origin: String, had_relay: bool, now: Timestamp) -> Self {
        let DiagnoseRequest { patient, serial, url, access, timeout_ms, page } = request;
        let (purpose, url) = match patient {
            Patient::Target(_) => (Purpose::Metrics, Endpoint::parse(&url).map_or(url, |endpoint| endpoint.url)),
            Patient::Source(_) => {
                let url = if url.contains("://") { url } else { format!("http://{url}") };
                let base = url.strip_suffix(API_QUESTION).unwrap_or(&url).trim_end_matches('/');
                (Purpose::Api, format!("{base}{API_QUESTION}"))
            }
        };
        let headers: Vec<_> = access.request_headers().into_iter().map(|(name, value)| (name, Secret(value))).collect();
        let evidence = Evidence {
            page: PageFacts {
                origin: page_origin,
                is_secure: page.is_secure,
                is_online: page.is_online,
                loopback: wire::permission(page.loopback.as_deref()),
                local_network: wire::permission(page.local_network.as_deref()),
            },
            url,
            purpose,
            sends_headers: !headers.is_empty(),
            timeout_ms: i64::from(timeout_ms),
            now_ms: now.0,
            relay: if had_relay { RelayFact::Here } else { RelayFact::Missing },
            attempts: Vec::new(),
        };
        Checkup {
            patient,
            serial,
            headers,
            had_relay,
            asked_relay: false,
            tried: BTreeSet::new(),
            n_running: 0,
            n_done: 0,
            evidence,
        }
    }

    /// What to fetch next, all of it at once; nothing where all is known. Call [`Checkup::took`] with each.
    pub fn next_round(&mut self) -> Vec<Probe> {
        let mut probes = Vec::new();
        if !self.asked_relay {
            self.asked_relay = true;
            probes.extend(self.question_to_relay());
        }
        for (url, way) in self.wanted() {
            let is_new = !self.tried.contains(&(url.clone(), way));
            if is_new && self.tried.len() < MAX_PROBES {
                self.tried.insert((url.clone(), way));
                probes.push(self.probe(&url, way));
            }
        }
        self.n_running += probes.len();
        probes
    }

    /// Takes in what came of a probe; the answer is whether its round is over.
    pub fn took(&mut self, probe: &Probe, looked: Looked) -> bool {
        self.n_running = self.n_running.saturating_sub(1);
        self.n_done += 1;
        if probe.about.is_empty() {
            let info = looked.heard.ok().and_then(|heard| relay_info(&heard));
            self.evidence.relay = match (info, self.had_relay) {
                (Some(_), _) => RelayFact::Here,
                (None, true) => RelayFact::Gone,
                (None, false) => RelayFact::Missing,
            };
        } else {
            let outcome = judge::outcome(probe, looked.heard, self.evidence.purpose);
            let attempt = Attempt { url: probe.about.clone(), way: probe.way, outcome, took_ms: looked.took_ms.max(0) };
            self.evidence.attempts.push(attempt);
        }
        self.n_running == 0
    }

    /// How it goes; with the report once a round has been empty.
    #[must_use]
    pub fn news(&self, is_over: bool) -> Event {
        let report = is_over.then(|| {
            let mut evidence = self.evidence.clone();
            evidence.attempts.sort_by_key(|attempt| (attempt.url != evidence.url, attempt.way));
            Box::new(wire::report(::doctor::diagnose(&evidence), evidence.purpose))
        });
        Event::Diagnosis(DiagnosisNews {
            patient: self.patient,
            serial: self.serial,
            n_done: self.n_done,
            n_checks: self.n_done + self.n_running as u32,
            report,
        })
    }

    fn question_to_relay(&self) -> Option<Probe> {
        let origin = &self.evidence.page.origin;
        (!origin.is_empty()).then(|| Probe {
            url: relay::info_url(origin),
            about: String::new(),
            way: Way::Direct,
            timeout: SIDE_LOOK,
            headers: Vec::new(),
        })
    }

    fn probe(&self, about: &str, way: Way) -> Probe {
        let is_own = about == self.evidence.url;
        let patience = Millis(self.evidence.timeout_ms.saturating_mul(2)).max(PATIENCE).min(MAX_PATIENCE);
        let timeout = if is_own && way != Way::Blind { patience } else { SIDE_LOOK };
        let url = match way {
            Way::Relay => relay::scrape_url(&self.evidence.page.origin, about, timeout, None),
            Way::Direct | Way::Blind => about.to_owned(),
        };
        // The relay is of the page's own origin.
        let is_simple = way != Way::Relay;
        let mut headers = match (way, self.evidence.purpose) {
            (Way::Blind, _) => Vec::new(),
            (_, Purpose::Metrics) => vec![accept(exposition::accept(false, is_simple))],
            (_, Purpose::Api) => vec![accept("application/json")],
        };
        // Credentials go to the address that they are for, and to no other host.
        let is_same_host = match (Place::parse(about), Place::parse(&self.evidence.url)) {
            (Some(a), Some(b)) => a.host == b.host && (a.is_https || !b.is_https),
            _ => false,
        };
        if is_same_host && way != Way::Blind {
            let prefix = if way == Way::Relay { "Promenade-Forward-" } else { "" };
            headers.extend(self.headers.iter().map(|(name, value)| (format!("{prefix}{name}"), value.clone())));
        }
        Probe { url, about: about.to_owned(), way, timeout, headers }
    }

    /// All that is worth a look by what is known now.
    fn wanted(&self) -> Vec<(String, Way)> {
        let evidence = &self.evidence;
        let url = &evidence.url;
        let Some(place) = Place::parse(url) else { return Vec::new() };
        let is_own = url.strip_prefix(&evidence.page.origin).is_some_and(|rest| rest.starts_with('/'));
        let other_scheme = place.other_scheme().url();
        let has_relay = evidence.relay == RelayFact::Here && !is_own;
        let mut wanted = vec![(url.clone(), Way::Direct), (url.clone(), Way::Blind)];
        if !is_own {
            wanted.push((other_scheme.clone(), Way::Blind));
        }
        if has_relay {
            wanted.push((url.clone(), Way::Relay));
        }
        match evidence.read() {
            Some((seen, attempt)) if !seen.is_good(evidence.purpose) => {
                wanted.extend(self.other_paths(&place).into_iter().map(|other| (other, attempt.way)));
                if asks_for_tls(seen) {
                    wanted.push((other_scheme, attempt.way));
                }
            }
            Some(_) => {}
            None => {
                let way = if has_relay { Way::Relay } else { Way::Direct };
                let relayed = evidence.of(Way::Relay).map(|attempt| &attempt.outcome);
                let is_elsewhere = matches!(
                    relayed,
                    Some(Outcome::Refused | Outcome::UnknownHost | Outcome::Unreachable(_) | Outcome::TimedOut { .. })
                );
                let other_host = match place.class {
                    HostClass::Loopback if is_elsewhere => Some(DOCKER_HOST),
                    HostClass::SingleLabel | HostClass::DockerHost if is_elsewhere || !has_relay => Some("localhost"),
                    _ => None,
                };
                wanted.extend(other_host.map(|host| (place.on_host(host).url(), way)));
                let is_tls_matter = matches!(
                    relayed,
                    Some(Outcome::NotHttp | Outcome::CutOff | Outcome::Tls(TlsFault::Plain | TlsFault::Other(_)))
                );
                if is_tls_matter {
                    wanted.push((other_scheme, Way::Relay));
                }
            }
        }
        wanted
    }

    /// Paths of the same host under which it may be.
    fn other_paths(&self, place: &Place) -> Vec<String> {
        match self.evidence.purpose {
            Purpose::Metrics => {
                let own = Endpoint::parse(&self.evidence.url).map(|endpoint| endpoint.alternatives());
                own.unwrap_or_default().into_iter().map(|endpoint| endpoint.url).collect()
            }
            Purpose::Api => API_PREFIXES
                .iter()
                .map(|prefix| format!("{}{prefix}{API_QUESTION}", place.origin()))
                .filter(|other| *other != self.evidence.url)
                .collect(),
        }
    }
}

/// A server of https that was asked over http often says so.
fn asks_for_tls(seen: &Seen) -> bool {
    seen.status == 400 && ["HTTPS", "https", "SSL"].iter().any(|word| seen.head.contains(word))
}

fn accept(types: &str) -> (String, Secret) {
    ("Accept".to_owned(), Secret(types.to_owned()))
}

fn relay_info(heard: &Heard) -> Option<RelayInfo> {
    relay::read_info(heard.status, &heard.body)
}
