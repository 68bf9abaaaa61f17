//! target_form
