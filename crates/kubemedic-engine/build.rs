//! Turns the catalogue's data files into one JSON file for the program: the same entries without their examples, in a form that is read
//! in a twentieth of the time. The examples and words go into a second one, with the vocabulary of the failure classes: what texts of
//! a class are like. The files themselves are checked by tests and by `kubemedic verify`. A snapshot of what was learnt is marked
//! with a digest of the sources that learn.

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

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
    println!("cargo::rerun-if-changed=grounding");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=LEARNING_SOURCES={:016x}", learning_sources()?);
    let mut entries = Vec::new();
    for name in FILES {
        entries.extend(list(name, "entry")?);
    }
    let texts = texts_of_classes(&entries)?;
    for entry in entries.iter_mut().filter_map(Value::as_object_mut) {
        entry.retain(|key, _| key != "match" && key != "not_match");
    }
    let prepared = json!({"entry": entries, "fact": list("context", "fact")?});
    let folder = PathBuf::from(std::env::var("OUT_DIR")?);
    fs::write(folder.join("class_texts.json"), serde_json::to_string(&texts)?)?;
    Ok(fs::write(folder.join("catalogue.json"), prepared.to_string())?)
}

/// What texts of each class are like: the examples and words of its entries, and its vocabulary.
fn texts_of_classes(entries: &[Value]) -> Result<BTreeMap<String, Vec<String>>, Box<dyn Error>> {
    let vocabulary = fs::read_to_string("grounding/vocabulary.toml")?;
    let mut texts: BTreeMap<String, Vec<String>> = toml::from_str(&vocabulary)?;
    for entry in entries {
        let class = entry.get("class").and_then(Value::as_str).unwrap_or_default();
        let lists = ["match", "words"].map(|key| entry.get(key).and_then(Value::as_array));
        let examples = lists.into_iter().flatten().flatten();
        let examples = examples.filter_map(Value::as_str).map(str::to_owned);
        texts.entry(class.to_owned()).or_default().extend(examples);
    }
    Ok(texts)
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

/// A digest of the program that learns (FNV-1a). What was folded by another one may not be continued.
fn learning_sources() -> Result<u64, Box<dyn Error>> {
    let model = Path::new("../kubemedic-model/src");
    let mut left = vec![
        PathBuf::from("src/learning.rs"),
        PathBuf::from("src/learning"),
        model.join("learning.rs"),
        model.join("feedback.rs"),
    ];
    let mut files = Vec::new();
    while let Some(path) = left.pop() {
        println!("cargo::rerun-if-changed={}", path.display());
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                left.push(entry?.path());
            }
        } else {
            files.push(path);
        }
    }
    files.sort();
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    for file in files {
        for byte in fs::read(file)? {
            digest = (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    Ok(digest)
}
