//! The decision table: from evidence to causes, the likeliest first.

use crate::cures;
use crate::evidence::{Attempt, BodyKind, Evidence, Outcome, Permission, Purpose, RelayFact, Seen, TlsFault, Way};
use crate::exporter::Exporter;
use crate::facts;
use crate::place::{HostClass, Place};
use crate::report::{Cause, Certainty, Diagnosis, Report};
use crate::texts::{causes as texts, pictures};

/// Clocks that differ by more are told of; Prometheus' own page warns at the same.
pub const MAX_SKEW_MS: i64 = 30_000;

/// More causes than this help nobody.
const MAX_DIAGNOSES: usize = 4;

/// A refusal on this machine takes a moment; what takes longer was not refused.
const REFUSED_WITHIN_MS: i64 = 1_500;

/// Says why a connection failed, or that it does not.
#[must_use]
pub fn diagnose(evidence: &Evidence) -> Report {
    let place = Place::parse(&evidence.url);
    let exporter = Exporter::recognise(place.as_ref(), &evidence.heads());
    let case = Case { evidence, place, exporter };
    let mut found = case.causes();
    found.dedup_by_key(|(cause, _, _)| *cause);
    found.truncate(MAX_DIAGNOSES);
    let diagnoses = found.into_iter().map(|(cause, certainty, sentence)| case.diagnosis(cause, certainty, sentence));
    let diagnoses = diagnoses.collect();
    Report { exporter, diagnoses, facts: facts::list(&case) }
}

/// The address of a server, of that of a question to its API.
fn server_of(url: &str) -> &str {
    url.split("/api/v1/").next().unwrap_or(url)
}

/// What the rules look at.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub(crate) evidence: &'a Evidence,
    pub(crate) place: Option<Place>,
    pub(crate) exporter: Exporter,
}

type Found = (Cause, Certainty, String);

fn proved(cause: Cause, sentence: String) -> Found {
    (cause, Certainty::Proved, sentence)
}

fn likely(cause: Cause, sentence: String) -> Found {
    (cause, Certainty::Likely, sentence)
}

impl Case<'_> {
    /// The address without its query, which may be long.
    pub(crate) fn name(&self) -> String {
        let place = self.place.as_ref();
        place.map_or_else(
            || self.evidence.url.clone(),
            |place| format!("{}{}", place.origin(), place.path.split('?').next().unwrap_or_default()),
        )
    }

    /// `host:port`
    pub(crate) fn authority(&self) -> String {
        self.place.as_ref().map_or_else(|| self.evidence.url.clone(), Place::authority)
    }

    pub(crate) fn class(&self) -> HostClass {
        self.place.as_ref().map_or(HostClass::Public, |place| place.class)
    }

    pub(crate) fn is_https(&self) -> bool {
        self.place.as_ref().is_some_and(|place| place.is_https)
    }

    /// What kind of machine the page came from.
    pub(crate) fn page_class(&self) -> HostClass {
        Place::parse(&self.evidence.page.origin).map_or(HostClass::Public, |place| place.class)
    }

    pub(crate) fn page_is_https(&self) -> bool {
        self.evidence.page.origin.starts_with("https:")
    }

    /// Something answered, although the page may not read what.
    pub(crate) fn answers_blindly(&self) -> bool {
        self.outcome(Way::Blind) == Some(&Outcome::Unread)
    }

    pub(crate) fn outcome(&self, way: Way) -> Option<&Outcome> {
        self.evidence.of(way).map(|attempt| &attempt.outcome)
    }

    /// The state of the permission that the address needs, if the browser guards it from this page.
    pub(crate) fn guard(&self) -> Option<Permission> {
        let page = &self.evidence.page;
        let from_loopback = self.page_class() == HostClass::Loopback;
        match self.class() {
            HostClass::Loopback if !from_loopback => Some(page.loopback),
            class if class.is_local() && self.page_class() == HostClass::Public => Some(page.local_network),
            _ => None,
        }
        .filter(|permission| *permission != Permission::Unsupported)
    }

    fn causes(&self) -> Vec<Found> {
        let evidence = self.evidence;
        let mut found = Vec::new();
        if let Some(elsewhere) = self.elsewhere() {
            found.push(elsewhere);
        }
        match evidence.read() {
            Some((seen, attempt)) => found.extend(self.of_answer(seen, attempt)),
            None => {
                let any = evidence.attempts.iter().any(|a| matches!(a.outcome, Outcome::Answered(_) | Outcome::Unread));
                if !evidence.page.is_online && !any && self.class() != HostClass::Loopback {
                    found.push(likely(Cause::Offline, texts::offline()));
                }
                found.extend(self.of_relay().unwrap_or_else(|| self.of_browser()));
            }
        }
        if found.is_empty() {
            found.push(likely(Cause::Opaque, texts::opaque(&self.name())));
        }
        found
    }

    /// Metrics on another path, another host or with the other scheme.
    fn elsewhere(&self) -> Option<Found> {
        let evidence = self.evidence;
        let is_good = evidence.read().is_some_and(|(seen, _)| seen.is_good(evidence.purpose));
        let attempt = evidence.found().filter(|_| !is_good)?;
        let (place, other) = (self.place.as_ref()?, Place::parse(&attempt.url)?);
        Some(if evidence.purpose == Purpose::Api {
            proved(Cause::WrongPath, texts::wrong_prefix(&place.origin(), server_of(&attempt.url)))
        } else if other.host != place.host {
            proved(Cause::WrongHost, texts::wrong_host(&self.name(), &other.authority()))
        } else if other.is_https != place.is_https {
            proved(Cause::WrongScheme, texts::wrong_scheme(&self.name(), other.scheme()))
        } else {
            proved(Cause::WrongPath, texts::wrong_path(&self.name(), &other.path))
        })
    }

    /// What an answer that was read says.
    fn of_answer(&self, seen: &Seen, attempt: &Attempt) -> Vec<Found> {
        let evidence = self.evidence;
        let name = self.name();
        if !(200..300).contains(&seen.status) {
            return vec![proved(Cause::Status(seen.status), texts::status(&name, seen.status, self.exporter))];
        }
        if !seen.is_good(evidence.purpose) {
            return vec![proved(Cause::NotMetrics, texts::not_metrics(&name, &seen.body, evidence.purpose))];
        }
        let mut found = Vec::new();
        if attempt.took_ms > evidence.timeout_ms {
            found.push(proved(Cause::Slow, texts::slow(&name, attempt.took_ms, evidence.timeout_ms)));
        }
        if let Some(skew_ms) = self.skew_ms(seen) {
            found.push(proved(Cause::ClockSkew, texts::clock_skew(&self.authority(), skew_ms)));
        }
        if attempt.way == Way::Relay && self.outcome(Way::Direct).is_some() {
            if let Some(guarded) = self.of_guard() {
                found.push(guarded);
            } else if self.is_mixed() {
                found.push(proved(Cause::MixedContent, texts::mixed_but_relayed(&name)));
            } else if self.answers_blindly() {
                found.push(proved(Cause::Cors, texts::cors_but_relayed(&name)));
            }
        }
        if found.is_empty() {
            found.push(proved(Cause::Works, texts::works(&name, &seen.body, attempt.took_ms)));
        }
        found
    }

    /// By how much a clock is ahead of the browser's, where that is worth a word.
    pub(crate) fn skew_ms(&self, seen: &Seen) -> Option<i64> {
        let skew_ms = seen.clock_ms? - self.evidence.now_ms;
        (skew_ms.abs() > MAX_SKEW_MS).then_some(skew_ms)
    }

    /// What the relay says of an address that nobody read.
    fn of_relay(&self) -> Option<Vec<Found>> {
        let name = self.name();
        let outcome = self.outcome(Way::Relay)?;
        let (cause, sentence) = match outcome {
            Outcome::Refused => (Cause::Refused, texts::refused(&self.authority())),
            Outcome::UnknownHost => (Cause::UnknownHost, texts::unknown_host(&self.host())),
            Outcome::TimedOut { after_ms } => (Cause::TimedOut, texts::timed_out(&name, *after_ms)),
            Outcome::Tls(fault) => (Cause::Tls, texts::tls(&self.authority(), fault)),
            Outcome::Unreachable(why) => (Cause::Unreachable, texts::unreachable(&self.authority(), why)),
            Outcome::CutOff => (Cause::CutOff, texts::cut_off(&name)),
            Outcome::TooLarge => (Cause::TooLarge, texts::too_large(&name)),
            Outcome::Redirects(why) => (Cause::Redirects, texts::redirects(&name, why)),
            Outcome::NotHttp => (Cause::NotHttp, texts::not_http(&self.authority())),
            Outcome::Forbidden(why) => (Cause::RelayForbids, texts::relay_forbids(&self.authority(), why)),
            Outcome::Other(why) => (Cause::Opaque, texts::other(&name, why)),
            Outcome::Answered(_) | Outcome::Unread | Outcome::Opaque | Outcome::NoRelay => return None,
        };
        let has_no_connection = matches!(cause, Cause::Refused | Cause::UnknownHost | Cause::Unreachable);
        // The browser gets an answer where the relay gets none: they are not on the same machine.
        if self.answers_blindly() && has_no_connection {
            return Some(vec![proved(Cause::RelayElsewhere, texts::relay_elsewhere(&self.authority()))]);
        }
        if self.answers_blindly() && matches!(cause, Cause::Tls | Cause::RelayForbids) {
            return Some(vec![
                proved(cause, sentence),
                proved(Cause::Cors, texts::cors(&name, self.evidence.sends_headers)),
            ]);
        }
        // With http: a server of https: answers, too, if only by closing.
        let wants_tls = matches!(cause, Cause::NotHttp | Cause::CutOff) && !self.is_https() && self.other_answers();
        if wants_tls {
            return Some(vec![
                likely(Cause::WrongScheme, texts::wrong_scheme(&name, "https")),
                proved(cause, sentence),
            ]);
        }
        Some(vec![proved(cause, sentence)])
    }

    /// What the browser alone lets one conclude.
    fn of_browser(&self) -> Vec<Found> {
        let name = self.name();
        let mut found = Vec::new();
        found.extend(self.of_guard());
        let is_mixed = self.is_mixed();
        if is_mixed {
            found.push(proved(Cause::MixedContent, texts::mixed(&name)));
        }
        let direct = self.evidence.of(Way::Direct);
        if self.answers_blindly() {
            found.push(proved(Cause::Cors, texts::cors(&name, self.evidence.sends_headers)));
        } else if self.other_answers() {
            let other = if self.is_https() { "http" } else { "https" };
            found.push(likely(Cause::WrongScheme, texts::wrong_scheme(&name, other)));
        }
        if found.iter().all(|(_, certainty, _)| *certainty == Certainty::Likely) {
            found.extend(self.of_silence(direct));
        }
        // Their cures begin with the relay.
        let has_relay_cure =
            |(cause, ..): &Found| matches!(cause, Cause::Cors | Cause::MixedContent | Cause::LocalNetwork);
        match self.evidence.relay {
            RelayFact::Missing if found.iter().any(has_relay_cure) => {}
            RelayFact::Missing => found.push(likely(Cause::NoRelay, texts::no_relay())),
            RelayFact::Gone => {
                let gone = proved(Cause::NoRelay, texts::relay_gone());
                // A target that only the relay could read fails for no other reason.
                found.insert(usize::from(!self.answers_blindly()).min(found.len()), gone);
            }
            RelayFact::Here => {}
        }
        found
    }

    /// Nothing answers, and nobody says why.
    fn of_silence(&self, direct: Option<&Attempt>) -> Vec<Found> {
        let name = self.name();
        let took_ms = direct.map_or(0, |direct| direct.took_ms);
        let mut found = Vec::new();
        match direct.map(|direct| &direct.outcome) {
            Some(Outcome::TimedOut { after_ms }) => {
                return vec![proved(Cause::TimedOut, texts::timed_out(&name, *after_ms))];
            }
            Some(Outcome::CutOff) => return vec![proved(Cause::CutOff, texts::cut_off(&name))],
            Some(Outcome::TooLarge) => return vec![proved(Cause::TooLarge, texts::too_large(&name))],
            _ => {}
        }
        match self.class() {
            HostClass::Loopback if self.is_https() => {
                found.push(likely(Cause::Tls, texts::tls_likely(&self.authority())));
                found.push(likely(Cause::Refused, texts::refused_likely(&self.authority())));
            }
            HostClass::Loopback if took_ms < REFUSED_WITHIN_MS => {
                found.push(likely(Cause::Refused, texts::refused_likely(&self.authority())));
            }
            HostClass::SingleLabel | HostClass::DockerHost => {
                found.push(likely(Cause::UnknownHost, texts::unknown_host_likely(&self.host())));
            }
            _ if self.is_https() => found.push(likely(Cause::Tls, texts::tls_likely(&self.authority()))),
            _ => {}
        }
        if found.is_empty() {
            found.push(likely(Cause::Opaque, texts::opaque(&name)));
        }
        found
    }

    /// Chrome's guard of the local network.
    fn of_guard(&self) -> Option<Found> {
        let page = &self.evidence.page;
        let name = self.authority();
        if self.answers_blindly() || matches!(self.outcome(Way::Direct), Some(Outcome::Answered(_))) {
            return None;
        }
        let is_public = self.page_class() == HostClass::Public;
        if !page.is_secure && is_public && self.class().is_local() {
            return Some(likely(Cause::LocalNetwork, texts::local_insecure(&name)));
        }
        match self.guard()? {
            Permission::Denied => Some(proved(Cause::LocalNetwork, texts::local_denied(&name))),
            Permission::Prompt => Some(likely(Cause::LocalNetwork, texts::local_prompt(&name))),
            Permission::Granted | Permission::Unsupported => None,
        }
    }

    /// The page came over https, and the address is of http and not of this machine: browsers do not fetch it.
    fn is_mixed(&self) -> bool {
        let is_loopback = self.class() == HostClass::Loopback;
        // With the permission for the local network, Chrome lets addresses of it be fetched all the same.
        let is_lifted = self.guard() == Some(Permission::Granted) && self.answers_blindly();
        self.page_is_https() && !self.is_https() && !is_loopback && !is_lifted
    }

    /// The other of http and https answered.
    fn other_answers(&self) -> bool {
        let Some(other) = self.place.as_ref().map(|place| place.other_scheme().url()) else { return false };
        self.evidence
            .attempts
            .iter()
            .any(|attempt| attempt.url == other && matches!(attempt.outcome, Outcome::Unread | Outcome::Answered(_)))
    }

    pub(crate) fn host(&self) -> String {
        self.place.as_ref().map_or_else(|| self.evidence.url.clone(), |place| place.host.clone())
    }

    fn diagnosis(&self, cause: Cause, certainty: Certainty, sentence: String) -> Diagnosis {
        let found = match cause {
            Cause::WrongPath | Cause::WrongHost => self.evidence.found().map(|attempt| attempt.url.clone()),
            Cause::WrongScheme => self.place.as_ref().map(|place| place.other_scheme().url()),
            Cause::Tls if self.outcome(Way::Relay) == Some(&Outcome::Tls(TlsFault::Plain)) => {
                self.place.as_ref().map(|place| place.other_scheme().url())
            }
            _ => None,
        };
        let cures = cures::of(self, cause);
        let is_about_containers =
            matches!(self.class(), HostClass::Loopback | HostClass::DockerHost | HostClass::SingleLabel)
                && matches!(
                    cause,
                    Cause::Refused | Cause::UnknownHost | Cause::WrongHost | Cause::RelayElsewhere | Cause::TimedOut
                );
        let port = self.place.as_ref().map_or(80, |place| place.port);
        let picture = is_about_containers.then(|| pictures::containers(port));
        let is_good = self.evidence.read().is_some_and(|(seen, _)| seen.is_good(self.evidence.purpose));
        let is_fine = match cause {
            Cause::Works => true,
            Cause::Cors | Cause::MixedContent | Cause::LocalNetwork => is_good,
            _ => false,
        };
        Diagnosis { cause, certainty, sentence, is_fine, cures, found, picture }
    }

    /// Whether a body that was read is a web page.
    pub(crate) fn is_html(&self) -> bool {
        self.evidence.read().is_some_and(|(seen, _)| seen.body == BodyKind::Html)
    }
}
