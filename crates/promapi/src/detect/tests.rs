//! How answers tell which server it is, and what it offers.

use super::*;
use crate::address::Address;
use crate::http::HttpHead;
use expect_test::{Expect, expect};

const NOT_FOUND: (u16, &str) = (404, "404 page not found\n");
const PROMETHEUS: &str = r#"{"status":"success","data":{"version":"2.42.0","revision":"225c61122d88b01d1f0eaaee0e05b6f3e0567ac0","branch":"HEAD","buildUser":"x","buildDate":"20230201-07:53:32","goVersion":"go1.19.5"}}"#;
const FOUR: &str = r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#;
const ONE: &str = r#"{"status":"success","data":{"resultType":"scalar","result":[0,"1"]}}"#;

/// Answers by what the address contains; the first that fits. Others are not found, `NO` is no answer.
fn check(typed: &str, answers: &[(&str, u16, &str)], want: &Expect) {
    let mut detection = Detection::new(&Address::parse(typed).unwrap().candidates).unwrap();
    let mut said = String::new();
    for _ in 0..40 {
        match detection.step() {
            DetectionStep::Ask(base, request) => {
                let url = request.url(&base);
                let (status, body) = answers
                    .iter()
                    .find(|(part, ..)| url.contains(part))
                    .map_or(NOT_FOUND, |(_, status, body)| (*status, *body));
                said += &format!("{status} {url}\n");
                let head = HttpHead { status, content_type: None };
                detection.reply(match status {
                    0 => Err(NoReply { why: Some(body.to_owned()).filter(|why| !why.is_empty()) }),
                    _ => Ok(HttpReply { head, body: body.as_bytes().to_vec() }),
                });
            }
            DetectionStep::Done(Ok(found)) => {
                want.assert_eq(&format!("{said}{} at {}", found.server, found.base));
                return;
            }
            DetectionStep::Done(Err(error)) => return want.assert_eq(&format!("{said}{error}")),
        }
    }
    panic!("it does not end:\n{said}");
}

#[test]
fn prometheus_says_its_version() {
    check(
        "localhost:9090/graph",
        &[("buildinfo", 200, PROMETHEUS)],
        &expect![[r#"
        200 http://localhost:9090/api/v1/status/buildinfo
        Prometheus 2.42.0 at http://localhost:9090"#]],
    );
    check(
        "http://h/",
        &[("h/prometheus/api/v1/status/buildinfo", 200, PROMETHEUS)],
        &expect![[r#"
        404 http://h/api/v1/status/buildinfo
        404 http://h/api/v1/query?query=1&time=0&timeout=10
        200 http://h/prometheus/api/v1/status/buildinfo
        Prometheus 2.42.0 at http://h/prometheus"#]],
    );
}

#[test]
fn others_are_told_by_what_they_say_and_what_they_understand() {
    let short = r#"{"status":"success","data":{"version":"2.24.0"}}"#;
    check(
        "http://vm:8428",
        &[("buildinfo", 200, short), ("default", 200, ONE)],
        &expect![[r#"
        200 http://vm:8428/api/v1/status/buildinfo
        200 http://vm:8428/api/v1/query?query=1%20default%202&time=0&timeout=10
        VictoriaMetrics at http://vm:8428"#]],
    );
    check(
        "http://vm:8428",
        &[("query?", 200, ONE)],
        &expect![[r#"
        404 http://vm:8428/api/v1/status/buildinfo
        200 http://vm:8428/api/v1/query?query=1&time=0&timeout=10
        200 http://vm:8428/api/v1/query?query=1%20default%202&time=0&timeout=10
        VictoriaMetrics at http://vm:8428"#]],
    );
    check(
        "http://old:9090",
        &[("default", 400, FOUR), ("query?", 200, ONE)],
        &expect![[r#"
        404 http://old:9090/api/v1/status/buildinfo
        200 http://old:9090/api/v1/query?query=1&time=0&timeout=10
        400 http://old:9090/api/v1/query?query=1%20default%202&time=0&timeout=10
        a Prometheus-compatible server at http://old:9090"#]],
    );
    let nothing = r#"{"status":"success","data":{}}"#;
    check(
        "http://vm:8428",
        &[("buildinfo", 200, nothing), ("default", 200, ONE)],
        &expect![[r#"
        200 http://vm:8428/api/v1/status/buildinfo
        200 http://vm:8428/api/v1/query?query=1%20default%202&time=0&timeout=10
        VictoriaMetrics at http://vm:8428"#]],
    );
    let mimir = r#"{"status":"success","data":{"application":"Grafana Mimir","version":"2.10.0","revision":"x"}}"#;
    check(
        "https://mimir.example",
        &[("https://mimir.example/prometheus/api", 200, mimir)],
        &expect![[r#"
        404 https://mimir.example/api/v1/status/buildinfo
        404 https://mimir.example/api/v1/query?query=1&time=0&timeout=10
        200 https://mimir.example/prometheus/api/v1/status/buildinfo
        Mimir 2.10.0 at https://mimir.example/prometheus"#]],
    );
    let thanos = r#"{"status":"success","data":{"version":"0.31.0","revision":"x","goVersion":"go1.19"}}"#;
    check(
        "http://thanos:10902/",
        &[("buildinfo", 200, thanos)],
        &expect![[r#"
        200 http://thanos:10902/api/v1/status/buildinfo
        Thanos 0.31.0 at http://thanos:10902"#]],
    );
}

#[test]
fn what_is_no_such_server_says_what_it_is() {
    check(
        "http://h:80/x",
        &[("", 200, "<html>hello</html>")],
        &expect![[r#"
            200 http://h:80/x/api/v1/status/buildinfo
            200 http://h:80/x/api/v1/query?query=1&time=0&timeout=10
            200 http://h:80/x/prometheus/api/v1/status/buildinfo
            200 http://h:80/x/prometheus/api/v1/query?query=1&time=0&timeout=10
            200 http://h:80/api/v1/status/buildinfo
            200 http://h:80/api/v1/query?query=1&time=0&timeout=10
            there is no Prometheus API at http://h:80/x: the answer is a web page"#]],
    );
    check(
        "http://h:9100/metrics",
        &[],
        &expect![[r#"
            404 http://h:9100/api/v1/status/buildinfo
            404 http://h:9100/api/v1/query?query=1&time=0&timeout=10
            404 http://h:9100/prometheus/api/v1/status/buildinfo
            404 http://h:9100/prometheus/api/v1/query?query=1&time=0&timeout=10
            404 http://h:9100/api/prom/api/v1/status/buildinfo
            404 http://h:9100/api/prom/api/v1/query?query=1&time=0&timeout=10
            404 http://h:9100/select/0/prometheus/api/v1/status/buildinfo
            404 http://h:9100/select/0/prometheus/api/v1/query?query=1&time=0&timeout=10
            404 http://h:9100/metrics/api/v1/status/buildinfo
            404 http://h:9100/metrics/api/v1/query?query=1&time=0&timeout=10
            there is no Prometheus API at http://h:9100: the answer has status 404"#]],
    );
    check(
        "http://h",
        &[("", 0, "")],
        &expect![[r#"
        0 http://h/api/v1/status/buildinfo
        no answer from http://h"#]],
    );
    check(
        "h.example",
        &[("https:", 0, "refused"), ("buildinfo", 200, PROMETHEUS)],
        &expect![[r#"
        0 https://h.example/api/v1/status/buildinfo
        200 http://h.example/api/v1/status/buildinfo
        Prometheus 2.42.0 at http://h.example"#]],
    );
    check(
        "http://h",
        &[("buildinfo", 401, "Unauthorized\n")],
        &expect![[r#"
        401 http://h/api/v1/status/buildinfo
        the server answered 401: Unauthorized"#]],
    );
    let tenant = r#"{"status":"error","errorType":"bad_data","error":"no org id"}"#;
    check(
        "http://h",
        &[("query?", 401, tenant)],
        &expect![[r#"
        404 http://h/api/v1/status/buildinfo
        401 http://h/api/v1/query?query=1&time=0&timeout=10
        the server answered 401: no org id"#]],
    );
}
