//! What the books say of calls: figures, usage, bills, doubts.

use domain::bill::{BillingMethod, Multiplier};
use domain::dialect::Dialect;
use domain::id::{CallId, ChannelId, KeyId, UserId};
use domain::money::Nanos;
use domain::usage::{Usage, UsageSource};
use http::Method;
use ledger::book::Caps;
use ledger::call::OpenCall;
use ledger::journal::Intent;
use serde_json::{Value, json};
use store::batch::{FinishedCall, Outcome};

use super::fixture::Deployment;

struct Spender {
    deployment: Deployment,
    user: String,
    key: String,
    value: String,
    price_version: i64,
}

impl Spender {
    async fn with_quota(quota: &str) -> Self {
        let deployment = Deployment::open().await;
        let user = deployment.member("10").await;
        let price =
            deployment.put("/api/v1/prices/m", json!({"input": 1, "output": "2.5"})).await.is(200);
        let made = deployment
            .post("/v1/api-keys", json!({"name": "a", "owner": user, "quota": quota}))
            .await
            .is(201);
        let text = |field: &str| made[field].as_str().unwrap().to_owned();
        let (key, value) = (text("id"), text("key"));
        Self { user, key, value, price_version: price["version"].as_i64().unwrap(), deployment }
    }

    /// A call whose bound of 1 USD is set aside.
    async fn open_call(&self) -> OpenCall {
        let (key, user) = (self.key.parse().unwrap(), self.user.parse().unwrap());
        open_call(&self.deployment, key, user, self.price_version).await
    }

    /// A call of 400 + 600 tokens: 0.0019 USD.
    async fn call(&self) -> CallId {
        let call = self.open_call().await;
        let usage = Usage { input: 400, output: 600, ..Usage::default() };
        let finished = call.intent().finished(Outcome::Completed);
        let id = finished.id;
        let finished = FinishedCall {
            counted: true,
            usage,
            cost: Nanos::new(1_900_000),
            source: UsageSource::UpstreamFinal,
            status: 200,
            ..finished
        };
        call.settle(finished).await.unwrap();
        id
    }

    async fn key(&self) -> Value {
        self.deployment.get(&format!("/v1/api-keys/{}", self.key)).await.is(200)
    }
}

/// A call of a key whose bound of 1 USD is set aside.
pub(super) async fn open_call(
    deployment: &Deployment,
    key: KeyId,
    user: UserId,
    price_version: i64,
) -> OpenCall {
    let ledger = &deployment.gateway.ledger;
    let book = ledger.key_book(key, user).await.unwrap();
    let now = ledger.now();
    let reservation =
        ledger.reserve(&book, Caps::default(), Nanos::from_usd(1), now, |_| None).unwrap();
    let (hour, day, month) = reservation.windows();
    let intent = Intent {
        id: CallId::new(now, rand::random()),
        key,
        user,
        bound: reservation.bound(),
        model: "m".into(),
        channel: ChannelId::new(now, [4; 10]),
        group: "default".into(),
        dialect: Dialect::Chat,
        billing_method: BillingMethod::UsageBased,
        price_version,
        multiplier: Multiplier::ONE,
        started_at: now,
        hour,
        day,
        month,
        client_ip: "192.0.2.1".into(),
        user_agent: "test".into(),
    };
    reservation.forward(intent).await.unwrap()
}

#[tokio::test]
async fn figures_follow_each_call_at_once() {
    let spender = Spender::with_quota("5").await;
    let open = spender.open_call().await;
    assert_eq!(spender.key().await["reserved"], json!(1));
    drop(open);
    spender.call().await;
    let key = spender.key().await;
    assert_eq!(
        (&key["used"], &key["held"], &key["reserved"]),
        (&json!(0.0019), &json!(1), &json!(0))
    );
    assert_eq!((&key["remaining"], &key["status"]), (&json!(3.9981), &json!("active")));
    assert_eq!(key["daily"], json!({"requests": 1, "amount": 0.0019}));
    let user = spender.deployment.get(&format!("/api/v1/users/{}", spender.user)).await.is(200);
    assert_eq!((&user["balance"], &user["available"]), (&json!(9.9981), &json!(8.9981)));
}

#[tokio::test]
async fn a_key_is_exhausted_until_its_quota_is_raised() {
    let spender = Spender::with_quota("0.0019").await;
    spender.call().await;
    assert_eq!(spender.key().await["status"], "exhausted");
    let list = spender.deployment.get("/v1/api-keys?status=exhausted").await.is(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    let usage =
        spender.deployment.send_as(&spender.value, Method::GET, "/v1/usage", "", &[]).await.is(200);
    assert_eq!((&usage["remaining"], &usage["today_usage"]), (&json!(0), &json!(0.0019)));
    let path = format!("/v1/api-keys/{}", spender.key);
    assert_eq!(
        spender.deployment.patch(&path, json!({"quota_delta": 1})).await.is(200)["status"],
        "active"
    );
}

#[tokio::test]
async fn usage_is_exact_from_every_side() {
    let spender = Spender::with_quota("5").await;
    spender.call().await;
    spender.call().await;
    let own = spender
        .deployment
        .send_as(&spender.value, Method::GET, "/v1/usage?by=model", "", &[])
        .await
        .is(200);
    assert_eq!(
        (&own["today_usage"], &own["month_usage"], &own["total_usage"]),
        (&json!(0.0038), &json!(0.0038), &json!(0.0038))
    );
    assert_eq!(own["requests"], json!({"today": 2, "month": 2, "total": 2}));
    assert_eq!(
        (&own["tokens"]["today"]["input"], &own["tokens"]["today"]["output"]),
        (&json!(800), &json!(1200))
    );
    assert_eq!(
        (&own["by_model"][0]["model"], &own["by_model"][0]["cost"]),
        (&json!("m"), &json!(0.0038))
    );
    assert_eq!(own["data"][0]["requests"], 2);
    assert_eq!(own["limits"]["quota"], json!(5));
    for query in [
        format!("key_id={}", spender.key),
        format!("user_id={}", spender.user),
        "by=key".to_owned(),
    ] {
        let usage = spender.deployment.get(&format!("/v1/usage?{query}")).await.is(200);
        assert_eq!(usage["total_usage"], json!(0.0038), "{query}");
    }
    let later = spender.deployment.get("/v1/usage?since=2126-01-01T00:00:00Z").await.is(200);
    assert_eq!((&later["by_model"], &later["total_usage"]), (&json!([]), &json!(0.0038)));
}

#[tokio::test]
async fn a_call_shows_its_bill() {
    let spender = Spender::with_quota("5").await;
    let (first, second) = (spender.call().await, spender.call().await);
    let answer = spender.deployment.get(&format!("/api/v1/calls/{first}")).await;
    let call = answer.is(200);
    assert_eq!(
        call["bill"],
        json!([
            {"class": "input", "quantity": 400, "per": "million_tokens", "price": 1, "amount": 0.0004},
            {"class": "output", "quantity": 600, "per": "million_tokens", "price": 2.5, "amount": 0.0015},
        ])
    );
    assert_eq!(
        (&call["cost"], &call["charged"], &call["usage"]["input"]),
        (&json!(0.0019), &json!(0.0019), &json!(400))
    );
    assert_eq!(
        (&call["outcome"], &call["status"], &call["client_ip"]),
        (&json!("completed"), &json!(200), &json!("192.0.2.1"))
    );
    let page = spender.deployment.get("/api/v1/calls?limit=1&status=completed").await.is(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = spender
        .deployment
        .get(&format!("/api/v1/calls?limit=1&status=200&cursor={cursor}"))
        .await
        .is(200);
    let mut ids = [&page, &rest].map(|page| page["data"][0]["id"].as_str().unwrap().to_owned());
    ids.sort();
    let mut made = [first.to_string(), second.to_string()];
    made.sort();
    assert_eq!(ids, made);
    let other = spender.deployment.member("1").await;
    let key =
        spender.deployment.management_key(other.parse().unwrap(), domain::scope::Scope::ALL).await;
    let hidden = spender
        .deployment
        .send_as(&key, Method::GET, &format!("/api/v1/calls/{first}"), "", &[])
        .await;
    hidden.is(404);
    let none =
        spender.deployment.send_as(&key, Method::GET, "/api/v1/calls", "", &[]).await.is(200);
    assert_eq!(none["data"], json!([]));
}

#[tokio::test]
async fn the_books_are_verified_and_the_nodes_listed() {
    let spender = Spender::with_quota("5").await;
    let report = spender.deployment.get("/api/v1/books/verify").await.is(200);
    assert_eq!((&report["sound"], &report["differences"]), (&json!(true), &json!([])));
    assert!(report["accounts"].as_u64().unwrap() > 0, "{report}");
    let nodes = spender.deployment.get("/api/v1/nodes").await.is(200);
    assert!(nodes["data"].as_array().unwrap().iter().all(|node| node["active"] == json!(true)));
}

#[tokio::test]
async fn a_doubt_is_settled_or_released() {
    let spender = Spender::with_quota("5").await;
    let deployment = &spender.deployment;
    drop(spender.open_call().await);
    drop(spender.open_call().await);
    let doubts = deployment.get("/api/v1/doubts").await.is(200);
    let id = |index: usize| doubts["data"][index]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&doubts["data"][0]["bound"], &doubts["data"][0]["model"]),
        (&json!(1), &json!("m"))
    );
    let bad = deployment
        .post(&format!("/api/v1/doubts/{}/settle", id(0)), json!({"usage": {"input": -1}}))
        .await;
    assert_eq!((bad.status.as_u16(), bad.fields()), (422, vec!["usage.input".to_owned()]));
    let usage = json!({"usage": {"input": 400, "output": 600}});
    let settled = deployment.post(&format!("/api/v1/doubts/{}/settle", id(0)), usage).await.is(200);
    assert_eq!((&settled["charged"], &settled["outcome"]), (&json!(0.0019), &json!("reconciled")));
    let released = deployment
        .send(Method::POST, &format!("/api/v1/doubts/{}/release", id(1)), "")
        .await
        .is(200);
    assert_eq!(released["charged"], json!(0));
    deployment.post(&format!("/api/v1/doubts/{}/settle", id(1)), json!({})).await.is(404);
    assert_eq!(deployment.get("/api/v1/doubts").await.is(200)["data"], json!([]));
    let key = spender.key().await;
    assert_eq!((&key["used"], &key["held"]), (&json!(0.0019), &json!(0)));
}
