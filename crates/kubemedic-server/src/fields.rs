//! Reads the fields of a JSON object or a query one by one and collects everything that is wrong with them, in the words
//! of pydantic 2 (the original's validator) and as lenient as it: `"5"` and `5.0` are integers, `"yes"` is a boolean.

use serde_json::{Map, Value, json};

/// The longest text of a field that a person writes, in characters.
pub(crate) const MAX_TEXT_CHARS: usize = 10_000;
/// The most bytes of a wrong value that an error repeats.
const MAX_ECHO_BYTES: usize = 500;

/// One wrong field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FieldError {
    loc: Vec<Value>,
    kind: &'static str,
    message: String,
    input: Value,
    context: Option<Value>,
}

impl FieldError {
    pub(crate) fn new(loc: Vec<Value>, kind: &'static str, message: impl Into<String>, input: Value) -> Self {
        Self {
            loc,
            kind,
            message: message.into(),
            input: bounded(input),
            context: None,
        }
    }

    fn with_context(mut self, context: Value) -> Self {
        self.context = Some(context);
        self
    }

    /// Unparsable JSON, at a byte of the body.
    pub(crate) fn bad_json(offset: usize, reason: &str) -> Self {
        Self::new(
            vec!["body".into(), json!(offset)],
            "json_invalid",
            "JSON decode error",
            json!({}),
        )
        .with_context(json!({ "error": reason }))
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("type".into(), self.kind.into());
        object.insert("loc".into(), Value::Array(self.loc.clone()));
        object.insert("msg".into(), self.message.as_str().into());
        object.insert("input".into(), self.input.clone());
        if let Some(context) = &self.context {
            object.insert("ctx".into(), context.clone());
        }
        Value::Object(object)
    }
}

/// The value, or a sign of it where it is long: an error must not be larger than its request.
fn bounded(value: Value) -> Value {
    match value {
        Value::String(text) if text.len() > MAX_ECHO_BYTES => Value::String(
            text.chars()
                .take(MAX_ECHO_BYTES / 4)
                .chain("...".chars())
                .collect(),
        ),
        Value::Array(_) | Value::Object(_) if value.to_string().len() > MAX_ECHO_BYTES => Value::Null,
        other => other,
    }
}

/// The fields of one object.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    object: &'a Map<String, Value>,
    loc: Vec<Value>,
    errors: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    /// The fields of an object that stands at `loc`.
    pub(crate) fn new(object: &'a Map<String, Value>, loc: Vec<Value>) -> Self {
        Self {
            object,
            loc,
            errors: Vec::new(),
        }
    }

    /// Everything that was wrong, or nothing.
    pub(crate) fn finish(self) -> Result<(), Vec<FieldError>> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(self.errors)
        }
    }

    /// A field that is there and not null.
    fn present(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    fn at(&self, name: &str) -> Vec<Value> {
        let mut loc = self.loc.clone();
        loc.push(name.into());
        loc
    }

    pub(crate) fn refuse(&mut self, name: &str, kind: &'static str, message: impl Into<String>) {
        let input = self.object.get(name).cloned().unwrap_or(Value::Null);
        self.errors
            .push(FieldError::new(self.at(name), kind, message, input));
    }

    fn refuse_missing(&mut self, name: &str) {
        let input = Value::Object(self.object.clone());
        self.errors
            .push(FieldError::new(self.at(name), "missing", "Field required", input));
    }

    fn refuse_bound(&mut self, name: &str, kind: &'static str, message: String, context: Value) {
        let input = self.object.get(name).cloned().unwrap_or(Value::Null);
        self.errors
            .push(FieldError::new(self.at(name), kind, message, input).with_context(context));
    }

    /// A text; absent and null are `None`.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let Value::String(text) = self.present(name)? else {
            self.refuse(name, "string_type", "Input should be a valid string");
            return None;
        };
        if text.chars().nth(MAX_TEXT_CHARS).is_some() {
            let message = format!("String should have at most {MAX_TEXT_CHARS} characters");
            self.refuse_bound(
                name,
                "string_too_long",
                message,
                json!({ "max_length": MAX_TEXT_CHARS }),
            );
            return None;
        }
        Some(text.clone())
    }

    /// A text that must be there.
    pub(crate) fn required_text(&mut self, name: &str) -> String {
        match self.object.get(name) {
            None => self.refuse_missing(name),
            Some(Value::Null) => self.refuse(name, "string_type", "Input should be a valid string"),
            Some(_) => return self.text(name).unwrap_or_default(),
        }
        String::new()
    }

    /// A whole number within bounds; absent and null are `None`.
    pub(crate) fn integer(&mut self, name: &str, min: u32, max: u32) -> Option<u32> {
        let number = match integer_of(self.present(name)?) {
            Ok(number) => number,
            Err((kind, message)) => {
                self.refuse(name, kind, message);
                return None;
            }
        };
        if number < i64::from(min) {
            let message = format!("Input should be greater than or equal to {min}");
            self.refuse_bound(name, "greater_than_equal", message, json!({ "ge": min }));
            return None;
        }
        if number > i64::from(max) {
            let message = format!("Input should be less than or equal to {max}");
            self.refuse_bound(name, "less_than_equal", message, json!({ "le": max }));
            return None;
        }
        u32::try_from(number).ok()
    }

    /// A whole number within bounds that must be there.
    pub(crate) fn required_integer(&mut self, name: &str, min: u32, max: u32) -> Option<u32> {
        match self.object.get(name) {
            None => self.refuse_missing(name),
            Some(Value::Null) => self.refuse(name, "int_type", "Input should be a valid integer"),
            Some(_) => return self.integer(name, min, max),
        }
        None
    }

    /// A finite number; absent and null are `None`.
    pub(crate) fn number(&mut self, name: &str) -> Option<f64> {
        let number = match self.present(name)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let number = number.filter(|number: &f64| number.is_finite());
        if number.is_none() {
            let message = "Input should be a valid number, unable to parse string as a number";
            self.refuse(name, "float_parsing", message);
        }
        number
    }

    /// A boolean; absent and null are `None`.
    pub(crate) fn boolean(&mut self, name: &str) -> Option<bool> {
        match boolean_of(self.present(name)?) {
            Ok(value) => Some(value),
            Err((kind, message)) => {
                self.refuse(name, kind, message);
                None
            }
        }
    }

    /// A word of a closed set; absent and null are `None`.
    pub(crate) fn word<T>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T>
    where
        T: Copy,
    {
        let value = self.present(name)?;
        let chosen = choices.iter().find(|(word, _)| value.as_str() == Some(word));
        if chosen.is_none() {
            let expected = one_of(choices.iter().map(|(word, _)| *word));
            let message = format!("Input should be {expected}");
            self.refuse_bound(name, "literal_error", message, json!({ "expected": expected }));
        }
        chosen.map(|(_, value)| *value)
    }

    /// A word of a closed set that must be there.
    pub(crate) fn required_word<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        match self.object.get(name) {
            None => {
                self.refuse_missing(name);
                None
            }
            Some(Value::Null) => {
                let expected = one_of(choices.iter().map(|(word, _)| *word));
                self.refuse(name, "literal_error", format!("Input should be {expected}"));
                None
            }
            Some(_) => self.word(name, choices),
        }
    }

    /// An instant in RFC 3339; absent and null are `None`.
    pub(crate) fn instant(&mut self, name: &str) -> Option<jiff::Timestamp> {
        let parsed = self.present(name)?.as_str().and_then(|text| text.parse().ok());
        if parsed.is_none() {
            self.refuse(
                name,
                "datetime_parsing",
                "Input should be a valid datetime in RFC 3339",
            );
        }
        parsed
    }

    /// An object; absent and null are `None`.
    pub(crate) fn object(&mut self, name: &str) -> Option<&'a Map<String, Value>> {
        let value = self.present(name)?;
        if !value.is_object() {
            self.refuse(name, "dict_type", "Input should be a valid dictionary");
        }
        value.as_object()
    }

    /// A list of whole numbers; absent and null are `None`.
    pub(crate) fn indexes(&mut self, name: &str) -> Option<Vec<usize>> {
        let values = self.list(name)?;
        let indexes: Option<Vec<usize>> = values
            .iter()
            .map(|value| value.as_u64().and_then(|it| usize::try_from(it).ok()))
            .collect();
        if indexes.is_none() {
            self.refuse(name, "list_type", "Input should be a list of indexes from 0");
        }
        indexes
    }

    /// A list of objects, each read by `read`; absent and null are `None`.
    pub(crate) fn objects<T>(
        &mut self,
        name: &str,
        mut read: impl FnMut(&mut Fields<'a>) -> T,
    ) -> Option<Vec<T>> {
        let values = self.list(name)?;
        let mut items = Vec::new();
        for (index, value) in values.iter().enumerate() {
            let mut loc = self.at(name);
            loc.push(json!(index));
            let Some(object) = value.as_object() else {
                let message = "Input should be a valid dictionary or object to extract fields from";
                self.errors.push(FieldError::new(
                    loc,
                    "model_attributes_type",
                    message,
                    value.clone(),
                ));
                continue;
            };
            let mut fields = Fields::new(object, loc);
            items.push(read(&mut fields));
            self.errors.append(&mut fields.errors);
        }
        Some(items)
    }

    /// A list of objects that must be there.
    pub(crate) fn required_objects<T>(
        &mut self,
        name: &str,
        read: impl FnMut(&mut Fields<'a>) -> T,
    ) -> Vec<T> {
        if self.object.get(name).is_none() {
            self.refuse_missing(name);
        }
        self.objects(name, read).unwrap_or_default()
    }

    fn list(&mut self, name: &str) -> Option<&'a Vec<Value>> {
        let value = self.present(name)?;
        if !value.is_array() {
            self.refuse(name, "list_type", "Input should be a valid list");
        }
        value.as_array()
    }
}

type Reason = (&'static str, &'static str);

fn integer_of(value: &Value) -> Result<i64, Reason> {
    match value {
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Ok(whole),
            (None, Some(float)) => whole_of(float),
            (None, None) => Err(("int_type", "Input should be a valid integer")),
        },
        Value::String(text) => text.trim().parse().map_err(|_| {
            (
                "int_parsing",
                "Input should be a valid integer, unable to parse string as an integer",
            )
        }),
        _ => Err(("int_type", "Input should be a valid integer")),
    }
}

fn whole_of(float: f64) -> Result<i64, Reason> {
    const LIMIT: f64 = 9.0e15;
    if float.fract() != 0.0 {
        return Err((
            "int_from_float",
            "Input should be a valid integer, got a number with a fractional part",
        ));
    }
    if float.abs() > LIMIT {
        return Err((
            "int_parsing_size",
            "Unable to parse input string as an integer, exceeded maximum size",
        ));
    }
    // The text of a float without fraction is a whole number.
    format!("{float:.0}")
        .parse()
        .map_err(|_| ("int_type", "Input should be a valid integer"))
}

fn boolean_of(value: &Value) -> Result<bool, Reason> {
    const UNCLEAR: Reason = (
        "bool_parsing",
        "Input should be a valid boolean, unable to interpret input",
    );
    match value {
        Value::Bool(value) => Ok(*value),
        Value::Number(number) => match number.as_f64() {
            Some(1.0) => Ok(true),
            Some(0.0) => Ok(false),
            _ => Err(UNCLEAR),
        },
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Ok(true),
            "false" | "f" | "no" | "n" | "off" | "0" => Ok(false),
            _ => Err(UNCLEAR),
        },
        _ => Err(("bool_type", "Input should be a valid boolean")),
    }
}

fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = words.map(|word| format!("'{word}'")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
