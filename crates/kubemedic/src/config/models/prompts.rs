//! The user's own prompts: files of a folder that take the place of the built-in ones of the same name.

use std::{collections::BTreeMap, fs, path::Path};

use kubemedic_workflow::prompts::Prompts;

use crate::config::Reader;

/// The ending of prompt files. Others in the folder are left alone.
const ENDING: &str = ".md";

impl Reader<'_> {
    pub(super) fn prompts(&mut self) -> Prompts {
        let Some(folder) = self.optional("PROMPTS_DIR") else {
            return Prompts::default();
        };
        load(Path::new(folder.trim())).unwrap_or_else(|error| {
            self.errors.push(error);
            Prompts::default()
        })
    }
}

fn load(folder: &Path) -> Result<Prompts, String> {
    let unreadable = |path: &Path, error: &dyn std::fmt::Display| {
        format!(
            "PROMPTS_DIR {} cannot be read ({error}): name a folder of prompt files in UTF-8, or unset it",
            path.display()
        )
    };
    let mut own = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if name.ends_with(ENDING) && !name.starts_with('.') {
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            own.insert(name.to_owned(), text);
        }
    }
    Prompts::with_replaced(own).map_err(|error| format!("PROMPTS_DIR {}: {error}", folder.display()))
}
