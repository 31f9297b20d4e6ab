//! The configuration: environment, `.env` and flags become one typed value, once, before a port is bound.
//! All errors are told at once, each naming its variable.

mod log_sources;
pub mod models;
mod settings;
mod sources;
mod telemetry;

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use kubemedic_engine::{learning::ranker::Hyper, redaction::rules::Rules};
use secrecy::SecretString;

pub use log_sources::ElasticsearchConfig;
pub use models::ModelConfig;
pub use settings::{Stage, setting, settings};
pub use sources::Sources;
pub use telemetry::OtlpConfig;

use crate::{catalogue_folder, redaction_rules};

/// Everything that was wrong with the configuration.
#[derive(Debug, thiserror::Error)]
#[error("the configuration is not usable:\n{}", .0.iter().map(|it| format!("  - {it}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigErrors(pub Vec<String>);

/// The configuration, checked.
#[derive(Debug)]
pub struct Config {
    /// Where the backend listens.
    pub backend: SocketAddr,
    /// Where the approval server listens.
    pub approvals: SocketAddr,
    /// The data folder.
    pub data_dir: PathBuf,
    /// The folder of the log file.
    pub log_dir: PathBuf,
    /// Another approval server, if one is to be used.
    pub mcp_server_url: Option<String>,
    /// Where decisions are told, if anywhere.
    pub webhook_url: Option<String>,
    /// Signs and checks webhooks.
    pub webhook_secret: Option<SecretString>,
    /// What clients have to show.
    pub api_token: Option<SecretString>,
    /// What the token's owner is called.
    pub api_token_name: Option<String>,
    /// What the other approval server wants to be shown.
    pub mcp_server_token: Option<SecretString>,
    /// Host names that requests may name.
    pub allowed_hosts: Vec<String>,
    /// Origins of other sites that may call.
    pub cors_allowed_origins: Vec<String>,
    /// How long an approval waits for a decision, in seconds.
    pub approval_ttl_seconds: u32,
    /// How long inputs and stream events of closed workflows are kept, in days.
    pub retention_days: u32,
    /// The constants of learning, with `LEARNING_SHARE`.
    pub learning: Hyper,
    /// The largest request body, in bytes, also after inflation.
    pub max_body_bytes: usize,
    /// The most connections of each port.
    pub max_connections: usize,
    /// How long a client that makes no progress is waited for, in seconds.
    pub client_timeout_seconds: u32,
    /// The user's own rules of redaction.
    pub redaction_rules: Arc<Rules>,
    /// How many entries of the text catalogue are the user's own.
    pub own_entries: usize,
    /// The kubeconfig.
    pub kubeconfig: Option<PathBuf>,
    /// The context in which approved commands run.
    pub execute_context: Option<String>,
    /// The search cluster that logs are fetched from, if any.
    pub elasticsearch: Option<ElasticsearchConfig>,
    /// The folder below which log files may be read, if any.
    pub log_files_dir: Option<PathBuf>,
    /// Language models.
    pub models: ModelConfig,
    /// Where spans and metrics are sent, if anywhere.
    pub otlp: Option<OtlpConfig>,
    /// Variables that are set but that this version does not use yet.
    pub unused: Vec<&'static str>,
    /// What a person should know: unknown keys of `.env`, risky settings.
    pub warnings: Vec<String>,
}

/// The names of the loopback interface.
const LOOPBACK_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

impl Config {
    /// Checks what the sources say.
    ///
    /// # Errors
    /// [`ConfigErrors`] with everything that is wrong.
    pub fn load(sources: &Sources) -> Result<Self, ConfigErrors> {
        let mut read = Reader {
            sources,
            errors: Vec::new(),
        };
        let host: IpAddr = read.host();
        let config = Self {
            backend: SocketAddr::new(host, read.number("PORT", 0, u16::MAX)),
            approvals: SocketAddr::new(host, read.number("APPROVAL_PORT", 0, u16::MAX)),
            data_dir: read.text("DATA_DIR").into(),
            log_dir: read.text("LOG_DIR").into(),
            mcp_server_url: read.url("MCP_SERVER_URL"),
            webhook_url: read.url("BACKEND_WEBHOOK_URL"),
            webhook_secret: read.optional("WEBHOOK_SECRET").map(SecretString::from),
            api_token: read.optional("API_TOKEN").map(SecretString::from),
            api_token_name: read.optional("API_TOKEN_NAME"),
            mcp_server_token: read.optional("MCP_SERVER_TOKEN").map(SecretString::from),
            allowed_hosts: read.allowed_hosts(host),
            cors_allowed_origins: read.origins("CORS_ALLOWED_ORIGINS"),
            approval_ttl_seconds: read.number("APPROVAL_TTL_SECONDS", 1, 30 * 24 * 3600),
            retention_days: read.number("RETENTION_DAYS", 1, 36_500),
            learning: read.learning(),
            max_body_bytes: read.number("MAX_BODY_BYTES", 1024, 1 << 30),
            max_connections: read.number("MAX_CONNECTIONS", 8, 1_000_000),
            client_timeout_seconds: read.number("CLIENT_TIMEOUT_SECONDS", 1, 3600),
            redaction_rules: read.redaction_rules(),
            own_entries: read.own_entries(),
            kubeconfig: read.optional("KUBECONFIG").map(PathBuf::from),
            execute_context: read.optional("EXECUTE_CONTEXT"),
            elasticsearch: read.elasticsearch(),
            log_files_dir: read.optional("LOG_FILES_DIR").map(PathBuf::from),
            models: read.models(),
            otlp: read.otlp(),
            unused: unused(sources),
            warnings: sources.unknown_keys(),
        };
        read.check_exposure(&config, host);
        read.check_ports(&config);
        if read.errors.is_empty() {
            Ok(config)
        } else {
            Err(ConfigErrors(read.errors))
        }
    }
}

/// The settings that somebody made and that belong to a later version.
fn unused(sources: &Sources) -> Vec<&'static str> {
    let later = settings().filter(|setting| setting.stage == Stage::Later);
    later
        .map(|setting| setting.name)
        .filter(|name| sources.is_set(name))
        .collect()
}

/// Whether a text is a scheme, a host and perhaps a port, and nothing else.
fn is_origin(text: &str) -> bool {
    let address = text.strip_suffix('/').unwrap_or(text);
    let rest = address
        .strip_prefix("http://")
        .or(address.strip_prefix("https://"));
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:[]".contains(&byte);
    rest.is_some_and(|host| !host.is_empty() && host.bytes().all(allowed))
}

/// Reads settings and collects what is wrong.
struct Reader<'a> {
    sources: &'a Sources,
    errors: Vec<String>,
}

impl Reader<'_> {
    fn text(&self, name: &str) -> String {
        self.sources.value(name).unwrap_or_default()
    }

    /// A value; `None` when it is blank.
    fn optional(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|value| !value.trim().is_empty())
    }

    fn number<T>(&mut self, name: &str, least: T, most: T) -> T
    where
        T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy,
    {
        let text = self.text(name);
        self.number_of(name, &text, least, most)
    }

    fn number_of<T>(&mut self, name: &str, text: &str, least: T, most: T) -> T
    where
        T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy,
    {
        match text.trim().parse::<T>() {
            Ok(number) if number >= least && number <= most => number,
            _ => {
                self.errors.push(format!(
                    "{name} is '{text}': it must be a whole number from {least} to {most}"
                ));
                least
            }
        }
    }

    fn flag(&mut self, name: &str) -> bool {
        match self.text(name).trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => true,
            "" | "false" | "0" | "no" => false,
            other => {
                self.errors
                    .push(format!("{name} is '{other}': it must be true or false"));
                false
            }
        }
    }

    fn list(&self, name: &str) -> Vec<String> {
        let text = self.text(name);
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Origins as browsers send them; a wildcard would let any site decide approvals.
    fn origins(&mut self, name: &str) -> Vec<String> {
        let origins = self.list(name);
        let wrong = origins.iter().filter(|origin| !is_origin(origin));
        self.errors.extend(wrong.map(|origin| {
            format!("{name} has '{origin}': each must be an origin such as https://ui.example.com")
        }));
        origins
    }

    fn url(&mut self, name: &str) -> Option<String> {
        let url = self.optional(name)?;
        let web = url.starts_with("http://") || url.starts_with("https://");
        if !web {
            self.errors.push(format!(
                "{name} must be an address that starts with http:// or https://"
            ));
        }
        Some(url)
    }

    fn own_entries(&mut self) -> usize {
        let Some(folder) = self.optional(catalogue_folder::SETTING) else {
            return 0;
        };
        let checked = catalogue_folder::load(Path::new(folder.trim()));
        let added = checked.map(|extension| extension.added());
        added.unwrap_or_else(|error| {
            self.errors.push(error);
            0
        })
    }

    fn redaction_rules(&mut self) -> Arc<Rules> {
        let Some(file) = self.optional(redaction_rules::SETTING) else {
            return Arc::default();
        };
        redaction_rules::load(redaction_rules::SETTING, Path::new(file.trim())).unwrap_or_else(|error| {
            self.errors.push(error);
            Arc::default()
        })
    }

    /// The constants of learning.
    fn learning(&mut self) -> Hyper {
        let share = self.text("LEARNING_SHARE");
        if !matches!(share.as_str(), "global" | "cluster") {
            self.errors
                .push(format!("LEARNING_SHARE is '{share}': write global or cluster"));
        }
        Hyper {
            share_across_clusters: share != "cluster",
            ..Hyper::default()
        }
    }

    fn host(&mut self) -> IpAddr {
        let text = self.text("HOST");
        let name = if text.eq_ignore_ascii_case("localhost") {
            "127.0.0.1"
        } else {
            text.trim_matches(['[', ']'])
        };
        name.parse().unwrap_or_else(|_| {
            self.errors
                .push(format!("HOST is '{text}': it must be an IP address or localhost"));
            IpAddr::from([127, 0, 0, 1])
        })
    }

    /// The loopback names, the address itself where it is one, and what is configured.
    fn allowed_hosts(&self, host: IpAddr) -> Vec<String> {
        let configured = self.list("ALLOWED_HOSTS");
        let mut hosts: BTreeSet<String> = configured.iter().map(|host| host.to_ascii_lowercase()).collect();
        if configured.is_empty() {
            hosts.extend(LOOPBACK_NAMES.map(str::to_owned));
            if !host.is_unspecified() {
                hosts.insert(host.to_string());
            }
        }
        hosts.into_iter().collect()
    }

    /// An address that others can reach needs a token, or somebody's explicit word that it does not.
    fn check_exposure(&mut self, config: &Config, host: IpAddr) {
        let allowed = self.flag("ALLOW_UNAUTHENTICATED");
        if !host.is_loopback() && config.api_token.is_none() && !allowed {
            self.errors.push(format!(
                "HOST is {host}, which others can reach: set API_TOKEN, or ALLOW_UNAUTHENTICATED=true if that is meant"
            ));
        }
    }

    fn check_ports(&mut self, config: &Config) {
        let port = config.backend.port();
        if port != 0 && port == config.approvals.port() {
            self.errors.push(format!(
                "PORT and APPROVAL_PORT are both {port}: they must differ"
            ));
        }
    }
}

#[cfg(test)]
mod tests;
