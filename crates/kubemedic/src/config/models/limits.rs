//! The limits of models: time, tries, tokens and money.

use std::time::Duration;

use kubemedic_workflow::models::{Budget, ModelsConfig, Prices};

use crate::config::Reader;

/// Millionths in a dollar.
const MICRO_DIGITS: usize = 6;
/// The most dollars that a budget may name.
const MAX_DOLLARS: u64 = 1_000_000_000;
/// The word that lifts a budget.
const UNLIMITED: &str = "unlimited";

impl Reader<'_> {
    pub(super) fn model_limits(&mut self) -> ModelsConfig {
        let call: u32 = self.number_or_default("MODEL_CALL_TIMEOUT_SECONDS", 1, 3600);
        let workflow: u32 = self.number_or_default("MODEL_WORKFLOW_TIMEOUT_SECONDS", 1, 24 * 3600);
        if call > workflow {
            self.errors.push(format!(
                "MODEL_CALL_TIMEOUT_SECONDS is {call}, more than MODEL_WORKFLOW_TIMEOUT_SECONDS ({workflow}): lower the one or raise the other"
            ));
        }
        ModelsConfig {
            call_timeout: Duration::from_secs(call.into()),
            workflow_timeout: Duration::from_secs(workflow.into()),
            max_retries: self.number_or_default("MODEL_MAX_RETRIES", 0, 10),
            concurrency: self.number_or_default("MODEL_CONCURRENCY", 1, 1024),
            budget: Budget {
                workflow_tokens: self.tokens("MODEL_WORKFLOW_TOKENS"),
                day_tokens: self.tokens("MODEL_DAY_TOKENS"),
                workflow_micro_dollars: self.dollars("MODEL_WORKFLOW_COST_USD"),
                day_micro_dollars: self.dollars("MODEL_DAY_COST_USD"),
            },
            cache_entries: self.number_or_default("MODEL_CACHE_ENTRIES", 0, 100_000),
            prices: self.prices(),
        }
    }

    /// A budget of tokens; `None` where it is lifted.
    fn tokens(&mut self, name: &'static str) -> Option<u64> {
        let text = self.given_or_default(name);
        if text.eq_ignore_ascii_case(UNLIMITED) {
            return None;
        }
        let number = text.parse::<u64>().ok();
        if number.is_none() {
            self.errors.push(format!(
                "{name} is '{text}': it must be a whole number of tokens, or {UNLIMITED}"
            ));
        }
        number
    }

    /// A budget of money in millionths of a dollar; `None` where it is lifted.
    fn dollars(&mut self, name: &'static str) -> Option<u64> {
        let text = self.given_or_default(name);
        if text.eq_ignore_ascii_case(UNLIMITED) {
            return None;
        }
        let number = micro_dollars(&text);
        if number.is_none() {
            self.errors.push(format!(
                "{name} is '{text}': it must be dollars such as 0.25, or {UNLIMITED}"
            ));
        }
        number
    }

    fn prices(&mut self) -> Prices {
        Prices::parse(&self.text("MODEL_PRICES")).unwrap_or_else(|error| {
            self.errors.push(format!("MODEL_PRICES: {error}"));
            Prices::default()
        })
    }
}

/// Decimal dollars as millionths, exactly; further digits than six are refused.
fn micro_dollars(text: &str) -> Option<u64> {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > MICRO_DIGITS {
        return None;
    }
    let dollars = whole.parse::<u64>().ok().filter(|it| *it <= MAX_DOLLARS)?;
    let micros = format!("{part:0<MICRO_DIGITS$}").parse::<u64>().ok()?;
    Some(dollars * 1_000_000 + micros)
}
