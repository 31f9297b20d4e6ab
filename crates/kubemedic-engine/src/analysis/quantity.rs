//! Kubernetes' resource quantities (`500m`, `1.5Gi`, `2e3`) as numbers that can be compared.
//! It does no arithmetic on them and keeps no unit names.

/// The value of a quantity in base units (cores, bytes, pieces).
/// Source: `k8s.io/apimachinery/pkg/api/resource/quantity.go`.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text
        .char_indices()
        .find(|(_, c)| !(c.is_ascii_digit() || matches!(c, '.' | '+' | '-')))
        .map_or(text.len(), |(at, _)| at);
    let (number, suffix) = text.split_at_checked(end)?;
    let number: f64 = number.parse().ok()?;
    Some(number * factor(suffix)?).filter(|value| value.is_finite())
}

/// Whether `left` is a larger quantity than `right`, where both can be read.
pub(crate) fn exceeds(left: &str, right: &str) -> Option<bool> {
    Some(parse(left)? > parse(right)?)
}

/// What a suffix multiplies by.
fn factor(suffix: &str) -> Option<f64> {
    Some(match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" | "K" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        "Ti" => 1024.0_f64.powi(4),
        "Pi" => 1024.0_f64.powi(5),
        "Ei" => 1024.0_f64.powi(6),
        exponent => {
            let digits = exponent.strip_prefix(['e', 'E'])?;
            10_f64.powi(digits.parse::<i32>().ok().filter(|power| power.abs() <= 30)?)
        }
    })
}

#[cfg(test)]
mod tests;
