//! All integration tests of the language in one program, so that what they share is compiled once.

mod bad_input;
mod corpus;
mod oracle;
mod print;

mod shared {
    pub mod generator;
    pub mod queries;
    pub mod same_tree;
}
