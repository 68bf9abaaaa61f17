//! The report in the types that cross to the page.

use super::API_QUESTION;
use ::doctor::{Certainty, Mark, Origin, Permission, Purpose, Report};
use protocol::{Cure, Diagnosis, DoctorFact, DoctorPicture, DoctorReport, FactMark, FactOrigin, Snippet};

/// A permission as the browser calls its state.
pub(super) fn permission(state: Option<&str>) -> Permission {
    match state {
        Some("granted") => Permission::Granted,
        Some("denied") => Permission::Denied,
        Some("prompt") => Permission::Prompt,
        _ => Permission::Unsupported,
    }
}

/// The report.
pub(super) fn report(report: Report, purpose: Purpose) -> DoctorReport {
    DoctorReport {
        diagnoses: report.diagnoses.into_iter().map(|one| diagnosis(one, purpose)).collect(),
        facts: report.facts.into_iter().map(fact).collect(),
    }
}

fn diagnosis(one: ::doctor::Diagnosis, purpose: Purpose) -> Diagnosis {
    let ::doctor::Diagnosis { certainty, sentence, is_fine, cures, found, picture, .. } = one;
    Diagnosis {
        is_fine,
        sentence,
        is_proved: certainty == Certainty::Proved,
        // A server is named without the question that was put to it.
        found: found.map(|found| match purpose {
            Purpose::Api => found.strip_suffix(API_QUESTION).unwrap_or(&found).to_owned(),
            Purpose::Metrics => found,
        }),
        cures: cures.into_iter().map(cure).collect(),
        picture: picture.map(|::doctor::Picture { title, drawing, sentences }| DoctorPicture {
            title,
            drawing,
            sentences,
        }),
    }
}

fn cure(cure: ::doctor::Cure) -> Cure {
    let ::doctor::Cure { title, steps, snippets } = cure;
    let snippet = |::doctor::Snippet { place, language, text }| Snippet { place, language: language.to_owned(), text };
    Cure { title, steps, snippets: snippets.into_iter().map(snippet).collect() }
}

fn fact(fact: ::doctor::Fact) -> DoctorFact {
    let ::doctor::Fact { mark, origin, text } = fact;
    let mark = match mark {
        Mark::Good => FactMark::Good,
        Mark::Bad => FactMark::Bad,
        Mark::Neutral => FactMark::Neutral,
    };
    let origin = match origin {
        Origin::Address => FactOrigin::Address,
        Origin::Browser => FactOrigin::Browser,
        Origin::Relay => FactOrigin::Relay,
        Origin::Answer => FactOrigin::Answer,
    };
    DoctorFact { mark, origin, text }
}
