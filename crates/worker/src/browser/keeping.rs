//! Finds the store, reads it, writes what the worker stored, and hands it from tab to tab.
//!
//! It begins with the worker, while the page is still being fetched: disk and lock cost the first graph nothing then.
//! Requests wait until it is known what this tab does.

use super::channel::Channel;
use super::disk::{Disk, DiskError, DiskErrorKind};
use super::lock::{self, Ask, Asked, Lock};
use super::{Driver, js, now};
use crate::storage::{Batch, Done, Heard, Quota, Restoring};
use crate::tabs::Word;
use gloo_timers::future::TimeoutFuture;
use protocol::{Request, StoragePlace, TroubleKind};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// The folder of the private files, or the database.
const FOLDER: &str = "promenade";

/// Reading goes on after a turn of the event loop, so that messages are heard meanwhile.
const READ_SLICE_MS: f64 = 30.0;

/// Before this nobody needs to know that something is being read.
const PATIENCE_MS: f64 = 300.0;

/// An owner answers within milliseconds, unless its tab is frozen or busy with a long query.
const ANSWER_MS: f64 = 1_000.0;

/// An owner that is asked to let go writes its last scrape and does so. One that has not after this is passed over.
const LET_GO_MS: u32 = 2_000;

/// How often a waiting task looks.
const POLL_MS: u32 = 5;

/// Files that change while they are read are read again, so often at once.
const MAX_READS: u32 = 5;

/// A query waits no longer than this for what is being written.
const MAX_SAVE_MS: f64 = 1_000.0;

/// How often the browser is asked how much room there is.
const QUOTA_EVERY_MS: f64 = 60_000.0;

/// Disk, lock and channel of this tab.
#[derive(Default)]
pub(super) struct Keeping {
    disk: RefCell<Option<Rc<Disk>>>,
    lock: RefCell<Option<Lock>>,
    channel: RefCell<Option<Channel>>,
    /// What the page asked before it was known what this tab does; `None` once it is.
    waiting: RefCell<Option<Vec<Request>>>,
    is_saving: Cell<bool>,
    saving_since: Cell<f64>,
    /// Somebody waits for what is being written: the page is told of a scrape when it is done.
    is_awaited: Cell<bool>,
    is_letting_go: Cell<bool>,
    is_reading: Cell<bool>,
    /// The files are to be read (again).
    is_behind: Cell<bool>,
    /// The user wants this tab to have the store.
    is_wanted: Cell<bool>,
    /// Counts changes of what this tab does: a task that began before the last one is over.
    change: Cell<u32>,
    quota_at: Cell<f64>,
}

impl Driver {
    /// Begins.
    pub(super) fn open_store(&self) {
        self.0.keeping.waiting.replace(Some(Vec::new()));
        self.0.worker.borrow_mut().starts();
        let driver = self.clone();
        self.0.keeping.channel.replace(Some(Channel::open(move |word| driver.hear(word))));
        let driver = self.clone();
        spawn_local(async move {
            driver.find_store().await;
            driver.begin();
            driver.look_at_quota();
        });
    }

    /// Keeps a request for later, if it is too early for it.
    pub(super) fn wait_with(&self, request: Request) -> Option<Request> {
        match (self.0.keeping.waiting.borrow_mut().as_mut(), &request) {
            // Whatever else happens: settings are only noted.
            (_, Request::Hello(_) | Request::Configure(_)) => Some(request),
            (Some(waiting), _) => {
                waiting.push(request);
                None
            }
            (None, Request::TakeStore) => {
                self.take_over();
                None
            }
            (None, Request::LookAtStorage) => {
                self.look_at_quota();
                None
            }
            (None, _) => Some(request),
        }
    }

    /// Writes what the worker stored, then lets it be told.
    pub(super) fn save(&self) {
        if self.0.keeping.is_saving.replace(true) {
            return;
        }
        let driver = self.clone();
        spawn_local(async move {
            driver.save_all().await;
            driver.0.keeping.is_saving.set(false);
            driver.flush();
            driver.query();
            driver.sleep();
        });
    }

    /// Whether queries should wait: what they show has to be on the disk.
    pub(super) fn is_saving(&self) -> bool {
        let keeping = &self.0.keeping;
        keeping.is_awaited.get() && self.clock() - keeping.saving_since.get() < MAX_SAVE_MS
    }

    /// Tells other tabs what there is to tell.
    pub(super) fn say_words(&self) {
        let words = self.0.worker.borrow_mut().take_words();
        if let Some(channel) = &*self.0.keeping.channel.borrow() {
            words.into_iter().for_each(|word| channel.say(word));
        }
    }

    /// Asks the browser now and then how much room there is.
    pub(super) fn look_at_quota_sometimes(&self) {
        if self.clock() - self.0.keeping.quota_at.get() > QUOTA_EVERY_MS {
            self.look_at_quota();
        }
    }

    fn look_at_quota(&self) {
        self.0.keeping.quota_at.set(self.clock());
        if self.0.keeping.disk.borrow().is_none() {
            return;
        }
        let driver = self.clone();
        spawn_local(async move {
            let quota = ask_quota().await;
            driver.0.worker.borrow_mut().set_quota(quota, now());
            driver.turn();
        });
    }

    async fn find_store(&self) {
        let disk = match Disk::open(FOLDER).await {
            Ok(disk) => disk,
            Err(why) => return self.0.worker.borrow_mut().has_no_disk(why),
        };
        let place = if disk.is_private_files() { StoragePlace::PrivateFiles } else { StoragePlace::IndexedDb };
        self.0.keeping.disk.replace(Some(Rc::new(disk)));
        let asked = self.ask_for_lock(Ask::IfFree).await;
        self.0.worker.borrow_mut().has_disk(place, !matches!(asked, Asked::Unknown));
        match asked {
            Asked::Held(lock) => self.own(Some(lock)).await,
            Asked::Unknown => self.own(None).await,
            Asked::Taken => self.read_along().await,
        }
    }

    /// Handles what waited: it is known now what this tab does.
    fn begin(&self) {
        for request in self.0.keeping.waiting.take().unwrap_or_default() {
            if let Some(request) = self.wait_with(request) {
                self.0.worker.borrow_mut().handle(request, now());
            }
        }
        self.turn();
    }

    async fn ask_for_lock(&self, ask: Ask) -> Asked {
        let driver = self.clone();
        lock::ask(ask, move || driver.lose()).await
    }

    /// This tab has the store from now on.
    async fn own(&self, lock: Option<Lock>) {
        self.changes();
        self.0.keeping.lock.replace(lock);
        self.0.keeping.is_wanted.set(false);
        let began = self.clock();
        let restored = self.restore(true).await;
        let mut worker = self.0.worker.borrow_mut();
        match restored {
            Ok(restoring) => worker.owns(restoring, self.clock() - began, now()),
            Err(error) => worker.has_no_disk(error.message),
        }
    }

    /// Another tab has the store.
    async fn read_along(&self) {
        let change = self.changes();
        self.0.worker.borrow_mut().becomes_reader(now());
        self.flush();
        let waits_since = self.clock();
        while !self.0.worker.borrow().is_answered() && self.clock() - waits_since < ANSWER_MS {
            TimeoutFuture::new(POLL_MS).await;
        }
        self.0.worker.borrow_mut().nobody_answers();
        // An answer has begun it already.
        if !self.0.keeping.is_reading.get() {
            self.read_again();
        }
        self.is_read().await;
        let driver = self.clone();
        spawn_local(async move {
            // The one that has it may close, crash, or let go.
            if let Asked::Held(lock) = driver.ask_for_lock(Ask::InTurn).await {
                match driver.0.keeping.change.get() == change {
                    true => driver.promote(Some(lock)).await,
                    false => lock.release(),
                }
            }
        });
    }

    /// Reads all files beside the owner that goes on writing them.
    fn read_again(&self) {
        self.0.keeping.is_behind.set(true);
        if self.0.keeping.is_reading.replace(true) {
            return;
        }
        let driver = self.clone();
        spawn_local(async move {
            let keeping = &driver.0.keeping;
            let mut n_reads = 0;
            while keeping.is_behind.replace(false) {
                driver.0.worker.borrow_mut().will_read_along();
                let began = driver.clock();
                let Ok(restoring) = driver.restore(false).await else { break };
                let heard = driver.0.worker.borrow_mut().read_along(restoring, driver.clock() - began, now());
                if heard == Heard::ReadAgain {
                    keeping.is_behind.set(true);
                    n_reads += 1;
                    TimeoutFuture::new(if n_reads < MAX_READS { POLL_MS } else { LET_GO_MS }).await;
                }
            }
            keeping.is_reading.set(false);
            driver.turn();
        });
    }

    async fn is_read(&self) {
        while self.0.keeping.is_reading.get() {
            TimeoutFuture::new(POLL_MS).await;
        }
    }

    /// A reader becomes the owner, once it has read what the one before wrote last.
    async fn promote(&self, lock: Option<Lock>) {
        self.0.keeping.waiting.replace(Some(Vec::new()));
        self.is_read().await;
        self.own(lock).await;
        self.begin();
    }

    /// The user wants this tab to have the store: the owner is asked, and passed over where it does not answer.
    fn take_over(&self) {
        if !self.0.worker.borrow().is_reader() || self.0.keeping.is_wanted.replace(true) {
            return;
        }
        self.0.worker.borrow_mut().say(Word::LetGo);
        self.flush();
        let (driver, change) = (self.clone(), self.0.keeping.change.get());
        spawn_local(async move {
            TimeoutFuture::new(LET_GO_MS).await;
            if driver.0.keeping.change.get() != change {
                return;
            }
            match driver.ask_for_lock(Ask::Steal).await {
                Asked::Held(lock) => driver.promote(Some(lock)).await,
                // Without locks there is nobody who would give it.
                Asked::Unknown => driver.promote(None).await,
                Asked::Taken => driver.0.keeping.is_wanted.set(false),
            }
        });
    }

    /// Another tab was given the store by the user: the last scrape is written, then it can have everything.
    async fn let_go(&self) {
        let keeping = &self.0.keeping;
        if keeping.is_letting_go.replace(true) {
            return;
        }
        let since = self.clock();
        while keeping.is_saving.get() && self.clock() - since < MAX_SAVE_MS {
            TimeoutFuture::new(POLL_MS).await;
        }
        self.0.worker.borrow_mut().will_let_go(now());
        if !keeping.is_saving.replace(true) {
            self.save_all().await;
            keeping.is_saving.set(false);
        }
        keeping.is_letting_go.set(false);
        self.lose();
    }

    /// This tab has the store no more.
    fn lose(&self) {
        let keeping = &self.0.keeping;
        if let Some(disk) = &*keeping.disk.borrow() {
            disk.close();
        }
        if let Some(lock) = keeping.lock.take() {
            lock.release();
        }
        let driver = self.clone();
        spawn_local(async move { driver.read_along().await });
    }

    fn hear(&self, word: Word) {
        let is_other_owner = matches!(word, Word::Own(_));
        let heard = self.0.worker.borrow_mut().hear(word, now());
        match heard {
            Heard::Nothing => {}
            Heard::ReadAgain => self.read_again(),
            Heard::LetGo => {
                let driver = self.clone();
                spawn_local(async move { driver.let_go().await });
            }
        }
        if is_other_owner && self.0.keeping.is_wanted.get() {
            // A third tab was before this one in the queue.
            self.0.worker.borrow_mut().say(Word::LetGo);
        }
        self.turn();
    }

    /// Reads everything into a head of its own. Files that change or go meanwhile: all of it once more.
    async fn restore(&self, is_told: bool) -> Result<Restoring, DiskError> {
        let Some(disk) = self.0.keeping.disk.borrow().clone() else {
            return Err(DiskError { kind: DiskErrorKind::Gone, message: "there is no disk".to_owned() });
        };
        let began = self.clock();
        let mut n_reads = 1;
        loop {
            match self.read_all(&disk, began, is_told).await {
                Err(error) if error.kind == DiskErrorKind::Gone && n_reads < MAX_READS => n_reads += 1,
                read => return read,
            }
            TimeoutFuture::new(POLL_MS).await;
        }
    }

    async fn read_all(&self, disk: &Disk, began: f64, is_told: bool) -> Result<Restoring, DiskError> {
        let mut restoring = Restoring::new(disk.list().await?);
        let mut slice_began = self.clock();
        while let Some(file) = restoring.next_file() {
            let bytes = disk.read(&file).await?;
            restoring.file(&file, bytes);
            if self.clock() - slice_began < READ_SLICE_MS {
                continue;
            }
            if is_told && self.clock() - began > PATIENCE_MS {
                let (n_done, n_bytes) = restoring.progress();
                self.0.worker.borrow_mut().restoring(n_done, n_bytes);
                self.flush();
            }
            TimeoutFuture::new(0).await;
            slice_began = self.clock();
        }
        Ok(restoring)
    }

    async fn save_all(&self) {
        loop {
            let batch = self.0.worker.borrow_mut().begin_save(now());
            let Some(batch) = batch else { return };
            self.0.keeping.saving_since.set(self.clock());
            self.0.keeping.is_awaited.set(batch.is_awaited());
            let began = self.clock();
            let (n_ops, error) = self.write(&batch).await;
            let took_ms = self.clock() - began;
            self.0.keeping.is_awaited.set(false);
            let error = error.map(|error| {
                let is_full = error.kind == DiskErrorKind::Full;
                (if is_full { TroubleKind::Full } else { TroubleKind::Failed }, error.message)
            });
            self.0.worker.borrow_mut().saved(batch, Done { n_ops, took_ms, error }, now());
            self.flush();
            if self.0.worker.borrow().is_busy_saving() {
                // A slice of a block: queries and scrapes come in between.
                TimeoutFuture::new(0).await;
            }
        }
    }

    /// How many operations were done, and why the next one was not.
    async fn write(&self, batch: &Batch) -> (usize, Option<DiskError>) {
        let Some(disk) = self.0.keeping.disk.borrow().clone() else { return (batch.ops.len(), None) };
        for (idx, op) in batch.ops.iter().enumerate() {
            if let Err(error) = disk.run(op).await {
                return (idx, Some(error));
            }
        }
        (batch.ops.len(), None)
    }

    fn changes(&self) -> u32 {
        let change = &self.0.keeping.change;
        change.set(change.get().wrapping_add(1));
        change.get()
    }
}

async fn ask_quota() -> Quota {
    let navigator = js::get(&js_sys::global(), "navigator").unwrap_or_default();
    let Some(storage) = js::get(&navigator, "storage") else { return Quota::default() };
    let estimate = js::ask(&storage, "estimate", &[]).await.unwrap_or_default();
    let number = |name: &str| js::get(&estimate, name).and_then(|number| number.as_f64()).map(|number| number as u64);
    let is_persisted = js::ask(&storage, "persisted", &[]).await.ok().and_then(|answer| answer.as_bool());
    Quota { usage: number("usage"), quota: number("quota"), is_persisted }
}
