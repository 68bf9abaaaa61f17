//! Files that a configuration names: lists of targets by patterns, and texts.

use config::{TargetGroup, file_sd};
use std::fs;
use std::path::{Path, PathBuf};

/// The most files that the patterns of one item may find, and entries of a directory that are looked at.
const MAX_FILES: usize = 1_000;
const MAX_ENTRIES: usize = 100_000;

/// The targets in all files that the patterns find, in the order of the patterns and of names.
///
/// A file that is there but cannot be read as a list fails all: half of a list would be taken for the whole.
pub(super) fn read(dir: &Path, patterns: &[String]) -> Result<Vec<TargetGroup>, String> {
    let mut groups = Vec::new();
    let mut n_files = 0;
    for pattern in patterns {
        for file in find(dir, pattern) {
            n_files += 1;
            if n_files > MAX_FILES {
                return Err(format!("more than {MAX_FILES} files of targets"));
            }
            let found = file_sd::parse(&text(&file, config::MAX_BYTES as u64)?)
                .map_err(|reason| format!("{}: {}", file.display(), reason.trim_end_matches('.')))?;
            for mut group in found {
                group.labels.push(("__meta_filepath".to_owned(), file.display().to_string()));
                groups.push(group);
            }
        }
    }
    Ok(groups)
}

/// A file as text, up to so many bytes.
pub(super) fn text(path: &Path, max_bytes: u64) -> Result<String, String> {
    let place = path.display();
    let n_bytes = fs::metadata(path).map_err(|error| format!("{place} cannot be read: {error}"))?.len();
    if n_bytes > max_bytes {
        return Err(format!("{place} is larger than {max_bytes} bytes"));
    }
    fs::read_to_string(path).map_err(|error| format!("{place} cannot be read: {error}"))
}

/// The files of a pattern: a name, or one whose last part has a star. None is fine, as in Prometheus.
fn find(dir: &Path, pattern: &str) -> Vec<PathBuf> {
    let whole = dir.join(pattern);
    let name = whole.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some((start, end)) = name.split_once('*') else {
        return if whole.is_file() { vec![whole] } else { Vec::new() };
    };
    let Some(Ok(entries)) = whole.parent().map(fs::read_dir) else { return Vec::new() };
    let fits = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_of_pattern = name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end);
        is_of_pattern && path.is_file()
    };
    let paths = entries.take(MAX_ENTRIES).filter_map(|entry| Some(entry.ok()?.path()));
    let mut found: Vec<PathBuf> = paths.filter(fits).collect();
    found.sort();
    found
}
