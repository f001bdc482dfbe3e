//! Calls to a wrong base URL: told the right one, in the shape that the sender reads.

use anyhow::{Context, ensure};
use domain::dialect::Dialect::{self, Chat, Gemini, Messages, Responses};
use serde_json::json;

use crate::stage::Stage;
use crate::stage::question::caller;

#[tokio::test]
async fn a_wrong_base_url_is_told_the_right_one() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let cases: [(Dialect, &str, &str); 9] = [
        (Chat, "/chat/completions", "POST /v1/chat/completions"),
        (Chat, "/openai/chat/completions", "POST /v1/chat/completions"),
        (Chat, "/v1/v1/chat/completions", "already ends in /v1"),
        (Chat, "/embeddings", "POST /v1/embeddings"),
        (Responses, "/responses", "POST /v1/responses"),
        (Messages, "/messages", "without /v1"),
        (Messages, "/v1/v1/messages", "already ends in /v1"),
        (Messages, "/v1/chat/completions/v1/messages", "without /v1"),
        (Gemini, "/models/m:generateContent", "POST /v1beta/models/{model}:generateContent"),
    ];
    for (dialect, path, says) in cases {
        let client = caller(&stage.client, dialect, &stage.key.secret)?;
        let answer = client.post_json(path, &json!({"model": "m"})).await?;
        let text = answer.text();
        ensure!(answer.status == 404, "{path}: {} {text}", answer.status);
        ensure!(answer.header("x-should-retry") == Some("false"), "{path}: {:?}", answer.headers);
        let body = answer.json()?;
        let message = body["error"]["message"].as_str().context("no message")?;
        ensure!(message.contains(says), "{path}: {text}");
        let shaped = match dialect {
            Chat | Responses => body["error"]["code"] == "not_found",
            Messages => body["type"] == "error" && body["error"]["code"] == "not_found",
            Gemini => body["error"]["details"][0]["reason"] == "NOT_FOUND",
        };
        ensure!(shaped, "{path}: {text}");
    }
    // What is nobody's call stays the management API's to answer.
    let answer = stage.management.post_json("/api/v1/nothing", &json!({})).await?;
    ensure!(answer.status == 404 && answer.json()?["code"] == "route_not_found");
    stage.audit().await
}
