//! The settings of where logs are fetched from.

use super::{Setting, now, secret};

/// In the order in which people meet them.
pub(super) const SETTINGS: &[Setting] = &[
    now(
        "ELASTICSEARCH_URL",
        "",
        "Elasticsearch or OpenSearch to fetch logs from; several addresses of one cluster, comma-separated.",
    ),
    now(
        "ELASTICSEARCH_USERNAME",
        "",
        "Its user. Set this with the password, or one of the two below.",
    ),
    secret("ELASTICSEARCH_PASSWORD", "The user's password."),
    secret(
        "ELASTICSEARCH_API_KEY",
        "An API key instead: `id:key`, or that in base64.",
    ),
    secret("ELASTICSEARCH_BEARER_TOKEN", "A bearer token instead."),
    now(
        "ELASTICSEARCH_CA_FILE",
        "",
        "The only authority to trust, in PEM. Blank: those of the system.",
    ),
    now(
        "ELASTICSEARCH_CLIENT_CERT_FILE",
        "",
        "The client's certificate in PEM, where the server wants one.",
    ),
    now(
        "ELASTICSEARCH_CLIENT_KEY_FILE",
        "",
        "The key of that certificate.",
    ),
    now(
        "ELASTICSEARCH_INDEX",
        "logs-*-*,logs-*,filebeat-*",
        "Index names and patterns, comma-separated.",
    ),
    now(
        "ELASTICSEARCH_FIELDS",
        "",
        "Fields that discovery cannot know, such as `time=ts,message=line,namespace=k8s.ns`.",
    ),
    now(
        "LOG_FILES_DIR",
        "",
        "The folder below which log files may be read, such as `/var/log`.",
    ),
];
