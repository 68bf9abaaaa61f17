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

#[cfg(test)]
mod tests {
    use super::*;

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
