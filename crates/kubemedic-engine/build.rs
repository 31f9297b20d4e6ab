//! Turns the catalogue's data files into one JSON file for the program: the same entries without their examples, in a form that is read
//! in a twentieth of the time. The files themselves are checked by tests and by `kubemedic verify`.

use std::{error::Error, fs, path::PathBuf};

use serde_json::{Value, json};

/// The data files, in the order in which the program lists them.
const FILES: [&str; 12] = [
    "container",
    "image",
    "config",
    "probe",
    "scheduling",
    "policy",
    "storage",
    "node",
    "network",
    "data",
    "security",
    "workload",
];

#[expect(
    clippy::disallowed_methods,
    reason = "cargo talks with a build script by its environment and its output"
)]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=catalogue");
    println!("cargo::rerun-if-changed=build.rs");
    let mut entries = Vec::new();
    for name in FILES {
        entries.extend(list(name, "entry")?);
    }
    for entry in entries.iter_mut().filter_map(Value::as_object_mut) {
        entry.retain(|key, _| key != "match" && key != "not_match");
    }
    let prepared = json!({"entry": entries, "fact": list("context", "fact")?});
    let folder = PathBuf::from(std::env::var("OUT_DIR")?);
    Ok(fs::write(folder.join("catalogue.json"), prepared.to_string())?)
}

/// The tables of one name in a file.
fn list(file: &str, name: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    let text = fs::read_to_string(format!("catalogue/{file}.toml"))?;
    let mut all: Value = toml::from_str(&text)?;
    match all.get_mut(name).map(Value::take) {
        Some(Value::Array(tables)) => Ok(tables),
        _ => Err(format!("catalogue/{file}.toml has no [[{name}]]").into()),
    }
}
