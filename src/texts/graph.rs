//! Texts of the page: graph.
