//! Files that were dropped or chosen, those in folders among them, each with its path in its folder.

use super::files;
use js_sys::{Array, Promise};
use leptos::ev::DragEvent;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

/// More files are not collected from folders: somebody dropped a whole disk.
const MAX_FILES: usize = 5_000;

/// A file, and where it lies in what was chosen.
#[derive(Clone, Debug)]
pub struct ChosenFile {
    /// `dumps/node-10-00.prom`, or only the name.
    pub path: String,
    /// The file.
    pub file: File,
}

/// Files that were chosen with a form; in a folder their paths stand beside them.
#[must_use]
pub fn chosen(list: &FileList) -> Vec<ChosenFile> {
    let with_path = |file: File| {
        let path = js_sys::Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
        ChosenFile { path: path.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name()), file }
    };
    files::list(list).into_iter().map(with_path).collect()
}

/// Files that were dropped; `done` gets them once all folders are read, and whether there was a folder.
pub fn dropped(event: &DragEvent, done: impl FnOnce(Vec<ChosenFile>, bool) + 'static) {
    let Some(data) = event.data_transfer() else { return };
    // What was dropped is there only as long as the event is handled.
    let items = data.items();
    let entries: Vec<FileSystemEntry> = (0..items.length())
        .filter_map(|idx| items.get(idx))
        .filter_map(|item| item.webkit_get_as_entry().ok().flatten())
        .collect();
    let plain = data.files().map(|list| chosen(&list)).unwrap_or_default();
    if !entries.iter().any(FileSystemEntry::is_directory) {
        done(plain, false);
        return;
    }
    leptos::task::spawn_local(async move { done(walk(entries).await, true) });
}

async fn walk(mut entries: Vec<FileSystemEntry>) -> Vec<ChosenFile> {
    let mut found = Vec::new();
    while let Some(entry) = entries.pop() {
        if found.len() >= MAX_FILES {
            break;
        }
        if entry.is_directory() {
            entries.extend(children(entry.unchecked_ref()).await);
        } else if let Some(file) = file(entry.unchecked_ref()).await {
            let path = entry.full_path().trim_start_matches('/').to_owned();
            found.push(ChosenFile { path, file });
        }
    }
    model::sort::by(&mut found, |a, b| a.path.cmp(&b.path));
    found
}

async fn children(folder: &FileSystemDirectoryEntry) -> Vec<FileSystemEntry> {
    let reader = folder.create_reader();
    let mut all: Vec<FileSystemEntry> = Vec::new();
    // It gives a hundred at a time, and none at the end.
    while all.len() < MAX_FILES {
        let some = Promise::new(&mut |resolve, reject| {
            // It throws nothing: what goes wrong comes to the second function.
            let _ = reader.read_entries_with_callback_and_callback(&resolve, &reject);
        });
        let Ok(some) = JsFuture::from(some).await else { break };
        let some = Array::from(&some);
        if some.length() == 0 {
            break;
        }
        all.extend(some.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
    all
}

async fn file(entry: &FileSystemFileEntry) -> Option<File> {
    let file = Promise::new(&mut |resolve, reject| entry.file_with_callback_and_callback(&resolve, &reject));
    let file: Result<JsValue, JsValue> = JsFuture::from(file).await;
    file.ok()?.dyn_into().ok()
}
