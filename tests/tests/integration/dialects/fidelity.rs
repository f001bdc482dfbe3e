//! Calls in the channel's own dialect pass byte for byte, whatever is in them, in however many
//! pieces they come.

mod odd;

use anyhow::{Context, ensure};
use domain::dialect::Dialect::{self, Chat, Gemini, Messages, Responses};
use domain::usage::Usage;
use http::Method;
use serde_json::{Value, json};
use testkit::client::{Client, raw};
use testkit::provider::ProviderConfig;
use testkit::world::UPSTREAM_SECRET;

use self::odd::Odd;
use crate::stage::crossing::{Crossing, cost_of, model};
use crate::stage::question::{DIALECTS, Question, caller};
use crate::stage::{PATIENCE, nanos, wire};

/// A seed that fails can be tried again.
const SEED: u64 = 0x70_11_4b_ee_9e_12;
const CASES: u64 = 12;

/// With a provider that takes whatever it can answer.
async fn set(key: Value) -> anyhow::Result<Crossing> {
    let easy = ProviderConfig::default().strict(false);
    Crossing::set_with(easy, |gateway| gateway, key).await
}

macro_rules! for_each_dialect {
    ($check:ident: $($test:ident = $dialect:ident),*) => {
        $(
            #[tokio::test]
            async fn $test() -> anyhow::Result<()> {
                $check($dialect).await
            }
        )*
    };
}

for_each_dialect! { requests:
    chat_requests = Chat, responses_requests = Responses, messages_requests = Messages,
    gemini_requests = Gemini
}
for_each_dialect! { large_requests:
    large_chat_requests = Chat, large_responses_requests = Responses,
    large_messages_requests = Messages, large_gemini_requests = Gemini
}
for_each_dialect! { streams:
    chat_streams = Chat, responses_streams = Responses, messages_streams = Messages,
    gemini_streams = Gemini
}

/// Made-up bodies: keys in any order, fields that nobody knows, escapes, numbers of any size, blanks
/// anywhere; whole and in events; sent at once and in pieces.
async fn requests(dialect: Dialect) -> anyhow::Result<()> {
    let crossing = set(json!({})).await?;
    let mut odd = Odd::new(SEED + dialect as u64);
    for case in 0..CASES {
        let stream = case % 3 == 0;
        let path = Question::to(model(dialect)).stream(stream).path(dialect);
        let body = odd.body(dialect, stream);
        if case % 2 == 0 {
            let client = crossing.caller(dialect)?;
            client.send(Method::POST, &path, body.clone()).await?.success()?;
        } else {
            in_pieces(&crossing, &path, &body, &mut odd).await?;
        }
        let seen = crossing.last_seen()?;
        let sent = String::from_utf8_lossy(&seen.body);
        ensure!(sent == body, "case {case}:\n{body}\n\nbecame\n\n{sent}");
        ensure!(seen.path == path, "{}", seen.path);
    }
    let calls = crossing.calls_when(usize::try_from(CASES)?).await?;
    let final_count = calls.iter().all(|call| call["usage_source"] == "upstream_final");
    ensure!(final_count, "{calls:?}");
    let (booked, cost) = (crossing.provider.totals().usage, |call: &Value| nanos(&call["cost"]));
    let all = Usage { input: booked.input, output: booked.output, ..Usage::default() };
    ensure!(calls.iter().map(cost).sum::<i64>() == cost_of(&all), "{all:?}: {calls:?}");
    crossing.audit().await
}

/// Two megabytes, in pieces.
async fn large_requests(dialect: Dialect) -> anyhow::Result<()> {
    let crossing = set(json!({})).await?;
    let mut odd = Odd::new(SEED ^ dialect as u64);
    let path = Question::to(model(dialect)).path(dialect);
    let words = r"so much \u4f60\/ ".repeat(2 << 16);
    let body = odd.body(dialect, false).replacen(odd::WORDS, &words, 1);
    ensure!(body.len() > 2 << 20, "{} bytes", body.len());
    in_pieces(&crossing, &path, &body, &mut odd).await?;
    ensure!(crossing.last_seen()?.body == body.as_bytes(), "the body was changed");
    let call = crossing.only_call().await?;
    ensure!(nanos(&call["cost"]) == cost_of(&crossing.booked()?), "{call}");
    crossing.audit().await
}

/// Sends a body in chunks of any size.
async fn in_pieces(
    crossing: &Crossing,
    path: &str,
    body: &str,
    odd: &mut Odd,
) -> anyhow::Result<()> {
    let mut bytes = format!(
        "POST {path} HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        crossing.key.secret
    )
    .into_bytes();
    let most = body.len() / 10 + 2;
    let mut rest = body.as_bytes();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(odd.up_to(most).clamp(1, rest.len()));
        bytes.extend(format!("{:x}\r\n", piece.len()).into_bytes());
        bytes.extend_from_slice(piece);
        bytes.extend_from_slice(b"\r\n");
        rest = after;
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    let answer = raw::exchange(crossing.gateway.address, &bytes, PATIENCE).await?;
    ensure!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    Ok(())
}

/// A stream in pieces of any size is the same through the gateway as straight from the provider.
async fn streams(dialect: Dialect) -> anyhow::Result<()> {
    let crossing = set(json!({})).await?;
    let question = Question { thinking: true, ..Question::to(model(dialect)).stream(true) };
    let (path, body) = (question.path(dialect), question.body(dialect));
    let straight = Client::new(crossing.provider.base_url());
    let straight = caller(&straight, dialect, UPSTREAM_SECRET)?;
    for split in [json!(null), json!(1), json!(3), json!(17), json!(256)] {
        crossing.provider_does(json!({
            "thoughts": "well then ", "answer": "你好 “this” is 😀 said", "split_bytes": split,
            "pad_bytes": 9,
        }))?;
        let mut through = crossing.caller(dialect)?.stream(&path, &body).await?;
        through.rest().await?;
        let id = through.headers.get("x-request-id").context("no id")?.to_str()?.to_owned();
        crossing.billed(&id, dialect, dialect).await?;
        let mut expected = straight.stream(&path, &body).await?;
        expected.rest().await?;
        let (got, expected) = (unstamped(&through.received), unstamped(&expected.received));
        ensure!(got == expected, "split {split}: {got}\n\n{expected}");
        ensure!(through.headers.get("cache-control").is_some_and(|value| value == "no-cache"));
    }
    crossing.audit().await
}

/// The provider's running numbers and clock differ from request to request.
fn unstamped(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for character in String::from_utf8_lossy(bytes).chars().chain(['\n']) {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        out.push_str(if digits.len() >= 8 { "#" } else { &digits });
        digits.clear();
        out.push(character);
    }
    out
}

/// What every answer of these tests reports: 7 tokens read, 3 written.
fn reported(dialect: Dialect) -> &'static str {
    match dialect {
        Chat => r#""usage" :{"prompt_tokens":7,"completion_tokens":3,"total_tokens": 10}"#,
        Responses => r#""usage":	{"input_tokens":7,"output_tokens":3,"total_tokens":10}"#,
        Messages => r#""usage":{ "input_tokens" : 7, "output_tokens":3}"#,
        Gemini => {
            r#""usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":3,"totalTokenCount":10}"#
        }
    }
}

/// Answers with the bytes, and asks for them.
async fn pass(dialect: Dialect, answer: &str, stream: bool) -> anyhow::Result<()> {
    let crossing = set(json!({})).await?;
    let kind = if stream { "text/event-stream" } else { "application/json" };
    let error = json!({"status": 200, "body": answer, "headers": {"content-type": kind}});
    crossing.provider_does(json!({"error": error}))?;
    let question = Question::to(model(dialect)).stream(stream);
    let (path, body) = (question.path(dialect), question.body(dialect));
    let got = crossing.caller(dialect)?.post_json(&path, &body).await?;
    ensure!(got.text() == answer, "{}: {:?} became {:?}", dialect.name(), answer, got.text());
    let call = crossing.only_call().await?;
    let expected = Usage { input: 7, output: 3, ..Usage::default() };
    ensure!(call["usage"] == json!(expected), "{}: {call}", dialect.name());
    ensure!(nanos(&call["cost"]) == cost_of(&expected), "{call}");
    ensure!(call["usage_source"] == "upstream_final", "{call}");
    crossing.audit().await
}

/// JSON that no writer would make.
#[tokio::test]
async fn odd_json_answers() -> anyhow::Result<()> {
    for dialect in DIALECTS {
        let content = match dialect {
            Chat => r#""choices":[{"message":{"content":"\u00e9\/"}}]"#,
            Responses => r#""object":"response","status":"completed","output":[]"#,
            Messages => r#""type":"message","content":[{"type":"text","text":"\u00e9"}]"#,
            Gemini => {
                r#""candidates":[{"content":{"parts":[{"text":"é"}]},"finishReason":"STOP"}]"#
            }
        };
        let usage = reported(dialect);
        let odd = format!(
            " \n{{ \"x\":1e400, \"y\" : [-0, 1.0e0],{content}\t,{usage} , \"z\":{{}} }}\r\n"
        );
        pass(dialect, &odd, false).await?;
    }
    Ok(())
}

/// Events with comments, ids and other line ends; data in several lines; a last line without its
/// end.
#[tokio::test]
async fn odd_events() -> anyhow::Result<()> {
    for dialect in DIALECTS {
        let usage = reported(dialect);
        let said = match dialect {
            Chat => format!(
                "data:{{\"choices\":[{{\"delta\":{{\"content\":\"é\"}}}}]}}\n\n\
                 data: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"stop\"}}]}}\r\n\r\n\
                 data: {{\"choices\":[],\ndata: {usage}}}\n\ndata: [DONE]\n\n"
            ),
            Responses => format!(
                "event: response.output_text.delta\r\ndata: {{\"type\":\"response.output_text.delta\",\
                 \"delta\":\"é\"}}\r\n\r\nevent: response.completed\nid: 9\ndata: {{\"type\":\
                 \"response.completed\",\ndata: \"response\":{{\"status\":\"completed\",{usage}}}}}\n\n"
            ),
            Messages => format!(
                "event:message_start\ndata: {{\"type\":\"message_start\",\"message\":{{}}}}\n\n\
                 event: message_delta\ndata: {{\"type\":\"message_delta\",\"delta\":\
                 {{\"stop_reason\":\"end_turn\"}},\ndata: {usage}}}\n\n: bye\n\n\
                 event: message_stop\ndata: {{\"type\":\"message_stop\"}}\n\n"
            ),
            Gemini => format!(
                "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"é\"}}]}}}}]}}\r\n\r\n\
                 data: {{\"candidates\":[{{\"finishReason\":\"STOP\"}}],\ndata: {usage}}}\n\n"
            ),
        };
        pass(dialect, &format!(": hello\n\nretry: 10\nid: 7\n\n{said}"), true).await?;
    }
    Ok(())
}

/// Gemini's stream without `alt=sse` is one array.
#[tokio::test]
async fn a_stream_as_an_array() -> anyhow::Result<()> {
    let crossing = set(json!({})).await?;
    for on in [Gemini, Chat, Responses, Messages] {
        let body = Question::to(model(on)).body(Gemini);
        let path = format!("/v1beta/models/{}:streamGenerateContent", model(on));
        crossing.provider_does(json!({"answer": "in an array"}))?;
        let answer = crossing.caller(Gemini)?.post_json(&path, &body).await?.success()?;
        ensure!(
            answer.header("content-type").is_some_and(|kind| kind.contains("json")),
            "{} {:?}",
            on.name(),
            answer.headers
        );
        let chunks = answer.json()?.as_array().cloned().context("no array")?;
        let text = chunks.iter().filter_map(|chunk| {
            chunk.pointer("/candidates/0/content/parts/0/text")?.as_str().map(str::to_owned)
        });
        ensure!(text.collect::<String>() == "in an array", "{}", answer.text());
        let id = answer.header("x-request-id").context("no id")?;
        crossing.billed(id, Gemini, on).await?;
    }
    crossing.audit().await
}

/// A mapped model and a lowered maximum change their own bytes and no other.
#[tokio::test]
async fn edits_are_of_their_spans() -> anyhow::Result<()> {
    for dialect in DIALECTS {
        let crossing = set(json!({"max_tokens_per_request": 33})).await?;
        let map = json!({"house-name": "vendor/ü-1"});
        let channel = crate::stage::crossing::speaking(dialect, &["house-name"]);
        let channel = crate::stage::merged(channel, json!({"model_map": map}));
        crossing.price("house-name", crate::stage::crossing::price()).await?;
        crossing.channel_with(channel).await?;
        let body = Odd::new(SEED).body(dialect, false).replace(&model(dialect), "house-name");
        let path = Question::to("house-name").path(dialect);
        let client = crossing.caller(dialect)?;
        let answer = client.send(Method::POST, &path, body.clone()).await?.success()?;
        ensure!(answer.header("x-tollkeeper-max-tokens") == Some("33"), "{:?}", answer.headers);
        let seen = crossing.last_seen()?;
        let expected = body.replace("house-name", "vendor/ü-1").replace("101", "33");
        ensure!(seen.body == expected.as_bytes(), "{expected}\n\n{:?}", seen.body);
        if dialect == Gemini {
            let path = "/v1beta/models/vendor/%C3%BC-1:generateContent";
            ensure!(seen.path == path, "{}", seen.path);
        }
        crossing.calls_when(1).await?;
        crossing.audit().await?;
    }
    Ok(())
}

/// The head of an answer in one piece tells its length.
#[tokio::test]
async fn a_whole_answer_has_its_length() -> anyhow::Result<()> {
    let crossing = set(json!({})).await?;
    for dialect in DIALECTS {
        let question = Question::to(model(dialect));
        let body = question.body(dialect).to_string();
        let request = format!(
            "POST {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-goog-api-key: {}\r\n\
             content-length: {}\r\n\r\n{body}",
            question.path(dialect),
            crossing.key.secret,
            body.len()
        );
        let bytes = raw::exchange(crossing.gateway.address, request.as_bytes(), PATIENCE).await?;
        let answer = wire::answer_in(&bytes)?.success()?;
        ensure!(answer.header("content-length").is_some() && answer.json()?.is_object());
    }
    Ok(())
}
