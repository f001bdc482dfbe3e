//! A question in each of the four dialects, put as the makers' own SDKs put it.

use anyhow::ensure;
use domain::dialect::Dialect;
use serde_json::{Value, json};
use testkit::client::Client;

use super::answer::Answer;
use super::{events, merged};

/// The dialects that callers and channels speak.
pub(crate) const DIALECTS: [Dialect; 4] =
    [Dialect::Chat, Dialect::Responses, Dialect::Messages, Dialect::Gemini];

/// A picture of one pixel.
pub(crate) const IMAGE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
/// Instructions that can be found again.
pub(crate) const SYSTEM: &str = "Answer in rhymes about lighthouses.";
/// What the user says.
pub(crate) const WORDS: &str = "one two three";

/// What is asked, in no dialect's words.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) model: String,
    pub(crate) stream: bool,
    /// The most output tokens.
    pub(crate) most: u64,
    pub(crate) system: bool,
    pub(crate) tools: bool,
    pub(crate) thinking: bool,
    pub(crate) image: bool,
    pub(crate) schema: bool,
    /// What was said after the question, in the dialect's own items.
    pub(crate) since: Vec<Value>,
}

impl Question {
    /// A plain question to a model.
    pub(crate) fn to(model: impl Into<String>) -> Self {
        Self {
            model: model.into(),
            stream: false,
            most: 8_000,
            system: false,
            tools: false,
            thinking: false,
            image: false,
            schema: false,
            since: Vec::new(),
        }
    }

    /// The same, to be answered in events.
    pub(crate) fn stream(mut self, stream: bool) -> Self {
        self.stream = stream;
        self
    }

    /// The path with its query.
    pub(crate) fn path(&self, dialect: Dialect) -> String {
        match dialect {
            Dialect::Chat => "/v1/chat/completions".to_owned(),
            Dialect::Responses => "/v1/responses".to_owned(),
            Dialect::Messages => "/v1/messages".to_owned(),
            Dialect::Gemini if self.stream => {
                format!("/v1beta/models/{}:streamGenerateContent?alt=sse", self.model)
            }
            Dialect::Gemini => format!("/v1beta/models/{}:generateContent", self.model),
        }
    }

    /// The body.
    pub(crate) fn body(&self, dialect: Dialect) -> Value {
        let body = match dialect {
            Dialect::Chat => self.chat(),
            Dialect::Responses => self.responses(),
            Dialect::Messages => self.messages(),
            Dialect::Gemini => return self.gemini(),
        };
        merged(body, json!({"model": self.model, "stream": self.stream}))
    }

    /// Asks, and reads the answer to its end.
    pub(crate) async fn ask(&self, client: &Client, dialect: Dialect) -> anyhow::Result<Answer> {
        let (path, body) = (self.path(dialect), self.body(dialect));
        if !self.stream {
            let answer = client.post_json(&path, &body).await?.success()?;
            return Answer::read(dialect, &answer.headers, &answer.json()?);
        }
        let mut stream = client.stream(&path, &body).await?;
        let said = stream.rest().await;
        let text = String::from_utf8_lossy(&stream.received).into_owned();
        ensure!(stream.status == 200, "{}: {text}", stream.status);
        let kind = stream.headers.get("content-type").and_then(|kind| kind.to_str().ok());
        ensure!(kind.is_some_and(|kind| kind.starts_with("text/event-stream")), "{kind:?}");
        let whole = said.and_then(|said| events::whole(dialect, &said));
        let read = whole.and_then(|whole| Answer::read(dialect, &stream.headers, &whole));
        read.map_err(|error| error.context(text))
    }

    fn chat(&self) -> Value {
        let mut content = json!(WORDS);
        if self.image {
            let url = format!("data:image/png;base64,{IMAGE}");
            let image = json!({"type": "image_url", "image_url": {"url": url}});
            content = json!([{"type": "text", "text": WORDS}, image]);
        }
        let system = self.system.then(|| json!({"role": "system", "content": SYSTEM}));
        let user = json!({"role": "user", "content": content});
        let messages: Value = system.into_iter().chain([user]).chain(self.since.clone()).collect();
        let tool = |(name, schema): (&str, Value)| {
            let function = json!({"name": name, "description": "Tells.", "parameters": schema});
            json!({"type": "function", "function": function})
        };
        let schema = json!({"name": "capital", "schema": schema(), "strict": true});
        let format = json!({"type": "json_schema", "json_schema": schema});
        with([
            Some(("messages", messages)),
            Some(("max_completion_tokens", json!(self.most))),
            self.stream.then(|| ("stream_options", json!({"include_usage": true}))),
            self.tools.then(|| ("tools", tools().map(tool).into_iter().collect())),
            self.thinking.then(|| ("reasoning_effort", json!("low"))),
            self.schema.then_some(("response_format", format)),
        ])
    }

    fn responses(&self) -> Value {
        let mut content = vec![json!({"type": "input_text", "text": WORDS})];
        if self.image {
            let url = format!("data:image/png;base64,{IMAGE}");
            content.push(json!({"type": "input_image", "image_url": url, "detail": "auto"}));
        }
        let user = json!({"type": "message", "role": "user", "content": content});
        let input: Value = [user].into_iter().chain(self.since.clone()).collect();
        let tool = |(name, schema): (&str, Value)| {
            json!({"type": "function", "name": name, "description": "Tells.",
                "parameters": schema, "strict": false})
        };
        let format =
            json!({"type": "json_schema", "name": "capital", "schema": schema(), "strict": true});
        with([
            Some(("input", input)),
            Some(("max_output_tokens", json!(self.most))),
            Some(("store", json!(false))),
            Some(("include", json!(["reasoning.encrypted_content"]))),
            self.system.then(|| ("instructions", json!(SYSTEM))),
            self.tools.then(|| ("tools", tools().map(tool).into_iter().collect())),
            self.thinking.then(|| ("reasoning", json!({"effort": "low", "summary": "auto"}))),
            self.schema.then(|| ("text", json!({"format": format}))),
        ])
    }

    fn messages(&self) -> Value {
        let mut content = vec![json!({"type": "text", "text": WORDS})];
        if self.image {
            let source = json!({"type": "base64", "media_type": "image/png", "data": IMAGE});
            content.push(json!({"type": "image", "source": source}));
        }
        let user = json!({"role": "user", "content": content});
        let messages: Value = [user].into_iter().chain(self.since.clone()).collect();
        let tool = |(name, schema): (&str, Value)| json!({"name": name, "description": "Tells.", "input_schema": schema});
        let format = json!({"format": {"type": "json_schema", "schema": schema()}});
        with([
            Some(("messages", messages)),
            Some(("max_tokens", json!(self.most))),
            self.system.then(|| ("system", json!([{"type": "text", "text": SYSTEM}]))),
            self.tools.then(|| ("tools", tools().map(tool).into_iter().collect())),
            self.thinking.then(|| ("thinking", json!({"type": "enabled", "budget_tokens": 1024}))),
            self.schema.then_some(("output_config", format)),
        ])
    }

    fn gemini(&self) -> Value {
        let mut parts = vec![json!({"text": WORDS})];
        if self.image {
            parts.push(json!({"inlineData": {"mimeType": "image/png", "data": IMAGE}}));
        }
        let user = json!({"role": "user", "parts": parts});
        let contents: Value = [user].into_iter().chain(self.since.clone()).collect();
        let tool = |(name, schema): (&str, Value)| json!({"name": name, "description": "Tells.", "parametersJsonSchema": schema});
        let declared: Vec<Value> = tools().map(tool).into_iter().collect();
        let thinking = json!({"includeThoughts": true, "thinkingBudget": 1024});
        let config = with([
            Some(("maxOutputTokens", json!(self.most))),
            self.thinking.then_some(("thinkingConfig", thinking)),
            self.schema.then(|| ("responseMimeType", json!("application/json"))),
            self.schema.then(|| ("responseJsonSchema", schema())),
        ]);
        with([
            Some(("contents", contents)),
            Some(("generationConfig", config)),
            self.system.then(|| ("systemInstruction", json!({"parts": [{"text": SYSTEM}]}))),
            self.tools.then(|| ("tools", json!([{"functionDeclarations": declared}]))),
        ])
    }
}

/// A client that shows its key as the dialect's own SDK does.
pub(crate) fn caller(client: &Client, dialect: Dialect, key: &str) -> anyhow::Result<Client> {
    match dialect {
        Dialect::Chat | Dialect::Responses => client.bearer(key),
        Dialect::Messages => {
            client.header("x-api-key", key)?.header("anthropic-version", "2023-06-01")
        }
        Dialect::Gemini => client.header("x-goog-api-key", key),
    }
}

fn tools() -> [(&'static str, Value); 2] {
    let takes = |field: &str| json!({"type": "object", "properties": {field: {"type": "string"}}, "required": [field]});
    [("weather", takes("city")), ("clock", takes("zone"))]
}

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {"capital_city": {"type": "string"}},
        "required": ["capital_city"],
        "additionalProperties": false,
    })
}

/// An object of the members that are there.
fn with<const N: usize>(members: [Option<(&str, Value)>; N]) -> Value {
    let given = members.into_iter().flatten();
    Value::Object(given.map(|(name, value)| (name.to_owned(), value)).collect())
}
