//! The files of the built page: types, compressed companions, caching, and nothing outside of their place.

/// What `Accept-Encoding` gets.
mod encoding;
/// A directory, or the program itself.
mod place;

use crate::headers;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use encoding::Encoding;
use hyper::body::Bytes;
use place::{File, Place};
use std::path::PathBuf;

/// A name that holds a hash of the content never means other bytes.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// Kept, but asked about each time.
const ASK: &str = "no-cache";

/// The fewest digits that are taken for a hash; Trunk writes up to sixteen.
const MIN_HASH_DIGITS: usize = 8;

/// The built page.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    place: Place,
}

/// What is answered for a path.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether it is index.html, under whatever path.
    pub(crate) is_page: bool,
}

impl Files {
    /// The page of a directory; without one that of the program, or else that of `dist`.
    pub(crate) fn new(dir: Option<PathBuf>) -> Self {
        Files { place: Place::new(dir) }
    }

    /// What to do where the page is not built yet.
    pub(crate) fn advice(&self) -> Option<String> {
        match &self.place {
            Place::Directory(dir) if !dir.join("index.html").is_file() => Some(format!(
                "There is no page in {}. Run `cargo xtask dist` to build it, or `cargo xtask serve` to build it and \
                 keep it up to date.",
                dir.display()
            )),
            _ => None,
        }
    }

    /// The file at a path as it stands in a URL. Paths without a file and without a dot in their last part are pages
    /// of the app: they get index.html.
    pub(crate) async fn find(&self, path: &str, request: &HeaderMap) -> Found {
        let files = self.clone();
        let path = path.to_owned();
        let request = request.clone();
        let reading = tokio::task::spawn_blocking(move || files.find_blocking(&path, &request));
        reading
            .await
            .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "The file could not be read.\n".into()))
    }

    fn find_blocking(&self, path: &str, request: &HeaderMap) -> Found {
        if let Some(file) = self.place.file(path) {
            return send(file, request);
        }
        let is_page = path.rsplit('/').next().is_some_and(|last| !last.contains('.'));
        if !is_page {
            return plain(StatusCode::NOT_FOUND, "There is no such file.\n".into());
        }
        // The app's pages lie one level deep: its files have relative addresses, which lead nowhere from deeper ones.
        if path.trim_end_matches('/').matches('/').count() > 1 || path.len() > 1 && path.ends_with('/') {
            return plain(StatusCode::NOT_FOUND, "There is no page here. Promenade begins at /.\n".into());
        }
        match self.place.file("/index.html") {
            Some(file) => Found { is_page: true, ..send(file, request) },
            None => plain(StatusCode::SERVICE_UNAVAILABLE, self.advice().unwrap_or_default() + "\n"),
        }
    }
}

fn send(file: File, request: &HeaderMap) -> Found {
    let accepted = request.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = file.name();
    let packed = encoding::by_preference(accepted)
        .into_iter()
        .map_while(|encoding| Some((encoding, encoding.suffix()?)))
        .find_map(|(encoding, suffix)| Some((encoding, file.companion(suffix)?)));
    let (encoding, source) = packed.unwrap_or((Encoding::Identity, file));
    let mut headers = HeaderMap::new();
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(if has_hash(&name) { FOREVER } else { ASK }));
    let tag = source.tag().map(|tag| format!("\"{tag}{}\"", encoding.suffix().unwrap_or_default()));
    if let Some(tag) = &tag
        && let Ok(value) = HeaderValue::from_str(tag)
    {
        headers.insert(ETAG, value);
        if is_known(tag, request) {
            return Found { status: StatusCode::NOT_MODIFIED, headers, body: Bytes::new(), is_page: false };
        }
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(&name)));
    if let Some(token) = encoding.token() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(token));
    }
    match source.read() {
        Ok(body) => Found { status: StatusCode::OK, headers, body, is_page: false },
        Err(error) => {
            tracing::warn!("{name} could not be read: {error}");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "The file could not be read.\n".into())
        }
    }
}

fn plain(status: StatusCode, text: String) -> Found {
    Found { status, headers: headers::data("text/plain; charset=utf-8"), body: text.into(), is_page: false }
}

/// Whether the caller has these bytes already.
fn is_known(tag: &str, request: &HeaderMap) -> bool {
    let lists = request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    lists
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// Whether a name holds a hash of its content, as Trunk writes them: `base-1f2e3d4c5b6a7988.css`,
/// `promenade-1f2e3d4c5b6a7988_bg.wasm`.
fn has_hash(name: &str) -> bool {
    let after_dash = name.rsplit_once('-').map_or("", |(_, rest)| rest);
    let hash = after_dash.split(['.', '_']).next().unwrap_or_default();
    // Words can be spelled with these letters; a hash without a digit is too rare to miss.
    hash.len() >= MIN_HASH_DIGITS
        && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && hash.bytes().any(|byte| byte.is_ascii_digit())
}

/// What a bundle consists of; anything else is bytes.
fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "prom" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    //! Names and what they mean; the rest is tested over real sockets.
    use super::*;

    #[test]
    fn a_hash_is_told_from_a_word() {
        let hashed = [
            "promenade-1f2e3d4c5b6a7988.js",
            "promenade-1f2e3d4c5b6a7988_bg.wasm",
            "base-f2e3d4c5b6a7988.css",
            "a-b-0123abcd.css",
        ];
        let plain = [
            "index.html",
            "promenade-worker.js",
            "promenade-worker_bg.wasm",
            "boot.js",
            "a-deadbeef.js",
            "a-123.js",
            "20240101.js",
            "a-2024-01.js",
            "a-0123ABCD.js",
            "-.js",
            "",
        ];
        assert!(hashed.into_iter().all(has_hash));
        assert!(!plain.into_iter().any(has_hash));
    }
}
