//! Warnings and infos that travel beside a value.

use promql::Span;

/// At most so many of a kind: a query over a thousand badly named metrics says it often enough.
const MAX_ANNOTATIONS: usize = 10;

/// A remark on a part of the expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// What there is to know, in Prometheus' words.
    pub message: String,
    /// The part it is about.
    pub span: Span,
}

/// All remarks of an evaluation, none twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations {
    /// The result is probably not what was meant.
    pub warnings: Vec<Annotation>,
    /// Worth knowing.
    pub infos: Vec<Annotation>,
}

impl Annotations {
    pub(crate) fn warn(&mut self, span: Span, message: impl Into<String>) {
        add(&mut self.warnings, span, message.into());
    }

    pub(crate) fn info(&mut self, span: Span, message: impl Into<String>) {
        add(&mut self.infos, span, message.into());
    }

    /// Adds those of another evaluation of the same expression.
    pub fn merge(&mut self, other: Annotations) {
        for one in other.warnings {
            add(&mut self.warnings, one.span, one.message);
        }
        for one in other.infos {
            add(&mut self.infos, one.span, one.message);
        }
    }
}

fn add(list: &mut Vec<Annotation>, span: Span, message: String) {
    // The same about several parts is said once, about the last one, as Prometheus does.
    if let Some(known) = list.iter_mut().find(|known| known.message == message) {
        known.span = span;
    } else if list.len() < MAX_ANNOTATIONS {
        list.push(Annotation { message, span });
    }
}
