//! Texts of the page: explore.
