//! A key as the API shows it, with what the pages work out from it.

use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Deserialize;
use serde_json::Value;

use crate::format::moment;
use crate::language::Message;

/// A key.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) masked: String,
    pub(crate) status: String,
    pub(crate) owner: String,
    pub(crate) owner_name: String,
    pub(crate) billing_method: String,
    pub(crate) permissions: Value,
    #[serde(default, deserialize_with = "moment::maybe")]
    pub(crate) expires_at: Option<UnixMillis>,
    #[serde(default)]
    pub(crate) quota: Option<Nanos>,
    #[serde(default)]
    pub(crate) daily_limit: Window,
    #[serde(default)]
    pub(crate) monthly_limit: Window,
    #[serde(default)]
    pub(crate) soft_limit: Option<SoftLimit>,
    #[serde(default)]
    pub(crate) max_tokens_per_request: Option<u64>,
    #[serde(default)]
    pub(crate) rate_limits: Rates,
    #[serde(default)]
    pub(crate) allowed_models: Vec<String>,
    #[serde(default)]
    pub(crate) ip_allowlist: Vec<String>,
    #[serde(default)]
    pub(crate) when_short: String,
    #[serde(default)]
    pub(crate) groups: Vec<String>,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    #[serde(default)]
    pub(crate) metadata: serde_json::Map<String, Value>,
    pub(crate) used: Nanos,
    #[serde(default)]
    pub(crate) remaining: Option<Nanos>,
    #[serde(default)]
    pub(crate) daily: Spent,
    #[serde(default)]
    pub(crate) monthly: Spent,
    #[serde(deserialize_with = "moment::one")]
    pub(crate) created_at: UnixMillis,
    #[serde(default, deserialize_with = "moment::maybe")]
    pub(crate) last_used_at: Option<UnixMillis>,
    #[serde(default)]
    pub(crate) rotation: Option<Rotation>,
    pub(crate) etag: String,
}

/// The last rotation: until when the old value works, and who used it since.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Rotation {
    #[serde(deserialize_with = "moment::one")]
    pub(crate) rotated_at: UnixMillis,
    #[serde(deserialize_with = "moment::one")]
    pub(crate) previous_ends_at: UnixMillis,
    #[serde(default, deserialize_with = "moment::maybe")]
    pub(crate) previous_last_used_at: Option<UnixMillis>,
    #[serde(default)]
    pub(crate) previous_last_ip: Option<String>,
    #[serde(default)]
    pub(crate) previous_last_client: Option<String>,
}

/// A cap on a window.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Window {
    pub(crate) requests: Option<i64>,
    pub(crate) amount: Option<Nanos>,
}

/// What was used in a window.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Spent {
    pub(crate) requests: i64,
    pub(crate) amount: Nanos,
}

/// A threshold that alerts.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SoftLimit {
    pub(crate) window: String,
    pub(crate) amount: Nanos,
}

/// Rates and parallelism.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Rates {
    pub(crate) requests_per_minute: Option<u32>,
    pub(crate) tokens_per_minute: Option<u64>,
    pub(crate) parallel: Option<u32>,
}

/// A money limit with what is used of it.
pub(crate) struct Cap {
    /// Of what time: "of $10.00 / month".
    pub(crate) of: Message,
    /// What is used.
    pub(crate) used: Nanos,
    /// The limit.
    pub(crate) limit: Nanos,
    /// What can be used yet; never less than nothing.
    pub(crate) left: Nanos,
}

impl Cap {
    fn new(of: Message, used: Nanos, limit: Nanos, left: Nanos) -> Self {
        Self { of, used, limit, left: left.max(Nanos::ZERO) }
    }

    /// Whether it is on this window.
    pub(crate) fn is(&self, of: &str) -> bool {
        self.of.0 == of
    }

    /// Whether so little is left that the next call may be refused: of what was used at all, less
    /// than a cent or a hundredth.
    fn nearly_used_up(&self) -> bool {
        let (left, cent) = (self.left.get(), 10_000_000);
        let small = left < cent || left < self.limit.get() / 100;
        self.used > Nanos::ZERO && left > 0 && small
    }
}

impl Key {
    /// Every money limit, the tightest first.
    pub(crate) fn caps(&self) -> Vec<Cap> {
        let rest = |used: Nanos, limit: Nanos| limit.checked_sub(used).unwrap_or(Nanos::ZERO);
        let window = |of, used, limit: Option<Nanos>| {
            limit.map(|limit| Cap::new(of, used, limit, rest(used, limit)))
        };
        // What is held for calls in doubt is not left either, as the API says.
        let whole = self.quota.map(|quota| {
            let left = self.remaining.unwrap_or_else(|| rest(self.used, quota));
            Cap::new(Message("token-of-total"), self.used, quota, left)
        });
        let mut caps: Vec<Cap> = [
            window(Message("token-of-day"), self.daily.amount, self.daily_limit.amount),
            window(Message("token-of-month"), self.monthly.amount, self.monthly_limit.amount),
            whole,
        ]
        .into_iter()
        .flatten()
        .collect();
        caps.sort_by_key(|cap| cap.left);
        caps
    }

    /// The limit that is reached first.
    pub(crate) fn cap(&self) -> Option<Cap> {
        self.caps().into_iter().next()
    }

    /// Its status; or that it works, but not before its day or month is over.
    pub(crate) fn state(&self) -> &str {
        let full = |spent: &Spent, limit: &Window| {
            limit.amount.is_some_and(|most| spent.amount >= most)
                || limit.requests.is_some_and(|most| spent.requests >= most)
        };
        let reached =
            full(&self.daily, &self.daily_limit) || full(&self.monthly, &self.monthly_limit);
        if reached && self.status == "active" { "limit_reached" } else { &self.status }
    }

    /// Whether it works, but has so little left that the next call may be refused.
    pub(crate) fn nearly_used_up(&self) -> bool {
        self.state() == "active" && self.cap().is_some_and(|cap| cap.nearly_used_up())
    }

    /// Whether it routes through its owner's groups, in their order.
    pub(crate) fn routes_freely(&self) -> bool {
        self.groups.iter().all(|group| group == "auto")
    }

    /// Whether it is switched on; none: it was revoked, which is final.
    pub(crate) fn switched_on(&self) -> Option<bool> {
        (self.status != "revoked").then(|| self.status != "disabled")
    }

    /// Where its switch posts to.
    pub(crate) fn switch_link(&self) -> String {
        let action = if self.status == "disabled" { "enable" } else { "disable" };
        crate::links::token_part(&self.id, action)
    }

    /// The preset that its permissions are, or `custom`.
    pub(crate) fn preset(&self) -> &str {
        self.permissions.as_str().unwrap_or("custom")
    }

    /// The permissions, where they are a list.
    pub(crate) fn permission_list(&self) -> Vec<String> {
        let names = self.permissions.as_array().into_iter().flatten();
        names.filter_map(|name| name.as_str().map(ToOwned::to_owned)).collect()
    }

    /// What its permissions are called.
    pub(crate) fn preset_name(&self) -> Message {
        match self.preset() {
            "full" => Message("token-permissions-full"),
            "inference" => Message("token-permissions-inference"),
            "read_only" => Message("token-permissions-read-only"),
            _ => Message("token-permissions-custom"),
        }
    }

    /// What its billing method is called.
    pub(crate) fn billing_name(&self) -> Message {
        match self.billing_method.as_str() {
            "pay_per_use" => Message("token-billing-per-request"),
            "by_model" => Message("token-billing-by-model"),
            _ => Message("token-billing-usage"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn key(more: Value) -> Key {
        let mut key = json!({
            "id": "key_1", "name": "a", "masked": "sk-a…b", "status": "active", "owner": "usr_1",
            "owner_name": "Ada", "billing_method": "usage_based", "permissions": "full",
            "used": 0, "created_at": "2026-11-22T00:00:00Z", "etag": "1"
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            key[name] = value.clone();
        }
        serde_json::from_value(key).unwrap()
    }

    #[test]
    fn the_limit_that_is_reached_first_says_what_is_left() {
        let both = json!({
            "quota": 10, "used": 5.8, "remaining": 4.15, "monthly_limit": {"amount": 6, "requests": null},
            "monthly": {"amount": 1, "requests": 2}
        });
        let cap = key(both).cap().unwrap();
        assert!(cap.is("token-of-total"));
        // Five cents are held.
        assert_eq!(cap.left, Nanos::parse_usd("4.15").unwrap());
        assert!(key(json!({"used": 3})).cap().is_none());
        let over = key(json!({"quota": 1, "used": 2, "remaining": -1})).cap().unwrap();
        assert_eq!(over.left, Nanos::ZERO);
    }

    #[test]
    fn little_that_is_left_is_said() {
        let nearly = |quota: f64, used: f64, status: &str| {
            let left = quota - used;
            key(json!({"quota": quota, "used": used, "remaining": (left * 1e9).round() / 1e9, "status": status}))
                .nearly_used_up()
        };
        assert!(nearly(10.0, 9.9901, "active"));
        assert!(nearly(500.0, 496.0, "active"));
        assert!(!nearly(10.0, 9.8, "active"));
        // A small limit of which nothing is used is whole.
        assert!(!nearly(0.005, 0.0, "active"));
        for (used, status) in [(10.0, "exhausted"), (9.9901, "disabled"), (9.9901, "revoked")] {
            assert!(!nearly(10.0, used, status), "{status}");
        }
    }
}
