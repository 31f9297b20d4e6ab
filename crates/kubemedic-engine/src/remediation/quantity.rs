//! Kubernetes quantities, as far as plans compute with them: bytes and millicores, rounded to amounts that people write.

/// One mebibyte, in bytes.
const MEBIBYTE: u64 = 1 << 20;
/// One gibibyte, in bytes.
const GIBIBYTE: u64 = 1 << 30;
/// The step that memory is rounded up to: limits are written in multiples of 64Mi by convention.
const MEMORY_STEP: u64 = 64 * MEBIBYTE;
/// The step that CPU is rounded up to, in millicores.
const CPU_STEP: u64 = 50;
/// The most that a computed amount of memory may be: beyond a tebibyte the evidence is not to be trusted.
const MAX_BYTES: u64 = 1 << 40;
/// The most millicores that a computed amount may be.
const MAX_MILLICORES: u64 = 1_000_000;
/// Suffixes of memory quantities with their factors, longest first.
const SUFFIXES: [(&str, u64); 11] = [
    ("Ki", 1 << 10),
    ("Mi", MEBIBYTE),
    ("Gi", GIBIBYTE),
    ("Ti", 1 << 40),
    ("k", 1_000),
    ("K", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("B", 1),
    ("", 1),
];

/// Reads a memory quantity as bytes (`256Mi`, `1.5Gi`, `500M`, `268435456`).
pub(crate) fn parse_bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, suffix) = (text.get(..end)?, text.get(end..)?.trim());
    let (_, factor) = SUFFIXES.iter().find(|(name, _)| *name == suffix)?;
    let thousandths = parse_thousandths(number)?;
    thousandths
        .checked_mul(*factor)
        .map(|value| value / 1000)
        .filter(|bytes| *bytes > 0)
}

/// Reads a CPU quantity as millicores (`250m`, `1`, `0.5`).
pub(crate) fn parse_millicores(text: &str) -> Option<u64> {
    let text = text.trim();
    match text.strip_suffix('m') {
        Some(number) => number.parse().ok(),
        None => parse_thousandths(text),
    }
    .filter(|millicores| *millicores > 0)
}

/// The next memory limit: half as much again, rounded up to 64Mi, at least 64Mi more. None where that is absurd.
pub(crate) fn more_memory(bytes: u64) -> Option<u64> {
    let raised = bytes.checked_add(bytes / 2)?.next_multiple_of(MEMORY_STEP);
    (raised <= MAX_BYTES).then_some(raised)
}

/// The next CPU limit: twice as much, rounded up to 50m. None where that is absurd.
pub(crate) fn more_cpu(millicores: u64) -> Option<u64> {
    let raised = millicores.checked_mul(2)?.next_multiple_of(CPU_STEP);
    (raised <= MAX_MILLICORES).then_some(raised)
}

/// Memory as people write it: whole gibibytes where possible, else mebibytes.
pub(crate) fn format_bytes(bytes: u64) -> String {
    if bytes.is_multiple_of(GIBIBYTE) {
        format!("{}Gi", bytes / GIBIBYTE)
    } else {
        format!("{}Mi", bytes.div_ceil(MEBIBYTE))
    }
}

/// CPU as people write it: whole cores where possible, else millicores.
pub(crate) fn format_millicores(millicores: u64) -> String {
    if millicores.is_multiple_of(1000) {
        (millicores / 1000).to_string()
    } else {
        format!("{millicores}m")
    }
}

/// Reads a decimal number as thousandths, at most three digits after the point.
fn parse_thousandths(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    let fraction: u64 = format!("{fraction:0<3}").parse().ok()?;
    whole.checked_mul(1000)?.checked_add(fraction)
}

#[cfg(test)]
mod tests;
