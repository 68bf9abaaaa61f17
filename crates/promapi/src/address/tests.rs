use super::*;
use expect_test::{Expect, expect};

fn check(typed: &str, want: Expect) {
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
    check("http://localhost:9090", expect![[]]);
    check(" localhost:9090/ ", expect![[]]);
    check(":9090", expect![[]]);
    check("http://localhost:9090/graph?g0.expr=rate(x%5B5m%5D)+%2B+1&g0.tab=0", expect![[]]);
    check("http://localhost:9090/prometheus/query?g0.expr=up", expect![[]]);
    check("https://prom.example.org/api/v1/query?query=up%7Bjob%3D%22a%22%7D", expect![[]]);
    check("prom.example.org", expect![[]]);
    check("https://prometheus-prod-01.grafana.net/api/prom", expect![[]]);
    check("http://vmselect:8481/select/0/prometheus/vmui/?#/?g0.expr=up", expect![[]]);
    check("http://vmselect:8481/select/42", expect![[]]);
    check("http://localhost:8428/vmui/?#/?g0.expr=up&g0.range_input=1h", expect![[]]);
    check("http://mimir:9009/prometheus/", expect![[]]);
    check("http://thanos:10902//stores", expect![[]]);
    check("http://[::1]:9090/a/b/api/v1/", expect![[]]);
}

#[test]
fn credentials_leave_the_address() {
    check("https://prom:s%40cret:x@host.example/graph", expect![[]]);
    check("me@host:9090", expect![[]]);
    check("u:p@host:9090", expect![[]]);
    assert_eq!(format!("{:?}", Address::parse("u:hunter2@host:9090").unwrap()).find("hunter2"), None);
}

#[test]
fn what_is_no_address_says_why() {
    check("", expect![[]]);
    check("ftp://x", expect![[]]);
    check("mailto:x", expect![[]]);
    check("up{job=\"x\"}", expect![[]]);
    check("http://host:99999", expect![[]]);
    check("rate(x[5m])", expect![[]]);
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
