//! Namespaces that free text names: `namespace: x`, `ns=x`, `ns x`, `namespace/x`, `-n x`. A hint, never a proof.

use kubemedic_model::naming;

/// Words that follow `namespace` in sentences and are no names.
const NOT_NAMES: [&str; 14] = [
    "is", "was", "not", "and", "or", "of", "has", "in", "with", "for", "the", "does", "where", "to",
];

/// The namespaces that a text names, in order.
pub(super) fn in_text(text: &str) -> impl Iterator<Item = &str> {
    let mut words = text
        .split([' ', '\t', ',', ';', '(', ')', '\n', '[', ']', '"', '\''])
        .filter(|word| !word.is_empty())
        .peekable();
    std::iter::from_fn(move || {
        while let Some(word) = words.next() {
            let (key, value) = match word.find(['=', ':', '/']) {
                Some(at) => (word.get(..at)?, word.get(at + 1..)?),
                None => (word, ""),
            };
            if !matches!(
                key.to_ascii_lowercase().as_str(),
                "namespace" | "ns" | "-n" | "--namespace"
            ) {
                continue;
            }
            let name = if value.is_empty() {
                words.peek().copied().unwrap_or("")
            } else {
                value
            };
            let name = name.trim_end_matches(['.', ':']);
            if naming::is_object_name(name) && !NOT_NAMES.contains(&name) {
                return Some(name);
            }
        }
        None
    })
}

#[cfg(test)]
mod tests;
