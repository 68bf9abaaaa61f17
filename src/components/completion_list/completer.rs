//! The state behind the completion list: when it is open, what it offers, which item is chosen. Names of
//! labels and their values are asked of the worker once and kept until the metrics change.

use super::rank::{self, MetricName};
use crate::client::Client;
use crate::live::{effect, memo};
use crate::state::sources::{PanelSource, Sources};
use leptos::prelude::*;
use promql::complete::{Completion, Item, Want, complete};
use protocol::{FamilyInfo, Lookup, SourceChoice, WireMatcher};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// So many names or values are asked of the worker: ranking needs all of them, more do not fit a list.
const LOOKUP_LIMIT: u32 = 10_000;

/// What is offered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offer {
    /// The best, in order.
    pub items: Vec<Item>,
    /// How many fit.
    pub total: usize,
}

/// What a key does to an open list.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyEffect {
    /// Nothing: the field takes the key.
    Pass,
    /// It moved in the list or closed it.
    Done,
    /// This item is taken.
    Take(Item),
}

/// The completion of one field.
#[derive(Clone, Copy)]
pub struct Completer {
    draft: RwSignal<String>,
    cursor: RwSignal<usize>,
    is_open: RwSignal<bool>,
    /// Opened with a key: says so if there is nothing.
    is_asked: RwSignal<bool>,
    /// The chosen item moved away from the best one.
    has_moved: RwSignal<bool>,
    /// Which item is chosen.
    pub active: RwSignal<usize>,
    /// What can stand at the cursor, while the list is open.
    pub completion: Memo<Option<Completion>>,
    /// What is offered.
    pub offer: Memo<Offer>,
}

impl Completer {
    /// For a text and the cursor in it, in bytes.
    #[must_use]
    pub fn new(draft: RwSignal<String>, cursor: RwSignal<usize>) -> Self {
        let choice =
            use_context::<PanelSource>().map_or_else(|| Signal::stored(SourceChoice::Local), |source| source.0);
        let families = expect_context::<Sources>().families(choice);
        let is_open = RwSignal::new(false);
        let completion = memo(move |_| is_open.get().then(|| draft.with(|src| complete(src, cursor.get()))));
        let found = looked_up(choice, families, completion);
        let offer = memo(move |_| {
            let families = families.get();
            completion.with(|completion| {
                let Some(completion) = completion else {
                    return Offer::default();
                };
                let metrics: Vec<MetricName> = families
                    .iter()
                    .flat_map(|family| {
                        family.metrics.iter().map(|name| MetricName { name, kind: &family.kind, help: &family.help })
                    })
                    .collect();
                let values: Vec<String> = found.with(|found| {
                    let keys = completion.wants.iter().filter_map(lookup_of).map(|lookup| key_of(&lookup));
                    keys.filter_map(|key| found.get(&key)).flat_map(|values| values.iter().cloned()).collect()
                });
                let items = draft.with(|src| rank::candidates(src, completion, &metrics, &values));
                let (items, total) = rank::ranked(items, &completion.prefix);
                Offer { items, total }
            })
        });
        Completer {
            draft,
            cursor,
            is_open,
            is_asked: RwSignal::new(false),
            has_moved: RwSignal::new(false),
            active: RwSignal::new(0),
            completion,
            offer,
        }
    }

    /// Whether the list is to be seen.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.is_open.get() && (self.is_asked.get() || self.offer.with(|offer| !offer.items.is_empty()))
    }

    /// The user typed or deleted something.
    pub fn typed(&self) {
        let (has_prefix, is_narrow) = self.at_cursor();
        self.reset(has_prefix || is_narrow);
    }

    /// An item was taken: the list stays open only where the next thing is named by the data.
    pub fn continued(&self) {
        let (has_prefix, is_narrow) = self.at_cursor();
        self.reset(is_narrow && !has_prefix);
    }

    /// The user asked for the list.
    pub fn ask(&self) {
        self.reset(true);
        self.is_asked.set(true);
    }

    /// The list goes.
    pub fn close(&self) {
        if self.is_open.get_untracked() {
            self.reset(false);
        }
    }

    fn reset(&self, is_open: bool) {
        self.active.set(0);
        self.has_moved.set(false);
        self.is_asked.set(false);
        self.is_open.set(is_open);
    }

    /// Whether something was typed of the word at the cursor, and whether only labels, values or durations
    /// can stand there.
    fn at_cursor(&self) -> (bool, bool) {
        let completion = self.draft.with_untracked(|src| complete(src, self.cursor.get_untracked()));
        let is_narrow = completion
            .wants
            .iter()
            .any(|want| matches!(want, Want::LabelNames { .. } | Want::LabelValues { .. } | Want::Durations(_)));
        (!completion.prefix.is_empty() && !completion.wants.is_empty(), is_narrow)
    }

    /// What a key means while the list is open.
    #[must_use]
    pub fn key(&self, key: &str) -> KeyEffect {
        let is_shown = untrack(|| self.is_shown());
        let n_items = self.offer.with_untracked(|offer| offer.items.len());
        if !is_shown {
            return KeyEffect::Pass;
        }
        match key {
            "Escape" => self.close(),
            "ArrowDown" => self.move_by(1, n_items),
            "ArrowUp" => self.move_by(n_items.saturating_sub(1), n_items),
            "PageDown" => self.move_to((self.active.get_untracked() + 8).min(n_items.saturating_sub(1))),
            "PageUp" => self.move_to(self.active.get_untracked().saturating_sub(8)),
            "Enter" | "Tab" => {
                return match self.chosen() {
                    Some(item) if key == "Tab" || !self.is_whole() => KeyEffect::Take(item),
                    _ => KeyEffect::Pass,
                };
            }
            _ => return KeyEffect::Pass,
        }
        KeyEffect::Done
    }

    fn move_by(&self, by: usize, n_items: usize) {
        if n_items > 0 {
            self.move_to((self.active.get_untracked() + by) % n_items);
        }
    }

    fn move_to(&self, idx: usize) {
        self.has_moved.set(true);
        self.active.set(idx);
    }

    fn chosen(&self) -> Option<Item> {
        self.offer.with_untracked(|offer| offer.items.get(self.active.get_untracked()).cloned())
    }

    /// Whether the word at the cursor is one that is offered, and nobody chose another: Enter runs then.
    fn is_whole(&self) -> bool {
        !self.has_moved.get_untracked()
            && self.completion.with_untracked(|completion| {
                completion.as_ref().is_some_and(|completion| {
                    self.draft.with_untracked(|src| {
                        self.offer
                            .with_untracked(|offer| offer.items.iter().any(|i| rank::is_complete(src, completion, i)))
                    })
                })
            })
    }

    /// Text and cursor after an item was taken: the bytes to replace, the new text of them, the cursor.
    #[must_use]
    pub fn taken(&self, item: &Item) -> Option<(promql::Span, String, usize)> {
        let completion = self.completion.get_untracked()?;
        let (_, cursor) = self.draft.with_untracked(|src| rank::taken(src, &completion, item));
        Some((completion.replace, item.insert.clone(), cursor))
    }
}

type Found = BTreeMap<String, Arc<Vec<String>>>;

/// What the worker answered, by question; asks what an open list wants to know.
fn looked_up(
    choice: Signal<SourceChoice>,
    families: Memo<Arc<Vec<FamilyInfo>>>,
    completion: Memo<Option<Completion>>,
) -> RwSignal<Found> {
    let client = expect_context::<Client>();
    let found = RwSignal::new(Found::new());
    let asked = StoredValue::new(BTreeSet::<String>::new());
    effect(move || {
        families.track();
        choice.track();
        asked.set_value(BTreeSet::new());
        found.set(Found::new());
    });
    effect(move || {
        families.track();
        let choice = choice.get();
        let lookups: Vec<Lookup> = completion.with(|c| c.iter().flat_map(|c| &c.wants).filter_map(lookup_of).collect());
        for lookup in lookups {
            let key = key_of(&lookup);
            if asked.try_update_value(|asked| asked.insert(key.clone())) == Some(true) {
                client.lookup(choice, lookup, LOOKUP_LIMIT, move |values, _| {
                    // The panel may be closed by now.
                    found.try_update(|found| found.insert(key, Arc::new(values)));
                });
            }
        }
    });
    found
}

fn lookup_of(want: &Want) -> Option<Lookup> {
    let wire = |matchers: &[model::Matcher]| matchers.iter().map(WireMatcher::from).collect();
    match want {
        Want::LabelNames { matchers } => Some(Lookup::LabelNames { matchers: wire(matchers) }),
        Want::LabelValues { label, matchers, .. } => {
            Some(Lookup::LabelValues { label: label.clone(), matchers: wire(matchers) })
        }
        Want::MetricNames | Want::Functions | Want::Aggregations | Want::Keywords(_) | Want::Durations(_) => None,
    }
}

fn key_of(lookup: &Lookup) -> String {
    format!("{lookup:?}")
}
