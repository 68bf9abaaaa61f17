//! Where samples come from: a URL that is scraped, through the relay where the browser may not read it, a
//! text that was pasted, or a server that is asked.

pub mod plan;
pub mod relay;
pub mod remote;
pub(crate) mod upload;
