//! Places that logs are fetched from: search servers and folders of files. Nothing here redacts; `workflow::log_sources` does.

pub mod elasticsearch;
pub mod files;
