//! Which models answer by which settings, and every wrong one told with its name.

use std::time::Duration;

use kubemedic_model::event::Agent;
use kubemedic_workflow::models::{Budget, Price, Prices};
use secrecy::ExposeSecret;

use super::*;

fn load(environment: &[(&str, &str)]) -> Result<ModelConfig, Vec<String>> {
    ModelConfig::load(&Sources::of(environment, &[])).map_err(|errors| errors.0)
}

/// The chain of an agent as text.
fn chain(config: &ModelConfig, agent: Agent) -> Vec<String> {
    let chain = config.chains.get(&agent).into_iter().flatten();
    chain.map(ToString::to_string).collect()
}

#[test]
fn without_any_setting_no_agent_has_a_model_and_every_budget_is_finite_for_a_workflow() {
    let config = load(&[]).unwrap();
    assert!(config.chains.is_empty() && config.warnings.is_empty() && config.embedding.is_none());
    assert_eq!(config.consulting, ConsultSettings::default());
    assert_eq!(
        config.limits,
        ModelsConfig {
            call_timeout: Duration::from_mins(1),
            workflow_timeout: Duration::from_mins(3),
            max_retries: 2,
            concurrency: 8,
            budget: Budget {
                workflow_tokens: Some(300_000),
                day_tokens: None,
                workflow_micro_dollars: Some(1_000_000),
                day_micro_dollars: Some(50_000_000),
            },
            cache_entries: 256,
            prices: Prices::default(),
        }
    );
}

#[test]
fn a_google_key_alone_gives_every_agent_the_default_model() {
    let config = load(&[("GEMINI_API_KEY", "k2")]).unwrap();
    for (agent, _) in AGENT_SETTINGS {
        assert_eq!(chain(&config, agent), ["gemini:gemini-3.8-flash"]);
    }
    let both = load(&[("GEMINI_API_KEY", "k2"), ("GOOGLE_API_KEY", "k1")]).unwrap();
    assert_eq!(both.accounts.gemini.key.unwrap().expose_secret(), "k1");
    assert_eq!(
        both.warnings,
        ["GOOGLE_API_KEY and GEMINI_API_KEY are both set and differ: GOOGLE_API_KEY is used"]
    );
}

#[test]
fn a_retired_model_is_told_once_with_its_replacement_which_stands_behind_it() {
    let config = load(&[
        ("GOOGLE_API_KEY", "k"),
        ("GEMINI_MODEL_ID", "gemini-2.0-flash-exp"),
    ])
    .unwrap();
    assert_eq!(
        chain(&config, Agent::AnalysisAgent),
        ["gemini:gemini-2.0-flash-exp", "gemini:gemini-3.8-flash"]
    );
    assert_eq!(
        config.warnings,
        [
            "gemini:gemini-2.0-flash-exp is retired by Google: set GEMINI_MODEL_ID=gemini-3.8-flash (or the agent's own setting); until then gemini:gemini-3.8-flash is asked where it fails"
        ]
    );
}

#[test]
fn each_provider_is_configured_by_what_it_needs() {
    let first = |environment: &[(&str, &str)]| chain(&load(environment).unwrap(), Agent::AnalysisAgent);
    assert_eq!(
        first(&[
            ("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
            ("OPENAI_MODEL", "qwen")
        ]),
        ["openai:qwen"]
    );
    assert_eq!(
        first(&[("OPENAI_API_KEY", "k"), ("OPENAI_MODEL", "gpt-5.4-mini")]),
        ["openai:gpt-5.4-mini"]
    );
    assert_eq!(
        first(&[("ANTHROPIC_API_KEY", "k")]),
        ["anthropic:claude-sonnet-5-5"]
    );
    assert_eq!(first(&[("OLLAMA_MODEL", "qwen3:8b")]), ["ollama:qwen3:8b"]);
    assert!(first(&[("OLLAMA_HOST", "box:11434")]).is_empty());
    let forgotten = load(&[("OPENAI_API_KEY", "k")]).unwrap();
    assert!(forgotten.chains.is_empty());
    assert_eq!(
        forgotten.warnings,
        [
            "OPENAI_API_KEY or OPENAI_BASE_URL is set without OPENAI_MODEL: the OpenAI-compatible server is not asked"
        ]
    );
}

#[test]
fn an_agent_may_have_models_of_its_own_or_none_and_fallbacks_follow() {
    let config = load(&[
        ("GOOGLE_API_KEY", "g"),
        ("ANTHROPIC_API_KEY", "a"),
        (
            "ANALYSIS_MODEL",
            "anthropic:claude-opus-5-5, gemini:gemini-4-argon",
        ),
        ("KUBECTL_MODEL", "none"),
        ("MODEL_FALLBACKS", "ollama:qwen3:8b"),
    ])
    .unwrap();
    assert_eq!(
        chain(&config, Agent::AnalysisAgent),
        [
            "anthropic:claude-opus-5-5",
            "gemini:gemini-4-argon",
            "ollama:qwen3:8b"
        ]
    );
    assert_eq!(
        chain(&config, Agent::MonitoringAgent),
        ["gemini:gemini-3.8-flash", "ollama:qwen3:8b"]
    );
    assert!(!config.chains.contains_key(&Agent::KubectlCommandAgent));
    let off = load(&[("GOOGLE_API_KEY", "g"), ("MODEL_PROVIDER", "none")]).unwrap();
    assert!(off.chains.is_empty());
}

#[test]
fn every_wrong_setting_is_told_at_once_by_its_name_and_no_key_is_quoted() {
    let errors = load(&[
        ("GOOGLE_API_KEY", "sk-very secret"),
        ("MODEL_PROVIDER", "openai"),
        ("ANALYSIS_MODEL", "gemni:gemini-3.8-flash"),
        ("REMEDIATION_MODEL", "anthropic:claude-opus-5-5"),
        ("TEMPERATURE", "warm"),
        ("MAX_TOKENS", "many"),
        ("MODEL_CALL_TIMEOUT_SECONDS", "0"),
        ("MODEL_WORKFLOW_TOKENS", "-1"),
        ("MODEL_DAY_COST_USD", "a lot"),
        ("MODEL_PRICES", "openai:x=1"),
        ("GEMINI_BASE_URL", "localhost"),
        ("PROMPTS_DIR", "no/such/folder"),
        ("MODEL_REPLAY_FILE", "no/such/file"),
        ("MODEL_RECORD_FILE", "new"),
        ("EMBEDDING_MODEL", "anthropic:x"),
    ])
    .unwrap_err();
    for name in [
        "GOOGLE_API_KEY holds",
        "MODEL_PROVIDER is 'openai', but neither",
        "ANALYSIS_MODEL: 'gemni:gemini-3.8-flash' names no model",
        "TEMPERATURE is 'warm'",
        "MAX_TOKENS is 'many'",
        "MODEL_CALL_TIMEOUT_SECONDS is '0'",
        "MODEL_WORKFLOW_TOKENS is '-1'",
        "MODEL_DAY_COST_USD is 'a lot'",
        "MODEL_PRICES: 'openai:x=1'",
        "GEMINI_BASE_URL must be",
        "PROMPTS_DIR no/such/folder cannot be read",
        "MODEL_REPLAY_FILE no/such/file is not there",
        "MODEL_RECORD_FILE and MODEL_REPLAY_FILE are both set",
        "EMBEDDING_MODEL: 'anthropic:x' names no embedder",
    ] {
        assert!(
            errors.iter().any(|it| it.starts_with(name)),
            "{name}: {errors:#?}"
        );
    }
    assert!(!errors.iter().any(|it| it.contains("secret")), "{errors:?}");
    assert_eq!(
        load(&[("REMEDIATION_MODEL", "anthropic:claude-opus-5-5")]).unwrap_err(),
        ["REMEDIATION_MODEL names anthropic:claude-opus-5-5, but ANTHROPIC_API_KEY is not set"]
    );
}

#[test]
fn money_is_read_exactly_and_blank_is_the_default() {
    let config = load(&[
        ("MODEL_WORKFLOW_COST_USD", "0.000001"),
        ("MODEL_DAY_COST_USD", "unlimited"),
        ("MODEL_DAY_TOKENS", ""),
        ("MAX_TOKENS", " "),
        ("MODEL_PRICES", "ollama:qwen3:8b=0/0, openai:vendor/model=1.25/10"),
    ])
    .unwrap();
    let budget = config.limits.budget;
    assert_eq!(
        (
            budget.workflow_micro_dollars,
            budget.day_micro_dollars,
            budget.day_tokens,
            config.consulting.max_tokens
        ),
        (Some(1), None, None, 8192)
    );
    let price = |name: &str| config.limits.prices.of(&name.parse().unwrap());
    assert_eq!(
        price("openai:vendor/model"),
        Some(Price {
            input: 1_250_000,
            output: 10_000_000
        })
    );
    assert_eq!(price("openai:other"), None);
}

#[test]
fn ollamas_own_form_of_its_address_is_taken() {
    let address = |host: &str| {
        let config = load(&[("OLLAMA_HOST", host)]).unwrap();
        config.accounts.ollama.base_url.unwrap()
    };
    assert_eq!(address(""), "http://127.0.0.1:11434");
    assert_eq!(address("box"), "http://box:11434");
    assert_eq!(address("10.0.0.7:8080"), "http://10.0.0.7:8080");
    assert_eq!(
        address("https://models.example/ollama"),
        "https://models.example/ollama"
    );
}

#[test]
fn a_key_over_plain_http_to_another_machine_is_told() {
    let config = load(&[
        ("OPENAI_API_KEY", "k"),
        ("OPENAI_MODEL", "m"),
        ("OPENAI_BASE_URL", "http://models.example/v1"),
    ])
    .unwrap();
    assert_eq!(
        config.warnings,
        [
            "OPENAI_BASE_URL starts with http://: the key and what models are told cross the network unencrypted"
        ]
    );
}
