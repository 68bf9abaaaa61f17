//! What has to be asked for a configuration: names, lists of targets, texts. The worker says what, its driver asks, and the
//! answer comes back here.

use super::pool::{self, problem};
use super::{MAX_CONFIG_BYTES, Pool};
use crate::limits::MAX_ERRANDS;
use crate::source::plan::{Circumstances, Outcome, ScrapePlan};
use crate::source::relay;
use crate::state::Worker;
use config::{Access, Auth, Discovery, Secret, TargetGroup};
use model::{Millis, Timestamp};
use protocol::{ConfigNews, ConfigOrigin, ConfigText, Event, Problem};
use scrape::{Endpoint, EndpointError};

/// Something to ask: do what it says and call [`Worker::finish_errand`].
#[derive(Debug)]
pub struct Errand {
    /// Which one.
    pub id: u64,
    /// What to do.
    pub what: ErrandStep,
}

/// What to do for an errand.
#[derive(Debug)]
pub enum ErrandStep {
    /// Follow this plan to its end: a list of targets, a configuration.
    Follow(Box<ScrapePlan>),
    /// Ask the relay at this URL.
    AskRelay {
        /// Where.
        url: String,
        /// After so long it is given up.
        timeout: Millis,
    },
}

/// What came of an errand.
#[derive(Debug)]
pub enum ErrandReply {
    /// The plan ended.
    Followed(Box<Outcome>),
    /// The relay answered: status and body. `None`: it did not.
    Relay(Option<(u16, Vec<u8>)>),
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
enum About {
    /// A part of a discovery.
    Part { pool: usize, source: usize, part: usize },
    /// A configuration at a URL.
    Text { url: String },
    /// The configuration of the relay.
    RelayConfig { load: bool },
}

/// What is being asked, and what waits for that.
#[derive(Debug, Default)]
pub(crate) struct Errands {
    waiting: Vec<About>,
    running: Vec<(u64, About)>,
    n_begun: u64,
    /// The relay's configuration is to be asked for once there is a relay: another server may answer anything.
    after_relay: Option<bool>,
}

impl Errands {
    pub(super) fn next_wake(&self) -> Option<Timestamp> {
        (!self.waiting.is_empty()).then_some(Timestamp::MIN)
    }

    /// Whether as many are being asked as may be: the end of one is when the next can begin.
    pub(super) fn is_full(&self) -> bool {
        self.running.len() >= MAX_ERRANDS
    }

    /// Answers for pools that are gone are not waited for.
    pub(super) fn forget_pools(&mut self) {
        let stays = |about: &About| !matches!(about, About::Part { .. });
        self.waiting.retain(stays);
        self.running.retain(|(_, about)| stays(about));
    }

    pub(super) fn ask_relay_config(&mut self, load: bool, has_relay: bool) {
        self.waiting.retain(|about| !matches!(about, About::RelayConfig { .. }));
        self.after_relay = (!has_relay).then_some(load);
        if has_relay {
            self.waiting.push(About::RelayConfig { load });
        }
    }

    pub(super) fn relay_came(&mut self) {
        if let Some(load) = self.after_relay {
            self.ask_relay_config(load, true);
        }
    }

    pub(super) fn fetch_config(&mut self, url: &str) -> Result<(), EndpointError> {
        Endpoint::parse(url)?;
        let is_other = |about: &About| !matches!(about, About::Text { .. });
        self.waiting.retain(is_other);
        self.running.retain(|(_, about)| is_other(about));
        self.waiting.push(About::Text { url: url.to_owned() });
        Ok(())
    }
}

impl Worker {
    /// What is to be asked now.
    pub fn begin_errands(&mut self, now: Timestamp) -> Vec<Errand> {
        if self.is_reader() {
            return Vec::new();
        }
        let mut due: Vec<About> = Vec::new();
        let room = MAX_ERRANDS.saturating_sub(self.configs.errands.running.len());
        let n_waiting = self.configs.errands.waiting.len().min(room);
        due.extend(self.configs.errands.waiting.drain(..n_waiting));
        for (pool_idx, pool) in self.configs.loaded.iter_mut().flat_map(|loaded| &mut loaded.pools).enumerate() {
            for (source_idx, source) in pool.sources.iter_mut().enumerate() {
                for (part_idx, part) in source.parts.iter_mut().enumerate() {
                    if due.len() < room && part.next.is_some_and(|next| next <= now) {
                        (part.next, part.is_running) = (None, true);
                        due.push(About::Part { pool: pool_idx, source: source_idx, part: part_idx });
                    }
                }
            }
        }
        let mut errands = Vec::new();
        for about in due {
            match self.step_of(&about) {
                Ok(what) => {
                    let id = self.configs.errands.n_begun;
                    self.configs.errands.n_begun += 1;
                    self.configs.errands.running.push((id, about));
                    errands.push(Errand { id, what });
                }
                Err((problem, needs_relay)) => self.errand_failed(&about, problem, needs_relay, now),
            }
        }
        if !errands.is_empty() {
            self.tell_config();
        }
        errands
    }

    /// What came of an errand. Of one that nobody waits for any more it is dropped.
    pub fn finish_errand(&mut self, id: u64, reply: ErrandReply, now: Timestamp) {
        let running = &mut self.configs.errands.running;
        let Some(at) = running.iter().position(|(known, _)| *known == id) else { return };
        let (_, about) = running.remove(at);
        match &about {
            About::Part { pool, source, part } => {
                let groups = self.groups_of(*pool, *source, *part, &reply);
                self.part_answered(*pool, *source, *part, groups, false, now);
            }
            About::Text { url } => {
                let (shown, _) = config::redact_url(url);
                let origin = ConfigOrigin::Url(shown);
                match text_of(&reply) {
                    Ok(text) => self.load_config(ConfigText { text, origin, files: Vec::new() }, now),
                    Err(problem) => self.config_failed(origin, problem),
                }
            }
            About::RelayConfig { load } => {
                let ErrandReply::Relay(Some((200, body))) = reply else { return };
                let Ok(text) = String::from_utf8(body) else { return };
                let text = ConfigText { text, origin: ConfigOrigin::Relay, files: Vec::new() };
                if *load {
                    self.load_config(text, now);
                } else {
                    self.tell(Event::Config(ConfigNews::Offered(text)));
                }
            }
        }
        self.tell_config();
    }

    fn errand_failed(&mut self, about: &About, problem: Problem, needs_relay: bool, now: Timestamp) {
        match about {
            About::Part { pool, source, part } => {
                self.part_answered(*pool, *source, *part, Err(problem), needs_relay, now);
            }
            About::Text { url } => self.config_failed(ConfigOrigin::Url(config::redact_url(url).0), problem),
            About::RelayConfig { .. } => {}
        }
        self.tell_config();
    }

    fn part_answered(
        &mut self,
        pool: usize,
        source: usize,
        part: usize,
        groups: Result<Vec<TargetGroup>, Problem>,
        needs_relay: bool,
        now: Timestamp,
    ) {
        let Some(pool) = self.configs.loaded.as_mut().and_then(|loaded| loaded.pools.get_mut(pool)) else { return };
        pool.answered(source, part, groups, needs_relay, now);
        if pool.is_stale() {
            self.sync_targets(now);
        }
    }

    /// What to do, or why it cannot be done; whether that is for want of a relay.
    fn step_of(&self, about: &About) -> Result<ErrandStep, (Problem, bool)> {
        let origin = &self.settings.page_origin;
        let ask_relay = |url: String| Ok(ErrandStep::AskRelay { url, timeout: pool::TIMEOUT });
        let follow = |url: &str, access: &Access, accept: &'static str| {
            let endpoint = Endpoint { url: url.to_owned(), instance: String::new() };
            let circumstances = Circumstances {
                discover: false,
                timeout: pool::TIMEOUT,
                access: wire_access(access),
                accept: Some(accept),
                ..self.circumstances()
            };
            Ok(ErrandStep::Follow(Box::new(ScrapePlan::new(endpoint, circumstances))))
        };
        let (pool_idx, source, part) = match about {
            About::Part { pool, source, part } => (*pool, *source, *part),
            About::Text { url } => return follow(url, &Access::default(), "text/yaml, text/plain, */*"),
            About::RelayConfig { .. } => return ask_relay(relay::config_url(origin)),
        };
        let nothing = || (Problem::default(), false);
        let pool: &Pool = self.configs.loaded.as_ref().and_then(|l| l.pools.get(pool_idx)).ok_or_else(nothing)?;
        let source = pool.sources.get(source).ok_or_else(nothing)?;
        match &source.discovery {
            Discovery::Static(_) => Err(nothing()),
            Discovery::Http(http) => follow(&http.url, &http.access, "application/json"),
            Discovery::Dns(_) | Discovery::File(_) if !self.has_relay() => {
                let message = "Names are resolved and files are read by the relay, and there is none here";
                let hint = "Open Promenade through its relay. It is looked for again.";
                Err((problem(message, hint), true))
            }
            Discovery::Dns(dns) => {
                let name = dns.names.get(part).ok_or_else(nothing)?;
                ask_relay(relay::resolve_url(origin, name, dns.record_type.name()))
            }
            Discovery::File(_) => ask_relay(relay::discover_url(origin, &pool.config.job_name, source.kind_idx)),
        }
    }

    fn groups_of(
        &self,
        pool: usize,
        source: usize,
        part: usize,
        reply: &ErrandReply,
    ) -> Result<Vec<TargetGroup>, Problem> {
        let pool = self.configs.loaded.as_ref().and_then(|loaded| loaded.pools.get(pool));
        let Some(source) = pool.and_then(|pool| pool.sources.get(source)) else { return Ok(Vec::new()) };
        match (&source.discovery, reply) {
            (Discovery::Dns(dns), ErrandReply::Relay(Some((status, body)))) => {
                let name = dns.names.get(part).map(String::as_str).unwrap_or_default();
                let records = relay::read_records(*status, body).map_err(|why| {
                    problem(&format!("the name {name} could not be resolved: {why}"), "It is tried again.")
                })?;
                Ok(vec![dns.group(name, &records)])
            }
            (Discovery::File(file), ErrandReply::Relay(Some((status, body)))) => {
                let files = file.files.join(", ");
                let hint = "The relay reads the files of the configuration that it was started with (--config).";
                if *status != 200 {
                    let why = relay::refusal(*status, body);
                    return Err(problem(&format!("the files {files} could not be read: {why}"), hint));
                }
                config::file_sd::parse(&String::from_utf8_lossy(body))
                    .map_err(|why| problem(&format!("the files {files} hold no targets. {why}"), hint))
            }
            (Discovery::Http(http), ErrandReply::Followed(_)) => {
                let text = text_of(reply)?;
                let mut groups = config::file_sd::parse(&text).map_err(|why| {
                    problem(&format!("the answer of {} is no list of targets. {why}", http.url), "It is fetched again.")
                })?;
                let url = ("__meta_url".to_owned(), config::redact_url(&http.url).0);
                groups.iter_mut().for_each(|group| group.labels.push(url.clone()));
                Ok(groups)
            }
            _ => Err(problem("The relay did not answer", "It is asked again.")),
        }
    }
}

/// The text that a plan brought.
fn text_of(reply: &ErrandReply) -> Result<String, Problem> {
    let ErrandReply::Followed(outcome) = reply else { return Err(Problem::default()) };
    if let Some(failure) = &outcome.failure {
        return Err(crate::problem::of_scrape(failure, &outcome.endpoint.url));
    }
    let body = outcome.answer.as_ref().map(|answer| &answer.body[..]).unwrap_or_default();
    if body.len() > MAX_CONFIG_BYTES {
        let message = format!("the answer of {} has more than {} KiB", outcome.endpoint.url, MAX_CONFIG_BYTES >> 10);
        return Err(problem(&message, "So much is read."));
    }
    String::from_utf8(body.to_vec())
        .map_err(|_| problem(&format!("the answer of {} is no text", outcome.endpoint.url), "Expected UTF-8."))
}

/// Credentials as requests carry them; what is not known is left out.
pub(crate) fn wire_access(access: &Access) -> protocol::Access {
    let known = |secret: &Secret| protocol::Secret(secret.text().unwrap_or_default().to_owned());
    let auth = match &access.auth {
        _ if access.is_missing() => protocol::Auth::None,
        Auth::None => protocol::Auth::None,
        Auth::Basic { username, password } => protocol::Auth::Basic {
            username: username.text().unwrap_or_default().to_owned(),
            password: known(password),
        },
        Auth::Token { kind, credentials } => {
            protocol::Auth::Token { kind: kind.clone(), credentials: known(credentials) }
        }
    };
    let headers = access.headers.iter().filter(|(_, secret)| secret.text().is_some());
    protocol::Access { auth, headers: headers.map(|(name, secret)| (name.clone(), known(secret))).collect() }
}
