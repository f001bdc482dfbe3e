//! What becomes of what a site holds.

use domain::bill::Multiplier;
use domain::id::UserId;
use domain::key::KeyHasher;
use domain::money::Nanos;
use domain::time::UnixMillis;
use domain::user::{Credit, Role, Tier};
use gateway::egress::EgressPolicy;
use std::collections::BTreeMap;
use store::new_api::{Site, SiteKind, SiteRow};
use store::user::User;

use super::Asked;
use super::known::Known;
use super::plan::{Plan, UnreadableUnits, make};

/// A whole key's value but for its first character.
const REST: &str = "B3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3";

fn site() -> Site {
    Site {
        kind: SiteKind::NewApi,
        users: vec![user(&[])],
        tokens: Vec::new(),
        channels: Vec::new(),
        options: BTreeMap::new(),
        may_lack_changes: false,
    }
}

fn row(texts: &[(&'static str, &str)], more: &[(&'static str, &str)]) -> SiteRow {
    let mut all = texts.to_vec();
    all.extend(more);
    SiteRow::of(&all)
}

fn user(more: &[(&'static str, &str)]) -> SiteRow {
    row(
        &[("id", "1"), ("username", "ada"), ("role", "1"), ("status", "1"), ("group", "default")],
        more,
    )
}

fn token(first: char, more: &[(&'static str, &str)]) -> SiteRow {
    let value = format!("{first}{REST}");
    let plain = [
        ("user_id", "1"),
        ("key", value.as_str()),
        ("status", "1"),
        ("expired_time", "-1"),
        ("unlimited_quota", "1"),
    ];
    row(&plain, more)
}

fn channel(more: &[(&'static str, &str)]) -> SiteRow {
    let plain =
        [("id", "1"), ("type", "1"), ("key", "sk-x"), ("models", "a,b"), ("group", "default")];
    row(&plain, more)
}

fn known() -> Known {
    Known {
        groups: BTreeMap::from([("default".to_owned(), Multiplier::ONE)]),
        tiers: vec![
            (Tier::Standard, Some(1)),
            (Tier::Professional, Some(2)),
            (Tier::Enterprise, None),
        ],
        ..Known::default()
    }
}

fn planned(site: &Site, known: &Known) -> Plan {
    try_planned(site, known).unwrap()
}

fn try_planned(site: &Site, known: &Known) -> Result<Plan, UnreadableUnits> {
    let asked = Asked { dry_run: true, overwrite: false, rows: 0 };
    let now = UnixMillis::new(1_800_000_000_000);
    make(site, known, &KeyHasher::new(&[1; 32]), &EgressPolicy::default(), now, &asked)
}

fn said(plan: &Plan) -> String {
    let all = plan.remarks.notes.iter().chain(&plan.remarks.left_out);
    all.map(|remark| format!("{}: {}\n", remark.name, remark.why)).collect()
}

/// The one key that a token becomes.
fn key(more: &[(&'static str, &str)]) -> (store::api_key::NewApiKey, String) {
    let mut plan = planned(&Site { tokens: vec![token('a', more)], ..site() }, &known());
    let said = said(&plan);
    assert_eq!(plan.keys.len(), 1, "{said}");
    (plan.keys.remove(0).key, said)
}

#[test]
fn a_key_never_reaches_further_than_it_did() {
    for (more, word) in [
        (&[("model_limits_enabled", "1")][..], "no model is named"),
        (&[("model_limits_enabled", "true"), ("model_limits", " , ")], "no model is named"),
        (&[("allow_ips", "nonsense\n1.2.3.4/99")], "IP list"),
        (&[("group", "a\"b")], "is not made"),
        (&[("status", "3"), ("expired_time", "4102444800")], "its end has not come"),
        (&[("status", "4")], "something of its quota is left"),
        (&[("status", "9")], "no meaning here"),
        (&[("status", "on")], "no meaning here"),
        (&[("expired_time", "2030-01-01")], "end there cannot be read"),
        (&[("expired_time", "")], "end there cannot be read"),
        (&[("model_limits_enabled", "yes"), ("model_limits", "a")], "limited to models there"),
        (&[("model_limits_enabled", "TRUE"), ("model_limits", "")], "no model is named"),
        (&[("model_limits_enabled", "1"), ("model_limits", "a,gpt-*")], "has a * in its name"),
        (&[("models", "gpt-*")], "has a * in its name"),
        (&[("group", "auto")], "no group that its owner may use"),
    ] {
        let (key, said) = key(more);
        assert!(key.policy.disabled, "{more:?}: {said}");
        assert!(said.contains(word) && said.contains("switched off"), "{more:?}: {said}");
    }
    let (key, said) = key(&[("allow_ips", "nonsense\n192.0.2.7\r\n10.1.1.1/8, ::1")]);
    let ranges: Vec<String> = key.policy.ip_allowlist.iter().map(ToString::to_string).collect();
    assert_eq!(ranges, ["192.0.2.7", "10.0.0.0/8", "::1"]);
    assert!(!key.policy.disabled && said.contains("left off"));
    let (key, _) = self::key(&[("model_limits_enabled", "False"), ("model_limits", "a")]);
    assert!(!key.policy.disabled && key.policy.allowed_models.is_empty());
}

/// The groups of a user of the site and what becomes of their keys' groups, with these options.
fn groups_of(user_group: &str, tokens: &[&str], options: &[(&str, &str)]) -> (String, Vec<String>) {
    let tokens = tokens.iter().zip('a'..).map(|(group, at)| token(at, &[("group", group)]));
    let users = vec![row(&[("id", "1"), ("username", "ada")], &[("group", user_group)])];
    let options = options.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let (tokens, options) = (tokens.collect(), options.collect());
    let plan = planned(&Site { users, tokens, options, ..site() }, &known());
    let of_key = |it: &super::keys::PlannedKey| {
        let off = if it.key.policy.disabled { " off" } else { "" };
        format!("{}{off}", it.key.policy.groups.join("+"))
    };
    (plan.users[0].groups.join("+"), plan.keys.iter().map(of_key).collect())
}

/// A user who names another group for a key gets into it only if the site lets them.
#[test]
fn only_groups_that_the_site_opens_are_open() {
    let ratio = ("GroupRatio", r#"{"default":1,"vip":2,"svip":0.1}"#);
    let usable = ("UserUsableGroups", r#"{"default":"","svip":"","gone":""}"#);
    let tokens = ["vip", "svip", "gone", "default"];
    let keys = |texts: [&str; 4]| texts.map(str::to_owned).to_vec();
    let plain = keys(["vip", "svip", "gone", "default"]);
    // What was never set: default and vip.
    assert_eq!(groups_of("default", &tokens, &[ratio]), ("default+vip".to_owned(), plain.clone()));
    // A group without a factor is none there.
    let set = [ratio, usable];
    assert_eq!(groups_of("default", &tokens, &set), ("default+svip".to_owned(), plain.clone()));
    // One's own group always is.
    assert_eq!(groups_of("vip", &tokens, &set).0, "vip+default+svip");
    for closed in [
        ("UserUsableGroups", "nonsense"),
        ("GroupSpecialUsableGroup", r#"{"default":{"-:svip":""}}"#),
        ("group_ratio_setting.group_special_usable_group", r#"{"default":{"-:svip":""}}"#),
    ] {
        let found = groups_of("default", &tokens, &[ratio, usable, closed]);
        assert_eq!(found, ("default".to_owned(), plain.clone()), "{closed:?}");
    }
}

/// Without their group here, keys that went through it go nowhere.
#[test]
fn keys_of_a_lost_group_are_switched_off() {
    let usable = ("UserUsableGroups", r#"{"vip":"","auto":""}"#);
    let keys = ["", "auto", "default"];
    let found = groups_of("a/b", &keys, &[usable]);
    assert_eq!(
        found,
        (
            "default".to_owned(),
            vec![" off".to_owned(), " off".to_owned(), "default off".to_owned()]
        )
    );
    // Nor is a group made whose factor cannot be read.
    let found = groups_of("vip", &[""], &[("GroupRatio", "{")]);
    assert_eq!(found, ("default".to_owned(), vec![" off".to_owned()]));
}

#[test]
fn what_is_left_of_a_quota_is_all_of_it() {
    let quota = |more: &[(&'static str, &str)]| {
        let more = [&[("unlimited_quota", "0")], more].concat();
        let (key, _) = key(&more);
        (key.policy.quota, key.policy.disabled)
    };
    assert_eq!(key(&[]).0.policy.quota, None);
    assert_eq!(quota(&[("remain_quota", "750000")]).0, Some(Nanos::new(1_500_000_000)));
    assert_eq!(quota(&[("remain_quota", "-5")]), (Some(Nanos::ZERO), false));
    assert_eq!(quota(&[("status", "4")]), (Some(Nanos::ZERO), false));
    let most = i64::MAX.to_string();
    assert_eq!(quota(&[("remain_quota", &most)]).0, Some(Nanos::from_usd(1_000_000_000)));
    let (key, _) = key(&[("used_quota", "250000"), ("created_time", "1700000000"), ("id", "7")]);
    assert_eq!(key.metadata["used_before_usd"], "0.5");
    assert_eq!(key.metadata["imported_id"], "7");
    assert_eq!((key.name.as_str(), key.tags.as_slice()), ("key 7", &["new-api".to_owned()][..]));
}

#[test]
fn a_key_goes_through_the_groups_that_it_went_through() {
    let options = [
        ("AutoGroups", r#"["cheap","dear","default"]"#),
        ("GroupRatio", r#"{"cheap":0.5,"vip":2,"dear":9,"default":1}"#),
        ("UserUsableGroups", r#"{"cheap":"","vip":"","default":"","auto":""}"#),
    ];
    let groups = |user_group: &str, tokens: &[&str]| groups_of(user_group, tokens, &options);
    assert_eq!(groups("vip", &[""]), ("vip".to_owned(), vec![String::new()]));
    // With several groups open, none of its own is still its owner's one.
    let expected = ("default+vip".to_owned(), vec!["default".to_owned(), "vip".to_owned()]);
    assert_eq!(groups("default", &["", "vip"]), expected);
    let (open, keys) = groups("default", &["auto"]);
    // In the order of the site's option, and without what is not open.
    let expected = ("default+cheap", &["cheap+default".to_owned()][..]);
    assert_eq!((open.as_str(), keys.as_slice()), expected);
    // Groups that other keys are in are none of it.
    assert_eq!(groups("default", &["auto", "vip"]).1, ["cheap+default", "vip"]);
    let never_set = [("UserUsableGroups", r#"{"auto":"","vip":""}"#)];
    assert_eq!(groups_of("default", &["auto", "vip"], &never_set).1, ["default", "vip"]);
    assert_eq!(groups_of("vip", &["auto"], &never_set).1, [" off"]);
}

#[test]
fn only_values_of_the_form_of_a_key_are_taken() {
    let tokens = vec![
        token('a', &[("name", "one")]),
        token('a', &[("name", "twice")]),
        token('b', &[("name", "whose"), ("user_id", "2")]),
        token('c', &[("name", "gone"), ("deleted_at", "2025-01-01")]),
        token('-', &[("name", "odd")]),
        token('d', &[("name", "prefixed"), ("key", &format!("sk-d{REST}"))]),
    ];
    let plan = planned(&Site { tokens, ..site() }, &known());
    let made: Vec<&str> = plan.keys.iter().map(|it| it.key.name.as_str()).collect();
    assert_eq!(made, ["one", "prefixed"]);
    assert_eq!(plan.keys[1].value.expose(), format!("sk-d{REST}"));
    let left: Vec<&str> = plan.remarks.left_out.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(left, ["twice", "whose", "gone", "odd"]);
    assert_eq!(plan.users[0].tier, Tier::Enterprise, "more than a professional may have");
}

fn here(role: Role, credit: Credit) -> User {
    User {
        id: UserId::new(UnixMillis::new(5), [5; 10]),
        number: 1,
        name: "Ada here".to_owned(),
        email: Some("ada@example.test".to_owned()),
        role,
        tier: Tier::Standard,
        groups: vec!["default".to_owned()],
        credit,
        credited: Nanos::ZERO,
        disabled: false,
        has_password: true,
        frozen_at: None,
        created_at: UnixMillis::new(5),
        version: 1,
    }
}

#[test]
fn an_address_alone_gives_nobody_more() {
    for (theirs, role, credit, joined) in [
        ("1", Role::Member, Credit::Balance, true),
        ("1", Role::Member, Credit::Unlimited, false),
        ("1", Role::Admin, Credit::Balance, false),
        ("1", Role::Owner, Credit::Unlimited, false),
        ("10", Role::Admin, Credit::Balance, true),
        ("10", Role::Owner, Credit::Balance, false),
        ("100", Role::Owner, Credit::Unlimited, true),
    ] {
        let users = vec![row(
            &[("id", "1"), ("username", "ada"), ("email", "Ada@Example.test"), ("quota", "5")],
            &[("role", theirs)],
        )];
        let mut known = known();
        known.by_email.insert("ada@example.test".to_owned(), here(role, credit));
        let site = Site { users, tokens: vec![token('a', &[])], ..site() };
        let plan = planned(&site, &known);
        assert_eq!(plan.users.is_empty(), joined, "{theirs} {role:?} {credit:?}");
        let owner = plan.keys[0].key.owner;
        assert_eq!(owner == UserId::new(UnixMillis::new(5), [5; 10]), joined);
        assert!(plan.users.iter().all(|user| user.email.is_none()), "the address is taken");
    }
}

#[test]
fn two_users_never_share_an_address() {
    let mail = ("email", "a@example.test");
    let second = [("id", "2"), ("username", "bob"), ("email", "A@EXAMPLE.test")];
    let users = vec![user(&[mail]), SiteRow::of(&second), user(&[("deleted_at", "now")])];
    let plan = planned(&Site { users, ..site() }, &known());
    let mails: Vec<Option<&str>> = plan.users.iter().map(|it| it.email.as_deref()).collect();
    assert_eq!(mails, [Some("a@example.test"), None]);
    assert_ne!(plan.users[0].id, plan.users[1].id);
}

#[test]
fn channels_keep_their_way() {
    let url = |more: &[(&'static str, &str)]| {
        let plan = planned(&Site { channels: vec![channel(more)], ..site() }, &known());
        plan.channels.first().map(|it| format!("{} {}", it.provider, it.base_url))
    };
    for (kind, base_url, expected) in [
        ("1", "", Some("openai https://api.openai.com")),
        ("1", "https://relay.example/", Some("openai-compatible https://relay.example")),
        (
            "8",
            "https://a.example/v1/chat/completions",
            Some("openai-compatible https://a.example/v1"),
        ),
        (
            "3",
            "https://r.openai.azure.com/",
            Some("azure-openai https://r.openai.azure.com/openai"),
        ),
        ("16", "", Some("openai-compatible https://open.bigmodel.cn/api/paas/v4")),
        ("26", "https://x.example/v4", Some("openai-compatible https://x.example/v4")),
        ("14", "", Some("anthropic https://api.anthropic.com")),
        ("8", "", None),
        ("8", "https://a.example/{model}", None),
        ("8", "not a url", None),
        ("4", "", None),
        ("33", "https://a.example", None),
        ("1", "http://127.0.0.1:9", None),
    ] {
        assert_eq!(
            url(&[("type", kind), ("base_url", base_url)]).as_deref(),
            expected,
            "{kind} {base_url}"
        );
    }
    for more in [[("key", " \n")], [("models", ", ,")], [("group", "")], [("key", "a b")]] {
        assert_eq!(url(&more), None, "{more:?}");
    }
}

#[test]
fn no_two_channels_have_one_name() {
    let long = "x".repeat(100);
    let name = |id, name| channel(&[("id", id), ("name", name)]);
    let channels = vec![
        name("1", "a"),
        name("2", "a #3"),
        name("3", "a"),
        name("4", &long),
        name("5", &long),
        name("5", &long),
    ];
    let plan = planned(&Site { channels, ..site() }, &known());
    let short = "x".repeat(70);
    let expected = ["a", "a #3", "a #3.2", &long, &format!("{short} #5"), &format!("{short} #5.2")];
    let names: Vec<&str> = plan.channels.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, expected);
}

#[test]
fn what_a_channel_holds_is_taken_over() {
    let channels = vec![
        channel(&[
            ("name", "one"),
            ("key", "k1\r\nk2\nk1\n\n"),
            ("models", "a, b,a,c,bad name"),
            ("model_mapping", r#"{"a":"x","x":"y","b":"c","c":"b"}"#),
            ("priority", "99999999"),
            ("weight", "0"),
            ("setting", r#"{"proxy":""}"#),
        ]),
        channel(&[("id", "2"), ("name", "one"), ("status", "3"), ("param_override", "{\"a\":1}")]),
        channel(&[("id", "3"), ("name", "two"), ("setting", r#"{"proxy":"http://p"}"#)]),
        channel(&[("id", "4"), ("name", ""), ("status", "2"), ("model_mapping", "[]")]),
    ];
    let plan = planned(&Site { channels, ..site() }, &known());
    let [one, second, two, last] = plan.channels.as_slice() else { panic!("{}", said(&plan)) };
    assert_eq!(one.secrets.iter().map(|it| it.expose()).collect::<Vec<_>>(), ["k1", "k2"]);
    let models: Vec<(&str, &str)> =
        one.models.iter().map(|it| (it.name.as_str(), it.upstream.as_str())).collect();
    assert_eq!(models, [("a", "y"), ("b", "b"), ("c", "c")], "followed, and no circle");
    assert_eq!((one.priority, one.weight, one.disabled), (1_000_000, 1, false));
    assert_eq!((second.name.as_str(), second.disabled), ("one #2", true));
    assert!(two.disabled && last.disabled && last.name == "channel 4");
    let said = said(&plan);
    for words in ["3 of its 4 models", "overridden parameters", "proxy", "mapping cannot be read"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(plan.unpriced, ["a", "b", "c"]);
}

#[test]
fn options_that_cannot_be_used_are_said_and_do_no_harm() {
    let planned_with = |options: &[(&str, &str)]| {
        let options = options.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        planned(&Site { options: options.collect(), ..site() }, &known())
    };
    let ratios = [("ModelRatio", r#"{"m":1}"#), ("CompletionRatio", r#"{"m":2}"#)];
    assert_eq!(planned_with(&ratios).prices.set.len(), 1);
    assert!(said(&planned_with(&[])).contains("holds no ratios"));
    let other = [&ratios[..], &[("QuotaPerUnit", "1000")]].concat();
    let other = planned_with(&other);
    assert!(other.prices.set.is_empty() && said(&other).contains("1000 units"));
    let units = BTreeMap::from([("QuotaPerUnit".to_owned(), "0".to_owned())]);
    let told = units["QuotaPerUnit"].clone();
    let why = try_planned(&Site { options: units, ..site() }, &known()).err().unwrap();
    assert_eq!(why.0, told);
    let broken = planned_with(&[
        ("ModelRatio", "x"),
        ("GroupRatio", "[]"),
        ("GroupGroupRatio", "{\"a\":{}}"),
    ]);
    assert!(broken.prices.set.is_empty() && broken.groups.is_empty());
    let said = said(&broken);
    assert!(said.contains("GroupRatio: The option cannot be read"), "{said}");
    assert!(said.contains("GroupGroupRatio") && said.contains("ModelRatio"), "{said}");
    let odd = r#"{"a/b":1,"huge":5000,"low":0.12345678}"#;
    let odd = planned_with(&[("GroupRatio", odd)]);
    let made: Vec<(&str, i64)> =
        odd.groups.iter().map(|it| (it.name.as_str(), it.multiplier.get())).collect();
    assert_eq!(made, [("low", 123_456)]);
    assert_eq!(odd.remarks.left_out.len(), 2);
}
