//! Usage as answers show it.

use domain::id::KeyId;
use domain::money::Nanos;
use serde::Serialize;
use store::usage::UsageSum;
use utoipa::ToSchema;

use super::limits::LimitsView;
use crate::answer::{Moment, Usd};

/// What was used.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Usage)]
pub(crate) struct UsageView {
    /// Charged in the local day now.
    pub(super) today_usage: Usd,
    /// Charged in the local month now.
    pub(super) month_usage: Usd,
    /// Ever charged.
    pub(super) total_usage: Usd,
    /// Calls that count.
    pub(super) requests: Requests,
    /// Tokens by class.
    pub(super) tokens: TokensByTime,
    /// By model between `since` and `until`, the dearest first.
    pub(super) by_model: Vec<ModelUsage>,
    /// A key's limits; null for a user and for everybody.
    pub(super) limits: Option<LimitsView>,
    /// What is left: of a key's quota, or of a user's balance; null: unlimited.
    pub(super) remaining: Option<Usd>,
    /// By what `data` is grouped, if that was asked for.
    #[schema(value_type = Option<String>)]
    pub(super) by: Option<&'static str>,
    /// Between `since` and `until`, grouped as asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<Vec<Slice>>,
    /// By key: whether there are more, which `GET /v1/usage.csv` has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) more: Option<bool>,
}

/// Calls that count.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Requests {
    /// In the local day now.
    pub(super) today: i64,
    /// In the local month now.
    pub(super) month: i64,
    /// Ever.
    pub(super) total: i64,
}

/// Tokens by class.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokensByTime {
    /// In the local day now.
    pub(super) today: Tokens,
    /// In the local month now.
    pub(super) month: Tokens,
    /// Ever.
    pub(super) total: Tokens,
}

/// Tokens by class; the classes do not overlap.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct Tokens {
    /// Uncached input.
    input: i64,
    /// Input from a prompt cache.
    cached_input: i64,
    /// Input written to a prompt cache, for five minutes or an hour.
    cache_write: i64,
    /// Output, reasoning included.
    output: i64,
    /// How many of the output tokens were reasoning.
    reasoning: i64,
}

/// What was used of a model.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelUsage {
    /// The model.
    pub(super) model: String,
    #[serde(flatten)]
    pub(super) used: Used,
}

/// What was used in a stretch of time, of a model or by a key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsageSlice)]
pub(crate) struct Slice {
    /// When the local day or hour starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) starts_at: Option<Moment>,
    /// The model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<String>,
    /// The key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(super) key_id: Option<KeyId>,
    #[serde(flatten)]
    pub(super) used: Used,
}

/// Sums over calls.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct Used {
    /// Calls that count.
    requests: i64,
    /// Tokens by class.
    tokens: Tokens,
    /// What was charged.
    cost: Usd,
}

impl From<&UsageSum> for Tokens {
    fn from(sum: &UsageSum) -> Self {
        Self {
            input: sum.input,
            cached_input: sum.cached_input,
            cache_write: sum.cache_write,
            output: sum.output,
            reasoning: sum.reasoning,
        }
    }
}

impl From<&UsageSum> for Used {
    fn from(sum: &UsageSum) -> Self {
        Self { requests: sum.requests, tokens: sum.into(), cost: Usd(sum.charged) }
    }
}

impl UsageView {
    /// From the sums of the day, the month and the whole life.
    pub(super) fn of(today: &UsageSum, month: &UsageSum, total: &UsageSum) -> Self {
        Self {
            today_usage: Usd(today.charged),
            month_usage: Usd(month.charged),
            total_usage: Usd(total.charged),
            requests: Requests {
                today: today.requests,
                month: month.requests,
                total: total.requests,
            },
            tokens: TokensByTime { today: today.into(), month: month.into(), total: total.into() },
            by_model: Vec::new(),
            limits: None,
            remaining: None,
            by: None,
            data: None,
            more: None,
        }
    }

    /// The same with what is left.
    pub(super) fn remaining(mut self, remaining: Option<Nanos>) -> Self {
        self.remaining = remaining.map(Usd);
        self
    }
}
