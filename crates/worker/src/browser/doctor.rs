//! Runs checkups: all fetches of a round at once, each with its time, and the page hears after each of them.

use super::Driver;
use super::fetch::{Abort, RELAY_EXTRA, plain};
use crate::MAX_LOOK_BYTES;
use crate::doctor::{Checkup, Heard, Looked, Probe, Silence};
use ::doctor::Way;
use js_sys::{Object, Reflect, Uint8Array};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ReadableStreamDefaultReader, RequestMode};

/// The headers that say something; of an answer of another origin the browser shows a few of them only.
const TELLING: [&str; 8] = [
    "content-type",
    "date",
    "x-target-status",
    "x-target-content-type",
    "x-target-date",
    "x-target-server",
    "x-target-www-authenticate",
    "x-target-access-control-allow-origin",
];

impl Driver {
    /// Begins the checkups that were asked for.
    pub(super) fn check_up(&self) {
        let checkups = self.0.worker.borrow_mut().take_checkups();
        for checkup in checkups {
            self.round(&Rc::new(RefCell::new(checkup)));
        }
    }

    /// A round of a checkup, or its end.
    fn round(&self, checkup: &Rc<RefCell<Checkup>>) {
        let probes = checkup.borrow_mut().next_round();
        self.tell_of(checkup, probes.is_empty());
        for probe in probes {
            let (driver, checkup) = (self.clone(), Rc::clone(checkup));
            spawn_local(async move {
                let began = driver.clock();
                let heard = look(&probe).await;
                let looked = Looked { heard, took_ms: (driver.clock() - began).round() as i64 };
                let is_over = checkup.borrow_mut().took(&probe, looked);
                if is_over {
                    driver.round(&checkup);
                } else {
                    driver.tell_of(&checkup, false);
                }
            });
        }
    }

    fn tell_of(&self, checkup: &Rc<RefCell<Checkup>>, is_over: bool) {
        let event = checkup.borrow().news(is_over);
        self.0.worker.borrow_mut().tell(event);
        self.flush();
    }
}

/// Makes a fetch.
async fn look(probe: &Probe) -> Result<Heard, Silence> {
    let extra = if probe.way == Way::Relay { RELAY_EXTRA } else { model::Millis(0) };
    let abort = Abort::after(probe.timeout + extra).map_err(|_| Silence::Opaque)?;
    let mut request = plain(&probe.url, &abort);
    if probe.way == Way::Blind {
        request = request.mode(RequestMode::NoCors);
    }
    if probe.way == Way::Relay {
        request = request.header(super::fetch::PAGE_HEADER, "1");
    }
    for (name, value) in &probe.headers {
        request = request.header(name, &value.0);
    }
    let silent = |silence| if abort.fired() { Silence::TimedOut } else { silence };
    let response = request.send().await.map_err(|_| silent(Silence::Opaque))?;
    if probe.way == Way::Blind {
        return Ok(Heard::default());
    }
    let all = response.headers();
    let headers: BTreeMap<String, String> =
        TELLING.iter().filter_map(|name| Some(((*name).to_owned(), all.get(name)?))).collect();
    let status = response.status();
    let (body, is_cut) = read(response.body()).await.map_err(|()| silent(Silence::CutOff))?;
    Ok(Heard { status, headers, body, is_cut })
}

/// The beginning of a body, and whether there is more.
async fn read(stream: Option<web_sys::ReadableStream>) -> Result<(Vec<u8>, bool), ()> {
    let Some(stream) = stream else { return Ok((Vec::new(), false)) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut body = Vec::new();
    loop {
        let chunk: Object = JsFuture::from(reader.read()).await.map_err(|_| ())?.unchecked_into();
        let field = |name: &str| Reflect::get(&chunk, &JsValue::from_str(name)).ok();
        if field("done").is_none_or(|done| done.is_truthy()) {
            return Ok((body, false));
        }
        let bytes = field("value").and_then(|value| value.dyn_into::<Uint8Array>().ok()).ok_or(())?;
        body.extend(bytes.to_vec());
        if body.len() > MAX_LOOK_BYTES {
            body.truncate(MAX_LOOK_BYTES);
            let _ = reader.cancel();
            return Ok((body, true));
        }
    }
}
