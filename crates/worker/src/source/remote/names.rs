//! Names and values for completion, from one server or from all and this tab.

use super::Purpose;
use super::question::{Failure, Outcome};
use crate::limits::{LOOKUP_RANGE, LOOKUP_TIMEOUT, MAX_LOOKUPS};
use crate::state::Worker;
use model::{Matcher, TimeRange, Timestamp};
use promapi::reply::LabelValues;
use promapi::{ApiRequest, Ask, read_reply};
use protocol::{Event, Lookup, SourceChoice};
use std::collections::BTreeSet;

/// What the page looks up.
pub(crate) struct LookUp<'a> {
    /// Its number.
    pub(crate) id: u32,
    /// Where.
    pub(crate) choice: SourceChoice,
    pub(crate) what: &'a Lookup,
    pub(crate) limit: usize,
}

/// A look-up for which answers are awaited.
#[derive(Debug)]
pub(super) struct LookingUp {
    n_left: usize,
    limit: usize,
    values: BTreeSet<String>,
    is_truncated: bool,
}

impl Worker {
    /// Asks servers for names or values; `local` are those of this tab, if it is asked, too.
    pub(crate) fn look_up_remote(
        &mut self,
        look_up: &LookUp<'_>,
        matchers: &[Matcher],
        local: Vec<String>,
        now: Timestamp,
    ) {
        let LookUp { id, choice, what, limit } = *look_up;
        let sources = self.sources.asked_by(choice);
        if self.sources.looking_up.len() >= MAX_LOOKUPS {
            self.tell(Event::LookedUp { id, values: Vec::new(), truncated: true });
            return;
        }
        // A server knows nothing of the label by which answers of several are told apart.
        let own =
            |matcher: &&Matcher| choice != SourceChoice::All || matcher.name != crate::panel::remote::SOURCE_LABEL;
        let selector: Vec<String> = matchers.iter().filter(own).map(ToString::to_string).collect();
        let selector = format!("{{{}}}", selector.join(","));
        let selectors: &[&str] = if selector == "{}" { &[] } else { &[&selector] };
        let range = Some(TimeRange { start: now - LOOKUP_RANGE, end: now });
        let mut n_left = 0;
        for source in sources {
            let Some(found) = self.sources.get(source) else { continue };
            let ask = Ask { limit, ..found.ask(LOOKUP_TIMEOUT) };
            let request = match what {
                Lookup::LabelNames { .. } => ApiRequest::labels(selectors, range, &ask),
                Lookup::LabelValues { label, .. } => ApiRequest::label_values(label, selectors, range, &ask),
            };
            n_left += usize::from(self.put_question(source, &request, None, Purpose::Lookup { id, limit }).is_ok());
        }
        let run = LookingUp { n_left, limit, values: local.into_iter().collect(), is_truncated: false };
        self.sources.looking_up.insert(id, run);
        if n_left == 0 {
            self.looked_up(id);
        }
    }

    /// Takes in what one server answered. Where it did not, others may have; completion says nothing of errors.
    pub(super) fn names_came(&mut self, id: u32, limit: usize, outcome: Result<Outcome, Failure>) {
        let Some(run) = self.sources.looking_up.get_mut(&id) else { return };
        if let Ok(Outcome::Whole(reply)) = outcome
            && let Ok(reply) = read_reply::<LabelValues>(&reply)
        {
            run.is_truncated |= reply.data.len() >= limit;
            run.values.extend(reply.data);
        }
        run.n_left = run.n_left.saturating_sub(1);
        if run.n_left == 0 {
            self.looked_up(id);
        }
    }

    fn looked_up(&mut self, id: u32) {
        let Some(run) = self.sources.looking_up.remove(&id) else { return };
        let truncated = run.is_truncated || run.values.len() > run.limit;
        let values = run.values.into_iter().take(run.limit).collect();
        self.tell(Event::LookedUp { id, values, truncated });
    }
}
