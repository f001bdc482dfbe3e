//! What the Messages API refuses of the order of messages: who begins, and which tool results
//! follow which calls.

use serde_json::Value;

use crate::provider::node::{Checked, Node};
use crate::provider::reading;

/// Messages of one role in a row count as one.
struct Group<'a> {
    role: &'a str,
    /// The place of the first message.
    path: &'a str,
    blocks: Vec<&'a Value>,
}

impl Group<'_> {
    fn ids(&self, kind: &str, field: &str) -> Vec<String> {
        let of_kind = self.blocks.iter().filter(|block| is_of(block, kind));
        of_kind.map(|block| reading::text(block, field)).collect()
    }
}

/// Checks the order; with thinking enabled, also that the thoughts come back before their calls.
pub(super) fn check(messages: &Node<'_>, items: &[Node<'_>], is_thinking: bool) -> Checked {
    let groups = groups(items);
    if groups.first().is_some_and(|group| group.role != "user") {
        return Err(messages.fault("first message must use the \"user\" role"));
    }
    let mut before: Option<&Group<'_>> = None;
    for group in &groups {
        results_have_calls(group, before)?;
        if let Some(before) = before {
            calls_have_results(before, Some(group))?;
        }
        before = Some(group);
    }
    if let Some(last) = groups.last() {
        calls_have_results(last, None)?;
    }
    if is_thinking { thoughts_come_back(&groups) } else { Ok(()) }
}

fn groups<'a>(items: &'a [Node<'a>]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for item in items {
        let role = item.value.get("role").and_then(Value::as_str).unwrap_or_default();
        if role == "system" {
            continue;
        }
        let blocks = reading::list(item.value, "content").iter();
        match groups.last_mut().filter(|group| group.role == role) {
            Some(group) => group.blocks.extend(blocks),
            None => groups.push(Group { role, path: &item.path, blocks: blocks.collect() }),
        }
    }
    groups
}

fn is_of(block: &Value, kind: &str) -> bool {
    block.get("type").and_then(Value::as_str) == Some(kind)
}

fn results_have_calls(group: &Group<'_>, before: Option<&Group<'_>>) -> Checked {
    let calls = before.map(|before| before.ids("tool_use", "id")).unwrap_or_default();
    for id in group.ids("tool_result", "tool_use_id") {
        if !calls.contains(&id) {
            return fault(
                group,
                format!(
                    "unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each \
                     `tool_result` block must have a corresponding `tool_use` block in the \
                     previous message."
                ),
            );
        }
    }
    Ok(())
}

/// The results come first in the next message: other blocks end the search.
fn calls_have_results(group: &Group<'_>, after: Option<&Group<'_>>) -> Checked {
    let blocks = after.map(|after| after.blocks.as_slice()).unwrap_or_default();
    let results: Vec<String> = blocks
        .iter()
        .take_while(|block| is_of(block, "tool_result"))
        .map(|block| reading::text(block, "tool_use_id"))
        .collect();
    let mut open = group.ids("tool_use", "id");
    open.retain(|id| !results.contains(id));
    if open.is_empty() {
        return Ok(());
    }
    fault(
        group,
        format!(
            "`tool_use` ids were found without `tool_result` blocks immediately after: {}. Each \
             `tool_use` block must have a corresponding `tool_result` block in the next message.",
            open.join(", ")
        ),
    )
}

/// While tools are at work, the message that called them must begin with its thoughts.
fn thoughts_come_back(groups: &[Group<'_>]) -> Checked {
    let works =
        groups.last().is_some_and(|group| !group.ids("tool_result", "tool_use_id").is_empty());
    let last = groups.iter().rev().find(|group| group.role == "assistant").filter(|_| works);
    let Some((group, first)) = last.and_then(|group| Some((group, *group.blocks.first()?))) else {
        return Ok(());
    };
    if is_of(first, "thinking") || is_of(first, "redacted_thinking") {
        return Ok(());
    }
    let found = reading::text(first, "type");
    fault(
        group,
        format!(
            "Expected `thinking` or `redacted_thinking`, but found `{found}`. When `thinking` is \
             enabled, a final `assistant` message must start with a thinking block (preceding \
             the lastmost set of `tool_use` and `tool_result` blocks)."
        ),
    )
}

fn fault(group: &Group<'_>, message: String) -> Checked {
    let place = Node { value: &Value::Null, path: group.path.to_owned() };
    Err(place.fault(message))
}
