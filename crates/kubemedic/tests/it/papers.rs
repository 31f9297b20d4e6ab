//! The papers are true: what is generated is compared, and nothing names a place that only one machine has.

use std::{fs, path::Path, process::Command};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// What the binary prints.
#[expect(
    clippy::disallowed_methods,
    reason = "the binary under test is a process of its own"
)]
fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_kubemedic"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_configuration_page_is_what_the_binary_prints() {
    let page = fs::read_to_string(root().join("docs/CONFIG.md")).unwrap();
    assert_eq!(
        page,
        printed(&["settings", "--format", "markdown"]),
        "run: just papers"
    );
}

#[test]
fn the_openapi_document_is_what_the_binary_prints() {
    let document = fs::read_to_string(root().join("docs/openapi.json")).unwrap();
    assert_eq!(document, printed(&["openapi"]), "run: just papers");
}

#[test]
fn the_example_environment_names_every_setting() {
    let example = fs::read_to_string(root().join(".env.example")).unwrap();
    for line in printed(&["settings"]).lines() {
        let name = line.split_whitespace().next().unwrap();
        assert!(
            example.contains(&format!("{name}=")),
            ".env.example does not name {name}"
        );
    }
}

#[test]
fn the_papers_that_people_expect_are_there() {
    for paper in [
        "README.md",
        "QUICKSTART.md",
        "API_DOCUMENTATION.md",
        "DEPLOYMENT.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "ARCHITECTURE.md",
        "LICENSE",
        "docs/BENCHMARKS.md",
        "docs/LEARNING.md",
    ] {
        let text = fs::read_to_string(root().join(paper)).unwrap_or_default();
        assert!(text.len() > 200, "{paper} is missing or empty");
    }
}
