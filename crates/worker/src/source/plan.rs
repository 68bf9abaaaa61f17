//! What is fetched, in which order, until a scrape is decided: directly, through the relay where the browser may
//! not read the target, and at well-known paths where the given one has no metrics.
//!
//! A [`ScrapePlan`] is a pure state machine: [`ScrapePlan::step`] says what to do next, [`ScrapePlan::reply`] and
//! its siblings take in what came of it. The browser tells a page nothing of a fetch that failed; so the plan
//! asks the relay, which can tell, and without one it at least finds out whether anything answered.

use crate::source::relay;
use exposition::{ErrorKind, Format, ParseError};
use model::Millis;
use protocol::{Access, Via};
use scrape::{Endpoint, ScrapeFailure};

/// An answer of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its `Content-Type`, if it has one.
    pub content_type: Option<String>,
    /// Its body, decoded, whole.
    pub body: Vec<u8>,
}

impl Answer {
    /// The format of the body.
    #[must_use]
    pub fn format(&self) -> Format {
        Format::of_content_type(self.content_type.as_deref())
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchFailure {
    /// The browser does not say why: refused, unknown, forbidden to read.
    Opaque,
    /// The relay cannot be reached.
    NoRelay,
    /// This is why.
    Known(ScrapeFailure),
}

/// What came of a fetch.
pub type Reply = Result<Answer, FetchFailure>;

/// A fetch to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// What to fetch: the target, or the relay with the target in its query.
    pub url: String,
    /// Which way it is.
    pub via: Via,
    /// After so long it is given up.
    pub timeout: Millis,
    /// The formats to ask for.
    pub accept: &'static str,
    /// More headers; the relay sends them on.
    pub headers: Headers,
}

/// Headers by name and value; secrets are among them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<(String, String)>);

impl std::fmt::Debug for Headers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Fetch this and call [`ScrapePlan::reply`].
    Fetch(Fetch),
    /// Ask at this URL whether there is a relay and call [`ScrapePlan::relay_is`].
    AskRelay(String),
    /// Find out whether anything answers at this URL, unread, and call [`ScrapePlan::answers`].
    Probe(String),
    /// It is decided.
    Done(Box<Outcome>),
}

/// How a scrape ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Where: the endpoint that was asked for, or the one under a well-known path that has metrics.
    pub endpoint: Endpoint,
    /// The way that was taken last.
    pub via: Via,
    /// What the target answered, well or not.
    pub answer: Option<Answer>,
    /// Why it is no good, as far as that is known before it is parsed.
    pub failure: Option<ScrapeFailure>,
}

/// The circumstances of a scrape.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// `location.origin` of the page.
    pub page_origin: String,
    /// The relay answered when it was last asked.
    pub has_relay: bool,
    /// The greatest body that the relay passes on.
    pub relay_max_body: u64,
    /// A relay that was not there may be looked for again.
    pub may_ask_relay: bool,
    /// The way that worked last time.
    pub via: Option<Via>,
    /// Other paths may be tried.
    pub discover: bool,
    /// For each fetch.
    pub timeout: Millis,
    /// Protobuf is asked for first.
    pub native_histograms: bool,
    /// Credentials and headers of the target.
    pub access: Access,
    /// The job of the relay's own configuration whose credentials it adds: then it is asked, and nobody else.
    pub relay_job: Option<String>,
    /// What is asked for instead of metrics.
    pub accept: Option<&'static str>,
}

/// A scrape under way.
#[derive(Clone, Debug)]
pub struct ScrapePlan {
    circumstances: Circumstances,
    endpoint: Endpoint,
    /// Paths not yet tried, the next one last.
    alternatives: Vec<Endpoint>,
    next: Next,
    /// How the endpoint that was asked for ended, while others are tried.
    first: Option<Box<Outcome>>,
    tried_direct: bool,
    lost_relay: bool,
}

#[derive(Clone, Debug)]
enum Next {
    Direct,
    Relay,
    AskRelay,
    Probe,
    Done(Box<Outcome>),
}

impl ScrapePlan {
    /// A plan for one scrape of an endpoint.
    #[must_use]
    pub fn new(endpoint: Endpoint, circumstances: Circumstances) -> Self {
        let mut alternatives = if circumstances.discover { endpoint.alternatives() } else { Vec::new() };
        alternatives.reverse();
        let is_own = is_under(&endpoint.url, &circumstances.page_origin);
        let went_there = circumstances.via == Some(Via::Relay) && circumstances.has_relay && !is_own;
        let next = if circumstances.relay_job.is_some() || went_there { Next::Relay } else { Next::Direct };
        ScrapePlan { circumstances, endpoint, alternatives, next, first: None, tried_direct: false, lost_relay: false }
    }

    /// What to do next.
    #[must_use]
    pub fn step(&self) -> Step {
        let Circumstances { page_origin, timeout, native_histograms, access, accept, relay_job, .. } =
            &self.circumstances;
        let fetch = |url: String, via: Via| {
            // The relay is of the page's own origin, too.
            let simple = via == Via::Direct && !is_under(&url, page_origin);
            let accept = accept.unwrap_or_else(|| exposition::accept(*native_histograms, simple));
            let mut headers = access.request_headers();
            if via == Via::Relay {
                headers.iter_mut().for_each(|(name, _)| name.insert_str(0, relay::FORWARD));
            }
            Step::Fetch(Fetch { url, via, timeout: *timeout, accept, headers: Headers(headers) })
        };
        match &self.next {
            Next::Direct => fetch(self.endpoint.url.clone(), Via::Direct),
            Next::Relay => {
                let job = relay_job.as_deref();
                fetch(relay::scrape_url(page_origin, &self.endpoint.url, *timeout, job), Via::Relay)
            }
            Next::AskRelay => Step::AskRelay(relay::info_url(page_origin)),
            Next::Probe => Step::Probe(self.endpoint.url.clone()),
            Next::Done(outcome) => Step::Done(outcome.clone()),
        }
    }

    /// What came of [`Step::Fetch`].
    pub fn reply(&mut self, reply: Reply) {
        let via = if matches!(self.next, Next::Relay) { Via::Relay } else { Via::Direct };
        self.tried_direct |= via == Via::Direct;
        match reply {
            Ok(answer) => self.judge(answer, via),
            Err(FetchFailure::Known(ScrapeFailure::TooLarge { limit })) => {
                // The relay's limit is its own flag.
                let limit = if via == Via::Relay { self.circumstances.relay_max_body } else { limit };
                self.end(via, None, Some(ScrapeFailure::TooLarge { limit }));
            }
            Err(FetchFailure::Known(failure)) => self.end(via, None, Some(failure)),
            Err(FetchFailure::Opaque | FetchFailure::NoRelay) if via == Via::Relay => {
                self.circumstances.has_relay = false;
                self.lost_relay = true;
                // Only the relay has the credentials.
                if self.circumstances.relay_job.is_some() {
                    let why = "the relay, which has its credentials, cannot be reached".to_owned();
                    self.end(via, None, Some(ScrapeFailure::Unreachable(why)));
                    return;
                }
                // The relay went away; the target may still be one that the browser reads.
                self.next = if self.tried_direct { Next::Probe } else { Next::Direct };
            }
            Err(_) if is_under(&self.endpoint.url, &self.circumstances.page_origin) => {
                self.end(via, None, Some(ScrapeFailure::Opaque));
            }
            Err(_) => {
                self.next = if self.circumstances.has_relay {
                    Next::Relay
                } else if self.circumstances.may_ask_relay {
                    self.circumstances.may_ask_relay = false;
                    Next::AskRelay
                } else {
                    Next::Probe
                };
            }
        }
    }

    /// What came of [`Step::AskRelay`].
    pub fn relay_is(&mut self, available: bool) {
        self.circumstances.has_relay = available;
        self.next = if available { Next::Relay } else { Next::Probe };
    }

    /// What came of [`Step::Probe`]: something answered, although the page may not read what.
    pub fn answers(&mut self, something: bool) {
        let mixed = self.circumstances.page_origin.starts_with("https:") && self.endpoint.url.starts_with("http:");
        let failure = match (something, mixed) {
            (true, _) => ScrapeFailure::CorsWithoutRelay,
            (false, true) => ScrapeFailure::MixedContent,
            (false, false) => ScrapeFailure::Opaque,
        };
        self.end(Via::Direct, None, Some(failure));
    }

    /// Whether the relay was asked and could not be reached.
    #[must_use]
    pub fn lost_relay(&self) -> bool {
        self.lost_relay
    }

    fn judge(&mut self, answer: Answer, via: Via) {
        let failure = match answer.status {
            200..=299 if self.circumstances.discover => not_metrics(&answer).err().map(ScrapeFailure::NotMetrics),
            200..=299 => None,
            status => Some(ScrapeFailure::Status(status)),
        };
        self.end(via, Some(answer), failure);
    }

    /// Ends here, or goes on to the next path where this one has no metrics.
    fn end(&mut self, via: Via, answer: Option<Answer>, failure: Option<ScrapeFailure>) {
        let outcome = Box::new(Outcome { endpoint: self.endpoint.clone(), via, answer, failure });
        let elsewhere = outcome.failure.as_ref().is_some_and(is_elsewhere);
        if self.first.is_none() && !elsewhere || outcome.failure.is_none() && has_samples(&outcome) {
            self.next = Next::Done(outcome);
            return;
        }
        let first = self.first.get_or_insert(outcome);
        match self.alternatives.pop() {
            Some(endpoint) => {
                self.endpoint = endpoint;
                self.next = if via == Via::Relay { Next::Relay } else { Next::Direct };
            }
            None => self.next = Next::Done(first.clone()),
        }
    }
}

/// Whether another path of the same host may have what this one has not. A body that is metrics but for one
/// line stays where it is.
fn is_elsewhere(failure: &ScrapeFailure) -> bool {
    match failure {
        ScrapeFailure::NotMetrics(error) => matches!(error.kind, ErrorKind::Html | ErrorKind::Json) || error.line == 1,
        failure => failure.suggests_other_path(),
    }
}

fn not_metrics(answer: &Answer) -> Result<usize, ParseError> {
    exposition::count_samples(&answer.body, answer.format())
}

/// `/federate` without a selector answers with nothing at all, and well.
fn has_samples(outcome: &Outcome) -> bool {
    outcome.answer.as_ref().is_some_and(|answer| not_metrics(answer).is_ok_and(|n| n > 0))
}

pub(crate) fn is_under(url: &str, origin: &str) -> bool {
    !origin.is_empty() && url.strip_prefix(origin).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    //! What is fetched where the world answers like this.
    use super::*;
    use expect_test::{Expect, expect};

    const GOOD: &str = "# TYPE x counter\nx 1\n";

    fn circumstances() -> Circumstances {
        Circumstances {
            page_origin: "http://page:8080".to_owned(),
            has_relay: true,
            relay_max_body: 5 << 20,
            may_ask_relay: false,
            via: None,
            discover: true,
            timeout: Millis(1_000),
            native_histograms: false,
            access: Access::default(),
            relay_job: None,
            accept: None,
        }
    }

    fn answer(status: u16, body: &str) -> Reply {
        Ok(Answer { status, content_type: None, body: body.as_bytes().to_vec() })
    }

    /// Runs a plan in a world where a path, asked directly or through the relay, answers like this.
    fn check(typed: &str, circumstances: Circumstances, world: &dyn Fn(&str, Via) -> Reply, expected: &Expect) {
        let mut plan = ScrapePlan::new(Endpoint::parse(typed).expect(typed), circumstances);
        let mut log = String::new();
        for _ in 0..32 {
            match plan.step() {
                Step::Fetch(fetch) => {
                    let path = fetch.url.rsplit("host").next().unwrap_or("").replace("%2F", "/").replace("%3A", ":");
                    log.push_str(&format!("{:?} {path}\n", fetch.via));
                    plan.reply(world(&path, fetch.via));
                }
                Step::AskRelay(url) => {
                    log.push_str(&format!("ask {url}\n"));
                    plan.relay_is(true);
                }
                Step::Probe(url) => {
                    log.push_str(&format!("probe {url}\n"));
                    plan.answers(url.contains("cors"));
                }
                Step::Done(outcome) => {
                    let how = outcome.failure.map_or("good".to_owned(), |f| f.message(&outcome.endpoint.url));
                    log.push_str(&format!("{:?} {}: {how}", outcome.via, outcome.endpoint.url));
                    break;
                }
            }
        }
        expected.assert_eq(&log);
    }

    #[test]
    fn only_a_fetch_across_origins_keeps_to_the_short_list_of_formats() {
        let accept = |typed: &str, native_histograms: bool, via| {
            let circumstances = Circumstances { native_histograms, via, ..circumstances() };
            match ScrapePlan::new(Endpoint::parse(typed).expect(typed), circumstances).step() {
                Step::Fetch(fetch) => fetch.accept,
                step => panic!("{step:?}"),
            }
        };
        for native in [false, true] {
            assert_eq!(accept("host:1", native, None), exposition::accept(native, true));
            assert_eq!(accept("host:1", native, Some(Via::Relay)), exposition::accept(native, false));
            assert_eq!(accept("http://page:8080/metrics", native, None), exposition::accept(native, false));
        }
    }

    #[test]
    fn a_target_that_the_browser_reads_is_fetched_once() {
        check(
            "host:1",
            circumstances(),
            &|_, _| answer(200, GOOD),
            &expect![[r#"
            Direct :1/metrics
            Direct http://host:1/metrics: good"#]],
        );
    }

    #[test]
    fn what_the_browser_may_not_read_goes_through_the_relay() {
        let world = |_: &str, via| if via == Via::Direct { Err(FetchFailure::Opaque) } else { answer(200, GOOD) };
        check(
            "host:1",
            circumstances(),
            &world,
            &expect![[r#"
            Direct :1/metrics
            Relay :1/metrics
            Relay http://host:1/metrics: good"#]],
        );
        check(
            "host:1",
            Circumstances { via: Some(Via::Relay), ..circumstances() },
            &world,
            &expect![[r#"
            Relay :1/metrics
            Relay http://host:1/metrics: good"#]],
        );
    }

    #[test]
    fn well_known_paths_are_tried_where_there_are_no_metrics() {
        let world = |path: &str, _| match path {
            ":1/actuator/prometheus" => answer(200, GOOD),
            _ => answer(404, "no"),
        };
        check(
            "host:1",
            circumstances(),
            &world,
            &expect![[r#"
                Direct :1/metrics
                Direct :1/actuator/prometheus
                Direct http://host:1/actuator/prometheus: good"#]],
        );
        // Not again at each scrape.
        check(
            "host:1",
            Circumstances { discover: false, ..circumstances() },
            &world,
            &expect![[r#"
            Direct :1/metrics
            Direct http://host:1/metrics: http://host:1/metrics answered with status 404 (not found)."#]],
        );
    }

    #[test]
    fn where_no_path_has_metrics_the_typed_one_is_told_of() {
        let world = |path: &str, _| match path {
            ":1/federate" => answer(200, ""),
            ":1/x" => answer(200, "<!doctype html>\n"),
            _ => answer(404, "no"),
        };
        check(
            "host:1/x",
            circumstances(),
            &world,
            &expect![[r#"
                Direct :1/x
                Direct :1/metrics
                Direct :1/actuator/prometheus
                Direct :1/federate
                Direct :1/prometheus
                Direct :1/probe
                Direct http://host:1/x: http://host:1/x answered with a web page (HTML), not with metrics."#]],
        );
    }

    #[test]
    fn a_body_over_the_relays_limit_names_that_limit() {
        let world = |_: &str, via| match via {
            Via::Direct => Err(FetchFailure::Opaque),
            _ => Err(FetchFailure::Known(ScrapeFailure::TooLarge { limit: 64 << 20 })),
        };
        check(
            "host:1",
            circumstances(),
            &world,
            &expect![[r#"
                Direct :1/metrics
                Relay :1/metrics
                Relay http://host:1/metrics: The answer of http://host:1/metrics is larger than 5 MiB. It was dropped."#]],
        );
    }

    #[test]
    fn one_bad_line_does_not_send_us_elsewhere() {
        check(
            "host:1",
            circumstances(),
            &|_, _| answer(200, "a 1\nb x\n"),
            &expect![[r#"
                Direct :1/metrics
                Direct http://host:1/metrics: Line 2, column 3: expected a number after `b`, found `x`. The whole scrape was dropped, as Prometheus would; `up` is 0. Other targets go on."#]],
        );
    }

    #[test]
    fn without_a_relay_it_is_found_out_whether_anything_answers() {
        let world = |_: &str, _| Err(FetchFailure::Opaque);
        let alone = || Circumstances { has_relay: false, ..circumstances() };
        check(
            "host.cors:1",
            alone(),
            &world,
            &expect![[r#"
                Direct .cors:1/metrics
                probe http://host.cors:1/metrics
                Direct http://host.cors:1/metrics: http://host.cors:1/metrics answered, but your browser may not read it: the answer has no Access-Control-Allow-Origin header."#]],
        );
        check(
            "host:1",
            Circumstances { page_origin: "https://page".to_owned(), ..alone() },
            &world,
            &expect![[r#"
                Direct :1/metrics
                probe http://host:1/metrics
                Direct http://host:1/metrics: This page came over https, and your browser does not let it fetch http://host:1/metrics over http."#]],
        );
    }

    #[test]
    fn a_relay_that_came_up_later_is_found() {
        let world = |_: &str, via| if via == Via::Direct { Err(FetchFailure::Opaque) } else { answer(200, GOOD) };
        check(
            "host:1",
            Circumstances { has_relay: false, may_ask_relay: true, ..circumstances() },
            &world,
            &expect![[r#"
                Direct :1/metrics
                ask http://page:8080/relay/info
                Relay :1/metrics
                Relay http://host:1/metrics: good"#]],
        );
    }

    #[test]
    fn a_relay_that_went_away_does_not_hide_a_target_that_can_be_read() {
        let world = |_: &str, via| if via == Via::Relay { Err(FetchFailure::NoRelay) } else { answer(200, GOOD) };
        check(
            "host:1",
            Circumstances { via: Some(Via::Relay), ..circumstances() },
            &world,
            &expect![[r#"
                Relay :1/metrics
                Direct :1/metrics
                Direct http://host:1/metrics: good"#]],
        );
    }

    #[test]
    fn the_pages_own_origin_is_never_asked_for_through_the_relay() {
        check(
            "http://page:8080/metrics",
            circumstances(),
            &|_, _| Err(FetchFailure::Opaque),
            &expect![[r#"
                Direct http://page:8080/metrics
                Direct http://page:8080/metrics: Your browser could not fetch http://page:8080/metrics; it does not tell pages why. Nothing listens there, the name is unknown, or the network is down."#]],
        );
    }
}
