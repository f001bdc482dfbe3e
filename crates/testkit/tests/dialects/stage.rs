//! A provider, clients for each dialect, and requests that are right.

use serde_json::{Value, json};
use testkit::client::{Client, Event, Response};
use testkit::provider::{Books, Matcher, ProviderConfig, Script, SimulatedProvider};

pub(crate) const CHAT: &str = "/v1/chat/completions";
pub(crate) const RESPONSES: &str = "/v1/responses";
pub(crate) const MESSAGES: &str = "/v1/messages";
pub(crate) const GEMINI: &str = "/v1beta/models/sim-small:generateContent";
pub(crate) const GEMINI_STREAM: &str = "/v1beta/models/sim-small:streamGenerateContent?alt=sse";

/// A provider with books in a file.
pub(crate) struct Stage {
    pub(crate) provider: SimulatedProvider,
    pub(crate) client: Client,
    directory: tempfile::TempDir,
}

impl Stage {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        Self::with(ProviderConfig::default()).await
    }

    pub(crate) async fn with(config: ProviderConfig) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let config = config.books(directory.path().join("books.jsonl"));
        let provider = SimulatedProvider::start(config).await?;
        let client = Client::new(provider.base_url()).header("anthropic-version", "2023-06-01")?;
        Ok(Self { provider, client, directory })
    }

    /// A provider that follows this script.
    pub(crate) async fn scripted(script: Value) -> anyhow::Result<Self> {
        let stage = Self::start().await?;
        stage.script(script)?;
        Ok(stage)
    }

    pub(crate) fn script(&self, script: Value) -> anyhow::Result<()> {
        let script: Script = serde_json::from_value(script)?;
        self.provider.script(Matcher::any(), script);
        Ok(())
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.client.post_json(path, body).await?.success()?.json()
    }

    pub(crate) async fn events(&self, path: &str, body: &Value) -> anyhow::Result<Vec<Event>> {
        self.client.stream(path, body).await?.rest().await
    }

    /// The message with which a request is refused.
    pub(crate) async fn refused(&self, path: &str, body: &Value) -> anyhow::Result<String> {
        let answer = self.client.post_json(path, body).await?;
        assert_eq!(answer.status, 400, "{}", answer.text());
        Ok(message(&answer))
    }

    pub(crate) fn books(&self) -> anyhow::Result<Books> {
        Books::read(self.directory.path().join("books.jsonl"))
    }
}

pub(crate) fn message(answer: &Response) -> String {
    let body = answer.json().unwrap_or_default();
    body["error"]["message"].as_str().unwrap_or_default().to_owned()
}

/// An object with more fields.
pub(crate) fn with(mut body: Value, more: Value) -> Value {
    if let (Value::Object(fields), Value::Object(more)) = (&mut body, more) {
        fields.extend(more);
    }
    body
}

pub(crate) fn chat(more: Value) -> Value {
    let messages = json!([{"role": "user", "content": "How are you today?"}]);
    with(json!({"model": "sim-small", "messages": messages}), more)
}

pub(crate) fn responses(more: Value) -> Value {
    with(json!({"model": "sim-small", "input": "How are you today?"}), more)
}

pub(crate) fn messages(more: Value) -> Value {
    let messages = json!([{"role": "user", "content": "How are you today?"}]);
    with(json!({"model": "sim-small", "max_tokens": 2_000, "messages": messages}), more)
}

pub(crate) fn gemini(more: Value) -> Value {
    let contents = json!([{"role": "user", "parts": [{"text": "How are you today?"}]}]);
    with(json!({"contents": contents}), more)
}

/// The four dialects of conversations: where they are asked for a stream, and a right request.
pub(crate) fn streams() -> [(&'static str, Value); 4] {
    let stream = json!({"stream": true});
    let usage = json!({"stream_options": {"include_usage": true}});
    [
        (CHAT, chat(with(stream.clone(), usage))),
        (RESPONSES, responses(stream.clone())),
        (MESSAGES, messages(stream)),
        (GEMINI_STREAM, gemini(json!({}))),
    ]
}

/// The same for JSON answers.
pub(crate) fn documents() -> [(&'static str, Value); 4] {
    [
        (CHAT, chat(json!({}))),
        (RESPONSES, responses(json!({}))),
        (MESSAGES, messages(json!({}))),
        (GEMINI, gemini(json!({}))),
    ]
}
