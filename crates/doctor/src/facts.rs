//! Evidence as a list to read: what was looked at, by whom, and whether it is in the way.

use crate::diagnose::Case;
use crate::evidence::{Attempt, Outcome, Permission, RelayFact, Seen, Way};
use crate::place::HostClass;
use crate::report::{Fact, Mark, Origin};
use crate::texts::facts as texts;

/// In the order in which a connection comes to be.
pub(crate) fn list(case: &Case<'_>) -> Vec<Fact> {
    let evidence = case.evidence;
    let mut facts = Vec::new();
    let mut say = |mark, origin, text: String| facts.push(Fact { mark, origin, text });
    if let Some(place) = &case.place {
        let text = texts::address(place);
        let mark = if matches!(place.class, HostClass::SingleLabel | HostClass::DockerHost | HostClass::LinkLocal) {
            Mark::Neutral
        } else {
            Mark::Good
        };
        say(mark, Origin::Address, text);
    }
    let page = &evidence.page;
    say(Mark::Neutral, Origin::Browser, texts::page(&page.origin, page.is_secure));
    if !page.is_online {
        say(Mark::Bad, Origin::Browser, texts::OFFLINE.to_owned());
    }
    if case.page_is_https() && !case.is_https() && case.class() != HostClass::Loopback {
        say(Mark::Bad, Origin::Browser, texts::MIXED.to_owned());
    }
    if let Some(permission) = case.guard() {
        let mark = match permission {
            Permission::Granted => Mark::Good,
            Permission::Denied => Mark::Bad,
            Permission::Prompt | Permission::Unsupported => Mark::Neutral,
        };
        say(mark, Origin::Browser, texts::permission(permission, case.class() == HostClass::Loopback));
    }
    match evidence.relay {
        RelayFact::Here => say(Mark::Good, Origin::Browser, texts::relay_here(&page.origin)),
        RelayFact::Missing => say(Mark::Neutral, Origin::Browser, texts::relay_missing(&page.origin)),
        RelayFact::Gone => say(Mark::Bad, Origin::Browser, texts::relay_gone(&page.origin)),
    }
    for attempt in &evidence.attempts {
        if let Some((mark, text)) = of_attempt(case, attempt) {
            let origin = if attempt.way == Way::Relay { Origin::Relay } else { Origin::Browser };
            say(mark, origin, text);
        }
    }
    if let Some((seen, _)) = evidence.read() {
        of_answer(case, seen, &mut say);
    }
    facts
}

/// What a fetch came to; `None` where that is no news.
fn of_attempt(case: &Case<'_>, attempt: &Attempt) -> Option<(Mark, String)> {
    let evidence = case.evidence;
    let is_own = attempt.url == evidence.url;
    let what = if is_own { String::new() } else { attempt.url.clone() };
    let mark = match &attempt.outcome {
        Outcome::Answered(seen) if seen.is_good(evidence.purpose) => Mark::Good,
        Outcome::Unread => Mark::Good,
        // What was tried beside the address is no fault where it is not there.
        _ if !is_own => Mark::Neutral,
        Outcome::Opaque if attempt.way == Way::Direct && matches!(case.outcome(Way::Blind), Some(Outcome::Unread)) => {
            Mark::Bad
        }
        Outcome::NoRelay => return None,
        _ => Mark::Bad,
    };
    Some((mark, texts::attempt(attempt, &what, evidence.purpose)))
}

fn of_answer(case: &Case<'_>, seen: &Seen, say: &mut impl FnMut(Mark, Origin, String)) {
    if let Some(kind) = &seen.content_type {
        say(Mark::Neutral, Origin::Answer, texts::content_type(kind));
    }
    if let Some(told) = &seen.told {
        let is_read = matches!(case.outcome(Way::Direct), Some(Outcome::Answered(_)));
        let is_open = is_read || told.allow_origin.is_some();
        let mark = if is_open { Mark::Good } else { Mark::Bad };
        say(mark, Origin::Answer, texts::allow_origin(told.allow_origin.as_deref()));
        if let Some(wanted) = &told.authenticate {
            say(Mark::Bad, Origin::Answer, texts::authenticate(wanted));
        }
        if let Some(server) = &told.server {
            say(Mark::Neutral, Origin::Answer, texts::server(server));
        }
    }
    if let Some(clock_ms) = seen.clock_ms {
        let mark = if case.skew_ms(seen).is_some() { Mark::Bad } else { Mark::Good };
        say(mark, Origin::Answer, texts::clock(clock_ms - case.evidence.now_ms));
    }
    if !case.exporter.name().is_empty() {
        say(Mark::Neutral, Origin::Answer, texts::exporter(case.exporter.name()));
    }
    if !seen.is_good(case.evidence.purpose) && !seen.head.trim().is_empty() {
        say(Mark::Neutral, Origin::Answer, texts::begins(&seen.head));
    }
}
