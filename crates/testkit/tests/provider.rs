//! The simulated provider over real connections: shapes, breaks, and books.

use serde_json::{Value, json};
use testkit::client::Client;
use testkit::provider::{
    Books, Cut, CutAt, Ending, ErrorReply, Matcher, ProviderConfig, Script, SimulatedProvider,
    State,
};

const CHAT: &str = "/v1/chat/completions";

async fn start(config: ProviderConfig) -> anyhow::Result<(SimulatedProvider, Client)> {
    let provider = SimulatedProvider::start(config).await?;
    let client = Client::new(provider.base_url());
    Ok((provider, client))
}

fn chat(script: Value) -> Value {
    request(script, json!({"stream": false}))
}

fn stream(script: Value) -> Value {
    request(script, json!({"stream": true, "stream_options": {"include_usage": true}}))
}

fn request(script: Value, mut fields: Value) -> Value {
    let others = json!({
        "model": "sim-small",
        "user": "call-1",
        "messages": [{"role": "user", "content": "How are you today?"}],
        "metadata": {"simulate": script},
    });
    if let (Value::Object(fields), Value::Object(others)) = (&mut fields, others) {
        fields.extend(others);
    }
    fields
}

#[tokio::test]
async fn json_has_openais_shape() -> anyhow::Result<()> {
    let (_provider, client) = start(ProviderConfig::default()).await?;
    let script = json!({"output_tokens": 3, "cached_tokens": 2, "reasoning_tokens": 4});
    let answer = client.post_json(CHAT, &chat(script)).await?.success()?.json()?;
    assert_eq!(answer["object"], "chat.completion");
    assert_eq!(answer["choices"][0]["message"]["content"], "Hello! I am ");
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    assert_eq!(answer["usage"]["prompt_tokens"], 7);
    assert_eq!(answer["usage"]["completion_tokens"], 7);
    assert_eq!(answer["usage"]["total_tokens"], 14);
    assert_eq!(answer["usage"]["prompt_tokens_details"]["cached_tokens"], 2);
    assert_eq!(answer["usage"]["completion_tokens_details"]["reasoning_tokens"], 4);
    Ok(())
}

#[tokio::test]
async fn stream_has_openais_shape() -> anyhow::Result<()> {
    let (_provider, client) = start(ProviderConfig::default()).await?;
    let mut answer = client.stream(CHAT, &stream(json!({"output_tokens": 2}))).await?;
    assert_eq!(answer.headers["content-type"], "text/event-stream; charset=utf-8");
    let events = answer.rest().await?;
    let chunks: Vec<Value> = events.iter().map(|event| event.json()).collect();
    assert_eq!(events.len(), 6);
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    assert_eq!(chunks[0]["usage"], Value::Null);
    assert_eq!(chunks[1]["choices"][0]["delta"]["content"], "Hello! ");
    assert_eq!(chunks[3]["choices"][0]["finish_reason"], "stop");
    assert_eq!(chunks[4]["choices"], json!([]));
    assert_eq!(chunks[4]["usage"]["completion_tokens"], 2);
    assert_eq!(events[5].data, "[DONE]");
    Ok(())
}

#[tokio::test]
async fn no_usage_chunk_unless_asked_for() -> anyhow::Result<()> {
    let (_provider, client) = start(ProviderConfig::default()).await?;
    let mut body = stream(json!({}));
    body["stream_options"] = Value::Null;
    let events = client.stream(CHAT, &body).await?.rest().await?;
    assert!(events.iter().all(|event| event.json().get("usage").is_none()));
    Ok(())
}

#[tokio::test]
async fn maximum_ends_the_answer_and_choices_multiply_it() -> anyhow::Result<()> {
    let (_provider, client) = start(ProviderConfig::default()).await?;
    let mut body = chat(json!({"output_tokens": 50}));
    body["max_tokens"] = json!(5);
    body["n"] = json!(3);
    let answer = client.post_json(CHAT, &body).await?.json()?;
    assert_eq!(answer["choices"][2]["finish_reason"], "length");
    assert_eq!(answer["usage"]["completion_tokens"], 15);
    body["metadata"]["simulate"]["ignore_max"] = json!(true);
    let answer = client.post_json(CHAT, &body).await?.json()?;
    assert_eq!(answer["usage"]["completion_tokens"], 150);
    Ok(())
}

#[tokio::test]
async fn every_cut_is_a_real_abort_and_is_booked() -> anyhow::Result<()> {
    use State::{Cut as WasCut, Received, UsageSent};
    let places = [
        (CutAt::BeforeHead, None, vec![Received, WasCut]),
        (CutAt::AfterHead, Some(0), vec![Received, WasCut]),
        (CutAt::MidStream, Some(3), vec![Received, WasCut]),
        (CutAt::BeforeUsage, Some(6), vec![Received, WasCut]),
        (CutAt::AfterUsage, Some(7), vec![Received, UsageSent, WasCut]),
    ];
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("books.jsonl");
    let (_provider, client) = start(ProviderConfig::default().books(&path)).await?;
    for (number, (at, events, states)) in places.into_iter().enumerate() {
        let script = Script { output_tokens: Some(4), cut: Some(Cut::at(at)), ..Script::default() };
        for answer in [chat(json!(script)), stream(json!(script))] {
            let streamed = answer["stream"] == true;
            let call = format!("{number}-{streamed}");
            let client = client.header("x-tollkeeper-call", &call)?;
            if streamed {
                match client.stream(CHAT, &answer).await {
                    Ok(mut open) => {
                        let (came, whole) = open.until_end_or_break().await;
                        assert_eq!((Some(came.len()), whole), (events, false), "{at:?}");
                    }
                    Err(_) => assert_eq!(events, None, "{at:?}"),
                }
            } else {
                assert!(client.post_json(CHAT, &answer).await.is_err(), "{at:?}");
            }
            let books = Books::read(&path)?;
            assert_eq!(books.by_call(&call)[0].states(), states, "{at:?} {streamed}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_cut_counts_the_tokens_that_went_out() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("books.jsonl");
    let (_provider, client) = start(ProviderConfig::default().books(&path)).await?;
    let cut = Cut { ending: Ending::Reset, ..Cut::after_chunks(5) };
    let script = Script { output_tokens: Some(9), cut: Some(cut), ..Script::default() };
    let mut open = client.stream(CHAT, &stream(json!(script))).await?;
    let (_, whole) = open.until_end_or_break().await;
    assert!(!whole);
    let books = Books::read(&path)?;
    let last = books.by_call("call-1")[0].last().unwrap().clone();
    assert_eq!((last.state, last.tokens.completion), (State::Cut, 5));
    Ok(())
}

#[tokio::test]
async fn books_agree_with_the_wire() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("books.jsonl");
    let (provider, client) = start(ProviderConfig::default().books(&path)).await?;
    let mut on_the_wire = 0;
    for tokens in 1..=20 {
        let body = chat(json!({"output_tokens": tokens}));
        let answer = client.post_json(CHAT, &body).await?.json()?;
        on_the_wire += answer["usage"]["completion_tokens"].as_u64().unwrap();
    }
    let books = Books::read(&path)?;
    assert_eq!(books.totals(), provider.totals());
    assert_eq!(books.totals().tokens.completion, on_the_wire);
    assert_eq!(books.totals().finished, 20);
    Ok(())
}

#[tokio::test]
async fn a_lie_is_told_verbatim_and_booked_beside_the_truth() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("books.jsonl");
    let (_provider, client) = start(ProviderConfig::default().books(&path)).await?;
    for lie in [json!(null), json!({"completion_tokens": -5}), json!("many")] {
        let body = chat(json!({"output_tokens": 3, "usage_override": lie}));
        let answer = client.post_json(CHAT, &body).await?.json()?;
        assert_eq!(answer.get("usage"), Some(&lie));
    }
    let books = Books::read(&path)?;
    let lied = books.by_call("call-1")[1].usage().unwrap().clone();
    assert_eq!(lied.reported, Some(json!({"completion_tokens": -5})));
    assert_eq!(lied.tokens.completion, 3);
    Ok(())
}

#[tokio::test]
async fn a_client_that_leaves_is_booked() -> anyhow::Result<()> {
    let (provider, client) = start(ProviderConfig::default()).await?;
    let script = json!({"output_tokens": 100_000, "chunk_delay_ms": 1});
    let mut open = client.stream(CHAT, &stream(script)).await?;
    open.next().await?;
    drop(open);
    tokio::time::timeout(std::time::Duration::from_secs(10), async {
        while provider.totals().client_gone == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await?;
    assert_eq!(provider.totals().usage_sent, 0);
    Ok(())
}

#[tokio::test]
async fn bytes_arrive_the_same_however_small_the_writes() -> anyhow::Result<()> {
    let (_provider, client) = start(ProviderConfig::default()).await?;
    let body = stream(json!({"output_tokens": 5, "split_bytes": 3, "pad_bytes": 10}));
    let events = client.stream(CHAT, &body).await?.rest().await?;
    assert_eq!(events.len(), 9);
    assert_eq!(events[1].json()["obfuscation"], "xxxxxxxxxx");
    Ok(())
}

#[tokio::test]
async fn errors_follow_the_script() -> anyhow::Result<()> {
    let (provider, client) = start(ProviderConfig::default()).await?;
    let error = ErrorReply { retry_after: Some("7".to_owned()), ..ErrorReply::status(429) };
    let script = Script { error: Some(error), fail_times: Some(1), ..Script::default() };
    provider.script(Matcher::model("sim-small"), script);
    let body = json!({"model": "sim-small", "messages": []});
    let refused = client.post_json(CHAT, &body).await?;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, Some("7")));
    assert_eq!(refused.code().as_deref(), Some("rate_limit_exceeded"));
    client.post_json(CHAT, &body).await?.success()?;
    Ok(())
}

#[tokio::test]
async fn an_error_event_ends_a_stream() -> anyhow::Result<()> {
    let (provider, client) = start(ProviderConfig::default()).await?;
    let script = json!({"error_event_mid_stream": {"after_chunks": 2}});
    let events = client.stream(CHAT, &stream(script)).await?.rest().await?;
    assert_eq!(events.len(), 4);
    assert_eq!(events[3].json()["error"]["type"], "server_error");
    assert_eq!(provider.totals().failed, 1);
    Ok(())
}

#[tokio::test]
async fn a_secret_is_asked_for_and_requests_are_remembered() -> anyhow::Result<()> {
    let config = ProviderConfig::default().require_secret("up-1").keep_seen(1);
    let (provider, client) = start(config).await?;
    assert_eq!(client.get("/v1/models").await?.status, 401);
    let models = client.bearer("up-1")?.get("/v1/models").await?.success()?.json()?;
    assert_eq!(models["data"][0]["id"], "sim-small");
    assert_eq!(provider.seen().len(), 1);
    assert_eq!(provider.seen()[0].header("authorization"), Some("Bearer up-1"));
    Ok(())
}

#[tokio::test]
async fn scripts_come_over_http_and_as_strings() -> anyhow::Result<()> {
    let (_provider, client) = start(ProviderConfig::default()).await?;
    let rule = json!({"match": {"call": "call-2"}, "script": {"reject_include_usage": true}});
    client.post_json("/_control/script", &rule).await?.success()?;
    let mut body = stream(Value::Null);
    body["metadata"] = Value::Null;
    body["user"] = json!("call-2");
    assert_eq!(client.post_json(CHAT, &body).await?.status, 400);
    let body = chat(json!("{\"output_tokens\": 1}"));
    let answer = client.post_json(CHAT, &body).await?.json()?;
    assert_eq!(answer["usage"]["completion_tokens"], 1);
    let by_header = client.header("x-simulate", "{\"output_tokens\": 2}")?;
    let answer = by_header.post_json(CHAT, &body).await?.json()?;
    assert_eq!(answer["usage"]["completion_tokens"], 2);
    let misspelt = chat(json!({"output_token": 1}));
    assert_eq!(client.post_json(CHAT, &misspelt).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn a_hanging_provider_answers_nobody() -> anyhow::Result<()> {
    let (provider, client) = start(ProviderConfig::default()).await?;
    let waiting =
        tokio::spawn(async move { client.post_json(CHAT, &chat(json!({"hang": true}))).await });
    while provider.totals().received == 0 {
        tokio::task::yield_now().await;
    }
    provider.shutdown().await;
    assert!(waiting.await?.is_err());
    Ok(())
}
