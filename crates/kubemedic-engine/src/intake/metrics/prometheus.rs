//! The answers of Prometheus' query API: matrices and vectors, with the labels of each series.

use kubemedic_model::{
    evidence::Origin,
    snapshot::metrics::{Sample, Series},
};
use serde_json::Value;

use super::{MAX_SAMPLES, MAX_SERIES, names};
use crate::intake::timestamp;

/// Reads an answer, or a list of answers.
pub(in crate::intake) fn read(part: &str, value: &Value) -> Vec<Series> {
    let answers = match value {
        Value::Array(items) => items.as_slice(),
        other => std::slice::from_ref(other),
    };
    let results = answers.iter().filter_map(result).flatten();
    results
        .take(MAX_SERIES)
        .filter_map(|result| series(part, result))
        .collect()
}

/// The list of series in an answer.
fn result(answer: &Value) -> Option<&Vec<Value>> {
    let data = answer.get("data").unwrap_or(answer);
    data.get("result").and_then(Value::as_array)
}

/// One series.
fn series(part: &str, result: &Value) -> Option<Series> {
    let labels = result.get("metric")?;
    let label = |name: &str| labels.get(name).and_then(Value::as_str);
    let base = label("__name__").unwrap_or("");
    let named = names::of_labels(base, &label)?;
    let values = result.get("values").and_then(Value::as_array);
    let single = result.get("value").map(std::slice::from_ref);
    let values = values.map(Vec::as_slice).or(single)?;
    let stride = values.len().div_ceil(MAX_SAMPLES).max(1);
    let samples: Vec<Sample> = values
        .iter()
        .step_by(stride)
        .filter_map(|it| sample(it, named.scale))
        .collect();
    let origin = Origin {
        part: part.to_owned(),
        line: None,
    };
    (!samples.is_empty()).then(|| Series {
        subject: named.subject,
        metric: named.metric,
        name: base.to_owned(),
        samples,
        origin,
    })
}

/// A pair of time and value; the value is a text.
fn sample(pair: &Value, scale: f64) -> Option<Sample> {
    let time = pair.get(0)?.as_f64()?;
    let value = pair.get(1)?;
    let value = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    let at = timestamp::from_number(time)?.as_second();
    value.is_finite().then_some(Sample {
        at,
        value: value * scale,
    })
}
