//! Whole texts: good and bad ones, those of the book, what is written reads back, and Prometheus' own word on each.

mod bad_input;
mod cases;
mod corpus;
mod export;
mod promtool;
