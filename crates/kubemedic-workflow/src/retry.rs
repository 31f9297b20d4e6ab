//! Waiting times between tries: doubling up to a limit, spread so that many do not try at once.

use std::time::Duration;

use kubemedic_model::digest::sha256;

/// The longest wait between two tries.
const LONGEST_SECONDS: u64 = 300;

/// The wait after `attempts` failed tries: 1 s, 2 s, 4 s ... 300 s, plus at most a quarter. The spread follows from the key,
/// so that the same delivery always waits the same time.
pub(crate) fn backoff(attempts: u32, key: &str) -> Duration {
    let doublings = attempts.saturating_sub(1).min(9);
    let seconds = (1_u64 << doublings).min(LONGEST_SECONDS);
    let digest = sha256(format!("{key}#{attempts}").as_bytes());
    let spread = digest
        .bytes()
        .rev()
        .take(2)
        .fold(0_u64, |sum, byte| sum * 31 + u64::from(byte))
        % 250;
    Duration::from_millis(seconds * 1000 + seconds * spread)
}

#[cfg(test)]
mod tests;
