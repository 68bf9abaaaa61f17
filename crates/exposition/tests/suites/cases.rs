//! The public suites of exposition formats beside the checkout, as cases.
use exposition::{Entry, Format, Parser};
use std::path::{Path, PathBuf};

/// The folder of the suites, if it is there.
pub fn corpus() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/exposition");
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

/// The number of samples, or the error.
pub fn read(body: &[u8], format: Format) -> Result<usize, String> {
    let mut parser = Parser::new(body, format);
    let mut n = 0;
    while let Some(entry) = parser.next_entry().map_err(|e| e.to_string())? {
        if let Entry::Series(_) = entry {
            parser.labels().map_err(|e| e.to_string())?;
            n += 1;
        }
    }
    Ok(n)
}

/// The text of a case: a file, or `file.json#index`.
pub fn body(dir: &Path, case: &str) -> Vec<u8> {
    let Some((file, idx)) = case.split_once('#') else {
        return std::fs::read(dir.join(case)).expect(case);
    };
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(dir.join(file)).expect(file)).expect("JSON");
    let item = &json[idx.parse::<usize>().expect("an index")];
    match item["input"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => base64(item["input_base64"].as_str().expect("base64")),
    }
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.bytes().filter_map(|b| ALPHABET.iter().position(|a| *a == b));
    let (mut out, mut bits, mut n_bits) = (Vec::new(), 0usize, 0);
    for digit in digits {
        bits = bits << 6 | digit;
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            out.push((bits >> n_bits) as u8);
        }
    }
    out
}

/// A text and whether its suite calls it valid.
#[derive(Debug)]
pub struct Case {
    pub name: String,
    pub body: Vec<u8>,
    pub format: Format,
    pub is_valid: bool,
}

/// The paths in a folder, in order.
fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut out: Vec<_> =
        std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    out.sort();
    out
}

fn name(dir: &Path, path: &Path) -> String {
    path.strip_prefix(dir).expect("inside").display().to_string()
}

/// The cases of the OpenMetrics suite.
pub fn openmetrics(dir: &Path) -> Vec<Case> {
    let case = |path: PathBuf| {
        let json = std::fs::read(path.join("test.json")).expect("a verdict");
        let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        let is_valid = json["shouldParse"].as_bool().expect("a verdict");
        let body = std::fs::read(path.join("metrics")).expect("a text");
        Case { name: name(dir, &path), body, format: Format::OpenMetrics, is_valid }
    };
    entries(&dir.join("openmetrics")).into_iter().map(case).collect()
}

/// The rows of the tables in a folder.
pub fn rows(dir: &Path, folder: &str, is_valid: impl Fn(&serde_json::Value) -> bool) -> Vec<Case> {
    let mut out = Vec::new();
    for path in entries(&dir.join(folder)) {
        let file = name(dir, &path);
        let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).expect("a table")).expect("JSON");
        let format = if file.contains("openmetrics") { Format::OpenMetrics } else { Format::PrometheusText };
        for (idx, row) in json.as_array().expect("rows").iter().enumerate() {
            let name = format!("{file}#{idx}");
            out.push(Case { body: body(dir, &name), name, format, is_valid: is_valid(row) });
        }
    }
    out
}

/// The texts of the strict parser of the classic format.
pub fn expfmt(dir: &Path) -> Vec<Case> {
    let mut out = Vec::new();
    for folder in ["valid", "invalid"] {
        for path in entries(&dir.join("expfmt").join(folder)) {
            let body = std::fs::read(&path).expect("a text");
            let (name, format) = (name(dir, &path), Format::PrometheusText);
            out.push(Case { name, body, format, is_valid: folder == "valid" });
        }
    }
    out
}
