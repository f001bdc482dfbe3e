//! What all routes of the management API have in common.

use anyhow::{Context, ensure};
use http::Method;
use serde_json::{Value, json};
use testkit::world::World;

/// Every route of the description wants a management key, and says so in problem JSON.
#[tokio::test]
async fn every_route_wants_a_management_key() -> anyhow::Result<()> {
    let world = World::start().await?;
    let key = world.key(json!({})).await?;
    let document = world.client.get("/openapi.json").await?.success()?.json()?;
    let paths = document["paths"].as_object().context("no paths")?;
    ensure!(paths.len() > 15, "{} paths", paths.len());
    let mut checked = 0;
    for (path, methods) in paths {
        if !(path.starts_with("/api/") || path.starts_with("/v1/api-keys")) {
            continue;
        }
        // Where people log in, anybody may ask.
        let is_open = |method: &Method| {
            *method == Method::POST && matches!(path.as_str(), "/api/v1/sessions" | "/api/v1/setup")
        };
        let filled = path.replace("{id}", "x").replace("{name}", "x").replace("{model}", "x");
        for method in methods.as_object().context("no methods")?.keys() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes())?;
            if is_open(&method) {
                continue;
            }
            for client in [world.client.clone(), world.client.bearer(&key.secret)?] {
                let body = if method == Method::GET { "" } else { "{}" };
                let answer = client.send(method.clone(), &filled, body).await?;
                ensure!(
                    answer.status == 401,
                    "{method} {path}: {} {}",
                    answer.status,
                    answer.text()
                );
                let kind = answer.header("content-type");
                ensure!(kind == Some("application/problem+json"), "{method} {path}: {kind:?}");
                ensure!(answer.header("x-request-id").is_some(), "{method} {path}");
                checked += 1;
            }
        }
    }
    ensure!(checked > 50, "only {checked} were checked");
    Ok(())
}

#[tokio::test]
async fn a_body_that_is_wrong_says_why() -> anyhow::Result<()> {
    let world = World::start().await?;
    let cases: [(&str, u16); 6] = [
        ("{", 400),
        ("[]", 400),
        ("", 400),
        (r#"{"name":"a","name":"b"}"#, 422),
        (r#"{"name":"a","n\u0061me":"b"}"#, 422),
        (r#"{"nme":"a"}"#, 422),
    ];
    for (body, status) in cases {
        let client = world.management.header("content-type", "application/json")?;
        let answer = client.send(Method::POST, "/api/v1/users", body).await?;
        ensure!(answer.status == status, "{body}: {} {}", answer.status, answer.text());
        let problem: Value = answer.json()?;
        ensure!(problem["detail"].as_str().is_some_and(|text| text.len() > 10), "{problem}");
        ensure!(problem["status"] == status, "{problem}");
    }
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(2 << 20));
    let answer = world.management.send(Method::POST, "/api/v1/users", large).await?;
    ensure!(answer.status == 413, "{}", answer.text());
    let form = world.management.header("content-type", "text/plain")?;
    let answer = form.send(Method::POST, "/api/v1/users", r#"{"name":"a"}"#).await?;
    ensure!(answer.status == 415, "{}", answer.text());
    Ok(())
}

#[tokio::test]
async fn unknown_routes_and_methods_say_so() -> anyhow::Result<()> {
    let world = World::start().await?;
    let unknown = world.management.get("/api/v1/nothing").await?;
    ensure!(unknown.status == 404 && unknown.json()?["code"] == "route_not_found");
    let wrong = world.management.delete("/api/v1/users").await?;
    ensure!(wrong.status == 405 && wrong.header("allow").is_some(), "{wrong:?}");
    Ok(())
}
