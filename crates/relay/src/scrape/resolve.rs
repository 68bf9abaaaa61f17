//! Names to addresses: once for each hop, so that what is checked is what is connected to.

use super::{Failure, Kind};
use hickory_resolver::net::NetError;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::{Hosts, TokioResolver};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Host;

/// How long the machine's settings are taken as they were read: a VPN or a new line in /etc/hosts counts soon.
const KEEP: Duration = Duration::from_secs(15);

/// How many addresses of a name are tried.
const MAX_ADDRESSES: usize = 8;

/// Looks names up as the machine is set up to.
#[derive(Debug, Default)]
pub(super) struct Names {
    settings: Mutex<Option<Arc<Settings>>>,
}

/// What /etc/hosts and /etc/resolv.conf say, or their likes.
#[derive(Debug)]
struct Settings {
    read_at: Instant,
    hosts: Hosts,
    servers: Result<TokioResolver, String>,
}

impl Names {
    /// All addresses of a host, IPv6 and IPv4 in turn; never empty.
    pub(super) async fn addresses(&self, host: &Host<&str>) -> Result<Vec<IpAddr>, Failure> {
        let name = match host {
            Host::Ipv4(ip) => return Ok(vec![IpAddr::V4(*ip)]),
            Host::Ipv6(ip) => return Ok(vec![IpAddr::V6(*ip)]),
            Host::Domain(name) => *name,
        };
        let bare = name.strip_suffix('.').unwrap_or(name);
        if bare == "localhost" || bare.ends_with(".localhost") {
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
            servers: servers().map_err(|error| error.to_string()),
        });
        *kept = Some(Arc::clone(&settings));
        settings
    }
}

fn servers() -> Result<TokioResolver, NetError> {
    let mut builder = TokioResolver::builder_tokio()?;
    // Read here, so that a name that is there never waits for a server.
    builder.options_mut().use_hosts_file = hickory_resolver::config::ResolveHosts::Never;
    builder.build()
}

fn in_hosts(hosts: &Hosts, name: &str) -> Vec<IpAddr> {
    let Ok(name) = Name::from_utf8(name) else { return Vec::new() };
    [RecordType::AAAA, RecordType::A]
        .into_iter()
        .filter_map(|kind| hosts.lookup_static_host(&Query::query(name.clone(), kind)))
        .flat_map(|lookup| lookup.answers().iter().filter_map(|record| record.data.ip_addr()).collect::<Vec<_>>())
        .collect()
}

/// Names of the local network (mDNS): only the system knows them. The answer is checked like any other.
async fn by_system(name: &str) -> Vec<IpAddr> {
    tokio::net::lookup_host((name, 0))
        .await
        .map(|found| found.map(|address| address.ip()).collect())
        .unwrap_or_default()
}

async fn by_servers(settings: &Settings, name: &str) -> Result<Vec<IpAddr>, Failure> {
    let unreachable =
        |why: &str| Failure::new(Kind::Unreachable, format!("the name {name} cannot be looked up ({why})"));
    let servers = settings.servers.as_ref().map_err(|why| unreachable(why))?;
    match servers.lookup_ip(name).await {
        Ok(found) => Ok(found.iter().collect()),
        Err(error) if error.is_no_records_found() => Err(unknown(name)),
        Err(NetError::Timeout) => Err(unreachable("the name servers of this machine do not answer")),
        Err(error) => Err(unreachable(&error.to_string())),
    }
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
