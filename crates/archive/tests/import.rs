//! Files of every kind into a store, good and bad.

use crate::shared::{dump, empty, import};
use archive::{Import, ImportSource, Kind, first_time, recognise};
use expect_test::{Expect, expect};
use model::Timestamp;

/// What an import says and stores.
fn check(path: &str, body: &str, expected: &Expect) {
    let mut head = empty();
    let text = match import(&mut head, path, body.as_bytes()) {
        Ok(imported) => format!(
            "{}: {} series, {} of {} samples stored\n",
            imported.format, imported.n_series, imported.n_stored, imported.n_samples
        ),
        Err(error) => format!("{error}\n"),
    };
    expected.assert_eq(&format!("{text}{}", dump(&head)));
}

#[test]
fn a_scraped_text_gets_the_labels_of_a_scrape() {
    check(
        "dumps/node-2026-11-26T10-00-00.prom",
        "# TYPE up gauge\nup 1\ncpu{instance=\"b\"} 2\n",
        &expect![[r#"
        metrics text: 2 series, 2 of 2 samples stored
        cpu{instance="b", job="pasted"} 2@9000
        up{instance="node", job="pasted"} 1@9000
    "#]],
    );
}

#[test]
fn a_text_of_a_store_is_taken_as_it_is() {
    check(
        "x.om",
        "# TYPE c counter\nc_total{job=\"a\"} 1 10.001\nc_created{job=\"a\"} 5 10.001\nc_total{job=\"a\"} 2 20\nc_total 3 7\n# EOF\n",
        &expect![[r#"
            OpenMetrics text: 3 series, 4 of 4 samples stored
            c_created{job="a"} 5@10001
            c_total 3@7000
            c_total{job="a"} 1@10001<5000 2@20000<5000
        "#]],
    );
}

#[test]
fn samples_stand_in_any_order() {
    check(
        "x.txt",
        "a 3 3000\nb 1 1000\na 1 1000\na 2 2000\na 2 2000\n",
        &expect![[r#"
            metrics text: 2 series, 4 of 5 samples stored
            a 1@1000 2@2000 3@3000
            b 1@1000
        "#]],
    );
}

#[test]
fn answers_of_the_api_are_read() {
    check(
        "range.json",
        r#"{"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{"__name__":"a","x":"y"},"values":[[1.5,"1"],[2,"+Inf"],[3,"NaN"]]},
            {"metric":{},"values":[[1795687200.123,"0.1"]]},
            {"metric":{"__name__":"h"},"histograms":[[1,{"count":"7","sum":"9.5","buckets":[[3,"-0.001","0.001","1"],[0,"0.5","1","2"],[0,"1","2","4"]]}]]},
            {"metric":{"__name__":"own"},"histograms":[[1,{"count":"3","sum":"9","buckets":[[3,"-Inf","0.5","1"],[0,"0.5","7","2"]]}]]}
        ]},"warnings":["x"]}"#,
        &expect![[r#"
            JSON of Prometheus: 4 series, 6 of 6 samples stored
            a{x="y"} 1@1500 inf@2000 NaN@3000
            h {{count:7 sum:9.5 z_bucket:1 z_bucket_w:0.001 buckets:[2 4]}}@1000
            own {{schema:-53 count:3 sum:9 custom_values:[0.5 7] buckets:[1 2]}}@1000
            range 0.1@1795687200123
        "#]],
    );
    check(
        "instant.json",
        r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"a"},"value":[1,"2"]}]}}"#,
        &expect![[r#"
            JSON of Prometheus: 1 series, 1 of 1 samples stored
            a 2@1000
        "#]],
    );
}

#[test]
fn what_is_no_answer_is_said_with_its_place() {
    for (body, want) in [
        (
            r#"{"status":"success","data":[{"__name__":"a"}]}"#,
            "the file is JSON, but no answer to a query: it is a list of series or names",
        ),
        ("[1,2]", "the file is JSON, but no answer to a query: it is a list"),
        (
            "{\"status\":\"success\",\n\"data\":{\"result\":[{\"metric\":{\"a\":\"b\"},\"values\":[[1,\"x\"]]}]}}",
            "Line 2, column 54: invalid value: string \"x\", expected a number in quotes",
        ),
        (
            r#"{"status":"error","errorType":"bad_data","error":"no such thing"}"#,
            "the file holds the error of a server: no such thing",
        ),
        (
            r#"{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}"#,
            "the file is JSON, but no answer to a query: it is a single number or text",
        ),
        (
            r#"{"status":"success","data":{"result":[{"metric":{"a":"b"}"#,
            "Line 1, column 57: EOF while parsing an object",
        ),
        (r#"{"a":1}"#, "the file is JSON of Prometheus without samples"),
        ("", "the file is empty"),
        ("  \n", "the file is empty"),
        ("<!doctype html>", "the file is a web page or XML, which holds no metrics"),
        ("\u{0}abc", "the file is no text, which holds no metrics"),
        ("# a comment\n", "the file is metrics text without samples"),
        ("a 1\nb x\n", "Line 2, column 3: expected a number after `b`, found `x`"),
    ] {
        let mut head = empty();
        let error = import(&mut head, "x", body.as_bytes()).expect_err(body);
        assert_eq!(error.to_string(), want, "{body}");
        assert_eq!(head.stats().n_samples, 0, "nothing of it is stored: {body}");
    }
}

#[test]
fn files_are_known_by_their_first_bytes() {
    for (head, want) in [
        (&b"\x1f\x8b\x08"[..], Kind::Gzip),
        (b"# TYPE a gauge\n", Kind::Text),
        (b"{\"a.b\",c=\"d\"} 1\n", Kind::Text),
        (b" {\"status\":", Kind::Json),
        (b"\xef\xbb\xbf{}", Kind::Json),
        (b"\x89PNG\r\n", Kind::Other("a PNG picture")),
        (b"PK\x03\x04", Kind::Other("a zip archive")),
        (b"PROMENADE\n", Kind::Bundle),
        (b"", Kind::Empty),
    ] {
        assert_eq!(recognise(head), want, "{head:?}");
    }
    assert_eq!(first_time(b"# HELP a b\na 1 1795687200000\nb 2"), Some(Timestamp(1_795_687_200_000)));
    assert_eq!(first_time(b"# TYPE a gauge\na 1 1795687200.5\nb 2"), Some(Timestamp(1_795_687_200_500)));
    assert_eq!(first_time(b"a 1\nb 2\n"), None);
}

#[test]
fn what_the_store_has_already_and_what_is_too_old_is_counted() {
    let mut head = empty();
    let first =
        import(&mut head, "a.txt", b"a{job=\"x\"} 1 1000\na{job=\"x\"} 2 2000\na{job=\"x\"} 4 4000\n").expect("text");
    assert_eq!((first.n_stored, first.n_new_series), (3, 1));
    let again = import(
        &mut head,
        "a.txt",
        b"a{job=\"x\"} 1 1000\na{job=\"x\"} 9 2000\na{job=\"x\"} 3 3000\na{job=\"x\"} 4 4000\na{job=\"x\"} 5 5000\n",
    );
    let again = again.expect("text");
    assert_eq!((again.n_stored, again.n_known, again.n_older, again.n_conflicting), (1, 2, 1, 1));
    assert_eq!(again.n_new_series, 0);
}

#[test]
fn a_large_file_is_read_in_slices_and_leaves_nothing_when_it_is_given_up() {
    let mut body = String::new();
    for t in 0..300 {
        for i in 0..1_000 {
            body.push_str(&format!("a{{i=\"{i}\"}} {t} {}\n", 1_000_000 + t * 15_000));
        }
    }
    let mut head = empty();
    let mut import = Import::new(ImportSource { path: "a".to_owned(), at: Timestamp(0), body: body.into_bytes() });
    let mut n_steps = 0;
    while import.progress().n_stored == 0 {
        assert_eq!(head.stats().n_samples, 0);
        assert!(import.step(&mut head).expect("text").is_none());
        n_steps += 1;
    }
    assert!(n_steps >= 15, "{n_steps}");
    assert_eq!(import.progress().n_stored, head.stats().n_samples as u64, "what is left is known");
    let imported = loop {
        if let Some(imported) = import.step(&mut head).expect("text") {
            break imported;
        }
    };
    assert_eq!((imported.n_stored, imported.n_series), (300_000, 1_000));
}
