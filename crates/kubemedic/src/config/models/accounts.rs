//! Where each provider of models is, its key, and the model that it is asked for when nobody says which.

use kubemedic_ports::chat_model::{ModelName, Provider};
use secrecy::{ExposeSecret, SecretString};

use crate::config::Reader;

/// The port of Ollama where `OLLAMA_HOST` names none.
const OLLAMA_PORT: u16 = 11434;

/// One provider.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Its key.
    pub key: Option<SecretString>,
    /// Its address, where it is not the provider's own.
    pub base_url: Option<String>,
    /// The model that is asked when nobody says which.
    pub model: Option<String>,
}

/// All providers.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    /// Google.
    pub gemini: Account,
    /// OpenAI, or what speaks like it.
    pub openai: Account,
    /// Anthropic.
    pub anthropic: Account,
    /// Ollama.
    pub ollama: Account,
}

impl Accounts {
    /// A provider's account.
    pub fn of(&self, provider: Provider) -> &Account {
        match provider {
            Provider::Gemini => &self.gemini,
            Provider::OpenAi => &self.openai,
            Provider::Anthropic => &self.anthropic,
            Provider::Ollama => &self.ollama,
        }
    }

    /// The setting of a provider's key.
    pub fn key_setting(provider: Provider) -> &'static str {
        match provider {
            Provider::Gemini => "GOOGLE_API_KEY",
            Provider::OpenAi => "OPENAI_API_KEY",
            Provider::Anthropic => "ANTHROPIC_API_KEY",
            Provider::Ollama => "OLLAMA_HOST",
        }
    }

    /// What a provider lacks to be asked at all, as a clause.
    pub fn missing(&self, provider: Provider) -> Option<&'static str> {
        let account = self.of(provider);
        match provider {
            Provider::Gemini if account.key.is_none() => Some("GOOGLE_API_KEY is not set"),
            Provider::OpenAi if account.key.is_none() && account.base_url.is_none() => {
                Some("neither OPENAI_API_KEY nor OPENAI_BASE_URL is set")
            }
            Provider::Anthropic if account.key.is_none() => Some("ANTHROPIC_API_KEY is not set"),
            _ => None,
        }
    }

    /// What a provider lacks to answer when nobody names a model, as a clause.
    pub(super) fn lacks(&self, provider: Provider) -> Option<&'static str> {
        let no_model = self.of(provider).model.is_none();
        self.missing(provider).or(match provider {
            Provider::OpenAi if no_model => Some("OPENAI_MODEL is not set"),
            Provider::Ollama if no_model => Some("OLLAMA_MODEL is not set"),
            _ => None,
        })
    }

    /// The model that a provider is asked for when nobody says which, if it is configured.
    pub(super) fn usual(&self, provider: Provider) -> Option<ModelName> {
        if self.lacks(provider).is_some() {
            return None;
        }
        let model = self.of(provider).model.clone()?;
        Some(ModelName { provider, model })
    }
}

impl Reader<'_> {
    pub(super) fn accounts(&mut self, warnings: &mut Vec<String>) -> Accounts {
        let (google, gemini) = (self.key("GOOGLE_API_KEY"), self.key("GEMINI_API_KEY"));
        if let (Some(one), Some(other)) = (&google, &gemini)
            && one.expose_secret() != other.expose_secret()
        {
            warnings.push(
                "GOOGLE_API_KEY and GEMINI_API_KEY are both set and differ: GOOGLE_API_KEY is used"
                    .to_owned(),
            );
        }
        let accounts = Accounts {
            gemini: Account {
                key: google.or(gemini),
                base_url: self.url("GEMINI_BASE_URL"),
                model: Some(self.given_or_default("GEMINI_MODEL_ID")),
            },
            openai: Account {
                key: self.key("OPENAI_API_KEY"),
                base_url: self.url("OPENAI_BASE_URL"),
                model: self.trimmed("OPENAI_MODEL"),
            },
            anthropic: Account {
                key: self.key("ANTHROPIC_API_KEY"),
                base_url: self.url("ANTHROPIC_BASE_URL"),
                model: Some(self.given_or_default("ANTHROPIC_MODEL")),
            },
            ollama: Account {
                key: None,
                base_url: Some(self.ollama_host()),
                model: self.trimmed("OLLAMA_MODEL"),
            },
        };
        warnings.extend(unencrypted(&accounts));
        accounts
    }

    /// A key. What cannot stand in a header is refused, and never told.
    fn key(&mut self, name: &str) -> Option<SecretString> {
        let key = self.trimmed(name)?;
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.errors.push(format!(
                "{name} holds characters that no key has: copy it anew, without spaces, quotes or line ends"
            ));
        }
        Some(SecretString::from(key))
    }

    fn trimmed(&self, name: &str) -> Option<String> {
        Some(self.optional(name)?.trim().to_owned())
    }

    /// Ollama's own form of the variable may have neither scheme nor port.
    fn ollama_host(&mut self) -> String {
        let text = self.given_or_default("OLLAMA_HOST");
        if text.starts_with("http://") || text.starts_with("https://") {
            return text;
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:[]/".contains(&byte);
        if !text.bytes().all(allowed) {
            self.errors.push(format!(
                "OLLAMA_HOST is '{text}': it must be an address such as http://127.0.0.1:11434"
            ));
        }
        let has_port = text
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        if has_port {
            return format!("http://{text}");
        }
        format!("http://{text}:{OLLAMA_PORT}")
    }
}

/// A warning for each key that would cross a network in the clear.
fn unencrypted(accounts: &Accounts) -> Vec<String> {
    let addresses = [
        ("GEMINI_BASE_URL", &accounts.gemini),
        ("OPENAI_BASE_URL", &accounts.openai),
        ("ANTHROPIC_BASE_URL", &accounts.anthropic),
    ];
    let plain = |account: &Account| {
        let host = account.base_url.as_deref()?.strip_prefix("http://")?;
        let near = ["127.", "localhost", "[::1]"]
            .iter()
            .any(|it| host.starts_with(it));
        (account.key.is_some() && !near).then_some(())
    };
    let plain = addresses
        .into_iter()
        .filter(|(_, account)| plain(account).is_some());
    plain
        .map(|(name, _)| {
            format!(
                "{name} starts with http://: the key and what models are told cross the network unencrypted"
            )
        })
        .collect()
}
