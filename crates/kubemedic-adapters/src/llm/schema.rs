//! Answer schemas in the dialect of each provider: what it does not know is taken out, because a refused schema is no answer.
//! It checks no answer against a schema; the caller does.

use serde_json::{Map, Value, json};

/// The deepest schema that is read.
const MAX_DEPTH: usize = 64;
/// What every provider knows.
const COMMON: [&str; 9] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "description",
    "anyOf",
    "$ref",
];
/// Formats of texts that OpenAI and Anthropic know.
const TEXT_FORMATS: [&str; 10] = [
    "date-time",
    "time",
    "date",
    "duration",
    "email",
    "hostname",
    "uri",
    "ipv4",
    "ipv6",
    "uuid",
];

/// Whose words a schema must keep to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Gemini,
    OpenAi,
    Anthropic,
}

impl Dialect {
    fn knows(self, keyword: &str, value: &Value) -> bool {
        if COMMON.contains(&keyword) || matches!(keyword, "$defs" | "definitions") {
            return true;
        }
        match self {
            Self::Gemini => matches!(
                keyword,
                "title"
                    | "format"
                    | "prefixItems"
                    | "oneOf"
                    | "minItems"
                    | "maxItems"
                    | "minimum"
                    | "maximum"
            ),
            Self::OpenAi => match keyword {
                "const" | "pattern" | "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum"
                | "multipleOf" | "minItems" | "maxItems" => true,
                "format" => value.as_str().is_some_and(|it| TEXT_FORMATS.contains(&it)),
                _ => false,
            },
            Self::Anthropic => match keyword {
                "const" | "allOf" | "default" | "title" => true,
                "format" => value.as_str().is_some_and(|it| TEXT_FORMATS.contains(&it)),
                "minItems" => matches!(value.as_u64(), Some(0 | 1)),
                _ => false,
            },
        }
    }
}

/// The schema with the keywords that a provider knows. What is taken out is checked by us in any case.
pub(super) fn in_dialect(dialect: Dialect, schema: &Value) -> Value {
    reduced(dialect, schema, MAX_DEPTH)
}

/// The schema as words, for a provider that takes none.
pub(super) fn in_words(schema: &Value) -> String {
    format!(
        "Answer with one JSON object and nothing else, no code fence. It must fit this JSON Schema:\n{schema}"
    )
}

fn reduced(dialect: Dialect, schema: &Value, depth: usize) -> Value {
    let Some(depth) = depth.checked_sub(1) else {
        return json!({});
    };
    match schema {
        Value::Object(members) => {
            let kept = members
                .iter()
                .filter_map(|(keyword, value)| member(dialect, keyword, value, depth));
            Value::Object(kept.collect())
        }
        other => other.clone(),
    }
}

fn member(dialect: Dialect, keyword: &str, value: &Value, depth: usize) -> Option<(String, Value)> {
    if keyword == "const" && dialect == Dialect::Gemini {
        return Some(("enum".to_owned(), json!([value])));
    }
    if !dialect.knows(keyword, value) {
        return None;
    }
    let value = match keyword {
        // The keys below are names, not keywords.
        "properties" | "$defs" | "definitions" => match value {
            Value::Object(named) => Value::Object(named_schemas(dialect, named, depth)),
            other => other.clone(),
        },
        "items" | "additionalProperties" => reduced(dialect, value, depth),
        "anyOf" | "allOf" | "oneOf" | "prefixItems" => match value {
            Value::Array(schemas) => schemas.iter().map(|it| reduced(dialect, it, depth)).collect(),
            other => other.clone(),
        },
        _ => value.clone(),
    };
    Some((keyword.to_owned(), value))
}

fn named_schemas(dialect: Dialect, named: &Map<String, Value>, depth: usize) -> Map<String, Value> {
    named
        .iter()
        .map(|(name, schema)| (name.clone(), reduced(dialect, schema, depth)))
        .collect()
}

#[cfg(test)]
mod tests;
