//! docs/MODELS.md names the test of each fault.

use std::fs;

#[test]
fn every_test_that_the_paper_names_is_there() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/src/llm/tests");
    let mut tests = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/aimock.rs")).unwrap();
    for folder in [
        here,
        &here.replace("tests", "draft"),
        &here.replace("tests", "schema"),
    ] {
        for file in fs::read_dir(folder).unwrap() {
            tests.push_str(&fs::read_to_string(file.unwrap().path()).unwrap());
        }
    }
    let paper = fs::read_to_string(format!("{root}/docs/MODELS.md")).unwrap();
    let (_, faults) = paper.split_once("\n## Every fault").unwrap();
    let faults = faults.split("\n## ").next().unwrap();
    let is_name = |it: &&str| {
        it.matches('_').count() > 3
            && it
                .chars()
                .all(|c| c.is_ascii_lowercase() || "_0123456789".contains(c))
    };
    let names: Vec<&str> = faults.split('`').filter(is_name).collect();
    assert!(names.len() > 40, "{names:?}");
    for name in names {
        assert!(
            tests.contains(&format!("fn {name}(")),
            "the paper names a test that is not there: {name}"
        );
    }
}
