//! Chromium with a fresh profile: what a person does and sees in it, and what it complained about.
//!
//! Things are found as a screen reader finds them: by role and accessible name, computed by the browser itself.

mod driver;
mod locator;

pub use locator::{Locator, beginning, by, every, holding};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use driver::Driver;
use fantoccini::wd::WindowHandle;
use locator::Node;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long to wait for what should be there soon.
pub const SOON: Duration = Duration::from_secs(15);

/// How often a wait looks.
const POLL: Duration = Duration::from_millis(50);

/// The two widths each page is looked at in.
pub const DESK: u32 = 1440;
pub const PHONE: u32 = 390;

/// Runs in each document before anything else: keeps what the page would only tell the console.
const WATCH: &str = "window.e2e = { complaints: [], wasHidden: false };\
    document.addEventListener('visibilitychange', () => { e2e.wasHidden ||= document.hidden });\
    addEventListener('securitypolicyviolation', e => e2e.complaints.push('policy: ' + e.violatedDirective + ' ' + e.blockedURI));\
    addEventListener('error', e => e2e.complaints.push('error: ' + e.message));\
    addEventListener('unhandledrejection', e => e2e.complaints.push('rejection: ' + e.reason));";

/// Notes `e2eUsable` and `e2eGraph`, in ms since the navigation, each after the frame that showed it.
///
/// A graph is there when a canvas has the colour of a line, since axes and text are grey, or a picture in SVG has a line.
const WATCH_START: &str = "\
    const soon = name => requestAnimationFrame(() => setTimeout(() => { window[name] ??= performance.now() }));\
    const isDrawn = canvas => {\
        if (!canvas.width || !canvas.height) return false;\
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);\
        for (let at = 0; at < data.length; at += 4) {\
            const [r, g, b, a] = data.subarray(at, at + 4);\
            if (a > 60 && Math.max(r, g, b) - Math.min(r, g, b) > 40) return true;\
        }\
        return false };\
    const look = () => {\
        const field = document.querySelector(usable);\
        if (field && field.getBoundingClientRect().width > 0) soon('e2eUsable');\
        const lines = [...document.querySelectorAll('svg path[stroke]')].some(path => path.getAttribute('d'));\
        if (lines || [...document.querySelectorAll('canvas')].some(isDrawn)) soon('e2eGraph');\
        else if (performance.now() < 30000) setTimeout(look, 5) };\
    look();";

/// The keys that a test presses, as the browser's protocol names them: key, code, number, text.
#[derive(Clone, Copy, Debug)]
pub struct Key(&'static str, &'static str, u32, &'static str);

impl Key {
    pub const ENTER: Key = Key("Enter", "Enter", 13, "\r");
    pub const TAB: Key = Key("Tab", "Tab", 9, "");
    pub const ESCAPE: Key = Key("Escape", "Escape", 27, "");
    pub const RIGHT: Key = Key("ArrowRight", "ArrowRight", 39, "");
    pub const LEFT: Key = Key("ArrowLeft", "ArrowLeft", 37, "");
    pub const SPACE: Key = Key(" ", "Space", 32, " ");
    pub const PLUS: Key = Key("+", "NumpadAdd", 107, "+");
    pub const MINUS: Key = Key("-", "NumpadSubtract", 109, "-");
    pub const ZERO: Key = Key("0", "Digit0", 48, "0");
    pub const A: Key = Key("a", "KeyA", 65, "a");
    pub const Z: Key = Key("z", "KeyZ", 90, "");
}

/// Keys held while another one or the mouse is pressed.
pub const NO_MODIFIER: u32 = 0;
pub const CTRL: u32 = 2;
pub const SHIFT: u32 = 8;

/// The tab in front.
pub struct Page {
    driver: Driver,
    shots: PathBuf,
}

impl Page {
    /// Starts a browser.
    pub async fn open() -> Page {
        Page::open_with(None).await
    }

    /// Starts a browser that keeps what it stores in a folder.
    pub async fn open_in(profile: &Path) -> Page {
        Page::open_with(Some(profile)).await
    }

    async fn open_with(profile: Option<&Path>) -> Page {
        let page =
            Page { driver: Driver::start(profile).await, shots: crate::servers::path_from("PROMENADE_E2E_SHOTS") };
        fs::create_dir_all(&page.shots).expect("the folder of the screenshots");
        page.before_load(WATCH).await;
        // As on a phone, where they lie over the page.
        page.cdp("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await;
        page.size(DESK).await;
        page.dark(false).await;
        page
    }

    /// Ends the browser.
    pub async fn close(self) {
        self.driver.end().await;
    }

    /// Kills the browser.
    pub async fn kill(self) {
        self.driver.kill().await;
    }

    /// Goes to an address, and waits for the document (not for the app).
    pub async fn goto(&self, url: &str) {
        self.driver.goto(url).await;
    }

    /// From the next document on: notes when the field for the expression and the first graph are there.
    pub async fn watch_start(&self, usable: &str) {
        self.before_load(&format!("const usable = {};{WATCH_START}", json!(usable))).await;
    }

    /// Runs a script in each document to come, before anything of the page.
    pub async fn before_load(&self, script: &str) {
        self.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// The way back, or forward, in the history.
    pub async fn history(&self, delta: i32) {
        self.eval("history.go(arguments[0])", &[json!(delta)]).await;
    }

    /// The address, decoded.
    pub async fn address(&self) -> String {
        self.eval("return decodeURIComponent(location.href)", &[]).await.as_str().unwrap_or_default().to_owned()
    }

    /// Runs a function body in the page; its arguments are `arguments[…]`.
    pub async fn eval(&self, body: &str, arguments: &[Value]) -> Value {
        self.driver.eval(body, arguments).await.unwrap_or_else(|error| panic!("the page could not run {body}: {error}"))
    }

    /// Waits for something; `probe` says what there is instead.
    pub async fn until<T>(&self, what: &str, bound: Duration, mut probe: impl AsyncFnMut() -> Result<T, String>) -> T {
        let deadline = Instant::now() + bound;
        loop {
            match probe().await {
                Ok(found) => return found,
                Err(now) if Instant::now() > deadline => {
                    panic!("waited {} s for {what}; at the end: {now}", bound.as_secs())
                }
                Err(_) => tokio::time::sleep(POLL).await,
            }
        }
    }

    /// Waits until there is at least one of it, and returns the first.
    pub async fn one(&self, locator: &Locator) -> Node {
        self.until(&locator.to_string(), SOON, async || self.first(locator).await).await
    }

    /// Waits until there is none of it.
    pub async fn none(&self, locator: &Locator) {
        let what = format!("{locator} to go away");
        self.until(&what, SOON, async || match self.all(locator).await.len() {
            0 => Ok(()),
            n => Err(format!("{n} of it")),
        })
        .await;
    }

    /// How many of it there are now.
    pub async fn count(&self, locator: &Locator) -> usize {
        self.all(locator).await.len()
    }

    /// All of it that there are now, in the order of the document.
    pub async fn all(&self, locator: &Locator) -> Vec<Node> {
        locator.resolve(&self.driver).await
    }

    /// The text of it as one sees it, without waiting; `None` if it is not there.
    pub async fn text_now(&self, locator: &Locator) -> Option<String> {
        let node = self.first(locator).await.ok()?;
        let text =
            self.driver.call(&node, "function() { return this.innerText ?? this.textContent }", &[]).await.ok()?;
        Some(text.as_str()?.to_owned())
    }

    /// Waits until its text has this in it, and returns the text.
    pub async fn says(&self, locator: &Locator, part: &str) -> String {
        self.says_within(locator, part, SOON).await
    }

    /// As `says`, with a bound of its own.
    pub async fn says_within(&self, locator: &Locator, part: &str, bound: Duration) -> String {
        self.until(&format!("{locator} to say {part:?}"), bound, async || {
            let mut seen = Vec::new();
            for node in self.all(locator).await {
                let text =
                    self.driver.call(&node, "function() { return this.innerText ?? this.textContent }", &[]).await;
                seen.push(text.unwrap_or_default().as_str().unwrap_or_default().to_owned());
            }
            match seen.iter().find(|text| text.contains(part)) {
                Some(text) => Ok(text.clone()),
                None => Err(format!("it says {seen:?}")),
            }
        })
        .await
    }

    /// Calls a function on it; `this` is the element.
    pub async fn call(&self, locator: &Locator, function: &str, arguments: &[Value]) -> Value {
        self.until(&format!("{locator} to answer"), SOON, async || {
            let node = self.first(locator).await?;
            self.driver.call(&node, function, arguments).await
        })
        .await
    }

    /// Clicks it where it is; waits until nothing covers it.
    pub async fn click(&self, locator: &Locator) {
        self.click_with(locator, NO_MODIFIER).await;
    }

    /// Clicks it with keys held.
    pub async fn click_with(&self, locator: &Locator, modifiers: u32) {
        self.until(&format!("{locator} to be clicked"), SOON, async || {
            let node = self.first(locator).await?;
            let (x, y) = self.driver.point_of(&node).await?;
            for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
                self.mouse(kind, x, y, modifiers).await;
            }
            Ok(())
        })
        .await;
    }

    /// A movement or a button of the mouse, in CSS pixels of the window.
    pub async fn mouse(&self, kind: &str, x: f64, y: f64, modifiers: u32) {
        let is_move = kind == "mouseMoved";
        let event = json!({
            "type": kind, "x": x, "y": y, "modifiers": modifiers,
            "button": if is_move { "none" } else { "left" },
            "buttons": u8::from(kind == "mousePressed"),
            "clickCount": u8::from(!is_move),
        });
        self.cdp("Input.dispatchMouseEvent", event).await;
    }

    /// Turns the wheel by so many CSS pixels, with keys held; above 0 is down.
    pub async fn wheel(&self, (x, y): (f64, f64), delta: f64, modifiers: u32) {
        let event =
            json!({ "type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": delta, "modifiers": modifiers });
        self.cdp("Input.dispatchMouseEvent", event).await;
    }

    /// Clicks twice at a place.
    pub async fn double_click(&self, (x, y): (f64, f64)) {
        self.mouse("mouseMoved", x, y, NO_MODIFIER).await;
        for n in [1, 2] {
            for kind in ["mousePressed", "mouseReleased"] {
                let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": n });
                self.cdp("Input.dispatchMouseEvent", event).await;
            }
        }
    }

    /// Puts fingers down, moves or lifts them: `touchStart`, `touchMove`, `touchEnd`.
    pub async fn touch(&self, kind: &str, fingers: &[(f64, f64)]) {
        let points: Vec<Value> =
            fingers.iter().enumerate().map(|(id, (x, y))| json!({ "x": x, "y": y, "id": id })).collect();
        self.cdp("Input.dispatchTouchEvent", json!({ "type": kind, "touchPoints": points })).await;
    }

    /// Moves the mouse with its button held.
    pub async fn drag(&self, from: (f64, f64), to: (f64, f64)) {
        self.drag_with(from, to, NO_MODIFIER).await;
    }

    /// Moves the mouse with its button and keys held.
    pub async fn drag_with(&self, from: (f64, f64), to: (f64, f64), modifiers: u32) {
        self.mouse("mouseMoved", from.0, from.1, modifiers).await;
        self.mouse("mousePressed", from.0, from.1, modifiers).await;
        for step in 1..=4 {
            let part = f64::from(step) / 4.0;
            let (x, y) = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
            let event = json!({
                "type": "mouseMoved", "x": x, "y": y, "button": "left", "buttons": 1, "modifiers": modifiers,
            });
            self.cdp("Input.dispatchMouseEvent", event).await;
        }
        self.mouse("mouseReleased", to.0, to.1, modifiers).await;
    }

    /// Puts a text in the place of what is in a field, as pasting does.
    pub async fn fill(&self, locator: &Locator, text: &str) {
        self.call(locator, "function() { this.focus(); this.select?.() }", &[]).await;
        self.insert(text).await;
    }

    /// Gives a file to the field for files.
    pub async fn choose_file(&self, path: &Path) {
        self.choose_files(&[path]).await;
    }

    /// Chooses files with the first field for files.
    pub async fn choose_files(&self, paths: &[&Path]) {
        let field = json!({ "expression": "document.querySelector('input[type=file]')" });
        let object = self.cdp("Runtime.evaluate", field).await;
        let files = json!({ "objectId": object["result"]["objectId"], "files": paths });
        self.cdp("DOM.setFileInputFiles", files).await;
    }

    /// What the page gives the browser to keep goes into this folder.
    pub async fn keep_downloads_in(&self, folder: &Path) {
        let behaviour = json!({ "behavior": "allow", "downloadPath": folder });
        self.cdp("Browser.setDownloadBehavior", behaviour).await;
    }

    /// Chooses an entry of a list by its value.
    pub async fn choose(&self, locator: &Locator, value: &str) {
        let body = "function(value) {\
            if (![...this.options].some(option => option.value === value)) throw Error('it has no ' + value);\
            this.value = value;\
            for (const kind of ['input', 'change']) this.dispatchEvent(new Event(kind, { bubbles: true })) }";
        self.call(locator, body, &[json!(value)]).await;
    }

    /// Inserts a text where the cursor is.
    pub async fn insert(&self, text: &str) {
        self.cdp("Input.insertText", json!({ "text": text })).await;
    }

    /// Types a text key by key where the cursor is.
    pub async fn type_slowly(&self, text: &str) {
        for letter in text.chars() {
            self.cdp("Input.dispatchKeyEvent", json!({ "type": "keyDown", "text": letter, "key": letter })).await;
            self.cdp("Input.dispatchKeyEvent", json!({ "type": "keyUp", "key": letter })).await;
        }
    }

    /// Presses a key where the focus is.
    pub async fn press(&self, key: Key) {
        self.press_with(key, NO_MODIFIER).await;
    }

    /// Presses a key with others held.
    pub async fn press_with(&self, Key(key, code, number, text): Key, modifiers: u32) {
        let event = |kind: &str| json!({ "type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers });
        let mut down = event("keyDown");
        if text.is_empty() {
            down["type"] = json!("rawKeyDown");
        } else {
            down["text"] = json!(text);
        }
        self.cdp("Input.dispatchKeyEvent", down).await;
        self.cdp("Input.dispatchKeyEvent", event("keyUp")).await;
    }

    /// What has the focus.
    pub async fn focused(&self) -> Node {
        locator::focused(&self.driver).await
    }

    /// Opens another tab in front of this one, and returns this one.
    pub async fn cover_with_tab(&self) -> WindowHandle {
        self.driver.new_tab().await
    }

    /// The tab in front.
    pub async fn tab(&self) -> WindowHandle {
        self.driver.tab().await
    }

    /// Closes this tab and comes back to another one.
    pub async fn close_tab(&self, other: WindowHandle) {
        self.driver.close_tab().await;
        self.driver.switch_to(other).await;
    }

    /// Comes back to a tab.
    pub async fn come_back(&self, tab: WindowHandle) {
        self.driver.switch_to(tab).await;
    }

    /// The width of the window.
    pub async fn size(&self, width: u32) {
        let height = if width == PHONE { 844 } else { 900 };
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Whether the system asks for a dark page.
    pub async fn dark(&self, is_dark: bool) {
        let value = if is_dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": value }]);
        self.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Writes the whole page, however high it is, as `NAME.png`.
    pub async fn screenshot(&self, name: &str) {
        // What was hovered, focused or resized a moment ago is drawn in the next frames.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let size = self.eval("return [innerWidth, document.documentElement.scrollHeight]", &[]).await;
        // Higher than this a picture is no use to anybody.
        let height = size[1].as_f64().unwrap_or(900.0).min(4_000.0);
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": height, "scale": 1 });
        let picture = self.cdp("Page.captureScreenshot", json!({ "captureBeyondViewport": true, "clip": clip })).await;
        let picture =
            BASE64_STANDARD.decode(picture["data"].as_str().unwrap_or_default()).expect("a picture in base64");
        fs::write(self.shots.join(format!("{name}.png")), picture).expect("the screenshot is written");
    }

    /// What the browser complained about since the last call: errors of scripts and violations of the policy.
    ///
    /// That a fetch failed is not among them: the browser reports each one, and failing is what targets do here.
    pub async fn complaints(&self) -> Vec<String> {
        let mut found = self.driver.console().await;
        found.retain(|line| {
            !["Failed to load resource", "blocked by CORS policy", "net::ERR_"].iter().any(|part| line.contains(part))
        });
        let own = self.eval("return window.e2e ? e2e.complaints.splice(0) : []", &[]).await;
        found.extend(own.as_array().into_iter().flatten().map(ToString::to_string));
        found
    }

    /// Everything of the page that a person who looks for the reason of a failure wants to read.
    pub async fn describe(&self) -> String {
        let text = self.driver.eval("return location.href + '\\n' + document.body.innerText", &[]).await;
        let text = text.as_ref().ok().and_then(Value::as_str).unwrap_or("(the page does not answer)").to_owned();
        let text: String = text.chars().take(4_000).collect();
        format!("{text}\n-- console\n{}", self.driver.console().await.join("\n"))
    }

    async fn first(&self, locator: &Locator) -> Result<Node, String> {
        self.all(locator).await.into_iter().next().ok_or_else(|| "there is none".to_owned())
    }

    /// A command of the browser's own protocol.
    pub async fn cdp(&self, command: &str, parameters: Value) -> Value {
        self.driver.cdp(command, parameters).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }
}
