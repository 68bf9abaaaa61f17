//! Headers that the page wants a target to get: `Promenade-Forward-NAME: value` becomes `NAME: value`.
//!
//! They carry passwords and tokens of targets. So they are never logged or told, and a redirect to another origin loses
//! them. What would change how the request is read on its way, or say who sends it, is refused by name.

use crate::failure::{Failure, Kind};
use axum::http::{HeaderMap, HeaderName};

/// What stands before the name of a header that is meant for the target; in lower case, as headers arrive.
const PREFIX: &str = "promenade-forward-";

/// The most headers of one request: credentials, a tenant, and what gateways ask for.
const MAX_HEADERS: usize = 16;

/// The most bytes of all names and values: a token with many claims has 4 kB.
const MAX_BYTES: usize = 16 << 10;

/// Headers that are the relay's own business, or would have a target read the request as another one.
const REFUSED: [&str; 35] = [
    // How the request is framed and travels (RFC 9110, 7.6.1).
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    "content-length",
    "content-encoding",
    "content-type",
    "expect",
    // What the relay says itself.
    "host",
    "user-agent",
    "accept",
    "accept-encoding",
    "x-prometheus-scrape-timeout-seconds",
    // Parts of an answer are not metrics.
    "range",
    "if-range",
    // What belongs to the browser and its own pages.
    "cookie",
    "cookie2",
    "origin",
    "referer",
    "x-promenade",
    // From where a request seems to come.
    "forwarded",
    "via",
    "x-real-ip",
    "true-client-ip",
    "x-original-url",
    "x-rewrite-url",
    // Another method than the one that was checked.
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    // Without these, metadata services of clouds do not hand out credentials.
    "metadata",
    "metadata-flavor",
    "x-aws-ec2-metadata-token",
];

/// Beginnings of names of the same kinds.
const REFUSED_BEGINNINGS: [&str; 6] =
    ["proxy-", "sec-", "x-forwarded-", "promenade-", "access-control-", "x-aws-ec2-metadata-"];

/// Reads the headers for the target from those of the page's request.
///
/// A refusal names the header and never its value.
pub(super) fn read(headers: &HeaderMap) -> Result<HeaderMap, Failure> {
    let mut forwarded = HeaderMap::new();
    let mut n_bytes = 0;
    for (full_name, value) in headers {
        let Some(name) = full_name.as_str().strip_prefix(PREFIX) else { continue };
        let parsed = header_name(name)?;
        n_bytes += name.len() + value.len();
        if forwarded.len() == MAX_HEADERS || n_bytes > MAX_BYTES {
            return Err(bad(format!(
                "at most {MAX_HEADERS} headers with {MAX_BYTES} bytes in all are sent on to a target"
            )));
        }
        let mut value = value.clone();
        value.set_sensitive(true);
        if forwarded.insert(parsed, value).is_some() {
            return Err(bad(format!("the header {name} is there twice; a target gets each once")));
        }
    }
    Ok(forwarded)
}

/// The name of a header that may be sent on, from one in lower case.
pub(crate) fn header_name(name: &str) -> Result<HeaderName, Failure> {
    if REFUSED.contains(&name) || REFUSED_BEGINNINGS.iter().any(|part| name.starts_with(part)) {
        return Err(bad(format!("the header {name} cannot be sent on: the relay sets it, or leaves it out")));
    }
    HeaderName::try_from(name).map_err(|_| bad(format!("`{name}` is not the name of a header")))
}

fn bad(message: String) -> Failure {
    Failure::new(Kind::BadRequest, message)
}

#[cfg(test)]
mod tests {
    //! Headers of the page and what a target gets of them.
    use super::*;
    use axum::http::HeaderValue;
    use expect_test::{Expect, expect};

    fn check(lines: &[(&str, &str)], expected: &Expect) {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap());
        }
        let shown = match read(&headers) {
            Ok(found) => found.iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap())).collect(),
            Err(failure) => format!("{failure}\n"),
        };
        assert!(!format!("{:?}", read(&headers)).contains("hunter2"), "a secret is printed");
        expected.assert_eq(&shown);
    }

    #[test]
    fn credentials_and_tenants_are_sent_on_and_nothing_else() {
        check(
            &[
                ("Promenade-Forward-Authorization", "Basic hunter2"),
                ("Promenade-Forward-X-Scope-OrgID", "tenant-7"),
                ("Authorization", "Basic of-the-relay"),
                ("Cookie", "a=b"),
                ("X-Forwarded-For", "10.0.0.1"),
            ],
            &expect![[r#"
                authorization: Basic hunter2
                x-scope-orgid: tenant-7
            "#]],
        );
    }

    #[test]
    fn what_would_change_the_request_is_refused_by_its_name() {
        for name in REFUSED.iter().copied().chain(["proxy-authorization", "sec-fetch-site", "promenade-forward-host"]) {
            let full = format!("{PREFIX}{name}");
            let headers = HeaderMap::from_iter([(
                HeaderName::try_from(full.as_str()).unwrap(),
                HeaderValue::from_static("hunter2"),
            )]);
            let failure = read(&headers).unwrap_err().to_string();
            assert!(failure.contains(name) && !failure.contains("hunter2"), "{failure}");
        }
        check(
            &[("Promenade-Forward-", "hunter2")],
            &expect![[r#"
            `` is not the name of a header
        "#]],
        );
        check(
            &[("Promenade-Forward-A", "hunter2"), ("Promenade-Forward-A", "hunter2")],
            &expect![[r#"
                the header a is there twice; a target gets each once
            "#]],
        );
    }

    #[test]
    fn their_number_and_size_have_a_limit() {
        let many: Vec<String> = (0..=MAX_HEADERS).map(|idx| format!("{PREFIX}x-{idx}")).collect();
        let lines: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "1")).collect();
        check(
            &lines[1..],
            &expect![[r#"
            x-1: 1
            x-2: 1
            x-3: 1
            x-4: 1
            x-5: 1
            x-6: 1
            x-7: 1
            x-8: 1
            x-9: 1
            x-10: 1
            x-11: 1
            x-12: 1
            x-13: 1
            x-14: 1
            x-15: 1
            x-16: 1
        "#]],
        );
        let refusal = expect![[r#"
            at most 16 headers with 16384 bytes in all are sent on to a target
        "#]];
        check(&lines, &refusal);
        check(&[("Promenade-Forward-A", &"h".repeat(MAX_BYTES))], &refusal);
    }
}
