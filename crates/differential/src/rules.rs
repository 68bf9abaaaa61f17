//! How versions of Prometheus differ: one rule each, with its reason.

/// What an evaluation does differently from the current version; all `false` is the current version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Ranges, lookback and subqueries contain their left end.
    pub closed_left: bool,
    /// Names are dropped by each function, not at the end of the query.
    pub names_at_once: bool,
    /// Aggregations add up without compensation.
    pub plain_sums: bool,
    /// A counter's way to zero is looked at before the limit of the extrapolation.
    pub zero_first: bool,
    /// Small dents in the counts of buckets are levelled like large ones.
    pub all_dents: bool,
    /// Histograms that differ only in their names are one.
    pub nameless_histograms: bool,
    /// A pair that a comparison drops does not count as a match.
    pub filter_first: bool,
    /// The deviation of a single value is 0 even if it is infinite or NaN.
    pub finite_deviation: bool,
    /// What `atan2` gives keeps its name.
    pub atan2_keeps_name: bool,
    /// A line through infinite values is NaN.
    pub nan_regression: bool,
    /// `avg_over_time` keeps a mean, not a sum.
    pub running_mean: bool,
}

/// A difference between versions.
#[derive(Clone, Copy, Debug)]
pub struct Difference {
    /// What the current version does and 2.42 does not.
    pub name: &'static str,
    /// What the older version does.
    pub apply: fn(&mut Rules),
}

impl Rules {
    /// As the current version.
    pub const CURRENT: Rules = Rules {
        closed_left: false,
        names_at_once: false,
        plain_sums: false,
        zero_first: false,
        all_dents: false,
        nameless_histograms: false,
        filter_first: false,
        finite_deviation: false,
        atan2_keeps_name: false,
        nan_regression: false,
        running_mean: false,
    };

    /// As 2.42: all differences of [`SINCE_2_42`].
    #[must_use]
    pub fn of_2_42() -> Self {
        let mut rules = Rules::CURRENT;
        SINCE_2_42.iter().for_each(|difference| (difference.apply)(&mut rules));
        rules
    }
}

/// What changed in evaluation after 2.42, the version in Debian 12, and can be seen in the generated queries.
pub const SINCE_2_42: &[Difference] = &[
    Difference {
        name: "ranges, lookback and subqueries leave out a sample exactly on their left end (since 3.0)",
        apply: |rules| rules.closed_left = true,
    },
    Difference {
        name: "names are dropped at the end of the query: series that differ only in them may meet on the way",
        apply: |rules| rules.names_at_once = true,
    },
    Difference {
        name: "sum and avg of an aggregation compensate for rounding",
        apply: |rules| rules.plain_sums = true,
    },
    Difference {
        name: "rate and increase shorten the way to the start of the range before they look where the counter meets zero",
        apply: |rules| rules.zero_first = true,
    },
    Difference {
        name: "buckets whose counts differ by rounding only are made equal",
        apply: |rules| rules.all_dents = true,
    },
    Difference {
        name: "histogram_quantile tells histograms of different names apart",
        apply: |rules| rules.nameless_histograms = true,
    },
    Difference {
        name: "a match is refused if it is ambiguous, even where a comparison drops all but one",
        apply: |rules| rules.filter_first = true,
    },
    Difference {
        name: "stddev and stdvar of one value are NaN if it is infinite or NaN",
        apply: |rules| rules.finite_deviation = true,
    },
    Difference { name: "atan2 drops the name like other arithmetic", apply: |rules| rules.atan2_keeps_name = true },
    Difference {
        name: "deriv and predict_linear of infinite values may be infinite",
        apply: |rules| rules.nan_regression = true,
    },
    Difference {
        name: "avg_over_time adds up and divides at the end: another last digit",
        apply: |rules| rules.running_mean = true,
    },
];
