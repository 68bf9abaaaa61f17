//! All integration tests of the formats in one program, so that what they share is compiled once.

mod corpus;
mod known;
mod roundtrip;
mod strict;
mod telegraf;
mod writer;

mod suites {
    pub mod cases;
}
