//! metric_list
