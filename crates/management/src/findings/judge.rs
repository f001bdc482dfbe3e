//! What is found of a key, from what is known of it: a function of its arguments.

use domain::money::Nanos;
use domain::network::AddressRange;
use domain::permission::Permissions;
use domain::time::UnixMillis;
use serde_json::{Map, Value, json};
use std::net::IpAddr;

use super::facts::{DAY, Facts, PERIODS_BEFORE, Scope};
use super::kind::{Kind, Severity};
use crate::answer::Usd;

/// From so many addresses on, a key is used from many …
const MANY_ADDRESSES: usize = 5;
/// … and from so many on, it is surely shared.
const VERY_MANY_ADDRESSES: usize = 20;
/// An allowlist of more addresses than this is not offered.
const LONGEST_ALLOWLIST: usize = 50;
/// Of fewer calls it is not said that they are all that a key does.
const ENOUGH_CALLS: i64 = 20;
/// So many times what is usual is unusual …
const UNUSUAL_FACTOR: i64 = 3;
/// … if it is so much more besides.
const UNUSUAL_STEP: Nanos = Nanos::from_usd(1);
/// A limit that is offered is not below this.
const LOWEST_LIMIT: Nanos = Nanos::from_usd(1);
/// How long a key shall live on that is given an end.
const NEW_LIFE: i64 = 90 * DAY;
/// After how long a value is to be replaced: three months in production, …
const PRODUCTION_DAYS: i64 = 91;
/// … else six.
const OTHER_DAYS: i64 = 182;

/// Something found of a key.
#[derive(Debug)]
pub(super) struct Finding {
    /// What.
    pub(super) kind: Kind,
    /// How grave it is.
    pub(super) severity: Severity,
    /// The figures that show it.
    pub(super) evidence: Map<String, Value>,
    /// What can be done about it.
    pub(super) fixes: Vec<Fix>,
}

/// What can be done about a finding.
#[derive(Debug)]
pub(super) struct Fix {
    /// Its name.
    pub(super) name: &'static str,
    /// The edit of the key that it is; none for `disable` and `revoke`.
    pub(super) change: Option<Value>,
}

impl Fix {
    const DISABLE: Self = Self { name: "disable", change: None };
    const REVOKE: Self = Self { name: "revoke", change: None };

    const fn edit(name: &'static str, change: Value) -> Self {
        Self { name, change: Some(change) }
    }
}

/// Everything that is found of a key, in the order of the kinds.
pub(super) fn judge(facts: &Facts, scope: &Scope) -> Vec<Finding> {
    let judges = [
        unused,
        no_expiry,
        no_allowlist,
        no_limit,
        rotation_overdue,
        many_addresses,
        unusual_spend,
        broad_permissions,
    ];
    let found = judges.into_iter().filter_map(|judge| judge(facts, scope));
    found.filter(|found| scope.kind.is_none_or(|kind| kind == found.kind)).collect()
}

fn finding(kind: Kind, severity: Severity, evidence: Value, fixes: Vec<Fix>) -> Option<Finding> {
    let Value::Object(evidence) = evidence else { return None };
    Some(Finding { kind, severity, evidence, fixes })
}

fn unused(facts: &Facts, scope: &Scope) -> Option<Finding> {
    let last = facts.audited.last_used_at;
    let idle = scope.now.since(last.unwrap_or(facts.audited.key.created_at)) / DAY;
    if idle < scope.period.days() {
        return None;
    }
    let last = last.map(|at| at.to_string());
    let evidence = json!({ "days": idle, "last_used_at": last, "never_used": last.is_none() });
    finding(Kind::Unused, Severity::Low, evidence, vec![Fix::DISABLE, Fix::REVOKE])
}

fn no_expiry(facts: &Facts, scope: &Scope) -> Option<Finding> {
    if facts.audited.key.policy.expires_at.is_some() {
        return None;
    }
    let age = scope.now.since(facts.audited.key.created_at) / DAY;
    // Whole days, so that the end does not move between looking and fixing.
    let day = scope.now.plus(NEW_LIFE).get() / DAY;
    let end = UnixMillis::new(day.saturating_mul(DAY)).to_string();
    let fix = Fix::edit("set_expiry", json!({ "expires_at": end }));
    finding(Kind::NoExpiry, Severity::Low, json!({ "age_days": age }), vec![fix])
}

fn no_allowlist(facts: &Facts, _: &Scope) -> Option<Finding> {
    if !facts.audited.key.policy.ip_allowlist.is_empty() {
        return None;
    }
    let evidence = json!({ "addresses": facts.addresses.len() });
    finding(Kind::NoAllowlist, Severity::Low, evidence, allowlist(facts).into_iter().collect())
}

fn allowlist(facts: &Facts) -> Option<Fix> {
    let seen: Vec<&String> = facts.addresses.keys().collect();
    let plain = seen.iter().all(|address| {
        address.parse::<IpAddr>().is_ok() && address.parse::<AddressRange>().is_ok()
    });
    let offered = plain && (1..=LONGEST_ALLOWLIST).contains(&seen.len());
    offered.then(|| Fix::edit("set_allowlist", json!({ "ip_allowlist": seen })))
}

fn no_limit(facts: &Facts, scope: &Scope) -> Option<Finding> {
    let policy = &facts.audited.key.policy;
    if policy.quota.is_some() || policy.daily.amount.is_some() || policy.monthly.amount.is_some() {
        return None;
    }
    let highest = facts.spends.iter().map(|(_, charged)| *charged).max().unwrap_or_default();
    let evidence = json!({
        "days": scope.period.days() * (PERIODS_BEFORE + 1),
        "days_used": facts.spends.len(),
        "highest_day": Usd(highest),
    });
    finding(Kind::NoLimit, Severity::Medium, evidence, vec![limit(facts)])
}

/// Twice the 95th percentile of what the days cost, rounded up to a cent.
fn limit(facts: &Facts) -> Fix {
    let mut days: Vec<i64> = facts.spends.iter().map(|(_, charged)| charged.get()).collect();
    days.sort_unstable();
    let place = (days.len() * 95).div_ceil(100).saturating_sub(1);
    let percentile = days.get(place).copied().unwrap_or(0);
    let cents = percentile.saturating_mul(2).div_euclid(10_000_000).saturating_add(1);
    let amount = Nanos::new(cents.saturating_mul(10_000_000)).max(LOWEST_LIMIT);
    Fix::edit("set_limit", json!({ "daily_limit": { "amount": Usd(amount) } }))
}

fn rotation_overdue(facts: &Facts, scope: &Scope) -> Option<Finding> {
    let environment = environment(facts);
    let due = if environment == "production" { PRODUCTION_DAYS } else { OTHER_DAYS };
    let age = scope.now.since(value_made_at(facts)) / DAY;
    if age < due {
        return None;
    }
    let severity = if environment == "production" { Severity::Medium } else { Severity::Low };
    let evidence = json!({ "age_days": age, "due_days": due, "environment": environment });
    finding(Kind::RotationOverdue, severity, evidence, vec![Fix::DISABLE])
}

/// When a key got the value that it has.
fn value_made_at(facts: &Facts) -> UnixMillis {
    let key = &facts.audited.key;
    key.rotated_at.unwrap_or(key.created_at)
}

/// What a key is for, by a tag or by the first part of a name such as `prod-shop-chat-2026`.
fn environment(facts: &Facts) -> &'static str {
    let key = &facts.audited.key;
    let of = |word: &str| match word.to_ascii_lowercase().as_str() {
        "prod" | "production" | "live" => Some("production"),
        "dev" | "development" | "test" | "testing" | "staging" | "stage" => Some("development"),
        _ => None,
    };
    let first = key.name.split(['-', '_', ' ']).next().unwrap_or_default();
    let tagged = key.tags.iter().find_map(|tag| of(tag));
    tagged.or_else(|| of(first)).unwrap_or("other use")
}

fn many_addresses(facts: &Facts, _: &Scope) -> Option<Finding> {
    let addresses = facts.addresses.len();
    if addresses < MANY_ADDRESSES {
        return None;
    }
    let calls: i64 = facts.addresses.values().sum();
    let severity = if addresses >= VERY_MANY_ADDRESSES { Severity::High } else { Severity::Medium };
    let evidence = json!({ "addresses": addresses, "calls": calls });
    finding(Kind::ManyAddresses, severity, evidence, vec![Fix::DISABLE, Fix::REVOKE])
}

fn unusual_spend(facts: &Facts, scope: &Scope) -> Option<Finding> {
    let start = scope.start();
    let sum = |now: bool| {
        let days = facts.spends.iter().filter(|(day, _)| (*day >= start) == now);
        days.fold(0_i64, |sum, (_, charged)| sum.saturating_add(charged.get()))
    };
    let lived = start.since(facts.audited.key.created_at) / (scope.period.days() * DAY);
    // A key that is not older than the period has no past.
    if lived < 1 {
        return None;
    }
    let spent = sum(true);
    let usual = sum(false) / lived.min(PERIODS_BEFORE);
    let more = spent.saturating_sub(usual) >= UNUSUAL_STEP.get();
    if !more || spent < usual.saturating_mul(UNUSUAL_FACTOR) {
        return None;
    }
    let evidence = json!({
        "days": scope.period.days(),
        "spent": Usd(Nanos::new(spent)),
        "usual": Usd(Nanos::new(usual)),
    });
    let fixes = vec![Fix::DISABLE, Fix::REVOKE];
    finding(Kind::UnusualSpend, Severity::High, evidence, fixes)
}

fn broad_permissions(facts: &Facts, _: &Scope) -> Option<Finding> {
    if facts.audited.key.policy.permissions != Permissions::FULL {
        return None;
    }
    let calls: i64 = facts.dialects.values().sum();
    let mut names = Vec::new();
    for dialect in facts.dialects.keys() {
        // The books know a call's wire format, which some permissions share.
        let used: &[&str] = match dialect.as_str() {
            "chat" => &["chat", "completions", "embeddings"],
            "responses" => &["responses"],
            "messages" => &["messages"],
            "gemini" => &["messages", "embeddings"],
            _ => return None,
        };
        names.extend(used.iter().filter(|name| !names.contains(*name)).collect::<Vec<_>>());
    }
    if calls < ENOUGH_CALLS {
        return None;
    }
    names.extend([&"models.read", &"usage.read"]);
    let formats: Vec<&String> = facts.dialects.keys().collect();
    let evidence = json!({ "calls": calls, "formats": formats });
    let fix = Fix::edit("narrow_permissions", json!({ "permissions": names }));
    finding(Kind::BroadPermissions, Severity::Low, evidence, vec![fix])
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
