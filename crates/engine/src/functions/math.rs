//! Functions of each value by itself.

use crate::eval::Evaluator;
use crate::limits::EvalError;
use crate::value::{Eval, GAP};
use model::is_stale;
use promql::ast::Expr;

/// Applies a function to each float; the metric's name goes, and so do histograms.
pub(crate) fn each(evaluator: &mut Evaluator<'_>, arg: &Expr, f: impl Fn(f64) -> f64) -> Result<Eval, EvalError> {
    each_step(evaluator, arg, |_, v| f(v))
}

fn each_step(evaluator: &mut Evaluator<'_>, arg: &Expr, f: impl Fn(usize, f64) -> f64) -> Result<Eval, EvalError> {
    let mut columns = evaluator.vector(arg)?;
    for column in &mut columns {
        column.drop_name = true;
        column.drop_histograms();
        for (step_idx, v) in column.vs.iter_mut().enumerate() {
            if !is_stale(*v) {
                *v = f(step_idx, *v);
            }
        }
    }
    Ok(Eval::Vector(columns))
}

/// Keeps values between bounds that may differ by step. Bounds the wrong way round give nothing.
pub(crate) fn clamp(
    evaluator: &mut Evaluator<'_>,
    arg: &Expr,
    min: Option<&Expr>,
    max: Option<&Expr>,
) -> Result<Eval, EvalError> {
    let n_steps = evaluator.grid.len;
    let min = min.map_or(Ok(vec![f64::NEG_INFINITY; n_steps]), |e| evaluator.scalar(e))?;
    let max = max.map_or(Ok(vec![f64::INFINITY; n_steps]), |e| evaluator.scalar(e))?;
    each_step(evaluator, arg, |step_idx, v| {
        let (min, max) = (min[step_idx], max[step_idx]);
        if max < min { GAP } else { go_max(min, go_min(max, v)) }
    })
}

/// Rounds to the nearest multiple, halves upwards.
pub(crate) fn round(evaluator: &mut Evaluator<'_>, arg: &Expr, to: Option<&Expr>) -> Result<Eval, EvalError> {
    let to = to.map_or(Ok(vec![1.0; evaluator.grid.len]), |e| evaluator.scalar(e))?;
    each_step(evaluator, arg, |step_idx, v| {
        // Multiplying by the inverse as Prometheus does: dividing gives another last digit.
        let inverse = 1.0 / to[step_idx];
        (v * inverse + 0.5).floor() / inverse
    })
}

/// The greater one as Go's `math.Max` has it: infinity even beside NaN, else NaN beside NaN, and 0 rather than -0.
pub(super) fn go_max(a: f64, b: f64) -> f64 {
    if a == f64::INFINITY || b == f64::INFINITY {
        f64::INFINITY
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a == 0.0 && b == 0.0 {
        if a.is_sign_negative() { b } else { a }
    } else {
        a.max(b)
    }
}

/// The lesser one, in the same way.
pub(super) fn go_min(a: f64, b: f64) -> f64 {
    -go_max(-a, -b)
}

/// A function of two numbers a step.
pub(crate) fn scalars(
    evaluator: &mut Evaluator<'_>,
    args: &[Expr],
    f: impl Fn(f64, f64) -> f64,
) -> Result<Eval, EvalError> {
    let mut a = evaluator.scalar(&args[0])?;
    let b = evaluator.scalar(&args[1])?;
    for (a, b) in a.iter_mut().zip(b) {
        *a = f(*a, b);
    }
    Ok(Eval::Scalar(a))
}
