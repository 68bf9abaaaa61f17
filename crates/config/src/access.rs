//! Credentials and headers of a scrape configuration.

use crate::diagnostic::{Diagnostics, Severity};
use crate::read::{self, Section};
use crate::redact::SECRET;
use crate::yaml::Node;
use std::fmt;

/// A text that is not shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Secret {
    /// There is none.
    #[default]
    None,
    /// This.
    Text(String),
    /// The contents of a file of this name, without the blanks around them.
    File(String),
    /// `<secret>` stands there: it has to be entered.
    Missing,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Secret::None => f.write_str("None"),
            Secret::Text(_) => f.write_str("<secret>"),
            Secret::File(file) => write!(f, "File({file:?})"),
            Secret::Missing => f.write_str("Missing"),
        }
    }
}

impl Secret {
    /// The text, if it is known.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Secret::Text(text) => Some(text),
            _ => None,
        }
    }

    fn of(text: String) -> Self {
        if text.trim() == SECRET { Secret::Missing } else { Secret::Text(text) }
    }

    /// Where it is missing, the other one, if that is known.
    fn fill(&mut self, other: &Secret) {
        if *self == Secret::Missing && matches!(other, Secret::Text(_)) {
            self.clone_from(other);
        }
    }
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// Nobody in particular.
    #[default]
    None,
    /// `basic_auth`.
    Basic {
        /// The name, or the file that holds it.
        username: Secret,
        /// The password.
        password: Secret,
    },
    /// `authorization` or `bearer_token`.
    Token {
        /// `Bearer`, unless another one is given.
        kind: String,
        /// The token.
        credentials: Secret,
    },
}

/// What goes with each request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Who asks.
    pub auth: Auth,
    /// `http_headers`: each value of each.
    pub headers: Vec<(String, Secret)>,
}

impl Access {
    /// Whether nothing goes with a request.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Access::default()
    }

    /// Whether something of it has to be entered, or stands in a file.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        let lacks = |secret: &Secret| matches!(secret, Secret::Missing | Secret::File(_));
        let auth = match &self.auth {
            Auth::None => false,
            Auth::Basic { username, password } => lacks(username) || lacks(password),
            Auth::Token { credentials, .. } => lacks(credentials),
        };
        auth || self.headers.iter().any(|(_, secret)| lacks(secret))
    }

    /// Takes secrets that have to be entered from settings in which they were.
    pub fn fill(&mut self, other: &Access) {
        match (&mut self.auth, &other.auth) {
            (Auth::Basic { username, password }, Auth::Basic { username: user, password: known })
                if username == user || *username == Secret::Missing =>
            {
                username.fill(user);
                password.fill(known);
            }
            (Auth::Token { kind, credentials }, Auth::Token { kind: other, credentials: known }) if kind == other => {
                credentials.fill(known);
            }
            _ => {}
        }
        for (name, secret) in &mut self.headers {
            if let Some((_, known)) = other.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
                secret.fill(known);
            }
        }
    }
}

/// The settings of clients, in scrape configurations and some discoveries.
pub(crate) const KEYS: [&str; 14] = [
    "basic_auth",
    "authorization",
    "bearer_token",
    "bearer_token_file",
    "oauth2",
    "tls_config",
    "proxy_url",
    "no_proxy",
    "proxy_from_environment",
    "proxy_connect_header",
    "follow_redirects",
    "enable_http2",
    "http_headers",
    "http_config",
];

/// What was read of a client's settings so far.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    basic: Option<Auth>,
    token: Option<(Auth, &'static str)>,
    has_oauth2: bool,
    bearer: Option<Secret>,
    headers: Vec<(String, Secret)>,
}

impl Reading {
    /// Takes a setting if it is one of a client; the answer is whether it is.
    pub(crate) fn take(
        &mut self,
        name: &str,
        path: &str,
        key: &Node,
        value: &Node,
        has_files: bool,
        out: &mut Diagnostics,
    ) -> bool {
        let no = |why: &str, out: &mut Diagnostics| read::unsupported(name, path, key, value, why, out);
        match name {
            "basic_auth" if value.is_null() => {}
            "basic_auth" => self.basic = Some(basic(value, path, has_files, out)),
            "authorization" if value.is_null() => {}
            "authorization" => {
                if let Some(auth) = token(value, path, has_files, out) {
                    self.set_token(auth, "authorization", path, key, out);
                }
            }
            "bearer_token" | "bearer_token_file" if value.is_null() => {}
            "bearer_token" | "bearer_token_file" => {
                let is_file = name == "bearer_token_file";
                let Some(secret) = secret(value, path, is_file, has_files, out) else { return true };
                if self.bearer.is_some() {
                    let message = "There are both `bearer_token` and `bearer_token_file`.";
                    out.error(path, key.at, message, "Remove one of them.");
                }
                self.bearer = Some(secret.clone());
                let auth = Auth::Token { kind: "Bearer".to_owned(), credentials: secret };
                self.set_token(auth, "bearer_token", path, key, out);
            }
            "oauth2" => {
                self.has_oauth2 |= !value.is_null();
                no("Promenade fetches no tokens", out);
            }
            "tls_config" => tls(value, path, out),
            "proxy_url" | "no_proxy" | "proxy_from_environment" | "proxy_connect_header" => {
                no("the browser and the relay choose their proxies themselves", out);
            }
            "follow_redirects" => {
                if read::boolean(value, path, out) == Some(false) {
                    no("redirects are followed", out);
                }
            }
            "enable_http2" => {
                read::boolean(value, path, out);
            }
            "http_headers" => self.headers(value, path, has_files, out),
            _ => return false,
        }
        true
    }

    /// The settings, once all were taken.
    pub(crate) fn finish(self, path: &str, at: &Node, out: &mut Diagnostics) -> Access {
        let n = usize::from(self.basic.is_some()) + usize::from(self.token.is_some()) + usize::from(self.has_oauth2);
        if n > 1 {
            let message = "More than one of `basic_auth`, `authorization`, `bearer_token` and `oauth2` is set.";
            out.error(path, at.at, message, "Keep one of them.");
        }
        let auth = self.basic.or(self.token.map(|(auth, _)| auth)).unwrap_or_default();
        Access { auth, headers: self.headers }
    }

    fn set_token(&mut self, auth: Auth, from: &'static str, path: &str, key: &Node, out: &mut Diagnostics) {
        if self.token.as_ref().is_some_and(|(_, other)| *other != from) {
            let message = "There are both `authorization` and a `bearer_token`.";
            out.error(path, key.at, message, "Remove the `bearer_token`.");
        }
        self.token = Some((auth, from));
    }

    fn headers(&mut self, node: &Node, path: &str, has_files: bool, out: &mut Diagnostics) {
        let Some(all) = read::section(node, path, out) else { return };
        for (header, path, key, value) in all.entries() {
            let is_name = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
            if header.is_empty() || !header.bytes().all(is_name) {
                out.error(&path, key.at, format!("`{header}` is no name for a header."), "");
                continue;
            }
            const RESERVED: [&str; 9] = [
                "authorization",
                "host",
                "content-encoding",
                "content-length",
                "content-type",
                "user-agent",
                "connection",
                "keep-alive",
                "transfer-encoding",
            ];
            if RESERVED.contains(&header.to_ascii_lowercase().as_str()) {
                let hint = if header.eq_ignore_ascii_case("authorization") { "Use `authorization`." } else { "" };
                out.error(&path, key.at, format!("The header `{header}` cannot be set here."), hint);
                continue;
            }
            let Some(one) = read::section(value, &path, out) else { continue };
            for (name, path, key, value) in one.entries() {
                match name {
                    "values" | "secrets" | "files" => {
                        for (path, item) in read::list(value, &path, out) {
                            if let Some(secret) = secret(item, &path, name == "files", has_files, out) {
                                self.headers.push((header.to_owned(), secret));
                            }
                        }
                    }
                    _ => read::unknown(name, &path, key, &["values", "secrets", "files"], out),
                }
            }
        }
    }
}

/// A secret, or the name of the file that holds it.
fn secret(node: &Node, path: &str, is_file: bool, has_files: bool, out: &mut Diagnostics) -> Option<Secret> {
    let text = read::text(node, path, out)?;
    if is_file {
        if !has_files {
            let name = path.rsplit('.').next().unwrap_or(path);
            let message = format!("`{name}` is not supported here: a browser cannot read the file.");
            let hint = "Write its contents in place of it, or start the relay with this configuration (`--config`).";
            out.say(Severity::Unsupported, path, node.at, message, hint);
        }
        return Some(Secret::File(text));
    }
    let secret = Secret::of(text);
    if secret == Secret::Missing {
        let name = path.rsplit('.').next().unwrap_or(path);
        out.say(
            Severity::MissingSecret,
            path,
            node.at,
            format!("`{name}` is missing: `{SECRET}` stands in its place."),
            "Enter it again; secrets are not stored.",
        );
    }
    Some(secret)
}

fn basic(node: &Node, path: &str, has_files: bool, out: &mut Diagnostics) -> Auth {
    const KNOWN: [&str; 6] = ["username", "username_file", "username_ref", "password", "password_file", "password_ref"];
    let (mut username, mut password) = (Secret::None, Secret::None);
    let section = read::section(node, path, out).unwrap_or(Section { path, pairs: &[] });
    for (name, path, key, value) in section.entries() {
        let (place, is_file) = match name {
            "username" => (&mut username, false),
            "username_file" => (&mut username, true),
            "password" => (&mut password, false),
            "password_file" => (&mut password, true),
            "username_ref" | "password_ref" => {
                read::unsupported(name, &path, key, value, "there is no secret manager here", out);
                continue;
            }
            _ => {
                read::unknown(name, &path, key, &KNOWN, out);
                continue;
            }
        };
        let found = if name == "username" {
            // A name is shown.
            read::text(value, &path, out).map(Secret::Text)
        } else {
            secret(value, &path, is_file, has_files, out)
        };
        if *place != Secret::None && found.is_some() {
            let what = name.trim_end_matches("_file");
            out.error(&path, key.at, format!("There are both `{what}` and `{what}_file`."), "Remove one of them.");
        }
        if let Some(found) = found {
            *place = found;
        }
    }
    if let Secret::Text(name) = &username
        && name.contains(':')
    {
        let hint = "The server takes what stands before it for the name.";
        out.say(Severity::Notice, path, node.at, "The `username` has a colon in it.", hint);
    }
    Auth::Basic { username, password }
}

fn token(node: &Node, path: &str, has_files: bool, out: &mut Diagnostics) -> Option<Auth> {
    const KNOWN: [&str; 4] = ["type", "credentials", "credentials_file", "credentials_ref"];
    let section = read::section(node, path, out)?;
    let (mut kind, mut credentials) = ("Bearer".to_owned(), Secret::None);
    for (name, path, key, value) in section.entries() {
        match name {
            "type" => {
                let found = read::text(value, &path, out).unwrap_or_default();
                if found.trim().eq_ignore_ascii_case("basic") {
                    let message = "The type of `authorization` cannot be `basic`.";
                    out.error(&path, value.at, message, "Use `basic_auth`.");
                } else if !found.trim().is_empty() {
                    found.trim().clone_into(&mut kind);
                }
            }
            "credentials" | "credentials_file" => {
                if credentials != Secret::None {
                    let message = "There are both `credentials` and `credentials_file`.";
                    out.error(&path, key.at, message, "Remove one of them.");
                }
                credentials = secret(value, &path, name == "credentials_file", has_files, out).unwrap_or_default();
            }
            "credentials_ref" => read::unsupported(name, &path, key, value, "there is no secret manager here", out),
            _ => read::unknown(name, &path, key, &KNOWN, out),
        }
    }
    Some(Auth::Token { kind, credentials })
}

/// Certificates are checked by the browser, or by the relay against what its machine trusts.
fn tls(node: &Node, path: &str, out: &mut Diagnostics) {
    const KNOWN: [&str; 10] = [
        "ca",
        "ca_file",
        "cert",
        "cert_file",
        "key",
        "key_file",
        "server_name",
        "insecure_skip_verify",
        "min_version",
        "max_version",
    ];
    let Some(section) = read::section(node, path, out) else { return };
    for (name, path, key, value) in section.entries() {
        match name {
            "insecure_skip_verify" => {
                if read::boolean(value, &path, out) == Some(true) {
                    let why = "certificates are always checked; add the authority to those that this machine trusts";
                    read::unsupported(name, &path, key, value, why, out);
                }
            }
            "ca" | "ca_file" => {
                let why = "add the authority to those that this machine trusts";
                read::unsupported(name, &path, key, value, why, out);
            }
            "cert" | "cert_file" | "key" | "key_file" | "ca_ref" | "cert_ref" | "key_ref" => {
                read::unsupported(name, &path, key, value, "the browser chooses its certificates itself", out);
            }
            "server_name" | "min_version" | "max_version" => {
                read::unsupported(name, &path, key, value, "the browser chooses it", out);
            }
            _ => read::unknown(name, &path, key, &KNOWN, out),
        }
    }
}
