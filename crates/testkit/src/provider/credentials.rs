//! The secret that a request comes with: each family's own ways, and no other's.

use http::header::AUTHORIZATION;
use http::{HeaderMap, Uri};

use super::refusal::{Family, Refusal};

/// The secret, where this family looks for it.
pub(super) fn secret<'a>(family: Family, headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let bearer = || text(headers, AUTHORIZATION.as_str())?.strip_prefix("Bearer ");
    match family {
        Family::OpenAi => bearer(),
        Family::Anthropic => text(headers, "x-api-key").or_else(bearer),
        Family::Gemini => text(headers, "x-goog-api-key")
            .or_else(|| uri.query()?.split('&').find_map(|pair| pair.strip_prefix("key="))),
    }
}

/// Refuses a request whose secret is none of the known ones; knowing none, lets everyone in.
pub(super) fn check(known: &[String], found: Option<&str>, family: Family) -> Result<(), Refusal> {
    if known.is_empty() || known.iter().any(|known| Some(known.as_str()) == found) {
        return Ok(());
    }
    Err(match (family, found) {
        (Family::OpenAi, _) => Refusal::new(401, "Incorrect API key provided."),
        (Family::Anthropic, None) => Refusal::new(401, "x-api-key header is required"),
        (Family::Anthropic, Some(_)) => Refusal::new(401, "invalid x-api-key"),
        (Family::Gemini, None) => Refusal::new(
            403,
            "Method doesn't allow unregistered callers (callers without established identity). \
             Please use API Key or other form of API consumer identity to call this API.",
        ),
        (Family::Gemini, Some(_)) => {
            Refusal::new(400, "API key not valid. Please pass a valid API key.")
        }
    })
}

/// A header's text; `None` if it is absent or not text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
