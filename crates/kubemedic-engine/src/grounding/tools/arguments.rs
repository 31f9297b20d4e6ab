//! Arguments of a tool call as a model wrote them: typed on demand, with errors in words that it can act on.

use kubemedic_model::resource::Kind;
use serde_json::{Map, Value};

use crate::grounding::plain;

/// The longest text that an argument may be, in bytes.
const MAX_TEXT_BYTES: usize = 400;

/// The arguments of one call.
pub(super) struct Arguments<'a>(&'a Map<String, Value>);

/// No arguments.
static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);

impl<'a> Arguments<'a> {
    /// Reads the object of arguments; none at all counts as an empty one.
    pub(super) fn read(value: &'a Value) -> Result<Self, String> {
        match value {
            Value::Object(fields) => Ok(Self(fields)),
            Value::Null => Ok(Self(&NONE)),
            _ => Err("the arguments must be a JSON object".to_owned()),
        }
    }

    /// A text, if one is given.
    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.len() > MAX_TEXT_BYTES => {
                Err(format!("'{name}' is longer than {MAX_TEXT_BYTES} bytes"))
            }
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|it| !it.is_empty())),
            Some(_) => Err(format!("'{name}' must be a string or null")),
        }
    }

    /// A text that must be there.
    pub(super) fn required(&self, name: &str) -> Result<&'a str, String> {
        self.text(name)?.ok_or_else(|| format!("'{name}' is missing"))
    }

    /// A whole number, if one is given.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match value.as_u64().or_else(|| value.as_str()?.trim().parse().ok()) {
                Some(number) => Ok(Some(number)),
                None => Err(format!("'{name}' must be a whole number")),
            },
        }
    }

    /// Kind, namespace and name of an object.
    pub(super) fn object(&self) -> Result<Wanted<'a>, String> {
        Ok(Wanted {
            kind: Kind::parse(self.required("kind")?),
            namespace: self.text("namespace")?,
            name: self.required("name")?,
        })
    }
}

/// An object that a model asks for.
pub(super) struct Wanted<'a> {
    pub(super) kind: Kind,
    pub(super) namespace: Option<&'a str>,
    pub(super) name: &'a str,
}

impl Wanted<'_> {
    /// Whether an object is it.
    pub(super) fn is(&self, reference: &kubemedic_model::resource::ResourceRef) -> bool {
        let place = self.namespace.zip(reference.namespace.as_deref());
        reference.kind == self.kind
            && reference.name == self.name
            && place.is_none_or(|(wanted, have)| wanted == have)
    }

    /// What to say where it is not there.
    pub(super) fn absent(&self) -> String {
        format!(
            "the case holds no {} named '{}'{}: list_objects tells which objects there are",
            plain(self.kind.as_str(), 60),
            plain(self.name, 120),
            self.namespace
                .map_or_else(String::new, |it| format!(" in namespace '{}'", plain(it, 60)))
        )
    }
}
