//! Where the targets of a scrape configuration come from.

use crate::access::{self, Access};
use crate::diagnostic::{Diagnostics, Severity};
use crate::read;
use crate::yaml::Node;
use model::Millis;

/// A place where targets come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discovery {
    /// They stand in the text: one group an item of `static_configs`.
    Static(TargetGroup),
    /// Names that are resolved.
    Dns(DnsConfig),
    /// A list that is fetched.
    Http(HttpConfig),
    /// Lists in files.
    File(FileConfig),
}

/// Targets that share labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetGroup {
    /// The labels of each target, `__address__` among them.
    pub targets: Vec<Vec<(String, String)>>,
    /// Labels of all of them; one of the target goes before.
    pub labels: Vec<(String, String)>,
}

impl TargetGroup {
    /// Targets that have nothing but an address.
    pub fn of_addresses(addresses: impl IntoIterator<Item = String>, labels: Vec<(String, String)>) -> Self {
        let target = |address| vec![(crate::target::ADDRESS.to_owned(), address)];
        TargetGroup { targets: addresses.into_iter().map(target).collect(), labels }
    }
}

/// What a name is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are what the standards call them")]
pub enum RecordType {
    #[default]
    Srv,
    A,
    Aaaa,
    Mx,
    Ns,
}

impl RecordType {
    const ALL: [(&'static str, RecordType); 5] = [
        ("SRV", RecordType::Srv),
        ("A", RecordType::A),
        ("AAAA", RecordType::Aaaa),
        ("MX", RecordType::Mx),
        ("NS", RecordType::Ns),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("SRV", |(name, _)| name)
    }
}

/// An item of `dns_sd_configs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsConfig {
    /// What is resolved, each by itself.
    pub names: Vec<String>,
    /// What is asked for.
    pub record_type: RecordType,
    /// The port of targets whose records give none.
    pub port: u16,
    /// How often.
    pub refresh_interval: Millis,
}

impl DnsConfig {
    /// The targets that the records of a name are: hosts or addresses, with the ports that SRV records give.
    #[must_use]
    pub fn group(&self, name: &str, records: &[(String, Option<u16>)]) -> TargetGroup {
        let target = |(host, port): &(String, Option<u16>)| {
            // Names end with a dot; addresses of six colons stand in brackets.
            let bare = host.trim_end_matches('.');
            let is_ip6 = bare.contains(':') && !bare.starts_with('[');
            let port = port.unwrap_or(self.port);
            let address = if is_ip6 { format!("[{bare}]:{port}") } else { format!("{bare}:{port}") };
            let mut labels =
                vec![(crate::target::ADDRESS.to_owned(), address), ("__meta_dns_name".to_owned(), name.to_owned())];
            let kind = match self.record_type {
                RecordType::Srv => "srv",
                RecordType::Mx => "mx",
                RecordType::Ns => "ns",
                RecordType::A | RecordType::Aaaa => return labels,
            };
            // With the dot, as the record has it.
            labels.push((format!("__meta_dns_{kind}_record_target"), format!("{bare}.")));
            if self.record_type == RecordType::Srv {
                labels.push(("__meta_dns_srv_record_port".to_owned(), port.to_string()));
            }
            labels
        };
        TargetGroup { targets: records.iter().map(target).collect(), labels: Vec::new() }
    }
}

/// An item of `http_sd_configs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpConfig {
    /// Where the list is.
    pub url: String,
    /// How often it is fetched.
    pub refresh_interval: Millis,
    /// Credentials and headers.
    pub access: Access,
}

/// An item of `file_sd_configs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileConfig {
    /// Names of files; the last part may have a `*`.
    pub files: Vec<String>,
    /// How often they are read.
    pub refresh_interval: Millis,
}

impl FileConfig {
    /// Whether a file of this name, without folders, is one of its files.
    #[must_use]
    pub fn names(&self, file: &str) -> bool {
        self.files.iter().any(|pattern| {
            let pattern = pattern.rsplit(['/', '\\']).next().unwrap_or(pattern);
            match pattern.split_once('*') {
                Some((start, end)) => {
                    file.len() >= start.len() + end.len() && file.starts_with(start) && file.ends_with(end)
                }
                None => file == pattern,
            }
        })
    }
}

/// `static_configs`
pub(crate) fn statics(node: &Node, path: &str, out: &mut Diagnostics) -> Vec<Discovery> {
    let items = read::list(node, path, out);
    items.into_iter().filter_map(|(path, item)| group(item, &path, out).map(Discovery::Static)).collect()
}

/// Targets and labels, as they stand in `static_configs` and in files.
pub(crate) fn group(node: &Node, path: &str, out: &mut Diagnostics) -> Option<TargetGroup> {
    if node.is_null() {
        out.error(path, node.at, "Expected `targets`, found nothing.", "");
        return None;
    }
    let section = read::section(node, path, out)?;
    let (mut addresses, mut labels) = (Vec::new(), Vec::new());
    for (name, path, key, value) in section.entries() {
        match name {
            "targets" => addresses = read::texts(value, &path, out),
            "labels" => labels = read::labels(value, &path, out),
            // In files of some tools.
            "source" => {}
            _ => read::unknown(name, &path, key, &["targets", "labels"], out),
        }
    }
    Some(TargetGroup::of_addresses(addresses, labels))
}

/// `dns_sd_configs`
pub(crate) fn dns(node: &Node, path: &str, out: &mut Diagnostics) -> Vec<Discovery> {
    const KNOWN: [&str; 4] = ["names", "type", "port", "refresh_interval"];
    let mut all = Vec::new();
    for (path, item) in read::list(node, path, out) {
        let Some(section) = read::section(item, &path, out) else { continue };
        let (mut names, mut record_type, mut port) = (Vec::new(), RecordType::Srv, None);
        let mut refresh_interval = Millis(30_000);
        for (name, path, key, value) in section.entries() {
            match name {
                "names" => names = read::texts(value, &path, out),
                "type" => {
                    let typed = read::text(value, &path, out).unwrap_or_default();
                    match RecordType::ALL.iter().find(|(name, _)| typed.eq_ignore_ascii_case(name)) {
                        Some((_, kind)) => record_type = *kind,
                        None => {
                            let message = format!("Expected SRV, A, AAAA, MX or NS, found {}.", value.kind());
                            out.error(&path, value.at, message, "");
                        }
                    }
                }
                "port" => {
                    let found = read::count(value, &path, out);
                    match found.map(u16::try_from) {
                        Some(Ok(number)) => port = Some(number).filter(|&port| port > 0),
                        Some(Err(_)) => {
                            out.error(&path, value.at, format!("{} is no port.", value.kind()), "At most 65535.");
                        }
                        None => {}
                    }
                }
                "refresh_interval" => refresh(&mut refresh_interval, value, &path, out),
                _ => read::unknown(name, &path, key, &KNOWN, out),
            }
        }
        if names.is_empty() {
            out.error(&path, item.at, "There are no `names` to resolve.", "Add `names: [example.org]`.");
        }
        if record_type != RecordType::Srv && port.is_none() {
            let message = format!("Records of type {} have no port.", record_type.name());
            out.error(&path, item.at, message, "Add `port: 9100`, or the port your targets listen on.");
        }
        all.push(Discovery::Dns(DnsConfig { names, record_type, port: port.unwrap_or_default(), refresh_interval }));
    }
    all
}

/// `http_sd_configs`
pub(crate) fn http(node: &Node, path: &str, has_files: bool, out: &mut Diagnostics) -> Vec<Discovery> {
    let known: Vec<&str> = ["url", "refresh_interval"].into_iter().chain(access::KEYS).collect();
    let mut all = Vec::new();
    for (path, item) in read::list(node, path, out) {
        let Some(section) = read::section(item, &path, out) else { continue };
        let (mut url, mut refresh_interval) = (String::new(), Millis(60_000));
        let mut client = access::Reading::default();
        for (name, path, key, value) in section.entries() {
            match name {
                "url" => url = self::url(value, &path, out),
                "refresh_interval" => refresh(&mut refresh_interval, value, &path, out),
                _ if client.take(name, &path, key, value, has_files, out) => {}
                _ => read::unknown(name, &path, key, &known, out),
            }
        }
        if url.is_empty() && !section.pairs.iter().any(|(key, _)| key.text() == Some("url")) {
            out.error(&path, item.at, "There is no `url` of a list of targets.", "Add `url: http://…`.");
        }
        let access = client.finish(&path, item, out);
        all.push(Discovery::Http(HttpConfig { url, refresh_interval, access }));
    }
    all
}

fn url(node: &Node, path: &str, out: &mut Diagnostics) -> String {
    let url = read::text(node, path, out).unwrap_or_default();
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    match rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default()) {
        None => out.error(path, node.at, "Expected a URL with `http:` or `https:`.", ""),
        Some("") => out.error(path, node.at, "The URL has no host.", ""),
        Some(authority) if authority.contains('@') => {
            let message = "Browsers fetch no URL with a user or password in it.";
            out.say(Severity::Unsupported, path, node.at, message, "Use `basic_auth`.");
        }
        Some(_) => {}
    }
    url
}

/// `file_sd_configs`
pub(crate) fn files(node: &Node, path: &str, out: &mut Diagnostics) -> Vec<Discovery> {
    let mut all = Vec::new();
    for (path, item) in read::list(node, path, out) {
        let Some(section) = read::section(item, &path, out) else { continue };
        let (mut files, mut refresh_interval) = (Vec::new(), Millis(5 * 60_000));
        for (name, path, key, value) in section.entries() {
            match name {
                "files" => files = read::texts(value, &path, out),
                "refresh_interval" => refresh(&mut refresh_interval, value, &path, out),
                _ => read::unknown(name, &path, key, &["files", "refresh_interval"], out),
            }
        }
        if files.is_empty() {
            out.error(&path, item.at, "There are no `files` to read.", "Add `files: ['targets/*.json']`.");
        }
        for file in files.iter().filter(|file| !is_pattern(file)) {
            let message = format!("`{file}` is no name for a file of targets.");
            let hint = "It ends with .json, .yml or .yaml; only its last part may have one `*`.";
            out.error(&path, item.at, message, hint);
        }
        all.push(Discovery::File(FileConfig { files, refresh_interval }));
    }
    all
}

/// A name that ends as files of targets do, with at most one star, in its last part.
fn is_pattern(file: &str) -> bool {
    let Some((stem, ending)) = file.rsplit_once('.') else { return false };
    if !["json", "yml", "yaml", "JSON", "YML", "YAML"].contains(&ending) {
        return false;
    }
    match stem.split_once('*') {
        Some((_, rest)) => !rest.contains('/'),
        None => true,
    }
}

fn refresh(interval: &mut Millis, node: &Node, path: &str, out: &mut Diagnostics) {
    match read::time(node, path, out) {
        // Prometheus would ask without a pause.
        Some(Millis::ZERO) => out.say(Severity::Notice, path, node.at, "0 is taken for the default.", ""),
        Some(found) => *interval = found,
        None => {}
    }
}
