//! Where settings come from: flags override the environment, which overrides `.env`, which overrides the defaults.

use std::{collections::BTreeMap, path::Path};

use super::{ConfigErrors, setting, settings};

/// Raw settings from all sources.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    flags: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
    dotenv: BTreeMap<String, String>,
}

impl Sources {
    /// The process' environment and the `.env` of a folder.
    ///
    /// # Errors
    /// [`ConfigErrors`] when `.env` is there and cannot be read; its values are not told.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the environment is read"
    )]
    pub fn read(folder: &Path) -> Result<Self, ConfigErrors> {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Ok(Self {
            flags: BTreeMap::new(),
            environment,
            dotenv: read_dotenv(&folder.join(".env"))?,
        })
    }

    /// A flag of the command line.
    pub fn set_flag(&mut self, name: &str, value: String) {
        self.flags.insert(name.to_owned(), value);
    }

    /// A setting's value; its default when nobody sets it.
    pub fn value(&self, name: &str) -> Option<String> {
        let given = [&self.flags, &self.environment, &self.dotenv]
            .into_iter()
            .find_map(|it| it.get(name));
        let default = || setting(name).map(|it| it.default.to_owned());
        given.cloned().or_else(default)
    }

    /// Whether somebody gave the setting a value.
    pub fn is_set(&self, name: &str) -> bool {
        [&self.flags, &self.environment, &self.dotenv]
            .into_iter()
            .any(|it| it.get(name).is_some_and(|value| !value.trim().is_empty()))
    }

    /// A variable of the environment, whatever it is for.
    pub fn environment(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str)
    }

    /// A warning for each key of `.env` that is no setting.
    pub fn unknown_keys(&self) -> Vec<String> {
        let known = |name: &&String| setting(name).is_some();
        let unknown = self.dotenv.keys().filter(|name| !known(name));
        unknown
            .map(|name| format!(".env sets {name}, which is no setting of kubemedic{}", hint(name)))
            .collect()
    }
}

/// The setting that a misspelt name is nearest to, as a clause.
fn hint(name: &str) -> String {
    let near = settings().find(|setting| {
        let (a, b) = (
            setting.name.replace('_', ""),
            name.to_ascii_uppercase().replace(['_', '-'], ""),
        );
        a == b || a.starts_with(&b) || b.starts_with(&a)
    });
    near.map(|setting| format!(": did you mean {}?", setting.name))
        .unwrap_or_default()
}

fn read_dotenv(path: &Path) -> Result<BTreeMap<String, String>, ConfigErrors> {
    if !path.exists() {
        return Ok(BTreeMap::new());
    }
    // The parser's own message quotes the line, which may hold a secret.
    let unreadable = || {
        ConfigErrors(vec![format!(
            "{} is not readable as KEY=value lines",
            path.display()
        )])
    };
    let pairs = dotenvy::from_path_iter(path).map_err(|_| unreadable())?;
    pairs.map(|pair| pair.map_err(|_| unreadable())).collect()
}

#[cfg(test)]
impl Sources {
    /// Sources of a test: an environment and a `.env`.
    pub fn of(environment: &[(&str, &str)], dotenv: &[(&str, &str)]) -> Self {
        let map = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        Self {
            flags: BTreeMap::new(),
            environment: map(environment),
            dotenv: map(dotenv),
        }
    }
}
