//! The types of flag values and what is a well-formed one. A value that is not well-formed is an error, never a guess.

use kubemedic_model::naming::is_object_name;

use super::ParseError;

/// The longest label, namespace or container name, in bytes (RFC 1123).
const MAX_LABEL_BYTES: usize = 63;
/// The longest wait that a command may ask for, in seconds; a negative one means a week to kubectl.
const MAX_WAIT_SECONDS: f64 = 3600.0;

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueType {
    /// A namespace.
    Namespace,
    /// An object's or container's name.
    Name,
    /// `NAME` or `TYPE/NAME`.
    Reference,
    /// A container's name or a pattern of names.
    Container,
    /// A whole number from 0.
    Count,
    /// A whole number.
    Integer,
    /// A duration such as `1h30m`.
    Duration,
    /// A duration of at most an hour.
    Timeout,
    /// A label selector.
    Selector,
    /// A field selector.
    Fields,
    /// An output format.
    Output,
    /// A field path or a condition.
    Expression,
    /// Letters, digits and `_./:=,@+%-`.
    Word,
    /// Any printable text without substitutions.
    Text,
    /// An image reference.
    Image,
    /// `key=value:Effect`, `key:Effect`, with a hyphen at the end to remove.
    Taint,
    /// `none`, `server` or `client`.
    DryRun,
    /// `background`, `foreground` or `orphan`.
    Cascade,
    /// `status`, `scale` or `resize`: others are doors, such as `proxy` and `exec`.
    Subresource,
}

impl ValueType {
    /// Reads the name that the grammar uses.
    pub(super) fn read(name: &str) -> Result<Self, String> {
        Ok(match name {
            "label" => Self::Namespace,
            "name" => Self::Name,
            "reference" => Self::Reference,
            "container" => Self::Container,
            "count" => Self::Count,
            "integer" => Self::Integer,
            "duration" => Self::Duration,
            "timeout" => Self::Timeout,
            "selector" => Self::Selector,
            "fields" => Self::Fields,
            "output" => Self::Output,
            "expression" => Self::Expression,
            "word" => Self::Word,
            "text" => Self::Text,
            "image" => Self::Image,
            "taint" => Self::Taint,
            "dry-run" => Self::DryRun,
            "cascade" => Self::Cascade,
            "subresource" => Self::Subresource,
            other => return Err(format!("no type `{other}`")),
        })
    }

    /// Checks a value of the flag or argument `of`.
    pub(super) fn check(self, of: &str, value: &str) -> Result<(), ParseError> {
        if self.accepts(value) {
            return Ok(());
        }
        Err(ParseError::new(format!(
            "`{}` is not a valid {} for {of}",
            shorten(value),
            self.name()
        )))
    }

    fn accepts(self, value: &str) -> bool {
        match self {
            Self::Namespace => is_label(value),
            Self::Name => is_object_name(value),
            Self::Reference => value.split_once('/').map_or_else(
                || is_object_name(value),
                |(kind, name)| is_kind(kind) && is_object_name(name),
            ),
            Self::Container => made_of(value, "-*"),
            Self::Count => is_count(value),
            Self::Integer => is_count(value.strip_prefix('-').unwrap_or(value)),
            Self::Duration => seconds(value).is_some(),
            Self::Timeout => seconds(value).is_some_and(|seconds| seconds <= MAX_WAIT_SECONDS),
            Self::Selector => made_of(value, "-_./=!,() ") && !value.trim().is_empty(),
            Self::Fields => made_of(value, "-_./=!,:"),
            Self::Output => is_output(value),
            Self::Expression => made_of(value, "-_./:=,@?()[]{}'\"*\\ &|<>!+~$") && is_free(value),
            Self::Word => made_of(value, "-_./:=,@+%"),
            Self::Text => !value.is_empty() && is_free(value),
            Self::Image => made_of(value, "-_./:@") && !value.starts_with(['-', '/', '.', ':', '@']),
            Self::Taint => is_taint(value),
            Self::DryRun => matches!(value, "none" | "server" | "client"),
            Self::Cascade => matches!(value, "background" | "foreground" | "orphan"),
            Self::Subresource => matches!(value, "status" | "scale" | "resize"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Namespace => "namespace",
            Self::Name => "name",
            Self::Reference => "reference",
            Self::Container => "container name",
            Self::Count => "whole number",
            Self::Integer => "number",
            Self::Duration => "duration",
            Self::Timeout => "wait of at most an hour",
            Self::Selector => "label selector",
            Self::Fields => "field selector",
            Self::Output => "output format",
            Self::Expression => "field expression",
            Self::Word => "word",
            Self::Text => "text",
            Self::Image => "image",
            Self::Taint => "taint",
            Self::DryRun => "dry-run mode (none, server, client)",
            Self::Cascade => "cascade mode (background, foreground, orphan)",
            Self::Subresource => "subresource (status, scale, resize)",
        }
    }
}

/// Whether the text is a kind, a plural, a short name or one of them with its group.
pub(super) fn is_kind(text: &str) -> bool {
    made_of(text, "-.") && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Whether the text names an object. Names of roles and bindings may hold colons and capitals.
pub(super) fn is_name_of(kind: &kubemedic_model::resource::Kind, name: &str) -> bool {
    is_object_name(name) || (super::facts::is_access_kind(kind) && made_of(name, "-_.:"))
}

/// The part of an output format before the equals sign, in lower case as kubectl reads it.
pub(super) fn output_format(value: &str) -> String {
    let format = value.split_once('=').map_or(value, |(format, _)| format);
    format.to_ascii_lowercase()
}

/// `key=value`, `key-` or, for a taint, `key:Effect`: the forms that end the list of names.
pub(super) fn is_pair(word: &str) -> bool {
    word.contains('=') || word.contains(':') || (word.len() > 1 && word.ends_with('-'))
}

/// Checks one `key=value` or `key-` argument.
pub(super) fn check_pair(kind: ValueType, word: &str) -> Result<(), ParseError> {
    let wrong = || ParseError::new(format!("`{}` is not a valid key=value argument", shorten(word)));
    if kind == ValueType::Taint {
        return ValueType::Taint.check("taint", word);
    }
    let (key, value) = match (word.split_once('='), word.strip_suffix('-')) {
        (Some((key, value)), _) => (key, Some(value)),
        (None, Some(key)) => (key, None),
        (None, None) => return Err(wrong()),
    };
    if !made_of(key, "-_./*") || key.starts_with('-') {
        return Err(wrong());
    }
    match (kind, value) {
        (_, None) => Ok(()),
        (ValueType::Namespace, Some(value)) if is_label_value(value) => Ok(()),
        (ValueType::Text, Some(value)) if is_free(value) => Ok(()),
        (ValueType::Image | ValueType::Word, Some(value)) => kind.check(key, value),
        _ => Err(wrong()),
    }
}

/// Whether the text is made of ASCII letters, digits and these, and is not empty.
fn made_of(text: &str, more: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || more.contains(c))
}

/// Whether the text carries no substitution that a shell or a template engine behind it could run.
fn is_free(text: &str) -> bool {
    !text.contains("$(") && !text.contains('`') && !text.contains("${")
}

fn is_label(text: &str) -> bool {
    text.len() <= MAX_LABEL_BYTES && !text.contains('.') && is_object_name(text)
}

fn is_label_value(text: &str) -> bool {
    text.is_empty() || (text.len() <= MAX_LABEL_BYTES && made_of(text, "-_."))
}

fn is_count(text: &str) -> bool {
    text.len() <= 9
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
        && !text.is_empty()
}

/// The seconds of a duration; `None` for what is none or negative.
fn seconds(text: &str) -> Option<f64> {
    if is_count(text) {
        return text.parse().ok();
    }
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at_checked(end)?;
        let unit = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(unit)?;
        let scale = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * scale;
        rest = after;
    }
    (!text.is_empty()).then_some(total)
}

fn is_output(value: &str) -> bool {
    let expression = value.split_once('=').map(|(_, expression)| expression);
    match (output_format(value).as_str(), expression) {
        (
            "json"
            | "yaml"
            | "kyaml"
            | "wide"
            | "name"
            | "plaintext"
            | "plaintext-openapiv2"
            | "jsonpath"
            | "jsonpath-as-json"
            | "go-template"
            | "template"
            | "custom-columns",
            None,
        ) => true,
        (
            "jsonpath"
            | "jsonpath-as-json"
            | "go-template"
            | "template"
            | "templatefile"
            | "custom-columns"
            | "go-template-file"
            | "jsonpath-file"
            | "custom-columns-file",
            Some(expression),
        ) => !expression.is_empty() && is_free(expression),
        _ => false,
    }
}

fn is_taint(value: &str) -> bool {
    let body = value.strip_suffix('-').unwrap_or(value);
    let removes = body.len() < value.len();
    let (key, effect) = match body.rsplit_once(':') {
        Some((key, effect)) => (key, Some(effect)),
        None => (body, None),
    };
    let effect_known = match effect {
        Some(effect) => matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute"),
        None => removes,
    };
    let (key, taint_value) = key.split_once('=').unwrap_or((key, ""));
    effect_known && made_of(key, "-_./") && !key.starts_with('-') && is_label_value(taint_value)
}

/// A value as an error shows it.
fn shorten(value: &str) -> String {
    value.chars().take(60).collect()
}
