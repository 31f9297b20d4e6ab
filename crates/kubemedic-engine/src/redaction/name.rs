//! What the name of a field, variable, flag or header says about its value: `DB_PASSWORD` holds a password,
//! `secretName`, `token_count` and `api_key_id` do not hold a secret.

/// What kind of secret a name announces, and so how much its value must look like one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A password: any value is one.
    Password,
    /// A token.
    Token,
    /// A secret with a qualifier, such as `client_secret`.
    Secret,
    /// The bare word, which in Kubernetes mostly names an object.
    BareSecret,
    /// A key with a qualifier, such as `api_key`.
    Key,
    /// The Authorization header and its likes: a scheme may stand before the token.
    Header,
    /// The Cookie header.
    Cookie,
    /// An opaque blob that is secret as a whole, such as `.dockerconfigjson`.
    Blob,
}

impl Class {
    /// What the token is called.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Token => "token",
            Self::Secret | Self::BareSecret => "secret",
            Self::Key => "key",
            Self::Header => "authorization",
            Self::Cookie => "cookie",
            Self::Blob => "credential",
        }
    }
}

/// Words after the keyword that leave the value a secret.
const TAILS: &[&str] = &[
    "value",
    "data",
    "b64",
    "base64",
    "prod",
    "dev",
    "test",
    "staging",
    "live",
    "new",
    "old",
    "current",
    "previous",
    "primary",
    "secondary",
    "plain",
    "plaintext",
    "raw",
    "text",
    "string",
    "env",
    "hash",
    "default",
    "confirm",
    "confirmation",
    "admin",
];

/// Words before `key` that make it a secret.
const KEY_QUALIFIERS: &[&str] = &[
    "api",
    "access",
    "secret",
    "private",
    "priv",
    "signing",
    "sign",
    "encryption",
    "encrypt",
    "decryption",
    "master",
    "account",
    "shared",
    "auth",
    "client",
    "app",
    "application",
    "service",
    "license",
    "licence",
    "role",
    "webhook",
    "deploy",
    "ssh",
    "hmac",
    "jwt",
    "admin",
    "session",
    "storage",
    "subscription",
    "root",
    "server",
    "tls",
    "ssl",
    "rsa",
    "gpg",
    "pgp",
    "aes",
    "cookie",
    "integration",
    "ingest",
    "openai",
    "anthropic",
    "gemini",
    "heroku",
    "hubspot",
    "okta",
    "loki",
    "grafana",
    "datadog",
    "dd",
    "sumo",
    "sumologic",
    "sendgrid",
    "twilio",
    "mailgun",
    "stripe",
    "algolia",
    "alibaba",
    "aws",
    "azure",
    "gcp",
    "google",
    "github",
    "gitlab",
    "slack",
    "snyk",
    "sonar",
    "newrelic",
    "sentry",
    "pagerduty",
    "cloudflare",
    "digitalocean",
    "launchdarkly",
    "kraken",
    "mailchimp",
    "airtable",
    "asana",
];

/// Words before the keyword that make it no secret.
const HARMLESS: &[&str] = &[
    "public",
    "pub",
    "csrf",
    "xsrf",
    "checksum",
    "next",
    "page",
    "pagination",
    "continue",
    "continuation",
    "cancellation",
    "cancel",
    "max",
    "min",
    "num",
    "total",
    "unexpected",
    "primary",
    "foreign",
    "cache",
    "sort",
    "partition",
    "idempotency",
    "dedup",
    "sync",
    "separator",
    "eof",
    "end",
    "start",
    "invalid",
    "missing",
];

/// What the name announces, if anything.
pub(super) fn classify(name: &str) -> Option<Class> {
    let words = words(name);
    let mut words = words.as_slice();
    while let [rest @ .., last] = words
        && !rest.is_empty()
        && (TAILS.contains(&last.as_str()) || last.bytes().all(|byte| byte.is_ascii_digit()))
    {
        words = rest;
    }
    let (last, rest) = words.split_last()?;
    let previous = rest.last().map_or("", String::as_str);
    if HARMLESS.contains(&previous) {
        return None;
    }
    if words.len() > 2 && words.first().is_some_and(|first| first == "bundle") && name.contains("__") {
        // Bundler's credentials for a gem source: BUNDLE_GEMS__EXAMPLE__COM=user:password.
        return Some(Class::Blob);
    }
    class_of(
        last.trim_end_matches(|char: char| char.is_ascii_digit()),
        previous,
    )
}

fn class_of(last: &str, previous: &str) -> Option<Class> {
    match last {
        "pwd" | "passcode" | "pw" => Some(Class::Password),
        "secret" | "secrets" if previous.is_empty() => Some(Class::BareSecret),
        "secrets" => Some(Class::BareSecret),
        "token" | "pat" | "pass" | "credential" | "credentials" | "creds" | "jwt" | "bearer" | "sig" => {
            Some(Class::Token)
        }
        "signature" if matches!(previous, "amz" | "goog") => Some(Class::Token),
        "key" if KEY_QUALIFIERS.contains(&previous) => Some(Class::Key),
        "apikey" | "accesskey" | "secretkey" | "privatekey" | "accountkey" | "authkey"
        | "sharedaccesskey" => Some(Class::Key),
        "auth" | "authorization" | "authentication" => Some(Class::Header),
        "cookie" | "jsessionid" | "phpsessid" => Some(Class::Cookie),
        "dockerconfigjson" | "dockercfg" | "dockerconfig" => Some(Class::Blob),
        _ if ends(last, &["password", "passwd", "passphrase", "passwort", "pgpass"]) => Some(Class::Password),
        _ if ends(last, &["secret"]) => Some(Class::Secret),
        _ if ends(last, &["token", "apikey"]) => Some(Class::Token),
        _ => None,
    }
}

fn ends(word: &str, keywords: &[&str]) -> bool {
    keywords.iter().any(|keyword| word.ends_with(keyword))
}

/// The words of a name in lower case: split at punctuation and where the case changes.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut chars = name.chars().peekable();
    let mut previous = ' ';
    while let Some(char) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(char::is_ascii_lowercase);
        let starts = char.is_ascii_uppercase()
            && (previous.is_ascii_lowercase()
                || previous.is_ascii_digit()
                || (previous.is_ascii_uppercase() && next_is_lower));
        if (starts || !char.is_ascii_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if char.is_ascii_alphanumeric() {
            word.push(char.to_ascii_lowercase());
        }
        previous = char;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}
