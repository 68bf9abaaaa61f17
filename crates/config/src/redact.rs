//! Texts without their secrets: what may be shown, stored and exported.

use crate::yaml::{self, Node, Value};
use std::ops::Range;

/// What stands where a secret was, as in what Prometheus shows of its own configuration.
pub const SECRET: &str = "<secret>";

/// Settings whose values are secrets wherever they stand, but for labels.
const KEYS: [&str; 21] = [
    "access_token",
    "account_key",
    "api_key",
    "apikey",
    "application_credential_secret",
    "application_secret",
    "auth_token",
    "bearer_token",
    "client_secret",
    "consumer_key",
    "credentials",
    "passphrase",
    "password",
    "proxy_connect_header",
    "refresh_token",
    "secret",
    "secret_key",
    "secrets",
    "service_account_key",
    "service_key",
    "token",
];

/// Of parameters and certificates these, too.
const KEYS_OF_SOME: [&str; 3] = ["auth", "key", "sig"];

/// The same text with [`SECRET`] in place of every secret. The lines stay where they are.
#[must_use]
pub fn redact(text: &str) -> String {
    let Ok(root) = yaml::read(text) else { return redact_lines(text) };
    let mut found = Vec::new();
    look(&root, Within::Settings, text, &mut found);
    model::sort::by_key(&mut found, |range| range.start);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for range in found {
        // A block reaches to where the next line's text begins.
        let range = range.start..range.start + text[range.clone()].trim_end().len();
        // An alias stands for the same bytes twice.
        if range.start < done {
            continue;
        }
        out.push_str(&text[done..range.start]);
        out.push_str(SECRET);
        let lines = text[range.clone()].matches('\n').count();
        out.extend(std::iter::repeat_n('\n', lines));
        done = range.end;
    }
    out.push_str(&text[done..]);
    out
}

/// An address without the user and password before its host; whether there were some.
#[must_use]
pub fn redact_url(url: &str) -> (String, bool) {
    match password(url) {
        Some(range) => {
            let start = url[..range.start].rfind("//").map_or(range.start, |at| at + 2);
            (format!("{}{}", &url[..start], &url[range.end + 1..]), true)
        }
        None => (url.to_owned(), false),
    }
}

/// What a value stands in.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    Settings,
    /// Names are the user's own.
    Labels,
    /// Parameters of a URL, certificates.
    Secretive,
}

fn look(node: &Node, within: Within, text: &str, found: &mut Vec<Range<usize>>) {
    match &node.value {
        Value::Null => {}
        Value::Scalar { .. } => {
            if let Some(range) = password(&text[node.bytes.clone()]) {
                found.push(node.bytes.start + range.start..node.bytes.start + range.end);
            }
        }
        Value::List(items) => items.iter().for_each(|item| look(item, within, text, found)),
        Value::Map(pairs) => {
            for (key, value) in pairs {
                let name = key.text().unwrap_or_default();
                if within != Within::Labels && is_secret(name, within) {
                    value.walk(&mut |node| {
                        if let Value::Scalar { .. } = node.value {
                            found.push(node.bytes.clone());
                        }
                    });
                    continue;
                }
                let inner = match name {
                    _ if within == Within::Labels => Within::Labels,
                    "labels" | "external_labels" => Within::Labels,
                    "params" | "tls_config" => Within::Secretive,
                    _ => Within::Settings,
                };
                look(value, inner, text, found);
            }
        }
    }
}

fn is_secret(name: &str, within: Within) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    KEYS.contains(&name.as_str())
        || within == Within::Secretive && KEYS_OF_SOME.contains(&name.as_str())
        // A header such as `X-Api-Key`, given by `values`.
        || name.starts_with("x_") && ["key", "token", "secret", "password"].iter().any(|word| name.ends_with(word))
}

/// Where the user and password before the host of a URL are.
fn password(url: &str) -> Option<Range<usize>> {
    let start = url.find("://")? + 3;
    let authority = &url[start..start + url[start..].find(['/', '?', '#', ' ', '\n']).unwrap_or(url.len() - start)];
    let end = start + authority.rfind('@')?;
    // A name alone is none.
    let colon = start + url[start..end].find(':')?;
    Some(colon + 1..end)
}

/// The same for a text that is no YAML: by the settings' names, line by line.
fn redact_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Lines deeper than this belong to a secret.
    let mut depth = None;
    for line in text.split_inclusive('\n') {
        let rest = line.trim_start_matches([' ', '\t', '-']);
        let indent = line.len() - rest.len();
        let end = if line.ends_with('\n') { "\n" } else { "" };
        if depth.is_some_and(|depth| indent > depth || rest.trim().is_empty()) {
            out.push_str(end);
            continue;
        }
        depth = None;
        // `{password: x, …}` on one line, too.
        let lower = rest.to_ascii_lowercase();
        let secret = KEYS.iter().filter_map(|key| {
            let at = lower.find(key)?;
            let after = at + key.len();
            let colon = lower[after..].find(':')?;
            let is_key = lower[after..after + colon].trim_matches(['"', '\'', ' ']).is_empty()
                && !lower[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            is_key.then_some(after + colon + 1)
        });
        match secret.min() {
            Some(at) => {
                depth = Some(indent);
                out.push_str(&line[..indent + at]);
                out.push(' ');
                out.push_str(SECRET);
                out.push_str(end);
            }
            None => match password(line) {
                Some(range) => {
                    out.push_str(&line[..range.start]);
                    out.push_str(SECRET);
                    out.push_str(&line[range.end..]);
                }
                None => out.push_str(line),
            },
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    const TEXT: &str = "\
scrape_configs:
  - job_name: a # password: in a comment
    basic_auth: {username: me, password: 'hunter2'}
    params:
      token: [hunter2]
      key: [hunter2]
      module: [http]
    static_configs:
      - targets: ['a:1']
        labels: {token: shown, key: shown}
    http_sd_configs:
      - url: http://me:hunter2@host/x
    authorization:
      credentials: |
        hunter2
        hunter2
    http_headers:
      X-Api-Key: {values: [hunter2]}
      X-Scope-OrgID: {values: [tenant], secrets: [hunter2]}
remote_write:
  - url: http://h/
    oauth2:
      client_secret: \"hun\\u0074er2\"
";

    #[test]
    fn secrets_go_and_all_else_stays() {
        let redacted = redact(TEXT);
        assert_eq!(redacted.lines().count(), TEXT.lines().count());
        assert_eq!(redact(&redacted), redacted);
        expect![[r#"
            scrape_configs:
              - job_name: a # password: in a comment
                basic_auth: {username: me, password: <secret>}
                params:
                  token: [<secret>]
                  key: [<secret>]
                  module: [http]
                static_configs:
                  - targets: ['a:1']
                    labels: {token: shown, key: shown}
                http_sd_configs:
                  - url: http://me:<secret>@host/x
                authorization:
                  credentials: |
                    <secret>

                http_headers:
                  X-Api-Key: {values: [<secret>]}
                  X-Scope-OrgID: {values: [tenant], secrets: [<secret>]}
            remote_write:
              - url: http://h/
                oauth2:
                  client_secret: <secret>
        "#]]
        .assert_eq(&redacted);
    }

    #[test]
    fn a_text_that_is_no_yaml_loses_its_secrets_too() {
        let text = "x: [\n  password: hunter2\n  b: 1\n  'token' : >\n     hunter2\n\n  c: ftp://a:b@c/d\n";
        expect![[r#"
            x: [
              password: <secret>
              b: 1
              'token' : <secret>


              c: ftp://a:<secret>@c/d
        "#]]
        .assert_eq(&redact(text));
    }

    #[test]
    fn users_leave_addresses() {
        for (url, want) in
            [("http://a:b@h:1/x", "http://h:1/x"), ("http://h:1/x?a=b:c@d", "http://h:1/x?a=b:c@d"), ("h:1", "h:1")]
        {
            assert_eq!(redact_url(url).0, want);
        }
    }
}
