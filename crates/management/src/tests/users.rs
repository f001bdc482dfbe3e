//! Users, top-ups, the ledger, management keys.

use http::Method;
use serde_json::json;

use super::fixture::Deployment;

#[tokio::test]
async fn a_user_is_made_read_edited_and_listed() {
    let deployment = Deployment::open().await;
    let body = json!({"name": "Ada", "email": "Ada@Example.com", "password": "correct horse", "tier": "professional"});
    let made = deployment.post("/api/v1/users", body).await.is(201);
    assert_eq!((&made["email"], &made["invite_url"]), (&json!("ada@example.com"), &json!(null)));
    assert_eq!(
        (&made["role"], &made["credit"], &made["key_allowance"]),
        (&json!("member"), &json!("balance"), &json!(50))
    );
    assert!(made["has_password"].as_bool().unwrap() && !made.to_string().contains("argon2"));
    let path = format!("/api/v1/users/{}", made["id"].as_str().unwrap());
    let edited = deployment.patch(&path, json!({"disabled": true, "email": null})).await.is(200);
    assert_eq!(
        (&edited["disabled"], &edited["email"], &edited["name"]),
        (&json!(true), &json!(null), &json!("Ada"))
    );
    assert_eq!(deployment.get(&path).await.is(200), edited);
    let list = deployment.get("/api/v1/users?q=ada").await.is(200);
    assert_eq!(list["data"], json!([edited]));
}

#[tokio::test]
async fn a_user_without_a_password_is_invited() {
    let deployment = Deployment::open().await;
    let made = deployment.post("/api/v1/users", json!({"name": "Ada"})).await.is(201);
    assert!(made["invite_url"].as_str().unwrap().starts_with("/console/invite#"));
}

#[tokio::test]
async fn a_top_up_raises_the_balance_once() {
    let deployment = Deployment::open().await;
    let user = deployment.member("0.000000001").await;
    let path = format!("/api/v1/users/{user}/topups");
    let key = [("idempotency-key", "once")];
    let body = json!({"amount": 10.5, "note": "cash"}).to_string();
    let first =
        deployment.send_as(&deployment.management_key, Method::POST, &path, &body, &key).await;
    let again =
        deployment.send_as(&deployment.management_key, Method::POST, &path, &body, &key).await;
    assert_eq!(first.is(201), again.is(201));
    assert!(first.text.contains(r#""balance":10.500000001"#), "{}", first.text);
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let other = json!({"amount": 11}).to_string();
    let mismatch =
        deployment.send_as(&deployment.management_key, Method::POST, &path, &other, &key).await;
    assert_eq!(
        (mismatch.status.as_u16(), mismatch.code()),
        (422, "idempotency_mismatch".to_owned())
    );
    let entries = deployment.get(&format!("/api/v1/users/{user}/ledger?limit=1")).await.is(200);
    assert_eq!(entries["data"][0]["amount"], json!(10.5));
    let next = entries["next_cursor"].as_str().unwrap();
    let rest = deployment.get(&format!("/api/v1/users/{user}/ledger?cursor={next}")).await.is(200);
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["next_cursor"]), (1, &json!(null)));
}

#[tokio::test]
async fn a_top_up_is_in_force_when_it_is_answered() {
    let deployment = Deployment::open().await;
    let user = deployment.member("1").await;
    let book = deployment.gateway.ledger.user_book(user.parse().unwrap()).await.unwrap();
    deployment.post(&format!("/api/v1/users/{user}/topups"), json!({"amount": "2"})).await.is(201);
    assert_eq!(book.free().unwrap().to_string(), "3");
    deployment
        .patch(&format!("/api/v1/users/{user}"), json!({"credit": "unlimited"}))
        .await
        .is(200);
    assert_eq!(book.free(), None);
}

#[tokio::test]
async fn the_last_owner_stays() {
    let deployment = Deployment::open().await;
    let path = format!("/api/v1/users/{}", deployment.owner);
    for change in [json!({"role": "member"}), json!({"disabled": true})] {
        assert_eq!(deployment.patch(&path, change).await.code(), "last_owner");
    }
    deployment.post("/api/v1/users", json!({"name": "Two", "role": "owner"})).await.is(201);
    deployment.patch(&path, json!({"role": "admin"})).await.is(200);
}

#[tokio::test]
async fn an_edit_can_be_meant_for_one_version() {
    let deployment = Deployment::open().await;
    let user = deployment.member("1").await;
    let path = format!("/api/v1/users/{user}");
    let body = json!({"name": "B"}).to_string();
    let edit = async |tag: &str| {
        let headers = [("if-match", tag)];
        deployment
            .send_as(&deployment.management_key, Method::PATCH, &path, &body, &headers)
            .await
            .status
            .as_u16()
    };
    assert_eq!((edit("\"1\"").await, edit("\"1\"").await, edit("*").await), (200, 412, 200));
}

#[tokio::test]
async fn a_management_key_works_until_it_is_revoked() {
    let deployment = Deployment::open().await;
    let body = json!({"name": "ci", "scopes": ["users:read"]});
    let made = deployment.post("/api/v1/management-keys", body).await.is(201);
    let value = made["key"].as_str().unwrap().to_owned();
    let read = async || deployment.send_as(&value, Method::GET, "/api/v1/users", "", &[]).await;
    read().await.is(200);
    let denied = deployment.send_as(&value, Method::GET, "/api/v1/channels", "", &[]).await;
    assert_eq!((denied.status.as_u16(), denied.code()), (403, "scope_missing".to_owned()));
    let list = deployment.get("/api/v1/management-keys").await;
    assert!(!list.text.contains(&value) && list.text.contains(made["id"].as_str().unwrap()));
    deployment
        .delete(&format!("/api/v1/management-keys/{}", made["id"].as_str().unwrap()))
        .await
        .is(200);
    assert_eq!(read().await.code(), "management_key_revoked");
}
