//! The canonical request in this dialect.
//!
//! Anthropic is strict about what a conversation looks like (turns alternate and begin with the
//! user, every call has its result at once, no text is empty) and about which settings go
//! together. What another dialect allows beyond that is brought into shape here.

mod block;
mod cache;
mod conversation;
mod output;
mod pairing;
mod thinking;
mod tools;

use serde_json::{Map, Value, json};

use super::claude::Claude;
use crate::canonical::{Losses, Request, ToolNames, Untranslatable};
use conversation::Conversation;
use thinking::Thinking;

/// The longest name of a tool ("Tool use", tool definitions).
const LONGEST_TOOL_NAME: usize = 64;
/// The longest name of an end user.
const LONGEST_END_USER: usize = 256;

/// How this dialect calls the tools of a request.
#[must_use]
pub fn tool_names(request: &Request) -> ToolNames {
    ToolNames::new(request, LONGEST_TOOL_NAME, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
    })
}

/// Writes a request for `model`, the upstream's name for it. `max_output` is put in where the
/// request has no maximum: this dialect wants one.
///
/// # Errors
/// The request asks for what this dialect does not have.
pub fn write_request(
    request: &Request,
    names: &ToolNames,
    model: &str,
    max_output: u64,
) -> Result<(Vec<u8>, Losses), Untranslatable> {
    if request.sampling.answers.is_some_and(|answers| answers > 1) {
        return Err(Untranslatable::new(
            "n",
            "This model gives one answer a call: ask for one, and call again for another.",
        ));
    }
    let claude = Claude::of(model);
    let mut losses = Losses::default();
    let max_output = request.max_output.unwrap_or(max_output);
    let mut conversation = Conversation::of(request, names)?;
    if claude.begins_afresh() {
        conversation.end_with_user();
    }
    let offered = tools::offered(request, &conversation, names, claude, &mut losses);
    let thinking = Thinking::of(request, claude, max_output, &conversation, &mut losses);

    let mut body = Map::new();
    body.insert("model".to_owned(), json!(model));
    body.insert("max_tokens".to_owned(), json!(max_output));
    if request.stream {
        body.insert("stream".to_owned(), json!(true));
    }
    output::put_format(request, claude, &mut conversation.system, &mut body);
    thinking.put(&mut body);
    output::put_sampling(request, claude, &thinking, &mut body, &mut losses);
    if let Some(name) = request.end_user.as_ref().filter(|name| name.len() <= LONGEST_END_USER) {
        body.insert("metadata".to_owned(), json!({ "user_id": name }));
    }
    if !conversation.system.is_empty() {
        body.insert("system".to_owned(), Value::Array(conversation.system));
    }
    if !offered.is_empty() {
        let choice = tools::choice(request, names);
        body.extend(choice.map(|choice| ("tool_choice".to_owned(), choice)));
        body.insert("tools".to_owned(), Value::Array(offered));
    }
    let messages = conversation.messages.into_iter().map(conversation::Message::into_value);
    body.insert("messages".to_owned(), messages.collect());
    cache::keep_last(&mut body);
    Ok((Value::Object(body).to_string().into_bytes(), losses))
}
