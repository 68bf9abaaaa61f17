//! The servers that the user added: their list with its changes, what each is called in addresses, and the metrics of each.
//! How they are says the worker ([`Session::sources`](crate::state::session::Session)).

use crate::browser::now_ms;
use crate::client::Client;
use crate::live::{effect, memo};
use crate::state::session::Session;
use crate::state::settings::sources::{self as stored, StoredSource};
use crate::texts::{metrics, sources as texts};
use leptos::prelude::*;
use protocol::{FamilyInfo, Health, Report, ReportKind, Request, SourceChoice, SourceId, SourceSpec, SourceStatus};
use std::sync::Arc;
use std::time::Duration;

/// What stands in an address for all sources at once.
pub const ALL: &str = "*";

/// What the samples of this tab are called beside those of servers.
pub const TAB: &str = "tab";

/// When the metrics of a server are asked for again: a server that has just started has none yet, and a short list costs it
/// little.
fn metrics_every(n_metrics: usize) -> Duration {
    Duration::from_secs(match n_metrics {
        0 => 3,
        1..=1_000 => 20,
        _ => 300,
    })
}

/// Clocks that differ by more are told: a graph of the last minutes shows nothing, or the future.
pub const MAX_SKEW_MS: i64 = 30_000;

/// The source of the panel around.
#[derive(Clone, Copy)]
pub struct PanelSource(pub Signal<SourceChoice>);

/// The servers; cheap to copy.
#[derive(Clone, Copy)]
pub struct Sources {
    /// In the order in which they were added.
    pub list: RwSignal<Vec<StoredSource>>,
    /// The one that was removed last, while "Undo" is offered.
    pub removed: RwSignal<Option<StoredSource>>,
    client: Client,
    session: Session,
}

impl Sources {
    /// Reads what is stored, and tells the worker.
    #[must_use]
    pub fn load(client: Client, session: Session) -> Self {
        let list = stored::load();
        for source in &list {
            client.send(Request::AddSource { id: source.id, spec: source.spec.clone() });
        }
        Sources { list: RwSignal::new(list), removed: RwSignal::new(None), client, session }
    }

    /// Whether there is any.
    #[must_use]
    pub fn are_there(&self) -> bool {
        self.list.with(|list| !list.is_empty())
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: SourceId) -> Option<StoredSource> {
        self.list.with(|list| list.iter().find(|source| source.id == id).cloned())
    }

    /// How one is, as the worker said it last.
    #[must_use]
    pub fn status(&self, id: SourceId) -> Memo<Option<SourceStatus>> {
        let sources = self.session.sources;
        memo(move |_| sources.with(|sources| sources.iter().find(|source| source.id == id).cloned()))
    }

    /// What a name in an address means; `None` if no source has it.
    #[must_use]
    pub fn choice(&self, name: &str, is_compared: bool) -> Option<SourceChoice> {
        self.list.with(|list| choice_of(list, name, is_compared))
    }

    /// What a source is called.
    #[must_use]
    pub fn name(&self, id: SourceId) -> String {
        self.list.with(|list| {
            list.iter().find(|source| source.id == id).map(|source| source.spec.name.clone()).unwrap_or_default()
        })
    }

    /// Asks a server from now on. An empty name is chosen by its address.
    pub fn add(&self, mut spec: SourceSpec, keeps_secrets: bool) -> SourceId {
        let known = self.list.get_untracked();
        let id = known.iter().chain(&self.removed.get_untracked()).map(|source| source.id.0).max().unwrap_or(0);
        // Another tab may have added one, too.
        let id = SourceId(stored::load().iter().map(|source| source.id.0).max().unwrap_or(0).max(id) + 1);
        if spec.name.is_empty() {
            spec.name = free_name(&known, &spec.url);
        }
        self.put(StoredSource { id, spec, keeps_secrets, lacks_secrets: false });
        id
    }

    /// Adds a source, or changes the one of the same number.
    pub fn put(&self, source: StoredSource) {
        stored::store(source.id, Some(&source));
        self.client.send(Request::AddSource { id: source.id, spec: source.spec.clone() });
        self.list.update(|list| match list.iter_mut().find(|one| one.id == source.id) {
            Some(place) => *place = source,
            None => {
                let at = list.iter().position(|one| one.id > source.id).unwrap_or(list.len());
                list.insert(at, source);
            }
        });
    }

    /// Asks a server no more; until the next removal it can come back.
    pub fn remove(&self, id: SourceId) {
        let Some(source) = untrack(|| self.get(id)) else { return };
        stored::store(id, None);
        self.client.send(Request::RemoveSource { id });
        self.list.update(|list| list.retain(|source| source.id != id));
        self.removed.set(Some(source));
    }

    /// Brings back the source that was removed last.
    pub fn undo_remove(&self) {
        if let Some(source) = self.removed.get_untracked() {
            self.removed.set(None);
            self.put(source);
        }
    }

    /// Looks again how a server is.
    pub fn check(&self, id: SourceId) {
        self.client.send(Request::CheckSource { id });
    }

    /// Asks a server for a report.
    pub fn ask(&self, id: SourceId, what: ReportKind) {
        self.session.asked_reports.update(|asked| {
            asked.insert((id, what));
        });
        self.client.send(Request::Report { source: id, what });
    }

    /// The metrics of a choice: those of this tab, or of a server, which is asked for them.
    #[must_use]
    pub fn families(&self, choice: Signal<SourceChoice>) -> Memo<Arc<Vec<FamilyInfo>>> {
        let (sources, session) = (*self, self.session);
        let timer = StoredValue::new(None::<TimeoutHandle>);
        let stop = move || {
            if let Some(Some(handle)) = timer.try_update_value(Option::take) {
                handle.clear();
            }
        };
        on_cleanup(stop);
        let is_due = RwSignal::new(());
        effect(move || {
            is_due.track();
            stop();
            let mut next = None;
            for id in sources.asked_by(choice.get()) {
                let key = (id, ReportKind::Metrics);
                let is_up = session.sources.with(|all| all.iter().any(|one| one.id == id && one.health == Health::Up));
                // How long it is good for, from now on.
                let rest = session.reports.with(|reports| {
                    let report = reports.get(&key)?;
                    let n = if let Ok(Report::Metrics(families)) = &report.report { families.len() } else { 0 };
                    let age = Duration::from_millis(now_ms().saturating_sub(report.at_ms).max(0).unsigned_abs());
                    metrics_every(n).checked_sub(age).filter(|rest| !rest.is_zero())
                });
                let is_asked = session.asked_reports.with_untracked(|asked| asked.contains(&key));
                match rest {
                    None if is_up && !is_asked => sources.ask(id, ReportKind::Metrics),
                    None => {}
                    Some(rest) => next = Some(next.map_or(rest, |next: Duration| next.min(rest))),
                }
            }
            if let Some(next) = next {
                let again = move || {
                    let _ = is_due.try_set(());
                };
                timer.set_value(set_timeout_with_handle(again, next).ok());
            }
        });
        let is_all = move || matches!(choice.get(), SourceChoice::Local | SourceChoice::All);
        memo(move |_| {
            let mut found: Vec<Arc<Vec<FamilyInfo>>> = Vec::new();
            if is_all() {
                found.push(session.families.get());
            }
            for id in sources.asked_by(choice.get()) {
                session.reports.with(|reports| {
                    if let Some(Ok(Report::Metrics(families))) =
                        reports.get(&(id, ReportKind::Metrics)).map(|r| &r.report)
                    {
                        found.push(Arc::new(families.clone()));
                    }
                });
            }
            if found.len() == 1 { found.swap_remove(0) } else { Arc::new(merged(&found)) }
        })
    }

    /// Why there is nothing to list of a choice.
    #[must_use]
    pub fn why_no_metrics(&self, choice: SourceChoice) -> String {
        let Some(id) = self.asked_by(choice).into_iter().next() else { return metrics::NO_METRICS.to_owned() };
        let name = self.name(id);
        if self.session.asked_reports.with(|asked| asked.contains(&(id, ReportKind::Metrics))) {
            return texts::loading_metrics(&name);
        }
        let failed =
            self.session.reports.with(|reports| match reports.get(&(id, ReportKind::Metrics)).map(|r| &r.report) {
                Some(Err(failure)) => Some(texts::failure(failure)),
                Some(Ok(_)) => Some(texts::no_metrics(&name)),
                None => None,
            });
        let problem = || {
            let status = self.session.sources.with(|all| all.iter().find(|one| one.id == id).cloned());
            status.and_then(|status| status.problem).map(|problem| problem.message)
        };
        failed.or_else(problem).unwrap_or_else(|| texts::loading_metrics(&name))
    }

    /// The servers that a choice asks.
    fn asked_by(&self, choice: SourceChoice) -> Vec<SourceId> {
        match choice {
            SourceChoice::Local => Vec::new(),
            SourceChoice::Remote(id) | SourceChoice::Compare(id) => vec![id],
            SourceChoice::All => self.list.with(|list| list.iter().map(|source| source.id).collect()),
        }
    }
}

fn choice_of(list: &[StoredSource], name: &str, is_compared: bool) -> Option<SourceChoice> {
    match name {
        "" | TAB => Some(SourceChoice::Local),
        ALL => Some(SourceChoice::All),
        name => {
            let id = list.iter().find(|source| source.spec.name == name)?.id;
            Some(if is_compared { SourceChoice::Compare(id) } else { SourceChoice::Remote(id) })
        }
    }
}

/// Families of several sources, each once, sorted by name.
fn merged(lists: &[Arc<Vec<FamilyInfo>>]) -> Vec<FamilyInfo> {
    let mut all: std::collections::BTreeMap<&str, FamilyInfo> = std::collections::BTreeMap::new();
    for family in lists.iter().flat_map(|list| list.iter()) {
        let known = all.entry(&family.name).or_insert_with(|| family.clone());
        for metric in &family.metrics {
            if !known.metrics.contains(metric) {
                known.metrics.push(metric.clone());
            }
        }
    }
    all.into_values().collect()
}

/// A name that no source has: the host of its address, with a number if need be.
#[must_use]
pub fn free_name(list: &[StoredSource], url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = host.rsplit('@').next().unwrap_or(host).trim();
    let host = if host.is_empty() || host == TAB || host == ALL { "server" } else { host };
    let is_free = |name: &str| list.iter().all(|source| source.spec.name != name);
    let mut names = std::iter::once(host.to_owned()).chain((2u32..).map(|n| format!("{host} {n}")));
    names.find(|name| is_free(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    //! What names in addresses mean.
    use super::*;

    fn list(names: &[&str]) -> Vec<StoredSource> {
        let source = |(id, name): (u32, &&str)| StoredSource {
            id: SourceId(id),
            spec: SourceSpec { name: (*name).to_owned(), ..SourceSpec::default() },
            keeps_secrets: false,
            lacks_secrets: false,
        };
        (1..).zip(names).map(source).collect()
    }

    #[test]
    fn a_name_in_an_address_is_this_tab_all_or_a_source() {
        let list = list(&["a:9090", "b"]);
        for (name, is_compared, want) in [
            ("", false, Some(SourceChoice::Local)),
            ("tab", true, Some(SourceChoice::Local)),
            ("*", false, Some(SourceChoice::All)),
            ("b", false, Some(SourceChoice::Remote(SourceId(2)))),
            ("b", true, Some(SourceChoice::Compare(SourceId(2)))),
            ("B", false, None),
        ] {
            assert_eq!(choice_of(&list, name, is_compared), want, "{name} {is_compared}");
        }
    }

    #[test]
    fn a_source_without_a_name_is_called_by_its_host_and_a_number() {
        let list = list(&["a:9090", "a:9090 2"]);
        for (url, want) in [
            ("http://a:9090/prometheus", "a:9090 3"),
            ("b", "b"),
            ("https://me:pw@b.example/x", "b.example"),
            ("tab", "server"),
            ("", "server"),
        ] {
            assert_eq!(free_name(&list, url), want, "{url}");
        }
    }
}
