//! An address in its parts, and what kind of machine its host names: this one, one of the network, one of a container.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An `http:` or `https:` address in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `https:`
    pub is_https: bool,
    /// In lower case, without brackets.
    pub host: String,
    /// As written, else that of the scheme.
    pub port: u16,
    /// Path and query, with the slash; `/` where there is none.
    pub path: String,
    /// What kind of machine the host names.
    pub class: HostClass,
}

/// What kind of machine a host names, as far as its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostClass {
    /// `localhost`, 127.0.0.0/8, `::1`: the machine that asks.
    Loopback,
    /// `host.docker.internal` and its like: the machine on which containers run, as these see it.
    DockerHost,
    /// An address of a private network.
    Private,
    /// 169.254.0.0/16, fe80::/10.
    LinkLocal,
    /// A name of a local network: `.local`, `.lan`, `.internal`, `.home.arpa`.
    LocalName,
    /// One word, such as the name of a Compose service.
    SingleLabel,
    /// Anything else: a name or an address of the internet, as far as can be seen.
    Public,
}

impl Place {
    /// Reads an address; `None` if it is none of `http:` and `https:`, or has no host.
    #[must_use]
    pub fn parse(url: &str) -> Option<Place> {
        let (scheme, rest) = url.trim().split_once("://")?;
        let is_https = scheme.eq_ignore_ascii_case("https");
        if !is_https && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        // A name or password before the host is never kept.
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = match authority.strip_prefix('[') {
            Some(inner) => {
                let (host, tail) = inner.split_once(']')?;
                (host, tail.strip_prefix(':'))
            }
            None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
        };
        // Such a host ends up in commands to copy: nothing in it may end a word there.
        let is_odd = |c: char| c.is_whitespace() || c.is_control() || "\"'`<>\\^{}|%,;!$&()*+=~#?/@[]".contains(c);
        if host.is_empty() || host.starts_with('-') || host.contains(is_odd) {
            return None;
        }
        let port = match port {
            Some(port) => port.parse().ok()?,
            None if is_https => 443,
            None => 80,
        };
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let host = host.to_ascii_lowercase();
        let class = HostClass::of(&host);
        Some(Place { is_https, host, port, path, class })
    }

    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.is_https { "https" } else { "http" }
    }

    /// `host:port`, with brackets where the host is an IPv6 address; without the scheme's own port.
    #[must_use]
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let own = if self.is_https { 443 } else { 80 };
        if self.port == own { host } else { format!("{host}:{}", self.port) }
    }

    /// The whole address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}{}", self.scheme(), self.authority(), self.path)
    }

    /// `http://host:port`
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme(), self.authority())
    }

    /// The same on another host.
    #[must_use]
    pub fn on_host(&self, host: &str) -> Place {
        Place { host: host.to_owned(), class: HostClass::of(host), ..self.clone() }
    }

    /// The same with the other scheme; a port that is only implied stays the number it is.
    #[must_use]
    pub fn other_scheme(&self) -> Place {
        let port = match (self.is_https, self.port) {
            (true, 443) => 80,
            (false, 80) => 443,
            (_, port) => port,
        };
        Place { is_https: !self.is_https, port, ..self.clone() }
    }
}

impl HostClass {
    /// Of a host in lower case, without brackets.
    #[must_use]
    pub fn of(host: &str) -> HostClass {
        let host = host.strip_suffix('.').unwrap_or(host);
        if let Ok(address) = host.parse::<IpAddr>() {
            return match address {
                IpAddr::V4(address) => of_v4(address),
                IpAddr::V6(address) => of_v6(address),
            };
        }
        if host == "localhost" || host.ends_with(".localhost") {
            HostClass::Loopback
        } else if matches!(host, "host.docker.internal" | "gateway.docker.internal" | "host.containers.internal") {
            HostClass::DockerHost
        } else if [".local", ".lan", ".internal", ".home.arpa", ".localdomain"].iter().any(|end| host.ends_with(end)) {
            HostClass::LocalName
        } else if !host.contains('.') {
            HostClass::SingleLabel
        } else {
            HostClass::Public
        }
    }

    /// Whether a browser takes it for a part of the user's own network: Chrome asks before a page of the internet may go
    /// there. What a name leads to is not known here; those of local networks are counted.
    #[must_use]
    pub fn is_local(self) -> bool {
        !matches!(self, HostClass::Public)
    }
}

fn of_v4(address: Ipv4Addr) -> HostClass {
    let [a, b, ..] = address.octets();
    if address.is_loopback() || address.is_unspecified() {
        HostClass::Loopback
    } else if address.is_private() || (a == 100 && (64..128).contains(&b)) {
        // 100.64.0.0/10 is that of carriers and of many VPNs.
        HostClass::Private
    } else if address.is_link_local() {
        HostClass::LinkLocal
    } else {
        HostClass::Public
    }
}

fn of_v6(address: Ipv6Addr) -> HostClass {
    if let Some(address) = address.to_ipv4_mapped() {
        return of_v4(address);
    }
    if address.is_loopback() || address.is_unspecified() {
        HostClass::Loopback
    } else if address.is_unique_local() {
        HostClass::Private
    } else if address.is_unicast_link_local() {
        HostClass::LinkLocal
    } else {
        HostClass::Public
    }
}

#[cfg(test)]
mod tests {
    //! What kind of machine an address names.
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_falls_into_its_parts() {
        for (url, want) in [
            ("http://localhost:9323/metrics", "http localhost 9323 /metrics Loopback"),
            ("https://example.org", "https example.org 443 / Public"),
            ("http://u:p@10.0.0.7/x?a=b#c", "http 10.0.0.7 80 /x?a=b Private"),
            ("http://[::1]:9100/metrics", "http ::1 9100 /metrics Loopback"),
            ("http://[::ffff:192.168.0.1]/", "http ::ffff:192.168.0.1 80 / Private"),
            ("http://host.docker.internal:9323/metrics", "http host.docker.internal 9323 /metrics DockerHost"),
            ("http://web:8080?x", "http web 8080 /?x SingleLabel"),
            ("http://169.254.169.254/latest", "http 169.254.169.254 80 /latest LinkLocal"),
            ("http://nas.local/", "http nas.local 80 / LocalName"),
            ("http://100.100.1.1/", "http 100.100.1.1 80 / Private"),
            ("http://100.1.1.1/", "http 100.1.1.1 80 / Public"),
            ("http://[fe80::1]/", "http fe80::1 80 / LinkLocal"),
            ("http://[fd00::1]/", "http fd00::1 80 / Private"),
        ] {
            let place = Place::parse(url).unwrap();
            let Place { host, port, path, class, .. } = &place;
            assert_eq!(format!("{} {host} {port} {path} {class:?}", place.scheme()), want, "{url}");
        }
        for none in ["", "ftp://x", "http://", "http://:80", "http://x:99999", "localhost:1"] {
            assert_eq!(Place::parse(none), None, "{none}");
        }
    }

    #[test]
    fn the_other_scheme_keeps_a_port_that_is_written() {
        let other = |url: &str| Place::parse(url).unwrap().other_scheme().url();
        assert_eq!(other("http://a:9100/m"), "https://a:9100/m");
        assert_eq!(other("https://a/m"), "http://a/m");
    }

    proptest! {
        #[test]
        fn no_text_breaks_it_and_what_is_read_is_read_the_same_again(text in "(https?://)?[a-z0-9:/?#@.\\[\\]-]{0,40}") {
            if let Some(place) = Place::parse(&text) {
                prop_assert_eq!(Place::parse(&place.url()), Some(place));
            }
        }
    }
}
