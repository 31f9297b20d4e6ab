//! Defaults, precedence, and every error at once.

use super::*;

fn load(environment: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    Config::load(&Sources::of(environment, &[])).map_err(|errors| errors.0)
}

#[test]
fn nothing_set_is_loopback_with_the_contracts_defaults() {
    let config = load(&[]).unwrap();
    assert_eq!(config.backend.to_string(), "127.0.0.1:8000");
    assert_eq!(config.approvals.to_string(), "127.0.0.1:3100");
    assert_eq!(config.allowed_hosts, ["127.0.0.1", "::1", "localhost"]);
    assert_eq!(
        (
            config.max_body_bytes,
            config.approval_ttl_seconds,
            config.retention_days
        ),
        (32 << 20, 14_400, 30)
    );
    assert!(config.execute_context.is_none() && config.unused.is_empty() && config.warnings.is_empty());
}

#[test]
fn another_address_needs_a_token_or_an_explicit_word() {
    let refused = load(&[("HOST", "0.0.0.0")]).unwrap_err();
    assert!(
        matches!(refused.as_slice(), [only] if only.contains("API_TOKEN")),
        "{refused:?}"
    );
    assert!(load(&[("HOST", "0.0.0.0"), ("API_TOKEN", "t")]).is_ok());
    assert!(load(&[("HOST", "0.0.0.0"), ("ALLOW_UNAUTHENTICATED", "true")]).is_ok());
}

#[test]
fn an_origin_is_a_scheme_a_host_and_a_port_and_never_a_wildcard() {
    for wrong in [
        "*",
        "https://*.example.com",
        "ui.example.com",
        "https://ui.example.com/path",
        "null",
    ] {
        let refused = load(&[("CORS_ALLOWED_ORIGINS", wrong)]).unwrap_err();
        assert_eq!(
            refused,
            [format!(
                "CORS_ALLOWED_ORIGINS has '{wrong}': each must be an origin such as https://ui.example.com"
            )]
        );
    }
    let config = load(&[(
        "CORS_ALLOWED_ORIGINS",
        "https://ui.example.com, http://[::1]:5173/",
    )])
    .unwrap();
    assert_eq!(
        config.cors_allowed_origins,
        ["https://ui.example.com", "http://[::1]:5173/"]
    );
}

#[test]
fn all_errors_are_told_at_once_and_name_their_variables() {
    let errors = load(&[
        ("PORT", "eighty"),
        ("APPROVAL_TTL_SECONDS", "0"),
        ("MCP_SERVER_URL", "localhost:3100"),
        ("ALLOW_UNAUTHENTICATED", "perhaps"),
    ])
    .unwrap_err();
    for name in [
        "PORT",
        "APPROVAL_TTL_SECONDS",
        "MCP_SERVER_URL",
        "ALLOW_UNAUTHENTICATED",
    ] {
        assert!(
            errors.iter().any(|error| error.starts_with(name)),
            "{name} in {errors:?}"
        );
    }
    assert_eq!(
        load(&[("PORT", "3100")]).unwrap_err(),
        ["PORT and APPROVAL_PORT are both 3100: they must differ"]
    );
}

#[test]
fn clusters_learn_from_each_other_unless_told_otherwise() {
    let shares = |value: &[(&str, &str)]| load(value).map(|it| it.learning.share_across_clusters);
    assert_eq!(shares(&[]), Ok(true));
    assert_eq!(shares(&[("LEARNING_SHARE", "cluster")]), Ok(false));
    assert_eq!(
        shares(&[("LEARNING_SHARE", "team")]).unwrap_err(),
        ["LEARNING_SHARE is 'team': write global or cluster"]
    );
}

#[test]
fn flags_override_the_environment_which_overrides_dotenv() {
    let mut sources = Sources::of(&[("PORT", "8001")], &[("PORT", "8002"), ("RETENTION_DAYS", "7")]);
    let config = Config::load(&sources).unwrap();
    assert_eq!((config.backend.port(), config.retention_days), (8001, 7));
    sources.set_flag("PORT", "8003".to_owned());
    assert_eq!(Config::load(&sources).unwrap().backend.port(), 8003);
}

#[test]
fn unknown_keys_of_dotenv_warn_with_a_hint_and_keys_of_later_versions_are_named() {
    let sources = Sources::of(&[], &[("APITOKEN", "x"), ("DATABASE_URL", "k")]);
    let config = Config::load(&sources).unwrap();
    assert_eq!(
        config.warnings,
        [".env sets APITOKEN, which is no setting of kubemedic: did you mean API_TOKEN?"]
    );
    assert_eq!(config.unused, ["DATABASE_URL"]);
}
