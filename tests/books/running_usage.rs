//! An upstream that reports its usage with every chunk, as vLLM's `continuous_usage_stats` does:
//! the last count is the bill, also where the answer breaks off.

use anyhow::ensure;
use serde_json::{Value, json};
use testkit::client::Client;
use testkit::provider::{Script, TokenCounts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::api::{self, Call};
use crate::house::{House, Program};
use crate::money::Tariff;
use crate::traffic::{Order, Trap, make};

const TARIFF: Tariff =
    Tariff::Tokens { input: 1_000_000_000, cached: 1_000_000_000, output: 4_000_000_000 };
const PROMPT: u64 = 7;

#[tokio::test(flavor = "multi_thread")]
async fn the_last_count_is_the_bill() -> anyhow::Result<()> {
    let found = running_usage(Program::sound()).await?;
    ensure!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}

/// A whole stream and one that breaks off; what each is charged against its last count.
pub(crate) async fn running_usage(program: Program) -> anyhow::Result<Vec<String>> {
    let house = House::open(program, &Script::default()).await?;
    let factor = json!({"multiplier": "1.25"});
    house.management()?.put("/api/v1/groups/default", &factor).await?.success()?;
    house.price("whole", &json!({"input": 1, "output": 4})).await?;
    house.price("broken-off", &json!({"input": 1, "output": 4})).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    house.channel(&format!("http://{}", listener.local_addr()?), &["whole", "broken-off"]).await?;
    let serving = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    let key = house.key(&json!({"name": "reader"})).await?;
    let client = Client::new(house.gateway.base_url()).bearer(&key.secret)?;
    let mut found = Vec::new();
    for (model, chunks) in [("whole", WHOLE), ("broken-off", BROKEN_OFF)] {
        let body = json!({"model": model, "stream": true, "max_completion_tokens": 50,
            "stream_options": {"include_usage": true},
            "messages": [{"role": "user", "content": "Count as you go."}]});
        let order = Order { name: model.to_owned(), body, ..Order::default() };
        let receipt = make(client.clone(), order, Trap::never()).await;
        let calls: Vec<Call> =
            api::list(&house.management()?, &format!("/api/v1/calls?model={model}")).await?;
        let tokens = TokenCounts { prompt: PROMPT, completion: chunks, ..TokenCounts::default() };
        let expected = TARIFF.cost(tokens);
        match calls.as_slice() {
            [call] if call.charged != expected => {
                found.push(format!(
                    "{model} is charged {} USD instead of {expected} USD: {call:?}",
                    call.charged
                ));
            }
            [_] => {}
            calls => {
                found.push(format!("{model} is in the ledger {} times, {receipt:?}", calls.len()))
            }
        }
    }
    serving.abort();
    Ok(found)
}

/// Chunks of the whole answer, and of the one that breaks off.
const WHOLE: u64 = 9;
const BROKEN_OFF: u64 = 4;

/// Answers one request and closes the connection.
async fn answer(mut stream: TcpStream) -> anyhow::Result<()> {
    let request = read_request(&mut stream).await?;
    let whole = request.contains("\"whole\"");
    let usage = |completion: u64| json!({"prompt_tokens": PROMPT, "completion_tokens": completion, "total_tokens": PROMPT + completion});
    let event = |choices: Value, completion: u64| {
        let chunk = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1,
            "model": "counting", "choices": choices, "usage": usage(completion)});
        format!("data: {chunk}\n\n")
    };
    let chunks = if whole { WHOLE } else { BROKEN_OFF };
    let mut body = String::new();
    for number in 1..=chunks {
        body.push_str(&event(
            json!([{"index": 0, "delta": {"content": "word "}, "finish_reason": null}]),
            number,
        ));
    }
    if whole {
        body.push_str(&event(json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]), chunks));
        body.push_str(&event(json!([]), chunks));
        body.push_str("data: [DONE]\n\n");
    }
    // Without the last, empty chunk, the answer breaks off.
    let end = if whole { "0\r\n\r\n" } else { "" };
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(format!("{head}{:x}\r\n{body}\r\n{end}", body.len()).as_bytes()).await?;
    stream.shutdown().await?;
    Ok(())
}

/// A request's head and body; bodies come with their length.
async fn read_request(stream: &mut TcpStream) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Ok(text);
            }
        }
        ensure!(stream.read_buf(&mut bytes).await? > 0, "the request broke off");
    }
}
