//! Texts to copy: settings, commands and a few lines of code, with the addresses at hand filled in.
//!
//! What comes from an address is put into them only where it cannot end a word or begin a command: hosts have no
//! such characters (`Place`), paths are quoted, or left out where they are odd.

/// Ports and services in a Compose file.
pub(crate) mod container;
/// The header that lets a page read.
pub(crate) mod cors;
/// Making programs expose metrics.
pub(crate) mod expose;
/// The relay's own.
pub(crate) mod relay;
/// Flags of servers.
pub(crate) mod server;
/// Certificates.
pub(crate) mod tls;

use crate::report::Snippet;

const TERMINAL: &str = "Terminal";

fn snippet(place: &str, language: &'static str, text: impl Into<String>) -> Snippet {
    let mut text = text.into();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Snippet { place: place.to_owned(), language, text }
}

fn sh(text: impl Into<String>) -> Snippet {
    snippet(TERMINAL, "sh", text)
}

/// A word for a shell, whatever is in it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,=".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A path without its query, if nothing in it needs quotes anywhere; else the usual one.
fn plain_path(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./~".contains(c);
    if path.starts_with('/') && path.chars().all(is_plain) { path } else { "/metrics" }
}

pub(crate) fn curl(url: &str) -> Snippet {
    sh(format!("curl -i --max-time 10 {}", quoted(url)))
}

pub(crate) fn lookup(host: &str) -> Snippet {
    sh(format!("nslookup {}", quoted(host)))
}

pub(crate) fn listening(port: u16) -> Snippet {
    sh(format!(
        "ss -ltn 'sport = :{port}'     # Linux\nlsof -nP -iTCP:{port} -sTCP:LISTEN   # macOS\ndocker ps --filter publish={port}"
    ))
}

pub(crate) fn clock() -> Snippet {
    sh(
        "timedatectl set-ntp true      # Linux with systemd\nsudo sntp -sS time.apple.com  # macOS\nw32tm /resync                 # Windows",
    )
}

pub(crate) fn kubectl_proxy(is_kubelet: bool) -> Snippet {
    let names =
        if is_kubelet { "kubectl get nodes -o name        # NODE is one of these, without node/\n" } else { "" };
    sh(format!("{names}kubectl proxy --port=8001"))
}

pub(crate) fn scrape_with_credentials(authority: &str, is_https: bool, path: &str) -> Snippet {
    let scheme = if is_https { "\n    scheme: https" } else { "" };
    let path = plain_path(path);
    snippet(
        "prometheus.yml",
        "yaml",
        format!(
            "scrape_configs:\n  - job_name: mine{scheme}\n    metrics_path: {path}\n    basic_auth:\n      username: USER\n      password: PASSWORD\n\
             \u{20}   # or, in place of basic_auth:\n    # authorization:\n    #   credentials: TOKEN\n    static_configs:\n      - targets: [\"{authority}\"]"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_odd_is_quoted_or_left_out() {
        assert_eq!(curl("http://a:1/x").text, "curl -i --max-time 10 http://a:1/x\n");
        assert_eq!(curl("http://a/?q=a&b;'c").text, "curl -i --max-time 10 'http://a/?q=a&b;'\\''c'\n");
        assert_eq!(plain_path("/a/b?c=d"), "/a/b");
        assert_eq!(plain_path("/a\"; DROP"), "/metrics");
    }

    proptest! {
        #[test]
        fn a_quoted_word_is_one_word_that_is_read_back(word in "\\PC{0,20}") {
            let quoted = quoted(&word);
            // What a shell makes of it: outside of quotes nothing but plain characters and `\'` stands.
            let mut read = String::new();
            let mut is_in = false;
            let mut chars = quoted.chars();
            while let Some(c) = chars.next() {
                match c {
                    '\'' => is_in = !is_in,
                    '\\' if !is_in => read.extend(chars.next()),
                    c => {
                        prop_assert!(is_in || c.is_ascii_alphanumeric() || "-_./:@%+,=".contains(c));
                        read.push(c);
                    }
                }
            }
            prop_assert!(!is_in);
            prop_assert_eq!(read, word);
        }
    }
}
