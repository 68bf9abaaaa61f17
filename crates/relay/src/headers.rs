//! Headers that more than one part sends: the policy of the page, the policy of what is no page, no caching.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};

/// The policy of index.html, and one rule that only a header can set: no other page may frame this one.
pub(crate) const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     connect-src *; worker-src 'self'; img-src 'self' data: blob:; font-src 'self'; base-uri 'none'; \
     form-action 'none'; object-src 'none'; frame-ancestors 'none'";

/// The policy of everything that is data: opened as a document it could do nothing.
pub(crate) const DATA_POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// Sets what every answer carries, whatever it is; a policy that is already there stays.
pub(crate) fn harden(headers: &mut HeaderMap) {
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(PAGE_POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    for name in ["cross-origin-opener-policy", "cross-origin-resource-policy"] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static("same-origin"));
    }
}

/// The headers of an answer that is made for this moment and is data, never a document.
pub(crate) fn data(content_type: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(DATA_POLICY));
    headers
}

/// As [`data`], for bytes that somebody else wrote: a browser that is led there saves them and shows nothing.
pub(crate) fn foreign_data() -> HeaderMap {
    let mut headers = data("application/octet-stream");
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    headers
}

/// How welcome `name` is in a list such as that of `Accept` or `Accept-Encoding`, from 0 to 1; `None`: it is not named.
/// Parameters other than `q` do not count.
pub(crate) fn weight(list: &str, name: &str) -> Option<f32> {
    list.split(',').find_map(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case(name) {
            return None;
        }
        let q = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        // What is no number is no wish.
        Some(q.map_or(1.0, |q| q.parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q)).unwrap_or(0.0)))
    })
}

#[cfg(test)]
mod tests {
    //! The policy beside that of index.html, and weights.
    use super::*;

    #[test]
    fn weights_are_read_and_what_is_not_named_has_none() {
        let list = "gzip;q=0.5, BR , zstd;q=0, deflate;q=none, *;q=0.1";
        let weights = ["gzip", "br", "zstd", "deflate", "*", "identity"].map(|name| weight(list, name));
        assert_eq!(weights, [Some(0.5), Some(1.0), Some(0.0), Some(0.0), Some(0.1), None]);
    }

    #[test]
    fn the_policy_of_the_page_is_that_of_index_html_and_forbids_frames() {
        let page = include_str!("../../../index.html");
        let after = page.split_once("http-equiv=\"Content-Security-Policy\"").unwrap().1;
        let of_page = after.split('"').nth(1).unwrap();
        assert_eq!(PAGE_POLICY, format!("{of_page}; frame-ancestors 'none'"));
    }
}
