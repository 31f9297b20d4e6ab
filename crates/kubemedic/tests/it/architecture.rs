//! The rules of the house (ARCHITECTURE.md): who may depend on whom, and what a source file looks like.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use toml::{Table, Value};

/// The internal edges that are allowed, exactly (DESIGN.md, "Workspace"). `sim` joins with its first user.
const EDGES: [(&str, &[&str]); 8] = [
    ("model", &[]),
    ("engine", &["model"]),
    ("ports", &["model"]),
    ("workflow", &["model", "engine", "ports"]),
    ("adapters", &["model", "ports"]),
    ("server", &["model", "workflow", "ports"]),
    ("testkit", &["model", "ports"]),
    (
        "kubemedic",
        &["model", "engine", "ports", "workflow", "adapters", "server"],
    ),
];

/// Crates that belong to one room only.
const ROOMS: [(&str, &[&str]); 10] = [
    ("axum", &["server"]),
    ("utoipa", &["server"]),
    ("tower-http", &["server"]),
    ("maud", &["server"]),
    ("reqwest", &["adapters"]),
    ("sqlx", &["adapters"]),
    ("kube", &["adapters"]),
    ("genai", &["adapters"]),
    ("clap", &["kubemedic"]),
    ("anyhow", &["kubemedic"]),
];

/// Crates that do I/O or async, which `model` and `engine` never name.
const IMPURE: [&str; 10] = [
    "tokio",
    "async-trait",
    "futures-util",
    "reqwest",
    "sqlx",
    "axum",
    "hyper",
    "tracing",
    "rand",
    "tempfile",
];

/// The most code lines of a file: neither blank nor comment.
const MAX_FILE_LINES: usize = 500;
/// Files that are longer. The list may only shrink.
const LONGER_FILES: [&str; 0] = [];
/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 6] = ["util", "utils", "common", "helper", "helpers", "misc"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn manifest(path: &Path) -> Table {
    fs::read_to_string(path).unwrap().parse().unwrap()
}

/// Each member's short name with its manifest.
fn members() -> BTreeMap<String, Table> {
    let crates = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    crates
        .map(|path| {
            let name = path
                .file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .trim_start_matches("kubemedic-")
                .to_owned();
            (name, manifest(&path.join("Cargo.toml")))
        })
        .collect()
}

fn dependencies(manifest: &Table, section: &str) -> BTreeSet<String> {
    manifest
        .get(section)
        .and_then(Value::as_table)
        .map(|table| table.keys().cloned().collect())
        .unwrap_or_default()
}

fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join("crates"), &mut found);
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

#[test]
fn crates_depend_on_each_other_exactly_as_the_design_says() {
    let allowed: BTreeMap<&str, BTreeSet<String>> = EDGES
        .iter()
        .map(|(from, to)| (*from, to.iter().map(|it| (*it).to_owned()).collect()))
        .collect();
    let found = members();
    assert_eq!(
        found.keys().map(String::as_str).collect::<BTreeSet<_>>(),
        allowed.keys().copied().collect()
    );
    for (name, manifest) in &found {
        let internal: BTreeSet<String> = dependencies(manifest, "dependencies")
            .iter()
            .filter_map(|it| it.strip_prefix("kubemedic-").map(str::to_owned))
            .collect();
        assert_eq!(&internal, &allowed[name.as_str()], "dependencies of {name}");
        let dev = dependencies(manifest, "dev-dependencies");
        let stray: Vec<&String> = dev
            .iter()
            .filter(|it| it.starts_with("kubemedic-") && *it != "kubemedic-testkit")
            .collect();
        assert!(
            stray.is_empty(),
            "{name} uses {stray:?} in its tests: only testkit is for that"
        );
    }
}

#[test]
fn what_belongs_to_one_room_stays_in_it() {
    for (name, manifest) in members() {
        let used = dependencies(&manifest, "dependencies");
        for (dependency, rooms) in ROOMS {
            let here = used
                .iter()
                .any(|it| it == dependency || it.starts_with(&format!("{dependency}-")));
            assert!(
                !here || rooms.contains(&name.as_str()),
                "{name} depends on {dependency}"
            );
        }
        if name == "model" || name == "engine" {
            let impure: Vec<&String> = used.iter().filter(|it| IMPURE.contains(&it.as_str())).collect();
            assert!(impure.is_empty(), "{name} is pure, but depends on {impure:?}");
        }
    }
}

#[test]
fn every_member_takes_the_workspaces_lints() {
    for (name, manifest) in members() {
        let lints = manifest
            .get("lints")
            .and_then(Value::as_table)
            .and_then(|lints| lints.get("workspace"));
        assert_eq!(
            lints,
            Some(&Value::Boolean(true)),
            "[lints] workspace = true in {name}"
        );
    }
}

#[test]
fn every_source_file_says_what_it_owns_and_is_of_a_size_to_read() {
    let mut wrong = Vec::new();
    for path in sources() {
        let text = fs::read_to_string(&path).unwrap();
        let name = shown(&path);
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if !text.starts_with("//! ") {
            wrong.push(format!("{name} does not start with //!"));
        }
        if stem == "mod" || EMPTY_NAMES.contains(&stem.as_str()) {
            wrong.push(format!("{name} has a name that says nothing"));
        }
        let code = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with("//"))
            .count();
        if code > MAX_FILE_LINES && !LONGER_FILES.contains(&name.as_str()) {
            wrong.push(format!("{name} has {code} code lines"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_to_do_in_the_sources() {
    let marker = ["TO", "DO"].concat();
    let left: Vec<String> = sources()
        .iter()
        .filter(|path| fs::read_to_string(path).unwrap().contains(&marker))
        .map(|path| shown(path))
        .collect();
    assert!(left.is_empty(), "{marker} in {left:?}");
}

#[test]
fn the_architecture_paper_names_every_crate_and_every_engine_module() {
    let paper = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for name in members().keys() {
        let whole = if name == "kubemedic" {
            "`kubemedic`".to_owned()
        } else {
            format!("`kubemedic-{name}`")
        };
        assert!(paper.contains(&whole), "ARCHITECTURE.md does not name {whole}");
    }
    let engine = fs::read_to_string(root().join("crates/kubemedic-engine/src/lib.rs")).unwrap();
    for module in engine
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
    {
        assert!(
            paper.contains(&format!("`{module}`")),
            "ARCHITECTURE.md does not name `{module}`"
        );
    }
}
