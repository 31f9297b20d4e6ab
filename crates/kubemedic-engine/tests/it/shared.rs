//! Where the corpora are, and one run of the engine over an input. It scores nothing.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use kubemedic_engine::{analysis, intake, monitoring};
use kubemedic_model::{diagnosis::Diagnosis, evidence_object::WorkflowInput};

/// A file or folder of the corpora; `None`, with one printed line, where the corpora are absent.
pub(crate) fn corpus(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpora")).join(path);
    if path.exists() {
        return Some(path);
    }
    println!("the corpus {} is absent: nothing is measured", path.display());
    None
}

/// The text of a corpus file, inflated where its name ends in `.gz`.
pub(crate) fn text(path: &Path) -> String {
    let bytes = fs::read(path).expect("a corpus file can be read");
    if path.extension().is_some_and(|it| it == "gz") {
        let mut text = String::new();
        flate2::read::GzDecoder::new(bytes.as_slice())
            .read_to_string(&mut text)
            .expect("a corpus file inflates");
        return text;
    }
    String::from_utf8(bytes).expect("a corpus file is UTF-8")
}

/// One diagnosis.
pub(crate) fn diagnose(input: &WorkflowInput) -> Diagnosis {
    let intake = intake::read(input);
    let monitoring = monitoring::monitor(&intake);
    analysis::diagnose(&intake, &monitoring)
}
