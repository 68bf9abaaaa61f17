//! Watches the plot's size and whether it is there to be seen, and puts off work until the browser draws its next frame.

use super::picture::{Picture, Size};
use crate::canvas::UNITS_PER_PX;
use crate::live::effect;
use frame::Points;
use leptos::html::Div;
use leptos::prelude::*;
use std::sync::Arc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{MediaQueryList, ResizeObserver};

/// An element as it is on the page.
#[derive(Clone, Copy)]
pub struct Watched {
    /// The last size that was not nothing.
    pub size: RwSignal<Size>,
    /// Whether it has a size now: what is hidden has none.
    pub is_there: RwSignal<bool>,
}

/// The size of an element, as soon as it is on the page and whenever it changes, also when the page is zoomed or moved to a
/// screen with finer pixels.
pub fn size_of(node: NodeRef<Div>) -> Watched {
    let watched = Watched { size: RwSignal::new(Size::default()), is_there: RwSignal::new(false) };
    let held = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn Fn()>)>);
    let measure = move || {
        let Some(Some(element)) = node.try_get_untracked() else {
            return;
        };
        let (width, height) = (f64::from(element.client_width()), f64::from(element.client_height()));
        let now = Size { width, height, dpr: window().device_pixel_ratio().clamp(0.5, 8.0) };
        let is_there = width > 0.0 && height > 0.0;
        // The element is hidden, or the page gone: the picture stays as it was.
        if is_there && watched.size.try_get_untracked().is_some_and(|before| before != now) {
            watched.size.set(now);
        }
        if watched.is_there.try_get_untracked().is_some_and(|before| before != is_there) {
            watched.is_there.set(is_there);
        }
    };
    effect(move || {
        let Some(element) = node.get() else {
            return;
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
    on_resolution(measure);
    watched
}

/// Calls `measure` when the ratio of device to CSS pixels changes: the element's size in CSS pixels may stay what it was.
fn on_resolution(measure: impl Fn() + Copy + 'static) {
    type Listener = (MediaQueryList, Closure<dyn Fn()>);
    let held = StoredValue::new_local(None::<Listener>);
    let changes = RwSignal::new(0u32);
    // A query can only ask for one ratio, so each change needs the next one.
    effect(move || {
        changes.track();
        measure();
        let query = format!("(resolution: {}dppx)", window().device_pixel_ratio());
        let Ok(Some(query)) = window().match_media(&query) else {
            return;
        };
        let on_change = Closure::<dyn Fn()>::new(move || {
            changes.try_update(|n| *n = n.wrapping_add(1));
        });
        query.set_onchange(Some(on_change.as_ref().unchecked_ref()));
        let before = held.try_update_value(|held| held.replace((query, on_change))).flatten();
        if let Some((query, _)) = &before {
            query.set_onchange(None);
        }
        // It may be the one that is running: it goes after it has ended.
        set_timeout(move || drop(before), Duration::ZERO);
    });
    on_cleanup(move || {
        if let Some(Some((query, _))) = held.try_update_value(Option::take) {
            query.set_onchange(None);
        }
    });
}

/// How wide a plot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlotWidth {
    /// It is hidden, and nothing is to be asked for it.
    Hidden,
    /// So many device pixels, before anything was drawn or after a resizing: the texts of the axes are not known.
    About(u32),
    /// So many device pixels, as it was drawn.
    Drawn {
        /// How many.
        px: u32,
        /// How many the whole element has.
        element_px: u32,
        /// Points were left out for the width that was asked for.
        is_decimated: bool,
    },
}

impl PlotWidth {
    /// Of a picture.
    #[must_use]
    pub fn of(picture: &Picture) -> Self {
        let px = f64::from(picture.drawing.layout.plot.width()) / f64::from(UNITS_PER_PX);
        let series = &picture.answer.frame.series;
        let is_decimated = series.iter().any(|series| matches!(series.points, Points::Sparse { .. }));
        PlotWidth::Drawn { px: px.round().max(1.0) as u32, element_px: picture.size.device().0, is_decimated }
    }
}

/// A resizing is over when it has stood still for so long.
const SETTLED: Duration = Duration::from_millis(150);

/// Tells how wide the plot is: about, at once when that is first known and later when a resizing is over; exactly, when it
/// was drawn; and that it is hidden.
pub fn report_width(watched: Watched, picture: RwSignal<Option<Arc<Picture>>>, on_width: Callback<PlotWidth>) {
    let reported = StoredValue::new(None::<PlotWidth>);
    let timer = StoredValue::new_local(None::<TimeoutHandle>);
    let report = move |width: PlotWidth| {
        if reported.try_get_value().is_some_and(|before| before != Some(width)) {
            reported.set_value(Some(width));
            on_width.run(width);
        }
    };
    effect(move || {
        let (size, is_there) = (watched.size.get(), watched.is_there.get());
        if let Some(waiting) = timer.try_update_value(Option::take).flatten() {
            waiting.clear();
        }
        if !is_there || size.width <= 0.0 {
            if reported.with_value(Option::is_some) {
                report(PlotWidth::Hidden);
            }
            return;
        }
        let px = (chart::layout::usual_plot_width(size.width) * size.dpr).round().max(1.0) as u32;
        let settled = move || {
            timer.try_set_value(None);
            let drawn = picture.try_with_untracked(|p| p.as_ref().filter(|p| p.size == size).map(|p| PlotWidth::of(p)));
            report(drawn.flatten().unwrap_or(PlotWidth::About(px)));
        };
        if reported.with_value(|before| matches!(before, None | Some(PlotWidth::Hidden))) {
            settled();
        } else if let Ok(handle) = set_timeout_with_handle(settled, SETTLED) {
            timer.set_value(Some(handle));
        }
    });
    effect(move || {
        let drawn = picture.with(|picture| picture.as_ref().map(|p| (PlotWidth::of(p), p.size)));
        // While it is resized the picture is of a size that nothing was asked for.
        if let Some((width, size)) = drawn
            && size == watched.size.get_untracked()
            && timer.with_value(Option::is_none)
        {
            report(width);
        }
    });
    on_cleanup(move || {
        if let Some(Some(waiting)) = timer.try_update_value(Option::take) {
            waiting.clear();
        }
    });
}

/// A function that has `work` done before the next frame, once however often it is called until then. A hidden tab has no
/// frames: what was due is done once when it is seen again.
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
