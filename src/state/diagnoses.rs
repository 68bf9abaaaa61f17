//! What the doctor was asked on this page, how far it is, and what it found.

use leptos::prelude::*;
use protocol::{DiagnosisNews, DoctorReport, Patient};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Diagnoses that are kept: more than anybody has open at a time.
const MAX_KEPT: usize = 32;

/// How a diagnosis goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// The number of the question: the newest counts.
    pub serial: u32,
    /// Checks that are done.
    pub n_done: u32,
    /// Checks that are known of so far.
    pub n_checks: u32,
    /// The end has not come.
    pub is_running: bool,
    /// What was found; while it is looked at again, what was found before.
    pub report: Option<Arc<DoctorReport>>,
}

/// All of this page; cheap to copy.
#[derive(Clone, Copy)]
pub struct Diagnoses {
    patients: RwSignal<BTreeMap<Patient, Progress>>,
    last_serial: StoredValue<u32>,
}

impl Diagnoses {
    /// Nobody was asked yet.
    #[must_use]
    pub fn new() -> Self {
        Diagnoses { patients: RwSignal::new(BTreeMap::new()), last_serial: StoredValue::new(0) }
    }

    /// A new question about a patient; the answer to the one before counts no more. Returns its number.
    pub fn begin(&self, patient: Patient) -> u32 {
        let serial = self.last_serial.get_value().wrapping_add(1);
        self.last_serial.set_value(serial);
        self.patients.update(|patients| {
            let report = patients.remove(&patient).and_then(|before| before.report);
            patients.insert(patient, Progress { serial, n_done: 0, n_checks: 0, is_running: true, report });
            while patients.len() > MAX_KEPT {
                let oldest = patients.iter().min_by_key(|(_, progress)| progress.serial).map(|(patient, _)| *patient);
                oldest.and_then(|oldest| patients.remove(&oldest));
            }
        });
        serial
    }

    /// How the diagnosis of a patient goes; `None` if there is none.
    #[must_use]
    pub fn of(&self, patient: Patient) -> Option<Progress> {
        self.patients.with(|patients| patients.get(&patient).cloned())
    }

    /// Takes in what the worker said.
    pub fn fold(&self, news: DiagnosisNews) {
        let DiagnosisNews { patient, serial, n_done, n_checks, report } = news;
        let is_awaited = |patients: &BTreeMap<Patient, Progress>| {
            patients.get(&patient).is_some_and(|progress| progress.serial == serial && progress.is_running)
        };
        if self.patients.with_untracked(is_awaited) {
            let (is_running, found) = (report.is_none(), report.map(|report| Arc::new(*report)));
            self.patients.update(|patients| {
                let report = found.or_else(|| patients.remove(&patient).and_then(|before| before.report));
                patients.insert(patient, Progress { serial, n_done, n_checks, is_running, report });
            });
        }
    }
}

impl Default for Diagnoses {
    fn default() -> Self {
        Diagnoses::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::TargetId;

    #[test]
    fn only_the_newest_question_about_a_patient_is_answered() {
        let owner = Owner::new();
        owner.set();
        let diagnoses = Diagnoses::new();
        let patient = Patient::Target(TargetId(7));
        let news = |serial, n_done, is_over: bool| DiagnosisNews {
            patient,
            serial,
            n_done,
            n_checks: 5,
            report: is_over.then(|| Box::new(DoctorReport { diagnoses: Vec::new(), facts: Vec::new() })),
        };
        let (first, second) = (diagnoses.begin(patient), diagnoses.begin(patient));
        diagnoses.fold(news(first, 5, true));
        assert_eq!(untrack(|| diagnoses.of(patient)).map(|p| (p.n_done, p.report.is_some())), Some((0, false)));
        diagnoses.fold(news(second, 5, true));
        diagnoses.fold(news(second, 1, false));
        assert_eq!(untrack(|| diagnoses.of(patient)).map(|p| (p.n_done, p.report.is_some())), Some((5, true)));
        // What was found stays until something newer is.
        let third = diagnoses.begin(patient);
        diagnoses.fold(news(third, 1, false));
        assert_eq!(untrack(|| diagnoses.of(patient)).map(|p| (p.is_running, p.report.is_some())), Some((true, true)));
        assert_eq!(untrack(|| diagnoses.of(Patient::Target(TargetId(8)))), None);
    }

    #[test]
    fn the_oldest_diagnoses_make_room() {
        let owner = Owner::new();
        owner.set();
        let diagnoses = Diagnoses::new();
        let patient = |n| Patient::Target(TargetId(n));
        (0..MAX_KEPT as u32 + 1).for_each(|n| {
            diagnoses.begin(patient(n));
        });
        assert!(untrack(|| diagnoses.of(patient(0)).is_none() && diagnoses.of(patient(1)).is_some()));
    }
}
