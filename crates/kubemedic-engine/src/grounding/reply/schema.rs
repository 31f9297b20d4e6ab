//! JSON Schema in the strict subset that OpenAI, Gemini, Anthropic and Ollama all take: every property required, no additional
//! ones, definitions inline, no formats and no limits (those are checked on our side).

use kubemedic_model::{class::FailureClass, plan::Strategy};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// How deep a schema is walked.
const MAX_DEPTH: usize = 24;
/// The keywords that all providers understand; others are dropped.
const KEYWORDS: [&str; 8] = [
    "type",
    "description",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "anyOf",
];

/// The schema of a reply.
pub fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|it| it.inline_subschemas = true);
    let schema = SchemaGenerator::new(settings).into_root_schema_for::<T>();
    strict(schema.as_value(), MAX_DEPTH)
}

/// The strict form of a schema.
fn strict(schema: &Value, depth: usize) -> Value {
    let (Value::Object(fields), Some(depth)) = (schema, depth.checked_sub(1)) else {
        return json!({"type": "string"});
    };
    if let Some(words) = words_of(fields) {
        let mut choice = Map::new();
        choice.insert("type".to_owned(), json!("string"));
        if let Some(description) = fields.get("description") {
            choice.insert("description".to_owned(), description.clone());
        }
        choice.insert("enum".to_owned(), Value::Array(words));
        return Value::Object(choice);
    }
    let mut kept = Map::new();
    for (key, value) in fields.iter().filter(|(key, _)| KEYWORDS.contains(&key.as_str())) {
        let value = match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => properties
                .iter()
                .map(|(name, it)| (name.clone(), strict(it, depth)))
                .collect::<Map<_, _>>()
                .into(),
            ("items", it) => strict(it, depth),
            ("anyOf", Value::Array(choices)) => choices.iter().map(|it| strict(it, depth)).collect(),
            (_, other) => other.clone(),
        };
        kept.insert(key.clone(), value);
    }
    if let Some(Value::Object(properties)) = kept.get("properties") {
        let names: Vec<Value> = properties.keys().map(|name| json!(name)).collect();
        kept.insert("required".to_owned(), Value::Array(names));
        kept.insert("additionalProperties".to_owned(), json!(false));
    }
    Value::Object(kept)
}

/// The words of a choice whose variants are documented one by one.
fn words_of(fields: &Map<String, Value>) -> Option<Vec<Value>> {
    let variants = fields.get("oneOf")?.as_array()?;
    variants.iter().map(|it| it.get("const").cloned()).collect()
}

/// The failure classes by id.
pub(super) fn failure_class(_: &mut SchemaGenerator) -> Schema {
    let ids: Vec<&str> = FailureClass::ALL
        .iter()
        .filter(|class| **class != FailureClass::Healthy)
        .map(|class| class.id())
        .collect();
    choice(&ids)
}

/// The ways to repair by id.
pub(super) fn strategy(_: &mut SchemaGenerator) -> Schema {
    choice(&STRATEGIES.map(Strategy::as_str))
}

/// A word out of a list.
fn choice(words: &[&str]) -> Schema {
    schemars::json_schema!({"type": "string", "enum": words})
}

/// Every way to repair.
pub(crate) const STRATEGIES: [Strategy; 17] = [
    Strategy::Restart,
    Strategy::Rollback,
    Strategy::ScaleOut,
    Strategy::PatchMemory,
    Strategy::PatchCpu,
    Strategy::FixImage,
    Strategy::FixConfig,
    Strategy::FixSecret,
    Strategy::FixProbe,
    Strategy::CordonDrain,
    Strategy::ExpandPvc,
    Strategy::FixNetworkDns,
    Strategy::DeleteRecreate,
    Strategy::FixRbac,
    Strategy::FixSchedule,
    Strategy::RevertConfig,
    Strategy::Escalate,
];
