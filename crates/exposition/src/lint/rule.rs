//! The rules of the lint: a short name, what it asks for, and where the specification says so.

/// How grave it is to break a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Readers may well take it, but it is not advised.
    Warning,
    /// The specification forbids it: the text as a whole is not valid.
    Error,
}

/// A rule of OpenMetrics 1.0 or of the classic text format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "`Rule::sentence` says what each asks for")]
pub enum Rule {
    NotMetrics,
    Syntax,
    Utf8,
    Eof,
    Sample,
    LineFeed,
    Number,
    Timestamp,
    MetricName,
    ReservedName,
    LabelTwice,
    BlankInLabels,
    LineBreakInLabel,
    Type,
    UnitSuffix,
    UnitNotAllowed,
    MetadataTwice,
    MetadataAfterSamples,
    FamilyInterleaved,
    NameClash,
    SampleName,
    MetricInterleaved,
    PointTwice,
    TimestampMixed,
    TimestampBackwards,
    CounterValue,
    NotInteger,
    QuantileLabel,
    QuantileValue,
    BucketLabel,
    BucketOrder,
    BucketCumulative,
    InfBucket,
    CountMismatch,
    SumAndCount,
    NegativeBucketSum,
    NegativeGsum,
    StateLabel,
    StateValue,
    InfoValue,
    CreatedValue,
    ExemplarPlace,
    ExemplarLength,
    ExemplarRange,
}

impl Rule {
    /// A short name, as reports and configurations write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.about().0
    }

    /// What the rule asks for, in a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        self.about().1
    }

    /// The section of the OpenMetrics specification that has the rule (or the classic format's description).
    #[must_use]
    pub fn section(self) -> &'static str {
        self.about().2
    }

    /// How grave it is to break it.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Rule::LineFeed | Rule::ReservedName | Rule::BlankInLabels | Rule::CreatedValue => Severity::Warning,
            _ => Severity::Error,
        }
    }

    fn about(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Rule::NotMetrics => ("not-metrics", "The body has to be metrics text.", "Text format"),
            Rule::Syntax => ("syntax", "Each line has to follow the grammar, blanks included.", "ABNF"),
            Rule::Utf8 => ("utf-8", "The whole text has to be UTF-8, without a byte order mark.", "Overall Structure"),
            Rule::Eof => ("eof", "The text ends with `# EOF`, and nothing follows.", "Overall Structure"),
            Rule::Sample => ("sample", "A value is of the kind that the type of its family has.", "Metric types"),
            Rule::LineFeed => ("line-feed", "The last line should end with a line feed.", "Overall Structure"),
            Rule::Number => ("number", "A value is a decimal number, an infinity or NaN.", "Numbers"),
            Rule::Timestamp => ("timestamp", "A time stamp is a finite decimal number.", "Timestamps"),
            Rule::MetricName => ("metric-name", "Each sample has a metric's name.", "MetricFamily"),
            Rule::ReservedName => ("reserved-name", "Label names with leading underscores are reserved.", "Label"),
            Rule::LabelTwice => ("label-twice", "A label stands once in a set of labels.", "LabelSet"),
            Rule::BlankInLabels => ("blank-in-labels", "No blanks stand between labels.", "ABNF"),
            Rule::LineBreakInLabel => ("line-break-in-label", "Line breaks in label values are escaped.", "Escaping"),
            Rule::Type => ("type", "A family's type is one of those that the format names.", "MetricFamily metadata"),
            Rule::UnitSuffix => {
                ("unit-suffix", "A family with a unit ends with `_` and the unit.", "MetricFamily metadata")
            }
            Rule::UnitNotAllowed => ("unit-not-allowed", "Info and StateSet families have no unit.", "Metric Types"),
            Rule::MetadataTwice => {
                ("metadata-twice", "A family has one line at most of each kind of metadata.", "MetricFamily metadata")
            }
            Rule::MetadataAfterSamples => {
                ("metadata-after-samples", "Metadata stands before the samples of its family.", "MetricFamily")
            }
            Rule::FamilyInterleaved => ("family-interleaved", "All lines of a family stand together.", "MetricFamily"),
            Rule::NameClash => {
                ("name-clash", "No sample name of a family could be one of another family.", "MetricFamily, Suffixes")
            }
            Rule::SampleName => {
                ("sample-name", "A sample's name is its family's with a suffix of the family's type.", "Metric types")
            }
            Rule::MetricInterleaved => ("metric-interleaved", "All samples of a metric stand together.", "Metric"),
            Rule::PointTwice => ("point-twice", "Several points of a metric need time stamps.", "MetricPoint"),
            Rule::TimestampMixed => {
                ("timestamp-mixed", "Either all samples of a metric have time stamps or none.", "MetricPoint")
            }
            Rule::TimestampBackwards => {
                ("timestamp-backwards", "The time stamps of a metric's points do not go backwards.", "MetricPoint")
            }
            Rule::CounterValue => {
                ("counter-value", "What counts is neither NaN nor negative.", "Counter, Histogram, Summary")
            }
            Rule::NotInteger => ("not-integer", "Counts and bucket values are whole numbers.", "Histogram, Summary"),
            Rule::QuantileLabel => {
                ("quantile-label", "A quantile's label is a number from 0 to 1, and only quantiles have it.", "Summary")
            }
            Rule::QuantileValue => ("quantile-value", "A quantile's value is not negative.", "Summary"),
            Rule::BucketLabel => {
                ("bucket-label", "A bucket's `le` is a number, `+Inf` so written; only buckets have it.", "Histogram")
            }
            Rule::BucketOrder => ("bucket-order", "The buckets of a point stand in increasing order.", "Histogram"),
            Rule::BucketCumulative => {
                ("bucket-cumulative", "A bucket holds no less than the one before it.", "Histogram")
            }
            Rule::InfBucket => ("inf-bucket", "A histogram has a bucket up to +Inf.", "Histogram"),
            Rule::CountMismatch => ("count-mismatch", "The count is the value of the +Inf bucket.", "Histogram"),
            Rule::SumAndCount => ("sum-and-count", "Sum and count are there both or neither.", "Histogram"),
            Rule::NegativeBucketSum => {
                ("negative-bucket-sum", "A histogram with buckets below zero has no sum.", "Histogram")
            }
            Rule::NegativeGsum => {
                ("negative-gsum", "A sum is negative only if there are buckets below zero.", "GaugeHistogram")
            }
            Rule::StateLabel => ("state-label", "A state stands in a label with the family's name.", "StateSet"),
            Rule::StateValue => ("state-value", "A state's value is 0 or 1.", "StateSet"),
            Rule::InfoValue => ("info-value", "The value of an Info is 1.", "Info"),
            Rule::CreatedValue => ("created-value", "A `_created` value is a time: a finite number.", "Counter"),
            Rule::ExemplarPlace => {
                ("exemplar-place", "Only buckets and totals of counters have exemplars.", "Exemplars")
            }
            Rule::ExemplarLength => {
                ("exemplar-length", "Names and values of an exemplar's labels are 128 characters at most.", "Exemplars")
            }
            Rule::ExemplarRange => {
                ("exemplar-range", "An exemplar's value is at most its bucket's bound.", "Histogram, Exemplars")
            }
        }
    }
}
