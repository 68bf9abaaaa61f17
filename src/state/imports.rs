//! Files that are being imported, or were: what the worker told of each.

use leptos::prelude::*;
use protocol::{FileResult, ImportNews, ImportedFile};

/// A file of an import.
#[derive(Clone, Debug, PartialEq)]
pub struct FileState {
    /// Its path in the folder that was chosen, or its name.
    pub path: String,
    /// What became of it, once it is done.
    pub result: Option<FileResult>,
}

/// One import: the files that were chosen or dropped together.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportState {
    /// Its number.
    pub id: u32,
    /// Its files, in the order in which they were given.
    pub files: Vec<FileState>,
    /// The file that is being read: its number, how far it is of a thousand, its samples so far.
    pub reading: Option<(u32, u32, u64)>,
    /// All files are done.
    pub is_done: bool,
    /// It was stopped.
    pub is_cancelled: bool,
    /// Times of the oldest and the newest sample.
    pub span_ms: Option<(i64, i64)>,
}

impl ImportState {
    fn new(id: u32, paths: Vec<String>) -> Self {
        let files = paths.into_iter().map(|path| FileState { path, result: None }).collect();
        ImportState { id, files, reading: None, is_done: false, is_cancelled: false, span_ms: None }
    }

    /// How many files are done, well or not.
    #[must_use]
    pub fn n_done(&self) -> usize {
        self.files.iter().filter(|file| file.result.is_some()).count()
    }

    /// What was in the files that were read.
    pub fn imported(&self) -> impl Iterator<Item = &ImportedFile> {
        self.files.iter().filter_map(|file| match &file.result {
            Some(FileResult::Imported(imported)) => Some(imported),
            _ => None,
        })
    }

    fn fold(&mut self, news: ImportNews) {
        match news {
            ImportNews::Progress { file, permille, n_samples, .. } => self.reading = Some((file, permille, n_samples)),
            ImportNews::File { file, result, .. } => {
                self.reading = None;
                if let Some(file) = self.files.get_mut(file as usize) {
                    file.result = Some(*result);
                }
            }
            ImportNews::Done { is_cancelled, oldest_ms, newest_ms, .. } => {
                self.reading = None;
                self.is_done = true;
                self.is_cancelled = is_cancelled;
                self.span_ms = oldest_ms.zip(newest_ms);
            }
        }
    }
}

/// All imports since the page was opened that nobody dismissed, the newest first; cheap to copy.
#[derive(Clone, Copy)]
pub struct Imports {
    /// The imports.
    pub all: RwSignal<Vec<ImportState>>,
}

impl Imports {
    /// Nothing was imported.
    #[must_use]
    pub fn new() -> Self {
        Imports { all: RwSignal::new(Vec::new()) }
    }

    /// One begins.
    pub fn begin(&self, id: u32, paths: Vec<String>) {
        self.all.update(|all| all.insert(0, ImportState::new(id, paths)));
    }

    /// Takes in what the worker told.
    pub fn fold(&self, news: ImportNews) {
        let (ImportNews::Progress { id, .. } | ImportNews::File { id, .. } | ImportNews::Done { id, .. }) = &news;
        let id = *id;
        self.all.update(|all| {
            if let Some(import) = all.iter_mut().find(|import| import.id == id) {
                import.fold(news);
            }
        });
    }

    /// Takes an import off the page; what was imported stays.
    pub fn dismiss(&self, id: u32) {
        self.all.update(|all| all.retain(|import| import.id != id));
    }
}

impl Default for Imports {
    fn default() -> Self {
        Imports::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_of_another_import_change_nothing() {
        let mut import = ImportState::new(2, vec!["a".to_owned(), "b".to_owned()]);
        import.fold(ImportNews::Progress { id: 2, file: 1, permille: 500, n_samples: 7 });
        assert_eq!((import.reading, import.n_done()), (Some((1, 500, 7)), 0));
        let imported = ImportedFile { n_stored: 3, ..ImportedFile::default() };
        import.fold(ImportNews::File { id: 2, file: 1, result: Box::new(FileResult::Imported(imported)) });
        assert_eq!((import.reading, import.n_done(), import.imported().count()), (None, 1, 1));
        import.fold(ImportNews::Done { id: 2, is_cancelled: true, oldest_ms: Some(1), newest_ms: Some(2) });
        assert!(import.is_done && import.is_cancelled && import.span_ms == Some((1, 2)));
        let owner = Owner::new();
        owner.set();
        let imports = Imports::new();
        imports.begin(2, vec!["a".to_owned()]);
        imports.fold(ImportNews::Done { id: 1, is_cancelled: true, oldest_ms: None, newest_ms: None });
        assert!(imports.all.with_untracked(|all| !all[0].is_done));
    }
}
