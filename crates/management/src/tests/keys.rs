//! API keys: made, read, edited, switched, ended.

use domain::status::KeyStatus;
use http::Method;
use serde_json::json;

use super::fixture::Deployment;

#[tokio::test]
async fn a_key_is_made_with_every_field() {
    let deployment = Deployment::open().await;
    let body = json!({
        "name": "prod-webapp-api-2026-11", "billing_method": "pay_per_request", "permissions": ["chat", "completion"],
        "expires_at": "2126-12-31T23:59:59Z", "quota": "50.000000001", "daily_limit": {"requests": 1000, "amount": 10},
        "monthly_limit": {"requests": null, "amount": 300}, "soft_limit": {"window": "month", "amount": 250},
        "max_tokens_per_request": 4000,
        "rate_limits": {"requests_per_minute": 60, "tokens_per_minute": 100_000, "parallel": 8},
        "allowed_models": ["gpt-5*"], "ip_allowlist": ["192.168.1.0/24", "2001:db8::/48"], "when_short": "refuse",
        "group": "default", "tags": ["prod"], "metadata": {"team": {"id": 7}}
    });
    let answer = deployment.post("/v1/api-keys", body).await;
    let made = answer.is(201);
    assert_eq!(made["key"].as_str().unwrap().len(), 51);
    assert!(
        answer.text.contains(r#""quota":50.000000001"#)
            && answer.text.contains(r#""remaining":50.000000001"#)
    );
    for (field, value) in [
        ("status", json!("not_used")),
        ("billing_method", json!("pay_per_use")),
        ("permissions", json!(["chat", "completions"])),
        ("expires_at", json!("2126-12-31T23:59:59Z")),
        ("daily_limit", json!({"requests": 1000, "amount": 10})),
        ("monthly_limit", json!({"requests": null, "amount": 300})),
        ("soft_limit", json!({"window": "month", "amount": 250})),
        ("groups", json!(["default"])),
        ("metadata", json!({"team": {"id": 7}})),
        ("last_used_at", json!(null)),
        ("daily", json!({"requests": 0, "amount": 0})),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    let read = deployment.get(&format!("/v1/api-keys/{}", made["id"].as_str().unwrap())).await;
    assert!(
        !read.text.contains(made["key"].as_str().unwrap()) && read.is(200).get("key").is_none()
    );
}

#[tokio::test]
async fn defaults_and_aliases() {
    let deployment = Deployment::open().await;
    let body = json!({"name": "a", "expires_at": -1, "allowed_models": null, "ip_allowlist": [], "quota": null, "groups": "auto"});
    let made = deployment.post("/v1/api-keys", body).await.is(201);
    assert_eq!((&made["expires_at"], &made["remaining"]), (&json!(null), &json!(null)));
    assert_eq!((&made["permissions"], &made["groups"]), (&json!("full"), &json!(["auto"])));
    assert_eq!(made["billing_method"], "usage_based");
    assert_eq!(made["owner"], deployment.owner.to_string());
}

#[tokio::test]
async fn a_repeated_create_answers_without_the_value() {
    let deployment = Deployment::open().await;
    let body = json!({"name": "a"}).to_string();
    let send = async || {
        let headers = [("idempotency-key", "k-1")];
        deployment
            .send_as(&deployment.management_key, Method::POST, "/v1/api-keys", &body, &headers)
            .await
            .is(201)
    };
    let (first, again) = (send().await, send().await);
    assert_eq!((&first["id"], &again["key"]), (&again["id"], &json!(null)));
    assert_eq!(deployment.get("/v1/api-keys").await.is(200)["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_tier_bounds_the_number_of_keys_under_parallel_creates() {
    let deployment = Deployment::open().await;
    let user = deployment.member("1").await;
    let create = || deployment.post("/v1/api-keys", json!({"name": "a", "owner": user}));
    let (a, b, c, d, e, f) =
        tokio::join!(create(), create(), create(), create(), create(), create());
    let (g, h, i, j, k, l) =
        tokio::join!(create(), create(), create(), create(), create(), create());
    let answers = [a, b, c, d, e, f, g, h, i, j, k, l];
    let made = answers.iter().filter(|answer| answer.status.as_u16() == 201).count();
    let refused = answers
        .iter()
        .filter(|answer| answer.status.as_u16() == 409 && answer.code() == "key_limit_reached");
    assert_eq!((made, refused.count()), (10, 2));
}

#[tokio::test]
async fn changes_are_in_force_when_they_are_answered() {
    let deployment = Deployment::open().await;
    let made = deployment.post("/v1/api-keys", json!({"name": "a", "quota": 5})).await.is(201);
    let value = made["key"].as_str().unwrap();
    let path = format!("/v1/api-keys/{}", made["id"].as_str().unwrap());
    let (directory, database) = (&deployment.gateway.directory, &deployment.gateway.database);
    let digest = deployment.gateway.hasher.digest(value);
    directory.load(database, &digest).await.unwrap();
    let entry = || directory.find(&digest).unwrap();
    assert_eq!(entry().policy.quota.unwrap().to_string(), "5");
    let edited = deployment.patch(&path, json!({"quota_delta": "-1.5", "name": "b"})).await.is(200);
    assert_eq!((&edited["quota"], &edited["name"]), (&json!(3.5), &json!("b")));
    assert_eq!(entry().policy.quota.unwrap().to_string(), "3.5");
    assert_eq!(
        deployment.post(&format!("{path}/disable"), json!({})).await.is(200)["status"],
        "disabled"
    );
    assert!(entry().policy.disabled);
    assert_eq!(
        deployment.post(&format!("{path}/enable"), json!({})).await.is(200)["status"],
        "not_used"
    );
    assert!(!entry().policy.disabled);
    assert_eq!(
        deployment.post(&format!("{path}/revoke"), json!({})).await.is(200)["status"],
        "revoked"
    );
    assert!(entry().policy.revoked);
    assert_eq!(deployment.post(&format!("{path}/enable"), json!({})).await.code(), "key_revoked");
    assert_eq!(deployment.delete(&path).await.is(200)["deleted"], json!(true));
    deployment.get(&path).await.is(404);
    deployment.delete(&path).await.is(404);
}

#[tokio::test]
async fn an_edit_of_a_limit_keeps_its_other_part() {
    let deployment = Deployment::open().await;
    let body = json!({"name": "a", "daily_limit": {"requests": 5, "amount": 1}, "rate_limits": {"parallel": 2}});
    let made = deployment.post("/v1/api-keys", body).await.is(201);
    let path = format!("/v1/api-keys/{}", made["id"].as_str().unwrap());
    let edited = deployment.patch(&path, json!({"daily_limit": {"amount": 2}})).await.is(200);
    assert_eq!(edited["daily_limit"], json!({"requests": 5, "amount": 2}));
    let lifted =
        deployment.patch(&path, json!({"daily_limit": null, "rate_limits": null})).await.is(200);
    assert_eq!(lifted["daily_limit"], json!({"requests": null, "amount": null}));
    assert_eq!(lifted["rate_limits"]["parallel"], json!(null));
}

#[tokio::test]
async fn a_status_is_true_at_each_moment() {
    let deployment = Deployment::open().await;
    let expired = json!({"name": "expired", "expires_at": "2020-01-01T00:00:00Z"});
    assert_eq!(deployment.post("/v1/api-keys", expired).await.is(201)["status"], "expired");
    let made =
        deployment.post("/v1/api-keys", json!({"name": "used up", "quota": 0})).await.is(201);
    assert_eq!(made["status"], KeyStatus::Exhausted.name());
    let path = format!("/v1/api-keys/{}", made["id"].as_str().unwrap());
    assert_eq!(deployment.patch(&path, json!({"quota": 1})).await.is(200)["status"], "not_used");
    for (status, count) in [("expired", 1), ("not_used", 1), ("exhausted", 0)] {
        let list = deployment.get(&format!("/v1/api-keys?status={status}")).await.is(200);
        assert_eq!(list["data"].as_array().unwrap().len(), count, "{status}");
    }
}

#[tokio::test]
async fn keys_are_listed_page_by_page() {
    let deployment = Deployment::open().await;
    for name in ["c", "a", "b"] {
        deployment.post("/v1/api-keys", json!({"name": name})).await.is(201);
    }
    let page = deployment.get("/v1/api-keys?sort=name&limit=2").await.is(200);
    let cursor = page["next_cursor"].as_str().unwrap().to_owned();
    let rest =
        deployment.get(&format!("/v1/api-keys?sort=name&limit=2&cursor={cursor}")).await.is(200);
    let names: Vec<_> = [&page, &rest]
        .iter()
        .flat_map(|p| p["data"].as_array().unwrap())
        .map(|k| k["name"].clone())
        .collect();
    assert_eq!((json!(names), &rest["next_cursor"]), (json!(["a", "b", "c"]), &json!(null)));
}

#[tokio::test]
async fn a_key_reads_about_itself() {
    let deployment = Deployment::open().await;
    let made = deployment
        .post("/v1/api-keys", json!({"name": "a", "quota": 5, "daily_limit": {"requests": 3}}))
        .await
        .is(201);
    let value = made["key"].as_str().unwrap();
    let own = deployment.send_as(value, Method::GET, "/v1/key", "", &[]).await.is(200);
    assert_eq!(
        (&own["name"], &own["remaining"], &own["status"]),
        (&json!("a"), &json!(5), &json!("not_used"))
    );
    assert_eq!(own["limits"]["daily"]["requests_remaining"], 3);
    let usage = deployment.send_as(value, Method::GET, "/v1/usage?by=day", "", &[]).await.is(200);
    assert_eq!(
        (&usage["today_usage"], &usage["requests"]["today"], &usage["data"]),
        (&json!(0), &json!(0), &json!([]))
    );
    let path = format!("/v1/api-keys/{}", made["id"].as_str().unwrap());
    deployment.patch(&path, json!({"permissions": "inference"})).await.is(200);
    let denied = deployment.send_as(value, Method::GET, "/v1/usage", "", &[]).await;
    assert_eq!(
        (denied.status.as_u16(), &denied.json()["error"]["code"]),
        (403, &json!("permission_denied"))
    );
    deployment.send_as(value, Method::GET, "/v1/key", "", &[]).await.is(200);
    deployment.post(&format!("{path}/disable"), json!({})).await.is(200);
    let refused = deployment.send_as(value, Method::GET, "/v1/key", "", &[]).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["error"]["code"]),
        (401, &json!("key_disabled"))
    );
}
