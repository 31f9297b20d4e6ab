//! The regular expressions of the state rules, each compiled once. What a match means is decided by the rules.

use std::sync::LazyLock;

use super::expression::Expression;

/// An expression that is compiled on first use; a test proves that every one compiles.
pub(crate) type Pattern = LazyLock<Expression>;

macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident = $source:literal;)*) => {
        $($(#[$doc])* pub(crate) static $name: Pattern = LazyLock::new(|| Expression::new($source));)*

        /// Every expression by name, for the test that compiles them.
        #[cfg(test)]
        pub(crate) static ALL: &[(&str, &Pattern)] = &[$((stringify!($name), &$name)),*];
    };
}

patterns! {
    /// Kind and name of a missing configuration object.
    CONFIG_NOT_FOUND = r#"(?i)\b(configmap|secret)s?\s+"([^"]+)"\s+not\s+found"#;
    /// Key, kind and name of a missing key.
    CONFIG_KEY_MISSING = r"(?i)couldn't find key (\S+) in (ConfigMap|Secret) (?:\S+/)?([a-z0-9.-]+)";
    /// Key of a volume item that the object lacks.
    CONFIG_ITEM_MISSING = r"(?i)references non-existent (?:config|secret) key: (\S+)";
    /// The image of a failed pull.
    PULLED_IMAGE = r#"(?i)image "([^"]+)""#;
    /// The executable that could not be started.
    EXECUTABLE = r#"exec(?:: |\s+)\\?"?(/?[^\s":\\]+)"#;
    /// The head of a FailedScheduling message: nodes that fit, of all.
    NODES_AVAILABLE = r"^(\d+)/(\d+) nodes are available:?\s*(.*)$";
    /// A resource that nodes are short of.
    INSUFFICIENT = r"(?i)insufficient ([A-Za-z0-9](?:[A-Za-z0-9./_-]*[A-Za-z0-9])?)";
    /// A taint as the scheduler prints it.
    TAINT = r"taint(?:s|\(s\))?\s*\{([^}]*)\}";
    /// Quota name, what was asked for, used and allowed.
    QUOTA = r"exceeded quota: ([^,\s]+), requested: (.+?), used: (.+?), limited: (.+?)(?:\s*$|\s\()";
    /// A quota that demands limits or requests.
    QUOTA_DEMANDS = r"failed quota: ([^:\s]+): must specify (.+)$";
    /// A rule of a LimitRange.
    LIMIT_RANGE = r"(maximum|minimum) (\S+) usage per (\S+?) is ([^,\s]+?)[,.]?\s+but (?:limit|request) is ([^\s,\]]+)";
    /// A webhook that refuses.
    WEBHOOK_DENIED = r#"admission webhook "([^"]+)" denied the request:?\s*(.*)"#;
    /// A webhook that cannot be called, and the address.
    WEBHOOK_FAILED = r#"failed calling webhook "([^"]+)""#;
    /// The service behind a webhook's address.
    WEBHOOK_SERVICE = r"https?://([a-z0-9-]+)\.([a-z0-9-]+)\.svc";
    /// A missing service account.
    ACCOUNT_MISSING = r#"service ?account "?(?:([a-z0-9-]+)/)?([a-z0-9.-]+)"? (?:was )?not found"#;
    /// A missing PriorityClass.
    PRIORITY_CLASS_MISSING = r"no PriorityClass with name (\S+) was found";
    /// A missing RuntimeClass.
    RUNTIME_CLASS_MISSING = r#"RuntimeClass(?:\.node\.k8s\.io)? "([^"]+)" not found"#;
    /// The field and the reason of an object that the API server does not accept.
    OBJECT_INVALID = r#"(?:Pod|pods?) "[^"]+" is invalid: \[?([A-Za-z0-9.\[\]_-]+): (.+)$"#;
    /// A missing storage class.
    CLASS_MISSING = r#"storageclass(?:\.storage\.k8s\.io)? "([^"]+)" not found"#;
    /// The volume of a failed mount or attach.
    VOLUME_NAME = r#"[Vv]olume "([^"]+)""#;
    /// The pressure that evicted a pod.
    LOW_RESOURCE = r"low on resource: ([a-z-]+)";
    /// A probe's failure and what it got.
    PROBE_FAILED = r"^(Liveness|Readiness|Startup) probe (?:failed|errored)[^:]*:?\s*(.*)$";
    /// A status code that a probe got.
    PROBE_STATUS = r"statuscode: (\d{3})";
    /// User, verb and resource that RBAC refuses.
    FORBIDDEN = r#"User "([^"]+)" cannot (\S+) resource "([^"]+)""#;
    /// An absolute path of a file system.
    ABSOLUTE_PATH = r#"(?:^|[\s"'`:(=])(/[A-Za-z0-9._-]+(?:/[^\s"'`:,)]*)?)"#;
    /// A PodDisruptionBudget in a refused eviction.
    EVICTION_REFUSED = r"(?i)cannot evict pod as it would violate";
}

/// What the first group matched.
pub(crate) fn first<'t>(pattern: &Pattern, text: &'t str) -> Option<&'t str> {
    group(pattern, text, 1)
}

/// What group `number` matched.
pub(crate) fn group<'t>(pattern: &Pattern, text: &'t str, number: usize) -> Option<&'t str> {
    Some(pattern.captures(text)?.group(number)?.as_str())
}

/// Whether the expression matches.
pub(crate) fn matches(pattern: &Pattern, text: &str) -> bool {
    pattern.is_match(text)
}

#[cfg(test)]
mod tests;
