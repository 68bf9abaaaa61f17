//! The lines of a body that are on the page: of megabytes those in sight, each in its colours.
//!
//! Lines of one height are drawn as they come into sight, between two empty boxes as high as all others. Lines that wrap
//! have no height that is known before they are drawn: of them a part is drawn, and more on demand.

use super::super::check::Place;
use super::super::highlight::{Token, marked, tokens};
use super::super::lines::{Hit, LINES_A_PART, Lines, at_column, in_sight};
use crate::components::show::Show;
use crate::live::{effect, handler, live, memo, view};
use crate::texts::targets as texts;
use leptos::html::Div;
use leptos::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// The height of a line that does not wrap, CSS pixels; `style/targets.css` has it too.
const LINE_PX: f64 = 20.0;

/// What is assumed of the height of the box before it is there, CSS pixels.
const HEIGHT_PX: f64 = 800.0;

/// What is looked at of a body, and how. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct View {
    pub(super) lines: StoredValue<Arc<Lines>>,
    pub(super) search: RwSignal<String>,
    pub(super) hits: Memo<Arc<Vec<Hit>>>,
    /// The place that one went to last, from 0; `None` before that.
    pub(super) at_hit: RwSignal<Option<usize>>,
    /// Part of the names of the families that are shown.
    pub(super) family: RwSignal<String>,
    pub(super) only_hits: RwSignal<bool>,
    pub(super) wraps: RwSignal<bool>,
    /// The lines that may be seen, by index; `None`: all.
    picked: Memo<Option<Arc<Vec<u32>>>>,
    /// Those of them that are drawn, by their places among them.
    drawn: RwSignal<Range<usize>>,
    /// A place that is wrong.
    wrong: RwSignal<Option<Place>>,
    /// The line to bring into sight, and how often that was asked.
    wanted: RwSignal<Option<(u32, u32)>>,
    frame: NodeRef<Div>,
}

impl View {
    pub(super) fn new(lines: Arc<Lines>, wrong: Option<Place>) -> Self {
        let (search, family) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
        let only_hits = RwSignal::new(false);
        let searched = lines.clone();
        let hits = memo(move |_| Arc::new(searched.search(search.read().trim())));
        let filtered = lines.clone();
        let picked = memo(move |_| {
            let family = family.read();
            let keeps_hits = only_hits.get() && !search.read().trim().is_empty();
            let of_family = (!family.trim().is_empty()).then(|| filtered.of_families(family.trim()));
            let with_hit = keeps_hits.then(|| {
                let mut with_hit: Vec<u32> = hits.read().iter().map(|hit| hit.line).collect();
                with_hit.dedup();
                with_hit
            });
            match (of_family, with_hit) {
                (None, None) => None,
                (Some(lines), None) | (None, Some(lines)) => Some(Arc::new(lines)),
                (Some(lines), Some(with)) => {
                    Some(Arc::new(lines.into_iter().filter(|line| with.binary_search(line).is_ok()).collect()))
                }
            }
        });
        let n_lines = lines.len();
        let view = View {
            lines: StoredValue::new(lines),
            search,
            hits,
            at_hit: RwSignal::new(None),
            family,
            only_hits,
            wraps: RwSignal::new(false),
            picked,
            drawn: RwSignal::new(in_sight(n_lines, 0.0, HEIGHT_PX, LINE_PX)),
            wrong: RwSignal::new(wrong),
            wanted: RwSignal::new(None),
            frame: NodeRef::new(),
        };
        if let Some((line, _)) = wrong {
            view.show_line(line.saturating_sub(1));
        }
        view
    }

    fn n_lines(self) -> usize {
        match &*self.picked.read_untracked() {
            Some(picked) => picked.len(),
            None => self.lines.with_value(|lines| lines.len()),
        }
    }

    /// The lines that may be seen changed: back to their beginning.
    fn restart(self) {
        if let Some(frame) = self.frame.get_untracked() {
            frame.set_scroll_top(0);
        }
        self.draw(0.0);
    }

    fn draw(self, top_px: f64) {
        let height = self.frame.get_untracked().map_or(HEIGHT_PX, |frame| f64::from(frame.client_height()));
        let n_lines = self.n_lines();
        let drawn = if self.wraps.get_untracked() {
            0..LINES_A_PART.min(n_lines)
        } else {
            in_sight(n_lines, top_px, height, LINE_PX)
        };
        if self.drawn.get_untracked() != drawn {
            self.drawn.set(drawn);
        }
    }

    pub(super) fn look_for(self, text: String) {
        self.search.set(text);
        self.at_hit.set(None);
        if self.only_hits.get_untracked() {
            self.restart();
        } else {
            self.next_hit(false);
        }
    }

    pub(super) fn keep_to(self, family: String) {
        self.family.set(family);
        self.restart();
    }

    pub(super) fn keep_hits(self, only: bool) {
        self.only_hits.set(only);
        self.restart();
    }

    pub(super) fn wrap(self, wraps: bool) {
        self.wraps.set(wraps);
        self.restart();
    }

    /// Goes to the next place that was found, or to the one before; around the ends.
    pub(super) fn next_hit(self, back: bool) {
        let n_hits = self.hits.read_untracked().len();
        if n_hits == 0 {
            return;
        }
        let next = match (self.at_hit.get_untracked(), back) {
            (None, false) => 0,
            (None, true) | (Some(0), true) => n_hits - 1,
            (Some(at), true) => at - 1,
            (Some(at), false) => (at + 1) % n_hits,
        };
        self.at_hit.set(Some(next));
        let line = self.hits.read_untracked().get(next).map(|hit| hit.line);
        if let Some(line) = line {
            self.show_line(line);
        }
    }

    /// Marks a place as wrong and goes there.
    pub(super) fn mark(self, place: Place) {
        self.search.set(String::new());
        self.at_hit.set(None);
        self.wrong.set(Some(place));
        self.show_line(place.0.saturating_sub(1));
    }

    /// Draws the lines around one, by its index, and brings it into the middle.
    fn show_line(self, line: u32) {
        let place = match &*self.picked.read_untracked() {
            Some(picked) => picked.binary_search(&line).ok(),
            None => Some(line as usize),
        };
        let Some(place) = place else {
            // It is hidden: the filters go.
            self.family.set(String::new());
            self.only_hits.set(false);
            if self.picked.read_untracked().is_none() {
                self.show_line(line);
            }
            return;
        };
        let n_lines = self.n_lines();
        self.drawn.set(if self.wraps.get_untracked() {
            let start = place.saturating_sub(LINES_A_PART / 2);
            start..(start + LINES_A_PART).min(n_lines)
        } else {
            in_sight(n_lines, place as f64 * LINE_PX - HEIGHT_PX / 2.0, HEIGHT_PX, LINE_PX)
        });
        self.wanted.update(|wanted| *wanted = Some((line, wanted.map_or(0, |(_, n)| n.wrapping_add(1)))));
    }

    fn more(self, earlier: bool) {
        let n_lines = self.n_lines();
        self.drawn.update(|drawn| {
            if earlier {
                drawn.start = drawn.start.saturating_sub(LINES_A_PART);
            } else {
                drawn.end = (drawn.end + LINES_A_PART).min(n_lines);
            }
        });
    }
}

/// The lines.
#[component]
pub(super) fn Listing(view: View) -> impl IntoView {
    let View { drawn, picked, wraps, frame, wanted, .. } = view;
    bring_into_sight(frame, wanted);
    let on_scroll = move |_| {
        if !wraps.get_untracked()
            && let Some(frame) = frame.get_untracked()
        {
            view.draw(f64::from(frame.scroll_top()));
        }
    };
    let rows = move || {
        let (drawn, picked) = (drawn.get(), picked.get());
        let hits = view.hits.get();
        let at_hit = view.at_hit.get().and_then(|at| hits.get(at).copied());
        let wrong = view.wrong.get();
        let lines = view.lines.get_value();
        let of_place = |place: usize| match &picked {
            Some(picked) => picked.get(place).copied(),
            None => Some(place as u32),
        };
        drawn.filter_map(of_place).filter_map(|idx| row(&lines, idx, &hits, at_hit, wrong)).collect_view()
    };
    let n_lines = memo(move |_| match &*picked.read() {
        Some(picked) => picked.len(),
        None => view.lines.with_value(|lines| lines.len()),
    });
    // Before and behind what is drawn.
    let before = move || if wraps.get() { 0 } else { drawn.read().start };
    let behind = move || if wraps.get() { 0 } else { n_lines.get().saturating_sub(drawn.read().end) };
    let height = |n_lines: usize| format!("{}px", n_lines as f64 * LINE_PX);
    let earlier = move || wraps.get() && drawn.read().start > 0;
    let later = move || wraps.get() && drawn.read().end < n_lines.get();
    view! {
        <Show when=earlier><button type="button" on:click=handler(move |_| view.more(true))>{texts::RAW_EARLIER}</button></Show>
        <div class="raw-frame" class:is-wrapped=wraps tabindex="0" role="region" aria-label=texts::RAW_BODY node_ref=frame on:scroll=handler(on_scroll)>
            <div style:height=move || height(before())></div>
            <ol class="raw-lines mono" aria-label=texts::RAW_LINES>{live(rows)}</ol>
            <div style:height=move || height(behind())></div>
        </div>
        <Show when=later><button type="button" on:click=handler(move |_| view.more(false))>{texts::RAW_LATER}</button></Show>
    }
}

/// A line with its colours, what was searched for in it, and what is wrong with it.
fn row(lines: &Lines, idx: u32, hits: &[Hit], at_hit: Option<Hit>, wrong: Option<Place>) -> Option<AnyView> {
    let line = lines.line(idx as usize)?;
    let text = line.text;
    let wrong = wrong.filter(|(number, _)| *number as usize == line.number).map(|(_, column)| at_column(&text, column));
    let first = hits.partition_point(|hit| hit.line < idx);
    let own = hits.iter().skip(first).take_while(|hit| hit.line == idx);
    let mut marks: Vec<(Range<usize>, &'static str)> = own
        .map(|hit| (hit.start as usize..hit.end as usize, if at_hit == Some(*hit) { "is-at" } else { "" }))
        .filter(|(range, _)| range.end <= text.len())
        .filter(|(range, _)| wrong.as_ref().is_none_or(|wrong| range.end <= wrong.start || wrong.end <= range.start))
        .collect();
    if let Some(wrong) = wrong.clone().filter(|wrong| !wrong.is_empty()) {
        marks.push((wrong, "is-wrong"));
        model::sort::by_key(&mut marks, |(range, _)| range.start);
    }
    let ranges: Vec<Range<usize>> = marks.iter().map(|(range, _)| range.clone()).collect();
    let pieces = marked(&tokens(&text), &ranges).into_iter().map(|(token, range, mark)| {
        let piece = text.get(range).unwrap_or_default().to_owned();
        match mark.and_then(|mark| marks.get(mark)) {
            Some(&(_, class)) => view! { <mark class=class>{piece}</mark> },
            None if token == Token::Plain => piece.into_any(),
            None => view! { <span class=token.class()>{piece}</span> },
        }
    });
    let pieces = pieces.collect_view();
    let more = (line.n_more > 0).then(|| view! { <span class="muted">{texts::raw_more(line.n_more)}</span> });
    // An error at the end of a line is marked all the same.
    let end = wrong.as_ref().is_some_and(Range::is_empty).then(|| view! { <mark class="is-wrong">"\u{23ce}"</mark> });
    let is_bad = wrong.is_some();
    Some(view! {
        <li class:is-bad=is_bad aria-current=is_bad.then_some("true") value=line.number.to_string()>{pieces}{end}{more}</li>
    })
}

/// Brings the line that is wanted into the middle, in the frame after it is drawn.
fn bring_into_sight(frame: NodeRef<Div>, wanted: RwSignal<Option<(u32, u32)>>) {
    effect(move || {
        let (Some((line, _)), Some(frame)) = (wanted.get(), frame.get()) else { return };
        request_animation_frame(move || {
            let found = frame.query_selector(&format!("li[value=\"{}\"]", line + 1)).ok().flatten();
            // Not `scrollIntoView`, which would move the numbers out of sight, too.
            if let Some(found) = found {
                let below = found.get_bounding_client_rect().top() - frame.get_bounding_client_rect().top();
                let middle = f64::from(frame.client_height()) / 2.0;
                frame.set_scroll_top(frame.scroll_top() + (below - middle) as i32);
            }
        });
    });
}
