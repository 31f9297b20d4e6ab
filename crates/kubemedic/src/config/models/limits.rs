//! The limits of models: time, tries, tokens and money.

use std::str::FromStr;

use kubemedic_ports::chat_model::ModelName;

use crate::config::Reader;

/// Millionths in a dollar.
const MICRO_DIGITS: usize = 6;
/// The most dollars that a budget or a price may name.
const MAX_DOLLARS: u64 = 1_000_000_000;
/// The word that lifts a budget.
const UNLIMITED: &str = "unlimited";

/// Times, counts and money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelLimits {
    /// How long one call may take, in seconds.
    pub call_timeout_seconds: u32,
    /// How long all calls of a workflow may take, in seconds.
    pub workflow_timeout_seconds: u32,
    /// How often a call is tried again.
    pub max_retries: u32,
    /// The most calls at a time.
    pub concurrency: usize,
    /// The most tokens of a workflow.
    pub workflow_tokens: Option<u64>,
    /// The most tokens of a day.
    pub day_tokens: Option<u64>,
    /// The most money of a workflow, in millionths of a dollar.
    pub workflow_micro_dollars: Option<u64>,
    /// The most money of a day, in millionths of a dollar.
    pub day_micro_dollars: Option<u64>,
    /// How many answers are kept for identical questions.
    pub cache_entries: usize,
    /// Prices of the user's own.
    pub prices: Vec<Price>,
}

/// What a model costs, in millionths of a dollar for a million tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The model.
    pub model: ModelName,
    /// Of the question.
    pub input: u64,
    /// Of the answer.
    pub output: u64,
}

impl Reader<'_> {
    pub(super) fn model_limits(&mut self) -> ModelLimits {
        let limits = ModelLimits {
            call_timeout_seconds: self.number_or_default("MODEL_CALL_TIMEOUT_SECONDS", 1, 3600),
            workflow_timeout_seconds: self.number_or_default("MODEL_WORKFLOW_TIMEOUT_SECONDS", 1, 24 * 3600),
            max_retries: self.number_or_default("MODEL_MAX_RETRIES", 0, 10),
            concurrency: self.number_or_default("MODEL_CONCURRENCY", 1, 1024),
            workflow_tokens: self.tokens("MODEL_WORKFLOW_TOKENS"),
            day_tokens: self.tokens("MODEL_DAY_TOKENS"),
            workflow_micro_dollars: self.dollars("MODEL_WORKFLOW_COST_USD"),
            day_micro_dollars: self.dollars("MODEL_DAY_COST_USD"),
            cache_entries: self.number_or_default("MODEL_CACHE_ENTRIES", 0, 100_000),
            prices: self.prices(),
        };
        if limits.call_timeout_seconds > limits.workflow_timeout_seconds {
            self.errors.push(format!(
                "MODEL_CALL_TIMEOUT_SECONDS is {}, more than MODEL_WORKFLOW_TIMEOUT_SECONDS ({}): lower the one or raise the other",
                limits.call_timeout_seconds, limits.workflow_timeout_seconds
            ));
        }
        limits
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

    fn prices(&mut self) -> Vec<Price> {
        let mut prices = Vec::new();
        for part in self.list("MODEL_PRICES") {
            match price(&part) {
                Some(price) => prices.push(price),
                None => self.errors.push(format!(
                    "MODEL_PRICES has '{part}': write provider:model=input/output in dollars for a million tokens, such as openai:my-model=0.5/2"
                )),
            }
        }
        prices
    }
}

fn price(text: &str) -> Option<Price> {
    let (model, price) = text.rsplit_once('=')?;
    let (input, output) = price.split_once('/')?;
    Some(Price {
        model: ModelName::from_str(model).ok()?,
        input: micro_dollars(input)?,
        output: micro_dollars(output)?,
    })
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
