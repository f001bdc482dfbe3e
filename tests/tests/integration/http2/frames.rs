//! Frames that no ordinary client sends.

use anyhow::{Context, ensure};
use serde_json::json;
use testkit::client::Speech;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};

use crate::stage::{Stage, request};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const CANCEL: [u8; 4] = [0, 0, 0, 8];

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(0).to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// A field that is put into no table.
fn field(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        bytes.push(u8::try_from(text.len()).unwrap_or(0));
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

/// The head of a chat completion with a key.
fn head(key: &str) -> Vec<u8> {
    [
        field(":method", "POST"),
        field(":scheme", "http"),
        field(":path", "/v1/chat/completions"),
        field(":authority", "gateway"),
        field("authorization", &format!("Bearer {key}")),
    ]
    .concat()
}

fn opening() -> Vec<u8> {
    [PREFACE.to_vec(), frame(SETTINGS, 0, 0, &[])].concat()
}

/// Sends everything, then reads until the server closes or the patience is over; returns what
/// came. A server that closes amid the sending is heard to the end.
async fn exchange(stage: &Stage, bytes: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    let stream = TcpStream::connect(stage.gateway.address).await?;
    let (mut reader, mut writer) = stream.into_split();
    let sending = tokio::spawn(async move { writer.write_all(&bytes).await.map(|()| writer) });
    let mut came = Vec::new();
    let _ended = timeout(Duration::from_secs(20), reader.read_to_end(&mut came)).await;
    sending.abort();
    Ok(came)
}

/// The reason of the GOAWAY among some frames, if there is one.
fn goaway(mut bytes: &[u8]) -> Option<u32> {
    while let Some((head, rest)) = bytes.split_at_checked(9) {
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let (payload, rest) = rest.split_at_checked(length)?;
        if head[3] == GOAWAY {
            return Some(u32::from_be_bytes(payload.get(4..8)?.try_into().ok()?));
        }
        bytes = rest;
    }
    None
}

async fn still_serves(stage: &Stage) -> anyhow::Result<()> {
    let holder = stage.gateway.client(Speech::Http2).bearer(&stage.key.secret)?;
    holder.post_json("/v1/chat/completions", &request(json!({}))).await?.success()?;
    stage.audit().await
}

/// Streams that are opened and reset faster than they are served (CVE-2023-44487): the connection
/// is ended, and the upstream hardly hears of it.
#[tokio::test]
async fn rapid_resets_end_the_connection() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let head = head(&stage.key.secret);
    let body = request(json!({})).to_string();
    let mut bytes = opening();
    for number in 0..20_000 {
        let stream = number * 2 + 1;
        bytes.extend(frame(HEADERS, END_HEADERS, stream, &head));
        bytes.extend(frame(DATA, END_STREAM, stream, body.as_bytes()));
        bytes.extend(frame(RST_STREAM, 0, stream, &CANCEL));
    }
    let came = exchange(&stage, bytes).await?;
    let reason = goaway(&came).context("the connection is not ended")?;
    ensure!(reason == 11, "GOAWAY for the reason {reason}, not ENHANCE_YOUR_CALM");
    let received = stage.provider.totals().received;
    ensure!(received < 1_000, "{received} of 20000 resets reached the provider");
    still_serves(&stage).await
}

/// A head that never ends (CVE-2024-27316) is given up as too large.
#[tokio::test]
async fn a_head_without_end_is_given_up() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let mut bytes = opening();
    bytes.extend(frame(HEADERS, 0, 1, &head(&stage.key.secret)));
    let filler = field("x-filler", &"x".repeat(100)).repeat(100);
    for _ in 0..5_000 {
        bytes.extend(frame(CONTINUATION, 0, 1, &filler));
    }
    let came = exchange(&stage, bytes).await?;
    ensure!(goaway(&came).is_some_and(|reason| reason != 0), "{came:?}");
    ensure!(stage.provider.totals().received == 0);
    still_serves(&stage).await
}

/// Pings whose answers nobody reads do not pile up without bound: the connection is closed, or
/// they are answered as they are read.
#[tokio::test]
async fn a_flood_of_pings_and_settings_leaves_others_served() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let mut bytes = opening();
    for _ in 0..50_000 {
        bytes.extend(frame(PING, 0, 0, b"12345678"));
        bytes.extend(frame(SETTINGS, 0, 0, &[]));
    }
    let mut stream = TcpStream::connect(stage.gateway.address).await?;
    let _refused = timeout(Duration::from_secs(5), stream.write_all(&bytes)).await;
    still_serves(&stage).await
}

/// Frames that the protocol forbids end the connection, and nothing else.
#[tokio::test]
async fn forbidden_frames_end_the_connection() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let head = head(&stage.key.secret);
    let cases = [
        ("data of an idle stream", frame(DATA, END_STREAM, 1, b"x")),
        ("a head on stream 0", frame(HEADERS, END_HEADERS, 0, &head)),
        ("a stream of the server's", frame(HEADERS, END_HEADERS, 2, &head)),
        ("settings of odd length", frame(SETTINGS, 0, 0, &[0; 5])),
        ("a head that is no head", frame(HEADERS, END_HEADERS, 1, &[0xff; 40])),
        ("a ping of odd length", frame(PING, 0, 0, &[0; 7])),
    ];
    for (name, bytes) in cases {
        let came = exchange(&stage, [opening(), bytes].concat()).await?;
        ensure!(goaway(&came).is_some_and(|reason| reason != 0), "{name}: {came:?}");
    }
    ensure!(stage.provider.totals().received == 0);
    still_serves(&stage).await
}
