//! Samples that a scrape exposed and the store did not take, by reason: the counters of Prometheus' scrapes.

/// How many samples were not stored, and why.
///
/// The store takes a series' samples in the order of time only. So a sample that is not newer than the last one is refused:
/// by its time alone (`out_of_order`), or because there is another value at that time (`duplicate`). Prometheus counts
/// them as `prometheus_target_scrapes_sample_out_of_order_total` and `…_duplicate_timestamp_total`, and the two that are
/// beyond the bounds of time together as `…_out_of_bounds_total`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Older than the newest sample of the series.
    pub out_of_order: u64,
    /// Of the same time as the newest sample, with another value; or the series stands twice in one body.
    pub duplicate: u64,
    /// More than ten minutes ahead of the scrape.
    pub too_far_ahead: u64,
    /// Older than the store keeps samples.
    pub too_old: u64,
}

impl Dropped {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.out_of_order + self.duplicate + self.too_far_ahead + self.too_old
    }
}

impl std::ops::AddAssign for Dropped {
    fn add_assign(&mut self, other: Self) {
        self.out_of_order += other.out_of_order;
        self.duplicate += other.duplicate;
        self.too_far_ahead += other.too_far_ahead;
        self.too_old += other.too_old;
    }
}
