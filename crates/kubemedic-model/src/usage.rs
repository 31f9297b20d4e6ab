//! What a language model costs: tokens, and money in millionths of a US dollar.

use serde::{Deserialize, Serialize};

/// The tokens of one or more answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelUsage {
    /// Tokens of the question, those from the provider's cache included.
    pub input_tokens: u64,
    /// Tokens of the answer, thinking included.
    pub output_tokens: u64,
    /// Those of the answer that were thinking.
    pub reasoning_tokens: u64,
    /// Those of the question that came from the provider's cache.
    pub cached_tokens: u64,
}

impl ModelUsage {
    /// Both directions together.
    pub fn total_tokens(self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }

    /// What came to it since an earlier state of the same account.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            input_tokens: self.input_tokens.saturating_sub(earlier.input_tokens),
            output_tokens: self.output_tokens.saturating_sub(earlier.output_tokens),
            reasoning_tokens: self.reasoning_tokens.saturating_sub(earlier.reasoning_tokens),
            cached_tokens: self.cached_tokens.saturating_sub(earlier.cached_tokens),
        }
    }

    /// This and another together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            reasoning_tokens: self.reasoning_tokens.saturating_add(other.reasoning_tokens),
            cached_tokens: self.cached_tokens.saturating_add(other.cached_tokens),
        }
    }
}

/// What a workflow or a day has spent on models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelSpending {
    /// Answers that were asked for, failed ones included.
    pub calls: u64,
    /// Tokens.
    pub usage: ModelUsage,
    /// Money in millionths of a US dollar, as far as prices are known.
    pub micro_dollars: u64,
}

impl ModelSpending {
    /// What was spent since an earlier state of the same account.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            calls: self.calls.saturating_sub(earlier.calls),
            usage: self.usage.since(earlier.usage),
            micro_dollars: self.micro_dollars.saturating_sub(earlier.micro_dollars),
        }
    }

    /// This and another together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            calls: self.calls.saturating_add(other.calls),
            usage: self.usage.plus(other.usage),
            micro_dollars: self.micro_dollars.saturating_add(other.micro_dollars),
        }
    }
}
