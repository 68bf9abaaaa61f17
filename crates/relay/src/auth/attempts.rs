//! Remembers who gave a wrong password, and how long they have to wait: twice as long each time.

use crate::clients::bucket;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Wrong passwords that cost nothing: people mistype.
const FREE: u32 = 5;

/// The wait after the first that is not free, and the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// After this long without another, all is forgotten.
const MEMORY: Duration = Duration::from_secs(600);

/// How many clients are remembered; beyond it, those that were wrong longest ago are forgotten.
const MAX_CLIENTS: usize = 4_096;

/// Wrong passwords by client.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    by_client: BTreeMap<IpAddr, Wrong>,
}

#[derive(Debug)]
struct Wrong {
    n_times: u32,
    last_at: Instant,
}

impl Wrong {
    fn wait(&self) -> Duration {
        match self.n_times.checked_sub(FREE + 1) {
            None => Duration::ZERO,
            // 2^6 seconds are more than the longest.
            Some(n_over) => (FIRST_WAIT * 2_u32.pow(n_over.min(6))).min(LONGEST_WAIT),
        }
    }
}

impl Attempts {
    /// How long this client still has to wait; `None`: it may try.
    pub(super) fn wait(&self, client: IpAddr, now: Instant) -> Option<Duration> {
        let wrong = self.by_client.get(&bucket(client))?;
        let passed = now.saturating_duration_since(wrong.last_at);
        wrong.wait().checked_sub(passed).filter(|left| !left.is_zero())
    }

    /// It was wrong.
    pub(super) fn note(&mut self, client: IpAddr, now: Instant) {
        let client = bucket(client);
        if self.by_client.len() >= MAX_CLIENTS && !self.by_client.contains_key(&client) {
            let oldest = self.by_client.iter().min_by_key(|(_, wrong)| wrong.last_at).map(|(client, _)| *client);
            oldest.map(|oldest| self.by_client.remove(&oldest));
        }
        let wrong = self.by_client.entry(client).or_insert(Wrong { n_times: 0, last_at: now });
        if now.saturating_duration_since(wrong.last_at) > MEMORY {
            wrong.n_times = 0;
        }
        wrong.n_times = wrong.n_times.saturating_add(1);
        wrong.last_at = now;
    }

    /// It was right.
    pub(super) fn forget(&mut self, client: IpAddr) {
        self.by_client.remove(&bucket(client));
    }
}

#[cfg(test)]
mod tests {
    //! Wrong passwords at times.
    use super::*;

    #[test]
    fn five_are_free_and_each_more_doubles_the_wait_up_to_a_minute() {
        let mut attempts = Attempts::default();
        let client: IpAddr = "10.0.0.1".parse().unwrap();
        let mut now = Instant::now();
        let mut waits = Vec::new();
        for _ in 0..14 {
            attempts.note(client, now);
            let wait = attempts.wait(client, now).unwrap_or_default();
            waits.push(wait.as_secs());
            now += wait;
            assert_eq!(attempts.wait(client, now), None);
        }
        assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(attempts.wait("10.0.0.2".parse().unwrap(), now), None);
        attempts.note(client, now + MEMORY * 2);
        assert_eq!(attempts.wait(client, now + MEMORY * 2), None);
        attempts.forget(client);
        assert!(attempts.by_client.is_empty());
    }

    #[test]
    fn the_memory_has_an_end() {
        let mut attempts = Attempts::default();
        let now = Instant::now();
        for idx in 0..5_000_u32 {
            attempts.note(IpAddr::from(idx.to_be_bytes()), now + Duration::from_millis(idx.into()));
        }
        assert_eq!(attempts.by_client.len(), MAX_CLIENTS);
    }
}
