//! Small answers of servers of several versions.

use super::*;
use expect_test::{Expect, expect};
use std::fmt::Debug;

fn read<T: DeserializeOwned + Default>(status: u16, body: &str) -> Result<Reply<T>, ApiError> {
    let head = HttpHead { status, content_type: None };
    read_reply(&HttpReply { head, body: body.as_bytes().to_vec() })
}

fn check<T: DeserializeOwned + Default + Debug>(body: &str, want: &Expect) {
    want.assert_debug_eq(&read::<T>(200, body).expect(body).data);
}

fn refused(status: u16, body: &str, want: &Expect) {
    let error = read::<LabelNames>(status, body).expect_err(body);
    want.assert_eq(&format!("{error} | {error:?}"));
}

#[test]
fn lists_may_be_null_and_fields_unknown() {
    check::<LabelNames>(
        r#"{"status":"success","data":["a","b"]}"#,
        &expect![[r#"
        [
            "a",
            "b",
        ]
    "#]],
    );
    check::<LabelNames>(
        r#"{"status":"success","data":null}"#,
        &expect![[r#"
        []
    "#]],
    );
    check::<Targets>(
        r#"{"status":"success","data":{"activeTargets":null,"new":1}}"#,
        &expect![[r#"
        Targets {
            active: [],
            dropped: [],
            n_dropped_by_pool: {},
        }
    "#]],
    );
    let reply = read::<LabelNames>(200, r#"{"status":"success","data":[],"warnings":["w"],"infos":null}"#).unwrap();
    assert_eq!((reply.warnings, reply.infos), (vec!["w".to_owned()], vec![]));
}

#[test]
fn series_become_labels() {
    check::<SeriesList>(
        r#"{"status":"success","data":[{"job":"b","__name__":"up"},{"a.b":"é\n"}]}"#,
        &expect![[r#"
        SeriesList(
            [
                up{job="b"},
                {"a.b"="é\n"},
            ],
        )
    "#]],
    );
}

#[test]
fn rules_and_alerts_are_read_with_their_times() {
    check::<Rules>(
        r#"{"status":"success","data":{"groups":[{"name":"g","file":"/r.yml","interval":60,"limit":0,
            "evaluationTime":0.0015,"lastEvaluation":"2026-11-27T07:00:00.123456789+01:00","rules":[
            {"type":"recording","name":"a:b","query":"sum(b)","health":"ok","lastEvaluation":"0001-01-01T00:00:00Z"},
            {"type":"alerting","name":"Down","query":"up == 0","duration":300,"state":"firing","health":"err",
             "lastError":"x","labels":{"severity":"page"},"annotations":null,"alerts":[
             {"labels":{"alertname":"Down"},"annotations":{"summary":"s"},"state":"pending","activeAt":"2026-11-27T06:00:00Z","value":"1e+00"}]}]}]}}"#,
        &expect![[r#"
            Rules {
                groups: [
                    RuleGroup {
                        name: "g",
                        file: "/r.yml",
                        interval_secs: 60.0,
                        rules: [
                            Rule {
                                kind: Recording,
                                name: "a:b",
                                query: "sum(b)",
                                for_secs: 0.0,
                                keep_firing_for_secs: 0.0,
                                labels: {},
                                annotations: {},
                                alerts: [],
                                health: "ok",
                                last_error: "",
                                state: Unknown,
                                evaluation_secs: 0.0,
                                last_evaluation_ms: None,
                            },
                            Rule {
                                kind: Alerting,
                                name: "Down",
                                query: "up == 0",
                                for_secs: 300.0,
                                keep_firing_for_secs: 0.0,
                                labels: {
                                    "severity": "page",
                                },
                                annotations: {},
                                alerts: [
                                    Alert {
                                        labels: {
                                            "alertname": "Down",
                                        },
                                        annotations: {
                                            "summary": "s",
                                        },
                                        state: Pending,
                                        active_at_ms: Some(
                                            1795759200000,
                                        ),
                                        value: 1.0,
                                    },
                                ],
                                health: "err",
                                last_error: "x",
                                state: Firing,
                                evaluation_secs: 0.0,
                                last_evaluation_ms: None,
                            },
                        ],
                        evaluation_secs: 0.0015,
                        last_evaluation_ms: Some(
                            1795759200123,
                        ),
                    },
                ],
            }
        "#]],
    );
}

#[test]
fn exemplars_have_numbers_in_texts_or_as_such() {
    check::<Exemplars>(
        r#"{"status":"success","data":[{"seriesLabels":{"__name__":"x"},"exemplars":[
            {"labels":{"trace_id":"a"},"value":"6","timestamp":1600096945.479},{"labels":{},"value":0.5,"timestamp":1}]}]}"#,
        &expect![[r#"
            Exemplars(
                [
                    ExemplarSeries {
                        labels: x,
                        exemplars: [
                            ExemplarOf {
                                labels: {trace_id="a"},
                                v: 6.0,
                                t: Timestamp(
                                    1600096945479,
                                ),
                            },
                            ExemplarOf {
                                labels: {},
                                v: 0.5,
                                t: Timestamp(
                                    1000,
                                ),
                            },
                        ],
                    },
                ],
            )
        "#]],
    );
}

#[test]
fn what_fails_says_how() {
    refused(
        400,
        r#"{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\""}"#,
        &expect![[
            r#"invalid parameter "query" | Refused { status: 400, kind: BadData, message: "invalid parameter \"query\"" }"#
        ]],
    );
    refused(
        200,
        r#"{"status":"error","errorType":"execution","error":"x"}"#,
        &expect![[r#"x | Refused { status: 200, kind: Execution, message: "x" }"#]],
    );
    refused(
        401,
        "Unauthorized\n",
        &expect![[r#"the server answered 401: Unauthorized | Unauthorized { status: 401, message: "Unauthorized" }"#]],
    );
    refused(
        403,
        "<html>no</html>",
        &expect![[
            r#"the server answered 403: it wants other credentials | Unauthorized { status: 403, message: "" }"#
        ]],
    );
    refused(
        404,
        "404 page not found\n",
        &expect!["the server does not offer this (status 404) | NotOffered { status: 404 }"],
    );
    refused(
        400,
        "remoteAddr: \"[::1]:1\"; unsupported path requested: \"/api/v1/x\"\n",
        &expect!["the server does not offer this (status 400) | NotOffered { status: 400 }"],
    );
    refused(
        502,
        "<html><h1>Bad gateway",
        &expect![[r#"the server answered 502 | Status { status: 502, message: "" }"#]],
    );
    refused(
        503,
        "Service Unavailable\nmore",
        &expect![[
            r#"the server answered 503: Service Unavailable | Status { status: 503, message: "Service Unavailable" }"#
        ]],
    );
    refused(
        200,
        "<!doctype html><title>Sign in</title>",
        &expect![[r#"the answer is a web page, not an answer of the Prometheus API | NotApi { found: "a web page" }"#]],
    );
    refused(
        200,
        "# HELP up\nup 1\n",
        &expect![[
            r#"the answer is metrics text, not an answer of the Prometheus API | NotApi { found: "metrics text" }"#
        ]],
    );
    refused(
        200,
        "",
        &expect![[r#"the answer is empty, not an answer of the Prometheus API | NotApi { found: "empty" }"#]],
    );
    refused(
        200,
        r#"{"status":"success","data":{"a":1}}"#,
        &expect![[
            r#"byte 26 of the answer: expected a sequence, found map | Syntax(SyntaxError { offset: 26, expected: "a sequence", found: "map" })"#
        ]],
    );
    refused(
        200,
        r#"{"status":"success","data":["a","#,
        &expect![[
            r#"byte 31 of the answer: expected more, found its end | Syntax(SyntaxError { offset: 31, expected: "more", found: "its end" })"#
        ]],
    );
    refused(
        200,
        r#"{"ok":true}"#,
        &expect![[r#"the answer is other JSON, not an answer of the Prometheus API | NotApi { found: "other JSON" }"#]],
    );
}

#[test]
fn what_was_read_can_be_passed_on() {
    let body = r#"{"labels":{"a":"b"},"state":"firing","activeAt":"2026-11-27T06:00:00.5Z","value":"+Inf"}"#;
    let alert: Alert = serde_json::from_str(body).unwrap();
    let again: Alert = serde_json::from_str(&serde_json::to_string(&alert).unwrap()).unwrap();
    assert_eq!((again.value, again.active_at_ms), (f64::INFINITY, alert.active_at_ms));
    assert_eq!(again, alert);
}
