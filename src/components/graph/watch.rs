//! Watches the plot's size, and puts off work until the browser draws its next frame.

use super::picture::Size;
use crate::live::effect;
use leptos::html::Div;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::ResizeObserver;

/// The size of an element, as soon as it is on the page and whenever it changes.
pub fn size_of(node: NodeRef<Div>) -> RwSignal<Size> {
    let size = RwSignal::new(Size::default());
    let held = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn Fn()>)>);
    effect(move || {
        let Some(element) = node.get() else {
            return;
        };
        let measure = {
            let element = element.clone();
            move || {
                let (width, height) = (f64::from(element.client_width()), f64::from(element.client_height()));
                let now = Size { width, height, dpr: window().device_pixel_ratio().clamp(0.5, 8.0) };
                // The element is hidden, or the page gone: the picture stays as it was.
                if width > 0.0 && height > 0.0 && size.try_get_untracked().is_some_and(|before| before != now) {
                    size.set(now);
                }
            }
        };
        measure();
        let on_resize = Closure::<dyn Fn()>::new(measure);
        if let Ok(observer) = ResizeObserver::new(on_resize.as_ref().unchecked_ref()) {
            observer.observe(&element);
            held.set_value(Some((observer, on_resize)));
        }
    });
    on_cleanup(move || {
        if let Some(Some((observer, _))) = held.try_update_value(Option::take) {
            observer.disconnect();
        }
    });
    size
}

/// A resizing is over when it has stood still for so long.
const SETTLED: Duration = Duration::from_millis(150);

/// Tells how many device pixels wide the plot is: at once when that is first known, later when a
/// resizing is over.
pub fn report_width(size: RwSignal<Size>, on_width: Callback<u32>) {
    let reported = StoredValue::new(0u32);
    let timer = StoredValue::new_local(None::<TimeoutHandle>);
    effect(move || {
        let size = size.get();
        if size.width <= 0.0 {
            return;
        }
        let width = (chart::layout::usual_plot_width(size.width) * size.dpr).round().max(1.0) as u32;
        let report = move || {
            if reported.try_get_value().is_some_and(|before| before != width) {
                reported.set_value(width);
                on_width.run(width);
            }
        };
        if let Some(waiting) = timer.try_update_value(Option::take).flatten() {
            waiting.clear();
        }
        if reported.get_value() == 0 {
            report();
        } else if let Ok(handle) = set_timeout_with_handle(report, SETTLED) {
            timer.set_value(Some(handle));
        }
    });
    on_cleanup(move || {
        if let Some(Some(waiting)) = timer.try_update_value(Option::take) {
            waiting.clear();
        }
    });
}

/// A function that has `work` done before the next frame, once however often it is called until then.
pub fn once_a_frame(work: impl Fn() + Clone + 'static) -> impl Fn() + Clone + 'static {
    let is_waiting = StoredValue::new(false);
    move || {
        if is_waiting.try_get_value() != Some(false) {
            return;
        }
        is_waiting.set_value(true);
        let work = work.clone();
        request_animation_frame(move || {
            // The component may be gone by now.
            if is_waiting.try_set_value(false).is_none() {
                work();
            }
        });
    }
}
