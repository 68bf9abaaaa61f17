//! What was pasted: addresses to scrape, metrics text, or something else.

/// More addresses at once are a mistake, or a list that somebody should see before it is scraped.
pub const MAX_ADDRESSES: usize = 50;

/// What a text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pasted {
    /// Nothing was typed.
    Empty,
    /// Addresses, without quotes and what else stood around them; each once.
    Addresses(Vec<String>),
    /// Text that a target could have answered with.
    Metrics,
    /// A `prometheus.yml`.
    Config,
    /// The address of one.
    ConfigUrl(String),
    /// A query: it belongs into an expression field.
    Query,
    /// A list of so many addresses, more than [`MAX_ADDRESSES`].
    TooMany(usize),
}

/// Recognises what was pasted. What could be an address is one: the worker says what is wrong with it.
#[must_use]
pub fn recognise(text: &str) -> Pasted {
    let text = text.trim();
    if text.is_empty() {
        return Pasted::Empty;
    }
    if is_config(text) {
        return Pasted::Config;
    }
    if text.lines().any(is_metrics_line) {
        return Pasted::Metrics;
    }
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c == ',' || c == ';').map(bare).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    // `$ curl -s http://host/metrics`: the address among other words.
    let is_command = words.iter().any(|word| ["curl", "wget", "http", "GET"].contains(word));
    let mut addresses: Vec<String> = Vec::new();
    for word in &words {
        if looks_like_address(word) && !addresses.iter().any(|known| known == word) {
            addresses.push((*word).to_owned());
        }
    }
    let n_others = words.iter().filter(|word| !looks_like_address(word)).count();
    match addresses.len() {
        n if n > MAX_ADDRESSES && n_others == 0 => Pasted::TooMany(n),
        1 if (n_others == 0 || is_command) && is_config_url(&addresses[0]) => Pasted::ConfigUrl(addresses.concat()),
        n if n > 0 && (n_others == 0 || is_command) => Pasted::Addresses(addresses),
        _ if looks_like_query(text) => Pasted::Query,
        // A host without port or dot.
        0 if words.len() == 1 => Pasted::Addresses(vec![words.concat()]),
        // It is neither; as metrics text it gets the line and column of what is wrong.
        _ => Pasted::Metrics,
    }
}

/// Whether a text is a `prometheus.yml`: one of its sections begins a line, with nothing but a mapping or list behind it.
#[must_use]
pub fn is_config(text: &str) -> bool {
    const SECTIONS: [&str; 7] =
        ["global", "scrape_configs", "scrape_config_files", "rule_files", "alerting", "remote_write", "remote_read"];
    text.lines().any(|line| {
        SECTIONS.iter().any(|section| {
            let rest = line.strip_prefix(section).and_then(|rest| rest.trim_start().strip_prefix(':'));
            rest.is_some_and(|rest| {
                let rest = rest.trim();
                rest.is_empty() || rest.starts_with(['#', '{', '['])
            })
        })
    })
}

/// Whether an address is that of a YAML file.
fn is_config_url(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let file = path.rsplit_once('/').map_or("", |(_, file)| file);
    file.ends_with(".yml") || file.ends_with(".yaml")
}

/// An address in the one form that all ways to write it share, as far as the page can tell: two with the same
/// form are one target.
#[must_use]
pub fn canonical(typed: &str) -> String {
    let typed = typed.trim();
    let (scheme, rest) = typed.split_once("://").unwrap_or(("http", typed));
    let scheme = scheme.to_ascii_lowercase();
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let authority = authority.to_ascii_lowercase();
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let authority = match authority.strip_suffix(default_port) {
        Some(host) if !host.is_empty() => host,
        _ => &authority,
    };
    let host = if authority.starts_with(':') { "localhost" } else { "" };
    let path = match path {
        "" | "/" => "/metrics".to_owned(),
        query if query.starts_with('?') => format!("/metrics{query}"),
        path => path.to_owned(),
    };
    format!("{scheme}://{host}{authority}{path}")
}

/// What stands around addresses in documents, chats and lists.
fn bare(word: &str) -> &str {
    let quotes = ['"', '\'', '`', '<', '>', '\u{201c}', '\u{201d}'];
    word.trim_end_matches(['.', ')']).trim_matches(quotes)
}

fn looks_like_address(word: &str) -> bool {
    let has_scheme = word.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    if has_scheme {
        return true;
    }
    let end = word.find(['/', '?']).unwrap_or(word.len());
    let authority = &word[..end];
    let is_host = |c: char| c.is_alphanumeric() || ".-_:[]@".contains(c);
    if !authority.chars().all(is_host) || word.starts_with('-') || word.starts_with("::") {
        return false;
    }
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.starts_with(|c: char| c.is_ascii_digit()));
    let has_dot = authority.trim_matches('.').contains('.') && !authority.ends_with(':');
    let has_path = end > 0 && word[end..].starts_with('/');
    has_port || has_dot || has_path || authority == "localhost"
}

/// Whether the first bytes of a file are of one that is imported rather than taken for what a target answers: it is
/// compressed, JSON, a bundle, or a text whose first sample has a time.
#[must_use]
pub fn is_stored_data(head: &[u8]) -> bool {
    if head.starts_with(b"\x1f\x8b") || head.starts_with(b"PROMENADE\n") {
        return true;
    }
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let is_json = text.starts_with('[')
        || text.strip_prefix('{').is_some_and(|inside| {
            let inside = inside.trim_start();
            inside
                .strip_prefix('"')
                .and_then(|key| key.split_once('"'))
                .is_some_and(|(_, rest)| rest.trim_start().starts_with(':'))
        });
    // The last line may be cut off.
    let lines = text.rsplit_once('\n').map_or(text, |(whole, _)| whole).lines();
    let first_sample = lines.map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    is_json || first_sample.is_some_and(|line| is_metrics_line(line) && has_time(line))
}

/// Whether something that may be a time stands behind the value of a sample.
fn has_time(line: &str) -> bool {
    let sample = line.split(" # ").next().unwrap_or(line);
    let rest =
        sample.rsplit_once('}').map_or_else(|| sample.split_once(' ').map_or("", |(_, rest)| rest), |(_, rest)| rest);
    let mut words = rest.split_whitespace();
    let is_number = |word: &str| word.parse::<f64>().is_ok();
    words.next().is_some_and(is_number) && words.next().is_some_and(is_number)
}

/// `# HELP …`, `# TYPE …`, `name{…} 1`, `name 1`, `name 1 1700000000`.
fn is_metrics_line(line: &str) -> bool {
    let line = line.trim();
    if let Some(comment) = line.strip_prefix('#') {
        let word = comment.split_whitespace().next().unwrap_or("");
        return ["HELP", "TYPE", "UNIT", "EOF"].contains(&word);
    }
    let name_end = line.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')).unwrap_or(line.len());
    let (name, rest) = line.split_at(name_end);
    let rest = match rest.strip_prefix('{') {
        // Braces may stand in the value of a label.
        Some(labels) => match labels.rfind('}') {
            Some(end) if !name.is_empty() || labels.starts_with('"') => &labels[end + 1..],
            _ => return false,
        },
        None if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit() || c == ':') => return false,
        None => rest,
    };
    let mut words = rest.split_whitespace();
    let is_value = words.next().is_some_and(|value| value.parse::<f64>().is_ok());
    is_value && words.next().is_none_or(|next| next == "#" || next.parse::<f64>().is_ok())
}

/// Brackets, or operators between words, as addresses do not have them.
fn looks_like_query(text: &str) -> bool {
    let is_one_line = text.lines().count() <= 3;
    let has_call = text.contains('(') && text.ends_with(')');
    let has_selector = text.contains("[") && text.contains(']') || text.contains('{') && text.ends_with('}');
    is_one_line && !text.starts_with(['{', '[', '<']) && (has_call || has_selector)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_store_are_imported_and_answers_of_a_target_are_not() {
        for (head, want) in [
            ("# TYPE a gauge\na{b=\"}\"} 1 1700000000.5\n", true),
            ("a 1 1700000000000\nb 2\n", true),
            ("{\"status\":\"success\"", true),
            ("[1]", true),
            ("PROMENADE\n", true),
            ("a 1\nb 2 1700000000000\n", false),
            ("a_total 1 # {id=\"1\"} 0.5 17\n", false),
            ("{\"a.b\"} 1\n", false),
            ("<html>", false),
            ("", false),
        ] {
            assert_eq!(is_stored_data(head.as_bytes()), want, "{head}");
        }
        assert!(is_stored_data(b"\x1f\x8b\x08"));
    }

    fn addresses(list: &[&str]) -> Pasted {
        Pasted::Addresses(list.iter().map(|address| (*address).to_owned()).collect())
    }

    #[test]
    fn addresses_are_recognised() {
        for (text, want) in [
            ("http://localhost:9100/metrics", &["http://localhost:9100/metrics"][..]),
            (" localhost:9100 \n", &["localhost:9100"]),
            (":9323", &[":9323"]),
            ("localhost", &["localhost"]),
            ("docker", &["docker"]),
            ("[::1]:9100", &["[::1]:9100"]),
            ("app/actuator/prometheus", &["app/actuator/prometheus"]),
            ("10.0.0.1", &["10.0.0.1"]),
            ("a:1, b:2;c:3\nd.example.org\na:1", &["a:1", "b:2", "c:3", "d.example.org"]),
            ("\"a:9100\",\n'b:9100',", &["a:9100", "b:9100"]),
            ("<https://a.example/metrics>.", &["https://a.example/metrics"]),
            ("$ curl -s http://localhost:9090/metrics", &["http://localhost:9090/metrics"]),
            ("http://h:1/federate?match[]=up{job=\"a\"}", &["http://h:1/federate?match[]=up{job=\"a\"}"]),
            ("ftp://x", &["ftp://x"]),
            ("user:1@host", &["user:1@host"]),
        ] {
            assert_eq!(recognise(text), addresses(want), "{text}");
        }
    }

    #[test]
    fn ways_to_write_one_address() {
        for (one, other, same) in [
            (":9323", "http://LOCALHOST:9323/metrics", true),
            ("a:9100", "http://a:9100/", true),
            ("a:80", "http://a/metrics#top", true),
            ("https://a:443", "https://a", true),
            ("a?x=1", "http://a/metrics?x=1", true),
            ("a", "https://a", false),
            ("a/Metrics", "a/metrics", false),
            ("a:9100", "a:9101", false),
            ("localhost:1", "127.0.0.1:1", false),
        ] {
            assert_eq!(canonical(one) == canonical(other), same, "{one} {other}");
        }
    }

    #[test]
    fn metrics_text_is_recognised() {
        for text in [
            "# HELP up Whether.",
            "# TYPE up gauge\nup 1",
            "up 1",
            "up{job=\"a:9100\"} 1",
            "x{a=\"}\"} NaN 1700000000",
            "x_bucket{le=\"1\"} 3 # {trace_id=\"a\"} 0.5",
            "{\"my.metric\", a=\"b\"} 1e3",
            "# EOF",
            "some words that mean nothing",
            "<html>\n<body>404 not found</body>",
            "{\"status\": \"ok\"}",
        ] {
            assert_eq!(recognise(text), Pasted::Metrics, "{text}");
        }
    }

    #[test]
    fn configurations_are_recognised() {
        for text in [
            "global:\n  scrape_interval: 10s\n",
            "# mine\nscrape_configs:\n  - job_name: a\n    static_configs:\n      - targets: [a:1]\n",
            "scrape_configs: [{job_name: a}]",
            "rule_files: # none\n",
        ] {
            assert_eq!(recognise(text), Pasted::Config, "{text}");
        }
        for text in ["global: 5\n", "up 1\nscrape_configs 2\n"] {
            assert_ne!(recognise(text), Pasted::Config, "{text}");
        }
        let url = "https://h/a/prometheus.yml?raw=1";
        assert_eq!(recognise(url), Pasted::ConfigUrl(url.to_owned()));
        assert_eq!(recognise(&format!("curl {url}")), Pasted::ConfigUrl(url.to_owned()));
        assert_eq!(recognise("h:9100/metrics"), addresses(&["h:9100/metrics"]));
    }

    #[test]
    fn the_rest_is_told_apart() {
        assert_eq!(recognise(" \n"), Pasted::Empty);
        for text in ["rate(http_requests_total[5m])", "up{job=\"a\"}", "sum by (a) (b)", "x[5m]"] {
            assert_eq!(recognise(text), Pasted::Query, "{text}");
        }
        let list: Vec<String> = (0..60).map(|n| format!("host{n}:9100")).collect();
        assert_eq!(recognise(&list.join(" ")), Pasted::TooMany(60));
    }
}
