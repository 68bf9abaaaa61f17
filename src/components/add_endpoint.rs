//! add_endpoint
