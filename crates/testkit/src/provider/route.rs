//! Which route a request is for, and what its path says.

use http::{HeaderMap, Method, Uri};

use super::dialect::Dialect;
use super::gemini::bare_name;
use super::refusal::Family;

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// A call to a model, which the books record.
    Call(Dialect),
    /// `POST /v1/messages/count_tokens`
    CountForMessages,
    /// `POST …:countTokens`
    CountForGemini,
    /// `GET /v1/models` and `GET /v1beta/models`
    Models,
    /// One model of the list.
    Model(String),
    /// `GET /v1/responses/{id}`
    KeptResponse(String),
    /// `DELETE /v1/responses/{id}`
    ForgetResponse(String),
    /// `GET /v1/responses`, which asks for a WebSocket.
    WebSocket,
    /// `HEAD /`, by which Claude Code sees whether anybody is there.
    Ping,
    Unknown,
}

/// A call of Gemini's `generateContent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gemini {
    pub(super) model: String,
    pub(super) stream: bool,
    /// `?alt=sse`; without it a stream is an array.
    pub(super) events: bool,
}

/// Finds the route, and the family in whose shape it answers.
pub(super) fn find(method: &Method, uri: &Uri, headers: &HeaderMap) -> (Route, Family) {
    let path = uri.path();
    let family = family(path, headers);
    let route = match (method.as_str(), path) {
        ("POST", "/v1/chat/completions") => Route::Call(Dialect::Chat),
        ("POST", "/v1/responses") => Route::Call(Dialect::Responses),
        ("POST", "/v1/messages") => Route::Call(Dialect::Messages),
        ("POST", "/v1/messages/count_tokens") => Route::CountForMessages,
        ("POST", "/v1/completions") => Route::Call(Dialect::Completions),
        ("POST", "/v1/embeddings") => Route::Call(Dialect::Embeddings),
        ("GET", "/v1/models" | "/v1beta/models") => Route::Models,
        ("GET", "/v1/responses") => Route::WebSocket,
        ("HEAD", "/") => Route::Ping,
        (method, path) => longer(method, path, uri.query()),
    };
    (route, family)
}

fn family(path: &str, headers: &HeaderMap) -> Family {
    // Google's own SDK lists models without the `beta`.
    let of_google = path.starts_with("/v1/models") && headers.contains_key("x-goog-api-key");
    if path.starts_with("/v1beta/") || of_google || gemini_method(path).is_some() {
        Family::Gemini
    } else if path.starts_with("/v1/messages") || headers.contains_key("anthropic-version") {
        Family::Anthropic
    } else {
        Family::OpenAi
    }
}

fn longer(method: &str, path: &str, query: Option<&str>) -> Route {
    if let Some(id) = path.strip_prefix("/v1/responses/").filter(|id| !id.contains('/')) {
        return match method {
            "GET" => Route::KeptResponse(id.to_owned()),
            "DELETE" => Route::ForgetResponse(id.to_owned()),
            _ => Route::Unknown,
        };
    }
    if method == "POST"
        && let Some((model, verb)) = gemini_method(path)
    {
        return gemini(model, verb, query);
    }
    match path.strip_prefix("/v1beta/models/").or_else(|| path.strip_prefix("/v1/models/")) {
        Some(model) if method == "GET" => Route::Model(model.to_owned()),
        _ => Route::Unknown,
    }
}

/// The model and what is wanted of it; a model's name may hold slashes and colons.
fn gemini_method(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix("/v1beta/").or_else(|| path.strip_prefix("/v1/"))?;
    rest.strip_prefix("models/")?.rsplit_once(':')
}

fn gemini(model: &str, verb: &str, query: Option<&str>) -> Route {
    let model = bare_name(model).to_owned();
    let events = query.is_some_and(|query| query.split('&').any(|pair| pair == "alt=sse"));
    match verb {
        "generateContent" | "streamGenerateContent" => {
            let stream = verb == "streamGenerateContent";
            Route::Call(Dialect::Gemini(Gemini { model, stream, events }))
        }
        "countTokens" => Route::CountForGemini,
        "embedContent" => Route::Call(Dialect::GeminiEmbeddings { model, batch: false }),
        "batchEmbedContents" => Route::Call(Dialect::GeminiEmbeddings { model, batch: true }),
        _ => Route::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: Method, uri: &str) -> (Route, Family) {
        find(&method, &uri.parse().unwrap(), &HeaderMap::new())
    }

    #[test]
    fn a_geminis_name_may_hold_slashes_and_colons() {
        let uri = "/v1beta/models/team/model:7b:streamGenerateContent?key=k&alt=sse";
        let call = Gemini { model: "team/model:7b".to_owned(), stream: true, events: true };
        let route = Route::Call(Dialect::Gemini(call));
        assert_eq!(of(Method::POST, uri), (route, Family::Gemini));
    }

    #[test]
    fn a_responses_id_is_the_last_part() {
        let route = Route::KeptResponse("resp_1".to_owned());
        assert_eq!(of(Method::GET, "/v1/responses/resp_1"), (route, Family::OpenAi));
        assert_eq!(of(Method::GET, "/v1/responses/resp_1/x").0, Route::Unknown);
    }
}
