//! The wire to the browser: WebDriver for the session, and through it the browser's own protocol for the rest.

use super::locator::Node;
use crate::servers::{Server, path_from};
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand, WindowHandle};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use url::Url;

/// How Chromium is started; the same as for the tests of wasm-bindgen.
const OPTIONS: &str = include_str!("../../../webdriver.json");

/// A browser and the program that drives it; both end with this.
pub struct Driver {
    client: Client,
    /// The browser.
    process: Option<u64>,
    // Dropped after the client.
    _server: Server,
}

impl Driver {
    /// Starts both; the browser with a folder of its own for what it keeps, if one is given, else with a fresh one.
    pub async fn start(profile: Option<&Path>) -> Driver {
        let server = Server::chromedriver();
        let mut capabilities: Capabilities = serde_json::from_str(OPTIONS).expect("webdriver.json is JSON");
        let options = capabilities.get_mut("goog:chromeOptions").expect("webdriver.json has options for Chromium");
        if std::env::var_os("PROMENADE_E2E_SHOW").is_some()
            && let Some(words) = options["args"].as_array_mut()
        {
            words.retain(|word| word != "--headless=new");
        }
        if let (Some(profile), Some(words)) = (profile, options["args"].as_array_mut()) {
            words.push(json!(format!("--user-data-dir={}", profile.display())));
        }
        options["binary"] = json!(path_from("PROMENADE_E2E_CHROMIUM"));
        capabilities.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
        // Where machines are busy, helpers of a browser that was killed can hold its profile for a while longer.
        let mut attempt = 1;
        let client = loop {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            match builder.capabilities(capabilities.clone()).connect(&server.origin()).await {
                Ok(client) => break client,
                Err(_) if profile.is_some() && attempt < 4 => tokio::time::sleep(Duration::from_secs(attempt)).await,
                Err(error) => panic!("Chromium did not start: {error}\n{}", server.log_tail()),
            }
            attempt += 1;
        };
        let process = client.capabilities().and_then(|found| found.get("goog:processID")?.as_u64());
        Driver { client, process, _server: server }
    }

    /// Ends the browser as a crash of the machine does: at once, without a word to it.
    pub async fn kill(self) {
        let process = self.process.expect("chromedriver says which process the browser is");
        let killed = Command::new("kill").args(["-9", &process.to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()), "the browser {process} is killed");
        // Its children end by themselves as soon as they miss it; the profile is free then.
        tokio::time::sleep(Duration::from_millis(500)).await;
    }

    /// Ends the browser; the driver goes by itself.
    pub async fn end(self) {
        // A browser that does not answer any more must not keep the test: its driver is killed next.
        let _ = tokio::time::timeout(Duration::from_secs(10), self.client.close()).await;
    }

    /// Goes to an address.
    pub async fn goto(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|error| panic!("could not go to {url}: {error}"));
    }

    /// Runs the body of a function.
    pub async fn eval(&self, body: &str, arguments: &[Value]) -> Result<Value, String> {
        self.client.execute(body, arguments.to_vec()).await.map_err(|error| error.to_string())
    }

    /// A command of the browser's own protocol.
    pub async fn cdp(&self, command: &str, parameters: Value) -> Result<Value, String> {
        self.post("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await
    }

    /// Calls a function on an element.
    pub async fn call(&self, node: &Node, function: &str, arguments: &[Value]) -> Result<Value, String> {
        let object = self.cdp("DOM.resolveNode", json!({ "backendNodeId": node.id })).await?;
        let arguments: Vec<Value> = arguments.iter().map(|value| json!({ "value": value })).collect();
        let call = json!({
            "objectId": object["object"]["objectId"], "functionDeclaration": function,
            "arguments": arguments, "returnByValue": true, "awaitPromise": true,
        });
        let answer = self.cdp("Runtime.callFunctionOn", call).await?;
        if answer["exceptionDetails"].is_object() {
            return Err(format!("{function} threw {}", answer["exceptionDetails"]["exception"]["description"]));
        }
        Ok(answer["result"]["value"].clone())
    }

    /// The middle of an element, once it is in view and a click there would reach it.
    pub async fn point_of(&self, node: &Node) -> Result<(f64, f64), String> {
        let point = self
            .call(
                node,
                "function() {\
                    this.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });\
                    const box = this.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;\
                    if (this.disabled) return 'it is disabled';\
                    if (box.width < 1 || box.height < 1) return 'it has no size';\
                    const top = document.elementFromPoint(x, y);\
                    const isMine = top && (this.contains(top) || top.contains(this) || this.labels && [...this.labels].includes(top));\
                    return isMine ? [x, y] : 'it is covered by ' + (top ? top.outerHTML.slice(0, 80) : 'the edge');\
                }",
                &[],
            )
            .await?;
        match (point[0].as_f64(), point[1].as_f64()) {
            (Some(x), Some(y)) => Ok((x, y)),
            _ => Err(point.as_str().unwrap_or("it has no place").to_owned()),
        }
    }

    /// Errors of the console since the last call.
    pub async fn console(&self) -> Vec<String> {
        let log = self.post("se/log", json!({ "type": "browser" })).await.unwrap_or_default();
        let severe = log.as_array().into_iter().flatten().filter(|entry| entry["level"] == "SEVERE");
        severe.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Opens another tab in front, and returns this one.
    pub async fn new_tab(&self) -> WindowHandle {
        let here = self.client.window().await.expect("there is a tab");
        let tab = self.client.new_window(true).await.expect("the browser opens a tab");
        self.switch_to(tab.handle).await;
        here
    }

    /// The tab in front.
    pub async fn tab(&self) -> WindowHandle {
        self.client.window().await.expect("there is a tab")
    }

    /// Closes the tab in front; another one has to be brought there.
    pub async fn close_tab(&self) {
        self.client.close_window().await.expect("the tab closes");
    }

    /// Brings a tab to the front.
    pub async fn switch_to(&self, tab: WindowHandle) {
        self.client.switch_to_window(tab).await.expect("the tab is there");
    }

    async fn post(&self, path: &'static str, body: Value) -> Result<Value, String> {
        self.client.issue_cmd(Post { path, body }).await.map_err(|error| error.to_string())
    }
}

/// A command that WebDriver's standard does not have.
#[derive(Debug)]
struct Post {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Post {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
