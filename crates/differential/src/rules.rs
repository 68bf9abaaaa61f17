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
    /// The deviation of a single infinite value is 0.
    pub infinite_deviation: bool,
}

/// A difference between versions.
#[derive(Clone, Copy, Debug)]
pub struct Difference {
    /// What changed, in a few words.
    pub name: &'static str,
    /// Since which version Prometheus does it as we do.
    pub since: &'static str,
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
        infinite_deviation: false,
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
        name: "ranges and the lookback leave out a sample exactly on their left end",
        since: "3.0",
        apply: |rules| rules.closed_left = true,
    },
    Difference {
        name: "names are dropped at the end of the query, so that series which differ only in them may meet on the way",
        since: "3.0, where asked for",
        apply: |rules| rules.names_at_once = true,
    },
    Difference {
        name: "sum, avg and the deviations of an aggregation are compensated",
        since: "2.53",
        apply: |rules| rules.plain_sums = true,
    },
    Difference {
        name: "rate and increase cut the way to the start of the range before they look where a counter meets zero",
        since: "2.53",
        apply: |rules| rules.zero_first = true,
    },
    Difference {
        name: "buckets that differ by rounding only are levelled without raising those behind them",
        since: "2.49",
        apply: |rules| rules.all_dents = true,
    },
    Difference {
        name: "histogram_quantile tells histograms of different names apart",
        since: "3.0",
        apply: |rules| rules.nameless_histograms = true,
    },
    Difference {
        name: "a one-to-one match is refused if it is ambiguous, even where a comparison drops all but one",
        since: "3.0",
        apply: |rules| rules.filter_first = true,
    },
    Difference {
        name: "the deviation of one infinite value is NaN",
        since: "3.0",
        apply: |rules| rules.infinite_deviation = true,
    },
];
