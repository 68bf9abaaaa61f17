//! What of HTTP matters here: the head of an answer, and that there may be none.

/// The head of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpHead {
    /// Its status.
    pub status: u16,
    /// Its `Content-Type`, if it has one that may be read.
    pub content_type: Option<String>,
}

impl HttpHead {
    /// That of an answer that is as it should be.
    #[must_use]
    pub fn ok() -> Self {
        HttpHead { status: 200, content_type: Some("application/json".to_owned()) }
    }

    /// Whether the status says that all went well.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// An answer that was read whole, for questions whose answers are small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpReply {
    /// Its head.
    pub head: HttpHead,
    /// Its body, decoded.
    pub body: Vec<u8>,
}

/// Why there is no answer at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoReply {
    /// In words for the user, if whoever fetched knows; a browser does not tell.
    pub why: Option<String>,
}
