//! A URL to scrape, from what the user typed.

use model::authority::{self, AuthorityError};
use std::fmt;

/// Paths under which metrics are usually found, tried in this order where the given one is no metrics.
pub const WELL_KNOWN_PATHS: [&str; 5] = ["/metrics", "/actuator/prometheus", "/federate", "/prometheus", "/probe"];

/// A URL that can be scraped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The whole URL, with scheme and path.
    pub url: String,
    /// Host and port as typed: the `instance` label.
    pub instance: String,
}

/// Why a text is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointError {
    /// Nothing was typed.
    Empty,
    /// A scheme other than `http` and `https`.
    Scheme(String),
    /// `user:password@host`
    Credentials,
    /// No host, or characters that no host has.
    Host(String),
    /// Not a number from 1 to 65535.
    Port(String),
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EndpointError::Empty => f.write_str("type a URL such as `http://localhost:9100/metrics`, or `host:port`"),
            EndpointError::Scheme(scheme) => {
                write!(f, "`{scheme}:` cannot be scraped; use a URL with `http:` or `https:`")
            }
            EndpointError::Credentials => {
                f.write_str("a user name or password must not stand in the URL, where it would be stored and shown")
            }
            EndpointError::Host(host) => {
                write!(f, "`{host}` is no host; expected a URL such as `http://localhost:9100/metrics`")
            }
            EndpointError::Port(port) => write!(f, "`{port}` is no port; expected a number from 1 to 65535"),
        }
    }
}

impl std::error::Error for EndpointError {}

impl Endpoint {
    /// Reads `http(s)://host:port/path`, `host:port`, `host:port/path` or `:port` (this machine). Without
    /// a path `/metrics` is added.
    ///
    /// # Errors
    /// If the text is nothing of this.
    pub fn parse(typed: &str) -> Result<Endpoint, EndpointError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(EndpointError::Empty);
        }
        let (scheme, rest) = match typed.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => match typed.split_once(':') {
                // `mailto:x` is a scheme, `host:9100` is not.
                Some((word, tail))
                    if !tail.starts_with(|c: char| c.is_ascii_digit())
                        && !word.is_empty()
                        && !word.starts_with('[')
                        && word.chars().all(|c| c.is_ascii_alphabetic()) =>
                {
                    return Err(EndpointError::Scheme(word.to_owned()));
                }
                _ => ("http".to_owned(), typed),
            },
        };
        if scheme != "http" && scheme != "https" {
            return Err(EndpointError::Scheme(scheme));
        }
        let rest = rest.split('#').next().unwrap_or("");
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(EndpointError::Credentials);
        }
        let authority =
            if authority.starts_with(':') { format!("localhost{authority}") } else { authority.to_ascii_lowercase() };
        authority::check(&authority).map_err(|error| match error {
            AuthorityError::Host(host) => EndpointError::Host(host),
            AuthorityError::Port(port) => EndpointError::Port(port),
        })?;
        let path = match path {
            "" | "/" => "/metrics".to_owned(),
            path if path.starts_with('?') => format!("/metrics{path}"),
            path => path.replace(' ', "%20"),
        };
        Ok(Endpoint { url: format!("{scheme}://{authority}{path}"), instance: authority })
    }

    /// The same host under the well-known paths, its own path left out.
    #[must_use]
    pub fn alternatives(&self) -> Vec<Endpoint> {
        let origin_len = self.url.find(&self.instance).map_or(0, |at| at + self.instance.len());
        let (origin, own_path) = self.url.split_at(origin_len);
        let others = WELL_KNOWN_PATHS.iter().filter(|path| **path != own_path);
        others.map(|path| Endpoint { url: format!("{origin}{path}"), instance: self.instance.clone() }).collect()
    }
}

/// A name for the job of an endpoint the user did not name: what usually listens on its port, else the host.
#[must_use]
pub fn default_job(endpoint: &Endpoint) -> String {
    const KNOWN: [(&str, &str); 12] = [
        ("9090", "prometheus"),
        ("9091", "pushgateway"),
        ("9093", "alertmanager"),
        ("9100", "node"),
        ("9104", "mysql"),
        ("9113", "nginx"),
        ("9115", "blackbox"),
        ("9121", "redis"),
        ("9187", "postgres"),
        ("9323", "docker"),
        ("8428", "victoria-metrics"),
        ("2379", "etcd"),
    ];
    let (host, port) = match endpoint.instance.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (endpoint.instance.as_str(), ""),
    };
    KNOWN
        .iter()
        .find(|(known, _)| *known == port)
        .map_or_else(|| host.trim_matches(['[', ']']).to_owned(), |(_, job)| (*job).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_a_url() {
        for (typed, url, instance, job) in [
            ("http://localhost:9100/metrics", "http://localhost:9100/metrics", "localhost:9100", "node"),
            (" localhost:9100 ", "http://localhost:9100/metrics", "localhost:9100", "node"),
            (":9323", "http://localhost:9323/metrics", "localhost:9323", "docker"),
            ("https://Example.org", "https://example.org/metrics", "example.org", "example.org"),
            ("https://example.org/", "https://example.org/metrics", "example.org", "example.org"),
            ("app:8080/actuator/prometheus", "http://app:8080/actuator/prometheus", "app:8080", "app"),
            ("10.0.0.1:80/federate?match[]=up#x", "http://10.0.0.1:80/federate?match[]=up", "10.0.0.1:80", "10.0.0.1"),
            ("[::1]:9100", "http://[::1]:9100/metrics", "[::1]:9100", "node"),
            ("http://[::1]/x", "http://[::1]/x", "[::1]", "::1"),
        ] {
            let endpoint = Endpoint::parse(typed).expect(typed);
            assert_eq!((endpoint.url.as_str(), endpoint.instance.as_str()), (url, instance), "{typed}");
            assert_eq!(default_job(&endpoint), job, "{typed}");
        }
    }

    #[test]
    fn what_is_no_endpoint_says_why() {
        for (typed, want) in [
            ("", EndpointError::Empty),
            ("ftp://x", EndpointError::Scheme("ftp".to_owned())),
            ("javascript:alert", EndpointError::Scheme("javascript".to_owned())),
            ("http://u:p@x/", EndpointError::Credentials),
            ("http://", EndpointError::Host(String::new())),
            ("a b", EndpointError::Host("a b".to_owned())),
            ("up{job=\"x\"}", EndpointError::Host("up{job=\"x\"}".to_owned())),
            ("x:99999", EndpointError::Port("99999".to_owned())),
            ("x:0", EndpointError::Port("0".to_owned())),
        ] {
            assert_eq!(Endpoint::parse(typed), Err(want), "{typed}");
        }
    }

    #[test]
    fn other_paths_of_the_same_host_are_tried() {
        let endpoint = Endpoint::parse("http://app:8080/metrics").expect("an endpoint");
        let urls: Vec<_> = endpoint.alternatives().into_iter().map(|e| e.url).collect();
        assert_eq!(urls[0], "http://app:8080/actuator/prometheus");
        assert_eq!(urls.len(), 4);
    }
}
