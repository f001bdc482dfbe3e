//! What a method and a path of the data plane are for.
//!
//! `routes.rs` the table of all of them · `astray.rs` paths that were meant otherwise.

mod astray;
mod routes;

pub(crate) use astray::hint;
pub use routes::{ROUTES, Route};

use domain::dialect::Dialect;
use domain::permission::Permission;
use http::Method;
use protocol::peek::Shape;

use crate::stored::StoredRequest;

/// What a path of the data plane is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A call to a model.
    Call(Operation),
    /// The list of models.
    Models(Surface),
    /// One model.
    Model(Surface, String),
    /// `/v1/responses/{id}`: a response that the provider keeps.
    Stored(StoredRequest),
    /// `HEAD /`: whether anybody is there.
    Root,
    /// `GET /v1/responses`: a WebSocket is wanted, which is not offered.
    Socket,
    /// The path exists, with this method.
    Other(Surface, &'static str),
    /// There is no such path.
    Unknown(Surface),
}

/// Whose error shape a path has.
pub type Surface = Dialect;

/// What is asked of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// `POST /v1/chat/completions`.
    Chat,
    /// `POST /v1/completions`.
    Completions,
    /// `POST /v1/embeddings`.
    Embeddings,
    /// `POST /v1/responses`.
    Responses,
    /// `POST /v1/messages`.
    Messages,
    /// `POST /v1/messages/count_tokens`.
    CountTokens,
    /// `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`.
    Generate {
        /// The model.
        model: String,
        /// Whether a stream is wanted, …
        stream: bool,
        /// … as events (`alt=sse`) rather than as one array.
        events: bool,
    },
    /// `POST /v1beta/models/{model}:countTokens`.
    GeminiCountTokens(String),
    /// `POST /v1beta/models/{model}:embedContent` and `:batchEmbedContents`.
    GeminiEmbed {
        /// The model.
        model: String,
        /// Whether there are several.
        batch: bool,
    },
}

impl Operation {
    /// The caller's wire format.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self {
            Self::Chat | Self::Completions | Self::Embeddings => Dialect::Chat,
            Self::Responses => Dialect::Responses,
            Self::Messages | Self::CountTokens => Dialect::Messages,
            Self::Generate { .. } | Self::GeminiCountTokens(_) | Self::GeminiEmbed { .. } => {
                Dialect::Gemini
            }
        }
    }

    /// The shape of the body.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        match self {
            Self::Chat => Shape::Chat,
            Self::Completions => Shape::Completions,
            Self::Embeddings => Shape::Embeddings,
            Self::Responses => Shape::Responses,
            Self::Messages => Shape::Messages,
            Self::CountTokens => Shape::CountTokens,
            Self::Generate { .. } => Shape::GeminiGenerate,
            Self::GeminiCountTokens(_) => Shape::GeminiCountTokens,
            Self::GeminiEmbed { .. } => Shape::GeminiEmbed,
        }
    }

    /// What a key must be allowed to do.
    #[must_use]
    pub const fn permission(&self) -> Permission {
        match self {
            Self::Chat => Permission::Chat,
            Self::Completions => Permission::Completions,
            Self::Embeddings | Self::GeminiEmbed { .. } => Permission::Embeddings,
            Self::Responses => Permission::Responses,
            Self::Messages
            | Self::CountTokens
            | Self::Generate { .. }
            | Self::GeminiCountTokens(_) => Permission::Messages,
        }
    }

    /// The path by which it is asked for; Gemini's without what is before the model.
    #[must_use]
    pub const fn route(&self) -> &'static str {
        match self {
            Self::Chat => "/v1/chat/completions",
            Self::Completions => "/v1/completions",
            Self::Embeddings => "/v1/embeddings",
            Self::Responses => "/v1/responses",
            Self::Messages => "/v1/messages",
            Self::CountTokens => "/v1/messages/count_tokens",
            Self::Generate { stream: false, .. } => ":generateContent",
            Self::Generate { stream: true, .. } => ":streamGenerateContent",
            Self::GeminiCountTokens(_) => ":countTokens",
            Self::GeminiEmbed { batch: false, .. } => ":embedContent",
            Self::GeminiEmbed { batch: true, .. } => ":batchEmbedContents",
        }
    }

    /// The model, where the path names it.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        match self {
            Self::Generate { model, .. }
            | Self::GeminiCountTokens(model)
            | Self::GeminiEmbed { model, .. } => Some(model),
            _ => None,
        }
    }

    /// Whether the path asks for a stream.
    #[must_use]
    pub const fn streams(&self) -> bool {
        matches!(self, Self::Generate { stream: true, .. })
    }

    /// Whether every dialect has something alike, so that it can be translated.
    #[must_use]
    pub const fn is_universal(&self) -> bool {
        matches!(self, Self::Chat | Self::Responses | Self::Messages | Self::Generate { .. })
            || self.only_counts()
    }

    /// Whether it only counts tokens, which costs nothing.
    #[must_use]
    pub const fn only_counts(&self) -> bool {
        matches!(self, Self::CountTokens | Self::GeminiCountTokens(_))
    }
}

/// The endpoint behind a method, a path and a query; none if the data plane does not have it.
#[must_use]
pub fn endpoint(method: &Method, path: &str, query: Option<&str>) -> Option<Endpoint> {
    let call = |operation: Operation| {
        let surface = operation.dialect();
        let post = method == Method::POST;
        Some(if post { Endpoint::Call(operation) } else { Endpoint::Other(surface, "POST") })
    };
    match path {
        "/" if method == Method::HEAD => Some(Endpoint::Root),
        "/v1/chat/completions" => call(Operation::Chat),
        "/v1/completions" => call(Operation::Completions),
        "/v1/embeddings" => call(Operation::Embeddings),
        "/v1/responses" if method == Method::GET => Some(Endpoint::Socket),
        "/v1/responses" => call(Operation::Responses),
        "/v1/messages" => call(Operation::Messages),
        "/v1/messages/count_tokens" => call(Operation::CountTokens),
        _ => {
            let (rest, surface) = match path.strip_prefix("/v1beta/") {
                Some(rest) => (rest, Dialect::Gemini),
                None => match path.strip_prefix("/v1/") {
                    Some(rest) => (rest, Dialect::Chat),
                    // A call to a wrong base URL is told so in the shape that its sender reads.
                    None if method == Method::POST => {
                        return astray::meant_for(path).map(Endpoint::Unknown);
                    }
                    None => return None,
                },
            };
            if rest == "models" {
                return only_get(method, surface, Endpoint::Models(surface));
            }
            if let Some(name) = rest.strip_prefix("models/").filter(|name| !name.is_empty()) {
                // A GET asks for a model whose name may hold a colon; a POST for something of it.
                if let Some((model, action)) = name.rsplit_once(':')
                    && method != Method::GET
                {
                    let operation = gemini(model, action, query);
                    let unknown = || Some(Endpoint::Unknown(Dialect::Gemini));
                    return operation.map_or_else(unknown, call);
                }
                return only_get(method, surface, Endpoint::Model(surface, unescaped(name)));
            }
            if let Some(request) = rest.strip_prefix("responses/").and_then(stored) {
                let allowed = match request.rest.as_str() {
                    "" => &[Method::GET, Method::DELETE][..],
                    "/cancel" => &[Method::POST],
                    _ => &[Method::GET],
                };
                let allowed = allowed.contains(method);
                return Some(match request.rest.as_str() {
                    _ if allowed => Endpoint::Stored(request),
                    "" => Endpoint::Other(Dialect::Responses, "GET, DELETE"),
                    "/cancel" => Endpoint::Other(Dialect::Responses, "POST"),
                    _ => Endpoint::Other(Dialect::Responses, "GET"),
                });
            }
            let first = rest.split('/').next().unwrap_or_default();
            // Keys are managed elsewhere; their holders' own figures are read there too.
            let elsewhere = surface == Dialect::Chat
                && matches!(
                    first,
                    "api-keys" | "api-keys.csv" | "usage" | "usage.csv" | "dashboard" | "key"
                );
            let surface = if first == "messages" { Dialect::Messages } else { surface };
            let surface = astray::meant_for(path).filter(|_| !elsewhere).unwrap_or(surface);
            (!elsewhere).then_some(Endpoint::Unknown(surface))
        }
    }
}

/// The response that a path means, if what it wants of it is known.
fn stored(path: &str) -> Option<StoredRequest> {
    let (id, rest) = path.find('/').map_or((path, ""), |at| path.split_at(at));
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    let known = matches!(rest, "" | "/input_items" | "/cancel");
    (known && plain && !id.is_empty())
        .then(|| StoredRequest { id: id.to_owned(), rest: rest.to_owned() })
}

fn only_get(method: &Method, surface: Surface, endpoint: Endpoint) -> Option<Endpoint> {
    Some(if method == Method::GET { endpoint } else { Endpoint::Other(surface, "GET") })
}

/// A name in a path, its `%xx` resolved; as it stands where that makes no text.
fn unescaped(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [first, after @ ..] = rest {
        let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
        let escaped = (*first == b'%').then(|| Some(digit(0)? << 4 | digit(1)?)).flatten();
        match (escaped.and_then(|byte| u8::try_from(byte).ok()), after) {
            (Some(byte), [_, _, after @ ..]) => {
                bytes.push(byte);
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| name.to_owned())
}

fn gemini(model: &str, action: &str, query: Option<&str>) -> Option<Operation> {
    if model.is_empty() {
        return None;
    }
    let model = unescaped(model);
    match action {
        "generateContent" => Some(Operation::Generate { model, stream: false, events: false }),
        "streamGenerateContent" => {
            let events = query.unwrap_or_default().split('&').any(|pair| pair == "alt=sse");
            Some(Operation::Generate { model, stream: true, events })
        }
        "countTokens" => Some(Operation::GeminiCountTokens(model)),
        "embedContent" => Some(Operation::GeminiEmbed { model, batch: false }),
        "batchEmbedContents" => Some(Operation::GeminiEmbed { model, batch: true }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_what_they_say() {
        let at = |method: Method, path: &str| {
            let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
            endpoint(&method, path, query)
        };
        let generate = |model: &str, stream, events| {
            Some(Endpoint::Call(Operation::Generate { model: model.into(), stream, events }))
        };
        assert_eq!(at(Method::POST, "/v1/messages"), Some(Endpoint::Call(Operation::Messages)));
        assert_eq!(
            at(Method::POST, "/v1beta/models/gemini-3:generateContent"),
            generate("gemini-3", false, false)
        );
        assert_eq!(
            at(Method::POST, "/v1/models/a/b:c:streamGenerateContent?alt=sse"),
            generate("a/b:c", true, true)
        );
        assert_eq!(
            at(Method::GET, "/v1/models/a/b"),
            Some(Endpoint::Model(Dialect::Chat, "a/b".into()))
        );
        assert_eq!(
            at(Method::POST, "/v1beta/models/a%2Fb%3ac%:generateContent"),
            generate("a/b:c%", false, false)
        );
        assert_eq!(
            at(Method::GET, "/v1/models/a%2fb%C3%A9"),
            Some(Endpoint::Model(Dialect::Chat, "a/bé".into()))
        );
        assert_eq!(at(Method::GET, "/v1/responses"), Some(Endpoint::Socket));
        assert_eq!(at(Method::HEAD, "/"), Some(Endpoint::Root));
        assert_eq!(at(Method::GET, "/"), None);
        assert_eq!(at(Method::GET, "/v1/usage"), None);
        assert_eq!(at(Method::POST, "/chat/completions"), Some(Endpoint::Unknown(Dialect::Chat)));
        assert_eq!(at(Method::POST, "/messages"), Some(Endpoint::Unknown(Dialect::Messages)));
        assert_eq!(at(Method::POST, "/v1/v1/messages"), Some(Endpoint::Unknown(Dialect::Messages)));
        assert_eq!(at(Method::POST, "/api/v1/users"), None);
        assert_eq!(
            at(Method::GET, "/v1/messages"),
            Some(Endpoint::Other(Dialect::Messages, "POST"))
        );
        assert_eq!(
            at(Method::POST, "/v1/messages/batches"),
            Some(Endpoint::Unknown(Dialect::Messages))
        );
        assert_eq!(
            at(Method::POST, "/v1beta/models/x:fly"),
            Some(Endpoint::Unknown(Dialect::Gemini))
        );
    }
}
