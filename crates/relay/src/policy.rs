//! Decides which address may be connected to: patterns of `--allow`, and addresses where clouds keep credentials.

use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use url::Host;

/// What may be fetched.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    allow: Vec<AllowPattern>,
}

/// Why an address is not connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Clouds hand out credentials there to whoever asks from within.
    #[error(
        "{0} is an address at which clouds hand out credentials; if it is meant, start the relay with `--allow {0}`"
    )]
    Metadata(IpAddr),
    /// There are patterns, and none fits.
    #[error("{0} fits no --allow pattern of the relay")]
    NotAllowed(IpAddr),
}

impl Policy {
    /// Without patterns everything is allowed but the addresses where clouds keep credentials.
    #[must_use]
    pub fn new(allow: Vec<AllowPattern>) -> Self {
        Policy { allow }
    }

    /// Whether a connection to `address` may be made for a URL with this host and port.
    ///
    /// A pattern of a name does not open addresses where clouds keep credentials: whoever owns the name could point it
    /// there. Only a pattern that holds the address does.
    pub fn check(&self, host: &Host<&str>, port: u16, address: IpAddr) -> Result<(), Refusal> {
        let by_address = self.allow.iter().any(|pattern| pattern.holds_address(address, port));
        if by_address {
            return Ok(());
        }
        if is_metadata(address) {
            return Err(Refusal::Metadata(address));
        }
        if self.allow.is_empty() || self.allow.iter().any(|pattern| pattern.holds_name(host, port)) {
            return Ok(());
        }
        Err(Refusal::NotAllowed(address))
    }

    /// Whether there are patterns, so that not everything may be fetched.
    pub(crate) fn is_restricted(&self) -> bool {
        !self.allow.is_empty()
    }

    /// Whether some port of this address may be connected to, when `host` led to it.
    pub(crate) fn check_any_port(&self, host: &Host<&str>, address: IpAddr) -> Result<(), Refusal> {
        let ports = self.allow.iter().filter_map(|pattern| pattern.port).chain([0]);
        let mut checks = ports.map(|port| self.check(host, port, address));
        let mut refusal = Refusal::NotAllowed(address);
        checks
            .find_map(|check| match check {
                Ok(()) => Some(()),
                Err(why) => {
                    refusal = why;
                    None
                }
            })
            .ok_or(refusal)
    }

    /// Whether a pattern fits this name itself, whatever it leads to, on this port or, where none is given, on some.
    pub(crate) fn names(&self, name: &str, port: Option<u16>) -> bool {
        self.allow.iter().any(|pattern| {
            let port = port.or(pattern.port).unwrap_or_default();
            pattern.holds_name(&Host::Domain(name), port)
        })
    }
}

/// One pattern of `--allow`: `host`, `host:port`, `*.example.org`, `10.0.0.0/8`, `[::1]:9100`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowPattern {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    /// This name, in lower case.
    Name(String),
    /// Every name that ends with this one, which begins with a dot.
    Below(String),
    /// Every address of this network; a single address is a network of one.
    Network(IpNet),
}

impl AllowPattern {
    fn fits_port(&self, port: u16) -> bool {
        self.port.is_none_or(|only| only == port)
    }

    fn holds_address(&self, address: IpAddr, port: u16) -> bool {
        self.fits_port(port)
            && match &self.hosts {
                Hosts::Network(network) => network.contains(&address) || network.contains(&address.to_canonical()),
                // Whoever allows `localhost` means 127.0.0.1 and ::1 too.
                Hosts::Name(name) => name == "localhost" && address.to_canonical().is_loopback(),
                Hosts::Below(_) => false,
            }
    }

    fn holds_name(&self, host: &Host<&str>, port: u16) -> bool {
        let Host::Domain(name) = host else { return false };
        // `example.org.` and `example.org` are one name.
        let name = name.strip_suffix('.').unwrap_or(name);
        self.fits_port(port)
            && match &self.hosts {
                Hosts::Name(only) => only == name,
                Hosts::Below(ending) => name.len() > ending.len() && name.ends_with(ending.as_str()),
                Hosts::Network(_) => false,
            }
    }
}

impl FromStr for AllowPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let advice = || {
            format!(
                "expected a name, *.NAME, an address or a network such as 10.0.0.0/8, each with or without :PORT, found `{text}`"
            )
        };
        // An IPv6 address has colons of its own: brackets, or no port.
        if let Some(network) = network(text) {
            return Ok(AllowPattern { hosts: Hosts::Network(network), port: None });
        }
        if let Some(rest) = text.strip_prefix('[') {
            let (inner, port) = rest.split_once(']').ok_or_else(advice)?;
            let hosts = Hosts::Network(network(inner).ok_or_else(advice)?);
            let port = match port.strip_prefix(':') {
                Some(port) => Some(port.parse().map_err(|_| advice())?),
                None if port.is_empty() => None,
                None => return Err(advice()),
            };
            return Ok(AllowPattern { hosts, port });
        }
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, Some(port.parse().map_err(|_| advice())?)),
            None => (text, None),
        };
        if let Some(network) = network(host) {
            return Ok(AllowPattern { hosts: Hosts::Network(network), port });
        }
        let (is_below, name) = match host.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, host),
        };
        // The same reading as that of URLs: lower case, and international names in their ASCII form.
        let hosts = match Host::parse(name.strip_suffix('.').unwrap_or(name)) {
            Ok(Host::Domain(name)) if name.contains(['*', '/']) => return Err(advice()),
            Ok(Host::Domain(name)) if is_below => Hosts::Below(format!(".{name}")),
            Ok(Host::Domain(name)) => Hosts::Name(name),
            Ok(Host::Ipv4(address)) if !is_below => Hosts::Network(IpNet::from(IpAddr::V4(address))),
            _ => return Err(advice()),
        };
        Ok(AllowPattern { hosts, port })
    }
}

impl fmt::Display for AllowPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hosts {
            Hosts::Name(name) => f.write_str(name)?,
            Hosts::Below(ending) => write!(f, "*{ending}")?,
            Hosts::Network(IpNet::V6(network)) => write!(f, "[{network}]")?,
            Hosts::Network(IpNet::V4(network)) => write!(f, "{network}")?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// A network, or an address as a network of one; the bits behind its length do not count.
fn network(text: &str) -> Option<IpNet> {
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
    Some(network.trunc())
}

/// Whether clouds answer there with credentials of the machine: link-local addresses, and those of single providers.
fn is_metadata(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_metadata_v4(address),
        IpAddr::V6(address) => is_metadata_v6(address),
    }
}

fn is_metadata_v4(address: Ipv4Addr) -> bool {
    // 169.254.0.0/16: most clouds, and credentials of containers.
    address.is_link_local()
        || [
            // Alibaba Cloud.
            Ipv4Addr::new(100, 100, 100, 200),
            // Oracle Cloud, besides its link-local one.
            Ipv4Addr::new(192, 0, 0, 192),
            // Azure's agent of the host.
            Ipv4Addr::new(168, 63, 129, 16),
        ]
        .contains(&address)
}

fn is_metadata_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let [.., high, low] = segments;
    let v4_of = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    // An IPv4 address in an IPv6 one: mapped, compatible, behind NAT64, in a 6to4 network.
    let embedded = match segments {
        [0, 0, 0, 0, 0, 0xffff | 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some(v4_of(high, low)),
        [0x2002, high, low, ..] => Some(v4_of(high, low)),
        _ => None,
    };
    address.is_unicast_link_local()
        || embedded.is_some_and(is_metadata_v4)
        || [
            // Amazon.
            Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
            // Google.
            Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
        ]
        .contains(&address)
}

#[cfg(test)]
mod tests;
