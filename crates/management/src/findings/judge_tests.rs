//! Tests of what is found, each on one key with one fault more or less.

use domain::bill::BillingMethod;
use domain::id::{KeyId, UserId};
use domain::key::KeyDigest;
use domain::policy::{KeyPolicy, RateLimits, WhenShort, WindowLimit};
use std::collections::{BTreeMap, HashMap};
use store::api_key::ApiKey;
use store::key_audit::AuditedKey;

use super::super::period::Period;
use super::*;

const NOW: UnixMillis = UnixMillis::new(1_790_000_000_000);

/// A key of 10 days without any fault in a month.
fn sound() -> Facts {
    let limit = WindowLimit { requests: None, amount: Some(Nanos::from_usd(5)) };
    let policy = KeyPolicy {
        disabled: false,
        revoked: false,
        expires_at: Some(NOW.plus(DAY)),
        permissions: Permissions::INFERENCE,
        billing_method: BillingMethod::UsageBased,
        quota: None,
        daily: limit,
        monthly: WindowLimit::default(),
        rates: RateLimits::default(),
        max_tokens_per_request: None,
        when_short: WhenShort::Lower,
        allowed_models: Box::new([]),
        ip_allowlist: Box::new(["192.0.2.0/24".parse().unwrap()]),
        groups: Box::new([]),
    };
    let key = ApiKey {
        id: KeyId::from_bytes([1; 16]),
        number: 1,
        owner: UserId::from_bytes([2; 16]),
        name: "shop".to_owned(),
        masked: "sk-…".to_owned(),
        digest: KeyDigest::from_hex(&"0".repeat(64)).unwrap(),
        policy,
        soft_limit: None,
        tags: Vec::new(),
        metadata: Map::new(),
        created_at: NOW.plus(-10 * DAY),
        rotated_at: None,
        revoked_at: None,
        deleted: false,
        version: 1,
    };
    Facts {
        audited: AuditedKey { key, last_used_at: Some(NOW), last_calls: 1 },
        addresses: BTreeMap::new(),
        dialects: BTreeMap::new(),
        spends: Vec::new(),
        dismissed: HashMap::new(),
    }
}

fn scope(period: Period) -> Scope {
    Scope { owner: None, key: None, kind: None, period, now: NOW }
}

fn kinds(facts: &Facts) -> Vec<Kind> {
    judge(facts, &scope(Period::Month)).into_iter().map(|finding| finding.kind).collect()
}

fn changed(change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = sound();
    change(&mut facts);
    facts
}

fn addresses(count: usize) -> BTreeMap<String, i64> {
    (0..count).map(|n| (format!("192.0.2.{n}"), 1)).collect()
}

#[test]
fn a_sound_key_has_no_finding() {
    assert_eq!(kinds(&sound()), []);
}

#[test]
fn each_fault_is_found_alone() {
    let policy = |change: fn(&mut KeyPolicy)| changed(|f| change(&mut f.audited.key.policy));
    let old = |days: i64, tags: &[&str], name: &str| {
        changed(|f| {
            f.audited.key.created_at = NOW.plus(-days * DAY);
            f.audited.key.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            f.audited.key.name = name.to_owned();
        })
    };
    let calls = |count| BTreeMap::from([("chat".to_owned(), count)]);
    for (facts, expected) in [
        (changed(|f| f.audited.last_used_at = Some(NOW.plus(-30 * DAY))), Some(Kind::Unused)),
        (changed(|f| f.audited.last_used_at = Some(NOW.plus(-29 * DAY))), None),
        // Never used, but young.
        (changed(|f| f.audited.last_used_at = None), None),
        (policy(|policy| policy.expires_at = None), Some(Kind::NoExpiry)),
        (policy(|policy| policy.ip_allowlist = Box::new([])), Some(Kind::NoAllowlist)),
        (policy(|policy| policy.daily.amount = None), Some(Kind::NoLimit)),
        (old(181, &[], "shop"), None),
        (old(182, &[], "shop"), Some(Kind::RotationOverdue)),
        (old(91, &["prod"], "shop"), Some(Kind::RotationOverdue)),
        (old(91, &[], "production-shop"), Some(Kind::RotationOverdue)),
        (old(91, &["dev"], "prod-shop"), None),
        (old(91, &[], "shop-prod"), None),
        (changed(|f| f.addresses = addresses(4)), None),
        (changed(|f| f.addresses = addresses(5)), Some(Kind::ManyAddresses)),
        (changed(|f| f.dialects = calls(100)), None),
    ] {
        assert_eq!(kinds(&facts), expected.into_iter().collect::<Vec<_>>(), "{facts:?}");
    }
    let full = |count| {
        changed(|f| {
            f.audited.key.policy.permissions = Permissions::FULL;
            f.dialects = calls(count);
        })
    };
    assert_eq!((kinds(&full(19)), kinds(&full(20))), (vec![], vec![Kind::BroadPermissions]));
}

#[test]
fn spending_is_held_against_the_keys_own_past() {
    let spender = |lived: i64, days: &[(i64, i64)]| {
        changed(|f| {
            f.audited.key.created_at = NOW.plus(-lived * DAY);
            f.spends = days
                .iter()
                .map(|(ago, usd)| (NOW.plus(-ago * DAY), Nanos::from_usd(*usd)))
                .collect();
        })
    };
    let found = |facts: &Facts| kinds(facts).contains(&Kind::UnusualSpend);
    assert!(found(&spender(120, &[(1, 30), (40, 10), (70, 10), (99, 10)])));
    assert!(!found(&spender(120, &[(1, 29), (40, 10), (70, 10), (99, 10)])));
    // Its one period before counts alone.
    assert!(!found(&spender(61, &[(1, 29), (40, 10)])));
    assert!(found(&spender(61, &[(1, 30), (40, 10)])));
    // Nothing before, and something now.
    assert!(found(&spender(61, &[(1, 1)])));
    assert!(!found(&spender(59, &[(1, 100)])));
    let finding = judge(&spender(61, &[(1, 30), (40, 10)]), &scope(Period::Month)).pop().unwrap();
    assert_eq!(Value::Object(finding.evidence), json!({"days": 30, "spent": 30, "usual": 10}));
}

#[test]
fn fixes_are_edits_that_a_key_takes() {
    let mut facts = changed(|f| {
        f.audited.key.policy.ip_allowlist = Box::new([]);
        f.audited.key.policy.expires_at = None;
        f.audited.key.policy.daily.amount = None;
        f.audited.key.policy.permissions = Permissions::FULL;
        f.addresses = addresses(2);
        f.dialects = BTreeMap::from([("chat".to_owned(), 9), ("gemini".to_owned(), 11)]);
        f.spends = (0..40).map(|n| (NOW.plus(-n * DAY), Nanos::new(n * 100_000_000))).collect();
    });
    let findings = judge(&facts, &scope(Period::Month));
    let changes: Vec<Value> =
        findings.into_iter().flat_map(|f| f.fixes).filter_map(|fix| fix.change).collect();
    // The 38th of 40 days cost 3.7 USD.
    assert!(changes.contains(&json!({"daily_limit": {"amount": 7.41}})), "{changes:?}");
    assert!(changes.contains(&json!({"ip_allowlist": ["192.0.2.0", "192.0.2.1"]})));
    let names = ["chat", "completions", "embeddings", "messages", "models.read", "usage.read"];
    assert!(changes.contains(&json!({ "permissions": names })), "{changes:?}");
    for change in &changes {
        let read = crate::request::body::read::<crate::keys::edit::EditKey>;
        assert!(read(change.to_string().as_bytes()).is_ok(), "{change}");
    }
    facts.spends.clear();
    let offered = limit(&facts).change;
    assert_eq!(offered, Some(json!({"daily_limit": {"amount": 1}})));
    facts.addresses = addresses(51);
    assert!(allowlist(&facts).is_none());
}

#[test]
fn every_sentence_gets_its_figures() {
    let facts = changed(|f| {
        f.audited.key.policy.ip_allowlist = Box::new([]);
        f.audited.key.policy.expires_at = None;
        f.audited.key.policy.daily.amount = None;
        f.audited.key.policy.permissions = Permissions::FULL;
        f.audited.key.created_at = NOW.plus(-400 * DAY);
        f.audited.last_used_at = None;
        f.addresses = addresses(30);
        f.dialects = BTreeMap::from([("chat".to_owned(), 90)]);
        f.spends = vec![(NOW, Nanos::from_usd(5))];
    });
    let findings = judge(&facts, &scope(Period::Month));
    assert_eq!(findings.len(), 8);
    for finding in findings {
        let (title, sentence) = super::super::words::words(finding.kind);
        let text = super::super::words::filled(sentence, &finding.evidence);
        assert!(!title.is_empty() && !text.contains(['{', '}']), "{text}");
        for fix in finding.fixes {
            assert!(!super::super::words::fix(fix.name).is_empty(), "{}", fix.name);
        }
    }
}
