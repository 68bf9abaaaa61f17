//! All that a user reads, in one place and ready for translation: a function for each sentence.

/// One sentence for each cause.
pub(crate) mod causes;
/// What to do.
pub(crate) mod cures;
/// Evidence.
pub(crate) mod facts;
/// Drawings made of characters.
pub(crate) mod pictures;

/// `800 ms`, `7.2 s`, `12 s`
pub(crate) fn duration(ms: i64) -> String {
    match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..10_000 if ms % 1_000 != 0 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        1_000..120_000 => format!("{} s", ms / 1_000),
        120_000..7_200_000 => format!("{} min", ms / 60_000),
        _ => format!("{} h", ms / 3_600_000),
    }
}
