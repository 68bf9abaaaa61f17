//! How the tabs of one origin talk: the tab that owns the store tells what it writes, the others ask it for things.

use crate::tabs::Word;
use protocol::transfer;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

/// The channel of all tabs of this very build: another one may mean other things by its words.
pub(super) struct Channel {
    channel: Option<BroadcastChannel>,
}

impl Channel {
    /// Opens it; `heard` is called with what other tabs say. Where there is no such thing nobody is heard.
    pub(super) fn open(heard: impl Fn(Word) + 'static) -> Self {
        let channel = BroadcastChannel::new(&format!("promenade-store {}", protocol::BUILD_ID)).ok();
        if let Some(channel) = &channel {
            let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                if let Some(word) = transfer::from_js(&event.data()).ok().and_then(Word::from_envelope) {
                    heard(word);
                }
            });
            channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
            // It lives as long as the worker.
            on_message.forget();
        }
        Channel { channel }
    }

    /// Says something to all other tabs.
    pub(super) fn say(&self, word: Word) {
        let Some(channel) = &self.channel else { return };
        let (message, _) = transfer::to_js(&word.into_envelope());
        // It fails only for what cannot be cloned, and texts and buffers can.
        let _ = channel.post_message(&message);
    }
}
