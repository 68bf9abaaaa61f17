//! What was added since the page was opened, and what became of it: addresses, texts, files. It outlives the
//! page on which it was added, so that a file may be dropped anywhere.

use crate::browser::files::{self, FileProblem, MAX_FILE_BYTES, ReadFile};
use crate::browser::folder::ChosenFile;
use crate::client::Client;
use crate::components::add_endpoint::recognise::{Pasted, canonical, is_config, is_stored_data, recognise};
use crate::live::effect;
use crate::state::session::Session;
use crate::state::settings::config as stored_config;
use crate::state::settings::targets::without_secrets;
use crate::state::sources::Sources;
use crate::state::url::percent_decode;
use crate::texts::{adding as texts, config as config_texts};
use leptos::prelude::*;
use protocol::{
    Access, Auth, ConfigOrigin, ConfigRequest, ConfigStatus, ConfigText, FamilyInfo, Health, Problem, Recognised,
    Secret, SourceId, SourceSpec, SourceStatus, TargetId, TargetSpec, TargetStatus,
};

/// What tells a text of a store from one of a target.
const HEAD_BYTES: u32 = 64 << 10;

/// A longer text is no configuration that is read.
const MAX_CONFIG_BYTES: usize = 1 << 20;

/// Something that was added, or could not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// Distinguishes the entries of one page.
    pub key: u32,
    /// How it is called: the address as typed, the file's name.
    pub name: String,
    /// What it is.
    pub what: What,
}

/// What was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// An address that is scraped from now on.
    Target {
        /// Its target.
        id: TargetId,
        /// It holds a secret that is not stored.
        has_secret: bool,
    },
    /// An address of which it is not known yet what is behind it.
    Looking,
    /// A server that is asked from now on.
    Source {
        /// Its number.
        id: SourceId,
        /// What it is: `Prometheus`.
        kind: String,
        /// The expression of a graph whose address was pasted.
        expr: Option<String>,
    },
    /// A text that is stored once.
    Snapshot {
        /// The target that stands for it.
        id: TargetId,
    },
    /// An address that is a target already.
    Known {
        /// That target.
        id: TargetId,
    },
    /// A configuration, or a file of targets that it names.
    Config {
        /// Attempts to load something before this one.
        n_before: u32,
        /// What ran before.
        before: Option<ConfigText>,
    },
    /// Nothing was added, and this is why.
    Nothing(Problem),
}

impl What {
    /// The target that came of it, if one did.
    #[must_use]
    pub fn id(&self) -> Option<TargetId> {
        match self {
            What::Target { id, .. } | What::Snapshot { id } => Some(*id),
            What::Looking | What::Source { .. } | What::Known { .. } | What::Config { .. } | What::Nothing(_) => None,
        }
    }
}

/// What became of an addition by now.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is being scraped or read for the first time.
    Waiting,
    /// It holds metrics.
    Found {
        /// Families, without `up` and its companions.
        n_metrics: usize,
        /// Samples of its last scrape, one for each series.
        n_series: u32,
        /// The time between scrapes; `None` for a snapshot.
        interval_ms: Option<u32>,
    },
    /// It is a server with the Prometheus HTTP API, and answers.
    Source {
        /// What it is.
        kind: String,
    },
    /// It was a target before.
    Known,
    /// A configuration that runs.
    Config {
        /// The sentence about it.
        runs: String,
    },
    /// A configuration that does not.
    BadConfig(Problem),
    /// It did not work; the target may be there all the same, and is then tried again.
    Failed {
        /// What happened, and what to do.
        problem: Problem,
        /// The target is there.
        is_target: bool,
    },
}

/// Everything that was added; cheap to copy.
#[derive(Clone, Copy)]
pub struct Additions {
    /// The entries, the newest first.
    pub entries: RwSignal<Vec<Addition>>,
    /// What stands in the field: kept until it worked, also while another page is shown.
    pub draft: RwSignal<String>,
    /// The text that was submitted last, and the keys of its entries.
    submitted: RwSignal<(String, Vec<u32>)>,
    next_key: StoredValue<u32>,
    client: Client,
    session: Session,
    sources: Sources,
}

impl Additions {
    /// Nothing was added yet.
    #[must_use]
    pub fn new(client: Client, session: Session, sources: Sources) -> Self {
        let additions = Additions {
            entries: RwSignal::new(Vec::new()),
            draft: RwSignal::new(String::new()),
            submitted: RwSignal::new((String::new(), Vec::new())),
            next_key: StoredValue::new(0),
            client,
            session,
            sources,
        };
        // What worked need not stand in the field any more; what did not is there to be corrected.
        effect(move || {
            let (text, keys) = additions.submitted.get();
            let entries = additions.entries.get();
            let mut of_text = entries.iter().filter(|entry| keys.contains(&entry.key)).peekable();
            let worked = |entry: &Addition| {
                matches!(
                    additions.outcome(entry),
                    Outcome::Found { .. } | Outcome::Source { .. } | Outcome::Known | Outcome::Config { .. }
                )
            };
            if of_text.peek().is_some() && of_text.all(worked) {
                additions.submitted.set((String::new(), Vec::new()));
                if additions.draft.with_untracked(|draft| *draft == text) {
                    additions.draft.set(String::new());
                }
            }
        });
        additions
    }

    /// Adds what stands in a text: addresses, or metrics.
    pub fn submit(&self, text: &str) {
        self.drop_done();
        let nothing = |problem| vec![(String::new(), What::Nothing(problem))];
        let added = match recognise(text) {
            Pasted::Empty => nothing(texts::nothing_to_add()),
            Pasted::Query => nothing(texts::is_a_query()),
            Pasted::TooMany(n) => nothing(texts::too_many(n)),
            Pasted::Metrics => {
                let id = self.client.upload(String::new(), None, text.as_bytes().to_vec());
                vec![(texts::PASTED.to_owned(), What::Snapshot { id })]
            }
            Pasted::Config => {
                let text = ConfigText { text: text.to_owned(), origin: ConfigOrigin::Pasted, files: Vec::new() };
                vec![(config_texts::name(&text.origin), self.add_config(text))]
            }
            Pasted::ConfigUrl(url) => {
                let what = self.config_addition();
                self.client.config(ConfigRequest::Fetch { url: url.clone() });
                vec![(without_secrets(&url).0, what)]
            }
            Pasted::Addresses(addresses) => {
                addresses.into_iter().map(|address| (address.clone(), self.add_address(&address))).collect()
            }
        };
        let looked_at: Vec<String> =
            added.iter().filter(|(_, what)| *what == What::Looking).map(|(name, _)| name.clone()).collect();
        let keys = self.put(added);
        self.submitted.set((text.to_owned(), keys.clone()));
        // Only now: an answer finds its entry.
        for address in looked_at {
            let (additions, keys) = (*self, keys.clone());
            self.client.recognise(&address.clone(), move |server| additions.recognised(&address, &keys, server));
        }
    }

    /// It is known what is behind an address: a server to ask, or something to scrape.
    fn recognised(&self, address: &str, keys: &[u32], server: Option<Recognised>) {
        let what = match server {
            Some(server) => self.add_source(address, server),
            None => self.add_as_target(address),
        };
        let is_it = |entry: &&mut Addition| keys.contains(&entry.key) && entry.name == address;
        let mut was_there = false;
        self.entries.update(|entries| {
            if let Some(entry) = entries.iter_mut().find(is_it) {
                entry.what = what.clone();
                was_there = true;
            }
        });
        // Who took it back meanwhile does not want it.
        match what {
            What::Target { id, .. } if !was_there => {
                self.client.remove_target(id);
                self.client.forget_removed();
            }
            What::Source { id, .. } if !was_there => self.sources.remove(id),
            _ => {}
        }
    }

    fn add_source(&self, address: &str, server: Recognised) -> What {
        let Recognised { url, kind, needs_access, expr } = server;
        let known = self.session.sources.with_untracked(|all| all.iter().find(|one| one.url == url).map(|one| one.id));
        let auth = userinfo(address)
            .map_or(Auth::None, |(username, password)| Auth::Basic { username, password: Secret(password) });
        let kind = if needs_access { String::new() } else { kind };
        let id = known.unwrap_or_else(|| {
            let access = Access { auth, headers: Vec::new() };
            self.sources.add(SourceSpec { url, access, ..SourceSpec::default() }, false)
        });
        What::Source { id, kind, expr }
    }

    /// Takes files that were chosen or dropped. One text as a target answers it becomes a snapshot; all else is imported.
    pub fn add_files(&self, mut chosen: Vec<ChosenFile>, is_folder: bool) {
        let additions = *self;
        let one = if is_folder || chosen.len() != 1 { None } else { chosen.pop() };
        let Some(one) = one else {
            self.client.import(chosen);
            return;
        };
        let file = one.file.clone();
        let is_named = self.names_file(&file.name());
        files::head(&file, HEAD_BYTES, move |head| {
            if is_named {
                files::read(&one.file, move |file| additions.give_file(file));
            } else if is_stored_data(&head) || one.file.size() as u64 > MAX_FILE_BYTES {
                additions.client.import(vec![one]);
            } else {
                files::read(&one.file, move |file| additions.add_file(file));
            }
        });
    }

    /// Adds a file that was read.
    fn add_file(&self, file: ReadFile) {
        let ReadFile { name, media_type, body } = file;
        let what = match body {
            Ok(body) if is_config_file(&name, &body) => {
                let origin = ConfigOrigin::File(name.clone());
                let text = String::from_utf8_lossy(&body).into_owned();
                self.add_config(ConfigText { text, origin, files: Vec::new() })
            }
            Ok(body) => {
                // `text/plain` is what systems say of any text: it says nothing about the format.
                let media_type = media_type.filter(|media_type| media_type.starts_with("application/openmetrics"));
                What::Snapshot { id: self.client.upload(name.clone(), media_type, body) }
            }
            Err(FileProblem::TooLarge(bytes)) => What::Nothing(texts::file_too_large(&name, bytes, MAX_FILE_BYTES)),
            Err(FileProblem::Unreadable) => What::Nothing(texts::file_unreadable(&name)),
        };
        self.put(vec![(name, what)]);
    }

    /// Runs a configuration in place of the one before.
    fn add_config(&self, text: ConfigText) -> What {
        if text.text.len() > MAX_CONFIG_BYTES {
            return What::Nothing(config_texts::too_large(&config_texts::name(&text.origin)));
        }
        let what = self.config_addition();
        self.client.config(ConfigRequest::Load(text));
        what
    }

    fn config_addition(&self) -> What {
        let n_before = self.session.config.status.with_untracked(|s| s.as_ref().map_or(0, |s| s.n_attempts));
        What::Config { n_before, before: stored_config::load() }
    }

    /// Whether the configuration looks for targets in a file of this name.
    fn names_file(&self, name: &str) -> bool {
        self.session.config.status.with_untracked(|status| {
            let loaded = status.as_ref().and_then(|status| status.loaded.as_ref());
            let discoveries = loaded.iter().flat_map(|loaded| &loaded.pools).flat_map(|pool| &pool.discoveries);
            let mut patterns = discoveries.filter(|one| one.kind == "file").flat_map(|one| one.what.split(", "));
            patterns.any(|pattern| is_named(pattern, name))
        })
    }

    fn give_file(&self, file: ReadFile) {
        let ReadFile { name, body, .. } = file;
        let what = match body {
            Ok(body) => {
                let what = self.config_addition();
                let text = String::from_utf8_lossy(&body).into_owned();
                self.client.config(ConfigRequest::GiveFile { name: name.clone(), text });
                what
            }
            Err(FileProblem::TooLarge(bytes)) => What::Nothing(texts::file_too_large(&name, bytes, MAX_FILE_BYTES)),
            Err(FileProblem::Unreadable) => What::Nothing(texts::file_unreadable(&name)),
        };
        self.put(vec![(name, what)]);
    }

    /// Tries an addition that failed once more.
    pub fn retry(&self, addition: &Addition) {
        let is_target = matches!(self.outcome_untracked(addition), Outcome::Failed { is_target: true, .. });
        match addition.what.id() {
            Some(id) if is_target => self.client.scrape_now(id),
            None if matches!(addition.what, What::Source { .. }) => {
                if let What::Source { id, .. } = addition.what {
                    self.sources.check(id);
                }
            }
            _ => {
                // It left nothing behind: what stands in the field now is tried.
                self.dismiss(addition.key);
                self.submit(&self.draft.get_untracked());
            }
        }
    }

    /// Removes what was added, and the entry.
    pub fn undo(&self, addition: &Addition) {
        match &addition.what {
            What::Config { before: Some(before), .. } => self.client.config(ConfigRequest::Load(before.clone())),
            What::Config { before: None, .. } => self.client.remove_config(),
            _ => {}
        }
        if let Some(id) = addition.what.id() {
            self.client.remove_target(id);
            self.client.forget_removed();
        }
        if let What::Source { id, .. } = addition.what {
            self.sources.remove(id);
            self.sources.removed.set(None);
        }
        self.dismiss(addition.key);
    }

    /// Takes an entry off the page; what was added stays.
    pub fn dismiss(&self, key: u32) {
        self.entries.update(|entries| entries.retain(|entry| entry.key != key));
    }

    /// The address of a target as it was typed.
    #[must_use]
    pub fn address_of(&self, id: TargetId) -> String {
        self.session.targets.with_untracked(|targets| {
            targets.iter().find(|target| target.id == id).map(|target| target.spec.url.clone()).unwrap_or_default()
        })
    }

    /// What became of an addition; hears of every change.
    #[must_use]
    pub fn outcome(&self, addition: &Addition) -> Outcome {
        if let What::Config { n_before, .. } = &addition.what {
            return self
                .session
                .config
                .status
                .with(|status| config_outcome(*n_before, &addition.name, status.as_deref()));
        }
        let refused = addition.what.id().and_then(|id| self.session.refused.with(|refused| refused.get(&id).cloned()));
        if let What::Source { id, kind, .. } = &addition.what {
            return self.session.sources.with(|all| outcome_of_source(all.iter().find(|one| one.id == *id), kind));
        }
        let families = self.session.families.read();
        self.session.targets.with(|targets| outcome(&addition.what, targets, refused, &families))
    }

    fn outcome_untracked(&self, addition: &Addition) -> Outcome {
        untrack(|| self.outcome(addition))
    }

    /// A server stays a server where its own metrics are scraped already, so that is asked first.
    fn add_address(&self, address: &str) -> What {
        if may_be_server(address) { What::Looking } else { self.add_as_target(address) }
    }

    fn add_as_target(&self, address: &str) -> What {
        let key = canonical(address);
        let known = self.session.targets.with_untracked(|targets| {
            let is_same = |target: &&TargetStatus| canonical(&target.spec.url) == key || target.url == key;
            targets.iter().filter(|target| !target.spec.url.is_empty()).find(is_same).map(|target| target.id)
        });
        match known {
            Some(id) => What::Known { id },
            None => {
                let (_, has_secret) = without_secrets(address);
                What::Target { id: self.client.add_target(TargetSpec::new(address)), has_secret }
            }
        }
    }

    /// Shows entries in their order above the older ones; the answer is their keys.
    fn put(&self, added: Vec<(String, What)>) -> Vec<u32> {
        let first = self.next_key.get_value();
        self.next_key.set_value(first.wrapping_add(added.len() as u32));
        let entries = added.into_iter().zip(first..).map(|((name, what), key)| Addition { key, name, what });
        let entries: Vec<Addition> = entries.collect();
        let keys = entries.iter().map(|entry| entry.key).collect();
        self.entries.update(|all| {
            all.splice(0..0, entries);
        });
        keys
    }

    /// Entries make room for the next; what failed is on the targets page, where it is tried again.
    fn drop_done(&self) {
        let is_open = |entry: &Addition| self.outcome_untracked(entry) == Outcome::Waiting;
        let kept: Vec<Addition> = self.entries.get_untracked().into_iter().filter(is_open).collect();
        self.entries.set(kept);
    }
}

fn outcome(what: &What, targets: &[TargetStatus], refused: Option<Problem>, families: &[FamilyInfo]) -> Outcome {
    let id = match what {
        What::Nothing(problem) => return Outcome::Failed { problem: problem.clone(), is_target: false },
        What::Known { .. } => return Outcome::Known,
        What::Looking | What::Source { .. } | What::Config { .. } => return Outcome::Waiting,
        What::Target { id, .. } | What::Snapshot { id } => *id,
    };
    if let Some(problem) = refused {
        return Outcome::Failed { problem, is_target: false };
    }
    let Some(target) = targets.iter().find(|target| target.id == id) else {
        return Outcome::Waiting;
    };
    match (target.health, &target.problem) {
        (Health::Up, _) => {
            // A text has an `up` of its own only if it says so.
            let is_own = |name: &str| matches!(what, What::Snapshot { .. }) || !is_about_scrape(name);
            let own = families.iter().filter(|family| family.targets.contains(&id) && is_own(&family.name));
            let n_metrics = own.count();
            // The list of families follows the samples within a second.
            if n_metrics == 0 && target.n_samples > 0 {
                return Outcome::Waiting;
            }
            let interval_ms = matches!(what, What::Target { .. }).then_some(target.spec.interval_ms);
            Outcome::Found { n_metrics, n_series: target.n_samples, interval_ms }
        }
        (Health::Down, problem) => Outcome::Failed { problem: problem.clone().unwrap_or_default(), is_target: true },
        (Health::Unknown, _) => Outcome::Waiting,
    }
}

/// What became of an attempt to load, by the first status that tells of it.
fn config_outcome(n_before: u32, name: &str, status: Option<&ConfigStatus>) -> Outcome {
    let Some(status) = status.filter(|status| status.n_attempts > n_before) else { return Outcome::Waiting };
    match (&status.failed, &status.loaded) {
        (Some(failed), loaded) => Outcome::BadConfig(match &failed.problem {
            Some(problem) => problem.clone(),
            None => config_texts::errors(name, &failed.report, loaded.is_some()),
        }),
        (None, Some(loaded)) => Outcome::Config { runs: config_texts::runs(loaded) },
        (None, None) => Outcome::Waiting,
    }
}

/// A file of YAML that is a configuration, or that somebody takes for one.
fn is_config_file(name: &str, body: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    is_yaml || std::str::from_utf8(body).is_ok_and(is_config)
}

/// Whether the last part of a pattern, which may have a star, is that of a name.
fn is_named(pattern: &str, name: &str) -> bool {
    let pattern = pattern.rsplit(['/', '\\']).next().unwrap_or(pattern);
    match pattern.split_once('*') {
        Some((start, end)) => name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end),
        None => name == pattern,
    }
}

fn outcome_of_source(status: Option<&SourceStatus>, kind: &str) -> Outcome {
    let Some(status) = status else { return Outcome::Waiting };
    match (status.health, &status.problem) {
        (Health::Up, _) => Outcome::Source { kind: status.kind.clone().unwrap_or_else(|| kind.to_owned()) },
        (Health::Down, problem) => Outcome::Failed { problem: problem.clone().unwrap_or_default(), is_target: false },
        (Health::Unknown, _) => Outcome::Waiting,
    }
}

/// Whether a server may be behind an address, not metrics: no path that is known for metrics.
fn may_be_server(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let path = rest.split(['?', '#']).next().unwrap_or(rest).trim_end_matches('/');
    !["/metrics", "/federate", "/probe", "/actuator/prometheus"].iter().any(|end| path.ends_with(end))
}

/// User name and password of an address.
fn userinfo(address: &str) -> Option<(String, String)> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user, _) = authority.rsplit_once('@')?;
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    Some((percent_decode(name), percent_decode(password)))
}

/// Whether a family is stored with each scrape rather than found in it.
fn is_about_scrape(name: &str) -> bool {
    name == "up" || name.starts_with("scrape_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_judged_by_what_is_told_after_it() {
        let loaded = Some(protocol::LoadedConfig::default());
        let status = ConfigStatus { loaded, n_attempts: 3, ..ConfigStatus::default() };
        assert_eq!(config_outcome(3, "x", Some(&status)), Outcome::Waiting);
        assert!(matches!(config_outcome(2, "x", Some(&status)), Outcome::Config { .. }));
        let failed = Some(protocol::FailedConfig::default());
        let Outcome::BadConfig(problem) = config_outcome(2, "x.yml", Some(&ConfigStatus { failed, ..status })) else {
            panic!("it failed");
        };
        assert_eq!(problem.message, "x.yml has 0 errors; nothing of it runs. The configuration before goes on.");
    }

    #[test]
    fn files_are_recognised_by_what_names_them() {
        for (pattern, name, want) in [
            ("targets/*.json", "a.json", true),
            ("targets/*.json", "a.yml", false),
            ("a.json", "a.json", true),
            ("/etc/x/a*b.json", "ab.json", true),
            ("a*a.json", "a.json", false),
        ] {
            assert_eq!(is_named(pattern, name), want, "{pattern} {name}");
        }
        assert!(is_config_file("x.YML", b"") && is_config_file("x", b"scrape_configs:\n"));
        assert!(!is_config_file("x.txt", b"up 1\n"));
    }

    fn status(health: Health, n_samples: u32) -> TargetStatus {
        TargetStatus {
            id: TargetId(1),
            pool: String::new(),
            is_configured: false,
            spec: TargetSpec::new("h:1"),
            url: "http://h:1/metrics".to_owned(),
            labels: Vec::new(),
            health,
            via: None,
            last_scrape_ms: None,
            next_scrape_ms: None,
            duration_ms: None,
            n_samples,
            n_series_added: 0,
            body_bytes: 0,
            n_scrapes: 0,
            n_slow: 0,
            n_slept: 0,
            dropped_last: protocol::Dropped::default(),
            dropped: protocol::Dropped::default(),
            marked_ms: None,
            scraping: false,
            problem: None,
            notices: Vec::new(),
        }
    }

    fn family(name: &str, target: u32) -> FamilyInfo {
        FamilyInfo {
            name: name.to_owned(),
            kind: "gauge".to_owned(),
            help: String::new(),
            unit: String::new(),
            n_series: 1,
            metrics: vec![name.to_owned()],
            targets: vec![TargetId(target)],
        }
    }

    #[test]
    fn an_addition_waits_until_its_metrics_are_listed() {
        let what = What::Target { id: TargetId(1), has_secret: false };
        let families = [family("up", 1), family("scrape_duration_seconds", 1), family("other", 2)];
        assert_eq!(outcome(&what, &[], None, &families), Outcome::Waiting);
        assert_eq!(outcome(&what, &[status(Health::Unknown, 0)], None, &families), Outcome::Waiting);
        assert_eq!(outcome(&what, &[status(Health::Up, 7)], None, &families), Outcome::Waiting);
        let empty = Outcome::Found { n_metrics: 0, n_series: 0, interval_ms: Some(5_000) };
        assert_eq!(outcome(&what, &[status(Health::Up, 0)], None, &families), empty);
        let found = Outcome::Found { n_metrics: 1, n_series: 7, interval_ms: None };
        let snapshot = What::Snapshot { id: TargetId(1) };
        assert_eq!(outcome(&snapshot, &[status(Health::Up, 7)], None, &[family("a", 1)]), found);
    }

    #[test]
    fn what_is_known_for_metrics_is_scraped_at_once() {
        for (address, want) in [
            ("http://h:9090", true),
            ("h:9090/", true),
            ("http://h/prometheus/graph?g0.expr=up", true),
            ("http://h:9100/metrics", false),
            ("h:9100/metrics/", false),
            ("http://h/federate?match[]=up", false),
            ("http://h/actuator/prometheus", false),
        ] {
            assert_eq!(may_be_server(address), want, "{address}");
        }
        assert_eq!(userinfo("http://me:p%40w@h:1/x"), Some(("me".to_owned(), "p@w".to_owned())));
        assert_eq!(userinfo("http://h:1/a@b"), None);
    }

    #[test]
    fn what_failed_says_whether_it_is_tried_again() {
        let what = What::Target { id: TargetId(1), has_secret: false };
        let problem = Problem { message: "no".to_owned(), ..Problem::default() };
        let down = TargetStatus { problem: Some(problem.clone()), ..status(Health::Down, 0) };
        let failed = |is_target| Outcome::Failed { problem: problem.clone(), is_target };
        assert_eq!(outcome(&what, &[down], None, &[]), failed(true));
        assert_eq!(outcome(&what, &[], Some(problem.clone()), &[]), failed(false));
        assert_eq!(outcome(&What::Nothing(problem.clone()), &[], None, &[]), failed(false));
    }
}
