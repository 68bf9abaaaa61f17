//! The `prometheus.yml` of `--config`: its text without secrets for the page, the targets in its files, and credentials for
//! targets of its jobs.
//!
//! The rule for credentials: they are added to a scrape of the page only where scheme, host, port and path of its address are
//! those of a target that the job's own static, DNS or file discovery yields after relabelling, as Prometheus would scrape it.
//! Parameters of the address do not count. What an `http_sd_configs` list says is not known here, so it gets none. The page can
//! thus name a job, but not send its password anywhere new; a redirect to another origin loses it like any other.

/// The files that a job names.
mod files;

use crate::failure::{Deadline, Failure, Kind, Step};
use crate::names::{Names, RecordKind};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use config::{Access, Auth, Discovery, Parsed, RecordType, ScrapeConfig, Secret, TargetGroup};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tracing::{error, info};
use url::Url;

/// How long the file is taken as it was read, without looking whether it has changed.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// How long the targets of a job are taken as they were found: a new file or record counts soon.
const KEEP_TARGETS: Duration = Duration::from_secs(10);

/// The most targets of a job that may get its credentials.
const MAX_TARGETS: usize = 20_000;

/// How long finding a job's targets may take: names may have to be looked up.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most bytes of a file that holds a password or a token.
const MAX_SECRET: u64 = 64 << 10;

/// The configuration as the file has it now.
#[derive(Debug)]
pub(crate) struct Configuration {
    path: PathBuf,
    names: Arc<Names>,
    loaded: Mutex<Loaded>,
    targets: Mutex<BTreeMap<String, Kept>>,
}

#[derive(Debug)]
struct Loaded {
    parsed: Arc<Parsed>,
    stamp: Option<Stamp>,
    looked_at: Instant,
}

/// When a file was written, and its length.
type Stamp = (SystemTime, u64);

/// Targets of a job, as [`place`] writes them.
#[derive(Debug)]
struct Kept {
    of: Arc<Parsed>,
    found_at: Instant,
    places: Arc<BTreeSet<String>>,
}

/// A list as `file_sd_configs` and the page read it.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Group {
    targets: Vec<String>,
    labels: BTreeMap<String, String>,
}

impl Configuration {
    /// Reads the file; an error says what is wrong with it and where.
    pub(crate) fn load(path: &Path, names: Arc<Names>) -> Result<Self, String> {
        let stamp = stamp(path);
        let parsed = Arc::new(read(path)?);
        let loaded = Mutex::new(Loaded { parsed, stamp, looked_at: Instant::now() });
        Ok(Configuration { path: path.to_owned(), names, loaded, targets: Mutex::default() })
    }

    /// Reads the file again; with an error, what was there before stays.
    pub(crate) fn reload(&self) -> Result<(), String> {
        let now = stamp(&self.path);
        let parsed = read(&self.path);
        let mut loaded = self.loaded();
        loaded.looked_at = Instant::now();
        loaded.stamp = now;
        loaded.parsed = Arc::new(parsed?);
        Ok(())
    }

    /// The text without its secrets.
    pub(crate) async fn text(self: &Arc<Self>) -> String {
        self.current().await.redacted.clone()
    }

    /// The targets in the files that an item of a job's `file_sd_configs` names.
    pub(crate) async fn discover(self: &Arc<Self>, job: &str, idx: usize) -> Result<Vec<Group>, Failure> {
        let parsed = self.current().await;
        let scrape = job_of(&parsed, job)?;
        let mut items = scrape.discoveries.iter().filter_map(|discovery| match discovery {
            Discovery::File(file) => Some(file.files.clone()),
            _ => None,
        });
        let patterns = items.nth(idx).ok_or_else(|| {
            bad_request(format!("the job `{job}` has no file_sd_configs with the index {idx}, counted from 0"))
        })?;
        let groups = self.groups_of_files(patterns).await?;
        Ok(groups.into_iter().map(Group::of).collect())
    }

    /// What goes with a scrape of this address for a job: its credentials and headers, if the address is one of its targets.
    pub(crate) async fn headers(self: &Arc<Self>, job: &str, url: &Url) -> Result<HeaderMap, Failure> {
        let parsed = self.current().await;
        let scrape = job_of(&parsed, job)?;
        if scrape.access.is_none() {
            return Ok(HeaderMap::new());
        }
        let finding = self.places(&parsed, scrape);
        let places = Deadline::after(PATIENCE).within(finding, job, Step::Lookup).await??;
        if !places.contains(&place(url)) {
            return Err(Failure::new(
                Kind::Forbidden,
                format!(
                    "{} is no target that the static, DNS or file discovery of the job `{job}` in the relay's --config \
                     yields, so its credentials are not sent there",
                    place(url)
                ),
            )
            .with_detail("not_of_job"));
        }
        let (dir, access, job) = (self.dir(), scrape.access.clone(), job.to_owned());
        blocking(move || headers_of(&access, &dir, &job)).await
    }

    /// The addresses that get the credentials of a job.
    async fn places(
        self: &Arc<Self>,
        parsed: &Arc<Parsed>,
        scrape: &ScrapeConfig,
    ) -> Result<Arc<BTreeSet<String>>, Failure> {
        let kept = lock(&self.targets).get(&scrape.job_name).and_then(|kept| {
            let is_current = Arc::ptr_eq(&kept.of, parsed) && kept.found_at.elapsed() < KEEP_TARGETS;
            is_current.then(|| Arc::clone(&kept.places))
        });
        if let Some(places) = kept {
            return Ok(places);
        }
        let mut places = BTreeSet::new();
        for group in self.groups(scrape).await? {
            for target in &group.targets {
                let Ok(Some(found)) = config::populate(scrape, target, &group.labels).target else { continue };
                if places.len() < MAX_TARGETS
                    && let Ok(url) = Url::parse(&found.url)
                {
                    places.insert(place(&url));
                }
            }
        }
        let places = Arc::new(places);
        let kept = Kept { of: Arc::clone(parsed), found_at: Instant::now(), places: Arc::clone(&places) };
        let mut targets = lock(&self.targets);
        // Jobs that are gone take their targets along: there are never more than jobs.
        targets.retain(|_, kept| Arc::ptr_eq(&kept.of, parsed));
        targets.insert(scrape.job_name.clone(), kept);
        Ok(places)
    }

    /// What a job discovers without anybody's help.
    async fn groups(self: &Arc<Self>, scrape: &ScrapeConfig) -> Result<Vec<TargetGroup>, Failure> {
        let mut groups = Vec::new();
        for discovery in &scrape.discoveries {
            match discovery {
                Discovery::Static(group) => groups.push(group.clone()),
                Discovery::File(file) => groups.extend(self.groups_of_files(file.files.clone()).await?),
                Discovery::Dns(dns) => {
                    for name in &dns.names {
                        // A name that cannot be looked up now has no targets now.
                        let records = self.names.records(name, kind_of(dns.record_type)).await;
                        let found = records.map(|records| records.found).unwrap_or_default();
                        let found: Vec<_> = found.into_iter().map(|found| (found.target, found.port)).collect();
                        groups.push(dns.group(name, &found));
                    }
                }
                Discovery::Http(_) => {}
            }
        }
        Ok(groups)
    }

    async fn groups_of_files(self: &Arc<Self>, patterns: Vec<String>) -> Result<Vec<TargetGroup>, Failure> {
        let dir = self.dir();
        blocking(move || files::read(&dir, &patterns).map_err(|reason| Failure::new(Kind::Other, reason))).await
    }

    /// What the file has now; a broken one leaves what was there before.
    async fn current(self: &Arc<Self>) -> Arc<Parsed> {
        let is_due = {
            let mut loaded = self.loaded();
            let is_due = loaded.looked_at.elapsed() > LOOK_AGAIN;
            if is_due {
                loaded.looked_at = Instant::now();
            }
            is_due
        };
        if is_due {
            let this = Arc::clone(self);
            let _ = tokio::task::spawn_blocking(move || this.look_again()).await;
        }
        Arc::clone(&self.loaded().parsed)
    }

    fn look_again(&self) {
        if stamp(&self.path) == self.loaded().stamp {
            return;
        }
        match self.reload() {
            Ok(()) => info!("{} has changed and was read again", self.path.display()),
            Err(reason) => error!("--config: {reason}; the configuration stays as it was"),
        }
    }

    fn loaded(&self) -> MutexGuard<'_, Loaded> {
        lock(&self.loaded)
    }

    /// What names of files are relative to.
    fn dir(&self) -> PathBuf {
        self.path.parent().map(Path::to_owned).unwrap_or_default()
    }
}

impl Group {
    fn of(group: TargetGroup) -> Group {
        let address = |target: &Vec<(String, String)>| {
            let mut labels = target.iter();
            labels.find(|(name, _)| name == "__address__").map(|(_, address)| address.clone())
        };
        Group {
            targets: group.targets.iter().filter_map(address).collect(),
            labels: group.labels.into_iter().collect(),
        }
    }
}

fn read(path: &Path) -> Result<Parsed, String> {
    let place = path.display();
    let text = files::text(path, config::MAX_BYTES as u64)?;
    let parsed = config::parse(&text, true);
    let errors = parsed.diagnostics.iter().filter(|diagnostic| diagnostic.severity == config::Severity::Error);
    match errors.clone().next() {
        None => Ok(parsed),
        Some(first) => {
            let at = first.at.map_or_else(String::new, |at| format!(", line {}, column {}", at.line, at.column));
            let n_more = match errors.count() {
                1 => String::new(),
                n_errors => format!(" (and {} more)", n_errors - 1),
            };
            Err(format!("{place}{at}: {} {}{n_more}", first.message, first.hint).trim_end().to_owned())
        }
    }
}

fn job_of<'a>(parsed: &'a Parsed, job: &str) -> Result<&'a ScrapeConfig, Failure> {
    let found = parsed.config.scrape_configs.iter().find(|scrape| scrape.job_name == job);
    found.ok_or_else(|| bad_request(format!("the relay's --config has no job `{job}`")))
}

/// Scheme, host, port and path of an address: what decides who gets credentials.
fn place(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{}://{}:{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

fn kind_of(record_type: RecordType) -> RecordKind {
    match record_type {
        RecordType::A => RecordKind::A,
        RecordType::Aaaa => RecordKind::Aaaa,
        RecordType::Srv => RecordKind::Srv,
        RecordType::Mx => RecordKind::Mx,
        RecordType::Ns => RecordKind::Ns,
    }
}

/// Headers of a job; a failure names the job and the file, never what is in it.
fn headers_of(access: &Access, dir: &Path, job: &str) -> Result<HeaderMap, Failure> {
    let wrong = |reason: String| Failure::new(Kind::Other, format!("the credentials of the job `{job}`: {reason}"));
    let text = |secret: &Secret| secret_text(secret, dir).map_err(wrong);
    let mut headers = HeaderMap::new();
    let mut put = |name: HeaderName, text: &str| {
        let mut value = HeaderValue::from_str(text).map_err(|_| wrong(format!("{name} cannot hold such a text")))?;
        value.set_sensitive(true);
        headers.append(name, value);
        Ok(())
    };
    match &access.auth {
        Auth::None => {}
        Auth::Basic { username, password } => {
            let encoded = STANDARD.encode(format!("{}:{}", text(username)?, text(password)?));
            put(AUTHORIZATION, &format!("Basic {encoded}"))?;
        }
        Auth::Token { kind, credentials } => put(AUTHORIZATION, &format!("{kind} {}", text(credentials)?))?,
    }
    for (name, secret) in &access.headers {
        let name = crate::fetch::header_name(&name.to_ascii_lowercase()).map_err(|failure| wrong(failure.message))?;
        put(name, &text(secret)?)?;
    }
    Ok(headers)
}

fn secret_text(secret: &Secret, dir: &Path) -> Result<String, String> {
    match secret {
        Secret::None => Ok(String::new()),
        Secret::Text(text) => Ok(text.clone()),
        Secret::File(file) => files::text(&dir.join(file), MAX_SECRET).map(|text| text.trim().to_owned()),
        Secret::Missing => Err(format!("`{}` stands where the secret has to be", config::SECRET)),
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Does what waits for a disk where nobody else waits.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Failure::new(Kind::Other, "the files could not be read".to_owned())))
}

fn bad_request(message: String) -> Failure {
    Failure::new(Kind::BadRequest, message)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
