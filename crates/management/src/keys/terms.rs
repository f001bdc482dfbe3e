//! The terms of a key as requests set them: everything but whose it is, how it is billed and its
//! value. Making a key applies them to the defaults, editing one to what it has.

use domain::money::Nanos;
use domain::network::AddressRange;
use domain::pattern::ModelPattern;
use domain::permission::Permissions;
use domain::policy::{KeyPolicy, SoftLimit, WhenShort};
use domain::time::UnixMillis;
use protocol::json::Kind;
use utoipa::ToSchema;

use super::limits::{RateLimitsChange, SoftLimitFields, WindowLimitChange};
use crate::answer::{Moment, UsdInput};
use crate::groups::{AUTO, without_repetition};
use crate::request::value::{
    amount, choice, list, list_or_null, or_null, parsed, text, time_or_never, whole,
};
use crate::request::{Fields, Invalid, Value};
use crate::schema::PermissionSet;
use crate::wrong::Wrong;

/// What can be set when a key is made and changed when it is edited.
#[derive(Clone, ToSchema)]
pub(crate) struct KeyTerms {
    /// `full` (the default), `inference`, `read_only`, or a list of `chat`, `completions`,
    /// `responses`, `messages`, `embeddings`, `images`, `audio`, `moderations`, `rerank`,
    /// `models.read`, `usage.read`, `account.read`.
    #[schema(value_type = Option<PermissionSet>)]
    permissions: Option<Permissions>,
    /// When the key ends by itself; null, -1 or an empty text: never.
    #[schema(value_type = Option<Moment>)]
    expires_at: Option<Option<UnixMillis>>,
    /// USD for its whole life; null: unlimited.
    #[schema(value_type = Option<UsdInput>)]
    quota: Option<Option<Nanos>>,
    /// The cap on a local calendar day.
    daily_limit: Option<WindowLimitChange>,
    /// The cap on a local calendar month.
    monthly_limit: Option<WindowLimitChange>,
    /// A threshold that alerts and never refuses.
    #[schema(value_type = Option<SoftLimitFields>)]
    soft_limit: Option<Option<SoftLimitFields>>,
    /// The most output tokens of one call; null does not limit.
    #[schema(value_type = Option<u64>)]
    max_tokens_per_request: Option<Option<u64>>,
    /// Rates and parallelism.
    rate_limits: Option<RateLimitsChange>,
    /// Model names and patterns with `*`; null or []: all.
    #[schema(value_type = Option<Vec<String>>)]
    allowed_models: Option<Vec<ModelPattern>>,
    /// Addresses and CIDR ranges, v4 and v6; null or []: all.
    #[schema(value_type = Option<Vec<String>>)]
    ip_allowlist: Option<Vec<AddressRange>>,
    /// Near a hard limit, `lower` the output maximum (the default) or `refuse`.
    #[schema(value_type = Option<String>)]
    when_short: Option<WhenShort>,
    /// The groups to route through, in order; `["auto"]`, null or []: the owner's, in their order.
    groups: Option<Vec<String>>,
    /// The same for one group.
    group: Option<String>,
    /// Labels, at most 50 of 1–64 characters.
    tags: Option<Vec<String>>,
    /// Free data of the owner's, at most 16 KiB of JSON.
    #[schema(value_type = Option<Object>)]
    metadata: Option<serde_json::Map<String, serde_json::Value>>,
}

/// Where the terms of a key go.
pub(super) struct TermsOf<'a> {
    pub(super) policy: &'a mut KeyPolicy,
    pub(super) soft_limit: &'a mut Option<SoftLimit>,
    pub(super) tags: &'a mut Vec<String>,
    pub(super) metadata: &'a mut serde_json::Map<String, serde_json::Value>,
}

impl KeyTerms {
    pub(super) fn take(fields: &mut Fields<'_>) -> Self {
        let groups = fields.take("groups", groups);
        let group = fields.take("group", or_null(text(1..=64)));
        if fields.has("groups") && fields.has("group") {
            fields.refuse("group", Invalid::new(Wrong::GroupOrGroups));
        }
        let group = group.map(Option::unwrap_or_default);
        Self {
            permissions: fields.take("permissions", permissions),
            expires_at: fields.take("expires_at", time_or_never),
            quota: fields.take("quota", or_null(amount)),
            daily_limit: WindowLimitChange::take(fields, "daily_limit"),
            monthly_limit: WindowLimitChange::take(fields, "monthly_limit"),
            soft_limit: SoftLimitFields::take(fields, "soft_limit"),
            max_tokens_per_request: fields
                .take("max_tokens_per_request", or_null(whole(1..=1_000_000_000))),
            rate_limits: RateLimitsChange::take(fields, "rate_limits"),
            allowed_models: fields.take("allowed_models", list_or_null(500, pattern)),
            ip_allowlist: fields.take("ip_allowlist", list_or_null(500, parsed)),
            when_short: fields.take("when_short", choice(when_short, "lower, refuse")),
            groups,
            group,
            tags: fields.take("tags", tags),
            metadata: fields.take("metadata", metadata),
        }
    }

    /// The groups that were asked for, "auto" resolved to the empty list; none: as they are.
    pub(super) fn groups(&self) -> Option<Vec<String>> {
        let one = self.group.as_ref().map(|group| vec![group.clone()]);
        let named = self.groups.clone().or(one)?;
        Some(named.into_iter().filter(|name| !name.is_empty() && name != AUTO).collect())
    }

    /// The quota, if it is to be set.
    pub(super) const fn sets_quota(&self) -> bool {
        self.quota.is_some()
    }

    /// Whether it is said when the key ends.
    pub(super) const fn sets_expiry(&self) -> bool {
        self.expires_at.is_some()
    }

    /// Writes the terms that were given.
    pub(super) fn apply(self, to: TermsOf<'_>) {
        let groups = self.groups();
        let TermsOf { policy, soft_limit, tags, metadata } = to;
        policy.permissions = self.permissions.unwrap_or(policy.permissions);
        policy.expires_at = self.expires_at.unwrap_or(policy.expires_at);
        policy.quota = self.quota.unwrap_or(policy.quota);
        policy.max_tokens_per_request =
            self.max_tokens_per_request.unwrap_or(policy.max_tokens_per_request);
        policy.when_short = self.when_short.unwrap_or(policy.when_short);
        if let Some(change) = self.daily_limit {
            change.apply(&mut policy.daily);
        }
        if let Some(change) = self.monthly_limit {
            change.apply(&mut policy.monthly);
        }
        if let Some(change) = self.rate_limits {
            change.apply(&mut policy.rates);
        }
        if let Some(models) = self.allowed_models {
            policy.allowed_models = models.into();
        }
        if let Some(ranges) = self.ip_allowlist {
            policy.ip_allowlist = ranges.into();
        }
        if let Some(groups) = groups {
            policy.groups = groups.into_iter().map(String::into_boxed_str).collect();
        }
        if let Some(limit) = self.soft_limit {
            *soft_limit = limit.map(SoftLimit::from);
        }
        *tags = self.tags.unwrap_or_else(|| std::mem::take(tags));
        *metadata = self.metadata.unwrap_or_else(|| std::mem::take(metadata));
    }
}

fn permissions(value: Value<'_>) -> Result<Permissions, Invalid> {
    let names = match value.kind {
        Kind::String => vec![value.string()?],
        _ => list(20, |name| name.string())(value)?,
    };
    Permissions::from_names(names.iter().map(String::as_str)).map_err(Invalid::new)
}

fn pattern(value: Value<'_>) -> Result<ModelPattern, Invalid> {
    let name = text(1..=200)(value)?;
    if name.contains(char::is_whitespace) {
        return Err(Invalid::new(Wrong::ModelPattern));
    }
    Ok(ModelPattern::new(name))
}

fn groups(value: Value<'_>) -> Result<Vec<String>, Invalid> {
    if value.kind == Kind::String {
        return Ok(vec![text(1..=64)(value)?]);
    }
    let names = without_repetition(list_or_null(50, text(1..=64))(value)?)?;
    if names.len() > 1 && names.iter().any(|name| name == AUTO) {
        return Err(Invalid::new(Wrong::AutoAlone));
    }
    Ok(names)
}

fn tags(value: Value<'_>) -> Result<Vec<String>, Invalid> {
    without_repetition(list_or_null(50, text(1..=64))(value)?)
}

fn metadata(value: Value<'_>) -> Result<serde_json::Map<String, serde_json::Value>, Invalid> {
    if value.is_null() {
        return Ok(serde_json::Map::new());
    }
    if value.kind != Kind::Object || value.raw.len() > 16 * 1024 {
        return Err(Invalid::new(Wrong::Metadata));
    }
    serde_json::from_str(value.raw).map_err(|_| Invalid::new(Wrong::MetadataNumbers))
}

fn when_short(name: &str) -> Option<WhenShort> {
    match name {
        "lower" => Some(WhenShort::Lower),
        "refuse" => Some(WhenShort::Refuse),
        _ => None,
    }
}
