//! What can be asked of the API: method, path and parameters. Never credentials.

use crate::address::Base;
use crate::server::ServerKind;
use model::{Matcher, Millis, StepGrid, TimeRange, Timestamp};
use std::fmt::Write as _;

/// A question whose parameters are longer goes as a form in the body: proxies commonly cut lines of 4 to 8 KiB, and the
/// relay puts the whole address into another one.
const MAX_QUERY_BYTES: usize = 1_500;

/// What the API consists of, as far as it is used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ApiEndpoint {
    /// An expression at one time.
    Query,
    /// An expression at each step of a range.
    QueryRange,
    /// Exemplars of the series of an expression.
    Exemplars,
    /// Names of labels.
    Labels,
    /// Values of a label.
    LabelValues,
    /// Label sets of series.
    Series,
    /// Types and help of metrics.
    Metadata,
    /// What the server scrapes.
    Targets,
    /// Rules with their health.
    Rules,
    /// Alerts that are pending or firing.
    Alerts,
    /// The server's version.
    BuildInfo,
    /// Since when it runs, how long it keeps samples.
    RuntimeInfo,
    /// What its store holds: how many series of which names.
    TsdbStatus,
    /// Its command line.
    Flags,
}

impl ApiEndpoint {
    /// All of them.
    pub const ALL: [ApiEndpoint; 14] = {
        use ApiEndpoint as E;
        [
            E::Query,
            E::QueryRange,
            E::Exemplars,
            E::Labels,
            E::LabelValues,
            E::Series,
            E::Metadata,
            E::Targets,
            E::Rules,
            E::Alerts,
            E::BuildInfo,
            E::RuntimeInfo,
            E::TsdbStatus,
            E::Flags,
        ]
    };

    /// Whether it may be asked by `POST`, with the parameters in the body.
    fn takes_post(self) -> bool {
        use ApiEndpoint as E;
        matches!(self, E::Query | E::QueryRange | E::Exemplars | E::Labels | E::Series)
    }

    /// Behind `/api/v1/`; the values of a label have its name in the path.
    fn path(self) -> &'static str {
        match self {
            ApiEndpoint::Query => "query",
            ApiEndpoint::QueryRange => "query_range",
            ApiEndpoint::Exemplars => "query_exemplars",
            ApiEndpoint::Labels => "labels",
            ApiEndpoint::LabelValues => "label",
            ApiEndpoint::Series => "series",
            ApiEndpoint::Metadata => "metadata",
            ApiEndpoint::Targets => "targets",
            ApiEndpoint::Rules => "rules",
            ApiEndpoint::Alerts => "alerts",
            ApiEndpoint::BuildInfo => "status/buildinfo",
            ApiEndpoint::RuntimeInfo => "status/runtimeinfo",
            ApiEndpoint::TsdbStatus => "status/tsdb",
            ApiEndpoint::Flags => "status/flags",
        }
    }
}

/// How a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Parameters in the address.
    Get,
    /// Parameters as a form in the body. Browsers send such a form to other origins without asking first.
    Post,
}

impl Method {
    /// As HTTP writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// The circumstances of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// After so long it is given up: the server is told so, and whoever fetches should wait little longer.
    pub timeout: Millis,
    /// Which server it is: some need a parameter of their own.
    pub kind: ServerKind,
    /// How far back a sample is looked for, where it is not the server's default.
    pub lookback: Option<Millis>,
    /// At most so many names, values, series or entries, where the server knows such a limit; 0: all.
    pub limit: usize,
}

impl Default for Ask {
    /// Half a minute, as a dashboard waits.
    fn default() -> Self {
        Ask { timeout: Millis(30_000), kind: ServerKind::Unknown, lookback: None, limit: 0 }
    }
}

/// A question to the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiRequest {
    /// What is asked.
    pub endpoint: ApiEndpoint,
    /// How. [`ApiRequest::by`] changes it.
    pub method: Method,
    /// After so long it should be given up.
    pub timeout: Millis,
    /// Behind the base: `/api/v1/query`.
    path: String,
    /// Encoded: `query=up&time=1`.
    params: String,
}

impl ApiRequest {
    /// What kinds of answers are read.
    pub const ACCEPT: &'static str = "application/json";
    /// How a form is written, one of the types for which a browser asks nobody first.
    pub const FORM_TYPE: &'static str = "application/x-www-form-urlencoded";

    /// An expression at one time; now, by the server's clock, where that is `None`.
    #[must_use]
    pub fn query(expr: &str, time: Option<Timestamp>, ask: &Ask) -> Self {
        let mut params = Params::default();
        params.push("query", expr);
        if let Some(time) = time {
            params.push("time", &seconds(time.0));
        }
        params.evaluation(ask);
        if ask.kind == ServerKind::VictoriaMetrics {
            // Otherwise it answers for 30 s ago where it is asked about now: about its own clock, too.
            params.push("nocache", "1");
        }
        params.request(ApiEndpoint::Query, ask)
    }

    /// An expression at each step of a grid.
    #[must_use]
    pub fn query_range(expr: &str, grid: StepGrid, ask: &Ask) -> Self {
        let mut params = Params::default();
        params.push("query", expr);
        params.range(TimeRange { start: grid.start, end: grid.end() });
        params.push("step", &seconds(grid.step.0.max(1)));
        params.evaluation(ask);
        if ask.kind == ServerKind::VictoriaMetrics {
            // Otherwise it moves the range to whole multiples of the step.
            params.push("nocache", "1");
        }
        params.request(ApiEndpoint::QueryRange, ask)
    }

    /// The stored samples of some series in a range of time, both ends in it. They come as [`Data::Samples`](crate::Data).
    ///
    /// It is an instant query of a range selector, whose range is open at its beginning in Prometheus 3 and closed before;
    /// asked is a millisecond more, and what lies outside is for the reader to drop.
    #[must_use]
    pub fn raw(matchers: &[Matcher], range: TimeRange, ask: &Ask) -> Self {
        let length_ms = range.end.0.saturating_sub(range.start.0).saturating_add(1).max(1);
        ApiRequest::query(&format!("{}[{length_ms}ms]", selector(matchers)), Some(range.end), ask)
    }

    /// Exemplars of the series of an expression.
    #[must_use]
    pub fn exemplars(expr: &str, range: TimeRange, ask: &Ask) -> Self {
        let mut params = Params::default();
        params.push("query", expr);
        params.range(range);
        params.request(ApiEndpoint::Exemplars, ask)
    }

    /// Names of labels, of all series or of those that match one of the selectors.
    #[must_use]
    pub fn labels(selectors: &[&str], range: Option<TimeRange>, ask: &Ask) -> Self {
        Params::of_selectors(selectors, range, ask).request(ApiEndpoint::Labels, ask)
    }

    /// Values of a label, of all series or of those that match one of the selectors. `__name__` gives metrics' names.
    #[must_use]
    pub fn label_values(label: &str, selectors: &[&str], range: Option<TimeRange>, ask: &Ask) -> Self {
        let mut request = Params::of_selectors(selectors, range, ask).request(ApiEndpoint::LabelValues, ask);
        request.path.push('/');
        encode(&mut request.path, &path_name(label));
        request.path.push_str("/values");
        request
    }

    /// Label sets of the series that match one of the selectors. There has to be one.
    #[must_use]
    pub fn series(selectors: &[&str], range: Option<TimeRange>, ask: &Ask) -> Self {
        Params::of_selectors(selectors, range, ask).request(ApiEndpoint::Series, ask)
    }

    /// Type, unit and help of one metric or of all.
    #[must_use]
    pub fn metadata(metric: Option<&str>, ask: &Ask) -> Self {
        let mut params = Params::default();
        if let Some(metric) = metric {
            params.push("metric", metric);
        }
        params.limit(ask);
        params.request(ApiEndpoint::Metadata, ask)
    }

    /// What the server's store holds, in tables of `ask.limit` rows, or as many as the server thinks best.
    #[must_use]
    pub fn tsdb_status(ask: &Ask) -> Self {
        let mut params = Params::default();
        params.limit(ask);
        if ask.limit > 0 && ask.kind == ServerKind::VictoriaMetrics {
            params.push("topN", &ask.limit.to_string());
        }
        params.request(ApiEndpoint::TsdbStatus, ask)
    }

    /// What has no parameters: targets, rules, alerts, build and runtime information, flags.
    #[must_use]
    pub fn plain(endpoint: ApiEndpoint, ask: &Ask) -> Self {
        Params::default().request(endpoint, ask)
    }

    /// The same by the other method, for a server or a proxy that refuses this one (405). `None` where there is only one.
    #[must_use]
    pub fn by(&self, method: Method) -> Option<Self> {
        let is_possible = method == Method::Get || self.endpoint.takes_post();
        is_possible.then(|| ApiRequest { method, ..self.clone() })
    }

    /// The path behind the base, without parameters.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where to send it.
    #[must_use]
    pub fn url(&self, base: &Base) -> String {
        match self.method {
            Method::Get if !self.params.is_empty() => format!("{base}{}?{}", self.path, self.params),
            _ => format!("{base}{}", self.path),
        }
    }

    /// The form, of type [`ApiRequest::FORM_TYPE`].
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        (self.method == Method::Post).then_some(self.params.as_str())
    }
}

/// `{__name__="up",job="x"}`: all versions read a name so, whatever it consists of.
fn selector(matchers: &[Matcher]) -> String {
    let mut text = String::from("{");
    for (idx, matcher) in matchers.iter().enumerate() {
        if idx > 0 {
            text.push(',');
        }
        let _ = write!(text, "{matcher}");
    }
    text.push('}');
    text
}

/// Milliseconds as seconds: `1700000000.25`.
fn seconds(ms: i64) -> String {
    let mut text = String::new();
    if ms < 0 {
        text.push('-');
    }
    let ms = ms.unsigned_abs();
    let _ = write!(text, "{}", ms / 1_000);
    if !ms.is_multiple_of(1_000) {
        let _ = write!(text, ".{:03}", ms % 1_000);
        text.truncate(text.trim_end_matches('0').len());
    }
    text
}

/// A label's name in a path: Prometheus 3 wants names that are none of old escaped, `U__` before them and `_HEX_` for
/// what they may not hold.
fn path_name(label: &str) -> String {
    if model::is_legacy_label_name(label) && !label.starts_with("U__") {
        return label.to_owned();
    }
    let mut out = String::from("U__");
    for c in label.chars() {
        match c {
            '_' => out.push_str("__"),
            c if c.is_ascii_alphanumeric() => out.push(c),
            c => {
                let _ = write!(out, "_{:x}_", c as u32);
            }
        }
    }
    out
}

/// Parameters that are being written.
#[derive(Default)]
struct Params(String);

impl Params {
    fn of_selectors(selectors: &[&str], range: Option<TimeRange>, ask: &Ask) -> Self {
        let mut params = Params::default();
        for selector in selectors {
            params.push("match[]", selector);
        }
        if let Some(range) = range {
            params.range(range);
        }
        params.limit(ask);
        params
    }

    fn push(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        encode(&mut self.0, name);
        self.0.push('=');
        encode(&mut self.0, value);
    }

    fn range(&mut self, range: TimeRange) {
        self.push("start", &seconds(range.start.0));
        self.push("end", &seconds(range.end.0));
    }

    fn limit(&mut self, ask: &Ask) {
        if ask.limit > 0 {
            self.push("limit", &ask.limit.to_string());
        }
    }

    fn evaluation(&mut self, ask: &Ask) {
        self.push("timeout", &seconds(ask.timeout.0.max(1)));
        if let Some(lookback) = ask.lookback {
            // VictoriaMetrics' name for it, and Prometheus'.
            let name = if ask.kind == ServerKind::VictoriaMetrics { "max_lookback" } else { "lookback_delta" };
            self.push(name, &seconds(lookback.0.max(1)));
        }
    }

    fn request(self, endpoint: ApiEndpoint, ask: &Ask) -> ApiRequest {
        let is_long = self.0.len() > MAX_QUERY_BYTES && endpoint.takes_post();
        ApiRequest {
            endpoint,
            method: if is_long { Method::Post } else { Method::Get },
            timeout: ask.timeout,
            path: format!("/api/v1/{}", endpoint.path()),
            params: self.0,
        }
    }
}

/// Encodes for a query, a form or a segment of a path: only letters, digits and `-_.~` stay.
fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use model::MatchOp;

    fn check(request: &ApiRequest, want: &Expect) {
        let base = Base::parse("http://h/p").unwrap();
        let body = request.body().map_or(String::new(), |body| format!(" {} bytes", body.len()));
        want.assert_eq(&format!("{} {}{body}", request.method.as_str(), request.url(&base)));
    }

    #[test]
    fn questions_are_written_as_the_api_reads_them() {
        let ask = Ask::default();
        let range = TimeRange { start: Timestamp(1_000_500), end: Timestamp(2_000_000) };
        let grid = StepGrid { start: Timestamp(-1_500), step: Millis(250), len: 11 };
        let vm = Ask { kind: ServerKind::VictoriaMetrics, limit: 10, ..ask };
        check(
            &ApiRequest::query("sum(up) + 1", None, &ask),
            &expect!["GET http://h/p/api/v1/query?query=sum%28up%29%20%2B%201&timeout=30"],
        );
        check(
            &ApiRequest::query("up{job=\"ä\"}", Some(Timestamp(1_500)), &ask),
            &expect!["GET http://h/p/api/v1/query?query=up%7Bjob%3D%22%C3%A4%22%7D&time=1.5&timeout=30"],
        );
        check(
            &ApiRequest::query("up", None, &vm),
            &expect!["GET http://h/p/api/v1/query?query=up&timeout=30&nocache=1"],
        );
        check(
            &ApiRequest::query_range("up", grid, &ask),
            &expect!["GET http://h/p/api/v1/query_range?query=up&start=-1.5&end=1&step=0.25&timeout=30"],
        );
        check(
            &ApiRequest::query_range("up", grid, &vm),
            &expect!["GET http://h/p/api/v1/query_range?query=up&start=-1.5&end=1&step=0.25&timeout=30&nocache=1"],
        );
        let matchers = [Matcher::new("__name__", MatchOp::Equal, "up"), Matcher::new("a.b", MatchOp::NotRegex, "x|y")];
        check(
            &ApiRequest::raw(&matchers, range, &ask),
            &expect![
                "GET http://h/p/api/v1/query?query=%7B__name__%3D%22up%22%2C%22a.b%22%21~%22x%7Cy%22%7D%5B999501ms%5D&time=2000&timeout=30"
            ],
        );
        check(
            &ApiRequest::labels(&["up", "{a=\"b\"}"], Some(range), &ask),
            &expect!["GET http://h/p/api/v1/labels?match%5B%5D=up&match%5B%5D=%7Ba%3D%22b%22%7D&start=1000.5&end=2000"],
        );
        check(
            &ApiRequest::label_values("job", &[], None, &vm),
            &expect!["GET http://h/p/api/v1/label/job/values?limit=10"],
        );
        check(
            &ApiRequest::label_values("a.b_c", &[], None, &ask),
            &expect!["GET http://h/p/api/v1/label/U__a_2e_b__c/values"],
        );
        check(&ApiRequest::series(&["up"], None, &ask), &expect!["GET http://h/p/api/v1/series?match%5B%5D=up"]);
        check(&ApiRequest::metadata(Some("up"), &ask), &expect!["GET http://h/p/api/v1/metadata?metric=up"]);
        check(&ApiRequest::tsdb_status(&vm), &expect!["GET http://h/p/api/v1/status/tsdb?limit=10&topN=10"]);
        check(&ApiRequest::plain(ApiEndpoint::BuildInfo, &ask), &expect!["GET http://h/p/api/v1/status/buildinfo"]);
        check(&ApiRequest::query(&"x".repeat(2_000), None, &ask), &expect!["POST http://h/p/api/v1/query 2017 bytes"]);
        check(
            &ApiRequest::query("up", None, &ask).by(Method::Post).unwrap(),
            &expect!["POST http://h/p/api/v1/query 19 bytes"],
        );
        assert_eq!(ApiRequest::plain(ApiEndpoint::Rules, &ask).by(Method::Post), None);
    }
}
