//! One test's world: a relay that serves the page, a browser in front of it, and the words in which tests speak about our pages.

use crate::browser::{DESK, Key, Locator, PHONE, Page, SOON, beginning, by, every, holding};
use crate::servers::{Server, fresh_dir};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// Longer than any test here takes: one that hangs fails, and its browser ends.
const BOUND: Duration = Duration::from_secs(180);

/// Relay and browser.
pub struct Stage {
    pub page: Page,
    pub relay: Rc<Server>,
}

/// Runs a test with a relay and a browser of its own. It fails, too, where the browser complained of an error or of a
/// violation of the page's policy. Where it fails, `failed-NAME.png` shows the page.
pub fn play(name: &str, test: impl AsyncFnOnce(&Stage)) {
    play_with(name, &[], test);
}

/// As `play`, with more arguments for the relay.
pub fn play_with(name: &str, relay: &[&str], test: impl AsyncFnOnce(&Stage)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let stage = Stage { relay: Rc::new(Server::relay(relay)), page: runtime.block_on(Page::open()) };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let in_time = tokio::time::timeout(BOUND, test(&stage)).await;
            assert!(in_time.is_ok(), "the test took more than {} s", BOUND.as_secs());
            let complaints = stage.page.complaints().await;
            assert!(complaints.is_empty(), "the browser complained: {}", complaints.join("\n"));
        });
    }));
    if outcome.is_err() {
        // The page may be what hangs; then there is no picture.
        let report = async {
            println!("-- the page\n{}", stage.page.describe().await);
            stage.page.screenshot(&format!("failed-{name}")).await;
        };
        let reported = catch_unwind(AssertUnwindSafe(|| {
            runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), report).await.is_ok() })
        }));
        if !matches!(reported, Ok(true)) {
            println!("-- the page could not be described");
        }
        println!("-- the relay\n{}", stage.relay.log_tail());
    }
    runtime.block_on(stage.page.close());
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// Runs a test that begins and ends browsers itself, one after the other or killed in between, all in one profile.
pub fn play_lives(relay: Server, test: impl AsyncFnOnce(&Lives)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let lives = Lives { relay: Rc::new(relay), profile: fresh_dir() };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let in_time = runtime.block_on(async { tokio::time::timeout(BOUND, test(&lives)).await });
        assert!(in_time.is_ok(), "the test took more than {} s", BOUND.as_secs());
    }));
    // What a killed browser leaves behind may still be written for a moment.
    let _ = std::fs::remove_dir_all(&lives.profile);
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// Browsers that keep what they store in one folder.
pub struct Lives {
    pub relay: Rc<Server>,
    profile: PathBuf,
}

impl Lives {
    /// A browser, as it is after the one before.
    pub async fn begin(&self) -> Stage {
        Stage { relay: Rc::clone(&self.relay), page: Page::open_in(&self.profile).await }
    }
}

impl Stage {
    /// Closes the browser, which may not have complained.
    pub async fn end(self) {
        let complaints = self.page.complaints().await;
        assert!(complaints.is_empty(), "the browser complained: {}", complaints.join("\n"));
        self.page.close().await;
    }

    /// The address of a page of ours.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.relay.origin())
    }

    /// Opens a page of ours and waits until the app is there.
    pub async fn open(&self, path: &str) {
        self.page.goto(&self.url(path)).await;
        self.page.one(&by("navigation", "Pages")).await;
    }

    /// Opens the query page with these panels; each is an expression and `graph` or `table`.
    pub async fn open_query(&self, panels: &[(&str, &str)]) {
        let mut query = url::form_urlencoded::Serializer::new(String::from("/query?"));
        for (idx, (expr, tab)) in panels.iter().enumerate() {
            query.append_pair(&format!("g{idx}.expr"), expr).append_pair(&format!("g{idx}.tab"), tab);
            query.append_pair(&format!("g{idx}.range_input"), "5m");
        }
        self.open(&query.finish()).await;
    }

    /// Goes to another page of ours by its link, so that the worker lives on.
    pub async fn go(&self, name: &str) {
        self.page.click(&by("link", name).within(&by("navigation", "Pages"))).await;
    }

    /// Adds an endpoint as a person does: a text in the field, and the button.
    pub async fn add_endpoint(&self, text: &str) {
        self.page.fill(&by("textbox", "Metrics URL or metrics text"), text).await;
        self.page.click(&by("button", "Add endpoint")).await;
    }

    /// Adds an endpoint and waits until `up` of it is 1; the query page is open after that.
    pub async fn add_good_endpoint(&self, target: &str) {
        self.add_endpoint(target).await;
        let instance = instance_of(target);
        self.run(1, &format!("up{{instance=\"{instance}\"}}")).await;
        self.show_table(1).await;
        self.value_becomes(1, "1", &instance).await;
    }

    /// Puts an expression into a panel and runs it.
    pub async fn run(&self, panel: usize, expr: &str) {
        let field = expression(panel);
        self.page.fill(&field, expr).await;
        self.page.click(&by("button", "Run").within(&region(panel))).await;
    }

    /// Closes the completions, which would take Enter for themselves; without them Escape leaves the field.
    pub async fn close_completions(&self) {
        // They come a moment after the last letter.
        pause(1).await;
        if self.page.count(&by("listbox", "Completions")).await > 0 {
            self.page.press(Key::ESCAPE).await;
        }
    }

    /// Runs an expression in the first panel and shows its table.
    pub async fn table_of(&self, expr: &str) {
        self.run(1, expr).await;
        self.show_table(1).await;
    }

    /// Sets the interval of a target to a second and comes back to the query page.
    pub async fn scrape_each_second(&self, instance: &str) {
        self.go("Targets").await;
        self.page.click(&by("button", "Edit").within(&holding("row", instance))).await;
        self.page.choose(&by("select", "Interval"), "1s").await;
        self.page.click(&by("button", "Save")).await;
        self.page.none(&by("button", "Save")).await;
        self.go("Explore").await;
        self.page.one(&region(1)).await;
    }

    /// Sets the length of the graph's range.
    pub async fn set_range(&self, panel: usize, range: &str) {
        self.page.fill(&by("textbox", "Range").within(&region(panel)), range).await;
        self.page.press(Key::ENTER).await;
    }

    /// What stands in a field.
    pub async fn value_of(&self, field: &Locator) -> String {
        let value = self.page.call(field, "function() { return this.value }", &[]).await;
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Brings the table of a panel to the front.
    pub async fn show_table(&self, panel: usize) {
        self.page.click(&by("tab", "Table").within(&region(panel))).await;
    }

    /// Brings the graph of a panel to the front.
    pub async fn show_graph(&self, panel: usize) {
        self.page.click(&by("tab", "Graph").within(&region(panel))).await;
    }

    /// The cells of a panel's table, row by row, without its head; empty while there is none.
    pub async fn rows(&self, panel: usize) -> Vec<Vec<String>> {
        let table = by("table", "Result").within(&region(panel));
        if self.page.count(&table).await == 0 {
            return Vec::new();
        }
        let body = "function() { return [...this.querySelectorAll('tbody tr')].map(row => [...row.cells].map(cell => cell.innerText.trim())) }";
        let rows = self.page.call(&table, body, &[]).await;
        serde_json::from_value(rows).unwrap_or_default()
    }

    /// Waits until a table has rows, and returns them. While an answer is awaited the table shows the one before.
    pub async fn some_rows(&self, panel: usize) -> Vec<Vec<String>> {
        self.rows_with(panel, "").await
    }

    /// Waits until a table has a row with this word in it, and returns all rows.
    pub async fn rows_with(&self, panel: usize, word: &str) -> Vec<Vec<String>> {
        self.page
            .until(&format!("rows with {word:?} in the table of panel {panel}"), Duration::from_secs(30), async || {
                let is_busy =
                    self.page.call(&region(panel), "function() { return this.ariaBusy }", &[]).await == "true";
                let rows = self.rows(panel).await;
                let is_there = rows.iter().any(|row| row.iter().any(|cell| cell.contains(word)));
                if is_busy || !is_there { Err(self.panel_text(panel).await) } else { Ok(rows) }
            })
            .await
    }

    /// Waits until the row that has this word in it has this value; the query is run again meanwhile.
    pub async fn value_becomes(&self, panel: usize, value: &str, word: &str) {
        self.page
            .until(&format!("the row with {word:?} to be {value}"), Duration::from_secs(30), async || {
                let rows = self.rows(panel).await;
                let row = rows.iter().find(|row| row.iter().any(|cell| cell.contains(word)));
                match row.and_then(|row| row.get(VALUE)) {
                    Some(found) if found == value => Ok(()),
                    _ => {
                        self.page.click(&by("button", "Run").within(&region(panel))).await;
                        tokio::time::sleep(Duration::from_millis(300)).await;
                        Err(format!("{rows:?} {}", self.panel_text(panel).await))
                    }
                }
            })
            .await;
    }

    /// In how many pieces the line of a panel's graph is drawn: gaps are columns without ink.
    pub async fn pieces_of_line(&self, panel: usize) -> usize {
        self.ink(panel).await.pieces
    }

    /// Waits until so many colours of series are in a panel's graph.
    pub async fn n_colours_become(&self, panel: usize, n: usize) {
        self.page
            .until(&format!("{n} colours in the graph of panel {panel}"), SOON, async || {
                match self.ink(panel).await.colours {
                    found if found == n => Ok(()),
                    found => Err(format!("{found} colours")),
                }
            })
            .await;
    }

    async fn ink(&self, panel: usize) -> Ink {
        let picture = beginning("picture", "Graph of").within(&region(panel));
        if self.page.count(&picture).await == 0 {
            return Ink::default();
        }
        let found = self.page.call(&picture, INK, &[]).await;
        let count = |name: &str| found[name].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        Ink { columns: count("columns"), pieces: count("pieces"), colours: count("colours") }
    }

    /// Waits until a graph has ink of a line in at least so many columns.
    pub async fn graph_has(&self, panel: usize, n_columns: usize) {
        self.page
            .until(&format!("a line {n_columns} columns wide in panel {panel}"), Duration::from_secs(40), async || {
                match self.ink(panel).await.columns {
                    n if n >= n_columns => Ok(()),
                    n => Err(format!("{n} columns; {}", self.panel_text(panel).await)),
                }
            })
            .await;
    }

    /// The text in the header, such as `1/1 up · 1,234 series`.
    pub async fn status(&self) -> String {
        let text = self.page.eval("return document.querySelector('.status')?.innerText", &[]).await;
        text.as_str().unwrap_or_default().trim().to_owned()
    }

    /// Waits until the header says this.
    pub async fn status_says(&self, part: &str) {
        self.page
            .until(&format!("the header to say {part:?}"), Duration::from_secs(30), async || {
                let status = self.status().await;
                if status.contains(part) { Ok(()) } else { Err(status) }
            })
            .await;
    }

    /// The text of all rows of a target in the table of targets.
    pub async fn target_row(&self, word: &str) -> Option<String> {
        let body = "return [...document.querySelectorAll('table tbody')].map(rows => rows.innerText).find(text => text.includes(arguments[0]))";
        let row = self.page.eval(body, &[word.into()]).await;
        row.as_str().map(str::to_owned)
    }

    /// Waits until the row of a target says this; the page of targets has to be open.
    pub async fn target_says(&self, word: &str, part: &str) -> String {
        self.page
            .until(&format!("the target {word} to say {part:?}"), Duration::from_secs(40), async || {
                match self.target_row(word).await {
                    Some(row) if row.contains(part) => Ok(row),
                    row => Err(format!("{row:?}")),
                }
            })
            .await
    }

    /// Pictures of what is open, in both themes and both widths; nothing may be wider than the window.
    pub async fn screenshots(&self, name: &str) {
        for (width, width_name) in [(DESK, "1440"), (PHONE, "390")] {
            self.page.size(width).await;
            for (is_dark, theme) in [(false, "light"), (true, "dark")] {
                self.page.dark(is_dark).await;
                self.page.screenshot(&format!("{name}-{theme}-{width_name}")).await;
            }
            self.fits_in_width(name, width).await;
        }
        self.page.size(DESK).await;
        self.page.dark(false).await;
    }

    async fn fits_in_width(&self, name: &str, width: u32) {
        let found = self.page.eval(TOO_WIDE, &[]).await;
        let wide = found.as_array().cloned().unwrap_or_default();
        assert!(wide.is_empty(), "{name} at {width} pixels scrolls sideways because of {wide:?}");
    }

    /// What a panel says, for messages.
    pub async fn panel_text(&self, panel: usize) -> String {
        let text = self.page.text_now(&region(panel)).await;
        text.map_or_else(|| format!("there is no panel {panel}"), |text| text.chars().take(600).collect())
    }
}

/// A panel.
pub fn region(panel: usize) -> Locator {
    by("region", &format!("Panel {panel}"))
}

/// The field of a panel's expression.
pub fn expression(panel: usize) -> Locator {
    by("textbox", "Expression").within(&region(panel))
}

/// What went wrong in a panel.
pub fn error(panel: usize) -> Locator {
    every("alert").within(&region(panel))
}

/// `host:port` of a URL.
pub fn instance_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest).to_owned()
}

/// Waits a little, where the test is about time going by.
pub async fn pause(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// The column of values in the table of a result.
pub const VALUE: usize = 1;

/// How long tests wait for what should be there soon.
pub const BRIEF: Duration = SOON;

/// What is drawn of series in a graph.
#[derive(Default)]
struct Ink {
    /// Columns of pixels with some of it.
    columns: usize,
    /// Runs of such columns.
    pieces: usize,
    /// Colours with more than a few pixels each.
    colours: usize,
}

/// Looks at the pixels of a picture that are as colourful as a series: axes and text are grey. The edge of a line has the
/// ground mixed in: what counts is in which direction a colour lies from that of the ground, which nearly all pixels have.
const INK: &str = "function() {\
    const all = this.matches('canvas') ? [this] : [...this.querySelectorAll('canvas')];\
    const canvas = all.find(c => c.matches('.graph-picture')) ?? all[0];\
    if (!canvas?.width || !canvas.height) return {};\
    const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);\
    const counts = new Map(), grounds = new Map();\
    for (let at = 0; at < data.length; at += 404) {\
        const colour = data[at] << 16 | data[at + 1] << 8 | data[at + 2];\
        if (data[at + 3] === 255) grounds.set(colour, (grounds.get(colour) ?? 0) + 1);\
    }\
    const ground = [...grounds].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0xffffff;\
    let columns = 0, pieces = 0, before = false;\
    for (let x = 0; x < width; x++) {\
        let inked = false;\
        for (let y = 0; y < height; y++) {\
            const at = (y * width + x) * 4, r = data[at], g = data[at + 1], b = data[at + 2], a = data[at + 3];\
            if (a < 60 || Math.max(r, g, b) - Math.min(r, g, b) < 40) continue;\
            inked = true;\
            const colour = r << 16 | g << 8 | b;\
            counts.set(colour, (counts.get(colour) ?? 0) + 1);\
        }\
        columns += inked;\
        pieces += inked && !before;\
        before = inked;\
    }\
    const most = Math.max(...counts.values()), found = [];\
    const channels = colour => [colour >> 16, colour >> 8 & 255, colour & 255];\
    const away = colour => {\
        const parts = channels(colour).map((channel, at) => channel - channels(ground)[at]);\
        const most = Math.max(1, ...parts.map(Math.abs));\
        return parts.map(part => part / most * 255);\
    };\
    const isNear = (a, b) => away(a).every((part, at) => Math.abs(part - away(b)[at]) < 24);\
    for (const [colour, n] of [...counts].sort((a, b) => b[1] - a[1])) {\
        if (n > most / 5 && n > 15 && !found.some(other => isNear(colour, other))) found.push(colour);\
    }\
    return { columns, pieces, colours: found.length } }";

/// The innermost elements that make the page wider than the window.
const TOO_WIDE: &str = "\
    if (document.documentElement.scrollWidth <= innerWidth) return [];\
    const wide = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1);\
    return wide.filter(e => !wide.some(other => other !== e && e.contains(other))).slice(0, 5).map(e => e.outerHTML.slice(0, 120));";
