//! Who asks, as an address: the other end of the connection, or what a trusted proxy says of it; and how often each may.

use crate::connections::Ends;
use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How many clients are remembered, with some dozen bytes each. Beyond it the ones that waited longest are forgotten.
const MAX_CLIENTS: usize = 4_096;

/// How many seconds' worth of requests a client may make at once: a page of many panels asks for all of them.
const BURST_S: f64 = 2.0;

/// The address that asks.
///
/// `X-Forwarded-For` is believed from `proxies` alone, and of it the last address that is no such proxy: what stands
/// before it, the client may have written itself.
pub(crate) fn client(ends: Ends, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let is_proxy = |ip: &IpAddr| proxies.iter().any(|network| network.contains(ip));
    if !is_proxy(&ends.peer) {
        return ends.peer;
    }
    let lines = headers.get_all(X_FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok());
    let mut last = ends.peer;
    for entry in lines.collect::<Vec<_>>().join(",").rsplit(',') {
        let Ok(ip) = entry.trim().parse::<IpAddr>() else { break };
        last = ip.to_canonical();
        if !is_proxy(&last) {
            break;
        }
    }
    last
}

/// What counts as one client: an IPv6 network hands out whole /64s.
pub(crate) fn bucket(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Requests that each client may make, refilled as time passes.
#[derive(Debug)]
pub(crate) struct Rates {
    /// Requests a second; 0: no limit.
    per_second: f64,
    clients: Mutex<BTreeMap<IpAddr, Tokens>>,
}

#[derive(Debug)]
struct Tokens {
    n_left: f64,
    at: Instant,
}

impl Rates {
    /// A limit for each client; 0: none.
    pub(crate) fn new(per_second: u32) -> Self {
        Rates { per_second: f64::from(per_second), clients: Mutex::default() }
    }

    /// Takes one request; an error is how long to wait for the next.
    pub(crate) fn take(&self, client: IpAddr, now: Instant) -> Result<(), Duration> {
        if self.per_second == 0.0 {
            return Ok(());
        }
        let most = self.per_second * BURST_S;
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let client = bucket(client);
        if clients.len() >= MAX_CLIENTS && !clients.contains_key(&client) {
            // Who was silent for so long has all its requests again anyway.
            let refill = Duration::from_secs_f64(BURST_S);
            clients.retain(|_, tokens| now.saturating_duration_since(tokens.at) < refill);
            if clients.len() >= MAX_CLIENTS {
                clients.clear();
            }
        }
        let tokens = clients.entry(client).or_insert(Tokens { n_left: most, at: now });
        let passed = now.saturating_duration_since(tokens.at).as_secs_f64();
        tokens.n_left = (tokens.n_left + passed * self.per_second).min(most);
        tokens.at = now;
        if tokens.n_left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - tokens.n_left) / self.per_second));
        }
        tokens.n_left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    //! Addresses through proxies, and times.
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_forwarded_address_is_believed_from_proxies_alone_and_only_the_part_they_wrote() {
        let proxies: Vec<IpNet> = ["127.0.0.1/32", "10.0.0.0/8"].map(|text| text.parse().unwrap()).into();
        for (peer, lines, expected) in [
            ("192.168.0.9", &["1.2.3.4"][..], "192.168.0.9"),
            ("127.0.0.1", &["1.2.3.4"], "1.2.3.4"),
            ("127.0.0.1", &["9.9.9.9, 1.2.3.4"], "1.2.3.4"),
            ("127.0.0.1", &["9.9.9.9", "1.2.3.4, 10.0.0.7"], "1.2.3.4"),
            ("127.0.0.1", &["9.9.9.9, nonsense, 10.0.0.7"], "10.0.0.7"),
            ("127.0.0.1", &["10.0.0.8, 10.0.0.7"], "10.0.0.8"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("10.1.1.1", &["2001:db8::1"], "2001:db8::1"),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(X_FORWARDED_FOR, HeaderValue::from_static(line));
            }
            let ends = Ends { peer: peer.parse().unwrap(), local: peer.parse().unwrap() };
            assert_eq!(client(ends, &headers, &proxies).to_string(), expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn each_client_has_its_own_requests_and_they_come_back_with_time() {
        let rates = Rates::new(10);
        let (a, b): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let start = Instant::now();
        assert_eq!((0..25).filter(|_| rates.take(a, start).is_ok()).count(), 20);
        assert_eq!(rates.take(a, start), Err(Duration::from_millis(100)));
        assert_eq!(rates.take(b, start), Ok(()));
        let later = start + Duration::from_millis(500);
        assert_eq!((0..25).filter(|_| rates.take(a, later).is_ok()).count(), 5);
        let hour = start + Duration::from_secs(3_600);
        assert_eq!((0..25).filter(|_| rates.take(a, hour).is_ok()).count(), 20);
        assert_eq!((0..1_000).filter(|_| Rates::new(0).take(a, start).is_ok()).count(), 1_000);
    }

    #[test]
    fn neighbours_of_one_ipv6_network_are_one_client_and_the_memory_has_an_end() {
        let rates = Rates::new(1);
        let now = Instant::now();
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(rates.take(ip("2001:db8::1"), now).is_ok() && rates.take(ip("2001:db8::2"), now).is_ok());
        assert!(rates.take(ip("2001:db8::3"), now).is_err());
        for idx in 0..20_000_u32 {
            let _ = rates.take(IpAddr::from(idx.to_be_bytes()), now);
            assert!(rates.clients.lock().unwrap().len() <= MAX_CLIENTS);
        }
    }
}
