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

/// Words before `pass` that name whose password it is; a `first_pass` is none.
const ACCOUNTS: &[&str] = &[
    "admin", "app", "auth", "basic", "bind", "database", "db", "docker", "ftp", "http", "kafka", "ldap",
    "mail", "mongo", "mysql", "pg", "postgres", "proxy", "rabbitmq", "redis", "registry", "root", "smtp",
    "sql", "ssh", "user",
];

/// Words that say that the value is not real.
const UNREAL: &[&str] = &[
    "non",
    "not",
    "fake",
    "dummy",
    "mock",
    "invalid",
    "wrong",
    "example",
    "placeholder",
];

/// What the name announces, if anything.
pub(super) fn classify(name: &str) -> Option<Class> {
    let bytes = name.as_bytes();
    let (mut last, mut start) = word_before(bytes, bytes.len())?;
    let (mut previous, mut rest) = word_before(bytes, start).unwrap_or_default();
    while !previous.is_empty() && (last.is_in(TAILS) || last.is_number()) {
        (last, start) = (previous, rest);
        (previous, rest) = word_before(bytes, start).unwrap_or_default();
    }
    if previous.is_in(HARMLESS) {
        return None;
    }
    if name.contains("__") && rest > 0 && name.to_ascii_lowercase().starts_with("bundle_") {
        // Bundler's credentials for a gem source: BUNDLE_GEMS__EXAMPLE__COM=user:password.
        return Some(Class::Blob);
    }
    let last = last.text().trim_end_matches(|char: char| char.is_ascii_digit());
    class_of(last, previous.text()).filter(|_| !is_unreal(bytes))
}

/// The name that was classified last: in logs one name follows itself.
#[derive(Debug, Default)]
pub(super) struct KnownName<'a> {
    name: &'a str,
    class: Option<Class>,
}

impl<'a> KnownName<'a> {
    /// What the name announces, if anything.
    pub(super) fn classify(&mut self, name: &'a str) -> Option<Class> {
        if self.name != name {
            *self = Self {
                name,
                class: classify(name),
            };
        }
        self.class
    }
}

/// Whether a word of the name says that the value is not real: `nonMatchingToken`, `FAKE_API_KEY`.
fn is_unreal(name: &[u8]) -> bool {
    let mut end = name.len();
    while let Some((word, start)) = word_before(name, end) {
        if word.is_in(UNREAL) {
            return true;
        }
        end = start;
    }
    false
}

fn class_of(last: &str, previous: &str) -> Option<Class> {
    match last {
        "pwd" | "passcode" | "pw" | "requirepass" | "masterauth" => Some(Class::Password),
        "pass" if ACCOUNTS.contains(&previous) => Some(Class::Password),
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

/// The longest word that is told from others by its whole; of a longer one the end is kept.
const WORD_BYTES: usize = 32;

/// One word of a name, in lower case.
#[derive(Debug, Clone, Copy, Default)]
struct Word {
    letters: [u8; WORD_BYTES],
    size: usize,
}

impl Word {
    fn of(bytes: &[u8]) -> Self {
        let bytes = bytes
            .get(bytes.len().saturating_sub(WORD_BYTES)..)
            .unwrap_or(bytes);
        let mut letters = [0; WORD_BYTES];
        for (letter, byte) in letters.iter_mut().zip(bytes) {
            *letter = byte.to_ascii_lowercase();
        }
        Self {
            letters,
            size: bytes.len(),
        }
    }

    fn text(&self) -> &str {
        let letters = self.letters.get(..self.size).unwrap_or(&[]);
        std::str::from_utf8(letters).unwrap_or("")
    }

    fn is_empty(&self) -> bool {
        self.size == 0
    }

    fn is_in(&self, words: &[&str]) -> bool {
        words.contains(&self.text())
    }

    fn is_number(&self) -> bool {
        self.text().bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// The last word before a place, and where it begins: words are parted by punctuation and where the case changes.
fn word_before(name: &[u8], end: usize) -> Option<(Word, usize)> {
    let at = |place: usize| name.get(place).copied().unwrap_or(0);
    let head = name.get(..end)?;
    let stop = head.iter().rposition(u8::is_ascii_alphanumeric)? + 1;
    let begins = |place: usize| {
        let (before, here, behind) = (at(place - 1), at(place), at(place + 1));
        here.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || (before.is_ascii_uppercase() && behind.is_ascii_lowercase()))
    };
    let mut start = stop - 1;
    while start > 0 && at(start - 1).is_ascii_alphanumeric() && !begins(start) {
        start -= 1;
    }
    Some((Word::of(name.get(start..stop)?), start))
}
