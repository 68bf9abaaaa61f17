//! One scrape configuration that runs: where it looks for targets, what it found, and what became of each.

use super::MIN_REFRESH;
use crate::limits::{MAX_DISCOVERED, MAX_DISCOVERED_TOLD};
use crate::problem::sentence;
use config::relabel::Rule;
use config::{Discovered, Discovery, Invalid, Populated, ScrapeConfig, TargetGroup, populate};
use model::{Labels, Millis, Timestamp};
use protocol::{
    DiscoveredTarget, DiscoveryStatus, Fate, LabelChange, PoolStatus, PoolTargets, Problem, RelabelStep, TargetId,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A scrape configuration that runs.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) config: Arc<ScrapeConfig>,
    /// The relay was started with it and adds its credentials.
    pub(crate) is_of_relay: bool,
    pub(super) sources: Vec<Source>,
    entries: Vec<Entry>,
    /// There were more than are looked at.
    n_cut: u32,
    problem: Option<Problem>,
    version: u32,
    /// What was discovered changed since targets were made of it.
    is_stale: bool,
}

/// A place where a pool looks for targets.
#[derive(Debug)]
pub(super) struct Source {
    path: String,
    pub(super) discovery: Discovery,
    /// Of its kind within the pool, from 0: as the relay counts them.
    pub(super) kind_idx: usize,
    /// One a name of `dns_sd_configs`, one of everything else.
    pub(super) parts: Vec<Part>,
}

/// Something that is asked by itself.
#[derive(Debug, Default)]
pub(super) struct Part {
    groups: Vec<TargetGroup>,
    /// When it answered last.
    last: Option<Timestamp>,
    /// When it is asked next; `None`: never, or it is being asked.
    pub(super) next: Option<Timestamp>,
    pub(super) is_running: bool,
    problem: Option<Problem>,
    /// It cannot be asked without the relay.
    waits_for_relay: bool,
}

/// What was discovered, and what became of it.
#[derive(Debug)]
struct Entry {
    populated: Populated,
    fate: Fate,
}

impl Pool {
    /// The pool of a configuration; what the same pool of the configuration before knows is kept.
    pub(super) fn new(
        idx: usize,
        config: ScrapeConfig,
        old: Option<Pool>,
        is_of_relay: bool,
        files: &BTreeMap<String, String>,
    ) -> Self {
        let (mut old_sources, version) = old.map_or((Vec::new(), 0), |old| (old.sources, old.version));
        let mut sources: Vec<Source> = Vec::new();
        let mut statics = Vec::new();
        for discovery in &config.discoveries {
            let kind = kind(discovery);
            let kind_idx = sources.iter().filter(|source| self::kind(&source.discovery) == kind).count();
            if let Discovery::Static(group) = discovery {
                statics.push(group.clone());
                continue;
            }
            let same = old_sources.iter().position(|source| source.discovery == *discovery);
            let mut source = match same {
                Some(at) => old_sources.swap_remove(at),
                None => Source { path: String::new(), discovery: discovery.clone(), kind_idx, parts: parts(discovery) },
            };
            source.kind_idx = kind_idx;
            source.path = format!("scrape_configs[{idx}].{kind}_sd_configs[{kind_idx}]");
            // What was under way is forgotten with the old configuration.
            for part in source.parts.iter_mut().filter(|part| part.is_running) {
                (part.is_running, part.next) = (false, Some(Timestamp::MIN));
            }
            if !is_of_relay && let Discovery::File(file) = discovery {
                for part in &mut source.parts {
                    part.next = None;
                    part.groups.clear();
                }
                for (name, text) in files.iter().filter(|(name, _)| file.names(name)) {
                    source.take_file(name, text);
                }
                source.say_what_to_do();
            }
            sources.push(source);
        }
        if !statics.is_empty() {
            let part = Part { groups: statics, ..Part::default() };
            let discovery = Discovery::Static(TargetGroup::default());
            let path = format!("scrape_configs[{idx}].static_configs");
            sources.insert(0, Source { path, discovery, kind_idx: 0, parts: vec![part] });
        }
        Pool {
            config: Arc::new(config),
            is_of_relay,
            sources,
            entries: Vec::new(),
            n_cut: 0,
            problem: None,
            version,
            is_stale: true,
        }
    }

    /// When something of it is to be asked again.
    pub(super) fn next_wake(&self) -> Option<Timestamp> {
        self.sources.iter().flat_map(|source| &source.parts).filter_map(|part| part.next).min()
    }

    /// Asks everything again at once.
    pub(super) fn refresh_now(&mut self) {
        for part in self.sources.iter_mut().flat_map(|source| &mut source.parts) {
            part.next = part.next.map(|_| Timestamp::MIN);
        }
    }

    /// What could not be asked without a relay can be now.
    pub(super) fn relay_came(&mut self) {
        for part in self.sources.iter_mut().flat_map(|source| &mut source.parts).filter(|part| part.waits_for_relay) {
            part.next = Some(Timestamp::MIN);
        }
    }

    /// Whether one of its `file_sd_configs` names a file.
    pub(super) fn names_file(&self, name: &str) -> bool {
        self.sources.iter().any(|source| matches!(&source.discovery, Discovery::File(file) if file.names(name)))
    }

    /// Takes the targets of a file.
    pub(super) fn give_file(&mut self, name: &str, text: &str, now: Timestamp) {
        for source in &mut self.sources {
            if matches!(&source.discovery, Discovery::File(file) if file.names(name)) {
                source.take_file(name, text);
                source.parts.iter_mut().for_each(|part| part.last = Some(now));
                self.is_stale = true;
            }
        }
    }

    /// What came of asking a part.
    pub(super) fn answered(
        &mut self,
        source_idx: usize,
        part_idx: usize,
        groups: Result<Vec<TargetGroup>, Problem>,
        needs_relay: bool,
        now: Timestamp,
    ) {
        let Some(source) = self.sources.get_mut(source_idx) else { return };
        let refresh = match &source.discovery {
            Discovery::Static(_) => return,
            Discovery::Dns(dns) => dns.refresh_interval,
            Discovery::Http(http) => http.refresh_interval,
            Discovery::File(file) => file.refresh_interval,
        };
        let Some(part) = source.parts.get_mut(part_idx) else { return };
        part.is_running = false;
        part.next = Some(now + refresh.max(MIN_REFRESH));
        part.waits_for_relay = needs_relay;
        match groups {
            Ok(groups) => {
                part.last = Some(now);
                part.problem = None;
                // As Prometheus: an answer that is the same changes nothing.
                if part.groups != groups {
                    part.groups = groups;
                    self.is_stale = true;
                }
            }
            // The targets of before stay.
            Err(problem) => part.problem = Some(problem),
        }
    }

    /// Whether targets have to be made anew.
    pub(super) fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// Decides about everything that was discovered. `scrape` begins, or goes on with, a target; `room` is how many more
    /// there may be.
    pub(super) fn settle(
        &mut self,
        room: &mut usize,
        scrape: &mut dyn FnMut(&Discovered, &Arc<ScrapeConfig>) -> TargetId,
    ) {
        if std::mem::take(&mut self.is_stale) {
            self.populate();
        }
        let is_kept = |entry: &&Entry| matches!(entry.populated.target, Ok(Some(_)));
        let limit = self.config.target_limit;
        let n = self.entries.iter().filter(is_kept).count() as u64;
        self.problem = (limit > 0 && n > limit).then(|| Problem {
            message: format!("The pool has {n} targets, more than its target_limit of {limit}; none is scraped."),
            hint: "Raise the target_limit, or drop targets with relabel_configs.".to_owned(),
            ..Problem::default()
        });
        let mut seen: Vec<(String, Labels)> = Vec::new();
        let mut has_changed = false;
        for entry in &mut self.entries {
            let fate = match &entry.populated.target {
                Err(Invalid(why)) => Fate::Invalid(why.clone()),
                Ok(None) => Fate::Dropped(entry.populated.steps.len().saturating_sub(1) as u32),
                Ok(Some(target)) => {
                    let key = (target.url.clone(), target.identity.clone());
                    if self.problem.is_some() {
                        Fate::LeftOut
                    } else if seen.contains(&key) {
                        Fate::Duplicate
                    } else if *room == 0 {
                        Fate::LeftOut
                    } else {
                        *room -= 1;
                        seen.push(key);
                        Fate::Scraped(scrape(target, &self.config))
                    }
                }
            };
            has_changed |= entry.fate != fate;
            entry.fate = fate;
        }
        self.version = self.version.wrapping_add(u32::from(has_changed));
    }

    fn populate(&mut self) {
        self.entries.clear();
        self.n_cut = 0;
        self.version = self.version.wrapping_add(1);
        let groups = self.sources.iter().flat_map(|source| &source.parts).flat_map(|part| &part.groups);
        for (group, target) in groups.flat_map(|group| group.targets.iter().map(move |target| (group, target))) {
            if self.entries.len() >= MAX_DISCOVERED {
                self.n_cut += 1;
                continue;
            }
            let populated = populate(&self.config, target, &group.labels);
            self.entries.push(Entry { populated, fate: Fate::default() });
        }
    }

    /// Whether there was no room for some of its targets.
    pub(super) fn has_left_out(&self) -> bool {
        self.entries.iter().any(|entry| entry.fate == Fate::LeftOut)
    }

    /// How it goes.
    pub(super) fn status(&self) -> PoolStatus {
        let count = |is_it: &dyn Fn(&Fate) -> bool| self.entries.iter().filter(|e| is_it(&e.fate)).count() as u32;
        PoolStatus {
            pool: self.config.job_name.clone(),
            n_discovered: self.entries.len() as u32 + self.n_cut,
            n_targets: count(&|fate| matches!(fate, Fate::Scraped(_))),
            n_dropped: count(&|fate| matches!(fate, Fate::Dropped(_))),
            n_left_out: count(&|fate| *fate == Fate::LeftOut) + self.n_cut,
            n_invalid: count(&|fate| matches!(fate, Fate::Invalid(_))),
            discoveries: self.sources.iter().map(Source::status).collect(),
            problem: self.problem.clone(),
            version: self.version,
        }
    }

    /// What was discovered, with each step.
    pub(super) fn discovered(&self) -> PoolTargets {
        let rules = self.config.relabel_configs.iter().map(Rule::to_yaml).collect();
        let told = self.entries.iter().take(MAX_DISCOVERED_TOLD).map(|entry| {
            let Populated { discovered, steps, target } = &entry.populated;
            let labels = target.as_ref().ok().and_then(|target| target.as_ref()).map(|target| pairs(&target.labels));
            let mut before = discovered;
            let mut told = Vec::new();
            for (idx, step) in steps.iter().enumerate() {
                let changes = changes(before, &step.labels);
                before = &step.labels;
                told.push(RelabelStep { rule_idx: idx as u32, changes, is_dropped: step.is_dropped });
            }
            DiscoveredTarget {
                discovered: pairs(discovered),
                labels: labels.unwrap_or_default(),
                fate: entry.fate.clone(),
                steps: told,
            }
        });
        PoolTargets {
            pool: self.config.job_name.clone(),
            version: self.version,
            rules,
            targets: told.collect(),
            n_targets: self.entries.len() as u32 + self.n_cut,
        }
    }
}

impl Source {
    /// Takes the targets of a file that the page gave; those of an older one of this name go.
    fn take_file(&mut self, name: &str, text: &str) {
        let Some(part) = self.parts.first_mut() else { return };
        let path = ("__meta_filepath".to_owned(), name.to_owned());
        part.groups.retain(|group| !group.labels.contains(&path));
        // It was read once already when it was given.
        for mut group in config::file_sd::parse(text).unwrap_or_default() {
            group.labels.push(path.clone());
            part.groups.push(group);
        }
        part.problem = None;
    }

    /// A browser reads no files by itself.
    fn say_what_to_do(&mut self) {
        let Discovery::File(file) = &self.discovery else { return };
        let Some(part) = self.parts.first_mut() else { return };
        if part.groups.is_empty() && part.problem.is_none() {
            part.problem = Some(Problem {
                message: format!("A browser cannot read {} by itself.", file.files.join(", ")),
                hint: "Drop the files onto this page, or start the relay with the configuration (--config).".to_owned(),
                ..Problem::default()
            });
        }
    }

    fn status(&self) -> DiscoveryStatus {
        let problems: Vec<&Problem> = self.parts.iter().filter_map(|part| part.problem.as_ref()).collect();
        let targets = self.parts.iter().flat_map(|part| &part.groups).map(|group| group.targets.len() as u32);
        DiscoveryStatus {
            path: self.path.clone(),
            kind: kind(&self.discovery).to_owned(),
            what: match &self.discovery {
                Discovery::Static(_) => String::new(),
                Discovery::Dns(dns) => format!("{} {}", dns.record_type.name(), dns.names.join(", ")),
                Discovery::Http(http) => config::redact_url(&http.url).0,
                Discovery::File(file) => file.files.join(", "),
            },
            n_targets: targets.sum(),
            last_ms: self.parts.iter().filter_map(|part| part.last).map(|t| t.0).max(),
            next_ms: self.parts.iter().filter_map(|part| part.next).map(|t| t.0).filter(|&t| t != i64::MIN).min(),
            problem: problems.first().map(|first| (*first).clone()),
        }
    }
}

fn kind(discovery: &Discovery) -> &'static str {
    match discovery {
        Discovery::Static(_) => "static",
        Discovery::Dns(_) => "dns",
        Discovery::Http(_) => "http",
        Discovery::File(_) => "file",
    }
}

fn parts(discovery: &Discovery) -> Vec<Part> {
    let n = match discovery {
        Discovery::Dns(dns) => dns.names.len(),
        _ => 1,
    };
    (0..n).map(|_| Part { next: Some(Timestamp::MIN), ..Part::default() }).collect()
}

fn pairs(labels: &Labels) -> Vec<(String, String)> {
    labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Labels that differ, by name.
fn changes(before: &Labels, after: &Labels) -> Vec<LabelChange> {
    let mut names: Vec<&str> = before.iter().chain(after).map(|(name, _)| name).collect();
    model::sort::by(&mut names, Ord::cmp);
    names.dedup();
    let change = |name: &str| {
        let (old, new) = (before.get(name), after.get(name));
        let (old, new) = (old.map(str::to_owned), new.map(str::to_owned));
        (old != new).then(|| LabelChange { name: name.to_owned(), old, new })
    };
    names.into_iter().filter_map(change).collect()
}

/// A part of a sentence as a problem.
pub(super) fn problem(message: &str, hint: &str) -> Problem {
    Problem { message: sentence(message), hint: hint.to_owned(), ..Problem::default() }
}

/// How long a discovery may take to answer.
pub(super) const TIMEOUT: Millis = Millis(10_000);
