//! The HTTP API of Prometheus and of servers that speak it: what to ask, and what came of it. Nothing here fetches.
//!
//! In reading order: where the API is ([`Address`], [`Base`]), which server it is and what it offers ([`Detection`],
//! [`Server`]), what can be asked ([`ApiRequest`]), answers to queries, read chunk by chunk into columns
//! ([`AnswerReader`]), all other answers ([`read_reply`] with the types of [`reply`]), and what goes wrong
//! ([`ApiError`]). On top of these: what has to be fetched to evaluate an expression elsewhere ([`fetch_plan`]), and
//! where two answers differ ([`compare`]).
//!
//! ```
//! use model::{Millis, StepGrid, Timestamp};
//! use promapi::{Address, AnswerReader, ApiRequest, Ask, Data, HttpHead, ReadLimits, Shape};
//! let base = &Address::parse("localhost:9090/graph?g0.expr=up").expect("a host and a page").candidates[0];
//! let grid = StepGrid { start: Timestamp(60_000), step: Millis(15_000), len: 2 };
//! let request = ApiRequest::query_range("up", grid, &Ask::default());
//! assert_eq!(request.url(base), "http://localhost:9090/api/v1/query_range?query=up&start=60&end=75&step=15&timeout=30");
//!
//! // Whoever fetches adds credentials, and hands the body over in whatever pieces it comes.
//! let body = br#"{"status":"success","data":{"resultType":"matrix","result":[
//!     {"metric":{"__name__":"up","job":"node"},"values":[[60,"1"],[75,"0"]]}]}}"#;
//! let mut reader = AnswerReader::new(Shape::Range(grid), HttpHead::ok(), ReadLimits::default());
//! for chunk in body.chunks(7) {
//!     reader.feed(chunk)?;
//! }
//! let Data::Matrix(matrix) = reader.finish()?.data else { panic!("not a matrix") };
//! assert_eq!(matrix.series[0].values, [1.0, 0.0]);
//! # Ok::<(), promapi::ApiError>(())
//! ```
//!
//! It knows no credentials: they are added by whoever fetches, as headers, so that no address ever has them.
#![forbid(unsafe_code)]

mod address;
mod compare;
mod detect;
mod error;
mod fetch_plan;
mod http;
mod query;
mod reader;
pub mod reply;
mod request;
mod server;

pub use address::{Address, AddressError, Base, Userinfo};
pub use compare::{CompareOptions, Comparison, Difference, DifferenceKind, compare};
pub use detect::{Detected, Detection, DetectionError, DetectionStep};
pub use error::{ApiError, ErrorType, SyntaxError};
pub use fetch_plan::{FetchLimits, FetchPlan, PlanError, SelectorFetch, fetch_plan};
pub use http::{HttpHead, HttpReply, NoReply};
pub use query::{Answer, Data, RawSeries};
pub use reader::{AnswerReader, ReadLimits, Shape};
pub use reply::{Reply, read_reply};
pub use request::{ApiEndpoint, ApiRequest, Ask, Method};
pub use server::{Offer, Server, ServerKind};
