//! Reading what the command line names: a file, plain or gzip, or standard input. Nothing is read without a bound.

pub mod pieces;

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use anyhow::{Context, bail};
use flate2::read::MultiGzDecoder;
use kubemedic_engine::intake;
use kubemedic_model::evidence_object::WorkflowInput;

/// The most bytes that one input may have after inflation: twice the largest that was asked for (1 GB).
const MAX_INPUT_BYTES: u64 = 2 << 30;
/// The first bytes of every gzip stream (RFC 1952).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The bytes of a file or, for `-`, of standard input; gzip is inflated wherever it comes from.
///
/// # Errors
/// When the file cannot be read or is larger than the bound.
pub fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let raw = if path.as_os_str() == "-" {
        bounded(io::stdin().lock(), "standard input")?
    } else {
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| format!("{name} cannot be opened"))?;
        bounded(file, &name)?
    };
    if raw.starts_with(&GZIP_MAGIC) {
        return bounded(
            MultiGzDecoder::new(raw.as_slice()),
            &format!("{} (gzip)", path.display()),
        );
    }
    Ok(raw)
}

/// Reads to the end, or fails at the bound.
fn bounded(reader: impl Read, name: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader
        .take(MAX_INPUT_BYTES + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("{name} cannot be read"))?;
    if bytes.len() as u64 > MAX_INPUT_BYTES {
        bail!("{name} has more than {MAX_INPUT_BYTES} bytes: split it, or filter it first");
    }
    Ok(bytes)
}

/// Text from bytes; bytes that are no UTF-8 are replaced, because a log on the command line is better read than refused.
pub fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// What to diagnose: an evidence object where the text is one, else the text.
///
/// # Errors
/// When it looks like an evidence object and is not one.
pub fn evidence(text: String) -> anyhow::Result<WorkflowInput> {
    if intake::looks_like_evidence_object(&text) {
        return Ok(WorkflowInput::Evidence(Box::new(intake::parse_evidence_object(
            &text,
        )?)));
    }
    Ok(WorkflowInput::Text(text))
}
