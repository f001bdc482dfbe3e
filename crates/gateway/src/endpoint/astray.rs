//! Paths that a client with a wrong base URL asks for, and what it should have been given.

use domain::dialect::Dialect;

/// The ends of paths by which a call is known, whatever stands before them.
const CALLS: &[(&str, Dialect)] = &[
    ("/chat/completions", Dialect::Chat),
    ("/completions", Dialect::Chat),
    ("/embeddings", Dialect::Chat),
    ("/responses", Dialect::Responses),
    ("/messages", Dialect::Messages),
    ("/messages/count_tokens", Dialect::Messages),
];

/// Whose call a path that is not served was meant to be.
pub(super) fn meant_for(path: &str) -> Option<Dialect> {
    let known = CALLS.iter().find(|(end, _)| path.ends_with(end));
    let gemini = || path.contains("/models/") && action(path).is_some();
    known.map(|(_, dialect)| *dialect).or_else(|| gemini().then_some(Dialect::Gemini))
}

/// What the sender of an unknown path should do; empty if it cannot be told.
pub(crate) fn hint(path: &str) -> String {
    if path.ends_with("/v1/v1") || path.contains("/v1/v1/") {
        let text = " The base URL already ends in /v1: leave that off in one of the two places.";
        return text.to_owned();
    }
    let Some(dialect) = meant_for(path) else { return String::new() };
    let Some((end, _)) = CALLS.iter().find(|(end, _)| path.ends_with(end)) else {
        let action = action(path).unwrap_or_default();
        return format!(
            " It would be POST /v1beta/models/{{model}}:{action}: give Gemini's clients this gateway's address alone as base URL."
        );
    };
    // A whole URL was taken for a base URL, and the path was added again.
    let doubled = path.strip_suffix(end).is_some_and(|before| meant_for(before).is_some());
    let why = if doubled { "The base URL holds a part of the path already. " } else { "" };
    match dialect {
        Dialect::Messages => format!(
            " {why}It would be POST /v1{end}: give Anthropic's clients this gateway's address alone as base URL, without /v1; they add it themselves."
        ),
        _ => format!(
            " {why}It would be POST /v1{end}: give OpenAI's clients this gateway's address with /v1 behind it as base URL."
        ),
    }
}

/// What is wanted of a model of Gemini's.
fn action(path: &str) -> Option<&str> {
    const ACTIONS: [&str; 5] = [
        "generateContent",
        "streamGenerateContent",
        "countTokens",
        "embedContent",
        "batchEmbedContents",
    ];
    let (_, action) = path.rsplit_once(':')?;
    ACTIONS.contains(&action).then_some(action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_base_url_is_told_the_right_one() {
        for (path, dialect, says) in [
            ("/chat/completions", Dialect::Chat, "POST /v1/chat/completions"),
            ("/openai/chat/completions", Dialect::Chat, "POST /v1/chat/completions"),
            ("/completions", Dialect::Chat, "POST /v1/completions"),
            ("/responses", Dialect::Responses, "POST /v1/responses"),
            ("/messages", Dialect::Messages, "without /v1"),
            ("/v1/chat/completions/messages", Dialect::Messages, "holds a part"),
            ("/v1/chat/completions/chat/completions", Dialect::Chat, "holds a part"),
            ("/messages/count_tokens", Dialect::Messages, "POST /v1/messages/count_tokens"),
            (
                "/models/m:generateContent",
                Dialect::Gemini,
                "/v1beta/models/{model}:generateContent",
            ),
            ("/v1/v1/chat/completions", Dialect::Chat, "already ends in /v1"),
        ] {
            assert_eq!(meant_for(path), Some(dialect), "{path}");
            assert!(hint(path).contains(says), "{path}: {}", hint(path));
        }
        for path in ["/", "/api/v1/users", "/models/m", "/models/m:fly", "/chat"] {
            assert_eq!(meant_for(path), None, "{path}");
            assert_eq!(hint(path), "");
        }
    }
}
