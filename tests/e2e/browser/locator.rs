//! Finds things by role and accessible name in the browser's accessibility tree.

use super::driver::Driver;
use serde_json::{Value, json};
use std::fmt;

/// Things of this role and exactly this name.
pub fn by(role: &'static str, name: &str) -> Locator {
    Locator(vec![Step { role, name: Name::Is(name.to_owned()) }])
}

/// Things of this role whose name begins so.
pub fn beginning(role: &'static str, name: &str) -> Locator {
    Locator(vec![Step { role, name: Name::Begins(name.to_owned()) }])
}

/// All things of this role.
pub fn every(role: &'static str) -> Locator {
    Locator(vec![Step { role, name: Name::Any }])
}

/// Things of this role with this in their text: for rows, which have no name.
pub fn holding(role: &'static str, text: &str) -> Locator {
    Locator(vec![Step { role, name: Name::Holds(text.to_owned()) }])
}

/// A way to things: each step looks inside what the step before found.
#[derive(Clone, Debug)]
pub struct Locator(Vec<Step>);

#[derive(Clone, Debug)]
struct Step {
    role: &'static str,
    name: Name,
}

#[derive(Clone, Debug)]
enum Name {
    Any,
    Is(String),
    Begins(String),
    Holds(String),
}

impl Locator {
    /// The same, but only inside of another thing.
    pub fn within(mut self, outer: &Locator) -> Locator {
        self.0.splice(0..0, outer.0.iter().cloned());
        self
    }

    /// All of it that there are now, in the order of the document.
    pub(super) async fn resolve(&self, driver: &Driver) -> Vec<Node> {
        let Ok(document) = driver.cdp("DOM.getDocument", json!({ "depth": 0 })).await else { return Vec::new() };
        let mut places = vec![json!({ "nodeId": document["root"]["nodeId"] })];
        let mut found = Vec::new();
        for step in &self.0 {
            found.clear();
            for place in &places {
                for role in step.roles() {
                    let mut query = place.clone();
                    query["role"] = json!(role);
                    // A place may have gone since it was found: then nothing is in it.
                    let answer = driver.cdp("Accessibility.queryAXTree", query).await.unwrap_or_default();
                    for node in answer["nodes"].as_array().into_iter().flatten().filter_map(Node::read) {
                        if step.name.fits(driver, &node).await {
                            found.push(node);
                        }
                    }
                }
            }
            places = found.iter().map(|node| json!({ "backendNodeId": node.id })).collect();
        }
        found
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, step) in self.0.iter().rev().enumerate() {
            let link = if idx == 0 { "" } else { " in " };
            match &step.name {
                Name::Any => write!(f, "{link}{}", step.role)?,
                Name::Is(name) => write!(f, "{link}{} {name:?}", step.role)?,
                Name::Holds(text) => write!(f, "{link}{} with {text:?}", step.role)?,
                Name::Begins(name) => write!(f, "{link}{} that begins with {name:?}", step.role)?,
            }
        }
        Ok(())
    }
}

impl Step {
    /// A field to type in has one of several roles, by what it offers besides.
    fn roles(&self) -> &'static [&'static str] {
        match self.role {
            "textbox" => &["textbox", "combobox", "searchbox"],
            "button" => &["button"],
            "region" => &["region"],
            "alert" => &["alert"],
            "status" => &["status"],
            "note" => &["note"],
            "table" => &["table"],
            "row" => &["row"],
            "tab" => &["tab"],
            "link" => &["link"],
            "list" => &["list"],
            "listbox" => &["listbox"],
            "option" => &["option"],
            "navigation" => &["navigation"],
            "group" => &["group"],
            "select" => &["combobox"],
            "picture" => &["image", "figure"],
            "heading" => &["heading"],
            "dialog" => &["dialog"],
            "disclosure" => &["DisclosureTriangle"],
            "checkbox" => &["checkbox"],
            "listitem" => &["listitem"],
            // Of a part that folds.
            "summary" => &["DisclosureTriangle", "DisclosureTriangleGrouped"],
            role => panic!("{role} is no role that the tests know"),
        }
    }
}

impl Name {
    async fn fits(&self, driver: &Driver, node: &Node) -> bool {
        match self {
            Name::Any => true,
            Name::Is(wanted) => node.name == *wanted,
            Name::Begins(wanted) => node.name.starts_with(wanted),
            Name::Holds(text) => {
                let body = "function(text) { return this.textContent.includes(text) }";
                driver.call(node, body, &[json!(text)]).await == Ok(json!(true))
            }
        }
    }
}

/// A thing in the accessibility tree.
#[derive(Clone, Debug)]
pub struct Node {
    /// The browser's number for its element.
    pub(super) id: u64,
    /// Its role.
    pub role: String,
    /// Its accessible name.
    pub name: String,
    /// What it is besides: `selected`, `expanded`, `pressed`, `invalid` … and its value.
    pub properties: Vec<(String, Value)>,
}

impl Node {
    /// A property such as `selected`; `false` where it has none.
    pub fn is(&self, property: &str) -> bool {
        let found = self.properties.iter().find(|(name, _)| name == property);
        found.is_some_and(|(_, value)| value.as_bool() == Some(true) || value.as_str() == Some("true"))
    }

    fn read(value: &Value) -> Option<Node> {
        if value["ignored"].as_bool() == Some(true) {
            return None;
        }
        let text = |value: &Value| value["value"].as_str().unwrap_or_default().trim().to_owned();
        let properties = value["properties"].as_array().into_iter().flatten();
        let properties =
            properties.map(|p| (p["name"].as_str().unwrap_or_default().to_owned(), p["value"]["value"].clone()));
        Some(Node {
            id: value["backendDOMNodeId"].as_u64()?,
            role: text(&value["role"]),
            name: text(&value["name"]),
            properties: properties.collect(),
        })
    }
}

/// What has the focus.
pub(super) async fn focused(driver: &Driver) -> Node {
    let evaluated = json!({ "expression": "document.activeElement" });
    let object = driver.cdp("Runtime.evaluate", evaluated).await.expect("the page says what has the focus");
    let query = json!({ "objectId": object["result"]["objectId"], "fetchRelatives": false });
    let tree = driver.cdp("Accessibility.getPartialAXTree", query).await.expect("the browser knows its role");
    Node::read(&tree["nodes"][0]).unwrap_or(Node {
        id: 0,
        role: "none".to_owned(),
        name: String::new(),
        properties: Vec::new(),
    })
}
