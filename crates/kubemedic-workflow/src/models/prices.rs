//! What models cost: prices by provider and the beginning of a model's id, and what a usage costs by them. It knows no budget.

use std::cmp::Reverse;

use kubemedic_model::usage::ModelUsage;
use kubemedic_ports::chat_model::{ModelName, Provider};
use serde::Serialize;

/// Micro-dollars in a dollar, and tokens in the unit of a price.
const MILLION: u64 = 1_000_000;
/// The most digits before a price's point: nothing costs more than 999,999 dollars for a million tokens.
const MAX_DIGITS: usize = 6;
/// The most prices of a setting.
const MAX_ROWS: usize = 1000;

/// The price of a model: micro-dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Price {
    /// Of the question. Tokens from the provider's cache count in full: the true price is not higher.
    pub input: u64,
    /// Of the answer, thinking included.
    pub output: u64,
}

impl Price {
    /// What a usage costs in micro-dollars, rounded up.
    pub fn of(self, usage: ModelUsage) -> u64 {
        let product = |tokens: u64, price: u64| u128::from(tokens) * u128::from(price);
        let total = product(usage.input_tokens, self.input) + product(usage.output_tokens, self.output);
        u64::try_from(total.div_ceil(u128::from(MILLION))).unwrap_or(u64::MAX)
    }
}

/// The price of the models of a provider whose ids begin so.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    provider: Provider,
    prefix: String,
    price: Price,
}

/// The table of prices: the user's rows before the built-in ones, the longest prefix first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prices {
    own: Vec<Row>,
    built_in: Vec<Row>,
}

impl Default for Prices {
    /// The prices that are known: Gemini's default model (its published price of November 2026), and nothing for what runs on
    /// one's own machines.
    fn default() -> Self {
        let row = |provider, prefix: &str, input, output| Row {
            provider,
            prefix: prefix.to_owned(),
            price: Price { input, output },
        };
        Self {
            own: Vec::new(),
            built_in: vec![
                row(Provider::Gemini, "gemini-3.8-flash", 750_000, 3_750_000),
                row(Provider::Ollama, "", 0, 0),
            ],
        }
    }
}

/// A text is no table of prices.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{row}' is no price: write provider:model=input/output in dollars for a million tokens, such as openai:gpt-5.5=1.25/10 or anthropic:*=3/15"
)]
pub struct BadPrice {
    /// What was written, cut to a bounded length.
    pub row: String,
}

impl Prices {
    /// Reads a setting such as `openai:gpt-5.5=1.25/10,anthropic:*=3/15`: dollars for a million tokens of the question and the
    /// answer, by the beginning of the model's id. What it does not name has its built-in price.
    ///
    /// # Errors
    /// [`BadPrice`] with the first part that is none.
    pub fn parse(text: &str) -> Result<Self, BadPrice> {
        let parts = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        let mut own = Vec::new();
        for part in parts {
            let bad = || BadPrice {
                row: part.chars().take(80).collect(),
            };
            let row = parse_row(part).filter(|_| own.len() < MAX_ROWS);
            own.push(row.ok_or_else(bad)?);
        }
        own.sort_by_key(|row: &Row| Reverse(row.prefix.len()));
        Ok(Self {
            own,
            ..Self::default()
        })
    }

    /// The price of a model, where one is known.
    pub fn of(&self, name: &ModelName) -> Option<Price> {
        let is_for = |row: &&Row| row.provider == name.provider && name.model.starts_with(&row.prefix);
        let row = self.own.iter().find(is_for);
        row.or_else(|| self.built_in.iter().find(is_for))
            .map(|row| row.price)
    }
}

fn parse_row(part: &str) -> Option<Row> {
    let (name, price) = part.split_once('=')?;
    let name: ModelName = name.trim().parse().ok()?;
    let (input, output) = price.split_once('/')?;
    let prefix = name.model.strip_suffix('*').unwrap_or(&name.model);
    Some(Row {
        provider: name.provider,
        prefix: prefix.to_owned(),
        price: Price {
            input: parse_dollars(input.trim())?,
            output: parse_dollars(output.trim())?,
        },
    })
}

/// Dollars with at most six decimals as micro-dollars.
fn parse_dollars(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = |it: &str| it.len() <= MAX_DIGITS && it.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let micros: u64 = format!("{fraction:0<6}").parse().ok()?;
    Some(whole.parse::<u64>().ok()? * MILLION + micros)
}

#[cfg(test)]
mod tests;
