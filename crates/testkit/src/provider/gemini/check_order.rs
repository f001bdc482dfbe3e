//! What the Gemini API refuses of the order of turns, and of signatures.

use serde_json::Value;

use super::is_signature;
use crate::provider::node::{Checked, Node};
use crate::provider::reading;

/// Each turn with calls is followed by a turn with as many responses, by the same names; thoughts'
/// signatures come back as they were issued, and Gemini 3 insists that they do.
pub(super) fn check(contents: &Node<'_>, items: &[Node<'_>], model: &str) -> Checked {
    let mut open: Vec<String> = Vec::new();
    let mut before_is_model = true;
    for item in items {
        let calls = names(item, "functionCall");
        let mut responses = names(item, "functionResponse");
        if open.len() != responses.len() {
            return Err(contents.fault(
                "Please ensure that the number of function response parts is equal to the number \
                 of function call parts of the function call turn.",
            ));
        }
        responses.sort();
        open.sort();
        if open != responses {
            return Err(contents.fault(format!(
                "Function responses {responses:?} do not match the function calls {open:?}."
            )));
        }
        if !calls.is_empty() && before_is_model {
            return Err(contents.fault(
                "Please ensure that function call turn comes immediately after a user turn or \
                 after a function response turn.",
            ));
        }
        before_is_model = is_model(item);
        open = calls;
    }
    if !open.is_empty() {
        return Err(contents.fault(
            "Please ensure that the number of function response parts is equal to the number of \
             function call parts of the function call turn.",
        ));
    }
    items.iter().try_for_each(genuine)?;
    if model.contains("gemini-3") { signed_in_this_turn(items) } else { Ok(()) }
}

fn is_model(content: &Node<'_>) -> bool {
    content.value.get("role").and_then(Value::as_str) == Some("model")
}

fn parts<'a>(content: &Node<'a>) -> &'a [Value] {
    reading::list(content.value, "parts")
}

fn names(content: &Node<'_>, kind: &str) -> Vec<String> {
    let of_kind = parts(content).iter().filter_map(|part| part.get(kind));
    of_kind.map(|data| reading::text(data, "name")).collect()
}

fn genuine(content: &Node<'_>) -> Checked {
    for part in parts(content) {
        let (Some(call), Some(signature)) =
            (part.get("functionCall"), part.get("thoughtSignature"))
        else {
            continue;
        };
        let name = reading::text(call, "name");
        let args = call.get("args").cloned().unwrap_or_else(|| Value::Object(Default::default()));
        if !is_signature(&name, &args, signature.as_str().unwrap_or_default()) {
            return Err(content.fault("Thought signature is not valid"));
        }
    }
    Ok(())
}

/// Since the user last spoke, the first call of each step must carry its signature.
fn signed_in_this_turn(items: &[Node<'_>]) -> Checked {
    let speaks = |item: &&Node<'_>| {
        !is_model(item) && parts(item).iter().any(|part| part.get("text").is_some())
    };
    let responds = |item: &Node<'_>| !names(item, "functionResponse").is_empty();
    let from = items.iter().rposition(|item| speaks(&item) && !responds(item)).unwrap_or(0);
    for item in items.iter().skip(from) {
        let first = parts(item).iter().find(|part| part.get("functionCall").is_some());
        if let Some(first) = first
            && first.get("thoughtSignature").is_none()
        {
            let name = names(item, "functionCall").first().cloned().unwrap_or_default();
            return Err(item.fault(format!(
                "Function call is missing a thought_signature in functionCall parts. This is \
                 required for tools to work correctly, and missing thought_signature may lead to \
                 degraded model performance. Additional data, function call `default_api:{name}`."
            )));
        }
    }
    Ok(())
}
