//! The file that is being exported: what was asked for, how far it is, and the pieces that came.

use crate::browser::download::{Parts, save};
use leptos::prelude::*;
use protocol::{ExportNews, Problem};

/// What an export begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The expression whose series are meant; all series if it is empty.
    pub expr: String,
    /// The range that is shown: its ends, ms since the epoch.
    pub shown_ms: Option<(i64, i64)>,
}

/// How far an export is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Stage {
    /// Form and range are being chosen.
    #[default]
    Choosing,
    /// The worker writes.
    Running {
        /// Series that are written.
        n_done: u64,
        /// All series.
        n_series: u64,
        /// Bytes so far.
        bytes: u64,
    },
    /// The browser has the file.
    Saved {
        /// Its name.
        name: String,
        /// Its length.
        bytes: u64,
        /// Samples in it.
        n_samples: u64,
        /// What it does not hold, in sentences.
        notes: Vec<String>,
    },
    /// It did not work.
    Failed(Problem),
}

/// The export of this page; cheap to copy.
#[derive(Clone, Copy)]
pub struct Exports {
    /// What the dialog is open for; `None` while it is closed.
    pub asked: RwSignal<Option<Asked>>,
    /// How far it is.
    pub stage: RwSignal<Stage>,
    /// Series and samples (about) of what is chosen; `None` until the worker has counted.
    pub size: RwSignal<Option<Result<(u64, u64), Problem>>>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    /// The number of the newest request; news of older ones are dropped.
    id: u32,
    name: String,
    media_type: &'static str,
    is_compressed: bool,
    parts: Parts,
}

impl Exports {
    /// Nothing is asked for.
    #[must_use]
    pub fn new() -> Self {
        Exports {
            asked: RwSignal::new(None),
            stage: RwSignal::new(Stage::Choosing),
            size: RwSignal::new(None),
            inner: StoredValue::new_local(Inner::default()),
        }
    }

    /// Opens the dialog.
    pub fn ask(&self, asked: Asked) {
        self.stage.set(Stage::Choosing);
        self.size.set(None);
        self.asked.set(Some(asked));
    }

    /// The number for the next request: news of those before are dropped from now on.
    pub fn next_id(&self) -> u32 {
        self.inner
            .try_update_value(|inner| {
                inner.id = inner.id.wrapping_add(1);
                inner.parts = Parts::default();
                inner.id
            })
            .unwrap_or_default()
    }

    /// The number of the newest request.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.inner.with_value(|inner| inner.id)
    }

    /// A file of this name begins.
    pub fn begin(&self, name: String, media_type: &'static str, is_compressed: bool) {
        self.inner.update_value(|inner| {
            (inner.name, inner.media_type, inner.is_compressed) = (name, media_type, is_compressed);
        });
        self.stage.set(Stage::Running { n_done: 0, n_series: 0, bytes: 0 });
    }

    /// Takes in what the worker told.
    pub fn fold(&self, news: ExportNews) {
        let (ExportNews::Size { id, .. } | ExportNews::Piece { id, .. } | ExportNews::Failed { id, .. }) = &news;
        if *id != self.id() {
            return;
        }
        let is_running = self.stage.with_untracked(|stage| matches!(stage, Stage::Running { .. }));
        match news {
            ExportNews::Size { n_series, n_samples, .. } => self.size.set(Some(Ok((n_series, n_samples)))),
            ExportNews::Failed { problem, .. } if is_running => self.stage.set(Stage::Failed(problem)),
            ExportNews::Failed { problem, .. } => self.size.set(Some(Err(problem))),
            ExportNews::Piece { bytes: piece, n_done, n_series, n_samples, is_last, notes, .. } if is_running => {
                let bytes = self.inner.try_update_value(|inner| inner.parts.add(&piece)).unwrap_or_default();
                self.stage.set(Stage::Running { n_done, n_series, bytes });
                if is_last {
                    self.save(n_samples, notes);
                }
            }
            ExportNews::Piece { .. } => {}
        }
    }

    fn save(&self, n_samples: u64, notes: Vec<String>) {
        let file = self.inner.try_update_value(|inner| {
            (inner.id, std::mem::take(&mut inner.parts), inner.name.clone(), inner.media_type, inner.is_compressed)
        });
        let Some((id, parts, name, media_type, is_compressed)) = file else { return };
        let exports = *self;
        save(parts, name.clone(), media_type, is_compressed, move |saved| {
            if exports.id() != id {
                return;
            }
            exports.stage.set(match saved {
                Some(bytes) => Stage::Saved { name, bytes, n_samples, notes },
                None => Stage::Failed(crate::texts::files::not_saved()),
            });
        });
    }
}

impl Default for Exports {
    fn default() -> Self {
        Exports::new()
    }
}
