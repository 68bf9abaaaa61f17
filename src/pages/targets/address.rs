//! The address of the targets page: which targets are shown, and what of one of them is open:
//! `health=down&view=diff&from=3.before&to=3.last`.

use super::filter::Filter;
use protocol::{DiffRequest, DiffSide, Moment, TargetId};

/// What the address says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Which targets.
    pub filter: Filter,
    /// What is open over them.
    pub view: Option<View>,
}

/// What is open of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The body of its last scrape.
    Raw(TargetId),
    /// Its last scrapes.
    History(TargetId),
    /// What moved between two scrapes.
    Diff(DiffRequest),
}

impl Address {
    /// Reads the part of the address behind the `?`; what means nothing is left out.
    #[must_use]
    pub fn decode(query: &str) -> Self {
        let value = |wanted: &str| {
            let pairs = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(name, _)| *name == wanted).map(|(_, value)| value).next_back()
        };
        let target = || value("target")?.parse().ok().map(TargetId);
        let view = match value("view") {
            Some("raw") => target().map(View::Raw),
            Some("history") => target().map(View::History),
            Some("diff") => value("from")
                .and_then(side)
                .zip(value("to").and_then(side))
                .map(|(from, to)| View::Diff(DiffRequest { from, to })),
            _ => None,
        };
        Address { filter: Filter::decode(query), view }
    }

    /// Writes it.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut out = self.filter.encode();
        let view = match self.view {
            None => return out,
            Some(View::Raw(id)) => format!("view=raw&target={}", id.0),
            Some(View::History(id)) => format!("view=history&target={}", id.0),
            Some(View::Diff(DiffRequest { from, to })) => {
                format!("view=diff&from={}&to={}", side_text(from), side_text(to))
            }
        };
        out.push_str(if out.is_empty() { "" } else { "&" });
        out.push_str(&view);
        out
    }
}

/// `3.last`, `3.before`, `3.marked`, `3.1700000000000`
fn side(text: &str) -> Option<DiffSide> {
    let (id, moment) = text.split_once('.')?;
    let moment = match moment {
        "last" => Moment::Last,
        "before" => Moment::Before,
        "marked" => Moment::Marked,
        at => Moment::Stored(at.parse().ok()?),
    };
    Some(DiffSide { id: TargetId(id.parse().ok()?), moment })
}

fn side_text(side: DiffSide) -> String {
    let moment = match side.moment {
        Moment::Last => "last".to_owned(),
        Moment::Before => "before".to_owned(),
        Moment::Marked => "marked".to_owned(),
        Moment::Stored(at_ms) => at_ms.to_string(),
    };
    format!("{}.{moment}", side.id.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_stands_in_the_address() {
        let side = |id, moment| DiffSide { id: TargetId(id), moment };
        let stored = DiffRequest { from: side(3, Moment::Stored(-5)), to: side(4, Moment::Last) };
        let marked = DiffRequest { from: side(3, Moment::Marked), to: side(3, Moment::Before) };
        for (view, want) in [
            (None, "search=x"),
            (Some(View::Raw(TargetId(3))), "search=x&view=raw&target=3"),
            (Some(View::History(TargetId(0))), "search=x&view=history&target=0"),
            (Some(View::Diff(stored)), "search=x&view=diff&from=3.-5&to=4.last"),
            (Some(View::Diff(marked)), "search=x&view=diff&from=3.marked&to=3.before"),
        ] {
            let address = Address { filter: Filter::only("x".to_owned()), view };
            assert_eq!(address.encode(), want);
            assert_eq!(Address::decode(want), address);
        }
        for odd in [
            "view=raw",
            "view=raw&target=x",
            "view=odd&target=1",
            "view=diff&from=1.last",
            "view=diff&from=1&to=2.last",
        ] {
            assert_eq!(Address::decode(odd), Address::default(), "{odd}");
        }
        assert_eq!(Address { view: Some(View::Raw(TargetId(1))), ..Address::default() }.encode(), "view=raw&target=1");
    }
}
