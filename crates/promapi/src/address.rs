//! Where a server's API is, from what a user types or pastes: the address of its start page, of a graph, of a query.
//!
//! One text may mean several places, such as `http://host` where the API is under `/prometheus`; [`Address::parse`]
//! gives them in the order in which they are to be tried.

use model::authority::{self, AuthorityError};

/// Pages of the user interfaces of these servers, and paths beside the API: behind the prefix, never a part of it.
const PAGES: [&str; 32] = [
    "graph",
    "query",
    "targets",
    "alerts",
    "rules",
    "status",
    "flags",
    "config",
    "service-discovery",
    "tsdb-status",
    "runtimeinfo",
    "alertmanagers",
    "alertmanager-discovery",
    "stores",
    "loaded",
    "blocks",
    "agent",
    "starting",
    "consoles",
    "classic",
    "new",
    "old",
    "static",
    "vmui",
    "vmalert",
    "-",
    "metrics",
    "federate",
    "version",
    "api/v1",
    "expand-with-exprs",
    "metric-relabel-debug",
];

/// Prefixes that servers have by default: Prometheus behind a proxy, Mimir and Cortex, Cortex of old and Grafana Cloud, the
/// cluster of VictoriaMetrics.
const USUAL_PREFIXES: [&str; 3] = ["/prometheus", "/api/prom", "/select/0/prometheus"];

/// No more places than this are tried for one text: each is a request that may time out.
const MAX_CANDIDATES: usize = 8;

/// What a typed text says about a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Where its API may be, the likeliest first. Never empty.
    pub candidates: Vec<Base>,
    /// User name and password that stood in the text. They are in no candidate; the user should be told.
    pub userinfo: Option<Userinfo>,
    /// The expression of a pasted graph or query.
    pub expr: Option<String>,
}

/// User name and password of a URL, decoded.
#[derive(Clone, PartialEq, Eq)]
pub struct Userinfo {
    /// The user's name.
    pub username: String,
    /// The password, empty if there is none.
    pub password: String,
}

impl std::fmt::Debug for Userinfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Userinfo(<secret>)")
    }
}

/// The root of an API: scheme, host and prefix, without a slash at the end; `/api/v1/…` follows.
///
/// Invariant: no user name, no query, no fragment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Base(String);

/// Why a text is no address of a server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing was typed.
    #[error("type the URL of a server, such as `http://localhost:9090`")]
    Empty,
    /// A scheme other than `http` and `https`.
    #[error("`{0}:` cannot be asked; use a URL with `http:` or `https:`")]
    Scheme(String),
    /// No host, or characters that no host has.
    #[error("`{0}` is no host; expected a URL such as `http://localhost:9090`")]
    Host(String),
    /// Not a number from 1 to 65535.
    #[error("`{0}` is no port; expected a number from 1 to 65535")]
    Port(String),
}

impl Base {
    /// Reads a base that was written before, by [`Base::as_str`].
    ///
    /// # Errors
    /// If it is no URL of a server.
    pub fn parse(text: &str) -> Result<Base, AddressError> {
        let (scheme, rest) = text.split_once("://").ok_or_else(|| AddressError::Host(text.to_owned()))?;
        let scheme = scheme_of(scheme)?;
        let split = Split::new(rest)?;
        Ok(Base(format!("{scheme}://{}{}", split.authority, tidy_path(split.path))))
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme and host: `https://host:port`.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.0.get(..self.path_start()).unwrap_or(&self.0)
    }

    /// The path before `/api/v1`: empty or `/prometheus`.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.0.get(self.path_start()..).unwrap_or("")
    }

    /// Host and port, for a name.
    #[must_use]
    pub fn host(&self) -> &str {
        self.origin().split_once("://").map_or("", |(_, host)| host)
    }

    fn path_start(&self) -> usize {
        let host = self.0.find("://").map_or(0, |at| at + 3);
        self.0.get(host..).and_then(|rest| rest.find('/')).map_or(self.0.len(), |at| host + at)
    }
}

impl std::fmt::Display for Base {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Address {
    /// Reads `http(s)://host:port/prefix/page?…`, `host:port`, `host` or `:port` (this machine).
    ///
    /// Without a scheme it is `http`, for a public name without a port `https` first.
    ///
    /// # Errors
    /// If the text is nothing of this.
    pub fn parse(typed: &str) -> Result<Address, AddressError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(AddressError::Empty);
        }
        let (scheme, rest) = match typed.split_once("://") {
            // An address within a path or a query is none of its own.
            Some((scheme, rest)) if !scheme.contains(['/', '?']) => (Some(scheme_of(scheme)?), rest),
            _ => (None, typed),
        };
        if scheme.is_none() {
            check_no_scheme(rest)?;
        }
        let split = Split::new(rest)?;
        let schemes: &[&str] = match scheme {
            Some("https") => &["https"],
            None if split.is_public_name() => &["https", "http"],
            None if split.authority.ends_with(":443") => &["https"],
            _ => &["http"],
        };
        let mut candidates = Vec::new();
        for prefix in prefixes(split.path) {
            for scheme in schemes {
                let base = Base(format!("{scheme}://{}{prefix}", split.authority));
                if candidates.len() < MAX_CANDIDATES && !candidates.contains(&base) {
                    candidates.push(base);
                }
            }
        }
        Ok(Address { candidates, userinfo: split.userinfo, expr: expression(split.query) })
    }
}

fn scheme_of(scheme: &str) -> Result<&'static str, AddressError> {
    match scheme.to_ascii_lowercase().as_str() {
        "http" => Ok("http"),
        "https" => Ok("https"),
        other => Err(AddressError::Scheme(other.to_owned())),
    }
}

/// `mailto:x` has a scheme, `host:9090` and `user:password@host` have not.
fn check_no_scheme(text: &str) -> Result<(), AddressError> {
    match text.split_once(':') {
        Some((word, tail))
            if !tail.starts_with(|c: char| c.is_ascii_digit())
                && !tail.contains('@')
                && !word.is_empty()
                && word.chars().all(|c| c.is_ascii_alphabetic()) =>
        {
            Err(AddressError::Scheme(word.to_ascii_lowercase()))
        }
        _ => Ok(()),
    }
}

/// The parts of what stands behind `://`.
struct Split<'a> {
    authority: String,
    userinfo: Option<Userinfo>,
    path: &'a str,
    query: &'a str,
}

impl<'a> Split<'a> {
    fn new(rest: &'a str) -> Result<Self, AddressError> {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        // A password may hold an `@` that nobody encoded: the last one divides, as in browsers.
        let (userinfo, authority) = match authority.rsplit_once('@') {
            Some((userinfo, authority)) => (Some(userinfo), authority),
            None => (None, authority),
        };
        let userinfo = userinfo.map(|text| {
            let (username, password) = text.split_once(':').unwrap_or((text, ""));
            Userinfo { username: percent_decode(username, false), password: percent_decode(password, false) }
        });
        let authority =
            if authority.starts_with(':') { format!("localhost{authority}") } else { authority.to_ascii_lowercase() };
        authority::check(&authority).map_err(|error| match error {
            AuthorityError::Host(host) => AddressError::Host(host),
            AuthorityError::Port(port) => AddressError::Port(port),
        })?;
        // VictoriaMetrics' page keeps its query behind the `#`.
        let (path, query) = tail.split_once(['?', '#']).unwrap_or((tail, ""));
        Ok(Split { authority, userinfo, path, query })
    }

    /// A name with a dot and without a port, which is no address by numbers.
    fn is_public_name(&self) -> bool {
        let is_name = self.authority.contains(|c: char| c.is_ascii_alphabetic());
        is_name && self.authority.contains('.') && !self.authority.contains([':', '['])
    }
}

/// A path without a slash at the end or two in a row, and without blanks.
fn tidy_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty() && *segment != "." && *segment != "..") {
        out.push('/');
        for c in segment.chars() {
            match c {
                ' ' => out.push_str("%20"),
                c if c.is_control() => {}
                c => out.push(c),
            }
        }
    }
    out
}

/// What may stand before `/api/v1`, for a path; the likeliest first.
fn prefixes(path: &str) -> Vec<String> {
    let path = tidy_path(path);
    let with_end = format!("{path}/");
    // What stands before a known page is the prefix, if there is a page.
    let page = PAGES.iter().filter_map(|page| with_end.find(&format!("/{page}/"))).min();
    let first = page.and_then(|at| path.get(..at)).unwrap_or(&path).to_owned();
    let mut prefixes = vec![first.clone()];
    if first.is_empty() {
        prefixes.extend(USUAL_PREFIXES.map(str::to_owned));
    } else if !first.contains("/prometheus") {
        // A gateway, or a tenant of VictoriaMetrics' cluster: `/select/0`.
        prefixes.push(format!("{first}/prometheus"));
    }
    // The path may lead to a page that is not known, or be a prefix that is named like a page.
    let mut rest = first.as_str();
    while let Some((parent, _)) = rest.rsplit_once('/') {
        prefixes.push(parent.to_owned());
        rest = parent;
    }
    if page.is_some() {
        prefixes.push(path);
    }
    prefixes
}

/// The expression in the query of a graph (`g0.expr=`) or of the API (`query=`).
fn expression(query: &str) -> Option<String> {
    let pairs = query.split(['&', '?']).filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(name, _)| matches!(*name, "g0.expr" | "query" | "g0.expression"));
    found.next().map(|(_, value)| percent_decode(value, true)).filter(|expr| !expr.is_empty())
}

/// Decodes `%41`, and `+` as a blank in a query. What is no such code stays.
fn percent_decode(text: &str, is_query: bool) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        let hex = |idx: usize| behind.get(idx).and_then(|b| char::from(*b).to_digit(16));
        match (byte, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                rest = behind.get(2..).unwrap_or(&[]);
            }
            (b'+', ..) if is_query => out.push(b' '),
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests;
