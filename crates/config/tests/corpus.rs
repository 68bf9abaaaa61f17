//! Every `prometheus.yml` of the book loads, with nothing to say of it.

use std::path::{Path, PathBuf};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files(&path, out);
        } else if path.file_name().is_some_and(|name| name.to_string_lossy().ends_with("prometheus.yml")) {
            out.push(path);
        }
    }
}

#[test]
fn the_configurations_of_the_book_load() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/diamol");
    let mut found = Vec::new();
    files(&folder, &mut found);
    if found.is_empty() {
        println!("skipped: there is no corpus beside the repository");
        return;
    }
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap();
        let parsed = config::parse(&text, false);
        assert_eq!(parsed.diagnostics, [], "{}", path.display());
        assert!(!parsed.config.scrape_configs.is_empty(), "{}", path.display());
        for scrape in &parsed.config.scrape_configs {
            assert!(!scrape.discoveries.is_empty(), "{}: {}", path.display(), scrape.job_name);
        }
    }
}
