//! The turns of a conversation, as Google wants them: user and model by turns, and behind each turn
//! with calls a result for every one of them.

use serde_json::{Value, json};

use super::super::{signature, thinking};
use super::media;
use crate::canonical::{
    Losses, Part, Request, Role, Thought, ToolCall, ToolKind, ToolNames, ToolResult, Turn,
    Untranslatable,
};

/// What one side says in a row.
#[derive(Default)]
struct Segment<'r> {
    by_model: bool,
    parts: Vec<Value>,
    calls: Vec<&'r ToolCall>,
    results: Vec<(&'r ToolResult, String)>,
}

impl Segment<'_> {
    fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.results.is_empty()
    }
}

/// Writes `contents`: the turns after the instructions at the front, which number `before`.
pub(super) fn write(
    request: &Request,
    turns: &[Turn],
    before: usize,
    names: &ToolNames,
    losses: &mut Losses,
) -> Result<Vec<Value>, Untranslatable> {
    let mut segments: Vec<Segment<'_>> = Vec::new();
    for (index, turn) in turns.iter().enumerate() {
        let mut segment = Segment { by_model: turn.role == Role::Assistant, ..Segment::default() };
        for (place, part) in turn.parts.iter().enumerate() {
            let field = format!("messages[{}].content[{place}]", before + index);
            add(&mut segment, turn.role, part, field, request, names, losses)?;
        }
        if segment.is_empty() {
            continue;
        }
        match segments.last_mut().filter(|last| last.by_model == segment.by_model) {
            Some(last) => {
                last.parts.append(&mut segment.parts);
                last.calls.append(&mut segment.calls);
                last.results.append(&mut segment.results);
            }
            None => segments.push(segment),
        }
    }
    let mut contents = Vec::new();
    let mut asked: Vec<&ToolCall> = Vec::new();
    for mut segment in segments {
        if segment.by_model {
            sign_first_call(&mut segment.parts, &request.model);
            asked = segment.calls;
            contents.push(json!({"role": "model", "parts": segment.parts}));
        } else {
            let calls = std::mem::take(&mut asked);
            let mut parts = answers(&calls, segment.results, request, names, losses)?;
            parts.append(&mut segment.parts);
            contents.push(json!({"role": "user", "parts": parts}));
        }
    }
    if !asked.is_empty() {
        let parts = answers(&asked, vec![], request, names, losses)?;
        contents.push(json!({"role": "user", "parts": parts}));
    }
    Ok(contents)
}

/// Adds a part to what its side says.
fn add<'r>(
    segment: &mut Segment<'r>,
    role: Role,
    part: &'r Part,
    field: String,
    request: &Request,
    names: &ToolNames,
    losses: &mut Losses,
) -> Result<(), Untranslatable> {
    match part {
        Part::Text { text, .. } | Part::Refusal(text) if text.is_empty() => {}
        Part::Text { text, .. } if role == Role::System => {
            let text = format!("<system-reminder>\n{text}\n</system-reminder>");
            segment.parts.push(json!({"text": text}));
        }
        Part::Text { text, .. } | Part::Refusal(text) => segment.parts.push(json!({"text": text})),
        Part::Media(media) => segment.parts.push(media::write(media, &field, losses)?),
        Part::Thought(thought) => segment.parts.extend(write_thought(thought)),
        Part::ToolCall(call) if segment.by_model => {
            segment.calls.push(call);
            segment.parts.push(write_call(call, request, names));
        }
        Part::ToolResult(result) if !segment.by_model => segment.results.push((result, field)),
        Part::ToolCall(_) | Part::ToolResult(_) => losses.add(field),
    }
    Ok(())
}

/// Thoughts of other models are of no use here; what Gemini signed goes back as it came.
fn write_thought(thought: &Thought) -> Option<Value> {
    let signature = signature::to_upstream(thought.seal.as_deref()?)?;
    let mut part = json!({"text": thought.text, "thoughtSignature": signature});
    if let Some(part) = part.as_object_mut().filter(|_| !thought.redacted) {
        part.insert("thought".into(), true.into());
    }
    Some(part)
}

fn write_call(call: &ToolCall, request: &Request, names: &ToolNames) -> Value {
    let mut part = json!({"functionCall": {
        "id": call.id,
        "name": names.there(&call.name),
        "args": arguments(call, request),
    }});
    let signature = call.signature.as_deref().and_then(signature::to_upstream);
    if let (Some(part), Some(signature)) = (part.as_object_mut(), signature) {
        part.insert("thoughtSignature".into(), signature.into());
    }
    part
}

/// Arguments are an object: free text, and what is none, stands under `input`.
fn arguments(call: &ToolCall, request: &Request) -> Value {
    let text = &call.arguments;
    let free =
        request.tool(&call.name).is_some_and(|tool| matches!(tool.kind, ToolKind::Free { .. }));
    if free {
        return json!({"input": text});
    }
    if text.trim().is_empty() {
        return json!({});
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => Value::Object(members),
        _ => json!({"input": text}),
    }
}

/// Gemini 3 refuses a turn whose first call has no signature, unless it is told that the call came
/// from elsewhere.
fn sign_first_call(parts: &mut [Value], model: &str) {
    if !thinking::is_gemini_3(model) {
        return;
    }
    let first = parts.iter_mut().find(|part| part.get("functionCall").is_some());
    if let Some(part) = first.and_then(Value::as_object_mut) {
        part.entry("thoughtSignature").or_insert_with(|| signature::FOREIGN_CALL.into());
    }
}

/// A result for each call in its order, then the results' media; results of other calls as text.
fn answers(
    calls: &[&ToolCall],
    mut results: Vec<(&ToolResult, String)>,
    request: &Request,
    names: &ToolNames,
    losses: &mut Losses,
) -> Result<Vec<Value>, Untranslatable> {
    let mut parts = Vec::new();
    let mut behind = Vec::new();
    for call in calls {
        let found = results.iter().position(|(result, _)| result.call == call.id);
        let found = found.map(|found| results.remove(found));
        let response = match &found {
            Some((result, _)) => response(result),
            None => json!({"error": "The call was given no result."}),
        };
        parts.push(json!({"functionResponse": {
            "id": call.id,
            "name": names.there(&call.name),
            "response": response,
        }}));
        if let Some((result, field)) = found {
            write_media(result, &field, &mut behind, losses)?;
        }
    }
    for (result, field) in results {
        let name = result.name.as_deref().or_else(|| request.name_of_call(&result.call));
        let name = name.unwrap_or(&result.call);
        let text = format!("Result of an earlier call of {name}:\n{}", text_of(result));
        behind.push(json!({"text": text}));
        write_media(result, &field, &mut behind, losses)?;
    }
    parts.append(&mut behind);
    Ok(parts)
}

fn response(result: &ToolResult) -> Value {
    let text = text_of(result);
    if result.is_error {
        return json!({"error": text});
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(members)) => Value::Object(members),
        _ => json!({"result": text}),
    }
}

fn text_of(result: &ToolResult) -> String {
    let texts: Vec<&str> = result
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Text { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    texts.join("\n")
}

fn write_media(
    result: &ToolResult,
    field: &str,
    out: &mut Vec<Value>,
    losses: &mut Losses,
) -> Result<(), Untranslatable> {
    for part in &result.parts {
        if let Part::Media(media) = part {
            out.push(media::write(media, field, losses)?);
        }
    }
    Ok(())
}
