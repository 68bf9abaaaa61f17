//! A file that the page makes: pieces are joined, compressed if wanted, and given to the browser to keep.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Response, Url};

/// So many bytes are joined to one blob, which the browser may keep on disk.
const JOINED_BYTES: u64 = 8 << 20;

/// The pieces of a file.
#[derive(Default)]
pub struct Parts {
    /// What is joined already.
    blobs: Vec<Blob>,
    /// Buffers that are not yet.
    open: Vec<Uint8Array>,
    open_bytes: u64,
    bytes: u64,
}

impl Parts {
    /// Adds a piece; the answer is how many bytes there are.
    pub fn add(&mut self, piece: &[u8]) -> u64 {
        if !piece.is_empty() {
            self.open.push(Uint8Array::from(piece));
        }
        self.open_bytes += piece.len() as u64;
        self.bytes += piece.len() as u64;
        if self.open_bytes >= JOINED_BYTES {
            self.join();
        }
        self.bytes
    }

    fn join(&mut self) {
        let parts: Array = self.open.drain(..).collect();
        self.open_bytes = 0;
        self.blobs.extend(Blob::new_with_u8_array_sequence(&parts).ok());
    }

    fn into_blob(mut self, media_type: &str) -> Option<Blob> {
        self.join();
        let parts: Array = self.blobs.into_iter().collect();
        let options = BlobPropertyBag::new();
        options.set_type(media_type);
        Blob::new_with_blob_sequence_and_options(&parts, &options).ok()
    }
}

/// Gives a file to the browser, which keeps it as the user set it up; `done` hears how long it is, or that it did not work.
pub fn save(
    parts: Parts,
    name: String,
    media_type: &'static str,
    is_compressed: bool,
    done: impl FnOnce(Option<u64>) + 'static,
) {
    leptos::task::spawn_local(async move {
        let blob = match parts.into_blob(media_type) {
            Some(blob) if is_compressed => compressed(&blob).await,
            blob => blob,
        };
        done(blob.and_then(|blob| save_blob(&blob, &name)));
    });
}

/// Gives a blob to the browser; how long it is, or nothing if that did not work.
pub fn save_blob(blob: &Blob, name: &str) -> Option<u64> {
    offer(blob, name).map(|()| blob.size() as u64)
}

async fn compressed(blob: &Blob) -> Option<Blob> {
    // Not among the stable bindings.
    let class = js_sys::Reflect::get(&js_sys::global(), &"CompressionStream".into()).ok()?;
    let class: js_sys::Function = class.dyn_into().ok()?;
    let stream = js_sys::Reflect::construct(&class, &Array::of1(&"gzip".into())).ok()?;
    let stream = blob.stream().pipe_through(stream.unchecked_ref());
    let response = Response::new_with_opt_readable_stream(Some(&stream)).ok()?;
    JsFuture::from(response.blob().ok()?).await.ok()?.dyn_into().ok()
}

fn offer(blob: &Blob, name: &str) -> Option<()> {
    let url = Url::create_object_url_with_blob(blob).ok()?;
    let document = leptos::prelude::document();
    let link: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The browser has begun to read it by then.
    let revoke = wasm_bindgen::closure::Closure::once_into_js(move |_: JsValue| {
        let _ = Url::revoke_object_url(&url);
    });
    let later = 60_000;
    let _ =
        leptos::prelude::window().set_timeout_with_callback_and_timeout_and_arguments_0(revoke.unchecked_ref(), later);
    Some(())
}
