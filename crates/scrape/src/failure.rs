//! Why a scrape failed, in plain words: what happened, where, and what to do.

use exposition::{ErrorKind, ParseError};
use model::Millis;
use model::number::grouped;

/// Why a scrape failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScrapeFailure {
    /// Nobody listens there.
    Refused,
    /// The host's name is not known.
    UnknownHost,
    /// No answer in time.
    TimedOut(Millis),
    /// The encrypted connection could not be made.
    Tls(String),
    /// The network does not lead there.
    Unreachable(String),
    /// The target answered with a status that is no success.
    Status(u16),
    /// It answers, but the browser may not read it, and there is no relay.
    CorsWithoutRelay,
    /// An `http:` target on an `https:` page, and no relay.
    MixedContent,
    /// The browser could not fetch it, and does not say why; there is no relay.
    Opaque,
    /// The body ended before its end.
    CutOff,
    /// The body is larger than allowed.
    TooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// The body is no metrics text.
    NotMetrics(ParseError),
    /// More samples than allowed.
    TooManySamples {
        /// In the body.
        found: usize,
        /// Allowed.
        limit: usize,
    },
    /// More samples after relabelling than the configuration allows.
    SampleLimit {
        /// After relabelling.
        found: usize,
        /// `sample_limit`
        limit: u64,
    },
    /// A body as long as the configuration does not allow.
    BodySizeLimit {
        /// `body_size_limit`
        limit: u64,
    },
    /// A series with more, or longer, labels than the configuration allows.
    LabelLimit {
        /// The setting that says so.
        setting: &'static str,
        /// The metric.
        metric: String,
        /// The label that is too long; empty if there are too many.
        label: String,
        /// So many labels, or bytes.
        found: u64,
        /// Allowed.
        limit: u64,
    },
    /// Relabelling left a series without a name.
    NoName,
    /// The store holds no more series.
    StoreFull {
        /// Allowed.
        limit: usize,
    },
    /// The relay refuses this target.
    RelayRefused(String),
    /// Something else; the text says what.
    Other(String),
}

impl ScrapeFailure {
    /// What happened, to what.
    #[must_use]
    pub fn message(&self, url: &str) -> String {
        match self {
            ScrapeFailure::Refused => format!("{url} refused the connection: nothing listens there."),
            ScrapeFailure::UnknownHost => format!("The name of the host in {url} is not known."),
            ScrapeFailure::TimedOut(after) => {
                format!("{url} did not answer within {}.", model::duration::format(*after))
            }
            ScrapeFailure::Tls(why) => format!("The encrypted connection to {url} failed: {why}."),
            ScrapeFailure::Unreachable(why) => format!("{url} could not be reached: {why}."),
            ScrapeFailure::Status(status) => {
                let word = status_word(*status);
                format!("{url} answered with status {status}{word}.")
            }
            ScrapeFailure::CorsWithoutRelay => format!(
                "{url} answered, but your browser may not read it: the answer has no Access-Control-Allow-Origin header."
            ),
            ScrapeFailure::MixedContent => {
                format!("This page came over https, and your browser does not let it fetch {url} over http.")
            }
            ScrapeFailure::Opaque => format!(
                "Your browser could not fetch {url}; it does not tell pages why. Nothing listens there, the name is unknown, or the network is down."
            ),
            ScrapeFailure::CutOff => {
                format!("The answer of {url} broke off in the middle. The whole scrape was dropped.")
            }
            ScrapeFailure::TooLarge { limit } => {
                format!("The answer of {url} is larger than {} MiB. It was dropped.", limit / (1 << 20))
            }
            ScrapeFailure::NotMetrics(error) if error.kind == ErrorKind::Html => {
                format!("{url} answered with a web page (HTML), not with metrics.")
            }
            ScrapeFailure::NotMetrics(error) if error.kind == ErrorKind::Json => {
                format!("{url} answered with JSON, not with metrics.")
            }
            ScrapeFailure::NotMetrics(error) => {
                format!("{error}. The whole scrape was dropped, as Prometheus would; `up` is 0. Other targets go on.")
            }
            ScrapeFailure::TooManySamples { found, limit } => {
                let (found, limit) = (grouped(*found as u64), grouped(*limit as u64));
                format!("{url} exposes {found} samples, more than {limit}. The whole scrape was dropped; `up` is 0.")
            }
            ScrapeFailure::SampleLimit { found, limit } => {
                let (found, limit) = (grouped(*found as u64), grouped(*limit));
                format!(
                    "{url} exposes {found} samples after relabelling, more than its sample_limit of {limit}. The whole scrape was dropped; `up` is 0."
                )
            }
            ScrapeFailure::BodySizeLimit { limit } => format!(
                "The answer of {url} reaches its body_size_limit of {} bytes. The whole scrape was dropped; `up` is 0.",
                grouped(*limit)
            ),
            ScrapeFailure::LabelLimit { setting, metric, label, found, limit } => {
                let (found, limit) = (grouped(*found), grouped(*limit));
                let what = match label.as_str() {
                    "" => format!("has {found} labels"),
                    label if *setting == "label_name_length_limit" => {
                        format!("has a label with a name of {found} bytes, `{}`", shortened(label))
                    }
                    label => format!("has a value of {found} bytes in its label `{}`", shortened(label)),
                };
                format!(
                    "A series of `{}` {what}, more than its {setting} of {limit}. The whole scrape was dropped; `up` is 0.",
                    shortened(metric)
                )
            }
            ScrapeFailure::NoName => {
                "Relabelling left a series without a name. The whole scrape was dropped; `up` is 0.".to_owned()
            }
            ScrapeFailure::StoreFull { limit } => {
                let limit = grouped(*limit as u64);
                format!("The store holds {limit} series, its limit; {url} has more. The scrape was dropped.")
            }
            ScrapeFailure::RelayRefused(why) => format!("The relay does not fetch {url}: {why}."),
            ScrapeFailure::Other(what) => format!("{url} could not be scraped: {what}."),
        }
    }

    /// What to do about it; may be empty.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            ScrapeFailure::Refused => {
                "Start the program, or check the port. Inside a container it has to listen on 0.0.0.0, not only on 127.0.0.1, and the port has to be published."
            }
            ScrapeFailure::UnknownHost => {
                "Check the spelling. Names of Compose services are only known inside their network: publish the port and use localhost."
            }
            ScrapeFailure::TimedOut(_) => "Raise the timeout of the target, or find out why it is slow.",
            ScrapeFailure::Tls(_) => {
                "Use http: if the target has no certificate, or give it one that this machine trusts."
            }
            ScrapeFailure::Unreachable(_) => "Check the network, a VPN or a firewall between here and the target.",
            ScrapeFailure::Status(401 | 403) => {
                "The target asks for credentials. Give them as basic_auth or authorization in a configuration (prometheus.yml), or let this machine in without."
            }
            ScrapeFailure::Status(404) => {
                "Check the path: usual ones are /metrics and, for Spring, /actuator/prometheus. None of the well-known paths answered with metrics."
            }
            ScrapeFailure::Status(500..) => {
                "Look into the log of the target: it failed while it collected its metrics."
            }
            ScrapeFailure::Status(_) => "Open the URL in a tab of its own to see what it answers.",
            ScrapeFailure::CorsWithoutRelay => {
                "Open Promenade through its relay, which fetches it for you, or let the target send `Access-Control-Allow-Origin: *`."
            }
            ScrapeFailure::MixedContent => {
                "Open Promenade through its relay on this machine (http://localhost:9919), or scrape over https."
            }
            ScrapeFailure::Opaque => {
                "Open the URL in a tab of its own. If it shows metrics there, start the relay and open Promenade through it."
            }
            ScrapeFailure::CutOff => {
                "It is tried again at the next interval. If it stays so, look into the log of the target or of a proxy before it."
            }
            ScrapeFailure::TooLarge { .. } => {
                "Expose less on this endpoint, or split it; the relay's limit is its flag --max-body."
            }
            ScrapeFailure::NotMetrics(error) => match error.kind {
                ErrorKind::Html | ErrorKind::Json => {
                    "Check the path: usual ones are /metrics and, for Spring, /actuator/prometheus."
                }
                ErrorKind::NoEof => {
                    "It is tried again at the next interval. If it stays so, the exporter does not finish its answer."
                }
                _ => "Mend the exporter: one bad line spoils the whole scrape. The raw body shows the line.",
            },
            ScrapeFailure::TooManySamples { .. } => {
                "Expose less on this endpoint: a label with an identifier in it is the usual reason."
            }
            ScrapeFailure::SampleLimit { .. }
            | ScrapeFailure::BodySizeLimit { .. }
            | ScrapeFailure::LabelLimit { .. } => {
                "Raise the limit in the configuration, or drop what is not needed with metric_relabel_configs."
            }
            ScrapeFailure::NoName => {
                "A rule of metric_relabel_configs removes or empties `__name__`: see to it that it does not."
            }
            ScrapeFailure::StoreFull { .. } => "Remove a target, or keep samples for a shorter time.",
            ScrapeFailure::RelayRefused(_) => "The flag --allow of the relay says which targets it may fetch.",
            ScrapeFailure::Other(_) => "",
        }
    }

    /// Whether another path of the same host may have what this one has not.
    #[must_use]
    pub fn suggests_other_path(&self) -> bool {
        matches!(self, ScrapeFailure::Status(404 | 405 | 406 | 410) | ScrapeFailure::NotMetrics(_))
    }
}

/// A name as long as a sentence bears.
fn shortened(name: &str) -> String {
    let mut out: String = name.chars().take(60).collect();
    if out.len() < name.len() {
        out.push('…');
    }
    out
}

fn status_word(status: u16) -> &'static str {
    match status {
        301 | 302 | 303 | 307 | 308 => " (a redirect too many)",
        401 => " (not authorised)",
        403 => " (forbidden)",
        404 => " (not found)",
        429 => " (too many requests)",
        500 => " (internal error)",
        502 => " (bad gateway)",
        503 => " (unavailable)",
        504 => " (gateway timeout)",
        _ => "",
    }
}
