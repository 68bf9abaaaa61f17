//! Texts of the page: status.
