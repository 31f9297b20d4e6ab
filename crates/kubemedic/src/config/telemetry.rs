//! The settings of OpenTelemetry, by the names that OpenTelemetry gives them.

use secrecy::SecretString;

use super::Reader;

/// Where spans and metrics go, if anywhere.
#[derive(Debug)]
pub struct OtlpConfig {
    /// The collector's address, without the path of a signal.
    pub endpoint: String,
    /// What it wants to be shown.
    pub headers: Vec<(String, SecretString)>,
    /// What the service is called there.
    pub service_name: String,
    /// Whether questions and answers of models go there too, redacted.
    pub content: bool,
}

impl Reader<'_> {
    pub(super) fn otlp(&mut self) -> Option<OtlpConfig> {
        let headers = self.headers("OTEL_EXPORTER_OTLP_HEADERS");
        let content = self.flag("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT");
        let endpoint = self.url("OTEL_EXPORTER_OTLP_ENDPOINT")?;
        Some(OtlpConfig {
            endpoint: endpoint.trim().trim_end_matches('/').to_owned(),
            headers,
            service_name: self
                .optional("OTEL_SERVICE_NAME")
                .unwrap_or_else(|| "kubemedic".to_owned()),
            content,
        })
    }

    /// Pairs as the specification of OTLP exporters writes them; values may be percent-encoded.
    fn headers(&mut self, name: &str) -> Vec<(String, SecretString)> {
        let mut headers = Vec::new();
        for part in self.list(name) {
            let pair = part
                .split_once('=')
                .map(|(name, value)| (name.trim(), decoded(value.trim())));
            match pair {
                Some((name, Some(value))) if is_header(name, &value) => {
                    headers.push((name.to_ascii_lowercase(), SecretString::from(value)));
                }
                // The pair may hold a secret: it is not told.
                _ => self
                    .errors
                    .push(format!("{name} must be name=value, comma-separated")),
            }
        }
        headers
    }
}

fn is_header(name: &str, value: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let told = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    !name.is_empty() && name.bytes().all(word) && value.bytes().all(told)
}

/// A text without its percent-encoding; `None` where that is broken.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let pair = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use crate::config::{Config, Sources};

    #[test]
    fn headers_of_the_collector_are_decoded_and_a_broken_pair_is_told_without_its_value() {
        let load = |headers: &str| {
            let settings = [
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318/"),
                ("OTEL_EXPORTER_OTLP_HEADERS", headers),
            ];
            Config::load(&Sources::of(&settings, &[])).map(|config| config.otlp.unwrap())
        };
        let otlp = load("Authorization=Bearer%20abc,x-tenant=a").unwrap();
        let told: Vec<(&str, &str)> = otlp
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.expose_secret()))
            .collect();
        assert_eq!(told, [("authorization", "Bearer abc"), ("x-tenant", "a")]);
        assert_eq!(
            (otlp.endpoint.as_str(), otlp.service_name.as_str(), otlp.content),
            ("http://localhost:4318", "kubemedic", false)
        );
        assert_eq!(
            load("Bearer secret").unwrap_err().0,
            ["OTEL_EXPORTER_OTLP_HEADERS must be name=value, comma-separated"]
        );
    }
}
