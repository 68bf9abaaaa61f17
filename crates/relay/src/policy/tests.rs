//! Patterns and addresses, line by line, and what holds for all of them.

use super::*;
use expect_test::{Expect, expect};
use proptest::prelude::*;

/// `URL-like host:port @ address` lines against patterns; each is answered with `yes` or the refusal.
fn check(patterns: &[&str], asked: &[&str], expected: &Expect) {
    let policy = Policy::new(patterns.iter().map(|pattern| pattern.parse().unwrap()).collect());
    let lines: Vec<String> = asked
        .iter()
        .map(|line| {
            let (url, address) = line.split_once(" @ ").unwrap_or((line, ""));
            let url = url::Url::parse(&format!("http://{url}")).unwrap();
            let host = url.host().unwrap();
            let address = match host {
                Host::Ipv4(address) => IpAddr::V4(address),
                Host::Ipv6(address) => IpAddr::V6(address),
                Host::Domain(_) => address.parse().unwrap(),
            };
            let answer = policy.check(&host, url.port_or_known_default().unwrap(), address);
            format!("{line}: {}", answer.map_or_else(|refusal| format!("{refusal:?}"), |()| "yes".to_owned()))
        })
        .collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn without_patterns_everything_is_allowed_but_metadata_addresses() {
    check(
        &[],
        &[
            "localhost:9100 @ 127.0.0.1",
            "10.1.2.3:9100",
            "192.168.1.1",
            "example.org @ 203.0.113.9",
            "[::1]:9100",
            "169.254.169.254",
            "169.253.255.255",
            "169.254.0.0",
            "169.254.170.2",
            "169.255.0.0",
            "2852039166",
            "0xa9.0xfe.0xa9.0xfe",
            "metadata.example @ 169.254.169.254",
            "100.100.100.200",
            "100.100.100.201",
            "192.0.0.192",
            "168.63.129.16",
            "[fe80::1]",
            "[febf::1]",
            "[fec0::1]",
            "[fd00:ec2::254]",
            "[fd20:ce::254]",
            "[::ffff:169.254.169.254]",
            "[::169.254.169.254]",
            "[64:ff9b::169.254.169.254]",
            "[2002:a9fe:a9fe::1]",
            "[::ffff:127.0.0.1]",
        ],
        &expect![[r#"
            localhost:9100 @ 127.0.0.1: yes
            10.1.2.3:9100: yes
            192.168.1.1: yes
            example.org @ 203.0.113.9: yes
            [::1]:9100: yes
            169.254.169.254: Metadata(169.254.169.254)
            169.253.255.255: yes
            169.254.0.0: Metadata(169.254.0.0)
            169.254.170.2: Metadata(169.254.170.2)
            169.255.0.0: yes
            2852039166: Metadata(169.254.169.254)
            0xa9.0xfe.0xa9.0xfe: Metadata(169.254.169.254)
            metadata.example @ 169.254.169.254: Metadata(169.254.169.254)
            100.100.100.200: Metadata(100.100.100.200)
            100.100.100.201: yes
            192.0.0.192: Metadata(192.0.0.192)
            168.63.129.16: Metadata(168.63.129.16)
            [fe80::1]: Metadata(fe80::1)
            [febf::1]: Metadata(febf::1)
            [fec0::1]: yes
            [fd00:ec2::254]: Metadata(fd00:ec2::254)
            [fd20:ce::254]: Metadata(fd20:ce::254)
            [::ffff:169.254.169.254]: Metadata(::ffff:169.254.169.254)
            [::169.254.169.254]: Metadata(::a9fe:a9fe)
            [64:ff9b::169.254.169.254]: Metadata(64:ff9b::a9fe:a9fe)
            [2002:a9fe:a9fe::1]: Metadata(2002:a9fe:a9fe::1)
            [::ffff:127.0.0.1]: yes"#]],
    );
}

#[test]
fn a_pattern_that_holds_a_metadata_address_opens_it_and_a_name_does_not() {
    check(
        &["169.254.169.254"],
        &["169.254.169.254", "[::ffff:169.254.169.254]", "m.example @ 169.254.169.254", "169.254.169.253"],
        &expect![[r#"
            169.254.169.254: yes
            [::ffff:169.254.169.254]: yes
            m.example @ 169.254.169.254: yes
            169.254.169.253: Metadata(169.254.169.253)"#]],
    );
    check(
        &["m.example", "*.example"],
        &["m.example @ 169.254.169.254", "a.example @ fe80::1", "m.example @ 10.0.0.1"],
        &expect![[r#"
            m.example @ 169.254.169.254: Metadata(169.254.169.254)
            a.example @ fe80::1: Metadata(fe80::1)
            m.example @ 10.0.0.1: yes"#]],
    );
}

#[test]
fn with_patterns_only_what_fits_is_allowed() {
    check(
        &["10.0.0.0/8", "nas.lan:9100", "*.example.org", "[::1]:9100", "192.168.1.7:9182", "[fd00::/8]:9100"],
        &[
            "10.255.0.1:1",
            "11.0.0.1",
            "rebound.example @ 10.0.0.1",
            "[::ffff:10.0.0.1]",
            "nas.lan:9100 @ 192.168.1.2",
            "NAS.lan.:9100 @ 192.168.1.2",
            "nas.lan:9101 @ 192.168.1.2",
            "other.lan:9100 @ 192.168.1.2",
            "a.example.org @ 203.0.113.9",
            "a.b.example.org:8080 @ 203.0.113.9",
            "example.org @ 203.0.113.9",
            "badexample.org @ 203.0.113.9",
            "a.example.org.evil.example @ 203.0.113.9",
            "[::1]:9100",
            "[::1]:9101",
            "localhost:9100 @ ::1",
            "localhost:9100 @ 127.0.0.1",
            "192.168.1.7:9182",
            "192.168.1.7",
            "[fd12::1]:9100",
            "[fd12::1]",
            "0.0.0.0",
        ],
        &expect![[r#"
            10.255.0.1:1: yes
            11.0.0.1: NotAllowed(11.0.0.1)
            rebound.example @ 10.0.0.1: yes
            [::ffff:10.0.0.1]: yes
            nas.lan:9100 @ 192.168.1.2: yes
            NAS.lan.:9100 @ 192.168.1.2: yes
            nas.lan:9101 @ 192.168.1.2: NotAllowed(192.168.1.2)
            other.lan:9100 @ 192.168.1.2: NotAllowed(192.168.1.2)
            a.example.org @ 203.0.113.9: yes
            a.b.example.org:8080 @ 203.0.113.9: yes
            example.org @ 203.0.113.9: NotAllowed(203.0.113.9)
            badexample.org @ 203.0.113.9: NotAllowed(203.0.113.9)
            a.example.org.evil.example @ 203.0.113.9: NotAllowed(203.0.113.9)
            [::1]:9100: yes
            [::1]:9101: NotAllowed(::1)
            localhost:9100 @ ::1: yes
            localhost:9100 @ 127.0.0.1: NotAllowed(127.0.0.1)
            192.168.1.7:9182: yes
            192.168.1.7: NotAllowed(192.168.1.7)
            [fd12::1]:9100: yes
            [fd12::1]: NotAllowed(fd12::1)
            0.0.0.0: NotAllowed(0.0.0.0)"#]],
    );
}

#[test]
fn localhost_is_both_of_its_addresses() {
    check(
        &["localhost:9100"],
        &["localhost:9100 @ ::1", "127.0.0.1:9100", "[::1]:9100", "127.0.0.1:9101", "10.0.0.1:9100"],
        &expect![[r#"
            localhost:9100 @ ::1: yes
            127.0.0.1:9100: yes
            [::1]:9100: yes
            127.0.0.1:9101: NotAllowed(127.0.0.1)
            10.0.0.1:9100: NotAllowed(10.0.0.1)"#]],
    );
}

#[test]
fn a_pattern_is_read_as_it_is_meant_or_not_at_all() {
    let mut lines = Vec::new();
    for text in [
        "Example.ORG",
        "example.org.",
        "bücher.example",
        "*.Example.org:443",
        "10.1.2.3/8",
        "10.0.0.1",
        "127.1",
        "::1",
        "[::1]",
        "[::1]:9100",
        "fd00::/8",
        "[fd00::/8]:1",
        "10.0.0.0/8:9100",
        "localhost:9100",
        "",
        "*",
        "*.",
        "a.*",
        "http://a.example",
        "a.example/metrics",
        "a.example:http",
        "a.example:99999",
        "10.0.0.0/33",
        "[::1",
        "[::1]9100",
        "[a.example]:1",
        "*.10.0.0.1",
        "me@a.example",
        "a b",
    ] {
        let read =
            text.parse::<AllowPattern>().map_or_else(|_| "not a pattern".to_owned(), |pattern| pattern.to_string());
        lines.push(format!("{text} -> {read}"));
    }
    expect![[r#"
        Example.ORG -> example.org
        example.org. -> example.org
        bücher.example -> xn--bcher-kva.example
        *.Example.org:443 -> *.example.org:443
        10.1.2.3/8 -> 10.0.0.0/8
        10.0.0.1 -> 10.0.0.1/32
        127.1 -> 127.0.0.1/32
        ::1 -> [::1/128]
        [::1] -> [::1/128]
        [::1]:9100 -> [::1/128]:9100
        fd00::/8 -> [fd00::/8]
        [fd00::/8]:1 -> [fd00::/8]:1
        10.0.0.0/8:9100 -> 10.0.0.0/8:9100
        localhost:9100 -> localhost:9100
         -> not a pattern
        * -> not a pattern
        *. -> not a pattern
        a.* -> not a pattern
        http://a.example -> not a pattern
        a.example/metrics -> not a pattern
        a.example:http -> not a pattern
        a.example:99999 -> not a pattern
        10.0.0.0/33 -> not a pattern
        [::1 -> not a pattern
        [::1]9100 -> not a pattern
        [a.example]:1 -> not a pattern
        *.10.0.0.1 -> not a pattern
        me@a.example -> not a pattern
        a b -> not a pattern"#]]
    .assert_eq(&lines.join("\n"));
}

fn addresses() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<u32>().prop_map(|bits| IpAddr::V4(bits.into())),
        any::<u16>().prop_map(|bits| IpAddr::V4((0xa9fe_0000 | u32::from(bits)).into())),
        any::<u128>().prop_map(|bits| IpAddr::V6(bits.into())),
        any::<u32>().prop_map(|bits| IpAddr::V6(Ipv4Addr::from(bits).to_ipv6_mapped())),
    ]
}

proptest! {
    #[test]
    fn a_pattern_of_one_address_holds_that_address_and_no_other(a in addresses(), b in addresses(), port in 1_u16..) {
        let policy = Policy::new(vec![AllowPattern { hosts: Hosts::Network(a.into()), port: Some(port) }]);
        let name = Host::Domain("a.example");
        prop_assert_eq!(policy.check(&name, port, a), Ok(()));
        prop_assert_eq!(policy.check(&name, port, b).is_ok(), a == b || a == b.to_canonical());
        prop_assert!(policy.check(&name, port - 1, a).is_err());
    }

    #[test]
    fn no_spelling_of_an_address_is_let_in_where_the_plain_one_is_not(bits in any::<u32>()) {
        let policy = Policy::default();
        let plain = Ipv4Addr::from(bits);
        let is_allowed = |address: IpAddr| policy.check(&Host::Domain("a.example"), 80, address).is_ok();
        prop_assert_eq!(is_allowed(plain.into()), is_allowed(plain.to_ipv6_mapped().into()));
        let url = url::Url::parse(&format!("http://{bits}/")).unwrap();
        prop_assert_eq!(url.host(), Some(Host::Ipv4(plain)));
    }

    #[test]
    fn a_pattern_reads_back_as_it_is_written(text in "(\\*\\.)?[a-z]{1,3}(\\.[a-z]{2})?(:[1-9][0-9]{0,3})?") {
        let pattern: AllowPattern = text.parse().unwrap();
        prop_assert_eq!(pattern.to_string().parse::<AllowPattern>().unwrap(), pattern);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,20}") {
        let _ = text.parse::<AllowPattern>();
    }
}
