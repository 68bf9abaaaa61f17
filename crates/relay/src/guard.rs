//! Decides who may ask: the page that this relay serves, and no other page.
//!
//! Four checks, each against something else: `Host` against a foreign name that was pointed at this machine (DNS
//! rebinding), `Sec-Fetch-Site` and `Origin` against other pages, the header `X-Promenade` against forms, images and
//! links, which cannot send one: a browser asks first, and the relay never answers that question with yes.

use crate::args::{ListenAddress, PageOrigin};
use axum::http::header::{HOST, HeaderName, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// The header that the page sends with each scrape, and its value.
const MARK: (HeaderName, &str) = (HeaderName::from_static("x-promenade"), "1");

/// Set by browsers, never by a page.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Names and origins under which this relay may be asked.
#[derive(Debug)]
pub(crate) struct Guard {
    hosts: BTreeSet<String>,
    origins: BTreeSet<String>,
}

impl Guard {
    pub(crate) fn new(listen: &ListenAddress, page_origins: &[PageOrigin]) -> Self {
        let hosts = page_origins.iter().map(|origin| origin.host.clone());
        let listen = listen.host.to_string().to_ascii_lowercase();
        Guard {
            hosts: hosts.chain(["localhost".to_owned(), listen]).collect(),
            origins: page_origins.iter().map(|origin| origin.text.clone()).collect(),
        }
    }

    /// Whether the request names a host that this relay goes by; `local` is the address at which it came in.
    pub(crate) fn check_host(&self, headers: &HeaderMap, local: IpAddr) -> Result<(), String> {
        let host = host_of(headers).ok_or("the request has no single valid Host header")?;
        let name = host.host().to_ascii_lowercase();
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let is_own_address = address.is_ok_and(|address| address.is_loopback() || address == local.to_canonical());
        if is_own_address || self.hosts.contains(&name) {
            return Ok(());
        }
        Err(format!(
            "this relay does not go by the name {name}; if it should, start it with `--page-origin http://{host}`"
        ))
    }

    /// Whether the page itself may be asking, as far as the browser says: another page is told apart.
    pub(crate) fn check_page(&self, headers: &HeaderMap, may_be_typed: bool) -> Result<(), String> {
        for site in headers.get_all(SEC_FETCH_SITE) {
            // `none`: the user typed the address.
            if site != "same-origin" && !(may_be_typed && site == "none") {
                return Err("another page asked: this relay works for its own page only".to_owned());
            }
        }
        for origin in headers.get_all(ORIGIN) {
            if !self.is_own_origin(origin, headers) {
                let origin = String::from_utf8_lossy(origin.as_bytes());
                let advice = match origin.parse::<PageOrigin>() {
                    Ok(page) => {
                        format!("; if that is where Promenade is served, start it with `--page-origin {}`", page.text)
                    }
                    Err(_) => String::new(),
                };
                return Err(format!("a page of {origin} asked: this relay works for its own page only{advice}"));
            }
        }
        Ok(())
    }

    /// Whether the request carries the header that only the page's own code can send.
    pub(crate) fn check_mark(headers: &HeaderMap) -> Result<(), String> {
        let (name, value) = MARK;
        if headers.get(&name).is_some_and(|found| found == value) {
            return Ok(());
        }
        Err(format!("the header `{name}: {value}` is missing: only the page of Promenade fetches through this relay"))
    }

    fn is_own_origin(&self, origin: &HeaderValue, headers: &HeaderMap) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        // The page that this relay serves: its origin is the host that the request is for.
        let is_served_here = host_of(headers).is_some_and(|host| {
            let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host.as_str()))
        });
        is_served_here || self.origins.contains(origin)
    }
}

fn host_of(headers: &HeaderMap) -> Option<Authority> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = Authority::try_from(hosts.next()?.as_bytes()).ok()?;
    (hosts.next().is_none() && !host.as_str().contains('@')).then_some(host)
}

#[cfg(test)]
mod tests {
    //! Requests, header by header, and what the guard says.
    use super::*;
    use expect_test::{Expect, expect};

    /// Each line is what a request carries, `name: value` joined by commas.
    fn check(lines: &[&str], expected: &Expect) {
        let origins: Vec<PageOrigin> =
            ["http://127.0.0.1:8080", "https://metrics.example"].map(|origin| origin.parse().unwrap()).into();
        let guard = Guard::new(&"nas.lan:9919".parse().unwrap(), &origins);
        let answers: Vec<String> = lines
            .iter()
            .map(|line| {
                let mut headers = HeaderMap::new();
                for header in line.split(", ").filter(|header| !header.is_empty()) {
                    let (name, value) = header.split_once(": ").unwrap();
                    headers.append(HeaderName::try_from(name).unwrap(), value.parse().unwrap());
                }
                let answer = guard
                    .check_host(&headers, "192.168.1.2".parse().unwrap())
                    .and_then(|()| guard.check_page(&headers, false))
                    .and_then(|()| Guard::check_mark(&headers));
                format!("{line} -> {}", answer.err().unwrap_or_else(|| "yes".to_owned()))
            })
            .collect();
        expected.assert_eq(&answers.join("\n"));
    }

    #[test]
    fn only_names_of_this_machine_and_of_its_pages_are_answered() {
        check(
            &[
                "host: localhost:9919, x-promenade: 1",
                "host: LOCALHOST, x-promenade: 1",
                "host: 127.0.0.1:9919, x-promenade: 1",
                "host: 127.8.8.8, x-promenade: 1",
                "host: [::1]:9919, x-promenade: 1",
                "host: 192.168.1.2:9919, x-promenade: 1",
                "host: Nas.lan:9919, x-promenade: 1",
                "host: metrics.example, x-promenade: 1",
                "host: 192.168.1.3:9919, x-promenade: 1",
                "host: rebound.example:9919, x-promenade: 1",
                "host: localhost.evil.example, x-promenade: 1",
                "host: 127.0.0.1.evil.example, x-promenade: 1",
                "host: localhost@evil.example, x-promenade: 1",
                "host: localhost, host: evil.example, x-promenade: 1",
                "x-promenade: 1",
            ],
            &expect![[r#"
                host: localhost:9919, x-promenade: 1 -> yes
                host: LOCALHOST, x-promenade: 1 -> yes
                host: 127.0.0.1:9919, x-promenade: 1 -> yes
                host: 127.8.8.8, x-promenade: 1 -> yes
                host: [::1]:9919, x-promenade: 1 -> yes
                host: 192.168.1.2:9919, x-promenade: 1 -> yes
                host: Nas.lan:9919, x-promenade: 1 -> yes
                host: metrics.example, x-promenade: 1 -> yes
                host: 192.168.1.3:9919, x-promenade: 1 -> this relay does not go by the name 192.168.1.3; if it should, start it with `--page-origin http://192.168.1.3:9919`
                host: rebound.example:9919, x-promenade: 1 -> this relay does not go by the name rebound.example; if it should, start it with `--page-origin http://rebound.example:9919`
                host: localhost.evil.example, x-promenade: 1 -> this relay does not go by the name localhost.evil.example; if it should, start it with `--page-origin http://localhost.evil.example`
                host: 127.0.0.1.evil.example, x-promenade: 1 -> this relay does not go by the name 127.0.0.1.evil.example; if it should, start it with `--page-origin http://127.0.0.1.evil.example`
                host: localhost@evil.example, x-promenade: 1 -> the request has no single valid Host header
                host: localhost, host: evil.example, x-promenade: 1 -> the request has no single valid Host header
                x-promenade: 1 -> the request has no single valid Host header"#]],
        );
    }

    #[test]
    fn other_pages_are_refused_by_what_their_browser_says() {
        check(
            &[
                "host: localhost, x-promenade: 1, sec-fetch-site: same-origin",
                "host: localhost, x-promenade: 1, sec-fetch-site: same-site",
                "host: localhost, x-promenade: 1, sec-fetch-site: cross-site",
                "host: localhost, x-promenade: 1, sec-fetch-site: none",
                "host: localhost:9919, x-promenade: 1, origin: http://localhost:9919",
                "host: localhost:9919, x-promenade: 1, origin: http://127.0.0.1:8080",
                "host: localhost:9919, x-promenade: 1, origin: https://metrics.example",
                "host: localhost:9919, x-promenade: 1, origin: http://metrics.example",
                "host: localhost:9919, x-promenade: 1, origin: http://localhost:3000",
                "host: localhost:9919, x-promenade: 1, origin: null",
                "host: localhost:9919, x-promenade: 1, origin: http://localhost:9919, origin: http://evil.example",
                "host: localhost",
                "host: localhost, x-promenade: yes",
            ],
            &expect![[r#"
                host: localhost, x-promenade: 1, sec-fetch-site: same-origin -> yes
                host: localhost, x-promenade: 1, sec-fetch-site: same-site -> another page asked: this relay works for its own page only
                host: localhost, x-promenade: 1, sec-fetch-site: cross-site -> another page asked: this relay works for its own page only
                host: localhost, x-promenade: 1, sec-fetch-site: none -> another page asked: this relay works for its own page only
                host: localhost:9919, x-promenade: 1, origin: http://localhost:9919 -> yes
                host: localhost:9919, x-promenade: 1, origin: http://127.0.0.1:8080 -> yes
                host: localhost:9919, x-promenade: 1, origin: https://metrics.example -> yes
                host: localhost:9919, x-promenade: 1, origin: http://metrics.example -> a page of http://metrics.example asked: this relay works for its own page only; if that is where Promenade is served, start it with `--page-origin http://metrics.example`
                host: localhost:9919, x-promenade: 1, origin: http://localhost:3000 -> a page of http://localhost:3000 asked: this relay works for its own page only; if that is where Promenade is served, start it with `--page-origin http://localhost:3000`
                host: localhost:9919, x-promenade: 1, origin: null -> a page of null asked: this relay works for its own page only
                host: localhost:9919, x-promenade: 1, origin: http://localhost:9919, origin: http://evil.example -> a page of http://evil.example asked: this relay works for its own page only; if that is where Promenade is served, start it with `--page-origin http://evil.example`
                host: localhost -> the header `x-promenade: 1` is missing: only the page of Promenade fetches through this relay
                host: localhost, x-promenade: yes -> the header `x-promenade: 1` is missing: only the page of Promenade fetches through this relay"#]],
        );
    }
}
