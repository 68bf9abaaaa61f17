//! Texts of the page: shell.
