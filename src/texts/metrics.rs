//! Texts of the page: metrics.
