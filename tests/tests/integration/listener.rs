//! What comes over the sockets before it is a request: malformed and smuggled HTTP, slow heads,
//! the health of the process, the split of the listeners.

use anyhow::{Context, ensure};
use serde_json::json;
use testkit::client::Client;
use testkit::client::raw::exchange;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant};

use crate::stage::{Stage, request};

/// Each is answered with a 4xx or with nothing, its second request is never served, and the
/// gateway goes on.
#[tokio::test]
async fn malformed_and_smuggled_requests_are_refused() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let body = request(json!({})).to_string();
    let key = &stage.key.secret;
    let post =
        format!("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n");
    let length = body.len();
    let chunk = format!("{length:x}\r\n{body}\r\n0\r\n\r\n");
    let cases: Vec<(&str, String)> = vec![
        (
            "two lengths",
            format!("{post}content-length: {length}\r\ncontent-length: 5\r\n\r\n{body}"),
        ),
        ("a list of lengths", format!("{post}content-length: {length}, 5\r\n\r\n{body}")),
        ("a negative length", format!("{post}content-length: -1\r\n\r\n{body}")),
        ("a length with a sign", format!("{post}content-length: +{length}\r\n\r\n{body}")),
        ("a length in hexadecimal", format!("{post}content-length: 0x10\r\n\r\n{body}")),
        (
            "a length beyond numbers",
            format!("{post}content-length: 99999999999999999999\r\n\r\n{body}"),
        ),
        ("chunked not last", format!("{post}transfer-encoding: chunked, identity\r\n\r\n{chunk}")),
        ("an unknown coding", format!("{post}transfer-encoding: xchunked\r\n\r\n{chunk}")),
        (
            "a bad chunk size",
            format!("{post}transfer-encoding: chunked\r\n\r\nzz\r\n{body}\r\n0\r\n\r\n"),
        ),
        (
            "a huge chunk size",
            format!("{post}transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{body}"),
        ),
        (
            "a chunk without its end",
            format!("{post}transfer-encoding: chunked\r\n\r\n3\r\n{body}\r\n0\r\n\r\n"),
        ),
        ("a blank before the colon", format!("{post}content-length : {length}\r\n\r\n{body}")),
        (
            "a folded header",
            format!("{post}x-a: b\r\n c: d\r\ncontent-length: {length}\r\n\r\n{body}"),
        ),
        ("a name with a blank", format!("{post}x a: b\r\ncontent-length: {length}\r\n\r\n{body}")),
        ("a NUL in a value", format!("{post}x-a: b\0c\r\ncontent-length: {length}\r\n\r\n{body}")),
        ("a bare CR", format!("{post}x-a: b\rx-b: c\r\ncontent-length: {length}\r\n\r\n{body}")),
        ("a huge head", format!("{post}x-a: {}\r\n\r\n", "a".repeat(64 * 1024))),
        ("very many headers", format!("{post}{}\r\n", "a: b\r\n".repeat(3_000))),
        ("no version", "GET /healthz\r\n\r\n".to_owned()),
        ("a future version", "GET /healthz HTTP/3.7\r\n\r\n".to_owned()),
        ("a bad method", "G<T /healthz HTTP/1.1\r\nhost: x\r\n\r\n".to_owned()),
        ("TLS", "\u{16}\u{3}\u{1}\0\u{5}\u{1}\0\0\u{1}".to_owned()),
    ];
    for (name, bytes) in cases {
        let smuggled = format!("{bytes}GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
        let patience = Duration::from_secs(3);
        let answer = exchange(stage.gateway.address, smuggled.as_bytes(), patience).await?;
        let answer = String::from_utf8_lossy(&answer);
        let refused = answer.is_empty() || answer.starts_with("HTTP/1.1 4");
        ensure!(refused && !answer.contains("\r\n\r\nok"), "{name}: {answer}");
    }
    ensure!(stage.provider.totals().received == 0, "{:?}", stage.provider.totals());
    stage.ask(&request(json!({}))).await?.success()?;
    stage.audit().await
}

/// With both a length and chunks, the chunks count (RFC 9112, 6.3) and the connection ends.
#[tokio::test]
async fn chunks_beside_a_length_smuggle_nothing() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let body = request(json!({})).to_string();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n",
        stage.key.secret
    );
    let chunks = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    for framing in [
        "content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 6\r\n\r\n",
    ] {
        let bytes = format!("{head}{framing}{chunks}GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
        let patience = Duration::from_secs(3);
        let answer = exchange(stage.gateway.address, bytes.as_bytes(), patience).await?;
        let answer = String::from_utf8_lossy(&answer);
        let answers = answer.matches("HTTP/1.1 ").count();
        ensure!(answers <= 1 || answer.contains("\r\n\r\nok"), "{answer}");
    }
    for seen in stage.provider.seen() {
        ensure!(seen.body == body.as_bytes(), "{seen:?}");
    }
    Ok(())
}

/// A head that does not come is not waited for.
#[tokio::test]
async fn a_slow_head_is_given_up() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let started = Instant::now();
    let head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n";
    exchange(stage.gateway.address, head, Duration::from_secs(25)).await?;
    let waited = started.elapsed();
    ensure!(waited > Duration::from_secs(8) && waited < Duration::from_secs(18), "{waited:?}");
    Ok(())
}

/// Between two requests there is more time than for a head, also after short ones.
#[tokio::test]
async fn a_kept_connection_outlasts_the_time_for_a_head() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let mut connection = TcpStream::connect(stage.gateway.address).await?;
    for wait in [0, 4, 14] {
        tokio::time::sleep(Duration::from_secs(wait)).await;
        connection.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\nok\n") {
            let came = connection.read_buf(&mut answer).await?;
            ensure!(came > 0, "closed after {wait} s: {}", String::from_utf8_lossy(&answer));
        }
    }
    Ok(())
}

#[tokio::test]
async fn health_and_readiness_answer_without_a_key() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for (path, text) in [("/healthz", "ok"), ("/readyz", "ready")] {
        let answer = stage.client.get(path).await?;
        ensure!(answer.status == 200 && answer.text().trim() == text, "{path}: {answer:?}");
        let head = stage.client.send(http::Method::HEAD, path, "").await?;
        ensure!(head.status == 200 && head.body.is_empty(), "{path}: {head:?}");
    }
    Ok(())
}

/// Rates, tokens and cost by model, channel and group; never by key.
#[tokio::test]
async fn metrics_tell_what_was_served() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    stage.ask(&request(json!({"model": "nothing"}))).await?;
    let call = stage.only_call().await?;
    let metrics = stage.client.get("/metrics").await?.success()?.text();
    let line = |name: &str| {
        let found = metrics.lines().find(|line| line.starts_with(name));
        found.with_context(|| format!("no {name} in\n{metrics}"))
    };
    let calls = metrics.lines().find(|line| line.contains(r#"outcome="completed""#));
    let calls = calls.with_context(|| format!("no completed calls in\n{metrics}"))?;
    ensure!(calls.starts_with("tollkeeper_calls_total{") && calls.ends_with(" 1"));
    ensure!(calls.contains(r#"model="sim-small""#));
    let cost = crate::stage::nanos(&call["cost"]);
    ensure!(line("tollkeeper_cost_nanodollars_total{")?.ends_with(&format!(" {cost}")));
    ensure!(line("tollkeeper_input_tokens_total{")?.ends_with(" 6"));
    ensure!(line("tollkeeper_calls_refused_total{")?.contains("model_not_found"));
    ensure!(line("tollkeeper_calls_under_way ")?.ends_with(" 0"));
    for secret in [&stage.key.secret, &stage.key.id, &stage.user] {
        ensure!(!metrics.contains(secret.as_str()), "{metrics}");
    }
    Ok(())
}

/// `--console-listen` moves management and metrics away; a key's own view stays.
#[tokio::test]
async fn the_console_can_have_its_own_address() -> anyhow::Result<()> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let console = format!("127.0.0.1:{port}");
    let directory = tempfile::tempdir()?;
    let mut gateway = testkit::gateway_process::GatewayProcess::builder()
        .data(directory.path().join("data"))
        .args(["--console-listen", &console])
        .start()
        .await?;
    let manager = |base: String| Client::new(base).bearer(&gateway.management_key);
    let console = manager(format!("http://{console}"))?;
    let data = manager(gateway.base_url())?;
    for path in ["/api/v1/users", "/v1/api-keys", "/metrics", "/api/v1/channels", "/openapi.json"] {
        ensure!(console.get(path).await?.status == 200, "{path} is not at the console");
        ensure!(data.get(path).await?.status == 404, "{path} is at the data plane");
    }
    let fields = json!({"name": "k", "billing_method": "usage_based"});
    let made = console.post_json("/v1/api-keys", &fields).await?.success()?.json()?;
    let secret = made["key"].as_str().context("no key")?;
    let holder = |base: &Client| Client::new(base.base_url()).bearer(secret);
    for path in ["/v1/models", "/v1/usage", "/v1/key"] {
        ensure!(holder(&data)?.get(path).await?.status == 200, "{path} is not at the data plane");
    }
    let called = holder(&console)?.post_json("/v1/chat/completions", &request(json!({}))).await?;
    ensure!(called.status == 404, "models are called at the console: {}", called.text());
    for client in [&console, &data] {
        ensure!(client.get("/healthz").await?.status == 200);
        ensure!(client.get("/readyz").await?.status == 200);
    }
    ensure!(gateway.terminate().await?.success());
    Ok(())
}
