//! The settings of a source while they are being typed, and what is wrong with them.

use crate::state::settings::sources::StoredSource;
use crate::state::sources::{ALL, TAB};
use crate::texts::sources as texts;
use protocol::{Access, Auth, Secret, SourceSpec, SourceWay};

/// The header that names a tenant.
const TENANT_HEADER: &str = "X-Scope-OrgID";

/// A field that can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The address.
    Url,
    /// What it is called.
    Name,
    /// Who asks.
    User,
    /// The password.
    Password,
    /// A token.
    Token,
    /// The tenant.
    Tenant,
    /// More headers.
    Headers,
}

impl Field {
    /// A name for the elements of the field.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Field::Url => "url",
            Field::Name => "name",
            Field::User => "user",
            Field::Password => "password",
            Field::Token => "token",
            Field::Tenant => "tenant",
            Field::Headers => "headers",
        }
    }

    /// Whether what is typed is not to be seen.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(self, Field::Password | Field::Token)
    }
}

/// Who asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthKind {
    /// Nobody in particular.
    #[default]
    None,
    /// User and password.
    Basic,
    /// A token.
    Token,
}

impl AuthKind {
    /// In the order of the menu.
    pub const ALL: [AuthKind; 3] = [AuthKind::None, AuthKind::Basic, AuthKind::Token];

    /// Its value in the menu.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            AuthKind::None => "none",
            AuthKind::Basic => "basic",
            AuthKind::Token => "token",
        }
    }
}

/// The value of a way in its menu.
#[must_use]
pub fn way_word(way: SourceWay) -> &'static str {
    match way {
        SourceWay::Auto => "auto",
        SourceWay::Direct => "direct",
        SourceWay::Relay => "relay",
    }
}

/// What stands in the form. It holds secrets and is never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Draft {
    url: String,
    name: String,
    user: String,
    password: String,
    token: String,
    /// `Bearer`, unless the source has another kind.
    token_kind: String,
    tenant: String,
    headers: String,
    /// How it is reached.
    pub way: SourceWay,
    /// Who asks.
    pub auth: AuthKind,
    /// Secrets stay on this device.
    pub keeps_secrets: bool,
}

impl Draft {
    /// Of a source that is there.
    #[must_use]
    pub fn of(source: &StoredSource) -> Self {
        let SourceSpec { name, url, access, way } = source.spec.clone();
        let mut draft = Draft { url, name, way, keeps_secrets: source.keeps_secrets, ..Draft::default() };
        match access.auth {
            Auth::None => {}
            Auth::Basic { username, password } => {
                (draft.auth, draft.user, draft.password) = (AuthKind::Basic, username, password.0);
            }
            Auth::Token { kind, credentials } => {
                (draft.auth, draft.token_kind, draft.token) = (AuthKind::Token, kind, credentials.0);
            }
        }
        for (name, value) in access.headers {
            if name.eq_ignore_ascii_case(TENANT_HEADER) && draft.tenant.is_empty() {
                draft.tenant = value.0;
            } else {
                draft.headers.push_str(&format!("{name}: {}\n", value.0));
            }
        }
        draft
    }

    /// What stands in a field.
    #[must_use]
    pub fn text(&self, field: Field) -> &str {
        match field {
            Field::Url => &self.url,
            Field::Name => &self.name,
            Field::User => &self.user,
            Field::Password => &self.password,
            Field::Token => &self.token,
            Field::Tenant => &self.tenant,
            Field::Headers => &self.headers,
        }
    }

    /// The same, to be changed.
    pub fn text_mut(&mut self, field: Field) -> &mut String {
        match field {
            Field::Url => &mut self.url,
            Field::Name => &mut self.name,
            Field::User => &mut self.user,
            Field::Password => &mut self.password,
            Field::Token => &mut self.token,
            Field::Tenant => &mut self.tenant,
            Field::Headers => &mut self.headers,
        }
    }

    /// The source, and whether its secrets stay on this device.
    ///
    /// # Errors
    /// What is wrong, by field. `others` are the names that are taken.
    pub fn check(&self, others: &[String]) -> Result<(SourceSpec, bool), Vec<(Field, String)>> {
        let mut problems = Vec::new();
        let mut wrong = |field, text: &str| problems.push((field, text.to_owned()));
        let (url, name) = (self.url.trim(), self.name.trim());
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let has_scheme = url
            .split_once("://")
            .is_none_or(|(scheme, _)| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"));
        if authority.contains('@') {
            wrong(Field::Url, texts::CREDENTIALS_IN_URL);
        } else if authority.is_empty() || !has_scheme || url.contains(char::is_whitespace) {
            wrong(Field::Url, texts::BAD_URL);
        }
        if name == TAB || name == ALL {
            wrong(Field::Name, texts::NAME_RESERVED);
        } else if others.iter().any(|other| other == name) {
            wrong(Field::Name, texts::NAME_TAKEN);
        }
        match self.auth {
            AuthKind::Basic if self.user.is_empty() => wrong(Field::User, texts::NO_USER),
            AuthKind::Basic if self.user.contains(':') => wrong(Field::User, texts::BAD_USER),
            AuthKind::Token if self.token.trim().is_empty() => wrong(Field::Token, texts::NO_TOKEN),
            AuthKind::Token if self.token.trim().contains(|c: char| !c.is_ascii_graphic() && c != ' ') => {
                wrong(Field::Token, texts::BAD_TOKEN);
            }
            _ => {}
        }
        let mut headers = Vec::new();
        if !self.tenant.trim().is_empty() {
            headers.push((TENANT_HEADER.to_owned(), Secret(self.tenant.trim().to_owned())));
        }
        for line in self.headers.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match header(line) {
                Some(header) => headers.push(header),
                None => wrong(Field::Headers, &texts::bad_header(line)),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let auth = match self.auth {
            AuthKind::None => Auth::None,
            AuthKind::Basic => Auth::Basic { username: self.user.clone(), password: Secret(self.password.clone()) },
            AuthKind::Token => Auth::Token {
                kind: if self.token_kind.is_empty() { "Bearer".to_owned() } else { self.token_kind.clone() },
                credentials: Secret(self.token.trim().to_owned()),
            },
        };
        let access = Access { auth, headers };
        let spec = SourceSpec { name: name.to_owned(), url: url.to_owned(), access, way: self.way };
        Ok((spec, self.keeps_secrets))
    }
}

/// A line of the field for headers.
fn header(line: &str) -> Option<(String, Secret)> {
    let (name, value) = line.split_once(':')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.!#$%&'*+^`|~".contains(c));
    let value = value.trim();
    let is_value = !value.contains(|c: char| c.is_control()) && value.is_ascii();
    (is_name && is_value).then(|| (name.to_owned(), Secret(value.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::SourceId;

    fn draft(url: &str, name: &str) -> Draft {
        Draft { url: url.to_owned(), name: name.to_owned(), ..Draft::default() }
    }

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        let others = ["a".to_owned()];
        let fields = |draft: &Draft| -> Vec<&'static str> {
            draft.check(&others).err().unwrap_or_default().into_iter().map(|(field, _)| field.name()).collect()
        };
        assert_eq!(fields(&draft("http://h:1/p", "b")), [""; 0]);
        assert_eq!(fields(&draft(" ", "a")), ["url", "name"]);
        assert_eq!(fields(&draft("ftp://h", "*")), ["url", "name"]);
        assert_eq!(fields(&draft("http://u:p@h", "tab")), ["url", "name"]);
        let basic = Draft { auth: AuthKind::Basic, user: "a:b".to_owned(), ..draft("h:1", "") };
        assert_eq!(fields(&basic), ["user"]);
        let odd = Draft { auth: AuthKind::Token, headers: "X y: 1\nOk: 1\nno".to_owned(), ..draft("h:1", "") };
        assert_eq!(fields(&odd), ["token", "headers", "headers"]);
    }

    #[test]
    fn a_source_comes_through_the_form_unchanged() {
        let access = Access {
            auth: Auth::Token { kind: "Bearer".to_owned(), credentials: Secret("t".to_owned()) },
            headers: vec![
                ("X-Scope-OrgID".to_owned(), Secret("team".to_owned())),
                ("X-Other".to_owned(), Secret("a: b".to_owned())),
            ],
        };
        let spec = SourceSpec { name: "n".to_owned(), url: "http://h".to_owned(), access, way: SourceWay::Relay };
        let source = StoredSource { id: SourceId(1), spec: spec.clone(), keeps_secrets: true, lacks_secrets: false };
        assert_eq!(Draft::of(&source).check(&[]).ok(), Some((spec, true)));
    }
}
