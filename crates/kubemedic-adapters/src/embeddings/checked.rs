//! What comes from an embedder, checked: as many vectors as texts, one dimension, numbers only, length 1.

/// The most numbers of one vector that are taken.
pub(super) const MAX_DIMENSION: usize = 8192;
/// The most bytes of a text that are embedded: what a line says, it says at its begin.
const MAX_TEXT_BYTES: usize = 4096;

/// The text as it is embedded: bounded, and never empty, since providers refuse an empty one.
pub(super) fn bounded(text: &str) -> String {
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.get(..end).unwrap_or_default().trim();
    if text.is_empty() {
        "-".to_owned()
    } else {
        text.to_owned()
    }
}

/// The vectors of length 1 for so many texts; the error says what is wrong with them.
pub(super) fn checked(vectors: Vec<Vec<f32>>, texts: usize) -> Result<Vec<Vec<f32>>, String> {
    if vectors.len() != texts {
        return Err(format!("it gave {} vectors for {texts} texts", vectors.len()));
    }
    let dimension = vectors.first().map_or(0, Vec::len);
    if let Some(other) = vectors.iter().find(|it| it.len() != dimension) {
        return Err(format!(
            "its vectors have {dimension} and {} numbers",
            other.len()
        ));
    }
    if texts > 0 && !(1..=MAX_DIMENSION).contains(&dimension) {
        return Err(format!("its vectors have {dimension} numbers"));
    }
    vectors.into_iter().map(of_length_1).collect()
}

fn of_length_1(mut vector: Vec<f32>) -> Result<Vec<f32>, String> {
    let length = vector.iter().map(|it| f64::from(*it).powi(2)).sum::<f64>().sqrt();
    if !length.is_finite() {
        return Err("a vector holds something that is not a number".into());
    }
    if length < 1e-12 {
        return Err("a vector has no length".into());
    }
    for it in &mut vector {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a part of a vector of length 1 fits"
        )]
        let scaled = (f64::from(*it) / length) as f32;
        *it = scaled;
    }
    Ok(vector)
}
