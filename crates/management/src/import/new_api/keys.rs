//! Keys: with the value that their holders know, so that no client has to be changed.
//!
//! What cannot be carried exactly never makes a key reach further than it did: where a restriction
//! cannot be read, the key is made switched off.

use domain::bill::BillingMethod;
use domain::id::KeyId;
use domain::key::{KeyDigest, KeyHasher, mask};
use domain::money::Nanos;
use domain::network::AddressRange;
use domain::pattern::ModelPattern;
use domain::permission::Permissions;
use domain::policy::{KeyPolicy, RateLimits, WhenShort, WindowLimit};
use domain::secret::Secret;
use domain::time::UnixMillis;
use serde_json::{Map, json};
use std::collections::HashSet;
use store::api_key::NewApiKey;
use store::new_api::{Site, SiteKind, SiteRow};

use super::groups::Groups;
use super::known::Known;
use super::people::{Holder, People};
use super::remarks::{Kind, Remarks};
use super::units::{UnitsPerUsd, expiry, list, name, parts, status, usd};
use super::why::Why;
use crate::groups::AUTO;

/// Characters of a value behind `sk-`.
const VALUE_LENGTH: usize = 48;

/// No quota is larger.
const LARGEST_QUOTA: Nanos = Nanos::from_usd(1_000_000_000);

/// A key that is made.
pub(super) struct PlannedKey {
    pub(super) key: NewApiKey,
    pub(super) value: Secret,
    /// Who owns it.
    pub(super) owner: String,
}

/// The value of a key as clients send it; none if it has not the form of one.
pub(super) fn value(row: &SiteRow) -> Option<Secret> {
    let stored = row.text("key").trim();
    let body = stored.strip_prefix("sk-").unwrap_or(stored);
    let sound = body.len() == VALUE_LENGTH && body.bytes().all(|it| it.is_ascii_alphanumeric());
    sound.then(|| Secret::new(format!("sk-{body}")))
}

pub(super) struct Surroundings<'a> {
    pub(super) known: &'a Known,
    pub(super) people: &'a People,
    pub(super) groups: &'a Groups,
    pub(super) hasher: &'a KeyHasher,
    pub(super) units_per_usd: UnitsPerUsd,
    pub(super) now: UnixMillis,
}

pub(super) fn plan(
    site: &Site,
    around: &Surroundings<'_>,
    remarks: &mut Remarks,
) -> Vec<PlannedKey> {
    let mut made = Vec::new();
    let mut seen: HashSet<KeyDigest> = HashSet::new();
    for row in &site.tokens {
        let number = row.number("id").unwrap_or_default();
        let called = name(row.text("name"), || format!("key {number}"));
        if row.has("deleted_at") {
            remarks.leave_out(Kind::Key, &called, Why::KeyDeleted);
            continue;
        }
        let Some(value) = value(row) else {
            let why = Why::KeyValue;
            remarks.leave_out(Kind::Key, &called, why);
            continue;
        };
        let owner = row.number("user_id").and_then(|number| around.people.holders.get(&number));
        let Some(owner) = owner else {
            remarks.leave_out(Kind::Key, &called, Why::OwnerMissing);
            continue;
        };
        let digest = around.hasher.digest(value.expose());
        if around.known.values.contains(&digest) {
            remarks.exists(Kind::Key, &called);
            continue;
        }
        if !seen.insert(digest) {
            remarks.leave_out(Kind::Key, &called, Why::ValueTwice);
            continue;
        }
        let mut carried = Carried { called: &called, off: false, remarks: &mut *remarks };
        let policy = policy(row, owner, around, &mut carried);
        let key = NewApiKey {
            id: KeyId::new(around.now, rand::random()),
            owner: owner.id,
            masked: mask(value.expose()),
            digest,
            policy,
            soft_limit: None,
            tags: vec![from(site.kind).to_owned()],
            metadata: origin(row, number, around.units_per_usd),
            created_at: around.now,
            name: called,
        };
        made.push(PlannedKey { key, value, owner: owner.name.clone() });
    }
    made
}

/// What the site's keys are labelled with.
pub(super) const fn from(kind: SiteKind) -> &'static str {
    match kind {
        SiteKind::NewApi => "new-api",
        SiteKind::OneApi => "one-api",
    }
}

/// A key that is being carried over.
struct Carried<'a> {
    called: &'a str,
    /// Whether it is made switched off.
    off: bool,
    remarks: &'a mut Remarks,
}

impl Carried<'_> {
    fn note(&mut self, why: Why) {
        self.remarks.note(Kind::Key, self.called, why);
    }

    /// It is made, but works only once somebody has looked at it.
    fn switch_off(&mut self, why: Why) {
        self.off = true;
        self.note(why);
    }
}

fn policy(
    row: &SiteRow,
    owner: &Holder,
    around: &Surroundings<'_>,
    carried: &mut Carried<'_>,
) -> KeyPolicy {
    if row.is_no_number("expired_time") {
        carried.switch_off(Why::EndUnreadable);
    }
    let expires_at = expiry(row.number("expired_time"));
    let quota = quota(row, around.units_per_usd, carried);
    let ended = expires_at.is_some_and(|end| end <= around.now);
    match status(row) {
        1 => {}
        2 => carried.off = true,
        3 if ended => {}
        3 => carried.switch_off(Why::ExpiredEarly),
        4 if quota == Some(Nanos::ZERO) => {}
        4 => carried.switch_off(Why::UsedUpEarly),
        _ => {
            let status = row.text("status").to_owned();
            carried.switch_off(Why::KeyStatus { status });
        }
    }
    let allowed_models = models(row, carried);
    let ip_allowlist = addresses(row, carried);
    let groups = groups(row, owner, around.groups, carried);
    KeyPolicy {
        disabled: carried.off,
        revoked: false,
        expires_at,
        permissions: Permissions::FULL,
        billing_method: BillingMethod::ByModel,
        quota,
        daily: WindowLimit::default(),
        monthly: WindowLimit::default(),
        rates: RateLimits::default(),
        max_tokens_per_request: None,
        when_short: WhenShort::Lower,
        allowed_models,
        ip_allowlist,
        groups,
    }
}

/// What is left there is all that there is here: the books begin with the import.
fn quota(row: &SiteRow, units_per_usd: UnitsPerUsd, carried: &mut Carried<'_>) -> Option<Nanos> {
    if row.switch("unlimited_quota") == Some(true) {
        return None;
    }
    let units = row.number("remain_quota").unwrap_or_default().max(0);
    let quota = usd(units, units_per_usd).filter(|amount| *amount <= LARGEST_QUOTA);
    if quota.is_none() {
        carried.note(Why::QuotaTooLarge);
    }
    quota.or(Some(LARGEST_QUOTA))
}

fn models(row: &SiteRow, carried: &mut Carried<'_>) -> Box<[ModelPattern]> {
    let limited = row.switch("model_limits_enabled").unwrap_or_else(|| {
        carried.switch_off(Why::LimitUnreadable);
        true
    });
    let named = if limited { row.text("model_limits") } else { row.text("models") };
    let named = list(named);
    if limited && named.is_empty() {
        carried.switch_off(Why::LimitedToNone);
    }
    if named.iter().any(|model| model.contains('*')) {
        carried.switch_off(Why::ModelWithStar);
    }
    named.into_iter().map(ModelPattern::new).collect()
}

fn addresses(row: &SiteRow, carried: &mut Carried<'_>) -> Box<[AddressRange]> {
    let text = if row.has("allow_ips") { row.text("allow_ips") } else { row.text("subnet") };
    let named = parts(text, &['\n', '\r', ',', ';', ' ']);
    let found: Vec<AddressRange> = named.iter().filter_map(|entry| range(entry)).collect();
    if found.len() < named.len() {
        match found.is_empty() {
            true => carried.switch_off(Why::AddressesUnreadable),
            false => carried.note(Why::AddressesLeftOff),
        }
    }
    found.into()
}

/// An address or a range; one with host bits stands for the network that it is in.
fn range(entry: &str) -> Option<AddressRange> {
    if let Ok(range) = entry.parse() {
        return Some(range);
    }
    let (address, length) = entry.split_once('/')?;
    let (address, length): (std::net::IpAddr, u32) = (address.parse().ok()?, length.parse().ok()?);
    let network = match address {
        std::net::IpAddr::V4(v4) if length <= 32 => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            std::net::Ipv4Addr::from(u32::from(v4) & mask).to_string()
        }
        std::net::IpAddr::V6(v6) if length <= 128 => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            std::net::Ipv6Addr::from(u128::from(v6) & mask).to_string()
        }
        _ => return None,
    };
    format!("{network}/{length}").parse().ok()
}

fn groups(
    row: &SiteRow,
    owner: &Holder,
    groups: &Groups,
    carried: &mut Carried<'_>,
) -> Box<[Box<str>]> {
    let named = row.text("group").trim();
    let wanted = match named {
        AUTO => {
            let theirs =
                |name: &&String| groups.opens(owner.own(), name) && owner.groups.contains(name);
            let theirs: Box<[Box<str>]> =
                groups.auto.iter().filter(theirs).map(|name| Box::from(name.as_str())).collect();
            if theirs.is_empty() {
                carried.switch_off(Why::AutoOfNothing);
            }
            return theirs;
        }
        "" if owner.lost => {
            carried.switch_off(Why::OwnersGroupMissing);
            return Box::default();
        }
        // None of its own: the one group that its owner is in.
        "" if owner.groups == [owner.group.as_str()] => return Box::default(),
        "" => owner.group.as_str(),
        named => named,
    };
    if !groups.has(wanted) {
        carried.switch_off(Why::KeyGroupMissing { group: wanted.to_owned() });
        return Box::default();
    }
    if !owner.groups.iter().any(|open| open == wanted) {
        let (group, owner) = (wanted.to_owned(), owner.name.clone());
        carried.note(Why::GroupNotOpenHere { group, owner });
    } else if !groups.opens(owner.own(), wanted) {
        carried.switch_off(Why::GroupNotOpenThere { group: wanted.to_owned() });
    }
    Box::from([Box::from(wanted)])
}

/// Where it comes from, for people.
fn origin(
    row: &SiteRow,
    number: i64,
    units_per_usd: UnitsPerUsd,
) -> Map<String, serde_json::Value> {
    let used = usd(row.number("used_quota").unwrap_or_default(), units_per_usd);
    let mut origin = Map::new();
    origin.insert("imported_id".to_owned(), json!(number.to_string()));
    origin.insert("used_before_usd".to_owned(), json!(used.unwrap_or(Nanos::ZERO).to_string()));
    if let Some(made) = row.number("created_time").filter(|seconds| *seconds > 0) {
        let made = UnixMillis::new(made.min(253_402_300_799).saturating_mul(1_000));
        origin.insert("made_at".to_owned(), json!(made.to_string()));
    }
    origin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_with_host_bits_are_the_network() {
        for (entry, expected) in [
            ("10.1.2.3/8", Some("10.0.0.0/8")),
            ("203.0.113.7", Some("203.0.113.7")),
            ("2001:db8::9/48", Some("2001:db8::/48")),
            ("1.2.3.4/0", Some("0.0.0.0/0")),
            ("1.2.3.4/33", None),
            ("example.org", None),
        ] {
            let found = range(entry).map(|range| range.to_string());
            assert_eq!(found.as_deref(), expected, "{entry}");
        }
    }
}
