//! The user's own entries of the text catalogue: read from their folder and checked before anything is diagnosed with them. What an
//! entry means is the engine's matter.

use std::{
    fs,
    path::{Path, PathBuf},
};

use kubemedic_engine::analysis::{self, Extension};

use crate::config::Sources;

/// The setting that names the folder.
pub const SETTING: &str = "CATALOGUE_DIR";

/// The largest file, in bytes.
const MOST_BYTES: u64 = 1024 * 1024;
/// The most files.
const MOST_FILES: usize = 256;

/// The entries of a folder, checked. The error names the setting, the file, the entry and the way out.
///
/// # Errors
/// When the folder or a file cannot be read, or an entry is not usable.
pub fn load(folder: &Path) -> Result<Extension, String> {
    let files = files(folder).map_err(|problem| format!("{SETTING}: {}: {problem}", folder.display()))?;
    Extension::read(&files).map_err(|error| format!("{SETTING}: {error}"))
}

/// Diagnoses with the entries of the setting's folder, if it names one.
///
/// # Errors
/// When the configuration or an entry is not usable.
pub fn use_configured() -> anyhow::Result<()> {
    let folder = Sources::read(Path::new("."))?.value(SETTING).unwrap_or_default();
    if folder.trim().is_empty() {
        return Ok(());
    }
    let extension = load(Path::new(folder.trim())).map_err(anyhow::Error::msg)?;
    analysis::extend(extension)?;
    Ok(())
}

/// The TOML files of a folder with their texts, by name.
fn files(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let unreadable =
        |error: std::io::Error| format!("it cannot be read ({error}): name a folder of TOML files");
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|it| it == "toml") {
            paths.push(path);
        }
        if paths.len() > MOST_FILES {
            return Err(format!(
                "it has more than {MOST_FILES} files: is it the right folder?"
            ));
        }
    }
    paths.sort();
    paths.iter().map(|path| file(path)).collect()
}

/// One file with its text.
fn file(path: &Path) -> Result<(String, String), String> {
    let name = path.display().to_string();
    let size = fs::metadata(path).map_or(0, |file| file.len());
    if size > MOST_BYTES {
        return Err(format!("{name} has {size} bytes, and may have {MOST_BYTES}"));
    }
    let text = fs::read_to_string(path).map_err(|error| format!("{name} cannot be read ({error})"))?;
    Ok((name, text))
}
