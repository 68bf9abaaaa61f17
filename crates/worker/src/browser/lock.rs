//! The Web Lock of the store: one tab of an origin holds it, and only that one scrapes and writes.

use super::js::{self, Later};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// The lock's name.
const NAME: &str = "promenade-store";

/// How to ask for the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// At once or not at all.
    IfFree,
    /// Wait until every tab before this one has let go of it; the browser does that for one that closes or crashes.
    InTurn,
    /// Take it from who has it.
    Steal,
}

/// What came of asking.
pub(super) enum Asked {
    /// This tab has it.
    Held(Lock),
    /// Another tab has it.
    Taken,
    /// This browser has no locks here.
    Unknown,
}

/// The lock, held until it is let go of, or taken away.
pub(super) struct Lock {
    held: Rc<Later>,
    is_released: Rc<Cell<bool>>,
}

impl Lock {
    /// Lets another tab have it.
    pub(super) fn release(&self) {
        self.is_released.set(true);
        self.held.fulfil(&JsValue::UNDEFINED);
    }
}

/// Asks for the lock. `on_lost` is called if it is held and another tab takes it away.
pub(super) async fn ask(ask: Ask, on_lost: impl FnOnce() + 'static) -> Asked {
    let navigator = js::get(&js_sys::global(), "navigator").unwrap_or_default();
    let Some(locks) = js::get(&navigator, "locks") else { return Asked::Unknown };
    let options = match ask {
        Ask::IfFree => js::object(&[("ifAvailable", JsValue::TRUE)]),
        Ask::InTurn => js::object(&[]),
        Ask::Steal => js::object(&[("steal", JsValue::TRUE)]),
    };
    let (granted, held) = (Rc::new(Later::new()), Rc::new(Later::new()));
    let is_released = Rc::new(Cell::new(false));
    let (answer, until) = (granted.clone(), held.clone());
    let on_answer = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        answer.fulfil(&JsValue::from_bool(!lock.is_null()));
        // The browser holds the lock for as long as this promise is open.
        if lock.is_null() { JsValue::UNDEFINED } else { until.promise.clone().into() }
    });
    let Ok(request) = js::call(&locks, "request", &[JsValue::from_str(NAME), options, on_answer]) else {
        return Asked::Unknown;
    };
    let (failed, ended) = (granted.clone(), is_released.clone());
    spawn_local(async move {
        let end = JsFuture::from(request.unchecked_into::<js_sys::Promise>()).await;
        if let Err(error) = end {
            failed.fail(&error);
            if !ended.get() {
                on_lost();
            }
        }
    });
    match JsFuture::from(granted.promise.clone()).await {
        Ok(is_held) if is_held.is_truthy() => Asked::Held(Lock { held, is_released }),
        Ok(_) => Asked::Taken,
        Err(_) => Asked::Unknown,
    }
}
