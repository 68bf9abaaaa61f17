//! From what was discovered to a target: labels that the pool adds, relabelling, and the URL.

use crate::relabel::{self, Step};
use crate::scrape_config::ScrapeConfig;
use model::{INSTANCE, JOB, Labels, LabelsBuilder, Millis, duration};

/// The label that holds host and port.
pub(crate) const ADDRESS: &str = "__address__";
const SCHEME: &str = "__scheme__";
const PATH: &str = "__metrics_path__";
const INTERVAL: &str = "__scrape_interval__";
const TIMEOUT: &str = "__scrape_timeout__";
const PARAM: &str = "__param_";
const META: &str = "__meta_";

/// What was discovered, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Populated {
    /// The labels before relabelling, with those that the pool adds.
    pub discovered: Labels,
    /// What each rule did, up to the one that dropped it.
    pub steps: Vec<Step>,
    /// The target; `None` if a rule dropped it.
    pub target: Result<Option<Discovered>, Invalid>,
}

/// A target that can be scraped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// What is fetched.
    pub url: String,
    /// Its labels as they are stored, `job` and `instance` among them, unless relabelling removed them.
    pub labels: Labels,
    /// All that remained after relabelling but `__meta_…`: two targets with the same URL and these are one.
    pub identity: Labels,
    /// Time between scrapes.
    pub interval: Millis,
    /// How long a scrape may take.
    pub timeout: Millis,
}

/// Why something cannot be scraped: a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid(pub String);

/// What becomes of something with these labels, as it was discovered.
///
/// Differs from Prometheus 2, as Prometheus 3 does: an address without a port keeps none, neither in `instance`.
#[must_use]
pub fn populate(config: &ScrapeConfig, target: &[(String, String)], group: &[(String, String)]) -> Populated {
    let mut labels = LabelsBuilder::new();
    for (name, value) in group.iter().chain(target) {
        labels.set(name, value);
    }
    let (interval, timeout) = (duration::format(config.scrape_interval), duration::format(config.scrape_timeout));
    for (name, value) in [
        (JOB, &config.job_name),
        (INTERVAL, &interval),
        (TIMEOUT, &timeout),
        (PATH, &config.metrics_path),
        (SCHEME, &config.scheme),
    ] {
        if labels.get(name).is_none() {
            labels.set(name, value);
        }
    }
    for (name, values) in &config.params {
        if let Some(first) = values.first() {
            labels.set(&format!("{PARAM}{name}"), first);
        }
    }
    let discovered = labels.labels();
    let steps = relabel::steps(&config.relabel_configs, &mut labels);
    let is_dropped = steps.last().is_some_and(|step| step.is_dropped);
    let target = if is_dropped { Ok(None) } else { finish(config, labels).map(Some) };
    Populated { discovered, steps, target }
}

fn finish(config: &ScrapeConfig, mut labels: LabelsBuilder) -> Result<Discovered, Invalid> {
    labels.retain(|name| !name.starts_with(META));
    let value = |name: &str| labels.get(name).unwrap_or_default().to_owned();
    let (address, scheme) = (value(ADDRESS), value(SCHEME));
    if address.is_empty() {
        return Err(Invalid("It has no address: `__address__` is empty.".to_owned()));
    }
    if !matches!(scheme.as_str(), "http" | "https") {
        return Err(Invalid(format!("Its scheme is `{scheme}`, neither http nor https.")));
    }
    if !is_authority(&address) {
        return Err(Invalid(format!("Its address `{address}` is no host with a port.")));
    }
    let time = |name: &str, what: &str| match duration::parse(&value(name)) {
        Ok(Millis::ZERO) => Err(Invalid(format!("Its {what} is 0."))),
        Ok(time) => Ok(time),
        Err(_) => Err(Invalid(format!("Its {what} `{}` is no duration such as `15s`.", value(name)))),
    };
    let (interval, timeout) = (time(INTERVAL, "interval")?, time(TIMEOUT, "timeout")?);
    if timeout > interval {
        let (timeout, interval) = (value(TIMEOUT), value(INTERVAL));
        return Err(Invalid(format!("Its timeout ({timeout}) is longer than its interval ({interval}).")));
    }
    let url = url(config, &scheme, &address, &value(PATH), &labels.labels());
    if labels.get(INSTANCE).is_none() {
        labels.set(INSTANCE, &address);
    }
    let identity = labels.labels();
    labels.retain(|name| !name.starts_with("__"));
    Ok(Discovered { url, labels: labels.labels(), identity, interval, timeout })
}

/// A host, or an address of six colons in brackets, and a port if there is one.
fn is_authority(address: &str) -> bool {
    let (host, rest) = match address.strip_prefix('[') {
        Some(inner) => match inner.split_once(']') {
            Some((host, rest)) => (host, rest),
            None => return false,
        },
        None => address.split_at(address.find(':').unwrap_or(address.len())),
    };
    let port = rest.strip_prefix(':');
    let is_port = |port: &str| !port.is_empty() && port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit());
    let is_host = |c: char| c.is_alphanumeric() || "-._~%:".contains(c);
    !host.is_empty() && host.chars().all(is_host) && (rest.is_empty() || port.is_some_and(is_port))
}

/// Parameters of the pool, the first of each as relabelling left it, by name.
fn url(config: &ScrapeConfig, scheme: &str, address: &str, path: &str, labels: &Labels) -> String {
    let mut params: Vec<(String, Vec<String>)> = config.params.clone();
    for (name, value) in labels {
        let Some(name) = name.strip_prefix(PARAM) else { continue };
        match params.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) if !values.is_empty() => values[0] = value.to_owned(),
            Some((_, values)) => values.push(value.to_owned()),
            None => params.push((name.to_owned(), vec![value.to_owned()])),
        }
    }
    model::sort::by(&mut params, |a, b| a.0.cmp(&b.0));
    let mut url = format!("{scheme}://{address}");
    if !path.starts_with('/') {
        url.push('/');
    }
    escape(path, "$&+,/:;=@-_.~", &mut url);
    let mut sep = '?';
    for (name, values) in &params {
        for value in values {
            url.push(sep);
            sep = '&';
            escape(name, "-_.~", &mut url);
            url.push('=');
            escape(value, "-_.~", &mut url);
        }
    }
    url
}

/// As Go's `net/url` escapes; a blank is `%20` in paths and parameters alike, which all servers read.
fn escape(text: &str, plain: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || plain.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    //! What becomes of addresses.
    use super::*;

    fn outcome(yaml: &str, address: &str) -> String {
        let parsed = crate::parse(&format!("scrape_configs: [{{job_name: j, {yaml}}}]"), false);
        assert!(parsed.is_good(), "{:?}", parsed.diagnostics);
        let populated = populate(&parsed.config.scrape_configs[0], &[(ADDRESS.to_owned(), address.to_owned())], &[]);
        match populated.target {
            Ok(Some(target)) => format!("{} {}", target.url, target.labels),
            Ok(None) => "dropped".to_owned(),
            Err(Invalid(why)) => why,
        }
    }

    #[test]
    fn urls_are_made_of_labels() {
        for (yaml, address, want) in [
            ("", "a:1", r#"http://a:1/metrics {instance="a:1", job="j"}"#),
            ("", "a", r#"http://a/metrics {instance="a", job="j"}"#),
            (
                "scheme: https, metrics_path: x y/?",
                "[::1]:9",
                r#"https://[::1]:9/x%20y/%3F {instance="[::1]:9", job="j"}"#,
            ),
            (
                "params: {b: [1, '2 3'], a: [x], c: []}, relabel_configs: [{target_label: __param_a, replacement: y}]",
                "a:1",
                r#"http://a:1/metrics?a=y&b=1&b=2%203 {instance="a:1", job="j"}"#,
            ),
            ("relabel_configs: [{action: labeldrop, regex: job}]", "a:1", r#"http://a:1/metrics {instance="a:1"}"#),
            (
                "relabel_configs: [{target_label: instance, replacement: me}]",
                "a:1",
                r#"http://a:1/metrics {instance="me", job="j"}"#,
            ),
            ("relabel_configs: [{action: drop}]", "a:1", "dropped"),
            (
                "relabel_configs: [{target_label: __address__, replacement: ''}]",
                "a",
                "It has no address: `__address__` is empty.",
            ),
            ("", "a/b", "Its address `a/b` is no host with a port."),
            ("", "::1", "Its address `::1` is no host with a port."),
            (
                "relabel_configs: [{target_label: __scheme__, replacement: ftp}]",
                "a",
                "Its scheme is `ftp`, neither http nor https.",
            ),
            (
                "relabel_configs: [{target_label: __scrape_timeout__, replacement: 2m}]",
                "a",
                "Its timeout (2m) is longer than its interval (1m).",
            ),
            ("relabel_configs: [{target_label: __scrape_interval__, replacement: 0s}]", "a", "Its interval is 0."),
        ] {
            assert_eq!(outcome(yaml, address), want, "{yaml}");
        }
    }

    #[test]
    fn a_target_label_goes_before_one_of_its_group() {
        let parsed = crate::parse("scrape_configs: [{job_name: j}]", false);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let target = [pair(ADDRESS, "a:1"), pair("x", "own"), pair("__meta_y", "1")];
        let group = [pair("x", "all"), pair("job", "other"), pair("__metrics_path__", "/p")];
        let populated = populate(&parsed.config.scrape_configs[0], &target, &group);
        assert_eq!(populated.discovered.get("__meta_y"), Some("1"));
        let target = populated.target.unwrap().unwrap();
        assert_eq!(target.labels.to_string(), r#"{instance="a:1", job="other", x="own"}"#);
        assert_eq!(target.url, "http://a:1/p");
        assert_eq!(target.identity.get("__meta_y"), None);
    }
}
