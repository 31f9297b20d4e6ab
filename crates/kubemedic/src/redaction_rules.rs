//! The user's own rules of redaction: read from their file, checked before anything is done with them. What a rule means
//! is the engine's matter.

use std::{fs, path::Path, sync::Arc};

use kubemedic_engine::redaction::rules::Rules;

use crate::config::Sources;

/// The setting that names the file.
pub const SETTING: &str = "REDACTION_RULES_FILE";

/// The largest file of rules, in bytes.
const MOST_BYTES: u64 = 1024 * 1024;

/// The rules of a file. The error names what gave the file, the file, the rule and the way out.
///
/// # Errors
/// When the file cannot be read or a rule is not usable.
pub fn load(given_by: &str, path: &Path) -> Result<Arc<Rules>, String> {
    let wrong = |problem: String| format!("{given_by}: {}: {problem}", path.display());
    let size = fs::metadata(path).map_or(0, |file| file.len());
    if size > MOST_BYTES {
        return Err(wrong(format!(
            "it has {size} bytes, and rules may have {MOST_BYTES}: is it the right file?"
        )));
    }
    let text = fs::read_to_string(path)
        .map_err(|error| wrong(format!("it cannot be read ({error}): name a readable TOML file")))?;
    Rules::parse(&text)
        .map(Arc::new)
        .map_err(|error| wrong(error.to_string()))
}

/// The rules for one command: those of its flag, else those of the setting, else none.
///
/// # Errors
/// When the configuration or the rules are not usable.
pub fn of_command(flag: Option<&Path>) -> anyhow::Result<Arc<Rules>> {
    if let Some(path) = flag {
        return load("--rules", path).map_err(anyhow::Error::msg);
    }
    let file = Sources::read(Path::new("."))?.value(SETTING).unwrap_or_default();
    if file.trim().is_empty() {
        return Ok(Arc::default());
    }
    load(SETTING, Path::new(file.trim())).map_err(anyhow::Error::msg)
}
