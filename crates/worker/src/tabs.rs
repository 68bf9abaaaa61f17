//! What the tabs of one origin say to each other. One of them owns the store, the others read along.
//!
//! The owner says each thing it wrote after it has reached the disk, with the place in the file where it stands, so that
//! a reader knows whether it has read it there already or missed something before it.

use journal::DiskOp;
use protocol::{Column, Envelope, Event, Request, TargetStatus, Wire};
use serde::{Deserialize, Serialize};

/// Something that one tab says to all others.
#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    /// A tab that reads along asks the owner to say that it is there, and what it scrapes.
    WhoOwns,
    /// The answer, also said when a tab becomes the owner.
    Own(Vec<TargetStatus>),
    /// The owner wrote or appended something.
    Wrote {
        /// The bytes of the file before.
        at: u64,
        /// What was done.
        op: DiskOp,
    },
    /// The owner told its page something that concerns all.
    Told(Event),
    /// A reader's page asks for something that only the owner can do.
    Asked(Request),
    /// A reader wants to be the owner.
    LetGo,
}

#[derive(Serialize, Deserialize)]
enum Head {
    WhoOwns,
    Own(Vec<TargetStatus>),
    Wrote { file: String, at: u64, is_whole: bool },
    Told(String),
    Asked(String),
    LetGo,
}

impl Word {
    /// The form in which it crosses.
    #[must_use]
    pub fn into_envelope(self) -> Envelope {
        let mut columns = Vec::new();
        let mut inner = |envelope: Envelope| {
            columns = envelope.columns;
            envelope.head
        };
        let head = match self {
            Word::WhoOwns => Head::WhoOwns,
            Word::Own(targets) => Head::Own(targets),
            Word::Wrote { at, op } => {
                let is_whole = matches!(op, DiskOp::Write { .. });
                let (file, bytes) = match op {
                    DiskOp::Append { file, bytes } | DiskOp::Write { file, bytes } => (file, bytes),
                    // Readers keep what they know.
                    DiskOp::Delete { file } => (file, Vec::new()),
                };
                columns.push(Column::Bytes(bytes));
                Head::Wrote { file, at, is_whole }
            }
            Word::Told(event) => Head::Told(inner(event.into_envelope())),
            Word::Asked(request) => Head::Asked(inner(request.into_envelope())),
            Word::LetGo => Head::LetGo,
        };
        // Strings, numbers and lists always have a JSON.
        Envelope { head: serde_json::to_string(&head).unwrap_or_default(), columns }
    }

    /// The word in an envelope; `None` if it is none of ours.
    #[must_use]
    pub fn from_envelope(envelope: Envelope) -> Option<Self> {
        let Envelope { head, mut columns } = envelope;
        Some(match serde_json::from_str(&head).ok()? {
            Head::WhoOwns => Word::WhoOwns,
            Head::Own(targets) => Word::Own(targets),
            Head::Wrote { file, at, is_whole } => match columns.pop()? {
                Column::Bytes(bytes) if is_whole => Word::Wrote { at, op: DiskOp::Write { file, bytes } },
                Column::Bytes(bytes) => Word::Wrote { at, op: DiskOp::Append { file, bytes } },
                Column::Floats(_) => return None,
            },
            Head::Told(head) => Word::Told(Event::from_envelope(Envelope { head, columns }).ok()?),
            Head::Asked(head) => Word::Asked(Request::from_envelope(Envelope { head, columns }).ok()?),
            Head::LetGo => Word::LetGo,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{TargetId, Upload};

    #[test]
    fn every_word_comes_over() {
        let upload = Upload { id: TargetId(7), name: "f".to_owned(), media_type: None, body: vec![1, 0, 255] };
        for word in [
            Word::WhoOwns,
            Word::Own(Vec::new()),
            Word::Wrote { at: 1 << 33, op: DiskOp::Append { file: "log-1".to_owned(), bytes: vec![0, 255] } },
            Word::Wrote { at: 0, op: DiskOp::Write { file: "block-1".to_owned(), bytes: vec![7] } },
            Word::Told(Event::Scraped { id: TargetId(1), at_ms: 5 }),
            Word::Asked(Request::Upload(upload)),
            Word::LetGo,
        ] {
            assert_eq!(Word::from_envelope(word.clone().into_envelope()), Some(word));
        }
        let foreign = Envelope { head: "{}".to_owned(), columns: Vec::new() };
        assert_eq!(Word::from_envelope(foreign), None);
    }
}
