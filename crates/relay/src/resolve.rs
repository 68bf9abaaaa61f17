//! `GET /relay/resolve`: the records of a name for the page, which finds targets by them and cannot ask name servers.
//!
//! The rule: a record is told if the relay may fetch what it leads to. So a relay that is held to some hosts does not
//! tell about the others, and one that is not tells everything but addresses where clouds keep credentials.

use crate::failure::{Deadline, Failure, Kind, Step};
use crate::names::{Found, Names, RecordKind};
use crate::policy::Policy;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use url::Host;

/// The longest name that DNS knows, in bytes.
const MAX_NAME: usize = 253;

/// How long an answer may take, lookups of what records lead to included.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How many names are looked up at a time; a page asks for a few each half minute.
const MAX_LOOKUPS: usize = 16;

/// How many names that records lead to are looked up, where they decide what may be told. What follows is left out.
const MAX_CHECKED: usize = 64;

/// Looks records up for the page.
#[derive(Debug)]
pub(crate) struct Resolver {
    policy: Arc<Policy>,
    names: Arc<Names>,
    slots: Semaphore,
}

/// What the page gets.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Answer {
    records: Vec<Found>,
    ttl_s: u64,
}

impl Resolver {
    pub(crate) fn new(policy: Arc<Policy>, names: Arc<Names>) -> Self {
        Resolver { policy, names, slots: Semaphore::new(MAX_LOOKUPS) }
    }

    /// Answers `?name=…&type=…`, once it is known that the page itself asks.
    pub(crate) async fn answer(&self, query: &str) -> Result<Answer, Failure> {
        let (name, kind) = read(query)?;
        let _slot = self.slots.try_acquire().map_err(|_| {
            let message = format!("{MAX_LOOKUPS} names are being looked up already; it is tried again");
            Failure::new(Kind::Busy, message)
        })?;
        let answering = async {
            let records = self.names.records(&name, kind).await?;
            let n_found = records.found.len();
            let (records, ttl) = (self.allowed(&name, records.found).await, records.ttl);
            if records.is_empty() && n_found > 0 {
                let message = format!("what {name} leads to may not be fetched by this relay (--allow)");
                return Err(Failure::new(Kind::Forbidden, message));
            }
            Ok(Answer { records, ttl_s: ttl.as_secs() })
        };
        Deadline::after(TIMEOUT).within(answering, &name, Step::Lookup).await?
    }

    /// The records that lead to what may be fetched.
    async fn allowed(&self, name: &str, found: Vec<Found>) -> Vec<Found> {
        let mut allowed = Vec::new();
        let mut n_checked = 0;
        for record in found {
            let is_allowed = match record.target.parse::<IpAddr>() {
                Ok(address) => self.policy.check_any_port(&Host::Domain(name), address).is_ok(),
                Err(_) if !self.policy.is_restricted() || self.policy.names(&record.target, record.port) => true,
                Err(_) if n_checked == MAX_CHECKED => false,
                Err(_) => {
                    n_checked += 1;
                    self.leads_to_allowed(&record).await
                }
            };
            if is_allowed {
                allowed.push(record);
            }
        }
        allowed
    }

    async fn leads_to_allowed(&self, record: &Found) -> bool {
        let host = Host::Domain(record.target.as_str());
        let addresses = self.names.addresses(&host).await.unwrap_or_default();
        addresses.into_iter().any(|address| match record.port {
            Some(port) => self.policy.check(&host, port, address).is_ok(),
            None => self.policy.check_any_port(&host, address).is_ok(),
        })
    }
}

fn read(query: &str) -> Result<(String, RecordKind), Failure> {
    let bad = |message: String| Failure::new(Kind::BadRequest, message);
    let (mut name, mut kind) = (None, None);
    for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*key {
            "name" if name.is_none() => name = Some(value.into_owned()),
            "type" if kind.is_none() => kind = Some(value.into_owned()),
            _ => {
                let message = format!("`{key}` is not known here, or was given twice; expected ?name=…&type=…");
                return Err(bad(message));
            }
        }
    }
    let name = name.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| bad("?name=… is missing: the name to look up".to_owned()))?;
    let kind = kind.unwrap_or_else(|| "A".to_owned());
    let known = RecordKind::ALL.iter().find(|(label, _)| kind.eq_ignore_ascii_case(label));
    let (_, kind) = known.ok_or_else(|| bad(format!("type is `{kind}`, not one of A, AAAA, SRV, MX and NS")))?;
    // Underscores are those of services. What is no name is not sent to a name server.
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if name.len() > MAX_NAME || !name.bytes().all(is_fine) || name.parse::<IpAddr>().is_ok() {
        return Err(bad("name is not a name that can be looked up: letters, digits, `-`, `_` and dots".to_owned()));
    }
    Ok((name.to_ascii_lowercase(), *kind))
}
