//! What passes through is not touched: bodies byte for byte, heads made anew from a short list.

use anyhow::{Context, ensure};
use http::Method;
use serde_json::{Value, json};

use crate::stage::{MODEL, Stage, request, scripted};

const PATH: &str = "/v1/chat/completions";

/// A body that no writer of JSON would make: blanks, escapes, numbers beyond any type, fields that
/// nobody knows, duplicates among them.
const ODD: &str = "\t{ \"x_unknown\" : [1.0, 1e300, -0, 123456789012345678901234567890,\t0.1000],\r\n \
    \"messages\":[{\"role\":\"user\",\"content\":\"\\u4f60\\/\\ud83d\\ude00 é \\\"q\\\"\",\"x\":{\"y\":[[]]}}],\
    \"model\" : \"sim-small\",\"x_unknown\":null, \"max_tokens\":100 ,\"temperature\":0.70, \"\\u0061\":1}\n";

#[tokio::test]
async fn a_body_reaches_the_upstream_byte_for_byte() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.holder()?.send(Method::POST, PATH, ODD).await?.success()?;
    let seen = stage.provider.seen();
    let body = &seen.last().context("nothing")?.body;
    ensure!(body == ODD.as_bytes(), "{:?}", String::from_utf8_lossy(body));
    Ok(())
}

/// A mapped model changes its own bytes and no other.
#[tokio::test]
async fn a_mapped_model_is_an_edit_of_its_span() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.edit_channel(json!({"models": {MODEL: "vendor/\"odd\"-名"}})).await?;
    stage.holder()?.send(Method::POST, PATH, ODD).await?.success()?;
    let seen = stage.provider.seen();
    let expected = ODD.replace("\"sim-small\"", r#""vendor/\"odd\"-名""#);
    let body = &seen.last().context("nothing")?.body;
    ensure!(body == expected.as_bytes(), "{:?}", String::from_utf8_lossy(body));
    Ok(())
}

/// A lowered maximum, too.
#[tokio::test]
async fn a_lowered_maximum_is_an_edit_of_its_span() -> anyhow::Result<()> {
    let stage = Stage::with_key(json!({"max_tokens_per_request": 33})).await?;
    stage.holder()?.send(Method::POST, PATH, ODD).await?.success()?;
    let seen = stage.provider.seen();
    let expected = ODD.replace("\"max_tokens\":100 ", "\"max_tokens\":33 ");
    let body = &seen.last().context("nothing")?.body;
    ensure!(body == expected.as_bytes(), "{:?}", String::from_utf8_lossy(body));
    Ok(())
}

#[tokio::test]
async fn a_json_answer_comes_back_byte_for_byte() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let odd = " {\"choices\":[{\"message\":{\"content\":\"\\u00e9\"}}], \"usage\" :{\"prompt_tokens\":1,\
               \"completion_tokens\":1.0e0,\"total_tokens\":2},\"x\":1e400}\n";
    let script = json!({"error": {"status": 200, "body": odd}});
    let answer = stage.ask(&scripted(script, json!({}))).await?;
    ensure!(answer.text() == odd, "{:?}", answer.text());
    Ok(())
}

/// Straight from the provider and through the gateway, the events are the same.
#[tokio::test]
async fn a_stream_comes_back_byte_for_byte() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for options in [json!({"include_usage": true}), json!({"include_usage": true, "x": [1]})] {
        let script = json!({"output_tokens": 20, "pad_bytes": 9});
        let body = scripted(script, json!({"stream": true, "stream_options": options}));
        let mut through = stage.ask_stream(&body).await?;
        through.rest().await?;
        let straight = testkit::client::Client::new(stage.provider.base_url());
        let mut straight =
            straight.bearer(testkit::world::UPSTREAM_SECRET)?.stream(PATH, &body).await?;
        straight.rest().await?;
        let (got, expected) = (unstamped(&through.received), unstamped(&straight.received));
        ensure!(got == expected, "{got}\n\n{expected}");
    }
    Ok(())
}

/// The usage that only the gateway asked for is taken out again; nothing else is.
#[tokio::test]
async fn usage_that_was_not_asked_for_is_taken_out() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for options in [None, Some(json!(null)), Some(json!({})), Some(json!({"include_usage": false}))]
    {
        let mut body = scripted(json!({"output_tokens": 20}), json!({"stream": true}));
        if let Some(options) = options.clone() {
            body["stream_options"] = options;
        }
        let events = stage.ask_stream(&body).await?.rest().await?;
        let used = events.iter().filter(|event| !event.json()["usage"].is_null()).count();
        ensure!(used == 0, "{options:?}: {events:?}");
        ensure!(events.len() == 1 + 20 + 1 + 1, "{options:?}: {} events", events.len());
        let seen = stage.provider.seen();
        let sent = seen.last().context("nothing")?.json();
        ensure!(sent["stream_options"]["include_usage"] == true, "{sent}");
    }
    for call in stage.calls_when(4).await? {
        ensure!(call["usage_source"] == "upstream_final", "{call}");
    }
    Ok(())
}

/// A channel whose upstream rejects the question is not asked it.
#[tokio::test]
async fn a_channel_need_not_be_asked_for_usage() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.edit_channel(json!({"ask_usage": false})).await?;
    let script = json!({"output_tokens": 20, "reject_include_usage": true});
    let body = scripted(script, json!({"stream": true}));
    stage.ask_stream(&body).await?.rest().await?;
    let seen = stage.provider.seen();
    ensure!(seen.last().context("nothing")?.json() == body);
    let call = stage.only_call().await?;
    ensure!(call["usage_source"] == "estimated", "{call}");
    stage.audit().await
}

/// The upstream's head is made anew: nothing of the caller's but the name of their program.
#[tokio::test]
async fn only_listed_headers_reach_the_upstream() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let mut client = stage.client.header("x-api-key", &stage.key.secret)?;
    let sent = [
        ("user-agent", "tool/1.0"),
        ("cookie", "session=1"),
        ("x-goog-api-key", "AIzaOther"),
        ("proxy-authorization", "Basic eDp5"),
        ("x-forwarded-for", "203.0.113.7"),
        ("forwarded", "for=203.0.113.7"),
        ("originator", "codex_exec"),
        ("openai-organization", "org-x"),
        ("x-stainless-lang", "js"),
        ("accept-encoding", "gzip, br"),
        ("referer", "https://example.test/"),
        ("x-real-ip", "203.0.113.7"),
        ("te", "trailers"),
    ];
    for (name, value) in sent {
        client = client.header(name, value)?;
    }
    let path = format!("{PATH}?key={}&x=1", stage.key.secret);
    client.post_json(&path, &request(json!({}))).await?.success()?;
    let seen = stage.provider.seen();
    let seen = seen.last().context("nothing")?;
    let mut names: Vec<&str> = seen.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    insta::assert_debug_snapshot!(names, @r#"
    [
        "accept",
        "accept-encoding",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    ]
    "#);
    ensure!(seen.path == PATH, "{}", seen.path);
    let authorization = format!("Bearer {}", testkit::world::UPSTREAM_SECRET);
    ensure!(seen.header("authorization") == Some(authorization.as_str()));
    ensure!(seen.header("user-agent") == Some("tool/1.0"));
    ensure!(seen.header("accept-encoding") == Some("identity"));
    let everything = format!("{:?} {:?}", seen.headers, seen.body);
    ensure!(!everything.contains(&stage.key.secret), "the caller's key went upstream");
    Ok(())
}

/// The upstream's own headers do not all reach the caller, and its secret never does.
#[tokio::test]
async fn only_listed_headers_reach_the_caller() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let headers = json!({
        "set-cookie": "a=b", "openai-version": "2020-10-01", "openai-organization": "the-house",
        "x-ratelimit-remaining-requests": "3", "server": "vendor",
    });
    let body = json!({"choices": []});
    let script = json!({"error": {"status": 200, "body": body, "headers": headers}});
    let answer = stage.ask(&scripted(script, json!({}))).await?;
    ensure!(answer.header("openai-version") == Some("2020-10-01"));
    for name in ["set-cookie", "openai-organization", "x-ratelimit-remaining-requests", "server"] {
        ensure!(answer.header(name).is_none(), "{name}: {:?}", answer.headers);
    }
    Ok(())
}

/// An upstream that repeats the channel's secret in an error does not give it away.
#[tokio::test]
async fn an_upstreams_error_never_holds_the_channels_secret() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let message = format!("Incorrect API key provided: {}.", testkit::world::UPSTREAM_SECRET);
    for status in [400, 401, 404, 500] {
        let body = json!({"error": {"message": message, "type": "invalid_request_error"}});
        let script = json!({"error": {"status": status, "body": body}});
        let answer = stage.ask(&scripted(script, json!({}))).await?;
        ensure!(!answer.text().contains(testkit::world::UPSTREAM_SECRET), "{}", answer.text());
        stage.edit_channel(json!({"tags": [format!("after-{status}")]})).await?;
    }
    let calls = serde_json::to_string(&stage.calls().await?)?;
    ensure!(!calls.contains(testkit::world::UPSTREAM_SECRET), "{calls}");
    Ok(())
}

/// The provider's running number and clock differ from request to request.
fn unstamped(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let events = text.split("\n\n").map(|event| {
        let Some(data) = event.strip_prefix("data: ") else { return event.to_owned() };
        match serde_json::from_str::<Value>(data) {
            Ok(chunk) => {
                let (id, created) = (chunk["id"].to_string(), chunk["created"].to_string());
                event.replace(&id, "ID").replace(&format!("\"created\":{created}"), "CREATED")
            }
            Err(_) => event.to_owned(),
        }
    });
    events.collect::<Vec<_>>().join("\n\n")
}
