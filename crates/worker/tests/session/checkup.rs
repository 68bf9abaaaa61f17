//! A checkup in a world of targets: what is fetched, in which rounds, and what is concluded.

use super::*;
use expect_test::{Expect, expect};
use protocol::{Access, Auth, DiagnoseRequest, DoctorReport, PageState, Patient, Secret, SourceId};
use std::fmt::Write as _;
use worker::{HeardOfProbe as Heard, Looked, Probe, Silence};

/// What an address answers, asked in a way: `Direct http://…`.
type World<'a> = &'a dyn Fn(&str) -> Result<Heard, Silence>;

fn heard(status: u16, body: &str) -> Result<Heard, Silence> {
    Ok(Heard { status, body: body.as_bytes().to_vec(), ..Heard::default() })
}

/// The relay with an answer of a target.
fn relayed(status: u16, body: &str) -> Result<Heard, Silence> {
    let headers = [("x-target-status".to_owned(), status.to_string())].into();
    Ok(Heard { status: 200, headers, body: body.as_bytes().to_vec(), is_cut: false })
}

fn refusal(kind: &str) -> Result<Heard, Silence> {
    heard(502, &format!(r#"{{"kind":"{kind}","message":"m"}}"#))
}

fn relay_info() -> Result<Heard, Silence> {
    heard(200, r#"{"name":"promenade-relay","version":"0.1.0","max_body_bytes":1}"#)
}

fn request(patient: Patient, url: &str) -> DiagnoseRequest {
    DiagnoseRequest {
        patient,
        serial: 7,
        url: url.to_owned(),
        access: Access::default(),
        timeout_ms: 5_000,
        page: PageState { is_secure: true, is_online: true, loopback: None, local_network: None },
    }
}

/// Runs a checkup; a line for each round, then each cause.
fn examine(request: DiagnoseRequest, world: World<'_>) -> (String, DoctorReport, Vec<Probe>) {
    let mut page = Page::open();
    page.send(Request::Diagnose(request));
    let mut checkups = page.worker.take_checkups();
    assert_eq!(checkups.len(), 1);
    let mut checkup = checkups.remove(0);
    let (mut log, mut all) = (String::new(), Vec::new());
    for _ in 0..8 {
        let probes = checkup.next_round();
        if probes.is_empty() {
            let Event::Diagnosis(news) = checkup.news(true) else { panic!("no news") };
            assert_eq!((news.serial, news.n_done), (7, news.n_checks));
            let report = *news.report.expect("a report");
            for diagnosis in &report.diagnoses {
                let _ = writeln!(log, "= {} {:?}", diagnosis.sentence, diagnosis.found);
            }
            return (log.trim_end().to_owned(), report, all);
        }
        let n_probes = probes.len();
        let names: Vec<String> = probes.iter().map(|probe| format!("{:?} {}", probe.way, probe.about)).collect();
        let _ = writeln!(log, "{}", names.join(", "));
        for (idx, (probe, name)) in probes.iter().zip(&names).enumerate() {
            let heard = if probe.about.is_empty() { world("relay") } else { world(name) };
            let is_over = checkup.took(probe, Looked { heard, took_ms: 3 });
            assert_eq!(is_over, idx + 1 == n_probes);
        }
        all.extend(probes);
    }
    panic!("a checkup without an end: {log}");
}

fn check(url: &str, world: World<'_>, expected: &Expect) {
    let (log, ..) = examine(request(Patient::Target(TargetId(1)), url), world);
    expected.assert_eq(&log);
}

#[test]
fn what_answers_is_looked_at_once_and_without_detours() {
    check(
        "h.example.org:1",
        &|name| match name {
            "Direct http://h.example.org:1/metrics" => heard(200, "x 1\n"),
            _ => Err(Silence::Opaque),
        },
        &expect![[r#"
        Direct , Direct http://h.example.org:1/metrics, Blind http://h.example.org:1/metrics, Blind https://h.example.org:1/metrics
        = http://h.example.org:1/metrics answers with metrics now, in 3 ms. None"#]],
    );
}

#[test]
fn a_wrong_path_leads_to_the_right_one_through_the_relay() {
    check(
        "127.0.0.1:8080",
        &|name| match name {
            "relay" => relay_info(),
            "Blind http://127.0.0.1:8080/metrics" => Ok(Heard::default()),
            "Relay http://127.0.0.1:8080/metrics" => relayed(404, "<!doctype html>"),
            "Relay http://127.0.0.1:8080/actuator/prometheus" => relayed(200, "jvm_threads 1\n"),
            name if name.starts_with("Relay") => relayed(404, "no"),
            _ => Err(Silence::Opaque),
        },
        &expect![[r#"
        Direct , Direct http://127.0.0.1:8080/metrics, Blind http://127.0.0.1:8080/metrics, Blind https://127.0.0.1:8080/metrics
        Relay http://127.0.0.1:8080/metrics
        Relay http://127.0.0.1:8080/actuator/prometheus, Relay http://127.0.0.1:8080/federate, Relay http://127.0.0.1:8080/prometheus, Relay http://127.0.0.1:8080/probe
        = http://127.0.0.1:8080/metrics has no metrics; they are at /actuator/prometheus. Some("http://127.0.0.1:8080/actuator/prometheus")
        = http://127.0.0.1:8080/metrics answered with status 404: nothing is at this path. None"#]],
    );
}

#[test]
fn what_a_relay_in_a_container_does_not_reach_is_looked_for_on_its_host() {
    check(
        "127.0.0.1:9323",
        &|name| match name {
            "relay" => relay_info(),
            "Blind http://127.0.0.1:9323/metrics" => Ok(Heard::default()),
            "Relay http://127.0.0.1:9323/metrics" => refusal("refused"),
            "Relay http://host.docker.internal:9323/metrics" => relayed(200, "engine_daemon_x 1\n"),
            _ => Err(Silence::Opaque),
        },
        &expect![[r#"
        Direct , Direct http://127.0.0.1:9323/metrics, Blind http://127.0.0.1:9323/metrics, Blind https://127.0.0.1:9323/metrics
        Relay http://127.0.0.1:9323/metrics
        Relay http://host.docker.internal:9323/metrics
        = http://127.0.0.1:9323/metrics does not answer from where it was asked; the metrics are at host.docker.internal:9323. Some("http://host.docker.internal:9323/metrics")
        = Your browser reaches 127.0.0.1:9323, and the relay does not: it runs in a container or on another machine. None"#]],
    );
}

#[test]
fn a_relay_that_was_there_is_missed() {
    let mut page = Page::open().with_relay();
    page.send(Request::Diagnose(request(Patient::Target(TargetId(1)), "127.0.0.1:9100")));
    let mut checkup = page.worker.take_checkups().remove(0);
    for _ in 0..4 {
        for probe in checkup.next_round() {
            let heard = if format!("{:?}", probe.way) == "Blind" { Ok(Heard::default()) } else { Err(Silence::Opaque) };
            checkup.took(&probe, Looked { heard, took_ms: 1 });
        }
    }
    let Event::Diagnosis(news) = checkup.news(true) else { panic!("no news") };
    let report = news.report.expect("a report");
    assert!(report.diagnoses[0].sentence.contains("does not answer any more"), "{report:?}");
}

#[test]
fn credentials_go_to_their_own_host_and_are_never_printed() {
    let access = Access {
        auth: Auth::Token { kind: "Bearer".to_owned(), credentials: Secret("hunter2".to_owned()) },
        headers: vec![("X-Scope-OrgID".to_owned(), Secret("hunter2".to_owned()))],
    };
    let request = DiagnoseRequest { access, ..request(Patient::Source(SourceId(3)), "http://127.0.0.1:9090/") };
    let (log, report, probes) = examine(request, &|name| match name {
        "relay" => relay_info(),
        name if name.starts_with("Relay http://127.0.0.1") => refusal("refused"),
        name if name.starts_with("Relay") => relayed(401, ""),
        _ => Err(Silence::Opaque),
    });
    for probe in &probes {
        let names: Vec<&str> = probe.headers.iter().map(|(name, _)| name.as_str()).collect();
        let has_secret = names.iter().any(|name| name.ends_with("Authorization") || name.ends_with("X-Scope-OrgID"));
        let may_have = probe.about.contains("127.0.0.1") && format!("{:?}", probe.way) != "Blind";
        assert_eq!(has_secret, may_have, "{probe:?}");
        assert!(!format!("{probe:?}").contains("hunter2"));
    }
    assert!(!format!("{report:?}").contains("hunter2"));
    expect![[r#"
        Direct , Direct http://127.0.0.1:9090/api/v1/query?query=1, Blind http://127.0.0.1:9090/api/v1/query?query=1, Blind https://127.0.0.1:9090/api/v1/query?query=1
        Relay http://127.0.0.1:9090/api/v1/query?query=1
        Relay http://host.docker.internal:9090/api/v1/query?query=1
        = 127.0.0.1:9090 refused the connection: no program listens there. None"#]].assert_eq(&log);
}

#[test]
fn a_server_of_the_api_is_found_under_its_prefix() {
    let patient = Patient::Source(SourceId(1));
    let (log, ..) = examine(request(patient, "http://127.0.0.1:9090"), &|name| match name {
        "Direct http://127.0.0.1:9090/prometheus/api/v1/query?query=1" => {
            heard(200, r#"{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}"#)
        }
        name if name.starts_with("Direct") => heard(404, "404 page not found"),
        "relay" => heard(200, "<!doctype html>"),
        _ => Err(Silence::Opaque),
    });
    expect![[r#"
        Direct , Direct http://127.0.0.1:9090/api/v1/query?query=1, Blind http://127.0.0.1:9090/api/v1/query?query=1, Blind https://127.0.0.1:9090/api/v1/query?query=1
        Direct http://127.0.0.1:9090/prometheus/api/v1/query?query=1, Direct http://127.0.0.1:9090/select/0/prometheus/api/v1/query?query=1, Direct http://127.0.0.1:9090/api/prom/api/v1/query?query=1
        = http://127.0.0.1:9090 does not answer as Prometheus' API where it was asked; the API is at http://127.0.0.1:9090/prometheus. Some("http://127.0.0.1:9090/prometheus")
        = http://127.0.0.1:9090/api/v1/query answered with status 404: nothing is at this path. None"#]].assert_eq(&log);
}

#[test]
fn a_checkup_that_has_not_begun_is_replaced() {
    let mut page = Page::open();
    for n in 0..40 {
        page.send(Request::Diagnose(request(Patient::Target(TargetId(n % 20)), "h:1")));
    }
    assert_eq!(page.worker.take_checkups().len(), 8);
    assert!(page.worker.take_checkups().is_empty());
}
