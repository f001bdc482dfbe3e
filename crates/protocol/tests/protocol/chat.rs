//! The chat dialect between others: read and written, by golden files and by properties.

mod answers;
mod properties;
mod requests;
mod streams;

use std::path::PathBuf;

use protocol::canonical::{Losses, Request, ToolNames};
use protocol::openai_chat::{read_request, tool_names};
use serde_json::Value;

fn golden(file: &str) -> Vec<u8> {
    std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file))
        .unwrap()
}

fn snapshot(name: &str, text: String) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../golden/chat");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// JSON in lines, its members in the order of their names.
fn pretty(bytes: &[u8]) -> String {
    let value: Value = serde_json::from_slice(bytes).unwrap();
    serde_json::to_string_pretty(&sorted(&value)).unwrap()
}

/// JSON in one line, its members in the order of their names.
fn compact(bytes: &[u8]) -> String {
    sorted(&serde_json::from_slice(bytes).unwrap()).to_string()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> =
                members.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(elements) => elements.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

fn read(body: &str) -> (Request, Losses) {
    read_request(body.as_bytes()).unwrap()
}

fn names(request: &Request) -> ToolNames {
    tool_names(request)
}
