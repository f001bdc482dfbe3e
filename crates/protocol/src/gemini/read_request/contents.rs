//! The turns of a conversation and their parts.

use serde_json::Value;

use super::super::fields::{each, member, members, text, wrong};
use super::super::{base64, signature};
use super::calls::Calls;
use crate::canonical::{
    Losses, Media, MediaSource, Part, Role, Thought, ToolCall, ToolResult, Turn, Untranslatable,
};

/// Reads `contents`.
pub(super) fn read(
    contents: &Value,
    calls: &mut Calls,
    losses: &mut Losses,
) -> Result<Vec<Turn>, Untranslatable> {
    let mut turns = Vec::new();
    for (index, content) in each(contents).iter().enumerate() {
        let field = format!("contents[{index}]");
        if !content.is_object() {
            return Err(wrong(&field, "an object with `role` and `parts`"));
        }
        let role = match member(content, "role").map(|role| role.as_str().unwrap_or_default()) {
            None | Some("user" | "function" | "tool" | "") => Role::User,
            Some("model") => Role::Assistant,
            Some(_) => return Err(wrong(&format!("{field}.role"), "`user` or `model`")),
        };
        let mut parts = Vec::new();
        let given = member(content, "parts").map(each).unwrap_or_default();
        for (index, part) in given.iter().enumerate() {
            let field = format!("{field}.parts[{index}]");
            read_part(part, &field, calls, losses, &mut parts)?;
        }
        if !parts.is_empty() {
            turns.push(Turn { role, parts });
        }
    }
    Ok(turns)
}

/// Reads one part, which may come to two: a text, and the signature behind it.
pub(super) fn read_part(
    part: &Value,
    field: &str,
    calls: &mut Calls,
    losses: &mut Losses,
    out: &mut Vec<Part>,
) -> Result<(), Untranslatable> {
    if !part.is_object() {
        return Err(wrong(field, "an object"));
    }
    let thought = member(part, "thought").and_then(Value::as_bool).unwrap_or(false);
    let seal = member(part, "thoughtSignature").and_then(Value::as_str);
    let mut seal = seal.and_then(signature::from_client);
    for (name, value) in members(part) {
        let field = format!("{field}.{name}");
        match &*name {
            "text" => {
                let text = text(value, &field)?;
                if thought {
                    let seal = seal.take();
                    add_thought(
                        out,
                        Thought {
                            text: text.to_owned(),
                            redacted: seal.as_ref().is_some_and(|seal| seal.redacted),
                            seal: seal.map(|seal| seal.text),
                            id: None,
                        },
                    );
                } else if !text.is_empty() {
                    out.push(Part::text(text));
                }
            }
            "inlineData" => out.push(Part::Media(read_inline(value, &field)?)),
            "fileData" => out.push(Part::Media(read_file(value, &field)?)),
            "functionCall" => {
                let call = read_call(value, &field, calls)?;
                let signature = seal.take().map(|seal| seal.text);
                out.push(Part::ToolCall(ToolCall { signature, ..call }));
            }
            "functionResponse" => {
                out.push(Part::ToolResult(read_result(value, &field, calls, losses)?));
            }
            "thought" | "thoughtSignature" => {}
            other => losses.add(format!("contents.parts.{other}")),
        }
    }
    // The signature of a text has no place in the canonical text: it stands behind it.
    if let Some(seal) = seal {
        out.push(Part::Thought(Thought {
            seal: Some(seal.text),
            redacted: true,
            ..Thought::default()
        }));
    }
    Ok(())
}

/// A thought that was streamed comes back in pieces, its seal last: they are put together.
fn add_thought(out: &mut Vec<Part>, thought: Thought) {
    match out.last_mut() {
        Some(Part::Thought(last)) if last.seal.is_none() && !thought.redacted => {
            last.text.push_str(&thought.text);
            last.seal = thought.seal;
        }
        _ => out.push(Part::Thought(thought)),
    }
}

fn read_inline(value: &Value, field: &str) -> Result<Media, Untranslatable> {
    let data = member(value, "data").unwrap_or(&Value::Null);
    Ok(Media {
        source: MediaSource::Inline(base64::standard(text(data, &format!("{field}.data"))?)),
        media_type: media_type(value, field)?,
        name: member(value, "displayName").and_then(Value::as_str).map(str::to_owned),
        detail: None,
    })
}

fn read_file(value: &Value, field: &str) -> Result<Media, Untranslatable> {
    let uri = member(value, "fileUri").unwrap_or(&Value::Null);
    let uri = text(uri, &format!("{field}.fileUri"))?;
    let stored = uri.contains("generativelanguage.googleapis.com/") || uri.starts_with("files/");
    if stored || !(uri.starts_with("https://") || uri.starts_with("http://")) {
        return Err(Untranslatable::new(
            format!("{field}.fileUri"),
            "A file that is stored at Google cannot be used with this model; send it as \
             `inlineData`.",
        ));
    }
    Ok(Media {
        source: MediaSource::Url(uri.to_owned()),
        media_type: media_type(value, field).unwrap_or_else(|_| "image/*".to_owned()),
        name: member(value, "displayName").and_then(Value::as_str).map(str::to_owned),
        detail: None,
    })
}

fn media_type(value: &Value, field: &str) -> Result<String, Untranslatable> {
    let kind = member(value, "mimeType").unwrap_or(&Value::Null);
    Ok(text(kind, &format!("{field}.mimeType"))?.to_owned())
}

fn read_call(value: &Value, field: &str, calls: &mut Calls) -> Result<ToolCall, Untranslatable> {
    let name = member(value, "name").unwrap_or(&Value::Null);
    let name = text(name, &format!("{field}.name"))?;
    let arguments = member(value, "args").map_or_else(|| "{}".to_owned(), Value::to_string);
    Ok(ToolCall {
        id: calls.call(id_of(value), name),
        name: name.to_owned(),
        arguments,
        signature: None,
    })
}

/// A result is an object. Its text is what stands alone under `result` or `output`, or under
/// `error` if it failed; any other object is given as it is ("FunctionResponse").
fn read_result(
    value: &Value,
    field: &str,
    calls: &mut Calls,
    losses: &mut Losses,
) -> Result<ToolResult, Untranslatable> {
    let name = member(value, "name").unwrap_or(&Value::Null);
    let name = text(name, &format!("{field}.name"))?;
    let (said, is_error) = match member(value, "response") {
        None => (String::new(), false),
        Some(Value::String(text)) => (text.clone(), false),
        Some(response) => match alone(response) {
            Some(("result" | "output", text)) => (text.to_owned(), false),
            Some(("error", text)) => (text.to_owned(), true),
            _ => (response.to_string(), false),
        },
    };
    let mut parts = Vec::new();
    if !said.is_empty() {
        parts.push(Part::text(said));
    }
    let media = member(value, "parts").map(each).unwrap_or_default();
    for (index, part) in media.iter().enumerate() {
        let field = format!("{field}.parts[{index}]");
        read_part(part, &field, &mut Calls::default(), losses, &mut parts)?;
    }
    parts.retain(|part| matches!(part, Part::Text { .. } | Part::Media(_)));
    let call = calls.result(id_of(value), name);
    Ok(ToolResult { call, name: Some(name.to_owned()), parts, is_error })
}

/// The text that is all an object holds, and its name.
fn alone(response: &Value) -> Option<(&str, &str)> {
    let mut members = response.as_object()?.iter();
    let (name, value) = members.next()?;
    members.next().is_none().then_some((name.as_str(), value.as_str()?))
}

fn id_of(value: &Value) -> Option<&str> {
    member(value, "id")?.as_str().filter(|id| !id.is_empty())
}
