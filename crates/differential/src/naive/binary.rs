//! Operators with two operands, one step at a time.

use super::{Element, Fallible, Naive, Value, Vectors, without_name};
use model::{Labels, LabelsBuilder, METRIC_NAME};
use promql::ast::{Binary, BinaryOp as Op, Cardinality, VectorMatching};

impl Naive<'_> {
    pub(super) fn binary(&self, binary: &Binary, times: &[i64]) -> Fallible<Value> {
        let (lhs, rhs) = (self.eval(&binary.lhs, times)?, self.eval(&binary.rhs, times)?);
        match (lhs, rhs) {
            (Value::Scalar(a), Value::Scalar(b)) => {
                let value = |(a, b): (f64, f64)| value_of(binary.op, a, b).unwrap_or_else(f64::from);
                Ok(Value::Scalar(a.into_iter().zip(b).map(value).collect()))
            }
            (Value::Vectors(vectors), Value::Scalar(scalars)) => self.with_scalar(binary, vectors, &scalars, false),
            (Value::Scalar(scalars), Value::Vectors(vectors)) => self.with_scalar(binary, vectors, &scalars, true),
            (Value::Vectors(lhs), Value::Vectors(rhs)) if binary.op.is_set() => self.set(binary, lhs, rhs),
            (Value::Vectors(lhs), Value::Vectors(rhs)) => self.join(binary, &lhs, &rhs),
            _ => Err("a text is no operand".to_owned()),
        }
    }

    fn with_scalar(&self, binary: &Binary, vectors: Vectors, scalars: &[f64], swapped: bool) -> Fallible<Value> {
        let f = |idx: usize, v: f64| {
            let (a, b) = if swapped { (scalars[idx], v) } else { (v, scalars[idx]) };
            match value_of(binary.op, a, b) {
                Ok(v) => Some(v),
                Err(holds) if binary.return_bool => Some(f64::from(holds)),
                Err(holds) => holds.then_some(v),
            }
        };
        if !self.keeps_name(binary.op) || binary.return_bool {
            return self.without_names(vectors, f, false).map(Value::Vectors);
        }
        let step = |(idx, elements): (usize, Vec<Element>)| {
            elements.into_iter().filter_map(|e| Some(Element { v: f(idx, e.v)?, ..e })).collect()
        };
        self.assemble(vectors.order, vectors.steps.into_iter().enumerate().map(step).collect()).map(Value::Vectors)
    }

    fn set(&self, binary: &Binary, lhs: Vectors, rhs: Vectors) -> Fallible<Value> {
        let mut steps = Vec::new();
        for (lhs, rhs) in lhs.steps.into_iter().zip(rhs.steps) {
            let meets = |e: &Element, others: &[Element]| {
                let mine = signature(&e.labels, &binary.matching);
                others.iter().any(|o| signature(&o.labels, &binary.matching) == mine)
            };
            steps.push(match binary.op {
                Op::And => lhs.into_iter().filter(|e| meets(e, &rhs)).collect(),
                Op::Unless => lhs.into_iter().filter(|e| !meets(e, &rhs)).collect(),
                _ => {
                    let more: Vec<Element> = rhs.into_iter().filter(|e| !meets(e, &lhs)).collect();
                    lhs.into_iter().chain(more).collect()
                }
            });
        }
        let order = lhs.order.into_iter().chain(rhs.order).collect();
        self.assemble(order, steps).map(Value::Vectors)
    }

    /// Arithmetic and comparison between series.
    fn join(&self, binary: &Binary, lhs: &Vectors, rhs: &Vectors) -> Fallible<Value> {
        let matching = &binary.matching;
        let swapped = matching.cardinality == Cardinality::OneToMany;
        let (many, one) = if swapped { (rhs, lhs) } else { (lhs, rhs) };
        let mut steps = Vec::new();
        for (many, one) in many.steps.iter().zip(&one.steps) {
            let (many, one) = filled(matching, many, one);
            steps.push(self.join_step(binary, &many, &one, swapped)?);
        }
        // By signature as they first occur, then by the many and the one side.
        let mut order = Vec::new();
        let mut signatures: Vec<Labels> = Vec::new();
        for labels in lhs.order.iter().chain(&rhs.order) {
            let mine = signature(labels, matching);
            if signatures.contains(&mine) {
                continue;
            }
            // What is filled in has the labels of the signature, and comes last.
            let of = |order: &[Labels]| -> Vec<Labels> {
                let members = order.iter().filter(|labels| signature(labels, matching) == mine);
                members.chain([&mine]).cloned().collect()
            };
            for m in &of(&many.order) {
                for o in &of(&one.order) {
                    order.push(self.result_labels(binary, m, o));
                }
            }
            signatures.push(mine);
        }
        self.assemble(order, steps).map(Value::Vectors)
    }

    fn join_step(&self, binary: &Binary, many: &[Element], one: &[Element], swapped: bool) -> Fallible<Vec<Element>> {
        let matching = &binary.matching;
        let mut out = Vec::new();
        if many.is_empty() || one.is_empty() {
            return Ok(out);
        }
        let mut by_signature: Vec<(Labels, &Element)> = Vec::new();
        for element in one {
            let mine = signature(&element.labels, matching);
            if by_signature.iter().any(|(other, _)| *other == mine) {
                return Err("many-to-many matching not allowed".to_owned());
            }
            by_signature.push((mine, element));
        }
        let mut matched: Vec<(Labels, Labels)> = Vec::new();
        for m in many {
            let mine = signature(&m.labels, matching);
            let Some((_, o)) = by_signature.iter().find(|(other, _)| *other == mine) else { continue };
            let (a, b) = if swapped { (o.v, m.v) } else { (m.v, o.v) };
            let (v, keep) = match value_of(binary.op, a, b) {
                Ok(v) => (v, true),
                Err(holds) if binary.return_bool => (f64::from(holds), true),
                Err(holds) => (a, holds),
            };
            if !keep && self.rules.filter_first {
                continue;
            }
            let labels = self.result_labels(binary, &m.labels, &o.labels);
            let one_to_one = matching.cardinality == Cardinality::OneToOne;
            if matched.iter().any(|(s, result)| *s == mine && (one_to_one || *result == labels)) {
                return Err("multiple matches for labels".to_owned());
            }
            matched.push((mine, labels.clone()));
            if keep {
                // What a comparison lets pass keeps a name that was about to go.
                out.push(Element { labels, drop_name: binary.return_bool, v });
            }
        }
        Ok(out)
    }

    /// Whether the result of an operator (without `bool`) is the same metric still.
    fn keeps_name(&self, op: Op) -> bool {
        op.is_comparison() || (op == Op::Atan2 && self.rules.atan2_keeps_name)
    }

    /// The labels of the result of a pair: those of the many side, or the matching ones; plus those that a group clause
    /// takes from the one side. Arithmetic takes the name away at once in all versions.
    fn result_labels(&self, binary: &Binary, many: &Labels, one: &Labels) -> Labels {
        let matching = &binary.matching;
        let named = if self.keeps_name(binary.op) && !(binary.return_bool && self.rules.names_at_once) {
            many.clone()
        } else {
            without_name(many)
        };
        let mut builder = LabelsBuilder::from_labels(&named);
        if matching.cardinality == Cardinality::OneToOne {
            builder.retain(|name| matching.labels.iter().any(|l| l == name) == matching.on);
        }
        for name in &matching.include {
            builder.set(name, one.get(name).unwrap_or(""));
        }
        builder.labels()
    }
}

/// Both sides with the values that stand in for what has no match on the other one.
fn filled(matching: &VectorMatching, many: &[Element], one: &[Element]) -> (Vec<Element>, Vec<Element>) {
    let stand_ins = |fill: Option<f64>, present: &[Element], missing: &[Element]| {
        let mut out = missing.to_vec();
        for element in present {
            let labels = signature(&element.labels, matching);
            let is_there = out.iter().any(|e| signature(&e.labels, matching) == labels);
            if let Some(v) = fill
                && !is_there
            {
                out.push(Element { labels, drop_name: false, v });
            }
        }
        out
    };
    (stand_ins(matching.fill_left, one, many), stand_ins(matching.fill_right, many, one))
}

/// What a series is matched by.
fn signature(labels: &Labels, matching: &VectorMatching) -> Labels {
    let listed = |name: &str| matching.labels.iter().any(|l| l == name);
    let used = |name: &str| if matching.on { listed(name) } else { !listed(name) && name != METRIC_NAME };
    Labels::from_pairs(labels.iter().filter(|(name, _)| used(name)))
}

/// The number that arithmetic gives, or as the error whether a comparison holds.
fn value_of(op: Op, a: f64, b: f64) -> Result<f64, bool> {
    match op {
        Op::Add => Ok(a + b),
        Op::Sub => Ok(a - b),
        Op::Mul => Ok(a * b),
        Op::Div => Ok(a / b),
        Op::Mod => Ok(a % b),
        Op::Pow => Ok(libm::pow(a, b)),
        Op::Atan2 => Ok(libm::atan2(a, b)),
        Op::Eq => Err(a == b),
        Op::Ne => Err(a != b),
        Op::Lt => Err(a < b),
        Op::Le => Err(a <= b),
        Op::Gt => Err(a > b),
        Op::Ge => Err(a >= b),
        _ => Ok(f64::NAN),
    }
}
