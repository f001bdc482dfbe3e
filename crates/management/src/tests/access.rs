//! Who may ask what.

use domain::id::UserId;
use domain::scope::Scope;
use http::Method;
use serde_json::json;

use super::fixture::Deployment;

#[tokio::test]
async fn credentials_are_told_apart() {
    let deployment = Deployment::open().await;
    let made = deployment.post("/v1/api-keys", json!({"name": "a"})).await.is(201);
    let api_key = made["key"].as_str().unwrap();
    let mut mistyped = deployment.management_key.clone();
    mistyped.replace_range(10..11, if mistyped.as_bytes()[10] == b'x' { "y" } else { "x" });
    for (credential, code) in [
        ("", "missing_management_key"),
        (api_key, "api_key_cannot_manage"),
        (&mistyped, "invalid_management_key"),
        ("mk-short", "invalid_management_key"),
        ("nonsense", "invalid_management_key"),
    ] {
        let answer = deployment.send_as(credential, Method::GET, "/v1/api-keys", "", &[]).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (401, code.to_owned()), "{credential}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    let answer =
        deployment.send_as(&deployment.management_key, Method::GET, "/v1/key", "", &[]).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["error"]["code"]),
        (401, &json!("malformed_key"))
    );
}

#[tokio::test]
async fn a_member_reaches_only_what_is_theirs() {
    let deployment = Deployment::open().await;
    let (own, other) = (deployment.member("1").await, deployment.member("1").await);
    let key = deployment.management_key(own.parse::<UserId>().unwrap(), Scope::ALL).await;
    let others_key =
        deployment.post("/v1/api-keys", json!({"name": "o", "owner": other})).await.is(201);
    let others_key = others_key["id"].as_str().unwrap();
    let ask = async |method: Method, path: &str, body: &str| {
        deployment.send_as(&key, method, path, body, &[]).await.status.as_u16()
    };
    for (method, path, body, status) in [
        (Method::GET, format!("/v1/api-keys/{others_key}"), "", 404),
        (Method::PATCH, format!("/v1/api-keys/{others_key}"), r#"{"name":"x"}"#, 404),
        (Method::DELETE, format!("/v1/api-keys/{others_key}"), "", 404),
        (Method::POST, format!("/v1/api-keys/{others_key}/revoke"), "", 404),
        (Method::GET, format!("/v1/usage?key_id={others_key}"), "", 404),
        (Method::GET, format!("/v1/usage?user_id={other}"), "", 404),
        (Method::GET, format!("/api/v1/users/{other}"), "", 404),
        (Method::GET, format!("/api/v1/users/{own}"), "", 200),
        (Method::GET, format!("/api/v1/users/{other}/ledger"), "", 404),
        (Method::PATCH, format!("/api/v1/users/{own}"), r#"{"credit":"unlimited"}"#, 403),
        (Method::POST, format!("/api/v1/users/{own}/topups"), r#"{"amount":1}"#, 403),
        (Method::GET, "/api/v1/channels".to_owned(), "", 403),
        (Method::PUT, "/api/v1/prices/m".to_owned(), r#"{"input":0,"output":0}"#, 403),
        (Method::PUT, "/api/v1/groups/g".to_owned(), r#"{"multiplier":0}"#, 403),
        (Method::GET, "/api/v1/doubts".to_owned(), "", 403),
        (Method::GET, "/api/v1/nodes".to_owned(), "", 403),
        (Method::GET, "/api/v1/books/verify".to_owned(), "", 403),
        (Method::POST, "/v1/api-keys".to_owned(), r#"{"name":"mine"}"#, 201),
    ] {
        assert_eq!(ask(method.clone(), &path, body).await, status, "{method} {path}");
    }
    let foreign = format!(r#"{{"name":"x","owner":"{other}"}}"#);
    assert_eq!(ask(Method::POST, "/v1/api-keys", &foreign).await, 422);
    let foreign =
        format!(r#"{{"name":"x","scopes":["keys:read"],"owner":"{}"}}"#, deployment.owner);
    assert_eq!(ask(Method::POST, "/api/v1/management-keys", &foreign).await, 422);
    let users = deployment.send_as(&key, Method::GET, "/api/v1/users", "", &[]).await.is(200);
    assert_eq!(users["data"].as_array().unwrap().len(), 1);
    let keys = deployment
        .send_as(&key, Method::GET, &format!("/v1/api-keys?owner={other}"), "", &[])
        .await
        .is(200);
    assert_eq!(keys["data"], json!([]));
}

#[tokio::test]
async fn nobody_rises_above_themselves() {
    let deployment = Deployment::open().await;
    let admin =
        deployment.post("/api/v1/users", json!({"name": "admin", "role": "admin"})).await.is(201);
    let admin: UserId = admin["id"].as_str().unwrap().parse().unwrap();
    let key = deployment.management_key(admin, &[Scope::UsersWrite, Scope::SystemWrite]).await;
    let owner = deployment.owner;
    for (method, path, body, status) in [
        (Method::POST, "/api/v1/users".to_owned(), json!({"name": "x", "role": "owner"}), 403),
        (Method::PATCH, format!("/api/v1/users/{owner}"), json!({"password": "new password"}), 403),
        (Method::PATCH, format!("/api/v1/users/{admin}"), json!({"role": "owner"}), 403),
        (
            Method::POST,
            "/api/v1/management-keys".to_owned(),
            json!({"name": "x", "scopes": ["users:write"], "owner": owner}),
            403,
        ),
        (
            Method::POST,
            "/api/v1/management-keys".to_owned(),
            json!({"name": "x", "scopes": ["users:write", "keys:read"]}),
            422,
        ),
        (
            Method::POST,
            "/api/v1/management-keys".to_owned(),
            json!({"name": "x", "scopes": ["users:write"]}),
            201,
        ),
    ] {
        let answer = deployment.send_as(&key, method.clone(), &path, &body.to_string(), &[]).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path} {body}: {}", answer.text);
    }
    // Whoever can set an operator's password has all of their rights.
    let key = deployment.management_key(owner, &[Scope::UsersWrite]).await;
    for (method, path, body, status) in [
        (Method::PATCH, format!("/api/v1/users/{owner}"), json!({"password": "new password"}), 403),
        (Method::PATCH, format!("/api/v1/users/{admin}"), json!({"email": "a@example.com"}), 403),
        (Method::POST, "/api/v1/users".to_owned(), json!({"name": "x", "role": "admin"}), 403),
        (Method::PATCH, format!("/api/v1/users/{admin}"), json!({"name": "renamed"}), 200),
        (Method::POST, "/api/v1/users".to_owned(), json!({"name": "x"}), 201),
    ] {
        let answer = deployment.send_as(&key, method.clone(), &path, &body.to_string(), &[]).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path} {body}: {}", answer.text);
    }
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems() {
    let deployment = Deployment::open().await;
    for path in ["/api/v1/nothing", "/api", "/v1/api-keys/key_1/nothing/more", "/v1/api-keys/"] {
        let answer = deployment.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (404, "route_not_found".to_owned()),
            "{path}"
        );
    }
    let answer = deployment.delete("/v1/api-keys").await;
    assert_eq!((answer.status.as_u16(), answer.code()), (405, "method_not_allowed".to_owned()));
    let allowed = answer.headers["allow"].to_str().unwrap();
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    assert!(answer.headers["x-request-id"].to_str().unwrap().starts_with("req_"));
    assert_eq!(answer.headers["cache-control"], "no-store");
    deployment.get("/v1/api-keys/nonsense").await.is(404);
}
