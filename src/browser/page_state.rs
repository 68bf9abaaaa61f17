//! What the browser says of this page: whether it is a secure context, whether it is online, and what Chrome lets it reach.

use js_sys::{Function, Object, Promise, Reflect};
use protocol::PageState;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Asks the browser; `done` gets the answer a moment later.
pub fn ask(done: impl FnOnce(PageState) + 'static) {
    let window: JsValue = leptos::prelude::window().into();
    let is = |object: &JsValue, name: &str| get(object, name).is_some_and(|value| value.is_truthy());
    let navigator = get(&window, "navigator").unwrap_or(JsValue::UNDEFINED);
    let is_secure = is(&window, "isSecureContext");
    let is_online = is(&navigator, "onLine");
    spawn_local(async move {
        // Chrome 145 made two of one; before, there is the third.
        let both = permission(&navigator, "local-network-access").await;
        let loopback = permission(&navigator, "loopback-network").await.or_else(|| both.clone());
        let local_network = permission(&navigator, "local-network").await.or(both);
        done(PageState { is_secure, is_online, loopback, local_network });
    });
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// The state of a permission; `None` where the browser knows none of this name.
async fn permission(navigator: &JsValue, name: &str) -> Option<String> {
    let permissions = get(navigator, "permissions")?;
    let query = get(&permissions, "query")?.dyn_into::<Function>().ok()?;
    let wanted = Object::new();
    Reflect::set(&wanted, &JsValue::from_str("name"), &JsValue::from_str(name)).ok()?;
    let promise = query.call1(&permissions, &wanted).ok()?.dyn_into::<Promise>().ok()?;
    let status = JsFuture::from(promise).await.ok()?;
    get(&status, "state")?.as_string()
}
