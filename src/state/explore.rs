//! The panels of the query page: read from the address, named so that each keeps its identity while the
//! address changes, and changed only by writing the address.

use crate::browser::location::Location;
use crate::live::memo;
use crate::state::url::graph::GraphState;
use crate::state::url::{MAX_PANELS, PanelState, QueryState, Tab};
use crate::texts::explore::FIRST_EXPR;
use leptos::prelude::*;
use protocol::PanelId;
use std::sync::atomic::{AtomicU32, Ordering};

/// What a first visit shows; it is written into the address with the user's first change.
const FIRST_RANGE_MS: i64 = 300_000;
const FIRST_REFRESH_MS: u32 = 5_000;

/// A panel that is open.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenPanel {
    /// Stays the same for as long as it is open.
    pub id: PanelId,
    /// What it shows.
    pub state: PanelState,
}

/// What the query page shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExploreState {
    /// The panels, from the top; never empty.
    pub panels: Vec<OpenPanel>,
    /// Ask again every so many milliseconds.
    pub refresh_ms: Option<u32>,
    /// The address said nothing: this is what a first visit shows.
    pub is_first: bool,
}

impl ExploreState {
    /// Reads an address; panels that were open before keep their identity.
    #[must_use]
    pub fn read(query: &str, before: Option<&ExploreState>, fresh: &mut dyn FnMut() -> PanelId) -> Self {
        let mut read = QueryState::decode(query);
        let is_first = read.panels.is_empty();
        if is_first {
            let refresh_ms = read.refresh_ms;
            read = first_view();
            read.refresh_ms = refresh_ms.or(read.refresh_ms);
        }
        let old = before.map_or(&[] as &[OpenPanel], |before| &before.panels);
        ExploreState { panels: identified(old, read.panels, fresh), refresh_ms: read.refresh_ms, is_first }
    }

    /// The same without identities, as it is written into the address.
    #[must_use]
    pub fn bare(&self) -> QueryState {
        QueryState { panels: self.panels.iter().map(|p| p.state.clone()).collect(), refresh_ms: self.refresh_ms }
    }

    /// Where a panel stands, from 0.
    #[must_use]
    pub fn position(&self, id: PanelId) -> Option<usize> {
        self.panels.iter().position(|p| p.id == id)
    }
}

fn first_view() -> QueryState {
    let panel = PanelState { expr: FIRST_EXPR.to_owned(), range_ms: FIRST_RANGE_MS, ..PanelState::default() };
    QueryState { panels: vec![panel], refresh_ms: Some(FIRST_REFRESH_MS) }
}

/// Gives each panel the identity of the one it was: equal panels first (a longest common subsequence),
/// then, between those, changed ones in their order. What is left over is new.
fn identified(old: &[OpenPanel], new: Vec<PanelState>, fresh: &mut dyn FnMut() -> PanelId) -> Vec<OpenPanel> {
    // common[i][j]: how many panels old[i..] and new[j..] have in common. Both are at most MAX_PANELS long.
    let mut common = vec![vec![0u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] =
                if old[i].state == new[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let mut ids: Vec<Option<PanelId>> = vec![None; new.len()];
    let (mut i, mut j) = (0, 0);
    let (mut changed_old, mut changed_new) = (Vec::new(), Vec::new());
    loop {
        let is_end = i == old.len() || j == new.len();
        let is_equal = !is_end && old[i].state == new[j];
        if is_end {
            changed_old.extend(i..old.len());
            changed_new.extend(j..new.len());
        }
        if is_end || is_equal {
            for (from, to) in changed_old.drain(..).zip(changed_new.drain(..)) {
                ids[to] = Some(old[from].id);
            }
            changed_old.clear();
            changed_new.clear();
        }
        if is_end {
            break;
        }
        if is_equal {
            ids[j] = Some(old[i].id);
            (i, j) = (i + 1, j + 1);
        } else if common[i + 1][j] >= common[i][j + 1] {
            changed_old.push(i);
            i += 1;
        } else {
            changed_new.push(j);
            j += 1;
        }
    }
    let with_ids = new.into_iter().zip(ids);
    with_ids.map(|(state, id)| OpenPanel { id: id.unwrap_or_else(&mut *fresh), state }).collect()
}

/// A panel that was removed, and where it stood.
#[derive(Clone, Debug, PartialEq)]
pub struct Removed {
    /// From 0.
    pub position: usize,
    /// What it showed.
    pub state: PanelState,
}

/// The query page's state, and every way to change it. Each change is a step of the browser's history.
#[derive(Clone, Copy)]
pub struct Explore {
    location: Location,
    /// What is shown.
    pub state: Memo<ExploreState>,
    /// What was removed last and can be brought back.
    pub removed: RwSignal<Option<Removed>>,
    /// The panel that was used last; picked metrics go there.
    pub active: RwSignal<Option<PanelId>>,
}

impl Explore {
    /// Follows the address.
    #[must_use]
    pub fn follow(location: Location) -> Self {
        let state = memo(move |before: Option<&ExploreState>| {
            location.query.with(|query| ExploreState::read(query, before, &mut fresh_id))
        });
        Explore { location, state, removed: RwSignal::new(None), active: RwSignal::new(None) }
    }

    /// Changes what is shown.
    pub fn edit(&self, change: impl FnOnce(&mut QueryState)) {
        let mut state = self.state.with_untracked(ExploreState::bare);
        change(&mut state);
        let path = self.location.path.get_untracked();
        self.location.push(&path, &state.encode());
    }

    /// Changes what is shown, as a part of the last change: the way back undoes both.
    pub fn amend(&self, change: impl FnOnce(&mut QueryState)) {
        let mut state = self.state.with_untracked(ExploreState::bare);
        change(&mut state);
        let path = self.location.path.get_untracked();
        self.location.replace(&path, &state.encode());
    }

    /// Changes one panel's range; `joins` makes it a part of the last change.
    pub fn set_range(&self, id: PanelId, range_ms: i64, end_ms: Option<i64>, joins: bool) {
        let Some(position) = self.position(id) else {
            return;
        };
        let change = |state: &mut QueryState| {
            if let Some(panel) = state.panels.get_mut(position) {
                (panel.range_ms, panel.end_ms) = (range_ms, end_ms);
            }
        };
        if joins { self.amend(change) } else { self.edit(change) }
    }

    /// Changes one panel.
    pub fn edit_panel(&self, id: PanelId, change: impl FnOnce(&mut PanelState)) {
        let Some(position) = self.position(id) else {
            return;
        };
        self.edit(|state| {
            if let Some(panel) = state.panels.get_mut(position) {
                change(panel);
            }
        });
    }

    /// Adds an empty panel below the others, with the time range of the last one.
    pub fn add(&self) {
        self.edit(|state| {
            let like = state.panels.last().cloned().unwrap_or_default();
            state.panels.push(of_another(String::new(), &like));
        });
        self.active.set(self.last_id());
    }

    /// Puts a copy below a panel.
    pub fn duplicate(&self, id: PanelId) {
        let Some(position) = self.position(id) else {
            return;
        };
        self.edit(|state| {
            if let Some(panel) = state.panels.get(position).cloned() {
                state.panels.insert(position + 1, panel);
            }
        });
    }

    /// Takes a panel away; [`Explore::undo_removal`] brings it back. The last one leaves an empty one.
    pub fn remove(&self, id: PanelId) {
        let Some(position) = self.position(id) else {
            return;
        };
        let mut removed = None;
        self.edit(|state| {
            removed = Some(state.panels.remove(position));
            if state.panels.is_empty() {
                state.panels.push(PanelState::default());
            }
        });
        self.removed.set(removed.map(|state| Removed { position, state }));
    }

    /// Brings back what was removed last.
    pub fn undo_removal(&self) {
        let Some(Removed { position, state: panel }) = self.removed.get_untracked() else {
            return;
        };
        self.removed.set(None);
        self.edit(|state| {
            // The empty panel that took the place of the only one goes again.
            if state.panels.len() == 1 && state.panels.iter().all(|p| p.expr.is_empty()) {
                state.panels.clear();
            }
            state.panels.insert(position.min(state.panels.len()), panel);
        });
    }

    /// Shows a query in the panel that was used last.
    pub fn pick(&self, expr: &str) {
        let position = self.active.get_untracked().and_then(|id| self.position(id)).unwrap_or(0);
        self.edit(|state| {
            if let Some(panel) = state.panels.get_mut(position) {
                panel.expr = expr.to_owned();
            }
        });
    }

    /// Graphs a query on what this tab scraped: in place of what a first visit shows or of an empty panel, else in a panel
    /// of its own.
    pub fn graph(&self, expr: &str) {
        self.graph_of(expr, "");
    }

    /// Graphs a query of a source, as [`Explore::graph`] does.
    pub fn graph_of(&self, expr: &str, source: &str) {
        let is_first = self.state.with_untracked(|state| state.is_first);
        self.edit(|state| {
            let free = state.panels.iter().position(|p| is_first || p.expr.trim().is_empty());
            let like = state.panels.last().cloned().unwrap_or_default();
            let panel = PanelState {
                tab: Tab::Graph,
                end_ms: None,
                source: source.to_owned(),
                ..of_another(expr.to_owned(), &like)
            };
            match free.and_then(|position| state.panels.get_mut(position)) {
                Some(place) => *place = panel,
                None => state.panels.insert(0, panel),
            }
        });
    }

    /// Whether another panel fits.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.state.with(|state| state.panels.len() >= MAX_PANELS)
    }

    fn position(&self, id: PanelId) -> Option<usize> {
        self.state.with_untracked(|state| state.position(id))
    }

    fn last_id(&self) -> Option<PanelId> {
        self.state.with_untracked(|state| state.panels.last().map(|p| p.id))
    }
}

/// A panel of another expression, with the time range and the look of one that is there, but without what belongs to
/// the expression of that one.
fn of_another(expr: String, like: &PanelState) -> PanelState {
    let graph = GraphState { also: Vec::new(), unit: None, legend: String::new(), ..like.graph.clone() };
    PanelState { expr, graph, ..like.clone() }
}

/// Identities are never used twice while the page lives: an answer to a closed panel finds nobody.
fn fresh_id() -> PanelId {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    PanelId(NEXT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    //! Which panel keeps which identity when the address changes.
    use super::*;

    fn query(exprs: &[&str]) -> String {
        let panels = exprs.iter().map(|&expr| PanelState { expr: expr.to_owned(), ..PanelState::default() });
        QueryState { panels: panels.collect(), refresh_ms: None }.encode()
    }

    /// Opens the first panels as 1, 2, 3 …, then goes to the second address.
    fn ids(before: &[&str], after: &[&str]) -> Vec<u32> {
        let mut last = 0;
        let mut fresh = || {
            last += 1;
            PanelId(last)
        };
        let before = ExploreState::read(&query(before), None, &mut fresh);
        let after = ExploreState::read(&query(after), Some(&before), &mut fresh);
        after.panels.iter().map(|p| p.id.0).collect()
    }

    #[test]
    fn a_panel_is_the_same_while_it_changes_and_while_others_come_and_go() {
        for (before, after, want) in [
            (&["a", "b", "c"][..], &["a", "x", "c"][..], &[1, 2, 3][..]),
            (&["a", "b", "c"], &["a", "c"], &[1, 3]),
            (&["a", "c"], &["a", "b", "c"], &[1, 3, 2]),
            (&["a", "b"], &["a", "a", "b"], &[1, 3, 2]),
            (&["a", "b", "c"], &["x", "c"], &[1, 3]),
            (&["a"], &["x", "y"], &[1, 2]),
            (&["a", "b"], &["c", "a"], &[3, 1]),
        ] {
            assert_eq!(ids(before, after), want, "{before:?} to {after:?}");
        }
    }

    #[test]
    fn another_panel_does_not_take_over_what_belongs_to_an_expression() {
        let graph = GraphState {
            also: vec!["down".to_owned()],
            unit: Some(chart::Unit::Bytes),
            legend: "{{job}}".to_owned(),
            form: chart::Form::Bars,
            ..GraphState::default()
        };
        let like = PanelState { expr: "up".to_owned(), range_ms: 1, graph, ..PanelState::default() };
        let panel = of_another("x".to_owned(), &like);
        let graph = GraphState { form: chart::Form::Bars, ..GraphState::default() };
        assert_eq!(panel, PanelState { expr: "x".to_owned(), range_ms: 1, graph, ..PanelState::default() });
    }

    #[test]
    fn an_address_without_panels_shows_the_first_view_and_keeps_its_own_refresh() {
        let mut fresh = || PanelId(1);
        let state = ExploreState::read("", None, &mut fresh);
        assert!(state.is_first);
        assert_eq!((state.panels[0].state.expr.as_str(), state.refresh_ms), (FIRST_EXPR, Some(5_000)));
        assert_eq!(ExploreState::read("?refresh=30s", None, &mut fresh).refresh_ms, Some(30_000));
        let written = ExploreState::read(&state.bare().encode(), Some(&state), &mut fresh);
        assert_eq!((written.bare(), written.is_first), (state.bare(), false));
    }
}
