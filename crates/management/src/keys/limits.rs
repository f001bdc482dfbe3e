//! The limits of a key as requests set them: a part that is left out stays as it is, `null` lifts it.

use domain::money::Nanos;
use domain::policy::{RateLimits, SoftLimit, SoftWindow, WindowLimit};
use utoipa::ToSchema;

use crate::answer::UsdInput;
use crate::request::Fields;
use crate::request::value::{amount, choice, integer, or_null, positive_amount, whole};

/// More than any key will ever be limited to.
const MOST: i64 = 1_000_000_000_000;

/// A cap on one calendar window.
#[derive(Debug, Clone, Default, ToSchema)]
#[schema(as = WindowLimit)]
pub(crate) struct WindowLimitChange {
    /// Forwarded calls; null does not limit.
    #[schema(value_type = Option<i64>)]
    requests: Option<Option<i64>>,
    /// USD; null does not limit.
    #[schema(value_type = Option<UsdInput>)]
    amount: Option<Option<Nanos>>,
    #[schema(ignore)]
    lifted: bool,
}

impl WindowLimitChange {
    pub(super) fn take(fields: &mut Fields<'_>, name: &'static str) -> Option<Self> {
        let read = |fields: &mut Fields<'_>| {
            Some(Self {
                requests: fields.take("requests", or_null(integer(0..=MOST))),
                amount: fields.take("amount", or_null(amount)),
                lifted: false,
            })
        };
        let lifted = fields.is_null(name);
        fields.nested_or_null(name, read).map(|change| Self { lifted, ..change })
    }

    pub(super) fn apply(self, limit: &mut WindowLimit) {
        if self.lifted {
            *limit = WindowLimit::default();
        }
        limit.requests = self.requests.unwrap_or(limit.requests);
        limit.amount = self.amount.unwrap_or(limit.amount);
    }
}

/// Rates and parallelism.
#[derive(Debug, Clone, Default, ToSchema)]
#[schema(as = RateLimits)]
pub(crate) struct RateLimitsChange {
    /// Requests a minute; as many may come at once. Null does not limit.
    #[schema(value_type = Option<u32>)]
    requests_per_minute: Option<Option<u32>>,
    /// Tokens a minute, input and output together. Null does not limit.
    #[schema(value_type = Option<u64>)]
    tokens_per_minute: Option<Option<u64>>,
    /// Calls under way at once. Null does not limit.
    #[schema(value_type = Option<u32>)]
    parallel: Option<Option<u32>>,
    #[schema(ignore)]
    lifted: bool,
}

impl RateLimitsChange {
    pub(super) fn take(fields: &mut Fields<'_>, name: &'static str) -> Option<Self> {
        let read = |fields: &mut Fields<'_>| {
            Some(Self {
                requests_per_minute: fields
                    .take("requests_per_minute", or_null(whole(1..=1_000_000_000))),
                tokens_per_minute: fields.take("tokens_per_minute", or_null(whole(1..=MOST))),
                parallel: fields.take("parallel", or_null(whole(1..=1_000_000))),
                lifted: false,
            })
        };
        let lifted = fields.is_null(name);
        fields.nested_or_null(name, read).map(|change| Self { lifted, ..change })
    }

    pub(super) fn apply(self, limits: &mut RateLimits) {
        if self.lifted {
            *limits = RateLimits::default();
        }
        limits.requests_per_minute = self.requests_per_minute.unwrap_or(limits.requests_per_minute);
        limits.tokens_per_minute = self.tokens_per_minute.unwrap_or(limits.tokens_per_minute);
        limits.parallel = self.parallel.unwrap_or(limits.parallel);
    }
}

/// A threshold that alerts and never refuses.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = SoftLimit)]
pub(crate) struct SoftLimitFields {
    /// `day`, `month` or `total`.
    #[schema(value_type = String)]
    window: SoftWindow,
    /// USD, above zero.
    #[schema(value_type = UsdInput)]
    amount: Nanos,
}

impl SoftLimitFields {
    /// The limit; `Some(None)` lifts it.
    pub(super) fn take(fields: &mut Fields<'_>, name: &'static str) -> Option<Option<Self>> {
        fields.nested_or_null(name, |fields| {
            let window = fields.required("window", choice(soft_window, "day, month, total"));
            let amount = fields.required("amount", positive_amount);
            Some(Some(Self { window: window?, amount: amount? }))
        })
    }
}

impl From<SoftLimitFields> for SoftLimit {
    fn from(fields: SoftLimitFields) -> Self {
        Self { window: fields.window, amount: fields.amount }
    }
}

fn soft_window(name: &str) -> Option<SoftWindow> {
    match name {
        "day" => Some(SoftWindow::Day),
        "month" => Some(SoftWindow::Month),
        "total" => Some(SoftWindow::Total),
        _ => None,
    }
}
