//! What a server says of itself: build, store, targets, rules, alerts, metrics.

use super::question::{Failure, Outcome};
use super::{Purpose, no_source};
use crate::families;
use crate::limits::{MAX_METRIC_NAMES, REPORT_TIMEOUT, TOP_ROWS};
use crate::state::Worker;
use model::{METRIC_NAME, MetricFamily, Timestamp};
use promapi::reply::{Alerts, BuildInfo, LabelValues, Metadata, Rules, RuntimeInfo, Targets, TsdbStatus};
use promapi::{ApiEndpoint, ApiError, ApiRequest, Ask, HttpReply, Offer, ServerKind, read_reply};
use protocol::{Event, Report, ReportAnswer, ReportFailure, ReportKind, SourceId};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// What a report is made of; the first part is the one without which there is none.
pub(super) fn endpoints(what: ReportKind) -> &'static [ApiEndpoint] {
    match what {
        ReportKind::Build => &[ApiEndpoint::BuildInfo],
        ReportKind::Runtime => &[ApiEndpoint::RuntimeInfo],
        ReportKind::Cardinality => &[ApiEndpoint::TsdbStatus],
        ReportKind::Targets => &[ApiEndpoint::Targets],
        ReportKind::Rules => &[ApiEndpoint::Rules],
        ReportKind::Alerts => &[ApiEndpoint::Alerts],
        ReportKind::Metrics => &[ApiEndpoint::LabelValues, ApiEndpoint::Metadata],
    }
}

impl Worker {
    /// Asks a server for a report, unless it is known to have none.
    pub(crate) fn ask_report(&mut self, id: SourceId, what: ReportKind, now: Timestamp) {
        let Some(endpoint) = endpoints(what).first() else { return };
        let Some(source) = self.sources.get(id) else {
            return self.tell_report(id, what, Err(ReportFailure::Failed(no_source())), now);
        };
        if source.server.as_ref().is_some_and(|server| server.offers(*endpoint) == Offer::No) {
            return self.tell_report(id, what, Err(ReportFailure::NotOffered), now);
        }
        self.ask_part(id, what, *endpoint, now);
    }

    fn ask_part(&mut self, id: SourceId, what: ReportKind, endpoint: ApiEndpoint, now: Timestamp) {
        let Some(source) = self.sources.get(id) else { return };
        let ask = source.ask(REPORT_TIMEOUT);
        let request = match endpoint {
            ApiEndpoint::TsdbStatus => ApiRequest::tsdb_status(&Ask { limit: TOP_ROWS, ..ask }),
            ApiEndpoint::LabelValues => {
                ApiRequest::label_values(METRIC_NAME, &[], None, &Ask { limit: MAX_METRIC_NAMES, ..ask })
            }
            ApiEndpoint::Metadata => ApiRequest::metadata(None, &ask),
            other => ApiRequest::plain(other, &ask),
        };
        if let Err(problem) = self.put_question(id, &request, None, Purpose::Report(id, what, endpoint)) {
            self.tell_report(id, what, Err(ReportFailure::Failed(problem)), now);
        }
    }

    /// Takes in an answer to it.
    pub(super) fn reported(
        &mut self,
        id: SourceId,
        what: ReportKind,
        endpoint: ApiEndpoint,
        url: &str,
        outcome: Result<Outcome, Failure>,
        now: Timestamp,
    ) {
        let reply = match outcome {
            Ok(Outcome::Whole(reply)) => Ok(reply),
            Ok(Outcome::Query(_)) => Err(Failure::Api(ApiError::NotApi { found: "an answer to a query" })),
            Err(failure) => Err(failure),
        };
        let Some(source) = self.sources.get_mut(id) else { return };
        let read = match (endpoint, reply) {
            (ApiEndpoint::LabelValues, Ok(reply)) => match read_reply::<LabelValues>(&reply) {
                Ok(reply) => {
                    source.names = reply.data;
                    source.names.truncate(MAX_METRIC_NAMES);
                    return self.ask_part(id, what, ApiEndpoint::Metadata, now);
                }
                Err(error) => Err(Failure::Api(error)),
            },
            // Names alone are a list, too.
            (ApiEndpoint::Metadata, reply) => {
                let metadata = reply.ok().and_then(|reply| read_reply::<Metadata>(&reply).ok());
                let metadata = metadata.map(|reply| reply.data).unwrap_or_default();
                let described: BTreeMap<String, MetricFamily> =
                    metadata.families().map(|family| (family.name.clone(), family)).collect();
                let names = std::mem::take(&mut source.names);
                Ok((Report::Metrics(families::of_names(&names, &described)), !names.is_empty()))
            }
            (_, Ok(reply)) => read(what, &reply).map_err(Failure::Api),
            (_, Err(failure)) => Err(failure),
        };
        let kind = source.server.as_ref().map_or(ServerKind::Unknown, |server| server.kind);
        if let Some(server) = &mut source.server {
            match &read {
                Ok((_, has_content)) => server.learn(endpoint, Ok(*has_content)),
                Err(Failure::Api(error)) => server.learn(endpoint, Err(error)),
                Err(Failure::Fetch(_)) => {}
            }
        }
        let is_empty = source.server.as_ref().is_some_and(|server| server.offers(endpoint) == Offer::Empty);
        let before = source.status.missing.clone();
        source.tell_offers();
        let has_news = before != source.status.missing;
        let report = match read {
            Ok((_, false)) if is_empty => Err(ReportFailure::Empty),
            Ok((Report::Build(mut info), _)) if kind == ServerKind::VictoriaMetrics => {
                // It gives the version of a Prometheus whose API it follows.
                *info = BuildInfo { application: kind.as_str().to_owned(), ..BuildInfo::default() };
                Ok(Report::Build(info))
            }
            Ok((report, _)) => Ok(report),
            Err(Failure::Api(ApiError::NotOffered { .. })) => Err(ReportFailure::NotOffered),
            Err(failure) => Err(ReportFailure::Failed(failure.problem(url))),
        };
        if has_news {
            self.tell_sources();
        }
        self.tell_report(id, what, report, now);
    }

    fn tell_report(
        &mut self,
        source: SourceId,
        what: ReportKind,
        report: Result<Report, ReportFailure>,
        now: Timestamp,
    ) {
        self.tell(Event::Report(Box::new(ReportAnswer { source, what, at_ms: now.0, report })));
    }
}

/// A report, and whether there is anything in it.
fn read(what: ReportKind, reply: &HttpReply) -> Result<(Report, bool), ApiError> {
    fn data<T: DeserializeOwned + Default>(reply: &HttpReply) -> Result<T, ApiError> {
        read_reply::<T>(reply).map(|reply| reply.data)
    }
    Ok(match what {
        ReportKind::Build => (Report::Build(Box::new(data::<BuildInfo>(reply)?)), true),
        ReportKind::Runtime => (Report::Runtime(Box::new(data::<RuntimeInfo>(reply)?)), true),
        ReportKind::Cardinality => (Report::Cardinality(Box::new(data::<TsdbStatus>(reply)?)), true),
        ReportKind::Targets => {
            let targets = data::<Targets>(reply)?;
            let has_content = !targets.active.is_empty() || !targets.dropped.is_empty();
            (Report::Targets(targets), has_content)
        }
        ReportKind::Rules => {
            let rules = data::<Rules>(reply)?;
            let has_content = !rules.groups.is_empty();
            (Report::Rules(rules), has_content)
        }
        ReportKind::Alerts => {
            let alerts = data::<Alerts>(reply)?;
            let has_content = !alerts.alerts.is_empty();
            (Report::Alerts(alerts), has_content)
        }
        ReportKind::Metrics => (Report::Metrics(Vec::new()), false),
    })
}
