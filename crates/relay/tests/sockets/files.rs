//! The page over the wire: types, encodings, caching, and nothing but what is in the directory.

use crate::harness::{Running, empty_dir};
use expect_test::{Expect, expect};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A bundle as Trunk and `cargo xtask dist` leave it, and what must not be served beside it.
fn bundle(name: &str) -> PathBuf {
    let around = empty_dir(name);
    let dist = around.join("dist");
    for dir in ["dist/snippets/a-1", "dist/.stage"] {
        fs::create_dir_all(around.join(dir)).unwrap();
    }
    for (file, content) in [
        ("dist/index.html", "<!doctype html>"),
        ("dist/index.html.br", "br of index"),
        ("dist/index.html.gz", "gz of index"),
        ("dist/app-0123456789abcdef_bg.wasm", "\0asm"),
        ("dist/app-0123456789abcdef_bg.wasm.br", "br of wasm"),
        ("dist/app-0123456789abcdef.js", "export {}"),
        ("dist/worker.js", "self"),
        ("dist/style-0123456789abcdef.css", "p {}"),
        ("dist/snippets/a-1/inline0.js", "inline"),
        ("dist/.stage/secret.js", "secret"),
        ("dist/.env", "secret"),
        ("secret.txt", "secret"),
    ] {
        fs::write(around.join(file), content).unwrap();
    }
    dist
}

fn start(dist: &Path) -> Running {
    Running::start(|config| config.dist = Some(dist.to_owned()))
}

/// One line for each path: status, type, caching, encoding, body.
fn check(relay: &Running, paths: &[&str], headers: &[&str], expected: &Expect) {
    let lines: Vec<String> = paths
        .iter()
        .map(|path| {
            let answer = relay.get(path, headers);
            let [kind, cache, encoding] =
                ["content-type", "cache-control", "content-encoding"].map(|name| answer.header(name));
            format!("{path} {} | {kind} | {cache} | {encoding} | {:?}", answer.status, answer.text())
        })
        .collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn files_have_their_type_and_are_kept_as_long_as_their_name_says() {
    let relay = start(&bundle("types"));
    let paths = [
        "/",
        "/index.html",
        "/app-0123456789abcdef_bg.wasm",
        "/app-0123456789abcdef.js?v=1",
        "/worker.js",
        "/style-0123456789abcdef.css",
        "/snippets/a-1/inline0.js",
    ];
    check(
        &relay,
        &paths,
        &[],
        &expect![[r#"
        / 200 | text/html; charset=utf-8 | no-cache |  | "<!doctype html>"
        /index.html 200 | text/html; charset=utf-8 | no-cache |  | "<!doctype html>"
        /app-0123456789abcdef_bg.wasm 200 | application/wasm | public, max-age=31536000, immutable |  | "\0asm"
        /app-0123456789abcdef.js?v=1 200 | text/javascript; charset=utf-8 | public, max-age=31536000, immutable |  | "export {}"
        /worker.js 200 | text/javascript; charset=utf-8 | no-cache |  | "self"
        /style-0123456789abcdef.css 200 | text/css; charset=utf-8 | public, max-age=31536000, immutable |  | "p {}"
        /snippets/a-1/inline0.js 200 | text/javascript; charset=utf-8 | no-cache |  | "inline""#]],
    );
}

#[test]
fn paths_of_the_app_get_the_page_and_missing_files_do_not() {
    let relay = start(&bundle("fallback"));
    check(
        &relay,
        &[
            "/query",
            "/query?g0.expr=up",
            "/metrics-list",
            "/a/b",
            "/snippets",
            "/gone.js",
            "/a/gone.wasm",
            "/favicon.ico",
        ],
        &[],
        &expect![[r#"
            /query 200 | text/html; charset=utf-8 | no-cache |  | "<!doctype html>"
            /query?g0.expr=up 200 | text/html; charset=utf-8 | no-cache |  | "<!doctype html>"
            /metrics-list 200 | text/html; charset=utf-8 | no-cache |  | "<!doctype html>"
            /a/b 404 | text/plain; charset=utf-8 | no-store |  | "There is no page here. Promenade begins at /.\n"
            /snippets 200 | text/html; charset=utf-8 | no-cache |  | "<!doctype html>"
            /gone.js 404 | text/plain; charset=utf-8 | no-store |  | "There is no such file.\n"
            /a/gone.wasm 404 | text/plain; charset=utf-8 | no-store |  | "There is no such file.\n"
            /favicon.ico 404 | text/plain; charset=utf-8 | no-store |  | "There is no such file.\n""#]],
    );
    check(
        &relay,
        &["/relay", "/relay/other", "/relay/scrape/x"],
        &[],
        &expect![[r#"
            /relay 404 | application/json | no-store |  | "{\"kind\":\"bad_request\",\"message\":\"the relay has no /relay, only info, scrape, fetch, resolve, config, discover and health\"}"
            /relay/other 404 | application/json | no-store |  | "{\"kind\":\"bad_request\",\"message\":\"the relay has no /relay/other, only info, scrape, fetch, resolve, config, discover and health\"}"
            /relay/scrape/x 404 | application/json | no-store |  | "{\"kind\":\"bad_request\",\"message\":\"the relay has no /relay/scrape/x, only info, scrape, fetch, resolve, config, discover and health\"}""#]],
    );
}

#[test]
fn nothing_outside_of_the_directory_and_nothing_hidden_is_served() {
    let dist = bundle("outside");
    #[cfg(unix)]
    std::os::unix::fs::symlink(dist.parent().unwrap().join("secret.txt"), dist.join("link.txt")).unwrap();
    let relay = start(&dist);
    for path in [
        "/../secret.txt",
        "/./../secret.txt",
        "/snippets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/..\\secret.txt",
        "//secret.txt",
        "/.env",
        "/%2eenv",
        "/.stage/secret.js",
        "/index.html%00",
        "/link.txt",
    ] {
        let answer = relay.get(path, &[]);
        assert!(!answer.text().contains("secret"), "{path}: {answer:?}");
        assert!(answer.status == 404 || answer.text() == "<!doctype html>", "{path}: {answer:?}");
    }
}

#[test]
fn a_compressed_companion_is_sent_to_whom_it_is_welcome() {
    let relay = start(&bundle("encodings"));
    for accepted in ["gzip, deflate, br, zstd", "gzip", "gzip;q=1, br;q=0.5", "br;q=0, gzip;q=0", "zstd"] {
        let answer = relay.get("/", &[&format!("Accept-Encoding: {accepted}")]);
        let [encoding, kind, vary] = ["content-encoding", "content-type", "vary"].map(|name| answer.header(name));
        let expected = match accepted {
            "gzip, deflate, br, zstd" => ("br", "br of index"),
            "gzip" | "gzip;q=1, br;q=0.5" => ("gzip", "gz of index"),
            _ => ("", "<!doctype html>"),
        };
        assert_eq!((encoding, answer.text().as_str()), expected, "{accepted}");
        assert_eq!((kind, vary), ("text/html; charset=utf-8", "accept-encoding"));
    }
    check(
        &relay,
        &["/app-0123456789abcdef_bg.wasm", "/worker.js"],
        &["Accept-Encoding: br, gzip"],
        &expect![[r#"
        /app-0123456789abcdef_bg.wasm 200 | application/wasm | public, max-age=31536000, immutable | br | "br of wasm"
        /worker.js 200 | text/javascript; charset=utf-8 | no-cache |  | "self""#]],
    );
}

#[test]
fn a_companion_of_a_former_build_is_not_sent() {
    let dist = bundle("former");
    let earlier = SystemTime::now() - Duration::from_secs(60);
    fs::File::options().write(true).open(dist.join("index.html.br")).unwrap().set_modified(earlier).unwrap();
    check(
        &start(&dist),
        &["/"],
        &["Accept-Encoding: br"],
        &expect![[r#"/ 200 | text/html; charset=utf-8 | no-cache |  | "<!doctype html>""#]],
    );
}

#[test]
fn an_unchanged_file_is_not_sent_again_and_a_changed_one_is() {
    let dist = bundle("etag");
    let relay = start(&dist);
    let tag = relay.get("/", &[]).header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    let packed = relay.get("/", &["Accept-Encoding: br"]).header("etag").to_owned();
    assert_ne!(tag, packed, "each encoding has its own bytes");
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let answer = relay.get("/", &[&format!("If-None-Match: {known}")]);
        assert_eq!((answer.status, answer.body.len()), (304, 0), "{known}");
        assert_eq!((answer.header("etag"), answer.header("cache-control")), (tag.as_str(), "no-cache"));
    }
    assert_eq!(relay.get("/", &["If-None-Match: \"other\""]).status, 200);
    fs::write(dist.join("index.html"), "<!doctype html><p>").unwrap();
    assert_eq!(relay.get("/", &[&format!("If-None-Match: {tag}")]).status, 200);
}

#[test]
fn head_is_the_header_alone() {
    let relay = start(&bundle("head"));
    let answer = relay.send("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!((answer.status, answer.header("content-length"), answer.body.len()), (200, "15", 0));
}

#[test]
fn every_answer_carries_the_policy_of_the_page_or_a_stricter_one() {
    let relay = start(&bundle("policy"));
    let page = relay.get("/", &[]);
    expect!["default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src *; worker-src 'self'; img-src 'self' data: blob:; font-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'; frame-ancestors 'none'"].assert_eq(page.header("content-security-policy"));
    let data = relay.get("/relay/info", &[]);
    for path in ["/", "/worker.js", "/gone.js", "/query", "/metrics", "/relay/info", "/relay/scrape", "/relay/other"] {
        let answer = relay.get(path, &[]);
        let policy = answer.header("content-security-policy");
        assert!(
            [page.header("content-security-policy"), data.header("content-security-policy")].contains(&policy),
            "{path}"
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{path}: {name}");
        }
    }
}

#[test]
fn without_a_built_page_the_relay_says_what_to_run_and_serves_it_once_it_is_there() {
    let dir = empty_dir("missing");
    let relay = Running::start(|config| config.dist = Some(PathBuf::from("no-such-directory")));
    check(
        &relay,
        &["/", "/query"],
        &[],
        &expect![[r#"
        / 503 | text/plain; charset=utf-8 | no-store |  | "There is no page in no-such-directory. Run `cargo xtask dist` to build it, or `cargo xtask serve` to build it and keep it up to date.\n"
        /query 503 | text/plain; charset=utf-8 | no-store |  | "There is no page in no-such-directory. Run `cargo xtask dist` to build it, or `cargo xtask serve` to build it and keep it up to date.\n""#]],
    );
    let later = start(&dir.join("dist"));
    assert_eq!(later.get("/", &[]).status, 503);
    fs::create_dir(dir.join("dist")).unwrap();
    fs::write(dir.join("dist/index.html"), "built").unwrap();
    assert_eq!(later.get("/", &[]).text(), "built");
}
