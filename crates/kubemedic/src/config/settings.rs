//! Every setting with its default and what it is for: the one list that `--help`, `.env.example` and docs/CONFIG.md follow.
//! Those of language models and of log sources stand in files of their own.

mod log_sources;
mod models;

/// Whether this version uses a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It is used.
    Now,
    /// It is known and kept for a later version; `verify` says that it is not used yet.
    Later,
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The variable.
    pub name: &'static str,
    /// Its value when nobody sets it; blank is unset.
    pub default: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// Whether this version uses it.
    pub stage: Stage,
    /// Whether its value opens another system: it is never shown.
    pub secret: bool,
}

const fn now(name: &'static str, default: &'static str, purpose: &'static str) -> Setting {
    Setting {
        name,
        default,
        purpose,
        stage: Stage::Now,
        secret: false,
    }
}

const fn secret(name: &'static str, purpose: &'static str) -> Setting {
    Setting {
        secret: true,
        ..now(name, "", purpose)
    }
}

const fn later(name: &'static str, default: &'static str, purpose: &'static str) -> Setting {
    Setting {
        stage: Stage::Later,
        ..now(name, default, purpose)
    }
}

/// Every setting, in the order in which people meet them.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    [SERVICE, models::SETTINGS, log_sources::SETTINGS, LATER]
        .into_iter()
        .flatten()
}

/// The setting of a name.
pub fn setting(name: &str) -> Option<&'static Setting> {
    settings().find(|setting| setting.name == name)
}

/// The service itself.
const SERVICE: &[Setting] = &[
    now(
        "HOST",
        "127.0.0.1",
        "The address that both ports listen on. Anything but loopback needs `API_TOKEN`.",
    ),
    now("PORT", "8000", "The backend's port."),
    now("APPROVAL_PORT", "3100", "The approval server's port."),
    now(
        "DATA_DIR",
        "data",
        "The folder of the journal and of the feedback file. One process at a time uses it.",
    ),
    now("LOG_DIR", "logs", "The folder of `app.log`, which is rotated."),
    now(
        "LOG_LEVEL",
        "info",
        "What is logged, as a tracing filter: `info`, `debug`, `kubemedic=debug,info`.",
    ),
    now(
        "API_TOKEN",
        "",
        "What clients must send as a bearer token, and people at `/login`.",
    ),
    now(
        "API_TOKEN_NAME",
        "",
        "What the token's owner is called: the approver and rater where a request names none.",
    ),
    now(
        "ALLOW_UNAUTHENTICATED",
        "false",
        "Allows another `HOST` than loopback without `API_TOKEN`.",
    ),
    now(
        "ALLOWED_HOSTS",
        "",
        "Host names that requests may carry, comma-separated. Blank: the loopback names and `HOST`.",
    ),
    now(
        "CORS_ALLOWED_ORIGINS",
        "",
        "Origins of other sites that may call from a browser, comma-separated.",
    ),
    now(
        "MAX_BODY_BYTES",
        "33554432",
        "The largest request body in bytes, also after inflation.",
    ),
    now(
        "MAX_CONNECTIONS",
        "4096",
        "The most connections of each port. Further ones take the place of one that waits for a request, or are answered 503.",
    ),
    now(
        "CLIENT_TIMEOUT_SECONDS",
        "30",
        "How long a client may take to send a request's head, send nothing of a body, take nothing of an answer, or keep an idle connection.",
    ),
    now(
        "REDACTION_RULES_FILE",
        "",
        "A TOML file with rules of your own for redaction. Blank: the built-in rules alone.",
    ),
    now(
        "CATALOGUE_DIR",
        "",
        "A folder of TOML files that add entries to the text catalogue or replace built-in ones by id. Blank: the built-in ones alone.",
    ),
    now(
        "APPROVAL_TTL_SECONDS",
        "14400",
        "How long an approval waits for a decision, and an authority for its execution.",
    ),
    now(
        "RETENTION_DAYS",
        "30",
        "How long inputs and stream events of closed workflows are kept. Decisions and feedback stay.",
    ),
    now(
        "LEARNING_SHARE",
        "global",
        "Whether clusters learn from each other: `global`, or `cluster`, where each has what its own people and outcomes taught, and is shown no other's cases.",
    ),
    now(
        "MCP_SERVER_URL",
        "",
        "Another approval server. Blank: the built-in one on `APPROVAL_PORT`.",
    ),
    secret(
        "MCP_SERVER_TOKEN",
        "The bearer token for `MCP_SERVER_URL`, where it wants one.",
    ),
    now(
        "BACKEND_WEBHOOK_URL",
        "",
        "Where the built-in approval server tells decisions. Blank: nowhere, the journal is enough.",
    ),
    secret(
        "WEBHOOK_SECRET",
        "Signs outgoing and checks incoming webhooks (Standard Webhooks, `whsec_...`).",
    ),
    now(
        "EXECUTE_CONTEXT",
        "",
        "The kubeconfig context in which approved commands run. Blank: nothing is executed.",
    ),
    now("KUBECONFIG", "", "The kubeconfig. Blank: kubectl's own default."),
];

/// Known, and kept for a later version.
const LATER: &[Setting] = &[later("DATABASE_URL", "", "PostgreSQL instead of SQLite.")];
