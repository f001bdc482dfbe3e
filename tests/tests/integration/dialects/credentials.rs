//! Every form of credential on every dialect, alone and beside another.

use anyhow::ensure;
use http::Method;
use serde_json::json;
use testkit::client::{Client, Response};

use crate::stage::crossing::{Crossing, model};
use crate::stage::question::{DIALECTS, Question};

/// Every route that takes a key, with a body that it answers.
fn routes() -> Vec<(Method, String, String)> {
    let mut routes = Vec::new();
    for dialect in DIALECTS {
        let question = Question::to(model(dialect));
        for stream in [false, true] {
            let question = question.clone().stream(stream);
            let body = question.body(dialect).to_string();
            routes.push((Method::POST, question.path(dialect), body));
        }
    }
    let messages = json!([{"role": "user", "content": "one two three"}]);
    let count = json!({"model": "claude-sonnet-4-5", "messages": messages}).to_string();
    routes.push((Method::POST, "/v1/messages/count_tokens".to_owned(), count));
    let contents = json!({"contents": [{"parts": [{"text": "one two three"}]}]}).to_string();
    let path = "/v1beta/models/gemini-2.5-flash:countTokens".to_owned();
    routes.push((Method::POST, path, contents));
    for path in ["/v1/models", "/v1beta/models", "/v1/models/gpt-5.1"] {
        routes.push((Method::GET, path.to_owned(), String::new()));
    }
    routes
}

async fn send(client: &Client, route: &(Method, String, String)) -> anyhow::Result<Response> {
    let (method, path, body) = route;
    client.send(method.clone(), path, body.clone()).await
}

/// The same path with one more pair in its query.
fn with_query(path: &str, pair: &str) -> String {
    format!("{path}{}{pair}", if path.contains('?') { '&' } else { '?' })
}

#[tokio::test]
async fn every_form_on_every_route() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let secret = &crossing.key.secret;
    let forms = [
        ("authorization", format!("Bearer {secret}")),
        ("authorization", secret.clone()),
        ("x-api-key", secret.clone()),
        ("x-goog-api-key", secret.clone()),
    ];
    for route in routes() {
        for (name, value) in &forms {
            let client = crossing.client.header(name, value)?;
            let client = client.header("anthropic-version", "2023-06-01")?;
            let answer = send(&client, &route).await?;
            ensure!(answer.status == 200, "{name} on {}: {}", route.1, answer.text());
        }
        let (method, path, body) = route;
        let path = with_query(&path, &format!("key={secret}"));
        let answer = crossing.client.send(method, &path, body).await?;
        ensure!(answer.status == 200, "{path}: {}", answer.text());
    }
    let calls = crossing.calls_when(8 * 5).await?;
    ensure!(calls.iter().all(|call| call["key_id"] == crossing.key.id.as_str()), "{calls:?}");
    for seen in crossing.provider.seen() {
        let everything = format!("{} {:?} {:?}", seen.path, seen.headers, seen.body);
        ensure!(!everything.contains(secret), "the caller's key went upstream: {everything}");
    }
    crossing.audit().await
}

/// The first that is well-formed as ours counts: what another tool left in a shell does not harm.
#[tokio::test]
async fn two_at_once() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let (good, left_over) = (&crossing.key.secret, "sk-ant-api03-left-over");
    let reader = crossing.world.key(json!({"permissions": "read_only"})).await?;
    let calls = routes().into_iter().filter(|(method, ..)| method == Method::POST);
    for route in calls {
        let with = |first: &str, second: &str| {
            let both = crossing.client.header("authorization", &format!("Bearer {first}"));
            both?.header("x-api-key", second)?.header("x-goog-api-key", "AIzaLeftOver")
        };
        for (first, second, status) in [
            (left_over, good.as_str(), 200),
            (good.as_str(), left_over, 200),
            (good.as_str(), reader.secret.as_str(), 200),
            (reader.secret.as_str(), good.as_str(), 403),
            (left_over, "sk-proj-other", 401),
        ] {
            let answer = send(&with(first, second)?, &route).await?;
            ensure!(answer.status == status, "{}: {} {}", route.1, answer.status, answer.text());
        }
        let (method, path, body) = route;
        let path = with_query(&path, &format!("key={good}"));
        let client = crossing.client.header("x-api-key", left_over)?;
        let answer = client.send(method, &path, body).await?;
        ensure!(answer.status == 200, "{path}: {}", answer.text());
    }
    crossing.audit().await
}

/// A permission for each kind of call.
#[tokio::test]
async fn permissions() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let embeddings = json!({"model": model(DIALECTS[0]), "input": "x"}).to_string();
    let mut routes = routes();
    routes.push((Method::POST, "/v1/embeddings".to_owned(), embeddings));
    let completion = json!({"model": model(DIALECTS[0]), "prompt": "x"}).to_string();
    routes.push((Method::POST, "/v1/completions".to_owned(), completion));
    let content = json!({"content": {"parts": [{"text": "x"}]}}).to_string();
    let path = "/v1beta/models/gemini-2.5-flash:embedContent".to_owned();
    routes.push((Method::POST, path, content));
    for permission in
        ["chat", "responses", "messages", "embeddings", "completion", "models.read", "usage.read"]
    {
        let own = json!({"owner": crossing.user, "permissions": [permission]});
        let key = crossing.world.key(own).await?;
        let client = crossing.client.bearer(&key.secret)?;
        for route in &routes {
            let path = route.1.as_str();
            let wanted = match path {
                _ if route.0 == Method::GET => "models.read",
                "/v1/chat/completions" => "chat",
                "/v1/completions" => "completion",
                "/v1/responses" => "responses",
                _ if path.contains("embed") => "embeddings",
                _ => "messages",
            };
            let answer = send(&client, route).await?;
            let status = if wanted == permission { 200 } else { 403 };
            let told = format!("{permission} on {path}: {} {}", answer.status, answer.text());
            ensure!(answer.status == status, "{told}");
            ensure!(status == 200 || answer.text().contains(wanted), "{told}");
        }
    }
    let served = usize::try_from(crossing.provider.totals().received)?;
    ensure!(crossing.calls_when(served).await?.len() == served);
    crossing.audit().await
}
