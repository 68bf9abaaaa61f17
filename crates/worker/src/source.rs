//! Where samples come from: a URL that is scraped, through the relay where the browser may not read it, or a
//! text that was pasted.

pub mod plan;
pub mod relay;
pub(crate) mod upload;
