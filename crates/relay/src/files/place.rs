//! Where the files of the page lie: in a directory, or within the program itself (`--features embed`).

use hyper::body::Bytes;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// A file that was put into the program when it was built.
#[derive(Debug)]
pub(super) struct Embedded {
    /// As in a URL: `/index.html`.
    path: &'static str,
    /// Changes with the content.
    tag: &'static str,
    bytes: &'static [u8],
}

/// All of them, sorted by path; none in a program that was built without.
#[cfg(feature = "embed")]
static EMBEDDED: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
#[cfg(not(feature = "embed"))]
static EMBEDDED: &[Embedded] = &[];

/// Where the files lie.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// They are read at each request, so a new build needs no restart.
    Directory(PathBuf),
    Program,
}

/// A file that is there.
#[derive(Clone, Debug)]
pub(super) enum File {
    OnDisk(PathBuf),
    InProgram(&'static Embedded),
}

impl Place {
    /// A directory that was named; else the program itself, if it holds a page; else `dist`.
    pub(super) fn new(named: Option<PathBuf>) -> Place {
        match named {
            Some(dir) => Place::Directory(dir),
            None if !EMBEDDED.is_empty() => Place::Program,
            None => Place::Directory(PathBuf::from("dist")),
        }
    }

    /// The file at a path as it stands in a URL; links that lead out of the directory do not count.
    ///
    /// No file of a bundle needs percent-encoding, so nothing is decoded, and nothing can hide in it.
    pub(super) fn file(&self, path: &str) -> Option<File> {
        let parts = path.strip_prefix('/')?.split('/');
        let is_hidden = |part: &str| part.is_empty() || part.starts_with('.') || part.contains(['\\', ':', '\0', '%']);
        if parts.clone().any(is_hidden) {
            return None;
        }
        let dir = match self {
            Place::Program => return embedded(path).map(File::InProgram),
            Place::Directory(dir) => dir,
        };
        let file: PathBuf = std::iter::once(dir.as_path()).chain(parts.map(Path::new)).collect();
        let real = file.canonicalize().ok()?;
        (real.is_file() && real.starts_with(dir.canonicalize().ok()?)).then_some(File::OnDisk(file))
    }
}

impl File {
    /// Without its directories.
    pub(super) fn name(&self) -> String {
        match self {
            File::OnDisk(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            File::InProgram(file) => file.path.rsplit('/').next().unwrap_or_default().to_owned(),
        }
    }

    /// The same content, packed: the file with this ending. An older one is that of a former build.
    pub(super) fn companion(&self, suffix: &str) -> Option<File> {
        match self {
            File::OnDisk(path) => {
                let mut name = path.as_os_str().to_owned();
                name.push(suffix);
                let companion = PathBuf::from(name);
                let (written, _) = stamp(&companion)?;
                let is_current = stamp(path).is_none_or(|(of_file, _)| written >= of_file);
                is_current.then_some(File::OnDisk(companion))
            }
            File::InProgram(file) => embedded(&format!("{}{suffix}", file.path)).map(File::InProgram),
        }
    }

    /// What changes with the content.
    pub(super) fn tag(&self) -> Option<String> {
        match self {
            File::OnDisk(path) => stamp(path).map(|(nanos, n_bytes)| format!("{nanos:x}-{n_bytes:x}")),
            File::InProgram(file) => Some(file.tag.to_owned()),
        }
    }

    pub(super) fn read(&self) -> io::Result<Bytes> {
        match self {
            File::OnDisk(path) => fs::read(path).map(Bytes::from),
            File::InProgram(file) => Ok(Bytes::from_static(file.bytes)),
        }
    }
}

fn embedded(path: &str) -> Option<&'static Embedded> {
    let idx = EMBEDDED.binary_search_by(|file| file.path.cmp(path)).ok()?;
    EMBEDDED.get(idx)
}

/// When a file was written, in nanoseconds since the epoch, and its length.
fn stamp(file: &Path) -> Option<(u128, u64)> {
    let metadata = fs::metadata(file).ok().filter(fs::Metadata::is_file)?;
    let written = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((written.as_nanos(), metadata.len()))
}
