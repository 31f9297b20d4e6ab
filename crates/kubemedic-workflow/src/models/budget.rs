//! Budgets of tokens and money, per workflow and per UTC day: what is spent, what is reserved for requests under way, and why a
//! request does not fit. It knows neither models nor retries.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use kubemedic_model::usage::ModelSpending;
use serde::{Deserialize, Serialize};

use super::meter::Meter;

/// The limits of spending; none where nothing is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    /// The most tokens of a workflow, both directions (`MODEL_WORKFLOW_TOKENS`).
    pub workflow_tokens: Option<u64>,
    /// The most tokens of a UTC day, both directions (`MODEL_DAY_TOKENS`).
    pub day_tokens: Option<u64>,
    /// The most millionths of a dollar of a workflow (`MODEL_WORKFLOW_COST_USD`).
    pub workflow_micro_dollars: Option<u64>,
    /// The most millionths of a dollar of a UTC day (`MODEL_DAY_COST_USD`).
    pub day_micro_dollars: Option<u64>,
}

/// Whose budget it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// One workflow.
    Workflow,
    /// A day in UTC.
    Day,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Tokens of both directions.
    Tokens,
    /// Millionths of a dollar.
    MicroDollars,
}

/// A request does not fit into a budget.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{}", self.sentence())]
pub struct OverBudget {
    /// Whose budget.
    pub period: Period,
    /// What is counted.
    pub unit: Unit,
    /// The budget.
    pub limit: u64,
    /// What is spent, or reserved for requests under way.
    pub spent: u64,
    /// What the request takes at least, by estimate.
    pub needed: u64,
    /// When it starts anew; a workflow's budget does not.
    pub resets_at: Option<Timestamp>,
}

impl OverBudget {
    /// The setting that holds the budget.
    pub fn setting(&self) -> &'static str {
        match (self.period, self.unit) {
            (Period::Workflow, Unit::Tokens) => "MODEL_WORKFLOW_TOKENS",
            (Period::Day, Unit::Tokens) => "MODEL_DAY_TOKENS",
            (Period::Workflow, Unit::MicroDollars) => "MODEL_WORKFLOW_COST_USD",
            (Period::Day, Unit::MicroDollars) => "MODEL_DAY_COST_USD",
        }
    }

    fn sentence(&self) -> String {
        let whose = match self.period {
            Period::Workflow => "of this workflow",
            Period::Day => "of today (UTC)",
        };
        let until = match self.resets_at {
            Some(at) => format!("it starts anew at {at}"),
            None => "the next workflow has its own".to_owned(),
        };
        format!(
            "the budget {whose} for language models does not suffice: {} of {} are used and the next question takes about {}; \
             {} sets it, {until}",
            amount(self.unit, self.spent),
            amount(self.unit, self.limit),
            amount(self.unit, self.needed),
            self.setting(),
        )
    }
}

fn amount(unit: Unit, value: u64) -> String {
    match unit {
        Unit::Tokens => format!("{value} tokens"),
        Unit::MicroDollars => format!("${}.{:06}", value / 1_000_000, value % 1_000_000),
    }
}

/// What a request takes at least: an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Estimate {
    pub(super) tokens: u64,
    pub(super) micro_dollars: u64,
}

/// What somebody has spent, and what is reserved for requests under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Account {
    pub(super) spent: ModelSpending,
    reserved: Estimate,
}

impl Account {
    pub(super) fn of(spent: ModelSpending) -> Self {
        Self {
            spent,
            ..Self::default()
        }
    }

    fn reserve(&mut self, it: Estimate) {
        self.reserved.tokens = self.reserved.tokens.saturating_add(it.tokens);
        self.reserved.micro_dollars = self.reserved.micro_dollars.saturating_add(it.micro_dollars);
    }

    fn settle(&mut self, reserved: Estimate, spent: ModelSpending) {
        self.reserved.tokens = self.reserved.tokens.saturating_sub(reserved.tokens);
        self.reserved.micro_dollars = self.reserved.micro_dollars.saturating_sub(reserved.micro_dollars);
        self.spent = self.spent.plus(spent);
    }

    /// The unit whose limit a request would pass, with limit, what is used and what is needed.
    fn over(
        &self,
        tokens: Option<u64>,
        micro_dollars: Option<u64>,
        it: Estimate,
    ) -> Option<(Unit, [u64; 3])> {
        let used_tokens = self
            .spent
            .usage
            .total_tokens()
            .saturating_add(self.reserved.tokens);
        let used_money = self
            .spent
            .micro_dollars
            .saturating_add(self.reserved.micro_dollars);
        let passes = |limit: Option<u64>, used: u64, needed: u64| {
            limit
                .filter(|limit| used.saturating_add(needed) > *limit)
                .map(|limit| [limit, used, needed])
        };
        let over = passes(tokens, used_tokens, it.tokens).map(|figures| (Unit::Tokens, figures));
        over.or_else(|| {
            passes(micro_dollars, used_money, it.micro_dollars).map(|figures| (Unit::MicroDollars, figures))
        })
    }
}

/// What the current UTC day has spent. It is kept in memory: whoever starts a process tells it what the day has spent before.
#[derive(Debug)]
pub(super) struct DayBook {
    state: Mutex<(Date, Account)>,
}

impl DayBook {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            state: Mutex::new((day_of(now), Account::default())),
        }
    }

    /// The account of the day of `now`; a clock that goes back stays on the newer day.
    fn today(&self, now: Timestamp) -> MutexGuard<'_, (Date, Account)> {
        let mut state = lock(&self.state);
        let day = day_of(now);
        if day > state.0 {
            let reserved = state.1.reserved;
            *state = (
                day,
                Account {
                    reserved,
                    ..Account::default()
                },
            );
        }
        state
    }

    pub(super) fn spent(&self, now: Timestamp) -> ModelSpending {
        self.today(now).1.spent
    }

    /// Adds what was spent by somebody else.
    pub(super) fn add(&self, now: Timestamp, spent: ModelSpending) {
        let mut state = self.today(now);
        state.1.spent = state.1.spent.plus(spent);
    }
}

/// Room in the budgets for one request, until it is settled. Given up, it counts as one call that cost its estimate: the request
/// was on its way, and the provider may charge for it.
#[derive(Debug)]
pub(super) struct Reservation<'a> {
    day: &'a DayBook,
    meter: &'a Meter,
    now: Timestamp,
    estimate: Estimate,
    given_up: Option<ModelSpending>,
}

impl<'a> Reservation<'a> {
    /// Takes room in both budgets, or says which one has none.
    pub(super) fn take(
        budget: &Budget,
        day: &'a DayBook,
        (meter, now): (&'a Meter, Timestamp),
        estimate: Estimate,
    ) -> Result<Self, OverBudget> {
        let refusal = |period, (unit, [limit, spent, needed]): (Unit, [u64; 3])| OverBudget {
            period,
            unit,
            limit,
            spent,
            needed,
            resets_at: (period == Period::Day).then(|| next_midnight(now)).flatten(),
        };
        let mut today = day.today(now);
        let mut workflow = meter.account();
        let over = workflow.over(budget.workflow_tokens, budget.workflow_micro_dollars, estimate);
        if let Some(over) = over {
            return Err(refusal(Period::Workflow, over));
        }
        let over = today
            .1
            .over(budget.day_tokens, budget.day_micro_dollars, estimate);
        if let Some(over) = over {
            return Err(refusal(Period::Day, over));
        }
        today.1.reserve(estimate);
        workflow.reserve(estimate);
        drop((today, workflow));
        let mut given_up = ModelSpending {
            calls: 1,
            micro_dollars: estimate.micro_dollars,
            ..ModelSpending::default()
        };
        given_up.usage.input_tokens = estimate.tokens;
        Ok(Self {
            day,
            meter,
            now,
            estimate,
            given_up: Some(given_up),
        })
    }

    /// Puts what was really spent in the place of the estimate.
    pub(super) fn settle(mut self, now: Timestamp, spent: ModelSpending) {
        self.given_up = None;
        self.book(now, spent);
    }

    fn book(&self, now: Timestamp, spent: ModelSpending) {
        self.day.today(now).1.settle(self.estimate, spent);
        self.meter.account().settle(self.estimate, spent);
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        if let Some(spent) = self.given_up.take() {
            self.book(self.now, spent);
        }
    }
}

fn day_of(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

fn next_midnight(now: Timestamp) -> Option<Timestamp> {
    let day = day_of(now).tomorrow().ok()?;
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Locks although another thread panicked: figures are whole at every moment.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
