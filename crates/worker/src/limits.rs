//! Every bound of the worker with its reason.

use model::Millis;

/// The greatest body of a scrape: the relay's default too. A hundred thousand samples are about 15 MB.
pub const MAX_BODY_BYTES: u64 = 64 << 20;

/// What is kept of a target's last body for "raw body": some ten thousand lines.
pub const MAX_RAW_BODY_BYTES: usize = 4 << 20;

/// What is kept of all raw bodies together; the oldest go first.
pub(crate) const MAX_RAW_BODIES_BYTES: usize = 64 << 20;

/// Scrapes of each target whose time, size and end are remembered: twenty minutes of one each five seconds, 14 kB.
pub(crate) const MAX_SCRAPES: usize = 240;

/// Different errors of a target that are remembered: nobody reads more.
pub(crate) const MAX_ERRORS: usize = 20;

/// Families of a difference that are sent to the page; the answer says how many there are.
pub(crate) const MAX_DIFF_FAMILIES: usize = 2_000;

/// Series of a difference that are sent to the page.
pub(crate) const MAX_DIFF_SERIES: usize = 5_000;

/// Buckets or quantiles of one series of a difference.
pub(crate) const MAX_DIFF_PARTS: usize = 50;

/// Series of a target that are read from the store to be compared: some ten megabytes.
pub(crate) const MAX_STORED_SERIES: usize = 50_000;

/// Targets of one tab. A browser opens six connections a host and some hundred in all.
pub const MAX_TARGETS: usize = 200;

/// Targets that a pool of a configuration looks at; more are counted. Fifty times as many as are scraped.
pub(crate) const MAX_DISCOVERED: usize = 10_000;

/// Discovered targets of a pool that the page gets with all their steps: nobody reads more.
pub(crate) const MAX_DISCOVERED_TOLD: usize = 500;

/// Names, lists and texts that are asked for at once: a browser opens six connections to the relay.
pub(crate) const MAX_ERRANDS: usize = 6;

/// Bytes of all files of targets that the page gave.
pub(crate) const MAX_GIVEN_FILES: usize = 4 << 20;

/// Panels with a query that waits: more than a page has.
pub(crate) const MAX_WAITING_PANELS: usize = 256;

/// Rows of a table that are sent to the page; the answer says how many there are.
pub(crate) const MAX_TABLE_ROWS: usize = 10_000;

/// Raw samples of a table that are sent to the page.
pub(crate) const MAX_TABLE_SAMPLES: usize = 200_000;

/// Labels, names or values of one look-up.
pub(crate) const MAX_LOOKUP: u32 = 10_000;

/// A query that takes longer is stopped: nobody waits for it, and everything else does.
pub(crate) const MAX_QUERY: Millis = Millis(30_000);

/// A whole query is tried for so long before it is cut into slices of steps. Most take a tenth of it.
pub(crate) const FIRST_SLICE_MS: f64 = 100.0;

/// A slice of steps takes at most so long, so that a cancel, a scrape or another panel is heard.
pub(crate) const SLICE_MS: f64 = 250.0;

/// The greatest file that is imported, measured without compression: it and its samples are in memory at once. Two million
/// samples of text are some 200 MB.
pub const MAX_IMPORT_BYTES: usize = 256 << 20;

/// Files of one import. More than a day of dumps, one a minute.
pub(crate) const MAX_IMPORT_FILES: usize = 2_000;

/// A file is read for so long before queries and scrapes have their turn.
pub(crate) const IMPORT_SLICE_MS: f64 = 50.0;

/// A file is written for so long before queries and scrapes have their turn.
pub(crate) const EXPORT_SLICE_MS: f64 = 30.0;

/// How often the page hears how far a file is.
pub(crate) const TELL_IMPORT_EVERY: Millis = Millis(100);

/// How often the store is looked through for what is too old.
pub(crate) const TRUNCATE_EVERY: Millis = Millis(60_000);

/// How often the page hears of the store and the families: a person reads no faster.
pub(crate) const TELL_EVERY: Millis = Millis(1_000);

/// How long a diagnosis waits for the address itself, at least: longer than a scrape, to tell slow from dead.
pub(crate) const PATIENCE: Millis = Millis(15_000);

/// The longest that a diagnosis waits for the address itself.
pub(crate) const MAX_PATIENCE: Millis = Millis(30_000);

/// How long a diagnosis waits for other paths, hosts and schemes.
pub(crate) const SIDE_LOOK: Millis = Millis(4_000);

/// Fetches of one diagnosis: address, relay, other scheme, well-known paths, another host, each once, and some room.
pub(crate) const MAX_PROBES: usize = 24;

/// Diagnoses at a time: a person looks at one, and each makes a dozen fetches.
pub(crate) const MAX_CHECKUPS: usize = 8;

/// What a diagnosis reads of a body: some thousand lines say whether it is metrics.
pub const MAX_LOOK_BYTES: usize = 1 << 20;

/// What a diagnosis keeps of a body, to recognise the program by.
pub(crate) const MAX_HEAD_BYTES: usize = 256 << 10;

/// Of at most so many targets each change is told at once.
pub(crate) const FEW_TARGETS: usize = 20;

/// How often the page hears of more: two hundred targets have eighty changes a second, and each would be told with all of them.
pub(crate) const TELL_TARGETS_EVERY: Millis = Millis(250);

/// How often a relay that was not there is looked for again.
pub(crate) const RELAY_EVERY: Millis = Millis(10_000);

/// Exemplars, and series with their start, that the page gets of one family: nobody reads more.
pub(crate) const MAX_FAMILY_ROWS: usize = 100;

/// Series of a metric that are asked since when they count.
pub(crate) const MAX_FAMILY_SERIES: usize = 1_000;

/// How often the log is looked at for whether a block is to be cut, or something to be tried again.
pub(crate) const SAVE_EVERY: Millis = Millis(1_000);

/// Samples of a slice of a block: some 20 ms.
pub(crate) const SAVE_SLICE: usize = 500_000;

/// Bytes below the browser's quota where the oldest block goes, at most a tenth of the quota: a log and the block of it
/// have to fit in between.
pub(crate) const QUOTA_MARGIN: u64 = 32 << 20;

/// Bytes of the oldest blocks that go when the disk is full.
pub(crate) const ROOM_AT_ONCE: u64 = 8 << 20;

/// How often a disk that refused is tried again.
pub(crate) const SAVE_AGAIN_EVERY: Millis = Millis(5_000);

/// Expressions of one graph: there are as many colours.
pub(crate) const MAX_EXPRESSIONS: usize = 32;

/// Numbers of one graph that are sent to the page, 64 MB; the answer says how many series there are.
pub(crate) const MAX_GRAPH_FLOATS: usize = 8 << 20;

/// Bytes of results of all panels that are kept for their next request: five panels of two thousand series, or one of ten
/// thousand.
pub(crate) const MAX_KEPT_BYTES: usize = 24 << 20;

/// Results that are kept: more than the expressions a page shows.
pub(crate) const MAX_KEPT_RESULTS: usize = 256;

/// Exemplars of one graph: as many diamonds as can be told apart.
pub(crate) const MAX_GRAPH_EXEMPLARS: usize = 500;

/// Marks of one graph: as many as can be told apart.
pub(crate) const MAX_MARKS: usize = 200;

/// Series of a graph that are looked at for what happened to them.
pub(crate) const MAX_MARK_SERIES: usize = 5_000;

/// Samples that are looked at for what happened: some ten milliseconds.
pub(crate) const MAX_MARK_SAMPLES: usize = 4_000_000;

/// Metrics of a graph that are looked at for new series.
pub(crate) const MAX_MARK_METRICS: usize = 200;

/// Servers of one tab: as many as a choice of a panel can show.
pub(crate) const MAX_SOURCES: usize = 50;

/// Questions to servers that are under way: a page of panels with several expressions each; a browser sends six at once to a
/// host and lets the others wait.
pub(crate) const MAX_QUESTIONS: usize = 512;

/// What is read of an answer that is no answer to a query: a hundred thousand names of metrics with their help.
pub(crate) const MAX_ANSWER_BYTES: usize = 64 << 20;

/// How often a server that answers is looked at, beside the questions that go there anyway.
pub(crate) const CHECK_SOURCE_EVERY: Millis = Millis(60_000);

/// How often a server that does not answer is tried again.
pub(crate) const RETRY_SOURCE_EVERY: Millis = Millis(5_000);

/// How long a server may take to say what it is.
pub(crate) const CHECK_TIMEOUT: Millis = Millis(5_000);

/// How long something behind a pasted address may take to show that it is a server; then it is scraped.
pub(crate) const RECOGNISE_TIMEOUT: Millis = Millis(3_000);

/// How long a server may take to say how it is.
pub(crate) const REPORT_TIMEOUT: Millis = Millis(30_000);

/// Places at which an API is looked for behind a pasted address: its own path, and the usual prefix.
pub(crate) const MAX_RECOGNISED_PLACES: usize = 2;

/// Addresses that are looked at at the same time; a list of more is one of targets.
pub(crate) const MAX_RECOGNISING: usize = 64;

/// Rows of each table of what takes most room in a server's store.
pub(crate) const TOP_ROWS: usize = 20;

/// Names of metrics of one server that the page gets.
pub(crate) const MAX_METRIC_NAMES: usize = 20_000;

/// How long a server may take to complete a word: later nobody wants it.
pub(crate) const LOOKUP_TIMEOUT: Millis = Millis(10_000);

/// How far back names for completion are looked for, as Prometheus' own page does.
pub(crate) const LOOKUP_RANGE: Millis = Millis(12 * 3_600_000);

/// Look-ups that wait for servers.
pub(crate) const MAX_LOOKUPS: usize = 64;

/// Raw samples that are fetched for one expression over several servers, and series: what the local engine evaluates in
/// some seconds.
pub(crate) const MAX_GATHERED_SAMPLES: u64 = 5_000_000;
pub(crate) const MAX_GATHERED_SERIES: usize = 50_000;

/// Raw fetches of one panel: selectors times servers.
pub(crate) const MAX_GATHERED_PARTS: usize = 100;

/// Differing points that the page gets one by one; the others are counted.
pub(crate) const MAX_DIFFERENCES: usize = 500;
