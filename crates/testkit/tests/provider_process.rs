//! The simulated provider as a process of its own: what it sent is in its books, even killed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use serde_json::{Value, json};
use testkit::client::Client;
use testkit::provider::{Books, State};

/// Starts it and returns its base URL.
fn start(arguments: &[&str]) -> anyhow::Result<(Child, String)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simulated-provider"));
    let mut child = command.args(arguments).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
    let printed: Value = serde_json::from_str(&line)?;
    let base_url = printed.get("base_url").and_then(Value::as_str).context("no base_url")?;
    Ok((child, base_url.to_owned()))
}

#[tokio::test]
async fn books_outlive_kill_9_and_go_on() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("books.jsonl");
    let books = path.to_str().context("a path that is no text")?;
    for round in 1..=2_u64 {
        let (mut child, base_url) =
            start(&["--books", books, "--script", "{\"chunk_delay_ms\":1}"])?;
        let body = json!({"model": "m", "user": round.to_string(), "stream": true,
            "messages": [{"role": "user", "content": "hello"}]});
        let mut stream = Client::new(base_url).stream("/v1/chat/completions", &body).await?;
        stream.next().await?.context("no event")?;
        child.kill()?;
        child.wait()?;
        let (_, whole) = stream.until_end_or_break().await;
        assert!(!whole);
        let written = Books::read(&path)?;
        assert_eq!(written.by_call(&round.to_string())[0].states(), [State::Received]);
        assert_eq!(written.requests.keys().copied().max(), Some(round));
    }
    Ok(())
}
