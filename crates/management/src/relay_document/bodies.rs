//! The fields of calls that matter most. Others are passed on as well.

use serde_json::{Map, Value, json};

type Field = (&'static str, &'static str, &'static str);

const MODEL: Field = ("model", "string", "The model, by the name in `GET /v1/models`.");
const STREAM: Field = ("stream", "boolean", "Whether the answer comes as events.");
const TOOLS: Field = ("tools", "array", "What the model may call.");
const TEMPERATURE: Field = ("temperature", "number", "How freely it writes.");

const CHAT: &[Field] = &[
    MODEL,
    ("messages", "array", "The conversation."),
    STREAM,
    ("stream_options", "object", "`include_usage` for a last event with the usage."),
    ("max_completion_tokens", "integer", "The most output tokens; a limit can lower it."),
    ("n", "integer", "How many answers; each is charged."),
    TOOLS,
    ("response_format", "object", "Structured output."),
    TEMPERATURE,
];
const COMPLETIONS: &[Field] = &[
    MODEL,
    ("prompt", "any", "The text to go on from, or a list of them."),
    STREAM,
    ("max_tokens", "integer", "The most output tokens; a limit can lower it."),
    ("n", "integer", "How many answers to each; each is charged."),
    ("best_of", "integer", "How many are made; each is charged."),
    TEMPERATURE,
];
const EMBEDDINGS: &[Field] = &[
    MODEL,
    ("input", "any", "A text, a list of texts, or tokens."),
    ("dimensions", "integer", "The length of each vector."),
    ("encoding_format", "string", "`float` or `base64`."),
];
const RESPONSES: &[Field] = &[
    MODEL,
    ("input", "any", "A text, or a list of items."),
    ("instructions", "string", "What stands before the conversation."),
    STREAM,
    ("max_output_tokens", "integer", "The most output tokens; a limit can lower it."),
    TOOLS,
    ("reasoning", "object", "How much it thinks."),
    ("previous_response_id", "string", "A stored response to go on from; only its maker's."),
    ("store", "boolean", "Whether the provider keeps the response."),
];
const MESSAGES: &[Field] = &[
    MODEL,
    ("messages", "array", "The conversation."),
    ("max_tokens", "integer", "The most output tokens; a limit can lower it."),
    ("system", "any", "What stands before the conversation."),
    STREAM,
    TOOLS,
    ("thinking", "object", "How much it thinks."),
    TEMPERATURE,
];
const COUNT_MESSAGES: &[Field] = &[
    MODEL,
    ("messages", "array", "The conversation."),
    ("system", "any", "What stands before it."),
    TOOLS,
];
const GENERATE: &[Field] = &[
    ("contents", "array", "The conversation."),
    ("systemInstruction", "object", "What stands before it."),
    ("generationConfig", "object", "`maxOutputTokens`, `temperature`, `candidateCount`, …"),
    TOOLS,
];
const COUNT_CONTENT: &[Field] = &[("contents", "array", "The conversation.")];
const EMBED: &[Field] = &[
    ("content", "object", "What to embed."),
    ("outputDimensionality", "integer", "The length of the vector."),
];
const BATCH_EMBED: &[Field] = &[("requests", "array", "What to embed, each as one request.")];

/// The fields of a route's body; none if it takes no body.
fn fields(method: &str, path: &str) -> Option<&'static [Field]> {
    let action = path.rsplit_once(':').map(|(_, action)| action);
    match (method, path, action) {
        ("POST", "/v1/chat/completions", _) => Some(CHAT),
        ("POST", "/v1/completions", _) => Some(COMPLETIONS),
        ("POST", "/v1/embeddings", _) => Some(EMBEDDINGS),
        ("POST", "/v1/responses", _) => Some(RESPONSES),
        ("POST", "/v1/messages", _) => Some(MESSAGES),
        ("POST", "/v1/messages/count_tokens", _) => Some(COUNT_MESSAGES),
        ("POST", _, Some("generateContent" | "streamGenerateContent")) => Some(GENERATE),
        ("POST", _, Some("countTokens")) => Some(COUNT_CONTENT),
        ("POST", _, Some("embedContent")) => Some(EMBED),
        ("POST", _, Some("batchEmbedContents")) => Some(BATCH_EMBED),
        _ => None,
    }
}

/// The schema of a route's body; none if it takes no body.
pub(super) fn of(method: &str, path: &str) -> Option<Value> {
    let fields = fields(method, path)?;
    let mut properties = Map::new();
    for (name, kind, text) in fields {
        let property = match *kind {
            "any" => json!({"description": text}),
            "array" => json!({"description": text, "type": "array", "items": {"type": "object"}}),
            kind => json!({"description": text, "type": kind}),
        };
        properties.insert((*name).to_owned(), property);
    }
    let first: Vec<&str> =
        fields.iter().map(|(name, ..)| *name).filter(|name| is_required(path, name)).collect();
    Some(json!({
        "type": "object",
        "properties": properties,
        "required": first,
        "additionalProperties": true,
    }))
}

fn is_required(path: &str, name: &str) -> bool {
    match name {
        "model" | "messages" | "prompt" | "contents" | "content" | "requests" => true,
        "input" => path == "/v1/embeddings",
        "max_tokens" => path == "/v1/messages",
        _ => false,
    }
}

/// Whether a route's answer has output tokens.
pub(super) fn makes_output(path: &str) -> bool {
    let fields = fields("POST", path).unwrap_or_default();
    streams(path) || fields.iter().any(|(name, ..)| *name == "generationConfig")
}

/// Whether a route's answer can come as events.
pub(super) fn streams(path: &str) -> bool {
    let fields = fields("POST", path).unwrap_or_default();
    path.ends_with(":streamGenerateContent") || fields.iter().any(|(name, ..)| *name == "stream")
}
