//! A key's limits, and what they leave at this moment.

use domain::money::Nanos;
use domain::policy::{KeyPolicy, WindowLimit};
use domain::window::{Window, Windows};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{Moment, Usd};
use crate::keys::view::{Figures, RateLimitsView, SpentView};

/// A key's limits; null does not limit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Limits)]
pub(crate) struct LimitsView {
    /// USD for its whole life.
    quota: Option<Usd>,
    /// The local calendar day.
    daily: WindowView,
    /// The local calendar month.
    monthly: WindowView,
    /// The most output tokens of one call.
    max_tokens_per_request: Option<u64>,
    /// Rates and parallelism.
    rate_limits: RateLimitsView,
}

/// A cap on a window, and what it leaves.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WindowView {
    /// Forwarded calls.
    requests: Option<i64>,
    /// Calls that are left.
    requests_remaining: Option<i64>,
    /// USD.
    amount: Option<Usd>,
    /// USD that is left.
    amount_remaining: Option<Usd>,
    /// When the next window begins.
    resets_at: Option<Moment>,
}

impl LimitsView {
    /// A policy's limits with what was used.
    pub(crate) fn of(policy: &KeyPolicy, figures: &Figures, windows: &Windows) -> Self {
        let window = |limit: WindowLimit, spent: SpentView, window| WindowView {
            requests: limit.requests,
            requests_remaining: limit.requests.map(|cap| cap.saturating_sub(spent.requests).max(0)),
            amount: limit.amount.map(Usd),
            amount_remaining: limit.amount.map(|cap| Usd(left(cap, spent.amount.0))),
            resets_at: windows.end(window).map(Moment),
        };
        Self {
            quota: policy.quota.map(Usd),
            daily: window(policy.daily, figures.daily, Window::Day),
            monthly: window(policy.monthly, figures.monthly, Window::Month),
            max_tokens_per_request: policy.max_tokens_per_request,
            rate_limits: RateLimitsView::of(policy),
        }
    }
}

fn left(cap: Nanos, spent: Nanos) -> Nanos {
    cap.checked_sub(spent).unwrap_or(Nanos::ZERO).max(Nanos::ZERO)
}
