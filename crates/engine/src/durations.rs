//! Durations that are computed from numbers and the query's own step and range.

use crate::limits::EvalError;
use model::Millis;
use promql::ast::{BinaryOp, DurationExpr, millis_of};

/// The value of a duration for a query's step and range, both in seconds.
pub(crate) fn value(duration: &DurationExpr, step: f64, range: f64) -> Result<Millis, EvalError> {
    if let DurationExpr::Number(number) = duration {
        return Ok(millis_of(number.value));
    }
    let seconds = seconds(duration, step, range)?;
    // Prometheus counts nanoseconds in 64 bits.
    if seconds.is_nan() || seconds.abs() >= 9_223_372_036.0 {
        return Err(EvalError::invalid(duration.span(), "duration is out of range"));
    }
    // What is computed is cut, not rounded.
    Ok(Millis((seconds * 1000.0) as i64))
}

fn seconds(duration: &DurationExpr, step: f64, range: f64) -> Result<f64, EvalError> {
    let eval = |duration: &DurationExpr| seconds(duration, step, range);
    Ok(match duration {
        DurationExpr::Number(number) => number.value,
        DurationExpr::Step(_) => step,
        DurationExpr::Range(_) => range,
        DurationExpr::Min(operands, _) => eval(&operands[0])?.min(eval(&operands[1])?),
        DurationExpr::Max(operands, _) => eval(&operands[0])?.max(eval(&operands[1])?),
        DurationExpr::Sign { negative, operand, .. } => {
            let v = eval(operand)?;
            if *negative { -v } else { v }
        }
        DurationExpr::Binary { op, operands, span } => {
            let (a, b) = (eval(&operands[0])?, eval(&operands[1])?);
            match op {
                BinaryOp::Add => a + b,
                BinaryOp::Sub => a - b,
                BinaryOp::Mul => a * b,
                BinaryOp::Div if b == 0.0 => return Err(EvalError::invalid(*span, "division by zero")),
                BinaryOp::Div => a / b,
                BinaryOp::Mod if b == 0.0 => return Err(EvalError::invalid(*span, "modulo by zero")),
                BinaryOp::Mod => a % b,
                BinaryOp::Pow => libm::pow(a, b),
                _ => return Err(EvalError::invalid(*span, "durations can only be added, multiplied and the like")),
            }
        }
        DurationExpr::Paren(inner, _) => eval(inner)?,
        DurationExpr::Missing(span) => return Err(EvalError::invalid(*span, "the expression is not complete")),
    })
}
