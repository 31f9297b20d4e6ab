//! Inputs that once broke something, whole and readable, replayed: fixtures/fuzz/found. A fixture goes there with each repair.

use std::{collections::BTreeSet, fs, path::Path};

use super::{commands, evidence, invariants, seeds::TEXTS};

#[test]
fn every_seed_is_sound_before_it_is_mutated() {
    for text in TEXTS.iter().collect::<BTreeSet<_>>() {
        invariants::hold_for(text.as_bytes());
    }
}

#[test]
fn what_was_found_once_holds() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/fuzz/found"));
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the folder of found inputs is there")
        .map(|entry| entry.expect("its entries can be read").path())
        .collect();
    paths.sort();
    for path in paths {
        println!("{}", path.display());
        let bytes = fs::read(&path).expect("a found input can be read");
        invariants::hold_for(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        match path.extension().and_then(|it| it.to_str()) {
            Some("commands") => text.lines().for_each(commands::hold_for),
            Some("json") => evidence::hold_for(&text),
            _ => {}
        }
    }
}
