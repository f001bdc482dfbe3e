//! Where a channel takes what, in each dialect.

use domain::dialect::Dialect;
use std::borrow::Cow;

use super::{BaseUrl, Endpoint};
use crate::endpoint::Operation;

/// The addresses of one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    base: BaseUrl,
    chat: Endpoint,
    completions: Endpoint,
    embeddings: Endpoint,
    responses: Endpoint,
    messages: Endpoint,
    count_tokens: Endpoint,
}

impl Addresses {
    /// The addresses behind a base URL; none if it leads nowhere.
    #[must_use]
    pub fn new(base: BaseUrl) -> Option<Self> {
        let at = |path: &str| base.endpoint("/v1", path).and_then(Endpoint::new);
        Some(Self {
            chat: at("/chat/completions")?,
            completions: at("/completions")?,
            embeddings: at("/embeddings")?,
            responses: at("/responses")?,
            messages: at("/messages")?,
            count_tokens: at("/messages/count_tokens")?,
            base,
        })
    }

    /// Where an operation is asked for in a dialect that may not be the caller's.
    #[must_use]
    pub fn of(
        &self,
        operation: &Operation,
        dialect: Dialect,
        model: &str,
        stream: bool,
    ) -> Option<Cow<'_, Endpoint>> {
        let fixed = match (dialect, operation) {
            (Dialect::Chat, Operation::Completions) => &self.completions,
            (Dialect::Chat, Operation::Embeddings) => &self.embeddings,
            (Dialect::Chat, _) => &self.chat,
            (Dialect::Responses, _) => &self.responses,
            (Dialect::Messages, Operation::CountTokens) => &self.count_tokens,
            (Dialect::Messages, _) => &self.messages,
            (Dialect::Gemini, _) => return self.gemini(operation, model, stream).map(Cow::Owned),
        };
        Some(Cow::Borrowed(fixed))
    }

    fn gemini(&self, operation: &Operation, model: &str, stream: bool) -> Option<Endpoint> {
        let action = match operation {
            Operation::GeminiCountTokens(_) => "countTokens",
            Operation::GeminiEmbed { batch: false, .. } => "embedContent",
            Operation::GeminiEmbed { batch: true, .. } => "batchEmbedContents",
            // The caller's own dialect: one array, if that is what was asked for.
            Operation::Generate { stream: true, events: false, .. } if stream => {
                "streamGenerateContent"
            }
            _ if stream => "streamGenerateContent?alt=sse",
            _ => "generateContent",
        };
        let path = format!("/models/{}:{action}", in_path(model));
        self.base.endpoint("/v1beta", &path).and_then(Endpoint::new)
    }
}

/// A model's name as a part of a path.
fn in_path(model: &str) -> String {
    let mut path = String::with_capacity(model.len());
    for byte in model.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' | b'@' => {
                path.push(char::from(byte));
            }
            _ => {
                path.push('%');
                path.extend([byte >> 4, byte & 15].map(hex_digit));
            }
        }
    }
    path
}

fn hex_digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or('0').to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gemini_names_the_model_in_the_path() {
        let addresses = Addresses::new(BaseUrl::parse("https://g.example").unwrap()).unwrap();
        let generate = Operation::Generate { model: "x".into(), stream: true, events: true };
        let at = |operation: &Operation, stream| {
            addresses.of(operation, Dialect::Gemini, "a b/c", stream).unwrap().uri().to_string()
        };
        assert_eq!(
            at(&generate, true),
            "https://g.example/v1beta/models/a%20b/c:streamGenerateContent?alt=sse"
        );
        assert_eq!(
            at(&Operation::Chat, false),
            "https://g.example/v1beta/models/a%20b/c:generateContent"
        );
    }
}
