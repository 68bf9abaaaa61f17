//! Texts of the page: targets.
