//! Fetches: without cookies, without a cache, bounded in time and size, and read chunk by chunk.

use crate::limits::MAX_BODY_BYTES;
use crate::source::plan::{Answer, Fetch, FetchFailure, Reply};
use crate::source::relay::{self, RelayInfo};
use crate::source::remote::question::{ApiFetch, Question};
use gloo_net::http::{Request, RequestBuilder};
use gloo_timers::callback::Timeout;
use model::Millis;
use protocol::Via;
use scrape::ScrapeFailure;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials, RequestMode,
};

/// The header that only a page of the relay's own origin can send without asking.
pub(super) const PAGE_HEADER: &str = "X-Promenade";
/// The target's status, in an answer of the relay.
const STATUS_HEADER: &str = "X-Target-Status";
/// The target's `Content-Type`.
const CONTENT_TYPE_HEADER: &str = "X-Target-Content-Type";

/// The relay answers from this machine or near it.
const RELAY_TIMEOUT: Millis = Millis(3_000);

/// How long to wait for a sign of life of a target that cannot be read.
const PROBE_TIMEOUT: Millis = Millis(3_000);

/// The relay keeps to the timeout itself and says so; it gets a moment more for that.
pub(super) const RELAY_EXTRA: Millis = Millis(500);

/// Fetches a target, or asks the relay for it.
pub(super) async fn fetch(fetch: &Fetch) -> Reply {
    let is_relay = fetch.via == Via::Relay;
    let abort = Abort::after(if is_relay { fetch.timeout + RELAY_EXTRA } else { fetch.timeout })?;
    let mut request = plain(&fetch.url, &abort).header("Accept", fetch.accept);
    if is_relay {
        request = request.header(PAGE_HEADER, "1");
    }
    for (name, value) in &fetch.headers.0 {
        // The browser would throw.
        if !is_header(name, value) {
            let why = format!("its header {name} has characters that no request bears");
            return Err(FetchFailure::Known(ScrapeFailure::Other(why)));
        }
        request = request.header(name, value);
    }
    let timed_out = || Err(FetchFailure::Known(ScrapeFailure::TimedOut(fetch.timeout)));
    let response = match request.send().await {
        Ok(response) => response,
        Err(_) if abort.fired() => return timed_out(),
        Err(_) => return Err(FetchFailure::Opaque),
    };
    let headers = response.headers();
    let status = response.status();
    let content_type = headers.get("content-type");
    let body = match read(response.body()).await {
        Ok(body) => body,
        Err(ReadFailure::TooLarge) => {
            return Err(FetchFailure::Known(ScrapeFailure::TooLarge { limit: MAX_BODY_BYTES }));
        }
        Err(ReadFailure::BrokeOff) if abort.fired() => return timed_out(),
        Err(ReadFailure::BrokeOff) => return Err(FetchFailure::Known(ScrapeFailure::CutOff)),
    };
    let answer = Answer { status, content_type, body };
    if !is_relay {
        return Ok(answer);
    }
    let target_status = headers.get(STATUS_HEADER);
    relay::read_reply(answer, target_status.as_deref(), headers.get(CONTENT_TYPE_HEADER), fetch.timeout)
}

/// Asks a server, or the relay for it; the question takes in what comes, also how it ends. `abort` is told how to give up.
pub(super) async fn ask(fetch: &ApiFetch, question: &mut Question, keep: impl FnOnce(AbortController)) {
    let abort = match Abort::after(fetch.timeout) {
        Ok(abort) => abort,
        Err(failure) => return question.failed(failure),
    };
    keep(abort.controller.clone());
    let timed_out = || FetchFailure::Known(ScrapeFailure::TimedOut(fetch.timeout));
    let mut request = match fetch.method {
        "POST" => Request::post(&fetch.url),
        _ => Request::get(&fetch.url),
    };
    request = bare(request, &abort);
    for (name, value) in &fetch.headers {
        // The browser would throw.
        if !is_header(name, value) {
            let why = format!("its header {name} has characters that no request bears");
            return question.failed(FetchFailure::Known(ScrapeFailure::Other(why)));
        }
        request = request.header(name, value);
    }
    if fetch.via == Via::Relay {
        request = request.header(PAGE_HEADER, "1");
    }
    let sent = match &fetch.body {
        Some(body) => match request.body(body.as_str()) {
            Ok(request) => request.send().await,
            Err(_) => return question.failed(FetchFailure::Opaque),
        },
        None => request.send().await,
    };
    let response = match sent {
        Ok(response) => response,
        Err(_) if abort.fired() => return question.failed(timed_out()),
        Err(_) => return question.failed(FetchFailure::Opaque),
    };
    let headers = response.headers();
    question.head(response.status(), headers.get("content-type"), headers.get(STATUS_HEADER).as_deref());
    let mut scratch = Vec::new();
    let mut take = |bytes: &js_sys::Uint8Array| {
        scratch.resize(bytes.length() as usize, 0);
        bytes.copy_to(&mut scratch);
        question.feed(&scratch)
    };
    let read = read_chunks(response.body(), &mut take).await;
    match read {
        Ok(()) => question.ended(),
        Err(ReadFailure::TooLarge) => {}
        Err(ReadFailure::BrokeOff) if abort.fired() => question.failed(timed_out()),
        Err(ReadFailure::BrokeOff) => question.failed(FetchFailure::Known(ScrapeFailure::CutOff)),
    }
}

/// The relay's description of itself, if there is one at this URL.
pub(super) async fn ask_relay(url: &str) -> Option<RelayInfo> {
    let abort = Abort::after(RELAY_TIMEOUT).ok()?;
    let response = plain(url, &abort).send().await.ok()?;
    let body = response.binary().await.ok()?;
    relay::read_info(response.status(), &body)
}

/// What the relay itself answers: its status and body; `None` if it does not.
pub(super) async fn relay(url: &str, timeout: Millis) -> Option<(u16, Vec<u8>)> {
    let abort = Abort::after(timeout + RELAY_EXTRA).ok()?;
    let response = plain(url, &abort).header(PAGE_HEADER, "1").send().await.ok()?;
    let body = read(response.body()).await.ok()?;
    Some((response.status(), body))
}

/// Whether anything answers, although nobody may read what.
pub(super) async fn answers(url: &str) -> bool {
    let Ok(abort) = Abort::after(PROBE_TIMEOUT) else { return false };
    plain(url, &abort).mode(RequestMode::NoCors).send().await.is_ok()
}

fn is_header(name: &str, value: &str) -> bool {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty() && name.bytes().all(is_name) && value.bytes().all(|b| matches!(b, b'\t' | b' '..=b'~'))
}

pub(super) fn plain(url: &str, abort: &Abort) -> RequestBuilder {
    bare(Request::get(url), abort)
}

fn bare(request: RequestBuilder, abort: &Abort) -> RequestBuilder {
    request
        // Only what the page's own origin wants, which is where the relay is: it may ask for a name and a password.
        .credentials(RequestCredentials::SameOrigin)
        .cache(RequestCache::NoStore)
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .abort_signal(Some(&abort.controller.signal()))
}

/// Gives a fetch up after a time. Dropping it takes the timer away.
pub(super) struct Abort {
    controller: AbortController,
    fired: Rc<Cell<bool>>,
    _timer: Timeout,
}

impl Abort {
    pub(super) fn after(timeout: Millis) -> Result<Self, FetchFailure> {
        let controller = AbortController::new().map_err(|_| FetchFailure::Opaque)?;
        let fired = Rc::new(Cell::new(false));
        let ms = u32::try_from(timeout.0.max(1)).unwrap_or(u32::MAX);
        let (later, fires) = (controller.clone(), fired.clone());
        let timer = Timeout::new(ms, move || {
            fires.set(true);
            later.abort();
        });
        Ok(Abort { controller, fired, _timer: timer })
    }

    pub(super) fn fired(&self) -> bool {
        self.fired.get()
    }
}

enum ReadFailure {
    TooLarge,
    BrokeOff,
}

/// Reads a body to its end, or to the bound. An answer without a body is an empty one.
async fn read(stream: Option<web_sys::ReadableStream>) -> Result<Vec<u8>, ReadFailure> {
    let mut body = Vec::new();
    read_chunks(stream, &mut |bytes| {
        let (start, n) = (body.len(), bytes.length() as usize);
        if (start + n) as u64 > MAX_BODY_BYTES {
            return false;
        }
        body.resize(start + n, 0);
        bytes.copy_to(&mut body[start..]);
        true
    })
    .await?;
    Ok(body)
}

/// Reads a body piece by piece, as long as `take` wants more of it.
async fn read_chunks(
    stream: Option<web_sys::ReadableStream>,
    take: &mut dyn FnMut(&js_sys::Uint8Array) -> bool,
) -> Result<(), ReadFailure> {
    let Some(stream) = stream else { return Ok(()) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    loop {
        let chunk = JsFuture::from(reader.read()).await.map_err(|_| ReadFailure::BrokeOff)?;
        let field = |name: &str| js_sys::Reflect::get(&chunk, &JsValue::from_str(name)).ok();
        if field("done").is_none_or(|done| done.is_truthy()) {
            return Ok(());
        }
        let Some(bytes) = field("value").and_then(|value| value.dyn_into::<js_sys::Uint8Array>().ok()) else {
            return Err(ReadFailure::BrokeOff);
        };
        if !take(&bytes) {
            let _ = reader.cancel();
            return Err(ReadFailure::TooLarge);
        }
    }
}
