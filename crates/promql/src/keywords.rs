//! Keywords and operators with a sentence about each, for the editor.

/// A keyword or an operator.
#[derive(Debug, PartialEq, Eq)]
pub struct Keyword {
    /// How it is written.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
}

macro_rules! words {
    ($($(#[$doc:meta])* $table:ident { $($name:literal $text:literal;)* })*) => {
        $($(#[$doc])* pub static $table: &[Keyword] = &[$(Keyword { name: $name, doc: $text }),*];)*
    };
}

words! {
    /// What changes a selector or a subquery; stands behind it.
    MODIFIERS {
        "offset" "Looks at the data this long ago: `up offset 1h`.";
        "@" "Looks at the data at a fixed time: `up @ start()`, `up @ 1700000000`.";
        "anchored" "Takes the range's ends from the samples at or before them. Experimental in Prometheus.";
        "smoothed" "Takes the range's ends by interpolation between samples. Experimental in Prometheus.";
    }
    /// What names the groups of an aggregation.
    GROUPING {
        "by" "Groups by these labels and keeps only them: `sum by (job) (up)`.";
        "without" "Groups by all labels but these: `sum without (instance) (up)`.";
    }
    /// What says which series of both sides belong together; stands behind an operator.
    MATCHING {
        "on" "Matches series of both sides by these labels only.";
        "ignoring" "Matches series of both sides by all labels but these.";
    }
    /// What says how a label and its value compare; stands in braces.
    MATCH_OPERATORS {
        "=" "The label has exactly this value.";
        "!=" "The label has another value, or is missing.";
        "=~" "The regular expression matches the whole value.";
        "!~" "The regular expression does not match the whole value.";
    }
    /// Numbers that are words.
    NUMBERS {
        "Inf" "Infinity.";
        "NaN" "Not a number.";
    }
    /// What can be called within a duration.
    DURATION_CALLS {
        "step()" "The step of the query. Experimental in Prometheus.";
        "range()" "The length of the query's range. Experimental in Prometheus.";
        "min_of(" "The shorter of two durations. Experimental in Prometheus.";
        "max_of(" "The longer of two durations. Experimental in Prometheus.";
    }
    /// What may stand behind `on (…)` or `ignoring (…)`.
    GROUP {
        "group_left" "Many series on the left may match one on the right, whose listed labels are taken over.";
        "group_right" "Many series on the right may match one on the left, whose listed labels are taken over.";
    }
    /// What may stand behind an operator and its lists of labels.
    FILL {
        "fill" "Stands in for series missing on either side. Experimental in Prometheus.";
        "fill_left" "Stands in for series missing on the left. Experimental in Prometheus.";
        "fill_right" "Stands in for series missing on the right. Experimental in Prometheus.";
    }
    /// What may stand behind a comparison.
    COMPARISON {
        "bool" "Gives 0 or 1 for each series rather than keeping those that fit.";
    }
    /// What may stand behind `@`.
    AT_TIMES {
        "start()" "The start of the query's range.";
        "end()" "The end of the query's range.";
    }
    /// What joins two expressions.
    OPERATORS {
        "+" "Sum of both sides.";
        "-" "Difference of both sides.";
        "*" "Product of both sides.";
        "/" "Left side divided by the right side.";
        "%" "Remainder of the left side divided by the right side.";
        "^" "Left side to the power of the right side; binds from the right.";
        "==" "Keeps series that are equal to the other side.";
        "!=" "Keeps series that differ from the other side.";
        ">" "Keeps series greater than the other side.";
        "<" "Keeps series less than the other side.";
        ">=" "Keeps series greater than or equal to the other side.";
        "<=" "Keeps series less than or equal to the other side.";
        "and" "Series of the left side that also exist on the right side.";
        "or" "Series of the left side, and those of the right side that have no match there.";
        "unless" "Series of the left side that do not exist on the right side.";
        "atan2" "Angle of the point with the right side as x and the left side as y, in radians.";
        "</" "Native histograms without the observations above the right side. Experimental in Prometheus.";
        ">/" "Native histograms without the observations below the right side. Experimental in Prometheus.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ast::BinaryOp;

    #[test]
    fn every_operator_has_a_sentence() {
        for operator in OPERATORS {
            assert!(BinaryOp::from_text(operator.name).is_some(), "{}", operator.name);
            assert!(operator.doc.ends_with('.'));
        }
        assert_eq!(OPERATORS.len(), 18);
    }
}
