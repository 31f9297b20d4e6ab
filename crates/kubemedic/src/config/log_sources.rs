//! The settings of the search cluster that logs are fetched from. What they name is opened by the wiring.

use std::path::PathBuf;

use kubemedic_adapters::logs::elasticsearch::{Connection, Credentials};
use secrecy::SecretString;

use super::Reader;

/// A search cluster.
#[derive(Debug)]
pub struct ElasticsearchConfig {
    /// How it is reached.
    pub connection: Connection,
    /// Its index pattern.
    pub index: String,
    /// Fields by role, as `ELASTICSEARCH_FIELDS` has them.
    pub fields: String,
}

impl Reader<'_> {
    /// The search cluster, if one is configured.
    pub(super) fn elasticsearch(&mut self) -> Option<ElasticsearchConfig> {
        let urls = self.list("ELASTICSEARCH_URL");
        let credentials = self.credentials();
        let identity = self.both("ELASTICSEARCH_CLIENT_CERT_FILE", "ELASTICSEARCH_CLIENT_KEY_FILE");
        if urls.is_empty() {
            return None;
        }
        let is_web = |url: &String| url.starts_with("http://") || url.starts_with("https://");
        if !urls.iter().all(is_web) {
            // The address itself is not told: it may hold a password.
            let why =
                "ELASTICSEARCH_URL must be addresses that start with http:// or https://, comma-separated";
            self.errors.push(why.to_owned());
        }
        Some(ElasticsearchConfig {
            connection: Connection {
                urls: urls.into_iter().map(SecretString::from).collect(),
                credentials,
                ca_file: self.optional("ELASTICSEARCH_CA_FILE").map(PathBuf::from),
                identity: identity.map(|(certificate, key)| (certificate.into(), key.into())),
            },
            index: self.text("ELASTICSEARCH_INDEX"),
            fields: self.text("ELASTICSEARCH_FIELDS"),
        })
    }

    /// One way to say who we are, or none.
    fn credentials(&mut self) -> Credentials {
        let basic = self.both("ELASTICSEARCH_USERNAME", "ELASTICSEARCH_PASSWORD");
        let key = self.optional("ELASTICSEARCH_API_KEY").map(SecretString::from);
        let token = self
            .optional("ELASTICSEARCH_BEARER_TOKEN")
            .map(SecretString::from);
        match (basic, key, token) {
            (None, None, None) => Credentials::None,
            (Some((username, password)), None, None) => Credentials::Basic {
                username,
                password: password.into(),
            },
            (None, Some(key), None) => Credentials::ApiKey(key),
            (None, None, Some(token)) => Credentials::Bearer(token),
            _ => {
                let why = "ELASTICSEARCH_USERNAME with ELASTICSEARCH_PASSWORD, ELASTICSEARCH_API_KEY and ELASTICSEARCH_BEARER_TOKEN exclude each other: set one";
                self.errors.push(why.to_owned());
                Credentials::None
            }
        }
    }

    /// Two settings that are of use together only.
    fn both(&mut self, one: &str, other: &str) -> Option<(String, String)> {
        let (first, second) = (self.optional(one), self.optional(other));
        if first.is_some() != second.is_some() {
            self.errors
                .push(format!("{one} and {other} belong together: set both or none"));
        }
        first.zip(second)
    }
}
