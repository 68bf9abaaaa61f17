//! What only a browser can show: its time zones, its address bar, its storage, and floats on their way between
//! threads. Run by `cargo xtask test --only browser`.
#![cfg(target_arch = "wasm32")]

use leptos::prelude::*;
use model::STALE_NAN_BITS;
use promenade::browser::location::Location;
use promenade::browser::storage;
use promenade::browser::zone::Zone;
use promenade::state::settings::{Settings, Theme, targets};
use protocol::{Column, Envelope, TargetId, TargetSpec, transfer};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Lets the browser do what it has to do.
async fn sleep(ms: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

#[wasm_bindgen_test]
fn zones_know_when_clocks_change() {
    let berlin = Zone::from_name("Europe/Berlin").expect("a zone of the tz database");
    // 2026-03-29 01:00 UTC: 02:00 becomes 03:00.
    let jump = 1_774_746_000_000;
    assert_eq!(berlin.format(jump - 1_000), "2026-03-29 01:59:59 +01:00");
    assert_eq!(berlin.format(jump), "2026-03-29 03:00:00 +02:00");
    assert_eq!(Zone::Utc.format(jump + 250), "2026-03-29 01:00:00.250 UTC");
    for at_ms in [jump - 7_200_000, jump + 7_200_000] {
        assert_eq!(berlin.to_utc(berlin.civil(at_ms).to_ms()), at_ms);
    }
    assert_eq!(Zone::from_name("Europe/Nowhere"), None);
    let kathmandu = Zone::from_name("Asia/Kathmandu").expect("a zone of the tz database");
    assert_eq!(kathmandu.offset_ms(jump), 20_700_000);
}

#[wasm_bindgen_test]
async fn floats_cross_to_another_thread_by_their_bits() {
    let floats = vec![f64::from_bits(STALE_NAN_BITS), f64::from_bits(0x7ff8_0000_0000_0001), -0.0, f64::INFINITY];
    let envelope =
        Envelope { head: "{}".to_owned(), columns: vec![Column::Floats(floats.clone()), Column::Bytes(vec![0, 255])] };
    let channel = web_sys::MessageChannel::new().expect("a channel");
    let got = std::rc::Rc::new(std::cell::RefCell::new(None));
    let sink = got.clone();
    let on_message = Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
        *sink.borrow_mut() = transfer::from_js(&event.data()).ok();
    });
    channel.port2().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    let (message, transfer_list) = transfer::to_js(&envelope);
    channel.port1().post_message_with_transferable(&message, &transfer_list).expect("it can be posted");
    for _ in 0..100 {
        if got.borrow().is_some() {
            break;
        }
        sleep(10).await;
    }
    let got = got.borrow_mut().take().expect("the message came");
    let Column::Floats(back) = &got.columns[0] else { panic!("floats first") };
    let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(back), bits(&floats));
    assert_eq!(got.columns[1], Column::Bytes(vec![0, 255]));
}

#[wasm_bindgen_test]
fn a_message_of_somebody_else_is_refused() {
    for foreign in [JsValue::NULL, JsValue::from_str("hello"), js_sys::Array::new().into()] {
        assert!(transfer::from_js(&foreign).is_err());
    }
}

#[wasm_bindgen_test]
async fn back_goes_to_the_address_before() {
    let owner = Owner::new();
    owner.set();
    let location = Location::listen();
    let path = location.path.get_untracked();
    location.push(&path, "g0.expr=up");
    location.push(&path, "?g0.expr=down");
    location.push(&path, "g0.expr=down");
    assert_eq!(window().location().search().as_deref(), Ok("?g0.expr=down"));
    window().history().expect("a history").back().expect("it goes back");
    for _ in 0..100 {
        if location.query.get_untracked() == "?g0.expr=up" {
            break;
        }
        sleep(10).await;
    }
    assert_eq!(location.query.get_untracked(), "?g0.expr=up", "the same address again is no step");
    location.replace(&path, "");
}

#[wasm_bindgen_test]
async fn preferences_and_targets_are_there_at_the_next_visit() {
    storage::set("promenade.theme", "");
    // Effects run where something is mounted.
    leptos::mount::mount_to_body(|| Settings::load().theme.set(Theme::Dark));
    for _ in 0..100 {
        if storage::get("promenade.theme").as_deref() == Some("dark") {
            break;
        }
        sleep(10).await;
    }
    let root = document().document_element().expect("a root");
    assert_eq!(root.get_attribute("data-theme").as_deref(), Some("dark"));
    leptos::mount::mount_to_body(|| assert_eq!(Settings::load().theme.get_untracked(), Theme::Dark));
    let spec = TargetSpec::new("host:9100");
    targets::change(|stored| {
        stored.clear();
        targets::put(stored, TargetId(3), &spec);
    });
    assert_eq!(targets::load(), Some(vec![targets::StoredTarget { id: TargetId(3), spec }]));
}
