//! Functions and aggregations: name, argument types, result, and a sentence for the editor.
//!
//! One table for editor and engine. To add a function: a line here, its body in
//! `engine/src/functions`, its cases in `tests/data`.

use crate::ast::ValueType;
use ValueType::{Matrix, Scalar, String, Vector};

/// How many arguments a function takes beyond those it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// Exactly those named.
    Exact,
    /// The last `n` of those named may be left out.
    Optional(usize),
    /// The last one may be left out, or repeated up to a count of arguments.
    Repeat(usize),
}

/// A function.
#[derive(Debug, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Which one, for the engine's `match`.
    pub id: FunctionId,
    /// Types of the arguments.
    pub args: &'static [ValueType],
    /// Which may be left out.
    pub arity: Arity,
    /// What it gives.
    pub returns: ValueType,
    /// Needs a feature flag in Prometheus.
    pub experimental: bool,
    /// One sentence.
    pub doc: &'static str,
}

impl Function {
    /// The least number of arguments.
    #[must_use]
    pub fn min_args(&self) -> usize {
        match self.arity {
            Arity::Exact => self.args.len(),
            Arity::Optional(n) => self.args.len().saturating_sub(n),
            Arity::Repeat(_) => self.args.len().saturating_sub(1),
        }
    }

    /// The greatest number of arguments.
    #[must_use]
    pub fn max_args(&self) -> usize {
        match self.arity {
            Arity::Exact | Arity::Optional(_) => self.args.len(),
            Arity::Repeat(n) => n,
        }
    }

    /// The type of an argument.
    #[must_use]
    pub fn arg_type(&self, idx: usize) -> ValueType {
        self.args.get(idx).or(self.args.last()).copied().unwrap_or(ValueType::Unknown)
    }

    /// `rate(range vector) → instant vector`
    #[must_use]
    pub fn signature(&self) -> std::string::String {
        let mut out = format!("{}(", self.name);
        for (idx, arg) in self.args.iter().enumerate() {
            if idx > 0 {
                out.push_str(", ");
            }
            out.push_str(arg.as_str());
            match self.arity {
                Arity::Optional(n) if idx >= self.args.len() - n => out.push('?'),
                Arity::Repeat(_) if idx == self.args.len() - 1 => out.push('…'),
                _ => {}
            }
        }
        out.push_str(") → ");
        out.push_str(self.returns.as_str());
        out
    }
}

macro_rules! functions {
    ($($id:ident $name:literal [$($arg:ident),*] $arity:expr, $returns:ident, $experimental:literal, $doc:literal;)*) => {
        /// Names a function, so that the engine's `match` is complete.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "each is described by its line of the table")]
        pub enum FunctionId { $($id),* }

        /// All functions, sorted by name.
        pub static FUNCTIONS: &[Function] = &[$(Function {
            name: $name,
            id: FunctionId::$id,
            args: &[$($arg),*],
            arity: $arity,
            returns: $returns,
            experimental: $experimental,
            doc: $doc,
        }),*];
    };
}

use Arity::{Exact, Optional, Repeat};

functions! {
    Abs "abs" [Vector] Exact, Vector, false, "Each value without its sign.";
    Absent "absent" [Vector] Exact, Vector, false, "1 if the selector matches no series, nothing otherwise: for alerts on missing data.";
    AbsentOverTime "absent_over_time" [Matrix] Exact, Vector, false, "1 if there was no sample in the whole range, nothing otherwise.";
    Acos "acos" [Vector] Exact, Vector, false, "Arc cosine, in radians.";
    Acosh "acosh" [Vector] Exact, Vector, false, "Inverse hyperbolic cosine.";
    Asin "asin" [Vector] Exact, Vector, false, "Arc sine, in radians.";
    Asinh "asinh" [Vector] Exact, Vector, false, "Inverse hyperbolic sine.";
    Atan "atan" [Vector] Exact, Vector, false, "Arc tangent, in radians.";
    Atanh "atanh" [Vector] Exact, Vector, false, "Inverse hyperbolic tangent.";
    AvgOverTime "avg_over_time" [Matrix] Exact, Vector, false, "Mean of the samples in the range, for each series.";
    Ceil "ceil" [Vector] Exact, Vector, false, "Each value rounded up to a whole number.";
    Changes "changes" [Matrix] Exact, Vector, false, "How often the value changed in the range.";
    Clamp "clamp" [Vector, Scalar, Scalar] Exact, Vector, false, "Each value, kept between a minimum and a maximum.";
    ClampMax "clamp_max" [Vector, Scalar] Exact, Vector, false, "Each value, but at most the maximum.";
    ClampMin "clamp_min" [Vector, Scalar] Exact, Vector, false, "Each value, but at least the minimum.";
    Cos "cos" [Vector] Exact, Vector, false, "Cosine of radians.";
    Cosh "cosh" [Vector] Exact, Vector, false, "Hyperbolic cosine.";
    CountOverTime "count_over_time" [Matrix] Exact, Vector, false, "Number of samples in the range.";
    DayOfMonth "day_of_month" [Vector] Optional(1), Vector, false, "Day of the month in UTC, 1 to 31, of times in seconds.";
    DayOfWeek "day_of_week" [Vector] Optional(1), Vector, false, "Day of the week in UTC, 0 is Sunday, of times in seconds.";
    DayOfYear "day_of_year" [Vector] Optional(1), Vector, false, "Day of the year in UTC, 1 to 366, of times in seconds.";
    DaysInMonth "days_in_month" [Vector] Optional(1), Vector, false, "Number of days in the month, in UTC, of times in seconds.";
    Deg "deg" [Vector] Exact, Vector, false, "Radians to degrees.";
    Delta "delta" [Matrix] Exact, Vector, false, "Difference between the ends of the range, extrapolated to them. For gauges.";
    Deriv "deriv" [Matrix] Exact, Vector, false, "Change per second by linear regression. For gauges.";
    DoubleExponentialSmoothing "double_exponential_smoothing" [Matrix, Scalar, Scalar] Exact, Vector, true, "Smoothed value with a smoothing and a trend factor between 0 and 1. For gauges.";
    End "end" [] Exact, Scalar, true, "The end of the query's range, in seconds since 1970.";
    Exp "exp" [Vector] Exact, Vector, false, "e to the power of each value.";
    FirstOverTime "first_over_time" [Matrix] Exact, Vector, true, "The oldest sample in the range.";
    Floor "floor" [Vector] Exact, Vector, false, "Each value rounded down to a whole number.";
    HistogramAvg "histogram_avg" [Vector] Exact, Vector, false, "Mean of the observations of native histograms.";
    HistogramCount "histogram_count" [Vector] Exact, Vector, false, "Number of observations of native histograms.";
    HistogramFraction "histogram_fraction" [Scalar, Scalar, Vector] Exact, Vector, false, "Estimated share of observations between a lower and an upper bound.";
    HistogramQuantile "histogram_quantile" [Scalar, Vector] Exact, Vector, false, "Estimated quantile (0 to 1) of histograms; classic ones by their `le` buckets.";
    HistogramQuantiles "histogram_quantiles" [Vector, String, Scalar, Scalar] Repeat(12), Vector, true, "Several estimated quantiles of histograms at once, told apart by a label.";
    HistogramStddev "histogram_stddev" [Vector] Exact, Vector, false, "Estimated standard deviation of the observations of native histograms.";
    HistogramStdvar "histogram_stdvar" [Vector] Exact, Vector, false, "Estimated variance of the observations of native histograms.";
    HistogramSum "histogram_sum" [Vector] Exact, Vector, false, "Sum of the observations of native histograms.";
    Hour "hour" [Vector] Optional(1), Vector, false, "Hour of the day in UTC, 0 to 23, of times in seconds.";
    Idelta "idelta" [Matrix] Exact, Vector, false, "Difference of the last two samples in the range. For gauges.";
    Increase "increase" [Matrix] Exact, Vector, false, "How much a counter grew over the range, resets counted, extrapolated to its ends.";
    Info "info" [Vector, Vector] Optional(1), Vector, true, "Adds the labels of matching info series such as `target_info`.";
    Irate "irate" [Matrix] Exact, Vector, false, "Growth per second of a counter between the last two samples of the range.";
    LabelJoin "label_join" [Vector, String, String, String] Repeat(usize::MAX), Vector, false, "Joins the values of labels with a separator into a new label.";
    LabelReplace "label_replace" [Vector, String, String, String, String] Exact, Vector, false, "Sets a label from another one by a regular expression.";
    LastOverTime "last_over_time" [Matrix] Exact, Vector, false, "The newest sample in the range.";
    Ln "ln" [Vector] Exact, Vector, false, "Natural logarithm.";
    Log10 "log10" [Vector] Exact, Vector, false, "Logarithm to base 10.";
    Log2 "log2" [Vector] Exact, Vector, false, "Logarithm to base 2.";
    MadOverTime "mad_over_time" [Matrix] Exact, Vector, true, "Median absolute deviation of the samples in the range.";
    MaxOf "max_of" [Scalar, Scalar] Exact, Scalar, true, "The greater of two numbers.";
    MaxOverTime "max_over_time" [Matrix] Exact, Vector, false, "Greatest sample in the range.";
    MinOf "min_of" [Scalar, Scalar] Exact, Scalar, true, "The lesser of two numbers.";
    MinOverTime "min_over_time" [Matrix] Exact, Vector, false, "Least sample in the range.";
    Minute "minute" [Vector] Optional(1), Vector, false, "Minute of the hour in UTC, 0 to 59, of times in seconds.";
    Month "month" [Vector] Optional(1), Vector, false, "Month of the year in UTC, 1 to 12, of times in seconds.";
    Pi "pi" [] Exact, Scalar, false, "The number pi.";
    PredictLinear "predict_linear" [Matrix, Scalar] Exact, Vector, false, "Value expected so many seconds from now, by linear regression. For gauges.";
    PresentOverTime "present_over_time" [Matrix] Exact, Vector, false, "1 for each series that has a sample in the range.";
    QuantileOverTime "quantile_over_time" [Scalar, Matrix] Exact, Vector, false, "Quantile (0 to 1) of the samples in the range.";
    Rad "rad" [Vector] Exact, Vector, false, "Degrees to radians.";
    Range "range" [] Exact, Scalar, true, "The length of the query's range, in seconds.";
    Rate "rate" [Matrix] Exact, Vector, false, "Growth per second of a counter over the range, resets counted: the function for counters.";
    Resets "resets" [Matrix] Exact, Vector, false, "How often a counter was reset in the range.";
    Round "round" [Vector, Scalar] Optional(1), Vector, false, "Each value rounded to the nearest multiple, of 1 unless said otherwise.";
    ScalarFn "scalar" [Vector] Exact, Scalar, false, "The value of the only series as a number; NaN if there is not exactly one.";
    Sgn "sgn" [Vector] Exact, Vector, false, "-1, 0 or 1 by the sign of each value.";
    Sin "sin" [Vector] Exact, Vector, false, "Sine of radians.";
    Sinh "sinh" [Vector] Exact, Vector, false, "Hyperbolic sine.";
    Sort "sort" [Vector] Exact, Vector, false, "Series sorted by value, least first. Only for tables.";
    SortByLabel "sort_by_label" [Vector, String] Repeat(usize::MAX), Vector, true, "Series sorted by the values of labels. Only for tables.";
    SortByLabelDesc "sort_by_label_desc" [Vector, String] Repeat(usize::MAX), Vector, true, "Series sorted by the values of labels, backwards. Only for tables.";
    SortDesc "sort_desc" [Vector] Exact, Vector, false, "Series sorted by value, greatest first. Only for tables.";
    Sqrt "sqrt" [Vector] Exact, Vector, false, "Square root.";
    Start "start" [] Exact, Scalar, true, "The start of the query's range, in seconds since 1970.";
    StartTimestamp "start_timestamp" [Vector] Exact, Vector, true, "When the exporter began to count, in seconds, where it says so.";
    StddevOverTime "stddev_over_time" [Matrix] Exact, Vector, false, "Standard deviation of the samples in the range.";
    StdvarOverTime "stdvar_over_time" [Matrix] Exact, Vector, false, "Variance of the samples in the range.";
    Step "step" [] Exact, Scalar, true, "The step of the query, in seconds.";
    SumOverTime "sum_over_time" [Matrix] Exact, Vector, false, "Sum of the samples in the range.";
    Tan "tan" [Vector] Exact, Vector, false, "Tangent of radians.";
    Tanh "tanh" [Vector] Exact, Vector, false, "Hyperbolic tangent.";
    Time "time" [] Exact, Scalar, false, "The time of the evaluation, in seconds since 1970.";
    Timestamp "timestamp" [Vector] Exact, Vector, false, "The time of each sample, in seconds since 1970.";
    TsOfFirstOverTime "ts_of_first_over_time" [Matrix] Exact, Vector, true, "The time of the oldest sample in the range, in seconds.";
    TsOfLastOverTime "ts_of_last_over_time" [Matrix] Exact, Vector, true, "The time of the newest sample in the range, in seconds.";
    TsOfMaxOverTime "ts_of_max_over_time" [Matrix] Exact, Vector, true, "The time of the last greatest sample in the range, in seconds.";
    TsOfMinOverTime "ts_of_min_over_time" [Matrix] Exact, Vector, true, "The time of the last least sample in the range, in seconds.";
    VectorFn "vector" [Scalar] Exact, Vector, false, "A number as a series without labels.";
    Year "year" [Vector] Optional(1), Vector, false, "Year in UTC, of times in seconds.";
}

/// The function of a name. Function names are case-sensitive.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.binary_search_by(|f| f.name.cmp(name)).ok().map(|idx| &FUNCTIONS[idx])
}

/// The known names nearest to a wrong one, at most three edits away, nearest first.
#[must_use]
pub fn similar(name: &str) -> Vec<&'static str> {
    let names = FUNCTIONS.iter().map(|f| f.name).chain(AGGREGATIONS.iter().map(|a| a.name));
    model::near::nearest(name, names)
}

/// Names an aggregation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is described by its line of the table")]
pub enum Aggregation {
    Avg,
    Bottomk,
    Count,
    CountValues,
    Group,
    LimitRatio,
    Limitk,
    Max,
    Min,
    Quantile,
    Stddev,
    Stdvar,
    Sum,
    Topk,
}

/// What is known of an aggregation.
#[derive(Debug)]
pub struct AggregationInfo {
    /// Its name.
    pub name: &'static str,
    /// Which one.
    pub id: Aggregation,
    /// The type of its parameter, if it takes one.
    pub param: Option<ValueType>,
    /// One sentence.
    pub doc: &'static str,
}

impl AggregationInfo {
    /// `topk(scalar, instant vector) → instant vector`
    #[must_use]
    pub fn signature(&self) -> std::string::String {
        let param = self.param.map_or(std::string::String::new(), |kind| format!("{}, ", kind.as_str()));
        format!("{}({param}instant vector) → instant vector", self.name)
    }
}

/// All aggregations, sorted by name.
pub static AGGREGATIONS: &[AggregationInfo] = &[
    AggregationInfo { name: "avg", id: Aggregation::Avg, param: None, doc: "Mean over the series of each group." },
    AggregationInfo {
        name: "bottomk",
        id: Aggregation::Bottomk,
        param: Some(Scalar),
        doc: "The k series with the least values of each group.",
    },
    AggregationInfo { name: "count", id: Aggregation::Count, param: None, doc: "Number of series of each group." },
    AggregationInfo {
        name: "count_values",
        id: Aggregation::CountValues,
        param: Some(String),
        doc: "Number of series for each value, the value as a label.",
    },
    AggregationInfo { name: "group", id: Aggregation::Group, param: None, doc: "1 for each group." },
    AggregationInfo {
        name: "limit_ratio",
        id: Aggregation::LimitRatio,
        param: Some(Scalar),
        doc: "About this share of the series of each group, always the same ones.",
    },
    AggregationInfo {
        name: "limitk",
        id: Aggregation::Limitk,
        param: Some(Scalar),
        doc: "Any k series of each group, always the same ones.",
    },
    AggregationInfo { name: "max", id: Aggregation::Max, param: None, doc: "Greatest value of each group." },
    AggregationInfo { name: "min", id: Aggregation::Min, param: None, doc: "Least value of each group." },
    AggregationInfo {
        name: "quantile",
        id: Aggregation::Quantile,
        param: Some(Scalar),
        doc: "Quantile (0 to 1) over the series of each group.",
    },
    AggregationInfo {
        name: "stddev",
        id: Aggregation::Stddev,
        param: None,
        doc: "Standard deviation over the series of each group.",
    },
    AggregationInfo {
        name: "stdvar",
        id: Aggregation::Stdvar,
        param: None,
        doc: "Variance over the series of each group.",
    },
    AggregationInfo { name: "sum", id: Aggregation::Sum, param: None, doc: "Sum over the series of each group." },
    AggregationInfo {
        name: "topk",
        id: Aggregation::Topk,
        param: Some(Scalar),
        doc: "The k series with the greatest values of each group.",
    },
];

/// The aggregation of a name, case ignored.
#[must_use]
pub fn aggregation(name: &str) -> Option<&'static AggregationInfo> {
    AGGREGATIONS.iter().find(|a| a.name.eq_ignore_ascii_case(name))
}

impl Aggregation {
    /// Its line of the table.
    #[must_use]
    pub fn info(self) -> &'static AggregationInfo {
        // The table is in the order of the enum; a test holds that.
        &AGGREGATIONS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_complete() {
        assert!(FUNCTIONS.is_sorted_by_key(|f| f.name));
        assert!(FUNCTIONS.iter().all(|f| f.doc.ends_with('.') && find(f.name) == Some(f)));
        for (idx, info) in AGGREGATIONS.iter().enumerate() {
            assert_eq!(info.id as usize, idx);
        }
    }

    #[test]
    fn a_wrong_name_finds_its_neighbours() {
        assert_eq!(similar("ratee")[..2], ["rate", "irate"]);
        assert_eq!(similar("raet").first(), Some(&"rate"));
        assert_eq!(similar("histogram_quantil").first(), Some(&"histogram_quantile"));
        assert!(similar("completely_other").is_empty());
    }
}
