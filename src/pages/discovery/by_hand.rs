//! Targets that were added by hand, told as a configuration would tell them: the labels that an address means, and those
//! of the target.

use protocol::{DiscoveredTarget, Fate, TargetStatus};

/// What a target that was added by hand would have been discovered as; nothing for one of a configuration, and for a
/// snapshot, which nobody scrapes.
#[must_use]
pub fn discovered(target: &TargetStatus) -> Option<DiscoveredTarget> {
    if target.is_configured || target.spec.url.is_empty() {
        return None;
    }
    let mut discovered = Vec::new();
    let mut put = |name: &str, value: &str| discovered.push((name.to_owned(), value.to_owned()));
    let (scheme, rest) = target.url.split_once("://")?;
    let (before_query, query) = rest.split_once('?').map_or((rest, ""), |(rest, query)| (rest, query));
    let (host, path) = before_query.find('/').map_or((before_query, "/"), |at| before_query.split_at(at));
    put("__scheme__", scheme);
    // What stands before an @ is a password.
    put("__address__", host.rsplit('@').next().unwrap_or(host));
    put("__metrics_path__", path);
    put("__scrape_interval__", &model::duration::format(model::Millis(target.spec.interval_ms.into())));
    let timeout = target.spec.timeout_ms.min(target.spec.interval_ms);
    put("__scrape_timeout__", &model::duration::format(model::Millis(timeout.into())));
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let value = crate::state::url::percent_decode(value);
        let is_secret = crate::state::settings::targets::is_secret(name);
        put(&format!("__param_{name}"), if is_secret { "<secret>" } else { &value });
    }
    for (name, value) in &target.labels {
        if name != model::INSTANCE {
            put(name, value);
        }
    }
    model::sort::by(&mut discovered, Ord::cmp);
    let mut labels = target.labels.clone();
    model::sort::by(&mut labels, Ord::cmp);
    Some(DiscoveredTarget { discovered, labels, fate: Fate::Scraped(target.id), steps: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::targets::pools::tests::target;
    use protocol::Health;

    #[test]
    fn an_address_is_told_as_the_labels_that_it_means() {
        let mut node = target(1, "node", Health::Up);
        node.url = "https://me:hunter2@h1:9100/probe?module=http%20x&token=abc".to_owned();
        let found = discovered(&node).expect("it is scraped");
        let text: Vec<String> = found.discovered.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            text,
            [
                "__address__=h1:9100",
                "__metrics_path__=/probe",
                "__param_module=http x",
                "__param_token=<secret>",
                "__scheme__=https",
                "__scrape_interval__=5s",
                "__scrape_timeout__=5s",
                "job=node"
            ]
        );
        assert_eq!(
            found.labels,
            [("instance".to_owned(), "h1:9100".to_owned()), ("job".to_owned(), "node".to_owned())]
        );
        node.is_configured = true;
        assert_eq!(discovered(&node), None);
    }
}
