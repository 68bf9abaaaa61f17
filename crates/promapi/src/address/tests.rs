//! What people paste as the address of a server, and where its API may be.

use super::*;
use expect_test::{Expect, expect};

fn check(typed: &str, want: &Expect) {
    let said = match Address::parse(typed) {
        Err(error) => format!("error: {error}"),
        Ok(address) => {
            let mut said = address.candidates.iter().map(Base::as_str).collect::<Vec<_>>().join("\n");
            if let Some(Userinfo { username, password }) = address.userinfo {
                said += &format!("\nuser {username} password {password}");
            }
            if let Some(expr) = address.expr {
                said += &format!("\nexpression {expr}");
            }
            said
        }
    };
    want.assert_eq(&said);
}

#[test]
fn what_is_typed_becomes_the_places_where_the_api_may_be() {
    check(
        "http://localhost:9090",
        &expect![[r#"
        http://localhost:9090
        http://localhost:9090/prometheus
        http://localhost:9090/api/prom
        http://localhost:9090/select/0/prometheus"#]],
    );
    check(
        " localhost:9090/ ",
        &expect![[r#"
        http://localhost:9090
        http://localhost:9090/prometheus
        http://localhost:9090/api/prom
        http://localhost:9090/select/0/prometheus"#]],
    );
    check(
        ":9090",
        &expect![[r#"
        http://localhost:9090
        http://localhost:9090/prometheus
        http://localhost:9090/api/prom
        http://localhost:9090/select/0/prometheus"#]],
    );
    check(
        "http://localhost:9090/graph?g0.expr=rate(x%5B5m%5D)+%2B+1&g0.tab=0",
        &expect![[r#"
            http://localhost:9090
            http://localhost:9090/prometheus
            http://localhost:9090/api/prom
            http://localhost:9090/select/0/prometheus
            http://localhost:9090/graph
            expression rate(x[5m]) + 1"#]],
    );
    check(
        "http://localhost:9090/prometheus/query?g0.expr=up",
        &expect![[r#"
            http://localhost:9090/prometheus
            http://localhost:9090
            http://localhost:9090/prometheus/query
            expression up"#]],
    );
    check(
        "https://prom.example.org/api/v1/query?query=up%7Bjob%3D%22a%22%7D",
        &expect![[r#"
            https://prom.example.org
            https://prom.example.org/prometheus
            https://prom.example.org/api/prom
            https://prom.example.org/select/0/prometheus
            https://prom.example.org/api/v1/query
            expression up{job="a"}"#]],
    );
    check(
        "prom.example.org",
        &expect![[r#"
        https://prom.example.org
        http://prom.example.org
        https://prom.example.org/prometheus
        http://prom.example.org/prometheus
        https://prom.example.org/api/prom
        http://prom.example.org/api/prom
        https://prom.example.org/select/0/prometheus
        http://prom.example.org/select/0/prometheus"#]],
    );
    check(
        "https://prometheus-prod-01.grafana.net/api/prom",
        &expect![[r#"
        https://prometheus-prod-01.grafana.net/api/prom
        https://prometheus-prod-01.grafana.net/api/prom/prometheus
        https://prometheus-prod-01.grafana.net/api
        https://prometheus-prod-01.grafana.net"#]],
    );
    check(
        "http://vmselect:8481/select/0/prometheus/vmui/?#/?g0.expr=up",
        &expect![[r#"
            http://vmselect:8481/select/0/prometheus
            http://vmselect:8481/select/0
            http://vmselect:8481/select
            http://vmselect:8481
            http://vmselect:8481/select/0/prometheus/vmui
            expression up"#]],
    );
    check(
        "http://vmselect:8481/select/42",
        &expect![[r#"
        http://vmselect:8481/select/42
        http://vmselect:8481/select/42/prometheus
        http://vmselect:8481/select
        http://vmselect:8481"#]],
    );
    check(
        "http://localhost:8428/vmui/?#/?g0.expr=up&g0.range_input=1h",
        &expect![[r#"
            http://localhost:8428
            http://localhost:8428/prometheus
            http://localhost:8428/api/prom
            http://localhost:8428/select/0/prometheus
            http://localhost:8428/vmui
            expression up"#]],
    );
    check(
        "http://mimir:9009/prometheus/",
        &expect![[r#"
        http://mimir:9009/prometheus
        http://mimir:9009"#]],
    );
    check(
        "http://thanos:10902//stores",
        &expect![[r#"
            http://thanos:10902
            http://thanos:10902/prometheus
            http://thanos:10902/api/prom
            http://thanos:10902/select/0/prometheus
            http://thanos:10902/stores"#]],
    );
    check(
        "http://[::1]:9090/a/b/api/v1/",
        &expect![[r#"
            http://[::1]:9090/a/b
            http://[::1]:9090/a/b/prometheus
            http://[::1]:9090/a
            http://[::1]:9090
            http://[::1]:9090/a/b/api/v1"#]],
    );
}

#[test]
fn credentials_leave_the_address() {
    check(
        "https://prom:s%40cret:x@host.example/graph",
        &expect![[r#"
            https://host.example
            https://host.example/prometheus
            https://host.example/api/prom
            https://host.example/select/0/prometheus
            https://host.example/graph
            user prom password s@cret:x"#]],
    );
    check(
        "me@host:9090",
        &expect![[r#"
        http://host:9090
        http://host:9090/prometheus
        http://host:9090/api/prom
        http://host:9090/select/0/prometheus
        user me password "#]],
    );
    check(
        "u:p@host:9090",
        &expect![[r#"
        http://host:9090
        http://host:9090/prometheus
        http://host:9090/api/prom
        http://host:9090/select/0/prometheus
        user u password p"#]],
    );
    assert_eq!(format!("{:?}", Address::parse("u:hunter2@host:9090").unwrap()).find("hunter2"), None);
}

#[test]
fn what_is_no_address_says_why() {
    check("", &expect!["error: type the URL of a server, such as `http://localhost:9090`"]);
    check("ftp://x", &expect!["error: `ftp:` cannot be asked; use a URL with `http:` or `https:`"]);
    check("mailto:x", &expect!["error: `mailto:` cannot be asked; use a URL with `http:` or `https:`"]);
    check(
        "up{job=\"x\"}",
        &expect![[r#"error: `up{job="x"}` is no host; expected a URL such as `http://localhost:9090`"#]],
    );
    check("http://host:99999", &expect!["error: `99999` is no port; expected a number from 1 to 65535"]);
    check("rate(x[5m])", &expect!["error: `rate(x[5m])` is no host; expected a URL such as `http://localhost:9090`"]);
}

#[test]
fn a_base_reads_back_and_knows_its_parts() {
    for (text, origin, prefix, host) in [
        ("http://localhost:9090", "http://localhost:9090", "", "localhost:9090"),
        ("https://[::1]/select/0/prometheus", "https://[::1]", "/select/0/prometheus", "[::1]"),
    ] {
        let base = Base::parse(text).unwrap();
        assert_eq!((base.as_str(), base.origin(), base.prefix(), base.host()), (text, origin, prefix, host));
    }
    assert_eq!(Base::parse("http://u:p@Host/x/?token=1#y").unwrap().as_str(), "http://host/x");
    assert!(Base::parse("localhost").is_err() && Base::parse("http://").is_err());
}
