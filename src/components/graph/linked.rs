//! The time at the cursor of one graph, for all others on the page.

use leptos::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

/// Tells graphs apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraphId(u32);

impl GraphId {
    /// One that no other graph has.
    pub fn fresh() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        GraphId(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Where the cursor is, and on which graph. A page with several graphs provides one as a context.
#[derive(Clone, Copy, Default)]
pub struct LinkedCursor {
    at: RwSignal<Option<(GraphId, f64)>>,
}

impl LinkedCursor {
    /// The cursor of a graph is at a time (ms since the epoch), or gone.
    pub fn put(&self, of: GraphId, t: Option<f64>) {
        let now = t.map(|t| (of, t));
        let before = self.at.try_get_untracked().flatten();
        // A graph takes away only what it has put there.
        let is_other = before.is_some_and(|(other, _)| other != of);
        if before != now && (now.is_some() || !is_other) {
            self.at.try_set(now);
        }
    }

    /// The time at the cursor of another graph.
    pub fn elsewhere(&self, than: GraphId) -> Option<f64> {
        self.at.get().filter(|(of, _)| *of != than).map(|(_, t)| t)
    }
}
