//! The authorisation matrix: every endpoint × every kind of credential × one's own and another's
//! thing. What is expected follows from the rules that the guards declare, and from nothing else.
//!
//! A new endpoint is covered by itself. If its path names a thing of a new kind, or it needs a body
//! to get as far as looking for the thing, the test asks for a row in [`THINGS`] or [`BODIES`].

use domain::alert::{AlertKind, AlertScope, Severity};
use domain::id::{AlertDestinationId, AlertId, AlertRuleId, SessionId, UserId};
use domain::scope::Scope;
use domain::user::Role;
use http::Method;
use serde_json::json;
use std::collections::BTreeMap;
use store::alert::Alert;
use store::alert_destination::{AlertDestination, DestinationKind};
use store::alert_rule::AlertRule;
use store::audit_log::AuditQuery;
use store::session::Session;

use super::books::open_call;
use super::fixture::Deployment;
use crate::access::cookie::PLAIN;
use crate::access::person::{IDLE, LIFETIME};
use crate::endpoint::Rule;
use crate::router::endpoints;

/// Writes that succeed in the cells and change no field of anything that the log compares.
const UNTOLD: &[&str] = &[
    "DELETE /api/v1/sessions/current",
    "DELETE /api/v1/sessions/{id}",
    "POST /api/v1/alert-destinations/{id}/test",
    "POST /api/v1/alerts/{id}/acknowledge",
    "POST /api/v1/backup",
    "POST /api/v1/me/totp",
    "POST /v1/api-keys/{id}/reveal",
];

/// What a path's parameter names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thing {
    Key,
    User,
    ManagementKey,
    Call,
    Session,
    /// What is found of a key.
    Finding,
    Alert,
    AlertRule,
    AlertDestination,
    /// Nobody's in particular: only its guard decides.
    Shared(&'static str),
}

/// Beginnings of paths, and the thing that follows.
pub(super) const THINGS: &[(&str, Thing)] = &[
    ("/v1/api-keys/{", Thing::Key),
    ("/api/v1/users/{", Thing::User),
    ("/api/v1/management-keys/{", Thing::ManagementKey),
    ("/api/v1/calls/{", Thing::Call),
    ("/api/v1/sessions/{", Thing::Session),
    ("/api/v1/findings/{", Thing::Finding),
    ("/api/v1/alerts/{", Thing::Alert),
    ("/api/v1/alert-rules/{", Thing::AlertRule),
    ("/api/v1/alert-destinations/{", Thing::AlertDestination),
    // Everybody has templates of their own: nobody can name another's.
    ("/api/v1/key-templates/{", Thing::Shared("nothing")),
    ("/api/v1/channels/{", Thing::Shared("chn_00000000000070008000000000000000")),
    ("/api/v1/doubts/{", Thing::Shared("call_00000000000070008000000000000000")),
    ("/api/v1/redemption-codes/{", Thing::Shared("rdm_00000000000070008000000000000000")),
    ("/api/v1/groups/{", Thing::Shared("nothing")),
    ("/api/v1/prices/{", Thing::Shared("nothing")),
];

/// Bodies without which an endpoint does not look for the thing; `{}` for all others.
const BODIES: &[(&str, &str, &str)] = &[
    ("POST", "/api/v1/backup", r#"{"passphrase":"correct horse battery"}"#),
    ("PATCH", "/v1/api-keys/{id}", r#"{"name":"renamed"}"#),
    ("POST", "/api/v1/findings/{id}/fix", r#"{"fix":"set_limit"}"#),
];

/// Beyond what its guard says, only the owner of the thing may do this: operators, who see others'
/// things, are forbidden to.
const OWNERS_ALONE: &[(&str, &str)] = &[("POST", "/v1/api-keys/{id}/reveal")];

/// What a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential {
    Nothing,
    Nonsense,
    Damaged,
    ApiKey,
    /// Exactly the scope that is needed.
    RightScope,
    /// Every scope but that.
    OtherScopes,
    AllScopes,
    RevokedKey,
    ExpiredKey,
    BlockedKey,
    Cookie,
    SameSite,
    SameOrigin,
    OtherSite,
    OtherOrigin,
    NoOrigin,
    StaleProof,
    EndedCookie,
    ExpiredCookie,
    IdleCookie,
    BlockedCookie,
    MadeUpCookie,
}
use Credential::*;

impl Credential {
    fn is_cookie(self) -> bool {
        matches!(
            self,
            Cookie | SameSite | SameOrigin | OtherSite | OtherOrigin | NoOrigin | StaleProof
        )
    }

    fn is_elsewhere(self) -> bool {
        matches!(self, OtherSite | OtherOrigin | NoOrigin)
    }

    fn is_key(self) -> bool {
        matches!(self, RightScope | OtherScopes | AllScopes)
    }
}

/// Everybody who asks.
const ACTORS: &[(Role, Credential)] = &[
    (Role::Member, Nothing),
    (Role::Member, Nonsense),
    (Role::Owner, Damaged),
    (Role::Member, ApiKey),
    (Role::Owner, ApiKey),
    (Role::Member, RightScope),
    (Role::Member, OtherScopes),
    (Role::Member, AllScopes),
    (Role::Admin, RightScope),
    (Role::Admin, OtherScopes),
    (Role::Admin, AllScopes),
    (Role::Owner, RightScope),
    (Role::Owner, OtherScopes),
    (Role::Owner, AllScopes),
    (Role::Owner, RevokedKey),
    (Role::Owner, ExpiredKey),
    (Role::Member, BlockedKey),
    (Role::Member, Cookie),
    (Role::Admin, Cookie),
    (Role::Owner, Cookie),
    (Role::Member, SameSite),
    (Role::Owner, SameOrigin),
    (Role::Member, OtherSite),
    (Role::Admin, OtherOrigin),
    (Role::Owner, OtherSite),
    (Role::Owner, OtherOrigin),
    (Role::Owner, NoOrigin),
    (Role::Owner, StaleProof),
    (Role::Member, StaleProof),
    (Role::Owner, EndedCookie),
    (Role::Owner, ExpiredCookie),
    (Role::Owner, IdleCookie),
    (Role::Member, BlockedCookie),
    (Role::Owner, MadeUpCookie),
];

/// How a request has to end, the kindest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// The guard lets it in, and the thing is theirs.
    In,
    /// There is no such thing for them.
    Hidden,
    Forbidden,
    Unknown,
}

impl Verdict {
    fn fits(self, status: u16, shared: bool) -> bool {
        match self {
            Self::In => {
                status < 500 && !matches!(status, 401 | 403 | 405) && (shared || status != 404)
            }
            Self::Hidden => status == 404,
            Self::Forbidden => status == 403,
            Self::Unknown => status == 401,
        }
    }
}

/// The verdict of one declared rule.
fn verdict(rule: &Rule, writes: bool, role: Role, credential: Credential, others: bool) -> Verdict {
    let led_on = writes && credential.is_elsewhere();
    let known = credential.is_cookie() || credential.is_key();
    let hidden = |hidden: bool| if hidden { Verdict::Hidden } else { Verdict::In };
    match rule {
        Rule::Open => Verdict::In,
        Rule::Visitor if led_on => Verdict::Forbidden,
        Rule::Visitor => Verdict::In,
        Rule::ApiKey(_) if credential == ApiKey => Verdict::In,
        Rule::ApiKey(_) => Verdict::Unknown,
        _ if !known => Verdict::Unknown,
        _ if led_on => Verdict::Forbidden,
        Rule::Scoped { .. } if credential == OtherScopes => Verdict::Forbidden,
        Rule::Scoped { operators: true, .. } if role == Role::Member => Verdict::Forbidden,
        Rule::Scoped { .. } => hidden(others && role == Role::Member),
        Rule::Owner { .. } if matches!(credential, OtherScopes | StaleProof) => Verdict::Forbidden,
        Rule::Owner { .. } if role != Role::Owner => Verdict::Forbidden,
        Rule::Owner { .. } => Verdict::In,
        Rule::Person | Rule::Proven if credential.is_key() => Verdict::Forbidden,
        Rule::Proven if credential == StaleProof => Verdict::Forbidden,
        Rule::Person | Rule::Proven => hidden(others),
    }
}

/// The deployment, and who lives in it.
pub(super) struct World {
    pub(super) deployment: Deployment,
    pub(super) users: BTreeMap<&'static str, UserId>,
    calls: BTreeMap<UserId, String>,
    api_keys: BTreeMap<&'static str, String>,
    /// Somebody whose things nobody else here owns.
    other: UserId,
    blocked: UserId,
}

impl World {
    pub(super) async fn open() -> Self {
        Self::of(Deployment::open().await).await
    }

    pub(super) async fn of(deployment: Deployment) -> Self {
        let price = deployment.put("/api/v1/prices/m", json!({"input": 1, "output": 1})).await;
        let price = price.is(200)["version"].as_i64().unwrap();
        let user = async |name: &str, role: &str| -> UserId {
            let body = json!({"name": name, "role": role, "tier": "enterprise"});
            let made = deployment.post("/api/v1/users", body).await.is(201);
            let id = made["id"].as_str().unwrap().to_owned();
            let amount = json!({"amount": 10});
            deployment.post(&format!("/api/v1/users/{id}/topups"), amount).await.is(201);
            id.parse().unwrap()
        };
        let other = user("other", "member").await;
        let blocked = user("blocked", "member").await;
        let users = BTreeMap::from([
            ("member", user("member", "member").await),
            ("admin", user("admin", "admin").await),
            ("owner", deployment.owner),
        ]);
        let (mut calls, mut api_keys) = (BTreeMap::new(), BTreeMap::new());
        for (name, id) in users.iter().map(|(name, id)| (*name, *id)).chain([("other", other)]) {
            let made = deployment.post("/v1/api-keys", json!({"name": "k", "owner": id})).await;
            let made = made.is(201);
            let key = made["id"].as_str().unwrap().parse().unwrap();
            let call = open_call(&deployment, key, id, price).await;
            let finished = call.intent().finished(store::batch::Outcome::Completed);
            calls.insert(id, finished.id.to_string());
            call.settle(finished).await.unwrap();
            api_keys.insert(name, made["key"].as_str().unwrap().to_owned());
        }
        deployment.gateway.ledger.flush().await;
        Self { deployment, users, calls, api_keys, other, blocked }
    }

    fn user(&self, role: Role) -> UserId {
        self.users[role.name()]
    }

    /// A fresh thing of a user's.
    pub(super) async fn thing(&self, thing: Thing, owner: UserId) -> String {
        let id = |made: serde_json::Value| made["id"].as_str().unwrap().to_owned();
        match thing {
            Thing::Key => {
                let body = json!({"name": "k", "owner": owner});
                id(self.deployment.post("/v1/api-keys", body).await.is(201))
            }
            Thing::ManagementKey => {
                let body = json!({"name": "k", "owner": owner, "scopes": ["keys:read"]});
                id(self.deployment.post("/api/v1/management-keys", body).await.is(201))
            }
            Thing::User => owner.to_string(),
            Thing::Call => self.calls[&owner].clone(),
            Thing::Session => self.session(owner, Cookie).await.0.to_string(),
            Thing::Finding => format!("no_limit.{}", Box::pin(self.thing(Thing::Key, owner)).await),
            Thing::Alert => self.alert(owner).await.to_string(),
            Thing::AlertRule => self.alert_rule(owner).await.to_string(),
            Thing::AlertDestination => self.alert_destination(owner).await.to_string(),
            Thing::Shared(name) => name.to_owned(),
        }
    }

    async fn alert(&self, owner: UserId) -> AlertId {
        let now = self.deployment.gateway.ledger.now();
        let id = AlertId::new(now, rand::random());
        let alert = Alert {
            id,
            kind: AlertKind::BalanceLow,
            severity: Severity::Warning,
            rule: None,
            subject: owner.to_string(),
            owner: Some(owner),
            occasion: id.to_string(),
            numbers: serde_json::Map::new(),
            text: "The balance is low.".to_owned(),
            raised_at: now,
            resolved_at: None,
            acknowledged_at: None,
        };
        let mut transaction = self.deployment.gateway.database.begin().await.unwrap();
        assert!(transaction.raise_alert(&alert).await.unwrap());
        transaction.commit().await.unwrap();
        id
    }

    async fn alert_rule(&self, owner: UserId) -> AlertRuleId {
        let now = self.deployment.gateway.ledger.now();
        let rule = AlertRule {
            id: AlertRuleId::new(now, rand::random()),
            owner,
            kind: AlertKind::BalanceLow,
            threshold: 1,
            scope: AlertScope::All,
            destinations: Vec::new(),
            disabled: false,
            created_at: now,
            version: 1,
        };
        let mut transaction = self.deployment.gateway.database.begin().await.unwrap();
        transaction.insert_alert_rule(&rule).await.unwrap();
        transaction.commit().await.unwrap();
        rule.id
    }

    /// A destination that nothing can be sent to: no mail server is set.
    async fn alert_destination(&self, owner: UserId) -> AlertDestinationId {
        let now = self.deployment.gateway.ledger.now();
        let destination = AlertDestination {
            id: AlertDestinationId::new(now, rand::random()),
            owner,
            name: "mail".to_owned(),
            kind: DestinationKind::Email,
            address: "somebody@example.com".to_owned(),
            secret: None,
            disabled: false,
            created_at: now,
            version: 1,
        };
        let mut transaction = self.deployment.gateway.database.begin().await.unwrap();
        transaction.insert_alert_destination(&destination).await.unwrap();
        transaction.commit().await.unwrap();
        destination.id
    }

    /// A fresh session, and its cookie's value.
    async fn session(&self, user: UserId, kind: Credential) -> (SessionId, String) {
        let now = self.deployment.gateway.ledger.now();
        let long_ago = now.plus(-LIFETIME);
        let session = Session {
            id: SessionId::new(now, rand::random()),
            user,
            client_ip: "192.0.2.1".to_owned(),
            user_agent: "test".to_owned(),
            created_at: now,
            last_seen_at: if kind == IdleCookie { now.plus(-IDLE) } else { now },
            proved_at: if kind == StaleProof { long_ago } else { now },
            expires_at: if kind == ExpiredCookie { now } else { now.plus(LIFETIME) },
        };
        let secret = hex::encode(rand::random::<[u8; 32]>());
        let digest = self.deployment.gateway.hasher.digest(&secret);
        let mut transaction = self.deployment.gateway.database.begin().await.unwrap();
        transaction.insert_session(&session, digest).await.unwrap();
        if kind == EndedCookie {
            transaction.end_session(session.id, user, now).await.unwrap();
        }
        transaction.commit().await.unwrap();
        (session.id, secret)
    }

    /// The bearer credential and the headers that a request carries.
    pub(super) async fn headers(
        &self,
        role: Role,
        kind: Credential,
        needed: Option<Scope>,
    ) -> (String, Vec<(&'static str, String)>) {
        let user =
            if matches!(kind, BlockedKey | BlockedCookie) { self.blocked } else { self.user(role) };
        let is_needed = |scope: &&Scope| Some(**scope) == needed;
        let scopes: Vec<Scope> = match kind {
            RightScope => Scope::ALL.iter().filter(is_needed).copied().collect(),
            OtherScopes => Scope::ALL.iter().filter(|scope| !is_needed(scope)).copied().collect(),
            _ => Scope::ALL.to_vec(),
        };
        let mut headers = vec![("host", "gateway.example".to_owned())];
        let bearer = match kind {
            Nothing => String::new(),
            Nonsense => "nonsense".to_owned(),
            Damaged => {
                let mut key = self.deployment.management_key(user, &scopes).await;
                key.pop();
                key
            }
            ApiKey => self.api_keys[role.name()].clone(),
            RightScope | OtherScopes | AllScopes => {
                self.deployment.management_key(user, &scopes).await
            }
            RevokedKey | ExpiredKey | BlockedKey => self.dead_key(user, kind).await,
            MadeUpCookie => {
                headers.push(("cookie", format!("{PLAIN}={}", "0".repeat(64))));
                String::new()
            }
            _ => {
                let (_, secret) = self.session(user, kind).await;
                if kind == BlockedCookie {
                    self.block().await;
                }
                headers.push(("cookie", format!("a=b; {PLAIN}={secret}")));
                String::new()
            }
        };
        let site = match kind {
            SameSite => ("sec-fetch-site", "same-origin"),
            SameOrigin => ("origin", "http://gateway.example"),
            OtherSite => ("sec-fetch-site", "cross-site"),
            OtherOrigin => ("origin", "http://gateway.example.evil"),
            NoOrigin => ("origin", "null"),
            _ => ("accept", "*/*"),
        };
        headers.push((site.0, site.1.to_owned()));
        (bearer, headers)
    }

    /// A management key that works no more.
    async fn dead_key(&self, user: UserId, kind: Credential) -> String {
        if kind == BlockedKey {
            let key = self.deployment.management_key(user, Scope::ALL).await;
            self.block().await;
            return key;
        }
        let end = if kind == ExpiredKey { json!("2020-01-01T00:00:00Z") } else { json!(null) };
        let body = json!({"name": "dead", "owner": user, "expires_at": end,
            "scopes": Scope::ALL.iter().map(|scope| scope.name()).collect::<Vec<_>>()});
        let made = self.deployment.post("/api/v1/management-keys", body).await.is(201);
        if kind == RevokedKey {
            let path = format!("/api/v1/management-keys/{}", made["id"].as_str().unwrap());
            self.deployment.delete(&path).await.is(200);
        }
        made["key"].as_str().unwrap().to_owned()
    }

    async fn block(&self) {
        let path = format!("/api/v1/users/{}", self.blocked);
        self.deployment.patch(&path, json!({"disabled": true})).await.is(200);
    }

    /// The number of the audit log's last row, and how many things it says were touched.
    async fn audited(&self) -> (i64, i64) {
        let query = AuditQuery { limit: 1, ..AuditQuery::default() };
        let rows = self.deployment.gateway.database.audit_rows(&query).await.unwrap();
        rows.first().map_or((0, 0), |row| (row.number, row.things))
    }
}

#[tokio::test]
async fn everybody_reaches_what_the_guards_declare_and_nothing_else() {
    let world = World::open().await;
    let (mut cells, mut wrong) = (0, Vec::new());
    // What was written, and whether the log says what became of which thing.
    let mut told = BTreeMap::new();
    for endpoint in endpoints() {
        let (method, path) = (endpoint.method.clone(), endpoint.path);
        let rules = endpoint.description().rules;
        let writes = method != Method::GET;
        let needed = rules.iter().find_map(|rule| match rule {
            Rule::Scoped { scope, .. } | Rule::Owner { scope } => Some(*scope),
            _ => None,
        });
        let for_operators =
            rules.iter().any(|rule| matches!(rule, Rule::Scoped { operators: true, .. }));
        let thing = path.contains('{').then(|| {
            let row = THINGS.iter().find(|(beginning, _)| path.starts_with(beginning));
            row.unwrap_or_else(|| panic!("{path}: add a row to THINGS that says what it names")).1
        });
        let shared = for_operators || matches!(thing, None | Some(Thing::Shared(_)));
        let body = match BODIES.iter().find(|row| (row.0, row.1) == (method.as_str(), path)) {
            _ if !writes => "",
            Some((_, _, body)) => body,
            // Past the guard, and no further.
            None if shared => r#"{"no_such_field":1}"#,
            None => "{}",
        };
        let whose = if shared { &[false][..] } else { &[false, true] };
        for ((role, credential), others) in
            ACTORS.iter().flat_map(|actor| whose.iter().map(move |others| (*actor, *others)))
        {
            let owner = if others { world.other } else { world.user(role) };
            let asked = match thing {
                Some(thing) => {
                    let name = world.thing(thing, owner).await;
                    let (head, rest) = path.split_once('{').unwrap();
                    format!("{head}{name}{}", rest.split_once('}').unwrap().1)
                }
                None => path.to_owned(),
            };
            let (bearer, headers) = world.headers(role, credential, needed).await;
            let headers: Vec<(&str, &str)> =
                headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let (before, _) = world.audited().await;
            let answer =
                world.deployment.send_as(&bearer, method.clone(), &asked, body, &headers).await;
            let (after, things) = world.audited().await;
            let rows = after - before;
            if rows > 0 {
                *told.entry(format!("{method} {path}")).or_insert(false) |= things > 0;
            }
            let expected = rules
                .iter()
                .map(|rule| verdict(rule, writes, role, credential, others))
                .min()
                .unwrap_or_else(|| panic!("{path}: no guard"));
            let alone = OWNERS_ALONE.contains(&(method.as_str(), path));
            let expected = match expected {
                Verdict::In if alone && others => Verdict::Forbidden,
                expected => expected,
            };
            let status = answer.status.as_u16();
            let expected_rows = i64::from(writes && answer.status.is_success());
            if credential == StaleProof && rules == [Rule::Proven] {
                assert_eq!(answer.code(), "proof_required", "{method} {path}");
            }
            cells += 1;
            if !expected.fits(status, shared) || rows != expected_rows {
                let text: String = answer.text.chars().take(200).collect();
                wrong.push(format!(
                    "{method} {path} as {role:?} with {credential:?}, other's: {others}: expected {expected:?} and {expected_rows} audit rows, got {status} and {rows}: {text}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cells >= 1_000, "only {cells} cells");
    eprintln!("{cells} cells, 0 wrong");
    let (told, untold): (Vec<_>, Vec<_>) = told.into_iter().partition(|(_, told)| *told);
    let untold: Vec<&str> = untold.iter().map(|(write, _)| write.as_str()).collect();
    assert_eq!(untold, UNTOLD, "these writes do not say what they change; {} do", told.len());
    let chain = world.deployment.gateway.database.audit_chain().await.unwrap();
    assert!(chain.differences.is_empty() && chain.rows > 100, "{chain:?}");
}
