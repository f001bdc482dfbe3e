//! Makes many keys through the API, as an operator's program does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Context;
use serde_json::{Value, json};
use testkit::client::Client;
use testkit::gateway_process::GatewayProcess;
use tokio::task::JoinSet;

use crate::run::stage::text;

/// Keys of one request.
const AT_ONCE: usize = 1_000;
/// Requests at once.
const CLIENTS: usize = 2;

/// What was made.
pub(super) struct Filled {
    pub(super) a_second: f64,
    /// Values of the first keys.
    pub(super) secrets: Vec<String>,
    /// One key.
    pub(super) id: String,
    /// Who has half of them.
    pub(super) owner: String,
}

/// Makes so many keys and returns the values of some.
pub(super) async fn fill(
    gateway: &GatewayProcess,
    keys: usize,
    used: usize,
) -> anyhow::Result<Filled> {
    let manager = Client::new(gateway.base_url()).bearer(&gateway.management_key)?;
    let mut owners = Vec::new();
    for number in 0..10 {
        let user = json!({"name": format!("owner {number}"), "tier": "enterprise",
            "email": format!("owner-{number}@example.test"), "role": "member"});
        let user = manager.post_json("/api/v1/users", &user).await?.success()?.json()?;
        let user = text(&user, "id")?;
        let amount = json!({"amount": "100000"});
        manager.post_json(&format!("/api/v1/users/{user}/topups"), &amount).await?.success()?;
        owners.push(user);
    }
    let owner = owners.first().context("no owner")?.clone();
    let (owners, next) = (Arc::new(owners), Arc::new(AtomicUsize::new(0)));
    let begun = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (manager, owners, next) = (manager.clone(), Arc::clone(&owners), Arc::clone(&next));
        clients.spawn(async move {
            let mut values = Vec::new();
            loop {
                let first = next.fetch_add(AT_ONCE, Ordering::Relaxed);
                if first >= keys {
                    return anyhow::Ok(values);
                }
                let many = (first..keys.min(first + AT_ONCE)).map(|number| key(number, &owners));
                let body = json!({"keys": many.collect::<Vec<Value>>()});
                let made = manager.post_json("/v1/api-keys/bulk", &body).await?.success()?;
                if first < used {
                    values.push((first, made.json()?));
                }
            }
        });
    }
    let mut made = Vec::new();
    while let Some(ended) = clients.join_next().await {
        made.extend(ended??);
    }
    let a_second = keys as f64 / begun.elapsed().as_secs_f64();
    made.sort_by_key(|(first, _)| *first);
    let data = |answer: &Value| answer.get("data").and_then(Value::as_array).cloned();
    let made: Vec<Value> = made.iter().filter_map(|(_, answer)| data(answer)).flatten().collect();
    let id = text(made.first().context("no key was made")?, "id")?;
    let secrets = made.iter().take(used).map(|key| text(key, "key"));
    Ok(Filled { a_second, secrets: secrets.collect::<anyhow::Result<_>>()?, id, owner })
}

/// The terms of a key: half of all are one owner's, a third have a quota, a few a rare tag.
fn key(number: usize, owners: &[String]) -> Value {
    let owner = if number.is_multiple_of(2) { 0 } else { number / 2 % owners.len() };
    let tag = format!("team-{}", number % 1_000);
    let mut tags = vec![tag.as_str()];
    if number % 100_000 == 7 {
        tags.push("rare");
    }
    json!({
        "name": format!("customer-{number:07}"),
        "owner": owners.get(owner),
        "billing_method": "usage_based",
        "permissions": "inference",
        "allowed_models": ["bench-*"],
        "quota": number.is_multiple_of(3).then_some("5"),
        "expires_at": (number % 10 == 1).then_some("2099-01-01T00:00:00Z"),
        "tags": tags,
    })
}
