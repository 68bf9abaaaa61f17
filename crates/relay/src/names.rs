//! Names to addresses, once for each hop, so that what is checked is what is connected to; and the records of a name.

use crate::failure::{Failure, Kind};
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{Hosts, TokioResolver};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Host;

/// How long the machine's settings are taken as they were read: a VPN or a new line in /etc/hosts counts soon.
const KEEP: Duration = Duration::from_secs(15);

/// How many addresses of a name are tried.
const MAX_ADDRESSES: usize = 8;

/// How many records of a name are told; an answer over UDP holds a few dozen, and each becomes a target.
const MAX_RECORDS: usize = 512;

/// How long records are good that come from no server, and an answer that there are none.
const LOCAL_TTL: Duration = Duration::from_secs(30);

/// Looks names up as the machine is set up to, or with the servers of `--dns`.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Asked instead of those of the machine; empty: those of the machine.
    servers: Vec<SocketAddr>,
    settings: Mutex<Option<Arc<Settings>>>,
}

/// A type of records that targets are found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordKind {
    A,
    Aaaa,
    Srv,
    Mx,
    Ns,
}

/// What a record leads to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Found {
    /// An address, or a name without its final dot.
    pub(crate) target: String,
    /// Of services alone.
    pub(crate) port: Option<u16>,
}

/// The records of a name; none is an answer too.
#[derive(Debug)]
pub(crate) struct Records {
    pub(crate) found: Vec<Found>,
    pub(crate) ttl: Duration,
}

/// What /etc/hosts and /etc/resolv.conf say, or their likes.
#[derive(Debug)]
struct Settings {
    read_at: Instant,
    hosts: Hosts,
    servers: Result<TokioResolver, String>,
}

impl RecordKind {
    /// The kinds by their names in DNS.
    pub(crate) const ALL: [(&str, RecordKind); 5] = [
        ("A", RecordKind::A),
        ("AAAA", RecordKind::Aaaa),
        ("SRV", RecordKind::Srv),
        ("MX", RecordKind::Mx),
        ("NS", RecordKind::Ns),
    ];

    fn record_type(self) -> RecordType {
        match self {
            RecordKind::A => RecordType::A,
            RecordKind::Aaaa => RecordType::AAAA,
            RecordKind::Srv => RecordType::SRV,
            RecordKind::Mx => RecordType::MX,
            RecordKind::Ns => RecordType::NS,
        }
    }

    /// What a record of this kind leads to; `None`: it is of another kind, as the aliases on the way.
    fn found(self, data: &RData) -> Option<Found> {
        let named = |name: &Name| name.to_ascii().trim_end_matches('.').to_owned();
        match (self, data) {
            (RecordKind::A, RData::A(address)) => Some(Found { target: address.to_string(), port: None }),
            (RecordKind::Aaaa, RData::AAAA(address)) => Some(Found { target: address.to_string(), port: None }),
            (RecordKind::Srv, RData::SRV(service)) => {
                Some(Found { target: named(&service.target), port: Some(service.port) })
            }
            (RecordKind::Mx, RData::MX(exchange)) => Some(Found { target: named(&exchange.exchange), port: None }),
            (RecordKind::Ns, RData::NS(server)) => Some(Found { target: named(&server.0), port: None }),
            _ => None,
        }
    }
}

impl Names {
    /// Asks these servers instead of those of the machine, if there are any.
    pub(crate) fn new(servers: Vec<SocketAddr>) -> Self {
        Names { servers, settings: Mutex::default() }
    }

    /// The records of a name as it is in a configuration: with the search domains of the machine, and its hosts file.
    ///
    /// A name without such records has none, as in Prometheus; it is an error only where nobody could be asked.
    pub(crate) async fn records(&self, name: &str, kind: RecordKind) -> Result<Records, Failure> {
        let bare = name.strip_suffix('.').unwrap_or(name);
        let settings = self.settings().await;
        let local = match kind {
            RecordKind::A | RecordKind::Aaaa if is_localhost(bare) => {
                vec![IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::LOCALHOST)]
            }
            RecordKind::A | RecordKind::Aaaa => match in_hosts(&settings.hosts, bare) {
                found if found.is_empty() && bare.ends_with(".local") => by_system(bare).await,
                found => found,
            },
            _ => Vec::new(),
        };
        if !local.is_empty() {
            let fits = |ip: &IpAddr| ip.is_ipv4() == (kind == RecordKind::A);
            let found = local.iter().filter(|ip| fits(ip)).map(|ip| Found { target: ip.to_string(), port: None });
            return Ok(Records { found: found.take(MAX_RECORDS).collect(), ttl: LOCAL_TTL });
        }
        let servers = settings.servers.as_ref().map_err(|why| unreachable(name, why))?;
        match servers.lookup(parsed(name)?, kind.record_type()).await {
            Ok(lookup) => {
                let records = lookup.answers().iter();
                let ttl = records.clone().map(|record| record.ttl).min().unwrap_or_default();
                let found = records.filter_map(|record| kind.found(&record.data)).take(MAX_RECORDS).collect();
                Ok(Records { found, ttl: Duration::from_secs(ttl.into()) })
            }
            Err(error) if error.is_no_records_found() => Ok(Records { found: Vec::new(), ttl: LOCAL_TTL }),
            Err(error) => Err(of_lookup(name, &error)),
        }
    }

    /// All addresses of a host, IPv6 and IPv4 in turn; never empty.
    pub(crate) async fn addresses(&self, host: &Host<&str>) -> Result<Vec<IpAddr>, Failure> {
        let name = match host {
            Host::Ipv4(ip) => return Ok(vec![IpAddr::V4(*ip)]),
            Host::Ipv6(ip) => return Ok(vec![IpAddr::V6(*ip)]),
            Host::Domain(name) => *name,
        };
        let bare = name.strip_suffix('.').unwrap_or(name);
        if is_localhost(bare) {
            // Programs listen on one of them as often as on the other.
            return Ok(vec![IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        }
        let settings = self.settings().await;
        let mut found = in_hosts(&settings.hosts, bare);
        if found.is_empty() && bare.ends_with(".local") {
            found = by_system(bare).await;
        } else if found.is_empty() {
            found = by_servers(&settings, name).await?;
        }
        if found.is_empty() {
            return Err(unknown(name));
        }
        Ok(in_turn(&found))
    }

    async fn settings(&self) -> Arc<Settings> {
        let mut kept = self.settings.lock().await;
        if let Some(settings) = kept.as_ref().filter(|settings| settings.read_at.elapsed() < KEEP) {
            return Arc::clone(settings);
        }
        let hosts = tokio::task::spawn_blocking(Hosts::from_system).await;
        let settings = Arc::new(Settings {
            read_at: Instant::now(),
            // A machine without such a file has no such names.
            hosts: hosts.ok().and_then(Result::ok).unwrap_or_default(),
            servers: servers(&self.servers).map_err(|error| error.to_string()),
        });
        *kept = Some(Arc::clone(&settings));
        settings
    }
}

fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

fn servers(instead: &[SocketAddr]) -> Result<TokioResolver, NetError> {
    let mut builder = if instead.is_empty() {
        TokioResolver::builder_tokio()?
    } else {
        let servers = instead.iter().map(|server| {
            let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
            connections.iter_mut().for_each(|connection| connection.port = server.port());
            NameServerConfig::new(server.ip(), true, connections)
        });
        let config = ResolverConfig::from_name_servers(servers.collect());
        TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
    };
    // Read here, so that a name that is there never waits for a server.
    builder.options_mut().use_hosts_file = hickory_resolver::config::ResolveHosts::Never;
    builder.build()
}

fn in_hosts(hosts: &Hosts, name: &str) -> Vec<IpAddr> {
    let Ok(name) = parsed(name) else { return Vec::new() };
    [RecordType::AAAA, RecordType::A]
        .into_iter()
        .filter_map(|kind| hosts.lookup_static_host(&Query::query(name.clone(), kind)))
        .flat_map(|lookup| lookup.answers().iter().filter_map(|record| record.data.ip_addr()).collect::<Vec<_>>())
        .collect()
}

/// A name as name servers are asked for it. Services of Compose and machines have underscores in theirs, which the rules for
/// names of hosts do not know.
fn parsed(name: &str) -> Result<Name, Failure> {
    Name::from_str_relaxed(name).map_err(|_| unknown(name))
}

/// Names of the local network (mDNS): only the system knows them. The answer is checked like any other.
async fn by_system(name: &str) -> Vec<IpAddr> {
    tokio::net::lookup_host((name, 0))
        .await
        .map(|found| found.map(|address| address.ip()).collect())
        .unwrap_or_default()
}

async fn by_servers(settings: &Settings, name: &str) -> Result<Vec<IpAddr>, Failure> {
    let servers = settings.servers.as_ref().map_err(|why| unreachable(name, why))?;
    match servers.lookup_ip(parsed(name)?).await {
        Ok(found) => Ok(found.iter().collect()),
        Err(error) if error.is_no_records_found() => Err(unknown(name)),
        Err(error) => Err(of_lookup(name, &error)),
    }
}

fn of_lookup(name: &str, error: &NetError) -> Failure {
    match error {
        NetError::Timeout => unreachable(name, "the name servers of this machine do not answer"),
        error => unreachable(name, &error.to_string()),
    }
}

fn unreachable(name: &str, why: &str) -> Failure {
    Failure::new(Kind::Unreachable, format!("the name {name} cannot be looked up ({why})")).with_detail("lookup")
}

fn unknown(name: &str) -> Failure {
    Failure::new(Kind::UnknownHost, format!("the name {name} is not known"))
}

/// IPv6 and IPv4 in turn, so that a family that leads nowhere costs one attempt (RFC 8305).
fn in_turn(found: &[IpAddr]) -> Vec<IpAddr> {
    let mut v6 = found.iter().filter(|ip| ip.is_ipv6());
    let mut v4 = found.iter().filter(|ip| ip.is_ipv4());
    let mut mixed = Vec::new();
    loop {
        let pair = [v6.next(), v4.next()];
        if pair == [None, None] || mixed.len() >= MAX_ADDRESSES {
            return mixed;
        }
        mixed.extend(pair.into_iter().flatten().copied());
    }
}

#[cfg(test)]
mod tests {
    //! Names that need no network.
    use super::*;
    use expect_test::{Expect, expect};

    async fn check(host: &str, expected: &Expect) {
        let answer = Names::default().addresses(&Host::parse(host).as_ref().map(as_ref).unwrap()).await;
        expected.assert_eq(&answer.map_or_else(|failure| format!("{failure}"), |found| format!("{found:?}")));
    }

    fn as_ref(host: &Host<String>) -> Host<&str> {
        match host {
            Host::Domain(name) => Host::Domain(name),
            Host::Ipv4(ip) => Host::Ipv4(*ip),
            Host::Ipv6(ip) => Host::Ipv6(*ip),
        }
    }

    #[tokio::test]
    async fn addresses_and_names_of_this_machine_need_no_server() {
        check("10.0.0.1", &expect!["[10.0.0.1]"]).await;
        check("[fd00::1]", &expect!["[fd00::1]"]).await;
        check("localhost", &expect!["[::1, 127.0.0.1]"]).await;
        check("app.localhost.", &expect!["[::1, 127.0.0.1]"]).await;
    }

    #[test]
    fn a_hosts_file_is_read_with_all_its_names() {
        let mut hosts = Hosts::default();
        hosts.read_hosts_conf("10.0.0.7 Nas nas.lan # disks\nfd00::7 nas\n".as_bytes()).unwrap();
        assert_eq!(format!("{:?}", in_hosts(&hosts, "nas")), "[fd00::7, 10.0.0.7]");
        assert_eq!(format!("{:?}", in_hosts(&hosts, "nas.lan")), "[10.0.0.7]");
        assert!(in_hosts(&hosts, "other").is_empty());
    }

    #[test]
    fn families_take_turns_and_no_name_has_more_addresses_than_are_tried() {
        let ips = |text: &str| text.split(' ').map(|ip| ip.parse().unwrap()).collect::<Vec<IpAddr>>();
        assert_eq!(in_turn(&ips("::1 ::2 ::3 10.0.0.1")), ips("::1 10.0.0.1 ::2 ::3"));
        assert_eq!(in_turn(&ips("10.0.0.1 10.0.0.2")), ips("10.0.0.1 10.0.0.2"));
        assert_eq!(in_turn(&vec![IpAddr::V4(Ipv4Addr::LOCALHOST); 50]).len(), MAX_ADDRESSES);
    }
}
