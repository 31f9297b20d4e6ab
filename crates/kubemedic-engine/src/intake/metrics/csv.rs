//! Metric samples as CSV: one column a series (`time,cart-cpu,cart-rps`), or one row a sample (`time,service,metric,value`).
//! It bounds what it keeps and skips what is no number; names are read in `names`.

use std::{borrow::Cow, collections::BTreeMap};

use kubemedic_model::{
    evidence::Origin,
    snapshot::metrics::{Sample, Series},
};

use super::{
    MAX_SAMPLES, MAX_SERIES,
    names::{self, Named},
};
use crate::intake::timestamp;

/// Names of a column that holds the time.
const TIME_COLUMNS: &[&str] = &["time", "timestamp", "datetime", "date", "ts", "at", ""];
/// Names of a column that holds the metric of a row.
const METRIC_COLUMNS: &[&str] = &["metric", "metric_name", "__name__", "kpi", "name"];
/// Names of a column that holds the value of a row.
const VALUE_COLUMNS: &[&str] = &["value", "val"];

/// The most columns of a table that has one row a sample.
const MAX_LABEL_COLUMNS: usize = 64;

/// Reads every series whose name tells whom and what.
pub(in crate::intake) fn read(part: &str, text: &str) -> Vec<Series> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    let Some((header, body)) = text.split_once('\n') else {
        return Vec::new();
    };
    let separator = separator(header);
    let columns: Vec<Cow<'_, str>> = fields(header, separator).take(MAX_SERIES + 1).collect();
    let column = |names: &[&str]| {
        columns
            .iter()
            .position(|it| names.contains(&it.trim().to_ascii_lowercase().as_str()))
    };
    let time = column(TIME_COLUMNS);
    match (column(METRIC_COLUMNS), column(VALUE_COLUMNS)) {
        (Some(metric), Some(value)) if columns.len() <= MAX_LABEL_COLUMNS => {
            let layout = Long {
                part,
                columns: &columns,
                time,
                metric,
                value,
            };
            layout.read(body, separator)
        }
        _ => wide(part, &columns, time, body, separator),
    }
}

/// One column a series.
fn wide(
    part: &str,
    columns: &[Cow<'_, str>],
    time: Option<usize>,
    body: &str,
    separator: char,
) -> Vec<Series> {
    let mut slots: Vec<Option<(Series, f64)>> = columns.iter().map(|name| slot(part, name)).collect();
    let rows = body.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let stride = rows.div_ceil(MAX_SAMPLES).max(1);
    for (number, line) in body.lines().enumerate().step_by(stride) {
        let mut at = i64::try_from(number).unwrap_or(i64::MAX);
        for (index, (field, slot)) in fields(line, separator).zip(&mut slots).enumerate() {
            if Some(index) == time {
                at = seconds(&field).unwrap_or(at);
            } else if let (Some((series, scale)), Some(value)) = (slot, number_of(&field)) {
                series.samples.push(Sample {
                    at,
                    value: value * *scale,
                });
            }
        }
    }
    slots
        .into_iter()
        .flatten()
        .map(|(series, _)| series)
        .filter(|series| !series.samples.is_empty())
        .collect()
}

/// An empty series for a column, with what turns its values into the metric's unit.
fn slot(part: &str, name: &str) -> Option<(Series, f64)> {
    Some(empty(part, name.trim(), names::parse(name)?))
}

/// A series without samples, with what turns its values into the metric's unit.
fn empty(part: &str, name: &str, named: Named) -> (Series, f64) {
    let series = Series {
        subject: named.subject,
        metric: named.metric,
        name: name.to_owned(),
        samples: Vec::new(),
        origin: Origin {
            part: part.to_owned(),
            line: Some(1),
        },
    };
    (series, named.scale)
}

/// One row a sample.
struct Long<'a> {
    part: &'a str,
    columns: &'a [Cow<'a, str>],
    time: Option<usize>,
    metric: usize,
    value: usize,
}

impl Long<'_> {
    fn read(&self, body: &str, separator: char) -> Vec<Series> {
        let mut found: BTreeMap<String, Option<(Series, f64)>> = BTreeMap::new();
        for (number, line) in body.lines().enumerate() {
            let row: Vec<Cow<'_, str>> = fields(line, separator).take(self.columns.len()).collect();
            let Some(value) = row.get(self.value).and_then(|field| number_of(field)) else {
                continue;
            };
            let time = self
                .time
                .and_then(|at| row.get(at))
                .and_then(|field| seconds(field));
            let at = time.unwrap_or_else(|| i64::try_from(number).unwrap_or(i64::MAX));
            let key = self.key(&row);
            if found.len() >= MAX_SERIES && !found.contains_key(&key) {
                continue;
            }
            let entry = found.entry(key).or_insert_with_key(|key| self.slot(&row, key));
            if let Some((series, scale)) = entry.as_mut().filter(|(it, _)| it.samples.len() < MAX_SAMPLES) {
                series.samples.push(Sample {
                    at,
                    value: value * *scale,
                });
            }
        }
        found.into_values().flatten().map(|(series, _)| series).collect()
    }

    /// Everything but time and value: the series that the row belongs to.
    fn key(&self, row: &[Cow<'_, str>]) -> String {
        let others = row.iter().enumerate();
        let others = others.filter(|(index, _)| Some(*index) != self.time && *index != self.value);
        others
            .map(|(_, field)| field.trim())
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn slot(&self, row: &[Cow<'_, str>], key: &str) -> Option<(Series, f64)> {
        let label = |name: &str| {
            let at = self
                .columns
                .iter()
                .position(|it| it.trim().eq_ignore_ascii_case(name))?;
            row.get(at).map(|field| field.trim())
        };
        let metric = row.get(self.metric)?.trim();
        let named = names::of_labels(metric, &label).or_else(|| names::parse(metric))?;
        Some(empty(self.part, key, named))
    }
}

/// What divides the columns: the most frequent of the usual characters in the header.
fn separator(header: &str) -> char {
    let count = |c: char| header.matches(c).count();
    let best = [',', ';', '\t']
        .into_iter()
        .max_by_key(|c| (count(*c), *c == ','));
    best.unwrap_or(',')
}

/// The fields of a line. Quoted ones may hold the separator; doubled quotes stand for one.
fn fields(line: &str, separator: char) -> impl Iterator<Item = Cow<'_, str>> {
    let line = line.trim_end_matches('\r');
    let quoted = line.contains('"');
    let mut inside = false;
    line.split(move |c: char| {
        inside ^= quoted && c == '"';
        c == separator && !inside
    })
    .map(
        move |field| match field.trim().strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
            Some(inner) if inner.contains("\"\"") => Cow::Owned(inner.replace("\"\"", "\"")),
            Some(inner) => Cow::Borrowed(inner),
            None => Cow::Borrowed(field),
        },
    )
}

/// A finite number.
fn number_of(field: &str) -> Option<f64> {
    let field = field.trim();
    let number = field.strip_suffix('%').unwrap_or(field).parse::<f64>().ok()?;
    number.is_finite().then_some(number)
}

/// A time in seconds: written out, or as a number of seconds or milliseconds.
fn seconds(field: &str) -> Option<i64> {
    timestamp::whole(field.trim()).map(jiff::Timestamp::as_second)
}
