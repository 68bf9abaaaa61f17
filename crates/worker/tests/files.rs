//! Files as the page hands them to the worker, without a browser: what it needs of them, in which order, what it tells.

use model::Timestamp;
use protocol::{
    Event, ExportNews, ExportRequest, ExportWhat, FileForm, FileResult, ImportFile, ImportNews, ImportRequest, Request,
};
use std::cell::Cell;
use worker::{FileFailure, ImportNeed, Worker};

const NOW: Timestamp = Timestamp(1_795_690_000_000);

/// A file: its path, when it was changed, its bytes.
type Given<'a> = (&'a str, i64, Result<&'a str, FileFailure>);

fn begin(worker: &mut Worker, id: u32, files: &[Given<'_>]) {
    let files = files.iter().map(|(path, modified_ms, body)| ImportFile {
        path: (*path).to_owned(),
        bytes: body.map_or(0, str::len) as u64,
        modified_ms: *modified_ms,
    });
    worker.handle(Request::Import(ImportRequest::Begin { id, files: files.collect() }), NOW);
}

/// One step of whoever reads files; the answer is whether there was one.
fn step(worker: &mut Worker, files: &[Given<'_>], clock: &Cell<f64>) -> bool {
    let Some((id, need)) = worker.import_needs() else { return false };
    let body = |file: u32| files[file as usize].2;
    match need {
        ImportNeed::Head(file) => worker.import_head(id, body(file).unwrap_or("").as_bytes()),
        ImportNeed::Body(file) => worker.import_body(id, body(file).map(|body| body.as_bytes().to_vec()), NOW),
        ImportNeed::Step => worker.step_import(NOW, &|| {
            clock.set(clock.get() + 60.0);
            clock.get()
        }),
    }
    true
}

/// What the page hears, in words.
fn told(worker: &mut Worker) -> Vec<String> {
    let words = |event| match event {
        Event::Import(ImportNews::Progress { file, permille, .. }) => format!("{file} at {permille}"),
        Event::Import(ImportNews::File { file, result, .. }) => match *result {
            FileResult::Imported(imported) => format!(
                "{file}: {}, {} series, {} of {} samples, {} older",
                imported.format, imported.n_series, imported.n_stored, imported.n_samples, imported.n_older
            ),
            FileResult::Failed(problem) => format!("{file}: {} {} {:?}", problem.message, problem.hint, problem.at),
            FileResult::Cancelled { n_stored } => format!("{file}: cancelled, {n_stored} stored"),
        },
        Event::Import(ImportNews::Done { is_cancelled, oldest_ms, newest_ms, .. }) => {
            format!("done {is_cancelled} {oldest_ms:?} {newest_ms:?}")
        }
        _ => String::new(),
    };
    worker.take_events().into_iter().map(words).filter(|words| !words.is_empty()).collect()
}

fn import(worker: &mut Worker, files: &[Given<'_>]) -> Vec<String> {
    // Each import has a number of its own.
    let id = files[0].0.bytes().map(u32::from).sum();
    begin(worker, id, files);
    let clock = Cell::new(0.0);
    while step(worker, files, &clock) {}
    let mut told = told(worker);
    told.retain(|words| !words.contains(" at "));
    told
}

fn export(worker: &mut Worker, what: ExportWhat, form: FileForm) -> (String, Vec<String>) {
    worker.handle(Request::Export(ExportRequest::Begin { id: 7, what, form, page: "{}".to_owned() }), NOW);
    while worker.step_export(&|| 0.0) {}
    let mut file = Vec::new();
    for event in worker.take_events() {
        match event {
            Event::Export(ExportNews::Piece { bytes, is_last, notes, n_done, n_series, .. }) => {
                file.extend(bytes);
                if is_last {
                    assert_eq!(n_done, n_series);
                    return (String::from_utf8_lossy(&file).into_owned(), notes);
                }
            }
            Event::Export(ExportNews::Failed { problem, .. }) => return (problem.message, Vec::new()),
            _ => {}
        }
    }
    panic!("the export did not end")
}

#[test]
fn a_series_of_dumps_is_stored_in_the_order_of_its_times() {
    let mut worker = Worker::default();
    let told = import(
        &mut worker,
        &[
            ("dumps/node-2026-11-26T10-02-00.prom", 5, Ok("a 3\n")),
            ("dumps/node-2026-11-26T10-00-00.prom", 7, Ok("a 1\n")),
            // The samples tell the time, not the name.
            ("dumps/node-2026-11-26T09-00-00.prom", 1, Ok("a{instance=\"node\"} 4 1795687380000\n")),
            ("dumps/node.prom", 1_795_687_260_000, Ok("a 2\n")),
        ],
    );
    assert_eq!(
        told,
        [
            "1: metrics text, 1 series, 1 of 1 samples, 0 older",
            "3: metrics text, 1 series, 1 of 1 samples, 0 older",
            "0: metrics text, 1 series, 1 of 1 samples, 0 older",
            "2: metrics text, 1 series, 1 of 1 samples, 0 older",
            "done false Some(1795687200000) Some(1795687380000)",
        ]
    );
    let (csv, _) = export(
        &mut worker,
        ExportWhat { expr: "rate(a{job=\"pasted\"}[1m])".to_owned(), ..ExportWhat::default() },
        FileForm::Csv,
    );
    let want = "__name__,instance,job,__value__,__timestamp__:unix_ms\r\na,node,pasted,1,1795687200000\r\na,node,pasted,2,1795687260000\r\na,node,pasted,3,1795687320000\r\n";
    assert_eq!(csv, want);
}

#[test]
fn a_bad_file_is_told_and_the_others_go_on() {
    let mut worker = Worker::default();
    let told = import(
        &mut worker,
        &[
            ("a.txt", 1, Ok("a 1 1000\nb x\n")),
            ("b.png", 2, Ok("\u{89}PNG")),
            ("c.html", 3, Ok("<html>")),
            ("d.txt", 4, Ok("")),
            ("e.gz", 5, Err(FileFailure::BadGzip)),
            ("f.txt", 6, Err(FileFailure::TooLarge)),
            ("g.txt", 7, Err(FileFailure::Unreadable)),
            ("h.txt", 8, Ok("good 1\n")),
        ],
    );
    expect_test::expect![[r#"
        0: Line 2, column 3: expected a number after `b`, found `x`. Nothing of the file was stored. Correct it and import it again. Some((2, 3))
        1: Line 1, column 1: expected a metric's name or `#`, found `�PNG`. Nothing of the file was stored. Correct it and import it again. Some((1, 1))
        2: The file is a web page or XML, which holds no metrics. Metrics text, OpenMetrics, answers of Prometheus' API (query, query_range), bundles, and gzip of these are read. None
        3: The file is empty.  None
        4: e.gz is compressed with gzip, but breaks off or is damaged. Nothing of it was stored. Copy or download it again. None
        5: f.txt is too large: files of up to 256 MiB are read, measured without compression. Split it, or leave out metrics you do not need. None
        6: g.txt could not be read. It may have been changed or moved. Choose it again. None
        7: metrics text, 1 series, 1 of 1 samples, 0 older
        done false Some(8) Some(8)"#]].assert_eq(&told.join("\n"));
}

#[test]
fn older_samples_of_a_series_are_counted_and_older_than_the_retention_stay() {
    let mut worker = Worker::default();
    let old = "a{job=\"x\"} 1 1000\n";
    import(&mut worker, &[("new.txt", 1, Ok("a{job=\"x\"} 5 5000\na{job=\"x\"} 6 6000\n"))]);
    let told = import(&mut worker, &[("old.txt", 1, Ok(old))]);
    assert_eq!(told[0], "0: metrics text, 1 series, 0 of 1 samples, 1 older");
    worker.tick(NOW);
    let (json, _) = export(&mut worker, ExportWhat::default(), FileForm::Json);
    assert!(json.contains("[5,\"5\"],[6,\"6\"]"), "{json}");
}

#[test]
fn an_import_that_is_stopped_says_what_it_left() {
    let mut worker = Worker::default();
    let mut body = String::new();
    for t in 0..400 {
        for i in 0..1_000 {
            body.push_str(&format!("a{{i=\"{i}\"}} {t} {}\n", 1_795_687_200_000i64 + t * 1_000));
        }
    }
    let files: [Given<'_>; 2] = [("a.txt", 1, Ok(&body)), ("b.txt", 2, Ok("b 1\n"))];
    let clock = Cell::new(0.0);
    begin(&mut worker, 3, &files);
    let mut n_steps = 0;
    while n_steps < 8 && step(&mut worker, &files, &clock) {
        n_steps += 1;
    }
    worker.handle(Request::Import(ImportRequest::Cancel { id: 2 }), NOW);
    assert!(worker.import_needs().is_some(), "another one is not meant");
    worker.handle(Request::Import(ImportRequest::Cancel { id: 3 }), NOW);
    assert_eq!(worker.import_needs(), None);
    let all = told(&mut worker);
    assert!(all.iter().any(|words| words.starts_with("0 at ")), "progress is told: {all:?}");
    assert_eq!(all[all.len() - 2..], ["0: cancelled, 0 stored", "done true Some(2) Some(2)"]);
    begin(&mut worker, 4, &files);
    // Up to where it is being stored.
    while !told(&mut worker)
        .iter()
        .any(|words| words.strip_prefix("0 at ").is_some_and(|n| n.parse::<u32>().unwrap_or(0) > 800))
    {
        assert!(step(&mut worker, &files, &clock));
    }
    worker.handle(Request::Import(ImportRequest::Cancel { id: 4 }), NOW);
    let told = told(&mut worker);
    assert!(told[0].starts_with("0: cancelled, ") && told[0] != "0: cancelled, 0 stored", "{told:?}");
}

#[test]
fn a_bundle_moves_samples_and_what_the_page_keeps() {
    let mut worker = Worker::default();
    import(
        &mut worker,
        &[(
            "a.om",
            1,
            Ok(
                "# TYPE c counter\n# HELP c How many.\nc_total{job=\"x\"} 1 1795687200\nc_total{job=\"x\"} 2 1795687201 # {id=\"y\"} 1\n# EOF\n",
            ),
        )],
    );
    worker.handle(
        Request::Export(ExportRequest::Begin {
            id: 7,
            what: ExportWhat::default(),
            form: FileForm::Bundle,
            page: "{\"p\":1}".to_owned(),
        }),
        NOW,
    );
    while worker.step_export(&|| 0.0) {}
    let mut file = Vec::new();
    for event in worker.take_events() {
        if let Event::Export(ExportNews::Piece { bytes, .. }) = event {
            file.extend(bytes);
        }
    }
    let mut other = Worker::default();
    begin(&mut other, 1, &[("x.promenade", 0, Ok(""))]);
    other.import_head(1, &file);
    other.import_body(1, Ok(file), NOW);
    while other.import_needs().is_some() {
        other.step_import(NOW, &|| 0.0);
    }
    other.tick(NOW);
    let events = other.take_events();
    let page = events.iter().find_map(|event| match event {
        Event::Import(ImportNews::File { result, .. }) => match &**result {
            FileResult::Imported(imported) => imported.page.clone(),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(page.as_deref(), Some("{\"p\":1}"));
    let families = events.iter().find_map(|event| match event {
        Event::Families { families } => {
            Some(families.iter().map(|f| format!("{} {} {}", f.name, f.kind, f.help)).collect::<Vec<_>>())
        }
        _ => None,
    });
    assert_eq!(families.unwrap_or_default(), ["c counter How many."]);
    let (text, _) = export(&mut other, ExportWhat::default(), FileForm::OpenMetrics);
    assert!(text.contains("c_total{job=\"x\"} 2 1795687201.000 # {id=\"y\"} 1\n"), "{text}");
}

#[test]
fn an_export_is_measured_and_says_what_it_cannot_do() {
    let mut worker = Worker::default();
    import(&mut worker, &[("a.txt", 1, Ok("a{job=\"x\"} 1 1000\na{job=\"x\"} 2 2000\nb{job=\"x\"} 1 1000\n"))]);
    for (expr, start, want) in [
        ("", None, "2 series, 3 samples"),
        ("a", None, "1 series, 2 samples"),
        ("a + b", Some(1_500), "1 series, 1 samples"),
        ("nothing", None, "0 series, 0 samples"),
        ("1 + 1", None, "Nothing can be exported: the expression reads no series."),
        ("a[", None, "Expected"),
    ] {
        let what = ExportWhat { expr: expr.to_owned(), start_ms: start, ..ExportWhat::default() };
        worker.handle(Request::Export(ExportRequest::Measure { id: 1, what }), NOW);
        let got = worker.take_events().into_iter().find_map(|event| match event {
            Event::Export(ExportNews::Size { n_series, n_samples, .. }) => {
                Some(format!("{n_series} series, {n_samples} samples"))
            }
            Event::Export(ExportNews::Failed { problem, .. }) => Some(problem.message),
            _ => None,
        });
        let got = got.unwrap_or_default();
        assert!(got == want || want == "Expected" && !got.contains("series, "), "{expr}: {got}");
    }
}
