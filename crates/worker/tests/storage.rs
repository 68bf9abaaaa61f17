//! The worker with a disk, and several of them with one: what was told is there again, whatever happened between.

use journal::DiskOp;
use model::Timestamp;
use protocol::{
    Event, Health, PanelId, QueryKind, QueryRequest, Request, StoragePlace, StorageRole, StorageStatus, TableResult,
    TargetId, TargetSpec, TroubleKind, Upload, Via, WorkerSettings,
};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use worker::{Answer, Done, Heard, Quota, Restoring, Step, Word, Worker};

const START: i64 = 1_700_000_000_000;

/// The files of all tabs, and how many bytes fit.
#[derive(Default)]
struct Disk {
    files: BTreeMap<String, Vec<u8>>,
    room: Option<usize>,
}

impl Disk {
    fn run(&mut self, op: &DiskOp) -> bool {
        let used: usize = self.files.values().map(Vec::len).sum();
        let needed = match op {
            DiskOp::Append { bytes, .. } | DiskOp::Write { bytes, .. } => bytes.len(),
            DiskOp::Delete { .. } => 0,
        };
        if self.room.is_some_and(|room| used + needed > room) && needed > 0 {
            return false;
        }
        match op {
            DiskOp::Append { file, bytes } => self.files.entry(file.clone()).or_default().extend(bytes),
            DiskOp::Write { file, bytes } => drop(self.files.insert(file.clone(), bytes.clone())),
            DiskOp::Delete { file } => drop(self.files.remove(file)),
        }
        true
    }
}

/// A tab with its worker: what the browser's driver does, without a browser.
struct Tab {
    worker: Worker,
    disk: Rc<RefCell<Disk>>,
    now: i64,
    /// Counts the scrapes; each exposes its number.
    n_scrapes: Rc<RefCell<u32>>,
    events: Vec<Event>,
    words: Vec<Word>,
}

impl Tab {
    fn open(disk: &Rc<RefCell<Disk>>, now: i64) -> Self {
        let mut worker = Worker::default();
        worker.starts();
        worker.has_disk(StoragePlace::PrivateFiles, true);
        let (events, words) = (Vec::new(), Vec::new());
        let mut tab = Tab { worker, disk: disk.clone(), now, n_scrapes: Rc::default(), events, words };
        let settings =
            WorkerSettings { page_origin: "http://page:8080".to_owned(), retention_ms: 3_600_000, max_bytes: 1 << 30 };
        tab.worker.handle(Request::Hello(settings), Timestamp(now));
        tab
    }

    fn owner(disk: &Rc<RefCell<Disk>>, now: i64) -> Self {
        let mut tab = Tab::open(disk, now);
        tab.own();
        tab
    }

    fn reader(disk: &Rc<RefCell<Disk>>, now: i64) -> Self {
        let mut tab = Tab::open(disk, now);
        tab.worker.becomes_reader(Timestamp(now));
        tab.worker.nobody_answers();
        tab.take();
        tab
    }

    fn restore(&self) -> Restoring {
        let disk = self.disk.borrow();
        let files = disk.files.iter().map(|(name, bytes)| (name.clone(), bytes.len() as u64)).collect();
        let mut restoring = Restoring::new(files);
        while let Some(name) = restoring.next_file() {
            let bytes = disk.files.get(&name).cloned().expect("it asks for what is there");
            restoring.file(&name, bytes);
        }
        restoring
    }

    fn own(&mut self) {
        let restoring = self.restore();
        self.worker.owns(restoring, 1.0, Timestamp(self.now));
        self.turn();
    }

    fn read_along(&mut self) {
        self.worker.will_read_along();
        let restoring = self.restore();
        assert_eq!(self.worker.read_along(restoring, 1.0, Timestamp(self.now)), Heard::Nothing);
        self.take();
    }

    fn send(&mut self, request: Request) {
        self.worker.handle(request, Timestamp(self.now));
        self.turn();
    }

    fn add(&mut self, id: u32, url: &str) {
        let spec = TargetSpec { interval_ms: 1_000, ..TargetSpec::new(url) };
        self.send(Request::AddTarget { id: TargetId(id), spec });
    }

    fn run(&mut self, seconds: i64) {
        for _ in 0..seconds {
            self.now += 1_000;
            self.turn();
        }
    }

    fn turn(&mut self) {
        self.scrape();
        self.save();
        self.worker.tick(Timestamp(self.now));
        self.take();
    }

    fn scrape(&mut self) {
        for mut job in self.worker.begin_due(Timestamp(self.now)) {
            let outcome = loop {
                match job.plan.step() {
                    Step::Fetch(_) => {
                        *self.n_scrapes.borrow_mut() += 1;
                        let n = *self.n_scrapes.borrow();
                        let body =
                            format!("# HELP ticks_total Scrapes.\n# TYPE ticks_total counter\nticks_total {n}\n");
                        let content_type = Some("text/plain; version=0.0.4".to_owned());
                        job.plan.reply(Ok(Answer { status: 200, content_type, body: body.into_bytes() }));
                    }
                    Step::AskRelay(_) => job.plan.relay_is(false),
                    Step::Probe(_) => job.plan.answers(false),
                    Step::Done(outcome) => break outcome,
                }
            };
            self.worker.finish(&job, *outcome, 12.0, Timestamp(self.now));
        }
    }

    fn save(&mut self) {
        while let Some(batch) = self.worker.begin_save(Timestamp(self.now)) {
            let mut disk = self.disk.borrow_mut();
            let n_done = batch.ops.iter().take_while(|op| disk.run(op)).count();
            drop(disk);
            let is_done = n_done == batch.ops.len();
            let error = (!is_done).then(|| (TroubleKind::Full, "QuotaExceededError".to_owned()));
            self.worker.saved(batch, Done { n_ops: n_done, took_ms: 1.0, error }, Timestamp(self.now));
            if !is_done {
                break;
            }
        }
    }

    fn take(&mut self) {
        for event in self.worker.take_events() {
            if self.worker.is_for_all(&event) {
                self.words.push(Word::Told(event.clone()));
            }
            self.events.push(event);
        }
        self.words.extend(self.worker.take_words());
    }

    /// What this tab said is heard by another one; the answer is what the other one has to do.
    fn talk_to(&mut self, other: &mut Tab) -> Vec<Heard> {
        let words = std::mem::take(&mut self.words);
        let now = Timestamp(other.now);
        // Over the wire, as in a browser.
        let over = |word: Word| Word::from_envelope(word.into_envelope()).expect("a word");
        let heard = words.into_iter().map(|word| other.worker.hear(over(word), now)).collect();
        other.take();
        heard
    }

    fn table(&mut self, expr: &str) -> Vec<(String, f64)> {
        let kind = QueryKind::Instant { at_ms: Some(self.now) };
        self.worker.handle(
            Request::Query(QueryRequest {
                panel: PanelId(1),
                generation: 1,
                expr: expr.to_owned(),
                source: protocol::SourceChoice::Local,
                kind,
            }),
            Timestamp(self.now),
        );
        while self.worker.step_query(Timestamp(self.now), &|| 0.0) {}
        self.take();
        let answer = self.events.iter().rev().find_map(|event| match event {
            Event::Table(answer) => Some(answer.result.clone()),
            _ => None,
        });
        match answer {
            Some(TableResult::Vector { rows }) => rows
                .into_iter()
                .map(|row| {
                    let name = row.labels.iter().find(|(name, _)| name == "__name__");
                    (name.map(|(_, value)| value.clone()).unwrap_or_default(), row.v)
                })
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    fn count(&mut self, metric: &str) -> f64 {
        self.table(&format!("count_over_time({metric}[1h])")).first().map_or(0.0, |(_, n)| *n)
    }

    fn status(&self) -> StorageStatus {
        let status = self.events.iter().rev().find_map(|event| match event {
            Event::Storage(status) => Some((**status).clone()),
            _ => None,
        });
        status.expect("the page was told")
    }

    fn n_told(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::Scraped { .. })).count()
    }

    fn targets(&self) -> Vec<protocol::TargetStatus> {
        let targets = self.events.iter().rev().find_map(|event| match event {
            Event::Targets { targets } => Some(targets.clone()),
            _ => None,
        });
        targets.unwrap_or_default()
    }
}

#[test]
fn what_was_told_is_there_after_a_crash_at_any_moment() {
    let disk = Rc::new(RefCell::new(Disk::default()));
    let mut n_kept = 0.0;
    let mut now = START;
    for _ in 0..5 {
        let mut tab = Tab::owner(&disk, now);
        assert_eq!(tab.count("ticks_total"), n_kept);
        tab.add(1, "http://page:8080/metrics");
        tab.run(7);
        n_kept += 8.0;
        assert_eq!((tab.n_told(), tab.count("ticks_total")), (8, n_kept));
        assert_eq!(tab.status().role, StorageRole::Owner);
        // The next scrape is stored, and the crash comes before it is written: nobody was told of it.
        tab.now += 1_000;
        tab.scrape();
        tab.take();
        assert_eq!(tab.n_told(), 8);
        now = tab.now + 10_000;
    }
    let restored = Tab::owner(&disk, now).status().restored.expect("there was something");
    assert_eq!((restored.n_cut_bytes, restored.damaged.len()), (0, 0));
    assert!(restored.n_samples >= 40, "{restored:?}");
}

#[test]
fn metadata_and_texts_come_back_before_any_scrape() {
    let disk = Rc::new(RefCell::new(Disk::default()));
    let mut tab = Tab::owner(&disk, START);
    tab.add(1, "http://page:8080/metrics");
    let body = b"# HELP pasted_total What was pasted.\n# TYPE pasted_total counter\npasted_total 42\n".to_vec();
    let id = TargetId(1_000_000_007);
    tab.send(Request::Upload(Upload { id, name: "shop.prom".to_owned(), media_type: None, body: body.clone() }));
    let before = tab.targets();
    let mut tab = Tab::owner(&disk, START + 60_000);
    tab.run(1);
    let targets = tab.targets();
    assert_eq!(targets, before[1..], "the page brings the other one itself");
    assert_eq!((targets[0].via, targets[0].health), (Some(Via::Pasted), Health::Up));
    let families = tab.events.iter().rev().find_map(|event| match event {
        Event::Families { families } => Some(families.clone()),
        _ => None,
    });
    let families = families.expect("the page was told of families");
    let told = |name: &str| {
        let family = families.iter().find(|family| family.name == name).expect("it is there");
        (family.kind.clone(), family.help.clone(), family.targets.clone())
    };
    assert_eq!(told("ticks_total"), ("counter".to_owned(), "Scrapes.".to_owned(), vec![]));
    assert_eq!(told("pasted_total"), ("counter".to_owned(), "What was pasted.".to_owned(), vec![id]));
    tab.send(Request::RawBody { id });
    assert!(tab.events.iter().any(|event| matches!(event, Event::RawBody { body: b, .. } if *b == body)));
    // Once it is removed it stays so; so do all samples.
    tab.send(Request::RemoveTarget { id });
    let mut tab = Tab::owner(&disk, START + 61_000);
    assert_eq!((tab.targets().len(), tab.count("pasted_total")), (0, 1.0));
    tab.send(Request::ClearStore);
    let mut tab = Tab::owner(&disk, START + 62_000);
    assert_eq!((tab.count("pasted_total"), tab.count("ticks_total")), (0.0, 0.0));
}

#[test]
fn a_full_disk_stops_no_scrape_and_what_came_meanwhile_is_written_once_there_is_room() {
    let disk = Rc::new(RefCell::new(Disk::default()));
    let mut tab = Tab::owner(&disk, START);
    tab.add(1, "http://page:8080/metrics");
    tab.run(3);
    let used = disk.borrow().files.values().map(Vec::len).sum();
    disk.borrow_mut().room = Some(used);
    tab.run(10);
    assert_eq!((tab.n_told(), tab.count("ticks_total")), (14, 14.0), "scraping goes on, and the page hears of it");
    assert_eq!(
        tab.status().trouble.map(|trouble| (trouble.kind, trouble.since_ms)),
        Some((TroubleKind::Full, START + 4_000))
    );
    disk.borrow_mut().room = None;
    tab.run(20);
    assert_eq!(tab.status().trouble, None);
    assert_eq!(Tab::owner(&disk, tab.now).count("ticks_total"), 34.0);
}

#[test]
fn room_is_made_before_the_quota_is_met() {
    let disk = Rc::new(RefCell::new(Disk::default()));
    let mut tab = Tab::owner(&disk, START);
    tab.add(1, "http://page:8080/metrics");
    // Longer than a log lasts, so that there are blocks.
    tab.run(3 * 3600);
    let before = tab.status();
    assert!(before.n_blocks >= 1, "{before:?}");
    // A browser that does not count open files is not believed.
    let unaware = Quota { usage: Some(164), quota: Some(4_000_000_000), is_persisted: None };
    tab.worker.set_quota(unaware, Timestamp(tab.now));
    tab.run(2);
    assert_eq!(tab.status().usage, Some(tab.status().n_bytes));
    tab.worker.set_quota(
        Quota { usage: Some(95_000_000), quota: Some(100_000_000), is_persisted: Some(false) },
        Timestamp(tab.now),
    );
    tab.run(2);
    let after = tab.status();
    assert!(after.n_blocks < before.n_blocks && after.freed.is_some(), "{after:?}");
    assert_eq!((after.usage, after.is_persisted), (Some(95_000_000), Some(false)));
    assert!(tab.count("ticks_total") < 7_200.0, "the samples went with their block");
}

#[test]
fn a_second_tab_reads_along_asks_the_first_and_takes_over() {
    let disk = Rc::new(RefCell::new(Disk::default()));
    let mut first = Tab::owner(&disk, START);
    first.add(1, "http://page:8080/metrics");
    first.run(3);
    first.words.clear();
    let mut second = Tab::reader(&disk, first.now);
    assert_eq!(second.status_role(), StorageRole::Reader { is_answered: false });
    second.talk_to(&mut first);
    assert!(first.talk_to(&mut second).contains(&Heard::ReadAgain));
    second.read_along();
    assert_eq!(second.status_role(), StorageRole::Reader { is_answered: true });
    assert_eq!((second.count("ticks_total"), second.targets().len()), (4.0, 1));
    // It follows, and its page hears of each scrape.
    first.run(5);
    assert_eq!(first.talk_to(&mut second).iter().filter(|heard| **heard != Heard::Nothing).count(), 0);
    second.now = first.now;
    assert_eq!((second.count("ticks_total"), second.n_told()), (9.0, 5));
    // Its own page's list of targets changes nothing; what its user asks for is done by the first.
    second.add(1, "http://page:8080/metrics");
    second.add(2, "http://page:8080/other");
    second.send(Request::Upload(Upload {
        id: TargetId(1_000_000_007),
        name: "f".to_owned(),
        media_type: None,
        body: b"pasted 1\n".to_vec(),
    }));
    assert_eq!(second.worker.begin_due(Timestamp(second.now)).len(), 0);
    second.talk_to(&mut first);
    first.run(1);
    first.talk_to(&mut second);
    second.now = first.now;
    assert_eq!(second.targets().iter().map(|target| target.id.0).collect::<Vec<_>>(), [1, 2, 1_000_000_007]);
    assert_eq!((second.count("pasted"), first.count("pasted")), (1.0, 1.0));
    // The first lets go, the second reads what it wrote last and goes on.
    let n_before = first.count("ticks_total{job=\"page:8080\"}").max(first.count("ticks_total"));
    second.worker.say(Word::LetGo);
    second.take();
    assert!(second.talk_to(&mut first).contains(&Heard::LetGo));
    first.save();
    first.worker.becomes_reader(Timestamp(first.now));
    first.take();
    first.talk_to(&mut second);
    second.n_scrapes = first.n_scrapes.clone();
    second.own();
    second.talk_to(&mut first);
    first.read_along();
    second.run(2);
    second.talk_to(&mut first);
    first.now = second.now;
    assert!(second.count("ticks_total") > n_before);
    assert_eq!(first.count("ticks_total"), second.count("ticks_total"));
    assert_eq!(first.targets().len(), 3);
    assert_eq!(
        (first.status_role(), second.status_role()),
        (StorageRole::Reader { is_answered: true }, StorageRole::Owner)
    );
    assert!(first.worker.begin_due(Timestamp(first.now + 5_000)).is_empty(), "only one of them scrapes");
}

#[test]
fn a_reader_that_missed_something_says_so() {
    let disk = Rc::new(RefCell::new(Disk::default()));
    let mut first = Tab::owner(&disk, START);
    let mut second = Tab::reader(&disk, START);
    second.talk_to(&mut first);
    first.talk_to(&mut second);
    second.read_along();
    first.add(1, "http://page:8080/metrics");
    first.talk_to(&mut second);
    first.run(1);
    // A word is lost, as in a tab that was frozen.
    first.words.clear();
    first.run(1);
    assert!(first.talk_to(&mut second).contains(&Heard::ReadAgain));
    second.read_along();
    second.now = first.now;
    assert_eq!(second.count("ticks_total"), first.count("ticks_total"));
}

impl Tab {
    fn status_role(&mut self) -> StorageRole {
        self.worker.tick(Timestamp(self.now));
        self.take();
        self.status().role
    }
}
