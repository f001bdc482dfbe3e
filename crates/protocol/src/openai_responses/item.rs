//! The items of an answer, as they are written.

use super::envelope::{Envelope, Shape};
use super::{free, seal};
use crate::json::push_string;

/// An item that is being written. Its text is gathered as it is sent: as the inside of a JSON
/// string.
#[derive(Debug)]
pub(super) struct Item {
    /// Its own id.
    pub(super) id: String,
    pub(super) kind: ItemKind,
    escaped: Vec<u8>,
}

/// What an item is.
#[derive(Debug)]
pub(super) enum ItemKind {
    /// A message with text.
    Text,
    /// A message in which the model declines.
    Refusal,
    /// Thoughts.
    Thought { seal: Option<String>, redacted: bool },
    /// A call.
    Call { call: String, name: String, shape: Shape, signature: Option<String> },
}

impl ItemKind {
    /// A call of a tool.
    pub(super) fn call(envelope: &Envelope, call: String, name: String) -> Self {
        let mut shape = envelope.shape(&name);
        let name = match &mut shape.namespace {
            Some((_, inner)) => std::mem::take(inner),
            None => name,
        };
        Self::Call { call, name, shape, signature: None }
    }

    const fn prefix(&self) -> &'static str {
        match self {
            Self::Text | Self::Refusal => "msg",
            Self::Thought { .. } => "rs",
            Self::Call { shape: Shape { free: true, .. }, .. } => "ctc",
            Self::Call { .. } => "fc",
        }
    }
}

impl Item {
    /// An item at its beginning; `index` is its place in the answer.
    pub(super) fn new(envelope: &Envelope, index: u32, kind: ItemKind, id: Option<String>) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let fits =
            |id: &String| id.starts_with(kind.prefix()) && id.len() <= 128 && id.chars().all(plain);
        let id = id
            .filter(fits)
            .unwrap_or_else(|| format!("{}_{}_{index}", kind.prefix(), envelope.stem));
        Self { id, kind, escaped: Vec::new() }
    }

    /// Whether nothing was said in it.
    pub(super) const fn is_empty(&self) -> bool {
        self.escaped.is_empty()
    }

    /// Whether it is a call of a tool that takes free text: such text is gathered in whole first.
    pub(super) const fn is_free(&self) -> bool {
        matches!(self.kind, ItemKind::Call { shape: Shape { free: true, .. }, .. })
    }

    /// What was said in it so far, as a JSON string.
    pub(super) fn push_text(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        out.extend_from_slice(&self.escaped);
        out.push(b'"');
    }

    /// Adds to it what a JSON string holds that was just written from `start` on.
    pub(super) fn add_written(&mut self, out: &[u8], start: usize) {
        if let Some([b'"', inside @ .., b'"']) = out.get(start..) {
            self.escaped.extend_from_slice(inside);
        }
    }

    /// Adds text to it.
    pub(super) fn add(&mut self, text: &str) {
        let mut quoted = Vec::with_capacity(text.len() + 2);
        push_string(&mut quoted, text);
        self.add_written(&quoted, 0);
    }

    /// Gives it what its dialect wants once it is complete: plain text for a free tool, an object
    /// for a function without arguments. Says whether its text changed.
    pub(super) fn settle(&mut self) -> bool {
        let ItemKind::Call { shape, .. } = &self.kind else { return false };
        if shape.free {
            let mut quoted = Vec::new();
            self.push_text(&mut quoted);
            let arguments: String = serde_json::from_slice(&quoted).unwrap_or_default();
            let text = free::unwrap(&arguments).into_owned();
            self.escaped.clear();
            self.add(&text);
            true
        } else if self.escaped.is_empty() {
            self.add("{}");
            true
        } else {
            false
        }
    }

    /// Writes the item as it begins (`done` false) or as it is complete.
    pub(super) fn push(&self, out: &mut Vec<u8>, done: bool) {
        out.extend_from_slice(b"{\"id\":");
        push_string(out, &self.id);
        match &self.kind {
            ItemKind::Text | ItemKind::Refusal => {
                out.extend_from_slice(b",\"type\":\"message\",");
                push_status(out, done);
                out.extend_from_slice(b",\"role\":\"assistant\",\"content\":[");
                if done {
                    self.push_part(out, true);
                }
                out.push(b']');
            }
            ItemKind::Thought { seal, redacted } => {
                out.extend_from_slice(b",\"type\":\"reasoning\",\"summary\":[");
                if done && !self.is_empty() {
                    self.push_part(out, true);
                }
                out.push(b']');
                // Without a seal too: an item that comes back bare is one that the provider keeps.
                if done {
                    push_kept(out, &seal::for_client(seal.as_deref().unwrap_or(""), *redacted));
                }
            }
            ItemKind::Call { call, name, shape, .. } => {
                let (kind, text): (&[u8], &[u8]) = match shape.free {
                    true => (b"custom_tool_call", b",\"input\":"),
                    false => (b"function_call", b",\"arguments\":"),
                };
                out.extend_from_slice(b",\"type\":\"");
                out.extend_from_slice(kind);
                out.extend_from_slice(b"\",");
                push_status(out, done);
                out.extend_from_slice(b",\"call_id\":");
                push_string(out, call);
                out.extend_from_slice(b",\"name\":");
                push_string(out, name);
                if let Some((namespace, _)) = &shape.namespace {
                    out.extend_from_slice(b",\"namespace\":");
                    push_string(out, namespace);
                }
                out.extend_from_slice(text);
                match done {
                    true => self.push_text(out),
                    false => out.extend_from_slice(b"\"\""),
                }
            }
        }
        out.push(b'}');
    }

    /// Writes the one part of a message or of a thought's summary, empty as it begins.
    pub(super) fn push_part(&self, out: &mut Vec<u8>, done: bool) {
        let (head, tail): (&[u8], &[u8]) = match self.kind {
            ItemKind::Refusal => (b"{\"type\":\"refusal\",\"refusal\":", b"}"),
            ItemKind::Thought { .. } => (b"{\"type\":\"summary_text\",\"text\":", b"}"),
            _ => (b"{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":", b"}"),
        };
        out.extend_from_slice(head);
        match done {
            true => self.push_text(out),
            false => out.extend_from_slice(b"\"\""),
        }
        out.extend_from_slice(tail);
    }

    /// The item that carries a call's seal for the client to send back; nothing where it has none.
    pub(super) fn carrier(&self, envelope: &Envelope, index: u32) -> Option<Vec<u8>> {
        let ItemKind::Call { call, signature: Some(signature), .. } = &self.kind else {
            return None;
        };
        let mut out = b"{\"id\":".to_vec();
        push_string(&mut out, &format!("rs_{}_{index}", envelope.stem));
        out.extend_from_slice(b",\"type\":\"reasoning\",\"summary\":[]");
        push_kept(&mut out, &seal::signature_for_client(call, signature));
        out.push(b'}');
        Some(out)
    }
}

fn push_status(out: &mut Vec<u8>, done: bool) {
    let status: &[u8] = match done {
        true => b"\"status\":\"completed\"",
        false => b"\"status\":\"in_progress\"",
    };
    out.extend_from_slice(status);
}

fn push_kept(out: &mut Vec<u8>, kept: &str) {
    out.extend_from_slice(b",\"encrypted_content\":");
    push_string(out, kept);
}
