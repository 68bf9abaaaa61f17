//! The targets of now as files for a server of one's own.

use crate::state::Worker;
use crate::target::Target;
use config::export::{Exported, Settings, files};
use config::{Access, Auth, Limits, Secret};
use model::{JOB, Millis};
use protocol::{ConfigNews, Event};

impl Worker {
    /// Writes what is scraped now.
    pub(super) fn export_config(&mut self, id: u32) {
        let scraped = self.targets.iter().filter(|target| target.schedule.is_some());
        let targets: Vec<Exported> = scraped.map(exported).collect();
        let written = files(&targets);
        self.tell(Event::Config(ConfigNews::Exported {
            id,
            prometheus_yml: written.prometheus_yml,
            compose_yml: written.compose_yml,
            n_secrets: written.n_secrets,
        }));
    }
}

fn exported(target: &Target) -> Exported {
    let spec = &target.status.spec;
    let scrape = target.scrape_loop.config();
    let labels = scrape.target_labels();
    let job = labels.iter().find(|(name, _)| name == JOB).map(|(_, value)| value.clone());
    let labels = labels.into_iter().filter(|(name, _)| name != JOB).collect();
    let (access, limits) = match target.scrape_config() {
        Some(config) => (config.access.clone(), config.limits),
        None => (of_wire(&spec.access), Limits::default()),
    };
    let settings = Settings {
        interval: Millis(i64::from(spec.interval_ms)),
        timeout: Millis(i64::from(spec.timeout_ms.min(spec.interval_ms))),
        honor_labels: spec.honor_labels,
        honor_timestamps: spec.honor_timestamps,
        access,
        limits,
        metric_relabel_configs: scrape.rules.to_vec(),
    };
    let (url, _) = config::redact_url(&target.status.url);
    Exported { job: job.unwrap_or_default(), url, labels, settings }
}

/// Credentials of a target that was added by hand.
fn of_wire(access: &protocol::Access) -> Access {
    let secret = |secret: &protocol::Secret| Secret::Text(secret.0.clone());
    let auth = match &access.auth {
        protocol::Auth::None => Auth::None,
        protocol::Auth::Basic { username, password } => {
            Auth::Basic { username: Secret::Text(username.clone()), password: secret(password) }
        }
        protocol::Auth::Token { kind, credentials } => {
            Auth::Token { kind: kind.clone(), credentials: secret(credentials) }
        }
    };
    Access { auth, headers: access.headers.iter().map(|(name, value)| (name.clone(), secret(value))).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_survive_the_way_there_and_back() {
        let auth = protocol::Auth::Basic { username: "me".to_owned(), password: protocol::Secret("pw".to_owned()) };
        let headers = vec![("X-Scope-OrgID".to_owned(), protocol::Secret("7".to_owned()))];
        let access = protocol::Access { auth, headers };
        assert_eq!(wire_access(&of_wire(&access)), access);
    }
}
