//! What goes wrong between a question and its answer, in words for the user.

use std::fmt;

/// Why there is no answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// The server answered with an error of the API.
    #[error("{message}")]
    Refused {
        /// The status of the answer; 200 from some proxies.
        status: u16,
        /// What kind of error it is.
        kind: ErrorType,
        /// In the server's words.
        message: String,
    },
    /// The server wants other credentials, or any: 401 or 403.
    #[error("the server answered {status}: {}", or_else(.message, "it wants other credentials"))]
    Unauthorized {
        /// 401 or 403.
        status: u16,
        /// The beginning of the body as text, empty if it is HTML.
        message: String,
    },
    /// The server does not have this: 404, 405, 410 or 501.
    #[error("the server does not offer this (status {status})")]
    NotOffered {
        /// Its status.
        status: u16,
    },
    /// Another status, and no error of the API in the body.
    #[error("the server answered {status}{}", colon(.message))]
    Status {
        /// Its status.
        status: u16,
        /// The beginning of the body as text, empty if it is HTML.
        message: String,
    },
    /// It answered, but not with JSON of the API: a login page, the page of a proxy, metrics.
    #[error("the answer is {found}, not an answer of the Prometheus API")]
    NotApi {
        /// What it is instead: `a web page`, `metrics text`, `empty`.
        found: &'static str,
    },
    /// JSON that breaks off or is not as the API's.
    #[error("{0}")]
    Syntax(SyntaxError),
    /// There is more of something than is read.
    #[error("the answer has more than {limit} {what}")]
    TooMuch {
        /// `series`, `bytes`, `samples`.
        what: &'static str,
        /// How much is allowed.
        limit: u64,
    },
}

fn or_else<'a>(message: &'a str, other: &'a str) -> &'a str {
    if message.is_empty() { other } else { message }
}

fn colon(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

/// What is wrong with an answer, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Bytes of the body before it.
    pub offset: u64,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {} of the answer: expected {}, found {}", self.offset, self.expected, self.found)
    }
}

/// The `errorType` of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorType {
    /// The question is wrong.
    BadData,
    /// It took too long.
    Timeout,
    /// It was given up.
    Canceled,
    /// The expression fails while it is evaluated: series that match twice, too many samples.
    Execution,
    /// The server fails.
    Internal,
    /// The server does not answer such questions now.
    Unavailable,
    /// There is no such thing.
    NotFound,
    /// Too many questions.
    TooManyRequests,
    /// Another one: VictoriaMetrics gives the status.
    Other(String),
}

impl ErrorType {
    /// From the API's word.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        match text {
            "bad_data" | "400" => ErrorType::BadData,
            "timeout" => ErrorType::Timeout,
            "canceled" => ErrorType::Canceled,
            "execution" | "422" => ErrorType::Execution,
            "internal" | "server_error" | "500" => ErrorType::Internal,
            "unavailable" | "503" => ErrorType::Unavailable,
            "not_found" => ErrorType::NotFound,
            "too_many_requests" | "429" => ErrorType::TooManyRequests,
            other => ErrorType::Other(other.to_owned()),
        }
    }
}
