//! Leaked keys: who may report them, what is answered about which value, and bad input.

use domain::id::UserId;
use domain::key::{Kind, generate};
use domain::scope::Scope;
use http::Method;
use serde_json::{Value, json};

use super::fixture::Deployment;

async fn key(deployment: &Deployment, fields: Value) -> (String, String) {
    let made = deployment.post("/v1/api-keys", fields).await.is(201);
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), text("key"))
}

#[tokio::test]
async fn every_value_is_told_what_it_is() {
    let deployment = Deployment::open().await;
    let (id, value) = key(&deployment, json!({"name": "k"})).await;
    let (gone, deleted) = key(&deployment, json!({"name": "d"})).await;
    deployment.delete(&format!("/v1/api-keys/{gone}")).await.is(200);
    let unknown = generate(Kind::Api, &[5; 96]).unwrap();
    let mut mistyped = value.clone();
    mistyped.replace_range(10..11, if mistyped.as_bytes()[10] == b'x' { "y" } else { "x" });
    let managing = deployment.management_key(deployment.owner, &[Scope::KeysRead]).await;
    let values = json!([value, deleted, unknown.expose(), mistyped, "sk-ant-api03-x", managing]);
    let asked = deployment
        .post("/v1/api-keys/leaked", json!({"values": values, "revoke": false}))
        .await
        .is(200);
    let told: Vec<_> = asked["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["form"], one["checksum"], one["known_as"], one["revoked"]]))
        .collect();
    let expected = [
        json!(["well_formed", true, "api_key", false]),
        json!(["well_formed", true, "api_key", true]),
        json!(["well_formed", true, null, null]),
        json!(["mistyped", false, null, null]),
        json!(["foreign", false, null, null]),
        json!(["well_formed", true, "management_key", false]),
    ];
    assert_eq!(told, expected);
    let answer = deployment.post("/v1/api-keys/leaked", json!({"values": values})).await;
    for secret in [&value, &deleted, &managing] {
        assert!(!answer.text.contains(secret.as_str()));
    }
    let done = answer.is(200);
    let revoked: Vec<&Value> =
        done["data"].as_array().unwrap().iter().map(|one| &one["revoked"]).collect();
    let (yes, none) = (json!(true), Value::Null);
    assert_eq!(revoked, [&yes, &yes, &none, &none, &none, &yes]);
    assert_eq!(done["data"][0]["id"], json!(id));
    assert_eq!(done["data"][0]["key"]["status"], "revoked");
    let dead = deployment.send_as(&managing, Method::GET, "/v1/api-keys", "", &[]).await;
    assert_eq!(dead.code(), "management_key_revoked");
}

#[tokio::test]
async fn a_member_learns_nothing_of_anothers_key() {
    let deployment = Deployment::open().await;
    let (own, other) = (deployment.member("1").await, deployment.member("1").await);
    let scopes = [Scope::KeysRead, Scope::KeysWrite];
    let credential = deployment.management_key(own.parse::<UserId>().unwrap(), &scopes).await;
    let (theirs, value) = key(&deployment, json!({"name": "o", "owner": other})).await;
    let (mine, my_value) = key(&deployment, json!({"name": "m", "owner": own})).await;
    let ask = async |method: Method, path: &str, body: Value| {
        let body = if method == Method::GET { String::new() } else { body.to_string() };
        deployment.send_as(&credential, method, path, &body, &[]).await
    };
    let unknown = generate(Kind::Api, &[5; 96]).unwrap();
    let values = json!({"values": [value, unknown.expose()]});
    let told = ask(Method::POST, "/v1/api-keys/leaked", values).await.is(200);
    let mut first = told["data"][0].clone();
    first["masked"] = told["data"][1]["masked"].clone();
    assert_eq!(first, told["data"][1]);
    let path = format!("/v1/api-keys/{theirs}/compromised");
    for method in [Method::GET, Method::POST] {
        assert_eq!(ask(method, &path, json!({})).await.status.as_u16(), 404);
    }
    let refund = json!({"since": "2026-01-01T00:00:00Z", "reason": "r"});
    let path = format!("/v1/api-keys/{mine}/refund");
    assert_eq!(ask(Method::POST, &path, refund).await.status.as_u16(), 403);
    for verb in ["freeze", "thaw"] {
        let path = format!("/api/v1/users/{own}/{verb}");
        assert_eq!(ask(Method::POST, &path, json!({})).await.status.as_u16(), 403);
    }
    // Their own money they may freeze; only an operator thaws it.
    let body = json!({"value": my_value, "freeze_balance": true});
    ask(Method::POST, "/v1/api-keys/leaked", body).await.is(200);
    let user = deployment.get(&format!("/api/v1/users/{own}")).await.is(200);
    assert!(user["frozen_at"].is_string(), "{user}");
    let thawed = deployment.post(&format!("/api/v1/users/{own}/thaw"), json!({})).await.is(200);
    assert_eq!(thawed["frozen_at"], Value::Null);
}

#[tokio::test]
async fn a_key_is_replaced_once_with_its_settings() {
    let deployment = Deployment::open().await;
    let member = deployment.member("5").await;
    let fields = json!({
        "name": "prod-shop", "owner": member, "quota": 7, "daily_limit": {"requests": 9},
        "permissions": ["chat"], "allowed_models": ["m*"], "ip_allowlist": ["192.0.2.0/24"],
        "tags": ["prod"], "metadata": {"team": "a"}, "expires_at": "2099-01-01T00:00:00Z",
        "soft_limit": {"window": "day", "amount": 1}, "billing_method": "pay_per_use",
    });
    let (id, _) = key(&deployment, fields.clone()).await;
    // As many keys as the tier allows, and the replacement still has room.
    for n in 0..9 {
        key(&deployment, json!({"name": format!("k{n}"), "owner": member})).await;
    }
    let path = format!("/v1/api-keys/{id}/compromised");
    let headers = [("idempotency-key", "one")];
    let body = json!({"replace": true, "note": "pasted"}).to_string();
    let send = async || {
        let credential = &deployment.management_key;
        deployment.send_as(credential, Method::POST, &path, &body, &headers).await
    };
    let done = send().await.is(200);
    let new = done["replacement"]["id"].as_str().unwrap();
    assert!(done["replacement"]["key"].as_str().unwrap().starts_with("sk-"));
    assert_eq!((&done["key"]["status"], &done["frozen"]), (&json!("revoked"), &json!(false)));
    let again = send().await.is(200);
    assert_eq!(again["replacement"], json!({"id": new, "key": null}));
    let third = deployment.post(&path, json!({"replace": true})).await.is(200);
    assert_eq!(third["replacement"], json!({"id": new, "key": null}));
    assert_eq!(third["note"], "pasted");
    let made = deployment.get(&format!("/v1/api-keys/{new}")).await.is(200);
    let old = deployment.get(&format!("/v1/api-keys/{id}")).await.is(200);
    for name in fields.as_object().unwrap().keys().filter(|name| *name != "daily_limit") {
        assert_eq!(made[name], old[name], "{name}");
    }
    assert_eq!((&made["status"], &made["daily_limit"]), (&json!("not_used"), &old["daily_limit"]));
    let read = deployment.get(&path).await.is(200);
    assert_eq!((&read["replaced_by"], &read["note"]), (&json!(new), &json!("pasted")));
    // A key that was revoked before makes no room.
    deployment.post(&format!("/v1/api-keys/{new}/revoke"), json!({})).await.is(200);
    key(&deployment, json!({"name": "full", "owner": member})).await;
    let path = format!("/v1/api-keys/{new}/compromised");
    let full = deployment.post(&path, json!({"replace": true})).await;
    assert_eq!(full.code(), "key_limit_reached");
    deployment.post(&path, json!({})).await.is(200);
}

#[tokio::test]
async fn bad_input_is_named() {
    let deployment = Deployment::open().await;
    let (id, value) = key(&deployment, json!({"name": "k"})).await;
    let many = vec!["sk-x"; 101];
    for (path, body, field) in [
        ("leaked", json!({}), "value"),
        ("leaked", json!({"value": "sk-x", "values": ["sk-x"]}), "value"),
        ("leaked", json!({"value": 1}), "value"),
        ("leaked", json!({"values": many}), "values"),
        ("leaked", json!({"values": ["sk-x", ""]}), "values[1]"),
        ("leaked", json!({"value": value, "revoke": "no"}), "revoke"),
        ("{id}/compromised", json!({"since": "soon"}), "since"),
        ("{id}/compromised", json!({"freeze_balance": 1}), "freeze_balance"),
        ("{id}/compromised", json!({"replace": null}), "replace"),
        ("{id}/compromised", json!({"note": "x".repeat(501)}), "note"),
        ("{id}/compromised", json!({"reason": "x"}), "reason"),
        ("{id}/refund", json!({"since": "2026-01-01T00:00:00Z"}), "reason"),
        ("{id}/refund", json!({"reason": "r"}), "since"),
        (
            "{id}/refund",
            json!({"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z", "reason": "r"}),
            "until",
        ),
    ] {
        let path = format!("/v1/api-keys/{}", path.replace("{id}", &id));
        let answer = deployment.post(&path, body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.fields()),
            (422, vec![field.to_owned()]),
            "{body}"
        );
        assert!(!answer.text.contains(&value));
    }
    let call = "/api/v1/calls/call_00000000000000000000000000000000/refund";
    for amount in ["0", "-1", "\"x\"", "1e-10"] {
        let body = format!("{{\"amount\":{amount},\"reason\":\"r\"}}");
        let answer = deployment.send(Method::POST, call, &body).await;
        assert_eq!(answer.fields(), ["amount"], "{amount}");
    }
    assert_eq!(deployment.post(call, json!({"reason": "r"})).await.status.as_u16(), 404);
    let working = deployment.get(&format!("/v1/api-keys/{id}")).await.is(200);
    assert_eq!(working["status"], "not_used");
}

#[tokio::test]
async fn freezing_anothers_balance_needs_the_right_to_change_users() {
    let deployment = Deployment::open().await;
    let member = deployment.member("1").await;
    let (id, _) = key(&deployment, json!({"name": "k", "owner": member})).await;
    let credential = deployment.management_key(deployment.owner, &[Scope::KeysWrite]).await;
    let path = format!("/v1/api-keys/{id}/compromised");
    let body = r#"{"freeze_balance":true}"#;
    let answer = deployment.send_as(&credential, Method::POST, &path, body, &[]).await;
    assert_eq!(answer.code(), "scope_missing");
    let key = deployment.get(&format!("/v1/api-keys/{id}")).await.is(200);
    assert_eq!(key["status"], "not_used");
}
