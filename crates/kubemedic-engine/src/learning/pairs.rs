//! A map as a sequence of pairs in the order of its keys: for maps whose keys are no strings, in formats such as JSON that
//! know only strings as keys. Use: `#[serde(with = "crate::learning::pairs")]`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes a map as pairs, sorted by key.
pub(crate) fn serialize<'a, M, K, V, S>(map: &'a M, serializer: S) -> Result<S::Ok, S::Error>
where
    &'a M: IntoIterator<Item = (&'a K, &'a V)>,
    K: Ord + Serialize + 'a,
    V: Serialize + 'a,
    S: Serializer,
{
    let mut pairs: Vec<(&K, &V)> = map.into_iter().collect();
    pairs.sort_by(|a, b| a.0.cmp(b.0));
    serializer.collect_seq(pairs)
}

/// Reads a map from pairs. Of pairs with the same key the last one holds.
pub(crate) fn deserialize<'de, M, K, V, D>(deserializer: D) -> Result<M, D::Error>
where
    M: IntoIterator<Item = (K, V)> + FromIterator<(K, V)>,
    K: Deserialize<'de>,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let pairs = Vec::<(K, V)>::deserialize(deserializer)?;
    Ok(pairs.into_iter().collect())
}

#[cfg(test)]
mod tests;
