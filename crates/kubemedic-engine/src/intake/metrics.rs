//! Metric samples to typed series: CSV in wide and long form, and the range answers of Prometheus.
//! It reads names and numbers; whether a series means anything is decided in `analysis`.

mod csv;
pub(super) mod names;
mod prometheus;

pub(super) use csv::read as read_csv;
pub(super) use prometheus::read as read_prometheus;

/// The most series of one input.
const MAX_SERIES: usize = 5000;
/// The most samples that are kept of one series; of a longer one every n-th is.
const MAX_SAMPLES: usize = 1000;
/// The longest name of a series, in bytes.
const MAX_NAME_BYTES: usize = 400;

#[cfg(test)]
mod tests;
