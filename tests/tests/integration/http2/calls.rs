//! Clients that call over HTTP/2, without TLS (by prior knowledge) and with it.

use anyhow::{Context, ensure};
use bytes::Bytes;
use h2::client::SendRequest;
use http::{Request, Version};
use rustix::process::Signal;
use serde_json::{Value, json};
use testkit::client::{Client, Speech};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Duration, sleep};

use crate::stage::wire::signal;
use crate::stage::{PROMPT_TOKENS, Stage, cost, eventually, nanos, request, scripted, verify};
use crate::tls::Encrypted;

const PATH: &str = "/v1/chat/completions";

/// Many calls at once over one connection: each is whole, its own, and billed exactly.
async fn many_at_once(stage: &Stage) -> anyhow::Result<()> {
    let holder = stage.gateway.client(Speech::Http2).bearer(&stage.key.secret)?;
    let mut calls = JoinSet::new();
    for number in 1..=120_u64 {
        let holder: Client = holder.clone();
        calls.spawn(async move {
            let script = json!({"output_tokens": number % 40 + 1, "chunk_delay_ms": 5});
            let words = number % 40 + 1;
            if number % 2 == 0 {
                let answer = holder.post_json(PATH, &scripted(script, json!({}))).await?;
                let answer = answer.success()?.json()?;
                ensure!(answer["usage"]["completion_tokens"] == words, "{answer}");
                return Ok(());
            }
            let body = scripted(script, json!({"stream": true}));
            let mut stream = holder.stream(PATH, &body).await?;
            let events = stream.rest().await?;
            ensure!(events.last().is_some_and(|event| event.data == "[DONE]"), "{events:?}");
            let content = |event: &Value| event["choices"][0]["delta"]["content"].is_string();
            let said = events.iter().filter(|event| content(&event.json())).count();
            ensure!(said as u64 >= words, "{said} of {words}: {events:?}");
            Ok(())
        });
    }
    while let Some(ended) = calls.join_next().await {
        ended??;
    }
    let calls = stage.calls_when(120).await?;
    ensure!(calls.len() == 120, "{}", calls.len());
    let billed: i64 = calls.iter().map(|call| nanos(&call["cost"])).sum();
    let due: i64 = (1..=120).map(|number| cost(PROMPT_TOKENS, number % 40 + 1)).sum();
    ensure!(billed == due, "{billed} instead of {due}");
    stage.audit().await
}

#[tokio::test]
async fn many_calls_at_once_without_tls() -> anyhow::Result<()> {
    many_at_once(&Stage::set().await?).await
}

#[tokio::test]
async fn many_calls_at_once_with_tls() -> anyhow::Result<()> {
    many_at_once(&Encrypted::set().await?.stage).await
}

/// One connection, frame by frame: its calls, and its pings.
struct Connected {
    sender: SendRequest<Bytes>,
    pings: h2::PingPong,
    key: String,
}

impl Connected {
    /// A connection that lets so many bytes of each stream, and of all, come unread.
    async fn with_window(stage: &Stage, window: u32) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(stage.gateway.address).await?;
        let (sender, mut connection) = h2::client::Builder::new()
            .initial_window_size(window)
            .initial_connection_window_size(1 << 24)
            .handshake(stream)
            .await?;
        let pings = connection.ping_pong().context("no pings")?;
        tokio::spawn(connection);
        Ok(Self { sender, pings, key: stage.key.secret.clone() })
    }

    async fn call(&self, body: &Value) -> anyhow::Result<h2::client::ResponseFuture> {
        let request = Request::post(format!("http://gateway{PATH}"))
            .version(Version::HTTP_2)
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "application/json")
            .body(())?;
        let mut sender = self.sender.clone().ready().await?;
        let (answer, mut stream) = sender.send_request(request, false)?;
        stream.send_data(body.to_string().into(), true)?;
        Ok(answer)
    }
}

/// The rest of an answer, each piece let go as it is read.
async fn rest(mut body: h2::RecvStream) -> anyhow::Result<Vec<u8>> {
    let mut read = Vec::new();
    while let Some(piece) = body.data().await {
        let piece = piece?;
        body.flow_control().release_capacity(piece.len())?;
        read.extend_from_slice(&piece);
    }
    Ok(read)
}

/// Who reads nothing holds up nobody else on the same connection, and gets all in the end.
#[tokio::test]
async fn a_slow_reader_holds_up_nobody() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let connected = Connected::with_window(&stage, 16 * 1024).await?;
    let large = json!({"output_tokens": 90, "pad_bytes": 20_000});
    let slow = connected.call(&scripted(large, json!({"stream": true}))).await?.await?;
    ensure!(slow.status() == 200, "{slow:?}");
    // Nothing of it is read while all of these come and go.
    for _ in 0..20 {
        let answer = connected.call(&request(json!({}))).await?.await?;
        ensure!(answer.status() == 200, "{answer:?}");
        rest(answer.into_body()).await?;
    }
    let read = String::from_utf8(rest(slow.into_body()).await?)?;
    ensure!(read.len() > 90 * 20_000 && read.ends_with("data: [DONE]\n\n"), "{}", read.len());
    let calls = stage.calls_when(21).await?;
    let streamed = calls.iter().find(|call| call["usage"]["output"] == 90).context("no call")?;
    ensure!(nanos(&streamed["cost"]) == cost(PROMPT_TOKENS, 90), "{streamed}");
    ensure!(streamed["outcome"] == "completed", "{streamed}");
    stage.audit().await
}

/// RST_STREAM amid an answer is a client that leaves: the answer is read on and billed exactly, and
/// the connection's other calls go on.
#[tokio::test]
async fn a_reset_stream_is_a_client_that_leaves() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let connected = Connected::with_window(&stage, 1 << 16).await?;
    let script = json!({"output_tokens": 30, "chunk_delay_ms": 15});
    let body = scripted(script, json!({"stream": true}));
    let left = connected.call(&body).await?.await?;
    let stays = connected.call(&body).await?.await?;
    let mut left = left.into_body();
    left.data().await.context("no first piece")??;
    // Dropped, it is reset with CANCEL.
    drop(left);
    let whole = String::from_utf8(rest(stays.into_body()).await?)?;
    ensure!(whole.ends_with("data: [DONE]\n\n"), "{whole}");
    let calls = stage.calls_when(2).await?;
    ensure!(calls.iter().all(|call| nanos(&call["cost"]) == cost(PROMPT_TOKENS, 30)), "{calls:?}");
    let gone = calls.iter().filter(|call| call["outcome"] == "client_gone").count();
    ensure!(gone == 1, "{calls:?}");
    stage.audit().await
}

/// The same before the answer began.
#[tokio::test]
async fn a_stream_reset_before_its_answer_is_one_too() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let connected = Connected::with_window(&stage, 1 << 16).await?;
    let script = json!({"output_tokens": 9, "delay_ms": 500});
    let answer = connected.call(&scripted(script, json!({}))).await?;
    eventually("the call is at the provider", || async {
        Ok(stage.provider.totals().received == 1)
    })
    .await?;
    drop(answer);
    let call = stage.only_call().await?;
    ensure!(call["outcome"] == "client_gone", "{call}");
    ensure!(nanos(&call["cost"]) == cost(PROMPT_TOKENS, 9), "{call}");
    stage.audit().await
}

/// A stop lets the streams of a connection finish and takes no others on it.
#[tokio::test]
async fn a_stop_says_goaway_and_finishes_the_streams() -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    let connected = Connected::with_window(&stage, 1 << 16).await?;
    let script = json!({"output_tokens": 40, "chunk_delay_ms": 30});
    let body = scripted(script, json!({"stream": true}));
    let mut streams = Vec::new();
    for _ in 0..8 {
        streams.push(connected.call(&body).await?.await?.into_body());
    }
    signal(&stage.gateway, Signal::TERM)?;
    let address = stage.gateway.address;
    eventually("no connection is taken", || async {
        Ok(TcpStream::connect(address).await.is_err())
    })
    .await?;
    eventually("no stream is taken", || async {
        let Ok(answer) = connected.call(&request(json!({}))).await else { return Ok(true) };
        // Sent before the GOAWAY came: refused as not served, or told that this is the end.
        Ok(answer.await.map_or(true, |answer| answer.status() == 503))
    })
    .await?;
    for stream in streams {
        let whole = String::from_utf8(rest(stream).await?)?;
        ensure!(whole.ends_with("data: [DONE]\n\n"), "{whole}");
    }
    let ended = stage.world.gateway.terminate().await?;
    ensure!(ended.code() == Some(0), "{ended}");
    verify(stage.gateway.data()).await?;
    stage.world.gateway.restart().await?;
    let calls = stage.calls_when(8).await?;
    let due = cost(PROMPT_TOKENS, 40);
    ensure!(calls.iter().filter(|call| nanos(&call["cost"]) == due).count() == 8, "{calls:?}");
    stage.audit().await
}

/// What a client sends between two calls is no head that it owes: an idle connection with a ping
/// outlasts the time for a head.
#[tokio::test]
async fn an_idle_connection_outlasts_the_time_for_a_head() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let mut connected = Connected::with_window(&stage, 1 << 16).await?;
    let answer = connected.call(&request(json!({}))).await?.await?;
    rest(answer.into_body()).await?;
    connected.pings.ping(h2::Ping::opaque()).await?;
    sleep(Duration::from_secs(14)).await;
    connected.pings.ping(h2::Ping::opaque()).await?;
    let answer = connected.call(&request(json!({}))).await?.await?;
    ensure!(answer.status() == 200, "{answer:?}");
    rest(answer.into_body()).await?;
    stage.calls_when(2).await?;
    stage.audit().await
}
