//! The unit of a query's values, as far as the names of its metrics tell.

use chart::Unit;
use protocol::GraphAnswer;

/// The unit of an answer's value axis.
#[must_use]
pub fn of_answer(answer: &GraphAnswer) -> Unit {
    of_query(&answer.expr)
}

fn of_query(_expr: &str) -> Unit {
    Unit::None
}
