//! The `host:port` of a URL that a user typed: is it one?

/// Why a text is no `host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorityError {
    /// No host, or characters that no host has: the whole text.
    Host(String),
    /// Not a number from 1 to 65535: the port.
    Port(String),
}

/// Checks the `host:port` of a URL: no name, no password, an address in brackets or a host without odd characters, and a
/// port if there is one.
///
/// # Errors
/// If it is none.
pub fn check(authority: &str) -> Result<(), AuthorityError> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let Some((host, tail)) = rest.split_once(']') else {
                return Err(AuthorityError::Host(authority.to_owned()));
            };
            let is_address = !host.is_empty() && host.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '.'));
            if !is_address || !(tail.is_empty() || tail.starts_with(':')) {
                return Err(AuthorityError::Host(authority.to_owned()));
            }
            (host, tail.strip_prefix(':'))
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let is_ip6 = authority.starts_with('[');
    let bad = |c: char| {
        c.is_whitespace() || c.is_control() || "\"'`<>\\^{}|%,;!$&()*+=~@".contains(c) || (c == ':' && !is_ip6)
    };
    if host.is_empty() || host.contains(bad) || host.starts_with('.') {
        return Err(AuthorityError::Host(authority.to_owned()));
    }
    match port {
        Some(port) if !port.parse::<u16>().is_ok_and(|n| n > 0) || port.starts_with('+') => {
            Err(AuthorityError::Port(port.to_owned()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_are_told_from_other_texts() {
        for good in ["localhost", "localhost:9090", "[::1]:9090", "[::1]", "10.0.0.1:80", "a-b.example.org"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["", "a b", "user@host", ".a", "[::1", "[x]:1", "[::1]9"] {
            assert_eq!(check(bad), Err(AuthorityError::Host(bad.to_owned())), "{bad}");
        }
        for (bad, port) in [("a:0", "0"), ("a:99999", "99999"), ("a:+1", "+1"), ("a:", "")] {
            assert_eq!(check(bad), Err(AuthorityError::Port(port.to_owned())), "{bad}");
        }
    }
}
