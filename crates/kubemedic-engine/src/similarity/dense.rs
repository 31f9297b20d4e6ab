//! Vectors of an embedder: their cosine, and what a cosine is worth for that embedder.

/// Lines that have nothing to do with each other. Their likeness is what an embedder gives to any two lines of logs.
pub const PROBES: [&str; 16] = [
    "Back-off pulling image from the registry: manifest unknown",
    "java.lang.NullPointerException in the checkout handler",
    "disk is full, no space left on device",
    "the certificate of the webhook has expired",
    "slow query: 8 seconds in the orders table",
    "leader election lost, another replica holds the lease",
    "configuration key MAX_RETRIES is not a number",
    "user alice is not allowed to delete secrets",
    "readiness probe got status 500",
    "packet dropped by network policy",
    "cannot parse the JSON of the event",
    "too many open files",
    "the consumer is 20000 records behind",
    "port 8080 is already in use",
    "garbage collection paused the process for 3 seconds",
    "name of the service cannot be resolved",
];

/// The cosine of two vectors, -1 to 1. 0 where they cannot be compared: other dimensions, no length, not a number.
pub fn cosine(a: &[f32], b: &[f32]) -> f64 {
    if a.len() != b.len() {
        return 0.0;
    }
    let (mut dot, mut left, mut right) = (0.0_f64, 0.0_f64, 0.0_f64);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (f64::from(*x), f64::from(*y));
        dot += x * y;
        left += x * x;
        right += y * y;
    }
    let cosine = dot / (left.sqrt() * right.sqrt());
    if cosine.is_finite() {
        cosine.clamp(-1.0, 1.0)
    } else {
        0.0
    }
}

/// The vector with length 1; `None` where it has no length or holds something that is not a number.
pub fn normalised(vector: &[f32]) -> Option<Vec<f32>> {
    let length = vector.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    if !length.is_finite() || length < 1e-12 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a part of a vector of length 1 fits"
    )]
    let scaled = vector.iter().map(|x| (f64::from(*x) / length) as f32);
    Some(scaled.collect())
}

/// The likeness that an embedder gives to lines that have nothing in common: the mean cosine of the [`PROBES`]' vectors, 0 to 0.95.
pub fn baseline(probes: &[Vec<f32>]) -> f64 {
    let pairs = probes
        .iter()
        .enumerate()
        .flat_map(|(at, one)| probes.iter().skip(at + 1).map(move |other| cosine(one, other)));
    let (sum, count) = pairs.fold((0.0, 0_u32), |(sum, count), it| (sum + it, count + 1));
    if count == 0 {
        0.0
    } else {
        (sum / f64::from(count)).clamp(0.0, 0.95)
    }
}

/// A cosine less the baseline: 0 for what is no more alike than any two lines, 1 for the same.
pub(super) fn above(cosine: f64, baseline: f64) -> f64 {
    ((cosine - baseline) / (1.0 - baseline)).clamp(0.0, 1.0)
}
