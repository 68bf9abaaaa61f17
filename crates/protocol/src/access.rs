//! How a server wants to be asked: credentials and headers.
//!
//! They cross the thread and go out with requests, and nowhere else: no address, export or log has them. What is printed for
//! debugging hides them; what is stored or shared goes through [`Access::without_secrets`] first.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What goes with each request to one server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Who asks.
    #[serde(default)]
    pub auth: Auth,
    /// More headers, such as the tenant (`X-Scope-OrgID`), in the order in which they are sent.
    #[serde(default)]
    pub headers: Vec<(String, Secret)>,
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Auth {
    /// Nobody in particular.
    #[default]
    None,
    /// Basic authentication, RFC 7617.
    Basic {
        /// Without a colon.
        username: String,
        /// May be empty.
        password: Secret,
    },
    /// `Authorization: KIND CREDENTIALS`, mostly a bearer token (RFC 6750).
    Token {
        /// `Bearer`, where nothing else is asked for.
        kind: String,
        /// The token.
        credentials: Secret,
    },
}

/// A text that is not shown.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

impl Access {
    /// The headers that go with each request, by their names and values. They are secrets: they go into a request and
    /// nowhere else.
    #[must_use]
    pub fn request_headers(&self) -> Vec<(String, String)> {
        let authorization = match &self.auth {
            Auth::None => None,
            Auth::Basic { username, password } => {
                Some(format!("Basic {}", base64(format!("{username}:{}", password.0).as_bytes())))
            }
            Auth::Token { kind, credentials } => Some(format!("{kind} {}", credentials.0)),
        };
        let authorization = authorization.map(|value| ("Authorization".to_owned(), value));
        authorization
            .into_iter()
            .chain(self.headers.iter().map(|(name, value)| (name.clone(), value.0.clone())))
            .collect()
    }

    /// Whether nothing goes with a request.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.auth == Auth::None && self.headers.is_empty()
    }

    /// The same with every secret empty; whether there was one.
    #[must_use]
    pub fn without_secrets(&self) -> (Access, bool) {
        let hidden = |_: &Secret| Secret::default();
        let auth = match &self.auth {
            Auth::None => Auth::None,
            Auth::Basic { username, password } => {
                Auth::Basic { username: username.clone(), password: hidden(password) }
            }
            Auth::Token { kind, credentials } => Auth::Token { kind: kind.clone(), credentials: hidden(credentials) },
        };
        let headers = self.headers.iter().map(|(name, value)| (name.clone(), hidden(value))).collect();
        let bare = Access { auth, headers };
        let had_one = bare != *self;
        (bare, had_one)
    }
}

/// RFC 4648 with padding: what Basic authentication is written in.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for digit in 0..4 {
            let value = bits >> (18 - 6 * digit) & 63;
            out.push(if digit <= group.len() { char::from(ALPHABET[value as usize]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_become_headers() {
        let secret = |text: &str| Secret(text.to_owned());
        let basic = |username: &str, password: &str| {
            let auth = Auth::Basic { username: username.to_owned(), password: secret(password) };
            Access { auth, headers: Vec::new() }.request_headers()
        };
        // The first is the example of RFC 7617; the others end with each length of group.
        for (username, password, want) in [
            ("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            ("test", "123£", "Basic dGVzdDoxMjPCow=="),
            ("a", "", "Basic YTo="),
            ("a", "b", "Basic YTpi"),
            ("", "", "Basic Og=="),
        ] {
            assert_eq!(basic(username, password), [("Authorization".to_owned(), want.to_owned())]);
        }
        let auth = Auth::Token { kind: "Bearer".to_owned(), credentials: secret("t0k") };
        let access = Access { auth, headers: vec![("X-Scope-OrgID".to_owned(), secret("7"))] };
        let want = [("Authorization", "Bearer t0k"), ("X-Scope-OrgID", "7")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(access.request_headers(), want);
        assert_eq!(Access::default().request_headers(), []);
    }

    #[test]
    fn a_secret_is_neither_printed_nor_left_in_what_is_shared() {
        let access = Access {
            auth: Auth::Basic { username: "prom".to_owned(), password: Secret("hunter2".to_owned()) },
            headers: vec![("X-Scope-OrgID".to_owned(), Secret("tenant-7".to_owned()))],
        };
        assert!(!format!("{access:?}").contains("hunter2") && !format!("{access:?}").contains("tenant-7"));
        let (bare, had_one) = access.without_secrets();
        let json = serde_json::to_string(&bare).unwrap();
        assert!(had_one && json.contains("prom") && json.contains("X-Scope-OrgID"), "{json}");
        assert!(!json.contains("hunter2") && !json.contains("tenant-7"), "{json}");
        assert_eq!(bare.without_secrets(), (bare.clone(), false));
    }
}
